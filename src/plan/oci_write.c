/*
 * oci_write: a plan as a config.json, by the rows of oci_table.
 * Touches memory only.
 */
#include <string.h>

#include "plan/oci.h"
#include "plan/oci_table.h"
#include "util/capname.h"

static void oci_write_rows(struct oci_out *o, const struct oci_field *f, const void *base);

/* Annotations are all strings. */
static void oci_write_text(
	struct oci_out *o, const char *key, const struct oci_field *f, const void *base)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)oci_number(f, base));
	json_write_str(&o->w, key, text);
}

static void oci_write_strv(struct oci_out *o, const char *key, char *const *v)
{
	json_write_open(&o->w, key, '[');
	for (; v && *v; v++)
		json_write_str(&o->w, NULL, *v);
	json_write_close(&o->w, ']');
}

static void oci_write_caps(struct oci_out *o, const char *key, uint64_t caps)
{
	json_write_open(&o->w, key, '[');
	for (unsigned i = 0; i < CAPNAME_COUNT; i++)
		if (caps >> i & 1)
			json_write_str(&o->w, NULL, capnames[i]);
	json_write_close(&o->w, ']');
}

static void oci_write_pairs(struct oci_out *o, const char *key, const struct plan_pairs *pairs)
{
	json_write_open(&o->w, key, '{');
	for (size_t i = 0; i < pairs->n; i++)
		json_write_str(&o->w, pairs->v[i].name, pairs->v[i].value);
	json_write_close(&o->w, '}');
}

static void oci_write_list(
	struct oci_out *o, const char *key, const struct oci_field *f, const void *base)
{
	const struct oci_list *l = f->more;
	size_t n;
	const char *at = oci_elements(f, base, &n);

	json_write_open(&o->w, key, '[');
	for (size_t i = 0; i < n; i++, at += l->size) {
		if (!l->rows) {
			json_write_uint(&o->w, NULL, *(const uint32_t *)(const void *)at);
			continue;
		}
		json_write_open(&o->w, NULL, '{');
		oci_write_rows(o, l->rows, at);
		json_write_close(&o->w, '}');
	}
	json_write_close(&o->w, ']');
}

static void oci_write_value(
	struct oci_out *o, const char *key, const struct oci_field *f, const void *base)
{
	const void *at = (const char *)base + f->at;

	switch ((enum oci_kind)f->kind) {
	case OCI_STR:
		json_write_str(&o->w, key, *(char *const *)at);
		break;
	case OCI_STRV:
		oci_write_strv(o, key, *(char *const *const *)at);
		break;
	case OCI_BOOL:
		json_write_bool(&o->w, key, *(const bool *)at);
		break;
	case OCI_UINT:
		json_write_uint(&o->w, key, oci_number(f, base));
		break;
	case OCI_INT:
		json_write_int(&o->w, key, (int64_t)oci_number(f, base));
		break;
	case OCI_WORD:
		json_write_str(&o->w, key, oci_word(f, base));
		break;
	case OCI_CAPS:
		oci_write_caps(o, key, *(const uint64_t *)at);
		break;
	case OCI_PAIRS:
		oci_write_pairs(o, key, at);
		break;
	case OCI_LIST:
		oci_write_list(o, key, f, base);
		break;
	case OCI_OWN:
		((const struct oci_own *)f->more)->write(o, key, base);
		break;
	case OCI_END:
	case OCI_REFUSED:
	case OCI_IGNORED:
		break;
	}
}

/* Bytes of the objects that both paths are in, with the last '/'. */
static size_t oci_common(const char *a, const char *b)
{
	size_t common = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			common = i + 1;
	return common;
}

/* Close what path is not in, open what it is in.  Returns the name of its last part. */
static const char *oci_enter(struct oci_out *o, const char *from, const char *path)
{
	const char *at = path + oci_common(from, path), *slash;

	for (const char *s = from + (at - path); (s = strchr(s, '/')); s++)
		json_write_close(&o->w, '}');
	for (; (slash = strchr(at, '/')); at = slash + 1) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%.*s", (int)(slash - at), at);
		json_write_open(&o->w, name, '{');
	}
	return at;
}

static void oci_write_rows(struct oci_out *o, const struct oci_field *f, const void *base)
{
	const char *at = "";

	for (; f->kind != OCI_END; f++) {
		const char *key;

		if (oci_is_absent(f, base) && !(f->flags & OCI_ALWAYS))
			continue;
		key = oci_enter(o, at, f->path);
		at = f->path;
		o->since = f->since > o->since ? f->since : o->since;
		if (strncmp(at, "annotations/", strlen("annotations/")) == 0 &&
			(f->kind == OCI_UINT || f->kind == OCI_INT))
			oci_write_text(o, key, f, base);
		else
			oci_write_value(o, key, f, base);
	}
	(void)oci_enter(o, at, "");
}

char *oci_write(const struct plan *p, bool indent)
{
	struct oci_out o = { .w = { .indent = indent }, .p = p };
	size_t version;

	json_write_open(&o.w, NULL, '{');
	json_write_str(&o.w, "ociVersion", "1.0.2");
	version = o.w.len - strlen("0.2\"");
	oci_write_rows(&o, oci_fields, p);
	json_write_close(&o.w, '}');
	/* the lowest that has all of these fields: there are runtimes that know no other than 1.0 */
	if (o.since) {
		o.w.text[version] = (char)('0' + o.since);
		o.w.text[version + 2] = '0';
	}
	return json_write_end(&o.w);
}
