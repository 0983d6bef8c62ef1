/*
 * step: the job step that the caller is a part of, as its environment tells.
 *
 * A launcher (srun, mpirun) talks with each process that it starts, a rank, by variables, by a descriptor
 * and by files.  Without them every rank believes that it is alone, and the job ends with N times the
 * result of one.
 */
#pragma once

#include "plan/options.h"
#include "util/arena.h"
#include "util/err.h"

struct step {
	const char *launcher; /* for messages; NULL: the caller is in no job step */
	const char *rank;     /* a variable without which a rank is alone, or NULL */
	unsigned tasks;	      /* of the step on this node; 0: unknown */
	struct strv env;      /* NAME=VALUE: what the command has to get */
	struct strv fds;      /* numbers of descriptors that variables name */
	struct strv dirs;     /* directories that variables name */
};

/* Read the caller's environment.  Touches memory only: strings are a's or env's. */
void step_read(struct step *s, char *const *env, struct arena *a);

/*
 * Add the number of a descriptor that the command gets; it must be open.  Returns 0, or -1 with e.
 */
int step_take_fd(const char *number, struct strv *fds, struct arena *a, struct err *e);

/*
 * Add to the options of a run what the step needs, or warn of what is not passed on: --hpc and --no-hpc
 * decide, else whether there is a step; o->hpc becomes 1 or -1.  What the options say already stays.
 */
void step_join_run(struct run_options *o, struct arena *a);

/* The same for `exec`. */
void step_join_exec(struct exec_options *o, struct arena *a);
