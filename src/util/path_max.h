/*
 * path_max: how long and how winding a path may be.
 */
#ifndef UTIL_PATH_MAX_H
#define UTIL_PATH_MAX_H

#define PATH_TEXT_MAX 4096 /* bytes of a name with its NUL, as the kernel's PATH_MAX */
#define PATH_NAME_MAX 255  /* bytes of one component, NAME_MAX */
#define PATH_LINKS_MAX 40  /* symlinks followed in one look-up, as the kernel's MAXSYMLINKS */

/* Where programs are looked for without PATH, as Docker has it. */
#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#endif
