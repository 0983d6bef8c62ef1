/*
 * tar mutate: entries put in, taken out, moved, renamed and changed in type; sums made right again.
 * Called by libFuzzer through LLVMFuzzerCustomMutator.
 * Touches memory only.
 */
#include "tar_mutate.h"

#include <stdarg.h>
#include <string.h>

#include "fuzz.h"
#include "tree.h"
#include "unpack/decompress.h"

#define BLOCK 512
#define ENTRIES_MAX 256
#define TEXT_MAX 600

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *x, size_t x_size, const uint8_t *y, size_t y_size,
	uint8_t *out, size_t max, unsigned int seed);

/* ustar(5): where the fields are. */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_MAJOR = 329,
	AT_MINOR = 337,
	AT_PREFIX = 345,
	AT_END = 500,
};

struct tar {
	uint8_t *data;
	size_t size, max;
	uint64_t random;
	size_t at[ENTRIES_MAX + 1]; /* where entries begin, and the end */
	size_t n;
};

static uint32_t pick(struct tar *t, uint32_t n)
{
	/* xorshift64*: Marsaglia, Vigna */
	t->random ^= t->random >> 12;
	t->random ^= t->random << 25;
	t->random ^= t->random >> 27;
	return (uint32_t)((t->random * 0x2545f4914f6cdd1dull) >> 33) % n;
}

#define pick_of(t, list) ((list)[pick(t, sizeof(list) / sizeof(*(list)))])

/* A number field, octal or base-256; what is neither counts as 0. */
static uint64_t number(const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len && p[i]; i++)
		if (p[i] >= '0' && p[i] <= '7')
			n = n * 8 + (uint64_t)(p[i] - '0');
	return n;
}

static bool is_mark(const struct tar *t, size_t at)
{
	size_t len = strlen(TAR_LAYER_MARK);

	return at + len <= t->size && memcmp(t->data + at, TAR_LAYER_MARK, len) == 0;
}

static bool is_compressed(const struct tar *t, size_t at)
{
	return codec_kind_of(t->data + at, t->size - at) != COMPRESSION_NONE;
}

/* The end of what begins at `at`: a mark, or a header with its data, or a compressed layer, or the
 * rest. */
static size_t entry_end(const struct tar *t, size_t at)
{
	const uint8_t *mark;
	uint64_t size;

	if (is_mark(t, at))
		return at + strlen(TAR_LAYER_MARK);
	if (is_compressed(t, at)) {
		mark = memmem(t->data + at, t->size - at, TAR_LAYER_MARK, strlen(TAR_LAYER_MARK));
		return mark ? (size_t)(mark - t->data) : t->size;
	}
	if (t->size - at < BLOCK)
		return t->size;
	size = number(t->data + at + AT_SIZE, 12);
	if ((t->data[at + AT_TYPE] >= '1' && t->data[at + AT_TYPE] <= '6') ||
		size > t->size - at - BLOCK)
		size = 0;
	size = (size + BLOCK - 1) / BLOCK * BLOCK;
	return size > t->size - at - BLOCK ? t->size : at + BLOCK + (size_t)size;
}

static void find_entries(struct tar *t)
{
	size_t at = 0;

	for (t->n = 0; at < t->size && t->n < ENTRIES_MAX; at = entry_end(t, at))
		t->at[t->n++] = at;
	t->at[t->n] = at;
}

static bool is_header(const struct tar *t, size_t i)
{
	size_t at = t->at[i];

	return t->at[i + 1] - at >= BLOCK && t->data[at] && !is_compressed(t, at);
}

