/*
 * wall: confines the thread that unpacks.
 * Called by store/import.c.
 * Touches the credentials of the thread that it makes, and nothing else.
 */
#include "unpack/wall.h"

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

/* landlock(7); own names, since the headers may be older than the kernel */
#define WALL_CREATE_RULESET 444
#define WALL_ADD_RULE 445
#define WALL_RESTRICT_SELF 446
#define WALL_VERSION 1	    /* LANDLOCK_CREATE_RULESET_VERSION */
#define WALL_PATH_BENEATH 1 /* LANDLOCK_RULE_PATH_BENEATH */
#define WALL_EXECUTE (1u << 0)
#define WALL_WRITE_FILE (1u << 1)
#define WALL_REMOVE_AND_MAKE 0x1ff0u /* REMOVE_DIR (4) to MAKE_SYM (12) */
#define WALL_MAKE_CHAR (1u << 6)
#define WALL_MAKE_BLOCK (1u << 11)
#define WALL_REFER (1u << 13)	  /* version 2: renames and links between directories */
#define WALL_TRUNCATE (1u << 14)  /* version 3 */
#define WALL_TCP 3u		  /* version 4: bind and connect */
#define WALL_IOCTL_DEV (1u << 15) /* version 5 */
#define WALL_SCOPE 3u		  /* version 6: abstract sockets and signals */

#define WALL_STACK (8u << 20) /* what a main thread has; only what is used takes memory */

struct wall_ruleset {
	uint64_t fs, net, scope;
};

struct wall_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct wall {
	int rules; /* -1: none */
	int (*fn)(void *arg, struct err *e);
	void *arg;
	struct err *e;
	int r;
	int missing; /* errno, where the rules could be made but nobody can be held to them */
};

int wall_version(void)
{
	long version = syscall(WALL_CREATE_RULESET, NULL, 0, WALL_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* Returns a ruleset, or -1 with errno. */
static int wall_rules(int dir)
{
	int version = wall_version();
	struct wall_ruleset set = { .fs = WALL_EXECUTE | WALL_WRITE_FILE | WALL_REMOVE_AND_MAKE |
					  WALL_REFER };
	struct wall_rule rule = { .parent = dir };
	size_t size = offsetof(struct wall_ruleset, net);
	auto_fd rules = -1;

	if (version < 2) {
		errno = version ? ENOSYS : errno;
		return -1;
	}
	if (version >= 3)
		set.fs |= WALL_TRUNCATE;
	if (version >= 4) {
		set.net = WALL_TCP;
		size = offsetof(struct wall_ruleset, scope);
	}
	if (version >= 5)
		set.fs |= WALL_IOCTL_DEV;
	if (version >= 6) {
		set.scope = WALL_SCOPE;
		size = sizeof(set);
	}
	rule.allowed = set.fs & ~(uint64_t)(WALL_EXECUTE | WALL_MAKE_CHAR | WALL_MAKE_BLOCK |
					    WALL_IOCTL_DEV);
	rules = (int)syscall(WALL_CREATE_RULESET, &set, size, 0);
	if (rules < 0 || syscall(WALL_ADD_RULE, rules, WALL_PATH_BENEATH, &rule, 0) < 0)
		return -1;
	return fd_take(&rules);
}

static void *wall_main(void *arg)
{
	struct wall *w = arg;

	/* Both hold for this thread and those it starts. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		syscall(WALL_RESTRICT_SELF, w->rules, 0) == 0)
		w->r = w->fn(w->arg, w->e);
	else if (sys_is_missing(errno))
		w->missing = errno;
	else
		w->r = err_set(w->e, errno, "confine the unpacking (Landlock)");
	return NULL;
}

/* Returns false where there can be no thread. */
static bool wall_thread(struct wall *w)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool made;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setstacksize(&attr, WALL_STACK);
	made = thread_start(&thread, &attr, wall_main, w);
	(void)pthread_attr_destroy(&attr);
	return made && pthread_join(thread, NULL) == 0;
}

int wall_run(int dir, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	struct wall w = { .rules = wall_rules(dir), .fn = fn, .arg = arg, .e = e };
	int code = errno;
	bool done = w.rules >= 0 && wall_thread(&w);

	if (w.rules >= 0)
		code = w.missing;
	if (w.rules < 0 || w.missing)
		log_verbose("unpacking without Landlock: %s", strerror(code));
	fd_closep(&w.rules);
	return done && !w.missing ? w.r : fn(arg, e);
}
