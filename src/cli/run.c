/*
 * run: the verb `run`: image, config and options become a plan, and the plan a process.
 * Touches what its rooms touch; reads a few files of the host for the plan.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/run_opts.h"
#include "kernel/private_tmpfs.h"
#include "launch/launch.h"
#include "launch/report.h"
#include "launch/subids.h"
#include "launch/upper_dir.h"
#include "runtime/runtime.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/path.h"

#define SETTLE_AFTER \
	2 /* seconds that a run has to last before the disk is made busy for its image */
#define SMALL_FILE_MAX (1u << 20) /* passwd, group, hosts, resolv.conf */

struct run {
	struct arena arena;
	struct run_args args;
	/* what is run */
	struct store store;
	struct stored_image image;
	int rootfs; /* borrowed from image, or own_rootfs */
	int own_rootfs;
	const char *rootfs_path;
	char id[DIGEST_HEX + 1];
	const char *called; /* as the user called it */
	int *news;	    /* see live.h */
	struct image_config config;
};

/* An unpacked root file system, used where it lies. */
static int open_rootfs_dir(struct run *r, const char *path, struct err *e)
{
	static const char config[] =
		"{\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
	char real[PATH_MAX];

	r->own_rootfs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->own_rootfs < 0 || !realpath(path, real))
		return err_set(e, errno, "%s", path);
	r->rootfs = r->own_rootfs;
	r->rootfs_path = arena_strdup(&r->arena, real);
	digest_of(real, strlen(real), r->id);
	return config_parse(config, strlen(config), &r->arena, &r->config, e);
}

static int use_stored(struct run *r, struct err *e)
{
	size_t len = 0;
	auto_free char *text = NULL;

	memcpy(r->id, r->image.record.id, sizeof(r->id));
	r->rootfs = r->image.rootfs;
	r->rootfs_path =
		arena_printf(&r->arena, "%s/images/%s/rootfs", r->image.store->path, r->id);
	text = stored_image_config(&r->image, &len, e);
	return text ? config_parse(text, len, &r->arena, &r->config, e) : -1;
}

/* On a host without a home, /var/tmp or /tmp, as an initramfs is: in memory, as long as it runs. */
static int open_store(struct run *r, char **words, int at, struct err *e)
{
	struct globals *g = r->args.globals;
	struct err why;

	if (store_open(&r->store, g->store, e) == 0)
		return 0;
	if (!r->store.nowhere || r->args.writable)
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

static int find_image(struct run *r, char **words, int at, struct err *e)
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

/* A small text file, NULL where there is none.  root >= 0: of the image, resolved inside, never a
 * fifo or device. */
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

static bool is_in_image(const struct run *r, const char *path, mode_t type)
{
	auto_fd fd = path_open_in_root(r->rootfs, path, O_PATH, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

/* "Europe/Rome"; a name that leads elsewhere is none. */
static void gather_zone(struct run *r, const char *zone, struct host_facts *h)
{
	const char *path = arena_printf(&r->arena, "/usr/share/zoneinfo/%s", zone);
	struct stat st;

	if (!*zone || *zone == '/' || strstr(zone, ".."))
		return;
	h->zone_in_image = is_in_image(r, path, S_IFREG);
	h->zone_on_host = stat(path, &st) == 0 && S_ISREG(st.st_mode);
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
		.environ = environ,
		.has_localtime = access("/etc/localtime", R_OK) == 0,
		.has_apt = is_in_image(r, "etc/apt/apt.conf.d", S_IFDIR),
	};
	if (r->args.options.keep_id || r->args.options.subuid)
		subids_gather(h, &r->arena);
	if (r->args.options.timezone)
		gather_zone(r, r->args.options.timezone, h);
}

/*
 * The data of a new image is written back while the payload runs.  A child does it, so that nothing
 * waits for the disk; it dies with this process, and then a later run does it.  Before the pid
 * namespace is made, of which all later children would be members.  Returns it, or -1.
 */
static pid_t settle_beside(struct run *r)
{
	const pid_t parent = getpid();
	struct err e;
	pid_t pid;

	if (r->image.dir < 0 || r->image.store->shared || !r->image.record.boot[0])
		return -1;
	pid = fork();
	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A process that waits for the disk cannot be killed: that must not keep the image in use.
	 */
	fd_closep(&r->image.lock);
	(void)sleep(SETTLE_AFTER);
	if (getppid() == parent)
		(void)stored_image_settle(&r->store, &r->image, &e);
	_exit(0);
}

/* After a short run nothing is left of it; after a long one it may wait for the disk. */
static void settle_end(pid_t pid, time_t since)
{
	if (pid < 0)
		return;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, time(NULL) - since < SETTLE_AFTER ? 0 : WNOHANG);
}

static int run_live(struct run *r, const struct plan *plan, struct err *e)
{
	struct launch l = {
		.args = &r->args,
		.plan = plan,
		.store = &r->store,
		.rootfs = r->rootfs,
		.image = r->called,
		.image_id = r->id,
		.news = r->news,
	};

	return launch_run(&l, e);
}

/* With the trees on disk that the plan wants: one with owners below, one for what is written above.
 */
static int run_with_files(struct run *r, struct plan *plan, struct err *e)
{
	struct upper_dir upper;
	int status = -1;

	if ((plan->map_helpers || plan->host_ids) && r->image.dir >= 0) {
		if (subids_tree(&r->store, &r->image, plan, e) < 0)
			return -1;
		r->rootfs = r->image.rootfs;
	}
	if (upper_dir_open(&upper, &r->args, &r->store, r->rootfs, r->id, plan, e) == 0)
		status = run_live(r, plan, e);
	upper_dir_close(&upper);
	return status;
}

/* A plan and what it is to be carried out with. */
struct run_job {
	struct run *run;
	struct plan *plan;
};

static int carry_out_plan(void *arg, int *news, struct err *e)
{
	struct run_job *job = arg;
	const time_t since = time(NULL);
	int none = -1, status;
	pid_t settling;

	job->run->news = news ? news : &none;
	stored_image_used(&job->run->image);
	settling = settle_beside(job->run);
	status = run_with_files(job->run, job->plan, e);
	settle_end(settling, since);
	return status;
}

static int carry_out(struct run *r, struct err *e)
{
	struct host_facts facts;
	struct plan plan = { 0 };
	struct run_job job = { .run = r, .plan = &plan };
	int status = -1;

	gather_facts(r, &facts);
	r->args.options.on_disk = r->args.scratch || r->args.writable;
	if (plan_make(&plan, &r->config, &r->args.options, &facts, e) == 0) {
		log_verbose(
			"image %.12s: run %s as %u:%u", r->id, plan.args[0], plan.uid, plan.gid);
		if (r->args.dry_run) {
			auto_json j = plan_to_json(&plan);
			auto_free char *text = json_dump(j, true);

			puts(text);
			status = 0;
		} else if (r->args.detach) {
			status = launch_detach(&r->args, carry_out_plan, &job, e);
		} else {
			status = carry_out_plan(&job, NULL, e);
		}
	}
	plan_done(&plan);
	return status;
}

static int run_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct run r = { .own_rootfs = -1, .rootfs = -1, .store = STORE_NONE };
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
			report_failed(r.args.status_fd, e);
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
