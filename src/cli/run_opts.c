/*
 * run_opts: the option table of `run`, and what each does.
 * Reads the files that --env-file and --security-opt seccomp=
 * name.
 */
#include "cli/run_opts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/env.h"
#include "launch/report.h"
#include "util/fd.h"

#define PROFILE_MAX (8u << 20) /* bytes of a seccomp profile */

const struct opt run_opts[] = {
	{ 0, NULL, NULL, "The process:" },
	{ 'e', "env", "NAME[=VALUE]", "set a variable, or take it from the caller" },
	{ OPT_ENV_FILE, "env-file", "FILE", "a file of such lines" },
	{ OPT_ENV_HOST, "env-host", NULL,
		"the caller's whole environment, but PATH, HOME and LD_*" },
	{ 'w', "workdir", "DIR", "directory to start in (made where missing)" },
	{ 'u', "user", "USER[:GROUP]",
		"name or number, as the image's /etc/passwd and /etc/group have them" },
	{ OPT_ENTRYPOINT, "entrypoint", "COMMAND",
		"in place of the image's entrypoint; \"\" for none" },
	{ 't', "tty", NULL, "a terminal of its own" },
	{ 'i', "interactive", NULL, "accepted: standard input is always passed on" },
	{ OPT_INIT, "init", NULL, "accepted: an init is there by default" },
	{ OPT_NO_INIT, "no-init", NULL, "the command itself is process 1" },
	{ OPT_PRESERVE_FDS, "preserve-fds", "N", "pass on descriptors 3 to 2+N" },
	{ OPT_UMASK, "umask", "MODE", "umask inside (0022)" },
	{ OPT_TIMEOUT, "timeout", "SECONDS", "end it after so long" },
	{ OPT_STOP_SIGNAL, "stop-signal", "SIGNAL", "what `sandbox stop` sends first" },
	{ 0, NULL, NULL, "This run:" },
	{ OPT_NAME, "name", "NAME", "a name, for exec, stop and kill" },
	{ 'd', "detach", NULL, "run in the background and print the id" },
	{ OPT_LOG, "log", "FILE", "where the output of a detached run goes" },
	{ OPT_STATUS_FD, "status-fd", "N",
		"write JSON lines to descriptor N: started, exited, failed" },
	{ OPT_PIDFILE, "pidfile", "FILE", "write the host's number of process 1 to FILE" },
	{ OPT_CIDFILE, "cidfile", "FILE", "write the id of the run to FILE" },
	{ OPT_RM, "rm", NULL, "accepted: nothing is ever left" },
	{ OPT_DRY_RUN, "dry-run", NULL, "print the plan as an OCI runtime config.json and end" },
	{ 0, NULL, NULL, "Who it is:" },
	{ OPT_KEEP_ID, "keep-id", NULL, "your own number and name inside" },
	{ OPT_SUBUID, "subuid", NULL, "a full range of ids, by newuidmap and /etc/subuid" },
	{ OPT_USERNS, "userns", "keep-id", "the same as --keep-id" },
	{ OPT_NO_USERNS, "no-userns", NULL,
		"as root, on a host without user namespaces: the host's ids" },
	{ OPT_GROUP_ADD, "group-add", "keep-groups",
		"accepted: your groups always stay effective" },
	{ OPT_EMULATE, "emulate", "basic|none",
		"answer calls that change ids or owners with success (basic)" },
	{ 0, NULL, NULL, "Files:" },
	{ 'v', "volume", "SRC:DST[:OPTIONS]",
		"show a file or directory of the host inside (ro, noexec, ...)" },
	{ OPT_MOUNT, "mount", "type=...", "the same, spelled out: type=bind|tmpfs,src=,dst=,ro" },
	{ OPT_TMPFS, "tmpfs", "DST[:OPTIONS]", "an empty directory in memory (size=, mode=)" },
	{ OPT_DEVICE, "device", "SRC[:DST]", "show a device of the host inside" },
	{ OPT_SHM_SIZE, "shm-size", "SIZE", "size of /dev/shm (64m)" },
	{ OPT_READ_ONLY, "read-only", NULL, "the root file system cannot be written to" },
	{ OPT_SCRATCH, "scratch", "DIR",
		"keep what is written on disk below DIR while it runs, not in memory" },
	{ OPT_SCRATCH_SIZE, "scratch-size", "SIZE", "most that may be written to memory" },
	{ OPT_WRITABLE, "writable", "NAME", "keep what is written, under NAME, for the next run" },
	{ OPT_WRITABLE_COPY, "writable-copy", NULL,
		"where there is no overlay: a copy of the image, removed at the end" },
	{ OPT_TZ, "tz", "host|ZONE", "time zone inside" },
	{ 0, NULL, NULL, "Network:" },
	{ OPT_NETWORK, "network", "MODE",
		"host (default), none (only a loopback), or private (by pasta)" },
	{ 'p', "publish", "HOST:CONTAINER", "make a port reachable, with --network private" },
	{ 'h', "hostname", "NAME", "host name inside" },
	{ OPT_ADD_HOST, "add-host", "NAME:IP", "a line for /etc/hosts" },
	{ OPT_DNS, "dns", "IP", "name server for /etc/resolv.conf" },
	{ 0, NULL, NULL, "Confinement:" },
	{ OPT_CAP_ADD, "cap-add", "CAP", "a capability more, or ALL" },
	{ OPT_CAP_DROP, "cap-drop", "CAP", "a capability less, or ALL" },
	{ OPT_SECURITY_OPT, "security-opt", "OPTION",
		"seccomp=FILE|unconfined, mask=PATHS, unmask=PATHS|ALL, no-new-privileges" },
	{ OPT_ULIMIT, "ulimit", "NAME=SOFT[:HARD]", "a resource limit" },
	{ 'm', "memory", "SIZE", "most memory, by a delegated cgroup" },
	{ OPT_CPUS, "cpus", "NUMBER", "most processors, by a delegated cgroup" },
	{ OPT_PIDS_LIMIT, "pids-limit", "N", "most processes, by a delegated cgroup" },
	OPTS_IMAGE,
	OPTS_GLOBAL,
};

