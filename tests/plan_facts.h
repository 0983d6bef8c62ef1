/*
 * plan_facts: an image's files, a host and lists in tables, for the tests of plan/.
 * Included by tests/unit/plan.c and mounts.c.
 * Touches memory only.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "plan/make.h"
#include "plan/oci.h"
#include "plan_equal.h"
#include "tap.h"
#include "util/arena.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MAX 8 /* entries of a list in a table */

typedef const char *list[MAX];

static const char passwd[] = "root:x:0:0:root:/root:/bin/ash\n"
			     "bad:x:zero:0:::\n"
			     "broken\n"
			     ":::::\n"
			     "app:x:1000:1001:App,,,:/home/app:/bin/sh\n"
			     "app:x:5:5::/second:/bin/sh\n"
			     "nohome:x:1002:1002::\n"
			     "42:x:77:78::/named42:/bin/sh\n"
			     "top:x:4294967295:0::/:\n"
			     "last:x:4294967294:9::/last:/bin/sh";
static const char group[] = "root:x:0:\nstaff:x:50:app,root\nbad:x:-1:\n\nwheel:x:10:root";

/* A config or option list from a table, in the arena; NULL where the table has none. */
static inline char **listed(struct arena *a, const char *const *from)
{
	struct strv l = { 0 };

	for (; *from; from++)
		strv_add_copy(a, &l, *from);
	return l.v;
}

static inline struct strv listed_strv(struct arena *a, const char *const *from)
{
	struct strv l = { 0 };

	for (; *from; from++)
		strv_add_copy(a, &l, *from);
	return l;
}

static inline struct host_facts facts(void)
{
	return (struct host_facts){
		.uid = 12345,
		.gid = 100,
		.hostname = "node1",
		.cwd = "/home/me",
		.resolv_conf = "nameserver 192.0.2.1\n",
		.passwd = passwd,
		.group = group,
		.image_id = ID,
		.rootfs = "/store/rootfs",
	};
}

static inline const char *joined(char *const *v, char *buf, size_t size)
{
	buf[0] = '\0';
	for (; v && *v; v++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s|", *v);
	return buf;
}

/* plan_make, for these tests: what it makes can be written and read, and the runtime takes it. */
static inline int plan_make_checked(struct plan *p, const struct image_config *c,
	const struct run_options *o, const struct host_facts *h, struct err *e)
{
	int r = plan_make(p, c, o, h, e);
	struct plan q = { 0 };
	struct err why = { 0 };
	auto_free char *text = NULL;
	const char *what = NULL;

	if (r < 0)
		return r;
	text = oci_write(p, false);
	if (oci_check(p, &why) < 0 || oci_read(&q, text, strlen(text), &why) < 0 ||
		(what = plan_differs(p, &q))) {
		tap_ok(false, "read(write(p)) = p");
		printf("# %s %s\n", why.msg, what ? what : "");
	}
	plan_done(&q);
	return r;
}
#define plan_make plan_make_checked

static char *const run_true[] = { (char *)"true", NULL };
