/*
 * step: the job step that the caller is a part of.
 * Reads the caller's environment, umask and working directory.
 */
#include "launch/step.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/group.h"
#include "launch/slurm.h"
#include "plan/plan.h"
#include "util/home.h"
#include "util/log.h"
#include "util/number.h"

#define STEP_FIRST_FD 3

/* Where there is one of these variables, there is a step.  The innermost launcher comes first. */
static const struct {
	const char *variable, *launcher;
} step_launchers[] = {
	{ "OMPI_COMM_WORLD_RANK", "Open MPI's mpirun" },
	{ "PALS_RANKID", "PALS" },
	{ "PALS_APID", "PALS" },
	{ "SLURM_JOB_ID", "Slurm" },
	{ "FLUX_JOB_ID", "Flux" },
	{ "LSB_JOBID", "LSF" },
	{ "PBS_JOBID", "PBS" },
	{ "PMIX_RANK", "PMIx" },
	{ "PMI_RANK", "PMI" },
	{ "PMI_ID", "PMI" },
	{ "PMI_FD", "PMI" },
};

/* Without these, a rank does not find the others. */
static const char *const step_ranks[] = { "PMI_FD", "PMI_RANK", "PMI_ID", "PMIX_RANK",
	"OMPI_COMM_WORLD_RANK", "PALS_RANKID", "FLUX_TASK_RANK" };

/*
 * What the launchers set, and what users set for libraries of parallel programs.  PATH and LD_* name
 * files of the host, and would break the image's programs.
 */
static const char *const step_prefixes[] = { "SLURM_", "SLURMD_NODENAME=", "PMI_", "PMIX_", "OMPI_",
	"PRTE_", "MPI_LOCAL", "MPIR_", "MPICH_", "HYDI_", "HYDRA_", "PALS_", "FLUX_", "LSB_",
	"LSF_", "PBS_", "UCX_", "FI_", "NCCL_", "RCCL_", "OMP_", "GOMP_", "KMP_",
	"MKL_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "GFORTRAN_UNBUFFERED_PRECONNECTED=",
	"CUDA_VISIBLE_DEVICES=", "ROCR_VISIBLE_DEVICES=", "HIP_VISIBLE_DEVICES=",
	"GPU_DEVICE_ORDINAL=", "ZE_AFFINITY_MASK=", "TMPDIR=" };

/* Variables of a step with such an end name a directory, in which the launcher left files. */
static const char *const step_dir_ends[] = { "TMPDIR", "_BASE_PATH", "_SPOOL_DIR",
	"FILE_LOCATION" };

/* How many tasks of the step run on this node. */
static const char *const step_counts[] = { "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
	"PMI_LOCAL_SIZE", "PALS_LOCAL_SIZE" };

