/*
 * mounts: default mounts, generated files and the user's volumes, in order.
 * Touches memory only; writes notes.
 */
#include "plan/mounts.h"

#include <linux/mount.h>
#include <string.h>

#include "plan/defaults.h"
#include "plan/etc.h"
#include "plan/ids.h"
#include "plan/keep_id.h"
#include "plan/mount_option.h"
#include "plan/volume.h"
#include "util/log.h"
#include "util/size.h"

#define MOUNTS_SCRIPT 1
#define MOUNTS_FILES 7	 /* that are generated in /etc */
#define MOUNTS_TTY_GID 5 /* of terminals in Debian, Alpine, Fedora and their kin */

static void mounts_add(struct plan *p, struct plan_mount m)
{
	p->mounts[p->n_mounts++] = m;
}

static size_t mounts_depth(const struct plan_mount *m)
{
	size_t n = 0;

	for (const char *s = m->dst; *s; s++)
		n += *s == '/';
	return n;
}

/*
 * Add a volume after those from first on that are not deeper: /a must be there before /a/b is
 * mounted.  Equal depths keep the order of the command line.
 */
static void mounts_add_sorted(struct plan *p, size_t first, struct plan_mount m)
{
	size_t at = p->n_mounts++, depth = mounts_depth(&m);

	for (; at > first && mounts_depth(&p->mounts[at - 1]) > depth; at--)
		p->mounts[at] = p->mounts[at - 1];
	p->mounts[at] = m;
}

static const struct plan_mount *mounts_find(const struct plan *p, size_t first, const char *dst)
{
	for (size_t i = first; i < p->n_mounts; i++)
		if (strcmp(p->mounts[i].dst, dst) == 0)
			return &p->mounts[i];
	return NULL;
}

/* The table's own data, changed by options and id maps. */
static int mounts_default_data(struct plan *p, const struct run_options *o,
	const struct defaults_mount *d, char **ret, struct err *e)
{
	uint64_t bytes;

	*ret = arena_strdup(&p->arena, d->data);
	/* With one id the mounts are made as 0:0, whatever the payload's numbers are (idmap.c). */
	if (d->kind == MOUNT_DEVPTS &&
		(p->host_ids ||
			(p->map_helpers && ids_have(p->gid_maps, p->n_gid_maps, MOUNTS_TTY_GID))))
		*ret = arena_printf(&p->arena, "%s,gid=%d", d->data, MOUNTS_TTY_GID);
	if (!o->shm_size || strcmp(d->dst, "/dev/shm") != 0)
		return 0;
	if (size_read("--shm-size", o->shm_size, 0, &bytes, e) < 0)
		return -1;
	/* as with Docker, 0 is the default */
	if (bytes)
		*ret = arena_printf(&p->arena, "mode=1777,size=%llu", (unsigned long long)bytes);
	return 0;
}

/* sysfs shows a network namespace, and only the owner of that may mount it.  On the host's network
 * bind the host's, if there is one. */
static void mounts_bind_sys(struct plan *p, struct plan_mount *m)
{
	m->kind = MOUNT_BIND;
	m->src = arena_strdup(&p->arena, m->dst);
	m->recursive = m->deep = m->own = m->optional = true;
}

/*
 * /sys/fs/cgroup, where programs look for their limits.  The host's, of version 1, came with its /sys,
 * unless the sandbox has a sysfs of its own.  A limit of a cgroup above the caller's is shown in place
 * of the caller's, but not in place of one that the sandbox gets for itself.
 */
static void mounts_add_cgroups(
	struct plan *p, const struct host_facts *h, const struct defaults_mount *d)
{
	const bool above = h->cgroups.n && !p->limits.memory && !p->limits.cpu_quota;
	struct plan_mount m = { .kind = d->kind,
		.attr = d->attr,
		.optional = true,
		.dst = arena_strdup(&p->arena, d->dst) };

	if (!h->cgroups_v1 && !above)
		mounts_add(p, m);
	m.kind = MOUNT_BIND;
	m.src = m.dst;
	m.recursive = m.deep = true;
	if (h->cgroups_v1 && p->network != NETWORK_HOST)
		mounts_add(p, m);
	m.recursive = m.deep = false;
	for (size_t i = 0; above && i < h->cgroups.n; i += 2) {
		m.dst = arena_strdup(&p->arena, h->cgroups.v[i]);
		m.src = arena_strdup(&p->arena, h->cgroups.v[i + 1]);
		mounts_add(p, m);
	}
}

static int mounts_add_defaults(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	for (size_t i = 0; i < defaults_n_mounts; i++) {
		const struct defaults_mount *d = &defaults_mounts[i];
		char *data;

		if (d->kind == MOUNT_CGROUP) {
			mounts_add_cgroups(p, h, d);
			continue;
		}
		if (mounts_default_data(p, o, d, &data, e) < 0)
			return -1;
		mounts_add(p, (struct plan_mount){
				      .kind = d->kind,
				      .dst = arena_strdup(&p->arena, d->dst),
				      .attr = d->attr,
				      .data = data,
				      .optional = d->optional,
			      });
		if (d->kind == MOUNT_SYSFS && p->network == NETWORK_HOST)
			mounts_bind_sys(p, &p->mounts[p->n_mounts - 1]);
	}
	return 0;
}

