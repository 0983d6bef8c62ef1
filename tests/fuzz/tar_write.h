/*
 * tar write: an archive of an image, for the targets whose input is only what is in it.
 * Used by image.c and import.c of this folder.
 */
#pragma once

#include <stddef.h>

/* A regular file, or a symlink to link where that is not NULL.  A name of over 99 bytes is cut. */
void tar_write_member(int fd, const char *name, const char *link, const void *bytes, size_t size);

void tar_write_end(int fd);
