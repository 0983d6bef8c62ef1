/*
 * seccomp_table: Docker's default profile, and our two small sets around it, as data.
 * Touches nothing.
 *
 * Source: repository moby/profiles, file seccomp/default.json, commit
 * 02e898b137aed1024e232d59bcb05e6179b72177, of the second half of 2026 (it names Linux 7.2):
 * 56 rules, 426 names, 361 of them without a condition.  The version before it had 33 rules:
 * socket(2) was open to every family but AF_ALG and AF_VSOCK; now it is a list, without those that
 * the kernel dropped (DECnet, Econet, ATMSVC, IrDA, WANPIPE, ISDN, CAIF) and those to come.
 * Order and grouping are the file's, so that the two can be read side by side.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/stat.h>

#include "seccomp/table.h"

#define NAMES(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}
#define ARG(i, o, ...) \
	.args = &(const struct seccomp_arg){ .index = (i), .op = SECCOMP_##o, __VA_ARGS__ }, \
	.n_args = 1
#define CAP(x) (1ull << CAP_##x)
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define ALLOW SECCOMP_RET_ALLOW
#define FAIL(code) (SECCOMP_RET_ERRNO | (code))

/* CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: what clone(2) may not ask for */
#define CLONE_NAMESPACES 0x7e020000

#define SOCKET(o, family) \
	{ \
		.names = NAMES("socket"), .verdict = ALLOW, ARG(0, o, (family)) \
	}
#define PERSONALITY(value) \
	{ \
		.names = NAMES("personality"), .verdict = ALLOW, ARG(0, EQ, (value)) \
	}

