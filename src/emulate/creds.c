/*
 * creds: the credentials that a process believes to have, and the kernel's rules for them.
 * Touches nothing.
 */
#include "emulate/creds.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))
/* NOROOT, NO_SETUID_FIXUP, KEEP_CAPS, NO_CAP_AMBIENT_RAISE, and since Linux 6.14 EXEC_RESTRICT_FILE and
 * EXEC_DENY_INTERACTIVE.  Beside each is the bit that locks it. */
#define CREDS_BITS 0x555u
#define CREDS_LOCKS (CREDS_BITS << 1)

/* What an fsuid other than 0 takes out of the effective set, capabilities(7). */
#define CREDS_FS_CAPS \
	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | \
		BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MKNOD) | \
		BIT(CAP_MAC_OVERRIDE))

bool creds_can(const struct creds *c, unsigned cap)
{
	return c->effective & BIT(cap);
}

bool creds_equal(const struct creds *a, const struct creds *b)
{
	return memcmp(a->uid, b->uid, sizeof(a->uid)) == 0 &&
	       memcmp(a->gid, b->gid, sizeof(a->gid)) == 0 && a->permitted == b->permitted &&
	       a->effective == b->effective && a->inheritable == b->inheritable &&
	       a->ambient == b->ambient && a->bounding == b->bounding &&
	       a->securebits == b->securebits && a->no_new_privs == b->no_new_privs &&
	       a->n_groups == b->n_groups &&
	       (!a->n_groups ||
		       memcmp(a->groups, b->groups, a->n_groups * sizeof(*a->groups)) == 0);
}

