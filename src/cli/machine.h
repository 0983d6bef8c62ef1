/*
 * machine: process 1 of a machine whose userland is an image.
 */
#pragma once

#include <stdbool.h>

/* True in the machine's first process.  From then on the kernel sends it SIGINT for
 * Ctrl-Alt-Del. */
bool machine_is_this(void);

/*
 * Mount /proc and the like, call sandbox (like main) in another process with the words of the
 * kernel's command line or of /etc/sandbox.init, and when it ends, power the machine off or restart
 * it.
 */
_Noreturn void machine_main(int argc, char **argv, int (*sandbox)(int argc, char **argv));
