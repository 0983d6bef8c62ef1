/*
 * phases: creates a sandbox and leaves it in front of its gate, as an engine's `create` does; opens
 * the gate, as `start` does; stands in for an engine's monitor.
 * Used by tests/e2e/phases.sh.
 *
 *   phases create [-i] [-s] [-t] ROOTFS GATE COMMAND...
 *       -i: the command has an init, and is not process 1 itself
 *       -s: supervised: wait for the gate, and die with the sandbox
 *       -t: with a terminal: open the gate and print what comes out of it
 *       makes the FIFO GATE, writes the number of process 1 to GATE.pid
 *   phases start GATE
 *   phases monitor COMMAND...
 *       a child subreaper that runs COMMAND, then prints "NUMBER STATUS" for each orphan that ends
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/make.h"
#include "runtime/runtime.h"
#include "util/fd.h"

static int failed(const struct err *e)
{
	fprintf(stderr, "sandbox: %s\n", e->msg);
	return e->status ? e->status : EXIT_SANDBOX;
}

/* What comes out of the terminal whose master is sent to socket. */
static int print_terminal(int socket)
{
	char byte, text[512], space[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	int master;
	ssize_t n;

	if (recvmsg(socket, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return 1;
	memcpy(&master, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(master));
	(void)fcntl(master, F_SETFL, 0);
	while ((n = read(master, text, sizeof(text))) > 0)
		(void)fd_write_full(STDOUT_FILENO, text, (size_t)n);
	return 0;
}

static void write_pid(const char *gate, pid_t pid)
{
	char name[64];
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s.pid", gate);
	file = fopen(name, "w");
	if (!file)
		return;
	fprintf(file, "%d\n", (int)pid);
	fclose(file);
}

static int create(const struct runtime_options *o, const struct plan *p, const char *rootfs,
	const char *gate, int console)
{
	const struct run_resources res = { .rootfs = open(
						   rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct runtime *r;
	struct err e;
	int status;

	if (runtime_create(p, &res, o, &r, &e) < 0)
		return failed(&e);
	write_pid(gate, runtime_pid(r));
	if (!o->outlive) {
		status = runtime_wait(r, NULL, &e);
		return status < 0 ? failed(&e) : status;
	}
	runtime_leave(r);
	if (console < 0)
		return 0;
	return runtime_open_gate(AT_FDCWD, gate, &e) < 0 ? failed(&e) : print_terminal(console);
}

static int create_main(int argc, char **argv)
{
	const struct image_config config = { .os = NULL };
	struct runtime_options o = { .outlive = true, .console = -1, .door = -1 };
	struct run_options options = { .no_init = true };
	struct host_facts facts = {
		.uid = geteuid(), .gid = getegid(), .hostname = "h", .cwd = "/"
	};
	int socket[2] = { -1, -1 }, c, status;
	struct plan p;
	struct err e;

	while ((c = getopt(argc, argv, "+ist")) > 0) {
		options.no_init &= c != 'i';
		o.outlive &= c != 's';
		options.tty |= c == 't';
	}
	argv += optind;
	if (argc - optind < 3 ||
		(options.tty && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket)))
		return 2;
	facts.rootfs = argv[0];
	facts.environ = argv + argc - optind;
	options.command = argv + 2;
	o.console = socket[1];
	if (mkfifo(argv[1], 0600) < 0 && errno != EEXIST)
		return 2;
	o.gate = open(argv[1], O_RDWR | O_CLOEXEC);
	if (plan_make(&p, &config, &options, &facts, &e) < 0)
		return failed(&e);
	status = create(&o, &p, argv[0], argv[1], socket[0]);
	plan_done(&p);
	return status;
}

static int monitor_main(char **argv)
{
	pid_t first, pid;
	int status;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	first = fork();
	if (first == 0) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR)
		if (pid > 0 && pid != first)
			printf("%d %d\n", (int)pid,
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	return 0;
}

int main(int argc, char **argv)
{
	struct err e;

	if (argc > 2 && strcmp(argv[1], "create") == 0)
		return create_main(argc - 1, argv + 1);
	if (argc == 3 && strcmp(argv[1], "start") == 0)
		return runtime_open_gate(AT_FDCWD, argv[2], &e) < 0 ? failed(&e) : 0;
	if (argc > 2 && strcmp(argv[1], "monitor") == 0)
		return monitor_main(argv + 2);
	return 2;
}