/* Is id one of the first n of ids? */
static bool creds_is_one(const uint32_t ids[CREDS_IDS], size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool creds_has_root(const uint32_t uid[CREDS_IDS])
{
	return creds_is_one(uid, CREDS_FS, 0);
}

/* The effect of a change of user ids on capabilities, capabilities(7). */
static void creds_fix_caps(struct creds *c, const uint32_t old[CREDS_IDS])
{
	const uint32_t *now = c->uid;

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (creds_has_root(old) && !creds_has_root(now)) {
		if (!(c->securebits & SECBIT_KEEP_CAPS))
			c->permitted = c->effective = 0;
		c->ambient = 0;
	}
	if (!old[CREDS_EFFECTIVE] && now[CREDS_EFFECTIVE])
		c->effective = 0;
	if (old[CREDS_EFFECTIVE] && !now[CREDS_EFFECTIVE])
		c->effective = c->permitted;
}

/* Users and groups differ in the capability, and in what a change does. */
static bool creds_free(const struct creds *c, const uint32_t *ids)
{
	return creds_can(c, ids == c->uid ? CAP_SETUID : CAP_SETGID);
}

/* Set ids, one of the members of c. */
static int creds_become(struct creds *c, uint32_t *ids, const uint32_t next[CREDS_IDS])
{
	uint32_t old[CREDS_IDS];

	memcpy(old, ids, sizeof(old));
	memcpy(ids, next, sizeof(old));
	if (ids == c->uid)
		creds_fix_caps(c, old);
	return 0;
}

static int creds_set(struct creds *c, uint32_t *ids, uint32_t id)
{
	uint32_t next[CREDS_IDS] = { ids[CREDS_REAL], id, ids[CREDS_SAVED], id };

	if (id == CREDS_SAME)
		return EINVAL;
	if (creds_free(c, ids))
		next[CREDS_REAL] = next[CREDS_SAVED] = id;
	else if (id != ids[CREDS_REAL] && id != ids[CREDS_SAVED])
		return EPERM;
	return creds_become(c, ids, next);
}

static int creds_set_two(struct creds *c, uint32_t *ids, uint32_t real, uint32_t effective)
{
	uint32_t next[CREDS_IDS];
	bool all = creds_free(c, ids);

	memcpy(next, ids, sizeof(next));
	if (real != CREDS_SAME) {
		if (!all && !creds_is_one(ids, CREDS_SAVED, real))
			return EPERM;
		next[CREDS_REAL] = real;
	}
	if (effective != CREDS_SAME) {
		if (!all && !creds_is_one(ids, CREDS_FS, effective))
			return EPERM;
		next[CREDS_EFFECTIVE] = effective;
	}
	if (real != CREDS_SAME || (effective != CREDS_SAME && effective != ids[CREDS_REAL]))
		next[CREDS_SAVED] = next[CREDS_EFFECTIVE];
	next[CREDS_FS] = next[CREDS_EFFECTIVE];
	return creds_become(c, ids, next);
}

static int creds_set_three(struct creds *c, uint32_t *ids, const uint32_t asked[CREDS_FS])
{
	uint32_t next[CREDS_IDS];
	bool all = creds_free(c, ids);

	for (size_t i = 0; i < CREDS_FS; i++) {
		if (asked[i] != CREDS_SAME && !all && !creds_is_one(ids, CREDS_FS, asked[i]))
			return EPERM;
		next[i] = asked[i] == CREDS_SAME ? ids[i] : asked[i];
	}
	next[CREDS_FS] = next[CREDS_EFFECTIVE];
	return creds_become(c, ids, next);
}

int creds_setuid(struct creds *c, uint32_t id)
{
	return creds_set(c, c->uid, id);
}

int creds_setreuid(struct creds *c, uint32_t real, uint32_t effective)
{
	return creds_set_two(c, c->uid, real, effective);
}

int creds_setresuid(struct creds *c, uint32_t real, uint32_t effective, uint32_t saved)
{
	return creds_set_three(c, c->uid, (uint32_t[CREDS_FS]){ real, effective, saved });
}

int creds_setgid(struct creds *c, uint32_t id)
{
	return creds_set(c, c->gid, id);
}

int creds_setregid(struct creds *c, uint32_t real, uint32_t effective)
{
	return creds_set_two(c, c->gid, real, effective);
}

int creds_setresgid(struct creds *c, uint32_t real, uint32_t effective, uint32_t saved)
{
	return creds_set_three(c, c->gid, (uint32_t[CREDS_FS]){ real, effective, saved });
}

static bool creds_set_fs(struct creds *c, uint32_t *ids, uint32_t id)
{
	bool may = id != CREDS_SAME && (creds_free(c, ids) || creds_is_one(ids, CREDS_IDS, id));

	if (may)
		ids[CREDS_FS] = id;
	return may;
}

uint32_t creds_setfsuid(struct creds *c, uint32_t id)
{
	uint32_t old = c->uid[CREDS_FS];

	if (!creds_set_fs(c, c->uid, id) || (c->securebits & SECBIT_NO_SETUID_FIXUP))
		return old;
	if (!old && id)
		c->effective &= ~CREDS_FS_CAPS;
	else if (old && !id)
		c->effective |= c->permitted & CREDS_FS_CAPS;
	return old;
}

uint32_t creds_setfsgid(struct creds *c, uint32_t id)
{
	uint32_t old = c->gid[CREDS_FS];

	(void)creds_set_fs(c, c->gid, id);
	return old;
}

int creds_capset(struct creds *c, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	uint64_t may = c->inheritable | (creds_can(c, CAP_SETPCAP) ? c->bounding : c->permitted);

	if ((inheritable & ~may) || (inheritable & ~(c->inheritable | c->bounding)) ||
		(permitted & ~c->permitted) || (effective & ~permitted))
		return EPERM;
	c->effective = effective;
	c->permitted = permitted;
	c->inheritable = inheritable;
	c->ambient &= permitted & inheritable;
	return 0;
}

int creds_keep_caps(struct creds *c, uint64_t on)
{
	if (on > 1)
		return EINVAL;
	if (c->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return EPERM;
	c->securebits =
		on ? c->securebits | SECBIT_KEEP_CAPS : c->securebits & ~(uint32_t)SECBIT_KEEP_CAPS;
	return 0;
}

int creds_set_securebits(struct creds *c, uint64_t bits)
{
	uint32_t old = c->securebits, locked = (old & CREDS_LOCKS) >> 1;

	if ((locked & (old ^ (uint32_t)bits)) || (old & CREDS_LOCKS & ~bits) ||
		(bits & ~(uint64_t)(CREDS_BITS | CREDS_LOCKS)) || !creds_can(c, CAP_SETPCAP))
		return EPERM;
	c->securebits = (uint32_t)bits;
	return 0;
}

int creds_ambient_raise(struct creds *c, unsigned cap)
{
	if (!(c->permitted & c->inheritable & BIT(cap)) ||
		(c->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
		return EPERM;
	c->ambient |= BIT(cap);
	return 0;
}

void creds_ambient_lower(struct creds *c, uint64_t caps)
{
	c->ambient &= ~caps;
}

static bool creds_in_group(const struct creds *c, uint32_t gid)
{
	for (uint32_t i = 0; i < c->n_groups; i++)
		if (c->groups[i] == gid)
			return true;
	return gid == c->gid[CREDS_FS];
}

void creds_exec(struct creds *c, const struct creds_file *f)
{
	const uint32_t old = c->uid[CREDS_EFFECTIVE];
	uint64_t permitted = 0;
	bool root = false, changed;

	if (f->set_uid && !c->no_new_privs)
		c->uid[CREDS_EFFECTIVE] = f->uid;
	if (f->set_gid && !c->no_new_privs)
		c->gid[CREDS_EFFECTIVE] = f->gid;
	if (!(c->securebits & SECBIT_NOROOT)) {
		root = !c->uid[CREDS_EFFECTIVE];
		permitted = root || !c->uid[CREDS_REAL] ? c->inheritable | c->bounding : 0;
	}
	changed = c->uid[CREDS_EFFECTIVE] != old || !creds_in_group(c, c->gid[CREDS_EFFECTIVE]);
	if (c->no_new_privs && (changed || permitted & ~c->permitted)) {
		c->uid[CREDS_EFFECTIVE] = c->uid[CREDS_REAL];
		c->gid[CREDS_EFFECTIVE] = c->gid[CREDS_REAL];
		permitted &= c->permitted;
	}
	if (changed)
		c->ambient = 0;
	c->permitted = permitted | c->ambient;
	c->effective = root ? c->permitted : c->ambient;
	c->uid[CREDS_SAVED] = c->uid[CREDS_FS] = c->uid[CREDS_EFFECTIVE];
	c->gid[CREDS_SAVED] = c->gid[CREDS_FS] = c->gid[CREDS_EFFECTIVE];
	c->securebits &= ~(uint32_t)SECBIT_KEEP_CAPS;
}

bool creds_may_signal(const struct creds *c, const struct creds *to)
{
	const uint32_t *from = c->uid, *at = to->uid;

	return creds_can(c, CAP_KILL) || from[CREDS_EFFECTIVE] == at[CREDS_REAL] ||
	       from[CREDS_EFFECTIVE] == at[CREDS_SAVED] || from[CREDS_REAL] == at[CREDS_REAL] ||
	       from[CREDS_REAL] == at[CREDS_SAVED];
}
