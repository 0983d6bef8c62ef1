/*
 * attach: one more process in a live sandbox.
 * Moves the calling process into the sandbox's namespaces (but not its mounts) and forks the
 * process that becomes the command; runner.c waits.
 */
#include "runtime/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/cgroup.h"
#include "runtime/join.h"
#include "runtime/own_binary.h"
#include "runtime/payload.h"
#include "runtime/pty.h"
#include "runtime/runner.h"
#include "util/fd.h"

static int attach_enter(
	const struct runner *w, const struct join *j, int tty_out, int *ret_tty, struct err *e)
{
	auto_fd root = -1;

	*ret_tty = -1;
	if (join_enter_root(j, e) < 0)
		return -1;
	if (!w->p->tty)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*ret_tty = root < 0 ? err_set(e, errno, "open the root") : pty_make(root, w->p, tty_out, e);
	return *ret_tty < 0 ? -1 : 0;
}

/*
 * In the child.  The sandbox's processes see it from here on.  They cannot trace it or look at its
 * descriptors, since it cannot be dumped: runc's CVE-2016-9962.
 */
static _Noreturn void attach_main(
	const struct runner *w, const struct join *j, const struct runner_ends *ends, int cgroup)
{
	struct payload pay = { .p = w->p,
		.sig = &w->sig,
		.proc = -1,
		.err_out = ends->err_out,
		.tty = -1,
		.gate = -1,
		.joins = true };
	struct err e = { 0 };

	(void)close(ends->err_in);
	proc_hide_words("sandbox");
	if (cgroup >= 0 && fd_write_full(cgroup, "0", 1) < 0)
		(void)err_set(&e, errno, "join the sandbox's cgroup");
	else if (attach_enter(w, j, ends->tty_out, &pay.tty, &e) == 0)
		payload_main(&pay);
	(void)fd_write_full(ends->err_out, &e, sizeof(e));
	_exit(EXIT_SANDBOX);
}

static int attach_start(
	struct runner *w, const struct join *j, struct runner_ends *ends, struct err *e)
{
	const struct plan_limits *l = &w->p->limits;
	auto_fd cgroup = -1;

	if (l->memory > 0 || l->cpu_quota > 0 || l->pids > 0) {
		cgroup = cgroup_open_of(j->payload, e);
		if (cgroup < 0)
			return -1;
	}
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "protect the runner");
	if (join_enter(j, e) < 0)
		return -1;
	/* The change of credentials may have set it anew, prctl(2). */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "protect the runner");
	w->child = fork();
	if (w->child < 0)
		return err_set(e, errno, "start a process in the sandbox");
	if (w->child == 0)
		attach_main(w, j, ends, cgroup);
	fd_closep(&ends->err_out);
	fd_closep(&ends->tty_out);
	if (caps_drop(0, e) < 0) {
		(void)kill(w->child, SIGKILL);
		(void)waitpid(w->child, NULL, 0);
		return -1;
	}
	return runner_wait(w, e);
}

int attach_run(const struct plan *p, const struct proc *init, struct err *e)
{
	__attribute__((cleanup(runner_close_ends))) struct runner_ends ends = { -1, -1, -1, -1 };
	__attribute__((cleanup(join_done))) struct join j = {
		.user = -1, .inner = -1, .mnt = -1, .other = { -1, -1, -1, -1, -1 }
	};
	struct runner w = { .p = p, .tty = TTY_NONE, .stopped = -1 };
	int status = -1;

	if (own_binary_seal(e) < 0 || join_open(&j, p, init, e) < 0 ||
		runner_open_ends(&ends, p->tty, e) < 0)
		return -1;
	w.err_in = ends.err_in;
	w.tty_in = ends.tty_in;
	if (sig_hold(&w.sig, e) < 0)
		return -1;
	if (!p->tty || tty_prepare(&w.tty, p->tty_input, e) == 0)
		status = attach_start(&w, &j, &ends, e);
	tty_end(&w.tty);
	sig_release(&w.sig);
	fd_closep(&w.sig.fd);
	return status;
}
