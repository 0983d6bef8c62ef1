/*
 * limits: --ulimit, --memory, --cpus, --cpuset-cpus, --pids-limit and --oom-score-adj.
 * Touches memory only.
 */
#include "plan/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "util/number.h"
#include "util/size.h"

#define LIMITS_MEMORY_MIN (6u << 20) /* Docker's */
#define LIMITS_CPUS_MAX 8192
#define LIMITS_PREFIX 7 /* bytes of "RLIMIT_" */

const struct word limits_words[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
	{ NULL, 0 },
};

/* n bytes of s as a limit: -1, "unlimited" or a number; one of bytes may have a unit. */
static bool limits_value(const char *s, size_t n, bool bytes, uint64_t *ret)
{
	char text[32] = "";

	if (n >= sizeof(text))
		return false;
	memcpy(text, s, n);
	if (strcmp(text, "-1") == 0 || strcmp(text, "unlimited") == 0) {
		*ret = RLIM_INFINITY;
		return true;
	}
	return number_read(text, n, INT64_MAX, ret) || (bytes && size_parse(text, ret));
}

static bool limits_is_bytes(int resource)
{
	static const int bytes[] = { RLIMIT_AS, RLIMIT_CORE, RLIMIT_DATA, RLIMIT_FSIZE,
		RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_RSS, RLIMIT_STACK };

	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		if (bytes[i] == resource)
			return true;
	return false;
}

static int limits_ulimit(const char *text, struct plan_rlimit *ret, struct err *e)
{
	size_t name = strcspn(text, "="), soft;
	const char *value = text[name] ? text + name + 1 : "", *hard;
	bool bytes;

	*ret = (struct plan_rlimit){ .resource = -1 };
	for (const struct word *w = limits_words; w->name; w++)
		if (strncasecmp(w->name + LIMITS_PREFIX, text, name) == 0 &&
			!w->name[LIMITS_PREFIX + name])
			ret->resource = (int)w->value;
	if (ret->resource < 0)
		return err_set(e, 0, "--ulimit %s: unknown limit (nofile, nproc, core, ...)", text);
	soft = strcspn(value, ":");
	hard = value[soft] ? value + soft + 1 : value;
	bytes = limits_is_bytes(ret->resource);
	if (!limits_value(value, soft, bytes, &ret->soft) ||
		!limits_value(hard, value[soft] ? strlen(hard) : soft, bytes, &ret->hard))
		return err_set(e, 0,
			"--ulimit %s: must be NAME=SOFT[:HARD], numbers%s or unlimited", text,
			bytes ? " (10m is 10 MiB)" : "");
	if (ret->soft > ret->hard)
		return err_set(e, 0, "--ulimit %s: the soft limit is above the hard one", text);
	return 0;
}

/* Of several with one name the last counts. */
static int limits_ulimits(struct plan *p, const struct run_options *o, struct err *e)
{
	if (!o->ulimits.n)
		return 0;
	p->rlimits = arena_alloc(&p->arena, o->ulimits.n * sizeof(*p->rlimits));
	for (size_t i = 0; i < o->ulimits.n; i++) {
		struct plan_rlimit one;
		size_t at = 0;

		if (limits_ulimit(o->ulimits.v[i], &one, e) < 0)
			return -1;
		while (at < p->n_rlimits && p->rlimits[at].resource != one.resource)
			at++;
		p->rlimits[at] = one;
		p->n_rlimits += at == p->n_rlimits;
	}
	return 0;
}

/* "1.5" processors as microseconds of each period; as with Docker, 0 is no limit. */
static int limits_cpus(const char *text, uint64_t *ret, struct err *e)
{
	char *end;
	double n;

	errno = 0;
	n = strtod(text, &end);
	if (!*text || *end || errno || text[strspn(text, "0123456789.")] || (n < 0.01 && n > 0) ||
		n > LIMITS_CPUS_MAX)
		return err_set(e, 0, "--cpus %s: not a number such as 1.5, of at least 0.01", text);
	*ret = (uint64_t)(n * PLAN_CPU_PERIOD + 0.5);
	return 0;
}

/* As with Docker, -1 and 0 mean no limit. */
static int limits_pids(const char *text, uint64_t *ret, struct err *e)
{
	if (!limits_value(text, strlen(text), false, ret))
		return err_set(e, 0, "--pids-limit %s: not a number", text);
	if (*ret == RLIM_INFINITY)
		*ret = 0;
	return 0;
}

/* Memory and swap together, as Docker has it: 0 is its default, twice the memory. */
static int limits_swap(const char *text, int64_t *ret, struct err *e)
{
	uint64_t swap = 0;

	*ret = -1;
	if (strcmp(text, "-1") == 0)
		return 0;
	if (size_read("--memory-swap", text, 0, &swap, e) < 0)
		return -1;
	*ret = (int64_t)swap;
	return 0;
}

/* 0 means no limit. */
static int limits_memory(const char *text, uint64_t *ret, struct err *e)
{
	int r = size_read("--memory", text, 0, ret, e);

	return r < 0 || *ret == 0 ? r : size_read("--memory", text, LIMITS_MEMORY_MIN, ret, e);
}

/* proc(5) takes -1000 to 1000. */
static int limits_oom(const char *text, int *ret, struct err *e)
{
	const bool below = *text == '-';
	uint64_t n;

	if (!number_read(text + below, strlen(text + below), 1000, &n))
		return err_set(e, 0, "--oom-score-adj %s: not a number from -1000 to 1000", text);
	*ret = below ? -(int)n : (int)n;
	return 0;
}

int limits_check(const struct plan *p, const struct run_options *o, struct err *e)
{
	const struct plan_limits *l = &p->limits;

	if (l->swap > 0 && (!l->memory || l->swap < l->memory))
		return err_set(e, 0, "--memory-swap %s: needs --memory, and must not be below it",
			o->memory_swap);
	return o->cpus && o->cpu_quota ? err_set(e, 0, "--cpus and --cpu-quota exclude each other")
				       : 0;
}

int limits_read(struct plan *p, const struct run_options *o, struct err *e)
{
	struct plan_limits *l = &p->limits;
	uint64_t memory = 0, cpus = 0, pids = 0;
	unsigned char set[NUMBER_SET_MAX / 8] = { 0 };

	if (limits_ulimits(p, o, e) < 0)
		return -1;
	if (o->memory && limits_memory(o->memory, &memory, e) < 0)
		return -1;
	if (o->memory_swap && limits_swap(o->memory_swap, &l->swap, e) < 0)
		return -1;
	if (o->cpus && limits_cpus(o->cpus, &cpus, e) < 0)
		return -1;
	if (o->pids_limit && limits_pids(o->pids_limit, &pids, e) < 0)
		return -1;
	if (o->oom_score_adj && limits_oom(o->oom_score_adj, &p->oom_score_adj, e) < 0)
		return -1;
	if (o->cpuset_cpus && !number_set(o->cpuset_cpus, set))
		return err_set(e, 0, "--cpuset-cpus %s: not a list such as 0-3,7", o->cpuset_cpus);
	l->cpus = arena_strdup(&p->arena, o->cpuset_cpus);
	l->memory = memory > INT64_MAX ? INT64_MAX : (int64_t)memory;
	l->cpu_quota = cpus ? (int64_t)cpus : o->cpu_quota;
	l->cpu_period = l->cpu_quota ? PLAN_CPU_PERIOD : 0;
	if (l->cpu_quota && !cpus && o->cpu_period)
		l->cpu_period = (uint64_t)o->cpu_period;
	l->pids = (int64_t)pids;
	return 0;
}
