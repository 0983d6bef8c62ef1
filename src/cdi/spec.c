/*
 * spec: the members of a CDI specification, and whether they are as they must be.
 * Reads the file that it is given.
 */
#include "cdi/spec.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "util/fd.h"
#include "util/yaml.h"

#define SPEC_MAX (4u << 20) /* bytes of a file */

/* In order: a member's `since` is an index. */
enum spec_version { V0_1, V0_2, V0_3, V0_4, V0_5, V0_6, V0_7, V0_8, V1_0, V1_1 };

static const char *const spec_versions[] = { "0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0",
	"0.7.0", "0.8.0", "1.0.0", "1.1.0" };

#define SPEC_VERSIONS (sizeof(spec_versions) / sizeof(*spec_versions))

enum spec_kind {
	SPEC_STR,
	SPEC_ID,   /* 0 to 2^32-1 */
	SPEC_MODE, /* of a file */
	SPEC_BOOL,
	SPEC_STRS, /* list of strings */
	SPEC_IDS,
	SPEC_MAP, /* of strings */
	SPEC_OBJ,
	SPEC_LIST, /* of objects */
};

struct spec_field {
	const char *name;
	enum spec_kind kind;
	bool must; /* be there, and not empty */
	enum spec_version since;
	const struct spec_field *more; /* of an object; ends with a row without a name */
};

/* clang-format off */
static const struct spec_field spec_nodes[] = {
	{ "path", SPEC_STR, true, V0_1, NULL },
	{ "hostPath", SPEC_STR, false, V0_5, NULL },
	{ "type", SPEC_STR, false, V0_1, NULL },
	{ "major", SPEC_ID, false, V0_1, NULL },
	{ "minor", SPEC_ID, false, V0_1, NULL },
	{ "fileMode", SPEC_MODE, false, V0_1, NULL },
	{ "permissions", SPEC_STR, false, V0_1, NULL },
	{ "uid", SPEC_ID, false, V0_1, NULL },
	{ "gid", SPEC_ID, false, V0_1, NULL },
	{ 0 },
};

static const struct spec_field spec_mounts[] = {
	{ "hostPath", SPEC_STR, true, V0_1, NULL },
	{ "containerPath", SPEC_STR, true, V0_1, NULL },
	{ "type", SPEC_STR, false, V0_4, NULL },
	{ "options", SPEC_STRS, false, V0_1, NULL },
	{ 0 },
};

static const struct spec_field spec_hooks[] = {
	{ "hookName", SPEC_STR, true, V0_1, NULL },
	{ "path", SPEC_STR, true, V0_1, NULL },
	{ "args", SPEC_STRS, false, V0_1, NULL },
	{ "env", SPEC_STRS, false, V0_1, NULL },
	{ "timeout", SPEC_ID, false, V0_1, NULL },
	{ 0 },
};

static const struct spec_field spec_rdt[] = {
	{ "closID", SPEC_STR, false, V0_7, NULL },
	{ "l3CacheSchema", SPEC_STR, false, V0_7, NULL },
	{ "memBwSchema", SPEC_STR, false, V0_7, NULL },
	{ "enableCMT", SPEC_BOOL, false, V0_7, NULL },
	{ "enableMBM", SPEC_BOOL, false, V0_7, NULL },
	{ "schemata", SPEC_STRS, false, V1_1, NULL },
	{ "enableMonitoring", SPEC_BOOL, false, V1_1, NULL },
	{ 0 },
};

static const struct spec_field spec_net[] = {
	{ "hostInterfaceName", SPEC_STR, true, V1_1, NULL },
	{ "name", SPEC_STR, true, V1_1, NULL },
	{ 0 },
};

static const struct spec_field spec_edits[] = {
	{ "env", SPEC_STRS, false, V0_1, NULL },
	{ "deviceNodes", SPEC_LIST, false, V0_1, spec_nodes },
	{ "mounts", SPEC_LIST, false, V0_1, spec_mounts },
	{ "hooks", SPEC_LIST, false, V0_1, spec_hooks },
	{ "additionalGids", SPEC_IDS, false, V0_7, NULL },
	{ "intelRdt", SPEC_OBJ, false, V0_7, spec_rdt },
	{ "netDevices", SPEC_LIST, false, V1_1, spec_net },
	{ 0 },
};

static const struct spec_field spec_devices[] = {
	{ "name", SPEC_STR, true, V0_1, NULL },
	{ "annotations", SPEC_MAP, false, V0_6, NULL },
	{ "containerEdits", SPEC_OBJ, true, V0_1, spec_edits },
	{ 0 },
};

static const struct spec_field spec_top[] = {
	{ "cdiVersion", SPEC_STR, true, V0_1, NULL },
	{ "kind", SPEC_STR, true, V0_1, NULL },
	{ "annotations", SPEC_MAP, false, V0_6, NULL },
	{ "devices", SPEC_LIST, false, V0_1, spec_devices },
	{ "containerEdits", SPEC_OBJ, false, V0_1, spec_edits },
	{ 0 },
};
/* clang-format on */

/* ---- members and types ---- */

