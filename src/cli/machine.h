/*
 * machine: process 1 of a machine whose userland is an image.
 */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdbool.h>

/* True in the process that the kernel has started as the machine's first.  From then on
 * Ctrl-Alt-Del is a signal to it. */
bool machine_is_this(void);

/*
 * Mount what there has to be, call sandbox (as main) in another process with the words of the
 * kernel's command line or of /etc/sandbox.init, and end as that ends: the machine is off, or
 * starts anew.
 */
_Noreturn void machine_main(int argc, char **argv, int (*sandbox)(int argc, char **argv));

#endif
