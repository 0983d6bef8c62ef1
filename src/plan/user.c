/*
 * user: passwd(5) and group(5) texts of an image, searched without NSS.
 * Touches memory only; the texts may come from anyone.
 */
#include "plan/user.h"

#include <stdbool.h>
#include <string.h>

#include "util/number.h"

/* (uid_t)-1 means "no change" to chown(2) and setresuid(2), so it is no user's. */
#define USER_ID_MAX 4294967294u

enum { FIELD_NAME = 0, FIELD_ID = 2, FIELD_GROUP = 3, FIELD_HOME = 5 };

struct user_text {
	const char *s;
	size_t len;
};

static bool user_digits(struct user_text t)
{
	return t.len > 0 && strspn(t.s, "0123456789") >= t.len;
}

/* Returns false unless t is a number that an id can have. */
static bool user_number(struct user_text t, uint32_t *ret)
{
	uint64_t n;

	if (!number_read(t.s, t.len, USER_ID_MAX, &n))
		return false;
	*ret = (uint32_t)n;
	return true;
}

static struct user_text user_field(struct user_text line, unsigned which)
{
	const char *colon;
	size_t n;

	for (;; which--) {
		colon = memchr(line.s, ':', line.len);
		n = colon ? (size_t)(colon - line.s) : line.len;
		if (!which)
			return (struct user_text){ line.s, n };
		if (!colon)
			return (struct user_text){ "", 0 };
		line.s += n + 1;
		line.len -= n + 1;
	}
}

bool user_line_id(const char *line, size_t len, uint32_t *ret)
{
	return user_number(user_field((struct user_text){ line, len }, FIELD_ID), ret);
}

/*
 * The first line of a passwd or group text for key: a number is compared with the id, anything else
 * with the name, as Docker does it.  Skips a line whose own id is not a number: read as 0 it would be
 * root.
 */
static bool user_find(const char *text, struct user_text key, struct user_text *ret_line)
{
	bool numeric = user_digits(key);
	uint32_t wanted = 0, id;
	struct user_text name;

	if (numeric && !user_number(key, &wanted))
		return false;
	while (text && *text) {
		struct user_text line = { text, strcspn(text, "\n") };

		text += line.len + (text[line.len] == '\n');
		if (!user_line_id(line.s, line.len, &id))
			continue;
		name = user_field(line, FIELD_NAME);
		if (numeric ? id == wanted
			    : name.len == key.len && memcmp(name.s, key.s, key.len) == 0) {
			*ret_line = line;
			return true;
		}
	}
	return false;
}

/* "NAME:GROUP"; what is missing is empty. */
static void user_split(const char *text, struct user_text *ret_name, struct user_text *ret_group)
{
	size_t n = strcspn(text, ":");
	const char *group = text + n + (text[n] == ':');

	*ret_name = (struct user_text){ text, n };
	*ret_group = (struct user_text){ group, strlen(group) };
}

int user_check(const char *what, const char *text, struct err *e)
{
	struct user_text part[2];
	uint32_t id;

	user_split(text, &part[0], &part[1]);
	for (int i = 0; i < 2; i++)
		if (user_digits(part[i]) && !user_number(part[i], &id))
			return err_set(
				e, 0, "%s %s: above the highest id, %u", what, text, USER_ID_MAX);
	return 0;
}

/* An id for key, which is no entry. */
static int user_unlisted(struct user_text key, const char *what, const char *text,
	const char *where, uint32_t *ret, struct err *e)
{
	if (user_number(key, ret))
		return 0;
	(void)err_set(e, 0, "%s %s: no such %s", what, text, where);
	return err_hint(e, "a number needs no entry there: --user UID[:GID]");
}

int user_resolve(const char *what, const char *text, const char *passwd, const char *group,
	struct arena *a, struct user *ret, struct err *e)
{
	struct user_text name, group_name, line, field;
	uint32_t gid;

	if (user_check(what, text, e) < 0)
		return -1;
	user_split(text, &name, &group_name);
	if (!name.len)
		name = (struct user_text){ "0", 1 };

	*ret = (struct user){ .home = NULL };
	if (user_find(passwd, name, &line)) {
		(void)user_number(user_field(line, FIELD_ID), &ret->uid);
		if (user_number(user_field(line, FIELD_GROUP), &gid))
			ret->gid = gid;
		field = user_field(line, FIELD_HOME);
		ret->home = field.len ? arena_strndup(a, field.s, field.len) : "/";
	} else {
		if (user_unlisted(
			    name, what, text, "user in the image's /etc/passwd", &ret->uid, e) < 0)
			return -1;
		ret->home = ret->uid ? "/" : "/root";
	}
	if (!group_name.len)
		return 0;
	if (user_find(group, group_name, &line))
		(void)user_number(user_field(line, FIELD_ID), &ret->gid);
	else if (user_unlisted(group_name, what, text, "group in the image's /etc/group", &ret->gid,
			 e) < 0)
		return -1;
	return 0;
}
