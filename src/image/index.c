/*
 * index: finds the manifests of an OCI layout or of dir:.
 * Reads through the container, every document checked against its digest; writes nothing.
 */
#include "image/index.h"

#include <string.h>

#include "image/member.h"
#include "util/digest.h"
#include "util/fd.h"

#define INDEX_NESTING_MAX 8 /* levels of indexes */
#define INDEX_NESTED_MAX 64 /* nested indexes read in total */

char *index_blob(struct arena *a, enum image_kind kind, const char *hex)
{
	const char *algorithm = digest_algorithm(hex);

	return kind != IMAGE_DIR ? arena_printf(a, "blobs/%s/%s", algorithm, hex)
				 : arena_strdup(a, hex);
}

/* Likewise of a manifest; dir: has other names for those. */
static char *index_manifest(const struct candidates *l, const char *hex)
{
	return l->kind == IMAGE_DIR ? arena_printf(l->arena, "%s.manifest.json", hex)
				    : index_blob(l->arena, l->kind, hex);
}

char *index_document(struct container *c, struct arena *a, const char *name, const char *hex,
	int64_t size, size_t *ret_len, struct err *e)
{
	auto_free char *text = member_read(c, name, IMAGE_DOCUMENT_MAX, ret_len, e);

	if (!text)
		return NULL;
	if (digest_check_of(text, *ret_len, hex, name, e) < 0) {
		(void)err_wrap(e, "%s", c->what);
		return NULL;
	}
	if (size >= 0 && (uint64_t)size != *ret_len) {
		(void)err_set(e, 0, "%s: %s: size mismatch: its descriptor says %lld, it has %zu",
			c->what, name, (long long)size, *ret_len);
		return NULL;
	}
	return arena_strndup(a, text, *ret_len);
}

bool index_is_config_type(const char *t)
{
	return !t || !*t || strcmp(t, "application/vnd.oci.image.config.v1+json") == 0 ||
	       strcmp(t, "application/vnd.docker.container.image.v1+json") == 0;
}

int index_descriptor(json *j, struct arena *a, struct descriptor *d, struct err *e)
{
	char *digest = NULL;

	*d = (struct descriptor){ .size = -1 };
	if (json_get_str(j, "mediaType", a, &d->media_type, e) < 0 ||
		json_get_str(j, "digest", a, &digest, e) < 0 ||
		json_get_i64(j, "size", &d->size, e) < 0)
		return -1;
	d->hex = digest_parse(digest, "descriptor", e);
	return d->hex ? 0 : -1;
}

/* The descriptor of a manifest in an index, with what only those state. */
static int index_entry(json *j, struct arena *a, struct descriptor *d, struct err *e)
{
	json *platform = NULL, *notes = NULL;
	char *ref_type = NULL, *artifact = NULL;

	if (index_descriptor(j, a, d, e) < 0 ||
		json_get_str(j, "artifactType", a, &artifact, e) < 0 ||
		json_get_obj(j, "platform", &platform, e) < 0 ||
		json_get_obj(j, "annotations", &notes, e) < 0 ||
		json_get_str(notes, "io.containerd.image.name", a, &d->name, e) < 0 ||
		json_get_str(notes, "org.opencontainers.image.ref.name", a, &d->ref, e) < 0 ||
		json_get_str(notes, "vnd.docker.reference.type", a, &ref_type, e) < 0 ||
		json_get_str(platform, "os", a, &d->platform.os, e) < 0 ||
		json_get_str(platform, "architecture", a, &d->platform.arch, e) < 0 ||
		json_get_str(platform, "variant", a, &d->platform.variant, e) < 0)
		return -1;
	d->artifact = !index_is_config_type(artifact);
	d->attestation = (ref_type && strcmp(ref_type, "attestation-manifest") == 0) ||
			 (d->platform.os && strcmp(d->platform.os, "unknown") == 0 &&
				 d->platform.arch && strcmp(d->platform.arch, "unknown") == 0);
	return 0;
}

