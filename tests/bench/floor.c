/*
 * floor: the least that a program with namespaces can cost, to hold sandbox against.
 * Run by tests/bench/bench.py.  Usage: floor [-m none|binds|oci|all] ROOT COMMAND [ARGUMENT]...
 * ROOT is a directory of the caller with dev, proc, sys, tmp and etc in it (and files dev/null and
 * so on for binds).  Touches only its own mounts.  No filter, no capabilities dropped, no init, no
 * overlay; `all` has those as well: the calls that the kernel wants for what `sandbox run` gives,
 * each by the shortest way, all of them known beforehand, and no look at whether it was right.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp_default.h"

enum level { LEVEL_NONE, LEVEL_BINDS, LEVEL_OCI, LEVEL_ALL };

static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };

static void must(int result, const char *what)
{
	if (result == 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	must(fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0, file);
	close(fd);
}

/* One id, as user_namespaces(7) lets everybody map; setgroups(2) must be denied first. */
static void map_ids(uid_t uid, gid_t gid)
{
	char line[64];

	put("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1", uid);
	put("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "0 %u 1", gid);
	put("/proc/self/gid_map", line);
}

static void bind_devices(bool create)
{
	char from[32], to[32];

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(from, sizeof(from), "/dev/%s", devices[i]);
		snprintf(to, sizeof(to), "dev/%s", devices[i]);
		if (create)
			must(mknod(to, S_IFREG | 0666, 0), to);
		must(mount(from, to, NULL, MS_BIND, NULL), to);
	}
}

/* The default mounts of the OCI runtime spec's config-linux.md, but a bind of /sys, since a sysfs
 * needs a network of its own. */
static void mount_oci(void)
{
	const unsigned long quiet = MS_NOSUID | MS_NOEXEC;

	must(mount("proc", "proc", "proc", quiet | MS_NODEV, NULL), "proc");
	must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=65536k"), "dev");
	must(mkdir("dev/pts", 0755) || mkdir("dev/shm", 0755) || mkdir("dev/mqueue", 0755),
		"below dev");
	must(mount("devpts", "dev/pts", "devpts", quiet, "newinstance,ptmxmode=0666,mode=0620"),
		"dev/pts");
	must(mount("shm", "dev/shm", "tmpfs", quiet | MS_NODEV, "mode=1777,size=65536k"),
		"dev/shm");
	must(mount("mqueue", "dev/mqueue", "mqueue", quiet | MS_NODEV, NULL), "dev/mqueue");
	must(mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL), "sys");
	/* With version 2 alone it is there already, by way of /sys, and mount(2) refuses the same
	 * once more. */
	if (mount("cgroup", "sys/fs/cgroup", "cgroup2", quiet | MS_NODEV, NULL) < 0 &&
		errno != EBUSY)
		must(-1, "sys/fs/cgroup");
	bind_devices(true);
}

/* An overlay over the root, with what is written in memory; "." is its root then. */
static void mount_overlay(const char *root)
{
	char options[512];

	must(mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=700"), "tmp");
	must(chdir("tmp"), "tmp");
	must(mkdir("upper", 0755) || mkdir("work", 0755) || mkdir("root", 0755) ||
			mkdir("empty", 0755),
		"below tmp");
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=upper,workdir=work,userxattr",
		root);
	must(mount("overlay", "root", "overlay", 0, options), "overlay");
}

