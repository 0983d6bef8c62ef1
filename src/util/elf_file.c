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

#define ELF_FILE_ENTRIES 4096 /* versions that are looked at */
#define ELF_FILE_DYNAMIC 256  /* entries of the dynamic section */
#define ELF_FILE_PARTS 64     /* program headers */

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

/* One read for all entries of most files: each call counts where a folder has a thousand libraries. */
static bool elf_dynamic(struct elf_file *f, const struct elf_load *at)
{
	union {
		Elf64_Dyn d64[ELF_FILE_DYNAMIC];
		Elf32_Dyn d32[2 * ELF_FILE_DYNAMIC];
	} d;
	const size_t size = f->wide ? sizeof(*d.d64) : sizeof(*d.d32);
	const size_t most = at->size < sizeof(d) ? (size_t)at->size : sizeof(d);
	const ssize_t n = at->offset < INT64_MAX ? pread(f->fd, &d, most, (off_t)at->offset) : -1;

	for (size_t i = 0; n > 0 && (i + 1) * size <= (size_t)n; i++) {
		if (f->wide ? d.d64[i].d_tag == DT_NULL : d.d32[i].d_tag == DT_NULL)
			break;
		if (f->wide)
			elf_dynamic_entry(f, (uint64_t)d.d64[i].d_tag, d.d64[i].d_un.d_val);
		else
			elf_dynamic_entry(f, (uint32_t)d.d32[i].d_tag, d.d32[i].d_un.d_val);
	}
	return f->strings != 0;
}

/* Note what is loaded; *ret is the dynamic section. */
static bool elf_program_headers(
	struct elf_file *f, uint64_t offset, unsigned n, struct elf_load *ret)
{
	union {
		Elf64_Phdr p64[ELF_FILE_PARTS];
		Elf32_Phdr p32[ELF_FILE_PARTS];
	} p;

	if (n > ELF_FILE_PARTS ||
		!elf_read(f, offset, &p, n * (f->wide ? sizeof(*p.p64) : sizeof(*p.p32))))
		return false;
	for (unsigned i = 0; i < n; i++) {
		const uint32_t type = f->wide ? p.p64[i].p_type : p.p32[i].p_type;
		const struct elf_load part =
			f->wide ? (struct elf_load){ p.p64[i].p_offset, p.p64[i].p_vaddr,
				p.p64[i].p_filesz }
				: (struct elf_load){ p.p32[i].p_offset, p.p32[i].p_vaddr,
					  p.p32[i].p_filesz };

		if (type == PT_LOAD && f->n_loads < ELF_FILE_LOADS)
			f->loads[f->n_loads++] = part;
		else if (type == PT_DYNAMIC)
			*ret = part;
	}
	return ret->size != 0;
}

bool elf_file_open(struct elf_file *f, int fd)
{
	struct elf_load dynamic = { 0 };
	Elf64_Ehdr h; /* the greater one; a file of 32 bits is longer than that, too */

	*f = (struct elf_file){ .fd = fd };
	if (!elf_read(f, 0, &h, sizeof(h)) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
		h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_type != ET_DYN)
		return false;
	const Elf32_Ehdr *narrow = (const Elf32_Ehdr *)(const void *)&h;
	f->wide = h.e_ident[EI_CLASS] == ELFCLASS64;
	f->machine = h.e_machine;
	return elf_program_headers(f, f->wide ? h.e_phoff : narrow->e_phoff,
		       f->wide ? h.e_phnum : narrow->e_phnum, &dynamic) &&
	       elf_dynamic(f, &dynamic);
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
