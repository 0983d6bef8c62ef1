/*
 * network: starts and ends pasta(1).
 * Called by spawn.c.
 * Starts a process that starts another; both stay in the host's namespaces.
 */
#include "runtime/network.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/network.h"
#include "runtime/helper.h"
#include "util/fd.h"

#define NETWORK_TEXT_MAX 400 /* of what pasta says */
#define NETWORK_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void network_ports_words(struct arena *a, struct strv *words, const struct plan *p, bool udp)
{
	bool any = false;

	for (size_t i = 0; i < p->n_ports; i++) {
		if (p->ports[i].udp != udp)
			continue;
		any = true;
		strv_add_copy(a, words, udp ? "-u" : "-t");
		strv_add_copy(a, words, p->ports[i].spec);
	}
	if (!any) {
		strv_add_copy(a, words, udp ? "-u" : "-t");
		strv_add_copy(a, words, "none");
	}
}

/*
 * Nothing of the host is let in that was not asked for: not its ports (pasta's default takes those
 * that are bound), and not its loopback behind the gateway's address.
 */
static char **network_words(struct arena *a, const struct plan *p, pid_t pid)
{
	static const char *const fixed[] = { "pasta", "--config-net", "--quiet", "--no-map-gw",
		"--dns-forward", NETWORK_DNS, "-T", "none", "-U", "none" };
	struct strv words = { 0 };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		strv_add_copy(a, &words, fixed[i]);
	network_ports_words(a, &words, p, false);
	network_ports_words(a, &words, p, true);
	/* As root it would become nobody, who may not look into root's namespaces. */
	if (geteuid() == 0) {
		strv_add_copy(a, &words, "--runas");
		strv_add_copy(a, &words, "0");
	}
	strv_add(a, &words, arena_printf(a, "%ld", (long)pid));
	return words.v;
}

/* What pasta left in the background: processes whose parent has ended come to us, who are a
 * subreaper, prctl(2). */
static void network_kill_children(void)
{
	char path[64];
	auto_fd fd = -1;
	auto_free char *text = NULL;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	text = fd < 0 ? NULL : fd_read_all(fd, 4096, NULL);
	for (char *s = text, *end; s && *s; s = end) {
		long pid = strtol(s, &end, 10);

		if (end == s)
			break;
		/* Without a child to wait for pasta ends by itself, when its namespace is gone. */
		if (kill((pid_t)pid, SIGKILL) == 0)
			(void)waitpid((pid_t)pid, NULL, 0);
	}
}

static void network_run(const struct plan *p, pid_t runner, struct err *e)
{
	struct arena a = { 0 };
	char text[NETWORK_TEXT_MAX];
	char *env[] = { (char *)"LC_ALL=C", (char *)"PATH=" NETWORK_PATH, NULL };
	int status = helper_run(network_words(&a, p, runner), env, text, sizeof(text));

	if (status < 0) {
		(void)err_set(e, errno, "--network private: pasta");
		(void)err_hint(e, "it belongs to the package passt; without it there are "
				  "--network host and none");
	} else if (status > 0) {
		(void)err_set(e, 0, "--network private: pasta: %s", text[0] ? text : "failed");
		if (access("/dev/net/tun", R_OK | W_OK) < 0)
			(void)err_hint(e, "it needs /dev/net/tun, which you may not use: %s",
				strerror(errno));
	}
	arena_done(&a);
}

static _Noreturn void network_main(int go, int answer, const struct plan *p, pid_t runner)
{
	int keep[] = { go < answer ? go : answer, go < answer ? answer : go };
	struct err e = { 0 };
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte;

	/* Out of reach of the terminal's keys, and without the streams, whose end others wait for.
	 */
	(void)setsid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	fd_close_from(STDERR_FILENO + 1, keep, 2);
	if (fd_read_full(go, &byte, 1) == 1) {
		network_run(p, runner, &e);
		/* A runner that was killed meanwhile must not take this process along: pasta stays.
		 */
		(void)signal(SIGPIPE, SIG_IGN);
		(void)fd_write_full(answer, &e, sizeof(e));
		(void)close(answer);
		(void)fd_read_full(go, &byte, 1);
		network_kill_children();
	}
	_exit(0);
}

int network_start(struct network *n, const struct plan *p, struct err *e)
{
	int go[2], answer[2];
	pid_t own = getpid();

	*n = NETWORK_STOPPED;
	if (p->network != NETWORK_PRIVATE)
		return 0;
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	n->go = go[1];
	if (pipe2(answer, O_CLOEXEC) < 0) {
		(void)close(go[0]);
		return err_set(e, errno, "make a pipe");
	}
	n->answer = answer[0];
	n->pid = fork();
	if (n->pid == 0)
		network_main(go[0], answer[1], p, own);
	(void)close(go[0]);
	(void)close(answer[1]);
	return n->pid < 0 ? err_set(e, errno, "start the network's helper") : 0;
}

int network_connect(struct network *n, struct err *e)
{
	struct err got = { 0 };
	bool whole;

	if (!n->pid)
		return 0;
	whole = fd_write_full(n->go, "g", 1) == 0 &&
		fd_read_full(n->answer, &got, sizeof(got)) == (ssize_t)sizeof(got);
	fd_closep(&n->answer);
	n->answer = -1;
	if (!whole)
		return err_set(e, 0, "the network's helper has ended");
	if (!got.msg[0])
		return 0;
	*e = got;
	return -1;
}

void network_done(struct network *n)
{
	fd_closep(&n->go);
	fd_closep(&n->answer);
	while (n->pid > 0 && waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*n = NETWORK_STOPPED;
}
