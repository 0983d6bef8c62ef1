/*
 * gpus: --gpus: the GPUs of the host, by CDI specifications, or else by their device nodes.
 * Reads the host's ld.so.cache.
 */
#include "launch/gpus.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch/gpu.h"
#include "util/fd.h"
#include "util/ld_cache.h"
#include "util/number.h"

#define GPUS_FOLDER "/usr/lib/sandbox-gpu" /* inside: the driver's libraries */

/* ---- what is asked for ---- */

struct gpus_request {
	const char *text;
	struct strv devices;	/* by index or UUID */
	uint64_t count;		/* of any, if there are no devices; UINT64_MAX: all */
	enum gpu_vendor vendor; /* GPU_VENDORS: any */
};

static int gpus_unclear(const struct gpus_request *r, struct err *e)
{
	(void)err_set(
		e, 0, "--gpus %s: is neither \"all\", nor a number, nor device=LIST", r->text);
	return err_hint(e, "--gpus all, --gpus 2, --gpus device=0,1");
}

static int gpus_count(struct gpus_request *r, const char *word, struct err *e)
{
	if (strcmp(word, "all") == 0 || strcmp(word, "-1") == 0) {
		r->count = UINT64_MAX;
		return 0;
	}
	return number_read(word, strlen(word), GPU_MAX, &r->count) ? 0 : gpus_unclear(r, e);
}

static int gpus_driver(struct gpus_request *r, const char *word, struct err *e)
{
	unsigned v = 0;

	while (v < GPU_VENDORS && strcmp(word, gpu_vendors[v].driver) != 0)
		v++;
	r->vendor = v;
	return v < GPU_VENDORS || !*word
		       ? 0
		       : err_set(e, 0, "--gpus %s: driver: is none of nvidia, amd and intel",
				 r->text);
}

/* One field: KEY=VALUE, or one more value of the key before.  Without a key: a number, or devices. */
static int gpus_field_read(
	struct gpus_request *r, const char **key, char *field, struct arena *a, struct err *e)
{
	char *value = strchr(field, '=');

	if (value) {
		*value++ = '\0';
		*key = field;
	} else {
		value = field;
	}
	if (strcmp(*key, "count") == 0)
		return gpus_count(r, value, e);
	if (strcmp(*key, "driver") == 0)
		return gpus_driver(r, value, e);
	/* what is there is shown, whatever of it a program uses */
	if (strcmp(*key, "capabilities") == 0 || strcmp(*key, "options") == 0)
		return 0;
	if (strcmp(*key, "device") != 0 || !*value)
		return gpus_unclear(r, e);
	strv_add(a, &r->devices, value);
	return 0;
}

/* Docker reads a line of CSV, so its users put quotes around the commas. */
static int gpus_read(struct gpus_request *r, const char *text, struct arena *a, struct err *e)
{
	char *words = arena_strdup(a, text), *field, *to = words;
	const char *key = strchr(text, ',') ? "device" : "count";

	*r = (struct gpus_request){ .text = text, .count = UINT64_MAX, .vendor = GPU_VENDORS };
	for (const char *from = words; *from; from++)
		if (*from != '"')
			*to++ = *from;
	*to = '\0';
	if (!*words)
		return gpus_unclear(r, e);
	if (strncmp(words, "all,", 4) == 0)
		key = "count";
	while ((field = strsep(&words, ",")))
		if (gpus_field_read(r, &key, field, a, e) < 0)
			return -1;
	return 0;
}

int gpus_check(const char *text, struct err *e)
{
	struct gpus_request r;
	struct arena a = { 0 };
	int status = gpus_read(&r, text, &a, e);

	arena_done(&a);
	return status;
}

static bool gpus_is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static int gpus_too_few(const struct gpus_request *r, size_t n, struct err *e)
{
	return err_set(e, 0, "--gpus %s: there %s %zu", r->text, n == 1 ? "is" : "are", n);
}

/* ---- by CDI ---- */

/* The devices of a kind are there by number, by UUID, and as "all": count each GPU once. */
static int gpus_cdi_count(const struct gpus_request *r, const struct cdi *c, const char *kind,
	struct strv *names, struct arena *a, struct err *e)
{
	const size_t len = strlen(kind), before = names->n;
	bool numbers = false;

