/*
 * own_binary: the file of sandbox's own program.
 *
 * A process inside that executes it (an image whose command is "#!/proc/self/exe" does) could open
 * it for writing once no process executes it any more: runc's CVE-2019-5736.  This matters only
 * where the caller may write to the file, such as a copy in its home directory.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

/*
 * In the new root: would executing file, or the interpreter in its first line, execute the program
 * of this process, through a link of procfs to a file that the caller can change?
 */
bool own_binary_is(const char *file);

/*
 * Before joining a live sandbox, whose processes can change a file after own_binary_is() has looked
 * at it: execute this program again from a sealed copy in memory, memfd_create(2).  Returns 0 where
 * that is done already or the file cannot be changed, and -1 with e on failure; else it does not
 * return.
 */
int own_binary_seal(struct err *e);
