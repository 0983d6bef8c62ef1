/*
 * image_arg: the word that names an image, and the options that choose from it.
 * Looks at files; reads the store.
 */
#include "cli/image_arg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/watched.h"
#include "image/format.h"
#include "image/platform.h"
#include "store/refs.h"
#include "util/fd.h"
#include "util/log.h"

static int image_arg_platform(const struct opt_given *g)
{
	struct image_choice *c = g->to;
	struct platform p;

	if (platform_parse(g->text, g->arena, &p, g->e) < 0)
		return -1;
	c->os = p.os;
	c->arch = p.arch;
	c->variant = p.variant;
	return 0;
}

/* In the request 0 means the default, so 0 on the command line becomes 1. */
static int image_arg_limit(const struct opt_given *g)
{
	uint64_t *limit = g->to;
	int r = opt_size(g);

	*limit = *limit ? *limit : 1;
	return r;
}

#define AT(member) .offset = offsetof(struct import_request, member)

/* clang-format off */
const struct opt image_arg_opts[] = {
	{ .help = "Which image, and limits for unpacking:" },
	{ 0, "tag", "NAME:TAG", "choose one of several images, or name a plain tar (or write FILE#NAME:TAG)", opt_text, AT(choice.name) },
	{ 0, "platform", "OS/ARCH", "choose a platform (default: this machine's)", image_arg_platform, AT(choice) },
	{ 0, "follow-links", NULL, "follow links of a layout folder that lead out of it", opt_flag, AT(follow_links) },
	{ 0, "max-entries", "N", "limit the entries of all layers (10000000)", opt_size, AT(limits.entries), .limit = 1 },
	{ 0, "max-bytes", "SIZE", "limit the bytes of files in all layers (no limit)", opt_size, AT(limits.bytes), .limit = 1 },
	{ 0, "reserve", "SIZE", "leave this much space free on the disk (64m, at most 5 % of it)", image_arg_limit, AT(limits.reserve) },
	{ 0, "decoder-memory", "SIZE", "limit the memory for decompressing a layer (256m)", image_arg_limit, AT(limits.decoder_memory) },
	{ 0, "xz-memory", "SIZE", "the same as --decoder-memory", image_arg_limit, AT(limits.decoder_memory) },
	{ 0 },
};
/* clang-format on */

static bool image_arg_is_stdin(const char *name)
{
	return strcmp(name, "-") == 0;
}

static bool image_arg_is_there(const char *name, struct stat *ret)
{
	return (image_arg_is_stdin(name) ? fstat(STDIN_FILENO, ret) : stat(name, ret)) == 0;
}

/* Open the file of that name, or standard input. */
static int image_arg_open_source(struct import_request *rq, struct err *e)
{
	const char *name = rq->source;

	if (image_arg_is_stdin(name) && isatty(STDIN_FILENO)) {
		(void)err_set(e, 0, "standard input is a terminal, not an image");
		return err_hint(e, "name a file, or send one: `... <FILE`");
	}
	rq->fd = image_arg_is_stdin(name) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					  : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (rq->fd < 0 && errno == ENXIO)
		return err_set(e, 0, "%s: a socket or an idle device, not an image", name);
	return rq->fd < 0 ? err_set(e, errno, "%s", name) : 0;
}

enum image_arg image_arg_resolve(struct call *c, const char *word, struct err *e)
{
	struct import_request *rq = &c->request;
	const char *hash = strrchr(word, '#');
	const bool path = strchr(word, '/') || image_arg_is_stdin(word);
	struct stat st;

