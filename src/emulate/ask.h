/*
 * ask: a call that waits for its answer, and what the answer will be.
 */
#pragma once

#include "emulate/creds.h"
#include "emulate/tags.h"
#include "emulate/target.h"
#include "seccomp/table.h"

struct ask {
	/* the call */
	enum seccomp_ask call;
	uint64_t args[6];
	bool narrow; /* ids have 16 bits, as in the oldest calls of 32-bit ABIs */
	uint32_t uid,
		gid; /* of the sandbox's one user: what a thread has that has changed nothing */
	struct target t;
	const struct tags *tags;
	const struct creds *now; /* NULL: it has never changed them, and the kernel knows them */

	/* the answer */
	bool goes_on; /* the kernel carries the call out */
	int64_t value;
	int code;	   /* errno, or 0 */
	bool changes;	   /* to what next has */
	struct creds next; /* the groups are malloc'd if it changes */
};

/*
 * Start from the credentials that the thread has, whoever knows them.  Returns 0, or the errno that
 * ask_fail has noted.
 */
int ask_change(struct ask *a);

/* Note an errno, or 0, as the answer.  Returns it. */
int ask_fail(struct ask *a, int code);

typedef void ask_answer(struct ask *a);

/* For calls that read or change ids and groups, and for all others; NULL: the other has it. */
extern ask_answer *const ids_answers[ASKS], *const rights_answers[ASKS];
