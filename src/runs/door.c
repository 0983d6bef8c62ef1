/*
 * door: the socket in runs/ of a run that further processes join.
 * Touches that socket's file.
 */
#include "runs/door.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/digest.h"
#include "util/fd.h"
#include "util/proc.h"

#define DOOR_DIGITS 16
#define DOOR_QUEUE 1024 /* connections that wait; the kernel's limit may be lower */

/* The names of entries do not fit in the address of a socket, unix(7). */
void door_file(char file[DOOR_FILE_SIZE], const char *entry)
{
	char hex[DIGEST_HEX + 1];

	digest_of(entry, strlen(entry), hex);
	(void)snprintf(file, DOOR_FILE_SIZE, "%.*s.door", DOOR_DIGITS, hex);
}

static int door_socket(struct sockaddr_un *at, int dir, const char *file)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(at->sun_path, sizeof(at->sun_path), "/proc/self/fd/%d/%s", dir, file);
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

int door_make(int dir, const char *file, struct err *e)
{
	struct sockaddr_un at;
	auto_fd fd = door_socket(&at, dir, file);

	(void)unlinkat(dir, file, 0);
	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
		bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, DOOR_QUEUE) < 0)
		return err_set(e, errno, "runs/%s", file);
	return fd_take(&fd);
}

void door_keep(int door)
{
	(void)listen(door, DOOR_QUEUE);
}

/*
 * A process in a sandbox that may write to the store could take the door's place.  The kernel knows who
 * listens; in a sandbox that is a process with a number of another process namespace.
 */
static bool door_is_outside(int fd)
{
	struct ucred who = { .pid = 0 };
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == geteuid() &&
	       proc_is_beside(who.pid);
}

int door_knock(int dir, const char *file)
{
	struct sockaddr_un at;
	auto_fd fd = door_socket(&at, dir, file);

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -1;
	return door_is_outside(fd) ? fd_take(&fd) : err_errno(EPERM);
}
