/*
 * report: what a run reports to other programs: lines on --status-fd, --pidfile, --cidfile.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/events.h"
#include "util/err.h"

/*
 * Copy the descriptor of --status-fd, so that the payload does not inherit it, and close the
 * original, unless that is a standard stream. Returns the copy, or -1 with e.
 */
int report_open(int number, struct err *e);

/* Each writes one JSON object on a line.  fd -1: none. */
void report_started(int fd, const char *id, const char *name, pid_t pid);
void report_exited(int fd, const char *id, int status, const struct runtime_events *ev);
void report_failed(int fd, const struct err *e);

/* A file for one word. */
struct report_file {
	int dir;	  /* -1: no file was asked for */
	const char *name; /* borrowed */
	const char *option;
	bool made;
};

#define REPORT_FILE_NONE ((struct report_file){ .dir = -1 })

/* Open the directory of path; NULL: no file.  Returns 0, or -1 with e. */
int report_file_open(struct report_file *f, const char *option, const char *path, struct err *e);

/* Write the file with a number in one step.  Returns 0, or -1 with e. */
int report_file_number(struct report_file *f, long number, struct err *e);

/* Make the file, which must not exist, with a word.  Returns 0, or -1 with e. */
int report_file_new(struct report_file *f, const char *word, struct err *e);

/* remove: also remove the file, if it was made. */
void report_file_done(struct report_file *f, bool remove);
