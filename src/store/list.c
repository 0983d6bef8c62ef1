/*
 * list: the images that there are.
 * Reads images/ and refs/ of the stores.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/record.h"
#include "store/refs.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/path.h"

static int list_one(const struct store *s, const char *id,
	int (*fn)(const struct listed_image *i, void *arg), void *arg)
{
	auto_fd dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	struct arena a = { 0 };
	struct strv files = { 0 }, names = { 0 };
	struct record record;
	struct err why;
	struct stat st;
	int r;

	if (dir < 0 || record_read(dir, &record, &why) < 0)
		return 0;
	refs_of(s, id, &a, &files);
	for (size_t i = 0; i < files.n; i++)
		strv_add(&a, &names, refs_decode(&a, files.v[i]));
	r = fn(&(struct listed_image){ .store = s,
		       .record = &record,
		       .dir = dir,
		       .names = names.v,
		       .used = fstatat(dir, "lock", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
					       st.st_mtime > record.unpacked
				       ? st.st_mtime
				       : record.unpacked },
		arg);
	arena_done(&a);
	return r;
}

static int list_store(const struct store *s, int (*fn)(const struct listed_image *i, void *arg),
	void *arg, struct err *e)
{
	auto_dir d = refs_list(s->images);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return err_set(e, errno, "store: %s/images", s->path);
	while (r == 0 && (entry = readdir(d)))
		if (digest_is_hex(entry->d_name))
			r = list_one(s, entry->d_name, fn, arg);
	return r;
}

int store_each(struct store *s, int (*fn)(const struct listed_image *i, void *arg), void *arg,
	struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n_others; i++)
		r = list_store(&s->others[i], fn, arg, e);
	return r ? r : list_store(s, fn, arg, e);
}

char *listed_image_created(int dir)
{
	auto_fd fd = path_open_beneath(dir, "config.json", O_RDONLY, 0);
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, IMAGE_DOCUMENT_MAX, &len);
	struct err why;
	auto_json j = text ? json_parse(text, len, &why) : NULL;
	const char *created = json_text(json_get(j, "created"));

	return created && *created ? xstrdup(created) : NULL;
}
