/*
 * format: tells a docker archive, an OCI layout, skopeo's dir: and a root file system apart.
 * Reads through the container; writes nothing.
 */
#include "image/format.h"

#include <string.h>

#include "image/docker.h"
#include "image/index.h"
#include "image/member.h"
#include "image/oci.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/path.h"

static bool format_is_oci(struct container *c)
{
	return container_has(c, "oci-layout") && (c->is_dir || container_has(c, "index.json"));
}

/* manifest.json may be anything.  Docker's is a list, that of dir: is a manifest. */
static enum image_kind format_of_manifest(struct container *c)
{
	struct err e;
	size_t len = 0;
	auto_free char *text =
		container_has(c, "manifest.json")
			? member_read(c, "manifest.json", IMAGE_DOCUMENT_MAX, &len, &e)
			: NULL;

	if (!text)
		return IMAGE_ROOTFS;
	if (text[strspn(text, " \t\r\n")] == '[')
		return IMAGE_DOCKER;
	auto_json m = json_parse(text, len, &e);
	return m && json_get(m, "schemaVersion") ? IMAGE_DIR : IMAGE_ROOTFS;
}

enum image_kind format_of(struct container *c)
{
	enum image_kind kind = format_of_manifest(c);

	return kind != IMAGE_DOCKER && format_is_oci(c) ? IMAGE_OCI : kind;
}

enum image_kind format_of_folder(int dirfd)
{
	struct container c = { .fd = dirfd, .is_dir = true };

	return format_of(&c);
}

bool format_is_git(int dirfd)
{
	return path_is_there(dirfd, ".git") ||
	       (path_is_there(dirfd, "HEAD") && path_is_there(dirfd, "objects"));
}

static int format_rootfs(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	if (c->is_dir)
		return err_set(e, 0, "%s: not an image: it has no oci-layout and no manifest.json",
			c->what);
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

static int format_gather(struct candidates *l, struct err *e)
{
	return l->kind == IMAGE_DOCKER ? docker_gather(l, e) : index_gather(l, e);
}

static int format_load_as(enum image_kind kind, struct image *img, struct container *c,
	const struct image_choice *choice, struct err *e)
{
	struct candidates l = { .arena = &img->arena, .container = c, .kind = kind };
	const struct candidate *chosen = NULL;
	int r = -1;

	img->kind = kind;
	if (format_gather(&l, e) == 0)
		chosen = candidates_choose(&l, choice, e);
	if (chosen) {
		candidates_names(&l, chosen, &img->arena, &img->names);
		r = kind == IMAGE_DOCKER ? docker_load(img, c, chosen, e)
					 : oci_load(img, c, chosen, e);
	}
	candidates_done(&l);
	return r;
}

int format_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	enum image_kind kind = format_of(c);
	/*
	 * An archive may be both (docker save since 25).  manifest.json names the image for this
	 * machine; the index serves other platforms.
	 */
	const bool both = kind == IMAGE_DOCKER && format_is_oci(c);
	struct err why;
	int r;

	*img = (struct image){ 0 };
	if (kind == IMAGE_ROOTFS)
		return format_rootfs(img, c, choice, e);
	r = format_load_as(both && choice->arch ? IMAGE_OCI : kind, img, c, choice, e);
	if (r == 0 || !both || choice->arch)
		return r;
	/* Its blobs may be missing while the index names others that are there. */
	struct image second = { 0 };
	if (format_load_as(IMAGE_OCI, &second, c, choice, &why) < 0) {
		image_done(&second);
		return r;
	}
	image_done(img);
	*img = second;
	return 0;
}

int format_list(struct container *c, const struct image_choice *choice, struct arena *a,
	struct strv *ret, struct err *e)
{
	struct candidates l = { .arena = a, .container = c, .kind = format_of(c) };
	int r = 0;

	if (l.kind == IMAGE_DOCKER && choice->arch && format_is_oci(c))
		l.kind = IMAGE_OCI;
	if (l.kind != IMAGE_ROOTFS)
		r = format_gather(&l, e);
	if (r == 0)
		candidates_all(&l, choice, a, ret);
	/* format_load reports why there is none. */
	if (r == 0 && ret->n == 0)
		strv_add_copy(a, ret, "");
	candidates_done(&l);
	return r;
}
