/*
 * machine: process 1 of a machine whose userland is an image.
 * Touches the machine: mounts, the console, the loopback interface, the power; reads
 * /etc/sandbox.init.
 *
 * There are two processes.  This one collects orphans and waits for a request to end; it must never
 * end itself, since the kernel would panic.  The other is the runner, an ordinary `sandbox`.
 */
#include "cli/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/verb.h"
#include "kernel/namespaces.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/proc.h"

#define MACHINE_FILE "/etc/sandbox.init"
#define MACHINE_FILE_MAX (1u << 20)
#define MACHINE_GRACE 10 /* seconds between SIGTERM and SIGKILL, as in Docker */
#define MACHINE_REST 2	 /* seconds in which processes that outlive the runner may tidy up */
#define MACHINE_INPUTS 16
/* reboot(2) in a pid namespace ends its first process by SIGHUP, pid_namespaces(7). */
#define MACHINE_RESTART (EXIT_SIGNAL_BASE + SIGHUP)

/* In this order.  Errors are ignored: EBUSY means that it is mounted already, and whoever needs a
 * missing one reports that. */
static const struct {
	const char *type, *path;
	unsigned long flags;
} machine_mounts[] = {
	{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "devtmpfs", "/dev", MS_NOSUID },
	{ "cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC },
};

bool machine_is_this(void)
{
	/* In a pid namespace the kernel refuses this command with EINVAL, reboot(2). */
	return getpid() == 1 && reboot(RB_DISABLE_CAD) == 0;
}

static void machine_prepare(void)
{
	struct err ignored;

	for (size_t i = 0; i < sizeof(machine_mounts) / sizeof(machine_mounts[0]); i++) {
		(void)mkdir(machine_mounts[i].path, 0755);
		(void)mount(machine_mounts[i].type, machine_mounts[i].path, machine_mounts[i].type,
			machine_mounts[i].flags, NULL);
	}
	(void)namespaces_loopback(&ignored);
	/* Without /dev/console in the initramfs, the kernel starts process 1 without standard
	 * streams. */
	for (int fd = fcntl(2, F_GETFD) < 0 ? open("/dev/console", O_RDWR | O_NOCTTY) : 3;
		fd >= 0 && fd < 2;)
		fd = dup(fd);
}

/* The power button, also ACPI's, is a key of an input device.  Send SIGPWR when it is pressed. */
static _Noreturn void machine_watch_button(struct pollfd *inputs, nfds_t n)
{
	struct input_event ev;

	for (;;) {
		(void)poll(inputs, n, -1);
		for (nfds_t i = 0; i < n; i++) {
			if (inputs[i].revents & ~POLLIN)
				inputs[i].fd = -1; /* it was unplugged */
			else if (inputs[i].revents &&
				 read(inputs[i].fd, &ev, sizeof(ev)) == (ssize_t)sizeof(ev) &&
				 ev.type == EV_KEY && ev.code == KEY_POWER && ev.value == 1)
				(void)kill(1, SIGPWR);
		}
	}
}

/* Returns the process that watches the button, or 0 if there are no input devices. */
static pid_t machine_button(void)
{
	struct pollfd inputs[MACHINE_INPUTS];
	nfds_t n = 0;
	pid_t pid;

	for (int i = 0; i < MACHINE_INPUTS; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "/dev/input/event%d", i);
		inputs[n].fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		inputs[n].events = POLLIN;
		n += inputs[n].fd >= 0;
	}
	pid = n ? fork() : 0;
	if (n && pid == 0)
		machine_watch_button(inputs, n);
	while (n > 0)
		(void)close(inputs[--n].fd);
	return pid;
}

/* One word a line; empty lines and lines that begin with '#' are ignored. */
static int machine_read(struct strv *words, struct arena *a, struct err *e)
{
	auto_fd fd = open(MACHINE_FILE, O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, MACHINE_FILE_MAX, NULL);
	char *rest = NULL;

	if (!text && errno == ENOENT) {
		(void)err_set(e, 0,
			"nothing to run: no verb on the kernel's command line, and no " MACHINE_FILE);
		return err_hint(e, "for example: rdinit=/sandbox -- run IMAGE");
	}
	if (!text)
		return err_set(e, errno, MACHINE_FILE);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (*line != '#')
			strv_add_copy(a, words, line);
	return 0;
}

