/*
 * supervisor: answers the calls of a sandbox's processes that the filter of SECCOMP_EMULATE_IDS hands
 * over, seccomp_unotify(2).
 *
 * It is no wall: a process that is answered wrongly, or changes its memory meanwhile, gets nothing that
 * the caller of sandbox has not.  What it needs: the processes' memory (CAP_SYS_PTRACE) and their timer
 * slack (CAP_SYS_NICE), both over the sandbox's user namespace alone.  If it dies, the kernel answers
 * ENOSYS: who starts it sees to it that its sandbox dies with it.
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct supervisor;

/* The capabilities that the process needs over the sandbox's user namespace. */
#define SUPERVISOR_CAPS (UINT64_C(1) << CAP_SYS_PTRACE | UINT64_C(1) << CAP_SYS_NICE)

/*
 * A supervisor for a listener of seccomp_install, which becomes its own.  proc is a procfs of the
 * caller's pid namespace, which stays the caller's and must stay open.  uid and gid are the one user of
 * the sandbox and its group, as the sandbox numbers them.  Returns NULL with errno.
 */
struct supervisor *supervisor_start(int listener, int proc, uint32_t uid, uint32_t gid);

/*
 * Let thread tid, which has not changed its ids and waits or will wait for an answer, be another user and
 * be in its group alone.  Returns 0, or an errno.
 */
int supervisor_become(struct supervisor *s, pid_t tid, uint32_t uid, uint32_t gid);

/* The descriptor that is readable when there is something to answer; -1 if s is NULL or has ended. */
int supervisor_fd(const struct supervisor *s);

/* Answer what waits, but not for ever.  The supervisor has ended when the last of its processes has. */
void supervisor_step(struct supervisor *s);

/* Answer until the last process has ended, with another procfs: the caller has come to another pid
 * namespace. */
void supervisor_run(struct supervisor *s, int proc);

void supervisor_done(struct supervisor *s); /* NULL is fine */
