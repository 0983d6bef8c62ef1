/*
 * change: changes a config document by lines of a Dockerfile, as `docker commit --change` does.
 * Touches memory only.
 */
#include "image/change.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "util/number.h"
#include "util/signame.h"

struct change {
	json *config;
	const char *rest; /* of the line */
	struct arena arena;
	bool has_cmd; /* a line has set it */
};

/* The rest as an array of strings in JSON.  NULL with e. */
static json *change_list(const struct change *c, struct err *e)
{
	json *list = json_parse(c->rest, strlen(c->rest), e);

	for (size_t i = 0; i < json_len(list); i++)
		if (!json_text(json_at(list, i))) {
			json_freep(&list);
			(void)err_set(e, 0, "a word is not a string");
		}
	return list;
}

/* Put it as an array of strings in JSON, or as a command for a shell. */
static int change_command(struct change *c, const char *key, struct err *e)
{
	const char *shell[] = { "/bin/sh", "-c", c->rest, NULL };
	json *list = c->rest[0] == '[' ? change_list(c, e) : json_new_strv((char *const *)shell);

	if (list)
		json_put(c->config, key, list);
	return list ? 0 : -1;
}

static int change_cmd(struct change *c, struct err *e)
{
	c->has_cmd = true;
	return change_command(c, "Cmd", e);
}

/* The command was meant for the old entrypoint. */
static int change_entrypoint(struct change *c, struct err *e)
{
	if (!c->has_cmd)
		json_put(c->config, "Cmd", json_new_arr());
	return change_command(c, "Entrypoint", e);
}

/* The next word of *text, without quotes; NULL at the end. */
static char *change_word(struct arena *a, const char **text)
{
	const char *p = *text + strspn(*text, " \t");
	char *word = arena_alloc(a, strlen(p) + 1), quote = '\0';
	size_t n = 0;

	if (!*p)
		return NULL;
	for (; *p && (quote || !isblank((unsigned char)*p)); p++) {
		if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? '\0' : *p;
		else
			word[n++] = *p == '\\' && p[1] && quote != '\'' ? *++p : *p;
	}
	*text = p;
	return word;
}

/* Call put for each NAME=VALUE, or for one NAME VALUE. */
static int change_pairs(struct change *c,
	void (*put)(struct change *c, const char *name, const char *value), struct err *e)
{
	const char *text = c->rest;
	char *word = change_word(&c->arena, &text);

	if (word && !strchr(word, '=')) {
		text += strspn(text, " \t");
		if (!*text)
			return err_set(e, 0, "the value is missing");
		put(c, word, text);
		return 0;
	}
	for (; word; word = change_word(&c->arena, &text)) {
		char *equals = strchr(word, '=');

		if (!equals || equals == word)
			return err_set(e, 0, "%s is not NAME=VALUE", word);
		*equals = '\0';
		put(c, word, equals + 1);
	}
	return 0;
}

static void change_put_env(struct change *c, const char *name, const char *value)
{
	json *old = json_get(c->config, "Env"), *list = json_new_arr();
	const size_t n = strlen(name);

	for (size_t i = 0; i < json_len(old); i++) {
		const char *text = json_text(json_at(old, i));

		if (text && !(strncmp(text, name, n) == 0 && text[n] == '='))
			json_add(list, json_new_str(text));
	}
	json_add(list, json_new_str(arena_printf(&c->arena, "%s=%s", name, value)));
	json_put(c->config, "Env", list);
}

static int change_env(struct change *c, struct err *e)
{
	return change_pairs(c, change_put_env, e);
}

/* The object of that name, which may be empty. */
static json *change_object(struct change *c, const char *key)
{
	json *j = json_get(c->config, key);

	if (!json_is_object(j)) {
		j = json_new_obj();
		json_put(c->config, key, j);
	}
	return j;
}

static void change_put_label(struct change *c, const char *name, const char *value)
{
	json_put_str(change_object(c, "Labels"), name, value);
}

/* One port, or a range; "/tcp" can be left out. */
static int change_port(struct change *c, const char *word, struct err *e)
{
	const char *proto = strchr(word, '/'), *dash = strchr(word, '-');
	const char *end = proto ? proto : word + strlen(word), *second = dash ? dash + 1 : word;
	uint64_t port, last;

	if (second > end ||
		!number_read(word, (size_t)((dash ? dash : end) - word), UINT16_MAX, &port) ||
		!number_read(second, (size_t)(end - second), UINT16_MAX, &last) || port > last ||
		(proto && strcmp(proto, "/tcp") != 0 && strcmp(proto, "/udp") != 0 &&
			strcmp(proto, "/sctp") != 0))
		return err_set(e, 0, "%s is not PORT[-PORT][/tcp|/udp|/sctp]", word);
	for (; port <= last; port++)
		json_put(change_object(c, "ExposedPorts"),
			arena_printf(&c->arena, "%u%s", (unsigned)port, proto ? proto : "/tcp"),
			json_new_obj());
	return 0;
}

