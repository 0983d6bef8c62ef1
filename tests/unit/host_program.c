/*
 * host_program: what is kept of a program's output: the last line, in whole words.
 */
#include "kernel/host_program.h"

#include "tap.h"

#define LONG "Call failed: Interactive authentication is required for the unit sandbox.scope"

static const struct {
	const char *script, *want;
	int status;
} rows[] = {
	{ "true", "", 0 },
	{ "echo one", "one", 0 },
	{ "printf 'one\\ntwo\\n\\n'; exit 3", "two", 3 },
	{ "printf '%s' one two", "onetwo", 0 },
	{ "echo " LONG, "Call failed: Interactive authentication is ...", 0 },
	{ "i=0; while [ $i -lt 500 ]; do echo a line; i=$((i + 1)); done; echo last", "last", 0 },
	{ "printf '%080d' 1", " ...", 0 },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *words[] = { "sh", "-c", rows[i].script, NULL };
		char text[50];

		tap_int(host_program_run((char *const *)words, NULL, text, sizeof(text)),
			rows[i].status, "the exit status");
		tap_str(text, rows[i].want, rows[i].script);
	}
	return tap_done();
}