static const struct seccomp_rule docker_rules[] = {
	{
		.names = NAMES("accept", "accept4", "access", "adjtimex", "alarm", "bind", "brk",
			"cachestat", "capget", "capset", "chdir", "chmod", "chown", "chown32",
			"clock_adjtime", "clock_adjtime64", "clock_getres", "clock_getres_time64",
			"clock_gettime", "clock_gettime64", "clock_nanosleep",
			"clock_nanosleep_time64", "close", "close_range", "connect",
			"copy_file_range", "creat", "dup", "dup2", "dup3", "epoll_create",
			"epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait",
			"epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2",
			"execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2",
			"fadvise64", "fadvise64_64", "fallocate", "fanotify_mark", "fchdir",
			"fchmod", "fchmodat", "fchmodat2", "fchown", "fchown32", "fchownat",
			"fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock", "fork",
			"fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs",
			"fstatfs64", "fsync", "ftruncate", "ftruncate64", "futex", "futex_requeue",
			"futex_time64", "futex_wait", "futex_waitv", "futex_wake", "futimesat",
			"getcpu", "getcwd", "getdents", "getdents64", "getegid", "getegid32",
			"geteuid", "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32",
			"getitimer", "getpeername", "getpgid", "getpgrp", "getpid", "getppid",
			"getpriority", "getrandom", "getresgid", "getresgid32", "getresuid",
			"getresuid32", "getrlimit", "get_robust_list", "getrusage", "getsid",
			"getsockname", "getsockopt", "get_thread_area", "gettid", "gettimeofday",
			"getuid", "getuid32", "getxattr", "getxattrat", "inotify_add_watch",
			"inotify_init", "inotify_init1", "inotify_rm_watch", "io_cancel", "ioctl",
			"io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64",
			"ioprio_get", "ioprio_set", "io_setup", "io_submit", "ipc", "kill",
			"landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self",
			"lchown", "lchown32", "lgetxattr", "link", "linkat", "listen", "listmount",
			"listxattr", "listxattrat", "llistxattr", "_llseek", "lremovexattr",
			"lseek", "lsetxattr", "lstat", "lstat64", "madvise", "map_shadow_stack",
			"membarrier", "memfd_create", "memfd_secret", "mincore", "mkdir", "mkdirat",
			"mknod", "mknodat", "mlock", "mlock2", "mlockall", "mmap", "mmap2",
			"mprotect", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive",
			"mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64",
			"mq_unlink", "mremap", "mseal", "msgctl", "msgget", "msgrcv", "msgsnd",
			"msync", "munlock", "munlockall", "munmap", "name_to_handle_at",
			"nanosleep", "newfstatat", "_newselect", "open", "openat", "openat2",
			"pause", "pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "pkey_alloc",
			"pkey_free", "pkey_mprotect", "poll", "ppoll", "ppoll_time64", "prctl",
			"pread64", "preadv", "preadv2", "prlimit64", "process_mrelease", "pselect6",
			"pselect6_time64", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
			"readlink", "readlinkat", "readv", "recv", "recvfrom", "recvmmsg",
			"recvmmsg_time64", "recvmsg", "remap_file_pages", "removexattr",
			"removexattrat", "rename", "renameat", "renameat2", "restart_syscall",
			"riscv_hwprobe", "rmdir", "rseq", "rt_sigaction", "rt_sigpending",
			"rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
			"rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo",
			"sched_getaffinity", "sched_getattr", "sched_getparam",
			"sched_get_priority_max", "sched_get_priority_min", "sched_getscheduler",
			"sched_rr_get_interval", "sched_rr_get_interval_time64",
			"sched_setaffinity", "sched_setattr", "sched_setparam",
			"sched_setscheduler", "sched_yield", "seccomp", "select", "semctl",
			"semget", "semop", "semtimedop", "semtimedop_time64", "send", "sendfile",
			"sendfile64", "sendmmsg", "sendmsg", "sendto", "setfsgid", "setfsgid32",
			"setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32",
			"setitimer", "setpgid", "setpriority", "setregid", "setregid32",
			"setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid",
			"setreuid32", "setrlimit", "set_robust_list", "setsid", "setsockopt",
			"set_thread_area", "set_tid_address", "setuid", "setuid32", "setxattr",
			"setxattrat", "shmat", "shmctl", "shmdt", "shmget", "shutdown",
			"sigaltstack", "signalfd", "signalfd4", "sigprocmask", "sigreturn",
			"socketcall", "socketpair", "splice", "stat", "stat64", "statfs",
			"statfs64", "statmount", "statx", "symlink", "symlinkat", "sync",
			"sync_file_range", "syncfs", "sysinfo", "tee", "tgkill", "time",
			"timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
			"timer_gettime64", "timer_settime", "timer_settime64", "timerfd_create",
			"timerfd_gettime", "timerfd_gettime64", "timerfd_settime",
			"timerfd_settime64", "times", "tkill", "truncate", "truncate64",
			"ugetrlimit", "umask", "uname", "unlink", "unlinkat", "uretprobe", "utime",
			"utimensat", "utimensat_time64", "utimes", "vfork", "vmsplice", "wait4",
			"waitid", "waitpid", "write", "writev"),
		.verdict = ALLOW,
	},
	{
		.names = NAMES("process_vm_readv", "process_vm_writev", "ptrace"),
		.verdict = ALLOW,
		.includes.min_kernel = SECCOMP_KERNEL(4, 8),
	},
	SOCKET(LT, 12),	  /* unix, inet, ax25, ipx, appletalk, netrom, bridge, atmpvc, x25, inet6,
			     rose */
	SOCKET(EQ, 13),	  /* netbeui */
	SOCKET(EQ, 14),	  /* security */
	SOCKET(EQ, 15),	  /* key */
	SOCKET(EQ, 16),	  /* netlink */
	SOCKET(EQ, 17),	  /* packet */
	SOCKET(EQ, 18),	  /* ash */
	SOCKET(EQ, 21),	  /* rds */
	SOCKET(EQ, 22),	  /* sna */
	SOCKET(EQ, 24),	  /* pppox */
	SOCKET(EQ, 26),	  /* llc */
	SOCKET(EQ, 27),	  /* ib */
	SOCKET(EQ, 28),	  /* mpls */
	SOCKET(EQ, 29),	  /* can */
	SOCKET(EQ, 30),	  /* tipc */
	SOCKET(EQ, 31),	  /* bluetooth */
	SOCKET(EQ, 32),	  /* iucv */
	SOCKET(EQ, 33),	  /* rxrpc */
	SOCKET(EQ, 35),	  /* phonet */
	SOCKET(EQ, 36),	  /* ieee802154 */
	SOCKET(EQ, 39),	  /* nfc; 38 is AF_ALG, 40 AF_VSOCK */
	SOCKET(EQ, 41),	  /* kcm */
	SOCKET(EQ, 42),	  /* qipcrtr */
	SOCKET(EQ, 43),	  /* smc */
	SOCKET(EQ, 44),	  /* xdp */
	SOCKET(EQ, 45),	  /* mctp */
	PERSONALITY(0x0), /* PER_LINUX */
	PERSONALITY(0x8), /* PER_LINUX32 */
	PERSONALITY(0x20000),	 /* UNAME26 */
	PERSONALITY(0x20008),	 /* PER_LINUX32 | UNAME26 */
	PERSONALITY(0xffffffff), /* asks only */
	{
		.names = NAMES("sync_file_range2", "swapcontext"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_PPC64LE,
	},
	{
		.names = NAMES("arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2",
			"breakpoint", "cacheflush", "set_tls"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_ARM | SECCOMP_ON_ARM64,
	},
	{
		.names = NAMES("arch_prctl"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_AMD64 | SECCOMP_ON_X32,
	},
	{
		.names = NAMES("modify_ldt"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_AMD64 | SECCOMP_ON_X32 | SECCOMP_ON_X86,
	},
	{
		.names = NAMES("s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X,
	},
	{
		.names = NAMES("riscv_flush_icache"),
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_RISCV64,
	},
	{
		.names = NAMES("open_by_handle_at"),
		.verdict = ALLOW,
		.includes.caps = CAP(DAC_READ_SEARCH),
	},
	{
		.names = NAMES("bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount",
			"fsopen", "fspick", "lookup_dcookie", "lsm_get_self_attr",
			"lsm_list_modules", "lsm_set_self_attr", "mount", "mount_setattr",
			"move_mount", "open_tree", "perf_event_open", "quotactl", "quotactl_fd",
			"setdomainname", "sethostname", "setns", "syslog", "umount", "umount2",
			"unshare"),
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_ADMIN),
	},
	{
		.names = NAMES("clone"),
		.verdict = ALLOW,
		ARG(0, MASKED_EQ, CLONE_NAMESPACES, 0),
		.excludes = { .caps = CAP(SYS_ADMIN),
			.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X },
	},
	{
		/* s390 has the arguments of clone in another order */
		.names = NAMES("clone"),
		.verdict = ALLOW,
		ARG(1, MASKED_EQ, CLONE_NAMESPACES, 0),
		.includes.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X,
		.excludes.caps = CAP(SYS_ADMIN),
	},
	{
		/* its flags lie behind a pointer; a libc that sees ENOSYS falls back to clone */
		.names = NAMES("clone3"),
		.verdict = FAIL(ENOSYS),
		.excludes.caps = CAP(SYS_ADMIN),
	},
	{ .names = NAMES("reboot"), .verdict = ALLOW, .includes.caps = CAP(SYS_BOOT) },
	{ .names = NAMES("chroot"), .verdict = ALLOW, .includes.caps = CAP(SYS_CHROOT) },
	{
		.names = NAMES("delete_module", "init_module", "finit_module"),
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_MODULE),
	},
	{ .names = NAMES("acct"), .verdict = ALLOW, .includes.caps = CAP(SYS_PACCT) },
	{
		.names = NAMES("kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv",
			"process_vm_writev", "ptrace"),
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_PTRACE),
	},
	{ .names = NAMES("iopl", "ioperm"), .verdict = ALLOW, .includes.caps = CAP(SYS_RAWIO) },
	{
		.names = NAMES("settimeofday", "stime", "clock_settime", "clock_settime64"),
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_TIME),
	},
	{ .names = NAMES("vhangup"), .verdict = ALLOW, .includes.caps = CAP(SYS_TTY_CONFIG) },
	{
		.names =
			NAMES("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"),
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_NICE),
	},
	{ .names = NAMES("syslog"), .verdict = ALLOW, .includes.caps = CAP(SYSLOG) },
	{ .names = NAMES("bpf"), .verdict = ALLOW, .includes.caps = CAP(BPF) },
	{ .names = NAMES("perf_event_open"), .verdict = ALLOW, .includes.caps = CAP(PERFMON) },
};

