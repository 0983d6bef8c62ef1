/*
 * etc: the texts of the files that a sandbox gets in /etc.
 */
#ifndef PLAN_ETC_H
#define PLAN_ETC_H

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * hosts(5): the lines of --add-host, then the host's own with its network, else a loopback's. Needs
 * p->hostname and p->network.  Returns NULL with e where an option is wrong.
 */
char *etc_hosts(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e);

/*
 * resolv.conf(5): the host's; --dns takes the place of its name servers.  *ret is NULL where there
 * is neither.  Returns 0, or -1 with e where an option is wrong.
 */
int etc_resolv_conf(struct plan *p, const struct run_options *o, const struct host_facts *h,
	char **ret, struct err *e);

#endif