static void set_sum(uint8_t *h)
{
	unsigned sum = 0;
	char text[8];

	memset(h + AT_SUM, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += h[i];
	(void)snprintf(text, sizeof(text), "%06o", sum);
	memcpy(h + AT_SUM, text, 7);
}

static void set_sums(struct tar *t)
{
	find_entries(t);
	for (size_t i = 0; i < t->n; i++)
		if (is_header(t, i))
			set_sum(t->data + t->at[i]);
}

/* Make room for len bytes at `at`.  False where there is none. */
static bool make_room(struct tar *t, size_t at, size_t len)
{
	if (len > t->max - t->size)
		return false;
	memmove(t->data + at + len, t->data + at, t->size - at);
	t->size += len;
	return true;
}

static void take_out(struct tar *t, size_t from, size_t to)
{
	memmove(t->data + from, t->data + to, t->size - to);
	t->size -= to - from;
}

static const char *const parts[] = { "a", "b", "c", "d", "a", "b", "c", "d", "e", "etc", "dev",
	"bin", "..", ".", "", ".wh.a", ".wh.b", ".wh.c", ".wh.d", ".wh..wh..opq", ".wh..wh.plnk",
	".wh..wh.x", ".wh.", ".wh..", ".wh...", "stargz.index.json", "\xff\xfe", "a\nb", " ",
	"canary" };

static const char *const hosts[] = { TREE_CANARY_UP, TREE_CANARY_UP "/file", TREE_CANARY_UP "/dir",
	TREE_CANARY_HOST, TREE_CANARY_HOST "/file", TREE_CANARY_HOST "/dir", "/", "..", "../..",
	"/proc/self/cwd", "/proc/self/root", "/dev/shm", "/tmp", "." };

/* A name over a small alphabet, so that entries meet each other. */
static void make_name(struct tar *t, char *buf, size_t size)
{
	uint32_t depth = 1 + pick(t, 3), wild = pick(t, 4);
	size_t len = 0;

	buf[0] = '\0';
	if (pick(t, 24) == 0) {
		(void)snprintf(buf, size, "%s", pick_of(t, hosts));
		return;
	}
	if (pick(t, 40) == 0)
		depth = 40 + pick(t, 40);
	if (pick(t, 12) == 0)
		len += (size_t)snprintf(buf, size, "%s", pick(t, 2) ? "/" : "./");
	for (uint32_t i = 0; i < depth && len < size; i++) {
		bool last = i + 1 == depth;
		const char *part = wild == 0 || last ? pick_of(t, parts) : parts[pick(t, 4)];

		/* Half of the last ones are plain too. */
		if (last && pick(t, 2))
			part = parts[pick(t, 4)];
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? "/" : "", part);
	}
	if (pick(t, 12) == 0 && len + 1 < size)
		(void)snprintf(buf + len, size - len, "/");
}

static void make_target(struct tar *t, char *buf, size_t size)
{
	char name[TEXT_MAX - 8];

	if (pick(t, 4) == 0) {
		(void)snprintf(buf, size, "%s", pick_of(t, hosts));
		return;
	}
	make_name(t, name, sizeof(name));
	(void)snprintf(buf, size, "%s%s", pick(t, 3) ? "" : pick(t, 2) ? "/" : "../", name);
}

/* NUL-padded, and without a NUL where it fills the field: what is longer is cut. */
static void set_text(uint8_t *field, size_t size, const char *text)
{
	size_t len = strnlen(text, size);

	memset(field, 0, size);
	memcpy(field, text, len);
}

static const char types[] = "0000055551112223467LKSxgNVDM\0Az";
static const unsigned modes[] = { 0644, 0755, 0, 0555, 04755, 02755, 01777, 0777, 07777, 0111 };
static const char *const numbers[] = { "0", "1", "7777777", "77777777777", "0000001", "-1",
	"17777777777", "37777777777", "40000000000", "1000", "\x80",
	"\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\xff\xff\xff\xff\xff\xff\xff", "8", "" };

static void set_number(struct tar *t, uint8_t *field, size_t size, unsigned usual)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%0*o", (int)size - 1, usual);
	set_text(field, size, pick(t, 8) ? text : pick_of(t, numbers));
}

