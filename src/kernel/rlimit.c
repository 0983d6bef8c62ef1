/*
 * rlimit: resource limits of the payload.
 * Touches the limits of the calling process.
 */
#include "kernel/rlimit.h"

#include <errno.h>
#include <sys/resource.h>

#include "plan/limits.h"

int rlimit_apply(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct plan_rlimit *l = &p->rlimits[i];
		struct rlimit limit = { .rlim_cur = l->soft, .rlim_max = l->hard };

		if (setrlimit(l->resource, &limit) == 0)
			continue;
		(void)err_set(e, errno, "set the limit %s to %llu:%llu", limits_name(l->resource),
			(unsigned long long)l->soft, (unsigned long long)l->hard);
		return errno == EPERM
			       ? err_hint(e, "a hard limit can only be lowered: see ulimit -H")
			       : -1;
	}
	return 0;
}
