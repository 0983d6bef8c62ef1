/*
 * magic: a table of the bytes that formats have at known offsets.
 * Touches memory only.
 */
#include "util/magic.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAGIC_READS "sandbox reads tar files, plain or compressed with gzip, zstd, xz or bzip2"
#define MAGIC_UNPACK_DISK \
	"mount it, and give sandbox a tar of the root file system: tar -C DIR -cf FILE.tar ."
#define MAGIC_SQUASHFS "unpack it with unsquashfs, and run the folder"
#define MAGIC_CPIO "unpack it with cpio, and run the folder"

/* The first match counts: a format comes before those that it may begin with. */
/* clang-format off */
static const struct {
	unsigned at;
	unsigned char len;
	const char *bytes, *name, *hint;
} magic_table[] = {
	{ 32, 9, "SIF_MAGIC", "a SIF image of Apptainer or Singularity, which is not supported", "save the image it was made of with `docker save`, `podman save` or `skopeo copy`" },
	{ 0, 4, "hsqs", "a squashfs image, which is not supported", MAGIC_SQUASHFS },
	{ 0, 4, "sqsh", "a squashfs image, which is not supported", MAGIC_SQUASHFS },
	{ 1024, 4, "\xe2\xe1\xf5\xe0", "an EROFS image, which is not supported", "unpack it with fsck.erofs --extract, and run the folder" },
	{ 1080, 2, "\x53\xef", "an ext4 file system (or ext2 or ext3)", MAGIC_UNPACK_DISK },
	{ 0, 4, "XFSB", "an XFS file system", MAGIC_UNPACK_DISK },
	{ 65600, 8, "_BHRfS_M", "a btrfs file system", MAGIC_UNPACK_DISK },
	{ 32769, 5, "CD001", "an ISO 9660 image", MAGIC_UNPACK_DISK },
	{ 54, 3, "FAT", "a FAT file system", MAGIC_UNPACK_DISK },
	{ 82, 3, "FAT", "a FAT file system", MAGIC_UNPACK_DISK },
	{ 0, 4, "QFI\xfb", "a qcow2 disk image", MAGIC_UNPACK_DISK },
	{ 0, 4, "KDMV", "a VMDK disk image", MAGIC_UNPACK_DISK },
	{ 0, 21, "# Disk DescriptorFile", "a VMDK disk image", MAGIC_UNPACK_DISK },
	{ 514, 4, "HdrS", "a Linux kernel", NULL },
	{ 512, 8, "EFI PART", "a disk with partitions (GPT)", MAGIC_UNPACK_DISK },
	{ 4096, 8, "EFI PART", "a disk with partitions (GPT)", MAGIC_UNPACK_DISK },
	{ 510, 2, "\x55\xaa", "a disk with partitions (MBR)", MAGIC_UNPACK_DISK },
	{ 0, 4, "PK\3\4", "a zip archive", NULL },
	{ 0, 4, "PK\5\6", "an empty zip archive", NULL },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive", NULL },
	{ 0, 6, "Rar!\x1a\7", "a RAR archive", NULL },
	{ 0, 4, "LZIP", "an lzip file", NULL },
	{ 0, 4, "\x04\x22\x4d\x18", "an lz4 file", NULL },
	{ 0, 4, "\x02\x21\x4c\x18", "an lz4 file", NULL },
	{ 0, 5, "\x5d\0\0\x80\0", "an lzma file of the old format", NULL },
	{ 0, 2, "\x1f\x9d", "a file of compress (.Z)", NULL },
	{ 0, 21, "!<arch>\ndebian-binary", "a Debian package", NULL },
	{ 0, 4, "\xed\xab\xee\xdb", "an RPM package", NULL },
	{ 0, 6, "070701", "a cpio archive", MAGIC_CPIO },
	{ 0, 6, "070707", "a cpio archive", MAGIC_CPIO },
	{ 0, 2, "\xc7\x71", "a cpio archive", MAGIC_CPIO },
	{ 0, 2, "\x71\xc7", "a cpio archive", MAGIC_CPIO },
	{ 0, 4, "\x7f" "ELF", "an ELF program", "sandbox runs programs that are in an image: sandbox run IMAGE COMMAND" },
	{ 0, 23, "version https://git-lfs", "a Git LFS pointer, not the file it stands for", "`git lfs pull` fetches the file" },
	{ 0, 2, "#!", "a script", NULL },
};
/* clang-format on */

/* The header of zlib(3): a window of at most 32 KiB, and a checksum of both bytes.  A text may
 * begin with such bytes ("x^"), so the table's formats are tried first. */
static bool magic_is_zlib(const unsigned char *p, size_t len)
{
	return len >= 6 && (p[0] & 0x8f) == 8 && (p[0] << 8 | p[1]) % 31 == 0 && !(p[1] & 0x20);
}

/* Text in any encoding: without control characters. */
static bool magic_is_text(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < ' ' && (p[i] < '\t' || p[i] > '\r')) || p[i] == 0x7f)
			return false;
	return len > 0;
}

static const char *magic_text_name(const unsigned char *p, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", p[i]))
		i++;
	if (i < len && p[i] == '<')
		return "an HTML or XML document (a server's error page?)";
	if (i < len && (p[i] == '{' || p[i] == '['))
		return "a JSON document";
	return "a text file";
}

static bool magic_is_zero(const unsigned char *p, size_t len)
{
	return len > 0 && p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static int magic_set(struct err *e, const char *name, const char *hint)
{
	(void)err_set(e, 0, "it is %s%s", name, strstr(name, ", ") ? "" : ", not a tar");
	return err_hint(e, "%s", hint ? hint : MAGIC_READS);
}

int magic_check(const void *head, size_t len, struct err *e)
{
	const unsigned char *p = head;

	for (size_t i = 0; i < sizeof(magic_table) / sizeof(*magic_table); i++)
		if (len >= magic_table[i].at + magic_table[i].len &&
			memcmp(p + magic_table[i].at, magic_table[i].bytes, magic_table[i].len) ==
				0)
			return magic_set(e, magic_table[i].name, magic_table[i].hint);
	return magic_is_zlib(p, len) ? magic_set(e, "a zlib stream", NULL) : 0;
}

int magic_error(const void *head, size_t len, struct err *e)
{
	if (magic_check(head, len, e) < 0)
		return -1;
	if (len >= 262 && memcmp((const char *)head + 257, "ustar", 5) == 0)
		return err_set(e, 0, "damaged tar: its first header is invalid");
	if (len > 0 && !magic_is_zero(head, len) && magic_is_text(head, len < 512 ? len : 512))
		return magic_set(e, magic_text_name(head, len), NULL);
	(void)err_set(e, 0, "%s",
		len == 0 ? "it is empty"
		: magic_is_zero(head, len)
			? "it begins with zero bytes, as an empty tar or a blank disk does"
			: "it is not a tar");
	return err_hint(e, MAGIC_READS);
}
