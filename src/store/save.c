/*
 * save: writes an image of the store as an OCI archive.
 * Reads the image's folder; writes to the descriptor that it is given.
 *
 * The tree is read twice: the entry of the layer begins with its name, which is a digest, and its
 * size, and the archive may be a pipe, so that nothing can be filled in later.
 */
#include "store/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/change.h"
#include "image/platform.h"
#include "store/save_layer.h"
#include "util/fd.h"
#include "util/json.h"

#define SAVE_BUFFER (256u << 10)
#define SAVE_OCI_TYPE "application/vnd.oci.image."
#define SAVE_BLOBS "blobs/sha256/"

/* A tar that is written and summed, or only summed. */
struct output {
	struct save_tar tar;
	struct digest sum;
	uint64_t size;
	int fd; /* -1: only summed */
	const volatile sig_atomic_t *stop;
	char *buf; /* of what is written */
	size_t n;
};

/* A document of the image, or the layer, whose text is NULL. */
struct blob {
	char hex[DIGEST_HEX + 1];
	uint64_t size;
	char *text;
};

struct save {
	const struct stored_image *image;
	const struct save_request *rq;
	struct arena arena;
	struct blob config, layer, manifest;
	struct output out;
};

static int save_output_flush(struct output *o, struct err *e)
{
	if (o->n && fd_write_full(o->fd, o->buf, o->n) < 0)
		return err_set(e, errno, "write");
	o->n = 0;
	return 0;
}

static int save_output_put(struct save_tar *t, const void *data, size_t len, struct err *e)
{
	struct output *o = (struct output *)t;
	const char *p = data;

	if (o->stop && *o->stop)
		return err_set(e, EINTR, "saving");
	o->size += len;
	digest_add(&o->sum, data, len);
	while (o->fd >= 0 && len > 0) {
		size_t n = SAVE_BUFFER - o->n < len ? SAVE_BUFFER - o->n : len;

		memcpy(o->buf + o->n, p, n);
		o->n += n;
		p += n;
		len -= n;
		if (o->n == SAVE_BUFFER && save_output_flush(o, e) < 0)
			return -1;
	}
	return 0;
}

static void save_output_reset(struct output *o, int fd)
{
	o->tar.put = save_output_put;
	o->fd = fd;
	o->size = 0;
	digest_init(&o->sum);
}

static int save_sum_layer(struct save *v, struct err *e)
{
	save_output_reset(&v->out, -1);
	if (save_layer_write(v->image, v->rq->real, &v->out.tar, e) < 0)
		return -1;
	v->layer.size = v->out.size;
	digest_hex(&v->out.sum, v->layer.hex);
	return 0;
}

static void save_make_blob(struct blob *b, char *text)
{
	b->text = text;
	b->size = strlen(text);
	digest_of(text, b->size, b->hex);
}

/*
 * The steps that made the image are told, but their layers are part of the one.  Of an image that has
 * one, the history is true as it is.
 */
static void save_history(const struct save_request *rq, json *config)
{
	json *list = json_get(config, "history"), *step;
	size_t layers = 0;

	for (size_t i = 0; i < json_len(list); i++)
		if (json_is_object(json_at(list, i)))
			layers += json_is_empty(json_get(json_at(list, i), "empty_layer"));
		else
			list = NULL;
	if (layers == 1 && list && !rq->created)
		return;
	for (size_t i = 0; i < json_len(list); i++)
		json_put_bool(json_at(list, i), "empty_layer", true);
	if (!json_is_array(list)) {
		list = json_new_arr();
		json_put(config, "history", list);
	}
	step = json_new_obj();
	json_put_str(step, "created", json_text(json_get(config, "created")));
	json_put_str(step, "created_by", rq->created ? "sandbox commit" : "sandbox save");
	json_put_str(step, "comment", rq->comment);
	json_add(list, step);
}

/* The image's own config, except for its layers. */
static int save_make_config(struct save *v, struct err *e)
{
	size_t len = 0;
	auto_free char *text = stored_image_text(v->image, &len, e), *made = NULL;
	auto_json j = text ? json_parse(text, len, e) : NULL;
	const char *arch = json_text(json_get(j, "architecture"));
	const struct save_request *rq = v->rq;
	json *rootfs, *ids;

	if (!j || change_config(j, rq->change, e) < 0)
		return -1;
	json_put_str(j, "created", rq->created);
	json_put_str(j, "author", rq->author);
	rootfs = json_new_obj();
	ids = json_new_arr();
	json_add(ids, json_new_str(arena_printf(&v->arena, "sha256:%s", v->layer.hex)));
	json_put_str(rootfs, "type", "layers");
	json_put(rootfs, "diff_ids", ids);
	save_history(rq, j);
	/* The config of a rootfs tar has neither. */
	if (!arch || !*arch)
		json_put_str(j, "architecture", platform_host_arch());
	if (!json_text(json_get(j, "os")))
		json_put_str(j, "os", "linux");
	json_put(j, "rootfs", rootfs);
	made = json_dump(j, false);
	save_make_blob(&v->config, arena_strdup(&v->arena, made));
	return 0;
}