/* The kernel passes on the words of its command line that it does not know.  Ours begin with a
 * verb. */
static int machine_words(int argc, char **argv, struct strv *ret, struct arena *a, struct err *e)
{
	int at = 1;

	strv_add_copy(a, ret, "sandbox");
	while (at < argc && !verb_find(argv[at]))
		at++;
	for (int i = at; i < argc; i++)
		strv_add_copy(a, ret, argv[i]);
	return at < argc ? 0 : machine_read(ret, a, e);
}

static _Noreturn void machine_run(int argc, char **argv, int (*sandbox)(int argc, char **argv))
{
	struct arena a = { 0 };
	struct strv words = { 0 };
	struct err e = { 0 };
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Make the console the terminal of a session, so that Ctrl-C and job control work. */
	(void)setsid();
	(void)ioctl(STDIN_FILENO, TIOCSCTTY, 0);
	if (machine_words(argc, argv, &words, &a, &e) == 0)
		exit(sandbox((int)words.n, words.v));
	log_note(e.hint[0] ? "%s (%s)" : "%s", e.msg, e.hint);
	exit(EXIT_SANDBOX);
}

/* Reap all processes that ended.  False, with its status, if the runner is one of them. */
static bool machine_reap(pid_t runner, int *ret_status)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != runner)
			continue;
		*ret_status = proc_exit_status(status);
		return false;
	}
	return true;
}

/*
 * Wait for the end of the runner.  Returns a command for reboot(2): SIGTERM and SIGPWR ask for
 * power off, SIGINT (Ctrl-Alt-Del) for a restart; without them the runner's status decides.
 */
static int machine_wait(pid_t runner, const sigset_t *all, int *ret_status)
{
	struct timespec grace = { .tv_sec = MACHINE_GRACE };
	int asked = 0;

	while (machine_reap(runner, ret_status)) {
		int sig = sigtimedwait(all, NULL, asked ? &grace : NULL);

		if (sig < 0 && errno == EAGAIN)
			(void)kill(runner, SIGKILL);
		if (sig != SIGTERM && sig != SIGPWR && sig != SIGINT)
			continue;
		if (!asked)
			(void)kill(runner, SIGTERM);
		asked = sig == SIGINT ? RB_AUTOBOOT : RB_POWER_OFF;
	}
	if (asked)
		return asked;
	return *ret_status == MACHINE_RESTART ? RB_AUTOBOOT : RB_POWER_OFF;
}

/* Give the other processes a moment to end by themselves, then kill them. */
static void machine_clear(const sigset_t *all, pid_t button)
{
	struct timespec rest = { .tv_sec = MACHINE_REST };
	int ignored;

	if (button > 0)
		(void)kill(button, SIGKILL);
	while (machine_reap(0, &ignored) && waitpid(-1, NULL, WNOHANG) == 0 &&
		sigtimedwait(all, NULL, &rest) > 0)
		;
	(void)kill(-1, SIGKILL);
	sync();
	(void)mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

/* In a child: some commands of reboot(2) end their caller, and process 1 must not end. */
static _Noreturn void machine_end(int how)
{
	if (fork() <= 0) {
		(void)reboot(how);
		(void)reboot(RB_HALT_SYSTEM);
	}
	for (;;)
		(void)pause();
}

_Noreturn void machine_main(int argc, char **argv, int (*sandbox)(int argc, char **argv))
{
	sigset_t all;
	int status = EXIT_SANDBOX, how = RB_POWER_OFF;
	pid_t runner, button;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	machine_prepare();
	button = machine_button();
	runner = fork();
	if (runner == 0)
		machine_run(argc, argv, sandbox);
	if (runner < 0)
		log_note("start the first process: %s", strerror(errno));
	else
		how = machine_wait(runner, &all, &status);
	log_note("ended with status %d: the machine %s", status,
		how == RB_AUTOBOOT ? "restarts" : "powers off");
	machine_clear(&all, button);
	machine_end(how);
}
