/*
 * slurm: what Slurm's own commands need inside: squeue, sbatch, srun.
 */
#pragma once

#include "plan/options.h"
#include "util/arena.h"

/*
 * Add to the options of a run the configuration, munge's socket, and the name of the user that slurmctld
 * runs as.  What is missing on this host is left out.
 */
void slurm_show(struct run_options *o, struct arena *a);

/*
 * The path of the host's slurm.conf, or NULL.  *ret_socket is where munge's socket is, or would be.  Both are
 * a's.
 */
const char *slurm_find(char **ret_socket, struct arena *a);

/* The value of a key of slurm.conf, or NULL.  Touches memory only; the value is a's. */
char *slurm_value(const char *conf, const char *key, struct arena *a);
