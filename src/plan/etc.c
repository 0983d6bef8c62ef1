/*
 * etc: hosts(5) and resolv.conf(5), from the host's files and the options.
 * Touches memory only.
 */
#include "plan/etc.h"

#include <arpa/inet.h>
#include <string.h>

#include "plan/network.h"

#define ETC_ADDRESS_MAX 64

/* An address of either kind, in brackets or not; out holds ETC_ADDRESS_MAX bytes. */
static bool etc_address(const char *text, size_t len, char *out)
{
	unsigned char binary[16];

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= ETC_ADDRESS_MAX)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return inet_pton(AF_INET, out, binary) == 1 || inet_pton(AF_INET6, out, binary) == 1;
}

/* "NAME:IP" or "NAME=IP" as a line.  NULL with e. */
static char *etc_host_line(struct plan *p, const char *text, struct err *e)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t name = strspn(text, chars);
	const char *address = text + name + 1;
	char clean[ETC_ADDRESS_MAX];

	if (name == 0 || (text[name] != ':' && text[name] != '=')) {
		(void)err_set(e, 0, "--add-host %s: not of the form NAME:IP", text);
		return NULL;
	}
	/* On the host's network the loopback leads to the host. */
	if (strcmp(address, "host-gateway") == 0 && p->network == NETWORK_HOST)
		address = "127.0.0.1";
	else if (strcmp(address, "host-gateway") == 0) {
		(void)err_set(e, 0, "--add-host %s: only --network host leads to the host", text);
		return NULL;
	}
	if (!etc_address(address, strlen(address), clean)) {
		(void)err_set(e, 0, "--add-host %s: not an IP address: %s", text, address);
		return NULL;
	}
	return arena_printf(&p->arena, "%s\t%.*s\n", clean, (int)name, text);
}

static char *etc_added_hosts(struct plan *p, const struct run_options *o, struct err *e)
{
	char *lines = arena_strdup(&p->arena, "");

	for (size_t i = 0; i < o->add_host.n && lines; i++) {
		char *line = etc_host_line(p, o->add_host.v[i], e);

		lines = line ? arena_printf(&p->arena, "%s%s", lines, line) : NULL;
	}
	return lines;
}

/* On the host's network a sandbox knows the names that the host knows, otherwise only its own. */
char *etc_hosts(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e)
{
	static const char local[] =
		"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
	const char *host = p->network == NETWORK_HOST && h->hosts ? h->hosts : "";
	size_t n = strlen(host);
	bool own_name =
		p->network != NETWORK_HOST || !h->hostname || strcmp(p->hostname, h->hostname) != 0;
	/* in front: of several lines with a name the first counts */
	char *added = etc_added_hosts(p, o, e);

	if (!added)
		return NULL;
	/* The host's own name resolves as it does outside: on a loopback address the ranks of MPI
	 * would not find each other. */
	return arena_printf(&p->arena, "%s%s%s%s%s%s%s", added,
		strstr(host, "localhost") ? "" : local, host, n && host[n - 1] != '\n' ? "\n" : "",
		own_name ? "127.0.0.1\t" : "", own_name ? p->hostname : "", own_name ? "\n" : "");
}

/* A line for each name server.  NULL with e. */
static char *etc_servers(struct plan *p, const struct run_options *o, struct err *e)
{
	char *text = arena_strdup(&p->arena, ""), address[ETC_ADDRESS_MAX];

	for (size_t i = 0; i < o->dns.n; i++) {
		const char *ip = o->dns.v[i];

		if (!etc_address(ip, strlen(ip), address)) {
			(void)err_set(e, 0, "--dns %s: not an IP address", ip);
			return NULL;
		}
		text = arena_printf(&p->arena, "%snameserver %s\n", text, address);
	}
	return text;
}

int etc_check(const struct run_options *o, struct err *e)
{
	struct plan p = { 0 };
	int r = etc_added_hosts(&p, o, e) && etc_servers(&p, o, e) ? 0 : -1;

	plan_done(&p);
	return r;
}

static bool etc_is_line(const char *line, const char *name)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	return strncmp(line, name, n) == 0 && (line[n] == ' ' || line[n] == '\t');
}

/* A line of all words; none for "." alone, which is --dns-search without a domain. */
static char *etc_line(struct plan *p, const char *name, const struct strv *words)
{
	char *line = arena_strdup(&p->arena, name);

	if (!words->n || (words->n == 1 && strcmp(words->v[0], ".") == 0))
		return arena_strdup(&p->arena, "");
	for (size_t i = 0; i < words->n; i++)
		line = arena_printf(&p->arena, "%s %s", line, words->v[i]);
	return arena_printf(&p->arena, "%s\n", line);
}

int etc_resolv_conf(struct plan *p, const struct run_options *o, const struct host_facts *h,
	char **ret, struct err *e)
{
	/* The host's name servers may be reachable from the host alone: pasta(1) asks them. */
	const bool pasta = !o->dns.n && p->network == NETWORK_PRIVATE;
	char *text;

	*ret = arena_strdup(&p->arena, h->resolv_conf);
	if (!o->dns.n && !o->dns_search.n && !o->dns_options.n && !pasta)
		return 0;
	text = pasta ? arena_strdup(&p->arena, "nameserver " NETWORK_DNS "\n")
		     : etc_servers(p, o, e);
	if (!text)
		return -1;
	/* What no option says stays the host's, as with Docker. */
	for (const char *line = h->resolv_conf ? h->resolv_conf : ""; *line;) {
		size_t len = strcspn(line, "\n");

		if (!((o->dns.n || pasta) && etc_is_line(line, "nameserver")) &&
			!(o->dns_options.n && etc_is_line(line, "options")) &&
			!(o->dns_search.n &&
				(etc_is_line(line, "search") || etc_is_line(line, "domain"))))
			text = arena_printf(&p->arena, "%s%.*s\n", text, (int)len, line);
		line += len + (line[len] == '\n');
	}
	*ret = arena_printf(&p->arena, "%s%s%s", text, etc_line(p, "search", &o->dns_search),
		etc_line(p, "options", &o->dns_options));
	return 0;
}
