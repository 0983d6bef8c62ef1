/*
 * seccomp_install: puts a system call filter on this process.
 * Touches this process's filter.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp/compile.h"
#include "seccomp/install.h"
#include "util/proc.h"

#include "seccomp_default.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

/* Any value of this is TIOCSTI to the kernel, which looks at 32 bits. */
#define TIOCSTI_WIDE ((long)0x7fffffff00005412ll)

#define READY(of, emulates, filter) \
	{ \
		.policy = &(of), .emulate = (emulates), .insns = (filter), \
		.n = sizeof(filter) / sizeof(*(filter)) \
	}

/* Compiled when sandbox was built, for the usual capabilities. */
static const struct install_ready {
	const struct seccomp_policy *policy;
	enum seccomp_emulation emulate;
	const struct sock_filter *insns;
	unsigned short n;
} install_ready[] = {
	READY(seccomp_docker, SECCOMP_EMULATE_NONE, seccomp_ready),
	READY(seccomp_docker, SECCOMP_EMULATE_BASIC, seccomp_ready_emulate),
	READY(seccomp_docker, SECCOMP_EMULATE_IDS, seccomp_ready_ids),
	READY(seccomp_hpc, SECCOMP_EMULATE_NONE, seccomp_ready_hpc),
	READY(seccomp_hpc, SECCOMP_EMULATE_BASIC, seccomp_ready_hpc_emulate),
};

/* Flags that only newer kernels know, the newest first: each may be left out. */
static const unsigned install_later[] = {
	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_FILTER_FLAG_SPEC_ALLOW, /* Linux 4.17 */
};

/* seccomp(2).  Returns 0, or the descriptor of a new listener, or -1 with e, whose code is set. */
static int install_filter(
	struct sock_filter *insns, unsigned short n, unsigned flags, struct err *e)
{
	struct sock_fprog prog = { .len = n, .filter = insns };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	int code;

	for (size_t i = 0; i < 2 && r < 0 && errno == EINVAL; i++) {
		if (!(flags & install_later[i]))
			continue;
		flags &= ~install_later[i];
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	}
	if (r >= 0)
		return (int)r;
	code = errno;
	(void)err_set(e, code, "load the seccomp filter");
	if (code == ENOSYS || code == EINVAL)
		(void)err_hint(e, "this kernel lacks CONFIG_SECCOMP_FILTER");
	else if (code == EACCES)
		(void)err_hint(e, "no_new_privs is not set");
	return -1;
}

static int install_compile(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulate, struct seccomp_filter *ret, struct err *e)
{
	/* Rules for newer kernels are a profile's, which was read for the kernel that runs. */
	struct seccomp_target t = { .arch = SECCOMP_ON_SELF,
		.kernel = SECCOMP_KERNEL_MIN,
		.caps = caps,
		.emulate = emulate,
		.names = seccomp_names };

	return seccomp_compile(policy, &t, ret, e);
}

/* Load what is ready-made, or compile it.  Returns as install_filter does. */
static int install_policy(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulate, struct err *e)
{
	const struct install_ready *ready = install_ready;
	size_t n = sizeof(install_ready) / sizeof(*install_ready);
	unsigned flags = policy->flags;
	struct seccomp_filter f;
	int r;

	/* this process has one thread: to synchronize others is for nothing, and excludes a listener */
	if (emulate == SECCOMP_EMULATE_IDS)
		flags = (flags & ~SECCOMP_FILTER_FLAG_TSYNC) | SECCOMP_FILTER_FLAG_NEW_LISTENER |
			SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	while (n && !(ready->policy == policy && ready->emulate == emulate))
		ready++, n--;
	/* the kernel copies the program and writes nothing; its interface only lacks a const */
	if (n && (caps & SECCOMP_READY_ASKS) == SECCOMP_READY_CAPS)
		return install_filter((struct sock_filter *)ready->insns, ready->n, flags, e);
	if (install_compile(policy, caps, emulate, &f, e) < 0)
		return -1;
	r = install_filter(f.insns, f.n, flags, e);
	seccomp_filter_done(&f);
	return r;
}

int seccomp_check(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulation, struct err *e)
{
	struct seccomp_filter f;

	if (!policy || policy == &seccomp_docker || policy == &seccomp_hpc)
		return 0;
	if (install_compile(policy, caps, emulation, &f, e) < 0)
		return -1;
	seccomp_filter_done(&f);
	return 0;
}

int seccomp_can_notify(struct err *e)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { .len = 1, .filter = &allow };

	struct seccomp_notif_resp nobody = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	int listener;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "set no_new_privs");
	listener = (int)syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
	if (listener < 0)
		return err_set(e, errno, "load a filter that asks another process");
	/* A kernel that knows the flag then finds that nobody waits: ENOENT. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &nobody) < 0 && errno == EINVAL)
		return err_set(e, errno, "let a call of a filter go on");
	return 0;
}

/* Without an answer that lets it go on, the first exec would wait for ever.  A child tries it, since a filter
 * stays. */
static bool install_can_ask(void)
{
	struct err why;
	pid_t pid = fork();

	if (pid == 0)
		_exit(seccomp_can_notify(&why) < 0);
	return pid < 0 || proc_reap(pid) != 1;
}

int seccomp_install(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulation, int *ret_listener, struct err *e)
{
	int r;

	if (ret_listener)
		*ret_listener = -1;
	if (!policy)
		return 0;
	if (emulation == SECCOMP_EMULATE_IDS && !install_can_ask())
		emulation = SECCOMP_EMULATE_BASIC;
	r = install_policy(policy, caps, emulation, e);
	if (r < 0 && emulation == SECCOMP_EMULATE_IDS && (e->code == EBUSY || e->code == EINVAL))
		r = install_policy(policy, caps, SECCOMP_EMULATE_BASIC, e);
	else if (r >= 0 && ret_listener && emulation == SECCOMP_EMULATE_IDS)
		*ret_listener = r;
	if (r < 0)
		return -1;
	/* Every filter refuses this one; without a filter it is EBADF. */
	if (syscall(SYS_ioctl, -1, TIOCSTI_WIDE, 0) == 0 || errno != EPERM)
		return err_set(e, 0, "the seccomp filter was loaded but has no effect");
	return 0;
}

enum seccomp_ask seccomp_asked(
	uint32_t audit, uint32_t nr, const uint64_t args[6], bool *ret_narrow)
{
	const struct seccomp_rule *rules = seccomp_emulations[SECCOMP_EMULATE_IDS].v;

	for (size_t i = 0; i < sizeof(seccomp_ready_asked) / sizeof(*seccomp_ready_asked); i++) {
		enum seccomp_ask ask = seccomp_ready_asked[i].ask;
		const struct seccomp_arg *arg = rules[ask].args;

		if (seccomp_ready_asked[i].audit != audit || seccomp_ready_asked[i].nr != nr ||
			(arg && (uint32_t)args[arg->index] != arg->value))
			continue;
		*ret_narrow = seccomp_ready_asked[i].narrow;
		return ask;
	}
	return ASKS;
}
