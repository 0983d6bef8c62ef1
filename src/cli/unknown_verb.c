/*
 * unknown_verb: a word that is no verb: a mistyped one, or one of Docker's.
 * Touches memory only.
 */
#include "cli/unknown_verb.h"

#include <string.h>

#include "cli/verb.h"
#include "util/near.h"

static const struct {
	const char *words, *hint; /* words: each after a blank */
} unknown_verbs[] = {
	{ " pull search login logout",
		"sandbox talks to no registry: `skopeo copy docker://NAME oci-archive:FILE`, then `sandbox load FILE`" },
	{ " push",
		"sandbox talks to no registry: `sandbox save -o FILE IMAGE`, then `skopeo copy oci-archive:FILE docker://NAME`" },
	{ " build buildx builder",
		"sandbox builds no images; `sandbox commit` makes one of what `run --writable` keeps" },
	{ " rmi remove delete untag", "`sandbox rm IMAGE`" },
	{ " list", "`sandbox images` lists images, `sandbox ps` runs" },
	{ " prune clean cache", "`sandbox gc`" },
	{ " start restart",
		"a run that has ended does not start again; `run --writable NAME` keeps what it writes for the next" },
	{ " create", "`sandbox run -d` creates a run and starts it" },
	{ " attach",
		"`sandbox logs -f NAME` follows the output, `sandbox exec -t NAME sh` is a shell inside" },
	{ " pause unpause",
		"`sandbox kill -s STOP NAME` stops the command, but not its children; `-s CONT` continues it" },
	{ " volume", "a volume is a folder of yours: `sandbox run -v DIR:DST`" },
	{ " network", "a network belongs to its run: `sandbox run --network none`, or `private`" },
	{ " import", "`sandbox load --tag NAME FILE` reads a plain tar" },
	{ " export", "`sandbox cp NAME:/. -` writes a tar" },
	{ " history", "`sandbox inspect --json IMAGE` has it" },
	{ " info", "`sandbox doctor` says what this host offers" },
	{ " version", "`sandbox --version`" },
	{ " shell", "`sandbox run -t IMAGE sh`" },
	{ " instance", "`sandbox run -d`, `ps`, `stop`" },
	{ " diff port events update compose swarm stack service node secret context plugin manifest trust checkpoint",
		"it is a verb of Docker, and nothing here stands for it" },
};

/* The verb for "image ls" and the like; NULL: there is none. */
static const char *unknown_verb_in_group(const char *group, const char *next)
{
	const bool images = strcmp(group, "container") != 0;

	if (strcmp(next, "ls") == 0 || strcmp(next, "list") == 0 || strcmp(next, "df") == 0)
		return images ? "images" : "ps";
	if (strcmp(next, "prune") == 0)
		return "gc";
	if (strcmp(next, "rm") == 0)
		return images ? "rm" : "rm -f";
	return verb_find(next) ? next : NULL;
}

static const char *unknown_verb_of_docker(const char *verb)
{
	const size_t n = strlen(verb);

	for (size_t i = 0; i < sizeof(unknown_verbs) / sizeof(*unknown_verbs); i++)
		for (const char *at = unknown_verbs[i].words; at; at = strchr(at + 1, ' '))
			if (strncmp(at + 1, verb, n) == 0 && (at[n + 1] == ' ' || !at[n + 1]))
				return unknown_verbs[i].hint;
	return NULL;
}

/* The words of `docker image`, `docker container` and `docker system` are verbs of their own. */
static const char *unknown_verb_hint(char *const *words, struct arena *a)
{
	const char *verb = words[0], *next = words[1], *found;

	if (strcmp(verb, "image") != 0 && strcmp(verb, "container") != 0 &&
		strcmp(verb, "system") != 0)
		return unknown_verb_of_docker(verb);
	found = next ? unknown_verb_in_group(verb, next) : NULL;
	if (found)
		return arena_printf(a, "`sandbox %s`", found);
	return next ? unknown_verb_of_docker(next) : NULL;
}

int unknown_verb(char *const *words, struct arena *a, struct err *e)
{
	struct near near = near_of(words[0], strlen(words[0]));
	const char *hint = *words[0] ? unknown_verb_hint(words, a) : NULL;

	for (size_t i = 0; verbs[i]; i++)
		near_try(&near, verbs[i]->name);
	(void)err_set(e, 0, "no such verb: %s", words[0]);
	if (hint)
		return err_hint(e, "%s", hint);
	if (strpbrk(words[0], "/:."))
		return err_hint(e, "an image is run by `sandbox run IMAGE`");
	return near.found ? err_hint(e, "did you mean `sandbox %s`?", near.found)
			  : err_hint(e, "`sandbox help` lists them");
}
