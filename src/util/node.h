/*
 * node: this machine, among others that share a file system.
 */
#pragma once

#include <stdbool.h>

#define NODE_NAME_MAX 64 /* of the kernel, uname(2) */
#define NODE_BOOT_MAX 40

/* Its host name; characters that do not fit in a file's name become '_'. */
void node_name(char name[NODE_NAME_MAX + 1]);

/* Is fd on a file system that other machines may see, too? */
bool node_shares(int fd);

/*
 * The kernel's boot id, random(4), or "" if /proc is not mounted.  When it changes, data that was
 * written but not synced may be lost.  Returns 0, or -1 with errno if it cannot be read.
 */
int node_boot(char boot[NODE_BOOT_MAX]);
