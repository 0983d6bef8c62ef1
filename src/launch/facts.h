/*
 * facts: what a plan depends on, except the image's config and the options.
 */
#pragma once

#include "plan/options.h"

/*
 * Gather all facts about this host, and about the image whose root is open as rootfs.  Strings are
 * in a. The caller sets image_id and the path of the root.
 */
void facts_gather(struct host_facts *h, const struct run_options *o, int rootfs, struct arena *a);

/*
 * The first word that is the path of a script whose first line names sandbox: the kernel has put it behind
 * the words of that line, execve(2).  Or NULL.
 */
const char *facts_script(char *const *words);

/*
 * Read a small text file, or NULL.  root >= 0: resolve path inside this root.  Only regular files
 * are read.
 */
char *facts_read(int root, const char *path, struct arena *a);