static bool index_is_index(const char *t)
{
	return t &&
	       (strcmp(t, "application/vnd.oci.image.index.v1+json") == 0 ||
		       strcmp(t, "application/vnd.docker.distribution.manifest.list.v2+json") == 0);
}

static int index_add(struct candidates *l, const struct descriptor *d, struct err *e)
{
	struct candidate c = {
		.key = arena_strdup(l->arena, d->hex),
		.manifest = index_manifest(l, d->hex),
		.tag = d->ref,
		.platform = d->platform,
		/* Other types are of blobs, or of documents that this version does not know. */
		.artifact = d->artifact || (d->media_type && !strstr(d->media_type, "manifest")),
	};

	if (d->name)
		strv_add(l->arena, &c.names, d->name);
	/* A bare tag ("latest") is not a name on its own. */
	if (d->ref && strpbrk(d->ref, ":/"))
		strv_add(l->arena, &c.names, d->ref);
	c.present = container_has(l->container, c.manifest);
	return candidates_add(l, &c, e);
}

/*
 * Add the manifests of an index and of those inside it; they have the names of their parent, too.
 */
static int index_walk(struct candidates *l, json *index, const struct descriptor *parent, int depth,
	struct err *e)
{
	json *list = NULL;

	if (depth > INDEX_NESTING_MAX)
		return err_set(e, 0, "%s: indexes are nested over %d levels deep",
			l->container->what, INDEX_NESTING_MAX);
	if (json_get_arr(index, "manifests", &list, e) < 0)
		return err_wrap(e, "%s: index", l->container->what);
	if (json_get(index, "layers"))
		return err_set(
			e, 0, "%s: a document has both manifests and layers", l->container->what);
	for (size_t i = 0; i < json_len(list); i++) {
		struct descriptor d;
		size_t len = 0;

		if (index_entry(json_at(list, i), l->arena, &d, e) < 0)
			return err_wrap(e, "%s: index", l->container->what);
		if (parent) {
			d.name = d.name ? d.name : parent->name;
			d.ref = d.ref ? d.ref : parent->ref;
			d.artifact |= parent->artifact;
		}
		if (d.attestation)
			continue;
		if (!index_is_index(d.media_type)) {
			if (index_add(l, &d, e) < 0)
				return -1;
			continue;
		}
		const char *member = index_manifest(l, d.hex);
		if (!container_has(l->container, member))
			continue;
		if (++l->n_indexes > INDEX_NESTED_MAX)
			return err_set(e, 0, "%s: over %d nested indexes", l->container->what,
				INDEX_NESTED_MAX);
		char *text = index_document(l->container, l->arena, member, d.hex, d.size, &len, e);
		auto_json inner = text ? json_parse(text, len, e) : NULL;

		if (!inner || index_walk(l, inner, &d, depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

/* dir: has one image, and manifest.json describes it; `skopeo copy --all` makes that an index. */
static int index_gather_dir(
	struct candidates *l, json *m, const char *text, size_t len, struct err *e)
{
	char hex[DIGEST_HEX + 1];
	struct candidate c = { .manifest = "manifest.json", .present = true };

	if (json_get(m, "manifests"))
		return index_walk(l, m, NULL, 0, e);
	digest_of(text, len, hex);
	c.key = arena_strdup(l->arena, hex);
	return candidates_add(l, &c, e);
}

int index_gather(struct candidates *l, struct err *e)
{
	const char *name = l->kind == IMAGE_DIR ? "manifest.json" : "index.json";
	size_t len = 0;
	auto_free char *text = member_read(l->container, name, IMAGE_DOCUMENT_MAX, &len, e);
	auto_json index = text ? json_parse(text, len, e) : NULL;

	if (!index)
		return text ? err_wrap(e, "%s: %s", l->container->what, name) : -1;
	if (!json_is_object(index))
		return err_set(e, 0, "%s: %s is not an object", l->container->what, name);
	return l->kind == IMAGE_DIR ? index_gather_dir(l, index, text, len, e)
				    : index_walk(l, index, NULL, 0, e);
}
