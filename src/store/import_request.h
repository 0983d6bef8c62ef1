/*
 * import_request: what to import, and within which limits.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "image/image.h"
#include "unpack/work.h"

struct import_request {
	const char *source; /* path of a file or of a folder with an image in it, or "-" */
	int fd;		    /* open on it, for reading; the caller closes it */
	struct image_choice choice;
	struct unpack_limits limits;
	bool shared;	   /* let other users read the image */
	bool follow_links; /* those of a layout folder that lead out of it */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *arg, const struct unpack_stats *stats);
	void *progress_arg;
};