static int change_expose(struct change *c, struct err *e)
{
	const char *text = c->rest;
	int r = 0;

	for (char *word; r == 0 && (word = change_word(&c->arena, &text));)
		r = change_port(c, word, e);
	return r;
}

static int change_volume(struct change *c, struct err *e)
{
	json *all = change_object(c, "Volumes");
	const char *text = c->rest;

	if (*text == '[') {
		auto_json list = change_list(c, e);

		for (size_t i = 0; i < json_len(list); i++)
			json_put(all, json_text(json_at(list, i)), json_new_obj());
		return list ? 0 : -1;
	}
	for (char *word; (word = change_word(&c->arena, &text));)
		json_put(all, word, json_new_obj());
	return 0;
}

static int change_onbuild(struct change *c, struct err *e)
{
	json *list = json_get(c->config, "OnBuild");

	(void)e;
	if (!json_is_array(list)) {
		list = json_new_arr();
		json_put(c->config, "OnBuild", list);
	}
	json_add(list, json_new_str(c->rest));
	return 0;
}

static int change_label(struct change *c, struct err *e)
{
	return change_pairs(c, change_put_label, e);
}

static int change_user(struct change *c, struct err *e)
{
	(void)e;
	json_put_str(c->config, "User", c->rest);
	return 0;
}

static int change_stop(struct change *c, struct err *e)
{
	if (signame_number(c->rest) <= 0)
		return err_set(e, 0, "no such signal");
	json_put_str(c->config, "StopSignal", c->rest);
	return 0;
}

static int change_workdir(struct change *c, struct err *e)
{
	const char *old = json_text(json_get(c->config, "WorkingDir"));

	(void)e;
	json_put_str(c->config, "WorkingDir",
		c->rest[0] == '/' ? c->rest
				  : arena_printf(&c->arena, "%s/%s", old ? old : "", c->rest));
	return 0;
}

static const struct {
	const char *word;
	int (*fn)(struct change *c, struct err *e);
} change_words[] = { { "CMD", change_cmd }, { "ENTRYPOINT", change_entrypoint },
	{ "ENV", change_env }, { "EXPOSE", change_expose }, { "LABEL", change_label },
	{ "ONBUILD", change_onbuild }, { "STOPSIGNAL", change_stop }, { "USER", change_user },
	{ "VOLUME", change_volume }, { "WORKDIR", change_workdir } };

static int change_line(struct change *c, const char *line, struct err *e)
{
	size_t n;

	n = strcspn(line, " \t");
	c->rest = line + n + strspn(line + n, " \t");
	for (size_t i = 0; i < sizeof(change_words) / sizeof(*change_words); i++) {
		if (strlen(change_words[i].word) != n ||
			strncasecmp(line, change_words[i].word, n) != 0)
			continue;
		return *c->rest ? change_words[i].fn(c, e) : err_set(e, 0, "the value is missing");
	}
	return err_set(e, 0, "only " CHANGE_WORDS " are supported");
}

/* As in a Dockerfile: a line that ends in a backslash goes on in the next, and "#" begins a comment. */
static int change_lines(struct change *c, const char *text, struct err *e)
{
	char *copy = arena_strdup(&c->arena, text), *save = NULL, *line = NULL;
	int r = 0, n = 0;

	for (char *p = strstr(copy, "\\\n"); p; p = strstr(p, "\\\n"))
		p[0] = p[1] = ' ';
	for (char *at = copy; (line = strtok_r(at, "\n", &save)); at = NULL) {
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		n++;
		r = change_line(c, line, e);
		if (r < 0)
			break;
	}
	if (r == 0 && n == 0)
		r = err_set(e, 0, "no instruction");
	return r < 0 ? err_wrap(e, "--change %s", line ? line : text) : 0;
}

int change_config(json *doc, char *const *list, struct err *e)
{
	struct change c = { .config = json_get(doc, "config") };
	int r = 0;

	if (list && *list && !json_is_object(c.config)) {
		c.config = json_new_obj();
		json_put(doc, "config", c.config);
	}
	for (; r == 0 && list && *list; list++)
		r = change_lines(&c, *list, e);
	arena_done(&c.arena);
	return r;
}
