/*
 * step: what a caller's environment says of its job step, as tables.
 * Run by prove.
 * Touches memory only.
 */
#include <stdio.h>

#include "launch/slurm.h"
#include "launch/step.h"
#include "plan_facts.h"
#include "tap.h"

static void test_read(void)
{
	static const struct {
		const char *name;
		list env;
		const char *launcher, *rank;
		unsigned tasks;
		const char *taken, *fds, *dirs;
	} cases[] = {
		{ "nothing", { "HOME=/h", "PATH=/bin" }, NULL, NULL, 0, "", "", "" },
		{ "settings of libraries are no step",
			{ "OMP_NUM_THREADS=2", "OMPI_MCA_btl=self", "TMPDIR=/t" }, NULL, NULL, 0,
			"OMP_NUM_THREADS=2|OMPI_MCA_btl=self|TMPDIR=/t|", "", "/t|" },
		{ "a batch script",
			{ "SLURM_JOB_ID=7", "SLURMD_NODENAME=n1", "SLURMS=x", "LD_PRELOAD=/x",
				"PATH=/bin" },
			"Slurm", NULL, 0, "SLURM_JOB_ID=7|SLURMD_NODENAME=n1|", "", "" },
		{ "PMI over a descriptor",
			{ "SLURM_JOB_ID=7", "SLURM_NODEID=1", "SLURM_STEP_TASKS_PER_NODE=4,3",
				"PMI_FD=11", "PMI_RANK=1" },
			"Slurm", "PMI_FD", 3,
			"SLURM_JOB_ID=7|SLURM_NODEID=1|SLURM_STEP_TASKS_PER_NODE=4,3|PMI_FD=11|PMI_RANK=1|",
			"11|", "" },
		{ "hydra", { "PMI_FD=6", "PMI_RANK=0", "HYDI_CONTROL_FD=7", "MPI_LOCALNRANKS=2" },
			"PMI", "PMI_FD", 2,
			"PMI_FD=6|PMI_RANK=0|HYDI_CONTROL_FD=7|MPI_LOCALNRANKS=2|", "6|7|", "" },
		{ "descriptors that are none",
			{ "PMI_FD=2", "HYDI_CONTROL_FD=x", "FI_FD=", "PALS_FD=-4" }, "PMI",
			"PMI_FD", 0, "PMI_FD=2|HYDI_CONTROL_FD=x|FI_FD=|PALS_FD=-4|", "", "" },
		{ "PMIx",
			{ "PMIX_RANK=0", "PMIX_SERVER_TMPDIR=/s/pmix.7.0/",
				"PMIX_DSTORE_21_BASE_PATH=/d" },
			"PMIx", "PMIX_RANK", 0,
			"PMIX_RANK=0|PMIX_SERVER_TMPDIR=/s/pmix.7.0/|PMIX_DSTORE_21_BASE_PATH=/d|",
			"", "/s/pmix.7.0/|/d|" },
		{ "Open MPI inside Slurm",
			{ "SLURM_JOB_ID=7", "OMPI_COMM_WORLD_RANK=0",
				"OMPI_COMM_WORLD_LOCAL_SIZE=8", "OMPI_FILE_LOCATION=/tmp/o" },
			"Open MPI's mpirun", "OMPI_COMM_WORLD_RANK", 8,
			"SLURM_JOB_ID=7|OMPI_COMM_WORLD_RANK=0|OMPI_COMM_WORLD_LOCAL_SIZE=8|OMPI_FILE_LOCATION=/tmp/o|",
			"", "/tmp/o|" },
		{ "others", { "FLUX_JOB_ID=f", "PBS_JOBID=1" }, "Flux", NULL, 0,
			"FLUX_JOB_ID=f|PBS_JOBID=1|", "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		struct step s;
		char buf[512], name[96];

		step_read(&s, listed(&a, cases[i].env), &a);
		snprintf(name, sizeof(name), "%s: ", cases[i].name);
#define NAME(what) (snprintf(buf, sizeof(buf), "%s" what, name), arena_strdup(&a, buf))
		tap_str(s.launcher ? s.launcher : "", cases[i].launcher ? cases[i].launcher : "",
			NAME("launcher"));
		tap_str(s.rank ? s.rank : "", cases[i].rank ? cases[i].rank : "", NAME("rank"));
		tap_int((int)s.tasks, (int)cases[i].tasks, NAME("tasks"));
		tap_str(arena_strdup(&a, joined(s.env.v, buf, sizeof(buf))), cases[i].taken,
			NAME("variables"));
		tap_str(arena_strdup(&a, joined(s.fds.v, buf, sizeof(buf))), cases[i].fds,
			NAME("descriptors"));
		tap_str(arena_strdup(&a, joined(s.dirs.v, buf, sizeof(buf))), cases[i].dirs,
			NAME("directories"));
		arena_done(&a);
	}
}

/* Slurm's lists of tasks a node; 0 for what cannot be read. */
static void test_tasks(void)
{
	static const struct {
		const char *list, *node;
		unsigned want;
	} cases[] = {
		{ "4", "0", 4 },
		{ "4", "1", 0 },
		{ "2(x2),1", "0", 2 },
		{ "2(x2),1", "1", 2 },
		{ "2(x2),1", "2", 1 },
		{ "2(x2),1", "3", 0 },
		{ "", "0", 0 },
		{ "x", "0", 0 },
		{ "3(x", "0", 0 },
		{ "1(x2),,5", "2", 0 },
		{ "1,7(x99999999999999999999)", "1", 0 },
		{ "4", "", 0 },
		{ "4", "-1", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		struct step s;
		char *env[] = { arena_printf(&a, "SLURM_TASKS_PER_NODE=%s", cases[i].list),
			arena_printf(&a, "SLURM_NODEID=%s", cases[i].node), NULL };

		step_read(&s, env, &a);
		tap_int((int)s.tasks, (int)cases[i].want,
			arena_printf(&a, "\"%s\" for node \"%s\"", cases[i].list, cases[i].node));
		arena_done(&a);
	}
}

static void test_slurm(void)
{
	static const struct {
		const char *conf, *want;
	} cases[] = {
		{ "SlurmUser=slurm", "slurm" },
		{ "#SlurmUser=no\n \tslurmuser = me # why\n", "me" },
		{ "SlurmUserX=a\nXSlurmUser=b\nSlurmUser\nSlurmUser=c\r\n", "c" },
		{ "SlurmUser=", "" },
		{ "SlurmUser=\nSlurmUser=d", "" },
		{ "", "none" },
		{ "Slurm", "none" },
		{ "\n\n=x\n", "none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		const char *value = slurm_value(cases[i].conf, "SlurmUser", &a);

		tap_str(value ? value : "none", cases[i].want,
			arena_printf(&a, "slurm.conf %zu", i));
		arena_done(&a);
	}
}

int main(void)
{
	test_slurm();
	test_read();
	test_tasks();
	return tap_done();
}
