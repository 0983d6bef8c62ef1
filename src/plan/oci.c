/*
 * print: a plan as an OCI runtime-spec config.json (runtime-spec 1.2).
 * Touches memory only.  What the spec has no word for stands in annotations.
 */
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/resource.h>

#include "plan/plan.h"
#include "seccomp/table.h"
#include "util/capname.h"
#include "util/json.h"

#define PRINT_OCI_VERSION "1.2.0"

struct print_name {
	uint64_t value;
	const char *name;
};

static const struct print_name print_namespaces[] = {
	{ CLONE_NEWUSER, "user" },
	{ CLONE_NEWNS, "mount" },
	{ CLONE_NEWPID, "pid" },
	{ CLONE_NEWIPC, "ipc" },
	{ CLONE_NEWUTS, "uts" },
	{ CLONE_NEWCGROUP, "cgroup" },
	{ CLONE_NEWNET, "network" },
};

static const struct print_name print_attrs[] = {
	{ MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NODEV, "nodev" },
};

static const struct print_name print_rlimits[] = {
	{ RLIMIT_AS, "RLIMIT_AS" },
	{ RLIMIT_CORE, "RLIMIT_CORE" },
	{ RLIMIT_CPU, "RLIMIT_CPU" },
	{ RLIMIT_DATA, "RLIMIT_DATA" },
	{ RLIMIT_FSIZE, "RLIMIT_FSIZE" },
	{ RLIMIT_LOCKS, "RLIMIT_LOCKS" },
	{ RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK" },
	{ RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE" },
	{ RLIMIT_NICE, "RLIMIT_NICE" },
	{ RLIMIT_NOFILE, "RLIMIT_NOFILE" },
	{ RLIMIT_NPROC, "RLIMIT_NPROC" },
	{ RLIMIT_RSS, "RLIMIT_RSS" },
	{ RLIMIT_RTPRIO, "RLIMIT_RTPRIO" },
	{ RLIMIT_RTTIME, "RLIMIT_RTTIME" },
	{ RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING" },
	{ RLIMIT_STACK, "RLIMIT_STACK" },
};

static const struct {
	const char *type, *source;
} print_mount_kinds[] = {
	[MOUNT_BIND] = { "bind", NULL },
	[MOUNT_TMPFS] = { "tmpfs", "tmpfs" },
	[MOUNT_PROC] = { "proc", "proc" },
	[MOUNT_SYSFS] = { "sysfs", "sysfs" },
	[MOUNT_CGROUP] = { "cgroup", "cgroup" },
	[MOUNT_DEVPTS] = { "devpts", "devpts" },
	[MOUNT_MQUEUE] = { "mqueue", "mqueue" },
	[MOUNT_DEV] = { "tmpfs", "tmpfs" },
	[MOUNT_FILE] = { "bind", "sandbox:generated" },
	[MOUNT_DEVICE] = { "bind", NULL },
};

static const char *const print_network[] = {
	[NETWORK_HOST] = "host",
	[NETWORK_NONE] = "none",
	[NETWORK_PRIVATE] = "private",
};

/* The spec's numbers go to 2^64-1, which is RLIM_INFINITY; the JSON library's only half as far. */
static int64_t print_clamped(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static json *print_caps(uint64_t caps)
{
	json *arr = json_new_arr();

	for (unsigned i = 0; i < CAPNAME_COUNT; i++)
		if (caps >> i & 1)
			json_add(arr, json_new_str(capnames[i]));
	return arr;
}

static json *print_rlimit_list(const struct plan *p)
{
	size_t names = sizeof(print_rlimits) / sizeof(print_rlimits[0]);
	json *arr = json_new_arr(), *obj;

	for (size_t i = 0; i < p->n_rlimits; i++) {
		obj = json_new_obj();
		for (size_t n = 0; n < names; n++)
			if (print_rlimits[n].value == (uint64_t)p->rlimits[i].resource)
				json_put_str(obj, "type", print_rlimits[n].name);
		json_put_int(obj, "soft", print_clamped(p->rlimits[i].soft));
		json_put_int(obj, "hard", print_clamped(p->rlimits[i].hard));
		json_add(arr, obj);
	}
	return arr;
}

static json *print_process(const struct plan *p)
{
	json *obj = json_new_obj(), *user = json_new_obj(), *caps = json_new_obj();
	uint64_t held = p->uid == 0 ? p->caps : 0;

	json_put_bool(obj, "terminal", p->tty);
	json_put_int(user, "uid", p->uid);
	json_put_int(user, "gid", p->gid);
	json_put_int(user, "umask", p->umask);
	json_put(obj, "user", user);
	json_put(obj, "args", json_new_strv(p->args));
	json_put(obj, "env", json_new_strv(p->env));
	json_put_str(obj, "cwd", p->cwd);
	json_put(caps, "bounding", print_caps(p->caps));
	json_put(caps, "effective", print_caps(held));
	json_put(caps, "permitted", print_caps(held));
	json_put(obj, "capabilities", caps);
	json_put(obj, "rlimits", print_rlimit_list(p));
	json_put_bool(obj, "noNewPrivileges", true);
	return obj;
}

static json *print_mount(const struct plan_mount *m)
{
	json *obj = json_new_obj(), *options = json_new_arr();
	bool bind = m->kind == MOUNT_BIND || m->kind == MOUNT_DEVICE,
	     read_only = m->attr & MOUNT_ATTR_RDONLY;
	const char *source = print_mount_kinds[m->kind].source;
	char item[256];

	json_put_str(obj, "destination", m->dst);
	json_put_str(obj, "type", print_mount_kinds[m->kind].type);
	json_put_str(obj, "source", bind ? m->src : source);
	if (bind || m->kind == MOUNT_FILE)
		json_add(options, json_new_str(bind ? "rbind" : "bind"));
	for (size_t i = 0; i < sizeof(print_attrs) / sizeof(print_attrs[0]); i++)
		if (m->attr & print_attrs[i].value)
			json_add(options, json_new_str(print_attrs[i].name));
	/* "rro" is the spec's word for read-only that holds for every submount */
	if (read_only)
		json_add(options, json_new_str(bind ? "rro" : "ro"));
	if (m->copy_up)
		json_add(options, json_new_str("tmpcopyup"));
	for (const char *s = m->data ? m->data : ""; *s; s += strspn(s, ",")) {
		size_t n = strcspn(s, ",");

		(void)snprintf(item, sizeof(item), "%.*s", (int)n, s);
		json_add(options, json_new_str(item));
		s += n;
	}
	json_put(obj, "options", options);
	return obj;
}

static json *print_maps(const struct id_map *maps, size_t n)
{
	json *arr = json_new_arr(), *obj;

	for (size_t i = 0; i < n; i++) {
		obj = json_new_obj();
		json_put_int(obj, "containerID", maps[i].inside);
		json_put_int(obj, "hostID", maps[i].outside);
		json_put_int(obj, "size", maps[i].count);
		json_add(arr, obj);
	}
	return arr;
}

static void print_resources(json *linux_obj, const struct plan_limits *l)
{
	json *obj = json_new_obj(), *memory = json_new_obj(), *cpu = json_new_obj(),
	     *pids = json_new_obj();

	if (l->memory)
		json_put_int(memory, "limit", print_clamped(l->memory));
	if (l->cpus) {
		json_put_int(cpu, "quota", print_clamped(l->cpus));
		json_put_int(cpu, "period", PLAN_CPU_PERIOD);
	}
	if (l->pids)
		json_put_int(pids, "limit", print_clamped(l->pids));
	json_put(obj, "memory", memory);
	json_put(obj, "cpu", cpu);
	json_put(obj, "pids", pids);
	json_put(linux_obj, "resources", obj);
}

static json *print_linux(const struct plan *p)
{
	json *obj = json_new_obj(), *spaces = json_new_arr(), *type;

	json_put(obj, "uidMappings", print_maps(p->uid_maps, p->n_uid_maps));
	json_put(obj, "gidMappings", print_maps(p->gid_maps, p->n_gid_maps));
	for (size_t i = 0; i < sizeof(print_namespaces) / sizeof(print_namespaces[0]); i++) {
		if (!(p->namespaces & print_namespaces[i].value))
			continue;
		type = json_new_obj();
		json_put_str(type, "type", print_namespaces[i].name);
		json_add(spaces, type);
	}
	json_put(obj, "namespaces", spaces);
	if (p->limits.memory || p->limits.cpus || p->limits.pids)
		print_resources(obj, &p->limits);
	json_put(obj, "maskedPaths", json_new_strv((char *const *)p->masked_paths));
	json_put(obj, "readonlyPaths", json_new_strv((char *const *)p->read_only_paths));
	return obj;
}

static json *print_annotations(const struct plan *p)
{
	json *obj = json_new_obj();
	char key[64 + 4096], number[16];

	json_put_str(
		obj, "sandbox.root", p->root_mode == ROOT_READ_ONLY ? "read-only" : "ephemeral");
	json_put_str(obj, "sandbox.network", print_network[p->network]);
	json_put_str(obj, "sandbox.init", p->no_init ? "false" : "true");
	json_put_str(obj, "sandbox.seccomp",
		!p->seccomp			? "unconfined"
		: p->seccomp == &seccomp_docker ? "docker-default"
						: "profile");
	json_put_str(obj, "sandbox.emulate", p->emulate_ids ? "basic" : "none");
	if (p->map_helpers)
		json_put_str(obj, "sandbox.ids", "newuidmap");
	if (p->host_ids)
		json_put_str(obj, "sandbox.ids", "host");
	json_put_str(obj, "sandbox.scratch", p->scratch);
	json_put_str(obj, "sandbox.writable", p->writable);
	json_put_str(obj, "sandbox.scratch-size", p->scratch_size);
	if (p->preserve_fds) {
		(void)snprintf(number, sizeof(number), "%d", p->preserve_fds);
		json_put_str(obj, "sandbox.preserve-fds", number);
	}
	for (size_t i = 0; i < p->n_mounts; i++) {
		if (p->mounts[i].kind != MOUNT_FILE)
			continue;
		(void)snprintf(key, sizeof(key), "sandbox.file.%s", p->mounts[i].dst);
		json_put_str(obj, key, p->mounts[i].src);
	}
	return obj;
}

struct json_t *plan_to_json(const struct plan *p)
{
	json *doc = json_new_obj(), *root = json_new_obj(), *mounts = json_new_arr();

	json_put_str(doc, "ociVersion", PRINT_OCI_VERSION);
	json_put(doc, "process", print_process(p));
	json_put_str(root, "path", p->rootfs);
	json_put_bool(root, "readonly", p->root_mode == ROOT_READ_ONLY);
	json_put(doc, "root", root);
	json_put_str(doc, "hostname", p->hostname);
	for (size_t i = 0; i < p->n_mounts; i++)
		json_add(mounts, print_mount(&p->mounts[i]));
	json_put(doc, "mounts", mounts);
	json_put(doc, "linux", print_linux(p));
	json_put(doc, "annotations", print_annotations(p));
	return doc;
}
