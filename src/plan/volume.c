/*
 * volume: -v and --tmpfs, with a closed set of options.
 * Touches memory only.
 */
#include "plan/volume.h"

#include <linux/mount.h>
#include <string.h>

#include "plan/defaults.h"
#include "plan/ids.h"
#include "util/number.h"
#include "util/path.h"
#include "util/size.h"

#define VOLUME_ID_MAX 4294967294u /* (uid_t)-1 is no id, chown(2) */

enum { FOR_BIND = 1, FOR_TMPFS = 2, FOR_BOTH = 3 };

/*
 * No option reaches mount(2) as it is.  Those that neither set nor clear have no effect: SELinux
 * labels and ownership need privileges, propagation ends at the user namespace, and the others are
 * for a Docker daemon on another system.
 */
struct volume_option {
	const char *name;
	unsigned where;
	uint64_t set, clear;
};

static const struct volume_option volume_table[] = {
	{ "ro", FOR_BOTH, MOUNT_ATTR_RDONLY, 0 },
	{ "rw", FOR_BOTH, 0, MOUNT_ATTR_RDONLY },
	{ "noexec", FOR_BOTH, MOUNT_ATTR_NOEXEC, 0 },
	{ "exec", FOR_BOTH, 0, MOUNT_ATTR_NOEXEC },
	{ "nosuid", FOR_BOTH, MOUNT_ATTR_NOSUID, 0 },
	{ "suid", FOR_BOTH, 0, MOUNT_ATTR_NOSUID },
	{ "nodev", FOR_BOTH, MOUNT_ATTR_NODEV, 0 },
	{ "dev", FOR_BOTH, 0, MOUNT_ATTR_NODEV },
	{ "z", FOR_BIND, 0, 0 },
	{ "Z", FOR_BIND, 0, 0 },
	{ "U", FOR_BOTH, 0, 0 },
	{ "cached", FOR_BIND, 0, 0 },
	{ "delegated", FOR_BIND, 0, 0 },
	{ "consistent", FOR_BIND, 0, 0 },
	{ "private", FOR_BOTH, 0, 0 },
	{ "rprivate", FOR_BOTH, 0, 0 },
	{ "slave", FOR_BOTH, 0, 0 },
	{ "rslave", FOR_BOTH, 0, 0 },
	{ "shared", FOR_BOTH, 0, 0 },
	{ "rshared", FOR_BOTH, 0, 0 },
	{ "bind", FOR_BIND, 0, 0 },
	{ "rbind", FOR_BIND, 0, 0 },
	{ "copy", FOR_BIND, 0, 0 },
	{ "nocopy", FOR_BIND, 0, 0 },
	{ "unbindable", FOR_BOTH, 0, 0 },
	{ "runbindable", FOR_BOTH, 0, 0 },
	{ "defaults", FOR_TMPFS, 0, 0 },
	{ "atime", FOR_TMPFS, 0, 0 },
	{ "noatime", FOR_TMPFS, 0, 0 },
	{ "diratime", FOR_TMPFS, 0, 0 },
	{ "nodiratime", FOR_TMPFS, 0, 0 },
	{ "relatime", FOR_TMPFS, 0, 0 },
	{ "norelatime", FOR_TMPFS, 0, 0 },
	{ "strictatime", FOR_TMPFS, 0, 0 },
	{ "nostrictatime", FOR_TMPFS, 0, 0 },
	{ "async", FOR_TMPFS, 0, 0 },
	{ "sync", FOR_TMPFS, 0, 0 },
	{ "dirsync", FOR_TMPFS, 0, 0 },
	{ "mand", FOR_TMPFS, 0, 0 },
	{ "nomand", FOR_TMPFS, 0, 0 },
};

/* One reading of an option list; what and text name it in messages. */
struct volume_reading {
	const char *what, *text;
	unsigned where;
	struct plan_mount *mount;
	uint64_t said;	   /* attributes that an option has settled */
	char *mode, *more; /* what tmpfs(5) gets */
	struct arena *arena;
	struct strv *notes;
	const struct plan *plan;
};

static int volume_fail(const struct volume_reading *r, const char *why, struct err *e)
{
	return err_set(e, 0, "%s %s: %s", r->what, r->text, why);
}

bool volume_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

int volume_target(const char *path, const char *what, const char *text, struct arena *a, char **ret,
	struct err *e)
{
	struct volume_reading r = { .what = what, .text = text };
	char clean[PATH_TEXT_MAX];

