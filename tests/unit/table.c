/*
 * table: records are found by their hashes, in as few steps among many as among few; names of a
 * directory are all given.
 * Run by prove.
 * Touches memory, and a directory that it makes and removes.
 */
#include "util/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "util/names.h"
#include "util/path.h"
#include "util/seen.h"

#define LINKS 1000
#define FILES 300

/* Slots that are looked at for n keys that are there and n that are not, step apart. */
static double steps(size_t n, uint64_t step, bool *ret_right)
{
	struct table t = { 0 };
	size_t all = 0;

	*ret_right = true;
	for (size_t i = 0; i < n; i++)
		table_add(&t, i * step, i);
	for (size_t i = 0; i < 2 * n; i++) {
		size_t at = 0, *record = table_next(&t, i * step, &at);

		all += at;
		*ret_right = *ret_right && (i < n ? record && *record == i : !record);
	}
	table_done(&t);
	return (double)all / (2 * (double)n);
}

static void test_steps(void)
{
	static const uint64_t apart[] = { 1, 2, 8, 64, 4096, 1ull << 32 };

	for (size_t k = 0; k < sizeof(apart) / sizeof(*apart); k++)
		for (size_t n = 10; n <= 100000; n *= 100) {
			bool right;
			double each = steps(n, apart[k], &right);

			tap_ok(right, "%zu keys, %llu apart: each is found, and no other", n,
				(unsigned long long)apart[k]);
			if (!tap_ok(each < 4, "... in few steps"))
				printf("# %.1f\n", each);
		}
}

static void test_same_hash(void)
{
	struct table t = { 0 };
	size_t at = 0, n = 0, sum = 0, *record;

	tap_ok(!table_next(&t, 7, &at), "an empty table");
	for (size_t i = 0; i < 100; i++)
		table_add(&t, i % 2 ? 7 : i, i);
	at = 0;
	while ((record = table_next(&t, 7, &at))) {
		n++;
		sum += *record;
		*record = 1000;
	}
	tap_ok(n == 50 && sum == 2500, "all records of one hash");
	at = 0;
	tap_ok(*table_next(&t, 7, &at) == 1000, "which can be changed");
	tap_ok(table_hash("abc", 3) != table_hash("abd", 3) &&
			table_hash("abc", 3) == table_hash("abcd", 3),
		"the hash is of all bytes");
	table_done(&t);
}

/* A file of many names is one look-up for each, whatever was met before. */
static void test_seen(void)
{
	struct seen s = { .files = NULL };
	struct stat st = { .st_dev = 5, .st_nlink = 1 };
	char path[32];
	bool right = !seen_before(&s, &st, "alone");

	right = !seen_before(&s, &st, "alone") && right;
	tap_ok(right, "a file of one name is not remembered");
	st.st_nlink = 2;
	for (size_t i = 0; i < 2 * LINKS; i++) {
		const char *first;

		st.st_ino = 1 + i % LINKS;
		(void)snprintf(path, sizeof(path), "path %zu", i);
		first = seen_before(&s, &st, path);
		(void)snprintf(path, sizeof(path), "path %zu", i % LINKS);
		right = right && (i < LINKS ? !first : first && strcmp(first, path) == 0);
	}
	tap_ok(right, "the first name of each of %d files", LINKS);
	st.st_dev = 6;
	tap_ok(!seen_before(&s, &st, "path"), "on another device it is another file");
	seen_done(&s);
}

static void test_names(void)
{
	char dir[] = "/tmp/table.XXXXXX", name[256];
	const char *next;
	auto_names d;
	size_t n = 0, bytes = 0, want = 0;
	int fd = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY) : -1;

	tap_ok(names_open(&d, -1) < 0 && errno == EBADF && !names_next(&d) && errno == EBADF,
		"what is no directory has no names");
	tap_ok(names_open(&d, fd) == 0 && !names_next(&d) && errno == 0, "an empty one neither");
	names_close(&d);
	for (int i = 0; i < FILES; i++) {
		/* of all lengths */
		(void)snprintf(name, sizeof(name), "%0*d", 3 + i % 253, i);
		want += strlen(name);
		(void)close(openat(fd, name, O_WRONLY | O_CREAT, 0600));
	}
	(void)close(openat(fd, "..x", O_WRONLY | O_CREAT, 0600));
	(void)close(openat(fd, ".x", O_WRONLY | O_CREAT, 0600));
	for (int round = 0; round < 2; round++) {
		n = bytes = 0;
		(void)names_open(&d, fd);
		while ((next = names_next(&d))) {
			n++;
			bytes += strlen(next);
		}
		names_close(&d);
		tap_ok(errno == 0 && n == FILES + 2 && bytes == want + 5, "all names of one");
	}
	(void)close(fd);
	tap_ok(path_remove_tree(AT_FDCWD, dir) == 0, "it is removed");
}

int main(void)
{
	test_steps();
	test_same_hash();
	test_seen();
	test_names();
	return tap_done();
}
