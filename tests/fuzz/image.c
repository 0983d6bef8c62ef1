/*
 * fuzz target image: the documents of an image.  The input is a list of members, IMAGE_MARK between
 * them: a line with the name, then the bytes.  @0 to @9 in a name or in bytes are the digests of
 * the members so far, and @@ in a name is that of its own bytes, so that documents can refer to
 * each other whatever the fuzzer makes of them. Names that begin with ? choose: ?name, ?arch, ?os,
 * ?variant, and ?dir for a folder instead of a tar.  One that begins with > is a symlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "image/format.h"
#include "image/member.h"
#include "tar_write.h"
#include "tree.h"
#include "util/arena.h"
#include "util/digest.h"
#include "util/fd.h"
#include "util/path.h"

#define IMAGE_MARK "\n%%%\n"
#define MEMBERS_MAX 32
#define LAYER_READ_MAX (1u << 20)

struct member_text {
	char *name, *bytes;
	size_t size;
	bool is_link;
};

struct image_text {
	struct arena arena;
	struct member_text members[MEMBERS_MAX];
	size_t n;
	char digests[10][DIGEST_HEX + 1];
	size_t n_digests;
	struct image_choice choice;
	bool as_dir;
};

/* A copy with digests put in; own is what @@ stands for, or NULL. */
static char *expand(
	struct image_text *t, const uint8_t *data, size_t size, const char *own, size_t *ret_len)
{
	char *out = arena_alloc(&t->arena, size * (DIGEST_HEX / 2 + 1) + 1);
	size_t len = 0;

	for (size_t i = 0; i < size; i++) {
		const char *hex = NULL;

		if (data[i] == '@' && i + 1 < size) {
			unsigned which = data[i + 1] - (unsigned)'0';

			hex = which < t->n_digests ? t->digests[which] : NULL;
			hex = data[i + 1] == '@' ? own : hex;
		}
		if (hex) {
			memcpy(out + len, hex, DIGEST_HEX);
			len += DIGEST_HEX;
			i++;
		} else {
			out[len++] = (char)data[i];
		}
	}
	*ret_len = len;
	return out;
}

/* True where the name asked for something and is no member. */
static bool choose(struct image_text *t, const struct member_text *m)
{
	const char **of = strcmp(m->name, "?name") == 0	     ? &t->choice.name
			  : strcmp(m->name, "?arch") == 0    ? &t->choice.arch
			  : strcmp(m->name, "?os") == 0	     ? &t->choice.os
			  : strcmp(m->name, "?variant") == 0 ? &t->choice.variant
							     : NULL;

	t->as_dir |= strcmp(m->name, "?dir") == 0;
	if (of)
		*of = m->bytes;
	return m->name[0] == '?';
}

static void read_members(struct image_text *t, const uint8_t *data, size_t size)
{
	struct fuzz_piece rest = { data, size }, piece;

	while (t->n < MEMBERS_MAX && fuzz_next_piece(&rest, IMAGE_MARK, &piece)) {
		struct member_text *m = &t->members[t->n];
		struct fuzz_piece name;
		char own[DIGEST_HEX + 1];
		size_t len;

		if (!fuzz_next_piece(&piece, "\n", &name))
			continue;
		*m = (struct member_text){ .is_link = name.size && name.data[0] == '>' };
		m->bytes = expand(t, piece.data, piece.data ? piece.size : 0, NULL, &m->size);
		digest_of(m->bytes, m->size, own);
		m->name = expand(t, name.data + m->is_link, name.size - m->is_link, own, &len);
		if (choose(t, m))
			continue;
		if (t->n_digests < 10)
			memcpy(t->digests[t->n_digests++], own, sizeof(own));
		t->n++;
	}
}

static int make_tar(const struct image_text *t)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	fuzz_check(fd >= 0);
	for (size_t i = 0; i < t->n; i++) {
		const struct member_text *m = &t->members[i];

		tar_write_member(fd, m->name, m->is_link ? m->bytes : NULL, m->bytes, m->size);
	}
	tar_write_end(fd);
	return fd;
}

/* What cannot be made (a name taken, too long) is left out. */
static void make_folder(const struct image_text *t, int dirfd)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct member_text *m = &t->members[i];
		char clean[PATH_TEXT_MAX], parent[PATH_TEXT_MAX];
		const char *name;

		if (path_clean(m->name, clean, sizeof(clean)) < 0)
			continue;
		(void)snprintf(
			parent, sizeof(parent), "%.*s", (int)path_split(clean, &name), clean);
		auto_fd dir = path_mkdirs_in_root(dirfd, parent, 0755);
		if (dir < 0)
			continue;
		if (m->is_link) {
			(void)!symlinkat(m->bytes, dir, name);
			continue;
		}
		auto_fd fd = path_open_beneath(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd >= 0)
			fuzz_check(fd_write_full(fd, m->bytes, m->size) == 0);
	}
}

static void read_layer(struct container *c, const char *name)
{
	auto_member s = { .fd = -1 };
	const void *buf;
	size_t total = 0;
	struct err e;
	ssize_t n;

	if (member_open(&s, c, name, &e) < 0) {
		fuzz_check_err(&e);
		return;
	}
	while ((n = stream_next(&s.stream, &buf, &e)) > 0 && total < LAYER_READ_MAX)
		total += (size_t)n;
	if (n < 0)
		fuzz_check_err(&e);
	else if (n == 0)
		fuzz_check(total == (size_t)s.size);
}

static void check_image(const struct image *img, struct container *c)
{
	fuzz_check(img->n_layers <= IMAGE_LAYERS_MAX);
	if (img->kind != IMAGE_ROOTFS) {
		fuzz_check(digest_is_hex(img->id) && img->config_text && img->manifest_text);
		fuzz_check(img->config.n_diff_ids == img->n_layers);
	}
	for (size_t i = 0; i < img->n_layers; i++) {
		const struct image_layer *l = &img->layers[i];

		fuzz_check(!l->digest || digest_is_sum(l->digest));
		fuzz_check(img->kind == IMAGE_ROOTFS || (l->diff_id && digest_is_sum(l->diff_id)));
		if (l->member)
			read_layer(c, l->member);
	}
}

static void load(const struct image_text *t, int fd)
{
	struct container c;
	struct image img;
	struct err e;

	if (container_open(&c, fd, "input", &e) < 0) {
		fuzz_check_err(&e);
	} else {
		if (format_load(&img, &c, &t->choice, &e) == 0)
			check_image(&img, &c);
		else
			fuzz_check_err(&e);
		image_done(&img);
	}
	container_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_text t = { 0 };
	int fd, fds;

	read_members(&t, data, size);
	fd = t.as_dir ? tree_open() : make_tar(&t);
	if (t.as_dir)
		make_folder(&t, fd);
	fds = fuzz_open_fds();
	load(&t, fd);
	fuzz_check(fuzz_open_fds() == fds);
	if (t.as_dir)
		tree_close(fd);
	else
		close(fd);
	arena_done(&t.arena);
	return 0;
}
