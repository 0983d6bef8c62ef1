/*
 * config: config documents of images as they occur, and as nobody should write them.
 * Run by prove.
 * Touches memory only.
 */
#include <stdlib.h>

#include "image/config.h"
#include "tap.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A list as one string: its entries between '|'; "-" for none. */
static const char *joined(char *const *v, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!v)
		return "-";
	for (; *v; v++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s|", *v);
	return buf;
}

static const struct {
	const char *name, *text, *entrypoint, *cmd, *env;
} processes[] = {
	{ "no config at all", "{}", "-", "-", "-" },
	{ "config null", "{\"config\":null}", "-", "-", "-" },
	{ "everything null",
		"{\"config\":{\"Entrypoint\":null,\"Cmd\":null,\"Env\":null,\"Volumes\":null,"
		"\"User\":null}}",
		"-", "-", "-" },
	{ "everything empty",
		"{\"config\":{\"Entrypoint\":[],\"Cmd\":[],\"Env\":[],\"Volumes\":{},\"User\":\"\"}"
		"}",
		"-", "-", "-" },
	{ "lists",
		"{\"config\":{\"Entrypoint\":[\"/"
		"e\",\"-x\"],\"Cmd\":[\"a\",\"\"],\"Env\":[\"A=1\"]}}",
		"/e|-x|", "a||", "A=1|" },
	{ "strings are shell form",
		"{\"config\":{\"Entrypoint\":\"exec top -b\",\"Cmd\":\"echo $HOME\"}}",
		"/bin/sh|-c|exec top -b|", "/bin/sh|-c|echo $HOME|", "-" },
	{ "empty strings", "{\"config\":{\"Entrypoint\":\"\",\"Cmd\":\"\"}}", "-", "-", "-" },
	{ "an entrypoint cleared by Docker",
		"{\"config\":{\"Entrypoint\":[\"\"],\"Cmd\":[\"sh\"]}}", "-", "sh|", "-" },
	{ "Env without '=' or without a name",
		"{\"config\":{\"Env\":[\"NOPE\",\"=x\",\"\",\"A=\",\"B=a=b\"]}}", "-", "-",
		"A=|B=a=b|" },
	{ "the last of a name wins, in the first place",
		"{\"config\":{\"Env\":[\"A=1\",\"AB=2\",\"A=3\"]}}", "-", "-", "A=3|AB=2|" },
	{ "null in a list is an empty string",
		"{\"config\":{\"Entrypoint\":[\"/e\",null],\"Cmd\":[null,\"a\"],\"Env\":[null,\"A=1\"]}}",
		"/e||", "|a|", "A=1|" },
	{ "unknown members, huge numbers",
		"{\"x\":[1e300,99999999999999999999],\"config\":{\"Memory\":99999999999999999999,"
		"\"Healthcheck\":{\"Test\":[\"NONE\"]},\"Cmd\":[\"a\"]}}",
		"-", "a|", "-" },
	{ "Docker's own relics",
		"{\"container\":\"x\",\"container_config\":{\"Cmd\":[\"no\"]},\"docker_version\":"
		"\"1\",\"history\":[{}],"
		"\"config\":{\"Cmd\":[\"yes\"],\"ArgsEscaped\":true,\"OnBuild\":null,"
		"\"ExposedPorts\":{\"80/tcp\":{}}}}",
		"-", "yes|", "-" },
};

