/*
 * subid: texts of subuid(5) and subgid(5), and maps of user_namespaces(7).
 * Touches memory only.
 */
#include "plan/subid.h"

#include <stdbool.h>
#include <string.h>

#include "util/number.h"

#define SUBID_RANGES_MAX 339 /* 340 lines are the kernel's limit; one is the caller's own id */

/* Read a decimal number before one of the characters ends.  Returns false for anything else, and for
 * more than 32 bits. */
static bool subid_number(const char **text, const char *ends, uint32_t *ret)
{
	size_t n = strspn(*text, "0123456789");
	uint64_t value;

	/* strchr(3) also finds the end of the text */
	if (!number_read(*text, n, UINT32_MAX, &value) || !strchr(ends, (*text)[n]))
		return false;
	*ret = (uint32_t)value;
	*text += n;
	return true;
}

/* "alice:100000:65536" or "1000:100000:65536" */
static bool subid_line(const char *line, const char *name, uint32_t uid, struct id_map *ret)
{
	size_t who = strcspn(line, ":\n");
	const char *at = line;
	uint32_t number;
	bool mine = name && strlen(name) == who && strncmp(line, name, who) == 0;

	if (line[who] != ':')
		return false;
	if (!mine && !(subid_number(&at, ":", &number) && number == uid))
		return false;
	at = line + who + 1;
	if (!subid_number(&at, ":", &ret->outside) || *at++ != ':')
		return false;
	if (!subid_number(&at, " \t\r\n", &ret->count))
		return false;
	return ret->count > 0 && ret->outside > 0 && ret->count <= UINT32_MAX - ret->outside;
}

static bool subid_overlaps(const struct id_map *ranges, size_t n, const struct id_map *r)
{
	for (size_t i = 0; i < n; i++)
		if (r->outside < ranges[i].outside + ranges[i].count &&
			ranges[i].outside < r->outside + r->count)
			return true;
	return false;
}

size_t subid_ranges(
	const char *text, const char *name, uint32_t uid, struct arena *a, struct id_map **ret)
{
	size_t n = 0;

	*ret = arena_alloc(a, SUBID_RANGES_MAX * sizeof(**ret));
	for (const char *line = text; line && *line && n < SUBID_RANGES_MAX;) {
		struct id_map r = { 0 };

		if (subid_line(line, name, uid, &r) && !subid_overlaps(*ret, n, &r))
			(*ret)[n++] = r;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return n;
}

struct id_map *subid_map(
	struct arena *a, uint32_t own, const struct id_map *ranges, size_t n, size_t *ret_n)
{
	struct id_map *maps = arena_alloc(a, (n + 1) * sizeof(*maps));
	uint32_t next = 1;

	maps[0] = (struct id_map){ .inside = 0, .outside = own, .count = 1 };
	*ret_n = 1;
	for (size_t i = 0; i < n && next < UINT32_MAX - 1; i++) {
		uint32_t left = UINT32_MAX - 1 - next, count = ranges[i].count;

		count = count < left ? count : left;
		maps[(*ret_n)++] = (struct id_map){
			.inside = next, .outside = ranges[i].outside, .count = count
		};
		next += count;
	}
	return maps;
}
