/*
 * seccomp: puts the plan's system call filter on this process.
 * Touches this process's filter.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "seccomp/compile.h"
#include "seccomp/install.h"
#include "seccomp/profile.h"
#include "seccomp/table.h"

#include "seccomp_default.h"

/* Any value of this is TIOCSTI to the kernel, which looks at 32 bits. */
#define TIOCSTI_WIDE ((long)0x7fffffff00005412ll)

static unsigned seccomp_kernel(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2 || minor > 255)
		return 0; /* rules for newer kernels then do not count */
	return SECCOMP_KERNEL(major, minor);
}

/* seccomp(2).  Returns 0, or -1 with errno. */
static int seccomp_set_filter(struct sock_filter *insns, unsigned short n, unsigned flags)
{
	struct sock_fprog prog = { .len = n, .filter = insns };
	unsigned later = SECCOMP_FILTER_FLAG_SPEC_ALLOW; /* Linux 4.17 */

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog) == 0)
		return 0;
	if (errno != EINVAL || !(flags & later))
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags & ~later, &prog) == 0 ? 0 : -1;
}

static int seccomp_failed(struct err *e)
{
	int code = errno;

	(void)err_set(e, code, "load the seccomp filter");
	if (code == ENOSYS || code == EINVAL)
		(void)err_hint(e, "this kernel lacks CONFIG_SECCOMP_FILTER");
	else if (code == EACCES)
		(void)err_hint(e, "no_new_privs is not set");
	return -1;
}

static int seccomp_compile_for(const struct seccomp_policy *policy, const struct plan *p,
	struct seccomp_filter *ret, struct err *e)
{
	struct seccomp_target t = {
		.arch = SECCOMP_READY_ARCH,
		.kernel = seccomp_kernel(),
		.caps = p->caps,
		.emulate = p->emulate_ids,
	};

	return seccomp_compile(policy, &t, ret, e);
}

/* Compile and load what is not ready-made. */
static int seccomp_set_policy(
	const struct seccomp_policy *policy, const struct plan *p, struct err *e)
{
	struct seccomp_filter f;
	int r;

	if (seccomp_compile_for(policy, p, &f, e) < 0)
		return -1;
	r = seccomp_set_filter(f.insns, f.n, policy->flags);
	if (r < 0)
		(void)seccomp_failed(e);
	seccomp_filter_done(&f);
	return r;
}

static int seccomp_load_default(const struct plan *p, struct err *e)
{
	const struct sock_filter *ready = p->emulate_ids ? seccomp_ready_emulate : seccomp_ready;
	size_t size = p->emulate_ids ? sizeof(seccomp_ready_emulate) : sizeof(seccomp_ready);

	if ((p->caps & SECCOMP_READY_ASKS) != SECCOMP_READY_CAPS)
		return seccomp_set_policy(&seccomp_docker, p, e);
	/* the kernel copies the program and writes nothing; its interface only lacks a const */
	if (seccomp_set_filter((struct sock_filter *)ready, (unsigned short)(size / sizeof(*ready)),
		    seccomp_docker.flags) < 0)
		return seccomp_failed(e);
	return 0;
}

static int seccomp_read_profile(
	const struct plan *p, struct arena *a, struct seccomp_policy *ret, struct err *e)
{
	const char *text = p->seccomp_profile ? p->seccomp_profile : "";

	return seccomp_profile_parse(text, strlen(text), SECCOMP_READY_ARCH, a, ret, e) < 0
		       ? err_wrap(e, "--security-opt seccomp")
		       : 0;
}

static int seccomp_load_profile(const struct plan *p, struct err *e)
{
	struct arena a = { 0 };
	struct seccomp_policy policy;
	int r = seccomp_read_profile(p, &a, &policy, e);

	if (r == 0)
		r = seccomp_set_policy(&policy, p, e);
	arena_done(&a);
	return r;
}

int seccomp_check(const struct plan *p, struct err *e)
{
	struct arena a = { 0 };
	struct seccomp_policy policy;
	struct seccomp_filter f = { 0 };
	int r = 0;

	if (p->seccomp == SECCOMP_PROFILE) {
		r = seccomp_read_profile(p, &a, &policy, e);
		if (r == 0)
			r = seccomp_compile_for(&policy, p, &f, e);
	}
	if (r == 0)
		seccomp_filter_done(&f);
	arena_done(&a);
	return r;
}

int seccomp_install(const struct plan *p, struct err *e)
{
	int r = -1;

	switch (p->seccomp) {
	case SECCOMP_UNCONFINED:
		return 0;
	case SECCOMP_DEFAULT:
		r = seccomp_load_default(p, e);
		break;
	case SECCOMP_PROFILE:
		r = seccomp_load_profile(p, e);
		break;
	}
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
