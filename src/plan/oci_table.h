/*
 * oci_table: which member of a plan stands where in an OCI runtime-spec config.json.
 * Both ways of the codec follow the same rows, so that what is written can be read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"
#include "util/err.h"
#include "util/json.h"
#include "util/json_write.h"
#include "util/word.h"

enum oci_kind {
	OCI_END,     /* behind the last row */
	OCI_STR,     /* char * */
	OCI_STRV,    /* char **, NULL-terminated */
	OCI_BOOL,    /* bool */
	OCI_UINT,    /* an unsigned integer of any size; more: struct oci_range or NULL */
	OCI_INT,     /* a signed one, by default of at least -1 */
	OCI_WORD,    /* one that has words; more: struct word[] */
	OCI_CAPS,    /* uint64_t */
	OCI_PAIRS,   /* struct plan_pairs */
	OCI_LIST,    /* structs that have rows of their own; more: struct oci_list */
	OCI_OWN,     /* more: struct oci_own */
	OCI_REFUSED, /* not supported: an error where it asks for anything */
	OCI_IGNORED, /* without effect on Linux, or no more */
};

enum {
	OCI_ALWAYS = 1, /* written even where it says nothing */
	OCI_LATER = 2,	/* the runtime cannot do it yet */
};

struct oci_field {
	const char *path; /* names with '/' between; in a list's rows from the element on */
	const void *more;
	uint16_t at, size; /* the member's place in its struct */
	uint16_t n_at;	   /* OCI_LIST: where its size_t of elements is */
	uint8_t kind;
	uint8_t flags;
	uint8_t since; /* minor version of the specification that brought it */
};

struct oci_range {
	int64_t min, max, absent; /* absent: stands for no value, else 0 does */
};

struct oci_list {
	const struct oci_field *rows;
	size_t size; /* of an element */
};

/* While one document is written or read. */
struct oci_out {
	struct json_writer w;
	const struct plan *p;
	unsigned since; /* the highest so far */
};

struct oci_in {
	struct plan *p;
	bool raw; /* strings were escaped, see json_write.h */
};

/* base is the struct that the row's member is in.  read may be NULL, and is called where the parent
 * object is there, with NULL where that has no such member. */
struct oci_own {
	void (*write)(struct oci_out *o, const char *key, const void *base);
	int (*read)(struct oci_in *in, json *parent, json *value, void *base, struct err *e);
};

extern const struct oci_field oci_fields[];

#define OCI_NAME_MAX 64

/* A path as people write it, "process.user.uid".  Returns buf. */
const char *oci_name(const char *path, char buf[OCI_NAME_MAX]);

/* Does the member say nothing? */
bool oci_is_absent(const struct oci_field *f, const void *base);

/* What OCI_UINT, OCI_INT, OCI_WORD and OCI_CAPS have where they say nothing. */
uint64_t oci_absent(const struct oci_field *f);

/* Their value. */
uint64_t oci_number(const struct oci_field *f, const void *base);
void oci_set_number(const struct oci_field *f, void *base, uint64_t v);

/* The word of an OCI_WORD; NULL: none. */
const char *oci_word(const struct oci_field *f, const void *base);

/* The elements of an OCI_LIST. */
char *oci_elements(const struct oci_field *f, const void *base, size_t *ret_n);

/* For readers: strings into the plan. */
char *oci_string(struct oci_in *in, const char *text);

/* oci_mount.c and oci_own.c */
extern const struct oci_own oci_mount_type, oci_mount_source, oci_mount_options;

/* In an annotation for m: what its element cannot say; NULL: nothing.  The text is a's. */
const char *oci_mount_note(const struct plan_mount *m, struct arena *a);
int oci_mount_read_note(struct plan_mount *m, const char *text, struct err *e);
extern const struct oci_own oci_own_seccomp, oci_own_annotations;
