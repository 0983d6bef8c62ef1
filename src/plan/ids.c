/*
 * ids: the three ways to map ids, and the emulation that goes with the first two.
 * Touches memory only.
 */
#include "plan/ids.h"

#include <errno.h>
#include <string.h>

#include "plan/keep_id.h"
#include "plan/subid.h"
#include "plan/user.h"
#include "util/path.h"
#include "util/word.h"

/* An unprivileged caller may map its own id, once, user_namespaces(7).  Inside, it is the image's
 * user. */
static struct id_map *ids_map_one(struct plan *p, uint32_t inside, uint32_t outside)
{
	struct id_map *m = arena_alloc(&p->arena, sizeof(*m));

	*m = (struct id_map){ .inside = inside, .outside = outside, .count = 1 };
	return m;
}

static void ids_single(struct plan *p, const struct host_facts *h)
{
	p->uid_maps = ids_map_one(p, p->uid, h->uid);
	p->gid_maps = ids_map_one(p, p->gid, h->gid);
	p->n_uid_maps = 1;
	p->n_gid_maps = 1;
}

bool ids_have(const struct id_map *maps, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id - maps[i].inside < maps[i].count)
			return true;
	return false;
}

static int ids_no_range(const struct host_facts *h, const char *file, struct err *e)
{
	const char *who = h->user_name ? h->user_name : "you";

	(void)err_set(e, 0, "--subuid: %s has no line for %s (uid %u)", file, who, h->uid);
	return err_hint(e,
		"the administrator can add one: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s; without it, one id is mapped",
		who);
}

static int ids_full(struct plan *p, const struct host_facts *h, struct err *e)
{
	if (!h->n_subuids)
		return ids_no_range(h, "/etc/subuid", e);
	if (!h->n_subgids)
		return ids_no_range(h, "/etc/subgid", e);
	p->map_helpers = true;
	p->uid_maps = subid_map(&p->arena, h->uid, h->subuids, h->n_subuids, &p->n_uid_maps);
	p->gid_maps = subid_map(&p->arena, h->gid, h->subgids, h->n_subgids, &p->n_gid_maps);
	if (!ids_have(p->uid_maps, p->n_uid_maps, p->uid))
		return err_set(
			e, 0, "user %u: not among the ids that /etc/subuid gives you", p->uid);
	if (!ids_have(p->gid_maps, p->n_gid_maps, p->gid))
		return err_set(
			e, 0, "group %u: not among the ids that /etc/subgid gives you", p->gid);
	return 0;
}

/* The caller's own number and name, whoever the image's user is. */
static int ids_keep(struct plan *p, const struct run_options *o, const struct host_facts *h,
	const struct user *user, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	const char *home = keep_id_home(h);

	if (o->user && *o->user &&
		(user->uid != h->uid || (strchr(o->user, ':') && user->gid != h->gid)))
		return err_set(e, 0, "--user %s: with --keep-id the user is you, %u:%u", o->user,
			h->uid, h->gid);
	p->uid = h->uid;
	p->gid = h->gid;
	if (path_clean(home, clean, sizeof(clean)) == 0 && clean[0])
		p->home = arena_printf(&p->arena, "/%s", clean);
	return 0;
}

static const struct word ids_emulations[] = { { "none", SECCOMP_EMULATE_NONE },
	{ "basic", SECCOMP_EMULATE_BASIC }, { "ids", SECCOMP_EMULATE_IDS }, { NULL, 0 } };

int ids_emulate(struct plan *p, const struct run_options *o, struct err *e)
{
	const struct word *w = word_find(ids_emulations, o->emulate ? o->emulate : "basic");

	if (!w)
		return err_set(e, 0, "--emulate %s: must be ids, basic or none", o->emulate);
	if (o->emulate || (!o->subuid && !o->no_userns))
		p->emulate = (enum seccomp_emulation)w->value;
	return p->emulate != SECCOMP_EMULATE_IDS || (!o->subuid && !o->no_userns)
		       ? 0
		       : err_set(e, 0, "--emulate ids: %s maps ids that really change",
				 o->subuid ? "--subuid" : "--no-userns");
}

int ids_check_user(const struct run_options *o, struct err *e)
{
	return o->user ? user_check("--user", o->user, e) : 0;
}

/* With --keep-id the image's user is not used, so an unknown one does not matter. */
static int ids_user(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct user *ret, struct err *e)
{
	const bool asked = o->user && *o->user;
	const char *text = asked ? o->user : o->keep_id || !c->user ? "" : c->user;

	return user_resolve(asked ? "--user" : "the image's user", text, h->passwd, h->group,
		&p->arena, ret, e);
}

/* The host's own ids: only its root may mount and make namespaces then. */
static int ids_check_host(const struct run_options *o, const struct host_facts *h, struct err *e)
{
	if (o->keep_id || o->subuid)
		return err_set(e, 0, "--no-userns and %s exclude each other",
			o->keep_id ? "--keep-id" : "--subuid");
	if (h->uid == 0)
		return 0;
	(void)err_set(e, 0, "--no-userns: only root can run without a user namespace");
	return err_hint(e, "leave the option out: with a user namespace you need not be root");
}

int ids_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char **ret_home, struct err *e)
{
	struct user user;

	if (o->keep_id && o->subuid)
		return err_set(e, 0, "--keep-id and --subuid exclude each other");
	if (o->no_userns && ids_check_host(o, h, e) < 0)
		return -1;
	if (ids_user(p, c, o, h, &user, e) < 0)
		return -1;
	p->uid = user.uid;
	p->gid = user.gid;
	*ret_home = o->keep_id ? arena_strdup(&p->arena, keep_id_home(h)) : user.home;
	if (o->keep_id && ids_keep(p, o, h, &user, e) < 0)
		return -1;
	if (o->subuid)
		return ids_full(p, h, e);
	if (!o->no_userns)
		ids_single(p, h);
	return 0;
}
