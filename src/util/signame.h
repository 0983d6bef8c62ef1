/*
 * signame: signals by name.
 */
#ifndef UTIL_SIGNAME_H
#define UTIL_SIGNAME_H

/* The number of "TERM", "SIGTERM" (in any case), "15" or "SIGRTMIN+3"; -1 where there is no such
 * signal. */
int signame_number(const char *text);

#endif
