/*
 * own_binary: the file of sandbox's own program.
 *
 * A process that executes it inside (an image whose command is "#!/proc/self/exe" does) could be
 * used to open it for writing as soon as nobody executes it any more: runc's CVE-2019-5736.  Of
 * concern only where the caller may write to the file: a copy in its home directory.
 */
#ifndef RUNTIME_OWN_BINARY_H
#define RUNTIME_OWN_BINARY_H

#include <stdbool.h>

#include "util/err.h"

/*
 * In the new root: would executing file, or the interpreter that its first line names, execute the
 * program of this process, by a link of procfs to a file that the caller may change?
 */
bool own_binary_is(const char *file);

/*
 * Before joining a live sandbox, whose processes can change a file after own_binary_is() has looked
 * at it: execute this program again from a sealed copy in memory, memfd_create(2).  Returns at once
 * where that is done already or the file cannot be changed; else it does not return, but -1 with e.
 */
int own_binary_seal(struct err *e);

#endif