	if (path[0] != '/')
		return volume_fail(&r, "the path in the sandbox must start with /", e);
	if (path_clean_in_root(path, clean, sizeof(clean)) < 0)
		return volume_fail(&r, "the path in the sandbox is too long", e);
	if (!clean[0])
		return volume_fail(&r, "the root of the sandbox cannot be covered", e);
	*ret = arena_printf(a, "/%s", clean);
	if (!volume_is_below(*ret, "/proc"))
		return 0;
	for (const char *const *p = defaults_proc_targets; *p; p++)
		if (strcmp(*ret, *p) == 0)
			return 0;
	return volume_fail(
		&r, "nothing can be mounted there: the sandbox has a procfs of its own", e);
}

static void volume_note(struct volume_reading *r, const char *option)
{
	if (r->notes)
		strv_add(r->arena, r->notes,
			arena_printf(r->arena, "%s %s: option \"%s\" has no effect", r->what,
				r->text, option));
}

/* NAME=SIZE; of size= also a part of the machine's memory as tmpfs(5) takes it: "50%". */
static int volume_size(struct volume_reading *r, const char *option, struct err *e)
{
	const int name = (int)strcspn(option, "=");
	const char *value = option + name + 1;
	size_t n = strspn(value, "0123456789");
	uint64_t bytes;

	if (strncmp(option, "size", 4) == 0 && n > 0 && n <= 18 && strcmp(value + n, "%") == 0) {
		r->more = arena_printf(r->arena, "%s,%s", r->more, option);
		return 0;
	}
	if (size_read(arena_printf(r->arena, "%s %s: %.*s", r->what, r->text, name, option), value,
		    0, &bytes, e) < 0)
		return -1;
	r->more = arena_printf(
		r->arena, "%s,%.*s=%llu", r->more, name, option, (unsigned long long)bytes);
	return 0;
}

/* uid=N or gid=N.  Where one id is mapped, all is its. */
static int volume_id(struct volume_reading *r, const char *option, struct err *e)
{
	const struct plan *p = r->plan;
	const bool user = *option == 'u';
	uint64_t id;

	if (!number_read(option + 4, strlen(option + 4), VOLUME_ID_MAX, &id))
		return err_set(e, 0, "%s %s: %s: must be a number", r->what, r->text, option);
	if (!p || p->map_helpers || p->host_ids)
		r->more = arena_printf(r->arena, "%s,%s", r->more, option);
	else if (id != (user ? p->uid : p->gid))
		volume_note(r, option);
	return !p || !p->map_helpers ||
			       (user ? ids_have(p->uid_maps, p->n_uid_maps, (uint32_t)id)
				     : ids_have(p->gid_maps, p->n_gid_maps, (uint32_t)id))
		       ? 0
		       : err_set(e, 0, "%s %s: %s: is not among the ids that are mapped", r->what,
				 r->text, option);
}

static bool volume_is_mode(const char *s)
{
	size_t n = strspn(s, "01234567");

	return n >= 1 && n <= 5 && !s[n] && (n < 5 || s[0] == '0');
}

static int volume_value(struct volume_reading *r, const char *option, struct err *e)
{
	if (strncmp(option, "size=", 5) == 0 || strncmp(option, "nr_inodes=", 10) == 0 ||
		strncmp(option, "nr_blocks=", 10) == 0)
		return volume_size(r, option, e);
	if (strncmp(option, "uid=", 4) == 0 || strncmp(option, "gid=", 4) == 0)
		return volume_id(r, option, e);
	if (strncmp(option, "mpol=", 5) == 0) {
		volume_note(r, option);
		return 0;
	}
	if (strncmp(option, "mode=", 5) == 0) {
		if (!volume_is_mode(option + 5))
			return err_set(e, 0, "%s %s: %s: not an octal mode such as 1777", r->what,
				r->text, option);
		r->mode = arena_strdup(r->arena, option);
		return 0;
	}
	if (strcmp(option, "tmpcopyup") == 0 || strcmp(option, "notmpcopyup") == 0) {
		r->mount->copy_up = option[0] == 't';
		return 0;
	}
	return err_set(e, 0, "%s %s: unknown option \"%s\"", r->what, r->text, option);
}

