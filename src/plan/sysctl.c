/*
 * sysctl: --sysctl, by Docker's list of what belongs to a namespace.
 * Touches memory only.
 */
#include "plan/sysctl.h"

#include <linux/sched.h>
#include <string.h>

/* A name of the list that ends with a dot stands for all that begin so. */
static bool sysctl_is_among(const char *name, const char *const *names)
{
	for (; *names; names++) {
		const size_t n = strlen(*names);

		if ((*names)[n - 1] == '.' ? strncmp(name, *names, n) == 0 && name[n]
					   : strcmp(name, *names) == 0)
			return true;
	}
	return false;
}

static bool sysctl_is_own(const char *name, unsigned namespaces)
{
	static const char *const net[] = { "net.", NULL };
	static const char *const ipc[] = { "fs.mqueue.", "kernel.msgmax", "kernel.msgmnb",
		"kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
		"kernel.shm_rmid_forced", NULL };

	return (namespaces & CLONE_NEWNET && sysctl_is_among(name, net)) ||
	       (namespaces & CLONE_NEWIPC && sysctl_is_among(name, ipc));
}

int sysctl_read(struct plan *p, const struct run_options *o, struct err *e)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	struct plan_pair *v = NULL;

	if (o->sysctls.n)
		v = arena_alloc(&p->arena, o->sysctls.n * sizeof(*v));
	for (size_t i = 0; i < o->sysctls.n; i++) {
		char *name = arena_strdup(&p->arena, o->sysctls.v[i]);
		size_t n = strspn(name, chars);

		if (n == 0 || name[n] != '=')
			return err_set(e, 0, "--sysctl %s: not of the form NAME=VALUE", name);
		name[n] = '\0';
		v[i] = (struct plan_pair){ name, name + n + 1 };
		if (!sysctl_is_own(name, CLONE_NEWNET | CLONE_NEWIPC))
			return err_set(e, 0,
				"--sysctl %s: is not a run's own: only net.*, fs.mqueue.* and those of shared memory and messages are",
				o->sysctls.v[i]);
	}
	p->sysctls = (struct plan_pairs){ v, o->sysctls.n };
	return 0;
}

const struct plan_pair *sysctl_foreign(const struct plan *p)
{
	for (size_t i = 0; i < p->sysctls.n; i++)
		if (!sysctl_is_own(p->sysctls.v[i].name, p->namespaces))
			return &p->sysctls.v[i];
	return NULL;
}
