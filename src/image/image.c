/*
 * image: pairs the layers of an image with the diffIDs of its config.
 * Touches memory only.
 */
#include "image/image.h"

#include <string.h>
#include <strings.h>

void image_done(struct image *img)
{
	arena_done(&img->arena);
	img->layers = NULL;
	img->n_layers = 0;
}

int image_set_config(struct image *img, char *text, size_t len, const char *want, struct err *e)
{
	digest_of(text, len, img->id);
	if (want && digest_check_of(text, len, want, "config", e) < 0)
		return -1;
	if (config_parse(text, len, &img->arena, &img->config, e) < 0)
		return err_wrap(e, "config");
	img->config_text = text;
	img->config_len = len;
	if (img->config.os && *img->config.os && strcasecmp(img->config.os, "linux") != 0)
		return err_set(e, 0, "the image is for %s, not for linux", img->config.os);
	if (img->config.n_diff_ids != img->n_layers)
		return err_set(e, 0, "config: names %zu diff_ids, but the manifest has %zu layers",
			img->config.n_diff_ids, img->n_layers);
	for (size_t i = 0; i < img->n_layers; i++) {
		const char *hex =
			digest_parse(img->config.diff_ids[i], "config: rootfs.diff_ids", e);

		if (!hex)
			return -1;
		img->layers[i].diff_id = arena_strdup(&img->arena, hex);
	}
	return 0;
}

void image_take_tar(struct image *img)
{
	img->kind = IMAGE_ROOTFS;
	img->n_layers = 1;
	img->layers = arena_alloc(&img->arena, sizeof(*img->layers));
	img->layers[0].size = -1;
}

int image_of_rootfs(struct image *img, const char *diff_id, struct err *e)
{
	/*
	 * No date, and only what is true of every tar, so that a tar has the same id on all
	 * machines.
	 */
	char *text = arena_printf(&img->arena,
		"{\"architecture\":\"\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}",
		diff_id);

	return image_set_config(img, text, strlen(text), NULL, e);
}