static const char *const keys[] = { "path", "linkpath", "size", "uid", "gid", "mtime", "atime",
	"ctime", "uname", "gname", "hdrcharset", "charset", "comment", "SCHILY.xattr.user.x",
	"SCHILY.xattr.user.overlay.opaque", "SCHILY.xattr.security.capability",
	"LIBARCHIVE.xattr.user.y", "SCHILY.acl.access", "SCHILY.acl.default", "SCHILY.devmajor",
	"SCHILY.devminor", "SCHILY.dev", "SCHILY.ino", "SCHILY.nlink", "SCHILY.realsize",
	"SCHILY.fflags", "LIBARCHIVE.creationtime", "LIBARCHIVE.symlinktype", "GNU.sparse.major",
	"GNU.sparse.minor", "GNU.sparse.name", "GNU.sparse.realsize", "GNU.sparse.size",
	"GNU.sparse.numblocks", "GNU.sparse.offset", "GNU.sparse.numbytes", "GNU.sparse.map",
	"RHT.security.selinux", "SUN.holesdata" };

static const char *const values[] = { "0", "1", "512", "4294967295", "4294967296", "-1", "1.5",
	"-1.000000001", "99999999999999999999", "9223372036854775807", "1e3", "0,512",
	"0,512,1024,1", "100,1,0,1", "9223372036854775807,1", "BINARY", "ISO-IR 10646 2000 UTF-8",
	"AQ==", "user::rwx,group::r-x", "a=b", "", "\xff", "0.9999999999", "253402300800" };

/* Records "LEN KEY=VALUE\n" of a pax header, pax(1); now and then a length that lies. */
static size_t make_records(struct tar *t, char *buf, size_t size)
{
	size_t len = 0;

	for (uint32_t n = 1 + pick(t, 4); n > 0; n--) {
		const char *key = pick_of(t, keys);
		char value[TEXT_MAX / 2], record[TEXT_MAX];
		size_t n_record;
		int total;

		if (pick(t, 3))
			(void)snprintf(value, sizeof(value), "%s", pick_of(t, values));
		else
			make_target(t, value, sizeof(value));
		total = (int)(strlen(key) + strlen(value)) + 3;
		total += total + 2 < 100 ? 2 : 3;
		total += pick(t, 30) == 0 ? (int)pick(t, 7) - 3 : 0;
		n_record =
			(size_t)snprintf(record, sizeof(record), "%d %s=%s\n", total, key, value);
		if (len + n_record >= size)
			break;
		memcpy(buf + len, record, n_record);
		len += n_record;
	}
	return len;
}

static const struct {
	const char *text;
	size_t len;
} magics[] = { { "ustar\0"
		 "00",
		       8 },
	{ "ustar\0"
	  "00",
		8 },
	{ "ustar  ", 8 }, { "\0\0\0\0\0\0\0", 8 }, { "ustar\0\0\0", 8 } };

/* The header and data of a new entry at `at`. */
static void put_entry(struct tar *t, size_t at)
{
	char type = types[pick(t, sizeof(types) - 1)], text[TEXT_MAX], body[2 * BLOCK];
	uint32_t magic = pick(t, sizeof(magics) / sizeof(*magics));
	size_t len = 0;
	uint8_t *h;

	if (type == 'x' || type == 'g')
		len = make_records(t, body, sizeof(body));
	else if (type == 'L' || type == 'K')
		make_target(t, body, sizeof(body)), len = strlen(body) + 1;
	else if (strchr("0SN7", type) && pick(t, 2))
		memset(body, 'x', sizeof(body)), len = pick(t, sizeof(body));
	if (!make_room(t, at, BLOCK + (len + BLOCK - 1) / BLOCK * BLOCK))
		return;
	h = t->data + at;
	memset(h, 0, BLOCK + (len + BLOCK - 1) / BLOCK * BLOCK);
	memcpy(h + BLOCK, body, len);
	make_name(t, text, sizeof(text));
	set_text(h + AT_NAME, 100, text);
	set_number(t, h + AT_MODE, 8, pick_of(t, modes));
	set_number(t, h + AT_UID, 8, pick(t, 3) ? 0 : 1000);
	set_number(t, h + AT_GID, 8, pick(t, 3) ? 0 : 1000);
	(void)snprintf(text, sizeof(text), "%011o", (unsigned)len);
	set_text(h + AT_SIZE, 12, text);
	set_number(t, h + AT_MTIME, 12, 07000000000);
	h[AT_TYPE] = (uint8_t)type;
	make_target(t, text, sizeof(text));
	set_text(h + AT_LINK, 100, strchr("12", type) || !pick(t, 20) ? text : "");
	memcpy(h + AT_MAGIC, magics[magic].text, magics[magic].len);
	set_number(t, h + AT_MAJOR, 8, 1);
	set_number(t, h + AT_MINOR, 8, 3);
}

