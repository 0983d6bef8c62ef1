/*
 * fuzz target option: what users write after -v, --tmpfs, --mount and --device, sizes, and an
 * image's User, passwd and group.  The first byte of the input chooses; passwd and group follow the
 * user, a NUL before each.
 */
#include <string.h>

#include "fuzz.h"
#include "plan/mount_option.h"
#include "plan/user.h"
#include "plan/volume.h"
#include "util/path.h"
#include "util/size.h"

/* Nothing reaches mount(2) but what these can write. */
#define DATA_BYTES "0123456789abcdefghijklmnopqrstuvwxyzKMG%=,_"

static void check_mount(const struct plan_mount *m)
{
	char clean[PATH_TEXT_MAX];

	fuzz_check(m->dst && m->dst[0] == '/' && m->dst[1]);
	fuzz_check(path_clean(m->dst, clean, sizeof(clean)) == 0 && strcmp(clean, m->dst + 1) == 0);
	fuzz_check(m->kind == MOUNT_BIND || m->kind == MOUNT_TMPFS);
	fuzz_check(m->kind == MOUNT_TMPFS ||
		   (m->src && m->src[0] == '/' && strlen(m->src) < PATH_TEXT_MAX));
	fuzz_check(!m->data || m->data[strspn(m->data, DATA_BYTES)] == '\0');
}

static void check_mount_text(const char *text, char which)
{
	struct arena a = { 0 };
	struct plan_mount m;
	struct err e;
	struct strv notes = { 0 };
	const struct mount_text t = {
		.text = text, .cwd = "/home/me", .arena = &a, .notes = &notes
	};
	mount_text_parser *parse = which == 't'	  ? volume_parse_tmpfs
				   : which == 'm' ? mount_text_parse
				   : which == 'd' ? mount_text_device
						  : volume_parse;

	if (parse(&t, &m, &e) == 0)
		check_mount(&m);
	else
		fuzz_check_err(&e);
	arena_done(&a);
}

static void check_size(const char *text)
{
	uint64_t n = 0;

	if (size_parse(text, &n))
		fuzz_check(n <= 1ull << 63 && text[0] >= '.' && text[0] <= '9');
}

static void check_user(const char *text, size_t size)
{
	const char *end = text + size, *passwd = text + strlen(text), *group;
	struct arena a = { 0 };
	struct user u;
	struct err e;

	passwd = passwd < end ? passwd + 1 : NULL;
	group = passwd ? passwd + strlen(passwd) : end;
	group = group < end ? group + 1 : NULL;
	if (user_resolve("--user", text, passwd, group, &a, &u, &e) == 0)
		fuzz_check(u.home && u.uid != UINT32_MAX && u.gid != UINT32_MAX &&
			   !strchr(u.home, '\n'));
	else
		fuzz_check_err(&e);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	if (data[0] == 'u')
		check_user(text, size - 1);
	else if (data[0] == 's')
		check_size(text);
	else
		check_mount_text(text, (char)data[0]);
	free(text);
	return 0;
}
