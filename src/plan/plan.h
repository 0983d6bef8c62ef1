/*
 * plan: the whole truth about one run, made before the first namespace exists.
 * plan/ makes it from the image's config and the command line without a single system call;
 * runtime/ carries it out left to right and decides nothing; `run --dry-run` prints it
 * as an OCI runtime-spec config.json.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/id_map.h"
#include "util/arena.h"
#include "util/err.h"

struct json_t;
struct seccomp_policy;

enum mount_kind {
	MOUNT_BIND,   /* src: a path on the host, resolved once, before the namespaces (host-only,
			 never in the image) */
	MOUNT_TMPFS,  /* options in data: size=, mode= */
	MOUNT_PROC,   /* a fresh procfs; the outer one bound where the kernel refuses (nested) */
	MOUNT_SYSFS,  /* a fresh sysfs with an own network namespace, else the host's bound */
	MOUNT_CGROUP, /* cgroup2 as the cgroup namespace sees it; left out where it cannot be had */
	MOUNT_DEVPTS, /* an own instance */
	MOUNT_MQUEUE,
	MOUNT_DEV,    /* a tmpfs filled with the device nodes and links of defaults.c */
	MOUNT_FILE,   /* a regular file with the bytes of src, bound over dst */
	MOUNT_DEVICE, /* src: a device node of the host, or a directory of them */
};

/* attr: MOUNT_ATTR_* of mount_setattr(2) */
struct plan_mount {
	enum mount_kind kind;
	char *src; /* see the kinds; NULL where none */
	char *dst; /* inside the root, cleaned, with a leading '/'; resolved in the root, made where
		      missing */
	uint64_t attr; /* MOUNT_ATTR_RDONLY, _NOSUID, _NODEV, _NOEXEC: set recursively */
	char *data;    /* file system options from a closed set; NULL where none */
	bool optional; /* a failure is told with --verbose and passed over (mqueue on a kernel
			  without it) */
	bool own;      /* bind of a file: what the image has at dst, a link say, is replaced and not
			  followed, as with MOUNT_FILE */
	bool copy_up;  /* tmpfs only: filled with what the image has there, and given that
			  directory's mode */
};

enum root_mode {
	ROOT_EPHEMERAL, /* overlay: rootfs below, a tmpfs above that vanishes at the end */
	ROOT_READ_ONLY, /* --read-only: the same, read-only once its mount points exist */
};

enum network_mode { NETWORK_HOST, NETWORK_NONE, NETWORK_PRIVATE };

/* A port that is reachable from outside a private network. */
struct plan_port {
	char *spec; /* "[ADDRESS/]FIRST-LAST:FIRST-LAST", outside and inside */
	bool udp;
};

#define PLAN_CPU_PERIOD 100000 /* microseconds, the kernel's and Docker's default */

/* What a cgroup of its own enforces; 0: no limit. */
struct plan_limits {
	uint64_t memory; /* bytes */
	uint64_t cpus;	 /* microseconds of processor time in each PLAN_CPU_PERIOD */
	uint64_t pids;
};

struct plan_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard;
};

struct plan {
	struct arena arena; /* owns every string and list below */

	/* process */
	char **args;	   /* at least one */
	char **env;	   /* NAME=VALUE, complete */
	char *cwd;	   /* absolute, cleaned; made where missing */
	uint32_t uid, gid; /* inside */
	bool no_init;	   /* the payload itself is pid 1 */
	int preserve_fds;  /* 3 .. 3+N-1 are handed on */
	bool tty;	   /* a terminal of its own */
	bool tty_input;	   /* and standard input is copied to it */
	unsigned timeout;  /* seconds; 0: no limit */
	int stop_signal;   /* what asks the payload to end */
	mode_t umask;
	char *home; /* a directory that is made where missing; NULL: none */

	/* identity */
	char *hostname;
	struct id_map *uid_maps, *gid_maps;
	size_t n_uid_maps, n_gid_maps;
	bool host_ids;	  /* no user namespace: ids are the host's, the maps are empty */
	bool map_helpers; /* newuidmap and newgidmap write them: they have more than the caller's
			     own ids */

	/* root and mounts, in the order of the mounting */
	char *rootfs; /* path for --dry-run and messages; runtime gets it as a descriptor */
	enum root_mode root_mode;
	char *scratch_size; /* of the tmpfs that takes what is written, in tmpfs(5)'s words; NULL:
			       the kernel's default */
	char *scratch;	    /* a folder of the host that takes it instead, for this run; or NULL */
	char *writable;	    /* the name of a folder in the store that takes and keeps it; or NULL */
	bool writable_copy; /* where there is no overlay, a copy of the image is the root */
	struct plan_mount *mounts;
	size_t n_mounts;
	const char *const *masked_paths; /* NULL-terminated, static or the arena's; a component may
					    hold a '*', what is missing is passed over */
	const char *const *read_only_paths; /* NULL-terminated, static or the arena's */

	/* confinement */
	unsigned namespaces; /* CLONE_NEW*: user, mount, pid, ipc, uts, cgroup, perhaps net */
	enum network_mode network;
	struct plan_port *ports; /* NETWORK_PRIVATE only */
	size_t n_ports;
	uint64_t caps; /* bounding set, a bit per CAP_*; also permitted and effective where uid is 0
			*/
	struct plan_rlimit *rlimits;
	size_t n_rlimits;
	struct plan_limits limits;
	const struct seccomp_policy *seccomp; /* &seccomp_docker, or the arena's; NULL: no filter */
	bool emulate_ids; /* the filter answers calls that change ids with success, for single-id
			     maps */
};

void plan_done(struct plan *p); /* frees all; NULL and half-built are fine */

/* The plan's maps, for kernel/; they are the plan's own. */
static inline struct id_maps plan_id_maps(const struct plan *p)
{
	return (struct id_maps){ p->uid_maps, p->gid_maps, p->n_uid_maps, p->n_gid_maps };
}

/* The plan as an OCI runtime-spec config.json document; the caller releases it. */
struct json_t *plan_to_json(const struct plan *p);

#endif