	fd_closep(&rq->fd);
	rq->source = word;
	if (!*word) {
		(void)err_set(e, 0, "the name of the image is empty");
		return IMAGE_ARG_ERROR;
	}
	if (!image_arg_is_there(word, &st)) {
		if (!hash || hash == word)
			return IMAGE_ARG_STORED;
		rq->source = arena_strndup(&c->arena, word, (size_t)(hash - word));
		if (!image_arg_is_there(rq->source, &st)) {
			rq->source = word;
			return IMAGE_ARG_STORED;
		}
		rq->choice.name = hash + 1;
	}
	/* To open a pipe waits for its writer. */
	if (!path && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return IMAGE_ARG_ODD;
	if (image_arg_open_source(rq, e) < 0)
		return path ? IMAGE_ARG_ERROR : IMAGE_ARG_ODD;
	if (!S_ISDIR(st.st_mode) || format_of_folder(rq->fd) != IMAGE_ROOTFS)
		return IMAGE_ARG_SOURCE;
	return path || format_is_rootfs(rq->fd) ? IMAGE_ARG_ROOTFS : IMAGE_ARG_UNSURE;
}

bool image_arg_is_stored(struct call *c, const char *word)
{
	struct refs_found found;
	struct err why;

	return c->store.fd >= 0 && refs_resolve(&c->store, word, &found, &why) == 0;
}

/* What is in the working directory may hide the image that was meant. */
static int image_arg_hint_stored(struct call *c, struct err *e)
{
	const char *word = c->request.source;

	return !strpbrk(word, "/:") && image_arg_is_stored(c, word)
		       ? err_hint(e, "%s:latest names an image in the store", word)
		       : -1;
}

static int image_arg_is_rootfs(struct call *c, struct err *e)
{
	const struct import_request *rq = &c->request;
	const char *word = rq->source;

	(void)err_set(e, 0, "%s: %s, not an image: only `sandbox run` takes it", word,
		format_is_git(rq->fd)	   ? "a Git repository"
		: format_is_rootfs(rq->fd) ? "a root file system"
					   : "a folder");
	return image_arg_hint_stored(c, e);
}

static int image_arg_missing(const char *word, struct err *e)
{
	struct stat st;

	return err_set(e, stat(word, &st) < 0 ? errno : ENOENT, "%s", word);
}

int image_arg_want_source(struct call *c, enum image_arg kind, struct err *e)
{
	const char *word = c->request.source;

	switch (kind) {
	case IMAGE_ARG_SOURCE:
		return 0;
	case IMAGE_ARG_ODD:
		return image_arg_open_source(&c->request, e);
	case IMAGE_ARG_ROOTFS:
	case IMAGE_ARG_UNSURE:
		return image_arg_is_rootfs(c, e);
	case IMAGE_ARG_STORED:
		(void)image_arg_missing(word, e);
		if (image_arg_is_stored(c, word))
			return err_hint(e, "the store has an image of that name already");
		return strchr(word, '/') && !strchr(word, ':')
			       ? -1
			       : err_hint(e, "nothing is pulled: name a file that holds the image");
	case IMAGE_ARG_ERROR:
		break;
	}
	return -1;
}

/* IMAGE may have been meant as a path or as a name. */
static int image_arg_unknown(const struct call *c, struct err *e)
{
	const char *word = c->request.source;

	if (word[0] == '/' || (word[0] == '.' && strchr(word, '/')))
		return image_arg_missing(word, e);
	(void)err_set(e, ENOENT, "%s: neither a file nor an image in the store", word);
	/* The path stands in the hint: in the message, it would be blamed on whoever chose the store. */
	return err_hint(e,
		"nothing is pulled: `sandbox load FILE` takes an image from a file, `sandbox images` lists those in %s",
		c->store.fd < 0 ? "the store" : c->store.path);
}

/* Open the copy in the cache.  Whatever fails, the image itself is there. */
static bool image_arg_cached(struct call *c, const char *id, struct stored_image *ret)
{
	struct err why;

	if (!c->cache || !c->store.n_others)
		return false;
	if (watched_cache(c->cache, &c->store, id, &c->request, ret, &why) == 0)
		return true;
	stored_image_close(ret);
	if (why.code == ENOENT)
		log_verbose("not copied to the cache: %s", why.msg);
	else
		cache_tell(&why);
	return false;
}

static int image_arg_stored(struct call *c, struct stored_image *ret, struct err *e)
{
	struct refs_found found, last = { .id = "" };

	*ret = STORED_IMAGE_NONE;
	/* The image may have been removed meanwhile, and the name stand for another one. */
	for (; refs_resolve(&c->store, c->request.source, &found, e) == 0; last = found) {
		if (image_arg_cached(c, found.id, ret) ||
			stored_image_open(ret, &c->store, found.id, e) == 0) {
			if (*found.name)
				c->request.choice.name = arena_strdup(&c->arena, found.name);
			return 0;
		}
		if (e->code != ENOENT || strcmp(found.id, last.id) == 0)
			return -1;
		stored_image_close(ret);
		for (size_t i = 0; i <= c->store.n_others; i++)
			refs_forget(&store_searched(&c->store, i)->refs);
	}
	return -1;
}

static int image_arg_import(struct call *c, struct stored_image *ret, struct err *e)
{
	struct stored_image copy = STORED_IMAGE_NONE;
	int r = watched_import(&c->store, &c->request, ret, e);

	if (r == 0 && ret->store->shared && image_arg_cached(c, ret->record.id, &copy)) {
		stored_image_close(ret);
		*ret = copy;
	}

	/* Close it now: a run may be long, and the disk could not be unmounted. */
	fd_closep(&c->request.fd);
	return r < 0 ? image_arg_hint_stored(c, e) : 0;
}

/* An archive of one image is taken without a look at its platform.  Indexes know variants that configs do
 * not state. */
static int image_arg_check_platform(const struct call *c, struct stored_image *i, struct err *e)
{
	const struct image_choice *by = &c->request.choice;
	const struct platform want = { (char *)by->os, (char *)by->arch, NULL };
	const struct image_config *config = by->arch ? stored_image_config(i, e) : NULL;
	struct platform have;
	struct arena a = { 0 };

	if (!by->arch)
		return 0;
	if (!config)
		return -1;
	have = (struct platform){ config->os, config->architecture, config->variant };
	if (platform_rank(&have, &want) > 0)
		return 0;
	(void)err_set(e, 0, "%s: the image is for %s, not for %s", c->request.source,
		platform_text(&have, &a), platform_text(&want, &a));
	arena_done(&a);
	return -1;
}

static int image_arg_find(
	struct call *c, enum image_arg kind, struct stored_image *ret, struct err *e)
{
	*ret = STORED_IMAGE_NONE;
	switch (kind) {
	case IMAGE_ARG_SOURCE:
		return image_arg_import(c, ret, e);
	case IMAGE_ARG_UNSURE:
		if (image_arg_stored(c, ret, e) == 0)
			return 0;
		return e->code == ENOENT ? image_arg_is_rootfs(c, e) : -1;
	case IMAGE_ARG_ODD:
		if (image_arg_stored(c, ret, e) == 0)
			return 0;
		return e->code == ENOENT && image_arg_open_source(&c->request, e) == 0
			       ? image_arg_import(c, ret, e)
			       : -1;
	case IMAGE_ARG_ROOTFS:
		return image_arg_is_rootfs(c, e);
	case IMAGE_ARG_STORED:
		if (image_arg_stored(c, ret, e) == 0)
			return 0;
		return e->code == ENOENT ? image_arg_unknown(c, e) : -1;
	case IMAGE_ARG_ERROR:
		break;
	}
	return -1;
}

int image_arg_open(struct call *c, enum image_arg kind, struct stored_image *ret, struct err *e)
{
	return image_arg_find(c, kind, ret, e) < 0 ? -1 : image_arg_check_platform(c, ret, e);
}
