/*
 * mount_option: what --mount and --device ask for, as one mount of a plan.
 */
#pragma once

#include "plan/volume.h"

/*
 * "type=bind|tmpfs|volume,src=...,dst=...,..." as Docker and podman spell it: comma-separated, a field
 * that holds a comma in double quotes.
 */
mount_text_parser mount_text_parse;

/* "SRC[:DST][:rwm]" of --device; without DST it is SRC. */
mount_text_parser mount_text_device;
