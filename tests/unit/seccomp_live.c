/*
 * seccomp_live: the calls that matter get the verdict that a user was promised, by number on every
 * ABI, and from the kernel in a child process that runs under the plan's filter.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/defaults.h"
#include "seccomp/compile.h"
#include "seccomp/install.h"
#include "seccomp_run.h"
#include "tap.h"

#define FAIL(code) (SECCOMP_RET_ERRNO | (code))
#define ALLOW SECCOMP_RET_ALLOW
#define X32 0x40000000u
#define AMD64 AUDIT_ARCH_X86_64
#define I386 AUDIT_ARCH_I386
#define ARM64 AUDIT_ARCH_AARCH64
#define ARM AUDIT_ARCH_ARM

/* Numbers as the kernel's own tables have them, no library asked. */
static const struct {
	const char *what;
	uint32_t arch, nr, verdict;
	uint64_t args[3];
} promises[] = {
	{ "read", AMD64, 0, ALLOW, { 0 } },
	{ "exit_group", AMD64, 231, ALLOW, { 0 } },
	{ "landlock_restrict_self", AMD64, 446, ALLOW, { 0 } },
	{ "process_vm_readv", AMD64, 310, ALLOW, { 0 } },
	{ "ptrace", AMD64, 101, ALLOW, { 0 } },
	{ "mount", AMD64, 165, FAIL(EPERM), { 0 } },
	{ "pivot_root", AMD64, 155, FAIL(EPERM), { 0 } },
	{ "unshare", AMD64, 272, FAIL(EPERM), { 0 } },
	{ "keyctl", AMD64, 250, FAIL(EPERM), { 0 } },
	{ "io_uring_setup", AMD64, 425, FAIL(EPERM), { 0 } },
	{ "userfaultfd", AMD64, 323, FAIL(EPERM), { 0 } },
	{ "move_pages", AMD64, 279, FAIL(EPERM), { 0 } },
	{ "open_by_handle_at", AMD64, 304, FAIL(EPERM), { 0 } },
	{ "chroot", AMD64, 161, ALLOW, { 0 } },
	{ "clone of a thread", AMD64, 56, ALLOW, { 0x3d0f00 } },
	{ "clone with a user namespace", AMD64, 56, FAIL(EPERM), { 0x10000011 } },
	{ "clone with a cgroup namespace", AMD64, 56, FAIL(EPERM), { 0x02000011 } },
	{ "clone3", AMD64, 435, FAIL(ENOSYS), { 0 } },
	{ "socket unix", AMD64, 41, ALLOW, { 1 } },
	{ "socket inet6", AMD64, 41, ALLOW, { 10 } },
	{ "socket netlink", AMD64, 41, ALLOW, { 16 } },
	{ "socket AF_ALG", AMD64, 41, FAIL(EPERM), { 38 } },
	{ "socket AF_ALG with high bits", AMD64, 41, FAIL(EPERM), { 0x100000026 } },
	{ "socket AF_VSOCK", AMD64, 41, FAIL(EPERM), { 40 } },
	{ "socket DECnet", AMD64, 41, FAIL(EPERM), { 12 } },
	{ "socket of a family to come", AMD64, 41, FAIL(EPERM), { 46 } },
	{ "personality PER_LINUX", AMD64, 135, ALLOW, { 0 } },
	{ "personality asked", AMD64, 135, ALLOW, { 0xffffffff } },
	{ "personality ADDR_NO_RANDOMIZE", AMD64, 135, FAIL(EPERM), { 0x40000 } },
	{ "ioctl TCGETS", AMD64, 16, ALLOW, { 0, 0x5401 } },
	{ "ioctl TIOCSPGRP", AMD64, 16, ALLOW, { 0, 0x5410 } },
	{ "ioctl TIOCSTI", AMD64, 16, FAIL(EPERM), { 0, 0x5412 } },
	{ "ioctl TIOCSTI with high bits", AMD64, 16, FAIL(EPERM), { 0, 0xabcd00005412 } },
	{ "ioctl TIOCLINUX", AMD64, 16, FAIL(EPERM), { 0, 0x541c } },
	{ "ioctl TIOCLINUX with high bits", AMD64, 16, FAIL(EPERM), { 0, ~0ull << 32 | 0x541c } },
	{ "a call to come", AMD64, 511, FAIL(ENOSYS), { 0 } },
	{ "x32's own number without its bit", AMD64, 520, FAIL(ENOSYS), { 0 } },
	{ "number -1", AMD64, 0xffffffff, FAIL(ENOSYS), { 0 } },
	{ "x32 read", AMD64, X32 | 0, ALLOW, { 0 } },
	{ "x32 ioctl TIOCSTI", AMD64, X32 | 514, FAIL(EPERM), { 0, 0x5412 } },
	{ "x32 ioctl TCGETS", AMD64, X32 | 514, ALLOW, { 0, 0x5401 } },
	{ "x32 execve", AMD64, X32 | 520, ALLOW, { 0 } },
	{ "x32 kexec_load", AMD64, X32 | 528, FAIL(EPERM), { 0 } },
	{ "x32 call to come", AMD64, X32 | 511, FAIL(ENOSYS), { 0 } },
	{ "x32 beyond its own", AMD64, X32 | 548, FAIL(ENOSYS), { 0 } },
	{ "x32 clone3", AMD64, X32 | 435, FAIL(ENOSYS), { 0 } },
	{ "i386 read", I386, 3, ALLOW, { 0 } },
	{ "i386 ioctl TIOCSTI", I386, 54, FAIL(EPERM), { 0, 0x5412 } },
	{ "i386 ioctl TIOCLINUX", I386, 54, FAIL(EPERM), { 0, 0x541c } },
	{ "i386 mount", I386, 21, FAIL(EPERM), { 0 } },
	{ "i386 umount2", I386, 52, FAIL(EPERM), { 0 } },
	{ "i386 keyctl", I386, 288, FAIL(EPERM), { 0 } },
	{ "i386 socketcall", I386, 102, ALLOW, { 1 } },
	{ "i386 socket unix", I386, 359, ALLOW, { 1 } },
	{ "i386 socket AF_ALG", I386, 359, FAIL(EPERM), { 38 } },
	{ "i386 sendmsg", I386, 370, ALLOW, { 0 } },
	{ "i386 shmget", I386, 395, ALLOW, { 0 } },
	{ "i386 clone with a user namespace", I386, 120, FAIL(EPERM), { 0x10000011 } },
	{ "i386 clone3", I386, 435, FAIL(ENOSYS), { 0 } },
	{ "i386 vm86", I386, 166, FAIL(EPERM), { 0 } },
	{ "i386 call to come", I386, 511, FAIL(ENOSYS), { 0 } },
	{ "a call of another machine", ARM, 3, SECCOMP_RET_KILL_PROCESS, { 0 } },
	{ "arm64 read", ARM64, 63, ALLOW, { 0 } },
	{ "arm64 ioctl TIOCSTI", ARM64, 29, FAIL(EPERM), { 0, 0x100005412 } },
	{ "arm64 mount", ARM64, 40, FAIL(EPERM), { 0 } },
	{ "arm64 clone3", ARM64, 435, FAIL(ENOSYS), { 0 } },
	{ "arm64 clone with a user namespace", ARM64, 220, FAIL(EPERM), { 0x10000011 } },
	{ "arm64 socket AF_VSOCK", ARM64, 198, FAIL(EPERM), { 40 } },
	{ "arm64 call to come", ARM64, 511, FAIL(ENOSYS), { 0 } },
	{ "arm ioctl TIOCSTI", ARM, 54, FAIL(EPERM), { 0, 0x5412 } },
	{ "arm cacheflush", ARM, 0xf0002, ALLOW, { 0 } },
	{ "arm set_tls", ARM, 0xf0005, ALLOW, { 0 } },
	{ "arm usr26", ARM, 0xf0003, FAIL(EPERM), { 0 } },
	{ "arm socket unix", ARM, 281, ALLOW, { 1 } },
};

