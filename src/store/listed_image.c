/*
 * listed_image: lists all images.
 * Reads images/ and refs/ of the stores.
 */
#include "store/listed_image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "image/image.h"
#include "store/refs.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/names.h"
#include "util/path.h"

static int listed_image_one(struct store *s, const char *id,
	int (*fn)(const struct listed_image *i, void *arg), void *arg)
{
	auto_fd dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	struct arena a = { 0 };
	struct strv names = { 0 };
	struct record record;
	struct ref *refs;
	struct err why;
	struct stat st;
	int r;

	if (dir < 0 || record_read(dir, &record, &why) < 0)
		return 0;
	for (size_t n = refs_of(s, id, &refs); n > 0; n--)
		strv_add(&a, &names, (refs++)->name);
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

int listed_image_each(struct store *s, int (*fn)(const struct listed_image *i, void *arg),
	void *arg, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i <= s->n_others; i++) {
		struct store *o = store_searched(s, i);
		const char *name;
		auto_names d;

		if (names_open(&d, o->images) < 0)
			return err_set(e, errno, "store: %s/images", o->path);
		while (r == 0 && (name = names_next(&d)))
			if (digest_is_hex(name))
				r = listed_image_one(o, name, fn, arg);
	}
	return r;
}

char *listed_image_created(int dir)
{
	struct err why;
	auto_json j = json_read(dir, "config.json", IMAGE_DOCUMENT_MAX, &why);
	const char *created = json_text(json_get(j, "created"));

	return created && *created ? xstrdup(created) : NULL;
}
