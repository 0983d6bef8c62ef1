/*
 * file: a plain file of a layer, made here or left to the writer.
 */
#pragma once

#include "unpack/stage.h"

struct archive;

/* Give the stage a writer, which stage_done frees.  Before the first file. */
void file_begin(struct stage *s);

/* Make the file of an entry in dir, or queue it for the writer.  tar NULL: an empty one.  Returns
 * 0, or -1 with e. */
int file_make(struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e);

/* Write the contents of an entry to the plain file that has its name in dir, under all its names;
 * its mode and time are the entry's then.  Returns 0, or -1 with e. */
int file_rewrite(
	struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e);
