/*
 * target: the thread that waits for an answer: its memory, its status, its files.
 * Reads and writes its memory; opens files in its root, for their metadata alone.
 *
 * It, or another of its process, may change all of this meanwhile, and by the time that something is
 * read its number may belong to another: whoever changes something asks target_waits after opening.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "emulate/creds.h"

struct target {
	int proc;     /* a procfs that numbers processes as this process sees them */
	int listener; /* seccomp_unotify(2) */
	pid_t tid;
	uint64_t id; /* of the notification */
};

/* Does it still wait for this answer? */
bool target_waits(const struct target *t);

/* Copy memory.  Return 0, or an errno: EFAULT. */
int target_read(const struct target *t, uint64_t from, void *to, size_t len);
int target_write(const struct target *t, uint64_t to, const void *from, size_t len);

/* Read text up to its NUL.  Returns 0, or an errno: EFAULT, ENAMETOOLONG. */
int target_read_text(const struct target *t, uint64_t from, char *to, size_t size);

/* What its status says, proc(5). */
struct target_status {
	pid_t tgid;	 /* as this process sees it */
	pid_t inner_tid; /* as it sees itself */
	pid_t inner_tgid;
	struct creds
		creds; /* without ids; groups, malloc'd, as this process's user namespace has them */
};

/* Read the status of thread tid.  Returns 0, or an errno. */
int target_status(int proc, pid_t tid, struct target_status *ret);
void target_status_done(struct target_status *s);

/*
 * Open the file that it executes (O_PATH): dirfd, path and flags as in execveat(2).  A path is looked
 * up in its root.  Returns a descriptor, or -1 with errno.
 */
int target_open_program(const struct target *t, int dirfd, const char *path, bool empty_path);

/*
 * Is a process in its process namespace?  process is open on the directory of one in proc.  No other can
 * tell: its /proc may be the host's, if it has changed its root to where that is mounted.
 */
bool target_is_beside(const struct target *t, int process);

/* Open the procfs that it sees as /proc.  Returns a descriptor, or -1 with errno. */
int target_open_proc(const struct target *t);

/* Make its descriptor fd one of this process, pidfd_getfd(2), Linux 5.6.  Returns it, or -1 with
 * errno. */
int target_take_fd(const struct target *t, int fd);
