/*
 * scope: asks the caller's systemd for a scope.
 * Called by cgroup.c.
 * Starts busctl(1), which belongs to systemd as systemd-run does but leaves this process where it
 * is; reads /proc/self/cgroup.
 */
#include "runtime/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/helper.h"
#include "util/fd.h"

#define SCOPE_TEXT_MAX 200
#define SCOPE_PAUSE_NS 5000000L /* between looks whether systemd has moved this process */
#define SCOPE_PAUSES 400

static bool scope_is_ours(const char *name)
{
	auto_fd fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, 1u << 20, NULL);

	return text && strstr(text, name);
}

int scope_enter(struct err *e)
{
	static const struct timespec pause = { .tv_nsec = SCOPE_PAUSE_NS };
	char name[48], pid[16], text[SCOPE_TEXT_MAX];
	const char *words[] = { "busctl", "--user", "call", "org.freedesktop.systemd1",
		"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
		"StartTransientUnit", "ssa(sv)a(sa(sv))", name, "fail", "2", "PIDs", "au", "1", pid,
		"Delegate", "b", "true", "0", NULL };
	int status;

	(void)snprintf(name, sizeof(name), "sandbox-%d.scope", (int)getpid());
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	status = helper_run((char *const *)words, NULL, text, sizeof(text));
	if (status < 0)
		return err_set(e, errno, "no systemd (busctl)");
	if (status > 0)
		return err_set(e, 0, "systemd: %s", text[0] ? text : "refused");
	for (int i = 0; i < SCOPE_PAUSES; i++) {
		if (scope_is_ours(name))
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return err_set(e, 0, "systemd made no scope in time");
}
