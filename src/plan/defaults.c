/*
 * defaults: the tables behind every plan.
 * Constant data; touches nothing.
 */
#include "plan/defaults.h"

#include <linux/capability.h>
#include <linux/mount.h>

#define ATTR_QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV)

/*
 * devpts has no gid=5, as Docker's has: with one mapped gid the kernel refuses a number that is not
 * mapped.  /dev is not nodev, since its nodes are bind mounts of the host's and must work.
 */
const struct defaults_mount defaults_mounts[] = {
	{ "/proc", ATTR_QUIET, NULL, MOUNT_PROC, false },
	{ "/dev", MOUNT_ATTR_NOSUID, "mode=0755,size=65536k", MOUNT_DEV, false },
	{ "/dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, "newinstance,ptmxmode=0666,mode=0620",
		MOUNT_DEVPTS, false },
	{ "/dev/shm", ATTR_QUIET, "mode=1777,size=65536k", MOUNT_TMPFS, false },
	{ "/dev/mqueue", ATTR_QUIET, NULL, MOUNT_MQUEUE, true },
	{ "/sys", ATTR_QUIET | MOUNT_ATTR_RDONLY, NULL, MOUNT_SYSFS, false },
	{ "/sys/fs/cgroup", ATTR_QUIET | MOUNT_ATTR_RDONLY, NULL, MOUNT_CGROUP, true },
};
const size_t defaults_n_mounts = sizeof(defaults_mounts) / sizeof(defaults_mounts[0]);

const char *const defaults_devices[] = { "null", "zero", "full", "random", "urandom", "tty", NULL };

const char *const defaults_dev_dirs[] = { "pts", "shm", "mqueue", NULL };

const struct defaults_link defaults_dev_links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },
	{ NULL, NULL },
};

const char *const defaults_masked_paths[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/interrupts",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/sys/devices/system/cpu/cpu*/thermal_throttle",
	"/sys/devices/virtual/powercap",
	"/sys/firmware",
	NULL,
};

const char *const defaults_read_only_paths[] = {
	"/proc/bus",
	"/proc/fs",
	"/proc/irq",
	"/proc/sys",
	"/proc/sysrq-trigger",
	NULL,
};

/* Files that LXCFS and the like mount there; OCI runtimes refuse any other. */
const char *const defaults_proc_targets[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/net/dev",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/uptime",
	NULL,
};

uint64_t defaults_caps(void)
{
	static const unsigned char caps[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER,
		CAP_MKNOD, CAP_NET_RAW, CAP_SETGID, CAP_SETUID, CAP_SETFCAP, CAP_SETPCAP,
		CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL, CAP_AUDIT_WRITE };
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof(caps); i++)
		set |= UINT64_C(1) << caps[i];
	return set;
}
