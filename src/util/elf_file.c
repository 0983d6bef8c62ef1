/*
 * elf_file: what a shared library tells the loader, elf(5).  The file may be an image's: each number is
 * checked by what can be read with it.
 * Reads the file that it is given.
 */
#include "util/elf_file.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/fd.h"

#define ELF_FILE_ENTRIES 4096 /* of the dynamic section, and versions that are looked at */
#define ELF_FILE_HEADERS 256  /* of the program; libraries have about ten */

static bool elf_read(const struct elf_file *f, uint64_t offset, void *buf, size_t size)
{
	return offset < INT64_MAX && pread(f->fd, buf, size, (off_t)offset) == (ssize_t)size;
}

/* Read what the file has of size bytes that stand at an address in memory; returns how many, or -1. */
static ssize_t elf_read_part(const struct elf_file *f, uint64_t address, void *buf, size_t size)
{
	for (unsigned i = 0; i < f->n_loads; i++) {
		const struct elf_load *l = &f->loads[i];
		const uint64_t into = address - l->address, offset = l->offset + into;

		if (address < l->address || into >= l->size || offset < into || offset > INT64_MAX)
			continue;
		return pread(f->fd, buf, size < l->size - into ? size : (size_t)(l->size - into),
			(off_t)offset);
	}
	return -1;
}

static bool elf_read_at(const struct elf_file *f, uint64_t address, void *buf, size_t size)
{
	return elf_read_part(f, address, buf, size) == (ssize_t)size;
}

static bool elf_string(const struct elf_file *f, uint64_t at, char ret[ELF_FILE_NAME])
{
	const ssize_t n = elf_read_part(f, f->strings + at, ret, ELF_FILE_NAME);

	return n > 0 && *ret && memchr(ret, '\0', (size_t)n);
}

static bool elf_program_header(
	const struct elf_file *f, uint64_t offset, struct elf_load *ret, uint32_t *ret_type)
{
	Elf64_Phdr p64;
	Elf32_Phdr p32;

	if (f->wide ? !elf_read(f, offset, &p64, sizeof(p64))
		    : !elf_read(f, offset, &p32, sizeof(p32)))
		return false;
	*ret_type = f->wide ? p64.p_type : p32.p_type;
	*ret = f->wide ? (struct elf_load){ p64.p_offset, p64.p_vaddr, p64.p_filesz }
		       : (struct elf_load){ p32.p_offset, p32.p_vaddr, p32.p_filesz };
	return true;
}

static void elf_dynamic_entry(struct elf_file *f, uint64_t tag, uint64_t value)
{
	if (tag == DT_STRTAB)
		f->strings = value;
	else if (tag == DT_SONAME)
		f->soname = value, f->has_soname = true;
	else if (tag == DT_RUNPATH || (tag == DT_RPATH && !f->run_path))
		f->run_path = value;
	else if (tag == DT_NEEDED && f->n_libs < ELF_FILE_LIBS)
		f->libs[f->n_libs++] = value;
	else if (tag == DT_VERNEED)
		f->needs = value;
	else if (tag == DT_VERNEEDNUM)
		f->n_needs = value;
	else if (tag == DT_VERDEF)
		f->defines = value;
	else if (tag == DT_VERDEFNUM)
		f->n_defines = value;
}

static bool elf_dynamic(struct elf_file *f, const struct elf_load *at)
{
	const size_t size = f->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);

	for (uint64_t i = 0; i < ELF_FILE_ENTRIES && (i + 1) * size <= at->size; i++) {
		Elf64_Dyn d64;
		Elf32_Dyn d32;

		if (f->wide ? !elf_read(f, at->offset + i * size, &d64, sizeof(d64))
			    : !elf_read(f, at->offset + i * size, &d32, sizeof(d32)))
			return false;
		if (f->wide ? d64.d_tag == DT_NULL : d32.d_tag == DT_NULL)
			break;
		if (f->wide)
			elf_dynamic_entry(f, (uint64_t)d64.d_tag, d64.d_un.d_val);
		else
			elf_dynamic_entry(f, (uint32_t)d32.d_tag, d32.d_un.d_val);
	}
	return f->strings != 0;
}