/* One field of an entry that is there. */
static void change_entry(struct tar *t, size_t i)
{
	uint8_t *h = t->data + t->at[i];
	size_t len = t->at[i + 1] - t->at[i];
	char text[TEXT_MAX];

	if (!is_header(t, i)) {
		LLVMFuzzerMutate(h, len, len);
		return;
	}
	switch (pick(t, 10)) {
	case 0:
	case 1:
		make_name(t, text, sizeof(text));
		set_text(h + AT_NAME, 100, text);
		break;
	case 2:
		make_target(t, text, sizeof(text));
		set_text(h + AT_LINK, 100, text);
		break;
	case 3:
	case 4:
		h[AT_TYPE] = (uint8_t)types[pick(t, sizeof(types) - 1)];
		break;
	case 5:
		set_number(t, h + AT_MODE, 8, pick_of(t, modes));
		break;
	case 6:
		set_number(t, h + AT_SIZE, 12, pick(t, 3 * BLOCK));
		break;
	case 7:
		make_name(t, text, sizeof(text));
		set_text(h + AT_PREFIX, AT_END - AT_PREFIX, text);
		break;
	case 8:
		LLVMFuzzerMutate(h, BLOCK, BLOCK);
		break;
	default:
		if (len > BLOCK)
			LLVMFuzzerMutate(h + BLOCK, len - BLOCK, len - BLOCK);
		else
			set_text(h + AT_MTIME, 12, pick_of(t, numbers));
	}
}

/* A copy of entry i in front of entry `to`. */
static void copy_entry(struct tar *t, size_t i, size_t to)
{
	size_t from = t->at[i], len = t->at[i + 1] - from, at = t->at[to];

	if (!make_room(t, at, len))
		return;
	memcpy(t->data + at, t->data + (from >= at ? from + len : from), len);
}

static void change_once(struct tar *t)
{
	size_t i, to;

	find_entries(t);
	i = t->n ? pick(t, (uint32_t)t->n) : 0;
	to = pick(t, (uint32_t)t->n + 1);
	switch (t->n ? pick(t, 16) : 0) {
	case 0:
	case 1:
	case 2:
	case 3:
		put_entry(t, t->at[to]);
		break;
	case 4:
		take_out(t, t->at[i], t->at[i + 1]);
		break;
	case 5:
	case 6:
		copy_entry(t, i, to);
		break;
	case 7:
		if (make_room(t, t->at[to], strlen(TAR_LAYER_MARK)))
			memcpy(t->data + t->at[to], TAR_LAYER_MARK, strlen(TAR_LAYER_MARK));
		break;
	case 8:
		if (pick(t, 4) == 0)
			t->size = LLVMFuzzerMutate(t->data, t->size, t->max);
		break;
	default:
		change_entry(t, i);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct tar t = {
		.data = data, .size = size, .max = max, .random = seed * 2654435769ull + 1
	};

	for (uint32_t n = 1 + pick(&t, 4); n > 0; n--)
		change_once(&t);
	if (pick(&t, 32))
		set_sums(&t);
	return t.size;
}

/* The first entries of one, and the last of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *x, size_t x_size, const uint8_t *y, size_t y_size,
	uint8_t *out, size_t max, unsigned int seed)
{
	/* Neither is written to: only their entries are looked for. */
	struct tar t = { .data = (uint8_t *)x, .size = x_size, .random = seed * 2654435769ull + 1 };
	size_t head, from, tail;

	find_entries(&t);
	head = t.at[pick(&t, (uint32_t)t.n + 1)];
	head = head < max ? head : max;
	memcpy(out, x, head);
	t.data = (uint8_t *)y;
	t.size = y_size;
	find_entries(&t);
	from = t.at[pick(&t, (uint32_t)t.n + 1)];
	tail = y_size - from < max - head ? y_size - from : max - head;
	memcpy(out + head, y + from, tail);
	return head + tail;
}
