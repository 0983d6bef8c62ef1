/*
 * image_arg: the word that names an image, and the options that choose from it.
 * Looks at files; reads the store.
 */
#include "cli/image_arg.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/watched.h"
#include "image/platform.h"
#include "store/refs.h"
#include "util/size.h"

static int image_arg_platform(
	const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	struct image_choice *c = to;
	struct platform p;

	(void)o;
	if (platform_parse(value, a, &p, e) < 0)
		return -1;
	c->os = p.os;
	c->arch = p.arch;
	c->variant = p.variant;
	return 0;
}

/* 0 stands for the default: what was asked for is as little as there is. */
static int image_arg_limit(
	const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	uint64_t *limit = to;
	int r = opt_size(o, limit, value, a, e);

	*limit = *limit ? *limit : 1;
	return r;
}

#define AT(member) .offset = offsetof(struct import_request, member)

const struct opt image_arg_opts[] = {
	{ .help = "Choosing the image, and limits of unpacking:" },
	{ 0, "tag", "NAME:TAG", "which image of a file that holds several (or FILE#NAME:TAG)",
		opt_text, AT(choice.name) },
	{ 0, "platform", "OS/ARCH", "which platform of several; default: this machine's",
		image_arg_platform, AT(choice) },
	{ 0, "max-entries", "N", "most entries in all layers (10000000)", opt_size,
		AT(limits.entries), .limit = 1 },
	{ 0, "max-bytes", "SIZE", "most bytes of files in all layers (no limit)", opt_size,
		AT(limits.bytes), .limit = 1 },
	{ 0, "reserve", "SIZE", "space to leave free on the disk (64M, at most 5 % of it)",
		image_arg_limit, AT(limits.reserve) },
	{ 0, "xz-memory", "SIZE", "most memory for xz (256M)", image_arg_limit,
		AT(limits.xz_memory) },
	{ 0 },
};

bool image_arg_is_source(const char *image, struct import_request *rq, struct arena *a)
{
	const char *hash = strrchr(image, '#');
	struct stat st;

	rq->source = image;
	if (strcmp(image, "-") == 0 || stat(image, &st) == 0)
		return true;
	if (hash && hash > image) {
		char *file = arena_strndup(a, image, (size_t)(hash - image));

		if (strcmp(file, "-") == 0 || stat(file, &st) == 0) {
			rq->source = file;
			rq->choice.name = hash + 1;
			return true;
		}
	}
	return false;
}

int image_arg_open(struct call *c, const char *image, struct stored_image *ret, struct err *e)
{
	struct refs_found found;

	*ret = STORED_IMAGE_NONE;
	if (image_arg_is_source(image, &c->request, &c->arena))
		return watched_import(&c->store, &c->request, ret, e);
	if (refs_resolve(&c->store, image, &found, e) == 0)
		return stored_image_open(ret, &c->store, found.id, e);
	if (e->code != ENOENT)
		return -1;
	/* A path that is not there and a name that is not known look alike: say what was looked
	 * for. */
	if (strchr(image, '/') && image[0] != '/' && image[0] != '.')
		return err_set(e, ENOENT, "%s: neither a file nor an image in the store", image);
	if (strchr(image, '/'))
		return err_set(e, ENOENT, "%s", image);
	(void)err_set(e, ENOENT, "%s: neither a file nor an image in the store", image);
	return err_hint(e, "`sandbox images` lists what is there");
}
