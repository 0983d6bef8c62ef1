/*
 * run: the verb `run`: image, config and options become a plan, and the plan a process.
 * Touches what its rooms touch.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/image_arg.h"
#include "cli/run_opts.h"
#include "kernel/private_tmpfs.h"
#include "launch/facts.h"
#include "launch/launch.h"
#include "launch/report.h"
#include "launch/subids.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"

/* What is run. */
struct run_image {
	struct stored_image stored; /* of a plain folder only its rootfs */
	const char *path;	    /* of a plain folder; NULL where the image is in a store */
	char id[DIGEST_HEX + 1];
	struct image_config config;
};

/* An unpacked root file system, used where it lies. */
static int run_use_folder(struct run_image *i, struct arena *a, const char *path, struct err *e)
{
	static char *cmd[] = { (char *)"/bin/sh", NULL };
	char real[PATH_MAX];

	i->stored.rootfs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (i->stored.rootfs < 0 || !realpath(path, real))
		return err_set(e, errno, "%s", path);
	i->path = arena_strdup(a, real);
	digest_of(real, strlen(real), i->id);
	i->config = (struct image_config){ .os = (char *)"linux", .cmd = cmd };
	return 0;
}

/* On a host without a home, /var/tmp or /tmp, as an initramfs is: in memory, as long as it runs. */
static int run_open_store(struct call *c, struct err *e)
{
	const struct run_args *a = c->options;
	const char *image = c->words[0];
	struct globals *g = c->globals;
	struct err why;

	if (store_open(&c->store, g->store, e) == 0)
		return 0;
	if (!c->store.nowhere || a->options.writable)
		return -1;
	/* A new place holds no image that is called by a name. */
	if (!image_arg_is_source(image, &c->request, &c->arena) && !g->shared.n &&
		!getenv("SANDBOX_STORES"))
		return strchr(image, '/') ? err_set(e, ENOENT, "%s", image) : -1;
	why = *e;
	store_done(&c->store);
	if (private_tmpfs_make(c->argv, &g->store, e) < 0)
		return err_wrap(e, "%s; in memory", why.msg);
	log_note(
		"%s: the image is unpacked to memory and gone after the run (--store DIR keeps it)",
		why.msg);
	return store_open(&c->store, g->store, e);
}

static int run_find_image(struct call *c, struct run_image *i, struct err *e)
{
	const struct run_args *a = c->options;
	const char *image = c->words[0];
	const struct image_config *config;
	struct stat st;

	if (stat(image, &st) == 0 && S_ISDIR(st.st_mode)) {
		auto_fd dir = open(image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir < 0)
			return err_set(e, errno, "%s", image);
		if (faccessat(dir, "oci-layout", F_OK, 0) < 0 &&
			faccessat(dir, "manifest.json", F_OK, 0) < 0)
			return run_use_folder(i, &c->arena, image, e);
	}
	if (run_open_store(c, e) < 0)
		return -1;
	/* A tree with owners is made beside the image: it has to be in the caller's own store. */
	if (!a->options.subuid && !a->options.no_userns &&
		store_open_others(&c->store, c->globals->shared.v, e) < 0)
		return -1;
	if (image_arg_open(c, image, &i->stored, e) < 0)
		return -1;
	memcpy(i->id, i->stored.record.id, sizeof(i->id));
	config = stored_image_config(&i->stored, e);
	if (config)
		i->config = *config;
	return config ? 0 : -1;
}

static int run_dry(const struct plan *plan)
{
	auto_json j = plan_to_json(plan);
	auto_free char *text = json_dump(j, true);

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

static int run_image(struct call *c, struct run_image *i, struct err *e)
{
	struct run_args *a = c->options;
	struct host_facts facts;
	struct plan plan = { 0 };
	const struct launch launch = {
		.options = &a->launch,
		.plan = &plan,
		.store = &c->store,
		.image = &i->stored,
		.called = c->words[0],
		.id = i->id,
	};
	int status = -1;

	a->launch.store = c->globals->store;
	a->options.command = call_command(c);
	facts_gather(&facts, &a->options, i->stored.rootfs, &c->arena);
	facts.image_id = i->id;
	facts.rootfs =
		i->path ? i->path : subids_tree_path(&i->stored, &a->options, &facts, &c->arena);
	if (plan_make(&plan, &i->config, &a->options, &facts, e) == 0) {
		log_verbose(
			"image %.12s: run %s as %u:%u", i->id, plan.args[0], plan.uid, plan.gid);
		status = a->dry_run	    ? run_dry(&plan)
			 : a->launch.detach ? run_detached(&launch, e)
					    : launch_run(&launch, e);
	}
	plan_done(&plan);
	return status;
}

static int run_run(struct call *c, struct err *e)
{
	struct run_image i = { .stored = STORED_IMAGE_NONE };
	struct run_args *a = c->options;
	int status = -1;

	if (run_opts_settle(a, &c->arena, e) == 0 && run_find_image(c, &i, e) == 0)
		status = run_image(c, &i, e);
	if (status < 0)
		report_failed(a->launch.status_fd, e);
	stored_image_close(&i.stored);
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
	.run = run_run,
	.details =
		"IMAGE is a tarball (docker save, podman save, skopeo, an OCI archive, docker export), compressed or not;\n"
		"`-` for standard input; an OCI layout folder; an unpacked root file system; or the name or first digits\n"
		"of an image that is in the store.  It is unpacked once; what the command writes vanishes at its end.\n"
		"Exit status: the command's; 128+N where signal N ended it; 125 sandbox failed; 126 the command cannot be\n"
		"executed; 127 it was not found.",
};
