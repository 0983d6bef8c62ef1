/*
 * record: reads and writes record.json.
 * Touches that one file of an image's folder.
 */
#include "store/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/fd.h"
#include "util/json.h"

#define RECORD "record.json"
#define RECORD_MAX 65536
#define RECORD_VERSION 1

int record_read(int dirfd, struct record *r, struct err *e)
{
	auto_json j = json_read(dirfd, RECORD, RECORD_MAX, e);
	struct arena a = { 0 };
	int64_t version = 0, size = 0, entries = 0;
	char *id = NULL, *boot = NULL;

	*r = (struct record){ 0 };
	if (!j)
		return -1;
	if (json_get_i64(j, "version", &version, e) < 0 || json_get_i64(j, "size", &size, e) < 0 ||
		json_get_i64(j, "entries", &entries, e) < 0 ||
		json_get_i64(j, "unpacked", &r->unpacked, e) < 0 ||
		json_get_str(j, "id", &a, &id, e) < 0 ||
		json_get_str(j, "boot", &a, &boot, e) < 0) {
		arena_done(&a);
		return err_wrap(e, RECORD);
	}
	r->size = (uint64_t)size;
	r->entries = (uint64_t)entries;
	(void)snprintf(r->id, sizeof(r->id), "%s", id ? id : "");
	(void)snprintf(r->boot, sizeof(r->boot), "%s", boot ? boot : "");
	arena_done(&a);
	if (version != RECORD_VERSION)
		return err_set(e, 0, RECORD ": has version %lld; this sandbox reads version %d",
			(long long)version, RECORD_VERSION);
	return digest_is_hex(r->id) ? 0 : err_set(e, 0, RECORD ": has no id");
}

int record_document(int dirfd, const char *name, const char *text, size_t len, struct err *e)
{
	struct stat st;
	mode_t mode = fstat(dirfd, &st) < 0 ? 0600 : 0600 | (st.st_mode & 044);

	return fd_replace_file(dirfd, name, text, len, mode) < 0 ? err_set(e, errno, "%s", name)
								 : 0;
}

int record_write(int dirfd, const struct record *r, struct err *e)
{
	auto_json j = json_new_obj();
	auto_free char *text = NULL;

	json_put_int(j, "version", RECORD_VERSION);
	json_put_str(j, "id", r->id);
	json_put_int(j, "size", (int64_t)r->size);
	json_put_int(j, "entries", (int64_t)r->entries);
	json_put_int(j, "unpacked", r->unpacked);
	json_put_str(j, "boot", r->boot[0] ? r->boot : NULL);
	text = json_dump(j, false);
	return record_document(dirfd, RECORD, text, strlen(text), e);
}