/* Digests and names of images, which the texts below hold, need no escapes in JSON. */
static char *save_descriptor(
	struct save *v, const char *type, const struct blob *b, const char *more)
{
	return arena_printf(&v->arena,
		"{\"mediaType\":\"" SAVE_OCI_TYPE "%s\",\"digest\":\"sha256:%s\",\"size\":%llu%s}",
		type, b->hex, (unsigned long long)b->size, more);
}

static char *save_manifest(struct save *v)
{
	return arena_printf(&v->arena,
		"{\"schemaVersion\":2,\"mediaType\":\"" SAVE_OCI_TYPE
		"manifest.v1+json\",\"config\":%s,\"layers\":[%s]}",
		save_descriptor(v, "config.v1+json", &v->config, ""),
		save_descriptor(v, "layer.v1.tar", &v->layer, ""));
}

/* containerd and Docker read the full name in one place, and the tag in another. */
static char *save_annotations(struct save *v)
{
	const char *slash = strchr(v->rq->name, '/'), *tag = strrchr(v->rq->name, ':');
	size_t host = slash ? (size_t)(slash - v->rq->name) : 0;
	bool has_host =
		slash && (memchr(v->rq->name, '.', host) || memchr(v->rq->name, ':', host) ||
				 strncmp(v->rq->name, "localhost/", 10) == 0);

	return arena_printf(&v->arena,
		",\"annotations\":{\"io.containerd.image.name\":\"%s%s\",\"org.opencontainers.image.ref.name\":\"%s\"}",
		has_host ? ""
		: slash	 ? "docker.io/"
			 : "docker.io/library/",
		v->rq->name, tag ? tag + 1 : "latest");
}

static char *save_index(struct save *v)
{
	return arena_printf(&v->arena,
		"{\"schemaVersion\":2,\"mediaType\":\"" SAVE_OCI_TYPE
		"index.v1+json\",\"manifests\":[%s]}",
		save_descriptor(v, "manifest.v1+json", &v->manifest,
			v->rq->name ? save_annotations(v) : ""));
}

/* manifest.json, for Docker before 25 and others. */
static char *save_docker(struct save *v)
{
	return arena_printf(&v->arena,
		"[{\"Config\":\"" SAVE_BLOBS "%s\",\"RepoTags\":[%s%s%s],\"Layers\":[\"" SAVE_BLOBS
		"%s\"]}]",
		v->config.hex, v->rq->name ? "\"" : "", v->rq->name ? v->rq->name : "",
		v->rq->name ? "\"" : "", v->layer.hex);
}

static char *save_blob_path(struct save *v, const struct blob *b)
{
	return arena_printf(&v->arena, SAVE_BLOBS "%s", b->hex);
}

static int save_put_text(struct save *v, const char *path, const char *text, struct err *e)
{
	struct save_tar *t = &v->out.tar;
	const struct save_tar_entry n = {
		.type = '0', .path = path, .mode = 0644, .size = strlen(text)
	};

	return save_tar_header(t, &n, e) < 0 || t->put(t, text, n.size, e) < 0 ||
			       save_tar_pad(t, n.size, e) < 0
		       ? -1
		       : 0;
}

static int save_put_layer(struct save *v, struct err *e)
{
	struct save_tar *t = &v->out.tar;
	const struct save_tar_entry n = { .type = '0',
		.path = save_blob_path(v, &v->layer),
		.mode = 0644,
		.size = v->layer.size };
	char hex[DIGEST_HEX + 1];
	uint64_t before;

	if (save_tar_header(t, &n, e) < 0)
		return -1;
	before = v->out.size;
	digest_init(&v->out.sum);
	if (save_layer_write(v->image, v->rq->real, t, e) < 0)
		return -1;
	digest_hex(&v->out.sum, hex);
	if (v->out.size - before != n.size || strcmp(hex, v->layer.hex) != 0)
		return err_set(e, 0, "the image changes while it is saved");
	return save_tar_pad(t, n.size, e);
}

static int save_put_archive(struct save *v, struct err *e)
{
	static const char *const dirs[] = { "blobs/", SAVE_BLOBS };
	struct save_tar *t = &v->out.tar;

	if (save_put_text(v, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", e) < 0 ||
		save_put_text(v, "index.json", save_index(v), e) < 0 ||
		save_put_text(v, "manifest.json", save_docker(v), e) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (save_tar_header(t,
			    &(struct save_tar_entry){ .type = '5', .path = dirs[i], .mode = 0755 },
			    e) < 0)
			return -1;
	if (save_put_text(v, save_blob_path(v, &v->manifest), v->manifest.text, e) < 0 ||
		save_put_text(v, save_blob_path(v, &v->config), v->config.text, e) < 0 ||
		save_put_layer(v, e) < 0 || save_tar_end(t, e) < 0)
		return -1;
	return save_output_flush(&v->out, e);
}

int save_archive(
	const struct stored_image *i, const struct save_request *rq, int out, struct err *e)
{
	struct save v = { .image = i, .rq = rq };
	int r;

	v.out.stop = rq->stop;
	v.out.buf = xmalloc(SAVE_BUFFER);
	r = save_sum_layer(&v, e);
	if (r == 0)
		r = save_make_config(&v, e);
	if (r == 0) {
		save_make_blob(&v.manifest, save_manifest(&v));
		save_output_reset(&v.out, out);
		r = save_put_archive(&v, e);
	}
	free(v.out.buf);
	arena_done(&v.arena);
	return r;
}