static void mounts_add_file(struct plan *p, const char *dst, char *text)
{
	p->files[p->n_files++] = (struct plan_file){ arena_strdup(&p->arena, dst), text };
}

/* The host's time zone, or one that only the host has; for one that the image has, $TZ is enough. */
static int mounts_add_zone(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	bool host = o->timezone && strcmp(o->timezone, "host") == 0;

	if (!o->timezone || (!host && h->zone_in_image))
		return 0;
	if (host ? !h->has_localtime : !h->zone_on_host)
		return host ? err_set(e, 0, "--tz host: the host has no /etc/localtime")
			    : err_set(e, 0, "--tz %s: neither the image nor the host has it",
				      o->timezone);
	mounts_add(p, (struct plan_mount){
			      .kind = MOUNT_BIND,
			      .src = host ? arena_strdup(&p->arena, "/etc/localtime")
					  : arena_printf(&p->arena, "/usr/share/zoneinfo/%s",
						    o->timezone),
			      .dst = arena_strdup(&p->arena, "/etc/localtime"),
			      .attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				      MOUNT_ATTR_NOEXEC,
			      .own = true,
		      });
	return 0;
}

static int mounts_add_files(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	char *hosts = etc_hosts(p, o, h, e), *resolv_conf;

	if (!hosts || etc_resolv_conf(p, o, h, &resolv_conf, e) < 0)
		return -1;
	if (resolv_conf)
		mounts_add_file(p, "/etc/resolv.conf", resolv_conf);
	mounts_add_file(p, "/etc/hosts", hosts);
	mounts_add_file(p, "/etc/hostname", arena_printf(&p->arena, "%s\n", p->hostname));
	if (o->keep_id) {
		mounts_add_file(p, "/etc/passwd", keep_id_passwd(&p->arena, o, h));
		mounts_add_file(p, "/etc/group", keep_id_group(&p->arena, h));
	}
	/*
	 * apt checks whether it has become the user _apt.  Answering its calls with success does not
	 * make that true.
	 */
	if (h->has_apt && p->emulate == SECCOMP_EMULATE_BASIC)
		mounts_add_file(p, "/etc/apt/apt.conf.d/99sandbox",
			arena_strdup(&p->arena, "APT::Sandbox::User \"root\";\n"));
	return mounts_add_zone(p, o, h, e);
}

/*
 * In an ephemeral root the image's volumes are writable anyway.  With --read-only they are what stays
 * writable.  An invalid one is left out: the image asks for it, not the user.
 */
static void mounts_add_image_volumes(struct plan *p, size_t first, const struct image_config *c)
{
	struct err ignored;

	if (!p->read_only)
		return;
	for (char **v = c->volumes; v && *v; v++) {
		struct plan_mount m = {
			.kind = MOUNT_TMPFS,
			.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
			.data = arena_strdup(&p->arena, "mode=0755"),
			.copy_up = true,
		};

		if (volume_target(*v, "image volume", *v, &p->arena, &m.dst, &ignored) < 0)
			log_note("%s; left out", ignored.msg);
		else if (!mounts_find(p, first, m.dst))
			mounts_add_sorted(p, first, m);
	}
}

/* The options that mount something. */
#define MOUNTS_LISTS 4
struct mounts_list {
	const char *name;
	const struct strv *texts;
	mount_text_parser *parse;
};

static void mounts_lists(const struct run_options *o, struct mounts_list ret[MOUNTS_LISTS])
{
	ret[0] = (struct mounts_list){ "--volume", &o->volumes, volume_parse };
	ret[1] = (struct mounts_list){ "--mount", &o->mounts, mount_text_parse };
	ret[2] = (struct mounts_list){ "--tmpfs", &o->tmpfs, volume_parse_tmpfs };
	ret[3] = (struct mounts_list){ "--device", &o->devices, mount_text_device };
}

int mounts_check(const struct run_options *o, struct err *e)
{
	struct mounts_list lists[MOUNTS_LISTS];
	struct arena a = { 0 };
	struct mount_text t = { .cwd = "/", .arena = &a };
	struct plan_mount m;
	uint64_t bytes;
	int r = o->shm_size ? size_read("--shm-size", o->shm_size, 0, &bytes, e) : 0;

	mounts_lists(o, lists);
	for (size_t l = 0; l < MOUNTS_LISTS; l++)
		for (size_t i = 0; r == 0 && i < lists[l].texts->n; i++) {
			t.text = lists[l].texts->v[i];
			if (lists[l].texts != &o->devices || !edits_is_name(t.text))
				r = lists[l].parse(&t, &m, e);
		}
	arena_done(&a);
	return r;
}

