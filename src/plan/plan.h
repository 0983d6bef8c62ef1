/*
 * plan: the whole truth about one run, made before the first namespace exists and not changed after.
 * make.c makes it from an image's config and the command line, oci.h reads and writes it as an OCI
 * runtime-spec config.json, and neither makes a system call; runtime/ carries it out.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/id_map.h"
#include "seccomp/table.h"
#include "util/arena.h"

struct seccomp_policy;

#define PLAN_FDS_MAX 64	   /* descriptors that are passed on by number */
#define PLAN_UNSET INT_MIN /* of a number where 0 means something: it is left as it is */

enum mount_kind {
	MOUNT_BIND,   /* src: a path on the host, resolved there before the namespaces exist */
	MOUNT_TMPFS,  /* options in data: size=, mode= */
	MOUNT_PROC,   /* a fresh procfs; the outer one bound where the kernel refuses (nested) */
	MOUNT_SYSFS,  /* a fresh sysfs; the host's bound where the kernel refuses (nested) */
	MOUNT_CGROUP, /* cgroup2, as the cgroup namespace shows it */
	MOUNT_DEVPTS, /* an own instance */
	MOUNT_MQUEUE,
	MOUNT_DEV,   /* a tmpfs filled with the device nodes and links of defaults.c */
	MOUNT_OTHER, /* a file system of any type */
};

/* Mounted in the order of the list. */
struct plan_mount {
	enum mount_kind kind;
	char *type; /* MOUNT_OTHER only: the file system's */
	char *src;  /* see the kinds; of the others a name that is only shown, or NULL */
	char *dst; /* inside the root, cleaned, with a leading '/'; resolved in the root, made where
		       missing */
	uint64_t attr;	      /* MOUNT_ATTR_* of mount_setattr(2) */
	uint64_t rattr;	      /* MOUNT_BIND: and these for what is mounted below as well */
	unsigned propagation; /* MS_SHARED, _SLAVE, _PRIVATE, _UNBINDABLE, perhaps with MS_REC; 0:
				 private */
	char *data; /* file system options with commas between; NULL where there are none */
	struct id_map *uid_maps, *gid_maps; /* for idmap; none: the user namespace's */
	size_t n_uid_maps, n_gid_maps;
	bool recursive; /* MOUNT_BIND: with what is mounted below */
	bool optional; /* a failure is reported with --verbose only (mqueue on a kernel without it) */
	bool own;      /* MOUNT_BIND: replaces what the image has at dst, such as a link, as a
			   plan_file does */
	bool device;   /* MOUNT_BIND: of a device node of the host, or a directory of them */
	bool deep;     /* MOUNT_BIND: attr holds for what is mounted below as well; other than rattr
			   this is not in the words of the OCI specification */
	bool copy_up;	    /* tmpfs only: filled with what the image has there, and given that
			   directory's mode */
	bool idmap, ridmap; /* owners shift by the maps, ridmap: below, too */
};

/* A file that sandbox makes and binds over dst, before any mount: nosuid, nodev, noexec, and read-only
 * if the root is. */
struct plan_file {
	char *dst, *text;
};

enum root_mode {
	ROOT_AS_IS,	/* the rootfs itself, written through */
	ROOT_EPHEMERAL, /* overlay: rootfs below, above it what is written */
};

enum network_mode { NETWORK_HOST, NETWORK_NONE, NETWORK_PRIVATE };

struct plan_ns {
	unsigned kind; /* CLONE_NEW* */
	char *path;    /* to join; NULL: make one */
};

enum personality { PERSONALITY_KEEP, PERSONALITY_LINUX, PERSONALITY_LINUX32 };

/* A bit per CAP_*. */
struct plan_caps {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

struct plan_pair {
	char *name, *value;
};

struct plan_pairs {
	struct plan_pair *v;
	size_t n;
};

struct plan_device {
	char *type; /* "c", "b", "u" or "p" */
	char *path;
	int64_t major, minor;
	int64_t mode, uid, gid; /* PLAN_UNSET: the runtime's choice */
};

/* A rule of the device controller. */
struct plan_device_rule {
	bool allow;
	char *type;	  /* "a", "c", "b"; NULL: any */
	int major, minor; /* PLAN_UNSET: any */
	char *access;	  /* of "rwm" */
};

/* A rate for one device, bytes or operations a second. */
struct plan_throttle {
	int64_t major, minor;
	uint64_t rate;
};

struct plan_throttles {
	struct plan_throttle *v;
	size_t n;
};

#define PLAN_CPU_PERIOD 100000 /* microseconds, the kernel's and Docker's default */

/* What a cgroup of its own enforces; 0: no limit, -1: explicitly none. */
struct plan_limits {
	int64_t memory, reservation, swap; /* bytes; swap includes memory */
	bool no_oom_kill;
	int64_t cpu_quota;   /* microseconds of processor time in each ... */
	uint64_t cpu_period; /* ... of these */
	uint64_t cpu_shares;
	char *cpus, *mems; /* "0-3,7" */
	int64_t pids;
	uint16_t io_weight;
	struct plan_throttles read_bps, write_bps, read_iops, write_iops;
	struct plan_device_rule *devices;
	size_t n_devices;
	struct plan_pairs unified; /* files of cgroup2 and what is written to them */
};

struct plan_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard;
};

