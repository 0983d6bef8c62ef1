/* change: changes a config document by lines of a Dockerfile. */
#pragma once

#include "util/json.h"

/*
 * Apply the lines in list (NULL-terminated, may be NULL) to the document: CMD, ENTRYPOINT, ENV, LABEL,
 * STOPSIGNAL, USER, WORKDIR.  Returns 0, or -1 with e that names the line.
 */
int change_config(json *doc, char *const *list, struct err *e);
