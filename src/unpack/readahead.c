/*
 * readahead: a ring of chunks between a reading thread, the consumer, and a thread that computes
 * the digest.
 * Touches memory, and starts two threads that block all signals.
 */
#include "unpack/readahead.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unpack/thread.h"
#include "util/arena.h"

/* The used part of a chunk. */
struct readahead_piece {
	const char *data;
	size_t len;
};

struct readahead {
	struct stream stream, *from;
	struct digest_check *sum; /* may be NULL */
	bool threaded, summing;	  /* the reading thread runs; the summing thread runs */
	bool off;
	size_t given; /* bytes given before the threads start */
	pthread_t reader, summer;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/*
	 * The rest is under the lock.  Chunks are counted from the beginning; each is at its number
	 * modulo READAHEAD_CHUNKS.
	 */
	size_t made, used, summed; /* used: released by the consumer */
	bool held;		   /* the consumer still holds the next one */
	bool ended, stop;
	ssize_t last; /* how the source ended: 0, or -1 with err */
	struct err err;
	struct readahead_piece pieces[READAHEAD_CHUNKS];
	char *data; /* READAHEAD_CHUNKS of STREAM_CHUNK bytes */
};

static char *readahead_chunk(const struct readahead *a, size_t number)
{
	return a->data + number % READAHEAD_CHUNKS * STREAM_CHUNK;
}

/* Wait for a free chunk.  NULL if the consumer has stopped. */
static char *readahead_free_chunk(struct readahead *a)
{
	char *chunk = NULL;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && (a->made - a->used == READAHEAD_CHUNKS ||
				   (a->summing && a->made - a->summed == READAHEAD_CHUNKS)))
		(void)pthread_cond_wait(&a->changed, &a->lock);
	/* Nobody else touches a chunk that is neither full nor held. */
	if (!a->stop)
		chunk = readahead_chunk(a, a->made);
	(void)pthread_mutex_unlock(&a->lock);
	return chunk;
}

static void readahead_hand_over(struct readahead *a, const char *data, size_t len)
{
	if (a->sum && !a->summing)
		digest_add(&a->sum->sum, data, len);
	(void)pthread_mutex_lock(&a->lock);
	a->pieces[a->made++ % READAHEAD_CHUNKS] = (struct readahead_piece){ data, len };
	(void)pthread_cond_broadcast(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
}

/* Whether n bytes at buf are in chunk already. */
static bool readahead_is_in(const char *chunk, const char *buf, size_t n)
{
	const uintptr_t from = (uintptr_t)chunk, at = (uintptr_t)buf;

	return at >= from && at - from <= STREAM_CHUNK && n <= STREAM_CHUNK - (at - from);
}

/*
 * Hand over n bytes: in chunk, where they may be already, and in the chunks after it.  False if the
 * consumer has stopped.
 */
static bool readahead_put(struct readahead *a, char *chunk, const char *buf, size_t n)
{
	if (readahead_is_in(chunk, buf, n)) {
		readahead_hand_over(a, buf, n);
		return true;
	}
	while (n > 0) {
		size_t take = n < STREAM_CHUNK ? n : STREAM_CHUNK;

		if (!chunk && !(chunk = readahead_free_chunk(a)))
			return false;
		memcpy(chunk, buf, take);
		readahead_hand_over(a, chunk, take);
		chunk = NULL;
		buf += take;
		n -= take;
	}
	return true;
}

static void *readahead_read(void *arg)
{
	struct readahead *a = arg;
	const void *buf;
	struct err e = { 0 };
	ssize_t n = 0;
	char *chunk;

	while ((chunk = readahead_free_chunk(a))) {
		a->from->place = chunk;
		n = stream_next(a->from, &buf, &e);
		if (n <= 0 || !readahead_put(a, chunk, buf, (size_t)n))
			break;
	}
	(void)pthread_mutex_lock(&a->lock);
	a->ended = true;
	a->last = n;
	a->err = e;
	(void)pthread_cond_broadcast(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void *readahead_sum(void *arg)
{
	struct readahead *a = arg;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && (a->summed < a->made || !a->ended)) {
		size_t at = a->summed;

		if (at == a->made) {
			(void)pthread_cond_wait(&a->changed, &a->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&a->lock);
		digest_add(&a->sum->sum, a->pieces[at % READAHEAD_CHUNKS].data,
			a->pieces[at % READAHEAD_CHUNKS].len);
		(void)pthread_mutex_lock(&a->lock);
		a->summed++;
		(void)pthread_cond_broadcast(&a->changed);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

static bool readahead_start(struct readahead *a)
{
	a->data = malloc(READAHEAD_CHUNKS * (size_t)STREAM_CHUNK);
	if (!a->data)
		return false;
	a->summing = a->sum && thread_start(&a->summer, NULL, readahead_sum, a);
	return thread_start(&a->reader, NULL, readahead_read, a);
}

/* End the stream.  Returns last, or -1 with e. */
static ssize_t readahead_end(struct readahead *a, ssize_t last, struct err *e)
{
	return last == 0 && a->sum ? digest_check_end(a->sum, e) : last;
}

static ssize_t readahead_take(struct readahead *a, const void **buf, struct err *e)
{
	ssize_t n;

	(void)pthread_mutex_lock(&a->lock);
	if (a->held) {
		a->held = false;
		a->used++;
		(void)pthread_cond_broadcast(&a->changed);
	}
	while (a->used == a->made && (!a->ended || (a->summing && a->summed < a->made)))
		(void)pthread_cond_wait(&a->changed, &a->lock);
	a->held = a->used < a->made;
	*buf = a->pieces[a->used % READAHEAD_CHUNKS].data;
	n = a->held ? (ssize_t)a->pieces[a->used % READAHEAD_CHUNKS].len : a->last;
	if (n < 0)
		*e = a->err;
	(void)pthread_mutex_unlock(&a->lock);
	return n > 0 ? n : readahead_end(a, n, e);
}

static ssize_t readahead_next(struct stream *stream, const void **buf, struct err *e)
{
	struct readahead *a = (struct readahead *)stream;
	ssize_t n;

	if (!a->off && !a->threaded && a->given >= READAHEAD_AFTER && !a->data)
		a->threaded = readahead_start(a);
	if (a->threaded)
		return readahead_take(a, buf, e);
	a->from->place = stream->place;
	n = stream_next(a->from, buf, e);
	a->given += n > 0 ? (size_t)n : 0;
	if (n > 0 && a->sum)
		digest_add(&a->sum->sum, *buf, (size_t)n);
	return n > 0 ? n : readahead_end(a, n, e);
}

struct readahead *readahead_new(struct stream *from, struct digest_check *sum)
{
	struct readahead *a = xmalloc(sizeof(*a));

	*a = (struct readahead){ .stream = { .next = readahead_next }, .from = from, .sum = sum };
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->changed, NULL);
	return a;
}

static void readahead_join(struct readahead *a)
{
	(void)pthread_mutex_lock(&a->lock);
	a->stop = true;
	(void)pthread_cond_broadcast(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
	if (a->threaded)
		(void)pthread_join(a->reader, NULL);
	if (a->summing)
		(void)pthread_join(a->summer, NULL);
}

void readahead_freep(struct readahead **ap)
{
	struct readahead *a = *ap;

	if (!a)
		return;
	readahead_join(a);
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->lock);
	free(a->data);
	free(a);
	*ap = NULL;
}

struct stream *readahead_stream(struct readahead *a)
{
	return &a->stream;
}

void readahead_off(struct readahead *a)
{
	a->off = true;
}
