/*
 * gpu: a GPU of the host.
 */
#pragma once

#include "util/arena.h"

#define GPU_MAX 64

enum gpu_vendor { GPU_NVIDIA, GPU_AMD, GPU_INTEL, GPU_VENDORS };

/* What a vendor is called: by people, in docker's driver=, by CDI, and in /sys. */
struct gpu_words {
	const char *name, *driver, *kind, *pci;
};

extern const struct gpu_words gpu_vendors[GPU_VENDORS];

struct gpu {
	enum gpu_vendor vendor;
	char *node; /* such as /dev/nvidia0 */
	char *uuid; /* NVIDIA's; or NULL */
};

/* Look for GPUs; strings are a's.  Returns how many there are. */
size_t gpu_list(struct gpu ret[GPU_MAX], struct arena *a);