static const struct {
	const char *name, *text, *want;
} refused[] = {
	{ "no JSON", "hello", "image config: not valid JSON" },
	{ "an array", "[]", "image config: not a JSON object" },
	{ "config is a string", "{\"config\":\"x\"}", "\"config\" is not an object" },
	{ "Entrypoint is a number", "{\"config\":{\"Entrypoint\":1}}",
		"\"Entrypoint\" is not an array" },
	{ "Cmd holds a number", "{\"config\":{\"Cmd\":[\"a\",1]}}",
		"\"Cmd\" is not an array of strings" },
	{ "Env is an object", "{\"config\":{\"Env\":{\"A\":\"1\"}}}",
		"\"Env\" is not an array of strings" },
	{ "User is a number", "{\"config\":{\"User\":1000}}", "\"User\" is not a string" },
	{ "WorkingDir is an array", "{\"config\":{\"WorkingDir\":[]}}",
		"\"WorkingDir\" is not a string" },
	{ "os is a number", "{\"os\":1}", "\"os\" is not a string" },
	{ "rootfs of another type", "{\"rootfs\":{\"type\":\"tarsplit\"}}", "type \"tarsplit\"" },
	{ "diff_ids is a string", "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":\"x\"}}",
		"\"diff_ids\" is not an array" },
	{ "a short digest", "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:abc\"]}}",
		"sha256:abc" },
	{ "a digest in capitals",
		"{\"rootfs\":{\"diff_ids\":[\"sha256:"
		"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"]}}",
		"diff_ids" },
	{ "another algorithm", "{\"rootfs\":{\"diff_ids\":[\"md5:" HEX "\"]}}", "md5:" },
	{ "no algorithm", "{\"rootfs\":{\"diff_ids\":[\"-:../../etc/passwd\"]}}", "diff_ids" },
	{ "an empty algorithm", "{\"rootfs\":{\"diff_ids\":[\":" HEX "\"]}}", "diff_ids" },
	{ "a longer algorithm", "{\"rootfs\":{\"diff_ids\":[\"sha2560:" HEX "\"]}}", "diff_ids" },
	{ "sha512 of 64 digits", "{\"rootfs\":{\"diff_ids\":[\"sha512:" HEX "\"]}}", "diff_ids" },
	{ "sha256 of 128 digits", "{\"rootfs\":{\"diff_ids\":[\"sha256:" HEX HEX "\"]}}",
		"diff_ids" },
	{ "a path as digest", "{\"rootfs\":{\"diff_ids\":[\"sha256:../../etc/passwd\"]}}",
		"diff_ids" },
	{ "a key twice", "{\"config\":{},\"config\":{}}", "duplicate" },
};

static void test_processes(void)
{
	char buf[256], name[128];

	for (size_t i = 0; i < sizeof(processes) / sizeof(processes[0]); i++) {
		struct arena a = { 0 };
		struct image_config c;
		struct err e;

		if (tap_ok(config_parse(processes[i].text, strlen(processes[i].text), &a, &c, &e) ==
				    0,
			    "reads: %s", processes[i].name)) {
			snprintf(name, sizeof(name), "  entrypoint: %s", processes[i].name);
			tap_str(joined(c.entrypoint, buf, sizeof(buf)), processes[i].entrypoint,
				name);
			snprintf(name, sizeof(name), "  cmd: %s", processes[i].name);
			tap_str(joined(c.cmd, buf, sizeof(buf)), processes[i].cmd, name);
			snprintf(name, sizeof(name), "  env: %s", processes[i].name);
			tap_str(joined(c.env, buf, sizeof(buf)), processes[i].env, name);
		} else {
			printf("# %s\n", e.msg);
		}
		arena_done(&a);
	}
}

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct arena a = { 0 };
		struct image_config c;
		struct err e = { 0 };
		int r = config_parse(refused[i].text, strlen(refused[i].text), &a, &c, &e);

		if (!tap_ok(r < 0 && strstr(e.msg, refused[i].want), "refuses: %s",
			    refused[i].name))
			printf("# %s\n", e.msg);
		arena_done(&a);
	}
}

