/*
 * path_max: limits of paths.
 */
#pragma once

#define PATH_TEXT_MAX 4096 /* bytes of a path with its NUL, as the kernel's PATH_MAX */
#define PATH_NAME_MAX 255  /* bytes of one component, as NAME_MAX */
#define PATH_LINKS_MAX 40  /* symlinks to follow in one path, as the kernel's MAXSYMLINKS */

/* Docker's default for PATH. */
#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
