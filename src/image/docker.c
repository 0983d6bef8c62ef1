/*
 * docker: manifest.json of `docker save` and of the many tools that write the like.
 * Reads through the container; writes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "image/image.h"
#include "image/ref.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"

/* The digits that a member's name promises: blobs/sha256/HEX, HEX.json, sha256:HEX; NULL where it
 * promises none. */
static char *promised_digest(struct arena *a, const char *member)
{
	const char *base = strrchr(member, '/');
	char *hex;

	base = base ? base + 1 : member;
	if (strncmp(base, "sha256:", 7) == 0)
		base += 7;
	hex = arena_strndup(a, base, DIGEST_HEX);
	if (!digest_is_hex(hex))
		return NULL;
	base += DIGEST_HEX;
	return *base == '\0' || strcmp(base, ".json") == 0 ? hex : NULL;
}

/* True where the entry is the one that name asks for: one of its tags, or the start of its config's
 * digest. */
static bool entry_matches(json *entry, const char *name)
{
	json *tags = json_get_nocase(entry, "RepoTags");
	const char *config = json_text(json_get_nocase(entry, "Config"));
	size_t n = strlen(name);

	for (size_t i = 0; i < json_len(tags); i++) {
		const char *tag = json_text(json_at(tags, i));

		if (tag && (ref_same(tag, name) ||
				   (strrchr(tag, ':') && strcmp(strrchr(tag, ':') + 1, name) == 0)))
			return true;
	}
	if (!config || n < 6)
		return false;
	config = strrchr(config, '/') ? strrchr(config, '/') + 1 : config;
	return strncmp(config, name, n) == 0;
}

/* "one:latest, two:latest" for the error that lists what is there. */
static void list_names(json *manifest, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_len(manifest) && len < size; i++) {
		json *tags = json_get_nocase(json_at(manifest, i), "RepoTags");
		const char *tag = json_text(json_at(tags, 0));

		if (!tag)
			tag = json_text(json_get_nocase(json_at(manifest, i), "Config"));
		len += (size_t)snprintf(
			out + len, size - len, "%s%s", i ? ", " : "", tag ? tag : "?");
	}
}

static json *choose(
	json *manifest, struct container *c, const struct image_choice *choice, struct err *e)
{
	char names[ERR_MSG_MAX / 2];
	json *found = NULL;

	list_names(manifest, names, sizeof(names));
	for (size_t i = 0; i < json_len(manifest); i++) {
		json *entry = json_at(manifest, i);
		const char *config = json_text(json_get_nocase(entry, "Config"));
		const char *other = found ? json_text(json_get_nocase(found, "Config")) : NULL;

		if (choice->name && !entry_matches(entry, choice->name))
			continue;
		if (found && config && other && strcmp(config, other) == 0)
			continue; /* the same image under a second name */
		if (found) {
			(void)err_set(e, 0, "%s: holds several images: %s", c->what, names);
			(void)err_hint(e, "name one: FILE#NAME:TAG, or --tag NAME:TAG");
			return NULL;
		}
		found = entry;
	}
	if (!found && choice->name)
		(void)err_set(
			e, 0, "%s: no image %s in it; it holds: %s", c->what, choice->name, names);
	else if (!found)
		(void)err_set(e, 0, "%s: manifest.json names no image", c->what);
	return found;
}

static int add_layers(struct image *img, struct container *c, json *layers, struct err *e)
{
	img->n_layers = json_len(layers);
	if (img->n_layers > IMAGE_LAYERS_MAX)
		return err_set(e, 0, "%s: over %d layers", c->what, IMAGE_LAYERS_MAX);
	img->layers = arena_alloc(&img->arena, (img->n_layers + 1) * sizeof(*img->layers));
	for (size_t i = 0; i < img->n_layers; i++) {
		const char *name = json_text(json_at(layers, i));

		if (!name)
			return err_set(
				e, 0, "%s: manifest.json: Layers: not a list of names", c->what);
		if (!container_has(c, name))
			return err_set(
				e, 0, "%s: layer %s is missing from the archive", c->what, name);
		img->layers[i] = (struct image_layer){
			.member = arena_strdup(&img->arena, name),
			.digest = promised_digest(&img->arena, name),
			.size = -1,
		};
	}
	return 0;
}

static int entry_load(struct image *img, struct container *c, json *entry, struct err *e)
{
	const char *config = json_text(json_get_nocase(entry, "Config"));
	json *tags = json_get_nocase(entry, "RepoTags");
	auto_free char *text = NULL;
	auto_free char *manifest = json_dump(entry, false);
	size_t len = 0;

	if (!config || !json_is_array(json_get_nocase(entry, "Layers")))
		return err_set(
			e, 0, "%s: manifest.json: no Config or no Layers: not an image", c->what);
	if (add_layers(img, c, json_get_nocase(entry, "Layers"), e) < 0)
		return -1;
	for (size_t i = 0; i < json_len(tags); i++)
		if (json_text(json_at(tags, i)))
			strv_add_copy(&img->arena, &img->names, json_text(json_at(tags, i)));
	img->manifest_text = arena_strdup(&img->arena, manifest);
	text = container_read(c, config, IMAGE_DOCUMENT_MAX, &len, e);
	if (!text)
		return -1;
	return image_set_config(img, arena_strndup(&img->arena, text, len), len,
		       promised_digest(&img->arena, config), e) < 0
		       ? err_wrap(e, "%s", c->what)
		       : 0;
}

int docker_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	size_t len = 0;
	auto_free char *text = container_read(c, "manifest.json", IMAGE_DOCUMENT_MAX, &len, e);
	auto_json manifest = text ? json_parse(text, len, e) : NULL;
	json *entry;

	img->kind = IMAGE_DOCKER;
	if (!text)
		return -1;
	if (!manifest)
		return err_wrap(e, "%s: manifest.json", c->what);
	if (!json_is_array(manifest))
		return err_set(
			e, 0, "%s: manifest.json is no list of images: not an image", c->what);
	entry = choose(manifest, c, choice, e);
	return entry ? entry_load(img, c, entry, e) : -1;
}

int docker_list(struct container *c, struct arena *a, struct strv *ret, struct err *e)
{
	size_t len = 0;
	auto_free char *text = container_read(c, "manifest.json", IMAGE_DOCUMENT_MAX, &len, e);
	auto_json manifest = text ? json_parse(text, len, e) : NULL;
	struct strv configs = { 0 };

	if (!manifest)
		return -1;
	for (size_t i = 0; i < json_len(manifest); i++) {
		json *entry = json_at(manifest, i);
		const char *config = json_text(json_get_nocase(entry, "Config"));
		const char *tag = json_text(json_at(json_get_nocase(entry, "RepoTags"), 0));
		bool known = !config;

		for (size_t k = 0; !known && k < configs.n; k++)
			known = strcmp(configs.v[k], config) == 0;
		if (known)
			continue;
		strv_add_copy(a, &configs, config);
		if (!tag)
			tag = strrchr(config, '/') ? strrchr(config, '/') + 1 : config;
		strv_add_copy(a, ret, tag);
	}
	return 0;
}