static void check_promises(void)
{
	struct seccomp_target t = { .kernel = SECCOMP_KERNEL(6, 1), .caps = defaults_caps() };
	struct seccomp_filter amd64 = { 0 }, arm64 = { 0 };
	struct err e = { 0 };

	t.arch = SECCOMP_ON_AMD64;
	t.names = seccomp_run_names(t.arch);
	tap_ok(seccomp_compile(&seccomp_docker, &t, &amd64, &e) == 0, "compiles for x86_64");
	t.arch = SECCOMP_ON_ARM64;
	t.names = seccomp_run_names(t.arch);
	tap_ok(seccomp_compile(&seccomp_docker, &t, &arm64, &e) == 0, "compiles for aarch64");
	for (size_t i = 0, arm = 0; i < sizeof(promises) / sizeof(*promises); i++) {
		struct seccomp_data d = { .nr = (int)promises[i].nr, .arch = promises[i].arch };
		const struct seccomp_filter *f;

		memcpy(d.args, promises[i].args, sizeof(promises[i].args));
		arm = arm || promises[i].arch == ARM64;
		f = arm ? &arm64 : &amd64;
		tap_int(seccomp_run(f->insns, f->n, &d), promises[i].verdict, promises[i].what);
	}
	seccomp_filter_done(&amd64);
	seccomp_filter_done(&arm64);
}

