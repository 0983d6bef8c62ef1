/*
 * systemd_scope: asks the caller's systemd for a scope.
 * Starts busctl(1), which belongs to systemd as systemd-run does but leaves this process where it
 * is; reads /proc/self/cgroup.
 */
#include "kernel/systemd_scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel/host_program.h"
#include "util/fd.h"

#define SYSTEMD_SCOPE_TEXT_MAX 400
#define SYSTEMD_SCOPE_PAUSE_NS 5000000L /* between two looks at the caller's cgroup */
#define SYSTEMD_SCOPE_PAUSES 400

static bool systemd_scope_is_ours(const char *name)
{
	auto_fd fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, 1u << 20, NULL);

	return text && strstr(text, name);
}

int systemd_scope_enter(struct err *e)
{
	static const struct timespec pause = { .tv_nsec = SYSTEMD_SCOPE_PAUSE_NS };
	char name[48], pid[16], text[SYSTEMD_SCOPE_TEXT_MAX];
	const char *words[] = { "busctl", "--user", "call", "org.freedesktop.systemd1",
		"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
		"StartTransientUnit", "ssa(sv)a(sa(sv))", name, "fail", "2", "PIDs", "au", "1", pid,
		"Delegate", "b", "true", "0", NULL };
	int status;

	(void)snprintf(name, sizeof(name), "sandbox-%d.scope", (int)getpid());
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	status = host_program_run((char *const *)words, NULL, text, sizeof(text));
	if (status < 0)
		return err_set(e, errno, "no systemd (busctl)");
	if (status > 0)
		return err_set(e, 0, "systemd: %s", text[0] ? text : "refused");
	for (int i = 0; i < SYSTEMD_SCOPE_PAUSES; i++) {
		if (systemd_scope_is_ours(name))
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return err_set(e, 0, "systemd made no scope in time");
}
