/*
 * site: what nodes of clusters have, and other hosts do not need.
 * Reads CDI specifications, /dev, and the configuration of Slurm.
 */
#include "doctor/site.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "cdi/cdi.h"
#include "launch/gpu.h"
#include "launch/slurm.h"

static void site_cdi(struct probe *p)
{
	struct cdi c;

	cdi_read(&c, NULL);
	if (c.n_problems)
		probe_find(p, PROBE_MISSING, "%s", c.problems[0].msg);
	else if (!c.n_devices)
		probe_find(p, PROBE_MISSING, "/etc/cdi and /var/run/cdi describe no device");
	else
		probe_find(p, PROBE_OK, "%zu device%s, such as %s", c.n_devices,
			c.n_devices == 1 ? "" : "s", c.devices[0].name);
	cdi_done(&c);
}

static void site_gpus(struct probe *p)
{
	struct gpu list[GPU_MAX];
	size_t n, of[GPU_VENDORS] = { 0 };
	struct arena a = { 0 };
	const char *text = NULL, *closed = NULL;

	n = gpu_list(list, &a);
	for (size_t i = 0; i < n; i++) {
		of[list[i].vendor]++;
		if (access(list[i].node, R_OK | W_OK) < 0)
			closed = list[i].node;
	}
	for (unsigned v = 0; v < GPU_VENDORS; v++)
		if (of[v])
			text = arena_printf(&a, "%s%s%zu of %s", text ? text : "", text ? ", " : "",
				of[v], gpu_vendors[v].name);
	if (closed) {
		probe_find(p, PROBE_MISSING, "%s: you may not use it", closed);
		(void)err_hint(&p->e, "your user in the group of %s: usermod -aG", closed);
	} else {
		probe_find(p, text ? PROBE_OK : PROBE_MISSING, "%s",
			text ? text : "there is none of NVIDIA, AMD or Intel in /dev");
	}
	arena_done(&a);
}

static void site_network(struct probe *p)
{
	static const char *const patterns[] = { "/dev/infiniband/uverbs*", "/dev/cxi*",
		"/dev/hfi1*" };
	const size_t last = sizeof(patterns) / sizeof(*patterns) - 1;
	glob_t found = { 0 };

	for (size_t i = 0; i <= last; i++)
		(void)glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found);
	if (!found.gl_pathc)
		probe_find(p, PROBE_MISSING,
			"no device of InfiniBand, Slingshot or Omni-Path is in /dev");
	else if (access(found.gl_pathv[0], R_OK | W_OK) < 0)
		probe_find(p, PROBE_MISSING, "%s: %s", found.gl_pathv[0], strerror(errno));
	else
		probe_find(p, PROBE_OK, "%s%s: --device @hpc shows %s", found.gl_pathv[0],
			found.gl_pathc > 1 ? " and others" : "",
			found.gl_pathc > 1 ? "them" : "it");
	globfree(&found);
}

/* Slurm's own launcher of PMIx ranks. */
static bool site_has_pmix(void)
{
	static const char *const places[] = { "/usr/lib*/slurm/mpi_pmix*.so",
		"/usr/lib/*/slurm*/mpi_pmix*.so", "/opt/slurm/lib*/slurm/mpi_pmix*.so" };
	glob_t found;
	bool there = false;

	for (size_t i = 0; !there && i < sizeof(places) / sizeof(*places); i++) {
		there = glob(places[i], 0, NULL, &found) == 0;
		if (there)
			globfree(&found);
	}
	return there;
}

static void site_slurm(struct probe *p)
{
	struct arena a = { 0 };
	char *socket;
	const char *conf = slurm_find(&socket, &a);

	if (!conf)
		probe_find(p, PROBE_MISSING, "there is no slurm.conf");
	else if (access(socket, W_OK) < 0)
		probe_find(p, PROBE_MISSING, "munge: %s: %s", socket, strerror(errno));
	else
		probe_find(p, PROBE_OK, "%s, munge%s", conf,
			site_has_pmix() ? ", PMIx" : "; srun --mpi=pmix is not there");
	arena_done(&a);
}

void site_checks(struct probe list[SITE_CHECKS])
{
	site_cdi(&list[0]);
	site_gpus(&list[1]);
	site_network(&list[2]);
	site_slurm(&list[3]);
}
