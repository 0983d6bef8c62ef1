/*
 * elf_machine: the processor that a program is for.
 */
#pragma once

#include <stddef.h>

#define ELF_MACHINE_HEAD 20 /* bytes at the beginning of a file that name the processor */

/* The beginning of the processor's name in uname(2) ("arm" for armv7l), or "another processor"
 * if it is unknown; NULL if the n bytes are not the head of an ELF file. */
const char *elf_machine_name(const unsigned char *head, size_t n);
