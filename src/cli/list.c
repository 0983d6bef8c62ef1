/*
 * list: the common part of the verbs that print a list.
 * Touches standard output.
 */
#include "cli/list.h"

#include <stdio.h>
#include <time.h>

#include "util/fd.h"

const struct opt list_opts[] = {
	{ 0, "json", NULL, "print JSON", opt_flag, .offset = offsetof(struct list, want_json) },
	{ 0 },
};

bool list_begin(struct list *l)
{
	if (l->want_json)
		l->items = json_new_arr();
	return !l->want_json && !l->ids;
}

void list_print(const json *j)
{
	auto_free char *text = json_dump(j, true);

	puts(text);
}

int list_end(struct list *l, int r)
{
	if (r == 0 && l->items)
		list_print(l->items);
	json_freep(&l->items);
	return r;
}

char *list_date(char buf[LIST_DATE_SIZE], int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	buf[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(buf, LIST_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}
