/*
 * plan: one run, decided from an image's config, the options and facts about the host.
 * Called by cli/run.
 * Touches memory only: no system call is made on the way.
 */
#include "plan/plan.h"

#include <linux/sched.h>
#include <string.h>

#include "plan/defaults.h"
#include "plan/mounts.h"
#include "plan/options.h"
#include "plan/process.h"
#include "plan/user.h"

#define PLAN_HOSTNAME_MAX 64 /* bytes that sethostname(2) takes */
#define PLAN_SHORT_ID 12     /* hex digits of an id that Docker shows */

void plan_done(struct plan *p)
{
	if (!p)
		return;
	arena_done(&p->arena);
	*p = (struct plan){ 0 };
}

/* It ends up in /etc/hosts too, so that it must be one word. */
static int plan_hostname(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	const char *name = o->hostname;

	/* On the host's network it is the host's name that others know it by, and that resolves: MPI relies on it. */
	if (!name && p->network == NETWORK_HOST && h->hostname && *h->hostname) {
		p->hostname = arena_strdup(&p->arena, h->hostname);
		return 0;
	}
	if (!name) {
		p->hostname = h->image_id ? arena_strndup(&p->arena, h->image_id, PLAN_SHORT_ID)
					  : arena_strdup(&p->arena, "sandbox");
		return 0;
	}
	if (!*name || strlen(name) > PLAN_HOSTNAME_MAX)
		return err_set(e, 0, "hostname \"%s\": must have 1 to %d characters", name,
			PLAN_HOSTNAME_MAX);
	if (name[strspn(name, chars)] || *name == '-' || *name == '.')
		return err_set(e, 0,
			"hostname \"%s\": only letters, digits, '-', '_' and '.', "
			"starting with a letter or digit",
			name);
	p->hostname = arena_strdup(&p->arena, name);
	return 0;
}

static int plan_network(struct plan *p, const struct run_options *o, struct err *e)
{
	p->namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
		CLONE_NEWCGROUP;
	if (!o->network || strcmp(o->network, "host") == 0) {
		p->network = NETWORK_HOST;
		return 0;
	}
	if (strcmp(o->network, "none") == 0) {
		p->network = NETWORK_NONE;
		p->namespaces |= CLONE_NEWNET;
		return 0;
	}
	return err_set(e, 0, "network \"%s\": only host and none can be had", o->network);
}

/* An unprivileged caller may map itself, once (user_namespaces(7)); inside it is the image's user.
 */
static struct id_map *plan_map_one(struct plan *p, uint32_t inside, uint32_t outside)
{
	struct id_map *m = arena_alloc(&p->arena, sizeof(*m));

	*m = (struct id_map){ .inside = inside, .outside = outside, .count = 1 };
	return m;
}

static int plan_ids(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char **ret_home, struct err *e)
{
	const char *text = o->user && *o->user ? o->user : c->user;
	struct user user;

	if (user_resolve(text ? text : "", h->passwd, h->group, &p->arena, &user, e) < 0)
		return -1;
	p->uid = user.uid;
	p->gid = user.gid;
	p->uid_maps = plan_map_one(p, user.uid, h->uid);
	p->gid_maps = plan_map_one(p, user.gid, h->gid);
	p->n_uid_maps = 1;
	p->n_gid_maps = 1;
	*ret_home = user.home;
	return 0;
}

/* What is asked for and not carried out must not pass in silence. */
static int plan_refuse(const struct run_options *o, struct err *e)
{
	const struct {
		bool asked;
		const char *option;
	} rows[] = {
		{o->env_host, "env-host"}, {o->umask, "umask"}, {o->tty, "tty"}, {o->preserve_fds, "preserve-fds"},
		{o->keep_id, "keep-id"}, {o->subuid, "subuid"}, {o->emulate, "emulate"}, {o->mounts.n, "mount"},
		{o->devices.n, "device"}, {o->shm_size, "shm-size"}, {o->scratch_size, "scratch-size"},
		{o->on_disk, "scratch"}, {o->timezone, "tz"}, {o->publish.n, "publish"}, {o->add_host.n, "add-host"},
		{o->dns.n, "dns"}, {o->cap_add.n || o->cap_drop.n, "cap-add"}, {o->security.n, "security-opt"},
		{o->ulimits.n, "ulimit"}, {o->memory, "memory"}, {o->cpus, "cpus"}, {o->pids_limit, "pids-limit"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].asked)
			return err_set(e, 0, "--%s: not built yet", rows[i].option);
	return 0;
}

int plan_make(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e)
{
	const char *home = NULL;

	*p = (struct plan){
		.no_init = o->no_init,
		.root_mode = o->read_only ? ROOT_READ_ONLY : ROOT_EPHEMERAL,
		.masked_paths = defaults_masked_paths,
		.read_only_paths = defaults_read_only_paths,
		.caps = defaults_caps(),
		.seccomp = SECCOMP_DEFAULT,
		.emulate_ids = true, /* as long as plan_ids maps one id only */
	};
	p->rootfs = arena_strdup(&p->arena, h->rootfs);
	if (plan_refuse(o, e) < 0 || process_args(p, c, o, e) < 0 || plan_network(p, o, e) < 0 ||
		plan_hostname(p, o, h, e) < 0 || plan_ids(p, c, o, h, &home, e) < 0 ||
		process_cwd(p, c, o, e) < 0)
		return -1;
	process_env(p, c, o, h, home);
	return mounts_plan(p, c, o, h, e);
}
