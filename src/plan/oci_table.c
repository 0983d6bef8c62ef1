/*
 * oci_table: which member of a plan stands where in an OCI runtime-spec config.json.
 * Constant data, and how a member is read and set; touches memory only.
 */
#include "plan/oci_table.h"

#include <assert.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mount.h>

#include "plan/limits.h"

/* A member may be a pointer to a struct, and names of members take no parentheses. */
/* NOLINTBEGIN(bugprone-sizeof-expression, bugprone-macro-parentheses) */
#define ROW(name, k, type, member, ...) \
	{ \
		.path = (name), .kind = OCI_##k, .at = offsetof(type, member), \
		.size = sizeof(((type *)0)->member), __VA_ARGS__ \
	}
#define LIST_ROW(name, type, member, count, list, ...) \
	ROW(name, LIST, type, member, .n_at = offsetof(type, count), \
		.more = &(const struct oci_list){ list, sizeof(*((type *)0)->member) }, \
		__VA_ARGS__)
#define PLAN(name, k, ...) ROW(name, k, struct plan, __VA_ARGS__)
#define PLAN_LIST(name, member, count, list, ...) \
	LIST_ROW(name, struct plan, member, count, list, __VA_ARGS__)
#define HOOKS(name, member, ...) \
	PLAN_LIST("hooks/" name, member.v, member.n, oci_hook_fields, __VA_ARGS__)
#define THROTTLE(name, member) \
	PLAN_LIST("linux/resources/blockIO/" name, limits.member.v, limits.member.n, \
		oci_throttle_fields, .flags = OCI_LATER)
#define LIMIT(name, k, ...) PLAN("linux/resources/" name, k, limits.__VA_ARGS__)
#define OWN(name, type, member, own) ROW(name, OWN, type, member, .more = &(own))
#define REFUSED(name) \
	{ \
		.path = (name), .kind = OCI_REFUSED \
	}
#define IGNORED(name) \
	{ \
		.path = (name), .kind = OCI_IGNORED \
	}
#define END \
	{ \
		.kind = OCI_END \
	}
#define RANGE(...) \
	.more = &(const struct oci_range) \
	{ \
		__VA_ARGS__ \
	}
#define MAX_ID 4294967294 /* (uid_t)-1 means "no change" to setresuid(2) */
#define MAX_DEVICE INT32_MAX

static const struct word oci_namespaces[] = {
	{ "user", CLONE_NEWUSER },
	{ "mount", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "network", CLONE_NEWNET },
	{ NULL, 0 },
};

static const struct word oci_propagation[] = {
	{ "private", MS_PRIVATE },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "slave", MS_SLAVE },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "shared", MS_SHARED },
	{ "rshared", MS_SHARED | MS_REC },
	{ "unbindable", MS_UNBINDABLE },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
	{ NULL, 0 },
};

static const struct word oci_personalities[] = { { "LINUX", PERSONALITY_LINUX },
	{ "LINUX32", PERSONALITY_LINUX32 }, { NULL, 0 } };

static const struct word oci_roots[] = { { "ephemeral", ROOT_EPHEMERAL }, { NULL, 0 } };
static const struct word oci_networks[] = { { "private", NETWORK_PRIVATE }, { NULL, 0 } };
static const struct word oci_emulations[] = { { "basic", SECCOMP_EMULATE_BASIC },
	{ "ids", SECCOMP_EMULATE_IDS }, { NULL, 0 } };
static const struct word oci_if[] = { { "true", true }, { NULL, 0 } };
static const struct word oci_unless[] = { { "true", false }, { NULL, 0 } };

/* clang-format off */
static const struct oci_field oci_rlimit_fields[] = {
	ROW("type", WORD, struct plan_rlimit, resource, .more = limits_words, .flags = OCI_ALWAYS),
	ROW("soft", UINT, struct plan_rlimit, soft, .flags = OCI_ALWAYS),
	ROW("hard", UINT, struct plan_rlimit, hard, .flags = OCI_ALWAYS),
	END,
};

static const struct oci_field oci_map_fields[] = {
	ROW("containerID", UINT, struct id_map, inside, .flags = OCI_ALWAYS),
	ROW("hostID", UINT, struct id_map, outside, .flags = OCI_ALWAYS),
	ROW("size", UINT, struct id_map, count, .flags = OCI_ALWAYS),
	END,
};

