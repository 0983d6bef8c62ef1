/*
 * source: what an image is read from.  A plain tar or a folder is read where it is; anything else is
 * first written to a plain tar, the spool.
 */
#pragma once

#include "image/container.h"
#include "store/import_request.h"
#include "store/staging.h"
#include "util/stream.h"

struct source {
	const char *what; /* for messages */
	int fd;		  /* borrowed */
	bool is_file;	  /* a regular file, which has a key */
	char key[192];	  /* name of its entry in sources/; "": it can have none */
	int spool;	  /* -1: not needed */
	struct container container;
};

/* Take the source of the request.  Returns 0, or -1 with e; source_done in both cases. */
int source_open(struct source *o, const struct import_request *rq, struct err *e);

/* Is it a file that can be indexed where it is? */
bool source_is_plain(const struct source *o);

/*
 * Index it.  A compressed source, or one that cannot be read twice (a pipe), is first written
 * uncompressed into g's folder; if there is none yet, it is made below staging.  Returns 0, or -1
 * with e.
 */
int source_index(struct source *o, const struct import_request *rq, int staging, struct staging *g,
	struct err *e);

void source_done(struct source *o);

/* The bytes of the source from its current position, or of its container from pos on. */
struct source_stream {
	struct stream stream;
	int fd;
	off_t pos; /* -1: the current position of fd */
	const char *what;
	const volatile sig_atomic_t *stop;
	void *buf;
};

void source_stream_init(struct source_stream *s, const struct source *o, off_t pos,
	const volatile sig_atomic_t *stop);
void source_stream_done(struct source_stream *s);
#define auto_source_stream __attribute__((cleanup(source_stream_done))) struct source_stream
