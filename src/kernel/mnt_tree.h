/*
 * mnt_tree: what is mounted below a mount, read from /proc/self/mountinfo.
 * For kernels before 5.12 only: mount_setattr(2) does the whole tree at once.
 */
#pragma once

/*
 * Call fn with a descriptor (O_PATH) of each mount below the one that fd is open on, its own left
 * out. Returns 0, or -1 with errno: mountinfo cannot be read, or fn failed.
 */
int mnt_tree_each(int fd, int (*fn)(int mnt, void *arg), void *arg);
