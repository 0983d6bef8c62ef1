/*
 * run_log: what a run in the background has printed: runs/ID.log, and what was before that in
 * runs/ID.old.log.  Both stay as long as the run's status may be asked for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_ID_DIGITS 12
#define RUN_LOG_MAX (8u << 20) /* bytes of each file */
#define RUN_LOG_END ".log"
#define RUN_LOG_FILE_SIZE (RUN_ID_DIGITS + sizeof(".old" RUN_LOG_END))

/* A log that is written. */
struct run_log {
	int dir; /* of runs/, borrowed */
	int fd;	 /* -1: nothing was printed yet */
	const char *id;
	uint64_t size, lost; /* bytes in the file; bytes that did not fit on the disk */
};

/* Add what was printed.  A full disk does not fail: a later line tells how much is missing. */
void run_log_put(struct run_log *l, const char *text, size_t len);

/* The run still lives: do not sweep its log. */
void run_log_beat(const struct run_log *l);

/* The name of the file with the latest output, or of the one before it. */
void run_log_file(char file[RUN_LOG_FILE_SIZE], const char *id, bool old);

bool run_log_is_there(int dir, const char *id);
void run_log_remove(int dir, const char *id);

/* Remove logs whose run ended long ago, at most a few, or all of them.  Returns their number; with
 * look, they are only counted. */
void run_log_sweep_few(int dir);
unsigned run_log_sweep(int dir, bool look);