const struct seccomp_policy seccomp_docker = {
	.default_verdict = FAIL(EPERM),
	.abis = SECCOMP_ON_X86 | SECCOMP_ON_X32 | SECCOMP_ON_ARM,
	/*
	 * No flag is in the profile; runc and crun then set this one: without it kernels before
	 * 5.16 switch off speculative store bypass for every filtered process, which interpreters
	 * pay for.
	 */
	.flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	.rules = { docker_rules, COUNT(docker_rules) },
};

/*
 * ioctl_tty(2): TIOCSTI types into the terminal, TIOCLINUX (subcode 3) pastes into it; either way
 * the shell outside runs what was typed.  The kernel looks at the low 32 bits of the request alone,
 * so must we (CVE-2019-10063).  The numbers are asm-generic's, the same on x86 and ARM.
 */
#define REFUSED_IOCTL(request) \
	{ \
		.names = NAMES("ioctl"), .verdict = FAIL(EPERM), \
		ARG(1, MASKED_EQ, 0xffffffff, (request)) \
	}

static const struct seccomp_rule always_rules[] = {
	REFUSED_IOCTL(0x5412), /* TIOCSTI */
	REFUSED_IOCTL(0x541c), /* TIOCLINUX */
};

const struct seccomp_rules seccomp_always = { always_rules, COUNT(always_rules) };

