/*
 * fuzz target import: layers, as in the target unpack, become an archive with digests that are
 * right, and that is imported into a fresh store.  The image is there whole, is found again, and
 * can be removed; or nothing is left of it. Some inputs are taken as the archive itself.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/import.h"
#include "store/refs.h"
#include "store/remove.h"
#include "tar_mutate.h"
#include "tar_write.h"
#include "tree.h"
#include "unpack/decompress.h"
#include "util/arena.h"
#include "util/digest.h"
#include "util/fd.h"
#include "util/names.h"

#define LAYERS_MAX 8
#define PLAIN_MAX (8u << 20)
#define HERE "room/work/" /* seen from where tree_open leaves us */

static const char zero_digest[] =
	"0000000000000000000000000000000000000000000000000000000000000000";

/* What the config has to say of a layer; of one that cannot be read, anything. */
static void diff_id_of(const struct fuzz_piece *layer, char ret[DIGEST_HEX + 1])
{
	struct fuzz_stream blob;
	struct digest sum;
	struct err e;
	const void *buf;
	size_t total = 0;
	ssize_t n = -1;

	memcpy(ret, zero_digest, DIGEST_HEX + 1);
	fuzz_stream_init(&blob, layer->data, layer->size, SIZE_MAX);
	auto_decompress d = decompress_new(&blob.stream, "layer", 32u << 20, &e);
	digest_init(&sum);
	while (d && total < PLAIN_MAX && (n = stream_next(decompress_stream(d), &buf, &e)) > 0) {
		digest_add(&sum, buf, (size_t)n);
		total += (size_t)n;
	}
	if (n == 0)
		digest_hex(&sum, ret);
}

/* An archive as `docker save` writes it, and whether its layers are what its config says. */
static void write_archive(int fd, struct fuzz_piece rest)
{
	struct arena a = { 0 };
	struct fuzz_piece layer;
	char *names = arena_strdup(&a, ""), *ids = names, diff_id[DIGEST_HEX + 1], *text;

	for (int n = 0; n < LAYERS_MAX && fuzz_next_piece(&rest, TAR_LAYER_MARK, &layer); n++) {
		const char *comma = n ? "," : "";
		char *name = arena_printf(&a, "%d/layer.tar", n);

		diff_id_of(&layer, diff_id);
		names = arena_printf(&a, "%s%s\"%s\"", names, comma, name);
		ids = arena_printf(&a, "%s%s\"sha256:%s\"", ids, comma, diff_id);
		tar_write_member(fd, name, NULL, layer.data, layer.size);
	}
	text = arena_printf(
		&a, "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}", ids);
	tar_write_member(fd, "config.json", NULL, text, strlen(text));
	text = arena_printf(&a,
		"[{\"Config\":\"config.json\",\"RepoTags\":[\"fuzz:1\"],\"Layers\":[%s]}]", names);
	tar_write_member(fd, "manifest.json", NULL, text, strlen(text));
	tar_write_end(fd);
	arena_done(&a);
}

static size_t count_entries(int dirfd)
{
	auto_names d;
	size_t n = 0;

	fuzz_check(names_open(&d, dirfd) == 0);
	while (names_next(&d))
		n++;
	return n;
}

static void check_imported(
	struct store *s, const struct import_request *rq, const char *id, bool has_config)
{
	struct refs_found again;
	struct unpack_stats stats;
	struct stored_image i;
	struct err e;
	size_t len;

	fuzz_check(digest_is_hex(id));
	fuzz_check(import_to_store(s, rq, &i, &stats, &e) == 0);
	fuzz_check(strcmp(i.record.id, id) == 0);
	stored_image_close(&i);
	/* What a tar without a config is called is known only when all of it was read. */
	fuzz_check(stats.entries == 0 || !has_config);
	fuzz_check(refs_set(s, "name", id, &e) >= 0);
	fuzz_check(refs_resolve(s, "name:latest", &again, &e) == 0 && strcmp(id, again.id) == 0);
	fuzz_check(stored_image_open(&i, s, id, &e) == 0 && strcmp(i.record.id, id) == 0);
	char *config = stored_image_text(&i, &len, &e);
	fuzz_check(config && len == strlen(config));
	free(config);
	stored_image_close(&i);
	fuzz_check(remove_named(s, (char *[]){ (char *)id, NULL }, &e) == 0);
	fuzz_check(refs_resolve(s, "name", &again, &e) < 0);
}

static void import(bool has_config)
{
	auto_fd source = open(HERE "image.tar", O_RDONLY | O_CLOEXEC);
	const struct import_request rq = {
		.source = HERE "image.tar",
		.fd = source,
		.limits = { .entries = 2000,
			.bytes = 4u << 20,
			.reserve = 1u << 20,
			.decoder_memory = 32u << 20 },
	};
	struct store s = STORE_NONE;
	struct stored_image i;
	char id[DIGEST_HEX + 1];
	struct err e;

	fuzz_check(store_open(&s, HERE "store", &e) == 0);
	int r = import_to_store(&s, &rq, &i, NULL, &e);

	memcpy(id, i.record.id, sizeof(id));
	/* Closed first: what is in use cannot be removed. */
	stored_image_close(&i);
	if (r == 0)
		check_imported(&s, &rq, id, has_config);
	else
		fuzz_check_err(&e);
	fuzz_check(count_entries(s.images) == 0 && count_entries(s.refs.dir) == 0);
	fuzz_check(count_entries(s.staging) == 0);
	store_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int work = tree_open(), fds = fuzz_open_fds(), fd;
	bool raw = size % 4 == 3;

	fd = openat(work, "image.tar", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	fuzz_check(fd >= 0);
	if (raw)
		fuzz_check(fd_write_full(fd, data, size) == 0);
	else
		write_archive(fd, (struct fuzz_piece){ data, size });
	close(fd);
	import(!raw);
	fuzz_check(fuzz_open_fds() == fds);
	tree_close(work);
	return 0;
}
