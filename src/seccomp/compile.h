/*
 * seccomp_compile: rules → a filter for the kernel.
 * Touches nothing.
 *
 * Three sets of rules are asked for each call:
 * seccomp_always, then that of seccomp_emulations: the first rule of the set that holds
 * decides; then the policy, as Docker and libseccomp have it: a rule without arguments stands above
 * those with some, among those with some the first that holds decides, and where none holds the
 * policy's default does. A call whose number is higher than any that libseccomp knows is ENOSYS,
 * unless the default lets calls pass: a program that tries a newer call then falls back, which it
 * does not on EPERM.  runc does the same.
 *
 * Why the filter is not libseccomp's own: its rules can say "this call with these arguments", not
 * "this call but with these", which ioctl needs; and what it makes for three ABIs is twice as long
 * and takes twice as long to load.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "seccomp/table.h"
#include "util/err.h"

struct seccomp_filter {
	struct sock_filter *insns; /* malloc'd */
	unsigned short n;
};

void seccomp_filter_done(struct seccomp_filter *f);

/* Compile p for t.  Returns 0, or -1 with e: more rules than a filter can hold (BPF_MAXINSNS), an
 * unknown machine. */
int seccomp_compile(const struct seccomp_policy *p, const struct seccomp_target *t,
	struct seccomp_filter *ret, struct err *e);
