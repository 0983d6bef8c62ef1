/*
 * env: -e and --env-file, completed from the caller's environment, and --preserve-fd.
 * Reads the files that the user names.
 */
#include "cli/env.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "launch/step.h"
#include "util/fd.h"

#define ENV_FILE_MAX (16u << 20)

static int env_add(struct strv *env, struct arena *a, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');

	if (equals == text || !*text)
		return err_set(e, 0, "environment: %s: the name is missing", text);
	if (equals) {
		strv_add_copy(a, env, text);
		return 0;
	}
	/* A name alone means the caller's value.  If the caller has none, the plan removes the
	 * variable, as docker does. */
	const char *value = getenv(text);
	strv_add(a, env, value ? arena_printf(a, "%s=%s", text, value) : arena_strdup(a, text));
	return 0;
}

static int env_add_line(
	struct strv *env, struct arena *a, char *line, const char *path, struct err *e)
{
	size_t name;

	while (isspace((unsigned char)*line))
		line++;
	line[strcspn(line, "\r\n")] = '\0';
	if (!*line || *line == '#')
		return 0;
	name = strcspn(line, "=");
	for (size_t i = 0; i < name; i++)
		if (isspace((unsigned char)line[i]))
			return err_set(e, 0, "%s: %s: the name contains a space", path, line);
	return env_add(env, a, line, e) < 0 ? err_wrap(e, "%s", path) : 0;
}

int env_option_fds(const struct opt_given *g)
{
	for (char *s = g->text, *next; s; s = next) {
		next = strchr(s, ',');
		if (next)
			*next++ = '\0';
		if (step_take_fd(s, g->to, g->arena, g->e) < 0)
			return err_wrap(g->e, "--preserve-fd");
	}
	return 0;
}

int env_option(const struct opt_given *g)
{
	return env_add(g->to, g->arena, g->text, g->e);
}

int env_option_file(const struct opt_given *g)
{
	const char *path = g->text;
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, ENV_FILE_MAX, &len);
	char *p;

	if (!text)
		return err_set(g->e, errno, "--env-file: %s", path);
	if (strlen(text) != len)
		return err_set(g->e, 0, "--env-file: %s: contains a NUL byte", path);
	p = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text; /* a byte order mark */
	for (char *next; p; p = next) {
		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		if (env_add_line(g->to, g->arena, p, path, g->e) < 0)
			return -1;
	}
	return 0;
}
