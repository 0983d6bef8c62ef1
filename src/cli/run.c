/*
 * run: the verb `run`: image, config and options become a plan, and the plan a process.
 * Called by main.c.  Touches what its rooms touch; reads a few files of the host for the plan.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/env.h"
#include "plan/options.h"
#include "runtime/runtime.h"
#include "store/runs.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/path.h"

#define SMALL_FILE_MAX (1u << 20) /* passwd, group, hosts, resolv.conf */

struct run {
	struct globals *globals;
	struct arena arena;
	struct import_request request;
	struct run_options options;
	const char *name;
	bool dry_run;
	/* what is run */
	struct store store;
	struct stored_image image;
	int rootfs; /* borrowed from image, or own_rootfs */
	int own_rootfs;
	const char *rootfs_path;
	char id[DIGEST_HEX + 1];
	struct image_config config;
};

static const struct opt run_opts[] = {
	{0, NULL, NULL, "The process:"},
	{'e', "env", "NAME[=VALUE]", "set a variable, or take it from the caller"},
	{OPT_ENV_FILE, "env-file", "FILE", "a file of such lines"},
	{'w', "workdir", "DIR", "directory to start in (made where missing)"},
	{'u', "user", "USER[:GROUP]", "name or number, as the image's /etc/passwd and /etc/group have them"},
	{OPT_ENTRYPOINT, "entrypoint", "COMMAND", "in place of the image's entrypoint; \"\" for none"},
	{OPT_NO_INIT, "no-init", NULL, "the command itself is process 1"},
	{OPT_INIT, "init", NULL, "accepted: an init is there by default"},
	{'i', "interactive", NULL, "accepted: standard input is always passed on"},
	{OPT_RM, "rm", NULL, "accepted: nothing is ever left"},
	{OPT_NAME, "name", "NAME", "a name for this run"},
	{OPT_DRY_RUN, "dry-run", NULL, "print the plan as an OCI runtime config.json and end"},
	{0, NULL, NULL, "Files:"},
	{'v', "volume", "SRC:DST[:ro]", "show a file or directory of the host inside"},
	{OPT_TMPFS, "tmpfs", "DST[:OPTIONS]", "an empty directory in memory (size=, mode=)"},
	{OPT_READ_ONLY, "read-only", NULL, "the root file system cannot be written to"},
	{0, NULL, NULL, "Confinement:"},
	{OPT_NETWORK, "network", "host|none", "the host's network (default), or only a loopback"},
	{'h', "hostname", "NAME", "host name inside"},
	OPTS_IMAGE,
	OPTS_GLOBAL,
};

static int run_option(void *arg, int id, char *value, struct err *e)
{
	struct run *r = arg;
	struct run_options *o = &r->options;

	switch (id) {
	case 'e':
		return env_add(&o->env, &r->arena, value, e);
	case OPT_ENV_FILE:
		return env_add_file(&o->env, &r->arena, value, e);
	case 'w':
		o->workdir = value;
		return 0;
	case 'u':
		o->user = value;
		return 0;
	case OPT_ENTRYPOINT:
		o->entrypoint = value;
		return 0;
	case OPT_NO_INIT:
		o->no_init = true;
		return 0;
	case OPT_NAME:
		r->name = value;
		return 0;
	case OPT_DRY_RUN:
		r->dry_run = true;
		return 0;
	case 'v':
		strv_add(&r->arena, &o->volumes, value);
		return 0;
	case OPT_TMPFS:
		strv_add(&r->arena, &o->tmpfs, value);
		return 0;
	case OPT_READ_ONLY:
		o->read_only = true;
		return 0;
	case OPT_NETWORK:
		o->network = value;
		return 0;
	case 'h':
		o->hostname = value;
		return 0;
	default:
		break;
	}
	if (cli_global_option(r->globals, &verb_run, id, value))
		return 0;
	return cli_image_option(&r->request, &r->arena, id, value, e) < 0 ? -1 : 0;
}

/* An unpacked root file system, used where it lies. */
static int open_rootfs_dir(struct run *r, const char *path, struct err *e)
{
	static const char config[] = "{\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
	char real[PATH_MAX];

	r->own_rootfs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->own_rootfs < 0 || !realpath(path, real))
		return err_set(e, errno, "%s", path);
	r->rootfs = r->own_rootfs;
	r->rootfs_path = arena_strdup(&r->arena, real);
	digest_of(real, strlen(real), r->id);
	return config_parse(config, strlen(config), &r->arena, &r->config, e);
}

static int open_stored(struct run *r, struct err *e)
{
	size_t len = 0;
	auto_free char *text = NULL;

	if (stored_image_open(&r->image, &r->store, r->id, e) < 0)
		return -1;
	r->rootfs = r->image.rootfs;
	r->rootfs_path = arena_printf(&r->arena, "%s/images/%s/rootfs", r->store.path, r->id);
	text = stored_image_config(&r->image, &len, e);
	return text ? config_parse(text, len, &r->arena, &r->config, e) : -1;
}

