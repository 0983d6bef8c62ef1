/*
 * rank: a process that shares a sandbox with others of its group.
 * Touches the group's entry and door in runs/; forks the process that keeps the sandbox.
 */
#include "launch/rank.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "launch/group.h"
#include "plan/oci.h"
#include "runs/door.h"
#include "runtime/attach.h"
#include "runtime/keeper.h"
#include "util/digest.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/names.h"

#define RANK_DIGITS 16
#define RANK_TAG_MAX 40
#define RANK_CGROUPS "/sys/fs/cgroup"
#define RANK_PAUSE_MS 2	   /* while another rank makes the sandbox's door, or the last one leaves */
#define RANK_DOUBTS 100	   /* looks at a listener that is not believed */
#define RANK_WAIT_MS 10000 /* at most; both take milliseconds */

struct rank {
	const struct launch *l;
	char name[RUN_NAME_MAX + 1]; /* of the entry */
	struct launch_keep keep;     /* if this rank is the first */
};

/*
 * All that the sandbox is, without what a process has of its own.  Its view of its cgroup's limits differs
 * between the tasks of a step, where each has a cgroup.
 */
static char *rank_shared(const struct launch *l)
{
	static char *none[] = { NULL }, *command[] = { (char *)"", NULL };
	struct plan p = *l->plan;
	auto_free struct plan_mount *mounts = xmalloc((p.n_mounts + 1) * sizeof(*mounts));

	p.n_mounts = 0;
	for (size_t i = 0; i < l->plan->n_mounts; i++)
		if (strncmp(p.mounts[i].dst, RANK_CGROUPS, strlen(RANK_CGROUPS)) != 0)
			mounts[p.n_mounts++] = p.mounts[i];
	p.mounts = mounts;
	p.args = command;
	p.env = none;
	p.cwd = command[0];
	p.umask = PLAN_UNSET;
	p.preserve_fds = 0;
	p.fds = NULL;
	p.tty = p.tty_input = false;
	p.rows = p.columns = p.timeout = 0;
	p.n_rlimits = 0;
	return oci_write(&p, false);
}

static void rank_begin(struct rank *k, const struct launch *l)
{
	const char *tag = l->options->join, *node = getenv("SLURMD_NODENAME");
	const char *const parts[] = { tag, node ? node : "", l->image->record.id };
	auto_free char *text = rank_shared(l);
	char hex[DIGEST_HEX + 1];
	struct digest d;
	int n;

	*k = (struct rank){ .l = l, .keep = { .entry = RUN_ENTRY_NONE, .door = -1 } };
	digest_init(&d);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		digest_add(&d, parts[i], strlen(parts[i]) + 1);
	digest_add(&d, text, strlen(text));
	digest_hex(&d, hex);
	n = snprintf(k->name, sizeof(k->name), "%.*s-%.*s", RANK_TAG_MAX, tag, RANK_DIGITS, hex);
	for (int i = 0; i < n; i++)
		if (!isalnum((unsigned char)k->name[i]) && !strchr("_.-", k->name[i]))
			k->name[i] = '_';
}

/*
 * Ranks of the group with another image or other options are in a sandbox of their own.  Say so, and let
 * those of this one talk with them by TCP.
 */
static bool rank_is_mixed(const struct rank *k)
{
	const size_t tag = strlen(k->name) - RANK_DIGITS;
	const struct run_entry *own = &k->keep.entry;
	const char *end = strchr(own->file, '@'), *file;
	bool mixed = false;
	auto_names d;

	(void)names_open(&d, own->runs->dir);
	while (!mixed && (file = names_next(&d))) {
		__attribute__((cleanup(join_done))) struct join j = JOIN_NONE;
		char door[DOOR_FILE_SIZE];
		struct err ignored;
		bool more;
		int fd;

		if (strncmp(file, k->name, tag) != 0 || !names_match(file, "", end) ||
			strcmp(file, own->file) == 0)
			continue;
		door_file(door, file);
		fd = door_knock(own->runs->dir, door);
		/* It answers unless it is about to end. */
		mixed = fd >= 0 && join_ask(&j, fd, &more, &ignored) == 0;
	}
	if (mixed)
		log_note(
			"other ranks of this step on this node have another image or other options: they are in a sandbox of their own, and the two talk by TCP");
	return mixed;
}

/* In the process that keeps the sandbox.  It is there for all, and must not hold what is one rank's. */
static _Noreturn void rank_keep(struct rank *k)
{
	const struct launch_options o = { .store = k->l->options->store, .status_fd = -1 };
	struct plan p = *k->l->plan;
	struct launch l = *k->l;
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err e;

	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	fd_close_inherited(STDERR_FILENO + 1);
	door_keep(k->keep.door);
	p.tty = p.tty_input = false;
	p.timeout = 0;
	p.preserve_fds = 0;
	p.fds = NULL;
	l.options = &o;
	l.plan = &p;
	l.ret_signal = NULL;
	l.keep = &k->keep;
	if (launch_run(&l, &e) < 0 && k->keep.door >= 0)
		keeper_refuse(k->keep.door, &e);
	launch_close_keep(l.store, &k->keep);
	_exit(0);
}

