/*
 * tree: a directory to work in, beside one that nothing may change.
 * Used by the targets that write files.
 * Touches a fresh directory below $FUZZ_DIR, /dev/shm or $TMPDIR, and removes it at the end.
 */
#pragma once

/* Where the canary is, seen from the root of an unpacked tree, and by any path that the host would
 * follow. */
#define TREE_CANARY_UP "../../../canary"
#define TREE_CANARY_HOST "/proc/self/cwd/canary"

/*
 * An empty directory of mode 0700; the working directory is above it until tree_close. Returns a
 * descriptor that tree_close closes.
 */
int tree_open(void);

/* Removes it with all that is in it, and checks that this works and that nothing beside it has
 * changed. */
void tree_close(int fd);
