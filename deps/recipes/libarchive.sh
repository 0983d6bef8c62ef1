# shellcheck shell=sh
# Reading tar and nothing else: no filters (layers are decompressed before they get here), no iconv (names stay as they are).
{
	defines HAVE_DECL_INT32_MAX HAVE_DECL_INT32_MIN HAVE_DECL_INT64_MAX HAVE_DECL_INT64_MIN HAVE_DECL_INTMAX_MAX \
		HAVE_DECL_INTMAX_MIN HAVE_DECL_SIZE_MAX HAVE_DECL_SSIZE_MAX HAVE_DECL_UINT32_MAX HAVE_DECL_UINT64_MAX \
		HAVE_DECL_UINTMAX_MAX HAVE_EILSEQ HAVE_ERRNO_H HAVE_FCNTL HAVE_FCNTL_H \
		HAVE_INTTYPES_H HAVE_LANGINFO_H HAVE_LIMITS_H HAVE_LINUX_FS_H HAVE_LOCALE_H HAVE_MBRTOWC HAVE_MEMMOVE \
		HAVE_MKSTEMP HAVE_NL_LANGINFO HAVE_STDARG_H HAVE_STDINT_H HAVE_STDLIB_H HAVE_STRCHR HAVE_STRING_H HAVE_STRNLEN \
		HAVE_STRRCHR HAVE_STRUCT_STAT_ST_MTIM_TV_NSEC HAVE_SYS_STAT_H HAVE_SYS_TIME_H HAVE_SYS_TYPES_H HAVE_TIME_H \
		HAVE_UNISTD_H HAVE_WCHAR_H HAVE_WCRTOMB HAVE_WCSCMP HAVE_WCSCPY HAVE_WCSLEN HAVE_WCTOMB HAVE_WCTYPE_H \
		HAVE_WMEMCMP HAVE_WMEMCPY HAVE_WMEMMOVE HAVE_CTYPE_H HAVE_SIGNAL_H HAVE_POLL HAVE_POLL_H MAJOR_IN_SYSMACROS
	printf '#define SIZEOF_WCHAR_T __SIZEOF_WCHAR_T__\n#define SIZEOF_INT __SIZEOF_INT__\n#define SIZEOF_LONG __SIZEOF_LONG__\n'
} >config.h
# Names in Unicode are never composed or decomposed: they stay bytes.  The tables for it are 27 KB.
edit libarchive/archive_string.c 5 's/add_converter(sc, *archive_string_normalize_[CD])/(void)0/'
# A pax record with an empty value takes back what was said before, pax(1): the header's own field counts.  This version reads
# an empty size as 0, and then the contents as headers.  Keywords in capitals are other makers' own.
edit libarchive/archive_read_support_format_tar.c 1 \
	"s/err2 = pax_attribute(/err2 = !value_length \&\& key[0] >= 'a' ? ARCHIVE_OK : pax_attribute(/"
set --
for part in acl check_magic entry entry_copy_stat entry_sparse entry_stat entry_strmode entry_xattr options pack_dev \
	random rb read read_add_passphrase read_open_fd read_set_options read_support_filter_none read_support_format_empty \
	read_support_format_raw read_support_format_tar string string_sprintf util virtual; do
	set -- "$@" "libarchive/archive_$part.c"
done
ARCHIVE_FLAGS='-Os -I. -DHAVE_CONFIG_H -D_FILE_OFFSET_BITS=64' archive archive "$@"
cp libarchive/archive.h libarchive/archive_entry.h "$prefix/include/"
