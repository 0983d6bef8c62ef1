/*
 * signame: signals by name.
 */
#pragma once

/* The number of "TERM", "SIGTERM" (in any case), "15" or "SIGRTMIN+3"; -1 for an unknown signal. */
int signame_number(const char *text);