static int volume_option(struct volume_reading *r, const char *option, struct err *e)
{
	size_t n = sizeof(volume_table) / sizeof(volume_table[0]);
	const struct volume_option *o = volume_table;
	uint64_t *attr = &r->mount->attr;

	while (n && !(strcmp(option, o->name) == 0 && (o->where & r->where)))
		o++, n--;
	if (!n && (r->where & FOR_TMPFS))
		return volume_value(r, option, e);
	if (!n)
		return err_set(e, 0, "%s %s: unknown option \"%s\"", r->what, r->text, option);
	if (!o->set && !o->clear) {
		volume_note(r, option);
		return 0;
	}
	/* "ro,rw": a wrong guess could let the run write */
	if ((r->said & o->set & ~*attr) || (r->said & o->clear & *attr))
		return err_set(e, 0, "%s %s: option \"%s\" contradicts one before it", r->what,
			r->text, option);
	r->said |= o->set | o->clear;
	*attr = (*attr | o->set) & ~o->clear;
	return 0;
}

static int volume_option_list(struct volume_reading *r, const char *list, struct err *e)
{
	size_t n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n && volume_option(r, arena_strndup(r->arena, list, n), e) < 0)
			return -1;
	}
	return 0;
}

int volume_options(const char *what, const struct mount_text *t, const char *list,
	struct plan_mount *m, struct err *e)
{
	struct volume_reading r = {
		.what = what,
		.text = t->text,
		.where = m->kind == MOUNT_BIND ? FOR_BIND : FOR_TMPFS,
		.mount = m,
		.arena = t->arena,
		.notes = t->notes,
		.plan = t->plan,
		.more = (char *)"",
	};

	if (volume_option_list(&r, list, e) < 0)
		return -1;
	/* submounts come along, with the same options */
	if (m->kind == MOUNT_BIND) {
		m->recursive = true;
		m->rattr = m->attr;
		m->attr = 0;
	}
	if (m->kind == MOUNT_TMPFS)
		m->data = arena_printf(t->arena, "%s%s",
			r.mode	     ? r.mode
			: m->copy_up ? "mode=0755"
				     : "mode=1777",
			r.more);
	return 0;
}

int volume_source(const char *src, const char *cwd, const char *what, const char *text,
	struct arena *a, char **ret, struct err *e)
{
	struct volume_reading r = { .what = what, .text = text };

	if (src[0] != '/' && !cwd)
		return volume_fail(
			&r, "the path on the host is relative to a directory that is gone", e);
	*ret = src[0] == '/' ? arena_strdup(a, src) : arena_printf(a, "%s/%s", cwd, src);
	return strlen(*ret) < PATH_TEXT_MAX
		       ? 0
		       : volume_fail(&r, "the path on the host is too long", e);
}

int volume_parse(const struct mount_text *t, struct plan_mount *ret, struct err *e)
{
	struct volume_reading r = { .what = "--volume", .text = t->text };
	char *src = arena_strdup(t->arena, t->text), *dst = strchr(src, ':'), *options;

	*ret = (struct plan_mount){ .kind = MOUNT_BIND };
	if (!dst) {
		ret->kind = MOUNT_TMPFS;
		ret->attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
		ret->data = arena_strdup(t->arena, "mode=0755");
		ret->copy_up = true;
		return volume_target(src, r.what, t->text, t->arena, &ret->dst, e);
	}
	*dst++ = '\0';
	options = strchr(dst, ':');
	if (options)
		*options++ = '\0';
	if (!*src || !*dst || (options && strchr(options, ':')))
		return volume_fail(&r, "not of the form SRC:DST[:OPTIONS]", e);
	if (volume_source(src, t->cwd, r.what, t->text, t->arena, &ret->src, e) < 0 ||
		volume_target(dst, r.what, t->text, t->arena, &ret->dst, e) < 0)
		return -1;
	return volume_options(r.what, t, options ? options : "", ret, e);
}

int volume_parse_tmpfs(const struct mount_text *t, struct plan_mount *ret, struct err *e)
{
	char *dst = arena_strdup(t->arena, t->text), *options = strchr(dst, ':');

	*ret = (struct plan_mount){
		.kind = MOUNT_TMPFS,
		.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	if (options)
		*options++ = '\0';
	if (volume_target(dst, "--tmpfs", t->text, t->arena, &ret->dst, e) < 0)
		return -1;
	return volume_options("--tmpfs", t, options ? options : "", ret, e);
}
