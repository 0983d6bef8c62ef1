/*
 * oci_read: a config.json as a plan, by the rows of oci_table.  The document may be anybody's.
 * Touches memory only.
 */
#include <linux/sched.h>
#include <string.h>

#include "plan/oci.h"
#include "plan/oci_table.h"
#include "util/capname.h"
#include "util/number.h"
#include "util/path.h"

static int oci_wrong(const char *wanted, struct err *e)
{
	return err_set(e, 0, "must be %s", wanted);
}

char *oci_string(struct oci_in *in, const char *text)
{
	char *copy = arena_strdup(&in->p->arena, text);

	if (in->raw)
		json_unescape(copy);
	return copy;
}

static int oci_read_str(struct oci_in *in, json *value, char **ret, struct err *e)
{
	if (!json_is_string(value))
		return oci_wrong("a string", e);
	*ret = oci_string(in, json_text(value));
	return 0;
}

static int oci_read_strv(
	struct oci_in *in, json *parent, const char *key, char ***ret, struct err *e)
{
	struct strv l = { 0 };

	if (json_get_strv(parent, key, &in->p->arena, &l, e) < 0)
		return oci_wrong("an array of strings", e);
	for (size_t i = 0; in->raw && i < l.n; i++)
		json_unescape(l.v[i]);
	*ret = l.v;
	return 0;
}

/* text: in a string, as annotations have it. */
static int oci_read_number(
	const struct oci_field *f, json *value, bool text, void *base, struct err *e)
{
	static const struct oci_range any = { .min = -1 };
	const struct oci_range *r = f->more ? f->more : &any;
	bool is_signed = f->kind == OCI_INT, minus = false;
	uint64_t most = UINT64_MAX >> (64 - 8 * f->size + is_signed), v;
	char wanted[96];

	most = r->max ? (uint64_t)r->max : most;
	if ((text ? json_is_string(value) && number_read(json_text(value), strlen(json_text(value)),
						     most, &v)
		  : json_u64(value, &minus, &v)) &&
		(minus ? is_signed && (int64_t)v <= -r->min
		       : v <= most && (r->min <= 0 || v >= (uint64_t)r->min))) {
		oci_set_number(f, base, minus ? -v : v);
		return 0;
	}
	(void)snprintf(wanted, sizeof(wanted), "an integer from %lld to %llu%s",
		is_signed || r->min > 0 ? (long long)r->min : 0, (unsigned long long)most,
		text ? ", in a string" : "");
	return oci_wrong(wanted, e);
}

static int oci_read_word(const struct oci_field *f, json *value, void *base, struct err *e)
{
	const char *text = json_text(value);
	const struct word *w = text ? word_find(f->more, text) : NULL;

	if (!text)
		return oci_wrong("a string", e);
	if (!w)
		return err_set(e, 0, "\"%s\" is not supported", text);
	oci_set_number(f, base, w->value);
	return 0;
}

static int oci_read_caps(
	struct oci_in *in, json *parent, const char *key, uint64_t *ret, struct err *e)
{
	char **names = NULL;

	*ret = 0;
	if (oci_read_strv(in, parent, key, &names, e) < 0)
		return -1;
	for (; names && *names; names++) {
		uint64_t bit = capname_bit(*names);

		if (!bit || strncmp(*names, "CAP_", 4) != 0)
			return err_set(e, 0, "\"%s\" is no capability", *names);
		*ret |= bit;
	}
	return 0;
}

struct oci_pair_reading {
	struct oci_in *in;
	struct plan_pairs *to;
};

static int oci_read_pair(const char *key, json *value, void *arg)
{
	struct oci_pair_reading *r = arg;

	if (!json_is_string(value))
		return -1;
	r->to->v[r->to->n++] =
		(struct plan_pair){ oci_string(r->in, key), oci_string(r->in, json_text(value)) };
	return 0;
}

static int oci_read_pairs(struct oci_in *in, json *value, struct plan_pairs *ret, struct err *e)
{
	struct oci_pair_reading r = { in, ret };

	if (!json_is_object(value))
		return oci_wrong("an object of strings", e);
	*ret = (struct plan_pairs){ arena_alloc(&in->p->arena, json_count(value) * sizeof(*ret->v)),
		0 };
	return json_each(value, oci_read_pair, &r) < 0 ? oci_wrong("an object of strings", e) : 0;
}

static int oci_read_rows(
	struct oci_in *in, const struct oci_field *f, json *top, void *base, struct err *e);

static int oci_read_element(
	struct oci_in *in, const struct oci_list *l, json *value, void *base, struct err *e)
{
	static const struct oci_field number = { .kind = OCI_UINT, .size = sizeof(uint32_t) };

	return l->rows ? oci_read_rows(in, l->rows, value, base, e)
		       : oci_read_number(&number, value, false, base, e);
}

static int oci_read_list(
	struct oci_in *in, const struct oci_field *f, json *value, void *base, struct err *e)
{
	const struct oci_list *l = f->more;
	size_t n = json_len(value);
	char *at = n ? arena_alloc(&in->p->arena, n * l->size) : NULL;

	if (!json_is_array(value))
		return oci_wrong("an array", e);
	*(char **)(void *)((char *)base + f->at) = at;
	for (size_t i = 0; i < n; i++, at += l->size)
		if (oci_read_element(in, l, json_at(value, i), at, e) < 0)
			return err_wrap(e, "entry %zu", i + 1);
	*(size_t *)(void *)((char *)base + f->n_at) = n;
	return 0;
}

