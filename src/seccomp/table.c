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
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "seccomp/table.h"

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
		.names = "socket\0", .verdict = ALLOW, ARG(0, o, (family)) \
	}
#define PERSONALITY(value) \
	{ \
		.names = "personality\0", .verdict = ALLOW, ARG(0, EQ, (value)) \
	}

static const struct seccomp_rule docker_rules[] = {
	{
		.names =
			"accept\0accept4\0access\0adjtimex\0alarm\0bind\0brk\0cachestat\0capget\0capset\0"
			"chdir\0chmod\0chown\0chown32\0clock_adjtime\0clock_adjtime64\0clock_getres\0"
			"clock_getres_time64\0clock_gettime\0clock_gettime64\0clock_nanosleep\0"
			"clock_nanosleep_time64\0close\0close_range\0connect\0copy_file_range\0creat\0"
			"dup\0dup2\0dup3\0epoll_create\0epoll_create1\0epoll_ctl\0epoll_ctl_old\0"
			"epoll_pwait\0epoll_pwait2\0epoll_wait\0epoll_wait_old\0eventfd\0eventfd2\0"
			"execve\0execveat\0exit\0exit_group\0faccessat\0faccessat2\0fadvise64\0"
			"fadvise64_64\0fallocate\0fanotify_mark\0fchdir\0fchmod\0fchmodat\0fchmodat2\0"
			"fchown\0fchown32\0fchownat\0fcntl\0fcntl64\0fdatasync\0fgetxattr\0flistxattr\0"
			"flock\0fork\0fremovexattr\0fsetxattr\0fstat\0fstat64\0fstatat64\0fstatfs\0"
			"fstatfs64\0fsync\0ftruncate\0ftruncate64\0futex\0futex_requeue\0futex_time64\0"
			"futex_wait\0futex_waitv\0futex_wake\0futimesat\0getcpu\0getcwd\0getdents\0"
			"getdents64\0getegid\0getegid32\0geteuid\0geteuid32\0getgid\0getgid32\0"
			"getgroups\0getgroups32\0getitimer\0getpeername\0getpgid\0getpgrp\0getpid\0"
			"getppid\0getpriority\0getrandom\0getresgid\0getresgid32\0getresuid\0"
			"getresuid32\0getrlimit\0get_robust_list\0getrusage\0getsid\0getsockname\0"
			"getsockopt\0get_thread_area\0gettid\0gettimeofday\0getuid\0getuid32\0getxattr\0"
			"getxattrat\0inotify_add_watch\0inotify_init\0inotify_init1\0inotify_rm_watch\0"
			"io_cancel\0ioctl\0io_destroy\0io_getevents\0io_pgetevents\0"
			"io_pgetevents_time64\0ioprio_get\0ioprio_set\0io_setup\0io_submit\0ipc\0kill\0"
			"landlock_add_rule\0landlock_create_ruleset\0landlock_restrict_self\0lchown\0"
			"lchown32\0lgetxattr\0link\0linkat\0listen\0listmount\0listxattr\0listxattrat\0"
			"llistxattr\0_llseek\0lremovexattr\0lseek\0lsetxattr\0lstat\0lstat64\0madvise\0"
			"map_shadow_stack\0membarrier\0memfd_create\0memfd_secret\0mincore\0mkdir\0"
			"mkdirat\0mknod\0mknodat\0mlock\0mlock2\0mlockall\0mmap\0mmap2\0mprotect\0"
			"mq_getsetattr\0mq_notify\0mq_open\0mq_timedreceive\0mq_timedreceive_time64\0"
			"mq_timedsend\0mq_timedsend_time64\0mq_unlink\0mremap\0mseal\0msgctl\0msgget\0"
			"msgrcv\0msgsnd\0msync\0munlock\0munlockall\0munmap\0name_to_handle_at\0"
			"nanosleep\0newfstatat\0_newselect\0open\0openat\0openat2\0pause\0pidfd_open\0"
			"pidfd_send_signal\0pipe\0pipe2\0pkey_alloc\0pkey_free\0pkey_mprotect\0poll\0"
			"ppoll\0ppoll_time64\0prctl\0pread64\0preadv\0preadv2\0prlimit64\0"
			"process_mrelease\0pselect6\0pselect6_time64\0pwrite64\0pwritev\0pwritev2\0read\0"
			"readahead\0readlink\0readlinkat\0readv\0recv\0recvfrom\0recvmmsg\0"
			"recvmmsg_time64\0recvmsg\0remap_file_pages\0removexattr\0removexattrat\0rename\0"
			"renameat\0renameat2\0restart_syscall\0riscv_hwprobe\0rmdir\0rseq\0rt_sigaction\0"
			"rt_sigpending\0rt_sigprocmask\0rt_sigqueueinfo\0rt_sigreturn\0rt_sigsuspend\0"
			"rt_sigtimedwait\0rt_sigtimedwait_time64\0rt_tgsigqueueinfo\0sched_getaffinity\0"
			"sched_getattr\0sched_getparam\0sched_get_priority_max\0sched_get_priority_min\0"
			"sched_getscheduler\0sched_rr_get_interval\0sched_rr_get_interval_time64\0"
			"sched_setaffinity\0sched_setattr\0sched_setparam\0sched_setscheduler\0"
			"sched_yield\0seccomp\0select\0semctl\0semget\0semop\0semtimedop\0"
			"semtimedop_time64\0send\0sendfile\0sendfile64\0sendmmsg\0sendmsg\0sendto\0"
			"setfsgid\0setfsgid32\0setfsuid\0setfsuid32\0setgid\0setgid32\0setgroups\0"
			"setgroups32\0setitimer\0setpgid\0setpriority\0setregid\0setregid32\0setresgid\0"
			"setresgid32\0setresuid\0setresuid32\0setreuid\0setreuid32\0setrlimit\0"
			"set_robust_list\0setsid\0setsockopt\0set_thread_area\0set_tid_address\0setuid\0"
			"setuid32\0setxattr\0setxattrat\0shmat\0shmctl\0shmdt\0shmget\0shutdown\0"
			"sigaltstack\0signalfd\0signalfd4\0sigprocmask\0sigreturn\0socketcall\0"
			"socketpair\0splice\0stat\0stat64\0statfs\0statfs64\0statmount\0statx\0symlink\0"
			"symlinkat\0sync\0sync_file_range\0syncfs\0sysinfo\0tee\0tgkill\0time\0"
			"timer_create\0timer_delete\0timer_getoverrun\0timer_gettime\0timer_gettime64\0"
			"timer_settime\0timer_settime64\0timerfd_create\0timerfd_gettime\0"
			"timerfd_gettime64\0timerfd_settime\0timerfd_settime64\0times\0tkill\0truncate\0"
			"truncate64\0ugetrlimit\0umask\0uname\0unlink\0unlinkat\0uretprobe\0utime\0"
			"utimensat\0utimensat_time64\0utimes\0vfork\0vmsplice\0wait4\0waitid\0waitpid\0"
			"write\0writev\0",
		.verdict = ALLOW,
	},
	{
		.names = "process_vm_readv\0process_vm_writev\0ptrace\0",
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
		.names = "sync_file_range2\0swapcontext\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_PPC64LE,
	},
	{
		.names = "arm_fadvise64_64\0arm_sync_file_range\0sync_file_range2\0breakpoint\0"
			 "cacheflush\0set_tls\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_ARM | SECCOMP_ON_ARM64,
	},
	{
		.names = "arch_prctl\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_AMD64 | SECCOMP_ON_X32,
	},
	{
		.names = "modify_ldt\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_AMD64 | SECCOMP_ON_X32 | SECCOMP_ON_X86,
	},
	{
		.names = "s390_pci_mmio_read\0s390_pci_mmio_write\0s390_runtime_instr\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X,
	},
	{
		.names = "riscv_flush_icache\0",
		.verdict = ALLOW,
		.includes.arches = SECCOMP_ON_RISCV64,
	},
	{
		.names = "open_by_handle_at\0",
		.verdict = ALLOW,
		.includes.caps = CAP(DAC_READ_SEARCH),
	},
	{
		.names =
			"bpf\0clone\0clone3\0fanotify_init\0fsconfig\0fsmount\0fsopen\0fspick\0"
			"lookup_dcookie\0lsm_get_self_attr\0lsm_list_modules\0lsm_set_self_attr\0mount\0"
			"mount_setattr\0move_mount\0open_tree\0perf_event_open\0quotactl\0quotactl_fd\0"
			"setdomainname\0sethostname\0setns\0syslog\0umount\0umount2\0unshare\0",
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_ADMIN),
	},
	{
		.names = "clone\0",
		.verdict = ALLOW,
		ARG(0, MASKED_EQ, CLONE_NAMESPACES, 0),
		.excludes = { .caps = CAP(SYS_ADMIN),
			.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X },
	},
	{
		/* s390 has the arguments of clone in another order */
		.names = "clone\0",
		.verdict = ALLOW,
		ARG(1, MASKED_EQ, CLONE_NAMESPACES, 0),
		.includes.arches = SECCOMP_ON_S390 | SECCOMP_ON_S390X,
		.excludes.caps = CAP(SYS_ADMIN),
	},
	{
		/* its flags lie behind a pointer; a libc that sees ENOSYS falls back to clone */
		.names = "clone3\0",
		.verdict = FAIL(ENOSYS),
		.excludes.caps = CAP(SYS_ADMIN),
	},
	{ .names = "reboot\0", .verdict = ALLOW, .includes.caps = CAP(SYS_BOOT) },
	{ .names = "chroot\0", .verdict = ALLOW, .includes.caps = CAP(SYS_CHROOT) },
	{
		.names = "delete_module\0init_module\0finit_module\0",
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_MODULE),
	},
	{ .names = "acct\0", .verdict = ALLOW, .includes.caps = CAP(SYS_PACCT) },
	{
		.names = "kcmp\0pidfd_getfd\0process_madvise\0process_vm_readv\0process_vm_writev\0"
			 "ptrace\0",
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_PTRACE),
	},
	{ .names = "iopl\0ioperm\0", .verdict = ALLOW, .includes.caps = CAP(SYS_RAWIO) },
	{
		.names = "settimeofday\0stime\0clock_settime\0clock_settime64\0",
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_TIME),
	},
	{ .names = "vhangup\0", .verdict = ALLOW, .includes.caps = CAP(SYS_TTY_CONFIG) },
	{
		.names = "get_mempolicy\0mbind\0set_mempolicy\0set_mempolicy_home_node\0",
		.verdict = ALLOW,
		.includes.caps = CAP(SYS_NICE),
	},
	{ .names = "syslog\0", .verdict = ALLOW, .includes.caps = CAP(SYSLOG) },
	{ .names = "bpf\0", .verdict = ALLOW, .includes.caps = CAP(BPF) },
	{ .names = "perf_event_open\0", .verdict = ALLOW, .includes.caps = CAP(PERFMON) },
	/* seccomp_hpc only: where memory lies.  The kernel asks for no capability. */
	{
		.names = "get_mempolicy\0mbind\0migrate_pages\0move_pages\0set_mempolicy\0"
			 "set_mempolicy_home_node\0",
		.verdict = ALLOW,
	},
};

