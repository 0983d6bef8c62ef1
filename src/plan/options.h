/*
 * options: what the command line of `run` asks for, as data.  cli/ fills it, plan/ reads it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/id_map.h"
#include "plan/edits.h"
#include "util/arena.h"

/* Strings point into argv or the caller's arena.  NULL, 0, false, or -1 where noted: not given. */
struct run_options {
	/* process */
	struct strv env; /* in order: env-files first, then -e; a name without '=' takes that
			    variable out */
	bool env_host;	 /* --env-host: host_facts.environ first, but what would break the image */
	const char *workdir;	 /* -w */
	const char *user;	 /* -u */
	const char *entrypoint;	 /* --entrypoint; "" clears the image's */
	const char *umask;	 /* --umask, octal */
	bool no_init;		 /* --no-init */
	bool tty;		 /* -t */
	int preserve_fds;	 /* --preserve-fds */
	struct strv fds;	 /* --preserve-fd, one number each */
	int hpc;		 /* 1: --hpc, -1: --no-hpc, 0: as the environment says */
	const char *join;	 /* --join; of a job step its ranks' own group */
	bool no_join;		 /* --no-join */
	bool slurm;		 /* --slurm */
	bool background;	 /* --detach */
	unsigned timeout;	 /* --timeout, seconds; 0: none */
	const char *stop_signal; /* --stop-signal */
	unsigned stop_timeout;	 /* --stop-timeout, seconds; 0: the default */
	char *const *command;	 /* arguments after IMAGE, NULL-terminated; may be empty */

	/* ids */
	bool keep_id;	     /* --keep-id, --userns keep-id */
	struct strv users;   /* further lines of /etc/passwd, with keep_id */
	bool subuid;	     /* --subuid */
	bool no_userns;	     /* --no-userns */
	const char *emulate; /* --emulate ids|basic|none */

	/* files */
	struct strv volumes;	  /* -v texts */
	struct strv mounts;	  /* --mount texts */
	struct strv tmpfs;	  /* --tmpfs texts */
	struct strv devices;	  /* --device texts; without those of CDI, once edits are made */
	const char *gpus;	  /* --gpus */
	struct strv cdi_dirs;	  /* --cdi-dir */
	struct plan_edits edits;  /* what devices of CDI add; launch/devices.c */
	struct strv host_libs;	  /* --host-library texts; volumes, once they are found */
	struct strv binds;	  /* directories of the host that are bound at their own paths, each
			      unless another option mounts something there */
	const char *shm_size;	  /* --shm-size */
	bool read_only;		  /* --read-only */
	const char *scratch_size; /* --scratch-size */
	const char *scratch;	  /* --scratch DIR */
	const char *writable;	  /* --writable NAME */
	bool writable_copy;	  /* --writable-copy */
	const char *timezone;	  /* --tz: "host", or a name of the image's zoneinfo */

	/* network and names */
	const char *hostname;	/* --hostname */
	const char *domainname; /* --domainname */
	const char *network;	/* --network host|none|private */
	struct strv publish;	/* -p texts */
	struct strv add_host;	/* --add-host NAME:IP */
	struct strv dns;	/* --dns IP */
	struct strv dns_search, dns_options;

	/* confinement */
	bool privileged; /* --privileged */
	struct strv cap_add, cap_drop;
	struct strv security;	     /* --security-opt texts; a profile's file has been read: see
					seccomp_profile */
	const char *seccomp_profile; /* contents of the file that seccomp=FILE named */
	struct strv ulimits;	     /* --ulimit texts */
	const char *memory, *memory_swap, *cpus, *pids_limit;
	const char *cpuset_cpus, *oom_score_adj;
	struct strv sysctls;	   /* --sysctl NAME=VALUE */
	int cpu_quota, cpu_period; /* microseconds */
};

/* The same for `exec`. */
struct exec_options {
	struct strv env;      /* -e, --env-file */
	const char *workdir;  /* -w */
	const char *user;     /* -u */
	bool tty;	      /* -t */
	struct strv fds;      /* --preserve-fd */
	int hpc;	      /* as above */
	char *const *command; /* NULL-terminated, not empty */
};

/* What plan/ has to be given, since it makes no system calls. */
struct host_facts {
	uint32_t uid, gid;		  /* effective ids of the caller */
	const char *hostname;		  /* of the host */
	const char *kernel;		  /* release, as uname(2) has it */
	const char *cwd;		  /* of the caller, for relative paths; NULL: it is gone */
	const char *term;		  /* $TERM where standard input is a terminal, else NULL */
	const char *resolv_conf;	  /* contents, NULL where the host has none */
	char *const *environ;		  /* of the caller, for env_host */
	const char *user_name;		  /* of the caller, for keep_id; NULL where unknown */
	const char *home;		  /* of the caller, for keep_id; NULL where unknown */
	const char *group_name;		  /* of the caller's gid, for keep_id; NULL where unknown */
	bool zone_in_image, zone_on_host; /* where run_options.timezone is a zoneinfo file */
	bool has_apt;			  /* the image has /etc/apt/apt.conf.d */
	const struct id_map *subuids,
		*subgids; /* the caller's ranges (inside is unset), for subuid */
	size_t n_subuids, n_subgids;
	bool cgroups_v1;     /* see kernel/cgroup_view.h */
	struct strv cgroups; /* in pairs: where a program looks for a limit, and what has it */
	bool has_localtime;  /* the host has /etc/localtime */
	const char *hosts;   /* contents of the host's /etc/hosts, NULL where none */
	const char *passwd;  /* contents of the image's /etc/passwd, NULL where none */
	const char *group;   /* contents of the image's /etc/group, NULL where none */
	const char *script; /* the word of the command that is a script which sandbox interprets; or
			       NULL */
	const char *image_id; /* hex digest, 64 digits */
	const char *rootfs;   /* path of the rootfs */
};
