/*
 * seccomp_profile: seccomp profiles in Docker's and OCI's JSON.
 * A file that a user names is hostile until read: what it holds beyond the format is an error that
 * names it.
 */
#pragma once

#include <stddef.h>

#include "seccomp/table.h"
#include "util/arena.h"
#include "util/err.h"

struct json_t;
struct json_writer;

/*
 * Parse len bytes for the run t; the policy's rules are the arena's.  All fields of Docker's format
 * but those that hand calls to another process (SCMP_ACT_NOTIFY, listenerPath), which are refused;
 * the format of linux.seccomp in OCI's config.json is a part of it.  What includes and excludes ask
 * is asked now: the rules that count remain.  Names of calls are not checked here: those that nobody
 * knows are skipped when the policy is compiled.
 * Returns 0, or -1 with e.
 */
int seccomp_profile_parse(const char *text, size_t len, const struct seccomp_target *t,
	struct arena *a, struct seccomp_policy *ret, struct err *e);

/* The same of JSON that json_parse_u64 has parsed already. */
int seccomp_profile_read(const struct json_t *top, const struct seccomp_target *t, struct arena *a,
	struct seccomp_policy *ret, struct err *e);

/* The policy for the run t in OCI's format, which seccomp_profile_read reads. */
void seccomp_profile_write(struct json_writer *w, const char *key, const struct seccomp_policy *p,
	const struct seccomp_target *t);

/* The same as a document of its own, in a malloc'd string. */
char *seccomp_profile_text(const struct seccomp_policy *p, const struct seccomp_target *t);
