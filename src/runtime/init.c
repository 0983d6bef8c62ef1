/*
 * init: pid 1 of the sandbox.
 * Makes the mount namespace and everything in it; waits for all processes of the pid namespace.
 */
#include "runtime/init.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/namespaces.h"
#include "root/hooks.h"
#include "root/mask.h"
#include "root/mounts.h"
#include "root/root.h"
#include "runtime/keeper.h"
#include "runtime/payload.h"
#include "runtime/pty.h"
#include "runtime/relay.h"
#include "util/fd.h"
#include "util/pages.h"
#include "util/proc.h"

#define INIT_PAYLOAD_STACK (32u << 10) /* bytes; about 20 KiB are used */

static int init_terminal(struct init *i, const struct root *r, struct err *e)
{
	if (!i->pay.p->tty)
		return 0;
	i->pay.tty = pty_make(r->fd, i->pay.p, i->tty_out, e);
	return i->pay.tty < 0 ? -1 : pty_console(r, i->pay.tty, e);
}

static int init_sysctls(const struct init *i, struct err *e)
{
	const struct plan_pairs *l = &i->pay.p->sysctls;
	int r = 0;

	for (size_t n = 0; r == 0 && n < l->n; n++)
		r = namespaces_set(i->pay.proc, l->v[n].name, l->v[n].value, e);
	return r;
}

static int init_build(struct init *i, struct err *e)
{
	const struct plan *p = i->pay.p;
	struct root r;

	(void)umask(0); /* mount targets get exact modes */
	if (root_make(&r, p, i->res, i->host, e) == 0 &&
		namespaces_configure(p->namespaces, p->hostname, p->domainname, e) == 0 &&
		init_sysctls(i, e) == 0 && mounts_make(p, &r, e) == 0 &&
		hooks_run(p, r.fd, e) == 0 && init_terminal(i, &r, e) == 0 &&
		mask_apply(p, &r, e) == 0 && root_enter(&r, p, e) == 0)
		return 0;
	return e->code == ENOSPC && p->scratch_size
		       ? err_wrap(e, "--scratch-size %s is too small", p->scratch_size)
		       : -1;
}

/* Reap every child that changed state: pid 1 inherits orphans, pid_namespaces(7). */
static void init_reap(const struct relay *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != r->payload)
			continue;
		if (WIFSIGNALED(status))
			relay_say(r->fd, RELAY_ENDED,
				&(struct sig_hit){ .number = WTERMSIG(status) });
		/*
		 * pid 1 cannot be stopped from inside: the runner stops instead, where the caller's
		 * shell sees it
		 */
		if (WIFSTOPPED(status))
			relay_say(r->fd, RELAY_STOPPED, NULL);
		else
			_exit(proc_exit_status(status));
	}
	if (pid < 0 && errno == ECHILD)
		_exit(EXIT_SANDBOX); /* not reached: the payload is a child of this process and
				        cannot vanish */
}

/*
 * Close all descriptors but these.  Standard streams go, too: a pipe must end when the payload
 * closes its end.  The terminal stays open, so that it does not end while no other process has it
 * open.
 */
static void init_close(const struct init *i)
{
	const int keep[] = { i->pay.sig->fd, i->relay, i->pay.tty };

	fd_close_from(0, keep, 3);
}

static _Noreturn void init_wait(const struct init *i, struct relay *r)
{
	struct pollfd fds[] = { { .fd = r->fd, .events = POLLIN },
		{ .fd = r->sig->fd, .events = POLLIN } };
	struct err ignored;

	init_close(i);
	(void)caps_drop(UINT64_C(1) << CAP_KILL, &ignored); /* the payload may have another uid */
	for (;;) {
		/* all signals are blocked: it ends when there is something to do */
		(void)poll(fds, 2, -1);
		if (relay_step(r, fds[0].revents & POLLIN))
			init_reap(r);
	}
}

static int init_payload(void *arg)
{
	payload_main(arg);
}

/*
 * The payload takes its last steps in this process's memory, as with vfork(2), while this process
 * waits for the exec: copying the memory would be for nothing.  Only memory is shared; rights,
 * descriptors and signal masks are the child's own.  Its stack is a part of this one that building
 * the sandbox has used before, so that none of its pages is new.
 */
static pid_t init_start(struct payload *w)
{
	alignas(max_align_t) char stack[INIT_PAYLOAD_STACK];

	/*
	 * In front of a gate that would keep this process waiting, so there the payload gets a
	 * copy.
	 */
	return clone(init_payload, stack + sizeof(stack),
		SIGCHLD | (w->gate < 0 ? CLONE_VM | CLONE_VFORK : 0), w);
}

/* Returns -1 with e, or does not return. */
static int init_keep(const struct init *i, struct relay *r, struct err *e)
{
	const struct keeper k = { .door = i->door,
		.mixed = i->mixed,
		.proc = i->pay.proc,
		.maps = plan_id_maps(i->pay.p),
		.relay = r };

	relay_start(r);
	r->payload = RELAY_ALL;
	return keeper_main(&k, e);
}

_Noreturn void init_main(struct init *i)
{
	struct payload *w = &i->pay;
	struct relay r = { .fd = i->relay, .sig = w->sig };
	struct err e;

	pages_ready();
	(void)close(i->err_in);
	(void)close(i->relay_in);
	payload_tie(w->err_out);
	if (init_build(i, &e) < 0)
		payload_fail(w->err_out, &e);
	if (i->door >= 0) {
		proc_hide_words("sandbox");
		(void)init_keep(i, &r, &e);
		payload_fail(w->err_out, &e);
	}
	if (w->outlive)
		(void)prctl(PR_SET_PDEATHSIG, 0);
	if (w->p->no_init)
		payload_main(w);
	/* The words tell of the host: paths, and the values of -e.  The payload must not see them first. */
	proc_hide_words("sandbox");
	if (w->tty >= 0)
		(void)setsid(); /* it stays beside the payload: see relay.h */
	relay_start(&r);
	r.payload = init_start(w);
	if (r.payload < 0) {
		(void)err_set(&e, errno, "start the payload");
		payload_fail(w->err_out, &e);
	}
	init_wait(i, &r);
}
