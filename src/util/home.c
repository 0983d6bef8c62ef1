/*
 * home: the caller's home directory.
 * Reads the environment; without HOME, /etc/passwd.
 */
#include "util/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && home[0] == '/')
		return home;
	user = getpwuid(geteuid());
	return user && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}
