/*
 * floor: the least that a program with namespaces can cost, to hold sandbox against.
 * Run by tests/bench/bench.py.  Usage: floor [-m none|binds|oci] ROOT COMMAND [ARGUMENT]...
 * ROOT is a directory of the caller with dev, proc and sys in it (and files dev/null and so on for
 * binds).  Touches only its own mounts.  No filter, no capabilities dropped, no init, no overlay.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum level { LEVEL_NONE, LEVEL_BINDS, LEVEL_OCI };

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

_Noreturn static void child(
	enum level level, const char *root, char **command, uid_t uid, gid_t gid)
{
	map_ids(uid, gid);
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
	must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
	must(chdir(root), root);
	if (level == LEVEL_OCI)
		mount_oci();
	if (level == LEVEL_BINDS) {
		must(mount("proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "proc");
		must(mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL), "sys");
		bind_devices(false);
	}
	/* The old root comes to lie on the new one, pivot_root(2), and is what "." is then. */
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "/");
	execv(command[0], command);
	must(-1, command[0]);
	_exit(125);
}

int main(int argc, char **argv)
{
	const int namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			       CLONE_NEWUTS | CLONE_NEWCGROUP;
	enum level level = LEVEL_BINDS;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int status;

	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		level = strcmp(argv[2], "none") == 0  ? LEVEL_NONE
			: strcmp(argv[2], "oci") == 0 ? LEVEL_OCI
						      : LEVEL_BINDS;
		argv += 2;
		argc -= 2;
	}
	if (argc < 3) {
		fprintf(stderr, "usage: floor [-m none|binds|oci] ROOT COMMAND [ARGUMENT]...\n");
		return 125;
	}
	/* With no stack of its own the child goes on here, on a copy: clone(2).  It only makes
	 * system calls. */
	pid_t pid = (pid_t)syscall(
		SYS_clone, (unsigned long)(namespaces | SIGCHLD), NULL, NULL, NULL, NULL);
	must(pid < 0 ? -1 : 0, "clone");
	if (pid == 0)
		child(level, argv[1], argv + 2, uid, gid);
	must(waitpid(pid, &status, 0) < 0 ? -1 : 0, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