static bool spec_is_number(const json *v, uint64_t max)
{
	bool minus;
	uint64_t n;

	return json_u64(v, &minus, &n) && !minus && n <= max;
}

static int spec_text_member(const char *key, json *value, void *arg)
{
	(void)key;
	(void)arg;
	return json_is_string(value) ? 0 : -1;
}

static bool spec_is_array_of(const json *v, bool (*is)(const json *item))
{
	size_t i = 0;

	while (i < json_len(v) && json_at(v, i) && is(json_at(v, i)))
		i++;
	return json_is_array(v) && i == json_len(v);
}

static bool spec_is_id(const json *v)
{
	return spec_is_number(v, UINT32_MAX);
}

/* What v is not, or NULL. */
static const char *spec_wrong(enum spec_kind kind, json *v)
{
	switch (kind) {
	case SPEC_STR:
		return json_is_string(v) ? NULL : "a string (in YAML, put it in quotes)";
	case SPEC_ID:
		return spec_is_id(v) ? NULL : "a number of 32 bits";
	case SPEC_MODE:
		return spec_is_number(v, 0177777) ? NULL : "a file's mode";
	case SPEC_BOOL:
		return json_is_bool(v) ? NULL : "true or false";
	case SPEC_STRS:
		return spec_is_array_of(v, json_is_string) ? NULL : "a list of strings";
	case SPEC_IDS:
		return spec_is_array_of(v, spec_is_id) ? NULL : "a list of numbers of 32 bits";
	case SPEC_MAP:
		return json_is_object(v) && json_each(v, spec_text_member, NULL) == 0
			       ? NULL
			       : "an object of strings";
	case SPEC_LIST:
		return spec_is_array_of(v, json_is_object) ? NULL : "a list of objects";
	case SPEC_OBJ:
		break;
	}
	return json_is_object(v) ? NULL : "an object";
}

struct spec_check {
	const struct spec_field *fields;
	struct err *e;
};

static int spec_known_member(const char *key, json *value, void *arg)
{
	const struct spec_check *c = arg;
	const struct spec_field *f = c->fields;

	(void)value;
	while (f->name && strcasecmp(f->name, key) != 0)
		f++;
	return f->name ? 0 : err_set(c->e, 0, "unknown member \"%s\"", key);
}

static int spec_check_object(
	json *j, const struct spec_field *fields, enum spec_version version, struct err *e);

static int spec_check_member(
	json *v, const struct spec_field *f, enum spec_version version, struct err *e)
{
	const char *wanted = spec_wrong(f->kind, v);

	if (wanted)
		return err_set(e, 0, "%s: is not %s", f->name, wanted);
	if (f->since > version)
		return err_set(e, 0, "%s: needs cdiVersion %s", f->name, spec_versions[f->since]);
	if (f->must && json_is_empty(v))
		return err_set(e, 0, "%s: is empty", f->name);
	if (f->kind == SPEC_OBJ && spec_check_object(v, f->more, version, e) < 0)
		return err_wrap(e, "%s", f->name);
	for (size_t i = 0; f->kind == SPEC_LIST && i < json_len(v); i++)
		if (spec_check_object(json_at(v, i), f->more, version, e) < 0)
			return err_wrap(e, "%s[%zu]", f->name, i);
	return 0;
}

