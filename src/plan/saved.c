/*
 * saved: what a later process of the same run needs of its plan.
 * Touches memory only.
 */
#include "plan/saved.h"

#include <string.h>

#include "seccomp/profile.h"
#include "util/fd.h"
#include "util/json.h"

/*
 * Variables and paths may hold any bytes, JSON only characters: each byte becomes the character of
 * its number, and back.
 */
static json *saved_bytes(const char *bytes)
{
	auto_free char *text = bytes ? xmalloc(strlen(bytes) * 2 + 1) : NULL;
	char *to = text;

	if (!bytes)
		return NULL;
	for (const unsigned char *s = (const unsigned char *)bytes; *s; s++) {
		if (*s >= 0x80)
			*to++ = (char)(0xc0 | *s >> 6);
		*to++ = (char)(*s < 0x80 ? *s : 0x80 | (*s & 0x3f));
	}
	*to = '\0';
	return json_new_str(text);
}

static void saved_decode(char *text)
{
	unsigned char *to = (unsigned char *)text;

	for (const unsigned char *s = to; s && *s; s++) {
		bool two = (*s & 0xfc) == 0xc0 && s[1];

		*to++ = two ? (unsigned char)(*s << 6 | (s[1] & 0x3f)) : *s;
		s += two;
	}
	if (to)
		*to = '\0';
}

static json *saved_env(char *const *env)
{
	json *arr = json_new_arr();

	for (; env && *env; env++)
		json_add(arr, saved_bytes(*env));
	return arr;
}

static json *saved_rlimits(const struct plan *p)
{
	json *arr = json_new_arr();

	for (size_t i = 0; i < p->n_rlimits; i++) {
		json *obj = json_new_obj();

		json_put_int(obj, "resource", p->rlimits[i].resource);
		/* as the bits of a signed number, which is what the library has */
		json_put_int(obj, "soft", (int64_t)p->rlimits[i].soft);
		json_put_int(obj, "hard", (int64_t)p->rlimits[i].hard);
		json_add(arr, obj);
	}
	return arr;
}

struct json_t *plan_save(const struct plan *p)
{
	const struct seccomp_target t = { .arch = SECCOMP_ON_SELF, .caps = p->caps };
	json *obj = json_new_obj();

	json_put(obj, "env", saved_env(p->env));
	json_put(obj, "cwd", saved_bytes(p->cwd));
	json_put(obj, "rootfs", saved_bytes(p->rootfs));
	json_put_int(obj, "uid", p->uid);
	json_put_int(obj, "gid", p->gid);
	json_put_int(obj, "umask", p->umask);
	json_put_int(obj, "caps", (int64_t)p->caps);
	json_put_bool(obj, "unconfined", !p->seccomp);
	if (p->seccomp && p->seccomp != &seccomp_docker)
		json_put(obj, "seccomp", seccomp_profile_write(p->seccomp, &t));
	json_put_int(obj, "signal", p->stop_signal);
	json_put_bool(obj, "emulate", p->emulate_ids);
	json_put_bool(obj, "noinit", p->no_init);
	json_put_bool(obj, "range", p->map_helpers);
	json_put_bool(obj, "host", p->host_ids);
	json_put_int(obj, "limits", p->limits.memory || p->limits.cpus || p->limits.pids);
	if (p->n_rlimits)
		json_put(obj, "rlimits", saved_rlimits(p));
	return obj;
}

static int saved_load_rlimits(struct plan *p, const json *saved, struct err *e)
{
	json *arr = NULL;

	if (json_get_arr(saved, "rlimits", &arr, e) < 0)
		return -1;
	p->n_rlimits = json_len(arr);
	p->rlimits =
		p->n_rlimits ? arena_alloc(&p->arena, p->n_rlimits * sizeof(*p->rlimits)) : NULL;
	for (size_t i = 0; i < p->n_rlimits; i++) {
		int64_t resource = 0, soft = 0, hard = 0;

		if (json_get_i64(json_at(arr, i), "resource", &resource, e) < 0 ||
			json_get_i64(json_at(arr, i), "soft", &soft, e) < 0 ||
			json_get_i64(json_at(arr, i), "hard", &hard, e) < 0)
			return -1;
		p->rlimits[i] = (struct plan_rlimit){
			.resource = (int)resource, .soft = (uint64_t)soft, .hard = (uint64_t)hard
		};
	}
	return 0;
}

static int saved_load_numbers(struct plan *p, const json *saved, struct err *e)
{
	int64_t uid = -1, gid = -1, mask = -1, caps = 0, stop_signal = 0, limits = 0;

	if (json_get_i64(saved, "uid", &uid, e) < 0 || json_get_i64(saved, "gid", &gid, e) < 0 ||
		json_get_i64(saved, "umask", &mask, e) < 0 ||
		json_get_i64(saved, "caps", &caps, e) < 0 ||
		json_get_i64(saved, "limits", &limits, e) < 0 ||
		json_get_i64(saved, "signal", &stop_signal, e) < 0)
		return -1;
	/* Nothing is taken for granted that confinement hangs on. */
	if (uid < 0 || gid < 0 || uid > UINT32_MAX - 1 || gid > UINT32_MAX - 1 || mask < 0 ||
		mask > 0777 || stop_signal < 1 || stop_signal > 64)
		return err_set(e, 0, "the entry of the run is damaged");
	p->uid = (uint32_t)uid;
	p->gid = (uint32_t)gid;
	p->umask = (mode_t)mask;
	p->caps = (uint64_t)caps;
	p->stop_signal = (int)stop_signal;
	p->limits.pids = limits != 0; /* that there are any is what counts: the cgroup has them */
	return 0;
}

/* Not confined only where it says so. */
static int saved_load_seccomp(struct plan *p, const json *saved, struct err *e)
{
	const struct seccomp_target t = { .arch = SECCOMP_ON_SELF, .caps = p->caps };
	struct seccomp_policy *own = arena_alloc(&p->arena, sizeof(*own));
	bool unconfined = false;
	json *profile = NULL;

	if (json_get_bool(saved, "unconfined", &unconfined, e) < 0 ||
		json_get_obj(saved, "seccomp", &profile, e) < 0 ||
		(profile && seccomp_profile_read(profile, &t, &p->arena, own, e) < 0))
		return -1;
	p->seccomp = unconfined ? NULL : profile ? own : &seccomp_docker;
	return 0;
}

int plan_load(struct plan *p, const struct json_t *saved, struct err *e)
{
	struct strv env = { 0 };

	*p = (struct plan){ .tty_input = true };
	if (json_get_strv(saved, "env", &p->arena, &env, e) < 0 ||
		json_get_str(saved, "cwd", &p->arena, &p->cwd, e) < 0 ||
		json_get_str(saved, "rootfs", &p->arena, &p->rootfs, e) < 0 ||
		json_get_bool(saved, "emulate", &p->emulate_ids, e) < 0 ||
		json_get_bool(saved, "noinit", &p->no_init, e) < 0 ||
		json_get_bool(saved, "range", &p->map_helpers, e) < 0 ||
		json_get_bool(saved, "host", &p->host_ids, e) < 0)
		return -1;
	p->env = env.v;
	for (char **v = p->env; v && *v; v++)
		saved_decode(*v);
	saved_decode(p->cwd);
	saved_decode(p->rootfs);
	if (!p->cwd || !p->rootfs)
		return err_set(e, 0, "the entry of the run is damaged");
	return saved_load_numbers(p, saved, e) < 0 || saved_load_seccomp(p, saved, e) < 0
		       ? -1
		       : saved_load_rlimits(p, saved, e);
}
