/*
 * runtime: carries out a plan, in phases: create, start, wait.
 * Moves the calling process into new namespaces (but not its mounts) and forks pid 1.
 *
 * Three processes: the runner (the caller; runner.c), init (pid 1 inside; init.c), the payload
 * (payload.c).  unshare and fork, not clone: musl's cached thread id goes stale after a raw clone.
 */
#include "runtime/runtime.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/cgroup.h"
#include "kernel/idmap.h"
#include "kernel/namespaces.h"
#include "kernel/newidmap.h"
#include "kernel/outsider.h"
#include "kernel/rlimit.h"
#include "kernel/sig.h"
#include "plan/oci.h"
#include "root/host.h"
#include "root/mounts.h"
#include "runtime/init.h"
#include "runtime/network.h"
#include "runtime/runner.h"
#include "runtime/tty.h"
#include "seccomp/install.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/proc.h"

struct runtime {
	struct runtime_options o;
	struct runner w;
	/* what stays behind in the host's namespaces, or has to be undone */
	struct host host;
	struct outsider maps;
	struct outsider network;
	struct cgroup cgroup;
};

static void runtime_init(struct runtime *r, const struct plan *p, const struct runtime_options *o)
{
	*r = (struct runtime){
		.o = *o,
		.w = RUNNER_NONE(p),
		.host = { .proc = -1 },
		.maps = OUTSIDER_NONE,
		.network = OUTSIDER_NONE,
		.cgroup = CGROUP_NONE,
	};
	r->w.gated = o->gate >= 0;
	r->w.alone = p->no_init;
}

/* The exit status alone looks like any other SIGKILL. */
static void runtime_tell_memory(const struct runtime *r)
{
	uint64_t kills = cgroup_oom_kills(&r->cgroup);

	if (!kills)
		return;
	if (r->w.events)
		r->w.events->out_of_memory = true;
	log_note(
		"out of memory: the kernel killed %llu process%s at the limit of %llu bytes (--memory)",
		(unsigned long long)kills, kills == 1 ? "" : "es",
		(unsigned long long)r->w.p->limits.memory);
}

/* Undo what would outlast the sandbox; where that stays, its cgroup stays. */
static void runtime_done(struct runtime *r, bool stays)
{
	if (!stays)
		runtime_tell_memory(r);
	runner_done(&r->w);
	outsider_done(&r->network);
	outsider_done(&r->maps);
	if (!stays)
		cgroup_done(&r->cgroup);
	if (r->host.made)
		fd_closep(&r->host.dir);
	fd_closep(&r->host.proc);
}

/* Refuse what needs a runner, where the sandbox outlives it. */
static int runtime_check(const struct plan *p, const struct runtime_options *o, struct err *e)
{
	if (oci_check(p, e) < 0)
		return -1;
	if (!o->outlive)
		return 0;
	assert(o->gate >= 0);
	if (p->network == NETWORK_PRIVATE)
		return err_set(e, 0, "a private network ends with the process that makes it");
	if (p->emulate == SECCOMP_EMULATE_IDS)
		return err_set(e, 0, "emulated ids need a process that answers");
	if (p->timeout)
		return err_set(e, 0, "a time limit needs a process that keeps it");
	if (p->tty && o->console < 0)
		return err_set(e, 0, "a terminal needs a socket that takes it");
	return 0;
}

/* Look at the host, and start what has to stay in its namespaces. */
static int runtime_prepare(struct runtime *r, const struct run_resources *res, struct err *e)
{
	const struct plan *p = r->w.p;

	if (fd_fill_std() < 0)
		return err_set(e, errno, "open /dev/null");
	if (seccomp_check(p->seccomp, p->caps.bounding, p->emulate, e) < 0 ||
		mounts_check_sources(p, e) < 0 || host_open(&r->host, res->rootfs, e) < 0 ||
		runner_open(&r->w, !r->o.outlive, p->tty && r->o.console < 0, e) < 0 ||
		(p->map_helpers &&
			newidmap_start(&r->maps, r->host.proc, plan_id_maps(p), e) < 0) ||
		(p->network == NETWORK_PRIVATE && network_start(&r->network, p->ports, e) < 0))
		return -1;
	return 0;
}

/* In a cgroup of its own, "no limit" and an unset limit are the same. */
static struct cgroup_limits runtime_limits(const struct plan_limits *l)
{
	return (struct cgroup_limits){
		.memory = l->memory > 0 ? (uint64_t)l->memory : 0,
		.swap = l->swap,
		.cpu_quota = l->cpu_quota > 0 ? (uint64_t)l->cpu_quota : 0,
		.cpu_period = l->cpu_period ? l->cpu_period : PLAN_CPU_PERIOD,
		.pids = l->pids > 0 ? (uint64_t)l->pids : 0,
	};
}

