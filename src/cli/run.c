/*
 * run: the verb `run`: makes a plan from image, config and options, and runs it.
 * Touches what the rooms below it touch.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/image_arg.h"
#include "cli/run_opts.h"
#include "kernel/private_tmpfs.h"
#include "launch/devices.h"
#include "launch/facts.h"
#include "launch/host_libs.h"
#include "launch/launch.h"
#include "launch/rank.h"
#include "launch/report.h"
#include "launch/subids.h"
#include "plan/make.h"
#include "plan/oci.h"
#include "runtime/own_binary.h"
#include "util/fd.h"
#include "util/log.h"

/* An unpacked root file system: an image that is in no store. */
static int run_use_folder(
	struct call *c, struct stored_image *i, const char **ret_path, struct err *e)
{
	static char *cmd[] = { (char *)"/bin/sh", NULL };
	char real[PATH_MAX];

	i->rootfs = fd_take(&c->request.fd);
	if (!realpath(c->request.source, real))
		return err_set(e, errno, "%s", c->request.source);
	*ret_path = arena_strdup(&c->arena, real);
	digest_of(real, strlen(real), i->record.id);
	i->config = (struct image_config){ .os = (char *)"linux", .cmd = cmd };
	i->has_config = true;
	return 0;
}

/* A host without a home, /var/tmp and /tmp, such as an initramfs: use a store in memory for this
 * run. */
static int run_open_store(struct call *c, enum image_arg kind, struct err *e)
{
	const struct run_args *a = c->options;
	const char *image = c->request.source;
	struct globals *g = c->globals;
	struct err why;

	if (store_open(&c->store, g->store, e) == 0)
		return 0;
	if (!c->store.nowhere || a->options.writable)
		return -1;
	/* A new store holds no image of that name. */
	if (kind == IMAGE_ARG_STORED && !g->shared.n && !getenv("SANDBOX_STORES"))
		return strchr(image, '/') ? err_set(e, ENOENT, "%s", image) : -1;
	why = *e;
	store_done(&c->store);
	if (private_tmpfs_make(c->argv, &g->store, e) < 0)
		return err_wrap(e, "%s; in memory", why.msg);
	log_note("%s: unpacking the image to memory, for this run only (--store DIR keeps it)",
		why.msg);
	return store_open(&c->store, g->store, e);
}

/* Without the cache the run only takes longer. */
static void run_open_cache(struct call *c)
{
	struct cache *cache = &((struct run_args *)c->options)->cache;
	struct err why;

	if (!cache->dir || !*cache->dir)
		return;
	if (cache_open(cache, &why) == 0) {
		c->cache = cache;
		return;
	}
	cache_done(cache);
	cache_tell(&why);
}

static int run_open_image(
	struct call *c, enum image_arg kind, struct stored_image *i, struct err *e)
{
	const struct run_args *a = c->options;

	if (run_open_store(c, kind, e) < 0)
		return -1;
	/* A tree with owners is made beside the image, so that must be in the caller's own
	 * store. */
	if (!a->options.subuid && !a->options.no_userns) {
		run_open_cache(c);
		if (store_open_others(&c->store, c->globals->shared.v, e) < 0)
			return -1;
	}
	return image_arg_open(c, kind, i, e);
}

/* Open the image.  *ret_path is the path of a folder, else NULL. */
static int run_find_image(
	struct call *c, struct stored_image *i, const char **ret_path, struct err *e)
{
	enum image_arg kind = image_arg_resolve(c, c->words[0], e);

	*ret_path = NULL;
	if (kind == IMAGE_ARG_UNSURE) {
		if (run_open_image(c, IMAGE_ARG_STORED, i, e) == 0) {
			fd_closep(&c->request.fd);
			return 0;
		}
		if (e->code != ENOENT && c->store.fd >= 0)
			return -1;
		log_note(
			"the folder %s is the root file system: the store has no image of that name",
			c->words[0]);
	}
	if (kind == IMAGE_ARG_ROOTFS || kind == IMAGE_ARG_UNSURE)
		return run_use_folder(c, i, ret_path, e);
	return kind == IMAGE_ARG_ERROR ? -1 : run_open_image(c, kind, i, e);
}

