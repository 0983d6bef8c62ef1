/*
 * hook: the words of the hooks that sandbox does itself.
 * Touches memory only.
 */
#include "plan/hook.h"

#include <string.h>

static const struct {
	const char *name;
	enum hook_kind kind;
} hook_names[] = {
	{ "create-symlinks", HOOK_LINKS },
	{ "update-ldcache", HOOK_CACHE },
	{ "chmod", HOOK_CHMOD },
	{ "enable-cuda-compat", HOOK_COMPAT },
	{ "disable-device-node-modification", HOOK_NOTHING },
	{ "update-application-profile", HOOK_NOTHING },
};

/* The index of the word that names the hook: PROGRAM hook NAME, or PROGRAM NAME; 0: it is another program. */
static size_t hook_name_at(const struct plan_hook *h)
{
	const char *slash = strrchr(h->path, '/'), *program = slash ? slash + 1 : h->path;

	if (!h->args || !h->args[0] || !h->args[1])
		return 0;
	if (strcmp(program, "nvidia-cdi-hook") == 0)
		return 1;
	return strcmp(program, "nvidia-ctk") == 0 && strcmp(h->args[1], "hook") == 0 && h->args[2]
		       ? 2
		       : 0;
}

int hook_kind(const struct plan_hook *h, struct err *e)
{
	const size_t at = hook_name_at(h);

	for (size_t i = 0; at && i < sizeof(hook_names) / sizeof(*hook_names); i++)
		if (strcmp(hook_names[i].name, h->args[at]) == 0)
			return (int)hook_names[i].kind;
	return err_set(e, 0, "the hook %s%s%s is not supported", h->path, at ? " " : "",
		at ? h->args[at] : "");
}

bool hook_next(const struct plan_hook *h, size_t *at, struct hook_option *ret)
{
	char *const *words = h->args;
	const char *word, *sign;

	if (!*at)
		*at = hook_name_at(h) + 1;
	word = words[*at];
	if (!word)
		return false;
	(*at)++;
	ret->name = word + strspn(word, "-");
	sign = strchr(word, '=');
	ret->value = sign ? sign + 1 : words[*at] ? words[(*at)++] : "";
	return true;
}

bool hook_is(const struct hook_option *o, const char *name)
{
	const size_t n = strlen(name);

	return strncmp(o->name, name, n) == 0 && (o->name[n] == '\0' || o->name[n] == '=');
}
