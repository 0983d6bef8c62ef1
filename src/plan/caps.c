/*
 * caps: --cap-add and --cap-drop.
 * Touches memory only.
 */
#include "plan/caps.h"

#include <string.h>
#include <strings.h>

#include "plan/defaults.h"
#include "util/capname.h"

#define CAPS_ALL ((UINT64_C(1) << CAPNAME_COUNT) - 1)

/* One list.  An item may be a list itself, with commas, as podman accepts it. */
static int caps_read(
	const struct strv *l, const char *option, uint64_t *ret, bool *ret_all, struct err *e)
{
	*ret = 0;
	*ret_all = false;
	for (size_t i = 0; i < l->n; i++) {
		for (const char *s = l->v[i];; s++) {
			size_t n = strcspn(s, ",");
			char name[32] = "";
			uint64_t bit;

			if (n < sizeof(name))
				memcpy(name, s, n);
			bit = capname_bit(name);
			if (strcasecmp(name, "ALL") == 0)
				*ret_all = true;
			else if (!bit)
				return err_set(
					e, 0, "--%s %s: no such capability", option, l->v[i]);
			*ret |= bit;
			s += n;
			if (!*s)
				break;
		}
	}
	return 0;
}

int caps_check(const struct run_options *o, struct err *e)
{
	uint64_t ignored;
	bool all;

	return caps_read(&o->cap_add, "cap-add", &ignored, &all, e) < 0
		       ? -1
		       : caps_read(&o->cap_drop, "cap-drop", &ignored, &all, e);
}

/*
 * Without a user namespace the capabilities count on the host.  So the run may not make device nodes
 * (Docker keeps them closed by a cgroup), nor read the traffic of the host's network.
 */
static uint64_t caps_usual(const struct plan *p)
{
	uint64_t caps = defaults_caps();

	if (p->host_ids)
		caps &= ~(capname_bit("MKNOD") |
			  (p->network == NETWORK_HOST ? capname_bit("NET_RAW") : 0));
	return caps;
}

void caps_hold(struct plan *p)
{
	p->caps.effective = p->caps.permitted = p->uid == 0 ? p->caps.bounding : 0;
}

int caps_plan(struct plan *p, const struct run_options *o, struct err *e)
{
	uint64_t add, drop;
	bool add_all, drop_all;

	if (caps_read(&o->cap_add, "cap-add", &add, &add_all, e) < 0 ||
		caps_read(&o->cap_drop, "cap-drop", &drop, &drop_all, e) < 0)
		return -1;
	if (add_all || o->privileged)
		p->caps.bounding = CAPS_ALL & ~drop;
	else if (drop_all)
		p->caps.bounding = add;
	else
		p->caps.bounding = (caps_usual(p) & ~drop) | add;
	caps_hold(p);
	return 0;
}
