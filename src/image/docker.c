/*
 * docker: reads manifest.json, as `docker save` and many other tools write it.
 * Reads through the container; writes nothing.
 */
#include "image/docker.h"

#include <string.h>

#include "image/member.h"
#include "util/fd.h"

/*
 * The digest in the name of a member: blobs/sha256/HEX, blobs/sha512/HEX, HEX.json or sha256:HEX;
 * else NULL.
 */
static char *docker_promised_digest(struct arena *a, const char *member)
{
	const char *base = member + strlen(member), *dot;
	char *hex;

	while (base > member && base[-1] != '/' && base[-1] != ':')
		base--;
	dot = base + strcspn(base, ".");
	hex = arena_strndup(a, base, (size_t)(dot - base));
	return digest_is_sum(hex) && (!*dot || strcmp(dot, ".json") == 0) ? hex : NULL;
}

static int docker_layers(
	struct image *img, struct container *c, const struct strv *layers, struct err *e)
{
	img->n_layers = layers->n;
	if (img->n_layers > IMAGE_LAYERS_MAX)
		return err_set(e, 0, "%s: over %d layers", c->what, IMAGE_LAYERS_MAX);
	img->layers = arena_alloc(&img->arena, (img->n_layers + 1) * sizeof(*img->layers));
	for (size_t i = 0; i < img->n_layers; i++) {
		char *name = layers->v[i];

		if (!container_has(c, name))
			return err_set(
				e, 0, "%s: layer %s is missing from the archive", c->what, name);
		img->layers[i] = (struct image_layer){
			.member = name,
			.digest = docker_promised_digest(&img->arena, name),
			.size = -1,
		};
	}
	return 0;
}

int docker_gather(struct candidates *l, struct err *e)
{
	const char *what = l->container->what;
	size_t len = 0;
	auto_free char *text =
		member_read(l->container, "manifest.json", IMAGE_DOCUMENT_MAX, &len, e);

	l->doc = text ? json_parse(text, len, e) : NULL;
	if (!l->doc)
		return text ? err_wrap(e, "%s: manifest.json", what) : -1;
	for (size_t i = 0; i < json_len(l->doc); i++) {
		struct candidate c = { .entry = json_at(l->doc, i), .present = true };
		const char *config = json_text(json_get(c.entry, "Config"));

		if (!json_is_object(c.entry))
			continue;
		if (json_get_strv(c.entry, "RepoTags", l->arena, &c.names, e) < 0)
			return err_wrap(e, "%s: manifest.json", what);
		c.key = config ? config : "?";
		if (candidates_add(l, &c, e) < 0)
			return -1;
	}
	return l->n ? 0 : err_set(e, 0, "%s: manifest.json names no image", what);
}

int docker_load(
	struct image *img, struct container *c, const struct candidate *chosen, struct err *e)
{
	struct strv layers = { 0 };
	char *config = NULL;
	auto_free char *text = NULL;
	auto_free char *manifest = json_dump(chosen->entry, false);
	size_t len = 0;

	/* Without layers, null: Docker writes so what was built FROM scratch. */
	if (json_get_str(chosen->entry, "Config", &img->arena, &config, e) < 0 ||
		json_get_strv(chosen->entry, "Layers", &img->arena, &layers, e) < 0)
		return err_wrap(e, "%s: manifest.json", c->what);
	if (!config)
		return err_set(e, 0, "%s: manifest.json: no Config, so not an image", c->what);
	if (docker_layers(img, c, &layers, e) < 0)
		return -1;
	img->manifest_text = arena_strdup(&img->arena, manifest);
	text = member_read(c, config, IMAGE_DOCUMENT_MAX, &len, e);
	if (!text)
		return -1;
	return image_set_config(img, arena_strndup(&img->arena, text, len), len,
		       docker_promised_digest(&img->arena, config), e) < 0
		       ? err_wrap(e, "%s", c->what)
		       : 0;
}
