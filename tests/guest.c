/*
 * guest: a program inside a sandbox that wants to get out.
 * Run by tests/e2e/guest.sh.  Usage: guest SECRET: SECRET is the path of a file of the host.
 * Writes one line for each attempt: "refused NAME", "SUCCEEDED NAME: what was seen" or "left-out
 * NAME: why".
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32 0x40000000L
#define WIDE 0x7fffffff00000000L /* what the kernel does not look at in an ioctl's number */

static void refused(const char *name)
{
	printf("refused %s\n", name);
}

static void succeeded(const char *name, const char *what)
{
	printf("SUCCEEDED %s: %s\n", name, what);
}

static void left_out(const char *name, const char *why)
{
	printf("left-out %s: %s\n", name, why);
}

/* ---- system calls that the filter refuses: any other answer means that the kernel has seen them
 * ---- */

struct call {
	const char *name;
	long nr;
	long args[6];
	int want; /* the errno; 0: EPERM or ENOSYS */
};

#define P(s) ((long)(uintptr_t)(s))

static const struct call calls[] = {
	{ "mount", SYS_mount, { P("none"), P("/tmp"), P("tmpfs"), 0, 0, 0 }, EPERM },
	{ "mount: remount read-write", SYS_mount,
		{ P("none"), P("/proc/sys"), 0, MS_REMOUNT | MS_BIND, 0, 0 }, EPERM },
	{ "mount: bind", SYS_mount, { P("/"), P("/tmp"), 0, MS_BIND | MS_REC, 0, 0 }, EPERM },
	{ "mount: a fresh proc", SYS_mount, { P("proc"), P("/tmp"), P("proc"), 0, 0, 0 }, EPERM },
	{ "mount: cgroup version 1 (CVE-2022-0492)", SYS_mount,
		{ P("c"), P("/tmp"), P("cgroup"), 0, P("rdma"), 0 }, EPERM },
	{ "umount of a mask", SYS_umount2, { P("/proc/kcore"), MNT_DETACH, 0, 0, 0, 0 }, EPERM },
	{ "umount of /proc", SYS_umount2, { P("/proc"), MNT_DETACH, 0, 0, 0, 0 }, EPERM },
	{ "pivot_root", SYS_pivot_root, { P("/"), P("/tmp"), 0, 0, 0, 0 }, EPERM },
	{ "unshare a user namespace", SYS_unshare, { CLONE_NEWUSER, 0, 0, 0, 0, 0 }, EPERM },
	{ "unshare a mount namespace", SYS_unshare, { CLONE_NEWNS, 0, 0, 0, 0, 0 }, EPERM },
	{ "unshare a network namespace", SYS_unshare, { CLONE_NEWNET, 0, 0, 0, 0, 0 }, EPERM },
	{ "clone with a user namespace", SYS_clone, { CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0, 0 },
		EPERM },
	{ "clone with a mount namespace", SYS_clone, { CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0, 0 },
		EPERM },
	{ "clone3", 435, { 0, 0, 0, 0, 0, 0 }, ENOSYS },
	{ "setns", SYS_setns, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "open_tree", 428, { AT_FDCWD, P("/"), 1, 0, 0, 0 }, EPERM },
	{ "move_mount", 429, { AT_FDCWD, P("/"), AT_FDCWD, P("/tmp"), 0, 0 }, EPERM },
	{ "fsopen (CVE-2022-0185)", 430, { P("tmpfs"), 0, 0, 0, 0, 0 }, EPERM },
	{ "fsconfig (CVE-2022-0185)", 431, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "fsmount", 432, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "fspick", 433, { AT_FDCWD, P("/"), 0, 0, 0, 0 }, EPERM },
	{ "mount_setattr", 442, { AT_FDCWD, P("/"), 0, 0, 0, 0 }, EPERM },
	{ "bpf", SYS_bpf, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, 0, 0 }, EPERM },
	{ "userfaultfd", SYS_userfaultfd, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "io_uring_setup", 425, { 1, 0, 0, 0, 0, 0 }, EPERM },
	{ "io_uring_enter", 426, { -1, 0, 0, 0, 0, 0 }, EPERM },
	{ "io_uring_register", 427, { -1, 0, 0, 0, 0, 0 }, EPERM },
	{ "keyctl", SYS_keyctl, { 0, -3, 0, 0, 0, 0 }, EPERM },
	{ "add_key", SYS_add_key, { P("user"), P("x"), P("y"), 1, -3, 0 }, EPERM },
	{ "request_key", SYS_request_key, { P("user"), P("x"), 0, -3, 0, 0 }, EPERM },
	{ "kexec_load", SYS_kexec_load, { 0, 0, 0, 0, 0, 0 }, 0 },
	{ "kexec_file_load", SYS_kexec_file_load, { -1, -1, 0, 0, 0, 0 }, EPERM },
	{ "init_module", SYS_init_module, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "finit_module", SYS_finit_module, { -1, 0, 0, 0, 0, 0 }, EPERM },
	{ "delete_module", SYS_delete_module, { P("x"), 0, 0, 0, 0, 0 }, EPERM },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "swapon", SYS_swapon, { P("/x"), 0, 0, 0, 0, 0 }, EPERM },
	{ "swapoff", SYS_swapoff, { P("/x"), 0, 0, 0, 0, 0 }, EPERM },
	{ "acct", SYS_acct, { P("/x"), 0, 0, 0, 0, 0 }, EPERM },
	{ "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD, 0, 0, 0, 0, 0 }, EPERM },
	{ "settimeofday", SYS_settimeofday, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "clock_settime", SYS_clock_settime, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "quotactl", SYS_quotactl, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "syslog", SYS_syslog, { 3, 0, 0, 0, 0, 0 }, EPERM },
	{ "lookup_dcookie", SYS_lookup_dcookie, { 0, 0, 0, 0, 0, 0 }, 0 },
	{ "nfsservctl", SYS_nfsservctl, { 0, 0, 0, 0, 0, 0 }, 0 },
	{ "vhangup", SYS_vhangup, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "fanotify_init", SYS_fanotify_init, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "kcmp", SYS_kcmp, { 1, 1, 0, 0, 0, 0 }, EPERM },
	{ "pidfd_getfd", 438, { -1, 0, 0, 0, 0, 0 }, EPERM },
	{ "process_madvise", 440, { -1, 0, 0, 0, 0, 0 }, EPERM },
	{ "move_pages", SYS_move_pages, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "migrate_pages", SYS_migrate_pages, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "mbind", SYS_mbind, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "personality without address randomization", SYS_personality,
		{ 0x0040000, 0, 0, 0, 0, 0 }, EPERM },
	{ "sethostname", SYS_sethostname, { P("x"), 1, 0, 0, 0, 0 }, EPERM },
	{ "setdomainname", SYS_setdomainname, { P("x"), 1, 0, 0, 0, 0 }, EPERM },
	{ "a socket to other virtual machines", SYS_socket, { 40, SOCK_STREAM, 0, 0, 0, 0 },
		EPERM },
	{ "a socket to the kernel's ciphers", SYS_socket, { 38, SOCK_SEQPACKET, 0, 0, 0, 0 },
		EPERM },
	{ "a raw socket", SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_ICMP, 0, 0, 0 }, EPERM },
	{ "a packet socket", SYS_socket, { AF_PACKET, SOCK_RAW, 0, 0, 0, 0 }, EPERM },
	{ "a call that no kernel has", 9999, { 0, 0, 0, 0, 0, 0 }, ENOSYS },