/*
 * No flag is in the profile; runc and crun then set this one: without it kernels before 5.16 switch off
 * speculative store bypass for every filtered process, which interpreters pay for.
 */
#define POLICY(n_rules) \
	{ \
		.default_verdict = FAIL(EPERM), \
		.abis = SECCOMP_ON_X86 | SECCOMP_ON_X32 | SECCOMP_ON_ARM, \
		.flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW, .rules = { docker_rules, (n_rules) }, \
	}

const struct seccomp_policy seccomp_docker = POLICY(COUNT(docker_rules) - 1);
const struct seccomp_policy seccomp_hpc = POLICY(COUNT(docker_rules));

/*
 * ioctl_tty(2): TIOCSTI types into the terminal, TIOCLINUX (subcode 3) pastes into it; either way
 * the shell outside runs what was typed.  The kernel looks at the low 32 bits of the request alone,
 * so must we (CVE-2019-10063).  The numbers are asm-generic's, the same on x86 and ARM.
 */
#define REFUSED_IOCTL(request) \
	{ \
		.names = "ioctl\0", .verdict = FAIL(EPERM), \
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
 * (user_namespaces(7)). setfsuid(2) and setfsgid(2) are not here: they cannot fail, and their result
 * is the id before. mknod(2) is not here: a program that hears of success uses the file, which no
 * filter can make. setxattr(2) is not here: the name that would decide lies behind a pointer, which
 * takes a supervisor to read.
 */
static const struct seccomp_rule emulate_rules[] = {
	{
		.names =
			"chown\0chown32\0fchown\0fchown32\0fchownat\0lchown\0lchown32\0setgid\0setgid32\0"
			"setgroups\0setgroups32\0setregid\0setregid32\0setresgid\0setresgid32\0"
			"setresuid\0setresuid32\0setreuid\0setreuid32\0setuid\0setuid32\0capset\0",
		.verdict = FAIL(0),
	},
};

#define ASKED(list) \
	{ \
		.names = (list), .verdict = SECCOMP_RET_USER_NOTIF \
	}
#define ASKED_OF(list, index, value) \
	{ \
		.names = (list), .verdict = SECCOMP_RET_USER_NOTIF, ARG(index, EQ, (value)) \
	}

/*
 * The supervisor also hears of what is decided by ids: exec of a setuid file, signals, who the peer of a
 * socket is.  And of the timer slack, which it uses (emulate/tags.h).
 */
static const struct seccomp_rule emulate_ids_rules[] = {
	[ASK_GETUID] = ASKED("getuid\0getuid32\0"),
	[ASK_GETEUID] = ASKED("geteuid\0geteuid32\0"),
	[ASK_GETGID] = ASKED("getgid\0getgid32\0"),
	[ASK_GETEGID] = ASKED("getegid\0getegid32\0"),
	[ASK_GETRESUID] = ASKED("getresuid\0getresuid32\0"),
	[ASK_GETRESGID] = ASKED("getresgid\0getresgid32\0"),
	[ASK_GETGROUPS] = ASKED("getgroups\0getgroups32\0"),
	[ASK_SETUID] = ASKED("setuid\0setuid32\0"),
	[ASK_SETGID] = ASKED("setgid\0setgid32\0"),
	[ASK_SETREUID] = ASKED("setreuid\0setreuid32\0"),
	[ASK_SETREGID] = ASKED("setregid\0setregid32\0"),
	[ASK_SETRESUID] = ASKED("setresuid\0setresuid32\0"),
	[ASK_SETRESGID] = ASKED("setresgid\0setresgid32\0"),
	[ASK_SETFSUID] = ASKED("setfsuid\0setfsuid32\0"),
	[ASK_SETFSGID] = ASKED("setfsgid\0setfsgid32\0"),
	[ASK_SETGROUPS] = ASKED("setgroups\0setgroups32\0"),
	[ASK_CAPGET] = ASKED("capget\0"),
	[ASK_CAPSET] = ASKED("capset\0"),
	[ASK_GET_KEEPCAPS] = ASKED_OF("prctl\0", 0, PR_GET_KEEPCAPS),
	[ASK_SET_KEEPCAPS] = ASKED_OF("prctl\0", 0, PR_SET_KEEPCAPS),
	[ASK_GET_SECUREBITS] = ASKED_OF("prctl\0", 0, PR_GET_SECUREBITS),
	[ASK_SET_SECUREBITS] = ASKED_OF("prctl\0", 0, PR_SET_SECUREBITS),
	[ASK_GET_NO_NEW_PRIVS] = ASKED_OF("prctl\0", 0, PR_GET_NO_NEW_PRIVS),
	[ASK_SET_NO_NEW_PRIVS] = ASKED_OF("prctl\0", 0, PR_SET_NO_NEW_PRIVS),
	[ASK_GET_TIMERSLACK] = ASKED_OF("prctl\0", 0, PR_GET_TIMERSLACK),
	[ASK_SET_TIMERSLACK] = ASKED_OF("prctl\0", 0, PR_SET_TIMERSLACK),
	[ASK_CAP_AMBIENT] = ASKED_OF("prctl\0", 0, PR_CAP_AMBIENT),
	[ASK_EXECVE] = ASKED("execve\0"),
	[ASK_EXECVEAT] = ASKED("execveat\0"),
	[ASK_KILL] = ASKED("kill\0"),
	[ASK_PEERCRED] = ASKED_OF("getsockopt\0", 2, SO_PEERCRED),
	[ASKS] = { .names = "chown\0chown32\0fchown\0fchown32\0fchownat\0lchown\0lchown32\0",
		.verdict = FAIL(0) },
};

const struct seccomp_rules seccomp_emulations[] = {
	[SECCOMP_EMULATE_BASIC] = { emulate_rules, COUNT(emulate_rules) },
	[SECCOMP_EMULATE_IDS] = { emulate_ids_rules, COUNT(emulate_ids_rules) },
};

bool seccomp_rule_counts(const struct seccomp_rule *r, const struct seccomp_target *t)
{
	const struct seccomp_when *in = &r->includes, *ex = &r->excludes;

	if ((ex->arches & t->arch) || (ex->caps & t->caps) ||
		(ex->min_kernel && t->kernel >= ex->min_kernel))
		return false;
	return (!in->arches || (in->arches & t->arch)) && (in->caps & t->caps) == in->caps &&
	       t->kernel >= in->min_kernel;
}

static bool table_same_rule(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	const char *x = a->names, *y = b->names;

	while (*x && strcmp(x, y) == 0) {
		x += strlen(x) + 1;
		y += strlen(y) + 1;
	}
	return !*x && !*y && a->verdict == b->verdict && a->n_args == b->n_args &&
	       (!a->n_args || memcmp(a->args, b->args, a->n_args * sizeof(*a->args)) == 0);
}

bool seccomp_policy_same(const struct seccomp_policy *a, const struct seccomp_policy *b,
	const struct seccomp_target *t)
{
	const unsigned abis = seccomp_abis(t->arch);
	size_t n = 0;

	for (size_t i = 0; i < b->rules.n; i++) {
		if (!seccomp_rule_counts(&b->rules.v[i], t))
			continue;
		if (n == a->rules.n || !table_same_rule(&a->rules.v[n++], &b->rules.v[i]))
			return false;
	}
	return n == a->rules.n && a->default_verdict == b->default_verdict &&
	       a->flags == b->flags && (a->abis & abis) == (b->abis & abis);
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
