/*
 * devices: devices that the options ask for by a name, and not by a path.
 * Reads CDI specifications, and the caller's groups.
 */
#include "launch/devices.h"

#include <limits.h>
#include <unistd.h>

#include "cdi/cdi.h"
#include "util/log.h"

/* The caller's groups are effective inside as well, and no others can be. */
static bool devices_have_group(uint32_t gid)
{
	static gid_t groups[NGROUPS_MAX];
	int n = getgroups(NGROUPS_MAX, groups);

	while (n > 0 && groups[n - 1] != gid)
		n--;
	return n > 0 || getegid() == gid;
}

static void devices_tell_groups(const struct plan_edits *ed)
{
	for (size_t i = 0; i < ed->n_gids; i++)
		if (!devices_have_group(ed->gids[i]))
			log_note(
				"a device wants the group %u, which you are not in: its files may not open",
				ed->gids[i]);
}

int devices_find(struct run_options *o, struct arena *a, struct err *e)
{
	struct strv names = { 0 }, paths = { 0 };
	struct cdi c;
	int r;

	for (size_t i = 0; i < o->devices.n; i++)
		strv_add(a, edits_is_name(o->devices.v[i]) ? &names : &paths, o->devices.v[i]);
	if (!names.n)
		return 0;
	o->devices = paths;
	cdi_read(&c, o->cdi_dirs.v);
	r = cdi_resolve(&c, &names, &o->edits, a, e);
	cdi_done(&c);
	if (r == 0)
		devices_tell_groups(&o->edits);
	return r;
}