/*
 * With one id mapped, chown(2) to another one is EINVAL, and so are setuid(2) and its kin;
 * setgroups(2) is EPERM, since the map could be written only with setgroups denied
 * (user_namespaces(7)); device nodes are EPERM in a user namespace. setfsuid(2) and setfsgid(2) are
 * not here: they cannot fail, and their result is the id before. A whiteout, mknod(c 0 0), needs no
 * privilege since Linux 5.8 and is made. setxattr(2) is not here: the name that would decide lies
 * behind a pointer, which takes a supervisor to read.
 */
#define NO_DEVICE(name, mode, type) \
	{ \
		.names = NAMES(name), .verdict = FAIL(0), .n_args = 2, \
		.args = (const struct seccomp_arg[]){ \
			{ .index = (mode), \
				.op = SECCOMP_MASKED_EQ, \
				.value = S_IFMT, \
				.value_two = (type) }, \
			{ .index = (mode) + 1, .op = SECCOMP_NE, .value = 0 }, \
		}, \
	}

static const struct seccomp_rule emulate_rules[] = {
	{
		.names = NAMES("chown", "chown32", "fchown", "fchown32", "fchownat", "lchown",
			"lchown32", "setgid", "setgid32", "setgroups", "setgroups32", "setregid",
			"setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32",
			"setreuid", "setreuid32", "setuid", "setuid32", "capset"),
		.verdict = FAIL(0),
	},
	NO_DEVICE("mknod", 1, S_IFCHR),
	NO_DEVICE("mknod", 1, S_IFBLK),
	NO_DEVICE("mknodat", 2, S_IFCHR),
	NO_DEVICE("mknodat", 2, S_IFBLK),
};

const struct seccomp_rules seccomp_emulate = { emulate_rules, COUNT(emulate_rules) };

bool seccomp_rule_counts(const struct seccomp_rule *r, const struct seccomp_target *t)
{
	const struct seccomp_when *in = &r->includes, *ex = &r->excludes;

	if ((ex->arches & t->arch) || (ex->caps & t->caps) ||
		(ex->min_kernel && t->kernel >= ex->min_kernel))
		return false;
	return (!in->arches || (in->arches & t->arch)) && (in->caps & t->caps) == in->caps &&
	       t->kernel >= in->min_kernel;
}

unsigned seccomp_abis(unsigned arch)
{
	if (arch == SECCOMP_ON_AMD64)
		return SECCOMP_ON_X32 | SECCOMP_ON_X86;
	return arch == SECCOMP_ON_ARM64 ? SECCOMP_ON_ARM : 0;
}

uint64_t seccomp_docker_asks(void)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < COUNT(docker_rules); i++)
		caps |= docker_rules[i].includes.caps | docker_rules[i].excludes.caps;
	return caps;
}
