/*
 * doctor: the verb `doctor`: shows what this host lacks, and what to change.
 * doctor/ tries what a run does; this file touches standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "cli/list.h"
#include "doctor/checks.h"
#include "util/json.h"

#define DOCTOR_JSON_VERSION 1

/* A line of the report.  without and setting are for a check that failed. */
struct doctor_row {
	int check;
	const char *name, *without, *setting;
};

#define DOCTOR_ROW_APPARMOR \
	"an AppArmor profile for sandbox with the rule `userns,`, or sysctl " \
	"kernel.apparmor_restrict_unprivileged_userns=0"

static const struct doctor_row doctor_rows[] = {
	{ CHECK_KERNEL, "kernel", "this version is untested", "a newer kernel" },
	{ PROBE_CALLS, "system-calls", "a run is a little slower", "a newer kernel" },
	{ PROBE_HOST, "host-files", "root gets private ones",
		"mount -t proc proc /proc; mount -t devtmpfs dev /dev" },
	{ PROBE_USER, "user-namespaces", "only root can run images, with --no-userns",
		"sysctl user.max_user_namespaces=15000" },
	{ PROBE_MAP, "id-map", "nothing can be run", DOCTOR_ROW_APPARMOR },
	{ CHECK_SUBUID, "subuid", "only one id can be mapped; --subuid does not work",
		"package uidmap or shadow-utils" },
	{ PROBE_PID, "pid-namespace", "nothing can be run",
		"sysctl user.max_pid_namespaces=15000" },
	{ PROBE_OTHERS, "other-namespaces", "nothing can be run",
		"sysctl user.max_ipc_namespaces=15000 user.max_uts_namespaces=15000 user.max_cgroup_namespaces=15000" },
	{ PROBE_MOUNT, "mount-namespace", "nothing can be run",
		"sysctl user.max_mnt_namespaces=15000; or " DOCTOR_ROW_APPARMOR },
	{ PROBE_OVERLAY, "overlay", NULL,
		"Linux 5.11 or newer; modprobe overlay, and for the next boot echo overlay >/etc/modules-load.d/overlay.conf" },
	{ CHECK_WRITTEN, "written-files", NULL,
		"Linux 6.6 or newer; or --scratch DIR on ext4, xfs or btrfs" },
	{ PROBE_PROC, "proc", "the command can see processes of the host",
		"no mounts over parts of /proc: in a container, --security-opt systempaths=unconfined (Docker) or unmask=ALL (podman)" },
	{ PROBE_DEV, "dev", "nothing can be run", "mount -t devtmpfs dev /dev" },
	{ PROBE_DEVPTS, "devpts", "nothing can be run", "a kernel with CONFIG_UNIX98_PTYS" },
	{ PROBE_SHM, "shm", "nothing can be run", "a kernel with CONFIG_TMPFS" },
	{ PROBE_MQUEUE, "mqueue", "there is no /dev/mqueue inside",
		"a kernel with CONFIG_POSIX_MQUEUE" },
	{ PROBE_SYS, "sysfs", "nothing can be run", "mount -t sysfs sys /sys" },
	{ PROBE_CGROUP_FS, "cgroup-view", "/sys/fs/cgroup is empty inside",
		"cgroups of version 2: systemd.unified_cgroup_hierarchy=1 on the kernel's command line" },
	{ PROBE_ROOT, "pivot-root", "nothing can be run", NULL },
	{ PROBE_SECCOMP, "seccomp", "images run only with --security-opt seccomp=unconfined",
		"a kernel with CONFIG_SECCOMP_FILTER" },
	{ PROBE_NOTIFY, "seccomp-notify", "sandbox does not use it", "Linux 5.0 or newer" },
	{ CHECK_LANDLOCK, "landlock", "images are unpacked without this second layer of protection",
		"Linux 5.19 or newer with landlock in lsm= on the kernel's command line" },
	{ PROBE_NETWORK, "network-namespace", "only --network host works",
		"sysctl user.max_net_namespaces=15000" },
	{ PROBE_PASTA, "private-network", "only --network host and none work", "package passt" },
	{ PROBE_CGROUP, "cgroups", "--memory, --cpus and --pids-limit do not work",
		"mount -t cgroup2 cgroup2 /sys/fs/cgroup, which systemd does with systemd.unified_cgroup_hierarchy=1 on the kernel's command line; systemctl edit user@.service: [Service] Delegate=memory cpu pids" },
	{ PROBE_FUSE, "fuse", "fuse-overlayfs cannot replace the kernel overlay", "modprobe fuse" },
	{ PROBE_FUSE_OVERLAY, "fuse-overlayfs", "it cannot replace the kernel overlay",
		"package fuse-overlayfs" },
	{ PROBE_BINFMT, "binfmt", "only images for this processor can be run",
		"package qemu-user-binfmt or qemu-user-static" },
	{ CHECK_CDI, "cdi", NULL,
		"nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml; amd-ctk cdi generate --output=/etc/cdi/amd.json" },
	{ CHECK_GPUS, "gpus", NULL, NULL },
	{ CHECK_FABRIC, "fast-network", "ranks of MPI on several nodes use TCP", NULL },
	{ CHECK_SLURM, "slurm", "--slurm shows nothing, or squeue and srun do not work inside",
		NULL },
	{ CHECK_STORE, "store", "images are unpacked to memory, for each run anew, or not at all",
		"space and write permission there, or another place: --store DIR or SANDBOX_STORE" },
	{ CHECK_LOCKS, "store-locks",
		"two processes that want the same image may both unpack it, which is harmless",
		"mount with -o flock (Lustre), or without nolock (NFS)" },
	{ CHECK_XATTRS, "store-xattrs", "attributes user.* of an image's files are lost",
		"mount with user_xattr, or another place: --store DIR" },
	{ CHECK_EXEC, "store-exec", "nothing can be run from there",
		"mount -o remount,exec, or another place: --store DIR" },
	{ PROBE_RUN, "run", "see the lines above", NULL },
};

