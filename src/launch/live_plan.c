/*
 * live_plan: the plan of a live run, and its namespaces, for one more process.
 * Reads its entry; connects to its door.
 */
#include "launch/live_plan.h"

#include <string.h>

#include "plan/oci.h"
#include "runs/door.h"

int live_plan_read(const struct live_run *r, struct plan *p, struct err *e)
{
	if (r->config[0] == '\0')
		return err_set(e, 0, "%s: was started by another version of sandbox",
			live_run_text(r, "id"));
	return oci_read(p, r->config, strlen(r->config), e) < 0
		       ? err_wrap(e, "%s", live_run_text(r, "id"))
		       : 0;
}

int live_plan_join(const struct live_run *r, struct plan *p, struct join *j, struct err *e)
{
	const char *door = live_run_text(r, "door");
	struct proc init = PROC_NONE;
	bool ignored;
	int fd, status = live_run_open_init(r, &init, e);

	if (status == 0)
		status = live_plan_read(r, p, e);
	if (status == 0 && !*door) {
		status = join_open(j, p, &init, e);
	} else if (status == 0) {
		fd = door_knock(r->dir, door);
		status = fd < 0 ? -1 : join_ask(j, fd, &ignored, e);
		if (fd < 0 || status > 0)
			status = err_set(e, 0, "%s: has just ended", live_run_text(r, "id"));
	}
	proc_done(&init);
	return status;
}
