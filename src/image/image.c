/*
 * image: from a container to one image: which format it is, its config, its layers paired with
 * their diffIDs.  Reads through the container; writes nothing.
 */
#include "image/image.h"

#include <string.h>

#include "util/fd.h"
#include "util/json.h"

void image_done(struct image *img)
{
	arena_done(&img->arena);
	img->layers = NULL;
	img->n_layers = 0;
}

int image_set_config(struct image *img, char *text, size_t len, const char *want, struct err *e)
{
	digest_of(text, len, img->id);
	if (want && strcmp(want, img->id) != 0)
		return err_set(e, 0, "config: digest mismatch: want sha256:%s, have sha256:%s",
			want, img->id);
	if (config_parse(text, len, &img->arena, &img->config, e) < 0)
		return err_wrap(e, "config");
	img->config_text = text;
	img->config_len = len;
	if (img->config.os && *img->config.os && strcmp(img->config.os, "linux") != 0)
		return err_set(e, 0, "the image is for %s/%s, not for linux", img->config.os,
			img->config.architecture ? img->config.architecture : "?");
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

int image_of_rootfs(struct image *img, const char *diff_id, struct err *e)
{
	/* The same tar gives the same id on every machine: no date, and only what every tar can be
	 * said to be. */
	char *text = arena_printf(&img->arena,
		"{\"architecture\":\"\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}",
		diff_id);

	return image_set_config(img, text, strlen(text), NULL, e);
}

static int rootfs_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	if (!c->has_program && !choice->any_tar) {
		(void)err_set(e, 0,
			"%s: not an image: no manifest.json, no OCI index.json, and no executable file",
			c->what);
		return err_hint(e, "`sandbox unpack` unpacks any tar");
	}
	img->kind = IMAGE_ROOTFS;
	img->n_layers = 1;
	img->layers = arena_alloc(&img->arena, sizeof(*img->layers));
	img->layers[0].size = -1;
	return 0;
}

/* A file of that name may be anything: docker's holds a list. */
static bool is_list(struct container *c, const char *name)
{
	struct err e;
	size_t len = 0;
	auto_free char *text = container_has(c, name)
				       ? container_read(c, name, IMAGE_DOCUMENT_MAX, &len, &e)
				       : NULL;

	return text && text[strspn(text, " \t\r\n")] == '[';
}

int image_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	bool oci = container_has(c, "oci-layout") && container_has(c, "index.json");
	bool docker = is_list(c, "manifest.json");

	*img = (struct image){ 0 };
	/*
	 * An archive may be both (docker save since 25).  manifest.json names the image for this
	 * machine; the index is for who wants another platform.
	 */
	if (docker && !(oci && choice->arch)) {
		int r = docker_load(img, c, choice, e);

		if (r == 0 || !oci)
			return r;
		struct image second = { 0 };
		struct err why;

		/* Its blobs may be missing while the index names others that are there. */
		if (oci_load(&second, c, choice, &why) == 0) {
			image_done(img);
			*img = second;
			return 0;
		}
		image_done(&second);
		return r;
	}
	if (oci)
		return oci_load(img, c, choice, e);
	if (c->is_dir)
		return err_set(
			e, 0, "%s: not an OCI layout: no oci-layout or no index.json", c->what);
	return rootfs_load(img, c, choice, e);
}

int image_list(struct container *c, const struct image_choice *choice, struct arena *a,
	struct strv *ret, struct err *e)
{
	bool oci = container_has(c, "oci-layout") && container_has(c, "index.json");
	bool docker = is_list(c, "manifest.json");
	int r = 0;

	if (docker && !(oci && choice->arch))
		r = docker_list(c, a, ret, e);
	else if (oci)
		r = oci_list(c, choice, a, ret, e);
	/* Why there is none, image_load tells. */
	if (r == 0 && ret->n == 0)
		strv_add_copy(a, ret, "");
	return r;
}
