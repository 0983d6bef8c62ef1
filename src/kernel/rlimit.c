/*
 * rlimit: resource limits of the payload.
 * Touches the limits of the calling process.
 */
#include "kernel/rlimit.h"

#include <errno.h>
#include <sys/resource.h>

int rlimit_set(int resource, const char *name, uint64_t soft, uint64_t hard, struct err *e)
{
	const struct rlimit limit = { .rlim_cur = soft, .rlim_max = hard };

	if (setrlimit(resource, &limit) == 0)
		return 0;
	(void)err_set(e, errno, "set the limit %s to %llu:%llu", name, (unsigned long long)soft,
		(unsigned long long)hard);
	return e->code == EPERM ? err_hint(e, "a hard limit can only be lowered: see ulimit -H")
				: -1;
}