bool elf_file_open(struct elf_file *f, int fd)
{
	struct elf_load dynamic = { 0 }, part;
	Elf64_Ehdr h; /* the greater one; a file of 32 bits is longer than that, too */
	uint64_t at;
	uint32_t type;
	unsigned n;

	*f = (struct elf_file){ .fd = fd };
	if (!elf_read(f, 0, &h, sizeof(h)) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
		h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_type != ET_DYN)
		return false;
	const Elf32_Ehdr *narrow = (const Elf32_Ehdr *)(const void *)&h;
	f->wide = h.e_ident[EI_CLASS] == ELFCLASS64;
	f->machine = h.e_machine;
	at = f->wide ? h.e_phoff : narrow->e_phoff;
	n = f->wide ? h.e_phnum : narrow->e_phnum;
	for (unsigned i = 0; i < n; i++) {
		if (i == ELF_FILE_HEADERS || !elf_program_header(f, at, &part, &type))
			return false;
		if (type == PT_LOAD && f->n_loads < ELF_FILE_LOADS)
			f->loads[f->n_loads++] = part;
		else if (type == PT_DYNAMIC)
			dynamic = part;
		at += f->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	}
	return dynamic.size && elf_dynamic(f, &dynamic);
}

bool elf_file_soname(const struct elf_file *f, char ret[ELF_FILE_NAME])
{
	return f->has_soname && elf_string(f, f->soname, ret);
}

bool elf_file_library(const struct elf_file *f, unsigned i, char ret[ELF_FILE_NAME])
{
	return i < f->n_libs && elf_string(f, f->libs[i], ret);
}

bool elf_file_run_path(const struct elf_file *f, char ret[ELF_FILE_NAME])
{
	return f->run_path && elf_string(f, f->run_path, ret);
}

static unsigned elf_glibc(const struct elf_file *f, uint64_t name)
{
	char text[ELF_FILE_NAME];
	unsigned major = 0, minor = 0;

	if (!elf_string(f, name, text) || sscanf(text, "GLIBC_%3u.%3u", &major, &minor) != 2)
		return 0;
	return major * 1000 + minor;
}

/* The structs are the same in both classes. */
unsigned elf_file_needs_glibc(const struct elf_file *f)
{
	uint64_t at = f->needs;
	unsigned most = 0, seen = 0;
	Elf64_Verneed need;
	Elf64_Vernaux aux;

	for (uint64_t i = 0;
		i < f->n_needs && i < ELF_FILE_ENTRIES && elf_read_at(f, at, &need, sizeof(need));
		i++) {
		uint64_t part = at + need.vn_aux;

		for (unsigned k = 0; k < need.vn_cnt && seen++ < ELF_FILE_ENTRIES &&
				     elf_read_at(f, part, &aux, sizeof(aux));
			k++) {
			const unsigned version = elf_glibc(f, aux.vna_name);

			most = version > most ? version : most;
			part += aux.vna_next;
		}
		if (!need.vn_next || seen >= ELF_FILE_ENTRIES)
			break;
		at += need.vn_next;
	}
	return most;
}

unsigned elf_file_has_glibc(const struct elf_file *f)
{
	uint64_t at = f->defines;
	unsigned most = 0;
	Elf64_Verdef define;
	Elf64_Verdaux aux;

	for (uint64_t i = 0; i < f->n_defines && i < ELF_FILE_ENTRIES; i++) {
		unsigned version;

		if (!elf_read_at(f, at, &define, sizeof(define)) ||
			!elf_read_at(f, at + define.vd_aux, &aux, sizeof(aux)))
			break;
		version = elf_glibc(f, aux.vda_name);
		most = version > most ? version : most;
		if (!define.vd_next)
			break;
		at += define.vd_next;
	}
	return most;
}