static int mounts_add_list(struct plan *p, size_t first, const struct mounts_list *list,
	const char *cwd, struct err *e)
{
	struct strv notes = { 0 };
	struct mount_text t = { .cwd = cwd, .arena = &p->arena, .notes = &notes, .plan = p };

	for (size_t i = 0; i < list->texts->n; i++) {
		struct plan_mount m;

		t.text = list->texts->v[i];
		if (list->parse(&t, &m, e) < 0)
			return -1;
		if (mounts_find(p, first, m.dst))
			return err_set(e, 0, "%s %s: there is another mount on %s", list->name,
				t.text, m.dst);
		/* a /dev without device nodes would be of no use */
		if (m.kind == MOUNT_TMPFS && !m.copy_up && strcmp(m.dst, "/dev") == 0)
			m.kind = MOUNT_DEV;
		mounts_add_sorted(p, first, m);
	}
	for (size_t i = 0; i < notes.n; i++)
		log_note("%s", notes.v[i]);
	return 0;
}

/* A device of CDI replaces what else is mounted at the same place. */
static void mounts_add_edits(struct plan *p, size_t first, const struct plan_edits *ed)
{
	for (size_t i = 0; i < ed->n_mounts; i++) {
		struct plan_mount m = ed->mounts[i];
		size_t kept = first;

		for (size_t k = first; k < p->n_mounts; k++)
			if (strcmp(p->mounts[k].dst, m.dst) != 0)
				p->mounts[kept++] = p->mounts[k];
		p->n_mounts = kept;
		m.src = arena_strdup(&p->arena, m.src);
		m.dst = arena_strdup(&p->arena, m.dst);
		m.data = arena_strdup(&p->arena, m.data);
		mounts_add_sorted(p, first, m);
	}
}

/* Does one of the mounts from first on cover dst?  What is mounted there would be hidden, or would
 * hide a part of that mount. */
static bool mounts_is_covered(const struct plan *p, size_t first, const char *dst)
{
	for (size_t i = first; i < p->n_mounts; i++)
		if (volume_is_below(dst, p->mounts[i].dst))
			return true;
	return false;
}

static void mounts_add_binds(struct plan *p, size_t first, const struct strv *paths)
{
	struct err ignored;

	for (size_t i = 0; i < paths->n; i++) {
		struct plan_mount m = { .kind = MOUNT_BIND,
			.src = arena_strdup(&p->arena, paths->v[i]),
			.recursive = true,
			.optional = true };

		if (volume_target(m.src, "bind", m.src, &p->arena, &m.dst, &ignored) == 0 &&
			!mounts_is_covered(p, first, m.dst))
			mounts_add_sorted(p, first, m);
	}
}

/*
 * The script that sandbox interprets, where the interpreter inside looks for it: Slurm's copy of a batch
 * script lies in no folder of the user's.  What the options mount there stays.
 */
static void mounts_add_script(struct plan *p, size_t first, const struct host_facts *h)
{
	struct plan_mount m = { .kind = MOUNT_BIND,
		.attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	const char *path = h->script;
	struct err ignored;

	if (!path || volume_source(path, h->cwd, "script", path, &p->arena, &m.src, &ignored) < 0)
		return;
	if (path[0] != '/')
		path = arena_printf(&p->arena, "%s/%s", p->cwd, path);
	if (volume_target(path, "script", path, &p->arena, &m.dst, &ignored) == 0 &&
		!mounts_is_covered(p, first, m.dst))
		mounts_add_sorted(p, first, m);
}

static void mounts_drop_covered(struct plan *p, size_t first)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_files; i++)
		if (!mounts_is_covered(p, first, p->files[i].dst))
			p->files[kept++] = p->files[i];
	p->n_files = kept;
	kept = 0;
	for (size_t i = 0, n = p->n_mounts; i < n; i++)
		if (i >= first || !mounts_is_covered(p, first, p->mounts[i].dst))
			p->mounts[kept++] = p->mounts[i];
	p->n_mounts = kept;
}

int mounts_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e)
{
	size_t room = defaults_n_mounts + h->cgroups.n + MOUNTS_FILES + o->volumes.n + o->mounts.n +
		      o->tmpfs.n + o->devices.n + o->edits.n_mounts + o->binds.n + MOUNTS_SCRIPT;
	struct mounts_list lists[MOUNTS_LISTS];
	size_t first;

	for (char **v = c->volumes; v && *v; v++)
		room++;
	p->mounts = arena_alloc(&p->arena, room * sizeof(*p->mounts));
	p->files = arena_alloc(&p->arena, MOUNTS_FILES * sizeof(*p->files));
	if (mounts_add_defaults(p, o, h, e) < 0 || mounts_add_files(p, o, h, e) < 0)
		return -1;
	first = p->n_mounts;
	mounts_lists(o, lists);
	for (size_t i = 0; i < MOUNTS_LISTS; i++)
		if (mounts_add_list(p, first, &lists[i], h->cwd, e) < 0)
			return -1;
	mounts_add_edits(p, first, &o->edits);
	mounts_add_binds(p, first, &o->binds);
	mounts_add_script(p, first, h);
	mounts_add_image_volumes(p, first, c);
	mounts_drop_covered(p, first);
	return 0;
}
