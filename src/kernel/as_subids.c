/*
 * as_subids: work on files of subordinate ids, which needs a user namespace that has them.
 * Forks a process that enters such a namespace; the caller's own stays as it is.
 */
#include "kernel/as_subids.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kernel/idmap.h"
#include "kernel/newidmap.h"
#include "kernel/outsider.h"
#include "util/fd.h"

struct as_subids {
	struct id_maps maps;
	int (*fn)(void *arg, struct err *e);
	void *arg;
};

static int as_subids_enter(struct id_maps maps, struct err *e)
{
	auto_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct outsider writer;
	int r = newidmap_start(&writer, proc, maps, e);

	if (r == 0 && unshare(CLONE_NEWUSER) < 0)
		r = err_set(e, errno, "create a user namespace");
	if (r == 0)
		r = newidmap_write(&writer, e);
	outsider_done(&writer);
	return r;
}

static int as_subids_work(const void *arg, struct err *e)
{
	const struct as_subids *t = arg;

	if (t->maps.n_uid == 0)
		as_subids_root();
	else if (as_subids_enter(t->maps, e) < 0)
		return -1;
	return t->fn(t->arg, e);
}

/* It keeps the caller's descriptors, which fn works on. */
static _Noreturn void as_subids_main(int go, int answer, const void *arg)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	outsider_work(go, answer, as_subids_work, arg);
}

int as_subids_run(
	struct id_maps maps, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	const struct as_subids t = { maps, fn, arg };
	struct outsider child;
	int r = outsider_start(&child, as_subids_main, &t, e);

	if (r == 0)
		r = outsider_ask(&child, "the process in another user namespace", e);
	outsider_done(&child);
	return r;
}

void as_subids_root(void)
{
	const struct id_map uid = { 0, geteuid(), 1 }, gid = { 0, getegid(), 1 };
	auto_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;

	if (geteuid() != 0 && faccessat(proc, "self/uid_map", W_OK, 0) == 0 &&
		unshare(CLONE_NEWUSER) == 0)
		(void)idmap_write(proc, (struct id_maps){ &uid, &gid, 1, 1 }, &ignored);
}
