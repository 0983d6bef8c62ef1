/*
 * pages: maps memory before it is used.
 */
#pragma once

/*
 * Map the pages of the program, of its data and of the next part of the stack by three system
 * calls, instead of about thirty page faults.  For the start of a process, and of each child that
 * it forks. Kernels before 5.14 ignore it.
 */
void pages_ready(void);