static const struct oci_field oci_ns_fields[] = {
	ROW("type", WORD, struct plan_ns, kind, .more = oci_namespaces, .flags = OCI_ALWAYS),
	ROW("path", STR, struct plan_ns, path),
	END,
};

static const struct oci_field oci_hook_fields[] = {
	ROW("path", STR, struct plan_hook, path),
	ROW("args", STRV, struct plan_hook, args),
	ROW("env", STRV, struct plan_hook, env),
	ROW("timeout", INT, struct plan_hook, timeout, RANGE(0, INT_MAX, 0)),
	END,
};

static const struct oci_field oci_device_fields[] = {
	ROW("type", STR, struct plan_device, type),
	ROW("path", STR, struct plan_device, path),
	ROW("major", INT, struct plan_device, major, .flags = OCI_ALWAYS),
	ROW("minor", INT, struct plan_device, minor, .flags = OCI_ALWAYS),
	ROW("fileMode", INT, struct plan_device, mode, RANGE(0, 07777, PLAN_UNSET)),
	ROW("uid", INT, struct plan_device, uid, RANGE(0, MAX_ID, PLAN_UNSET)),
	ROW("gid", INT, struct plan_device, gid, RANGE(0, MAX_ID, PLAN_UNSET)),
	END,
};

static const struct oci_field oci_rule_fields[] = {
	ROW("allow", BOOL, struct plan_device_rule, allow, .flags = OCI_ALWAYS),
	ROW("type", STR, struct plan_device_rule, type),
	ROW("major", INT, struct plan_device_rule, major, RANGE(-1, MAX_DEVICE, PLAN_UNSET)),
	ROW("minor", INT, struct plan_device_rule, minor, RANGE(-1, MAX_DEVICE, PLAN_UNSET)),
	ROW("access", STR, struct plan_device_rule, access),
	END,
};

static const struct oci_field oci_throttle_fields[] = {
	ROW("major", INT, struct plan_throttle, major, .flags = OCI_ALWAYS),
	ROW("minor", INT, struct plan_throttle, minor, .flags = OCI_ALWAYS),
	ROW("rate", UINT, struct plan_throttle, rate, .flags = OCI_ALWAYS),
	END,
};

static const struct oci_field oci_mount_fields[] = {
	ROW("destination", STR, struct plan_mount, dst),
	OWN("type", struct plan_mount, kind, oci_mount_type),
	OWN("source", struct plan_mount, src, oci_mount_source),
	LIST_ROW("uidMappings", struct plan_mount, uid_maps, n_uid_maps, oci_map_fields, .since = 1),
	LIST_ROW("gidMappings", struct plan_mount, gid_maps, n_gid_maps, oci_map_fields, .since = 1),
	OWN("options", struct plan_mount, attr, oci_mount_options),
	END,
};

