/*
 * make: makes a plan of an image's config, the options and facts about the host.
 * Touches memory only: makes no system call.
 */
#include "plan/make.h"

#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "plan/caps.h"
#include "plan/defaults.h"
#include "plan/etc.h"
#include "plan/ids.h"
#include "plan/limits.h"
#include "plan/mounts.h"
#include "plan/network.h"
#include "plan/process.h"
#include "plan/security.h"
#include "plan/sysctl.h"
#include "plan/user.h"
#include "plan/volume.h"
#include "seccomp/table.h"
#include "util/size.h"

#define MAKE_HOSTNAME_MAX 64 /* bytes that sethostname(2) takes */
#define MAKE_UMASK 022	     /* Docker's and podman's */
#define MAKE_SHORT_ID 12     /* hex digits of an id that Docker shows */

/* The name is in /etc/hosts too, so it must be one word. */
static int make_check_hostname(const char *name, struct err *e)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

	if (strlen(name) > MAKE_HOSTNAME_MAX)
		return err_set(e, 0, "--hostname %.80s: must have at most %d characters", name,
			MAKE_HOSTNAME_MAX);
	if (name[strspn(name, chars)] || *name == '-' || *name == '.')
		return err_set(e, 0,
			"--hostname %s: only letters, digits, '-', '_' and '.', starting with a letter or digit",
			name);
	return 0;
}

static void make_hostname(struct plan *p, const struct run_options *o, const struct host_facts *h)
{
	/* scripts pass -h "$NAME" */
	const char *name = o->hostname && *o->hostname ? o->hostname : NULL;

	/* On the host's network others know the run by the host's name, and only that resolves: MPI
	 * relies on it. */
	if (!name && p->network == NETWORK_HOST && h->hostname && *h->hostname)
		name = h->hostname;
	if (!name)
		p->hostname = h->image_id ? arena_strndup(&p->arena, h->image_id, MAKE_SHORT_ID)
					  : arena_strdup(&p->arena, "sandbox");
	else
		p->hostname = arena_strdup(&p->arena, name);
}

/* Octal, as umask(2) takes it. */
static int make_umask(struct plan *p, const struct run_options *o, struct err *e)
{
	size_t n = o->umask ? strspn(o->umask, "01234567") : 0;

	p->umask = MAKE_UMASK;
	if (!o->umask)
		return 0;
	if (n == 0 || n > 4 || o->umask[n] || (n == 4 && o->umask[0] != '0'))
		return err_set(e, 0, "--umask %s: not an octal mode up to 0777", o->umask);
	p->umask = (int)strtoul(o->umask, NULL, 8);
	return 0;
}

static int make_scratch_size(struct plan *p, const struct run_options *o, struct err *e)
{
	uint64_t bytes;

	if (!o->scratch_size)
		return 0;
	if (size_read("--scratch-size", o->scratch_size, 1, &bytes, e) < 0)
		return -1;
	p->scratch_size = arena_printf(&p->arena, "%llu", (unsigned long long)bytes);
	return 0;
}

static int make_scratch(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	if (o->writable && (o->scratch || o->writable_copy))
		return err_set(e, 0, "--writable and %s exclude each other",
			o->scratch ? "--scratch" : "--writable-copy");
	if (o->scratch && volume_source(o->scratch, h->cwd, "--scratch", o->scratch, &p->arena,
				  &p->scratch, e) < 0)
		return -1;
	p->writable = arena_strdup(&p->arena, o->writable);
	p->writable_copy = o->writable_copy && !o->read_only;
	if (o->scratch_size && (o->scratch || o->writable))
		return err_set(e, 0,
			"--scratch-size: limits memory; --scratch and --writable use a directory");
	return 0;
}

/* What is read of each option alone. */
static int make_values(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e)
{
	if (o->hostname && make_check_hostname(o->hostname, e) < 0)
		return -1;
	if (o->domainname && strlen(o->domainname) > MAKE_HOSTNAME_MAX)
		return err_set(e, 0, "--domainname %.80s: must have at most %d characters",
			o->domainname, MAKE_HOSTNAME_MAX);
	return network_read(p, o, e) < 0 || make_umask(p, o, e) < 0 ||
			       process_stop_signal(p, c, o, e) < 0 ||
			       make_scratch_size(p, o, e) < 0 || ids_emulate(p, o, e) < 0 ||
			       process_cwd(p, c, o, e) < 0 || limits_read(p, o, e) < 0 ||
			       sysctl_read(p, o, e) < 0
		       ? -1
		       : 0;
}