static int run_dry(const struct plan *plan)
{
	auto_free char *text = oci_write(plan, true);

	puts(text);
	return 0;
}

static int run_detached(const struct launch *l, struct err *e)
{
	char id[RUN_ID_DIGITS + 1];

	if (launch_detach(l, id, e) < 0)
		return -1;
	puts(id);
	return 0;
}

/* The first word is no argument: it is looked for in the image. */
static bool run_starts_with_command(const struct run_args *a, const struct image_config *c)
{
	const char *entrypoint = a->options.entrypoint ? a->options.entrypoint
				 : c->entrypoint       ? c->entrypoint[0]
						       : NULL;

	return *a->options.command && !(entrypoint && *entrypoint);
}

static int run_image(struct call *c, struct stored_image *i, const char *path, struct err *e)
{
	struct run_args *a = c->options;
	const struct image_config *config = stored_image_config(i, e);
	struct host_facts facts;
	struct plan plan = { 0 };
	const struct launch launch = {
		.options = &a->launch,
		.plan = &plan,
		.store = &c->store,
		.image = i,
		.called = c->words[0],
		.ret_signal = a->options.hpc > 0 ? &c->globals->ended_by : NULL,
	};
	int status = -1;

	if (!config)
		return -1;
	a->launch.store = c->globals->store;
	a->options.command = verb_command(c);
	if (host_libs_add(&a->options, config, i->rootfs, &c->arena, e) < 0)
		return -1;
	facts_gather(&facts, &a->options, i->rootfs, &c->arena);
	devices_tell_glibc(&a->options.edits, i->rootfs);
	facts.image_id = i->record.id;
	facts.script =
		facts_script(a->options.command + (run_starts_with_command(a, config) ? 1 : 0));
	facts.rootfs = path ? path : subids_tree_path(i, &a->options, &facts, &c->arena);
	if (plan_make(&plan, config, &a->options, &facts, e) == 0) {
		log_verbose("image %.12s: run %s as %u:%u", i->record.id, plan.args[0], plan.uid,
			plan.gid);
		status = a->dry_run	    ? run_dry(&plan)
			 : a->launch.detach ? run_detached(&launch, e)
			 : a->launch.join   ? rank_run(&launch, e)
					    : launch_run(&launch, e);
	}
	plan_done(&plan);
	return status;
}

static int run_run(struct call *c, struct err *e)
{
	struct stored_image image = STORED_IMAGE_NONE;
	struct run_args *a = c->options;
	const char *path;
	int status = -1;

	if (run_opts_settle(a, &c->arena, e) == 0 &&
		(!a->launch.join || a->dry_run || own_binary_seal(e) == 0) &&
		run_find_image(c, &image, &path, e) == 0)
		status = run_image(c, &image, path, e);
	if (status < 0)
		report_failed(a->launch.status_fd, e);
	stored_image_close(&image);
	if (c->cache)
		cache_done(c->cache);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.synopsis = "[OPTIONS] IMAGE [COMMAND [ARG...]]",
	.summary = "run a command in an image",
	.opts = run_opts,
	.size = sizeof(struct run_args),
	.defaults = &run_defaults,
	.image_opts = image_arg_opts,
	.least = 1,
	.most = VERB_ANY,
	.wants = "no image given",
	.words = VERB_IMAGES,
	.command = true,
	.run = run_run,
	.details =
		"IMAGE is a tarball (docker save, podman save, skopeo, an OCI archive, docker export), compressed or not; `-` for\n"
		"standard input; a folder: an OCI layout, skopeo's dir: or a plain root file system; or the name or the first digits\n"
		"of the id of an image in the store.  A file or folder takes precedence over a name, unless it is a folder that looks\n"
		"like no root file system; ./NAME is always a path.\n"
		"sandbox unpacks an image once.  What the command writes is removed when it ends.\n"
		"Exit status: the command's; 128+N if signal N ended it; 125: sandbox failed; 126: the command cannot be executed;\n"
		"127: it was not found.",
};
