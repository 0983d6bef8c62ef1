/*
 * work: the directories of an unpack, its totals and its limits.
 * Writes below the work directory only.
 */
#include "unpack/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "unpack/reserve.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"

#define WORK_ENTRIES_MAX 10000000ull
/* The names and link targets of all layers, in bytes; a large image has 50 MiB. */
#define WORK_NAMES_MAX (1ull << 30)
/*
 * The bytes of layers outside file contents: headers, padding ...; and this many more for each
 * entry.
 */
#define WORK_OVERHEAD_MAX (1ull << 30)
#define WORK_OVERHEAD_ENTRY (16ull << 10)

static int work_mkdir(const struct work *w, const char *name, int *ret_fd, struct err *e)
{
	if (mkdirat(w->dir, name, 0755) < 0)
		return err_set(e, errno, "staging: mkdir %s", name);
	*ret_fd = path_open_beneath(w->dir, name, O_RDONLY | O_DIRECTORY, 0);
	return *ret_fd < 0 ? err_set(e, errno, "staging: open %s", name) : 0;
}

int work_open(struct work *w, int dir, const struct unpack_request *request, struct err *e)
{
	struct unpack_limits *limits = &w->request.limits;

	*w = (struct work){ .dir = dir, .rootfs = -1, .trash = -1 };
	w->totals = xmalloc(sizeof(*w->totals));
	*w->totals = (struct work_totals){ .reporting = PTHREAD_MUTEX_INITIALIZER };
	if (request)
		w->request = *request;
	if (!limits->entries)
		limits->entries = WORK_ENTRIES_MAX;
	limits->reserve = reserve_of(dir, limits->reserve);
	/*
	 * Project folders on clusters are often setgid or have a default ACL, which everything
	 * below would inherit.
	 */
	if (fchmod(dir, 0700) < 0)
		return err_set(e, errno, "staging: chmod");
	(void)fremovexattr(dir, "system.posix_acl_default");
	return work_mkdir(w, "rootfs", &w->rootfs, e) < 0 ? -1
							  : work_mkdir(w, "trash", &w->trash, e);
}

void work_close(struct work *w)
{
	fd_closep(&w->rootfs);
	fd_closep(&w->trash);
	w->rootfs = w->trash = -1;
	free(w->totals);
	w->totals = NULL;
}

bool work_is_stopped(const struct work *w)
{
	return (w->request.stop && *w->request.stop) || w->totals->gave_up;
}

int work_count_entry(const struct work *w, struct err *e)
{
	const uint64_t most = w->request.limits.entries;

	if (work_is_stopped(w))
		return err_set(e, EINTR, "unpacking");
	if (atomic_fetch_add(&w->totals->entries, 1) < most)
		return 0;
	(void)err_set(e, 0, "over %llu entries", (unsigned long long)most);
	return err_hint(e, "--max-entries raises the limit");
}

int work_count_bytes(const struct work *w, uint64_t n, struct err *e)
{
	const uint64_t most = w->request.limits.bytes;

	if (work_is_stopped(w))
		return err_set(e, EINTR, "unpacking");
	if (atomic_fetch_add(&w->totals->bytes, n) + n <= most || !most)
		return 0;
	(void)err_set(e, 0, "over %llu bytes of files", (unsigned long long)most);
	return err_hint(e, "--max-bytes raises the limit");
}

int work_count_names(const struct work *w, uint64_t n, struct err *e)
{
	if (atomic_fetch_add(&w->totals->names, n) + n <= WORK_NAMES_MAX)
		return 0;
	return err_set(e, 0, "over %llu MiB of names", WORK_NAMES_MAX >> 20);
}

int work_count_plain(const struct work *w, uint64_t n, struct err *e)
{
	struct work_totals *t = w->totals;

	if (work_is_stopped(w))
		return err_set(e, EINTR, "unpacking");
	if (atomic_fetch_add(&t->plain, n) + n <=
		t->bytes + WORK_OVERHEAD_MAX + WORK_OVERHEAD_ENTRY * t->entries)
		return 0;
	return err_set(
		e, 0, "over %llu MiB of data outside file contents", WORK_OVERHEAD_MAX >> 20);
}

void work_report(const struct work *w)
{
	const struct unpack_stats now = { .entries = w->totals->entries,
		.bytes = w->totals->bytes };

	if (!w->request.progress)
		return;
	(void)pthread_mutex_lock(&w->totals->reporting);
	w->request.progress(w->request.progress_arg, &now);
	(void)pthread_mutex_unlock(&w->totals->reporting);
}
