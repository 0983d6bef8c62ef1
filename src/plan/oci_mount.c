/*
 * oci_mount: the type, the source and the options of an element of mounts.
 * Touches memory only.
 */
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "plan/oci_table.h"
#include "util/path.h"

/* The type and the usual source, in the order of enum mount_kind. */
static const char *const oci_kinds[] = {
	[MOUNT_BIND] = "bind",
	[MOUNT_TMPFS] = "tmpfs",
	[MOUNT_PROC] = "proc",
	[MOUNT_SYSFS] = "sysfs",
	[MOUNT_CGROUP] = "cgroup",
	[MOUNT_DEVPTS] = "devpts",
	[MOUNT_MQUEUE] = "mqueue",
	[MOUNT_DEV] = "tmpfs",
};

/* With an 'r' in front they hold for what is mounted below, too. */
static const struct oci_option {
	const char *name;
	uint64_t set, clear;
} oci_options[] = {
	{ "nosuid", MOUNT_ATTR_NOSUID, 0 },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0 },
	{ "nodev", MOUNT_ATTR_NODEV, 0 },
	{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
	{ "strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "nodiratime", MOUNT_ATTR_NODIRATIME, 0 },
	{ "ro", MOUNT_ATTR_RDONLY, 0 },
	{ "rw", 0, MOUNT_ATTR_RDONLY },
	{ "suid", 0, MOUNT_ATTR_NOSUID },
	{ "exec", 0, MOUNT_ATTR_NOEXEC },
	{ "dev", 0, MOUNT_ATTR_NODEV },
	{ "symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "relatime", 0, MOUNT_ATTR__ATIME },
	{ "atime", 0, MOUNT_ATTR__ATIME },
	{ "nostrictatime", 0, MOUNT_ATTR__ATIME },
	{ "norelatime", 0, 0 },
	{ "diratime", 0, MOUNT_ATTR_NODIRATIME },
};

#define OCI_OPTIONS (sizeof(oci_options) / sizeof(*oci_options))

static void oci_write_type(struct oci_out *o, const char *key, const void *base)
{
	const struct plan_mount *m = base;

	json_write_str(&o->w, key, m->type ? m->type : oci_kinds[m->kind]);
}

static void oci_write_source(struct oci_out *o, const char *key, const void *base)
{
	const struct plan_mount *m = base;

	json_write_str(&o->w, key, m->src || m->type ? m->src : oci_kinds[m->kind]);
}

static void oci_write_attr(struct oci_out *o, uint64_t attr, const char *prefix)
{
	char name[32];

	for (size_t i = 0; i < OCI_OPTIONS && oci_options[i].set; i++) {
		uint64_t mask = oci_options[i].set | oci_options[i].clear;

		if ((attr & mask) != oci_options[i].set)
			continue;
		(void)snprintf(name, sizeof(name), "%s%s", prefix, oci_options[i].name);
		json_write_str(&o->w, NULL, name);
		o->since = *prefix && !o->since ? 1 : o->since;
	}
}

static void oci_write_data(struct oci_out *o, const char *data)
{
	while (data && *data) {
		size_t n = 0;
		char *word;

		/* a comma of an overlay's path has a backslash before it */
		while (data[n] && data[n] != ',')
			n += data[n] == '\\' && data[n + 1] ? 2 : 1;
		word = xmalloc(n + 1);
		memcpy(word, data, n);
		word[n] = '\0';
		json_write_str(&o->w, NULL, word);
		free(word);
		data += n + (data[n] == ',');
	}
}

static void oci_write_options(struct oci_out *o, const char *key, const void *base)
{
	const struct plan_mount *m = base;

	json_write_open(&o->w, key, '[');
	if (m->kind == MOUNT_BIND)
		json_write_str(&o->w, NULL, m->recursive ? "rbind" : "bind");
	for (const struct word *w = oci_propagation; w->name; w++)
		if (m->propagation == w->value)
			json_write_str(&o->w, NULL, w->name);
	oci_write_attr(o, m->attr, "");
	oci_write_attr(o, m->rattr, "r");
	if (m->copy_up)
		json_write_str(&o->w, NULL, "tmpcopyup");
	if (m->idmap)
		json_write_str(&o->w, NULL, "idmap");
	if (m->ridmap)
		json_write_str(&o->w, NULL, "ridmap");
	if (m->idmap || m->ridmap)
		o->since = 2;
	oci_write_data(o, m->data);
	json_write_close(&o->w, ']');
}

static bool oci_read_attr(struct plan_mount *m, const char *word)
{
	for (int below = 0; below < 2; below++) {
		uint64_t *attr = below ? &m->rattr : &m->attr;

		if (below && *word++ != 'r')
			break;
		for (size_t i = 0; i < OCI_OPTIONS; i++) {
			if (strcmp(word, oci_options[i].name) != 0)
				continue;
			*attr = (*attr & ~oci_options[i].clear) | oci_options[i].set;
			return true;
		}
	}
	return false;
}

static void oci_read_option(struct oci_in *in, struct plan_mount *m, bool *bind, const char *word)
{
	struct {
		const char *word;
		bool *flag;
	} flags[] = { { "tmpcopyup", &m->copy_up }, { "idmap", &m->idmap },
		{ "ridmap", &m->ridmap }, { "bind", bind }, { "rbind", &m->recursive } };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (strcmp(flags[i].word, word) == 0) {
			*flags[i].flag = true;
			return;
		}
	for (const struct word *w = oci_propagation; w->name; w++)
		if (strcmp(w->name, word) == 0) {
			m->propagation = (unsigned)w->value;
			return;
		}
	if (!*word || strcmp(word, "defaults") == 0 || oci_read_attr(m, word))
		return;
	m->data = m->data ? arena_printf(&in->p->arena, "%s,%s", m->data, oci_string(in, word))
			  : oci_string(in, word);
}

static int oci_read_kind(
	struct oci_in *in, json *parent, struct plan_mount *m, bool bind, struct err *e)
{
	const char *type = json_text(json_get(parent, "type"));
	const char *source = json_text(json_get(parent, "source"));
	int kind = MOUNT_BIND;

	if ((json_get(parent, "type") && !type) || (json_get(parent, "source") && !source))
		return err_set(e, 0, "type and source must be strings");
	while (!bind && !m->recursive && type && kind < MOUNT_OTHER &&
		strcmp(oci_kinds[kind], type) != 0)
		kind++;
	/* the runtime makes the devices in it */
	if (kind == MOUNT_TMPFS && strcmp(m->dst, "/dev") == 0 && !m->copy_up)
		kind = MOUNT_DEV;
	m->kind = (enum mount_kind)kind;
	if (kind == MOUNT_OTHER)
		m->type = oci_string(in, type);
	if (kind == MOUNT_BIND && !(source && *source))
		return err_set(e, 0, "neither a file system nor the source of a bind");
	if (kind == MOUNT_BIND && m->data)
		return err_set(e, 0, "a bind has no option \"%s\"", m->data);
	if (source &&
		(kind == MOUNT_BIND || kind == MOUNT_OTHER || strcmp(source, oci_kinds[kind]) != 0))
		m->src = oci_string(in, source);
	return 0;
}

static int oci_read_options(struct oci_in *in, json *parent, json *value, void *base, struct err *e)
{
	struct plan_mount *m = base;
	char clean[PATH_TEXT_MAX];
	bool bind = false;

	if (!m->dst || path_clean(m->dst, clean, sizeof(clean)) < 0)
		return err_set(e, 0, "destination must be a path inside the root");
	m->dst = arena_printf(&in->p->arena, "/%s", clean);
	if (value && !json_is_array(value))
		return err_set(e, 0, "must be an array of strings");
	for (size_t i = 0; i < json_len(value); i++) {
		const char *word = json_text(json_at(value, i));

		if (!word)
			return err_set(e, 0, "must be an array of strings");
		oci_read_option(in, m, &bind, word);
	}
	return oci_read_kind(in, parent, m, bind, e);
}

const struct oci_own oci_mount_type = { oci_write_type, NULL };
const struct oci_own oci_mount_source = { oci_write_source, NULL };
const struct oci_own oci_mount_options = { oci_write_options, oci_read_options };

/* What only an annotation says. */
static const struct {
	const char *word;
	uint16_t flag; /* the place of a bool */
} oci_notes[] = {
	{ "optional", offsetof(struct plan_mount, optional) },
	{ "own", offsetof(struct plan_mount, own) },
	{ "device", offsetof(struct plan_mount, device) },
	{ "deep", offsetof(struct plan_mount, deep) },
};

#define OCI_NOTES (sizeof(oci_notes) / sizeof(*oci_notes))

const char *oci_mount_note(const struct plan_mount *m, struct arena *a)
{
	char *text = NULL;

	for (size_t i = 0; i < OCI_NOTES; i++)
		if (*((const bool *)m + oci_notes[i].flag))
			text = arena_printf(
				a, "%s%s%s", text ? text : "", text ? "," : "", oci_notes[i].word);
	return text;
}

int oci_mount_read_note(struct plan_mount *m, const char *text, struct err *e)
{
	for (size_t n; *text; text += n + (text[n] == ',')) {
		size_t i = 0;

		n = strcspn(text, ",");
		while (i < OCI_NOTES &&
			(strncmp(oci_notes[i].word, text, n) != 0 || oci_notes[i].word[n]))
			i++;
		if (i == OCI_NOTES)
			return err_set(e, 0, "\"%.*s\" is not known", (int)n, text);
		*((bool *)m + oci_notes[i].flag) = true;
	}
	return 0;
}
