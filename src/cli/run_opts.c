/*
 * run_opts: the options of `run`.
 * Reads the files that --env-file and --security-opt seccomp= name.
 */
#include "cli/run_opts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cli/env.h"
#include "launch/devices.h"
#include "launch/gpus.h"
#include "launch/report.h"
#include "launch/step.h"
#include "plan/make.h"
#include "runs/run_entry.h"
#include "util/fd.h"

#define RUN_PROFILE_MAX (8u << 20) /* bytes of a seccomp profile */

/* Read the profile here, since plan/ opens no files. */
static int run_opts_security(const struct opt_given *g)
{
	struct run_options *options = g->to;
	const char *file = strncmp(g->text, "seccomp=", 8) == 0 ? g->text + 8 : NULL;

	if (file && strcmp(file, "unconfined") != 0 && strcmp(file, "default") != 0 &&
		strcmp(file, "builtin") != 0 && strcmp(file, "hpc") != 0) {
		auto_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, RUN_PROFILE_MAX, NULL);

		if (!text)
			return err_set(g->e, errno, "--security-opt: %s", file);
		options->seccomp_profile = arena_strdup(g->arena, text);
	}
	strv_add(g->arena, &options->security, g->text);
	return 0;
}

static int run_opts_library(const struct opt_given *g)
{
	return *g->text == '/'
		       ? opt_list(g)
		       : err_set(g->e, 0, "--host-library %s: is not an absolute path", g->text);
}

#define AT(member) .offset = offsetof(struct run_args, member)

