/*
 * plan_equal: are two plans the same?  By the rows of the codec, and for what has no row of its own by
 * lists here; tests/unit/oci.c checks that together they miss no member.
 * Touches memory only.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "plan/oci_table.h"
#include "seccomp/profile.h"
#include "seccomp/table.h"
#include "util/fd.h"

/* What a row does not compare: by bytes, or by its text. */
struct plan_member {
	const char *name;
	size_t at, size;
	bool text;
};

#define MEMBER(type, member, text) \
	{ \
#member, offsetof(type, member), sizeof(((type *)0)->member), text \
	}

static const struct plan_member plan_members[] = {
	MEMBER(struct plan, namespaces, false),
	MEMBER(struct plan, host_ids, false),
	MEMBER(struct plan, network, false),
};

static const struct plan_member mount_members[] = {
	MEMBER(struct plan_mount, kind, false),
	MEMBER(struct plan_mount, type, true),
	MEMBER(struct plan_mount, src, true),
	MEMBER(struct plan_mount, attr, false),
	MEMBER(struct plan_mount, rattr, false),
	MEMBER(struct plan_mount, propagation, false),
	MEMBER(struct plan_mount, data, true),
	MEMBER(struct plan_mount, recursive, false),
	MEMBER(struct plan_mount, optional, false),
	MEMBER(struct plan_mount, own, false),
	MEMBER(struct plan_mount, device, false),
	MEMBER(struct plan_mount, deep, false),
	MEMBER(struct plan_mount, copy_up, false),
	MEMBER(struct plan_mount, idmap, false),
	MEMBER(struct plan_mount, ridmap, false),
};

#define COUNT_OF(list) (sizeof(list) / sizeof(*(list)))

static inline bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Returns the name of the first that differs, or NULL. */
static inline const char *members_differ(
	const struct plan_member *m, size_t n, const void *a, const void *b)
{
	for (; n; n--, m++) {
		const char *x = (const char *)a + m->at, *y = (const char *)b + m->at;

		if (m->text ? !same_text(*(char *const *)(const void *)x,
				      *(char *const *)(const void *)y)
			    : memcmp(x, y, m->size) != 0)
			return m->name;
	}
	return NULL;
}

static inline bool same_pairs(const struct plan_pairs *a, const struct plan_pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_text(a->v[i].name, b->v[i].name) ||
			!same_text(a->v[i].value, b->v[i].value))
			return false;
	return true;
}

static inline bool same_strv(char *const *a, char *const *b)
{
	for (; a && *a && b && *b && strcmp(*a, *b) == 0; a++, b++)
		;
	return !(a && *a) && !(b && *b);
}

static inline const char *rows_differ(const struct oci_field *f, const void *a, const void *b);

static inline bool same_list(const struct oci_field *f, const void *a, const void *b)
{
	const struct oci_list *l = f->more;
	size_t n, m;
	const char *x = oci_elements(f, a, &n), *y = oci_elements(f, b, &m);

	if (n != m)
		return false;
	for (; n; n--, x += l->size, y += l->size)
		if (l->rows ? rows_differ(l->rows, x, y) ||
					(strcmp(f->path, "mounts") == 0 &&
						members_differ(mount_members,
							COUNT_OF(mount_members), x, y))
			    : memcmp(x, y, l->size) != 0)
			return false;
	return true;
}

static inline bool same_member(const struct oci_field *f, const void *a, const void *b)
{
	const void *x = (const char *)a + f->at, *y = (const char *)b + f->at;

	switch ((enum oci_kind)f->kind) {
	case OCI_STR:
		return same_text(*(char *const *)x, *(char *const *)y);
	case OCI_STRV:
		return same_strv(*(char *const *const *)x, *(char *const *const *)y);
	case OCI_PAIRS:
		return same_pairs(x, y);
	case OCI_LIST:
		return same_list(f, a, b);
	case OCI_BOOL:
	case OCI_UINT:
	case OCI_INT:
	case OCI_WORD:
	case OCI_CAPS:
		return memcmp(x, y, f->size) == 0;
	case OCI_OWN:
	case OCI_REFUSED:
	case OCI_IGNORED:
	case OCI_END:
		break;
	}
	return true;
}

static inline const char *rows_differ(const struct oci_field *f, const void *a, const void *b)
{
	for (; f->kind != OCI_END; f++)
		if (!same_member(f, a, b))
			return f->path;
	return NULL;
}

static inline bool same_policy(const struct plan *a, const struct plan *b)
{
	const struct seccomp_target t = {
		.arch = SECCOMP_ON_SELF, .kernel = SECCOMP_KERNEL_MIN, .caps = a->caps.bounding
	};
	auto_free char *x = a->seccomp ? seccomp_profile_text(a->seccomp, &t) : NULL;
	auto_free char *y = b->seccomp ? seccomp_profile_text(b->seccomp, &t) : NULL;

	return same_text(x, y) &&
	       (a->seccomp == &seccomp_docker) == (b->seccomp == &seccomp_docker);
}

/* Returns the name of what differs, or NULL. */
static inline const char *plan_differs(const struct plan *a, const struct plan *b)
{
	const char *what = rows_differ(oci_fields, a, b);

	if (!what)
		what = members_differ(plan_members, COUNT_OF(plan_members), a, b);
	if (what)
		return what;
	if (!same_policy(a, b))
		return "seccomp";
	if (!same_pairs(&a->annotations, &b->annotations))
		return "annotations";
	if (a->n_files != b->n_files)
		return "files";
	for (size_t i = 0; i < a->n_files; i++)
		if (!same_text(a->files[i].dst, b->files[i].dst) ||
			!same_text(a->files[i].text, b->files[i].text))
			return "files";
	return NULL;
}