static int parse_number(
	const char *option, const char *text, unsigned long most, unsigned long *ret, struct err *e)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || *ret > most)
		return err_set(e, 0, "--%s: not a number up to %lu: %s", option, most, text);
	return 0;
}

/* What the caller hands on must be there: else the number might come to be one of our own files. */
static int check_fds(int n, struct err *e)
{
	for (int fd = 3; fd < 3 + n; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return err_set(e, errno, "--preserve-fds %d: descriptor %d", n, fd);
	return 0;
}

/* A profile is read here, since plan/ opens nothing. */
static int security_option(struct run_args *a, char *value, struct err *e)
{
	const char *file = strncmp(value, "seccomp=", 8) == 0 ? value + 8 : NULL;

	if (file && strcmp(file, "unconfined") != 0 && strcmp(file, "default") != 0 &&
		strcmp(file, "builtin") != 0) {
		auto_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, PROFILE_MAX, NULL);

		if (!text)
			return err_set(e, errno, "--security-opt: %s", file);
		a->options.seccomp_profile = arena_strdup(a->arena, text);
	}
	strv_add(a->arena, &a->options.security, value);
	return 0;
}

/* Options whose value is kept as it is: where it goes, or NULL for an option of another kind. */
static const char **text_of(struct run_args *a, int id)
{
	struct run_options *o = &a->options;
	const struct {
		int id;
		const char **to;
	} rows[] = {
		{ 'w', &o->workdir },
		{ 'u', &o->user },
		{ OPT_ENTRYPOINT, &o->entrypoint },
		{ OPT_UMASK, &o->umask },
		{ OPT_EMULATE, &o->emulate },
		{ OPT_SHM_SIZE, &o->shm_size },
		{ OPT_SCRATCH_SIZE, &o->scratch_size },
		{ OPT_TZ, &o->timezone },
		{ OPT_NETWORK, &o->network },
		{ 'h', &o->hostname },
		{ 'm', &o->memory },
		{ OPT_CPUS, &o->cpus },
		{ OPT_PIDS_LIMIT, &o->pids_limit },
		{ OPT_NAME, &a->launch.name },
		{ OPT_SCRATCH, &o->scratch },
		{ OPT_WRITABLE, &o->writable },
		{ OPT_LOG, &a->launch.log },
		{ OPT_PIDFILE, &a->launch.pidfile },
		{ OPT_CIDFILE, &a->launch.cidfile },
		{ OPT_STOP_SIGNAL, &o->stop_signal },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].id == id)
			return rows[i].to;
	return NULL;
}