#ifdef __x86_64__
	{ "iopl", SYS_iopl, { 3, 0, 0, 0, 0, 0 }, EPERM },
	{ "ioperm", SYS_ioperm, { 0x80, 1, 1, 0, 0, 0 }, EPERM },
	{ "modify the clock", SYS_adjtimex, { 0, 0, 0, 0, 0, 0 }, EFAULT },
	{ "uselib", SYS_uselib, { P("/x"), 0, 0, 0, 0, 0 }, 0 },
	{ "ustat", SYS_ustat, { 0, 0, 0, 0, 0, 0 }, EPERM },
	{ "sysfs", SYS_sysfs, { 3, 0, 0, 0, 0, 0 }, EPERM },
	{ "mount in the x32 ABI", X32 | SYS_mount, { P("none"), P("/tmp"), P("tmpfs"), 0, 0, 0 },
		0 },
	{ "unshare in the x32 ABI", X32 | SYS_unshare, { CLONE_NEWUSER, 0, 0, 0, 0, 0 }, 0 },
	{ "TIOCSTI in the x32 ABI", X32 | 514, { 0, TIOCSTI, P("x"), 0, 0, 0 }, 0 },
	{ "TIOCLINUX in the x32 ABI", X32 | 514, { 0, TIOCLINUX, P("\3"), 0, 0, 0 }, 0 },
