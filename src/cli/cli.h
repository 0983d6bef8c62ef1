/*
 * cli: the verbs, and what they share.  The only room that prints and that knows exit statuses.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <signal.h>
#include <stdbool.h>

#include "cli/opts.h"
#include "store/store.h"
#include "util/err.h"

/* Options that every verb takes, before the verb or after it. */
struct globals {
	const char *store;  /* the caller's own: the last --store */
	struct strv shared; /* those before it, which are only read */
	struct arena arena;
};

/*
 * One verb.  run gets the words from the verb's name on; it returns the exit status, or -1 with e.
 */
struct verb {
	const char *name;
	const char *synopsis; /* words after the name */
	const char *summary;  /* a line */
	const struct opt *opts;
	int (*run)(int argc, char **argv, struct globals *g, struct err *e);
	const char *details; /* paragraphs for `help VERB`; NULL where the line says it all */
};

extern const struct verb verb_run, verb_exec, verb_ps, verb_stop, verb_kill, verb_wait;
extern const struct verb verb_load, verb_save, verb_unpack, verb_inspect, verb_images, verb_tag;
extern const struct verb verb_verify, verb_writable, verb_rm, verb_gc, verb_doctor, verb_help;
extern const struct verb *const verbs[]; /* NULL-terminated */

/* The verb of that name, or NULL. */
const struct verb *cli_verb(const char *name);

/* Rows that end each verb's table, and what handles them: 1 where id was one of them, 0 where not.
 */
#define OPTS_EVERYWHERE "Everywhere:" /* the heading of what each verb takes */
#define OPTS_GLOBAL \
	{ 0, NULL, NULL, OPTS_EVERYWHERE }, \
		{ OPT_STORE, "store", "DIR", \
			"where unpacked images are kept; of several the last, others are only " \
			"read" }, \
		{ 'q', "quiet", NULL, "no notes, no progress" }, \
		{ OPT_VERBOSE, "verbose", NULL, "say more" }, \
		{ OPT_HELP, "help", NULL, "what `sandbox help VERB` says" }, \
	{ \
		0, NULL, NULL, NULL \
	}

/* Ids of options that have no letter, across all verbs. */
enum {
	OPT_STORE = 256,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_TAG,
	OPT_PLATFORM,
	OPT_MAX_ENTRIES,
	OPT_MAX_BYTES,
	OPT_RESERVE,
	OPT_XZ_MEMORY,
	OPT_ENV_FILE,
	OPT_ENTRYPOINT,
	OPT_TMPFS,
	OPT_HOSTNAME,
	OPT_READ_ONLY,
	OPT_NETWORK,
	OPT_NAME,
	OPT_DRY_RUN,
	OPT_NO_INIT,
	OPT_RM,
	OPT_INIT,
	OPT_JSON,
	OPT_VERSION,
	OPT_ENV_HOST,
	OPT_PRESERVE_FDS,
	OPT_UMASK,
	OPT_TIMEOUT,
	OPT_STOP_SIGNAL,
	OPT_LOG,
	OPT_STATUS_FD,
	OPT_PIDFILE,
	OPT_CIDFILE,
	OPT_KEEP_ID,
	OPT_SUBUID,
	OPT_USERNS,
	OPT_GROUP_ADD,
	OPT_EMULATE,
	OPT_MOUNT,
	OPT_DEVICE,
	OPT_SHM_SIZE,
	OPT_SCRATCH,
	OPT_SCRATCH_SIZE,
	OPT_WRITABLE,
	OPT_WRITABLE_COPY,
	OPT_NO_USERNS,
	OPT_TZ,
	OPT_ADD_HOST,
	OPT_DNS,
	OPT_CAP_ADD,
	OPT_CAP_DROP,
	OPT_SECURITY_OPT,
	OPT_ULIMIT,
	OPT_CPUS,
	OPT_PIDS_LIMIT,
	OPT_MAN,
	OPT_COMPLETION,
	OPT_MAX_SIZE,
	OPT_OLDER_THAN,
	OPT_SHARED,
};

#define OPTS_IMAGE \
	{ 0, NULL, NULL, "Choosing the image, and limits of unpacking:" }, \
		{ OPT_TAG, "tag", "NAME:TAG", \
			"which image of a file that holds several (or FILE#NAME:TAG)" }, \
		{ OPT_PLATFORM, "platform", "OS/ARCH", \
			"which platform of several; default: this machine's" }, \
		{ OPT_MAX_ENTRIES, "max-entries", "N", "most entries in all layers (10000000)" }, \
		{ OPT_MAX_BYTES, "max-bytes", "SIZE", \
			"most bytes of files in all layers (no limit)" }, \
		{ OPT_RESERVE, "reserve", "SIZE", \
			"space to leave free on the disk (64M, at most 5 % of it)" }, \
	{ \
		OPT_XZ_MEMORY, "xz-memory", "SIZE", "most memory for xz (256M)" \
	}

/* Handles a global option.  1: it was one, 0: it was not.  --help prints and exits. */
int cli_global_option(struct globals *g, const struct verb *v, int id, char *value);

/* Open the caller's own store, and let the shared ones be searched before it.  0, or -1 with e. */
int cli_open_stores(struct store *s, const struct globals *g, struct err *e);

/* Handles an option of OPTS_IMAGE.  1: it was one, 0: it was not, -1 with e. */
int cli_image_option(
	struct import_request *rq, struct arena *a, int id, char *value, struct err *e);

/* Text of `help VERB` on out. */
void cli_help(const struct verb *v, FILE *out);

/*
 * What the user calls an image, as a source to import: false where it is rather a name in the
 * store. Splits off "#NAME:TAG"; strings into a.
 */
bool cli_is_source(const char *image, struct import_request *rq, struct arena *a);

/* Import with progress, and with INT, TERM and HUP ending it cleanly; where one did, the process
 * ends by it. */
int cli_import(struct store *s, struct import_request *rq, struct stored_image *ret, struct err *e);

/* The same for all images of a source, as store_load. */
int cli_load(struct store *s, struct import_request *rq,
	int (*fn)(const char *id, char *const *names, void *arg, struct err *e), void *arg,
	struct err *e);

/* store_save, and the same of signals. */
int cli_save(const struct stored_image *i, const char *name, int out, struct err *e);

/* The same for unpacking into a folder. */
int cli_unpack_to(
	struct import_request *rq, const char *dir, struct unpack_stats *stats, struct err *e);

/* Open what the user calls an image: imported where it is a source, else looked up in the store.
 * 0, or -1 with e; stored_image_close in both cases. */
int cli_open_image(struct store *s, const char *image, struct import_request *rq, struct arena *a,
	struct stored_image *ret, struct err *e);

/* "2026-11-25T14:35:51Z" */
#define CLI_DATE_SIZE 32
char *cli_date(char buf[CLI_DATE_SIZE], int64_t seconds);

#endif
