/*
 * watched: long work on images.  It shows progress on a terminal.  INT, TERM and HUP stop it: it
 * cleans up, and then the process ends by that signal.
 */
#pragma once

#include "store/cache.h"

/* Before anything else is printed meanwhile: clear the line that shows progress on a terminal. */
void watched_clear(void);

/* import_to_store, cache_take, load_images, save_archive, folder_unpack and folder_copy. */
int watched_import(
	struct store *s, struct import_request *rq, struct stored_image *ret, struct err *e);
int watched_cache(struct cache *c, struct store *s, const char *id, struct import_request *rq,
	struct stored_image *ret, struct err *e);
int watched_load(struct store *s, struct import_request *rq,
	void (*fn)(const char *id, char *const *names), struct err *e);
int watched_save(const struct stored_image *i, const char *name, int out, struct err *e);
/* *ret_devices gets how many devices became empty files. */
int watched_unpack(
	struct import_request *rq, const char *dir, uint64_t *ret_devices, struct err *e);
int watched_copy(const struct stored_image *i, const char *dir, struct err *e);