#endif
	{ "TIOCSTI", SYS_ioctl, { 0, TIOCSTI, P("x"), 0, 0, 0 }, EPERM },
	{ "TIOCSTI with high bits", SYS_ioctl, { 0, WIDE | TIOCSTI, P("x"), 0, 0, 0 }, EPERM },
	{ "TIOCLINUX", SYS_ioctl, { 0, TIOCLINUX, P("\3"), 0, 0, 0 }, EPERM },
	{ "TIOCLINUX with high bits", SYS_ioctl, { 0, WIDE | TIOCLINUX, P("\3"), 0, 0, 0 }, EPERM },
};

static void try_call(const struct call *c)
{
	const long *a = c->args;
	long r;
	char what[80];

	errno = 0;
	r = syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (r == 0 && c->nr == SYS_clone)
		_exit(0); /* the child that there should not be */
	if (r == -1 && (c->want ? errno == c->want : errno == EPERM || errno == ENOSYS)) {
		refused(c->name);
		return;
	}
	(void)snprintf(what, sizeof(what), "returned %ld, %s", r, strerror(errno));
	succeeded(c->name, what);
}

#ifdef __x86_64__
/* The 32-bit entry; it is a fault where the kernel has none, so it is called in a child. */
static void try_i386(const char *name, long nr, long b, long c, long d)
{
	pid_t pid = fork();
	int status = 0;
	char what[80];

	if (pid == 0) {
		long r;

		__asm__ volatile("int $0x80"
				 : "=a"(r)
				 : "a"(nr), "b"(b), "c"(c), "d"(d)
				 : "memory", "r8", "r9", "r10", "r11");
		_exit(r < 0 ? (int)-r : 0);
	}
	(void)waitpid(pid, &status, 0);
	if (WIFSIGNALED(status)) {
		left_out(name, "this kernel has no 32-bit calls");
		return;
	}
	if (WEXITSTATUS(status) == EPERM || WEXITSTATUS(status) == ENOSYS) {
		refused(name);
		return;
	}
	(void)snprintf(what, sizeof(what), "%s", strerror(WEXITSTATUS(status)));
	succeeded(name, what);
}
#endif

/* ---- files ---- */

struct file {
	const char *path;
	int flags;
};

