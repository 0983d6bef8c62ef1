/*
 * candidates: chooses an image by name and platform.
 * Touches memory only.
 */
#include "image/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "image/ref.h"

#define CANDIDATES_MAX 4096
#define CANDIDATES_DIGITS 6 /* this many digits of a digest identify an image */

/* How a name fits a candidate. */
enum candidates_fit { FIT_NONE, FIT_SHORT, FIT_NAME };

int candidates_add(struct candidates *l, const struct candidate *c, struct err *e)
{
	if (l->n == CANDIDATES_MAX)
		return err_set(
			e, 0, "%s: names over %d images", l->container->what, CANDIDATES_MAX);
	l->v = xgrow(l->v, l->n, sizeof(*l->v));
	l->v[l->n++] = *c;
	return 0;
}

void candidates_done(struct candidates *l)
{
	json_freep(&l->doc);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

static const char *candidates_hex(const char *digest)
{
	return strncmp(digest, "sha256:", 7) == 0 || strncmp(digest, "sha512:", 7) == 0 ? digest + 7
											: digest;
}

/* The digits of its digest, or the name of its document. */
static const char *candidates_id(const struct candidate *c)
{
	const char *slash = strrchr(c->key, '/');

	return candidates_hex(slash ? slash + 1 : c->key);
}

static enum candidates_fit candidates_fit(const struct candidate *c, const char *name)
{
	enum candidates_fit fit = FIT_NONE;

	if (!name || (c->tag && (strcmp(c->tag, name) == 0 || ref_same(c->tag, name))))
		return FIT_NAME;
	for (size_t i = 0; i < c->names.n; i++) {
		const char *tag = strrchr(c->names.v[i], ':');

		if (ref_same(c->names.v[i], name) || (tag && strcmp(tag + 1, name) == 0))
			return FIT_NAME;
		if (ref_matches_short(c->names.v[i], name))
			fit = FIT_SHORT;
	}
	name = candidates_hex(name);
	if (strlen(name) >= CANDIDATES_DIGITS && strncmp(candidates_id(c), name, strlen(name)) == 0)
		return FIT_NAME;
	return fit;
}

void candidates_names(
	const struct candidates *l, const struct candidate *c, struct arena *a, struct strv *ret)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; strcmp(l->v[i].key, c->key) == 0 && k < l->v[i].names.n; k++)
			strv_add_copy(a, ret, l->v[i].names.v[k]);
}

/* "one:1, one:2 (linux/amd64)" */
static char *candidates_shown(
	const struct candidates *l, const struct candidate *c, struct arena *a)
{
	const char *platform = platform_text(&c->platform, a);
	struct strv names = { 0 };
	char *text;

	candidates_names(l, c, a, &names);
	text = names.n ? names.v[0] : arena_strdup(a, c->tag ? c->tag : candidates_id(c));
	for (size_t i = 1; i < names.n && strlen(text) < ERR_MSG_MAX; i++)
		text = arena_printf(a, "%s, %s", text, names.v[i]);
	return *platform ? arena_printf(a, "%s (%s)", text, platform) : text;
}

/* All images in the container, for an error. */
static char *candidates_list(const struct candidates *l, struct arena *a)
{
	char *text = NULL;

	for (size_t i = 0; i < l->n && (!text || strlen(text) < ERR_MSG_MAX); i++) {
		bool again = !l->v[i].present || l->v[i].artifact;

		for (size_t k = 0; !again && k < i; k++)
			again = strcmp(l->v[k].key, l->v[i].key) == 0;
		if (!again)
			text = arena_printf(a, "%s%s%s", text ? text : "", text ? "; " : "",
				candidates_shown(l, &l->v[i], a));
	}
	return text ? text : arena_strdup(a, "no image");
}

static void candidates_error(
	const struct candidates *l, const struct image_choice *choice, bool several, struct err *e)
{
	struct arena a = { 0 };
	const char *there = candidates_list(l, &a);
	const bool platforms = l->kind != IMAGE_DOCKER;

	if (several) {
		(void)err_set(e, 0, "%s: holds several images: %s", l->container->what, there);
		(void)err_hint(e, "name one: FILE#NAME:TAG, --tag NAME:TAG%s",
			platforms ? " or --platform OS/ARCH" : "");
	} else {
		(void)err_set(e, 0, "%s: no image%s%s in it%s%s; it holds: %s", l->container->what,
			choice->name ? " " : "", choice->name ? choice->name : "",
			platforms ? " for " : "",
			!platforms     ? ""
			: choice->arch ? choice->arch
				       : "this machine",
			there);
	}
	arena_done(&a);
}

/* The best fit among all.  A short name counts only if it is nobody's full name. */
static enum candidates_fit candidates_best_fit(const struct candidates *l, const char *name)
{
	enum candidates_fit best = FIT_SHORT;

	for (size_t i = 0; i < l->n && best != FIT_NAME; i++)
		if (l->v[i].present && candidates_fit(&l->v[i], name) == FIT_NAME)
			best = FIT_NAME;
	return best;
}

const struct candidate *candidates_choose(
	const struct candidates *l, const struct image_choice *choice, struct err *e)
{
	const struct platform want = { (char *)choice->os, (char *)choice->arch,
		(char *)choice->variant };
	const enum candidates_fit fit = candidates_best_fit(l, choice->name);
	const struct candidate *best = NULL, *only = NULL, *artifact = NULL;
	bool tie = false, many = false;
	int best_rank = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct candidate *c = &l->v[i];
		int rank = platform_rank(&c->platform, &want);

		if (!c->present || candidates_fit(c, choice->name) != fit)
			continue;
		if (c->artifact) {
			artifact = artifact ? artifact : c;
			continue;
		}
		many |= only && strcmp(only->key, c->key) != 0;
		only = c;
		if (rank > best_rank) {
			best = c;
			best_rank = rank;
			tie = false;
		} else if (best && rank == best_rank) {
			tie |= strcmp(best->key, c->key) != 0;
		}
	}
	/* Docker 29 saves one platform under an index of all: take that one. */
	if (!best && !many && !choice->arch)
		best = only;
	/* Whoever loads it says what it is. */
	if (!only)
		best = artifact;
	if (best && !tie)
		return best;
	candidates_error(l, choice, tie, e);
	return NULL;
}

/* Choose by the names of a candidate; else the candidate itself, if its platform suits. */
static const struct candidate *candidates_by(
	const struct candidates *l, const struct candidate *c, struct image_choice *by)
{
	const struct platform want = { (char *)by->os, (char *)by->arch, (char *)by->variant };
	const struct candidate *chosen = NULL;
	struct err why;

	for (size_t i = 0; i <= c->names.n && !chosen; i++) {
		by->name = i < c->names.n ? c->names.v[i] : c->tag;
		chosen = by->name ? candidates_choose(l, by, &why) : NULL;
	}
	if (chosen || platform_rank(&c->platform, &want) == 0)
		return chosen;
	by->name = candidates_id(c);
	return candidates_choose(l, by, &why);
}

void candidates_all(const struct candidates *l, const struct image_choice *choice, struct arena *a,
	struct strv *ret)
{
	struct strv known = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		struct image_choice by = *choice;
		const struct candidate *chosen =
			l->v[i].present ? candidates_by(l, &l->v[i], &by) : NULL;
		bool is_known = !chosen || chosen->artifact;

		for (size_t k = 0; !is_known && k < known.n; k++)
			is_known = strcmp(known.v[k], chosen->key) == 0;
		if (is_known)
			continue;
		strv_add_copy(a, &known, chosen->key);
		strv_add_copy(a, ret, by.name);
	}
}
