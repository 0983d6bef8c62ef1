/*
 * fuzz target config: an image's config document, and the plan that comes of it and of what users,
 * hosts and the image's files say.  The document comes first; after each CONFIG_MARK stands one of
 * the words below, and after '=' its text.  A plan that was made can be printed, and read again as the same.
 */
#include <string.h>

#include "fuzz.h"
#include "image/config.h"
#include "plan/make.h"
#include "plan/oci.h"
#include "plan/subid.h"
#include "plan_equal.h"
#include "util/fd.h"
#include "util/json.h"

#define CONFIG_MARK "\n--"
#define WORDS_MAX 32

/* Where a word's text goes. */
struct words {
	struct run_options o;
	struct host_facts h;
	struct strv command;
	const char *subuid, *subgid;
};

enum kind { TEXT, LIST, FLAG };

static const struct input {
	const char *name;
	enum kind kind;
	size_t at;
} words[] = {
#define OPTION(name, kind, member) \
	{ \
		name, kind, offsetof(struct words, o.member) \
	}
#define FACT(name, kind, member) \
	{ \
		name, kind, offsetof(struct words, h.member) \
	}
	OPTION("env", LIST, env),
	OPTION("workdir", TEXT, workdir),
	OPTION("user", TEXT, user),
	OPTION("entrypoint", TEXT, entrypoint),
	OPTION("umask", TEXT, umask),
	OPTION("no-init", FLAG, no_init),
	OPTION("tty", FLAG, tty),
	OPTION("stop-signal", TEXT, stop_signal),
	OPTION("keep-id", FLAG, keep_id),
	OPTION("subuid", FLAG, subuid),
	OPTION("emulate", TEXT, emulate),
	OPTION("volume", LIST, volumes),
	OPTION("mount", LIST, mounts),
	OPTION("tmpfs", LIST, tmpfs),
	OPTION("device", LIST, devices),
	OPTION("shm-size", TEXT, shm_size),
	OPTION("read-only", FLAG, read_only),
	OPTION("scratch-size", TEXT, scratch_size),
	OPTION("scratch", TEXT, scratch),
	OPTION("writable", TEXT, writable),
	OPTION("tz", TEXT, timezone),
	OPTION("hostname", TEXT, hostname),
	OPTION("network", TEXT, network),
	OPTION("publish", LIST, publish),
	OPTION("add-host", LIST, add_host),
	OPTION("dns", LIST, dns),
	OPTION("cap-add", LIST, cap_add),
	OPTION("cap-drop", LIST, cap_drop),
	OPTION("security-opt", LIST, security),
	OPTION("profile", TEXT, seccomp_profile),
	OPTION("ulimit", LIST, ulimits),
	OPTION("memory", TEXT, memory),
	OPTION("cpus", TEXT, cpus),
	OPTION("pids-limit", TEXT, pids_limit),
	FACT("host-name", TEXT, hostname),
	FACT("cwd", TEXT, cwd),
	FACT("term", TEXT, term),
	FACT("resolv.conf", TEXT, resolv_conf),
	FACT("hosts", TEXT, hosts),
	FACT("user-name", TEXT, user_name),
	FACT("group-name", TEXT, group_name),
	FACT("home", TEXT, home),
	FACT("passwd", TEXT, passwd),
	FACT("group", TEXT, group),
	FACT("zone-in-image", FLAG, zone_in_image),
	FACT("zone-on-host", FLAG, zone_on_host),
	FACT("apt", FLAG, has_apt),
	FACT("localtime", FLAG, has_localtime),
	{ "command", LIST, offsetof(struct words, command) },
	{ "subuid-file", TEXT, offsetof(struct words, subuid) },
	{ "subgid-file", TEXT, offsetof(struct words, subgid) },
};

