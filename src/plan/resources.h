/*
 * resources: what a run has found out after its plan was made, beside the plan.
 */
#pragma once

#include <stdbool.h>

struct run_resources {
	int rootfs; /* the directory that the plan's rootfs names; never written to */
	const char
		*upper_dir; /* holds upper/ and work/, or takes the copy of --writable-copy; NULL:
				  what is written stays in memory */
	bool on_disk;	    /* upper_dir takes what is written */
	bool disk_first; /* the plan does not ask for that: this kernel's memory is second best */
};