/* Rows of one object stand together: each is opened once. */
const struct oci_field oci_fields[] = {
	PLAN("process/terminal", BOOL, tty),
	PLAN("process/consoleSize/height", UINT, rows, .flags = OCI_LATER),
	PLAN("process/consoleSize/width", UINT, columns, .flags = OCI_LATER),
	PLAN("process/user/uid", UINT, uid, RANGE(0, MAX_ID, 0), .flags = OCI_ALWAYS),
	PLAN("process/user/gid", UINT, gid, RANGE(0, MAX_ID, 0), .flags = OCI_ALWAYS),
	PLAN("process/user/umask", INT, umask, RANGE(0, 0777, PLAN_UNSET)),
	PLAN_LIST("process/user/additionalGids", gids, n_gids, NULL, .flags = OCI_LATER),
	IGNORED("process/user/username"),
	PLAN("process/args", STRV, args),
	IGNORED("process/commandLine"),
	PLAN("process/env", STRV, env),
	PLAN("process/cwd", STR, cwd),
	PLAN("process/capabilities/bounding", CAPS, caps.bounding, .flags = OCI_ALWAYS),
	PLAN("process/capabilities/effective", CAPS, caps.effective, .flags = OCI_ALWAYS),
	PLAN("process/capabilities/permitted", CAPS, caps.permitted, .flags = OCI_ALWAYS),
	PLAN("process/capabilities/inheritable", CAPS, caps.inheritable, .flags = OCI_LATER),
	PLAN("process/capabilities/ambient", CAPS, caps.ambient, .flags = OCI_LATER),
	PLAN_LIST("process/rlimits", rlimits, n_rlimits, oci_rlimit_fields),
	PLAN("process/noNewPrivileges", BOOL, no_new_privs),
	PLAN("process/oomScoreAdj", INT, oom_score_adj, RANGE(-1000, 1000, PLAN_UNSET)),
	REFUSED("process/apparmorProfile"),
	REFUSED("process/selinuxLabel"),
	REFUSED("process/scheduler"),
	REFUSED("process/ioPriority"),
	REFUSED("process/execCPUAffinity"),
	PLAN("root/path", STR, rootfs),
	PLAN("root/readonly", BOOL, read_only),
	PLAN("hostname", STR, hostname),
	PLAN("domainname", STR, domainname, .since = 1),
	PLAN_LIST("mounts", mounts, n_mounts, oci_mount_fields),
	HOOKS("prestart", prestart, .flags = OCI_LATER),
	HOOKS("createRuntime", create_runtime, .flags = OCI_LATER),
	HOOKS("createContainer", create_container, .flags = 0),
	HOOKS("startContainer", start_container, .flags = OCI_LATER),
	HOOKS("poststart", poststart, .flags = OCI_LATER),
	HOOKS("poststop", poststop, .flags = OCI_LATER),
	PLAN_LIST("linux/uidMappings", uid_maps, n_uid_maps, oci_map_fields),
	PLAN_LIST("linux/gidMappings", gid_maps, n_gid_maps, oci_map_fields),
	PLAN_LIST("linux/namespaces", spaces, n_spaces, oci_ns_fields),
	PLAN_LIST("linux/devices", devices, n_devices, oci_device_fields, .flags = OCI_LATER),
	PLAN("linux/cgroupsPath", STR, cgroup, .flags = OCI_LATER),
	LIMIT("memory/limit", INT, memory),
	LIMIT("memory/reservation", INT, reservation, .flags = OCI_LATER),
	LIMIT("memory/swap", INT, swap),
	LIMIT("memory/disableOOMKiller", BOOL, no_oom_kill, .flags = OCI_LATER),
	IGNORED("linux/resources/memory/kernel"),
	IGNORED("linux/resources/memory/kernelTCP"),
	IGNORED("linux/resources/memory/useHierarchy"),
	IGNORED("linux/resources/memory/checkBeforeUpdate"),
	REFUSED("linux/resources/memory/swappiness"),
	LIMIT("cpu/quota", INT, cpu_quota),
	LIMIT("cpu/period", UINT, cpu_period),
	LIMIT("cpu/shares", UINT, cpu_shares, .flags = OCI_LATER),
	LIMIT("cpu/cpus", STR, cpus),
	LIMIT("cpu/mems", STR, mems, .flags = OCI_LATER),
	REFUSED("linux/resources/cpu/burst"),
	REFUSED("linux/resources/cpu/idle"),
	REFUSED("linux/resources/cpu/realtimeRuntime"),
	REFUSED("linux/resources/cpu/realtimePeriod"),
	LIMIT("pids/limit", INT, pids),
	LIMIT("blockIO/weight", UINT, io_weight, .flags = OCI_LATER),
	REFUSED("linux/resources/blockIO/leafWeight"),
	REFUSED("linux/resources/blockIO/weightDevice"),
	THROTTLE("throttleReadBpsDevice", read_bps),
	THROTTLE("throttleWriteBpsDevice", write_bps),
	THROTTLE("throttleReadIOPSDevice", read_iops),
	THROTTLE("throttleWriteIOPSDevice", write_iops),
	PLAN_LIST("linux/resources/devices", limits.devices, limits.n_devices, oci_rule_fields, .flags = OCI_LATER),
	LIMIT("unified", PAIRS, unified, .since = 1, .flags = OCI_LATER),
	REFUSED("linux/resources/hugepageLimits"),
	REFUSED("linux/resources/network"),
	REFUSED("linux/resources/rdma"),
	PLAN("linux/sysctl", PAIRS, sysctls),
	PLAN("linux/maskedPaths", STRV, masked_paths),
	PLAN("linux/readonlyPaths", STRV, read_only_paths),
	PLAN("linux/rootfsPropagation", WORD, propagation, .more = oci_propagation, .flags = OCI_LATER),
	OWN("linux/seccomp", struct plan, seccomp, oci_own_seccomp),
	PLAN("linux/personality/domain", WORD, personality, .more = oci_personalities, .flags = OCI_LATER),
	REFUSED("linux/personality/flags"),
	REFUSED("linux/mountLabel"),
	REFUSED("linux/intelRdt"),
	REFUSED("linux/memoryPolicy"),
	REFUSED("linux/netDevices"),
	REFUSED("linux/timeOffsets"),
	IGNORED("solaris"),
	IGNORED("windows"),
	IGNORED("vm"),
	IGNORED("zos"),
	IGNORED("freebsd"),
	PLAN("annotations/sandbox.root", WORD, root_mode, .more = oci_roots),
	PLAN("annotations/sandbox.init", WORD, no_init, .more = oci_unless),
	PLAN("annotations/sandbox.background", WORD, tty_input, .more = oci_unless),
	PLAN("annotations/sandbox.preserve-fds", INT, preserve_fds, RANGE(0, INT_MAX, 0)),
	PLAN("annotations/sandbox.preserve-fd", STR, fds),
	PLAN("annotations/sandbox.timeout", UINT, timeout),
	PLAN("annotations/sandbox.stop-signal", INT, stop_signal, RANGE(1, 64, 0)),
	PLAN("annotations/sandbox.stop-timeout", UINT, stop_timeout),
	PLAN("annotations/sandbox.home", STR, home),
	PLAN("annotations/sandbox.newuidmap", WORD, map_helpers, .more = oci_if),
	PLAN("annotations/sandbox.emulate", WORD, emulate, .more = oci_emulations),
	PLAN("annotations/sandbox.scratch-size", STR, scratch_size),
	PLAN("annotations/sandbox.scratch", STR, scratch),
	PLAN("annotations/sandbox.writable", STR, writable),
	PLAN("annotations/sandbox.writable-copy", WORD, writable_copy, .more = oci_if),
	PLAN("annotations/sandbox.network", WORD, network, .more = oci_networks),
	PLAN("annotations/sandbox.publish", STR, ports),
	/* sandbox.file.PATH, sandbox.mount.PATH, sandbox.bytes, and those of others */
	OWN("annotations/*", struct plan, annotations, oci_own_annotations),
	END,
};
/* clang-format on */
/* NOLINTEND(bugprone-sizeof-expression, bugprone-macro-parentheses) */

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers begin with their low bytes");

