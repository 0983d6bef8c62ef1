/*
 * tables: finds records, and adds a layer's to the tree's.
 * Touches memory only.
 */
#include "unpack/tables.h"

struct inode_meta *tables_get(const struct tables *t, uint64_t ino)
{
	return inodes_get(&t->inodes, ino, sizeof(struct inode_meta));
}

struct inode_meta *tables_put(struct tables *t, uint64_t ino)
{
	return inodes_put(&t->inodes, ino, sizeof(struct inode_meta));
}

void tables_move(struct tables *to, struct tables *from)
{
	inodes_move(&to->inodes, &from->inodes, sizeof(struct inode_meta), NULL);
	contents_move(&to->contents, &from->contents);
	to->stats.entries += from->stats.entries;
	to->stats.bytes += from->stats.bytes;
	to->stats.devices += from->stats.devices;
	to->stats.xattrs += from->stats.xattrs;
	to->stats.owners += from->stats.owners;
	to->n_trash += from->n_trash;
	to->no_xattrs |= from->no_xattrs;
}

void tables_done(struct tables *t)
{
	inodes_done(&t->inodes);
	inodes_done(&t->contents);
}
