/*
 * elf_machine: which processor a program is for.
 */
#ifndef UTIL_ELF_MACHINE_H
#define UTIL_ELF_MACHINE_H

#include <stddef.h>

#define ELF_MACHINE_HEAD 20 /* bytes at the beginning of a file that say so */

/* The processor, as uname(2) begins its name ("arm" for armv7l), or "another" for one that is not
 * known here; NULL where the n bytes are not the head of an ELF file. */
const char *elf_machine_name(const unsigned char *head, size_t n);

#endif
