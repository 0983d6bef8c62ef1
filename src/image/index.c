/*
 * index: which manifests an OCI layout has, and which of them is meant.
 * Reads through the container, every document checked
 * against its digest; writes nothing.
 */
#include "image/index.h"

#include <stdio.h>
#include <string.h>

#include "image/ref.h"
#include "util/fd.h"

#define NESTING_MAX 8	    /* indexes within indexes */
#define INDEXES_MAX 64	    /* nested indexes read in all */
#define CANDIDATES_MAX 4096 /* manifests in all of them */

char *index_blob(struct arena *a, const char *hex)
{
	return arena_printf(a, "blobs/sha256/%s", hex);
}

char *index_document(struct container *c, struct arena *a, const char *hex, int64_t size,
	size_t *ret_len, struct err *e)
{
	const char *name = index_blob(a, hex);
	auto_free char *text = container_read(c, name, IMAGE_DOCUMENT_MAX, ret_len, e);
	char have[DIGEST_HEX + 1];

	if (!text)
		return NULL;
	digest_of(text, *ret_len, have);
	if (strcmp(have, hex) != 0) {
		(void)err_set(e, 0, "%s: %s: digest mismatch: have sha256:%s", c->what, name, have);
		return NULL;
	}
	if (size >= 0 && (uint64_t)size != *ret_len) {
		(void)err_set(e, 0, "%s: %s: size mismatch: its descriptor says %lld, it has %zu",
			c->what, name, (long long)size, *ret_len);
		return NULL;
	}
	return arena_strndup(a, text, *ret_len);
}

int descriptor_parse(json *j, struct arena *a, struct descriptor *d, struct err *e)
{
	json *platform = NULL, *notes = NULL;
	char *digest = NULL, *ref_type = NULL;

	*d = (struct descriptor){ .size = -1 };
	if (json_get_str(j, "mediaType", a, &d->media_type, e) < 0 ||
		json_get_str(j, "digest", a, &digest, e) < 0 ||
		json_get_i64(j, "size", &d->size, e) < 0 ||
		json_get_obj(j, "platform", &platform, e) < 0 ||
		json_get_obj(j, "annotations", &notes, e) < 0)
		return -1;
	d->hex = digest_parse(digest, "descriptor", e);
	if (!d->hex)
		return -1;
	if (json_get_str(notes, "io.containerd.image.name", a, &d->names[0], e) < 0 ||
		json_get_str(notes, "org.opencontainers.image.ref.name", a, &d->names[1], e) < 0 ||
		json_get_str(notes, "vnd.docker.reference.type", a, &ref_type, e) < 0)
		return -1;
	if (json_get_str(platform, "os", a, &d->platform.os, e) < 0 ||
		json_get_str(platform, "architecture", a, &d->platform.arch, e) < 0 ||
		json_get_str(platform, "variant", a, &d->platform.variant, e) < 0)
		return -1;
	d->attestation = (ref_type && strcmp(ref_type, "attestation-manifest") == 0) ||
			 (d->platform.os && strcmp(d->platform.os, "unknown") == 0 &&
				 d->platform.arch && strcmp(d->platform.arch, "unknown") == 0);
	return 0;
}

static bool is_index_type(const char *t)
{
	return t &&
	       (strcmp(t, "application/vnd.oci.image.index.v1+json") == 0 ||
		       strcmp(t, "application/vnd.docker.distribution.manifest.list.v2+json") == 0);
}

static int candidates_add(struct candidates *l, const struct descriptor *d, struct err *e)
{
	if (l->n == CANDIDATES_MAX)
		return err_set(e, 0, "%s: index names over %d manifests", l->container->what,
			CANDIDATES_MAX);
	if (l->n == l->room) {
		struct candidate *old = l->v;

		l->room = l->room ? 2 * l->room : 16;
		l->v = arena_alloc(l->arena, l->room * sizeof(*l->v));
		if (l->n)
			memcpy(l->v, old, l->n * sizeof(*old));
	}
	l->v[l->n++] = (struct candidate){
		.hex = arena_strdup(l->arena, d->hex),
		.names = { d->names[0], d->names[1] },
		.platform = d->platform,
		.present = container_has(l->container, index_blob(l->arena, d->hex)),
	};
	return 0;
}

/* Gather the manifests of an index and of those within it; what their parent is called, they are
 * called too. */
static int walk_index(struct candidates *l, json *index, const struct descriptor *parent, int depth,
	struct err *e)
{
	json *list = NULL;

