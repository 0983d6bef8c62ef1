/*
 * manual: the man page sandbox(1).
 */
#pragma once

#include <stdio.h>

void manual_write(FILE *out);
