/*
 * seccomp_install: puts a system call filter on this process.
 * Touches this process's filter.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp/compile.h"
#include "seccomp/install.h"

#include "seccomp_default.h"

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
	bool emulate;
	const struct sock_filter *insns;
	unsigned short n;
} install_ready[] = {
	READY(seccomp_docker, false, seccomp_ready),
	READY(seccomp_docker, true, seccomp_ready_emulate),
	READY(seccomp_hpc, false, seccomp_ready_hpc),
	READY(seccomp_hpc, true, seccomp_ready_hpc_emulate),
};

/* seccomp(2) */
static int install_filter(
	struct sock_filter *insns, unsigned short n, unsigned flags, struct err *e)
{
	struct sock_fprog prog = { .len = n, .filter = insns };
	unsigned later = SECCOMP_FILTER_FLAG_SPEC_ALLOW; /* Linux 4.17 */
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	int code;

	if (r < 0 && errno == EINVAL && (flags & later))
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags & ~later, &prog);
	if (r == 0)
		return 0;
	code = errno;
	(void)err_set(e, code, "load the seccomp filter");
	if (code == ENOSYS || code == EINVAL)
		(void)err_hint(e, "this kernel lacks CONFIG_SECCOMP_FILTER");
	else if (code == EACCES)
		(void)err_hint(e, "no_new_privs is not set");
	return -1;
}

static int install_compile(const struct seccomp_policy *policy, uint64_t caps, bool emulate,
	struct seccomp_filter *ret, struct err *e)
{
	/* Rules for newer kernels are a profile's, which was read for the kernel that runs. */
	struct seccomp_target t = { .arch = SECCOMP_ON_SELF,
		.kernel = SECCOMP_KERNEL_MIN,
		.caps = caps,
		.emulate = emulate,
		.names = seccomp_names };

	return seccomp_compile(policy, &t, ret, e);
}

/* Compile and load what is not ready-made. */
static int install_policy(
	const struct seccomp_policy *policy, uint64_t caps, bool emulate, struct err *e)
{
	struct seccomp_filter f;
	int r;

	if (install_compile(policy, caps, emulate, &f, e) < 0)
		return -1;
	r = install_filter(f.insns, f.n, policy->flags, e);
	seccomp_filter_done(&f);
	return r;
}

int seccomp_check(const struct seccomp_policy *policy, uint64_t caps, bool emulate, struct err *e)
{
	struct seccomp_filter f;

	if (!policy || policy == &seccomp_docker || policy == &seccomp_hpc)
		return 0;
	if (install_compile(policy, caps, emulate, &f, e) < 0)
		return -1;
	seccomp_filter_done(&f);
	return 0;
}

int seccomp_install(const struct seccomp_policy *policy, uint64_t caps, bool emulate, struct err *e)
{
	const struct install_ready *f = install_ready;
	size_t n = sizeof(install_ready) / sizeof(*install_ready);
	int r;

	if (!policy)
		return 0;
	while (n && !(f->policy == policy && f->emulate == emulate))
		f++, n--;
	/* the kernel copies the program and writes nothing; its interface only lacks a const */
	if (n && (caps & SECCOMP_READY_ASKS) == SECCOMP_READY_CAPS)
		r = install_filter((struct sock_filter *)f->insns, f->n, policy->flags, e);
	else
		r = install_policy(policy, caps, emulate, e);
	if (r < 0)
		return -1;
	/* Every filter refuses this one; without a filter it is EBADF. */
	if (syscall(SYS_ioctl, -1, TIOCSTI_WIDE, 0) == 0 || errno != EPERM)
		return err_set(e, 0, "the seccomp filter was loaded but has no effect");
	return 0;
}

int seccomp_can_notify(struct err *e)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { .len = 1, .filter = &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			&prog) < 0)
		return err_set(e, errno, "load a filter that asks another process");
	return 0;
}
