/* file: makes the plain files of a layer. */
#pragma once

#include "unpack/stage.h"

struct archive;

/* Give the stage a writer, which stage_done frees.  Call it before the first file. */
void file_begin(struct stage *s);

/*
 * Make the file of an entry in dir, or queue it for the writer; an empty one if tar is NULL.
 * Returns 0, or -1 with e.
 */
int file_make(struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e);

/*
 * Overwrite the plain file that has the entry's name in dir, under all its names, and give it the
 * entry's mode and time.  Returns 0, or -1 with e.
 */
int file_rewrite(
	struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e);