	if (depth > NESTING_MAX)
		return err_set(
			e, 0, "%s: indexes nested over %d deep", l->container->what, NESTING_MAX);
	if (json_get_arr(index, "manifests", &list, e) < 0)
		return err_wrap(e, "%s: index", l->container->what);
	if (json_get(index, "layers"))
		return err_set(e, 0, "%s: a document with both manifests and layers is refused",
			l->container->what);
	for (size_t i = 0; i < json_len(list); i++) {
		struct descriptor d;
		size_t len = 0;

		if (descriptor_parse(json_at(list, i), l->arena, &d, e) < 0)
			return err_wrap(e, "%s: index", l->container->what);
		for (int k = 0; k < 2 && parent; k++)
			d.names[k] = d.names[k] ? d.names[k] : parent->names[k];
		if (d.attestation)
			continue;
		if (!is_index_type(d.media_type)) {
			if (candidates_add(l, &d, e) < 0)
				return -1;
			continue;
		}
		if (!container_has(l->container, index_blob(l->arena, d.hex)))
			continue;
		if (++l->n_indexes > INDEXES_MAX)
			return err_set(e, 0, "%s: index names over %d further indexes",
				l->container->what, INDEXES_MAX);
		char *text = index_document(l->container, l->arena, d.hex, d.size, &len, e);
		auto_json inner = text ? json_parse(text, len, e) : NULL;

		if (!inner || walk_index(l, inner, &d, depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

static bool has_name(const struct candidate *c, const char *name)
{
	size_t n = strlen(name);

	for (int k = 0; k < 2; k++)
		if (c->names[k] && (strcmp(c->names[k], name) == 0 || ref_same(c->names[k], name)))
			return true;
	return n >= 6 && strncmp(c->hex, strncmp(name, "sha256:", 7) == 0 ? name + 7 : name,
				 strncmp(name, "sha256:", 7) == 0 ? n - 7 : n) == 0;
}

static const char *shown_name(const struct candidate *c)
{
	return c->names[0] ? c->names[0] : c->names[1] ? c->names[1] : c->hex;
}

/* Names and platforms of what is there, for the error that lists them. */
static void list_present(const struct candidates *l, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < l->n && len < size; i++) {
		const struct candidate *c = &l->v[i];

		if (!c->present)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%s (%s/%s%s%s)", len ? ", " : "",
			shown_name(c), c->platform.os ? c->platform.os : "?",
			c->platform.arch ? c->platform.arch : "?", c->platform.variant ? "/" : "",
			c->platform.variant ? c->platform.variant : "");
	}
	if (!out[0])
		(void)snprintf(out, size, "no manifest at all");
}

struct candidate *index_choose(
	struct candidates *l, const struct image_choice *choice, struct err *e)
{
	struct platform want = { (char *)choice->os, (char *)choice->arch,
		(char *)choice->variant };
	char there[ERR_MSG_MAX / 2];
	struct candidate *best = NULL, *only = NULL;
	int best_rank = 0;
	size_t present = 0;

	list_present(l, there, sizeof(there));
	for (size_t i = 0; i < l->n; i++) {
		struct candidate *c = &l->v[i];
		int rank = platform_rank(&c->platform, &want);

		if (!c->present || (choice->name && !has_name(c, choice->name)))
			continue;
		if (!only || strcmp(only->hex, c->hex) != 0)
			present++;
		only = c;
		if (best && rank == best_rank && rank > 0 && strcmp(best->hex, c->hex) != 0) {
			(void)err_set(
				e, 0, "%s: holds several images: %s", l->container->what, there);
			(void)err_hint(
				e, "name one: FILE#NAME:TAG, --tag NAME:TAG or --platform OS/ARCH");
			return NULL;
		}
		if (rank > best_rank) {
			best = c;
			best_rank = rank;
		}
	}
	/* Docker 29 saves the one platform it has under an index of all: that one is meant. */
	if (!best && present == 1 && !choice->arch)
		best = only;
	if (!best)
		(void)err_set(e, 0, "%s: no image%s%s for %s; it holds: %s", l->container->what,
			choice->name ? " " : "", choice->name ? choice->name : "",
			choice->arch ? choice->arch : "this machine", there);
	return best;
}

int index_load(struct candidates *l, struct err *e)
{
	size_t len = 0;
	auto_free char *text =
		container_read(l->container, "index.json", IMAGE_DOCUMENT_MAX, &len, e);
	auto_json index = text ? json_parse(text, len, e) : NULL;

	if (!index)
		return text ? err_wrap(e, "%s: index.json", l->container->what) : -1;
	if (!json_is_object(index))
		return err_set(e, 0, "%s: index.json is no object", l->container->what);
	return walk_index(l, index, NULL, 0, e);
}

/* What chosen is chosen by, of the names of one candidate; its digest where that is no other's. */
static struct candidate *choose_by(struct candidates *l, const struct candidate *c,
	struct image_choice *choice, const struct platform *want)
{
	struct candidate *chosen = NULL;
	struct err why;

	for (int k = 0; k < 2 && !chosen; k++) {
		choice->name = c->names[k];
		chosen = choice->name ? index_choose(l, choice, &why) : NULL;
	}
	if (chosen || platform_rank(&c->platform, want) == 0)
		return chosen;
	choice->name = c->hex;
	return index_choose(l, choice, &why);
}

int oci_list(struct container *c, const struct image_choice *choice, struct arena *a,
	struct strv *ret, struct err *e)
{
	const struct platform want = { (char *)choice->os, (char *)choice->arch,
		(char *)choice->variant };
	struct candidates l = { .arena = a, .container = c };
	struct strv known = { 0 };

	if (index_load(&l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		struct image_choice by = *choice;
		const struct candidate *chosen =
			l.v[i].present ? choose_by(&l, &l.v[i], &by, &want) : NULL;
		bool is_known = !chosen;

		for (size_t k = 0; !is_known && k < known.n; k++)
			is_known = strcmp(known.v[k], chosen->hex) == 0;
		if (is_known)
			continue;
		strv_add_copy(a, &known, chosen->hex);
		strv_add_copy(a, ret, by.name);
	}
	return 0;
}
