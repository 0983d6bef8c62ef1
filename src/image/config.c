/*
 * config: reads an image's config document into a struct image_config.
 * Touches memory only; the text is not trusted.
 */
#include "image/config.h"

#include <string.h>

#include "util/digest.h"
#include "util/fd.h"
#include "util/json.h"

/* Entries of Env.  With more, an exec would fail anyway: its strings would be too long. */
#define CONFIG_ENV_MAX 8192

/* Entries of Volumes: each may become a mount. */
#define CONFIG_VOLUMES_MAX 1024

/* Entrypoint or Cmd: an array, or Docker's shell form; [] and "" count as absent. */
static int config_command(
	const json *obj, const char *key, struct arena *a, char ***ret, struct err *e)
{
	const char *text = json_text(json_get(obj, key));
	struct strv l = { 0 };

	if (!text) {
		if (json_get_strv(obj, key, a, &l, e) < 0)
			return -1;
	} else if (*text) {
		strv_add_copy(a, &l, "/bin/sh");
		strv_add_copy(a, &l, "-c");
		strv_add_copy(a, &l, text);
	}
	*ret = l.v;
	return 0;
}

static int config_env(const json *obj, struct arena *a, char ***ret, struct err *e)
{
	struct strv raw = { 0 }, env = { 0 };
	size_t at, name;

	if (json_get_strv(obj, "Env", a, &raw, e) < 0)
		return -1;
	if (raw.n > CONFIG_ENV_MAX)
		return err_set(e, 0, "member \"Env\" has over %d entries", CONFIG_ENV_MAX);
	for (size_t i = 0; i < raw.n; i++) {
		name = strcspn(raw.v[i], "=");
		if (!name || !raw.v[i][name])
			continue;
		for (at = 0; at < env.n; at++)
			if (strncmp(env.v[at], raw.v[i], name + 1) == 0)
				break;
		if (at < env.n)
			env.v[at] = raw.v[i];
		else
			strv_add(a, &env, raw.v[i]);
	}
	*ret = env.v;
	return 0;
}

struct config_list {
	struct arena *arena;
	struct strv list;
	struct err *err;
};

/* As it is shown to people: a string without its quotes, anything else as JSON. */
static char *config_shown(const json *value, struct arena *a)
{
	auto_free char *dump = !value || json_is_string(value) ? NULL : json_dump(value, false);

	return arena_strdup(a, dump ? dump : value ? json_text(value) : "");
}

static int config_add_label(const char *key, json *value, void *arg)
{
	struct config_list *l = arg;

	strv_add(l->arena, &l->list,
		arena_printf(l->arena, "%s=%s", key, config_shown(value, l->arena)));
	return 0;
}

/* Volumes is a set, written as an object whose values mean nothing. */
static int config_add_key(const char *key, json *value, void *arg)
{
	struct config_list *l = arg;

	(void)value;
	if (l->list.n >= CONFIG_VOLUMES_MAX)
		return err_set(
			l->err, 0, "member \"Volumes\" has over %d entries", CONFIG_VOLUMES_MAX);
	strv_add_copy(l->arena, &l->list, key);
	return 0;
}

/*
 * Labels are only shown, and an invalid volume is left out with a note: another type is no reason to
 * refuse the image.
 */
static int config_object(const json *obj, const char *key, struct arena *a, char ***ret,
	int (*add)(const char *, json *, void *), struct err *e)
{
	struct config_list l = { .arena = a, .err = e };
	json *members = json_get(obj, key);

	if (members && !json_is_object(members))
		strv_add(a, &l.list, config_shown(members, a));
	else if (json_each(members, add, &l) < 0)
		return -1;
	*ret = l.list.v;
	return 0;
}

static int config_process(const json *doc, struct arena *a, struct image_config *c, struct err *e)
{
	json *obj = NULL;

	if (json_get_obj(doc, "config", &obj, e) < 0 ||
		config_command(obj, "Entrypoint", a, &c->entrypoint, e) < 0 ||
		config_command(obj, "Cmd", a, &c->cmd, e) < 0 ||
		config_env(obj, a, &c->env, e) < 0 ||
		json_get_str(obj, "WorkingDir", a, &c->working_dir, e) < 0 ||
		json_get_str(obj, "User", a, &c->user, e) < 0 ||
		json_get_str(obj, "StopSignal", a, &c->stop_signal, e) < 0 ||
		config_object(obj, "Volumes", a, &c->volumes, config_add_key, e) < 0 ||
		config_object(obj, "Labels", a, &c->labels, config_add_label, e) < 0)
		return -1;
	/* Docker stores an entrypoint that --entrypoint "" cleared as [""]. */
	if (c->entrypoint && !c->entrypoint[0][0] && !c->entrypoint[1])
		c->entrypoint = NULL;
	return 0;
}

static int config_rootfs(const json *doc, struct arena *a, struct image_config *c, struct err *e)
{
	struct strv ids = { 0 };
	json *obj = NULL;
	const char *type;

	if (json_get_obj(doc, "rootfs", &obj, e) < 0)
		return -1;
	type = json_text(json_get(obj, "type"));
	if (type && strcmp(type, "layers") != 0)
		return err_set(e, 0, "rootfs of type \"%s\", only \"layers\" is supported", type);
	if (json_get_strv(obj, "diff_ids", a, &ids, e) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		if (!digest_parse(ids.v[i], "member \"diff_ids\"", e))
			return -1;
	c->diff_ids = ids.v;
	c->n_diff_ids = ids.n;
	return 0;
}

int config_parse(
	const char *text, size_t len, struct arena *a, struct image_config *c, struct err *e)
{
	auto_json doc = json_parse(text, len, e);

	*c = (struct image_config){ 0 };
	if (!doc)
		return err_wrap(e, "image config");
	if (!json_is_object(doc))
		return err_set(e, 0, "image config: not a JSON object");
	if (json_get_str(doc, "os", a, &c->os, e) < 0 ||
		json_get_str(doc, "architecture", a, &c->architecture, e) < 0 ||
		json_get_str(doc, "variant", a, &c->variant, e) < 0 ||
		config_process(doc, a, c, e) < 0 || config_rootfs(doc, a, c, e) < 0)
		return err_wrap(e, "image config");
	c->created = arena_strdup(a, json_text(json_get(doc, "created")));
	return 0;
}