int plan_check(const struct run_options *o, struct err *e)
{
	const struct image_config none = { 0 };
	struct plan p = { 0 };
	int r = make_values(&p, &none, o, e) < 0 || ids_check_user(o, e) < 0 ||
				caps_check(o, e) < 0 || security_check(o, e) < 0 ||
				etc_check(o, e) < 0 || mounts_check(o, e) < 0
			? -1
			: 0;

	plan_done(&p);
	return r;
}

static char **make_strv(struct arena *a, char *const *v)
{
	struct strv l = { 0 };

	for (; v && *v; v++)
		strv_add_copy(a, &l, *v);
	return l.v;
}

static void make_hooks(struct plan *p, const struct plan_hooks *hooks)
{
	struct plan_hooks *l = &p->create_container;

	l->v = hooks->n ? arena_alloc(&p->arena, hooks->n * sizeof(*l->v)) : NULL;
	for (; l->n < hooks->n; l->n++) {
		const struct plan_hook *h = &hooks->v[l->n];

		l->v[l->n] = (struct plan_hook){ arena_strdup(&p->arena, h->path),
			make_strv(&p->arena, h->args), make_strv(&p->arena, h->env), h->timeout };
	}
}

int plan_make(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e)
{
	const char *home = NULL;

	*p = (struct plan){
		.no_init = o->no_init,
		.host_ids = o->no_userns,
		.preserve_fds = o->preserve_fds,
		.tty = o->tty,
		.tty_input = !o->background,
		.timeout = o->timeout,
		.stop_timeout = o->stop_timeout,
		.root_mode = ROOT_EPHEMERAL,
		.read_only = o->read_only,
		.no_new_privs = true,
		.oom_score_adj = PLAN_UNSET,
		.masked_paths = defaults_masked_paths,
		.read_only_paths = defaults_read_only_paths,
		.seccomp = o->hpc > 0 ? &seccomp_hpc : &seccomp_docker,
	};
	p->rootfs = arena_strdup(&p->arena, h->rootfs);
	p->domainname = arena_strdup(&p->arena, o->domainname);
	if (process_args(p, c, o, e) < 0 || make_values(p, c, o, e) < 0 ||
		network_plan(p, o, h, e) < 0 || make_scratch(p, o, h, e) < 0 ||
		ids_plan(p, c, o, h, &home, e) < 0 || caps_plan(p, o, e) < 0 ||
		security_plan(p, o, h, e) < 0 || limits_check(p, o, e) < 0)
		return -1;
	if (p->emulate == SECCOMP_EMULATE_IDS && !p->seccomp)
		return err_set(e, 0, "--emulate ids: is done by the seccomp filter, which is off");
	make_hostname(p, o, h);
	process_hint(p);
	process_env(p, c, o, h, home);
	process_fds(p, &o->fds);
	make_hooks(p, &o->edits.create_container);
	return mounts_plan(p, c, o, h, e);
}

static int make_exec_user(
	struct plan *p, const struct exec_options *o, const struct host_facts *h, struct err *e)
{
	struct user user;

	if (!o->user || !*o->user)
		return 0;
	if (user_resolve("--user", o->user, h->passwd, h->group, &p->arena, &user, e) < 0)
		return -1;
	if (p->emulate != SECCOMP_EMULATE_IDS && !p->map_helpers && !p->host_ids &&
		(user.uid != p->uid || user.gid != p->gid)) {
		(void)err_set(e, 0, "--user %s: only %u:%u is mapped in this sandbox", o->user,
			p->uid, p->gid);
		return err_hint(e, "start it with --emulate=ids or --subuid to use other users");
	}
	p->uid = user.uid;
	p->gid = user.gid;
	if (p->emulate != SECCOMP_EMULATE_IDS) /* whose supervisor knows what a user has */
		caps_hold(p);
	return 0;
}

int plan_make_exec(struct plan *p, const struct plan *run, const struct exec_options *o,
	const struct host_facts *h, struct err *e)
{
	const struct image_config none = { 0 };
	const struct run_options cwd = { .workdir = o->workdir };
	struct strv words = { 0 };

	*p = *run;
	p->arena = (struct arena){ 0 };
	p->tty = o->tty;
	p->tty_input = true;
	p->timeout = 0;
	p->preserve_fds = 0;
	process_fds(p, &o->fds);
	p->home = NULL;
	for (char *const *word = o->command; *word; word++)
		strv_add_copy(&p->arena, &words, *word);
	p->args = words.v;
	process_exec_env(p, run->env, o, h->term);
	if (o->workdir && process_cwd(p, &none, &cwd, e) < 0)
		return -1;
	return make_exec_user(p, o, h, e);
}
