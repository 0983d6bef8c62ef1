/*
 * options: what the command line of `run` asks for, as data.  cli/ fills it, plan/ reads it.
 */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/config.h"
#include "plan/plan.h"
#include "util/arena.h"
#include "util/err.h"

/* Strings point into argv or the arena of the caller. */
struct run_options {
	struct strv env; /* NAME=VALUE in order: env-files first, then -e; bare names already looked
			    up, left bare where the caller has none: that takes the image's out, as
			    in Docker */
	const char *workdir;	/* -w */
	const char *user;	/* -u */
	const char *entrypoint; /* --entrypoint; "" clears the image's */
	struct strv volumes;	/* -v texts */
	struct strv tmpfs;	/* --tmpfs texts */
	const char *hostname;	/* --hostname */
	const char *network;	/* --network */
	bool read_only;		/* --read-only */
	bool no_init;		/* --no-init */
	char *const *command;	/* arguments after IMAGE, NULL-terminated; may be empty */
};

/* What plan/ may not find out for itself, since it makes no system calls. */
struct host_facts {
	uint32_t uid, gid;	 /* effective ids of the caller */
	const char *hostname;	 /* of the host */
	const char *cwd;	 /* of the caller, for relative volume sources */
	const char *term;	 /* $TERM where standard input is a terminal, else NULL */
	const char *resolv_conf; /* contents, NULL where the host has none */
	const char *hosts;	 /* contents of the host's /etc/hosts, NULL where none */
	const char *passwd;	 /* contents of the image's /etc/passwd, NULL where none */
	const char *group;	 /* contents of the image's /etc/group, NULL where none */
	const char *image_id;	 /* hex digest, 64 digits */
	const char *rootfs;	 /* path of the rootfs */
};

/*
 * Make *p.  Returns 0, or -1 with e (status set where it is not 125).  *p is to be released by
 * plan_done in both cases.
 */
int plan_make(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e);

#endif
