/*
 * process: what is started, in which environment and where.
 */
#ifndef PLAN_PROCESS_H
#define PLAN_PROCESS_H

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->args by Docker's rules: the command replaces Cmd; --entrypoint replaces Entrypoint and
 * takes Cmd with it; an empty --entrypoint leaves the command alone.  Returns 0, or -1 with e where
 * nothing is left to run.
 */
int process_args(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);

/*
 * Fill p->env: defaults, then the image's, then the options', the last of a name winning in the
 * place of the first. An option without '=' takes the name out.  home stands where nobody sets
 * HOME.  Needs p->hostname.
 */
void process_env(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char *home);

/* Fill p->env for exec: the run's, and what the options set. */
void process_exec_env(
	struct plan *p, char *const *run, const struct exec_options *o, const char *term);

/* Fill p->cwd: --workdir, else the image's, else "/".  Returns 0, or -1 with e where it leads out
 * of the root. */
int process_cwd(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);

/*
 * Set p->stop_signal: --stop-signal, else the image's, else SIGTERM.  Returns 0, or -1 with e where
 * the option names none; an image that does is none to refuse.
 */
int process_stop_signal(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);

#endif
