/*
 * ahead: a ring of chunks between a reading thread and its consumer.
 * Called by unpack/layer.c.  Touches memory, and one thread that blocks every signal.
 */
#include "unpack/ahead.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unpack/thread.h"
#include "util/arena.h"

struct ahead {
	struct stream stream, *from;
	bool threaded, off;
	size_t given; /* bytes, while it is not */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	size_t head, n; /* chunks head .. head + n - 1 hold data, in turn */
	bool held;	/* the consumer still uses the one before head */
	bool ended, stop;
	ssize_t last; /* what the source said at its end: 0, or -1 with err */
	struct err err;
	size_t len[AHEAD_CHUNKS];
	char *data; /* AHEAD_CHUNKS of STREAM_CHUNK bytes */
};

/* A free chunk, waiting for one.  NULL where the consumer wants no more. */
static char *free_chunk(struct ahead *a)
{
	size_t at;
	bool stop;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && a->n + a->held == AHEAD_CHUNKS)
		(void)pthread_cond_wait(&a->changed, &a->lock);
	at = (a->head + a->n) % AHEAD_CHUNKS;
	stop = a->stop;
	(void)pthread_mutex_unlock(&a->lock);
	/* Nobody else touches a chunk that is neither full nor held. */
	return stop ? NULL : a->data + at * STREAM_CHUNK;
}

static void hand_over(struct ahead *a, const char *chunk, size_t len)
{
	a->len[(size_t)(chunk - a->data) / STREAM_CHUNK] = len;
	(void)pthread_mutex_lock(&a->lock);
	a->n++;
	(void)pthread_cond_broadcast(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
}

/* Put n bytes into chunk, where they may be already, and those that follow it.  False where the
 * consumer wants no more. */
static bool put(struct ahead *a, char *chunk, const char *buf, size_t n)
{
	while (n > 0) {
		size_t take = n < STREAM_CHUNK ? n : STREAM_CHUNK;

		if (!chunk && !(chunk = free_chunk(a)))
			return false;
		if (chunk != buf)
			memcpy(chunk, buf, take);
		hand_over(a, chunk, take);
		chunk = NULL;
		buf += take;
		n -= take;
	}
	return true;
}

static void *ahead_main(void *arg)
{
	struct ahead *a = arg;
	const void *buf;
	struct err e = { 0 };
	ssize_t n = 0;
	char *chunk;

	while ((chunk = free_chunk(a))) {
		a->from->place = chunk;
		n = stream_next(a->from, &buf, &e);
		if (n <= 0 || !put(a, chunk, buf, (size_t)n))
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

static bool start(struct ahead *a)
{
	a->data = malloc(AHEAD_CHUNKS * (size_t)STREAM_CHUNK);
	return a->data && thread_start(&a->thread, NULL, ahead_main, a);
}

static ssize_t take(struct ahead *a, const void **buf, struct err *e)
{
	ssize_t n;

	(void)pthread_mutex_lock(&a->lock);
	if (a->held) {
		a->held = false;
		(void)pthread_cond_broadcast(&a->changed);
	}
	while (a->n == 0 && !a->ended)
		(void)pthread_cond_wait(&a->changed, &a->lock);
	if (a->n > 0) {
		*buf = a->data + a->head * STREAM_CHUNK;
		n = (ssize_t)a->len[a->head];
		a->head = (a->head + 1) % AHEAD_CHUNKS;
		a->n--;
		a->held = true;
	} else {
		n = a->last;
		if (n < 0)
			*e = a->err;
	}
	(void)pthread_mutex_unlock(&a->lock);
	return n;
}

static ssize_t ahead_next(struct stream *stream, const void **buf, struct err *e)
{
	struct ahead *a = (struct ahead *)stream;
	ssize_t n;

	if (!a->off && !a->threaded && a->given >= AHEAD_AFTER && !a->data)
		a->threaded = start(a);
	if (a->threaded)
		return take(a, buf, e);
	n = stream_next(a->from, buf, e);
	a->given += n > 0 ? (size_t)n : 0;
	return n;
}

struct ahead *ahead_new(struct stream *from)
{
	struct ahead *a = xmalloc(sizeof(*a));

	*a = (struct ahead){ .stream = { .next = ahead_next }, .from = from };
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->changed, NULL);
	return a;
}

void ahead_freep(struct ahead **ap)
{
	struct ahead *a = *ap;

	if (!a)
		return;
	if (a->threaded) {
		(void)pthread_mutex_lock(&a->lock);
		a->stop = true;
		(void)pthread_cond_broadcast(&a->changed);
		(void)pthread_mutex_unlock(&a->lock);
		(void)pthread_join(a->thread, NULL);
	}
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->lock);
	free(a->data);
	free(a);
	*ap = NULL;
}

struct stream *ahead_stream(struct ahead *a)
{
	return &a->stream;
}

void ahead_off(struct ahead *a)
{
	a->off = true;
}
