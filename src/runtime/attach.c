/*
 * attach: one more process in a live sandbox.
 * Moves the calling process into the sandbox's namespaces (but not its mounts) and forks the
 * process that becomes the command; runner.c waits.
 */
#include "runtime/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "emulate/target.h"
#include "kernel/cgroup.h"
#include "root/root.h"
#include "runtime/join.h"
#include "runtime/payload.h"
#include "runtime/pty.h"
#include "runtime/runner.h"
#include "util/fd.h"
#include "util/path.h"

static int attach_enter(const struct runner *w, const struct join *j, int *ret_tty, struct err *e)
{
	auto_fd root = -1, cwd = -1;

	if (join_enter_root(j, e) < 0)
		return -1;
	if (!w->p->tty && j->door < 0)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_set(e, errno, "open the root");
	/* The keeper made its first rank's working directory; payload_chdir tells where this fails. */
	if (j->door >= 0)
		cwd = path_mkdirs_in_root(root, w->p->cwd, ROOT_CWD_MODE);
	if (w->p->tty)
		*ret_tty = pty_make(root, w->p, w->ends.tty_out, e);
	return w->p->tty && *ret_tty < 0 ? -1 : 0;
}

/*
 * In the child, which the sandbox's processes see from here on.  They cannot trace it or look at
 * its descriptors, since it is not dumpable: runc's CVE-2016-9962.
 */
static _Noreturn void attach_main(const struct runner *w, const struct join *j, int cgroup)
{
	struct payload pay = { .p = w->p,
		.sig = &w->sig,
		.proc = -1,
		.err_out = w->ends.err_out,
		.tty = -1,
		.asks = w->ends.asks_out,
		.gate = -1,
		.joins = true };
	struct err e = { 0 };

	(void)close(w->ends.err_in);
	proc_hide_words("sandbox");
	if (cgroup >= 0 && fd_write_full(cgroup, "0", 1) < 0)
		(void)err_set(&e, errno, "join the sandbox's cgroup");
	else if (attach_enter(w, j, &pay.tty, &e) == 0)
		payload_main(&pay);
	payload_fail(w->ends.err_out, &e);
}

/*
 * What the command has started may go on, and needs its supervisor.  That is a process of the sandbox,
 * as every child of this process is since join_enter, and ends with the last that it answers.
 */
static void attach_linger(const struct runner *w, const struct join *j)
{
	const struct target payload = { .proc = w->proc, .tid = j->payload };
	int keep[2] = { supervisor_fd(w->supervisor), -1 };

	if (keep[0] < 0)
		return;
	keep[1] = target_open_proc(&payload);
	if (fork() == 0) {
		(void)setsid();
		proc_hide_words("sandbox");
		fd_close_from(0, keep, 2);
		supervisor_run(w->supervisor, keep[1]);
		_exit(0);
	}
	fd_closep(&keep[1]);
}

static int attach_protect(struct err *e)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_set(e, errno, "protect the runner") : 0;
}

static int attach_start(struct runner *w, const struct join *j, struct err *e)
{
	const struct plan_limits *l = &w->p->limits;
	auto_fd cgroup = -1;
	int status;

	if (l->memory > 0 || l->cpu_quota > 0 || l->pids > 0) {
		cgroup = cgroup_open_of(j->payload, e);
		if (cgroup < 0)
			return -1;
	}
	if (attach_protect(e) < 0)
		return -1;
	w->events->refused = join_enter_user(j, e) < 0;
	/* A change of credentials may reset it, prctl(2). */
	if (w->events->refused || join_enter(j, e) < 0 || attach_protect(e) < 0)
		return -1;
	if (runner_fork(w) < 0)
		return err_set(e, errno, "start a process in the sandbox");
	if (w->child == 0)
		attach_main(w, j, cgroup);
	if (runner_begin(w, e) < 0)
		return -1;
	status = runner_wait(w, e);
	attach_linger(w, j);
	return status;
}

int attach_run(const struct plan *p, const struct join *j, struct runtime_events *ev, struct err *e)
{
	__attribute__((cleanup(runner_done))) struct runner w = RUNNER_NONE(p);
	auto_fd proc = p->emulate == SECCOMP_EMULATE_IDS ? proc_open_fs() : -1;

	w.events = ev;
	w.alone = true;
	w.proc = proc;
	return runner_open(&w, true, p->tty, e) < 0 || runner_hold(&w, e) < 0
		       ? -1
		       : attach_start(&w, j, e);
}
