/*
 * network: --network and --publish.
 * Touches memory only.
 */
#include "plan/network.h"

#include <linux/sched.h>
#include <string.h>
#include <strings.h>

#include "plan/sysctl.h"
#include "util/number.h"

#define NETWORK_PORT_MAX 65535
#define NETWORK_ADDRESS_MAX 45 /* of an IPv6 address in text */

/* Read "8080" or "8000-8010" at *s, and move *s behind it. */
static bool network_range(const char **s, unsigned *ret_first, unsigned *ret_last)
{
	unsigned *bound[] = { ret_first, ret_last };

	for (int i = 0; i < 2; i++) {
		size_t n = strspn(*s, "0123456789");
		uint64_t port;

		if (!number_read(*s, n, NETWORK_PORT_MAX, &port))
			return false;
		*bound[i] = (unsigned)port;
		*s += n;
		if (i == 0 && **s != '-') {
			*ret_last = *ret_first;
			break;
		}
		*s += i == 0;
	}
	return *ret_first > 0 && *ret_first <= *ret_last;
}

/* Read "IP:" or "[IP]:" before the ports, and move *s behind it.  Returns NULL for an invalid one. */
static char *network_address(struct plan *p, const char **s)
{
	bool six = **s == '[';
	const char *from = *s + six, *end = six ? strchr(from, ']') : NULL;
	size_t n;

	if (!six) {
		/* IP:HOST:CONTAINER has two colons; with one it is HOST:CONTAINER */
		end = strchr(from, ':');
		if (!end || !strchr(end + 1, ':'))
			return arena_strdup(&p->arena, "");
	}
	n = end ? (size_t)(end - from) : 0;
	if (!end || n == 0 || n > NETWORK_ADDRESS_MAX || (six && end[1] != ':') ||
		strspn(from, six ? "0123456789abcdefABCDEF:." : "0123456789.") != n)
		return NULL;
	*s = end + 1 + six;
	return arena_printf(&p->arena, "%.*s/", (int)n, from);
}

static int network_port(struct plan *p, const char *text, struct err *e)
{
	const char *s = text;
	char *address = network_address(p, &s);
	unsigned outer = 0, outer_last = 0, inner = 0, inner_last = 0;
	bool good = address && network_range(&s, &outer, &outer_last) && *s++ == ':' &&
		    network_range(&s, &inner, &inner_last);

	if (!good || (*s && strcasecmp(s, "/udp") != 0 && strcasecmp(s, "/tcp") != 0) ||
		outer_last - outer != inner_last - inner) {
		(void)err_set(e, 0,
			"--publish %s: must be [IP:]HOST:CONTAINER[/tcp|udp], ports or ranges of them",
			text);
		return err_hint(e, "sandbox does not look for a free port: HOST names each one");
	}
	p->ports = arena_printf(&p->arena, "%s%s%s%u-%u:%u-%u%s", p->ports ? p->ports : "",
		p->ports ? " " : "", address, outer, outer_last, inner, inner_last,
		strcasecmp(s, "/udp") == 0 ? "/udp" : "/tcp");
	return 0;
}

int network_read(struct plan *p, const struct run_options *o, struct err *e)
{
	static const struct {
		const char *name;
		enum network_mode mode;
	} modes[] = { { "host", NETWORK_HOST }, { "none", NETWORK_NONE },
		{ "private", NETWORK_PRIVATE }, { "pasta", NETWORK_PRIVATE },
		{ "bridge", NETWORK_PRIVATE } };
	const char *name = o->network ? o->network : "host";
	size_t n = sizeof(modes) / sizeof(modes[0]), at = 0;

	while (at < n && strcmp(modes[at].name, name) != 0)
		at++;
	if (at == n) {
		(void)err_set(e, 0, "--network %s: must be host, none or private", name);
		return strncmp(name, "container:", 10) == 0
			       ? err_hint(e,
					 "`sandbox exec %s COMMAND` starts a command in a run's network",
					 name + 10)
			       : err_hint(e,
					 "runs reach each other on the host's network; no other joins several of them");
	}
	p->network = modes[at].mode;
	for (size_t i = 0; i < o->publish.n; i++)
		if (network_port(p, o->publish.v[i], e) < 0)
			return -1;
	return 0;
}

static void network_spaces(struct plan *p)
{
	static const int kinds[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC,
		CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWNET };

	p->spaces = arena_alloc(&p->arena, sizeof(kinds) / sizeof(*kinds) * sizeof(*p->spaces));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (p->namespaces & (unsigned)kinds[i])
			p->spaces[p->n_spaces++].kind = (unsigned)kinds[i];
}

int network_plan(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	const struct plan_pair *foreign;

	p->namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
	/* With version 1 programs find their limits by the host's paths alone; Docker does the same. */
	if (!h->cgroups_v1)
		p->namespaces |= CLONE_NEWCGROUP;
	if (p->host_ids)
		p->namespaces &= ~(unsigned)CLONE_NEWUSER;
	if (p->network != NETWORK_HOST)
		p->namespaces |= CLONE_NEWNET;
	network_spaces(p);
	if (p->host_ids && p->network == NETWORK_PRIVATE)
		return err_set(e, 0,
			"--network %s: needs a user namespace, and --no-userns forbids one",
			o->network);
	foreign = sysctl_foreign(p);
	if (foreign)
		return err_set(e, 0,
			"--sysctl %s=%s: needs a network of its own: --network private or none",
			foreign->name, foreign->value);
	if (!p->ports || p->network == NETWORK_PRIVATE)
		return 0;
	(void)err_set(e, 0, "--publish %s: needs a private network", o->publish.v[0]);
	return err_hint(e,
		p->network == NETWORK_HOST
			? "on the host's network every port is reachable already; otherwise use --network private"
			: "use --network private");
}
