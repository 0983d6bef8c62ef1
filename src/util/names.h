/*
 * names: reads the names in a directory.
 */
#pragma once

#include <dirent.h> /* DT_REG */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_BUFFER 4096 /* bytes that are read at once */

struct names {
	int fd; /* -1: the directory could not be opened */
	size_t at, len;
	uint64_t ino;	    /* of the last name */
	unsigned char type; /* of it: DT_REG and the like, or DT_UNKNOWN */
	_Alignas(8) char buf[NAMES_BUFFER];
};

void names_close(struct names *n); /* keeps errno */
#define auto_names __attribute__((cleanup(names_close))) struct names

/*
 * Begin to read directory dirfd, from its first name.  Returns 0, or -1 with errno; names_close in
 * both cases.
 */
int names_open(struct names *n, int dirfd);

/* The same with fd, a directory that was just opened, or -1.  names_close closes it. */
int names_take(struct names *n, int fd);

/*
 * The next name other than "." and ".."; valid until the next call.  NULL at the end (errno is 0),
 * or if reading failed (errno).
 */
const char *names_next(struct names *n);

/* Is it a directory?  name is the last one. */
bool names_is_dir(const struct names *n, const char *name);

/* Does name begin with begin and end with end? */
bool names_match(const char *name, const char *begin, const char *end);

#define NAMES_FEW 4
#define NAMES_SIZE 256

/*
 * Choose a few names in directory dirfd that begin and end so, from a random place among the first:
 * for work that every start does, which must not take longer when there is more of it.  Reads at
 * most most names.  Returns how many names ret got.
 */
size_t names_few(int dirfd, const char *begin, const char *end, size_t most,
	char ret[NAMES_FEW][NAMES_SIZE]);
