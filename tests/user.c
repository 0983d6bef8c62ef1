/*
 * user: becomes another user and runs a command.  Usage: user UID:GID COMMAND...
 * Called by tests that run where no other program can (tests/vm); as root.
 * Drops every group and capability.
 */
#include <err.h>
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned uid, gid;

	if (argc < 3 || sscanf(argv[1], "%u:%u", &uid, &gid) != 2)
		errx(125, "usage: user UID:GID COMMAND...");
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		err(125, "become %s", argv[1]);
	(void)execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
