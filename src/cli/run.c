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

#include "cli/run_opts.h"
#include "kernel/private_tmpfs.h"
#include "launch/facts.h"
#include "launch/launch.h"
#include "launch/report.h"
#include "launch/subids.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"

struct run_call {
	struct arena arena;
	struct run_args args;
	struct store store;
	struct stored_image image; /* of a plain folder only its rootfs */
	const char *rootfs_path;   /* of a plain folder; NULL where the image is in a store */
	char id[DIGEST_HEX + 1];
	const char *called; /* as the user called it */
	struct image_config config;
};

/* An unpacked root file system, used where it lies. */
static int open_rootfs_dir(struct run_call *r, const char *path, struct err *e)
{
	static char *cmd[] = { (char *)"/bin/sh", NULL };
	char real[PATH_MAX];

	r->image.rootfs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->image.rootfs < 0 || !realpath(path, real))
		return err_set(e, errno, "%s", path);
	r->rootfs_path = arena_strdup(&r->arena, real);
	digest_of(real, strlen(real), r->id);
	r->config = (struct image_config){ .os = (char *)"linux", .cmd = cmd };
	return 0;
}

static int use_stored(struct run_call *r, struct err *e)
{
	size_t len = 0;
	auto_free char *text = NULL;

	memcpy(r->id, r->image.record.id, sizeof(r->id));
	text = stored_image_config(&r->image, &len, e);
	return text ? config_parse(text, len, &r->arena, &r->config, e) : -1;
}

/* On a host without a home, /var/tmp or /tmp, as an initramfs is: in memory, as long as it runs. */
static int open_store(struct run_call *r, char **words, int at, struct err *e)
{
	struct globals *g = r->args.globals;
	struct err why;

	if (store_open(&r->store, g->store, e) == 0)
		return 0;
	if (!r->store.nowhere || r->args.options.writable)
		return -1;
	/* A new place holds no image that is called by a name. */
	if (!cli_is_source(words[at], &r->args.request, &r->arena) && !g->shared.n &&
		!getenv("SANDBOX_STORES"))
		return strchr(words[at], '/') ? err_set(e, ENOENT, "%s", words[at]) : -1;
	why = *e;
	store_done(&r->store);
	if (private_tmpfs_make(words, &g->store, e) < 0)
		return err_wrap(e, "%s; in memory", why.msg);
	log_note(
		"%s: the image is unpacked to memory and gone after the run (--store DIR keeps it)",
		why.msg);
	return store_open(&r->store, g->store, e);
}

static int find_image(struct run_call *r, char **words, int at, struct err *e)
{
	const char *image = words[at];
	struct stat st;

	if (stat(image, &st) == 0 && S_ISDIR(st.st_mode)) {
		auto_fd dir = open(image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir < 0)
			return err_set(e, errno, "%s", image);
		if (faccessat(dir, "oci-layout", F_OK, 0) < 0 &&
			faccessat(dir, "manifest.json", F_OK, 0) < 0)
			return open_rootfs_dir(r, image, e);
	}
	if (open_store(r, words, at, e) < 0)
		return -1;
	/* A tree with owners is made beside the image: it has to be in the caller's own store. */
	if (!r->args.options.subuid && !r->args.options.no_userns &&
		store_open_others(&r->store, r->args.globals->shared.v, e) < 0)
		return -1;
	if (cli_open_image(&r->store, image, &r->args.request, &r->arena, &r->image, e) < 0)
		return -1;
	return use_stored(r, e);
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

static int carry_out(struct run_call *r, struct err *e)
{
	struct run_args *a = &r->args;
	struct host_facts facts;
	struct plan plan = { 0 };
	const struct launch launch = {
		.options = &a->launch,
		.plan = &plan,
		.store = &r->store,
		.image = &r->image,
		.called = r->called,
		.id = r->id,
	};
	int status = -1;

	a->launch.store = a->globals->store;
	facts_gather(&facts, &a->options, r->image.rootfs, &r->arena);
	facts.image_id = r->id;
	facts.rootfs = r->rootfs_path ? r->rootfs_path
				      : subids_tree_path(&r->image, &a->options, &facts, &r->arena);
	if (plan_make(&plan, &r->config, &a->options, &facts, e) == 0) {
		log_verbose(
			"image %.12s: run %s as %u:%u", r->id, plan.args[0], plan.uid, plan.gid);
		status = a->dry_run	    ? run_dry(&plan)
			 : a->launch.detach ? run_detached(&launch, e)
					    : launch_run(&launch, e);
	}
	plan_done(&plan);
	return status;
}

static int run_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct run_call r = { .store = STORE_NONE };
	int at, status = -1;

	r.image = STORED_IMAGE_NONE;
	r.args = (struct run_args){ .globals = g, .arena = &r.arena };
	/* One block that stays: musl unmaps a size of which nothing is left, and arenas come and
	 * go. */
	(void)arena_alloc(&r.arena, 1);
	at = run_args_parse(&r.args, argc, argv, e);
	if (at >= 0) {
		r.called = argv[at];
		if (find_image(&r, argv, at, e) == 0)
			status = carry_out(&r, e);
		if (status < 0)
			report_failed(r.args.launch.status_fd, e);
	}
	stored_image_close(&r.image);
	store_done(&r.store);
	arena_done(&r.arena);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.synopsis = "[OPTIONS] IMAGE [COMMAND [ARG...]]",
	.summary = "run a command in an image",
	.opts = run_opts,
	.run = run_run,
	.details =
		"IMAGE is a tarball (docker save, podman save, skopeo, an OCI archive, docker export), compressed or not;\n"
		"`-` for standard input; an OCI layout folder; an unpacked root file system; or the name or first digits\n"
		"of an image that is in the store.  It is unpacked once; what the command writes vanishes at its end.\n"
		"Exit status: the command's; 128+N where signal N ended it; 125 sandbox failed; 126 the command cannot be\n"
		"executed; 127 it was not found.",
};
