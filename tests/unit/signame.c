/*
 * signame: signals by name.
 */
#include <linux/seccomp.h>
#include <signal.h>

#include "seccomp/table.h"
#include "tap.h"

#include "util/signame.h"

static const struct {
	const char *text;
	int want;
} names[] = {
	{ "TERM", SIGTERM },
	{ "sigkill", SIGKILL },
	{ "9", 9 },
	{ "SIGRTMIN", 34 },
	{ "RTMIN+3", 37 },
	{ "SIGRTMAX-1", 63 },
	{ "64", 64 },
	{ "0", -1 },
	{ "65", -1 },
	{ "", -1 },
	{ "SIG", -1 },
	{ "TERMX", -1 },
	{ "RTMIN-1", -1 },
	{ "RTMIN+31", -1 },
	{ "9x", -1 },
	{ "-9", -1 },
	{ " 9", -1 },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tap_int(signame_number(names[i].text), names[i].want, names[i].text);
	return tap_done();
}
