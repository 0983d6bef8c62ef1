/*
 * facts: what a plan depends on beside the image's config and the options.
 */
#ifndef LAUNCH_FACTS_H
#define LAUNCH_FACTS_H

#include "plan/options.h"

/*
 * Everything about this host, and about the image whose root is open as rootfs.  Strings into a.
 * image_id and the path of the root are left to the caller.
 */
void facts_gather(struct host_facts *h, const struct run_options *o, int rootfs, struct arena *a);

/*
 * A small text file; NULL where there is none.  root >= 0: a file of the image, resolved inside,
 * and never a fifo or a device.
 */
char *facts_read(int root, const char *path, struct arena *a);

#endif
