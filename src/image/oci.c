/*
 * oci: reads the manifest, the config and the layers of an image.
 * Reads through the container, every document checked against its digest; writes nothing.
 */
#include "image/oci.h"

#include <string.h>

#include "image/index.h"
#include "util/fd.h"

static bool oci_is_config_type(const char *t)
{
	return !t || strcmp(t, "application/vnd.oci.image.config.v1+json") == 0 ||
	       strcmp(t, "application/vnd.docker.container.image.v1+json") == 0;
}

static int oci_layer(
	struct image *img, struct container *c, json *j, struct image_layer *layer, struct err *e)
{
	struct descriptor d;

	if (index_descriptor(j, &img->arena, &d, e) < 0)
		return err_wrap(e, "%s: manifest: layer", c->what);
	if (d.media_type && (!strstr(d.media_type, "tar") || strstr(d.media_type, "+encrypted")))
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
		return err_set(e, 0,
			"%s: foreign layer sha256:%s: the archive has only its address", c->what,
			d.hex);
	return err_set(e, 0, "%s: layer sha256:%s is missing from the archive", c->what, d.hex);
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
	json *config = json_get(m, "config");
	const char *type = json_text(json_get(config, "mediaType"));

	if (json_get(m, "manifests"))
		return err_set(e, 0, "%s: a document has both manifests and layers", what);
	if (json_get(m, "fsLayers")) {
		(void)err_set(
			e, 0, "%s: the manifest has schema version 1 and cannot be verified", what);
		return err_hint(
			e, "save the image again with a current tool, such as `skopeo copy`");
	}
	if (!oci_is_config_type(type))
		return err_set(e, 0, "%s: an artifact of type %s, not an image", what,
			artifact ? artifact : type);
	if (!json_is_object(config) || !json_is_array(json_get(m, "layers")))
		return err_set(e, 0, "%s: manifest without config or layers: not an image", what);
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