static int spec_check_object(
	json *j, const struct spec_field *fields, enum spec_version version, struct err *e)
{
	struct spec_check c = { fields, e };

	if (json_each(j, spec_known_member, &c) < 0)
		return -1;
	for (const struct spec_field *f = fields; f->name; f++) {
		json *v = json_get(j, f->name);

		if (!v && f->must)
			return err_set(e, 0, "%s: is missing", f->name);
		if (v && spec_check_member(v, f, version, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

/* n bytes of letters, digits and the bytes of more; the first and the last are letters or digits. */
static bool spec_is_name(const char *s, size_t n, const char *more)
{
	if (!n || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(more, s[i]))
			return false;
	return true;
}

static int spec_check_kind(const char *kind, enum spec_version version, struct err *e)
{
	const char *class = strchr(kind, '/');

	if (!class || !isalpha((unsigned char)*kind) || !isalpha((unsigned char)class[1]) ||
		!spec_is_name(kind, (size_t)(class - kind), "-_.") ||
		!spec_is_name(class + 1, strlen(class + 1), "-_."))
		return err_set(e, 0, "kind: \"%s\" is not of the form vendor.com/class", kind);
	if (version < V0_6 && strchr(class, '.'))
		return err_set(
			e, 0, "kind: a dot in the class needs cdiVersion %s", spec_versions[V0_6]);
	return 0;
}

static bool spec_is_one_of(const char *s, const char *const *words)
{
	while (*words && strcmp(s, *words) != 0)
		words++;
	return *words;
}

static const char *spec_str(const json *obj, const char *key)
{
	const char *s = json_text(json_get(obj, key));

	return s ? s : "";
}

static int spec_check_env(const json *obj, struct err *e)
{
	const json *env = json_get(obj, "env");

	for (size_t i = 0; i < json_len(env); i++) {
		const char *text = json_text(json_at(env, i)), *sign = strchr(text, '=');

		if (!sign || sign == text)
			return err_set(e, 0, "env: \"%s\" is not of the form NAME=VALUE", text);
	}
	return 0;
}

static int spec_check_node(const json *node, struct err *e)
{
	static const char *const types[] = { "", "b", "c", "u", "p", NULL };
	const char *rights = spec_str(node, "permissions");

	if (!spec_is_one_of(spec_str(node, "type"), types))
		return err_set(
			e, 0, "type: \"%s\" is none of b, c, u and p", spec_str(node, "type"));
	if (rights[strspn(rights, "rwm")] && strcmp(rights, "none") != 0)
		return err_set(
			e, 0, "permissions: \"%s\" is not of the letters r, w and m", rights);
	return 0;
}

static int spec_check_hook(const json *hook, struct err *e)
{
	static const char *const names[] = { "prestart", "createRuntime", "createContainer",
		"startContainer", "poststart", "poststop", NULL };

	if (!spec_is_one_of(spec_str(hook, "hookName"), names))
		return err_set(
			e, 0, "hookName: there is no hook \"%s\"", spec_str(hook, "hookName"));
	return spec_check_env(hook, e);
}

static int spec_check_list(const json *edits, const char *name,
	int (*check)(const json *item, struct err *e), struct err *e)
{
	const json *list = json_get(edits, name);

	for (size_t i = 0; i < json_len(list); i++)
		if (check(json_at(list, i), e) < 0)
			return err_wrap(e, "%s[%zu]", name, i);
	return 0;
}

static int spec_check_edits(const json *edits, struct err *e)
{
	if (spec_check_env(edits, e) < 0 ||
		spec_check_list(edits, "deviceNodes", spec_check_node, e) < 0 ||
		spec_check_list(edits, "hooks", spec_check_hook, e) < 0)
		return err_wrap(e, "containerEdits");
	return 0;
}

static int spec_check_device(
	const json *devices, size_t i, enum spec_version version, struct err *e)
{
	const json *d = json_at(devices, i);
	const char *name = spec_str(d, "name");

	if (!spec_is_name(name, strlen(name), "-_.:"))
		return err_set(e, 0,
			"name: \"%s\" has other characters than letters, digits and -_.:", name);
	if (version < V0_5 && isdigit((unsigned char)*name))
		return err_set(e, 0, "name: \"%s\": a digit first needs cdiVersion %s", name,
			spec_versions[V0_5]);
	for (size_t k = 0; k < i; k++)
		if (strcmp(spec_str(json_at(devices, k), "name"), name) == 0)
			return err_set(e, 0, "name: \"%s\" comes twice", name);
	return spec_check_edits(json_get(d, "containerEdits"), e);
}

static int spec_check(struct cdi_spec *s, struct err *e)
{
	const json *devices = json_get(s->tree, "devices");
	const char *version = spec_str(s->tree, "cdiVersion");
	unsigned v = 0;

	if (!json_is_object(s->tree))
		return err_set(e, 0, "is not an object");
	version += *version == 'v';
	while (v < SPEC_VERSIONS && strcmp(version, spec_versions[v]) != 0)
		v++;
	if (v == SPEC_VERSIONS)
		return *version ? err_set(e, 0,
					  "cdiVersion: \"%s\" is not supported: 0.3.0 to 1.1.0 are",
					  version)
				: err_set(e, 0, "cdiVersion: is missing, or not a string");
	if (spec_check_object(s->tree, spec_top, v, e) < 0)
		return -1;
	s->kind = spec_str(s->tree, "kind");
	s->edits = json_get(s->tree, "containerEdits");
	if (spec_check_kind(s->kind, v, e) < 0 || spec_check_edits(s->edits, e) < 0)
		return -1;
	for (size_t i = 0; i < json_len(devices); i++)
		if (spec_check_device(devices, i, v, e) < 0)
			return err_wrap(e, "devices[%zu]", i);
	return 0;
}

/* ---- files ---- */

int cdi_spec_parse(struct cdi_spec *s, const char *text, size_t len, bool yaml, struct err *e)
{
	*s = (struct cdi_spec){ .tree = (yaml ? yaml_parse : json_parse)(text, len, e) };
	return s->tree ? spec_check(s, e) : -1;
}

int cdi_spec_read(struct cdi_spec *s, const char *path, struct err *e)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const size_t n = strlen(path);
	auto_free char *text = NULL;
	struct stat st;
	size_t len = 0;

	*s = (struct cdi_spec){ 0 };
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: is not a file", path);
	text = fd_read_all(fd, SPEC_MAX, &len);
	if (!text)
		return err_set(e, errno, "%s", path);
	if (cdi_spec_parse(s, text, len, strcmp(path + n - 5, ".yaml") == 0, e) < 0)
		return err_wrap(e, "%s", path);
	s->path = xstrdup(path);
	return 0;
}

void cdi_spec_done(struct cdi_spec *s)
{
	json_freep(&s->tree);
	free(s->path);
	s->path = NULL;
}
