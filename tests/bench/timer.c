/*
 * timer: how long a command takes from exec to exit, for all rows of the benchmark alike.
 * Run by tests/bench/measure.py, already as the user of the benchmark.
 * Usage: timer [-n TIMES | -p TOGETHER] [-e TEXT] [-h] COMMAND [ARGUMENT]...
 *	-n	one after the other, -p all at once
 *	-e	standard output shall be TEXT, and the time of its first byte is noted; else it goes
 *to /dev/null -h	hold: say "held" when all were started, and go on when standard input ends
 * An argument @ID becomes a name that no other run of the command has.
 * Writes one line: nanoseconds in all, nanoseconds to the first output, the first status that was
 *not 0, how many were not 0, the resident memory in KiB of the largest process, and how many
 *children the commands left to us. Touches nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The command, and the place in it of a name that shall be new each time, or NULL. */
struct job {
	char **command, **id;
};

struct result {
	uint64_t begun, first;
	int status, failed;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what, int error)
{
	fprintf(stderr, "timer: %s: %s\n", what, strerror(error));
	exit(125);
}

/* posix_spawn(3) shares memory until exec, so that what is timed is the command and not a copy of
 * us. */
static pid_t start(const struct job *job, int out, int i)
{
	posix_spawn_file_actions_t actions;
	char id[64];
	pid_t pid;

	snprintf(id, sizeof(id), "bench-%d-%d", (int)getpid(), i);
	if (job->id)
		*job->id = id;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (out < 0)
		posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&actions, out, 1);
	int error = posix_spawnp(&pid, job->command[0], &actions, NULL, job->command, environ);
	if (error)
		fail(job->command[0], error);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Not just any child: a helper that a command left to us may end at any time. */
static void finish(struct result *r, pid_t pid)
{
	int status, code;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("wait", errno);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (code == 0)
		return;
	r->failed++;
	if (r->status == 0)
		r->status = code;
}

static void run_expecting(struct result *r, const struct job *job, const char *text)
{
	char got[256];
	size_t n = 0;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		fail("pipe", errno);
	r->begun = now();
	pid_t pid = start(job, ends[1], 0);
	close(ends[1]);
	for (ssize_t more; n < sizeof(got) && (more = read(ends[0], got + n, sizeof(got) - n)) > 0;
		n += (size_t)more)
		if (n == 0)
			r->first = now();
	finish(r, pid);
	close(ends[0]);
	if (n == strlen(text) && memcmp(got, text, n) == 0)
		return;
	fprintf(stderr, "timer: not the output that was expected, but %zu bytes: %.*s\n", n, (int)n,
		got);
	r->failed += r->failed == 0;
	r->status = r->status ? r->status : 125;
}

static void run_together(struct result *r, const struct job *job, int together, bool hold)
{
	pid_t *pids = calloc((size_t)together, sizeof(*pids));
	char byte;

	if (!pids)
		fail("calloc", errno);
	r->begun = now();
	for (int i = 0; i < together; i++)
		pids[i] = start(job, -1, i);
	if (hold) {
		puts("held");
		fflush(stdout);
		while (read(0, &byte, 1) > 0)
			;
	}
	for (int i = 0; i < together; i++)
		finish(r, pids[i]);
	free(pids);
}

/* A subreaper inherits what the commands leave behind, prctl(2); whoever is still there now was
 * left. */
static int left_behind(void)
{
	int left = 0, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		;
	if (pid < 0)
		return 0;
	FILE *f = fopen("/proc/thread-self/children", "re");
	if (!f)
		return 1;
	for (int one; fscanf(f, "%d", &one) == 1;)
		left++;
	fclose(f);
	return left;
}

int main(int argc, char **argv)
{
	struct result r = { 0 };
	const char *text = NULL;
	int times = 1, together = 0;
	bool hold = false;

	for (int option; (option = getopt(argc, argv, "+n:p:e:h")) >= 0;) {
		if (option == 'n')
			times = atoi(optarg);
		else if (option == 'p')
			together = atoi(optarg);
		else if (option == 'e')
			text = optarg;
		else if (option == 'h')
			hold = true;
		else
			return 125;
	}
	if (optind == argc)
		return 125;
	struct job job = { .command = argv + optind };
	for (char **p = job.command; *p; p++)
		if (strcmp(*p, "@ID") == 0)
			job.id = p;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (together > 0) {
		run_together(&r, &job, together, hold);
	} else if (text) {
		run_expecting(&r, &job, text);
	} else {
		r.begun = now();
		for (int i = 0; i < times; i++)
			finish(&r, start(&job, -1, i));
	}
	uint64_t all = now() - r.begun;
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%llu %llu %d %d %ld %d\n", (unsigned long long)all,
		(unsigned long long)(r.first ? r.first - r.begun : 0), r.status, r.failed,
		usage.ru_maxrss, left_behind());
	return 0;
}
