/*
 * change: changes a config document by lines of a Dockerfile, as `docker commit --change` does.
 * Touches memory only.
 */
#include "image/change.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct change {
	json *config;
	const char *rest; /* of the line */
	struct arena arena;
	bool has_cmd; /* a line has set it */
};

/* Put it as an array of strings in JSON, or as a command for a shell. */
static int change_command(struct change *c, const char *key, struct err *e)
{
	const char *shell[] = { "/bin/sh", "-c", c->rest, NULL };
	json *list = NULL;

	if (c->rest[0] != '[') {
		list = json_new_strv((char *const *)shell);
	} else {
		list = json_parse(c->rest, strlen(c->rest), e);
		if (!list)
			return -1;
		for (size_t i = 0; i < json_len(list); i++)
			if (!json_text(json_at(list, i))) {
				json_freep(&list);
				return err_set(e, 0, "a word is not a string");
			}
	}
	json_put(c->config, key, list);
	return 0;
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

static void change_put_label(struct change *c, const char *name, const char *value)
{
	json *labels = json_get(c->config, "Labels");

	if (!json_is_object(labels)) {
		labels = json_new_obj();
		json_put(c->config, "Labels", labels);
	}
	json_put_str(labels, name, value);
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
	(void)e;
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
	{ "ENV", change_env }, { "LABEL", change_label }, { "STOPSIGNAL", change_stop },
	{ "USER", change_user }, { "WORKDIR", change_workdir } };

static int change_line(struct change *c, const char *line, struct err *e)
{
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t");
	c->rest = line + n + strspn(line + n, " \t");
	for (size_t i = 0; i < sizeof(change_words) / sizeof(*change_words); i++) {
		if (strlen(change_words[i].word) != n ||
			strncasecmp(line, change_words[i].word, n) != 0)
			continue;
		return *c->rest ? change_words[i].fn(c, e) : err_set(e, 0, "the value is missing");
	}
	return err_set(e, 0,
		"only CMD, ENTRYPOINT, ENV, LABEL, STOPSIGNAL, USER and WORKDIR are supported");
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
		if (change_line(&c, *list, e) < 0)
			r = err_wrap(e, "--change %s", *list);
	arena_done(&c.arena);
	return r;
}
