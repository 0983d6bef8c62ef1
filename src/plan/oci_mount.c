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

/*
 * A word of options, or of an annotation: in the member at at, of size bytes, it clears bits and sets
 * others.  It is written where that is so; never if it sets nothing.
 */
static const struct oci_option {
	const char *word;
	uint64_t set, clear;
	uint8_t at, size;
	uint8_t since;
	bool note; /* of an annotation */
} oci_options[] = {
#define MEMBER(member) \
	.at = offsetof(struct plan_mount, member), .size = sizeof(((struct plan_mount *)0)->member)
#define ATTR(word, set, clear) \
	{ word, set, clear, MEMBER(attr) }, \
	{ \
		"r" word, set, clear, MEMBER(rattr), .since = 1 \
	}
#define PROPAGATION(word, set) \
	{ word, set, UINT32_MAX, MEMBER(propagation) }, \
	{ \
		"r" word, (set) | MS_REC, UINT32_MAX, MEMBER(propagation) \
	}
#define FLAG(word, member, ...) \
	{ \
		word, 1, 0, MEMBER(member), __VA_ARGS__ \
	}
	FLAG("rbind", recursive),
	PROPAGATION("private", MS_PRIVATE),
	PROPAGATION("slave", MS_SLAVE),
	PROPAGATION("shared", MS_SHARED),
	PROPAGATION("unbindable", MS_UNBINDABLE),
	ATTR("nosuid", MOUNT_ATTR_NOSUID, 0),
	ATTR("noexec", MOUNT_ATTR_NOEXEC, 0),
	ATTR("nodev", MOUNT_ATTR_NODEV, 0),
	ATTR("nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0),
	ATTR("noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME),
	ATTR("strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME),
	ATTR("nodiratime", MOUNT_ATTR_NODIRATIME, 0),
	ATTR("ro", MOUNT_ATTR_RDONLY, 0),
	ATTR("rw", 0, MOUNT_ATTR_RDONLY),
	ATTR("suid", 0, MOUNT_ATTR_NOSUID),
	ATTR("exec", 0, MOUNT_ATTR_NOEXEC),
	ATTR("dev", 0, MOUNT_ATTR_NODEV),
	ATTR("symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW),
	ATTR("relatime", 0, MOUNT_ATTR__ATIME),
	ATTR("atime", 0, MOUNT_ATTR__ATIME),
	ATTR("nostrictatime", 0, MOUNT_ATTR__ATIME),
	ATTR("norelatime", 0, 0),
	ATTR("diratime", 0, MOUNT_ATTR_NODIRATIME),
	{ "defaults", 0, 0, MEMBER(attr) },
	{ "", 0, 0, MEMBER(attr) },
	FLAG("tmpcopyup", copy_up),
	FLAG("idmap", idmap, .since = 2),
	FLAG("ridmap", ridmap, .since = 2),
	FLAG("optional", optional, .note = true),
	FLAG("own", own, .note = true),
	FLAG("device", device, .note = true),
	FLAG("deep", deep, .note = true),
};

#define OCI_OPTIONS_END (oci_options + sizeof(oci_options) / sizeof(*oci_options))

static bool oci_has_option(const struct plan_mount *m, const struct oci_option *o, bool note)
{
	uint64_t v = 0;

	memcpy(&v, (const char *)m + o->at, o->size);
	return o->note == note && o->set && (v & (o->set | o->clear)) == o->set;
}

/* The option of a word of n bytes, or NULL. */
static const struct oci_option *oci_find_option(const char *word, size_t n, bool note)
{
	for (const struct oci_option *o = oci_options; o < OCI_OPTIONS_END; o++)
		if (o->note == note && strncmp(o->word, word, n) == 0 && !o->word[n])
			return o;
	return NULL;
}

/* Returns false for a word that is not known, of n bytes. */
static bool oci_set_option(struct plan_mount *m, const char *word, size_t n, bool note)
{
	const struct oci_option *o = oci_find_option(word, n, note);
	uint64_t v = 0;

	if (!o)
		return false;
	memcpy(&v, (char *)m + o->at, o->size);
	v = (v & ~o->clear) | o->set;
	memcpy((char *)m + o->at, &v, o->size);
	return true;
}

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

/* The bytes to the comma after the first word; a comma of an overlay's path has a backslash before it. */
static size_t oci_data_word(const char *data)
{
	size_t n = 0;

	while (data[n] && data[n] != ',')
		n += data[n] == '\\' && data[n + 1] ? 2 : 1;
	return n;
}

/* Does a reader take a word of the data for an option, if it is written alone? */
static bool oci_data_is_ambiguous(const char *data)
{
	size_t n;

	for (;; data += n + 1) {
		n = oci_data_word(data);
		if (oci_find_option(data, n, false) || (n == 4 && strncmp(data, "bind", n) == 0))
			return true;
		if (!data[n])
			return false;
	}
}

static void oci_write_data(struct oci_out *o, const char *data)
{
	if (oci_data_is_ambiguous(data)) {
		json_write_str(&o->w, NULL, data);
		return;
	}
	while (*data) {
		size_t n = oci_data_word(data);
		char *word = xmalloc(n + 1);

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
	if (m->kind == MOUNT_BIND && !m->recursive)
		json_write_str(&o->w, NULL, "bind");
	for (const struct oci_option *w = oci_options; w < OCI_OPTIONS_END; w++) {
		if (!oci_has_option(m, w, false))
			continue;
		json_write_str(&o->w, NULL, w->word);
		o->since = w->since > o->since ? w->since : o->since;
	}
	if (m->data)
		oci_write_data(o, m->data);
	json_write_close(&o->w, ']');
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
		if (strcmp(word, "bind") == 0)
			bind = true;
		else if (!oci_set_option(m, word, strlen(word), false))
			m->data = arena_printf(&in->p->arena, "%s%s%s", m->data ? m->data : "",
				m->data ? "," : "", oci_string(in, word));
	}
	return oci_read_kind(in, parent, m, bind, e);
}

const struct oci_own oci_mount_type = { oci_write_type, NULL };
const struct oci_own oci_mount_source = { oci_write_source, NULL };
const struct oci_own oci_mount_options = { oci_write_options, oci_read_options };

const char *oci_mount_note(const struct plan_mount *m, struct arena *a)
{
	char *text = NULL;

	for (const struct oci_option *o = oci_options; o < OCI_OPTIONS_END; o++)
		if (oci_has_option(m, o, true))
			text = arena_printf(
				a, "%s%s%s", text ? text : "", text ? "," : "", o->word);
	return text;
}

int oci_mount_read_note(struct plan_mount *m, const char *text, struct err *e)
{
	for (size_t n; *text; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		if (!oci_set_option(m, text, n, true))
			return err_set(e, 0, "\"%.*s\" is not known", (int)n, text);
	}
	return 0;
}
