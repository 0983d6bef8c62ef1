/*
 * landlock: confines the thread that unpacks.
 * Touches the credentials of the thread that it starts, and nothing else.
 */
#include "unpack/landlock.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unpack/thread.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/sys.h"

/* landlock(7).  The names are our own, since the headers may be older than the kernel. */
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_VERSION 1	/* LANDLOCK_CREATE_RULESET_VERSION */
#define LANDLOCK_PATH_BENEATH 1 /* LANDLOCK_RULE_PATH_BENEATH */
#define LANDLOCK_EXECUTE (1u << 0)
#define LANDLOCK_WRITE_FILE (1u << 1)
#define LANDLOCK_REMOVE_AND_MAKE 0x1ff0u /* REMOVE_DIR (4) to MAKE_SYM (12) */
#define LANDLOCK_MAKE_CHAR (1u << 6)
#define LANDLOCK_MAKE_BLOCK (1u << 11)
#define LANDLOCK_REFER (1u << 13)     /* version 2: renames and links between directories */
#define LANDLOCK_TRUNCATE (1u << 14)  /* version 3 */
#define LANDLOCK_TCP 3u		      /* version 4: bind and connect */
#define LANDLOCK_IOCTL_DEV (1u << 15) /* version 5 */
#define LANDLOCK_SCOPE 3u	      /* version 6: abstract sockets and signals */

#define LANDLOCK_STACK (8u << 20) /* as much as a main thread has; only used pages take memory */

struct landlock_ruleset {
	uint64_t fs, net, scope;
};

struct landlock_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct landlock {
	int rules; /* -1: none */
	int (*fn)(void *arg, struct err *e);
	void *arg;
	struct err *e;
	int r;
	int missing; /* errno, if the rules could be made but not enforced */
};

int landlock_version(void)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* Make the ruleset.  Returns a descriptor, or -1 with errno. */
static int landlock_rules(int dir)
{
	int version = landlock_version();
	struct landlock_ruleset set = { .fs = LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE |
					      LANDLOCK_REMOVE_AND_MAKE | LANDLOCK_REFER };
	struct landlock_rule rule = { .parent = dir };
	size_t size = offsetof(struct landlock_ruleset, net);
	auto_fd rules = -1;

	if (version < 2) {
		errno = version ? ENOSYS : errno;
		return -1;
	}
	if (version >= 3)
		set.fs |= LANDLOCK_TRUNCATE;
	if (version >= 4) {
		set.net = LANDLOCK_TCP;
		size = offsetof(struct landlock_ruleset, scope);
	}
	if (version >= 5)
		set.fs |= LANDLOCK_IOCTL_DEV;
	if (version >= 6) {
		set.scope = LANDLOCK_SCOPE;
		size = sizeof(set);
	}
	rule.allowed = set.fs & ~(uint64_t)(LANDLOCK_EXECUTE | LANDLOCK_MAKE_CHAR |
					    LANDLOCK_MAKE_BLOCK | LANDLOCK_IOCTL_DEV);
	rules = (int)syscall(LANDLOCK_CREATE_RULESET, &set, size, 0);
	if (rules < 0 || syscall(LANDLOCK_ADD_RULE, rules, LANDLOCK_PATH_BENEATH, &rule, 0) < 0)
		return -1;
	return fd_take(&rules);
}

static void *landlock_main(void *arg)
{
	struct landlock *w = arg;

	/* Both apply to this thread and the threads it starts. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		syscall(LANDLOCK_RESTRICT_SELF, w->rules, 0) == 0)
		w->r = w->fn(w->arg, w->e);
	else if (sys_is_missing(errno))
		w->missing = errno;
	else
		w->r = err_set(w->e, errno, "confine the unpacking thread (Landlock)");
	return NULL;
}

/* Returns false if the thread cannot be started. */
static bool landlock_thread(struct landlock *w)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool made;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setstacksize(&attr, LANDLOCK_STACK);
	made = thread_start(&thread, &attr, landlock_main, w);
	(void)pthread_attr_destroy(&attr);
	return made && pthread_join(thread, NULL) == 0;
}

int landlock_run(int dir, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	struct landlock w = { .rules = landlock_rules(dir), .fn = fn, .arg = arg, .e = e };
	int code = errno;
	bool done = w.rules >= 0 && landlock_thread(&w);

	if (w.rules >= 0)
		code = w.missing;
	if (w.rules < 0 || w.missing)
		log_verbose("unpacking without Landlock: %s", strerror(code));
	fd_closep(&w.rules);
	return done && !w.missing ? w.r : fn(arg, e);
}
