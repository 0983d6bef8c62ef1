/* stage: one layer on its own, in a folder beside the tree, until it is merged. */
#pragma once

#include "unpack/entry.h"
#include "unpack/tables.h"
#include "unpack/work.h"
#include "util/arena.h"

struct writer;

/* A whiteout, to be applied to the lower layers. */
struct marker {
	char *dir;  /* cleaned path of its directory */
	char *name; /* what it hides; NULL: everything that lower layers have in dir */
};

/* A hard link whose target is not in this layer, or not yet. */
struct pending_link {
	char *path, *target; /* cleaned */
	uint64_t ino;	     /* of its placeholder, an empty file */
	bool done;
};

struct stage {
	const struct work *work;
	struct tables *tables; /* the layer's own, and from the merge on the tree's */
	int fd;		       /* the layer's own root */
	char name[16];	       /* its name in the work directory */
	struct arena arena;
	struct marker *markers; /* of whiteout.c */
	size_t n_markers;
	struct pending_link *links; /* of hardlinks.c */
	size_t n_links;
	struct writer *writer; /* from file_begin on */
	/*
	 * Of apply.c: the directory that parent_fd is open on, since entries of one directory come
	 * together.
	 */
	char parent[PATH_TEXT_MAX];
	int parent_fd; /* the writer's */
	bool straight; /* no symlink leads to it */
};

/*
 * Make an empty stage for the layer of tables; remove what is left of it after the merge; free it,
 * with everything that is still in it.
 */
int stage_init(struct stage *s, const struct work *w, struct tables *tables, struct err *e);
int stage_remove(struct stage *s, struct err *e);
void stage_done(struct stage *s);

/*
 * Open the parent of path below root, through symlinks but inside.  Returns a descriptor, or -1
 * with errno; *ret_name is the last component of path.
 */
int stage_open_parent(int root, const char *path, const char **ret_name);

/* After looking up path has failed: 0 if errno says that there is no such name, else -1 with e. */
int stage_absent(const char *path, struct err *e);

/*
 * Move a directory or file that an upper entry replaces to the trash, which is emptied in the end.
 * If it does not exist, do nothing.
 */
int stage_trash(struct stage *s, int dirfd, const char *name, struct err *e);

/*
 * Likewise for what is in the way of the entry with that path.  The open parent may have been
 * reached through it, so it is looked up again.
 */
int stage_clear(struct stage *s, int dirfd, const char *name, const char *path, struct err *e);

/*
 * Make a new file with the entry's name in dirfd, in place of what is there.  Returns a descriptor
 * to write to, or -1 with e.
 */
int stage_create(struct stage *s, int dirfd, const struct entry *n, mode_t mode, struct err *e);

/*
 * Count bytes that are about to be written to files; or disk space that is not content:
 * directories, inodes.  Return 0, or -1 with e.
 */
int stage_count_bytes(struct stage *s, uint64_t n, struct err *e);
int stage_count_room(struct stage *s, uint64_t n, struct err *e);