/* clang-format off */
const struct opt run_opts[] = {
	{ .help = "The process:" },
	{ 'e', "env", "NAME[=VALUE]", "set a variable, or pass on the caller's", env_option, AT(options.env) },
	{ 0, "env-file", "FILE", "read such lines from FILE", env_option_file, AT(file_env) },
	{ 0, "env-host", NULL, "pass on the caller's whole environment, except PATH, HOME and LD_*", opt_flag, AT(options.env_host) },
	{ 'w', "workdir", "DIR", "start in DIR (it is made if missing)", opt_text, AT(options.workdir) },
	{ 'u', "user", "USER[:GROUP]", "run as this user, by number, or by name as in the image", opt_text, AT(options.user) },
	{ 0, "entrypoint", "COMMAND", "use COMMAND instead of the image's entrypoint; \"\" removes it", opt_text, AT(options.entrypoint) },
	{ 't', "tty", NULL, "give the command a terminal of its own", opt_flag, AT(options.tty) },
	{ 'i', "interactive", NULL, "no effect: standard input is always passed on", opt_ignored, .offset = 0 },
	{ 0, "init", NULL, "no effect: an init is the default; --no-init leaves it out", opt_ignored, .offset = 0 },
	{ 0, "no-init", NULL, "make the command itself process 1", opt_flag, AT(options.no_init) },
	{ 0, "preserve-fds", "N", "pass on descriptors 3 to 2+N", opt_number, AT(options.preserve_fds), .limit = 1024 },
	{ 0, "preserve-fd", "N[,N...]", "pass on these descriptors, under their own numbers", env_option_fds, AT(options.fds) },
	{ 0, "hpc", NULL, "pass on what a rank of MPI needs: the default in a job step of Slurm and others", opt_whether, AT(options.hpc) },
	{ 0, "no-hpc", NULL, "be as outside of a job step", opt_whether_not, AT(options.hpc) },
	{ 0, "join", "GROUP", "share one sandbox with all runs that name GROUP: the default for ranks of a job step", opt_text, AT(options.join) },
	{ 0, "no-join", NULL, "keep each rank of a job step in a sandbox of its own", opt_flag, AT(options.no_join) },
	{ 0, "mpi", "host[:NAME]", "use the host's MPI, as the preset \"mpi\" or \"mpi:NAME\" describes it", opt_mpi, .offset = 0 },
	{ 0, "slurm", NULL, "show Slurm's configuration and munge, for squeue, sbatch and srun inside", opt_flag, AT(options.slurm) },
	{ 0, "umask", "MODE", "set the umask (0022)", opt_text, AT(options.umask) },
	{ 0, "timeout", "SECONDS", "end the run after SECONDS", opt_number, AT(options.timeout), .limit = 1000000000 },
	{ 0, "stop-signal", "SIGNAL", "let `sandbox stop` send SIGNAL first", opt_text, AT(options.stop_signal) },
	{ 0, "stop-timeout", "SECONDS", "let `sandbox stop` wait SECONDS before SIGKILL (10)", opt_number, AT(options.stop_timeout), .limit = 1000000 },
	{ .help = "This run:" },
	{ 0, "name", "NAME", "name the run, for exec, stop and kill", opt_text, AT(launch.name) },
	{ 'd', "detach", NULL, "run in the background and print the id", opt_flag, AT(launch.detach) },
	{ 0, "log", "FILE", "append the output of a detached run to FILE", opt_text, AT(launch.log) },
	{ 0, "status-fd", "N", "write JSON lines to descriptor N: started, exited, failed", opt_number, AT(launch.status_fd), .limit = 1048576 },
	{ 0, "pidfile", "FILE", "write the host's pid of process 1 to FILE", opt_text, AT(launch.pidfile) },
	{ 0, "cidfile", "FILE", "write the id of the run to FILE", opt_text, AT(launch.cidfile) },
	{ 0, "rm", NULL, "no effect: a run leaves nothing behind", opt_ignored, .offset = 0 },
	{ 0, "preset", "NAME", "use the options that the configuration names NAME", opt_preset, .offset = 0 },
	{ 0, "dry-run", NULL, "print the plan as an OCI runtime config.json, and run nothing", opt_flag, AT(dry_run) },
	{ .help = "User ids:" },
	{ 0, "keep-id", NULL, "keep your own user id and name", opt_flag, AT(options.keep_id) },
	{ 0, "subuid", NULL, "map a full range of ids, with newuidmap and /etc/subuid", opt_flag, AT(options.subuid) },
	{ 0, "userns", "keep-id", "the same as --keep-id", opt_word, AT(options.keep_id) },
	{ 0, "no-userns", NULL, "use the host's ids: for root, on a host without user namespaces", opt_flag, AT(options.no_userns) },
	{ 0, "group-add", "keep-groups", "no effect: your groups always stay effective", opt_given, .offset = 0 },
	{ 0, "emulate", "ids|basic|none", "let calls that change ids or owners seem to succeed (basic); remember ids", opt_text, AT(options.emulate) },
	{ .help = "Files:" },
	{ 'v', "volume", "SRC:DST[:OPTIONS]", "mount a file or directory of the host (ro, noexec, ...)", opt_list, AT(options.volumes) },
	{ 0, "mount", "type=...", "mount: type=bind|tmpfs,src=,dst=,ro", opt_list, AT(options.mounts) },
	{ 0, "tmpfs", "DST[:OPTIONS]", "mount an empty directory in memory (size=, mode=, uid=, ...)", opt_list, AT(options.tmpfs) },
	{ 0, "device", "DEVICE", "add SRC[:DST] of the host, VENDOR/CLASS=NAME of CDI, or a group: @infiniband, @hpc, ...", opt_list, AT(options.devices) },
	{ 0, "gpus", "all|N|device=LIST", "add GPUs, by CDI specifications, or else as they are found", opt_text, AT(options.gpus) },
	{ 0, "cdi-dir", "DIR", "look for CDI specifications in DIR (/etc/cdi, /var/run/cdi)", opt_list, AT(options.cdi_dirs) },
	{ 0, "host-library", "FILE[:NAME...]", "put this library of the host, and what it needs, before the image's", run_opts_library, AT(options.host_libs) },
	{ 0, "shm-size", "SIZE", "set the size of /dev/shm (64m)", opt_text, AT(options.shm_size) },
	{ 0, "read-only", NULL, "make the root file system read-only", opt_flag, AT(options.read_only) },
	{ 0, "scratch", "DIR", "store writes on disk below DIR, not in memory, and remove them at the end", opt_text, AT(options.scratch) },
	{ 0, "scratch-size", "SIZE", "limit the writes in memory", opt_text, AT(options.scratch_size) },
	{ 0, "writable", "NAME", "keep writes, under NAME, for the next run", opt_text, AT(options.writable) },
	{ 0, "writable-copy", NULL, "if the image cannot be changed (no overlay; another owner), copy it for this run", opt_flag, AT(options.writable_copy) },
	{ 0, "tz", "host|ZONE", "set the time zone", opt_text, AT(options.timezone) },
	{ .help = "A cache on a disk of this node:" },
	{ 0, "cache", "DIR", "before a run, copy an image of a store that is only read to DIR", opt_dir, AT(cache.dir) },
	{ 0, "cache-max-size", "SIZE", "remove the least recently used copies until a new one fits in SIZE", opt_size, AT(cache.keep.max_size) },
	{ 0, "cache-older-than", "AGE", "before a new one, remove copies that were not used for AGE (30d, 12h)", opt_age, AT(cache.keep.max_age) },
	{ 0, "cache-shared", NULL, "DIR belongs to users who trust each other, and share their copies", opt_flag, AT(cache.several) },
	{ .help = "Network:" },
	{ 0, "network", "MODE", "host (default), none (only a loopback), or private or bridge (with pasta)", opt_text, AT(options.network) },
	{ 0, "net", "MODE", "the same as --network", opt_text, AT(options.network) },
	{ 'p', "publish", "HOST:CONTAINER", "publish a port, with --network private", opt_list, AT(options.publish) },
	{ 'h', "hostname", "NAME", "set the host name", opt_text, AT(options.hostname) },
	{ 0, "domainname", "NAME", "set the NIS domain name", opt_text, AT(options.domainname) },
	{ 0, "add-host", "NAME:IP", "add a line to /etc/hosts", opt_list, AT(options.add_host) },
	{ 0, "dns", "IP", "use this name server", opt_list, AT(options.dns) },
	{ 0, "dns-search", "DOMAIN", "search for names in DOMAIN (\".\": in none)", opt_list, AT(options.dns_search) },
	{ 0, "dns-option", "OPTION", "set an option of resolv.conf", opt_list, AT(options.dns_options) },
	{ 0, "dns-opt", "OPTION", "the same as --dns-option", opt_list, AT(options.dns_options) },
	{ .help = "Confinement:" },
	{ 0, "privileged", NULL, "all capabilities, no filter, nothing masked; devices still need --device", opt_flag, AT(options.privileged) },
	{ 0, "cap-add", "CAP", "add a capability, or ALL", opt_list, AT(options.cap_add) },
	{ 0, "cap-drop", "CAP", "drop a capability, or ALL", opt_list, AT(options.cap_drop) },
	{ 0, "security-opt", "OPTION", "seccomp=FILE|unconfined|hpc, mask=PATHS, unmask=PATHS|ALL, no-new-privileges[=false]", run_opts_security, AT(options) },
	{ 0, "sysctl", "NAME=VALUE", "set a kernel parameter of a namespace of the run, such as net.*", opt_list, AT(options.sysctls) },
	{ 0, "ulimit", "NAME=SOFT[:HARD]", "set a resource limit", opt_list, AT(options.ulimits) },
	{ 'm', "memory", "SIZE", "limit memory, with a delegated cgroup", opt_text, AT(options.memory) },
	{ 0, "memory-swap", "SIZE", "limit memory and swap together; -1: no limit (twice --memory)", opt_text, AT(options.memory_swap) },
	{ 0, "cpus", "NUMBER", "limit processors, with a delegated cgroup", opt_text, AT(options.cpus) },
	{ 0, "cpu-quota", "N", "the same in microseconds of each period", opt_number, AT(options.cpu_quota), .limit = 1000000000 },
	{ 0, "cpu-period", "N", "microseconds of a period (100000)", opt_number, AT(options.cpu_period), .limit = 1000000 },
	{ 0, "cpuset-cpus", "LIST", "use these processors alone, such as 0-3,7", opt_text, AT(options.cpuset_cpus) },
	{ 0, "oom-score-adj", "N", "let the kernel end the run sooner when memory ends (up to 1000)", opt_text, AT(options.oom_score_adj) },
	{ 0, "pids-limit", "N", "limit the number of processes, with a delegated cgroup", opt_text, AT(options.pids_limit) },
	{ .help = "Other options of `docker run`:" },
	{ 'a', "attach", "STREAM", "no effect: standard streams are always passed on", opt_ignored, .offset = 0 },
	{ 0, "sig-proxy", NULL, "no effect: signals are always passed on", opt_ignored, .offset = 0 },
	{ 0, "detach-keys", "KEYS", "no effect: no keys detach a run", opt_ignored, .offset = 0 },
	{ 0, "no-healthcheck", NULL, "no effect: no run has a health check", opt_ignored, .offset = 0 },
	{ 0, "expose", "PORT", "no effect: it only documents a port", opt_ignored, .offset = 0 },
	{ 0, "disable-content-trust", NULL, "no effect: signatures are not looked at", opt_ignored, .offset = 0 },
	{ 0, "pull", "missing|never", "no effect: nothing is pulled; `sandbox load` takes a file", opt_given, .offset = 0 },
	{ 0, "restart", "no", "no effect: nothing starts a run again; a service manager can", opt_given, .offset = 0 },
	{ 0, "log-driver", "none|local|json-file", "no effect: --log is for the output of a detached run", opt_given, .offset = 0 },
	{ 0, "pid", "private", "no effect: a run always has its own process numbers", opt_given, .offset = 0 },
	{ 0, "ipc", "private|shareable", "no effect: a run has its own; -v /dev/shm:/dev/shm shares the host's memory", opt_given, .offset = 0 },
	{ 0, "uts", "private|host", "no effect: a run always has its own; its host name is the host's", opt_given, .offset = 0 },
	{ 0, "cgroupns", "private", "no effect: a run always has its own", opt_given, .offset = 0 },
	{ 0, "isolation", "default", "no effect: there is one kind", opt_given, .offset = 0 },
	{ 0, "runtime", "runc", "no effect: sandbox is the runtime", opt_given, .offset = 0 },
	{ 0, "volume-driver", "local", "no effect: volumes are folders of the host", opt_given, .offset = 0 },
	{ 'l', "label", "NAME[=VALUE]", "no effect: a run has no labels", opt_noted, .offset = 0 },
	{ 0, "label-file", "FILE", "no effect: a run has no labels", opt_noted, .offset = 0 },
	{ 0, "annotation", "NAME=VALUE", "no effect: a run has no annotations", opt_noted, .offset = 0 },
	{ 0, "log-opt", "NAME=VALUE", "no effect: there are no log drivers", opt_noted, .offset = 0 },
	{ 0, "health-cmd", "COMMAND", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 0, "health-interval", "TIME", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 0, "health-retries", "N", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 0, "health-start-interval", "TIME", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 0, "health-start-period", "TIME", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 0, "health-timeout", "TIME", "no effect: no run has a health check", opt_noted, .offset = 0 },
	{ 'P', "publish-all", NULL, "no effect: on the host's network every port is reachable; otherwise use -p", opt_noted, .offset = 0 },
	{ 0, "network-alias", "NAME", "no effect: runs do not know each other by name", opt_noted, .offset = 0 },
	{ 0, "net-alias", "NAME", "the same as --network-alias; no effect: runs do not know each other by name", opt_noted, .offset = 0 },
	{ 'c', "cpu-shares", "N", "no effect: start sandbox by nice(1)", opt_noted, .offset = 0 },
	{ 0, "blkio-weight", "N", "no effect: start sandbox by ionice(1)", opt_noted, .offset = 0 },
	{ 0, "blkio-weight-device", "DEVICE:N", "no effect: start sandbox by ionice(1)", opt_noted, .offset = 0 },
	{ 0, "memory-reservation", "SIZE", "no effect: only --memory limits memory", opt_noted, .offset = 0 },
	{ 0, "memory-swappiness", "N", "no effect: cgroups of version 2 have none", opt_noted, .offset = 0 },
	{ 0, "kernel-memory", "SIZE", "no effect: --memory counts the kernel's, too", opt_noted, .offset = 0 },
	{ 0, "oom-kill-disable", NULL, "no effect: cgroups of version 2 have no such switch", opt_noted, .offset = 0 },
	{ 0, "cpuset-mems", "LIST", "refused: start sandbox by numactl(8), the command inherits it", opt_refused, .offset = 0 },
	{ 0, "cpu-rt-period", "N", "refused: real-time scheduling is root's", opt_refused, .offset = 0 },
	{ 0, "cpu-rt-runtime", "N", "refused: real-time scheduling is root's", opt_refused, .offset = 0 },
	{ 0, "cgroup-parent", "PATH", "refused: a limit's cgroup is made below your own", opt_refused, .offset = 0 },
	{ 0, "device-cgroup-rule", "RULE", "refused: only devices of --device are there", opt_refused, .offset = 0 },
	{ 0, "device-read-bps", "DEVICE:RATE", "refused: no rate of a device can be limited", opt_refused, .offset = 0 },
	{ 0, "device-read-iops", "DEVICE:RATE", "refused: no rate of a device can be limited", opt_refused, .offset = 0 },
	{ 0, "device-write-bps", "DEVICE:RATE", "refused: no rate of a device can be limited", opt_refused, .offset = 0 },
	{ 0, "device-write-iops", "DEVICE:RATE", "refused: no rate of a device can be limited", opt_refused, .offset = 0 },
	{ 0, "storage-opt", "NAME=VALUE", "refused: --scratch-size limits what is written in memory", opt_refused, .offset = 0 },
	{ 0, "volumes-from", "RUN", "refused: give each run the same -v", opt_refused, .offset = 0 },
	{ 0, "link", "RUN", "refused: runs reach each other on the host's network", opt_refused, .offset = 0 },
	{ 0, "ip", "IP", "refused: addresses are the host's", opt_refused, .offset = 0 },
	{ 0, "ip6", "IP", "refused: addresses are the host's", opt_refused, .offset = 0 },
	{ 0, "link-local-ip", "IP", "refused: addresses are the host's", opt_refused, .offset = 0 },
	{ 0, "mac-address", "ADDRESS", "refused: addresses are the host's", opt_refused, .offset = 0 },
	{ 0, "cpu-count", "N", "refused: only Windows has it", opt_refused, .offset = 0 },
	{ 0, "cpu-percent", "N", "refused: only Windows has it", opt_refused, .offset = 0 },
	{ 0, "io-maxbandwidth", "SIZE", "refused: only Windows has it", opt_refused, .offset = 0 },
	{ 0, "io-maxiops", "N", "refused: only Windows has it", opt_refused, .offset = 0 },
	{ 0 },
};
/* clang-format on */

