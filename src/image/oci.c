/*
 * oci: reads the manifest, the config and the layers of an image.
 * Reads through the container, every document checked against its digest; writes nothing.
 */
#include "image/oci.h"

#include <string.h>

#include "image/index.h"
#include "image/member.h"
#include "util/fd.h"

#define OCI_LOOK_MAX (64u << 20) /* bytes of manifests and configs read before one is chosen */

static bool oci_is_layer_type(const char *t)
{
	return !t || strstr(t, "tar");
}

static json *oci_peek(struct container *c, const char *member, size_t *left)
{
	struct err e;
	size_t len = 0;
	auto_free char *text = member_read(c, member, *left, &len, &e);

	*left -= text ? len : 0;
	return text ? json_parse(text, len, &e) : NULL;
}

/* Some tools give an artifact the config of an image: then its own type or its layers tell. */
static bool oci_is_artifact(json *m)
{
	json *config = json_get(m, "config");
	const char *artifact = json_text(json_get(m, "artifactType"));
	json *layers = json_get(m, "layers");
	bool foreign = !json_is_object(config);

	for (size_t i = 0; i < json_len(layers); i++)
		foreign |= !oci_is_layer_type(json_text(json_get(json_at(layers, i), "mediaType")));
	return foreign || !index_is_config_type(artifact) ||
	       !index_is_config_type(json_text(json_get(config, "mediaType")));
}

/* Is c an artifact?  Else fill its platform. */
static bool oci_look_at(struct candidates *l, struct candidate *c, size_t *left)
{
	auto_json manifest = oci_peek(l->container, c->manifest, left);
	auto_json config = NULL;
	struct descriptor d;
	struct err e;

	if (!manifest || oci_is_artifact(manifest))
		return manifest;
	if (index_descriptor(json_get(manifest, "config"), l->arena, &d, &e) < 0)
		return false;
	config = oci_peek(l->container, index_blob(l->arena, l->kind, d.hex), left);
	if (json_get_str(config, "os", l->arena, &c->platform.os, &e) < 0 ||
		json_get_str(config, "architecture", l->arena, &c->platform.arch, &e) < 0 ||
		json_get_str(config, "variant", l->arena, &c->platform.variant, &e) < 0)
		c->platform = (struct platform){ 0 };
	return false;
}

void oci_look(struct candidates *l)
{
	size_t left = OCI_LOOK_MAX;

	for (size_t i = 0; l->n > 1 && i < l->n; i++) {
		struct candidate *c = &l->v[i];

		if (c->present && !c->artifact && !c->platform.arch)
			c->artifact = oci_look_at(l, c, &left);
	}
}

static int oci_layer(
	struct image *img, struct container *c, json *j, struct image_layer *layer, struct err *e)
{
	struct descriptor d;

	if (index_descriptor(j, &img->arena, &d, e) < 0)
		return err_wrap(e, "%s: manifest: layer", c->what);
	if (d.media_type &&
		(!oci_is_layer_type(d.media_type) || strstr(d.media_type, "+encrypted")))
		return err_set(e, 0, "%s: layer of an unsupported type: %s", c->what, d.media_type);
	*layer = (struct image_layer){
		.member = index_blob(&img->arena, img->kind, d.hex),
		.digest = arena_strdup(&img->arena, d.hex),
		.size = d.size,
		.media_type = d.media_type,
	};
	if (container_has(c, layer->member))
		return 0;
	if (json_len(json_get(j, "urls")) > 0)
		return err_set(e, 0, "%s: foreign layer %s:%s: the archive has only its address",
			c->what, digest_algorithm(d.hex), d.hex);
	return err_set(e, 0, "%s: layer %s:%s is missing from the archive", c->what,
		digest_algorithm(d.hex), d.hex);
}

static int oci_layers(struct image *img, struct container *c, json *layers, struct err *e)
{
	img->n_layers = json_len(layers);
	if (img->n_layers > IMAGE_LAYERS_MAX)
		return err_set(e, 0, "%s: over %d layers", c->what, IMAGE_LAYERS_MAX);
	img->layers = arena_alloc(&img->arena, (img->n_layers + 1) * sizeof(*img->layers));
	for (size_t i = 0; i < img->n_layers; i++)
		if (oci_layer(img, c, json_at(layers, i), &img->layers[i], e) < 0)
			return -1;
	return 0;
}

/* Refuse a document that is not an image manifest, and name what it is. */
static int oci_check_manifest(json *m, const char *what, struct err *e)
{
	const char *artifact = json_text(json_get(m, "artifactType"));
	json *config = NULL, *layers;
	const char *type;

	if (json_get_obj(m, "config", &config, e) < 0 || json_get_arr(m, "layers", &layers, e) < 0)
		return err_wrap(e, "%s: manifest", what);
	type = json_text(json_get(config, "mediaType"));

	if (json_get(m, "manifests"))
		return err_set(e, 0, "%s: a document has both manifests and layers", what);
	if (json_get(m, "fsLayers")) {
		(void)err_set(
			e, 0, "%s: the manifest has schema version 1 and cannot be verified", what);
		return err_hint(
			e, "save the image again with a current tool, such as `skopeo copy`");
	}
	if (!index_is_config_type(type))
		return err_set(e, 0, "%s: an artifact of type %s, not an image", what,
			artifact ? artifact : type);
	if (!config)
		return err_set(e, 0, "%s: manifest without config: not an image", what);
	return 0;
}

int oci_load(struct image *img, struct container *c, const struct candidate *chosen, struct err *e)
{
	size_t len = 0;
	char *text = index_document(c, &img->arena, chosen->manifest, chosen->key, -1, &len, e);
	auto_json m = text ? json_parse(text, len, e) : NULL;
	struct descriptor config;

	if (!m)
		return text ? err_wrap(e, "%s: manifest", c->what) : -1;
	if (oci_check_manifest(m, c->what, e) < 0)
		return -1;
	if (index_descriptor(json_get(m, "config"), &img->arena, &config, e) < 0)
		return err_wrap(e, "%s: manifest: config", c->what);
	if (oci_layers(img, c, json_get(m, "layers"), e) < 0)
		return -1;
	img->manifest_text = text;
	text = index_document(c, &img->arena, index_blob(&img->arena, img->kind, config.hex),
		config.hex, config.size, &len, e);
	if (!text)
		return -1;
	return image_set_config(img, text, len, config.hex, e) < 0 ? err_wrap(e, "%s", c->what) : 0;
}
