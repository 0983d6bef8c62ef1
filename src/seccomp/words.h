/*
 * words: what the members of a seccomp profile may say.
 */
#pragma once

#include "util/word.h"

extern const struct word words_actions[]; /* SECCOMP_RET_* */
extern const struct word words_ops[];	  /* enum seccomp_op */
extern const struct word words_abis[];	  /* SECCOMP_ON_*, as architectures and archMap have them */
extern const struct word words_arches[];  /* SECCOMP_ON_*, as includes and excludes have them */
extern const struct word words_flags[];	  /* SECCOMP_FILTER_FLAG_* */
