/*
 * ahead: what a thread reads ahead is what was there, in its order, up to an end or an error, and
 * nobody has to wait for the rest of it; a sum beside it sees the same.
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "unpack/readahead.h"

/* Bytes that say where they stand, in chunks of odd sizes; then the end, or an error. */
struct source {
	struct stream stream;
	size_t given, size;
	bool fails;
	unsigned char chunk[3 * STREAM_CHUNK];
};

static unsigned char byte_at(size_t at)
{
	return (unsigned char)(at ^ at >> 8 ^ at >> 16);
}

static ssize_t source_next(struct stream *stream, const void **buf, struct err *e)
{
	struct source *s = (struct source *)stream;
	size_t n = 1 + s->given * 7919 % sizeof(s->chunk);

	if (s->given == s->size)
		return s->fails ? err_set(e, 0, "the source is broken") : 0;
	n = n < s->size - s->given ? n : s->size - s->given;
	for (size_t i = 0; i < n; i++)
		s->chunk[i] = byte_at(s->given + i);
	s->given += n;
	*buf = s->chunk;
	return (ssize_t)n;
}

/* Read at most `most` bytes.  Returns whether they were the right ones; *ret_last is what the last
 * call gave. */
static bool read_some(
	struct stream *s, size_t most, size_t *ret_got, ssize_t *ret_last, struct err *e)
{
	const void *buf = NULL;
	bool same = true;

	*ret_got = 0;
	*ret_last = 1;
	while (*ret_got < most && (*ret_last = stream_next(s, &buf, e)) > 0) {
		const unsigned char *p = buf;

		for (size_t i = 0; i < (size_t)*ret_last && same; i++)
			same = p[i] == byte_at(*ret_got + i);
		*ret_got += (size_t)*ret_last;
	}
	return same;
}

static void check(size_t size, bool fails, size_t most, const char *name)
{
	struct source *s = calloc(1, sizeof(*s));
	struct err e = { 0 };
	size_t got;
	ssize_t last;

	if (!s)
		abort();
	s->stream.next = source_next;
	s->size = size;
	s->fails = fails;
	{
		auto_readahead a = readahead_new(&s->stream, NULL);

		tap_ok(read_some(readahead_stream(a), most, &got, &last, &e),
			"%s: the bytes are the same", name);
	}
	if (most > size) {
		tap_int((long long)got, (long long)size, "    and all of them");
		tap_int(last, fails ? -1 : 0,
			fails ? "    and the error is told" : "    and the end");
	}
	if (fails)
		tap_str(e.msg, "the source is broken", "    in its words");
	free(s);
}

/* All of it, with a sum: of what was there, or one that must be wrong. */
static void check_sum(size_t size, bool wrong)
{
	struct source *s = calloc(1, sizeof(*s));
	unsigned char *all = malloc(size + 1);
	struct digest_check sum;
	char want[DIGEST_HEX + 1];
	struct err e = { 0 };
	size_t got;
	ssize_t last;

	if (!s || !all)
		abort();
	for (size_t i = 0; i < size; i++)
		all[i] = byte_at(i);
	all[size] = 0;
	digest_of(all, wrong ? size + 1 : size, want);
	digest_check_init(&sum, want, "it");
	s->stream.next = source_next;
	s->size = size;
	{
		auto_readahead a = readahead_new(&s->stream, &sum);

		tap_ok(read_some(readahead_stream(a), size + 1, &got, &last, &e) && got == size,
			"%zu bytes with a sum beside them are the same", size);
	}
	tap_int(last, wrong ? -1 : 0,
		wrong ? "    and a wrong sum is told" : "    and so is the sum");
	if (wrong)
		tap_ok(strncmp(e.msg, "it: digest mismatch: ", 21) == 0, "    in these words");
	free(all);
	free(s);
}

int main(void)
{
	static const size_t sizes[] = { 0, 1000, READAHEAD_AFTER, 20 * READAHEAD_AFTER };

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++)
		check_sum(sizes[i / 2], i % 2);
	check(0, false, 1, "nothing");
	check(1000, false, 1001, "a small layer");
	check(1000, true, 1001, "a small one that breaks off");
	check(READAHEAD_AFTER, false, READAHEAD_AFTER + 1,
		"one that ends where the thread would begin");
	check(20 * READAHEAD_AFTER, false, 20 * READAHEAD_AFTER + 1, "a large one");
	check(20 * READAHEAD_AFTER, true, 20 * READAHEAD_AFTER + 1, "a large one that breaks off");
	for (int i = 0; i < 20; i++)
		check(20 * READAHEAD_AFTER, false, READAHEAD_AFTER + (unsigned)i * STREAM_CHUNK,
			"one that is given up early");
	return tap_done();
}