/* Options that may be given more than once. */
static struct strv *list_of(struct run_options *o, int id)
{
	switch (id) {
	case 'v':
		return &o->volumes;
	case OPT_MOUNT:
		return &o->mounts;
	case OPT_TMPFS:
		return &o->tmpfs;
	case OPT_DEVICE:
		return &o->devices;
	case 'p':
		return &o->publish;
	case OPT_ADD_HOST:
		return &o->add_host;
	case OPT_DNS:
		return &o->dns;
	case OPT_CAP_ADD:
		return &o->cap_add;
	case OPT_CAP_DROP:
		return &o->cap_drop;
	case OPT_ULIMIT:
		return &o->ulimits;
	default:
		return NULL;
	}
}

/* Options without a value; NULL where id is none of them. */
static bool *flag_of(struct run_args *a, int id)
{
	switch (id) {
	case OPT_ENV_HOST:
		return &a->options.env_host;
	case 't':
		return &a->options.tty;
	case OPT_NO_INIT:
		return &a->options.no_init;
	case OPT_KEEP_ID:
		return &a->options.keep_id;
	case OPT_SUBUID:
		return &a->options.subuid;
	case OPT_READ_ONLY:
		return &a->options.read_only;
	case OPT_NO_USERNS:
		return &a->options.no_userns;
	case OPT_WRITABLE_COPY:
		return &a->options.writable_copy;
	case 'd':
		return &a->launch.detach;
	case OPT_DRY_RUN:
		return &a->dry_run;
	default:
		return NULL;
	}
}

static int other_option(struct run_args *a, int id, char *value, struct err *e)
{
	unsigned long n = 0;

	switch (id) {
	case 'e':
		return env_add(&a->options.env, a->arena, value, e);
	case OPT_ENV_FILE:
		return env_add_file(&a->file_env, a->arena, value, e);
	case OPT_SECURITY_OPT:
		return security_option(a, value, e);
	case OPT_PRESERVE_FDS:
		if (parse_number("preserve-fds", value, 1024, &n, e) < 0)
			return -1;
		a->options.preserve_fds = (int)n;
		return check_fds((int)n, e);
	case OPT_STATUS_FD:
		if (parse_number("status-fd", value, 1048576, &n, e) < 0)
			return -1;
		a->launch.status_fd = report_open((int)n, e);
		return a->launch.status_fd < 0 ? -1 : 0;
	case OPT_TIMEOUT:
		if (parse_number("timeout", value, 1000000000, &n, e) < 0)
			return -1;
		a->options.timeout = (unsigned)n;
		return 0;
	case OPT_USERNS:
		a->options.keep_id = strcmp(value, "keep-id") == 0;
		return a->options.keep_id
			       ? 0
			       : err_set(e, 0, "--userns: only keep-id is known: %s", value);
	case OPT_GROUP_ADD:
		return strcmp(value, "keep-groups") == 0
			       ? 0
			       : err_set(e, 0,
					 "--group-add: only keep-groups can be had without root: %s",
					 value);
	case 'i':
	case OPT_INIT:
	case OPT_RM:
		return 0;
	default:
		return cli_image_option(&a->request, a->arena, id, value, e) < 0 ? -1 : 0;
	}
}

static int run_option(void *arg, int id, char *value, struct err *e)
{
	struct run_args *a = arg;
	const char **text = text_of(a, id);
	struct strv *list = list_of(&a->options, id);
	bool *flag = flag_of(a, id);

	if (cli_global_option(a->globals, &verb_run, id, value))
		return 0;
	if (text)
		*text = value;
	else if (list)
		strv_add(a->arena, list, value);
	else if (flag)
		*flag = true;
	else
		return other_option(a, id, value, e);
	return 0;
}

int run_args_parse(struct run_args *a, int argc, char **argv, struct err *e)
{
	int at;

	a->launch.status_fd = -1;
	at = opts_parse(run_opts, argc, argv, run_option, a, e);
	if (at < 0)
		return -1;
	for (size_t i = 0; i < a->options.env.n; i++)
		strv_add(a->arena, &a->file_env, a->options.env.v[i]);
	a->options.env = a->file_env;
	if (at == argc) {
		(void)err_set(e, 0, "run: no image given");
		return err_hint(e, "`sandbox help run` tells how");
	}
	/* Who comes from other tools separates the command by "--". */
	a->options.background = a->launch.detach;
	if (a->launch.log && !a->launch.detach)
		return err_set(e, 0, "--log: only a run in the background (--detach) has one");
	a->options.command = argv + at + 1;
	if (argv[at + 1] && strcmp(argv[at + 1], "--") == 0)
		a->options.command++;
	return at;
}
