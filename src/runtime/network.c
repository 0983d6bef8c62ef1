/*
 * network: starts and ends pasta(1).
 * Starts a process that starts another; both stay in the host's namespaces.
 */
#include "runtime/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/host_program.h"
#include "plan/network.h"
#include "util/fd.h"
#include "util/log.h"
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

/*
 * Before July 2024 pasta lost answers from a UDP port that was published under another number, on
 * their way to a client on the host's loopback.  An option that came in August tells the two apart.
 */
static bool network_answers(void)
{
	static const char *const words[] = { "pasta", "--map-host-loopback", "none", "--version",
		NULL };
	char text[NETWORK_TEXT_MAX];

	return host_program_run((char *const *)words, NULL, text, sizeof(text)) <= 0;
}

/* One of the plan's ports: "[ADDRESS/]FIRST-LAST:INNER-INNER/tcp" or "/udp" */
struct network_port {
	char *address; /* "": all */
	unsigned first, last, inner;
	bool udp;
};

static struct network_port network_port_read(char *spec)
{
	char *ports = strchr(spec, '/'), *protocol = strrchr(spec, '/');
	struct network_port p = { .address = (char *)"", .udp = strcmp(protocol, "/udp") == 0 };

	if (ports != protocol) {
		*ports++ = '\0';
		p.address = spec;
	}
	(void)sscanf(ports != protocol ? ports : spec, "%u-%u:%u", &p.first, &p.last, &p.inner);
	return p;
}

/* Can pasta have a port?  Of a range it takes what it can get, without a word.  Returns 0, or -1 with errno. */
static int network_try(const struct network_port *p, unsigned number)
{
	const uint16_t port = htons((uint16_t)number);
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = port };
	const bool is_six = inet_pton(AF_INET6, p->address, &six.sin6_addr) == 1;
	const int kind = p->udp ? SOCK_DGRAM : SOCK_STREAM, on = 1;
	auto_fd fd = socket(is_six ? AF_INET6 : AF_INET, kind | SOCK_CLOEXEC, 0);

	(void)inet_pton(AF_INET, p->address, &four.sin_addr);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* as pasta does */
	return is_six ? bind(fd, (struct sockaddr *)&six, sizeof(six))
		      : bind(fd, (struct sockaddr *)&four, sizeof(four));
}

static int network_check_free(const struct network_port *p, struct err *e)
{
	for (unsigned i = p->first; i <= p->last; i++) {
		if (network_try(p, i) == 0)
			continue;
		(void)err_set(e, errno, "--publish: %s%sport %u of the host", p->address,
			*p->address ? ", " : "", i);
		return errno == EACCES
			       ? err_hint(e,
					 "ports below the sysctl net.ipv4.ip_unprivileged_port_start are root's: publish it as another, such as %u",
					 8000 + i)
			       : -1;
	}
	return 0;
}

/* An error where only the host's loopback reaches the port. */
static int network_check_answers(const struct network_port *p, struct err *e)
{
	if (!p->udp || p->first == p->inner || network_answers())
		return 0;
	(void)err_set(e, 0,
		"--publish: clients on this machine's loopback get no answer from UDP port %u under the number %u",
		p->inner, p->first);
	(void)err_hint(e,
		"publish it under the same number, or install passt of 2024-08-21 or newer, as in Debian 13");
	if (strncmp(p->address, "127.", 4) == 0 || strcmp(p->address, "::1") == 0)
		return -1;
	log_note("%s: %s", e->msg, e->hint);
	return 0;
}

static int network_check_ports(const char *ports, struct err *e)
{
	auto_free char *copy = xstrdup(ports ? ports : "");
	char *rest = *copy ? copy : NULL, *spec;

	while ((spec = strsep(&rest, " "))) {
		const struct network_port p = network_port_read(spec);

		if (network_check_answers(&p, e) < 0 || network_check_free(&p, e) < 0)
			return -1;
	}
	return 0;
}

int network_start(struct outsider *a, const char *ports, struct err *e)
{
	const struct network_task t = { .ports = ports, .runner = getpid() };

	if (network_check_ports(ports, e) < 0)
		return -1;
	return outsider_start(a, network_main, &t, e);
}

int network_connect(struct outsider *a, struct err *e)
{
	return a->pid ? outsider_ask(a, "the network's helper", e) : 0;
}