	for (size_t i = 0; i < c->n_devices; i++)
		numbers = numbers || (strncmp(c->devices[i].name, kind, len) == 0 &&
					     gpus_is_number(c->devices[i].name + len + 1));
	for (size_t i = 0; i < c->n_devices && names->n - before < r->count; i++) {
		const char *name = c->devices[i].name;

		if (strncmp(name, kind, len) == 0 && name[len] == '=' &&
			(numbers ? gpus_is_number(name + len + 1)
				 : strcmp(name + len + 1, "all") != 0))
			strv_add_copy(a, names, name);
	}
	return names->n - before < r->count ? gpus_too_few(r, names->n - before, e) : 0;
}

static bool gpus_cdi_has(const struct cdi *c, const char *kind)
{
	const size_t len = strlen(kind);
	size_t i = 0;

	while (i < c->n_devices &&
		!(strncmp(c->devices[i].name, kind, len) == 0 && c->devices[i].name[len] == '='))
		i++;
	return i < c->n_devices;
}

/* Returns 1 if CDI has a GPU, 0 if it has none, -1 with e. */
static int gpus_cdi(const struct gpus_request *r, const struct cdi *c, struct strv *names,
	struct arena *a, struct err *e)
{
	int found = 0;

	for (unsigned v = 0; v < GPU_VENDORS; v++) {
		const char *kind = gpu_vendors[v].kind;

		if ((r->vendor != GPU_VENDORS && r->vendor != v) || !gpus_cdi_has(c, kind))
			continue;
		for (size_t i = 0; i < r->devices.n; i++)
			strv_add(a, names, arena_printf(a, "%s=%s", kind, r->devices.v[i]));
		if (!r->devices.n && r->count == UINT64_MAX)
			strv_add(a, names, arena_printf(a, "%s=all", kind));
		else if (!r->devices.n && gpus_cdi_count(r, c, kind, names, a, e) < 0)
			return -1;
		found = 1;
		/* a number or an index is of one vendor's */
		if (r->devices.n || r->count != UINT64_MAX)
			break;
	}
	return found;
}

/* ---- by what is found ---- */

static void gpus_add_node(struct plan_edits *ed, const char *path, struct arena *a)
{
	char *copy = arena_strdup(a, path);

	if (access(path, F_OK) == 0)
		edits_add_mount(ed, a,
			(struct plan_mount){ .kind = MOUNT_BIND,
				.src = copy,
				.dst = copy,
				.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				.recursive = true,
				.deep = true,
				.device = true });
}

static void gpus_add_file(
	struct plan_edits *ed, const char *src, const char *dst, uint64_t attr, struct arena *a)
{
	if (access(src, F_OK) == 0)
		edits_add_mount(ed, a,
			(struct plan_mount){ .kind = MOUNT_BIND,
				.src = arena_strdup(a, src),
				.dst = arena_strdup(a, dst),
				.attr = attr | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV });
}