static const struct file files[] = {
	{ "/proc/sysrq-trigger", O_WRONLY },
	{ "/proc/sys/kernel/core_pattern", O_WRONLY },
	{ "/proc/sys/kernel/modprobe", O_WRONLY },
	{ "/proc/sys/kernel/hostname", O_WRONLY },
	{ "/proc/sys/vm/drop_caches", O_WRONLY },
	{ "/proc/sys/fs/binfmt_misc/register", O_WRONLY },
	{ "/proc/irq/default_smp_affinity", O_WRONLY },
	{ "/proc/self/uid_map", O_WRONLY },
	{ "/sys/kernel/uevent_helper", O_WRONLY },
	{ "/sys/fs/cgroup/cgroup.procs", O_WRONLY },
	{ "/sys/fs/cgroup/release_agent", O_WRONLY },
	{ "/sys/power/state", O_WRONLY },
	{ "/proc/1/mem", O_RDONLY },
	{ "/proc/1/environ", O_RDONLY },
	{ "/proc/1/maps", O_RDONLY },
	{ "/proc/1/exe", O_RDONLY },
	{ "/proc/1/root", O_RDONLY },
	{ "/proc/1/cwd", O_RDONLY },
	{ "/proc/1/ns/mnt", O_RDONLY },
	{ "/proc/1/ns/user", O_RDONLY },
	{ "/proc/1/task/1/root", O_RDONLY },
	{ "/dev/mem", O_RDONLY },
	{ "/dev/kmsg", O_RDONLY },
	{ "/dev/kvm", O_RDONLY },
	{ "/dev/net/tun", O_RDWR },
	{ "/dev/fuse", O_RDWR },
	{ "/dev/loop-control", O_RDWR },
	{ "/dev/vda", O_RDONLY },
	{ "/dev/sda", O_RDONLY },
	{ "/dev/tty0", O_RDWR },
	{ "/dev/pts/0", O_RDWR },
};

static void try_file(const struct file *f)
{
	char name[256], byte;
	bool write = f->flags != O_RDONLY;
	int fd = open(f->path, f->flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	(void)snprintf(name, sizeof(name), "%s %s", write ? "write to" : "open", f->path);
	/* A map was written already, and takes nothing a second time. */
	if (fd < 0 ||
		(strcmp(f->path, "/proc/self/uid_map") == 0 && pwrite(fd, "0 0 1", 5, 0) < 0) ||
		(strcmp(f->path, "/proc/1/environ") == 0 && read(fd, &byte, 1) < 0))
		refused(name);
	else
		succeeded(name, "it opened");
	if (fd >= 0)
		(void)close(fd);
}

/* What is hidden is not there, or holds nothing. */
static void try_hidden(const char *path)
{
	char name[256], byte;
	struct stat st;
	bool seen = false;
	int fd;

	(void)snprintf(name, sizeof(name), "look into %s", path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		DIR *d = opendir(path);
		struct dirent *e;

		while (d && (e = readdir(d)))
			seen = seen || e->d_name[0] != '.';
		if (d)
			(void)closedir(d);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		seen = fd >= 0 && read(fd, &byte, 1) != 0;
		if (fd >= 0)
			(void)close(fd);
	}
	if (seen)
		succeeded(name, "it holds something");
	else
		refused(name);
}

/* Nothing below path can be opened for writing. */
static bool find_writable(const char *path, int depth, char *found, size_t size)
{
	DIR *d = depth ? opendir(path) : NULL;
	bool any = false;
	struct dirent *e;

	while (d && !any && (e = readdir(d))) {
		char sub[4096];
		int fd;

		if (e->d_name[0] == '.' ||
			snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name) >= (int)sizeof(sub))
			continue;
		if (e->d_type == DT_DIR) {
			any = find_writable(sub, depth - 1, found, size);
			continue;
		}
		fd = e->d_type == DT_REG ? open(sub, O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;
		if (fd < 0)
			continue;
		any = true;
		(void)snprintf(found, size, "%s", sub);
		(void)close(fd);
	}
	if (d)
		(void)closedir(d);
	return any;
}

static void try_sys(void)
{
	char found[4096];

	if (find_writable("/sys", 5, found, sizeof(found)))
		succeeded("write to anything in /sys", found);
	else
		refused("write to anything in /sys");
	if (mkdir("/sys/fs/cgroup/mine", 0755) == 0)
		succeeded("make a cgroup", "/sys/fs/cgroup/mine");
	else
		refused("make a cgroup");
}

/* ---- the host's files ---- */

static bool can_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static void try_paths(const char *secret)
{
	static const char *const from[] = { "", "/../../../../../../..", "/proc/self/root/../..",
		"/proc/self/cwd/../../../..", "/proc/1/root", "/proc/1/cwd/../../..",
		"/proc/self/fd/0/../../../..", "/dev/fd/../../../.." };
	char path[4096], name[300];

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", from[i], secret);
		(void)snprintf(name, sizeof(name), "a file of the host by way of \"%s\"", from[i]);
		if (can_read(path))
			succeeded(name, path);
		else
			refused(name);
	}
	/* CVE-2024-21626: a descriptor of the host's root that was left open */
	for (int fd = 3; fd < 1024; fd++) {
		(void)snprintf(
			path, sizeof(path), "/proc/self/fd/%d/../../../../../..%s", fd, secret);
		if (can_read(path)) {
			succeeded("a file of the host through a descriptor", path);
			return;
		}
	}
	refused("a file of the host through a descriptor");
}

