/*
 * boot: the kernel's boot id.
 * Called within store/.  Reads one file of /proc.
 */
#include "store/boot.h"

#include <fcntl.h>
#include <string.h>

#include "util/fd.h"

void boot_id(char buf[BOOT_ID_SIZE])
{
	auto_fd fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : fd_read_full(fd, buf, BOOT_ID_SIZE - 1);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}
