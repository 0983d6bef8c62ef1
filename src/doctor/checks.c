/*
 * checks: what `doctor` checks.
 * Looks at the store without making it; throw-away processes try the rest (probe.h).
 */
#include "doctor/checks.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/probe_steps.h"
#include "doctor/site.h"
#include "doctor/store_fs.h"
#include "kernel/as_subids.h"
#include "kernel/cgroup_view.h"
#include "launch/subids.h"
#include "launch/upper_dir.h"
#include "plan/make.h"
#include "plan/options.h"
#include "unpack/landlock.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/release.h"
#include "util/size.h"

#define CHECKS_SECONDS 120
#define CHECKS_RUN_SECONDS 120
#define CHECKS_FILE_MAX (64u << 20)
#define CHECKS_IDS 65536
#define CHECKS_IDS_FIRST 100000		  /* where useradd(8) begins */
#define CHECKS_COMMAND "/.sandbox-doctor" /* does not exist */

struct checks {
	struct probe *list;
	const struct store *store;
	const struct plan *plan;
	int dir; /* on the file system of the store, without mounts in it */
};

/* What kernels before these cannot do. */
static const struct {
	unsigned kernel;
	const char *limit;
} checks_limits[] = {
	{ RELEASE(5, 11), "an overlay is for root alone" },
	{ RELEASE(5, 19), "no Landlock for unpacking" },
	{ RELEASE(6, 6), "memory keeps no user xattrs" },
};

static void checks_kernel(struct probe *p)
{
	struct utsname u = { 0 };
	char text[ERR_MSG_MAX];
	unsigned kernel;
	size_t n;

	(void)uname(&u);
	kernel = release_number(u.release);
	n = (size_t)snprintf(text, sizeof(text), "Linux %s, %s", u.release, u.machine);
	for (size_t i = 0; i < sizeof(checks_limits) / sizeof(checks_limits[0]); i++)
		if (kernel < checks_limits[i].kernel)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "; before %u.%u: %s",
				checks_limits[i].kernel >> 8, checks_limits[i].kernel & 0xff,
				checks_limits[i].limit);
	probe_find(p, kernel < RELEASE(4, 18) ? PROBE_BROKEN : PROBE_OK, "%s", text);
}

static int checks_nothing(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return 0;
}

/* The first number above all subordinate ids. */
static unsigned long checks_free_ids(void)
{
	auto_fd fd = open("/etc/subuid", O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, CHECKS_FILE_MAX, NULL);
	unsigned long first, count, next = CHECKS_IDS_FIRST;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*[^:\n]:%lu:%lu", &first, &count) == 2 && first + count > next)
			next = first + count;
	}
	return next;
}

static void checks_no_ids(struct probe *p)
{
	const unsigned long first = checks_free_ids(), last = first + CHECKS_IDS - 1;
	const struct passwd *user = getpwuid(geteuid());

	probe_find(p, PROBE_MISSING, "/etc/subuid and /etc/subgid give you no ids");
	(void)err_hint(&p->e,
		"package uidmap or shadow-utils; usermod --add-subuids %lu-%lu --add-subgids %lu-%lu %s",
		first, last, first, last, user ? user->pw_name : "USER");
}

static void checks_subuid(void *arg)
{
	struct probe *p = &((const struct checks *)arg)->list[CHECK_SUBUID];
	uint64_t ids = 0;
	struct arena a = { 0 };
	struct id_maps maps;

	if (subids_maps(&maps, &a, &p->e) < 0) {
		checks_no_ids(p);
	} else if (((const struct checks *)arg)->list[PROBE_USER].status == PROBE_OK) {
		for (size_t i = 0; i < maps.n_uid; i++)
			ids += maps.uid[i].count;
		if (as_subids_run(maps, checks_nothing, NULL, &p->e) < 0)
			p->status = PROBE_BROKEN;
		else
			probe_find(p, PROBE_OK, "%llu ids were mapped", (unsigned long long)ids);
	}
	arena_done(&a);
}

static void checks_written(void *arg)
{
	const struct checks *c = arg;
	struct probe *p = &c->list[CHECK_WRITTEN];
	char link[32];
	/* if there is no store yet, the directory that will hold it */
	const char *store = path_of_fd(link, sizeof(link), c->store->fd);
	const char *disk = upper_dir_find_disk(store);

	if (c->list[PROBE_OVERLAY].status == PROBE_UNTRIED)
		return;
	if (c->list[PROBE_OVERLAY].status != PROBE_OK)
		probe_find(p, PROBE_MISSING, "as the overlay's line says");
	else if (upper_dir_memory_will_do(c->plan))
		probe_find(p, PROBE_OK, "in memory");
	else if (disk)
		probe_find(p, PROBE_OK, "in %s: memory keeps no user xattrs here",
			disk == store ? c->store->path : disk);
	else
		probe_find(p, PROBE_MISSING,
			"in memory, which keeps no user xattrs here: a directory of the image that was removed cannot be made again");
}

/* A file outside of the directory must not open. */
static int checks_confined(void *arg, struct err *e)
{
	auto_fd fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)arg;
	return fd < 0 ? 0 : err_set(e, 0, "it does not confine");
}

