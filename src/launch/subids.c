/*
 * ranges: the caller's subordinate ids, and what belongs to them on disk.
 * Reads /etc/subuid, /etc/subgid and the user database;
 * the work in the store is done by a process in a user namespace.
 */
#include "launch/subids.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/as_subids.h"
#include "plan/subid.h"
#include "store/owned_tree.h"
#include "store/staging.h"
#include "util/digest.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"

#define SUBID_FILE_MAX (64u << 20) /* a line for each user of a large site */
#define NAME_DIGITS 12

static size_t read_ranges(
	const char *file, const struct host_facts *h, struct arena *a, const struct id_map **ret)
{
	auto_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, SUBID_FILE_MAX, NULL);
	struct id_map *maps;
	size_t n = subid_ranges(text, h->user_name, h->uid, a, &maps);

	*ret = maps;
	return n;
}

void subids_gather(struct host_facts *h, struct arena *a)
{
	const struct passwd *user = getpwuid(h->uid);
	const struct group *group = getgrgid(h->gid);
	const char *name = getenv("USER"), *home = getenv("HOME");

	h->user_name = arena_strdup(a, user ? user->pw_name : name);
	h->home = arena_strdup(a, home && home[0] == '/' ? home : user ? user->pw_dir : NULL);
	h->group_name = arena_strdup(a, group ? group->gr_name : NULL);
	h->n_subuids = read_ranges("/etc/subuid", h, a, &h->subuids);
	h->n_subgids = read_ranges("/etc/subgid", h, a, &h->subgids);
}

int subids_plan(struct plan *p, struct err *e)
{
	struct host_facts h = { .uid = geteuid(), .gid = getegid() };

	*p = (struct plan){ .map_helpers = true };
	subids_gather(&h, &p->arena);
	if (!h.n_subuids || !h.n_subgids)
		return err_set(e, 0,
			"files of subordinate ids: /etc/subuid and /etc/subgid give none any more");
	p->uid_maps = subid_map(&p->arena, h.uid, h.subuids, h.n_subuids, &p->n_uid_maps);
	p->gid_maps = subid_map(&p->arena, h.gid, h.subgids, h.n_subgids, &p->n_gid_maps);
	return 0;
}

/* The name of a tree says which ids it was made with: an administrator may have given others since.
 */
static void tree_name(const struct plan *p, char *buf, size_t size)
{
	struct arena a = { 0 };
	char *text = arena_strdup(&a, ""), hex[DIGEST_HEX + 1];

	for (size_t i = 0; i < p->n_uid_maps; i++)
		text = arena_printf(
			&a, "%su%u-%u,", text, p->uid_maps[i].outside, p->uid_maps[i].count);
	for (size_t i = 0; i < p->n_gid_maps; i++)
		text = arena_printf(
			&a, "%sg%u-%u,", text, p->gid_maps[i].outside, p->gid_maps[i].count);
	digest_of(text, strlen(text), hex);
	(void)snprintf(buf, size, OWNED_TREE_PREFIX "%.*s", NAME_DIGITS, hex);
	arena_done(&a);
}

struct tree {
	int image;
	const char *name;
};

static int make_tree(void *arg, struct err *e)
{
	const struct tree *t = arg;

	return owned_tree_make(t->image, t->name, e);
}

int subids_tree(struct store *s, struct stored_image *i, const struct plan *p, struct err *e)
{
	char name[64], key[96];
	struct tree t = { .image = i->dir, .name = name };
	int fd, lock, r = 0;

	tree_name(p, name, sizeof(name));
	fd = path_open_beneath(i->dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0) {
		(void)snprintf(key, sizeof(key), "%.12s-%s", i->record.id, name);
		lock = staging_lock(s->staging, key, NULL, e);
		if (lock < 0)
			return -1;
		if (!path_is_there(i->dir, name)) {
			log_note("making the image's tree with the owners of its layers, once");
			r = p->host_ids ? make_tree(&t, e)
					: as_subids_run(plan_id_maps(p), make_tree, &t, e);
		}
		staging_unlock(s->staging, key, lock);
		if (r < 0)
			return -1;
		fd = path_open_beneath(i->dir, name, O_RDONLY | O_DIRECTORY, 0);
	}
	if (fd < 0)
		return err_set(e, errno, "image %.12s: %s", i->record.id, name);
	(void)close(i->rootfs);
	i->rootfs = fd;
	return 0;
}

static int remove_trees(void *arg, struct err *e)
{
	return owned_tree_remove(*(const int *)arg, e);
}

static int remove_upper(void *arg, struct err *e)
{
	const int *dir = arg;

	if (path_remove_tree(*dir, "upper") < 0 || path_remove_tree(*dir, "work") < 0)
		return err_set(e, errno, "remove what was written");
	return 0;
}

static int in_ranges(int dir, int (*fn)(void *arg, struct err *e), struct err *e)
{
	struct plan p;
	int r = subids_plan(&p, e);

	if (r == 0)
		r = as_subids_run(plan_id_maps(&p), fn, &dir, e);
	plan_done(&p);
	return r;
}

int subids_strip_image(int image, struct err *e)
{
	if (!owned_tree_is_there(image))
		return 0;
	/* Root, where it is the host's, has all ids. */
	if (geteuid() == 0 && owned_tree_remove(image, e) == 0)
		return 0;
	return in_ranges(image, remove_trees, e);
}

int subids_strip_upper(int dir, struct err *e)
{
	return in_ranges(dir, remove_upper, e);
}
