/*
 * proc: /proc, clocks, and other processes.
 * Reads /proc; sends signals.
 */
#include "util/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/sys.h"

#define PROC_START_FIELD 22 /* of /proc/PID/stat, proc(5) */
#define PROC_USER_FIELD 14  /* the time in the kernel follows */
#define PROC_STAT_MAX 1024
#define PROC_STATUS_MAX 4096	   /* bytes of /proc/PID/status that are looked at */
#define PROC_WORDS_MAX (1 << 24)   /* more than the kernel accepts, execve(2) */
#define PROC_LOCKS_MAX (16u << 20) /* bytes: 200,000 locks */
#define PROC_LOOK_MS 20		   /* how often to check, without a descriptor to wait on */

int proc_reap(pid_t pid)
{
	int status;

	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return pid > 0 ? proc_exit_status(status) : -1;
}

bool proc_is_fs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int proc_open_fs(void)
{
	auto_fd fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && proc_is_fs(fd) ? fd_take(&fd) : -1;
}

ssize_t proc_read(char *text, size_t size, const char *path, ...)
{
	auto_fd fd = -1;
	va_list ap;
	ssize_t n;

	va_start(ap, path);
	(void)vsnprintf(text, size, path, ap);
	va_end(ap);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : fd_read_full(fd, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

/* Read /proc/PID/stat.  Returns what follows the name, which may hold blanks and parentheses, or "". */
static const char *proc_stat(pid_t pid, char text[PROC_STAT_MAX])
{
	const char *at = proc_read(text, PROC_STAT_MAX, "/proc/%d/stat", (int)pid) > 0
				 ? strrchr(text, ')')
				 : NULL;

	return at ? at : "";
}

/* A number of it, counted as in proc(5); the name is the second. */
static uint64_t proc_field(const char *at, int field)
{
	for (int i = 2; at && i < field; i++) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

uint64_t proc_start(pid_t pid)
{
	char text[PROC_STAT_MAX];

	return proc_field(proc_stat(pid, text), PROC_START_FIELD);
}

int64_t proc_runs(pid_t pid)
{
	char text[PROC_STAT_MAX];
	const char *at = proc_stat(pid, text);

	return strncmp(at, ") R", 3) != 0 ? -1
					  : (int64_t)(proc_field(at, PROC_USER_FIELD) +
						      proc_field(at, PROC_USER_FIELD + 1));
}

/* root/fuse_overlayfs.c starts fuse-overlayfs(1), which is not part of the sandbox. */
static bool proc_is_server(pid_t pid)
{
	char name[32];

	return proc_read(name, sizeof(name), "/proc/%d/comm", (int)pid) > 0 &&
	       strcmp(name, PROC_SERVER "\n") == 0;
}

pid_t proc_first_child(pid_t pid)
{
	char text[64], *next;
	pid_t child;

	if (proc_read(text, sizeof(text), "/proc/%d/task/%d/children", (int)pid, (int)pid) < 0)
		return -1;
	child = (pid_t)strtol(text, &next, 10);
	return child > 0 && proc_is_server(child) ? (pid_t)strtol(next, NULL, 10) : child;
}

int proc_open(struct proc *p, pid_t pid, uint64_t start)
{
	*p = (struct proc){ .pid = pid, .fd = -1, .start = start };
	if (pid <= 0)
		return err_errno(ESRCH);
	p->fd = sys_pidfd_open(pid, 0);
	if (p->fd < 0 && !sys_is_missing(errno))
		return -1;
	/* The number may belong to another process by now. */
	if (start && proc_start(pid) != start)
		return err_errno(ESRCH);
	return proc_signal(p, 0);
}

void proc_done(struct proc *p)
{
	fd_closep(&p->fd);
}

pid_t proc_lock_holder(int fd, bool *ret_alone)
{
	auto_fd locks = open("/proc/locks", O_RDONLY | O_CLOEXEC);
	auto_free char *text = locks < 0 ? NULL : fd_read_all(locks, PROC_LOCKS_MAX, NULL);
	char *save = NULL;
	struct stat st;

	*ret_alone = false;
	if (!text || fstat(fd, &st) < 0)
		return 0;
	/* The device is left out: btrfs has another one here than in stat(2). */
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long inode = 0;
		char kind[8] = "";
		long pid = 0;

		if (sscanf(line, "%*d: FLOCK ADVISORY %7s %ld %*x:%*x:%llu", kind, &pid, &inode) !=
				3 ||
			inode != st.st_ino)
			continue;
		*ret_alone = strcmp(kind, "WRITE") == 0;
		return (pid_t)pid;
	}
	return 0;
}

void proc_hide_words(const char *name)
{
	/* The first variable of the environment follows the last word. */
	char *first = program_invocation_name, *end = environ ? environ[0] : NULL;

	if (!first || !end || end <= first || end - first > PROC_WORDS_MAX)
		return;
	memset(first, 0, (size_t)(end - first));
	(void)snprintf(first, (size_t)(end - first), "%s", name);
}

/* How many numbers a process has, one for each process namespace that it is in; 0: it cannot be seen. */
static unsigned proc_depth(pid_t pid)
{
	char text[PROC_STATUS_MAX];
	struct proc p = PROC_NONE;
	const char *at = NULL;
	unsigned n = 0;

	/* The descriptor tells even where procfs hides the process (hidepid=). */
	if (proc_open(&p, pid, 0) == 0 && p.fd >= 0 &&
		proc_read(text, sizeof(text), "/proc/self/fdinfo/%d", p.fd) > 0)
		at = strstr(text, "\nNSpid:");
	if (!at && proc_read(text, sizeof(text), "/proc/%d/status", (int)pid) > 0)
		at = strstr(text, "\nNSpid:");
	proc_done(&p);
	for (at = at ? at + 1 : ""; *at && *at != '\n'; at++)
		n += *at == '\t';
	return n;
}

bool proc_is_beside(pid_t pid)
{
	const unsigned n = pid > 0 ? proc_depth(pid) : 0;

	return n > 0 && n == proc_depth(getpid());
}

int proc_signal(const struct proc *p, int number)
{
	if (p->fd >= 0) {
		if (sys_pidfd_send_signal(p->fd, number) == 0)
			return 0;
		if (!sys_is_missing(errno))
			return -1;
	}
	if (p->start && proc_start(p->pid) != p->start)
		return err_errno(ESRCH);
	return kill(p->pid, number);
}

int proc_signal_command(const struct proc *init, bool alone, int number)
{
	const pid_t pid = alone ? 0 : proc_first_child(init->pid);
	struct proc command = PROC_NONE;
	int r;

	if (pid <= 0)
		return proc_signal(init, number);
	r = proc_open(&command, pid, 0);
	if (r == 0)
		r = proc_first_child(init->pid) == pid ? proc_signal(&command, number)
						       : err_errno(ESRCH);
	proc_done(&command);
	return r;
}

bool proc_wait(const struct proc *p, int milliseconds)
{
	struct pollfd ended = { .fd = p->fd, .events = POLLIN };

	if (p->fd >= 0)
		return poll(&ended, 1, milliseconds) == 1;
	for (int left = milliseconds; proc_signal(p, 0) == 0; left -= PROC_LOOK_MS) {
		if (milliseconds >= 0 && left <= 0)
			return false;
		proc_pause(PROC_LOOK_MS);
	}
	return true;
}

int proc_exit_status(int status)
{
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

void proc_pause(int milliseconds)
{
	const struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	(void)nanosleep(&pause, NULL);
}

int64_t proc_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
