/*
 * elf_file: what a shared library tells the loader.  Only files of little-endian machines.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ELF_FILE_NAME 256 /* bytes of a name */
#define ELF_FILE_LOADS 16
#define ELF_FILE_LIBS 64

/* Part of the file that is loaded. */
struct elf_load {
	uint64_t offset, address, size;
};

struct elf_file {
	int fd;		  /* the caller's */
	unsigned machine; /* EM_* */
	bool wide;	  /* 64 bits */
	struct elf_load loads[ELF_FILE_LOADS];
	unsigned n_loads;
	/* of the dynamic section: addresses, or 0 */
	uint64_t strings, soname, needs, n_needs, defines, n_defines;
	bool has_soname;
	uint64_t run_path, libs[ELF_FILE_LIBS]; /* of strings, by their places; run_path 0: none */
	unsigned n_libs;
};

/* Look at the file that fd is open on.  Returns whether it is a shared library, or a dynamic program. */
bool elf_file_open(struct elf_file *f, int fd);

/* Its name for the loader; false if it has none. */
bool elf_file_soname(const struct elf_file *f, char ret[ELF_FILE_NAME]);

/* The i-th library that it needs; false if there are no more. */
bool elf_file_library(const struct elf_file *f, unsigned i, char ret[ELF_FILE_NAME]);

/* Folders, with colons between, in which the loader looks for them; false if it names none. */
bool elf_file_run_path(const struct elf_file *f, char ret[ELF_FILE_NAME]);

/* The greatest version GLIBC_X.Y that it needs of others, or has itself: X * 1000 + Y; 0: none. */
unsigned elf_file_needs_glibc(const struct elf_file *f);
unsigned elf_file_has_glibc(const struct elf_file *f);