#define DOCTOR_ROWS (sizeof(doctor_rows) / sizeof(doctor_rows[0]))

static const char *doctor_status(const struct probe *p)
{
	return p->status == PROBE_OK ? "ok" : p->status == PROBE_MISSING ? "missing" : "broken";
}

/* The second and third part of a line whose check failed, or NULL. */
static const char *doctor_without(const struct doctor_row *row, const struct probe *p)
{
	return p->status == PROBE_OK || p->status == PROBE_UNTRIED ? NULL : row->without;
}

static const char *doctor_setting(const struct doctor_row *row, const struct probe *p)
{
	if (p->status == PROBE_OK || p->status == PROBE_UNTRIED)
		return NULL;
	return p->e.hint[0] ? p->e.hint : row->setting;
}

/* What the check found; for an untried one, the first broken check, which prevented it. */
static const char *doctor_detail(const struct probe *list, const struct probe *p, struct err *buf)
{
	size_t i = 0;

	if (p->status != PROBE_UNTRIED)
		return p->e.msg;
	while (i < DOCTOR_ROWS && list[doctor_rows[i].check].status != PROBE_BROKEN)
		i++;
	(void)err_set(buf, 0, i < DOCTOR_ROWS ? "not tried: needs %s" : "the check did not end%s",
		i < DOCTOR_ROWS ? doctor_rows[i].name : "");
	return buf->msg;
}

static void doctor_print(const struct probe *list, bool good)
{
	for (size_t i = 0; i < DOCTOR_ROWS; i++) {
		const struct doctor_row *row = &doctor_rows[i];
		const struct probe *p = &list[row->check];
		const char *without = doctor_without(row, p), *setting = doctor_setting(row, p);
		struct err text;

		printf("%-7s  %-17s  %s%s%s%s%s%s\n", doctor_status(p), row->name,
			doctor_detail(list, p, &text), without ? "; " : "", without ? without : "",
			setting ? " [" : "", setting ? setting : "", setting ? "]" : "");
	}
	printf("\n%s\n", good ? "`sandbox run` works here." : "`sandbox run` does not work here.");
}

static void doctor_print_json(const struct probe *list, bool good, const char *store)
{
	auto_json j = json_new_obj();
	struct utsname host = { 0 };
	json *checks = json_new_arr();

	(void)uname(&host);
	json_put_int(j, "version", DOCTOR_JSON_VERSION);
	json_put_bool(j, "run", good);
	json_put_str(j, "kernel", host.release);
	json_put_str(j, "machine", host.machine);
	json_put_str(j, "store", store);
	for (size_t i = 0; i < DOCTOR_ROWS; i++) {
		const struct doctor_row *row = &doctor_rows[i];
		const struct probe *p = &list[row->check];
		json *check = json_new_obj();
		struct err detail;

		json_put_str(check, "name", row->name);
		json_put_str(check, "status", doctor_status(p));
		json_put_str(check, "detail", doctor_detail(list, p, &detail));
		json_put_str(check, "without", doctor_without(row, p));
		json_put_str(check, "setting", doctor_setting(row, p));
		json_add(checks, check);
	}
	json_put(j, "checks", checks);
	list_print(j);
}

static bool doctor_is_good(const struct probe *list)
{
	return list[PROBE_RUN].status == PROBE_OK && list[CHECK_EXEC].status != PROBE_BROKEN &&
	       (list[CHECK_STORE].status == PROBE_OK || list[CHECK_STORE].status == PROBE_MISSING);
}

static int doctor_run(struct call *c, struct err *e)
{
	const size_t size = CHECK_COUNT * sizeof(struct probe);
	const struct list *l = c->options;
	struct probe *list;
	int r;

	/* Each check is a process of its own, which leaves its result here. */
	list = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (list == MAP_FAILED)
		return err_set(e, errno, "doctor: shared memory");
	r = checks_make(list, &c->store, c->globals->store, e);
	if (r == 0) {
		r = !doctor_is_good(list);
		if (l->want_json)
			doctor_print_json(list, r == 0, c->store.path);
		else
			doctor_print(list, r == 0);
	}
	(void)munmap(list, size);
	return r;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.synopsis = "[--json]",
	.summary = "check what this host offers for running images, and say what is missing",
	.opts = list_opts,
	.size = sizeof(struct list),
	.run = doctor_run,
	.details =
		"Each line is one facility: `ok`; `missing`: images can be run without it, and the line says what does not work;\n"
		"`broken`: images cannot be run, or the facility is there and does not work.  In brackets: what an administrator\n"
		"would change.  Everything is tried as a run does it, and nothing is left behind.  Exit status: 0 if images can be\n"
		"run, 1 if not.\n"
		"--json: an object with `version` (1), `run` (whether images can be run), `kernel`, `machine`, `store` (its folder)\n"
		"and `checks`, a list of objects with `name`, `status` and `detail`; if the status is not ok, there may be `without`\n"
		"(what does not work) and `setting` (what to change).  Names do not change; more may be added.",
};
