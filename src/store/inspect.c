/*
 * inspect: reads an image's documents and the first bytes of its layers.
 * Reads the source; writes at most a spool file.
 */
#include "store/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/format.h"
#include "image/member.h"
#include "store/source.h"
#include "util/fd.h"

static int inspect_layer(
	struct source *o, struct image_layer *l, struct layer_facts *f, struct err *e)
{
	auto_member member = { .fd = -1 };
	const void *buf = NULL;
	ssize_t n;

	if (member_open(&member, &o->container, l->member, e) < 0)
		return -1;
	n = stream_next(&member.stream, &buf, e);
	if (n < 0)
		return -1;
	f->size = member.size;
	f->compression = codec_kind_of(buf, (size_t)n);
	return 0;
}

/* The id of a rootfs tar depends on the digest of all of it. */
static int inspect_rootfs(struct source *o, struct image *img, struct layer_facts *f, struct err *e)
{
	auto_source_stream s;
	char hex[DIGEST_HEX + 1];
	struct digest sum;
	const void *buf;
	ssize_t n;

	source_stream_init(&s, o, 0, NULL);
	digest_init(&sum);
	for (; (n = stream_next(&s.stream, &buf, e)) > 0; f->size += n)
		digest_add(&sum, buf, (size_t)n);
	if (n < 0)
		return -1;
	digest_hex(&sum, hex);
	return image_of_rootfs(img, hex, e);
}

static int inspect_image(
	struct source *o, struct image *img, struct layer_facts **ret, struct err *e)
{
	struct layer_facts *f = arena_alloc(&img->arena, (img->n_layers + 1) * sizeof(*f));

	*ret = f;
	if (img->kind == IMAGE_ROOTFS)
		return inspect_rootfs(o, img, f, e);
	for (size_t i = 0; i < img->n_layers; i++)
		if (inspect_layer(o, &img->layers[i], &f[i], e) < 0)
			return -1;
	return 0;
}

int inspect_read(struct store *s, const struct import_request *rq, struct image *img,
	struct layer_facts **ret_facts, struct err *e)
{
	struct staging g = { .dir = -1, .lock = -1 };
	struct source o;
	int r = source_open(&o, rq, e);

	*img = (struct image){ 0 };
	if (r == 0)
		r = source_index(&o, rq, s->staging, &g, e);
	if (r == 0)
		r = format_load(img, &o.container, &rq->choice, e);
	if (r == 0)
		r = inspect_image(&o, img, ret_facts, e);
	source_done(&o);
	staging_done(&g);
	return r;
}
