/*
 * rlimit: resource limits of the payload, and those that this process meets.
 * Touches the limits of the calling process.
 */
#include "kernel/rlimit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/log.h"
#include "util/number.h"

#define RLIMIT_TEXT_MAX 24

static const char *rlimit_text(char buf[RLIMIT_TEXT_MAX], uint64_t value)
{
	(void)snprintf(buf, RLIMIT_TEXT_MAX, value == RLIM_INFINITY ? "unlimited" : "%llu",
		(unsigned long long)value);
	return buf;
}

void rlimit_allow(int resource, uint64_t hard)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_max >= hard)
		return;
	limit.rlim_max = hard;
	(void)setrlimit(resource, &limit);
}

int rlimit_oom(int proc, int adj, struct err *e)
{
	auto_fd fd = openat(proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	char text[RLIMIT_TEXT_MAX];
	int n = snprintf(text, sizeof(text), "%d", adj);

	if (fd >= 0 && write(fd, text, (size_t)n) == n)
		return 0;
	(void)err_set(e, errno, "--oom-score-adj %d", adj);
	return errno == EACCES ? err_hint(e, "only root of the host can lower it") : -1;
}

int rlimit_cpus(const char *list, struct err *e)
{
	unsigned char set[NUMBER_SET_MAX / 8] = { 0 };

	if (!number_set(list, set))
		return err_set(e, 0, "--cpuset-cpus %s: not a list such as 0-3,7", list);
	if (sched_setaffinity(0, sizeof(set), (const cpu_set_t *)(const void *)set) == 0)
		return 0;
	(void)err_set(e, errno, "--cpuset-cpus %s", list);
	return errno == EINVAL ? err_hint(e, "you may use none of these processors: `nproc`") : -1;
}

void rlimit_hint(struct err *e)
{
	static const struct {
		int code, resource;
		char option;
		const char *what;
	} rows[] = {
		{ EMFILE, RLIMIT_NOFILE, 'n', "open files" },
		{ EAGAIN, RLIMIT_NPROC, 'u', "processes and threads of a user" },
		{ ENOMEM, RLIMIT_AS, 'v', "bytes of address space" },
		{ ENOMEM, RLIMIT_DATA, 'd', "bytes of data" },
		{ EFBIG, RLIMIT_FSIZE, 'f', "bytes in a file" },
	};
	char text[RLIMIT_TEXT_MAX];
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !e->hint[0]; i++)
		if (rows[i].code == e->code && getrlimit(rows[i].resource, &limit) == 0 &&
			limit.rlim_cur != RLIM_INFINITY)
			(void)err_hint(e, "ulimit -%c allows %s %s", rows[i].option,
				rlimit_text(text, limit.rlim_cur), rows[i].what);
}

int rlimit_set(int resource, const char *name, uint64_t soft, uint64_t hard, struct err *e)
{
	struct rlimit limit = { .rlim_cur = soft, .rlim_max = hard }, now;
	char want[RLIMIT_TEXT_MAX], got[RLIMIT_TEXT_MAX];
	int r = setrlimit(resource, &limit);

	if (r < 0 && errno == EPERM && getrlimit(resource, &now) == 0 && now.rlim_max < hard) {
		limit.rlim_max = now.rlim_max;
		limit.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
		r = setrlimit(resource, &limit);
		if (r == 0)
			log_note(
				"the limit %s is %s, not %s: a hard limit can only be lowered (ulimit -H)",
				name, rlimit_text(got, now.rlim_max), rlimit_text(want, hard));
	}
	return r < 0 ? err_set(e, errno, "set the limit %s to %s", name, rlimit_text(want, hard))
		     : 0;
}
