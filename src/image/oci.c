/*
 * oci: index.json of an OCI layout, nested indexes, the manifest of one platform.
 * Called by image/image.c.  Reads through the container, every document checked against its digest;
 * writes nothing.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "image/image.h"
#include "image/platform.h"
#include "image/ref.h"
#include "util/fd.h"
#include "util/json.h"

#define NESTING_MAX 8	    /* indexes within indexes */
#define INDEXES_MAX 64	    /* nested indexes read in all */
#define CANDIDATES_MAX 4096 /* manifests in all of them */

/* One manifest that an index names. */
struct candidate {
	char *hex;	/* digest of the manifest */
	char *names[2]; /* full name and tag, NULL where the index states none */
	struct platform platform;
	bool present; /* its blob is in the container */
};

struct candidates {
	struct arena *arena;
	struct container *container;
	struct candidate *v;
	size_t n, room;
	size_t n_indexes; /* nested ones that were read: a few that name each other often would
			     never end */
};

static char *blob_name(struct arena *a, const char *hex)
{
	return arena_printf(a, "blobs/sha256/%s", hex);
}

/* A document named by a descriptor, its size and digest checked; NULL with e. */
static char *read_document(struct container *c, struct arena *a, const char *hex, int64_t size,
	size_t *ret_len, struct err *e)
{
	const char *name = blob_name(a, hex);
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

/* What a descriptor says; members of the wrong type are errors. */
struct descriptor {
	char *media_type;
	const char *hex;
	int64_t size;
	char *names[2];
	bool attestation;
	struct platform platform;
};

static int descriptor_parse(json *j, struct arena *a, struct descriptor *d, struct err *e)
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
		.present = container_has(l->container, blob_name(l->arena, d->hex)),
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
		if (!container_has(l->container, blob_name(l->arena, d.hex)))
			continue;
		if (++l->n_indexes > INDEXES_MAX)
			return err_set(e, 0, "%s: index names over %d further indexes",
				l->container->what, INDEXES_MAX);
		char *text = read_document(l->container, l->arena, d.hex, d.size, &len, e);
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

/* Best candidate for the name and platform: NULL with e where none or several fit. */
static struct candidate *choose(
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

static bool is_config_type(const char *t)
{
	return !t || strcmp(t, "application/vnd.oci.image.config.v1+json") == 0 ||
	       strcmp(t, "application/vnd.docker.container.image.v1+json") == 0;
}

static int add_layer(
	struct image *img, struct container *c, json *j, struct image_layer *layer, struct err *e)
{
	struct descriptor d;

	if (descriptor_parse(j, &img->arena, &d, e) < 0)
		return err_wrap(e, "%s: manifest: layer", c->what);
	if (d.media_type && (!strstr(d.media_type, "tar") || strstr(d.media_type, "+encrypted")))
		return err_set(e, 0, "%s: layer of a type that cannot be unpacked: %s", c->what,
			d.media_type);
	*layer = (struct image_layer){
		.member = blob_name(&img->arena, d.hex),
		.digest = arena_strdup(&img->arena, d.hex),
		.size = d.size,
		.media_type = d.media_type,
	};
	if (container_has(c, layer->member))
		return 0;
	if (json_len(json_get(j, "urls")) > 0)
		return err_set(e, 0,
			"%s: foreign layer sha256:%s is not in the archive, only its address is",
			c->what, d.hex);
	return err_set(e, 0, "%s: layer sha256:%s is missing from the archive", c->what, d.hex);
}

static int load_layers(struct image *img, struct container *c, json *layers, struct err *e)
{
	img->n_layers = json_len(layers);
	if (img->n_layers > IMAGE_LAYERS_MAX)
		return err_set(e, 0, "%s: over %d layers", c->what, IMAGE_LAYERS_MAX);
	img->layers = arena_alloc(&img->arena, (img->n_layers + 1) * sizeof(*img->layers));
	for (size_t i = 0; i < img->n_layers; i++)
		if (add_layer(img, c, json_at(layers, i), &img->layers[i], e) < 0)
			return -1;
	return 0;
}

/* Refuse what is no image manifest, by name. */
static int check_manifest(json *m, const char *what, struct err *e)
{
	const char *artifact = json_text(json_get(m, "artifactType"));
	json *config = json_get(m, "config");
	const char *type = json_text(json_get(config, "mediaType"));

	if (json_get(m, "manifests"))
		return err_set(
			e, 0, "%s: a document with both manifests and layers is refused", what);
	if (json_get(m, "fsLayers")) {
		(void)err_set(e, 0,
			"%s: manifest of schema version 1, which says too little to verify it",
			what);
		return err_hint(e, "save it anew with a current tool, such as `skopeo copy`");
	}
	if (!is_config_type(type))
		return err_set(e, 0, "%s: an artifact of type %s, not an image", what,
			artifact ? artifact : type);
	if (!json_is_object(config) || !json_is_array(json_get(m, "layers")))
		return err_set(e, 0, "%s: manifest without config or layers: not an image", what);
	return 0;
}

static int load_manifest(
	struct image *img, struct container *c, const struct candidate *chosen, struct err *e)
{
	size_t len = 0;
	char *text = read_document(c, &img->arena, chosen->hex, -1, &len, e);
	auto_json m = text ? json_parse(text, len, e) : NULL;
	struct descriptor config;

	if (!m)
		return text ? err_wrap(e, "%s: manifest", c->what) : -1;
	if (check_manifest(m, c->what, e) < 0)
		return -1;
	if (descriptor_parse(json_get(m, "config"), &img->arena, &config, e) < 0)
		return err_wrap(e, "%s: manifest: config", c->what);
	if (load_layers(img, c, json_get(m, "layers"), e) < 0)
		return -1;
	img->manifest_text = text;
	text = read_document(c, &img->arena, config.hex, config.size, &len, e);
	if (!text)
		return -1;
	return image_set_config(img, text, len, config.hex, e) < 0 ? err_wrap(e, "%s", c->what) : 0;
}

/* Keep the names that lead to the chosen manifest, the full ones before bare tags. */
static void keep_names(
	struct image *img, const struct candidates *l, const struct candidate *chosen)
{
	struct err e;

	for (size_t i = 0; i < l->n; i++) {
		const struct candidate *c = &l->v[i];
		const char *name = c->names[0] ? c->names[0] : c->names[1];

		/* A bare tag ("latest") names nothing on its own. */
		if (strcmp(c->hex, chosen->hex) == 0 && name &&
			(c->names[0] || strpbrk(name, ":/")) &&
			ref_normalise(&img->arena, name, &e))
			strv_add_copy(&img->arena, &img->names, name);
	}
}

int oci_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	struct candidates l = { .arena = &img->arena, .container = c };
	size_t len = 0;
	auto_free char *text = container_read(c, "index.json", IMAGE_DOCUMENT_MAX, &len, e);
	auto_json index = text ? json_parse(text, len, e) : NULL;
	struct candidate *chosen;

	img->kind = IMAGE_OCI;
	if (!index)
		return text ? err_wrap(e, "%s: index.json", c->what) : -1;
	if (!json_is_object(index))
		return err_set(e, 0, "%s: index.json is no object", c->what);
	if (walk_index(&l, index, NULL, 0, e) < 0)
		return -1;
	chosen = choose(&l, choice, e);
	if (!chosen || load_manifest(img, c, chosen, e) < 0)
		return -1;
	keep_names(img, &l, chosen);
	return 0;
}
