/*
 * stage: one layer on its own, in a folder beside the tree, until it is merged.
 */
#pragma once

#include "unpack/entry.h"
#include "unpack/tables.h"
#include "unpack/work.h"
#include "util/arena.h"

struct writer;

/* A whiteout, to be carried out on what lower layers left. */
struct marker {
	char *dir;  /* cleaned path of the directory it stands in */
	char *name; /* what it hides; NULL: all that lower layers have in dir */
};

/* A hard link whose target is not in this layer, or not yet. */
struct pending_link {
	char *path, *target; /* cleaned */
	uint64_t ino;	     /* of the empty file that has its name meanwhile */
	bool done;
};

struct stage {
	const struct work *work;
	struct tables *tables; /* the layer's own; from the merge on the tree's */
	int fd;		       /* the layer's own root */
	char name[16];	       /* of that, in the work directory */
	struct arena arena;
	struct marker *markers; /* whiteout.c's */
	size_t n_markers;
	struct pending_link *links; /* hardlinks.c's */
	size_t n_links;
	struct writer *writer; /* from file_begin on */
	/* apply.c's: the directory that parent_fd is open on; entries come in runs */
	char parent[PATH_TEXT_MAX];
	int parent_fd; /* the writer's */
	bool straight; /* no symlink leads to it */
};

/* Make an empty one for the layer of tables; remove what is left of it once it is merged; release
 * it, with all that is still in it. */
int stage_init(struct stage *s, const struct work *w, struct tables *tables, struct err *e);
int stage_remove(struct stage *s, struct err *e);
void stage_done(struct stage *s);

/* The parent of path below root, through symlinks but inside, as a descriptor, or -1 with errno;
 * *ret_name is its last component. */
int stage_open_parent(int root, const char *path, const char **ret_name);

/* After a look-up of path that failed: 0 where errno says that there is nothing of the name, else
 * -1 with e. */
int stage_absent(const char *path, struct err *e);

/* Put aside a directory or file that an upper entry replaces; it is removed in the end.  What is
 * not there counts as put aside. */
int stage_trash(struct stage *s, int dirfd, const char *name, struct err *e);

/* The same for what stands in the way of the entry of that path in the stage.  The parent that is
 * open may have been reached through it: it is looked up again. */
int stage_clear(struct stage *s, int dirfd, const char *name, const char *path, struct err *e);

/* A new file of the entry's name in dirfd; what stands there gives way.  Returns a descriptor to write
 * to, or -1 with e. */
int stage_create(struct stage *s, int dirfd, const struct entry *n, mode_t mode, struct err *e);

/* Count bytes about to be written to files; or what takes room on the disk but is not content:
 * directories, inodes.  Return 0, or -1 with e. */
int stage_count_bytes(struct stage *s, uint64_t n, struct err *e);
int stage_count_room(struct stage *s, uint64_t n, struct err *e);
