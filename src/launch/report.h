/*
 * report: what a run tells other programs: lines on --status-fd, --pidfile, --cidfile.
 */
#ifndef LAUNCH_REPORT_H
#define LAUNCH_REPORT_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/events.h"
#include "util/err.h"

/*
 * Take the descriptor that --status-fd names: a copy of it that no payload inherits.  Returns that,
 * or -1 with e.
 */
int report_open(int number, struct err *e);

/* One JSON object on a line each; fd -1: nobody wants to know. */
void report_started(int fd, const char *id, const char *name, pid_t pid);
void report_exited(int fd, const char *id, int status, const struct runtime_events *ev);
void report_failed(int fd, const struct err *e);

/* A file with one word in it. */
struct report_file {
	int dir;	  /* -1: none was asked for */
	const char *name; /* borrowed */
	const char *option;
	bool made;
};

#define REPORT_FILE_NONE ((struct report_file){ .dir = -1 })

/* Open the directory of path, which may be NULL.  Returns 0, or -1 with e. */
int report_file_open(struct report_file *f, const char *option, const char *path, struct err *e);

/* Write a number; who sees the file sees it whole.  Returns 0, or -1 with e. */
int report_file_number(struct report_file *f, long number, struct err *e);

/* Write a word to a file that is not there yet.  Returns 0, or -1 with e. */
int report_file_new(struct report_file *f, const char *word, struct err *e);

/* remove: take away what was made. */
void report_file_done(struct report_file *f, bool remove);

#endif