static void checks_landlock(void *arg)
{
	const struct checks *c = arg;
	struct probe *p = &c->list[CHECK_LANDLOCK];
	int version = landlock_version();

	if (!version) {
		p->status = PROBE_MISSING;
		(void)err_set(&p->e, errno, "there is none");
	} else if (version < 2) {
		probe_find(p, PROBE_MISSING, "version %d, too old to be of use", version);
	} else if (landlock_run(c->dir, checks_confined, NULL, &p->e) < 0) {
		p->status = PROBE_BROKEN;
	} else {
		probe_find(p, PROBE_OK, "version %d", version);
	}
}

/* What an administrator can change on file systems of clusters. */
static const struct checks_fs {
	const char *type, *locks, *xattrs;
} checks_fs[] = {
	{ "lustre", "mount with -o flock", "mount with -o user_xattr" },
	{ "nfs4", "mount without nolock", "NFS 4.2 and Linux 5.9 on both sides" },
	{ "nfs", "mount without nolock", "NFS 4.2 and Linux 5.9 on both sides" },
	{ "beegfs", "tuneUseGlobalFileLocks=true in beegfs-client.conf",
		"sysXAttrsEnabled=true in beegfs-client.conf, storeClientXAttrs=true in beegfs-meta.conf" },
	{ "gpfs", NULL, "another place: --store DIR" },
};

static void checks_hint(const struct checks *c, const struct store_fs *h)
{
	for (size_t i = 0; i < sizeof(checks_fs) / sizeof(checks_fs[0]); i++) {
		if (strcmp(h->type, checks_fs[i].type) != 0)
			continue;
		if (checks_fs[i].locks)
			(void)err_hint(&c->list[CHECK_LOCKS].e, "%s", checks_fs[i].locks);
		(void)err_hint(&c->list[CHECK_XATTRS].e, "%s", checks_fs[i].xattrs);
	}
}

static void checks_store(void *arg)
{
	const struct checks *c = arg;
	struct probe *list = c->list, *p = &list[CHECK_STORE];
	struct store_fs h;
	char size[32];

	store_fs_check(c->dir, &h);
	p->e = h.write;
	if (h.write.msg[0]) {
		p->status = PROBE_BROKEN;
		(void)err_wrap(&p->e, "%s (%s)", c->store->path, h.type);
		return;
	}
	probe_find(p, PROBE_OK, "%s (%s%s%s), %s free", c->store->path, h.type,
		h.nosuid ? ", nosuid" : "", h.squashed ? ", root is another user there" : "",
		size_text(size, sizeof(size), h.free));
	list[CHECK_LOCKS].e = h.locks;
	probe_say(&list[CHECK_LOCKS], h.locks.msg[0] ? -1 : 0, PROBE_MISSING,
		"one was held against another");
	list[CHECK_XATTRS].e = h.xattrs;
	probe_say(&list[CHECK_XATTRS], h.xattrs.msg[0] ? -1 : 0, PROBE_MISSING, "user.*");
	checks_hint(c, &h);
	if (!h.noexec)
		probe_find(&list[CHECK_EXEC], PROBE_OK, "it is not mounted noexec");
	else if (list[PROBE_OVERLAY].status == PROBE_OK || list[PROBE_OVERLAY].stand_in)
		probe_find(&list[CHECK_EXEC], PROBE_OK,
			"mounted noexec, which the overlay does not mind");
	else
		probe_find(&list[CHECK_EXEC], PROBE_BROKEN, "mounted noexec");
}

/* The plan of a run without options.  Returns 0, or -1 with e; plan_done in both cases. */
static int checks_plan(struct plan *p, struct err *e)
{
	const struct image_config config = { .os = NULL };
	char *command[] = { (char *)CHECKS_COMMAND, NULL };
	const struct run_options options = { .command = command, .timeout = CHECKS_RUN_SECONDS };
	struct host_facts facts = { .uid = geteuid(),
		.gid = getegid(),
		.hostname = "doctor",
		.cwd = "/",
		.rootfs = "/",
		.environ = command + 1 };
	struct arena a = { 0 };
	int r;

	cgroup_view(&facts.cgroups_v1, &facts.cgroups, &a);
	r = plan_make(p, &config, &options, &facts, e);
	arena_done(&a);
	return r;
}

int checks_make(struct probe *list, struct store *s, const char *path, struct err *e)
{
	struct checks c = { .list = list, .store = s };
	struct probe *store = &list[CHECK_STORE];
	int there = store_look(s, path, &store->e);
	auto_fd root = there < 0 ? open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	auto_fd dir = store_fs_unmounted(there < 0 ? root : s->staging >= 0 ? s->staging : s->fd);
	struct plan plan;
	int r = checks_plan(&plan, e);

	c.plan = &plan;
	c.dir = dir;
	if (r == 0 && dir < 0)
		r = err_set(e, errno, "doctor: no directory without mounts");
	if (r == 0) {
		checks_kernel(&list[CHECK_KERNEL]);
		probe_steps(&plan, dir, list);
		probe_apart(checks_subuid, &c, CHECKS_SECONDS);
		probe_apart(checks_written, &c, CHECKS_SECONDS);
		probe_apart(checks_landlock, &c, CHECKS_SECONDS);
		site_checks(&list[CHECK_CDI]);
		if (there == 0)
			probe_apart(checks_store, &c, CHECKS_SECONDS);
		else
			store->status = s->nowhere ? PROBE_MISSING : PROBE_BROKEN;
		for (int i = CHECK_LOCKS; there < 0 && s->nowhere && i <= CHECK_EXEC; i++)
			probe_find(&list[i], PROBE_MISSING, "there is no store");
	}
	plan_done(&plan);
	return r;
}
