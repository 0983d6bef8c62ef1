/*
 * pages: memory that is about to be touched.
 */
#ifndef UTIL_PAGES_H
#define UTIL_PAGES_H

/*
 * Have the pages of the program, of its data and of the next part of the stack mapped by three
 * calls, in place of some thirty faults one by one: for a process that is to be quick, at its start
 * and in each child that it forks.  Kernels before 5.14 ignore it.
 */
void pages_ready(void);

#endif