/* A call and the errno that it ends in; 0 is success, UNREFUSED anything but EPERM and ENOSYS. */
#define UNREFUSED (-1)
struct call {
	const char *what;
	long nr, args[4];
	int code;
};

struct report {
	int installed, code[64];
	struct err e;
};

struct confined {
	const struct seccomp_policy *policy;
	uint64_t caps;
	enum seccomp_emulation emulate;
};

/* Run calls under p's filter in a child.  NULL where the child did not come to its end. */
static const struct report *live(
	const struct confined *p, const struct call *calls, size_t n, bool privs)
{
	static struct report *r;
	int status = -1;
	pid_t pid;

	if (!r)
		r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);
	memset(r, 0, sizeof(*r));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (privs && geteuid() == 0 && setuid(65534) < 0)
			_exit(1);
		if (!privs)
			(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		r->installed = seccomp_install(p->policy, p->caps, p->emulate, NULL, &r->e);
		for (size_t i = 0; r->installed == 0 && i < n; i++) {
			const long *a = calls[i].args;

			errno = 0;
			if (syscall(calls[i].nr, a[0], a[1], a[2], a[3], 0L, 0L) < 0)
				r->code[i] = errno;
		}
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return NULL;
	return r;
}

static void check_live(
	const char *name, const struct confined *p, const struct call *calls, size_t n)
{
	const struct report *r = live(p, calls, n, false);

	if (!tap_ok(r && r->installed == 0, "%s: a child loads the filter and lives", name) || !r) {
		printf("# %s\n", r ? r->e.msg : "the child died");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int have = r->code[i], want = calls[i].code;
		bool good = want == UNREFUSED ? have != EPERM && have != ENOSYS : have == want;

		tap_ok(good, "%s: %s", name, calls[i].what);
		if (!good)
			printf("# have: %s\n# want: %s\n", strerror(have), strerror(want));
	}
}

