/*
 * payload: the last steps of a process before it becomes the command.
 * Gives up rights and descriptors of the calling process; must not open anything.
 */
#include "runtime/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/idmap.h"
#include "kernel/rlimit.h"
#include "plan/limits.h"
#include "runtime/exec.h"
#include "runtime/pty.h"
#include "seccomp/install.h"
#include "util/fd.h"
#include "util/fd_pass.h"
#include "util/log.h"
#include "util/path.h"

#define PAYLOAD_FIRST_FD 3
#define PAYLOAD_NO_SUPERVISOR \
	"the kernel is older than 5.5, or a filter of the caller has a supervisor already"

/* A session keyring of its own: the caller's may hold Kerberos tickets and disk keys, keyrings(7).
 */
static int payload_keyring(const struct plan *p, struct err *e)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS)
		return 0;
	/*
	 * A quota of keys may be used up.  Our own filters refuse all key calls, so that
	 * nothing is exposed.
	 */
	if (p->seccomp != &seccomp_docker && p->seccomp != &seccomp_hpc)
		return err_set(e, errno, "make a session keyring");
	log_verbose("no session keyring of its own for the sandbox");
	return 0;
}

/*
 * A program that opens /dev/stdout opens the stream anew, with its own rights.  A pipe of the caller's
 * is opened to all, who are those that may look at this process's descriptors, proc(5).  Engines give
 * their pipes to the user; one of the caller's must stay the caller's, who may open it anew as well.
 */
static void payload_streams(void)
{
	struct statfs fs;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC)
			(void)fchmod(fd, 0666); /* another user's pipe stays as it is */
}

/*
 * With a map of one id the ids are right already, and the calls change nothing.  Leaving root would
 * drop all capabilities, capabilities(7), and with them the right to confine what comes after;
 * caps_confine drops them instead.
 */
static int payload_ids(const struct plan *p, struct err *e)
{
	/*
	 * The payload must not have root's groups.  In a user namespace the caller's groups are
	 * wanted.
	 */
	if (p->host_ids && setgroups(0, NULL) < 0)
		return err_set(e, errno, "leave the caller's groups");
	if (p->emulate == SECCOMP_EMULATE_IDS)
		return caps_raise(e); /* another user of exec is the supervisor's to know */
	if (getuid() != p->uid)
		payload_streams();
	if (getuid() != p->uid && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "keep the capabilities");
	if (getgid() != p->gid && setresgid(p->gid, p->gid, p->gid) < 0)
		return err_set(e, errno, "become group %u", p->gid);
	if (getuid() != p->uid && setresuid(p->uid, p->uid, p->uid) < 0)
		return err_set(e, errno, "become user %u", p->uid);
	return caps_raise(e);
}

void payload_tie(int err_out)
{
	struct pollfd gone = { .fd = err_out };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it fails for a bad signal number only */
	if (poll(&gone, 1, 0) == 1 && gone.revents & POLLERR)
		_exit(EXIT_SANDBOX);
}

_Noreturn void payload_fail(int err_out, const struct err *e)
{
	/* if nobody reads it, nobody needs to know */
	(void)fd_write_full(err_out, e, sizeof(*e));
	_exit(e->status ? e->status : EXIT_SANDBOX);
}

/*
 * The working directory of a live sandbox is entered with the payload's rights, when no descriptor
 * of the host is left that a path could lead to: runc's CVE-2024-21626.
 */
static int payload_chdir(const char *path, struct err *e)
{
	char text[PATH_TEXT_MAX];

	if (chdir(path) < 0)
		return err_set(e, errno, "enter the working directory %s", path);
	if (!getcwd(text, sizeof(text)) || text[0] != '/')
		return err_set(e, 0, "the working directory %s is not inside the root", path);
	return 0;
}

static int payload_limits(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct plan_rlimit *l = &p->rlimits[i];

		if (rlimit_set(l->resource, word_name(limits_words, (uint64_t)l->resource), l->soft,
			    l->hard, e) < 0)
			return -1;
	}
	return p->limits.cpus ? rlimit_cpus(p->limits.cpus, e) : 0;
}

