/*
 * source: makes a tarball, a pipe or a folder readable twice.
 * Reads the source; writes a spool file into the staging folder if one is needed.
 */
#include "store/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/decompress.h"
#include "unpack/reserve.h"
#include "util/fd.h"
#include "util/path.h"

#define SOURCE_STDIN "standard input"

/* Device, inode, size and times of the file, and the choice of an image in it. */
static void source_make_key(struct source *o, const struct stat *st, const struct image_choice *c)
{
	char text[1024], sum[DIGEST_HEX + 1] = "";

	if (c->name || c->arch) {
		(void)snprintf(text, sizeof(text), "%s\n%s/%s/%s", c->name ? c->name : "",
			c->os ? c->os : "", c->arch ? c->arch : "", c->variant ? c->variant : "");
		digest_of(text, strlen(text), sum);
	}
	(void)snprintf(o->key, sizeof(o->key), "%llx-%llx-%llx-%llx.%lx-%llx.%lx%s%.16s",
		(unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
		(unsigned long long)st->st_size, (unsigned long long)st->st_mtim.tv_sec,
		(unsigned long)st->st_mtim.tv_nsec, (unsigned long long)st->st_ctim.tv_sec,
		(unsigned long)st->st_ctim.tv_nsec, sum[0] ? "-" : "", sum);
}

int source_open(struct source *o, const struct import_request *rq, struct err *e)
{
	struct stat st;

	*o = (struct source){
		.fd = rq->fd,
		.spool = -1,
		.what = strcmp(rq->source, "-") == 0 ? SOURCE_STDIN : rq->source,
	};
	if (fstat(o->fd, &st) < 0)
		return err_set(e, errno, "%s", o->what);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISFIFO(st.st_mode) &&
		!S_ISCHR(st.st_mode) && !S_ISSOCK(st.st_mode))
		return err_set(e, 0, "%s: neither a file, a pipe nor a folder", o->what);
	o->is_file = S_ISREG(st.st_mode);
	if (o->is_file && path_is_settled(&st))
		source_make_key(o, &st, &rq->choice);
	return 0;
}

void source_done(struct source *o)
{
	/* The image was all of standard input: leave a file there at its end, for the command. */
	if (o->fd >= 0 && o->is_file && strcmp(o->what, SOURCE_STDIN) == 0)
		(void)lseek(o->fd, 0, SEEK_END);
	container_done(&o->container);
	fd_closep(&o->spool);
	o->fd = o->spool = -1;
}

static ssize_t source_stream_next(struct stream *stream, const void **buf, struct err *e)
{
	struct source_stream *s = (struct source_stream *)stream;
	ssize_t n;

	*buf = stream->place ? stream->place : s->buf;
	do {
		if (s->stop && *s->stop)
			return err_set(e, EINTR, "%s: reading", s->what);
		n = s->pos < 0 ? read(s->fd, (void *)*buf, STREAM_CHUNK)
			       : pread(s->fd, (void *)*buf, STREAM_CHUNK, s->pos);
	} while (n < 0 && errno == EINTR);
	if (s->pos >= 0 && n > 0)
		s->pos += n;
	return n < 0 ? err_set(e, errno, "%s: read", s->what) : n;
}

void source_stream_init(struct source_stream *s, const struct source *o, off_t pos,
	const volatile sig_atomic_t *stop)
{
	*s = (struct source_stream){
		.stream = { .next = source_stream_next },
		.fd = pos < 0 ? o->fd : o->container.fd,
		.pos = pos,
		.what = o->what,
		.stop = stop,
		.buf = xmalloc(STREAM_CHUNK),
	};
}

void source_stream_done(struct source_stream *s)
{
	free(s->buf);
}

bool source_is_plain(const struct source *o)
{
	uint8_t magic[CODEC_MAGIC];
	ssize_t n;

	if (!o->is_file || lseek(o->fd, 0, SEEK_CUR) != 0)
		return false;
	n = pread(o->fd, magic, sizeof(magic), 0);
	return n >= 0 && codec_kind_of(magic, (size_t)n) == COMPRESSION_NONE;
}

static int source_spool(struct source *o, const struct import_request *rq, int dir, struct err *e)
{
	auto_source_stream in;
	auto_decompress plain = NULL;
	const uint64_t reserve = reserve_of(dir, rq->limits.reserve);
	uint64_t written = 0, checked = 0;
	const void *buf;
	ssize_t n;

	source_stream_init(&in, o, -1, rq->stop);
	plain = decompress_new(&in.stream, o->what, rq->limits.decoder_memory, e);
	if (!plain)
		return -1;
	o->spool = path_open_beneath(dir, "spool", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (o->spool < 0)
		return err_set(e, errno, "staging: spool");
	/* Only this descriptor needs it, so that it is gone if the process is killed. */
	if (unlinkat(dir, "spool", 0) < 0)
		return err_set(e, errno, "staging: spool");
	while ((n = stream_next(decompress_stream(plain), &buf, e)) > 0) {
		written += (uint64_t)n;
		if (reserve_check(dir, reserve, written, &checked, e) < 0)
			return err_wrap(e, "%s: spool", o->what);
		if (fd_write_full(o->spool, buf, (size_t)n) < 0)
			return err_set(e, errno, "%s: spool", o->what);
	}
	return n < 0 ? -1 : 0;
}

int source_index(struct source *o, const struct import_request *rq, int staging, struct staging *g,
	struct err *e)
{
	struct stat st;

	if (fstat(o->fd, &st) < 0)
		return err_set(e, errno, "%s", o->what);
	if (S_ISDIR(st.st_mode) || source_is_plain(o)) {
		if (container_open(&o->container, o->fd, o->what, e) < 0)
			return -1;
		o->container.follow_links = rq->follow_links;
		return 0;
	}
	if (!g->name[0] && staging_new(g, staging, "new", e) < 0)
		return -1;
	if (source_spool(o, rq, g->dir, e) < 0)
		return -1;
	return container_open(&o->container, o->spool, o->what, e);
}
