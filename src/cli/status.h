/*
 * status: what a run tells other programs: lines on --status-fd, --pidfile, --cidfile.
 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/runtime.h"
#include "util/err.h"

/*
 * Take the descriptor that --status-fd names: a copy of it that no payload inherits.  Returns that,
 * or -1 with e.
 */
int status_open(int number, struct err *e);

/* One JSON object on a line each; fd -1: nobody wants to know. */
void status_started(int fd, const char *id, const char *name, pid_t pid);
void status_exited(int fd, const char *id, int status, const struct runtime_events *ev);
void status_failed(int fd, const struct err *e);

/* A file with one word in it. */
struct status_file {
	int dir;	  /* -1: none was asked for */
	const char *name; /* borrowed */
	const char *option;
	bool made;
};

#define STATUS_FILE_NONE ((struct status_file){ .dir = -1 })

/* Open the directory of path, which may be NULL.  Returns 0, or -1 with e. */
int status_file_open(struct status_file *f, const char *option, const char *path, struct err *e);

/* Write a number; who sees the file sees it whole.  Returns 0, or -1 with e. */
int status_file_number(struct status_file *f, long number, struct err *e);

/* Write a word to a file that is not there yet.  Returns 0, or -1 with e. */
int status_file_new(struct status_file *f, const char *word, struct err *e);

/* remove: take away what was made. */
void status_file_done(struct status_file *f, bool remove);

#endif