static void take_word(struct words *w, struct arena *a, const struct fuzz_piece *piece)
{
	char *name = arena_strndup(a, (const char *)piece->data, piece->size),
	     *text = strchr(name, '=');

	if (text)
		*text++ = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		void *to = (char *)w + words[i].at;

		if (strcmp(words[i].name, name) != 0)
			continue;
		if (words[i].kind == FLAG)
			*(bool *)to = true;
		else if (words[i].kind == LIST)
			strv_add(a, to, text ? text : name);
		else
			*(const char **)to = text ? text : "";
	}
}

/* What is printed can be read, and is the same plan. */
static void check_printed(const struct plan *p)
{
	auto_free char *text = oci_write(p, false);
	struct plan q;
	struct err e;
	int r = oci_read(&q, text, strlen(text), &e);

	/* Limits on what is read may be smaller than what is written. */
	fuzz_check(r == 0 || strstr(e.msg, " over ") || strstr(e.msg, "deeper"));
	fuzz_check(r < 0 || !plan_differs(p, &q));
	fuzz_check(oci_check(p, &e) == 0);
	plan_done(&q);
}

static void check_maps(const struct id_map *maps, size_t n)
{
	fuzz_check(n > 0);
	for (size_t i = 0; i < n; i++) {
		const struct id_map *m = &maps[i];

		fuzz_check(m->count > 0 && m->count - 1 <= UINT32_MAX - 1 - m->inside);
		fuzz_check(m->count - 1 <= UINT32_MAX - 1 - m->outside);
		for (size_t k = 0; k < i; k++)
			fuzz_check(m->inside + (m->count - 1) < maps[k].inside ||
				   maps[k].inside + (maps[k].count - 1) < m->inside);
	}
}

static void check_plan(const struct plan *p)
{
	fuzz_check(p->args && p->args[0] && p->cwd && p->cwd[0] == '/' && p->hostname);
	fuzz_check(
		p->uid != UINT32_MAX && p->gid != UINT32_MAX && p->umask >= 0 && p->umask <= 0777);
	fuzz_check(p->caps.bounding < 1ull << 41);
	for (size_t i = 0; i < p->n_mounts; i++)
		fuzz_check(p->mounts[i].dst && p->mounts[i].dst[0] == '/');
	for (char **v = p->env; v && *v; v++)
		fuzz_check(strchr(*v, '=') > *v);
	check_maps(p->uid_maps, p->n_uid_maps);
	check_maps(p->gid_maps, p->n_gid_maps);
	check_printed(p);
}

static void make_plan(const struct image_config *c, struct arena *a, struct fuzz_piece rest)
{
	struct words w = { .h = { .uid = 1000, .gid = 1000 } };
	struct id_map *subuids = NULL, *subgids = NULL;
	struct fuzz_piece piece;
	struct plan p;
	struct err e;

	w.h.hostname = "host";
	w.h.cwd = "/home/me";
	w.h.image_id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	w.h.rootfs = "/store/rootfs";
	for (int n = 0; n < WORDS_MAX && fuzz_next_piece(&rest, CONFIG_MARK, &piece); n++)
		take_word(&w, a, &piece);
	w.h.n_subuids = subid_ranges(w.subuid ? w.subuid : "", w.h.user_name, 1000, a, &subuids);
	w.h.n_subgids = subid_ranges(w.subgid ? w.subgid : "", w.h.user_name, 1000, a, &subgids);
	w.h.subuids = subuids;
	w.h.subgids = subgids;
	w.o.command = w.command.v;
	if (plan_make(&p, c, &w.o, &w.h, &e) == 0)
		check_plan(&p);
	else
		fuzz_check_err(&e);
	plan_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece rest = { data, size }, doc;
	struct image_config c;
	struct arena a = { 0 };
	struct err e;

	if (!fuzz_next_piece(&rest, CONFIG_MARK, &doc))
		return 0;
	auto_free char *text = fuzz_text(doc.data, doc.size);
	if (config_parse(text, doc.size, &a, &c, &e) == 0)
		make_plan(&c, &a, rest);
	else
		fuzz_check_err(&e);
	arena_done(&a);
	return 0;
}
