/*
 * inside: the root of a run, of what --writable keeps, or of an image.
 * Moves the calling process into namespaces; mounts an overlay in one of its own.
 */
#include "launch/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

#include "kernel/as_subids.h"
#include "launch/facts.h"
#include "launch/live_plan.h"
#include "launch/subids.h"
#include "launch/upper_dir.h"
#include "plan/make.h"
#include "root/root.h"
#include "runs/runs.h"
#include "runtime/join.h"
#include "store/refs.h"
#include "util/fd.h"

#define INSIDE_NONE 1 /* nothing has this name */

struct inside_call {
	struct inside in;
	inside_fn *fn;
	void *arg;
	/* of --writable */
	const struct plan *plan;
	const struct run_resources *res;
};

/* fd is the root directory, or a directory in it; -1 with errno if it could not be opened. */
static int inside_go(struct inside_call *k, int dir, const char *path, struct err *e)
{
	auto_fd root = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(e, errno, "open the root");
	k->in.root = root;
	return k->fn(&k->in, k->arg, e);
}

/* The calling process does not join the pid namespace: nobody inside can see it, or trace it. */
static int inside_run(struct inside_call *k, const struct live_run *r, struct err *e)
{
	__attribute__((cleanup(join_done))) struct join j = JOIN_NONE;
	struct plan p = { 0 };
	int status = live_plan_join(r, &p, &j, e);

	k->in.kind = INSIDE_RUN;
	k->in.real = p.map_helpers || p.host_ids;
	plan_done(&p);
	if (status < 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "protect the process");
	if (join_enter_user(&j, e) < 0 || join_enter(&j, e) < 0 || join_enter_root(&j, e) < 0)
		return -1;
	return inside_go(k, AT_FDCWD, "/", e);
}

static int inside_mount(void *arg, struct err *e)
{
	struct inside_call *k = arg;
	struct host host;
	struct root root;

	if (host_open(&host, k->res->rootfs, e) < 0)
		return -1;
	return root_make(&root, k->plan, k->res, &host, e) < 0 ? -1 : inside_go(k, root.fd, ".", e);
}

/* As a run with --writable would see it. */
static int inside_plan(struct plan *p, struct host_facts *h, struct stored_image *i,
	const char *name, const char *ids, struct arena *a, struct err *e)
{
	static char *command[] = { (char *)"/", NULL };
	const struct image_config *config = stored_image_config(i, e);
	struct run_options o = {
		.writable = name,
		.subuid = strcmp(ids, "range") == 0,
		.no_userns = strcmp(ids, "host") == 0,
		.command = command,
	};

	if (!config)
		return -1;
	facts_gather(h, &o, i->rootfs, a);
	h->image_id = i->record.id;
	h->rootfs = subids_tree_path(i, &o, h, a);
	return plan_make(p, config, &o, h, e);
}

static int inside_overlay(struct inside_call *k, struct store *s, const char *store,
	const struct plan *p, struct err *e)
{
	struct stored_image *i = k->in.image;
	struct run_resources res = { 0 };
	struct upper_dir upper;
	int r;

	k->in.real = p->map_helpers || p->host_ids;
	if (k->in.real && subids_tree(s, i, p, e) < 0)
		return -1;
	res.rootfs = i->rootfs;
	k->plan = p;
	k->res = &res;
	r = upper_dir_open(&upper, store, s, i->record.id, p, &res, e);
	if (r == 0)
		r = as_subids_run(p->map_helpers ? plan_id_maps(p) : (struct id_maps){ 0 },
			inside_mount, k, e);
	upper_dir_close(&upper);
	k->plan = NULL;
	k->res = NULL;
	return r;
}

struct inside_search {
	const char *name;
	char image[DIGEST_HEX + 1], ids[8];
};

static int inside_match(const struct writable_facts *f, void *arg)
{
	struct inside_search *w = arg;

	if (strcmp(f->name, w->name) != 0)
		return 0;
	(void)snprintf(w->image, sizeof(w->image), "%s", f->image);
	(void)snprintf(w->ids, sizeof(w->ids), "%s", f->ids);
	return 1;
}

/* Returns INSIDE_NONE if there is none of that name. */
static int inside_writable(
	struct inside_call *k, struct store *s, const char *store, const char *name, struct err *e)
{
	struct inside_search w = { .name = name };
	struct stored_image image = STORED_IMAGE_NONE;
	struct arena a = { 0 };
	struct host_facts h;
	struct plan p = { 0 };
	int r = writable_each(s, inside_match, &w, e);

	if (r <= 0)
		return r < 0 ? -1 : INSIDE_NONE;
	k->in.kind = INSIDE_WRITABLE;
	k->in.image = &image;
	r = stored_image_open(&image, s, w.image, e);
	if (r < 0)
		(void)err_wrap(e, "--writable: %s: its image", name);
	if (r == 0)
		r = inside_plan(&p, &h, &image, name, w.ids, &a, e);
	if (r == 0)
		r = inside_overlay(k, s, store, &p, e);
	plan_done(&p);
	arena_done(&a);
	stored_image_close(&image);
	k->in.image = NULL;
	return r;
}

/* The same for an image. */
static int inside_image(struct inside_call *k, struct store *s, const char *name, struct err *e)
{
	struct stored_image image = STORED_IMAGE_NONE;
	struct refs_found found;
	int r = refs_resolve(s, name, &found, e);

	if (r < 0 && e->code == ENOENT)
		return INSIDE_NONE;
	k->in.kind = INSIDE_IMAGE;
	k->in.image = &image;
	if (r == 0)
		r = stored_image_open(&image, s, found.id, e);
	if (r == 0) {
		as_subids_root();
		r = inside_go(k, image.rootfs, ".", e);
	}
	stored_image_close(&image);
	k->in.image = NULL;
	return r;
}

int inside_call(struct store *s, const char *store, const char *name, inside_fn *fn, void *arg,
	struct err *e)
{
	struct inside_call k = { .fn = fn, .arg = arg };
	struct live_run run = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	int r = runs_find(&s->runs, name, &run, e);
	const bool ended = r == 0 && !run.alive;

	if (r == 0 && run.alive) {
		r = inside_run(&k, &run, e);
	} else if (r == 0 || e->code == ENOENT) {
		r = inside_writable(&k, s, store, name, e);
		if (r == INSIDE_NONE)
			r = inside_image(&k, s, name, e);
		if (r == INSIDE_NONE)
			r = ended ? live_run_open_init(&run, &init, e)
				  : err_set(e, 0,
					    "%s: no run, no --writable and no image has this name",
					    name);
	}
	proc_done(&init);
	live_run_done(&run);
	return r;
}

int inside_call_writable(struct store *s, const char *store, const char *name, inside_fn *fn,
	void *arg, struct err *e)
{
	struct inside_call k = { .fn = fn, .arg = arg };
	int r = inside_writable(&k, s, store, name, e);

	if (r != INSIDE_NONE)
		return r;
	(void)err_set(e, 0, "%s: no --writable has this name", name);
	return err_hint(
		e, "`sandbox writable` lists them; only what `run --writable NAME` writes is kept");
}
