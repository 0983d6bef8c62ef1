/*
 * node: this machine among those that share a file system.
 */
#ifndef UTIL_NODE_H
#define UTIL_NODE_H

#define NODE_NAME_MAX 64 /* as the kernel has it, uname(2) */
#define NODE_BOOT_MAX 40

/* Its name, in letters that can be part of a file's name. */
void node_name(char name[NODE_NAME_MAX + 1]);

/*
 * Which start of the machine this is: the kernel's boot id, random(4), or "" where /proc is not
 * mounted.  Data that was written but not synced is lost when that changes.
 */
void node_boot(char boot[NODE_BOOT_MAX]);

#endif
