/*
 * oci_own: what of a config.json is more than one member: the filter and annotations.
 * Touches memory only.
 */
#include <string.h>

#include "plan/oci_table.h"
#include "seccomp/profile.h"
#include "seccomp/table.h"

#define OCI_PREFIX "sandbox."
#define OCI_FILE OCI_PREFIX "file."
#define OCI_MOUNT OCI_PREFIX "mount."

static struct seccomp_target oci_target(const struct plan *p)
{
	return (struct seccomp_target){
		.arch = SECCOMP_ON_SELF, .kernel = SECCOMP_KERNEL_MIN, .caps = p->caps.bounding
	};
}

static void oci_write_seccomp(struct oci_out *o, const char *key, const void *base)
{
	const struct plan *p = base;
	const struct seccomp_target t = oci_target(p);

	if (p->seccomp)
		seccomp_profile_write(&o->w, key, p->seccomp, &t);
}

/* Our own are known by what they say. */
static int oci_read_seccomp(struct oci_in *in, json *parent, json *value, void *base, struct err *e)
{
	struct plan *p = base;
	const struct seccomp_target t = oci_target(p);
	struct seccomp_policy *policy = arena_alloc(&p->arena, sizeof(*policy));

	(void)in;
	(void)parent;
	if (!value)
		return 0;
	if (seccomp_profile_read(value, &t, &p->arena, policy, e) < 0)
		return -1;
	p->seccomp = seccomp_policy_same(policy, &seccomp_docker, &t) ? &seccomp_docker
		     : seccomp_policy_same(policy, &seccomp_hpc, &t)  ? &seccomp_hpc
								      : policy;
	return 0;
}

static void oci_write_annotations(struct oci_out *o, const char *key, const void *base)
{
	const struct plan *p = base;
	struct arena a = { 0 };

	(void)key;
	for (size_t i = 0; i < p->n_files; i++)
		json_write_str(
			&o->w, arena_printf(&a, OCI_FILE "%s", p->files[i].dst), p->files[i].text);
	for (size_t i = 0; i < p->n_mounts; i++)
		json_write_str(&o->w, arena_printf(&a, OCI_MOUNT "%s", p->mounts[i].dst),
			oci_mount_note(&p->mounts[i], &a));
	for (size_t i = 0; i < p->annotations.n; i++)
		json_write_str(&o->w, p->annotations.v[i].name, p->annotations.v[i].value);
	if (o->w.escaped)
		json_write_str(&o->w, OCI_PREFIX "bytes", "escaped");
	arena_done(&a);
}

struct oci_annotations {
	struct oci_in *in;
	struct err *e;
};

/* One of ours that has no row. */
static int oci_read_ours(struct plan *p, const char *key, char *text, struct err *e)
{
	size_t file = strlen(OCI_FILE), mount = strlen(OCI_MOUNT), found = 0;

	if (strncmp(key, OCI_FILE, file) == 0 && key[file] == '/') {
		p->files[p->n_files++] =
			(struct plan_file){ arena_strdup(&p->arena, key + file), text };
		return 0;
	}
	for (size_t i = 0; strncmp(key, OCI_MOUNT, mount) == 0 && i < p->n_mounts; i++)
		if (strcmp(p->mounts[i].dst, key + mount) == 0 && ++found &&
			oci_mount_read_note(&p->mounts[i], text, e) < 0)
			return -1;
	return found ? 0 : err_set(e, 0, "is not known");
}

static bool oci_has_row(const char *key)
{
	size_t n = strlen("annotations/");

	for (const struct oci_field *f = oci_fields; f->kind != OCI_END; f++)
		if (strncmp(f->path, "annotations/", n) == 0 && strcmp(f->path + n, key) == 0)
			return true;
	return strcmp(key, OCI_PREFIX "bytes") == 0;
}

static int oci_read_annotation(const char *key, json *value, void *arg)
{
	struct oci_annotations *r = arg;
	struct plan *p = r->in->p;
	char *name, *text;

	if (!json_is_string(value))
		return err_set(r->e, 0, "%s: must be a string", key);
	name = oci_string(r->in, key);
	text = oci_string(r->in, json_text(value));
	if (strncmp(name, OCI_PREFIX, strlen(OCI_PREFIX)) != 0)
		p->annotations.v[p->annotations.n++] = (struct plan_pair){ name, text };
	else if (!oci_has_row(name) && oci_read_ours(p, name, text, r->e) < 0)
		return err_wrap(r->e, "%s", name);
	return 0;
}

static int oci_read_annotations(
	struct oci_in *in, json *parent, json *value, void *base, struct err *e)
{
	struct oci_annotations r = { in, e };
	struct plan *p = base;
	size_t n = json_count(parent);

	(void)value;
	p->files = arena_alloc(&p->arena, n * sizeof(*p->files));
	p->annotations.v = arena_alloc(&p->arena, n * sizeof(*p->annotations.v));
	return json_each(parent, oci_read_annotation, &r);
}

const struct oci_own oci_own_seccomp = { oci_write_seccomp, oci_read_seccomp };
const struct oci_own oci_own_annotations = { oci_write_annotations, oci_read_annotations };
