/*
 * payload: the last steps of a process before it becomes the command.
 * Called by init.c, in the child that it forks, or in pid 1 itself with --no-init.
 * Gives up rights and descriptors of the calling process; must not open anything.
 */
#include "runtime/payload.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/caps.h"
#include "runtime/exec.h"
#include "runtime/idmap.h"
#include "runtime/rlimit.h"
#include "runtime/seccomp.h"
#include "util/fd.h"
#include "util/log.h"

#define PAYLOAD_UMASK 022 /* Docker's and podman's */
#define PAYLOAD_FIRST_FD 3

/* A session keyring of its own: the caller's may hold Kerberos tickets and disk keys, keyrings(7).
 */
static int payload_keyring(const struct plan *p, struct err *e)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS)
		return 0;
	/* A quota of keys may be used up; the default filter refuses all key calls, so nothing is
	 * exposed then. */
	if (p->seccomp != SECCOMP_DEFAULT)
		return err_set(e, errno, "make a session keyring");
	log_verbose("no session keyring of its own for the sandbox");
	return 0;
}

/* With a map of one id these are the ids already, and the calls change nothing. */
static int payload_ids(const struct plan *p, struct err *e)
{
	if (getgid() != p->gid && setresgid(p->gid, p->gid, p->gid) < 0)
		return err_set(e, errno, "become group %u", p->gid);
	if (getuid() != p->uid && setresuid(p->uid, p->uid, p->uid) < 0)
		return err_set(e, errno, "become user %u", p->uid);
	return 0;
}

static int payload_confine(const struct payload *w, struct err *e)
{
	const struct plan *p = w->p;
	int keep[] = { w->err_out };

	if (idmap_enter(w->proc, p, e) < 0 || rlimit_apply(p, e) < 0 || payload_keyring(p, e) < 0 ||
		payload_ids(p, e) < 0 || caps_confine(p->caps, p->uid == 0, e) < 0)
		return -1;
	(void)umask(PAYLOAD_UMASK);
	fd_close_from(PAYLOAD_FIRST_FD + p->preserve_fds, keep, 1);
	sig_release(w->sig);
	return seccomp_install(p, e);
}

_Noreturn void payload_main(const struct payload *w)
{
	struct err e = { 0 };

	if (payload_confine(w, &e) == 0)
		(void)exec_run(w->p, &e);
	(void)fd_write_full(
		w->err_out, &e, sizeof(e)); /* where nobody reads it, nobody is left to be told */
	_exit(e.status ? e.status : EXIT_SANDBOX);
}
