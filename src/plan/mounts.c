/*
 * mounts: default mounts, generated files and the user's volumes as one ordered list.
 * Called by plan.c.
 * Touches memory only; says notes.
 */
#include "plan/mounts.h"

#include <linux/mount.h>
#include <string.h>

#include "plan/defaults.h"
#include "plan/volume.h"
#include "util/log.h"

#define MOUNTS_FILES 3 /* that are generated in /etc */

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
 * Add a volume behind those from first on that are no deeper: /a must be there before /a/b is
 * mounted. Equal depths keep the order of the command line.
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

static void mounts_add_defaults(struct plan *p)
{
	for (size_t i = 0; i < defaults_n_mounts; i++) {
		const struct defaults_mount *d = &defaults_mounts[i];

		mounts_add(p,
			(struct plan_mount){
				.kind = d->kind,
				.dst = arena_strdup(&p->arena, d->dst),
				.attr = d->attr,
				.data = arena_strdup(&p->arena, d->data),
				.optional = d->optional,
			});
	}
}

static void mounts_add_file(struct plan *p, const char *dst, char *text)
{
	/* As in Docker, the sandbox may write to its own copy unless its root is read-only. */
	uint64_t attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
		(p->root_mode == ROOT_READ_ONLY ? MOUNT_ATTR_RDONLY : 0);

	mounts_add(p,
		(struct plan_mount){
			.kind = MOUNT_FILE,
			.src = text,
			.dst = arena_strdup(&p->arena, dst),
			.attr = attr,
		});
}

/* With the host's network go the host's names for it; a sandbox on its own knows only itself. */
static char *mounts_hosts(struct plan *p, const struct host_facts *h)
{
	static const char local[] =
		"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
	const char *host = p->network == NETWORK_HOST && h->hosts ? h->hosts : "";
	size_t n = strlen(host);
	bool own_name = p->network != NETWORK_HOST || !h->hostname || strcmp(p->hostname, h->hostname) != 0;

	/* The host's own name resolves as it does outside: a loopback address would keep MPI's ranks apart. */
	return arena_printf(&p->arena, "%s%s%s%s%s%s", strstr(host, "localhost") ? "" : local, host,
		n && host[n - 1] != '\n' ? "\n" : "", own_name ? "127.0.0.1\t" : "", own_name ? p->hostname : "",
		own_name ? "\n" : "");
}

static void mounts_add_files(struct plan *p, const struct host_facts *h)
{
	if (h->resolv_conf)
		mounts_add_file(p, "/etc/resolv.conf", arena_strdup(&p->arena, h->resolv_conf));
	mounts_add_file(p, "/etc/hosts", mounts_hosts(p, h));
	mounts_add_file(p, "/etc/hostname", arena_printf(&p->arena, "%s\n", p->hostname));
}

/*
 * Volumes of the image are writable anyway in an ephemeral root; with --read-only they are what
 * stays so. One that cannot be had is passed over, as it is the image's wish and nobody's order.
 */
static void mounts_add_image_volumes(struct plan *p, size_t first, const struct image_config *c)
{
	struct err ignored;

	if (p->root_mode != ROOT_READ_ONLY)
		return;
	for (char **v = c->volumes; v && *v; v++) {
		struct plan_mount m = {
			.kind = MOUNT_TMPFS,
			.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
			.data = arena_strdup(&p->arena, "mode=0755"),
			.copy_up = true,
		};

		if (volume_target(*v, "image volume", *v, &p->arena, &m.dst, &ignored) < 0)
			log_note("%s; it is left out", ignored.msg);
		else if (!mounts_find(p, first, m.dst))
			mounts_add_sorted(p, first, m);
	}
}

static int mounts_add_user(struct plan *p, size_t first, const struct run_options *o,
	const struct host_facts *h, struct err *e)
{
	for (size_t i = 0; i < o->volumes.n + o->tmpfs.n; i++) {
		bool tmpfs = i >= o->volumes.n;
		const char *text = tmpfs ? o->tmpfs.v[i - o->volumes.n] : o->volumes.v[i];
		struct plan_mount m;

		if (tmpfs ? volume_parse_tmpfs(text, &p->arena, &m, e) < 0
			  : volume_parse(text, h->cwd, &p->arena, &m, e) < 0)
			return -1;
		if (mounts_find(p, first, m.dst))
			return err_set(e, 0, "%s %s: something is mounted on %s already",
				tmpfs ? "tmpfs" : "volume", text, m.dst);
		mounts_add_sorted(p, first, m);
	}
	return 0;
}

/* Take out of the first n what a volume covers: it would be hidden, or hide part of the volume. */
static void mounts_drop_covered(struct plan *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_mounts; i++) {
		bool covered = false;

		for (size_t v = n; i < n && v < p->n_mounts && !covered; v++)
			covered = volume_is_below(p->mounts[i].dst, p->mounts[v].dst);
		if (!covered)
			p->mounts[kept++] = p->mounts[i];
	}
	p->n_mounts = kept;
}

int mounts_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e)
{
	size_t room = defaults_n_mounts + MOUNTS_FILES + o->volumes.n + o->tmpfs.n, first;

	for (char **v = c->volumes; v && *v; v++)
		room++;
	p->mounts = arena_alloc(&p->arena, room * sizeof(*p->mounts));
	mounts_add_defaults(p);
	mounts_add_files(p, h);
	first = p->n_mounts;
	if (mounts_add_user(p, first, o, h, e) < 0)
		return -1;
	mounts_add_image_volumes(p, first, c);
	mounts_drop_covered(p, first);
	return 0;
}