/* Three files of /etc, each a mount, and a read-only /sys. */
static void mount_files(void)
{
	static const char *const names[] = { "hosts", "hostname", "resolv.conf" };
	char from[32], to[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(from, sizeof(from), "../%s", names[i]);
		snprintf(to, sizeof(to), "etc/%s", names[i]);
		must(mknod(from, S_IFREG | 0644, 0), from);
		put(from, "127.0.0.1 localhost\n");
		(void)mknod(to, S_IFREG | 0644, 0);
		must(mount(from, to, NULL, MS_BIND, NULL), to);
	}
	must(mount(NULL, "sys", NULL,
		     MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
		"sys");
}

/* Docker's masked and read-only paths, as far as they are there. */
static void hide(void)
{
	static const char *const files[] = { "proc/interrupts", "proc/kcore", "proc/keys",
		"proc/latency_stats", "proc/sched_debug", "proc/timer_list", "proc/timer_stats" };
	static const char *const dirs[] = { "proc/acpi", "proc/asound", "proc/scsi",
		"sys/devices/virtual/powercap", "sys/firmware" };
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)mount("/dev/null", files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mount("../empty", dirs[i], NULL, MS_BIND, NULL) == 0)
			must(mount(NULL, dirs[i], NULL,
				     MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL),
				dirs[i]);
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
		must(mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL), read_only[i]);
		must(mount(NULL, read_only[i], NULL,
			     MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			     NULL),
			read_only[i]);
	}
}

/* Fourteen capabilities, and the filter. */
static void confine(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	struct sock_fprog filter = {
		.len = sizeof(seccomp_ready_emulate) / sizeof(seccomp_ready_emulate[0]),
		.filter = (struct sock_filter *)seccomp_ready_emulate,
	};
	const unsigned keep = 0xa80425fb; /* as `docker run` has it */

	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (i > 31 || !(keep >> i & 1))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), "bounding set");
	data[0].effective = data[0].permitted = keep;
	must((int)syscall(SYS_capset, &head, data), "capabilities");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	must((int)syscall(
		     SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter),
		"filter");
}

struct job {
	enum level level;
	char **command;
};

static int execute(void *arg)
{
	const struct job *job = arg;

	if (job->level == LEVEL_ALL)
		confine();
	execv(job->command[0], job->command);
	must(-1, job->command[0]);
	return 125;
}

/* As process 1 of `all`: the command's parent. */
static int wait_for(pid_t pid)
{
	int status;

	must(pid < 0 || waitpid(pid, &status, 0) < 0 ? -1 : 0, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

_Noreturn static void child(
	enum level level, const char *root, char **command, uid_t uid, gid_t gid)
{
	struct job job = { level, command };
	alignas(16) static char stack[16384];

	map_ids(uid, gid);
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
	must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
	must(chdir(root), root);
	if (level == LEVEL_ALL) {
		mount_overlay(root);
		must(chdir("root"), "root");
	}
	if (level == LEVEL_OCI || level == LEVEL_ALL)
		mount_oci();
	if (level == LEVEL_ALL) {
		mount_files();
		hide();
	}
	if (level == LEVEL_BINDS) {
		must(mount("proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "proc");
		must(mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL), "sys");
		bind_devices(false);
	}
	/* The old root comes to lie on the new one, pivot_root(2), and is what "." is then. */
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "/");
	/* In the memory of process 1, which waits for the exec, as vfork(2) has it. */
	if (level == LEVEL_ALL)
		_exit(wait_for(clone(
			execute, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &job)));
	_exit(execute(&job));
}

int main(int argc, char **argv)
{
	const int namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			       CLONE_NEWUTS | CLONE_NEWCGROUP;
	enum level level = LEVEL_BINDS;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		level = strcmp(argv[2], "none") == 0  ? LEVEL_NONE
			: strcmp(argv[2], "oci") == 0 ? LEVEL_OCI
			: strcmp(argv[2], "all") == 0 ? LEVEL_ALL
						      : LEVEL_BINDS;
		argv += 2;
		argc -= 2;
	}
	if (argc < 3) {
		fprintf(stderr,
			"usage: floor [-m none|binds|oci|all] ROOT COMMAND [ARGUMENT]...\n");
		return 125;
	}
	/* With no stack of its own the child goes on here, on a copy: clone(2).  It only makes
	 * system calls. */
	pid_t pid = (pid_t)syscall(
		SYS_clone, (unsigned long)(namespaces | SIGCHLD), NULL, NULL, NULL, NULL);
	must(pid < 0 ? -1 : 0, "clone");
	if (pid == 0)
		child(level, argv[1], argv + 2, uid, gid);
	return wait_for(pid);
}
