/*
 * settings: the configuration of the site and of the user.
 * Reads /etc/sandbox, the user's folder of configuration, the environment, /etc/passwd; looks whether
 * files exist that values name.
 */
#include "cli/settings.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/home.h"
#include "util/path.h"

#define SETTINGS_FILE_MAX (1u << 20) /* bytes */
#define SETTINGS_VARIABLE "SANDBOX_"

struct settings_file {
	struct settings *s;
	const char *path;
	const char *preset; /* of the section that the line is in */
	int line;
	bool site;
};

void settings_done(struct settings *s)
{
	free(s->v);
	arena_done(&s->arena);
	*s = (struct settings){ 0 };
}

int setting_wrap(const struct setting *g, struct err *e)
{
	return g->file ? err_wrap(e, "%s:%d: %s", g->file, g->line, g->key)
		       : err_wrap(e, "the environment: %s", g->key);
}

/* "--KEY VALUE: ...", or the path that the value begins with, as a whole word */
static bool settings_is_about(const struct setting *g, const char *msg, struct arena *a)
{
	size_t key = strlen(g->key), path = strcspn(g->value, ":");
	const char *at;

	if (strncmp(msg, "--", 2) == 0 && strncmp(msg + 2, g->key, key) == 0 &&
		msg[2 + key] == ' ' && strncmp(msg + 3 + key, g->value, strlen(g->value)) == 0)
		return true;
	if (*g->value != '/' || path < 2)
		return false;
	at = strstr(msg, arena_strndup(a, g->value, path));
	return at && !isalnum((unsigned char)at[path]) && !strchr("/._-", at[path]);
}

void settings_name(struct settings *s, struct err *e)
{
	for (size_t i = s->n; i > 0; i--)
		if (s->v[i - 1].value && settings_is_about(&s->v[i - 1], e->msg, &s->arena)) {
			(void)setting_wrap(&s->v[i - 1], e);
			return;
		}
}

/* ---- values ---- */

static const char *settings_user(struct arena *a)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *name = pw ? pw->pw_name : getenv("USER");

	return name && *name ? arena_strdup(a, name) : arena_printf(a, "%u", getuid());
}

/* What stands for the variable at p, "%u" or "${NAME}", or NULL; *ret_len is its length. */
static const char *settings_variable(const char *p, size_t *ret_len, struct arena *a)
{
	struct utsname node;
	size_t n = strcspn(p, "}");

	*ret_len = *p == '%' ? 2 : n + (p[n] == '}');
	if (*p == '$')
		return p[1] == '{' && p[n] ? getenv(arena_strndup(a, p + 2, n - 2)) : NULL;
	switch (p[1]) {
	case '%':
		return "%";
	case 'u':
		return settings_user(a);
	case 'U':
		return arena_printf(a, "%u", getuid());
	case 'h':
		return home_dir();
	case 'n':
		return uname(&node) < 0 ? NULL : arena_strdup(a, node.nodename);
	default:
		*ret_len = p[1] ? 2 : 1;
		return NULL;
	}
}

/* Replace the variables.  *ret_missing is the first that has no value, else NULL. */
static const char *settings_expand(const char *value, const char **ret_missing, struct arena *a)
{
	const char *out = "";
	size_t n;

	*ret_missing = NULL;
	for (; *value; value += n) {
		n = strcspn(value, "%$");
		if (n) {
			out = arena_printf(a, "%s%.*s", out, (int)n, value);
			continue;
		}
		const char *text = settings_variable(value, &n, a);
		if (!text && !*ret_missing)
			*ret_missing = arena_strndup(a, value, n);
		out = arena_printf(a, "%s%s", out, text ? text : "");
	}
	return out;
}

/* Is there a file of the path up to the first colon?  Of a value that begins with "?"; other values than
 * paths only need their variables. */
static bool settings_exists(const char *value)
{
	char path[PATH_TEXT_MAX];
	size_t n = strcspn(value, ":");

	if (*value != '/')
		return true;
	if (n >= sizeof(path))
		return false;
	memcpy(path, value, n);
	path[n] = '\0';
	return access(path, F_OK) == 0;
}

/* ---- settings ---- */

static int settings_lock(struct settings_file *f, char *keys, struct err *e)
{
	if (!f->site || f->preset)
		return err_set(e, 0, "only the site's files can lock, outside of presets");
	for (char *key; (key = strsep(&keys, " \t"));)
		if (*key)
			strv_add(&f->s->arena, &f->s->locks, key);
	f->s->lock_at = arena_printf(&f->s->arena, "%s:%d", f->path, f->line);
	return 0;
}

static bool settings_is_locked(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->locks.n; i++)
		if (strcmp(s->locks.v[i], key) == 0)
			return true;
	return false;
}

static int settings_add(struct settings_file *f, const char *key, char *value, struct err *e)
{
	struct settings *s = f->s;
	/* a variable of the environment is as its shell has made it, or is another program's */
	const bool if_there = f->path && *value == '?';
	const char *missing = NULL, *text = value;

	if (strcmp(key, "lock") == 0)
		return settings_lock(f, value, e);
	if (f->path)
		text = settings_expand(value + if_there, &missing, &s->arena);
	if (missing && !if_there)
		return err_set(e, 0,
			*missing == '%' ? "%s stands for nothing: write %%%% for %%"
					: "%s has no value",
			missing);
	if (strcmp(key, "message") == 0) {
		if (!f->site && settings_is_locked(s, key))
			return err_set(e, 0, "the site has locked it (%s)", s->lock_at);
		s->message = text;
		return 0;
	}
	if (!if_there || (!missing && settings_exists(text))) {
		s->v = xgrow(s->v, s->n, sizeof(*s->v));
		s->v[s->n++] = (struct setting){ .key = key,
			.value = *value ? text : NULL,
			.preset = f->preset,
			.file = f->path,
			.line = f->line,
			.site = f->site };
	}
	return 0;
}

