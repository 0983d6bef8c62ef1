/*
 * rlimit: resource limits of the payload.
 * Touches the limits of the calling process.
 */
#include "kernel/rlimit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "util/log.h"

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