struct plan_hook {
	char *path;
	char **args, **env; /* NULL: none */
	int timeout;	    /* seconds; 0: none */
};

struct plan_hooks {
	struct plan_hook *v;
	size_t n;
};

struct plan {
	struct arena arena; /* owns every string and list below */

	/* process */
	char **args;	   /* at least one */
	char **env;	   /* NAME=VALUE, complete */
	char *cwd;	   /* absolute, cleaned; made if it is missing */
	uint32_t uid, gid; /* inside */
	uint32_t *gids;	   /* more groups */
	size_t n_gids;
	int umask;		/* or PLAN_UNSET */
	bool no_init;		/* the payload itself is pid 1 */
	int preserve_fds;	/* 3 to 2+N are passed on */
	char *fds;		/* and these numbers, with commas between; or NULL */
	bool tty;		/* a terminal of its own */
	bool tty_input;		/* and standard input is copied to it */
	unsigned rows, columns; /* its size at first; 0: the caller's */
	unsigned timeout;	/* seconds; 0: no limit */
	int stop_signal;	/* what asks the payload to end; 0: TERM */
	unsigned stop_timeout;	/* seconds that `sandbox stop` waits after it; 0: the default */
	int oom_score_adj;	/* or PLAN_UNSET */
	char *home;		/* a directory that is made if it is missing; NULL: none */

	/* identity */
	char *hostname, *domainname; /* NULL: kept */
	struct id_map *uid_maps, *gid_maps;
	size_t n_uid_maps, n_gid_maps;
	bool host_ids;	  /* no user namespace: ids are those of the caller's, the maps are empty */
	bool map_helpers; /* newuidmap and newgidmap write them: they have more than the caller's
			     own ids */

	/* root and mounts */
	char *rootfs; /* path for people; runtime gets it as a descriptor */
	enum root_mode root_mode;
	bool read_only;	    /* the root is, once its mount points exist */
	char *scratch_size; /* of the tmpfs that takes what is written, in tmpfs(5)'s words; NULL:
			       the kernel's default */
	char *scratch;	    /* a folder of the host that takes it instead, for this run; or NULL */
	char *writable;	    /* the name of a folder in the store that takes and keeps it; or NULL */
	bool writable_copy; /* where there is no overlay, a copy of the image is the root */
	unsigned propagation; /* of the root, as in plan_mount; 0: private */
	struct plan_file *files;
	size_t n_files;
	struct plan_mount *mounts;
	size_t n_mounts;
	const char *const *masked_paths; /* NULL-terminated, static or the arena's; a component may
					    hold a '*', what is missing is passed over */
	const char *const *read_only_paths; /* NULL-terminated, static or the arena's */
	struct plan_device *devices;
	size_t n_devices;

	/* confinement */
	struct plan_ns *spaces;
	size_t n_spaces;
	unsigned namespaces; /* CLONE_NEW*: those of them that are made */
	enum network_mode network;
	char *ports; /* of NETWORK_PRIVATE that are reachable from outside, with blanks between:
			"[ADDRESS/]FIRST-LAST:FIRST-LAST/tcp" or "/udp", outside and inside; or NULL */
	struct plan_caps caps;
	bool no_new_privs;
	struct plan_rlimit *rlimits;
	size_t n_rlimits;
	char *cgroup; /* a path, or "SLICE:PREFIX:NAME" for systemd; NULL: the runtime's choice */
	struct plan_limits limits;
	const struct seccomp_policy
		*seccomp; /* NULL: no filter; seccomp_docker, seccomp_hpc or the arena's */
	enum seccomp_emulation emulate; /* of ids and owners, for single-id maps */
	struct plan_pairs sysctls;
	enum personality personality;

	/* for others */
	struct plan_hooks prestart, create_runtime, create_container, start_container, poststart,
		poststop;
	struct plan_pairs annotations; /* but those of sandbox */
};

void plan_done(struct plan *p); /* frees all; NULL and half-built are fine */

/* Read p->fds into ret; returns how many there are. */
size_t plan_fds(const struct plan *p, int ret[PLAN_FDS_MAX]);

/* The plan's maps, for kernel/; they are the plan's own. */
static inline struct id_maps plan_id_maps(const struct plan *p)
{
	return (struct id_maps){ p->uid_maps, p->gid_maps, p->n_uid_maps, p->n_gid_maps };
}
