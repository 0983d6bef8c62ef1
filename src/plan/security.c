/*
 * security: --security-opt, as Docker and podman spell it.
 * Touches memory only.
 */
#include "plan/security.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "seccomp/profile.h"
#include "util/path.h"
#include "util/release.h"

/* The plan, and the lists of paths while they are put together. */
struct security {
	struct plan *p;
	const struct run_options *o;
	const struct host_facts *h;
	struct strv masked, read_only;
};

/* The value of "name=VALUE", or "name:VALUE" as older Docker clients wrote it; NULL for another
 * name. */
static const char *security_value(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncmp(text, name, n) == 0 && (text[n] == '=' || text[n] == ':') ? text + n + 1
										 : NULL;
}

static int security_seccomp(struct security *s, const char *value, struct err *e)
{
	const char *text = s->o->seccomp_profile ? s->o->seccomp_profile : "";
	struct seccomp_target t = { .arch = SECCOMP_ON_SELF,
		.kernel = release_number(s->h->kernel),
		.caps = s->p->caps.bounding };
	struct seccomp_policy *own;

	if (strcmp(value, "default") == 0 || strcmp(value, "builtin") == 0) {
		s->p->seccomp = &seccomp_docker;
		return 0;
	}
	s->p->seccomp = strcmp(value, "hpc") == 0 ? &seccomp_hpc : NULL;
	if (s->p->seccomp || strcmp(value, "unconfined") == 0)
		return 0;
	own = arena_alloc(&s->p->arena, sizeof(*own));
	if (seccomp_profile_parse(text, strlen(text), &t, &s->p->arena, own, e) < 0)
		return err_wrap(e, "--security-opt seccomp=%s", value);
	s->p->seccomp = own;
	return 0;
}

/* The next path of "PATH:PATH", cleaned, with a leading '/'.  Returns NULL with e for an invalid one. */
static char *security_path(struct plan *p, const char **s, struct err *e)
{
	size_t n = strcspn(*s, ":");
	char *text = arena_strndup(&p->arena, *s, n), clean[PATH_TEXT_MAX];

	*s += n;
	*s += **s == ':';
	if (text[0] != '/' || path_clean(text, clean, sizeof(clean)) < 0 || !clean[0]) {
		(void)err_set(e, 0, "--security-opt %s: not an absolute path below the root", text);
		return NULL;
	}
	return arena_printf(&p->arena, "/%s", clean);
}

/* The runtime matches names in one directory only. */
static bool security_is_simple(const char *path)
{
	const char *star = strchr(path, '*');

	return !star || !strchr(star + strcspn(star, "/"), '*');
}

static int security_mask(struct security *s, const char *paths, struct err *e)
{
	do {
		char *path = security_path(s->p, &paths, e);

		if (!path)
			return -1;
		if (!security_is_simple(path))
			return err_set(e, 0,
				"--security-opt mask=%s: only one component may have a '*'", path);
		strv_add(&s->p->arena, &s->masked, path);
	} while (*paths);
	return 0;
}

static void security_remove(struct strv *l, const char *pattern)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], pattern) != 0 && fnmatch(pattern, l->v[i], FNM_PATHNAME) != 0)
			l->v[kept++] = l->v[i];
	l->n = kept;
	if (l->v)
		l->v[kept] = NULL;
}

/* To unmask a path that is not masked is no error, as with podman. */
static int security_unmask(struct security *s, const char *paths, struct err *e)
{
	bool all = strcasecmp(paths, "all") == 0;

	if (all)
		s->masked.n = s->read_only.n = 0;
	while (!all && *paths) {
		char *path = security_path(s->p, &paths, e);

		if (!path)
			return -1;
		security_remove(&s->masked, path);
		security_remove(&s->read_only, path);
	}
	return 0;
}

/* Options for what is always the case. */
static bool security_is_given(const char *text)
{
	static const char *const given[] = { "no-new-privileges", "no-new-privileges=true",
		"no-new-privileges:true", "apparmor=unconfined", "apparmor:unconfined",
		"label=disable", "label:disable" };

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (strcmp(text, given[i]) == 0)
			return true;
	return false;
}

static int security_one(struct security *s, const char *text, struct err *e)
{
	const char *value;

	if (security_is_given(text))
		return 0;
	if ((value = security_value(text, "no-new-privileges")) && strcmp(value, "false") == 0) {
		s->p->no_new_privs = false;
		return 0;
	}
	if ((value = security_value(text, "seccomp")))
		return security_seccomp(s, value, e);
	if ((value = security_value(text, "mask")))
		return security_mask(s, value, e);
	if ((value = security_value(text, "unmask")))
		return security_unmask(s, value, e);
	if ((value = security_value(text, "systempaths")) && strcmp(value, "unconfined") == 0)
		return security_unmask(s, "ALL", e);
	(void)err_set(e, 0, "--security-opt %s: is not supported", text);
	return err_hint(e,
		"supported are seccomp=FILE|unconfined|default|hpc, no-new-privileges, mask=PATHS, unmask=PATHS|ALL");
}

int security_check(const struct run_options *o, struct err *e)
{
	const struct host_facts none = { 0 };
	struct plan p = { 0 };
	struct security s = { .p = &p, .o = o, .h = &none };
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->security.n; i++)
		r = security_one(&s, o->security.v[i], e);
	plan_done(&p);
	return r;
}

int security_plan(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	struct security s = { .p = p, .o = o, .h = h };

	if (!o->security.n && !o->privileged)
		return 0;
	if (o->privileged)
		p->seccomp = NULL;
	for (const char *const *path = p->masked_paths; *path && !o->privileged; path++)
		strv_add_copy(&p->arena, &s.masked, *path);
	for (const char *const *path = p->read_only_paths; *path && !o->privileged; path++)
		strv_add_copy(&p->arena, &s.read_only, *path);
	for (size_t i = 0; i < o->security.n; i++)
		if (security_one(&s, o->security.v[i], e) < 0)
			return -1;
	if (!p->no_new_privs && !p->map_helpers) {
		(void)err_set(e, 0,
			"--security-opt no-new-privileges=false: is supported with --subuid only");
		return err_hint(e, "there, setuid programs such as sudo gain rights inside");
	}
	/* NULL-terminated even if nothing is left */
	strv_add(&p->arena, &s.masked, NULL);
	strv_add(&p->arena, &s.read_only, NULL);
	p->masked_paths = (const char *const *)s.masked.v;
	p->read_only_paths = (const char *const *)s.read_only.v;
	return 0;
}
