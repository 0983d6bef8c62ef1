/* change: changes a config document by lines of a Dockerfile. */
#pragma once

#include "util/json.h"

#define CHANGE_WORDS \
	"CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR"

/*
 * Apply the lines in list (NULL-terminated, may be NULL) to the document, each of which may be several
 * lines: CHANGE_WORDS.  Returns 0, or -1 with e that names the line.
 */
int change_config(json *doc, char *const *list, struct err *e);
