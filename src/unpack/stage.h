/*
 * stage: one layer on its own, in a folder beside the tree, until it is merged.
 */
#ifndef UNPACK_STAGE_H
#define UNPACK_STAGE_H

#include "unpack/entry.h"
#include "unpack/unpack.h"
#include "util/arena.h"

struct archive;
struct writer;
struct writer_file;

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
	struct unpack *unpack;
	int fd;	       /* the layer's own root */
	char name[16]; /* of that, in work */
	struct arena arena;
	struct marker *markers;
	size_t n_markers, room_markers;
	struct pending_link *links;
	size_t n_links, room_links;
	struct writer *writer;
	char parent[PATH_TEXT_MAX]; /* the directory that parent_fd is open on; entries come in runs
				     */
	int parent_fd;		    /* the writer's */
	bool straight;		    /* no symlink leads to it */
};

/* stage.c: make an empty one; remove what is left of it once it is merged; release it, with all
 * that is in it still. */
int stage_init(struct stage *s, struct unpack *u, struct err *e);
int stage_remove(struct stage *s, struct err *e);
void stage_done(struct stage *s);

/* layer.c: stage a layer whose blob this is, see unpack_layer; ret_diff_id gets the sum. */
int layer_stage(struct stage *s, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX + 1], struct err *e);

/* layer.c: what was staged goes into the tree. */
int layer_merge(struct stage *s, struct err *e);

/* stage.c: the parent of path below root, through symlinks but inside, as a descriptor; *ret_name
 * is its last component. */
int stage_open_parent(int root, const char *path, const char **ret_name);

/* stage.c: after a look-up of path that failed: 0 where errno says that there is nothing of the
 * name, else -1 with e. */
int stage_absent(const char *path, struct err *e);

/* apply.c: carry out one entry; the contents of a file are read from tar. */
int apply_entry(struct stage *s, const struct entry *n, struct archive *tar, struct err *e);

/* apply.c: an O_PATH descriptor of directory path of the stage, made where missing; what is no
 * directory is replaced. */
int apply_parent(struct stage *s, const char *path, size_t len, struct err *e);

/* apply.c: an error of the entry.  Returns -1. */
int apply_error(struct err *e, const struct entry *n, int code);

/* apply.c: what stands at the name gives way.  The cached parent may have been reached through it.
 */
int apply_clear(struct stage *s, int dir, const char *name, const char *path, struct err *e);

/* file.c: make a plain file, or let the writer.  tar NULL: an empty one. */
int file_apply(struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e);

/* file.c: the stage's part in a file that the writer made, or whose name is taken. */
int file_made(void *stage, const struct writer_file *f, struct err *e);
int file_make_way(void *stage, int dir, const struct writer_file *f, struct err *e);

/*
 * links.c: set a hard link aside, in whose place inode ino is.  At the end of the layer, resolve
 * those that wait: what lower layers have comes first, as it was there when the link came; then
 * what the layer had later.
 */
void hardlinks_add(struct stage *s, const char *path, const char *target, uint64_t ino);
int hardlinks_resolve(struct stage *s, struct err *e);
/* The last resort, after the merge: targets that only the merged tree leads to.  What still waits
 * is an error. */
int hardlinks_in_tree(struct stage *s, struct err *e);

/* whiteout.c: note a marker, or that path is to be hidden as by one; later, carry them all out on
 * the tree. */
void whiteout_add(struct stage *s, const struct entry *n);
void whiteout_hide(struct stage *s, const char *path);
int whiteout_apply(struct stage *s, struct err *e);

/* merge.c: rename what was staged into the tree. */
int merge_stage(struct stage *s, struct err *e);

#endif
