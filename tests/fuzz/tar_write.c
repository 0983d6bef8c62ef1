/*
 * tar write: headers of ustar(5) and data.
 * Called by image.c and import.c of this folder.
 * Writes to the descriptor it is given.
 */
#include "tar_write.h"

#include <string.h>

#include "fuzz.h"
#include "util/fd.h"

#define BLOCK 512

static const char zeros[2 * BLOCK];

void tar_write_member(int fd, const char *name, const char *link, const void *bytes, size_t size)
{
	char h[BLOCK] = { 0 };
	unsigned sum = 0;

	(void)snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644\0000000000\0000000000", 24);
	(void)snprintf(h + 124, 12, "%011zo", link ? 0 : size);
	memcpy(h + 136, "00000000000", 12);
	memset(h + 148, ' ', 8);
	h[156] = link ? '2' : '0';
	if (link)
		(void)snprintf(h + 157, 100, "%s", link);
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += (unsigned char)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
	fuzz_check(fd_write_full(fd, h, sizeof(h)) == 0);
	if (link)
		return;
	fuzz_check(fd_write_full(fd, bytes, size) == 0);
	fuzz_check(fd_write_full(fd, zeros, (BLOCK - size % BLOCK) % BLOCK) == 0);
}

void tar_write_end(int fd)
{
	fuzz_check(fd_write_full(fd, zeros, sizeof(zeros)) == 0);
}