static int find_image(struct run *r, const char *image, struct err *e)
{
	struct stat st;

	if (stat(image, &st) == 0 && S_ISDIR(st.st_mode)) {
		auto_fd dir = open(image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir < 0)
			return err_set(e, errno, "%s", image);
		if (faccessat(dir, "oci-layout", F_OK, 0) < 0 && faccessat(dir, "manifest.json", F_OK, 0) < 0)
			return open_rootfs_dir(r, image, e);
	}
	if (store_open(&r->store, r->globals->store, e) < 0)
		return -1;
	if (cli_find_image(&r->store, image, &r->request, &r->arena, r->id, e) < 0)
		return -1;
	return open_stored(r, e);
}

/* A small text file, NULL where there is none.  root >= 0: of the image, resolved inside, never a fifo or device. */
static char *read_small(struct run *r, int root, const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_fd fd = root >= 0 ? path_open_in_root(root, path, flags, 0) : open(path, flags);
	struct stat st;
	auto_free char *text = NULL;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	text = fd_read_all(fd, SMALL_FILE_MAX, NULL);
	return arena_strdup(&r->arena, text);
}

static void gather_facts(struct run *r, struct host_facts *h)
{
	char name[HOST_NAME_MAX + 1] = "", cwd[PATH_MAX];

	(void)gethostname(name, sizeof(name) - 1);
	*h = (struct host_facts){
		.uid = geteuid(),
		.gid = getegid(),
		.hostname = arena_strdup(&r->arena, name),
		.cwd = arena_strdup(&r->arena, getcwd(cwd, sizeof(cwd)) ? cwd : "/"),
		.term = isatty(STDIN_FILENO) ? getenv("TERM") : NULL,
		.resolv_conf = read_small(r, -1, "/etc/resolv.conf"),
		.hosts = read_small(r, -1, "/etc/hosts"),
		.passwd = read_small(r, r->rootfs, "etc/passwd"),
		.group = read_small(r, r->rootfs, "etc/group"),
		.image_id = r->id,
		.rootfs = r->rootfs_path,
	};
}

#define SETTLE_AGE 30	/* seconds after which the kernel has written most of it by itself, vm.dirty_expire_centisecs */
#define SETTLE_PAUSE 2	/* seconds that a run has to last before the disk is made busy on its behalf */

/*
 * The data of a new image is written back while the payload runs.  A child does it, so that nothing waits for the disk;
 * it dies with this process, and then a later run does it.
 */
static void settle_beside(struct run *r)
{
	struct err e;
	pid_t parent = getpid();

	if (r->image.dir < 0 || !r->image.record.boot[0] || fork() != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (time(NULL) - r->image.record.unpacked < SETTLE_AGE)
		(void)sleep(SETTLE_PAUSE);
	if (getppid() == parent)
		(void)stored_image_settle(&r->store, &r->image, &e);
	_exit(0);
}

/* Under its name, where it was given one. */
static int run_named(struct run *r, const struct plan *plan, struct err *e)
{
	struct run_entry entry = {.lock = -1};
	int status = -1;

	if (!r->name)
		return runtime_run(plan, r->rootfs, e);
	if (r->store.fd < 0 && store_open(&r->store, r->globals->store, e) < 0)
		return -1;
	if (runs_enter(&entry, &r->store, r->name, r->id, e) == 0)
		status = runtime_run(plan, r->rootfs, e);
	runs_leave(&entry);
	return status;
}

static int carry_out(struct run *r, struct err *e)
{
	struct host_facts facts;
	struct plan plan = {0};
	int status = -1;

	gather_facts(r, &facts);
	if (plan_make(&plan, &r->config, &r->options, &facts, e) == 0) {
		if (r->dry_run) {
			auto_json j = plan_to_json(&plan);
			auto_free char *text = json_dump(j, true);

			puts(text);
			status = 0;
		} else {
			settle_beside(r);
			status = run_named(r, &plan, e);
		}
	}
	plan_done(&plan);
	return status;
}

static int run_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct run r = {.globals = g, .own_rootfs = -1, .rootfs = -1};
	int at, status = -1;

	r.store = STORE_NONE;
	r.image = (struct stored_image){.dir = -1, .rootfs = -1, .lock = -1};
	at = opts_parse(run_opts, argc, argv, run_option, &r, e);
	if (at >= 0 && at == argc) {
		(void)err_set(e, 0, "run: no image given");
		(void)err_hint(e, "`sandbox help run` tells how");
	} else if (at >= 0) {
		const char *image = argv[at++];

		/* Who comes from other tools separates the command by "--". */
		if (at < argc && strcmp(argv[at], "--") == 0)
			at++;
		r.options.command = argv + at;
		if (find_image(&r, image, e) == 0)
			status = carry_out(&r, e);
	}
	stored_image_close(&r.image);
	store_done(&r.store);
	fd_closep(&r.own_rootfs);
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
