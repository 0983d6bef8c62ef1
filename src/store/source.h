/*
 * source: what an image is read from: a plain tar as it is, anything else spooled into a plain tar
 * first.
 */
#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "image/container.h"
#include "store/import_request.h"
#include "store/staging.h"
#include "util/stream.h"

struct source {
	const char *what; /* for messages */
	int fd;		  /* borrowed */
	bool is_file;	  /* a regular file: the same again can be told by its key */
	char key[192];	  /* name of its entry in sources/, "" where it cannot have one */
	int spool;	  /* the plain tar that was made of it, -1 where none was needed */
	struct container container;
};

/* Take the request's.  Returns 0, or -1 with e; source_done in both cases. */
int source_open(struct source *o, const struct import_request *rq, struct err *e);

/* True for a file that can be indexed where it lies. */
bool source_is_plain(const struct source *o);

/*
 * Index it.  What is compressed or cannot be read twice (a pipe) is first written into g's folder,
 * uncompressed; g is made (below staging) where it was not.  Returns 0, or -1 with e.
 */
int source_index(struct source *o, const struct import_request *rq, int staging, struct staging *g,
	struct err *e);

void source_done(struct source *o);

/* The bytes of it from where its descriptor stands, or those of its container from pos on. */
struct source_stream {
	struct stream stream;
	int fd;
	off_t pos; /* -1: as it stands */
	const char *what;
	const volatile sig_atomic_t *stop;
	void *buf;
};

void source_stream_init(struct source_stream *s, const struct source *o, off_t pos,
	const volatile sig_atomic_t *stop);
void source_stream_done(struct source_stream *s);
#define auto_source_stream __attribute__((cleanup(source_stream_done))) struct source_stream

#endif