/* Out of a chroot one gets with a working directory above it; out of the root there must be
 * nothing. */
static void try_chroot(const char *secret)
{
	const char *name = "out by chroot and a working directory above it";
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (mkdir("/tmp/jail", 0755) < 0 && errno != EEXIST)
			_exit(2);
		if (chroot("/tmp/jail") < 0)
			_exit(0);
		for (int i = 0; i < 64; i++)
			if (chdir("..") < 0)
				_exit(2);
		if (chroot(".") < 0)
			_exit(0);
		_exit(can_read(secret));
	}
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		refused(name);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		succeeded(name, secret);
	else
		left_out(name, "no directory can be made in /tmp");
}

static void try_descriptors(void)
{
	char what[80] = "";

	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(void)snprintf(what, sizeof(what), "descriptor %d is open", fd);
	if (what[0])
		succeeded("a descriptor that was left open", what);
	else
		refused("a descriptor that was left open");
}

/* A device node is not made, or gives no device. */
static void try_device(const char *name, mode_t type, unsigned major_nr, unsigned minor_nr)
{
	int fd;

	(void)unlink("/tmp/node");
	(void)mknod("/tmp/node", type | 0666, makedev(major_nr, minor_nr));
	fd = open("/tmp/node", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	(void)unlink("/tmp/node");
	if (fd >= 0)
		succeeded(name, "it opened");
	else
		refused(name);
}

/* ---- other processes and the kernel ---- */

static void verdict(const char *name, bool worked, const char *what)
{
	if (worked)
		succeeded(name, what);
	else
		refused(name);
}

/* Before, fdinfo asked for nothing but the owner's uid, and root's on the host is that of process
 * 1. */
static bool kernel_guards_fdinfo(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return uname(&u) == 0 && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 14));
}

/* The directory may be listed where the host calls us root, too; what is in it says nothing. */
static void try_descriptors_of_init(void)
{
	const bool guarded = kernel_guards_fdinfo();
	char path[64], to[16];
	bool seen = false;

	for (int fd = 0; fd < 256; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
		seen = seen || readlink(path, to, sizeof(to)) >= 0;
		(void)snprintf(path, sizeof(path), "/proc/1/fdinfo/%d", fd);
		seen = seen || (guarded && can_read(path));
	}
	verdict("look at a descriptor of process 1", seen, "/proc/1/fd");
}

