/*
 * keep_id: adds an entry for the caller to the image's passwd and group.
 * Touches memory only; the texts may come from anyone.
 */
#include "plan/keep_id.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plan/user.h"

#define KEEP_ID_NAME_MAX 256

/* What a name in passwd(5) and group(5) may hold; '+' and '-' in front mean something to NIS. */
static bool keep_id_is_name(const char *s)
{
	if (!s || !*s || *s == '+' || *s == '-' || strlen(s) > KEEP_ID_NAME_MAX)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr(":/,", *s))
			return false;
	return true;
}

const char *keep_id_name(const struct host_facts *h)
{
	return keep_id_is_name(h->user_name) ? h->user_name : "user";
}

const char *keep_id_home(const struct host_facts *h)
{
	if (!h->home || h->home[0] != '/')
		return "/";
	for (const char *s = h->home; *s; s++)
		if (*s == ':' || iscntrl((unsigned char)*s))
			return "/";
	return h->home;
}

/* text with entry in it, see keep_id.h; entry ends in a newline. */
static char *keep_id_insert(
	struct arena *a, const char *text, const char *name, uint32_t id, const char *entry)
{
	size_t room = (text ? strlen(text) : 0) + strlen(entry) + 2, at = 0, named = strlen(name);
	char *out = arena_alloc(a, room);
	bool done = false;

	for (const char *line = text ? text : ""; *line;) {
		size_t len = strcspn(line, "\n");
		uint32_t number;

		if (!done && user_line_id(line, len, &number) && number == id) {
			at += (size_t)snprintf(out + at, room - at, "%s", entry);
			done = true;
		}
		if (!(len > named && strncmp(line, name, named) == 0 && line[named] == ':'))
			at += (size_t)snprintf(out + at, room - at, "%.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	if (!done)
		(void)snprintf(out + at, room - at, "%s", entry);
	return out;
}

char *keep_id_passwd(struct arena *a, const struct run_options *o, const struct host_facts *h)
{
	const char *name = keep_id_name(h);
	char *entry = arena_printf(
		a, "%s:x:%u:%u:%s:%s:/bin/sh\n", name, h->uid, h->gid, name, keep_id_home(h));

	char *text = keep_id_insert(a, h->passwd, name, h->uid, entry);

	for (size_t i = 0; i < o->users.n; i++)
		text = arena_printf(a, "%s%s", text, o->users.v[i]);
	return text;
}

char *keep_id_group(struct arena *a, const struct host_facts *h)
{
	const char *name = keep_id_is_name(h->group_name) ? h->group_name : keep_id_name(h);
	char *entry = arena_printf(a, "%s:x:%u:\n", name, h->gid);

	return keep_id_insert(a, h->group, name, h->gid, entry);
}
