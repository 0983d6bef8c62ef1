/*
 * process: what a run starts, with which environment and where.
 */
#pragma once

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->args by Docker's rules: the command replaces Cmd; --entrypoint replaces Entrypoint and
 * removes Cmd; an empty --entrypoint leaves only the command.  Returns 0, or -1 with e if nothing is
 * left to run.
 */
int process_args(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);

/*
 * Fill p->env: defaults, then the image's, then the options'.  Of several with one name the last
 * wins, in the place of the first.  An option without '=' removes the variable.  home is the default
 * of HOME.  Needs p->hostname.
 */
void process_env(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char *home);

/* Fill p->env for exec: the run's variables, changed by the options. */
void process_exec_env(
	struct plan *p, char *const *run, const struct exec_options *o, const char *term);

/* Fill p->fds. */
void process_fds(struct plan *p, const struct strv *numbers);

/* Fill p->cwd: --workdir, else the image's, else "/".  '..' of the root is the
 * root.  Returns 0, or -1 with e if it is too long. */
int process_cwd(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);

/* Print a note about what the command is known to need and does not have.  Needs p's ids. */
void process_hint(const struct plan *p);

/*
 * Set p->stop_signal: --stop-signal, else the image's, else SIGTERM.  Returns 0, or -1 with e for an
 * unknown one in the option; for one in the image a note is enough.
 */
int process_stop_signal(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e);