static void test_whole(void)
{
	static const char text[] =
		"{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"created\":"
		"\"2024-01-01T00:00:00Z\","
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX "\",\"sha256:" HEX
		"\"]},"
		"\"config\":{\"User\":\"app:staff\",\"WorkingDir\":\"srv\",\"StopSignal\":"
		"\"SIGRTMIN+3\","
		"\"Volumes\":{\"/data\":{},\"/x\":null},\"Labels\":{\"a\":\"b\",\"n\":null}}}";
	struct arena a = { 0 };
	struct image_config c;
	struct err e;
	char buf[256];

	tap_int(config_parse(text, strlen(text), &a, &c, &e), 0, "a whole config reads");
	tap_ok(strcmp(c.os, "linux") == 0 && strcmp(c.architecture, "arm64") == 0 &&
			strcmp(c.variant, "v8") == 0 &&
			strcmp(c.created, "2024-01-01T00:00:00Z") == 0,
		"platform and time");
	tap_ok(strcmp(c.user, "app:staff") == 0 && strcmp(c.working_dir, "srv") == 0 &&
			strcmp(c.stop_signal, "SIGRTMIN+3") == 0,
		"user, directory and signal as written");
	tap_str(joined(c.volumes, buf, sizeof(buf)), "/data|/x|", "volumes");
	tap_str(joined(c.labels, buf, sizeof(buf)), "a=b|n=|", "labels");
	tap_ok(c.n_diff_ids == 2 && strcmp(c.diff_ids[1], "sha256:" HEX) == 0 && !c.diff_ids[2],
		"diff ids in order");
	arena_done(&a);
}

/* What is only shown, or left out where it is not valid. */
static void test_of_another_type(void)
{
	static const struct {
		const char *text, *volumes, *labels;
	} docs[] = {
		{ "{\"created\":1,\"config\":{\"Volumes\":[\"/a\"],\"Labels\":{\"a\":1,\"b\":[null]}}}",
			"[\"/a\"]|", "a=1|b=[null]|" },
		{ "{\"created\":{},\"rootfs\":{\"type\":1},\"config\":{\"Volumes\":\"/a\",\"Labels\":[\"a=b\"]}}",
			"/a|", "[\"a=b\"]|" },
	};

	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		struct arena a = { 0 };
		struct image_config c;
		struct err e;
		char buf[256];

		tap_int(config_parse(docs[i].text, strlen(docs[i].text), &a, &c, &e), 0,
			"other types of what a run does not need");
		tap_str(joined(c.volumes, buf, sizeof(buf)), docs[i].volumes, "volumes");
		tap_str(joined(c.labels, buf, sizeof(buf)), docs[i].labels, "labels");
		tap_ok(!c.created, "a time that is no text is none");
		arena_done(&a);
	}
}

/* A document with one list of n entries, in a malloc'd string. */
static char *many(const char *start, const char *entry, int n, const char *end)
{
	size_t room = strlen(start) + strlen(end) + (size_t)n * (strlen(entry) + 16) + 1, at;
	char *text = malloc(room);

	at = (size_t)snprintf(text, room, "%s", start);
	for (int i = 0; i < n; i++) {
		at += (size_t)snprintf(text + at, room - at, "%s\"", i ? "," : "");
		at += (size_t)snprintf(text + at, room - at, "/%d%s", i, entry);
	}
	snprintf(text + at, room - at, "%s", end);
	return text;
}

static void test_limits(void)
{
	static const struct {
		const char *name, *start, *entry, *end;
		int n;
		const char *want;
	} lists[] = {
		{ "8,000 variables", "{\"config\":{\"Env\":[", "=x\"", "]}}", 8000, NULL },
		{ "9,000 variables", "{\"config\":{\"Env\":[", "=x\"", "]}}", 9000, "Env" },
		{ "1,024 volumes", "{\"config\":{\"Volumes\":{", "\":{}", "}}}", 1024, NULL },
		{ "1,025 volumes", "{\"config\":{\"Volumes\":{", "\":{}", "}}}", 1025, "Volumes" },
		{ "20,000 labels", "{\"config\":{\"Labels\":{", "\":\"\"", "}}}", 20000, NULL },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char *text = many(lists[i].start, lists[i].entry, lists[i].n, lists[i].end);
		struct arena a = { 0 };
		struct image_config c;
		struct err e = { 0 };
		int r = config_parse(text, strlen(text), &a, &c, &e);

		tap_ok(lists[i].want ? r < 0 && strstr(e.msg, lists[i].want) : r == 0, "%s",
			lists[i].name);
		arena_done(&a);
		free(text);
	}
}

int main(void)
{
	test_processes();
	test_refused();
	test_whole();
	test_of_another_type();
	test_limits();
	return tap_done();
}
