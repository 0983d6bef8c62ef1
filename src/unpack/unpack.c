/*
 * unpack: the beginning and the end of an unpack.
 * Writes below the work directory only.
 */
#include "unpack/unpack.h"

#include <errno.h>
#include <sys/stat.h>

#include "unpack/finish.h"
#include "util/fd.h"
#include "util/path.h"

int unpack_init(struct unpack *u, int dir, const struct unpack_request *request, struct err *e)
{
	/* Modes come from the image, not from whoever unpacks it. */
	*u = (struct unpack){ .umask = umask(0) };
	return work_open(&u->work, dir, request, e);
}

int unpack_finish(struct unpack *u, struct err *e)
{
	if (finish_tree(&u->work, &u->tables, e) < 0)
		return -1;
	fd_closep(&u->work.trash);
	u->work.trash = -1;
	return path_remove_tree(u->work.dir, "trash") < 0
		       ? err_set(e, errno, "staging: remove trash")
		       : 0;
}

void unpack_done(struct unpack *u)
{
	tables_done(&u->tables);
	work_close(&u->work);
	(void)umask(u->umask);
}
