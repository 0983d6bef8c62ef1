/*
 * mount_option: --mount and --device.  Keys of --mount become the words of volume.c.
 * Touches memory only.
 */
#include "plan/mount_option.h"

#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "util/size.h"

enum mount_key {
	KEY_TYPE,
	KEY_SRC,
	KEY_DST,
	KEY_FLAG,
	KEY_VALUE,
	KEY_SIZE,
	KEY_MODE,
	KEY_RECURSIVE,
	KEY_NOTE,
	KEY_NO
};

/* option: the word of volume.c for a flag; NULL: the key itself */
struct mount_key_row {
	const char *key;
	enum mount_key what;
	const char *option;
};

static const struct mount_key_row mount_keys[] = {
	{ "type", KEY_TYPE, NULL },
	{ "source", KEY_SRC, NULL },
	{ "src", KEY_SRC, NULL },
	{ "destination", KEY_DST, NULL },
	{ "target", KEY_DST, NULL },
	{ "dst", KEY_DST, NULL },
	{ "readonly", KEY_FLAG, "ro" },
	{ "ro", KEY_FLAG, "ro" },
	{ "rw", KEY_FLAG, "rw" },
	{ "exec", KEY_FLAG, NULL },
	{ "noexec", KEY_FLAG, NULL },
	{ "suid", KEY_FLAG, NULL },
	{ "nosuid", KEY_FLAG, NULL },
	{ "dev", KEY_FLAG, NULL },
	{ "nodev", KEY_FLAG, NULL },
	{ "U", KEY_FLAG, "U" },
	{ "chown", KEY_FLAG, "U" },
	{ "tmpcopyup", KEY_FLAG, NULL },
	{ "notmpcopyup", KEY_FLAG, NULL },
	{ "bind-propagation", KEY_VALUE, NULL },
	{ "consistency", KEY_NOTE, NULL },
	{ "relabel", KEY_NOTE, NULL },
	{ "volume-nocopy", KEY_NOTE, NULL },
	{ "tmpfs-size", KEY_SIZE, NULL },
	{ "tmpfs-mode", KEY_MODE, NULL },
	{ "bind-recursive", KEY_RECURSIVE, NULL },
	{ "bind-nonrecursive", KEY_NO, NULL },
	{ "volume-driver", KEY_NO, NULL },
	{ "volume-opt", KEY_NO, NULL },
	{ "volume-subpath", KEY_NO, NULL },
};

struct mount_reading {
	const struct mount_text *t;
	const char *type, *src, *dst;
	char *options; /* for volume_options */
};

static int mount_text_fail(const struct mount_reading *r, const char *why, struct err *e)
{
	return err_set(e, 0, "--mount %s: %s", r->t->text, why);
}

/* Take the next field of a line of CSV: in quotes it may hold commas, and "" stands for a quote. */
static char *mount_text_field(struct arena *a, const char **at)
{
	char *field = arena_alloc(a, strlen(*at) + 1), *out = field;
	bool quoted = **at == '"';
	const char *s = *at + quoted;

	while (*s && (quoted || *s != ',')) {
		if (quoted && *s == '"' && s[1] != '"') {
			quoted = false;
			s++;
			continue;
		}
		s += quoted && *s == '"';
		*out++ = *s++;
	}
	*at = s;
	return quoted ? NULL : field;
}

static void mount_text_option(struct mount_reading *r, const char *option)
{
	r->options =
		arena_printf(r->t->arena, "%s%s%s", r->options, *r->options ? "," : "", option);
}

static int mount_text_flag(
	struct mount_reading *r, const struct mount_key_row *k, const char *value, struct err *e)
{
	const char *option = k->option ? k->option : k->key;

	if (!value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0) {
		mount_text_option(r, option);
		return 0;
	}
	if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		return 0;
	return err_set(e, 0, "--mount %s: %s=%s: must be true or false, or without a value",
		r->t->text, k->key, value);
}

static int mount_text_size(struct mount_reading *r, const char *value, struct err *e)
{
	char option[64];
	uint64_t bytes;

	if (size_read(arena_printf(r->t->arena, "--mount %s: tmpfs-size", r->t->text), value, 1,
		    &bytes, e) < 0)
		return -1;
	(void)snprintf(option, sizeof(option), "size=%llu", (unsigned long long)bytes);
	mount_text_option(r, option);
	return 0;
}

/* Submounts always come along, and read-only includes them: there is no other way. */
static int mount_text_recursive(struct mount_reading *r, const char *value, struct err *e)
{
	if (strcmp(value, "enabled") == 0 || strcmp(value, "readonly") == 0)
		return 0;
	return mount_text_fail(r, "bind-recursive: must be enabled or readonly", e);
}