static bool step_begins(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

static const char *step_value(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

/* Does the name of n bytes end so? */
static bool step_ends(const char *entry, size_t n, const char *end)
{
	size_t len = strlen(end);

	return n >= len && strncmp(entry + n - len, end, len) == 0;
}

static void step_take(struct step *s, char *entry, struct arena *a)
{
	size_t n = strcspn(entry, "=");
	char *value = entry[n] ? entry + n + 1 : entry + n;
	uint64_t fd;

	strv_add(a, &s->env, entry);
	if (step_ends(entry, n, "_FD") && number_read(value, strlen(value), INT_MAX, &fd) &&
		fd >= STEP_FIRST_FD)
		strv_add(a, &s->fds, value);
	for (size_t i = 0; value[0] == '/' && i < sizeof(step_dir_ends) / sizeof(*step_dir_ends);
		i++)
		if (step_ends(entry, n, step_dir_ends[i]))
			strv_add(a, &s->dirs, value);
}

/* Slurm's list of one count a node, "4(x2),3", of which this is the node at index. */
static unsigned step_slurm_tasks(const char *list, const char *index)
{
	uint64_t at, count, times;

	if (!list || !index || !number_read(index, strlen(index), INT_MAX, &at))
		return 0;
	for (const char *next; *list; list = next) {
		const char *x = strstr(list, "(x");
		size_t n = strcspn(list, "(,");

		next = list + strcspn(list, ",");
		next += *next == ',';
		times = 1;
		if (!number_read(list, n, INT_MAX, &count) ||
			(x == list + n &&
				!number_read(x + 2, strspn(x + 2, "0123456789"), INT_MAX, &times)))
			return 0;
		if (at < times)
			return (unsigned)count;
		at -= times;
	}
	return 0;
}

static unsigned step_tasks(char *const *env)
{
	const char *slurm = step_value(env, "SLURM_STEP_TASKS_PER_NODE");

	for (size_t i = 0; i < sizeof(step_counts) / sizeof(*step_counts); i++) {
		const char *text = step_value(env, step_counts[i]);
		uint64_t n;

		if (text && number_read(text, strlen(text), INT_MAX, &n))
			return (unsigned)n;
	}
	if (!slurm)
		slurm = step_value(env, "SLURM_TASKS_PER_NODE");
	return step_slurm_tasks(slurm, step_value(env, "SLURM_NODEID"));
}

void step_read(struct step *s, char *const *env, struct arena *a)
{
	*s = (struct step){ .tasks = step_tasks(env) };
	for (size_t i = 0; !s->launcher && i < sizeof(step_launchers) / sizeof(*step_launchers);
		i++)
		if (step_value(env, step_launchers[i].variable))
			s->launcher = step_launchers[i].launcher;
	for (size_t i = 0; !s->rank && i < sizeof(step_ranks) / sizeof(*step_ranks); i++)
		if (step_value(env, step_ranks[i]))
			s->rank = step_ranks[i];
	for (; env && *env; env++)
		for (size_t i = 0; i < sizeof(step_prefixes) / sizeof(*step_prefixes); i++)
			if (step_begins(*env, step_prefixes[i])) {
				step_take(s, *env, a);
				break;
			}
}

/* The caller's ranks would all run, each alone, and the job's status would be 0. */
static void step_warn(const struct step *s, const struct strv *env, bool env_host)
{
	for (size_t i = 0; s->rank && i < env->n; i++)
		if (step_begins(env->v[i], s->rank) && env->v[i][strlen(s->rank)] == '=')
			return;
	if (s->rank && !env_host)
		log_note("--no-hpc: %s is not passed on, so that each rank of this step runs alone",
			s->rank);
}

/* The options' own variables come last, since the last one counts. */
static void step_add_env(const struct step *s, struct strv *env, struct arena *a)
{
	struct strv all = { 0 };

	for (size_t i = 0; i < s->env.n; i++)
		strv_add(a, &all, s->env.v[i]);
	for (size_t i = 0; i < env->n; i++)
		strv_add(a, &all, env->v[i]);
	*env = all;
}

int step_take_fd(const char *number, struct strv *fds, struct arena *a, struct err *e)
{
	uint64_t fd;

	if (!number_read(number, strlen(number), INT_MAX, &fd) || fd < STEP_FIRST_FD)
		return err_set(
			e, 0, "descriptor %s: not a number from %d on", number, STEP_FIRST_FD);
	for (size_t i = 0; i < fds->n; i++)
		if (strcmp(fds->v[i], number) == 0)
			return 0;
	if (fds->n == PLAN_FDS_MAX)
		return err_set(e, 0, "descriptor %s: more than %d are not supported", number,
			PLAN_FDS_MAX);
	if (fcntl((int)fd, F_GETFD) < 0)
		return err_set(e, errno, "descriptor %s", number);
	strv_add_copy(a, fds, number);
	return 0;
}

static void step_add_fds(const struct step *s, struct strv *fds, struct arena *a)
{
	struct err e;

	for (size_t i = 0; i < s->fds.n; i++)
		if (step_take_fd(s->fds.v[i], fds, a, &e) < 0)
			log_note("%s passes on a descriptor for its ranks, but %s", s->launcher,
				e.msg);
}

/* Directories of the image that nothing of the same name of the host may cover. */
static bool step_is_system(const char *path)
{
	static const char *const names[] = { "bin", "boot", "dev", "etc", "lib", "lib32", "lib64",
		"libx32", "proc", "run", "sbin", "sys", "usr", "var" };
	static const char *const whole[] = { "opt", "run",
		"var" }; /* below them are files of users */
	const char *first = path + strspn(path, "/");
	size_t n = strcspn(first, "/");

	for (size_t i = 0; first[n] && i < sizeof(whole) / sizeof(*whole); i++)
		if (strlen(whole[i]) == n && strncmp(first, whole[i], n) == 0)
			return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && strncmp(first, names[i], n) == 0)
			return true;
	return !n;
}

/* What is missing is left out; returns whether it is there. */
static bool step_add_bind(struct run_options *o, const char *path, struct arena *a)
{
	if (!path || path[0] != '/' || access(path, F_OK) < 0)
		return false;
	strv_add_copy(a, &o->binds, path);
	return true;
}

/*
 * The directories that a rank shares with its launcher and with the others on its node, and those that the
 * caller works in.  An option that covers one of them counts.
 */
static void step_add_binds(const struct step *s, struct run_options *o, struct arena *a)
{
	const char *home = home_dir(), *tmp = step_value(s->env.v, "TMPDIR");
	char cwd[PATH_MAX];

	if (!o->shm_size)
		(void)step_add_bind(o, "/dev/shm", a);
	(void)step_add_bind(o, tmp ? tmp : "/tmp", a);
	if (home && !step_is_system(home))
		(void)step_add_bind(o, home, a);
	if (getcwd(cwd, sizeof(cwd)) && !step_is_system(cwd) && step_add_bind(o, cwd, a) &&
		!o->workdir)
		o->workdir = arena_strdup(a, cwd);
	/* Last: a rank has some of its own, below the others, which must not make its sandbox another one. */
	for (size_t i = 0; i < s->dirs.n; i++)
		(void)step_add_bind(o, s->dirs.v[i], a);
}

static void step_add_default(
	struct run_options *o, const char *name, const char *value, struct arena *a)
{
	for (size_t i = 0; i < o->env.n; i++)
		if (step_begins(o->env.v[i], name) && o->env.v[i][strlen(name)] == '=')
			return;
	strv_add(a, &o->env, arena_printf(a, "%s=%s", name, value));
}

/* Ranks of a step share one sandbox, unless there is only one of them on this node. */
static void step_share(const struct step *s, struct run_options *o, struct arena *a)
{
	if (!o->join && !o->no_join && (s->tasks > 1 || (s->tasks == 0 && s->rank)))
		o->join = group_of_step(s->rank, a);
	if ((!o->join || o->no_join) && s->rank && s->tasks != 1)
		step_add_default(o, GROUP_BTL, GROUP_BTL_APART, a);
}

/*
 * The image's own mpirun sees that it is in a job of Slurm, and would start its ranks by srun, which the
 * image does not have; it then fails or hangs.  Inside one sandbox it starts them by itself.
 */
static void step_lead_launchers(const struct step *s, struct run_options *o, struct arena *a)
{
	static const char *const apart[] = { "OMPI_MCA_plm", "OMPI_MCA_ras", "PRTE_MCA_plm",
		"PRTE_MCA_ras" };

	if (o->slurm || !step_value(s->env.v, "SLURM_JOB_ID"))
		return;
	step_add_default(o, "HYDRA_LAUNCHER", "fork", a);
	step_add_default(o, "HYDRA_RMK", "user", a);
	for (size_t i = 0; i < sizeof(apart) / sizeof(*apart); i++)
		step_add_default(o, apart[i], "^slurm", a);
}

/* PMIx, mpirun and slurmctld compare the number with the caller's; root's is refused. */
static bool step_keeps_id(const struct run_options *o)
{
	return o->keep_id || (!o->subuid && !o->no_userns && !(o->user && *o->user));
}

/* What a process inherits by itself everywhere but in a container. */
static void step_inherit(struct run_options *o, struct arena *a)
{
	const mode_t mask = umask(0);

	(void)umask(mask);
	if (!o->umask)
		o->umask = arena_printf(a, "%03o", (unsigned)mask);
	o->keep_id = step_keeps_id(o);
}

/* Words with blanks between. */
static const char *step_words(const struct strv *l, struct arena *a)
{
	const char *all = "none";

	for (size_t i = 0; i < l->n; i++)
		all = arena_printf(a, "%s%s%s", i ? all : "", i ? " " : "", l->v[i]);
	return all;
}

/* A folder for temporary files that is not there is worse than none. */
static void step_drop_tmpdir(struct step *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->env.n; i++)
		if (!step_begins(s->env.v[i], "TMPDIR=") || access(s->env.v[i] + 7, F_OK) == 0)
			s->env.v[kept++] = s->env.v[i];
	s->env.n = kept;
}