/* ---- files ---- */

static char *settings_trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s + strspn(s, " \t");
}

static int settings_line(struct settings_file *f, char *line, struct err *e)
{
	char *value = strchr(line, '='), *key, *end = strchr(line, ']');

	if (!*line || *line == '#')
		return 0;
	if (strcmp(line, "[all]") == 0) {
		f->preset = NULL;
		return 0;
	}
	if (strncmp(line, "[preset ", 8) == 0 && end && !end[1] && end > line + 8) {
		*end = '\0';
		f->preset = settings_trim(line + 8);
		return 0;
	}
	if (!value || value == line)
		return err_set(e, 0, "%s:%d: %s: neither KEY = VALUE nor [preset NAME]", f->path,
			f->line, line);
	*value++ = '\0';
	key = settings_trim(line);
	return settings_add(f, key, settings_trim(value), e) < 0
		       ? err_wrap(e, "%s:%d: %s", f->path, f->line, key)
		       : 0;
}

static int settings_text(struct settings *s, int fd, const char *path, bool site, struct err *e)
{
	struct settings_file f = { .s = s, .path = path, .site = site };
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, SETTINGS_FILE_MAX, &len);
	char *rest, *line;

	if (!text)
		return err_set(e, errno, "%s", path);
	if (strlen(text) != len)
		return err_set(e, 0, "%s: contains a NUL byte", path);
	/* after a byte order mark */
	rest = arena_strdup(&s->arena, text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0));
	while ((line = strsep(&rest, "\n"))) {
		f.line++;
		if (settings_line(&f, settings_trim(line), e) < 0)
			return -1;
	}
	return 0;
}

/* A file that is missing is none. */
static int settings_file(struct settings *s, const char *path, bool site, struct err *e)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		return err_set(e, 0, "%s: is a pipe, not a file", path);
	return settings_text(s, fd, path, site, e);
}

static int settings_is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0;
}

/* FOLDER/sandbox.conf, then FOLDER/sandbox.conf.d/ in the order of names. */
static int settings_folder(struct settings *s, const char *folder, bool site, struct err *e)
{
	const char *conf = arena_printf(&s->arena, "%s/sandbox.conf", folder);
	struct dirent **list = NULL;
	int n, r;

	/* one call, on most hosts */
	if (access(folder, X_OK) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_set(e, errno, "%s", folder);
	r = settings_file(s, conf, site, e);
	n = scandir(arena_printf(&s->arena, "%s.d", conf), &list, settings_is_conf, alphasort);
	for (int i = 0; i < n; i++) {
		const char *path = arena_printf(&s->arena, "%s.d/%s", conf, list[i]->d_name);

		if (r == 0)
			r = settings_file(s, path, site, e);
		free(list[i]);
	}
	free(list);
	return r;
}

static int settings_user_folder(struct settings *s, struct err *e)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home;

	if (config && *config == '/')
		return settings_folder(s, arena_printf(&s->arena, "%s/sandbox", config), false, e);
	home = home_dir();
	return home ? settings_folder(
			      s, arena_printf(&s->arena, "%s/.config/sandbox", home), false, e)
		    : 0;
}

static void settings_add_stores(struct settings *s, const char *key, const char *value)
{
	if (!*value)
		return;
	s->v = xgrow(s->v, s->n, sizeof(*s->v));
	s->v[s->n++] = (struct setting){ .key = key, .value = value, .theirs = true };
}

/* SANDBOX_DNS_SEARCH is dns-search.  SANDBOX_STORE and SANDBOX_STORES are store/'s. */
static int settings_environment(struct settings *s, struct err *e)
{
	const size_t prefix = strlen(SETTINGS_VARIABLE);
	struct settings_file f = { .s = s };

	for (char **v = environ; *v; v++) {
		char *key, *value;

		if (strncmp(*v, SETTINGS_VARIABLE, prefix) != 0)
			continue;
		key = arena_strdup(&s->arena, *v + prefix);
		value = strchr(key, '=');
		if (!value)
			continue;
		*value++ = '\0';
		if (strcmp(key, "STORE") == 0 || strcmp(key, "STORES") == 0) {
			settings_add_stores(s, key[5] ? "shared-store" : "store", value);
			continue;
		}
		for (char *c = key; *c; c++)
			*c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
		if (settings_add(&f, key, value, e) < 0)
			return err_wrap(e, "the environment: %s", key);
	}
	return 0;
}

int settings_read_file(struct settings *s, const char *path, struct err *e)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return settings_text(s, fd, path, true, e);
}

int settings_read(struct settings *s, struct err *e)
{
	char site[] = SETTINGS_SITE;

	*strrchr(site, '/') = '\0';
	if (settings_folder(s, site, true, e) < 0)
		return -1;
	return settings_user_folder(s, e) < 0 ? -1 : settings_environment(s, e);
}
