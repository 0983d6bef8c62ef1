/*
 * device: what a device of CDI asks for, as edits of a plan.
 * Looks whether files of the host exist.
 */
#include "cdi/device.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/hook.h"
#include "plan/volume.h"
#include "util/log.h"

/* One reading; text names it in messages. */
struct device_reading {
	const char *path; /* of the specification */
	struct plan_edits *ed;
	struct arena *a;
};

static char *device_str(const json *obj, const char *key, struct arena *a)
{
	return arena_strdup(a, json_text(json_get(obj, key)));
}

static char **device_strv(const json *obj, const char *key, struct arena *a)
{
	struct strv l = { 0 };
	struct err ignored; /* the specification has been checked */

	(void)json_get_strv(obj, key, a, &l, &ignored);
	return l.v;
}

/* A specification may be of a driver that was there before. */
static int device_missing(const char *what, const char *path, struct err *e)
{
	(void)err_set(e, errno, "%s of the host: %s", what, path);
	return err_hint(e,
		"the specification may be older than the driver: `nvidia-ctk cdi generate` writes a new one");
}

/* Major and minor numbers are left to the host's node, since only root makes nodes. */
static int device_add_node(struct device_reading *r, const json *node, struct err *e)
{
	char *dst = device_str(node, "path", r->a), *src = device_str(node, "hostPath", r->a);
	const char *type = json_text(json_get(node, "type"));
	struct plan_mount m = {
		.kind = MOUNT_BIND, .attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .device = true
	};
	struct stat st;

	m.src = src && *src ? src : dst;
	if (stat(m.src, &st) < 0)
		return device_missing("the device", m.src, e);
	if (type && *type &&
		(st.st_mode & S_IFMT) != (*type == 'b'		? (mode_t)S_IFBLK
						 : *type == 'p' ? (mode_t)S_IFIFO
								: (mode_t)S_IFCHR))
		return err_set(e, 0, "the device %s of the host is not of type %s", m.src, type);
	m.device = !S_ISFIFO(st.st_mode);
	if (volume_target(dst, "device", dst, r->a, &m.dst, e) < 0)
		return -1;
	edits_add_mount(r->ed, r->a, m);
	return 0;
}

/* Propagation ends at the user namespace, and a mount of the host is bound with what is below it. */
static const char *device_options(const json *mount, struct arena *a)
{
	static const char *const plain[] = { "bind", "rbind", "private", "rprivate", "slave",
		"rslave", "shared", "rshared", "relatime", "noatime", "nodiratime", "strictatime" };
	const json *options = json_get(mount, "options");
	const char *list = "";

	for (size_t i = 0; i < json_len(options); i++) {
		const char *word = json_text(json_at(options, i));
		size_t k = 0;

		while (k < sizeof(plain) / sizeof(*plain) && strcmp(plain[k], word) != 0)
			k++;
		if (k == sizeof(plain) / sizeof(*plain))
			list = arena_printf(a, "%s%s%s", list, *list ? "," : "", word);
	}
	return list;
}

static int device_add_mount(struct device_reading *r, const json *mount, struct err *e)
{
	char *dst = device_str(mount, "containerPath", r->a);
	const char *type = json_text(json_get(mount, "type"));
	struct plan_mount m = { .kind = MOUNT_BIND, .src = device_str(mount, "hostPath", r->a) };
	struct mount_text t = { .arena = r->a };

	if (type && strcmp(type, "tmpfs") == 0)
		m = (struct plan_mount){ .kind = MOUNT_TMPFS };
	else if (type && *type && strcmp(type, "bind") != 0 && strcmp(type, "none") != 0)
		return err_set(e, 0, "the mount on %s: type %s is not supported", dst, type);
	else if (access(m.src, F_OK) < 0)
		return device_missing("the file", m.src, e);
	if (volume_target(dst, "mount", dst, r->a, &m.dst, e) < 0)
		return -1;
	t.text = dst;
	if (volume_options("mount on", &t, device_options(mount, r->a), &m, e) < 0)
		return -1;
	edits_add_mount(r->ed, r->a, m);
	return 0;
}

static int device_add_hook(struct device_reading *r, const json *hook, struct err *e)
{
	struct plan_hook h = { .path = device_str(hook, "path", r->a),
		.args = device_strv(hook, "args", r->a),
		.env = device_strv(hook, "env", r->a) };
	const char *when = json_text(json_get(hook, "hookName"));
	int64_t seconds = 0;

	if (strcmp(when, "createContainer") != 0)
		return err_set(e, 0, "the hook %s: %s hooks are not supported", h.path, when);
	if (hook_kind(&h, e) < 0)
		return -1;
	(void)json_get_i64(hook, "timeout", &seconds, e);
	h.timeout = seconds > INT_MAX ? INT_MAX : (int)seconds;
	edits_add_hook(r->ed, r->a, h);
	return 0;
}

static int device_add_list(struct device_reading *r, const json *edits, const char *name,
	int (*add)(struct device_reading *r, const json *item, struct err *e), struct err *e)
{
	const json *list = json_get(edits, name);

	for (size_t i = 0; i < json_len(list); i++)
		if (add(r, json_at(list, i), e) < 0)
			return -1;
	return 0;
}

/* What only root can give. */
static void device_tell(const struct device_reading *r, const json *edits)
{
	static const char *const names[] = { "intelRdt", "netDevices" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!json_is_empty(json_get(edits, names[i])))
			log_note("%s: %s has no effect: only root can set it", r->path, names[i]);
}

int cdi_device_edits(
	const json *edits, const char *path, struct plan_edits *ed, struct arena *a, struct err *e)
{
	struct device_reading r = { .path = path, .ed = ed, .a = a };
	const json *gids = json_get(edits, "additionalGids"), *env = json_get(edits, "env");

	for (size_t i = 0; i < json_len(env); i++)
		strv_add_copy(a, &ed->env, json_text(json_at(env, i)));
	for (size_t i = 0; i < json_len(gids); i++) {
		bool minus;
		uint64_t gid;

		if (json_u64(json_at(gids, i), &minus, &gid) && gid)
			edits_add_gid(ed, a, (uint32_t)gid);
	}
	if (device_add_list(&r, edits, "deviceNodes", device_add_node, e) < 0 ||
		device_add_list(&r, edits, "mounts", device_add_mount, e) < 0 ||
		device_add_list(&r, edits, "hooks", device_add_hook, e) < 0)
		return err_wrap(e, "%s", path);
	device_tell(&r, edits);
	return 0;
}
