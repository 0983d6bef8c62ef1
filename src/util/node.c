/*
 * node: this machine, among others that share a file system.
 * Reads one file of /proc.
 */
#include "util/node.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "util/fd.h"

void node_name(char name[NODE_NAME_MAX + 1])
{
	struct utsname u;
	size_t n = 0;

	if (uname(&u) == 0)
		for (; n < NODE_NAME_MAX && u.nodename[n]; n++)
			name[n] =
				isalnum((unsigned char)u.nodename[n]) || strchr("-.", u.nodename[n])
					? u.nodename[n]
					: '_';
	name[n] = '\0';
}

void node_boot(char boot[NODE_BOOT_MAX])
{
	auto_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : fd_read_full(fd, boot, NODE_BOOT_MAX - 1);

	boot[n > 0 ? n : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
}