const struct run_args run_defaults = { .launch = { .status_fd = -1 },
	.cache = { .keep = { .max_size = GC_ANY_SIZE, .max_age = GC_ANY_AGE } } };

int run_opts_check(const void *args, struct err *e)
{
	const struct run_args *a = args;

	if (a->launch.name && *a->launch.name &&
		run_entry_check_name("--name", a->launch.name, e) < 0)
		return -1;
	if (a->options.writable && run_entry_check_name("--writable", a->options.writable, e) < 0)
		return -1;
	if (a->options.gpus && gpus_check(a->options.gpus, e) < 0)
		return -1;
	return plan_check(&a->options, e);
}

/* Otherwise a file that sandbox opens could get such a number. */
static int run_opts_check_fds(int n, struct err *e)
{
	for (int fd = 3; fd < 3 + n; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return err_set(e, errno, "--preserve-fds %d: descriptor %d", n, fd);
	return 0;
}

/* An option that is about one run: a process in a sandbox of others has no such thing.  NULL: none is given. */
static const char *run_opts_alone(const struct run_args *a)
{
	const struct run_options *o = &a->options;
	const struct launch_options *l = &a->launch;
	const struct {
		const char *name;
		bool given;
	} alone[] = { { "--detach", l->detach }, { "--name", l->name }, { "--pidfile", l->pidfile },
		{ "--cidfile", l->cidfile }, { "--status-fd", l->status_fd >= 0 },
		{ "--no-init", o->no_init }, { "--memory", o->memory }, { "--cpus", o->cpus },
		{ "--cpu-quota", o->cpu_quota }, { "--pids-limit", o->pids_limit } };

	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++)
		if (alone[i].given)
			return alone[i].name;
	return NULL;
}