static void check_kernel(void)
{
	static const struct call docker[] = {
		{ "getpid", SYS_getpid, { 0 }, 0 },
		{ "keyctl is refused", SYS_keyctl, { -1 }, EPERM },
		{ "unshare is refused", SYS_unshare, { CLONE_FILES }, EPERM },
		{ "setns is refused before its descriptor is looked at", SYS_setns, { -1, 0 },
			EPERM },
		{ "clone with a user namespace is refused", SYS_clone, { CLONE_NEWUSER | SIGCHLD },
			EPERM },
		{ "clone3 is not there", SYS_clone3, { 0, 0 }, ENOSYS },
		{ "a call that nobody knows is not there", 0x3ff, { 0 }, ENOSYS },
		{ "socket AF_ALG is refused", SYS_socket, { 38, SOCK_SEQPACKET, 0 }, EPERM },
		{ "socket AF_VSOCK is refused", SYS_socket, { 40, SOCK_STREAM, 0 }, EPERM },
		{ "socket AF_UNIX", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, 0 },
		{ "personality is told", SYS_personality, { 0xffffffff }, 0 },
		{ "personality ADDR_NO_RANDOMIZE is refused", SYS_personality, { 0x40000 }, EPERM },
		{ "TIOCSTI is refused", SYS_ioctl, { -1, 0x5412 }, EPERM },
		{ "TIOCLINUX with high bits is refused", SYS_ioctl, { -1, 0x70000541cl }, EPERM },
		{ "another ioctl is not", SYS_ioctl, { -1, 0x5401 }, EBADF },
#ifdef __x86_64__
		{ "TIOCSTI is refused to x32", X32 | 514, { -1, 0x5412 }, EPERM },
#endif
		{ "io_uring_setup is refused", SYS_io_uring_setup, { 1, 0 }, EPERM },
		{ "bpf is refused", SYS_bpf, { 0 }, EPERM },
		{ "chroot is not", SYS_chroot, { (long)"/no/such/place" }, ENOENT },
		{ "ptrace is not", SYS_ptrace, { 3, 0x7ffffff0 }, ESRCH },
		{ "mbind is refused", SYS_mbind, { 0 }, EPERM },
		{ "chown is not answered", SYS_fchownat, { -100, (long)"/no/such/place", 7, 7 },
			ENOENT },
	};
	static const struct call emulate[] = {
		{ "chown is answered", SYS_fchownat, { -100, (long)"/no/such/place", 7, 7 }, 0 },
		{ "fchown is answered", SYS_fchown, { -1, 7, 7 }, 0 },
		{ "setuid is answered", SYS_setuid, { 4321 }, 0 },
		{ "setresgid is answered", SYS_setresgid, { 1, 2, 3 }, 0 },
		{ "setgroups is answered", SYS_setgroups, { 0, 0 }, 0 },
		{ "capset is answered", SYS_capset, { 0, 0 }, 0 },
		{ "a device node is left to the kernel", SYS_mknodat,
			{ -100, (long)"/no/such/place", S_IFCHR | 0600, 0x103 }, ENOENT },
		{ "TIOCSTI is refused still", SYS_ioctl, { -1, 0x5412 }, EPERM },
		{ "unshare is refused still", SYS_unshare, { CLONE_FILES }, EPERM },
	};
	static const struct call nice[] = {
		{ "mbind is not refused", SYS_mbind, { 0, 0, 99 }, UNREFUSED },
		{ "keyctl is", SYS_keyctl, { -1 }, EPERM },
	};
	static const struct call profile[] = {
		{ "mkdir as it says", SYS_mkdirat, { -100, (long)"/no/such/place", 0 }, EXDEV },
		{ "the rest too", SYS_keyctl, { -1 }, UNREFUSED },
		{ "TIOCSTI is refused all the same", SYS_ioctl, { -1, 0x5412 }, EPERM },
	};
	static const struct call none[] = { { "TIOCSTI", SYS_ioctl, { -1, 0x5412 }, EBADF } };
	static const struct seccomp_rule rule = { .names = "mkdirat\0nonsense\0",
		.verdict = FAIL(EXDEV) };
	static const struct seccomp_policy own = { .default_verdict = ALLOW,
		.rules = { &rule, 1 } };
	struct confined p = { .policy = &seccomp_docker, .caps = defaults_caps() };

	check_live("default", &p, docker, sizeof(docker) / sizeof(*docker));
	p.caps |= 1ull << CAP_SYS_NICE;
	check_live("with CAP_SYS_NICE", &p, nice, sizeof(nice) / sizeof(*nice));
	p.caps = defaults_caps() & ~(1ull << CAP_NET_RAW);
	p.emulate = SECCOMP_EMULATE_BASIC;
	check_live("emulating", &p, emulate, sizeof(emulate) / sizeof(*emulate));
	p = (struct confined){ .policy = NULL };
	check_live("unconfined", &p, none, 1);
	p.policy = &own;
	check_live("a profile", &p, profile, sizeof(profile) / sizeof(*profile));
}

static void check_failures(void)
{
	struct confined p = { .policy = &seccomp_docker, .caps = defaults_caps() };
	const struct report *r = live(&p, NULL, 0, true);

	tap_ok(r && r->installed < 0 && strstr(r->e.hint, "no_new_privs"),
		"without no_new_privs it fails and says so");
}

int main(void)
{
	check_promises();
	check_kernel();
	check_failures();
	return tap_done();
}