static void try_processes(void)
{
	char buf[16];
	struct iovec mine = { buf, sizeof(buf) }, theirs = { (void *)&errno, sizeof(buf) };
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	verdict("ptrace process 1", ptrace(PTRACE_ATTACH, 1, NULL, NULL) == 0, "attached");
	verdict("ptrace process 1 (seize)", ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0, "attached");
	verdict("read the memory of process 1", process_vm_readv(1, &mine, 1, &theirs, 1, 0) >= 0,
		"read");
	verdict("end process 1",
		kill(1, SIGKILL) == 0 && (usleep(10000), getppid() != 1 && getppid() != 0),
		"it ended");
	while (d && (e = readdir(d)))
		n += e->d_name[0] >= '0' && e->d_name[0] <= '9';
	verdict("see processes of the host", n > 3, "more than three in /proc");
	verdict("go beyond a hard limit",
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 1u << 30, 1u << 30 }) == 0,
		"2^30 files");
	verdict("become more urgent", setpriority(PRIO_PROCESS, 0, -20) == 0, "nice -20");
	verdict("become real-time",
		syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(int){ 1 }) == 0, "SCHED_FIFO");
}

static void try_out_of_memory_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	bool worked = fd >= 0 && write(fd, "-1000", 5) == 5;

	verdict("be spared when memory is out", worked, "-1000");
}

static void try_interface(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* the size that it has, so that no harm is done */
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &r) < 0)
		left_out("set up an interface", "there is no loopback");
	else
		verdict("set up an interface", ioctl(fd, SIOCSIFMTU, &r) == 0, "lo");
	if (fd >= 0)
		(void)close(fd);
}

static void try_rights(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2] = { { 0 } };
	const int far[] = { CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_RAWIO,
		CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_SYS_BOOT, CAP_SYS_TIME, CAP_SYSLOG, CAP_BPF,
		CAP_PERFMON, CAP_CHECKPOINT_RESTORE };
	bool bounding = false, held = false, ambient = false;

	(void)syscall(SYS_capget, &head, now);
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		bounding = bounding || prctl(PR_CAPBSET_READ, far[i], 0, 0, 0) == 1;
		held = held || (now[far[i] / 32].permitted >> far[i] % 32 & 1);
		ambient = ambient || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, far[i], 0, 0) == 0;
	}
	verdict("have a far-reaching capability in reach", bounding, "in the bounding set");
	verdict("hold a far-reaching capability", held, "permitted");
	verdict("pass a far-reaching capability on", ambient, "ambient");
	verdict("gain privileges by a program", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1,
		"no_new_privs is off");
	verdict("take the filter off",
		prctl(PR_SET_SECCOMP, 0, 0, 0, 0) == 0 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2,
		"no filter");
	/* CVE-2016-9962 and CVE-2019-5736 need a process 1 that can be looked at */
	verdict("read what process 1 executes", readlink("/proc/1/exe", (char[16]){ 0 }, 16) >= 0,
		"/proc/1/exe");
}

int main(int argc, char **argv)
{
	static const char *const hidden[] = { "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/sys/firmware",
		"/sys/devices/virtual/powercap" };

	if (argc != 2)
		return 2;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	try_descriptors();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		try_call(&calls[i]);
#ifdef __x86_64__
	try_i386("TIOCSTI in the 32-bit ABI", 54, 0, TIOCSTI, 0);
	try_i386("TIOCLINUX in the 32-bit ABI", 54, 0, TIOCLINUX, 0);
	try_i386("unshare in the 32-bit ABI", 310, CLONE_NEWUSER, 0, 0);
	try_i386("mount in the 32-bit ABI", 21, 0, 0, 0);
	try_i386("bpf in the 32-bit ABI", 357, 0, 0, 0);
	try_i386("keyctl in the 32-bit ABI", 288, 0, -3, 0);
#endif
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		try_file(&files[i]);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		try_hidden(hidden[i]);
	try_sys();
	try_paths(argv[1]);
	try_chroot(argv[1]);
	try_device("a node of the host's memory", S_IFCHR, 1, 1);
	try_device("a node of the kernel's log", S_IFCHR, 1, 11);
	try_device("a node of a disk", S_IFBLK, 254, 0);
	try_processes();
	try_descriptors_of_init();
	try_out_of_memory_score();
	try_interface();
	try_rights();
	return 0;
}