static int mount_text_value(
	struct mount_reading *r, const struct mount_key_row *k, const char *value, struct err *e)
{
	switch (k->what) {
	case KEY_TYPE:
		r->type = value;
		return 0;
	case KEY_SRC:
		r->src = value;
		return 0;
	case KEY_DST:
		r->dst = value;
		return 0;
	case KEY_VALUE:
		mount_text_option(r, value);
		return 0;
	case KEY_SIZE:
		return mount_text_size(r, value, e);
	case KEY_MODE:
		mount_text_option(r, arena_printf(r->t->arena, "mode=%s", value));
		return 0;
	case KEY_RECURSIVE:
		return mount_text_recursive(r, value, e);
	case KEY_NOTE:
		if (r->t->notes)
			strv_add(r->t->arena, r->t->notes,
				arena_printf(r->t->arena, "--mount %s: %s has no effect",
					r->t->text, k->key));
		return 0;
	case KEY_FLAG:
	case KEY_NO:
		break;
	}
	return err_set(e, 0, "--mount %s: %s is not supported", r->t->text, k->key);
}

static int mount_text_one(struct mount_reading *r, char *field, struct err *e)
{
	char *value = strchr(field, '=');
	size_t n = sizeof(mount_keys) / sizeof(mount_keys[0]);
	const struct mount_key_row *k = mount_keys;

	if (value)
		*value++ = '\0';
	while (n && strcmp(field, k->key) != 0)
		k++, n--;
	if (!n)
		return err_set(e, 0, "--mount %s: unknown key \"%s\"", r->t->text, field);
	if (k->what == KEY_FLAG)
		return mount_text_flag(r, k, value, e);
	if (k->what == KEY_NOTE && !value)
		value = field;
	if (!value || !*value)
		return err_set(e, 0, "--mount %s: %s needs a value", r->t->text, k->key);
	/* these become options of volume.c, and shall be one each */
	if ((k->what == KEY_MODE || k->what == KEY_VALUE) && strchr(value, ','))
		return err_set(
			e, 0, "--mount %s: %s=%s: is not one value", r->t->text, k->key, value);
	return mount_text_value(r, k, value, e);
}

static int mount_text_finish(struct mount_reading *r, struct plan_mount *ret, struct err *e)
{
	struct arena *a = r->t->arena;
	bool bind = strcmp(r->type, "bind") == 0, tmpfs = strcmp(r->type, "tmpfs") == 0;

	if (!bind && !tmpfs && strcmp(r->type, "volume") != 0)
		return mount_text_fail(r, "type must be bind, tmpfs or volume", e);
	if (!r->dst)
		return mount_text_fail(r, "needs dst=PATH", e);
	if (bind && !r->src)
		return mount_text_fail(r, "a bind needs src=PATH", e);
	if (tmpfs && r->src)
		return mount_text_fail(r, "a tmpfs has no source", e);
	if (!bind && !tmpfs && r->src) {
		(void)mount_text_fail(r, "named volumes are not supported", e);
		return err_hint(e, "use a directory of the host: --mount type=bind,src=PATH,dst=%s",
			r->dst);
	}
	if (volume_target(r->dst, "--mount", r->t->text, a, &ret->dst, e) < 0)
		return -1;
	if (bind && volume_source(r->src, r->t->cwd, "--mount", r->t->text, a, &ret->src, e) < 0)
		return -1;
	*ret = (struct plan_mount){
		.kind = bind ? MOUNT_BIND : MOUNT_TMPFS,
		.src = bind ? ret->src : NULL,
		.dst = ret->dst,
		.attr = bind	? 0
			: tmpfs ? MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC
				: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.copy_up = !bind && !tmpfs,
	};
	return volume_options("--mount", r->t, r->options, ret, e);
}

int mount_text_parse(const struct mount_text *t, struct plan_mount *ret, struct err *e)
{
	struct mount_reading r = { .t = t, .type = "volume" };
	const char *at = t->text;

	*ret = (struct plan_mount){ .kind = MOUNT_BIND };
	r.options = arena_strdup(t->arena, "");
	for (;;) {
		char *field = mount_text_field(t->arena, &at);

		if (!field)
			return mount_text_fail(&r, "a quote is left open", e);
		if (mount_text_one(&r, field, e) < 0)
			return -1;
		if (!*at)
			break;
		at++;
	}
	return mount_text_finish(&r, ret, e);
}

int mount_text_device(const struct mount_text *t, struct plan_mount *ret, struct err *e)
{
	char *src = arena_strdup(t->arena, t->text), *dst = strchr(src, ':'), *rights;

	if (dst)
		*dst++ = '\0';
	rights = dst ? strchr(dst, ':') : NULL;
	if (rights)
		*rights++ = '\0';
	/* "SRC:rwm" is short for "SRC:SRC:rwm" */
	if (dst && !rights && *dst && dst[strspn(dst, "rwm")] == '\0') {
		rights = dst;
		dst = NULL;
	}
	if (src[0] != '/' || (dst && !*dst) || (rights && rights[strspn(rights, "rwm")]))
		return err_set(e, 0, "--device %s: not of the form SRC[:DST][:rwm]", t->text);
	/* Root can use a filter of a cgroup for that; a read-only mount does not stop writes to a
	 * device. */
	if (rights && (!strchr(rights, 'r') || !strchr(rights, 'w')))
		return err_set(e, 0,
			"--device %s: must be rw or rwm: the rights are those of the host's file",
			t->text);
	*ret = (struct plan_mount){
		.kind = MOUNT_BIND,
		.src = src,
		.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.recursive = true,
		.device = true,
		.deep = true,
	};
	return volume_target(dst ? dst : src, "--device", t->text, t->arena, &ret->dst, e);
}