/* Make its door, and the process that keeps it.  Returns a connection to it, or -1 with e. */
static int rank_start(struct rank *k, struct err *e)
{
	struct launch_keep *keep = &k->keep;
	const int dir = k->l->store->runs.dir;
	auto_fd fd = -1;
	pid_t pid;

	door_file(keep->file, keep->entry.file);
	keep->door = door_make(dir, keep->file, e);
	if (keep->door < 0)
		return -1;
	keep->mixed = rank_is_mixed(k);
	/* Before the fork, so that the keeper never sees itself without a rank. */
	fd = door_knock(dir, keep->file);
	if (fd < 0)
		return err_set(e, errno, "connect to runs/%s", keep->file);
	pid = fork();
	if (pid == 0) {
		fd_closep(&fd);
		rank_keep(k);
	}
	if (pid < 0)
		return err_set(e, errno, "start the process that keeps the sandbox");
	fd_closep(&keep->door);
	fd_closep(&keep->entry.lock);
	return fd_take(&fd);
}

/* The same unless another rank does: then returns -1 with errno EAGAIN. */
static int rank_make(struct rank *k, struct err *e)
{
	int got = run_entry_seize(&k->keep.entry, &k->l->store->runs, k->name, e), fd;

	if (got == 0)
		return err_errno(EAGAIN);
	fd = got < 0 ? -1 : rank_start(k, e);
	if (fd < 0) {
		fd_closep(&k->keep.door);
		launch_close_keep(k->l->store, &k->keep);
		errno = 0;
	}
	return fd;
}

static void rank_refuse(const char *file, struct err *e)
{
	(void)err_set(e, 0, "runs/%s: a process in a sandbox listens there", file);
	errno = EPERM;
}

/* Join the sandbox of the group.  Returns 0, 1 with e if that is not possible, or -1 with e. */
static int rank_join(struct rank *k, struct join *j, bool *ret_mixed, struct err *e)
{
	const int64_t until = proc_clock() + RANK_WAIT_MS;
	const int dir = k->l->store->runs.dir;
	unsigned doubts = 0;
	char host[NODE_NAME_MAX + 1], entry[RUN_FILE_MAX + 1], file[DOOR_FILE_SIZE];

	node_name(host);
	(void)snprintf(entry, sizeof(entry), "%s@%s", k->name, host);
	door_file(file, entry);
	(void)err_set(e, 0, "runs/%s: no sandbox came", entry);
	for (; proc_clock() < until; proc_pause(RANK_PAUSE_MS)) {
		int fd = door_knock(dir, file), r;

		if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED))
			fd = rank_make(k, e);
		else if (fd < 0 && errno != EPERM)
			(void)err_set(e, errno, "connect to runs/%s", file);
		else if (fd < 0)
			rank_refuse(file, e);
		/* Who listens may have ended in favour of the keeper. */
		if (fd < 0 && (errno == EAGAIN || (errno == EPERM && doubts++ < RANK_DOUBTS)))
			continue;
		r = fd < 0 ? 1 : join_ask(j, fd, ret_mixed, e);
		if (fd < 0 || r <= 0)
			return r;
		join_done(j);
	}
	return 1;
}

/* A sandbox of its own, in which MPI must not try to share memory with the others. */
static int rank_run_apart(const struct launch *l, const struct err *why, struct err *e)
{
	struct plan p = *l->plan;
	struct arena a = { 0 };
	struct launch apart = *l;
	int status;

	(void)prctl(
		PR_SET_DUMPABLE, 1); /* the try to join may have reset it, and idmap.h needs it */
	log_note("ranks of this step do not share a sandbox, and talk by TCP: %s", why->msg);
	p.env = group_apart(p.env, &a);
	apart.plan = &p;
	status = launch_run(&apart, e);
	arena_done(&a);
	return status;
}

/* Returns as launch_run does; if *ret_impossible is set, there is no sandbox to share. */
static int rank_run_joined(const struct launch *l, bool *ret_impossible, struct err *e)
{
	__attribute__((cleanup(join_done))) struct join j = JOIN_NONE;
	struct runtime_events ev = { 0 };
	struct plan p = *l->plan;
	struct arena a = { 0 };
	struct rank k;
	bool mixed = false;
	int r = 1;

	if (l->store->fd >= 0 || store_open(l->store, l->options->store, e) == 0) {
		rank_begin(&k, l);
		r = rank_join(&k, &j, &mixed, e);
		if (r > 0)
			(void)err_wrap(e, "store %s", l->store->path);
	}
	*ret_impossible = r > 0;
	if (r != 0)
		return -1;
	if (mixed)
		p.env = group_apart(p.env, &a);
	r = attach_run(&p, &j, &ev, e);
	*ret_impossible = ev.refused;
	if (l->ret_signal)
		*l->ret_signal = ev.signal;
	arena_done(&a);
	return r;
}

int rank_run(const struct launch *l, struct err *e)
{
	bool impossible;
	struct err why;
	int status = rank_run_joined(l, &impossible, &why);

	if (impossible && !l->options->join_asked)
		return rank_run_apart(l, &why, e);
	if (status < 0)
		*e = why;
	return impossible ? err_wrap(e, "--join") : status;
}
