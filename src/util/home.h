/*
 * home: the caller's home directory.
 */
#pragma once

/* $HOME, else what the user database says; NULL where that is not an absolute path.  The string is the
 * environment's or getpwuid(3)'s. */
const char *home_dir(void);
