/*
 * reserve: checks the free space often enough, but not at every write.
 * Calls statvfs(2); changes nothing.
 */
#include "unpack/reserve.h"

#include <errno.h>
#include <sys/statvfs.h>

#define RESERVE_MAX (64ull << 20)
/* The bytes between two checks: a fourth of the reserve, within these bounds. */
#define RESERVE_CHECK_MIN (64ull << 10)
#define RESERVE_CHECK_MAX (16ull << 20)

uint64_t reserve_of(int dirfd, uint64_t asked)
{
	struct statvfs fs;
	uint64_t part;

	if (asked || fstatvfs(dirfd, &fs) < 0)
		return asked;
	part = (uint64_t)fs.f_blocks * fs.f_frsize / 20;
	return part < RESERVE_MAX ? part : RESERVE_MAX;
}

int reserve_check(int dirfd, uint64_t reserve, uint64_t written, uint64_t *checked, struct err *e)
{
	uint64_t every = reserve / 4 < RESERVE_CHECK_MIN   ? RESERVE_CHECK_MIN
			 : reserve / 4 > RESERVE_CHECK_MAX ? RESERVE_CHECK_MAX
							   : reserve / 4;
	struct statvfs fs;

	if (written - *checked < every)
		return 0;
	*checked = written;
	if (fstatvfs(dirfd, &fs) < 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= reserve)
		return 0;
	(void)err_set(e, ENOSPC, "the free space is down to the reserve of %llu MiB",
		(unsigned long long)(reserve >> 20));
	return err_hint(
		e, "free some space, choose another place with --store DIR, or set --reserve");
}