/* Close all descriptors but those that the command gets, and our own. */
static void payload_fds(const struct payload *w)
{
	int keep[PLAN_FDS_MAX + 3];
	size_t n = plan_fds(w->p, keep);

	for (size_t i = 0; i < n; i++)
		(void)fcntl(keep[i], F_SETFD, 0); /* launch.c has set that */
	keep[n++] = w->err_out;
	keep[n++] = w->gate;
	keep[n++] = w->asks;
	fd_close_from(PAYLOAD_FIRST_FD + w->p->preserve_fds, keep, n);
}

/*
 * Wait in front of the gate.  The command is looked up now, so that the creator hears if it is
 * missing.  Whoever opens the gate writes a byte.
 */
static int payload_wait(const struct payload *w, struct err *e)
{
	char byte;

	if (exec_find(w->p, e) < 0)
		return -1;
	*e = (struct err){ 0 };
	if (fd_write_full(w->err_out, e, sizeof(*e)) < 0)
		_exit(EXIT_SANDBOX); /* the creator has died, and knows of no sandbox */
	if (w->outlive)
		(void)close(w->err_out);
	if (fd_read_full(w->gate, &byte, 1) != 1)
		_exit(EXIT_SANDBOX);
	(void)close(w->gate);
	return 0;
}

/*
 * The filter is the last step, so that it need not allow any other.  Without no_new_privs the kernel
 * takes it only from a process with CAP_SYS_ADMIN, seccomp(2): before that goes.
 */
static int payload_filter(const struct payload *w, bool now, struct err *e)
{
	const struct plan *p = w->p;
	int listener;

	if (!now)
		return 0;
	if (seccomp_install(p->seccomp, p->caps.bounding, p->emulate, &listener, e) < 0)
		return -1;
	if (p->emulate != SECCOMP_EMULATE_IDS)
		return 0;
	if (listener < 0) {
		if (getuid() != p->uid || getgid() != p->gid)
			return err_set(e, 0, "become user %u: " PAYLOAD_NO_SUPERVISOR, p->uid);
		log_note("--emulate ids: " PAYLOAD_NO_SUPERVISOR "; basic is used");
		return 0;
	}
	if (fd_send(w->asks, listener) < 0)
		return err_set(e, errno, "hand out the listener of the seccomp filter");
	(void)close(listener);
	return 0;
}

static int payload_confine(const struct payload *w, struct err *e)
{
	const struct plan *p = w->p;

	if ((!w->joins && idmap_enter(w->proc, plan_id_maps(p), e) < 0) ||
		payload_limits(p, e) < 0 || payload_keyring(p, e) < 0 || payload_ids(p, e) < 0 ||
		payload_filter(w, !p->no_new_privs, e) < 0 ||
		caps_confine(p->caps.bounding, p->caps.permitted, p->no_new_privs, e) < 0)
		return -1;
	if (w->tty >= 0 && pty_adopt(w->tty, e) < 0)
		return -1;
	if (p->umask != PLAN_UNSET)
		(void)umask((mode_t)p->umask);
	payload_fds(w);
	if ((w->joins || p->no_init) && !w->outlive)
		payload_tie(w->err_out); /* a change of ids resets the death signal, prctl(2) */
	if (w->joins && payload_chdir(p->cwd, e) < 0)
		return -1;
	sig_release(w->sig);
	return 0;
}

_Noreturn void payload_main(const struct payload *w)
{
	struct err e = { 0 };
	bool late = false; /* nobody reads err_out any more */

	if (payload_confine(w, &e) == 0 && (w->gate < 0 || payload_wait(w, &e) == 0)) {
		late = w->gate >= 0 && w->outlive;
		if (payload_filter(w, w->p->no_new_privs, &e) == 0)
			(void)exec_run(w->p, &e);
	}
	if (!late)
		payload_fail(w->err_out, &e);
	log_note("%s", e.msg);
	_exit(e.status ? e.status : EXIT_SANDBOX);
}
