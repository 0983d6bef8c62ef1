/*
 * gpu: a GPU of the host, as its device node shows it.
 * Reads /dev, /proc/driver and /sys/class/drm.
 */
#include "launch/gpu.h"

#include <glob.h>
#include <string.h>

#include "launch/facts.h"

#define GPU_PROC "/proc/driver/nvidia/gpus"

const struct gpu_words gpu_vendors[GPU_VENDORS] = {
	[GPU_NVIDIA] = { "NVIDIA", "nvidia", "nvidia.com/gpu", NULL },
	[GPU_AMD] = { "AMD", "amd", "amd.com/gpu", "0x1002" },
	[GPU_INTEL] = { "Intel", "intel", "intel.com/gpu", "0x8086" },
};

/* The value behind "NAME:" in a file of /proc/driver. */
static char *gpu_field(const char *text, const char *name, struct arena *a)
{
	const char *at = strstr(text, name);

	if (!at)
		return NULL;
	at += strlen(name);
	at += strspn(at, ": \t");
	return arena_strndup(a, at, strcspn(at, "\n"));
}

/* A GPU is known by the minor number of its node; the files tell which GPU has it. */
static char *gpu_uuid(const char *node, struct arena *a)
{
	char *uuid = NULL;
	glob_t found;

	if (glob(GPU_PROC "/*/information", 0, NULL, &found) != 0)
		return NULL;
	for (size_t i = 0; !uuid && i < found.gl_pathc; i++) {
		const char *text = facts_read(-1, found.gl_pathv[i], a);
		const char *minor = text ? gpu_field(text, "Device Minor", a) : NULL;

		if (minor && strcmp(node + strlen("/dev/nvidia"), minor) == 0)
			uuid = gpu_field(text, "GPU UUID", a);
	}
	globfree(&found);
	return uuid;
}

/* Whose the node /dev/dri/renderDN is; GPU_VENDORS: another's. */
static enum gpu_vendor gpu_vendor_of(const char *node, struct arena *a)
{
	const char *text = facts_read(
		-1, arena_printf(a, "/sys/class/drm/%s/device/vendor", strrchr(node, '/') + 1), a);
	unsigned v = GPU_AMD;

	while (v < GPU_VENDORS &&
		!(text && strncmp(text, gpu_vendors[v].pci, strlen(gpu_vendors[v].pci)) == 0))
		v++;
	return v;
}

size_t gpu_list(struct gpu ret[GPU_MAX], struct arena *a)
{
	size_t n = 0;
	glob_t found;

	if (glob("/dev/nvidia[0-9]*", 0, NULL, &found) == 0) {
		for (size_t i = 0; n < GPU_MAX && i < found.gl_pathc; i++, n++)
			ret[n] = (struct gpu){ GPU_NVIDIA, arena_strdup(a, found.gl_pathv[i]),
				gpu_uuid(found.gl_pathv[i], a) };
		globfree(&found);
	}
	if (glob("/dev/dri/renderD*", 0, NULL, &found) == 0) {
		for (size_t i = 0; n < GPU_MAX && i < found.gl_pathc; i++) {
			const enum gpu_vendor v = gpu_vendor_of(found.gl_pathv[i], a);

			if (v < GPU_VENDORS)
				ret[n++] =
					(struct gpu){ v, arena_strdup(a, found.gl_pathv[i]), NULL };
		}
		globfree(&found);
	}
	return n;
}
