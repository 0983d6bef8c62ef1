/*
 * group: the ranks of a job step on this node, which share a sandbox.
 * Reads the environment; asks who made a socket.
 */
#include "launch/group.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/number.h"

/* The process manager of MPICH starts the ranks itself, and has made their sockets: also a script between
 * the two has it there. */
static const char *group_of_manager(struct arena *a)
{
	const char *text = getenv("PMI_FD");
	struct ucred who = { .pid = 0 };
	socklen_t size = sizeof(who);
	uint64_t fd;

	if (!text || !number_read(text, strlen(text), INT_MAX, &fd) ||
		getsockopt((int)fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.pid <= 0)
		who.pid = getppid();
	return arena_printf(a, "pmi-%d", (int)who.pid);
}

const char *group_of_step(const char *rank, struct arena *a)
{
	/* The innermost launcher comes first. */
	static const char *const names[][2] = {
		{ "PMIX_NAMESPACE" },
		{ "OMPI_MCA_orte_jobfam_session_dir" },
		{ "PALS_APID" },
		{ "SLURM_JOB_ID", "SLURM_STEP_ID" },
		{ "FLUX_JOB_ID" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *first = getenv(names[i][0]);
		const char *more = names[i][1] ? getenv(names[i][1]) : "";

		if (first && more)
			return arena_printf(a, "step-%s%s%s", first, *more ? "." : "", more);
	}
	return rank && strncmp(rank, "PMI_", 4) == 0 ? group_of_manager(a) : NULL;
}

char **group_apart(char **env, struct arena *a)
{
	struct strv all = { 0 };

	for (; *env; env++) {
		if (strncmp(*env, GROUP_BTL "=", strlen(GROUP_BTL) + 1) == 0)
			return env - all.n;
		strv_add(a, &all, *env);
	}
	strv_add_copy(a, &all, GROUP_BTL "=" GROUP_BTL_APART);
	return all.v;
}
