/*
 * fuzz: checks, texts and streams for the fuzz targets.
 * Called by the targets of this folder.
 * Touches memory only.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>

#include "util/arena.h"
#include "util/log.h"

#define FDS_MAX 128 /* no input makes the product open as many at once */

/* Notes would slow the run down and hide what counts. */
__attribute__((constructor)) static void fuzz_be_quiet(void)
{
	log_set_level(LOG_QUIET);
}

void fuzz_check_err(const struct err *e)
{
	char again[2 * ERR_MSG_MAX];

	fuzz_check(memchr(e->msg, '\0', sizeof(e->msg)));
	fuzz_check(memchr(e->hint, '\0', sizeof(e->hint)));
	fuzz_check(e->msg[0]);
	fuzz_check(strcmp(log_quote(again, sizeof(again), e->msg), e->msg) == 0);
	fuzz_check(strcmp(log_quote(again, sizeof(again), e->hint), e->hint) == 0);
	fuzz_check(e->status >= 0 && e->status <= EXIT_NOT_FOUND);
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

bool fuzz_next_piece(struct fuzz_piece *rest, const char *mark, struct fuzz_piece *ret)
{
	const uint8_t *end;
	size_t skip;

	if (!rest->data)
		return false;
	end = memmem(rest->data, rest->size, mark, strlen(mark));
	*ret = (struct fuzz_piece){ rest->data, end ? (size_t)(end - rest->data) : rest->size };
	skip = ret->size + strlen(mark);
	*rest = end ? (struct fuzz_piece){ rest->data + skip, rest->size - skip }
		    : (struct fuzz_piece){ 0 };
	return true;
}

static ssize_t fuzz_stream_next(struct stream *stream, const void **buf, struct err *e)
{
	struct fuzz_stream *s = (struct fuzz_stream *)stream;
	size_t n = s->left < s->chunk ? s->left : s->chunk;

	(void)e;
	*buf = s->data;
	s->data += n;
	s->left -= n;
	return (ssize_t)n;
}

void fuzz_stream_init(struct fuzz_stream *s, const uint8_t *data, size_t size, size_t chunk)
{
	*s = (struct fuzz_stream){
		.stream = { .next = fuzz_stream_next }, .data = data, .left = size, .chunk = chunk
	};
}

int fuzz_open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < FDS_MAX; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}
