/*
 * cdi: the devices of all CDI specifications in some folders.
 * Reads the folders.
 */
#include "cdi/cdi.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cdi/device.h"
#include "util/names.h"

#define CDI_DEVICES_MAX 4096

static char *const cdi_folders[] = { (char *)"/etc/cdi", (char *)"/var/run/cdi", NULL };

static struct cdi_device *cdi_lookup(const struct cdi *c, const char *name)
{
	for (size_t i = 0; i < c->n_devices; i++)
		if (strcmp(c->devices[i].name, name) == 0)
			return &c->devices[i];
	return NULL;
}

static void cdi_problem(struct cdi *c, const struct err *e)
{
	c->problems = xgrow(c->problems, c->n_problems, sizeof(*c->problems));
	c->problems[c->n_problems++] = *e;
}

/* A later folder takes precedence; in one folder, two devices of a name exclude each other. */
static void cdi_add_device(struct cdi *c, struct cdi_spec *s, const json *device, size_t folder)
{
	struct cdi_device d = {
		.name = arena_printf(
			&c->arena, "%s=%s", s->kind, json_text(json_get(device, "name"))),
		.spec = s,
		.edits = json_get(device, "containerEdits"),
		.folder = folder,
	};
	struct cdi_device *old = cdi_lookup(c, d.name);
	struct err e;

	if (old && old->folder == folder) {
		old->other = s;
		(void)err_set(&e, 0, "%s: %s is in %s, too: neither is used", s->path, d.name,
			old->spec->path);
		cdi_problem(c, &e);
	} else if (old) {
		*old = d;
	} else if (c->n_devices < CDI_DEVICES_MAX) {
		c->devices = xgrow(c->devices, c->n_devices, sizeof(*c->devices));
		c->devices[c->n_devices++] = d;
	} else {
		(void)err_set(&e, 0, "%s: %s: more than %d devices are not supported", s->path,
			d.name, CDI_DEVICES_MAX);
		cdi_problem(c, &e);
	}
}

static void cdi_read_file(struct cdi *c, const char *path, size_t folder)
{
	struct cdi_spec *s = xmalloc(sizeof(*s));
	const json *devices;
	struct err e;

	if (cdi_spec_read(s, path, &e) < 0) {
		cdi_problem(c, &e);
		cdi_spec_done(s);
		free(s);
		return;
	}
	s->next = c->specs;
	c->specs = s;
	devices = json_get(s->tree, "devices");
	for (size_t i = 0; i < json_len(devices); i++)
		cdi_add_device(c, s, json_at(devices, i), folder);
}

static int cdi_is_spec(const struct dirent *d)
{
	return names_match(d->d_name, "", ".json") || names_match(d->d_name, "", ".yaml");
}

static void cdi_read_folder(struct cdi *c, const char *path, size_t folder)
{
	struct dirent **list = NULL;
	const int n = scandir(path, &list, cdi_is_spec, alphasort);
	struct err e;

	if (n < 0 && errno != ENOENT && errno != ENOTDIR) {
		(void)err_set(&e, errno, "%s", path);
		cdi_problem(c, &e);
	}
	for (int i = 0; i < n; i++) {
		cdi_read_file(c, arena_printf(&c->arena, "%s/%s", path, list[i]->d_name), folder);
		free(list[i]);
	}
	free(list);
}

void cdi_read(struct cdi *c, char *const *folders)
{
	*c = (struct cdi){ .folders = folders && *folders ? folders : cdi_folders };
	for (size_t i = 0; c->folders[i]; i++)
		cdi_read_folder(c, c->folders[i], i);
}

void cdi_done(struct cdi *c)
{
	struct cdi_spec *s = c ? c->specs : NULL;

	while (s) {
		struct cdi_spec *next = s->next;

		cdi_spec_done(s);
		free(s);
		s = next;
	}
	if (!c)
		return;
	free(c->devices);
	free(c->problems);
	arena_done(&c->arena);
	*c = (struct cdi){ 0 };
}

const struct cdi_device *cdi_find(const struct cdi *c, const char *name)
{
	const struct cdi_device *d = cdi_lookup(c, name);

	return d && !d->other ? d : NULL;
}

/* ---- what is asked for ---- */

static bool cdi_is_of_kind(const char *device, const char *name)
{
	const size_t n = strcspn(name, "=") + 1;

	return strncmp(device, name, n) == 0;
}

/* "0, 1, all" */
static const char *cdi_names(const struct cdi *c, const char *name, struct arena *a)
{
	const char *all = NULL;

	for (size_t i = 0; i < c->n_devices; i++)
		if (cdi_is_of_kind(c->devices[i].name, name) && !c->devices[i].other)
			all = arena_printf(a, "%s%s%s", all ? all : "", all ? ", " : "",
				strchr(c->devices[i].name, '=') + 1);
	return all;
}

static int cdi_absent(const struct cdi *c, const char *name, struct arena *a, struct err *e)
{
	const struct cdi_device *d = cdi_lookup(c, name);
	const char *names = cdi_names(c, name, a), *where = c->folders[0];

	for (size_t i = 1; c->folders[i]; i++)
		where = arena_printf(a, "%s, %s", where, c->folders[i]);
	if (d)
		return err_set(e, 0, "device %s: both %s and %s have it", name, d->spec->path,
			d->other->path);
	if (names)
		(void)err_set(
			e, 0, "device %s: there is none of that name; there are %s", name, names);
	else
		(void)err_set(e, 0, "device %s: no CDI specification in %s describes %.*s", name,
			where, (int)strcspn(name, "="), name);
	return c->n_problems ? err_hint(e, "%zu of the files cannot be used: %s", c->n_problems,
				       c->problems[0].msg)
			     : err_hint(e, "`sandbox cdi list` prints the devices that there are");
}

/* Each specification's own edits come once, before its first device's. */
static int cdi_use(
	const struct cdi_device *d, struct plan_edits *ed, struct arena *a, struct err *e)
{
	struct cdi_spec *s = d->spec;
	int r = s->used ? 0 : cdi_device_edits(s->edits, s->path, ed, a, e);

	s->used = true;
	if (r == 0)
		r = cdi_device_edits(d->edits, s->path, ed, a, e);
	return r < 0 ? err_wrap(e, "device %s", d->name) : 0;
}

static int cdi_use_all(const struct cdi *c, const char *name, struct plan_edits *ed,
	struct arena *a, struct err *e)
{
	const char *sign = strchr(name, '=');

	if (strcmp(sign, "=all") != 0 || !cdi_names(c, name, a))
		return cdi_absent(c, name, a, e);
	for (size_t i = 0; i < c->n_devices; i++)
		if (cdi_is_of_kind(c->devices[i].name, name) && !c->devices[i].other &&
			cdi_use(&c->devices[i], ed, a, e) < 0)
			return -1;
	return 0;
}

int cdi_resolve(const struct cdi *c, const struct strv *names, struct plan_edits *ed,
	struct arena *a, struct err *e)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		const struct cdi_device *d = cdi_lookup(c, name);

		if (d && !d->other ? cdi_use(d, ed, a, e) < 0
			: d	   ? cdi_absent(c, name, a, e) < 0
				   : cdi_use_all(c, name, ed, a, e) < 0)
			return -1;
	}
	return 0;
}
