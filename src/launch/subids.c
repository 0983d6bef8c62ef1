/*
 * subids: the caller's subordinate ids, and the files on disk that belong to them. Reads
 * /etc/subuid, /etc/subgid and the user database.  A process in a user namespace does the work in
 * the store.
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
#include "util/home.h"
#include "util/log.h"
#include "util/path.h"

#define SUBIDS_FILE_MAX (64u << 20) /* a line for each user of a large site */
#define SUBIDS_NAME_DIGITS 12

static size_t subids_read(
	const char *file, const struct host_facts *h, struct arena *a, const struct id_map **ret)
{
	auto_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, SUBIDS_FILE_MAX, NULL);
	struct id_map *maps;
	size_t n = subid_ranges(text, h->user_name, h->uid, a, &maps);

	*ret = maps;
	return n;
}

void subids_gather(struct host_facts *h, struct arena *a)
{
	const struct passwd *user = getpwuid(h->uid);
	const struct group *group = getgrgid(h->gid);
	const char *name = getenv("USER");

	h->user_name = arena_strdup(a, user ? user->pw_name : name);
	h->home = arena_strdup(a, home_dir());
	h->group_name = arena_strdup(a, group ? group->gr_name : NULL);
	h->n_subuids = subids_read("/etc/subuid", h, a, &h->subuids);
	h->n_subgids = subids_read("/etc/subgid", h, a, &h->subgids);
}

static struct id_maps subids_map(const struct host_facts *h, struct arena *a)
{
	struct id_maps maps;

	maps.uid = subid_map(a, h->uid, h->subuids, h->n_subuids, &maps.n_uid);
	maps.gid = subid_map(a, h->gid, h->subgids, h->n_subgids, &maps.n_gid);
	return maps;
}

int subids_maps(struct id_maps *ret, struct arena *a, struct err *e)
{
	struct host_facts h = { .uid = geteuid(), .gid = getegid() };

	subids_gather(&h, a);
	*ret = subids_map(&h, a);
	return h.n_subuids && h.n_subgids
		       ? 0
		       : err_set(e, 0,
				 "files of subordinate ids: /etc/subuid and /etc/subgid no longer list ranges for you");
}

#define SUBIDS_NAME_SIZE (sizeof(OWNED_TREE_PREFIX) + SUBIDS_NAME_DIGITS)

/* The name of a tree depends on its ids: an administrator may have changed the ranges since. */
static void subids_tree_name(struct id_maps maps, char name[SUBIDS_NAME_SIZE])
{
	struct arena a = { 0 };
	char *text = arena_strdup(&a, ""), hex[DIGEST_HEX + 1];

	for (size_t i = 0; i < maps.n_uid; i++)
		text = arena_printf(&a, "%su%u-%u,", text, maps.uid[i].outside, maps.uid[i].count);
	for (size_t i = 0; i < maps.n_gid; i++)
		text = arena_printf(&a, "%sg%u-%u,", text, maps.gid[i].outside, maps.gid[i].count);
	digest_of(text, strlen(text), hex);
	(void)snprintf(name, SUBIDS_NAME_SIZE, OWNED_TREE_PREFIX "%.*s", SUBIDS_NAME_DIGITS, hex);
	arena_done(&a);
}

char *subids_tree_path(const struct stored_image *i, const struct run_options *o,
	const struct host_facts *h, struct arena *a)
{
	char name[SUBIDS_NAME_SIZE] = "rootfs";

	if (o->subuid || o->no_userns)
		subids_tree_name(o->subuid ? subids_map(h, a) : (struct id_maps){ 0 }, name);
	return stored_image_path(i, name, a);
}

struct subids_tree {
	int image;
	const char *name;
};

static int subids_make_tree(void *arg, struct err *e)
{
	const struct subids_tree *t = arg;

	return owned_tree_make(t->image, t->name, e);
}

int subids_tree(struct store *s, struct stored_image *i, const struct plan *p, struct err *e)
{
	char name[SUBIDS_NAME_SIZE], key[96];
	struct subids_tree t = { .image = i->dir, .name = name };
	int fd, lock, r = 0;

	subids_tree_name(plan_id_maps(p), name);
	fd = path_open_beneath(i->dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0) {
		/* Trees of all ids are made in one place. */
		(void)snprintf(key, sizeof(key), "%.12s-rootfs", i->record.id);
		lock = staging_lock(s->staging, key, NULL, e);
		if (lock < 0)
			return -1;
		if (!path_is_there(i->dir, name)) {
			log_note(
				"making a copy of the image's tree with the owners from its layers, once");
			r = p->host_ids ? subids_make_tree(&t, e)
					: as_subids_run(plan_id_maps(p), subids_make_tree, &t, e);
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

static int subids_remove_trees(void *arg, struct err *e)
{
	return owned_tree_remove(*(const int *)arg, e);
}

static int subids_remove_upper(void *arg, struct err *e)
{
	const int *dir = arg;

	if (path_remove_tree(*dir, "upper") < 0 || path_remove_tree(*dir, "work") < 0)
		return err_set(e, errno, "remove what was written");
	return 0;
}

/* Call fn in a process that has all subordinate ids of the caller. */
static int subids_run(int dir, int (*fn)(void *arg, struct err *e), struct err *e)
{
	struct arena a = { 0 };
	struct id_maps maps;
	int r = subids_maps(&maps, &a, e);

	if (r == 0)
		r = as_subids_run(maps, fn, &dir, e);
	arena_done(&a);
	return r;
}

int subids_strip_image(int image, struct err *e)
{
	if (!owned_tree_is_there(image))
		return 0;
	/* The host's root has all ids. */
	if (geteuid() == 0 && owned_tree_remove(image, e) == 0)
		return 0;
	return subids_run(image, subids_remove_trees, e);
}

int subids_strip_upper(int dir, struct err *e)
{
	return subids_run(dir, subids_remove_upper, e);
}
