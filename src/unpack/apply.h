/* apply: puts one entry of a layer onto its stage. */
#pragma once

#include "unpack/stage.h"

struct archive;

/* Apply one entry; the contents of a file are read from tar.  Returns 0, or -1 with e. */
int apply_entry(struct stage *s, const struct entry *n, struct archive *tar, struct err *e);
