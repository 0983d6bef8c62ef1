/*
 * creds: the credentials that a process believes to have, and the kernel's rules for them.
 * credentials(7), capabilities(7), setuid(2) and its kin.  Touches nothing.
 *
 * Ids are those of the sandbox.  A function that changes credentials returns 0, or the errno that the
 * kernel would answer with and leaves them as they are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREDS_SAME UINT32_MAX	/* -1: leave this id */
#define CREDS_GROUPS_MAX 65536u /* NGROUPS_MAX, Linux 2.6.4 */

enum creds_id { CREDS_REAL, CREDS_EFFECTIVE, CREDS_SAVED, CREDS_FS, CREDS_IDS };

struct creds {
	uint32_t uid[CREDS_IDS], gid[CREDS_IDS];
	uint64_t permitted, effective, inheritable, ambient, bounding;
	uint32_t securebits;
	bool no_new_privs; /* asked for by the process; in truth it always holds */
	uint32_t n_groups;
	uint32_t *groups; /* malloc'd; whose it is, its holder says */
};

/* Whether capability number cap is effective. */
bool creds_can(const struct creds *c, unsigned cap);

bool creds_equal(const struct creds *a, const struct creds *b);

/* setuid(2), setreuid(2), setresuid(2), and the same for groups. */
int creds_setuid(struct creds *c, uint32_t id);
int creds_setreuid(struct creds *c, uint32_t real, uint32_t effective);
int creds_setresuid(struct creds *c, uint32_t real, uint32_t effective, uint32_t saved);
int creds_setgid(struct creds *c, uint32_t id);
int creds_setregid(struct creds *c, uint32_t real, uint32_t effective);
int creds_setresgid(struct creds *c, uint32_t real, uint32_t effective, uint32_t saved);

/* setfsuid(2), setfsgid(2): cannot fail; return the id before. */
uint32_t creds_setfsuid(struct creds *c, uint32_t id);
uint32_t creds_setfsgid(struct creds *c, uint32_t id);

/* capset(2), for the caller itself. */
int creds_capset(struct creds *c, uint64_t effective, uint64_t permitted, uint64_t inheritable);

/* PR_SET_KEEPCAPS and PR_SET_SECUREBITS of prctl(2). */
int creds_keep_caps(struct creds *c, uint64_t on);
int creds_set_securebits(struct creds *c, uint64_t bits);

/* PR_CAP_AMBIENT of prctl(2): raise or lower one, or lower all. */
int creds_ambient_raise(struct creds *c, unsigned cap);
void creds_ambient_lower(struct creds *c, uint64_t caps);

/* A file that is executed. */
struct creds_file {
	bool set_uid, set_gid; /* its bits, where they count */
	uint32_t uid, gid;     /* its owner and group */
};

/* What execve(2) makes of them, as Linux 6.16 has it: ambient capabilities go where ids change. */
void creds_exec(struct creds *c, const struct creds_file *f);

/* May the process send a signal to another, kill(2)?  SIGCONT within a session is not looked at. */
bool creds_may_signal(const struct creds *c, const struct creds *to);