static bool gpus_is_library(const char *name)
{
	static const char *const starts[] = { "libcuda.so", "libcudadebugger.so", "libnvcuvid.so",
		"libnvoptix.so", "libnvidia-" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* The flags of libraries for the programs of this machine. */
static uint32_t gpus_flags(void)
{
#if defined(__x86_64__)
	return ld_cache_flags(EM_X86_64, true);
#elif defined(__aarch64__)
	return ld_cache_flags(EM_AARCH64, true);
#elif defined(__riscv)
	return ld_cache_flags(EM_RISCV, true);
#else
	return ld_cache_flags(EM_ARM, false);
#endif
}

/* The driver's libraries, by the names under which the host's loader has them. */
static void gpus_add_libraries(struct plan_edits *ed, struct arena *a)
{
	static const char *const words[] = { "nvidia-cdi-hook", "update-ldcache", "--folder",
		GPUS_FOLDER };
	auto_fd fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, LD_CACHE_MAX, &len);
	struct ld_cache cache = { 0 };
	struct strv args = { 0 };

	if (text)
		ld_cache_parse(&cache, text, len, a);
	for (size_t i = 0; i < cache.n; i++)
		if (cache.v[i].flags == gpus_flags() && gpus_is_library(cache.v[i].name))
			gpus_add_file(ed, cache.v[i].path,
				arena_printf(a, GPUS_FOLDER "/%s", cache.v[i].name),
				MOUNT_ATTR_RDONLY, a);
	free(cache.v);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		strv_add_copy(a, &args, words[i]);
	edits_add_hook(
		ed, a, (struct plan_hook){ .path = arena_strdup(a, words[0]), .args = args.v });
}

static void gpus_add_vendor(struct plan_edits *ed, enum gpu_vendor vendor, struct arena *a)
{
	static const char *const nodes[] = { "/dev/nvidiactl", "/dev/nvidia-uvm",
		"/dev/nvidia-uvm-tools", "/dev/nvidia-modeset", "/dev/nvidia-caps" };

	if (vendor == GPU_AMD)
		gpus_add_node(ed, "/dev/kfd", a);
	if (vendor != GPU_NVIDIA)
		return;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		gpus_add_node(ed, nodes[i], a);
	gpus_add_libraries(ed, a);
	gpus_add_file(ed, "/usr/bin/nvidia-smi", "/usr/bin/nvidia-smi", MOUNT_ATTR_RDONLY, a);
	gpus_add_file(ed, "/run/nvidia-persistenced/socket", "/run/nvidia-persistenced/socket",
		MOUNT_ATTR_NOEXEC, a);
}

/* Is it the GPU of that index, among those of its vendor, or of that UUID? */
static bool gpus_is(const struct gpu *g, size_t index, const char *word)
{
	uint64_t n = GPU_MAX;

	return gpus_is_number(word) ? number_read(word, strlen(word), GPU_MAX, &n) && n == index
				    : g->uuid && strncmp(g->uuid, word, strlen(word)) == 0;
}

static int gpus_none(const struct gpus_request *r, const struct cdi *c, struct err *e)
{
	(void)err_set(e, 0,
		"--gpus %s: no CDI specification describes a GPU, and there is none of NVIDIA, AMD or Intel in /dev",
		r->text);
	return c->n_problems ? err_hint(e, "%zu of the files cannot be used: %s", c->n_problems,
				       c->problems[0].msg)
			     : -1;
}

static int gpus_look(const struct gpus_request *r, const struct cdi *c, struct plan_edits *ed,
	struct arena *a, struct err *e)
{
	struct gpu list[GPU_MAX];
	const size_t n = gpu_list(list, a);
	const bool any = !r->devices.n && r->count == UINT64_MAX;
	unsigned vendor = r->vendor;
	size_t used = 0, index = 0;
	bool seen[GPU_VENDORS] = { false };

	for (size_t i = 0; i < n; i++) {
		const struct gpu *g = &list[i];
		bool wanted = !r->devices.n && used < r->count;

		if (vendor == GPU_VENDORS && !any)
			vendor = g->vendor;
		if (vendor != GPU_VENDORS && g->vendor != vendor)
			continue;
		for (size_t k = 0; k < r->devices.n; k++)
			wanted = wanted || gpus_is(g, index, r->devices.v[k]);
		index++;
		if (!wanted)
			continue;
		if (!seen[g->vendor])
			gpus_add_vendor(ed, g->vendor, a);
		seen[g->vendor] = true;
		gpus_add_node(ed, g->node, a);
		used++;
	}
	if (!index && r->count)
		return gpus_none(r, c, e);
	return used < (r->devices.n ? r->devices.n
			      : any ? 0
				    : r->count)
		       ? gpus_too_few(r, index, e)
		       : 0;
}

int gpus_find(const char *text, const struct cdi *c, struct strv *names, struct plan_edits *ed,
	struct arena *a, struct err *e)
{
	struct gpus_request r;
	int found;

	if (gpus_read(&r, text, a, e) < 0)
		return -1;
	found = gpus_cdi(&r, c, names, a, e);
	return found ? (found < 0 ? -1 : 0) : gpus_look(&r, c, ed, a, e);
}
