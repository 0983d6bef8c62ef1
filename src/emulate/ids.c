/*
 * ids: answers to calls that read or change ids and groups.
 * Reads and writes the memory of the thread that asks.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdlib.h>

#include "emulate/ask.h"
#include "util/arena.h"
#include "util/fd.h"

#define IDS_NARROW 0xffffu
#define IDS_OVERFLOW 65534u /* what an id of more than 16 bits is to a call that has no more */

/* An id among the arguments; -1 leaves an id as it is. */
static uint32_t ids_argument(const struct ask *a, size_t i)
{
	uint32_t id = (uint32_t)a->args[i];

	if (!a->narrow)
		return id;
	return (id & IDS_NARROW) == IDS_NARROW ? CREDS_SAME : id & IDS_NARROW;
}

static uint32_t ids_value(const struct ask *a, uint32_t id)
{
	return a->narrow && id > IDS_NARROW ? IDS_OVERFLOW : id;
}

static int ids_put(struct ask *a, uint64_t to, uint32_t id)
{
	uint32_t value = ids_value(a, id);
	uint16_t narrow = (uint16_t)value;

	return a->narrow ? target_write(&a->t, to, &narrow, sizeof(narrow))
			 : target_write(&a->t, to, &value, sizeof(value));
}

static void ids_put_three(struct ask *a, const uint32_t ids[CREDS_IDS])
{
	for (size_t i = CREDS_REAL; i < CREDS_FS && !a->code; i++)
		(void)ask_fail(a, ids_put(a, a->args[i], ids[i]));
}

/* getgroups(2) */
static void ids_getgroups(struct ask *a)
{
	const struct creds *c = a->now;
	int size = (int)a->args[0];

	if (!c) {
		a->goes_on = true;
		return;
	}
	a->value = c->n_groups;
	if (size < 0 || (size > 0 && (uint32_t)size < c->n_groups))
		(void)ask_fail(a, EINVAL);
	else if (size > 0 && !a->narrow && c->n_groups)
		(void)ask_fail(a, target_write(&a->t, a->args[1], c->groups,
					  c->n_groups * sizeof(*c->groups)));
	for (uint32_t i = 0; size > 0 && a->narrow && i < c->n_groups && !a->code; i++)
		(void)ask_fail(a, ids_put(a, a->args[1] + i * sizeof(uint16_t), c->groups[i]));
}

/* setgroups(2) */
static void ids_setgroups(struct ask *a)
{
	uint32_t n = (uint32_t)a->args[0], *groups;
	auto_free uint16_t *narrow = NULL;
	int code;

	if (ask_change(a))
		return;
	if (!creds_can(&a->next, CAP_SETGID) || n > CREDS_GROUPS_MAX) {
		(void)ask_fail(a, creds_can(&a->next, CAP_SETGID) ? EINVAL : EPERM);
		return;
	}
	groups = xmalloc((n + 1) * sizeof(*groups));
	narrow = a->narrow ? xmalloc((n + 1) * sizeof(*narrow)) : NULL;
	code = !n	   ? 0
	       : a->narrow ? target_read(&a->t, a->args[1], narrow, n * sizeof(*narrow))
			   : target_read(&a->t, a->args[1], groups, n * sizeof(*groups));
	for (uint32_t i = 0; narrow && i < n; i++)
		groups[i] = narrow[i];
	if (ask_fail(a, code)) {
		free(groups);
		return;
	}
	free(a->next.groups);
	a->next.groups = groups;
	a->next.n_groups = n;
}

/* A call that returns one id. */
static void ids_get_one(struct ask *a, size_t offset, enum creds_id which)
{
	const uint32_t *ids = a->now ? (const uint32_t *)((const char *)a->now + offset) : NULL;

	if (ids)
		a->value = ids_value(a, ids[which]);
	else
		a->goes_on = true;
}

#define GET(name, member, which) \
	static void name(struct ask *a) \
	{ \
		ids_get_one(a, offsetof(struct creds, member), which); \
	}
GET(ids_getuid, uid, CREDS_REAL)
GET(ids_geteuid, uid, CREDS_EFFECTIVE)
GET(ids_getgid, gid, CREDS_REAL)
GET(ids_getegid, gid, CREDS_EFFECTIVE)
#undef GET

static void ids_getresuid(struct ask *a)
{
	if (a->now)
		ids_put_three(a, a->now->uid);
	else
		a->goes_on = true;
}

static void ids_getresgid(struct ask *a)
{
	if (a->now)
		ids_put_three(a, a->now->gid);
	else
		a->goes_on = true;
}

/* A call that sets ids: its rule, and its arguments. */
#define SET(name, rule, ...) \
	static void name(struct ask *a) \
	{ \
		if (!ask_change(a)) \
			(void)ask_fail(a, rule(&a->next, __VA_ARGS__)); \
	}
#define ID(i) ids_argument(a, i)
SET(ids_setuid, creds_setuid, ID(0))
SET(ids_setgid, creds_setgid, ID(0))
SET(ids_setreuid, creds_setreuid, ID(0), ID(1))
SET(ids_setregid, creds_setregid, ID(0), ID(1))
SET(ids_setresuid, creds_setresuid, ID(0), ID(1), ID(2))
SET(ids_setresgid, creds_setresgid, ID(0), ID(1), ID(2))
#undef SET

static void ids_setfsuid(struct ask *a)
{
	if (!ask_change(a))
		a->value = ids_value(a, creds_setfsuid(&a->next, ID(0)));
}

static void ids_setfsgid(struct ask *a)
{
	if (!ask_change(a))
		a->value = ids_value(a, creds_setfsgid(&a->next, ID(0)));
}
#undef ID

ask_answer *const ids_answers[ASKS] = {
	[ASK_GETUID] = ids_getuid,
	[ASK_GETEUID] = ids_geteuid,
	[ASK_GETGID] = ids_getgid,
	[ASK_GETEGID] = ids_getegid,
	[ASK_GETRESUID] = ids_getresuid,
	[ASK_GETRESGID] = ids_getresgid,
	[ASK_GETGROUPS] = ids_getgroups,
	[ASK_SETUID] = ids_setuid,
	[ASK_SETGID] = ids_setgid,
	[ASK_SETREUID] = ids_setreuid,
	[ASK_SETREGID] = ids_setregid,
	[ASK_SETRESUID] = ids_setresuid,
	[ASK_SETRESGID] = ids_setresgid,
	[ASK_SETFSUID] = ids_setfsuid,
	[ASK_SETFSGID] = ids_setfsgid,
	[ASK_SETGROUPS] = ids_setgroups,
};