static int oci_read_value(struct oci_in *in, const struct oci_field *f, const char *key,
	json *parent, void *base, struct err *e)
{
	bool text = strncmp(f->path, "annotations/", strlen("annotations/")) == 0;
	json *value = json_get(parent, key);
	void *at = (char *)base + f->at;
	const struct oci_own *own = f->kind == OCI_OWN ? f->more : NULL;

	if (own)
		return own->read ? own->read(in, parent, value, base, e) : 0;
	if (!value)
		return 0;
	switch ((enum oci_kind)f->kind) {
	case OCI_STR:
		return oci_read_str(in, value, at, e);
	case OCI_STRV:
		return oci_read_strv(in, parent, key, at, e);
	case OCI_BOOL:
		return json_get_bool(parent, key, at, e) < 0 ? oci_wrong("true or false", e) : 0;
	case OCI_UINT:
	case OCI_INT:
		return oci_read_number(f, value, text, base, e);
	case OCI_WORD:
		return oci_read_word(f, value, base, e);
	case OCI_CAPS:
		return oci_read_caps(in, parent, key, at, e);
	case OCI_PAIRS:
		return oci_read_pairs(in, value, at, e);
	case OCI_LIST:
		return oci_read_list(in, f, value, base, e);
	case OCI_REFUSED:
		return json_is_empty(value) ? 0 : err_set(e, 0, "is not supported");
	case OCI_END:
	case OCI_OWN:
	case OCI_IGNORED:
		break;
	}
	return 0;
}

/* "process.user.uid: " in front of the message, of n bytes of the path. */
static int oci_wrap(const char *path, size_t n, struct err *e)
{
	char name[OCI_NAME_MAX];

	(void)oci_name(path, name);
	if (n && (path[n - 1] == '/' || path[n - 1] == '*'))
		n--;
	return n ? err_wrap(e, "%.*s", (int)n, name) : -1;
}

/* The object that the last name of path is looked up in; NULL: it is not there. */
static int oci_parent(json *top, const char **path, json **ret, struct err *e)
{
	for (*ret = top; *ret;) {
		size_t n = strcspn(*path, "/");
		char name[32];

		if (!json_is_object(*ret))
			return oci_wrong("an object", e);
		if (!(*path)[n])
			break;
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, *path);
		*ret = json_get(*ret, name);
		*path += n + 1;
	}
	return 0;
}

static int oci_read_rows(
	struct oci_in *in, const struct oci_field *f, json *top, void *base, struct err *e)
{
	for (; f->kind != OCI_END; f++) {
		const char *key = f->path;
		json *parent;

		if (f->kind == OCI_UINT || f->kind == OCI_INT)
			oci_set_number(f, base, oci_absent(f));
		if (oci_parent(top, &key, &parent, e) < 0)
			return oci_wrap(f->path, (size_t)(key - f->path), e);
		if (parent && oci_read_value(in, f, key, parent, base, e) < 0)
			return oci_wrap(f->path, strlen(f->path), e);
	}
	return 0;
}

static int oci_finish_spaces(struct plan *p, struct err *e)
{
	unsigned seen = 0;

	for (size_t i = 0; i < p->n_spaces; i++) {
		const struct plan_ns *ns = &p->spaces[i];

		if (!ns->kind || seen & ns->kind)
			return err_set(e, 0, "linux.namespaces: entry %zu: %s", i + 1,
				ns->kind ? "another one has this type" : "has no type");
		seen |= ns->kind;
		p->namespaces |= ns->path && *ns->path ? 0 : ns->kind;
	}
	p->host_ids = !(seen & CLONE_NEWUSER);
	if (p->network != NETWORK_PRIVATE)
		p->network = p->namespaces & CLONE_NEWNET ? NETWORK_NONE : NETWORK_HOST;
	return 0;
}

/* What every document must have, and what follows from the rest. */
static int oci_finish(struct plan *p, struct err *e)
{
	char clean[PATH_TEXT_MAX];

	if (!p->args || !p->args[0])
		return err_set(e, 0, "process.args: is missing");
	if (!p->rootfs || !*p->rootfs)
		return err_set(e, 0, "root.path: is missing");
	if (!p->cwd || p->cwd[0] != '/' || path_clean(p->cwd, clean, sizeof(clean)) < 0)
		return err_set(e, 0, "process.cwd: must be an absolute path inside the root");
	return oci_finish_spaces(p, e);
}

int oci_read(struct plan *p, const char *text, size_t len, struct err *e)
{
	auto_json top = json_parse_u64(text, len, e);
	struct oci_in in = { .p = p };
	const char *version;

	*p = (struct plan){ .tty_input = true, .no_init = true };
	if (!top)
		return err_wrap(e, "config.json");
	version = json_text(json_get(top, "ociVersion"));
	if (!version || strncmp(version, "1.", 2) != 0)
		return err_set(
			e, 0, "config.json: ociVersion: must be a version that begins with \"1.\"");
	in.raw = json_get(json_get(top, "annotations"), "sandbox.bytes") != NULL;
	if (oci_read_rows(&in, oci_fields, top, p, e) < 0 || oci_finish(p, e) < 0)
		return err_wrap(e, "config.json");
	return 0;
}
