/*
 * etc: the texts of the files that a sandbox gets in /etc.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* Check the values of --add-host and --dns.  Returns 0, or -1 with e. */
int etc_check(const struct run_options *o, struct err *e);

/*
 * hosts(5): the lines of --add-host, then on the host's network those of the host, otherwise those
 * of the loopback.  Needs p->hostname and p->network.  Returns NULL with e for a wrong option.
 */
char *etc_hosts(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e);

/*
 * resolv.conf(5): the host's, with the name servers of --dns if that is given.  *ret is NULL if the
 * host has none either.  Returns 0, or -1 with e for a wrong option.
 */
int etc_resolv_conf(struct plan *p, const struct run_options *o, const struct host_facts *h,
	char **ret, struct err *e);