static int runtime_unshare(struct runtime *r, struct err *e)
{
	const struct plan *p = r->w.p;
	const struct cgroup_limits limits = runtime_limits(&p->limits);

	/* What the runner has all inherit, while it may still write it. */
	if (p->oom_score_adj != PLAN_UNSET && rlimit_oom(r->host.proc, p->oom_score_adj, e) < 0)
		return -1;
	if (runner_hold(&r->w, e) < 0 || cgroup_enter(&r->cgroup, &limits, e) < 0 ||
		namespaces_unshare(p->namespaces, e) < 0)
		return -1;
	if ((p->map_helpers	  ? newidmap_write(&r->maps, e)
		    : p->host_ids ? 0
				  : idmap_write(r->host.proc, plan_id_maps(p), e)) < 0 ||
		network_connect(&r->network, e) < 0)
		return -1;
	/*
	 * No process of the sandbox may trace or read this process and pid 1, which have rights in
	 * the sandbox's namespaces and descriptors of the host.  This comes after the maps: now
	 * /proc/self belongs to root, proc(5).
	 */
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_set(e, errno, "protect the runner") : 0;
}

/* Fork process 1. */
static int runtime_fork(struct runtime *r, const struct run_resources *res, struct err *e)
{
	struct init i = {
		.pay = { .p = r->w.p,
			.sig = &r->w.sig,
			.proc = r->host.proc,
			.err_out = r->w.ends.err_out,
			.tty = -1,
			.asks = r->w.ends.asks_out,
			.gate = r->o.gate,
			.outlive = r->o.outlive },
		.res = res,
		.host = &r->host,
		.err_in = r->w.ends.err_in,
		.tty_out = r->o.console >= 0 ? r->o.console : r->w.ends.tty_out,
		.relay = r->w.ends.relay_out,
		.relay_in = r->w.ends.relay_in,
		.door = r->o.door,
		.mixed = r->o.mixed,
	};

	if (runner_fork(&r->w) < 0)
		return err_set(e, errno, "start the sandbox");
	if (r->w.child == 0)
		init_main(&i);
	cgroup_leave(&r->cgroup);
	r->w.proc = r->host.proc;
	return runner_begin(&r->w, e);
}

/* Wait until the process is in front of the gate.  Returns 0, or -1 with e: it has ended. */
static int runtime_await(struct runtime *r, struct err *e)
{
	if (!r->o.outlive)
		return runner_await(&r->w, e);
	/* A signal ends this process as it would any other, and with it the unfinished sandbox. */
	runner_release(&r->w);
	runner_read_err(&r->w, e);
	if (r->w.ready)
		return 0;
	(void)proc_reap(r->w.child);
	return -1;
}

static int runtime_begin(struct runtime *r, const struct plan *p, const struct run_resources *res,
	const struct runtime_options *o, struct err *e)
{
	runtime_init(r, p, o);
	if (runtime_check(p, o, e) == 0 && runtime_prepare(r, res, e) == 0 &&
		runtime_unshare(r, e) == 0 && runtime_fork(r, res, e) == 0 &&
		(o->gate < 0 || runtime_await(r, e) == 0))
		return 0;
	runtime_done(r, false);
	return -1;
}

static int runtime_end(struct runtime *r, struct runtime_events *ev, struct err *e)
{
	int status;

	r->w.events = ev;
	status = runner_wait(&r->w, e);
	runtime_done(r, false);
	return status;
}

int runtime_create(const struct plan *p, const struct run_resources *res,
	const struct runtime_options *o, struct runtime **ret, struct err *e)
{
	struct runtime *r = xmalloc(sizeof(*r));

	*ret = r;
	if (runtime_begin(r, p, res, o, e) == 0)
		return 0;
	free(r);
	*ret = NULL;
	return -1;
}

pid_t runtime_pid(const struct runtime *r)
{
	return r->w.child;
}

int runtime_start(const struct runtime *r, struct err *e)
{
	return r->o.gate >= 0 && fd_write_full(r->o.gate, "", 1) < 0
		       ? err_set(e, errno, "open the gate of the sandbox")
		       : 0;
}

int runtime_open_gate(int dirfd, const char *name, struct err *e)
{
	auto_fd fd = openat(dirfd, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	/* No process has it open for reading, fifo(7). */
	if (fd < 0 && errno == ENXIO)
		return err_set(e, 0, "start the command: it was started before, or has ended");
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "start the command: %s", name);
	if (!S_ISFIFO(st.st_mode))
		return err_set(e, 0, "start the command: %s is no FIFO", name);
	return fd_write_full(fd, "", 1) < 0 ? err_set(e, errno, "start the command: %s", name) : 0;
}

int runtime_wait(struct runtime *r, struct runtime_events *ev, struct err *e)
{
	int status = runtime_end(r, ev, e);

	free(r);
	return status;
}

void runtime_leave(struct runtime *r)
{
	runtime_done(r, true);
	free(r);
}

int runtime_run(const struct plan *p, const struct run_resources *res,
	const struct runtime_options *o, struct runtime_events *ev, struct err *e)
{
	struct runtime r;

	return runtime_begin(&r, p, res, o, e) < 0 ? -1 : runtime_end(&r, ev, e);
}