/* Is there a step, by what the caller's environment says, or by *asked: 1 for --hpc, -1 for --no-hpc?  It
 * becomes what holds. */
static bool step_find(
	struct step *s, int *asked, const struct strv *env, bool env_host, struct arena *a)
{
	step_read(s, environ, a);
	step_drop_tmpdir(s);
	if (*asked == 0)
		*asked = s->launcher ? 1 : -1;
	if (*asked < 0)
		step_warn(s, env, env_host);
	if (!s->launcher)
		s->launcher = "--hpc";
	return *asked > 0;
}

void step_join_run(struct run_options *o, struct arena *a)
{
	struct step s;

	if (o->slurm) {
		slurm_show(o, a);
		o->keep_id = step_keeps_id(o);
	}
	if (!step_find(&s, &o->hpc, &o->env, o->env_host, a))
		return;
	step_add_env(&s, &o->env, a);
	step_add_fds(&s, &o->fds, a);
	step_add_binds(&s, o, a);
	step_share(&s, o, a);
	step_lead_launchers(&s, o, a);
	step_inherit(o, a);
	log_verbose(
		"job step (%s): %zu variables; descriptors: %s; directories: %s; user: %s; --no-hpc leaves it out",
		s.launcher, s.env.n, step_words(&o->fds, a), step_words(&o->binds, a),
		o->keep_id ? "you" : "as asked");
}

void step_join_exec(struct exec_options *o, struct arena *a)
{
	struct step s;

	if (!step_find(&s, &o->hpc, &o->env, false, a))
		return;
	step_add_env(&s, &o->env, a);
	step_add_fds(&s, &o->fds, a);
}