const char *oci_name(const char *path, char buf[OCI_NAME_MAX])
{
	(void)snprintf(buf, OCI_NAME_MAX, "%.*s", (int)strcspn(path, "*"), path);
	for (char *s = buf; (s = strchr(s, '/'));)
		*s = s[1] ? '.' : '\0';
	return buf;
}

uint64_t oci_number(const struct oci_field *f, const void *base)
{
	unsigned above = 64 - 8 * f->size;
	uint64_t v = 0;

	memcpy(&v, (const char *)base + f->at, f->size);
	return f->kind == OCI_INT ? (uint64_t)((int64_t)(v << above) >> above) : v;
}

void oci_set_number(const struct oci_field *f, void *base, uint64_t v)
{
	memcpy((char *)base + f->at, &v, f->size);
}

const char *oci_word(const struct oci_field *f, const void *base)
{
	return word_name(f->more, oci_number(f, base));
}

char *oci_elements(const struct oci_field *f, const void *base, size_t *ret_n)
{
	*ret_n = *(const size_t *)(const void *)((const char *)base + f->n_at);
	return *(char *const *)(const void *)((const char *)base + f->at);
}

uint64_t oci_absent(const struct oci_field *f)
{
	const struct oci_range *r = f->kind == OCI_WORD ? NULL : f->more;

	return r ? (uint64_t)r->absent : 0;
}

bool oci_is_absent(const struct oci_field *f, const void *base)
{
	const void *at = (const char *)base + f->at;
	size_t n;

	switch ((enum oci_kind)f->kind) {
	case OCI_STR:
		return !*(char *const *)at;
	case OCI_STRV:
		return !*(char *const *const *)at || !**(char *const *const *)at;
	case OCI_BOOL:
		return !*(const bool *)at;
	case OCI_UINT:
	case OCI_INT:
	case OCI_CAPS:
		return oci_number(f, base) == oci_absent(f);
	case OCI_WORD:
		return !oci_word(f, base);
	case OCI_PAIRS:
		return !((const struct plan_pairs *)at)->n;
	case OCI_LIST:
		(void)oci_elements(f, base, &n);
		return !n;
	case OCI_OWN:
		return false;
	case OCI_END:
	case OCI_REFUSED:
	case OCI_IGNORED:
		break;
	}
	return true;
}
