/*
 * node: this machine, among others that share a file system.
 * Reads one file of /proc.
 */
#include "util/node.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

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

/* Of linux/magic.h, or of the systems' own sources. */
bool node_shares(int fd)
{
	static const uint32_t types[] = {
		0x6969,	    /* NFS */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x19830326, /* BeeGFS */
		0x00c36400, /* CephFS */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB 2 */
		0x5346414f, /* AFS */
		0x01021997, /* 9p */
		0x65735546, /* FUSE */
		0x01161970, /* GFS2 */
		0x7461636f, /* OCFS2 */
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	return false;
}

int node_boot(char boot[NODE_BOOT_MAX])
{
	auto_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? (errno == ENOENT ? 0 : -1) : fd_read_full(fd, boot, NODE_BOOT_MAX - 1);

	boot[n > 0 ? n : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	return n < 0 ? -1 : 0;
}
