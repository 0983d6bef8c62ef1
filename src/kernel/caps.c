/*
 * caps: capability sets, capabilities(7).
 * Touches the credentials of the calling process.
 */
#include "kernel/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_MAX 64 /* the kernel's sets have room for so many */

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif

static int caps_set(uint64_t permitted, struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2], sets[2] = { 0 };

	if (syscall(SYS_capget, &head, now) < 0)
		return err_set(e, errno, "read the capabilities");
	for (int i = 0; i < 2; i++) {
		/* A set cannot grow: asking for more would fail. */
		sets[i].permitted = (uint32_t)(permitted >> (32 * i)) & now[i].permitted;
		sets[i].effective = sets[i].permitted;
	}
	if (syscall(SYS_capset, &head, sets) < 0)
		return err_set(e, errno, "set the capabilities");
	return 0;
}

static int caps_seal(bool no_new_privs, struct err *e)
{
	/* The kernel has had the ambient set since 4.3; EINVAL would mean that there is none to
	 * clear. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_set(e, errno, "clear the ambient capabilities");
	if (no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "set no_new_privs");
	return 0;
}

int caps_confine(uint64_t bounding, uint64_t permitted, bool no_new_privs, struct err *e)
{
	for (int cap = 0; cap < CAPS_MAX; cap++) {
		if (bounding >> cap & 1 || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break; /* behind the last one that this kernel knows */
		if (errno != EPERM || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return err_set(e, errno, "drop capability %d", cap);
	}
	return caps_set(permitted, e) < 0 ? -1 : caps_seal(no_new_privs, e);
}

int caps_raise(struct err *e)
{
	return caps_set(UINT64_MAX, e);
}

int caps_drop(uint64_t keep, struct err *e)
{
	return caps_set(keep, e) < 0 ? -1 : caps_seal(true, e);
}
