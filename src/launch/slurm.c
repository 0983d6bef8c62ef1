/*
 * slurm: what Slurm's own commands need inside.
 * Reads slurm.conf and /etc/passwd of the host.
 */
#include "launch/slurm.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "launch/facts.h"

#define SLURM_CONF_FETCHED "/run/slurm/conf" /* where slurmd keeps what slurmctld has sent it */

char *slurm_value(const char *conf, const char *key, struct arena *a)
{
	const size_t n = strlen(key);

	for (const char *line = conf; line && *line; line += line[0] == '\n') {
		const char *at = line + strspn(line, " \t"), *value;

		line += strcspn(line, "\n");
		value = at + n + strspn(at + strnlen(at, n), " \t");
		if (strncasecmp(at, key, n) != 0 || *value != '=')
			continue;
		value += 1 + strspn(value + 1, " \t");
		return arena_strndup(a, value, strcspn(value, " \t\r\n#"));
	}
	return NULL;
}

static char *slurm_folder(const char *file, struct arena *a)
{
	const char *slash = strrchr(file, '/');

	return slash && slash != file ? arena_strndup(a, file, (size_t)(slash - file)) : NULL;
}

/* Where Slurm's commands look, in their order: slurm.conf(5). */
static const char *slurm_conf(struct arena *a)
{
	const char *const places[] = { getenv("SLURM_CONF"), "/etc/slurm/slurm.conf",
		SLURM_CONF_FETCHED "/slurm.conf" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (places[i] && places[i][0] == '/' && access(places[i], R_OK) == 0)
			return arena_strdup(a, places[i]);
	return NULL;
}

/* "AuthInfo=socket=PATH,ttl=..." */
static char *slurm_socket(const char *conf, struct arena *a)
{
	const char *info = slurm_value(conf, "AuthInfo", a);
	const char *path = info ? strstr(info, "socket=") : NULL;

	return path ? arena_strndup(a, path + 7, strcspn(path + 7, ",;"))
		    : arena_strdup(a, "/run/munge/munge.socket.2");
}

static void slurm_bind(struct run_options *o, char *folder, struct arena *a)
{
	if (folder && access(folder, F_OK) == 0)
		strv_add(a, &o->binds, folder);
}

const char *slurm_find(char **ret_socket, struct arena *a)
{
	const char *path = slurm_conf(a);

	*ret_socket = slurm_socket(path ? facts_read(-1, path, a) : NULL, a);
	return path;
}

void slurm_show(struct run_options *o, struct arena *a)
{
	const char *path = slurm_conf(a), *conf = path ? facts_read(-1, path, a) : NULL, *name;
	const struct passwd *user;

	if (path)
		slurm_bind(o, slurm_folder(path, a), a);
	slurm_bind(o, slurm_folder(slurm_socket(conf, a), a), a);
	if (getenv("SLURM_CONF"))
		strv_add(a, &o->env, arena_printf(a, "SLURM_CONF=%s", getenv("SLURM_CONF")));
	/* Without an entry for it the commands refuse the whole file. */
	name = slurm_value(conf, "SlurmUser", a);
	user = name ? getpwnam(name) : NULL;
	if (user && user->pw_uid != 0)
		strv_add(a, &o->users,
			arena_printf(
				a, "%s:x:%u:%u::/:/bin/false\n", name, user->pw_uid, user->pw_gid));
}
