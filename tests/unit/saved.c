/*
 * saved: what `exec` reads of a run's plan is what `run` wrote; and signals by name.
 */
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/resource.h>

#include "plan/saved.h"
#include "seccomp/table.h"
#include "tap.h"
#include "util/fd.h"
#include "util/json.h"
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

/* Documents that are no plan: nothing in them is to be believed. */
static const char *const damaged[] = {
	"{}",
	"{\"cwd\":\"/\",\"rootfs\":\"/r\"}",
	"{\"cwd\":\"/\",\"rootfs\":\"/"
	"r\",\"uid\":0,\"gid\":0,\"umask\":18,\"caps\":0,\"signal\":15,\"seccomp\":{}}",
	"{\"cwd\":\"/\",\"rootfs\":\"/"
	"r\",\"uid\":-1,\"gid\":0,\"umask\":18,\"caps\":0,\"signal\":15}",
	"{\"cwd\":\"/\",\"rootfs\":\"/"
	"r\",\"uid\":\"0\",\"gid\":0,\"umask\":18,\"caps\":0,\"signal\":15}",
};

static void check_seccomp(const struct seccomp_policy *want, const struct seccomp_policy *have)
{
	if (!want || want == &seccomp_docker)
		tap_ok(have == want, "%s", want ? "the default filter" : "no filter");
	else
		tap_ok(have && have->default_verdict == want->default_verdict &&
				have->rules.n == 1 &&
				strcmp(have->rules.v->names, want->rules.v->names) == 0 &&
				have->rules.v->verdict == want->rules.v->verdict,
			"a filter of its own");
}

static void check_same(const struct plan *p, const struct plan *q)
{
	tap_ok(p->env && q->env, "there are variables");
	if (!p->env || !q->env)
		return;
	tap_str(q->env[0], p->env[0], "a variable");
	tap_str(q->env[1], p->env[1], "one with bytes that are no characters");
	tap_str(q->env[2], p->env[2], "one with characters");
	tap_ok(!q->env[3], "and no more");
	tap_str(q->cwd, p->cwd, "the directory");
	tap_int(q->uid, p->uid, "the user");
	tap_int(q->gid, p->gid, "the group");
	tap_int(q->umask, p->umask, "the umask");
	tap_ok(q->caps == p->caps, "the capabilities");
	check_seccomp(p->seccomp, q->seccomp);
	tap_int(q->emulate_ids, p->emulate_ids, "the emulation");
	tap_int(q->no_init, p->no_init, "whether there is an init");
	tap_int(q->stop_signal, p->stop_signal, "the stop signal");
	tap_int((long long)q->n_rlimits, 1, "a limit");
	tap_ok(q->rlimits[0].resource == RLIMIT_NOFILE && q->rlimits[0].soft == 7 &&
			q->rlimits[0].hard == RLIM_INFINITY,
		"which is the same");
}

static void check_round_trip(const struct seccomp_policy *policy)
{
	char *env[] = { (char *)"A=b", (char *)"RAW=\xff\xc3\x01\x80",
		(char *)"TEXT=\xc3\xa9\xe2\x82\xac", NULL };
	struct plan_rlimit limit = { RLIMIT_NOFILE, 7, RLIM_INFINITY };
	struct plan p = { .env = env,
		.cwd = (char *)"/w",
		.rootfs = (char *)"/r",
		.uid = 5,
		.gid = 4294967294,
		.umask = 027,
		.caps = UINT64_C(1) << 40 | 3,
		.seccomp = policy,
		.emulate_ids = true,
		.no_init = true,
		.stop_signal = SIGUSR1,
		.rlimits = &limit,
		.n_rlimits = 1 };
	struct plan q = { 0 };
	struct err e = { 0 };
	auto_json saved = plan_save(&p);
	auto_free char *text = json_dump(saved, false);
	auto_json read = json_parse(text, strlen(text), &e);

	if (tap_ok(read && plan_load(&q, read, &e) == 0, "it can be read: %s", e.msg))
		check_same(&p, &q);
	plan_done(&q);
}

int main(void)
{
	const struct seccomp_rule rule = { .names = "mkdir\0", .verdict = SECCOMP_RET_TRAP };
	const struct seccomp_policy own = { .default_verdict = SECCOMP_RET_ALLOW,
		.rules = { &rule, 1 } };

	check_round_trip(&seccomp_docker);
	check_round_trip(NULL);
	check_round_trip(&own);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct plan p = { 0 };
		struct err e = { 0 };
		auto_json j = json_parse(damaged[i], strlen(damaged[i]), &e);

		tap_ok(j && plan_load(&p, j, &e) < 0 && e.msg[0], "damaged: %s", damaged[i]);
		plan_done(&p);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tap_int(signame_number(names[i].text), names[i].want, names[i].text);
	return tap_done();
}
