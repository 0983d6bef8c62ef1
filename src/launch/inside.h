/*
 * inside: the root of a run, of what --writable keeps, or of an image, for `cp` and `commit`.
 */
#pragma once

#include "store/stored_image.h"

enum inside_kind { INSIDE_RUN, INSIDE_WRITABLE, INSIDE_IMAGE };

struct inside {
	enum inside_kind kind;
	int root;  /* readable; links in it lead nowhere else if path_open_in_root follows them */
	bool real; /* owners in it are real, not all the caller */
	struct stored_image *image; /* below it; NULL for a run */
};

/* Returns 0, or -1 with e. */
typedef int inside_fn(const struct inside *in, void *arg, struct err *e);

/*
 * Call fn with the root that name stands for: a run, else what --writable keeps under that name, else
 * an image.  fn is called in the namespaces where the files' owners can be seen and set, in the calling
 * process or in a child: paths of the host must be open before.  The calling process may stay in those
 * namespaces, and should do nothing afterwards.  Returns what fn returned, or -1 with e.
 */
int inside_call(struct store *s, const char *store, const char *name, inside_fn *fn, void *arg,
	struct err *e);

/* The same for --writable alone.  fn is called in a child. */
int inside_call_writable(struct store *s, const char *store, const char *name, inside_fn *fn,
	void *arg, struct err *e);
