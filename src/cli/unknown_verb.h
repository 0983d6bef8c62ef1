/*
 * unknown_verb: a word that is no verb: a mistyped one, or one of Docker's.
 */
#pragma once

#include "util/arena.h"
#include "util/err.h"

/* Set e to say so, with what to use instead.  words: the verb and what follows it, NULL-terminated.  Returns -1. */
int unknown_verb(char *const *words, struct arena *a, struct err *e);
