/*
 * manual: the man page sandbox(1).
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include <stdio.h>

void manual_write(FILE *out);

#endif
