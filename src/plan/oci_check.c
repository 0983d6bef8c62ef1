/*
 * oci_check: what a config.json may ask for and the runtime cannot do yet.
 * Touches memory only.
 */
#include <linux/sched.h>
#include <stddef.h>
#include <sys/mount.h>

#include "plan/hook.h"
#include "plan/oci.h"
#include "plan/oci_table.h"
#include "plan/sysctl.h"

/* One member's value is not enough to tell. */
static const char *oci_unable(const struct plan *p)
{
	if (p->root_mode == ROOT_AS_IS)
		return "root without the annotation sandbox.root=ephemeral";
	/* the filter that answers calls would answer those that give up rights, too */
	if (!p->no_new_privs && !p->map_helpers)
		return "process without noNewPrivileges, with one id";
	for (size_t i = 0; i < p->n_spaces; i++)
		if (p->spaces[i].path)
			return "linux.namespaces with a path";
	if (!(p->namespaces & CLONE_NEWNS) || !(p->namespaces & CLONE_NEWPID))
		return "linux.namespaces without mount and pid";
	if (sysctl_foreign(p))
		return "linux.sysctl of what no namespace of the run has";
	if (p->caps.effective != p->caps.permitted)
		return "process.capabilities with another effective than permitted set";
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct plan_mount *m = &p->mounts[i];

		if (m->propagation & ~(unsigned)MS_REC & ~(unsigned)MS_PRIVATE)
			return "mounts with propagation";
		if (m->idmap || m->ridmap || m->n_uid_maps || m->n_gid_maps)
			return "mounts with maps of ids";
	}
	return NULL;
}

int oci_check(const struct plan *p, struct err *e)
{
	const char *what = oci_unable(p);
	char name[OCI_NAME_MAX];

	for (const struct oci_field *f = oci_fields; !what && f->kind != OCI_END; f++)
		if ((f->flags & OCI_LATER) && !oci_is_absent(f, p))
			what = oci_name(f->path, name);
	for (size_t i = 0; !what && i < p->create_container.n; i++)
		if (hook_kind(&p->create_container.v[i], e) < 0)
			return -1;
	return what ? err_set(e, 0, "config.json: %s is not supported yet", what) : 0;
}