/* Whether to share a sandbox, and with whom. */
static int run_opts_join(struct run_args *a, struct arena *arena, struct err *e)
{
	struct run_options *o = &a->options;
	const char *alone = run_opts_alone(a);

	a->launch.join_asked = o->join && !o->no_join;
	if (a->launch.join_asked && run_entry_check_name("--join", o->join, e) < 0)
		return -1;
	if (a->launch.join_asked && alone)
		return err_set(e, 0, "--join: %s is for a sandbox of its own", alone);
	o->no_join = o->no_join || alone;
	step_join_run(o, arena);
	a->launch.join = o->no_join ? NULL : o->join;
	return 0;
}

int run_opts_settle(struct run_args *a, struct arena *arena, struct err *e)
{
	const int status_fd = a->launch.status_fd;

	a->launch.status_fd = -1;
	if (run_opts_check_fds(a->options.preserve_fds, e) < 0)
		return -1;
	if (status_fd >= 0) {
		a->launch.status_fd = report_open(status_fd, e);
		if (a->launch.status_fd < 0)
			return -1;
	}
	/* scripts pass --name "$NAME" */
	if (a->launch.name && !*a->launch.name)
		a->launch.name = NULL;
	if (a->launch.log && !a->launch.detach)
		return err_set(e, 0, "--log: needs --detach");
	/* -e takes precedence over --env-file in any order. */
	for (size_t i = 0; i < a->options.env.n; i++)
		strv_add(arena, &a->file_env, a->options.env.v[i]);
	a->options.env = a->file_env;
	a->options.background = a->launch.detach;
	return run_opts_join(a, arena, e) < 0 ? -1 : devices_find(&a->options, arena, e);
}
