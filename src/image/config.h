/* config: what an image says about its process (image-spec config.md, Docker's config). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/err.h"

/* All strings and lists are in the arena given to config_parse.  Absent ones are NULL. */
struct image_config {
	char *os;	    /* "linux" */
	char *architecture; /* "amd64", as Go spells them */
	char *variant;	    /* "v8" */
	char *created;	    /* RFC 3339 text, unchecked */
	char **entrypoint;  /* NULL-terminated; NULL if null, absent or empty */
	char **cmd; /* the same; Docker's shell form (a string) is { "/bin/sh", "-c", string } */
	char **env; /* NAME=VALUE; entries without '=' or name are dropped, and the last entry of a name counts */
	char *working_dir; /* as written; may be relative or missing in the rootfs */
	char *user;	   /* "name", "uid", "name:group", "uid:gid" ...; NULL or "" is root */
	char **volumes;	   /* paths, unchecked */
	char *stop_signal; /* "SIGTERM", "15", "SIGRTMIN+3" */
	char **labels;	   /* key=value */
	char **diff_ids; /* "sha256:HEX" or "sha512:HEX" of each layer's uncompressed tar, lowest first */
	size_t n_diff_ids;
};

/*
 * Read a config document of len bytes into *c, with strings in a.  Returns 0, or -1 with e that
 * names the member (not JSON, rootfs.type other than "layers", bad digest, or the wrong type of a
 * member that a run needs).
 */
int config_parse(
	const char *text, size_t len, struct arena *a, struct image_config *c, struct err *e);
