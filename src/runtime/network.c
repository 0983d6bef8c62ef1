/*
 * network: starts and ends pasta(1).
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

#include "kernel/host_program.h"
#include "plan/network.h"
#include "util/fd.h"
#include "util/path.h"

#define NETWORK_TEXT_MAX 400 /* of what pasta says */

/* What the outsider does. */
struct network_task {
	const char *ports; /* as a plan has them */
	pid_t runner;	   /* whose network is connected */
};

/* As pasta has it, "-t SPEC" for each of "SPEC/tcp", and "-t none" where there are none. */
static void network_ports_words(struct arena *a, struct strv *words, const char *ports,
	const char *protocol, const char *option)
{
	size_t before = words->n, end = strlen(protocol);

	for (const char *s = ports ? ports : ""; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		if (n > end && strncmp(s + n - end, protocol, end) == 0) {
			strv_add_copy(a, words, option);
			strv_add(a, words, arena_strndup(a, s, n - end));
		}
		s += n;
	}
	if (words->n > before)
		return;
	strv_add_copy(a, words, option);
	strv_add_copy(a, words, "none");
}

/*
 * Nothing of the host gets in unless asked for: not its ports (pasta's default takes the bound
 * ones), and not its loopback behind the gateway's address.
 */
static char **network_words(struct arena *a, const struct network_task *t)
{
	static const char *const fixed[] = { "pasta", "--config-net", "--quiet", "--no-map-gw",
		"--dns-forward", NETWORK_DNS, "-T", "none", "-U", "none" };
	struct strv words = { 0 };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		strv_add_copy(a, &words, fixed[i]);
	network_ports_words(a, &words, t->ports, "/tcp", "-t");
	network_ports_words(a, &words, t->ports, "/udp", "-u");
	/* Started by root, pasta would become nobody, which cannot enter root's namespaces. */
	if (geteuid() == 0) {
		strv_add_copy(a, &words, "--runas");
		strv_add_copy(a, &words, "0");
	}
	strv_add(a, &words, arena_printf(a, "%ld", (long)t->runner));
	return words.v;
}

/* Kill what pasta left in the background: this process is a subreaper and inherits it, prctl(2). */
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
		/* If this is not possible, pasta ends by itself when its namespace is gone. */
		if (kill((pid_t)pid, SIGKILL) == 0)
			(void)waitpid((pid_t)pid, NULL, 0);
	}
}

static void network_run(const struct network_task *t, struct err *e)
{
	struct arena a = { 0 };
	char text[NETWORK_TEXT_MAX];
	char *env[] = { (char *)"LC_ALL=C", (char *)"PATH=" PATH_DEFAULT, NULL };
	int status = host_program_run(network_words(&a, t), env, text, sizeof(text));

	if (status < 0) {
		(void)err_set(e, errno, "--network private: pasta");
		(void)err_hint(e,
			"it belongs to the package passt; without it there are --network host and none");
	} else if (status > 0) {
		(void)err_set(e, 0, "--network private: pasta: %s", text[0] ? text : "failed");
		if (access("/dev/net/tun", R_OK | W_OK) < 0)
			(void)err_hint(e, "it needs /dev/net/tun, which you cannot open: %s",
				strerror(errno));
	}
	arena_done(&a);
}

static _Noreturn void network_main(int go, int answer, const void *arg)
{
	const struct network_task *t = arg;
	const int keep[] = { go, answer };
	struct err e = { 0 };
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte;

	/*
	 * Out of reach of the terminal's keys, and without the streams: other programs wait for
	 * their end.
	 */
	(void)setsid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	fd_close_from(STDERR_FILENO + 1, keep, 2);
	if (fd_read_full(go, &byte, 1) == 1) {
		network_run(t, &e);
		/*
		 * If the runner was killed meanwhile, this process must stay: pasta is still there.
		 */
		(void)signal(SIGPIPE, SIG_IGN);
		(void)fd_write_full(answer, &e, sizeof(e));
		(void)close(answer);
		(void)fd_read_full(go, &byte, 1);
		network_kill_children();
	}
	_exit(0);
}

int network_start(struct outsider *a, const char *ports, struct err *e)
{
	const struct network_task t = { .ports = ports, .runner = getpid() };

	return outsider_start(a, network_main, &t, e);
}

int network_connect(struct outsider *a, struct err *e)
{
	return a->pid ? outsider_ask(a, "the network's helper", e) : 0;
}
