/*
 * spawn: runs a plan, from the caller's process to the payload's end.
 * Moves the calling process into new namespaces (but not its mounts) and forks pid 1; watch.c
 * waits.
 *
 * Three processes: the runner (the caller), init (pid 1 inside, init.c), the payload (payload.c).
 * unshare and fork, not clone: musl's cached thread id goes stale after a raw clone.
 */
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/cgroup.h"
#include "kernel/idmap.h"
#include "kernel/namespaces.h"
#include "kernel/newidmap.h"
#include "kernel/outsider.h"
#include "kernel/sig.h"
#include "root/host.h"
#include "root/mounts.h"
#include "runtime/init.h"
#include "runtime/network.h"
#include "runtime/runner.h"
#include "runtime/runtime.h"
#include "runtime/tty.h"
#include "seccomp/install.h"
#include "util/fd.h"
#include "util/log.h"

/* What stays behind in the host's namespaces, or there is to be told. */
struct spawn {
	struct host host;
	struct outsider maps;
	struct outsider network;
	struct cgroup cgroup;
	struct runner_ends ends;
};

/* Everything after the namespaces are there.  What the child has of the ends is closed here. */
static int spawn_start(
	struct runner *w, struct spawn *s, const struct run_resources *res, struct err *e)
{
	struct init i = { .p = w->p,
		.res = res,
		.sig = &w->sig,
		.host = &s->host,
		.err_in = s->ends.err_in,
		.err_out = s->ends.err_out,
		.tty_out = s->ends.tty_out,
		.stopped = w->stopped };

	if ((w->p->map_helpers	     ? newidmap_write(&s->maps, e)
		    : w->p->host_ids ? 0
				     : idmap_write(s->host.proc, plan_id_maps(w->p), e)) < 0 ||
		network_connect(&s->network, e) < 0)
		return -1;
	/*
	 * Nobody may trace or read this process and pid 1, which have rights in the sandbox's
	 * namespaces and descriptors of the host.  After the maps: /proc/self belongs to root from
	 * now on, proc(5).
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "protect the runner");
	w->child = fork();
	if (w->child < 0)
		return err_set(e, errno, "start the sandbox");
	if (w->child == 0)
		init_main(&i);
	cgroup_leave(&s->cgroup);
	fd_closep(&s->ends.err_out);
	fd_closep(&s->ends.tty_out);
	if (caps_drop(0, e) < 0) {
		(void)kill(w->child, SIGKILL);
		(void)waitpid(w->child, NULL, 0);
		return -1;
	}
	return runner_wait(w, e);
}

/* The status alone does not tell it from any other SIGKILL. */
static void spawn_tell_memory(
	const struct spawn *s, const struct plan *p, struct runtime_events *ev)
{
	uint64_t kills = cgroup_oom_kills(&s->cgroup);

	if (!kills)
		return;
	if (ev)
		ev->out_of_memory = true;
	log_note(
		"out of memory: the kernel killed %llu process%s at the limit of %llu bytes (--memory)",
		(unsigned long long)kills, kills == 1 ? "" : "es",
		(unsigned long long)p->limits.memory);
}

static void spawn_done(struct spawn *s)
{
	runner_close_ends(&s->ends);
	outsider_done(&s->network);
	outsider_done(&s->maps);
	cgroup_done(&s->cgroup);
	if (s->host.made)
		fd_closep(&s->host.dir);
	fd_closep(&s->host.proc);
}

int runtime_run(const struct plan *p, const struct run_resources *res, struct runtime_events *ev,
	struct err *e)
{
	__attribute__((cleanup(spawn_done))) struct spawn s = { .host = { .proc = -1 },
		.maps = OUTSIDER_NONE,
		.network = OUTSIDER_NONE,
		.cgroup = CGROUP_NONE,
		.ends = { -1, -1, -1, -1 } };
	struct runner w = { .p = p, .events = ev, .tty = TTY_NONE };
	const struct cgroup_limits limits = { p->limits.memory, p->limits.cpus, PLAN_CPU_PERIOD,
		p->limits.pids };
	auto_fd stopped = -1;
	int status = -1;

	if (fd_fill_std() < 0)
		return err_set(e, errno, "open /dev/null");
	if (seccomp_check(p->seccomp, p->caps, p->emulate_ids, e) < 0 ||
		mounts_check_sources(p, e) < 0 || host_open(&s.host, res->rootfs, e) < 0 ||
		runner_open_ends(&s.ends, p, e) < 0 ||
		(p->map_helpers && newidmap_start(&s.maps, s.host.proc, plan_id_maps(p), e) < 0) ||
		network_start(&s.network, p, e) < 0)
		return -1;
	stopped = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stopped < 0)
		return err_set(e, errno, "make an event descriptor");
	w.err_in = s.ends.err_in;
	w.tty_in = s.ends.tty_in;
	w.stopped = stopped;
	if (sig_hold(&w.sig, e) < 0)
		return -1;
	if ((!p->tty || tty_prepare(&w.tty, p->tty_input, e) == 0) &&
		cgroup_enter(&s.cgroup, &limits, e) == 0 &&
		namespaces_unshare(p->namespaces, e) == 0)
		status = spawn_start(&w, &s, res, e);
	tty_end(&w.tty);
	spawn_tell_memory(&s, p, ev);
	sig_release(&w.sig);
	fd_closep(&w.sig.fd);
	return status;
}
