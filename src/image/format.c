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
#include "image/ref.h"
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

bool format_is_rootfs(int dirfd)
{
	/* bin/, lib/ and etc/ alone are in many a project, too. */
	static const char *const signs[] = { "bin/sh", "usr/bin", "etc/passwd", "etc/os-release",
		"usr/lib", "lib64", "nix/store" };
	bool any = false;

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		any |= path_is_there(dirfd, signs[i]);
	return any;
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
	/* It has no name of its own: this is the name that it gets. */
	if (choice->name) {
		char *name = ref_normalise(&img->arena, choice->name, e);

		if (!name)
			return -1;
		strv_add(&img->arena, &img->names, name);
	}
	image_take_tar(img);
	return 0;
}

static int format_gather_as(struct candidates *l, enum image_kind kind, struct err *e)
{
	l->kind = kind;
	if (kind == IMAGE_ROOTFS)
		return 0;
	if (kind == IMAGE_DOCKER)
		return docker_gather(l, e);
	if (index_gather(l, e) < 0)
		return -1;
	oci_look(l);
	return 0;
}

static bool format_has_names(const struct candidates *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].present && l->v[i].names.n)
			return true;
	return false;
}

int format_gather(struct candidates *l, struct container *c, const struct image_choice *choice,
	struct arena *a, struct err *e)
{
	struct candidates index = { .arena = a, .container = c };
	enum image_kind kind = format_of(c);
	struct err why;
	bool both;
	int r;

	/*
	 * An archive may be both (docker save since 25).  manifest.json names the image for this
	 * machine; the index serves other platforms.
	 */
	if (kind == IMAGE_DOCKER && choice->arch && format_is_oci(c))
		kind = IMAGE_OCI;
	*l = (struct candidates){ .arena = a, .container = c };
	r = format_gather_as(l, kind, e);
	/* `ctr export --skip-manifest-json` (containerd 1.6) writes the names into the index only. */
	both = kind == IMAGE_DOCKER && !format_has_names(l) && format_is_oci(c);
	if (both && format_gather_as(&index, IMAGE_OCI, &why) == 0 &&
		(r < 0 || format_has_names(&index))) {
		candidates_done(l);
		*l = index;
		return 0;
	}
	candidates_done(&index);
	return r;
}

static int format_load_as(const struct candidates *l, struct image *img,
	const struct image_choice *choice, struct err *e)
{
	const struct candidate *chosen = candidates_choose(l, choice, e);

	img->kind = l->kind;
	if (!chosen)
		return -1;
	candidates_names(l, chosen, &img->arena, &img->names);
	return l->kind == IMAGE_DOCKER ? docker_load(img, l->container, chosen, e)
				       : oci_load(img, l->container, chosen, e);
}

/* An archive of one image is chosen without a look at its platform.  Indexes know variants that configs
 * do not state. */
static int format_check_platform(
	const struct image *img, const struct image_choice *choice, struct err *e)
{
	const struct platform have = { img->config.os, img->config.architecture,
		img->config.variant };
	const struct platform want = { (char *)choice->os, (char *)choice->arch, NULL };
	struct arena a = { 0 };
	bool suits = !choice->arch || platform_rank(&have, &want) > 0;

	if (!suits)
		(void)err_set(e, 0, "the image is for %s, not for %s", platform_text(&have, &a),
			platform_text(&want, &a));
	arena_done(&a);
	return suits ? 0 : -1;
}

static int format_load_best(struct image *img, const struct candidates *l,
	const struct image_choice *choice, struct err *e)
{
	struct arena a = { 0 };
	struct candidates index = { .arena = &a, .container = l->container };
	struct image second = { 0 };
	struct err why;
	int r;

	*img = (struct image){ 0 };
	if (l->kind == IMAGE_ROOTFS)
		return format_rootfs(img, l->container, choice, e);
	r = format_load_as(l, img, choice, e);
	if (r == 0 || l->kind != IMAGE_DOCKER || !format_is_oci(l->container))
		return r;
	/* Its blobs may be missing while the index names others that are there. */
	if (format_gather_as(&index, IMAGE_OCI, &why) == 0 &&
		format_load_as(&index, &second, choice, &why) == 0) {
		image_done(img);
		*img = second;
		r = 0;
	} else {
		image_done(&second);
	}
	candidates_done(&index);
	arena_done(&a);
	return r;
}

int format_load_from(struct image *img, const struct candidates *l,
	const struct image_choice *choice, struct err *e)
{
	return format_load_best(img, l, choice, e) < 0 ? -1 : format_check_platform(img, choice, e);
}

int format_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e)
{
	struct arena a = { 0 };
	struct candidates l;
	int r;

	*img = (struct image){ 0 };
	r = format_gather(&l, c, choice, &a, e);
	if (r == 0)
		r = format_load_from(img, &l, choice, e);
	candidates_done(&l);
	arena_done(&a);
	return r;
}
