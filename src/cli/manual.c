/*
 * manual: the man page sandbox(1).
 * Touches the stream that it is given.
 */
#include "cli/manual.h"

#include "cli/verb.h"

/* Escape text for troff: a hyphen becomes a minus, and a line must not begin like a request. */
static void manual_text(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
			fputs("\\&", out);
		fputs(*p == '\\'    ? "\\e"
			: *p == '-' ? "\\-"
			: *p == '"' ? "\\(dq"
				    : (char[]){ *p, '\0' },
			out);
	}
}

static void manual_line(FILE *out, const char *text)
{
	manual_text(out, text);
	fputc('\n', out);
}

static void manual_option(FILE *out, const struct opt *o)
{
	fputs(".TP\n\\fB", out);
	if (o->letter)
		fprintf(out, "\\-%c\\fR, \\fB", o->letter);
	fputs("\\-\\-", out);
	manual_text(out, o->name);
	fputs(o->value ? "\\fR \\fI" : "\\fR", out);
	manual_text(out, o->value ? o->value : "");
	fputs(o->value ? "\\fR\n" : "\n", out);
	manual_line(out, o->help);
}

static void manual_table(FILE *out, const struct opt *table)
{
	for (const struct opt *o = table; o->help; o++) {
		if (o->name) {
			manual_option(out, o);
		} else {
			fputs(".PP\n", out);
			manual_line(out, o->help);
		}
	}
}

static void manual_verb(FILE *out, const struct verb *v)
{
	const struct opt *tables[VERB_TABLES];

	fprintf(out, ".SS \"sandbox %s ", v->name);
	manual_text(out, v->synopsis);
	fputs("\"\n", out);
	manual_line(out, v->summary);
	if (v->details) {
		fputs(".PP\n", out);
		manual_line(out, v->details);
	}
	verb_tables(v, tables);
	for (size_t i = 0; tables[i]; i++)
		if (tables[i] != globals_opts) /* those come once, below */
			manual_table(out, tables[i]);
}

static const char manual_head[] =
	".SH NAME\nsandbox \\- run Docker and OCI images without root and without a daemon\n"
	".SH SYNOPSIS\n.B sandbox\n[\\fIOPTIONS\\fR] \\fIVERB\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENT\\fR...]\n"
	".SH DESCRIPTION\n"
	"sandbox unpacks an image into a folder that the calling user owns, makes user, mount, pid, ipc, uts and\ncgroup namespaces and a seccomp filter, and runs the image's command.\n"
	".PP\n"
	"Inside, the command runs as the image's user (root if it names none), which outside is the caller: one uid\nand one gid are mapped. The caller's supplementary groups stay effective. The command sees no folder of the\nhost except those that options name.\n"
	".SH VERBS\n";

static const char manual_tail[] =
	".SH \"THE NETWORK OF THE HOST\"\n"
	"With \\fB\\-\\-network host\\fR, the default, the command is in the host's network namespace: it reaches services\non the host's loopback, sees its interfaces and ports, and can connect to \\fIabstract\\fR UNIX sockets (names\nin unix(7) that begin with a NUL), such as those of a desktop's X server or message bus. With\n"
	"\\fBnone\\fR and \\fBprivate\\fR it cannot.\n"
	".SH \"DIFFERENCES FROM PODMAN\"\n"
	"A table of some 150 behaviours (tests/behaviours.py) was run against rootless podman 4.3 with runc.\nWhere they differ, sandbox does what Docker does:\n"
	".IP \\(bu 2\na command that a signal ends gives 128+N; podman gave 0 for KILL.\n"
	".IP \\(bu 2\nan unknown user is an error of the tool (125), not of the command (126).\n"
	".IP \\(bu 2\na missing working directory is made.\n"
	".IP \\(bu 2\n\\fB\\-\\-tmpfs\\fR is noexec, nosuid and nodev by default; podman's is not noexec.\n"
	".IP \\(bu 2\n/dev/shm has 64 MiB (65536 kB), not 64000 kB.\n"
	".IP \\(bu 2\nthe default capabilities are Docker's 14; podman gives 11, without MKNOD, NET_RAW and AUDIT_WRITE, so that\nping(8) fails there.\n"
	".PP\nUnlike Docker: the host's network and host name are the default, since programs on a cluster talk to their\npeers; and a missing volume source is an error, as in podman.\n"
	".SH \"EXIT STATUS\"\n"
	"The command's, unchanged. 128+N: signal N ended it. 125: sandbox itself failed. 126: the command was found\nbut cannot be executed. 127: it was not found. \\fB\\-\\-status\\-fd\\fR tells programs\nwhich it was.\n"
	".SH ENVIRONMENT\n"
	".TP\n\\fBSANDBOX_STORE\\fR\nthe store, unless \\fB\\-\\-store\\fR names one.\n"
	".TP\n\\fBSANDBOX_STORES\\fR\nstores, separated by colons, that sandbox searches before that one and never writes to; they may belong to\nother users.\n"
	".TP\n\\fBXDG_DATA_HOME\\fR, \\fBHOME\\fR\notherwise the store is $XDG_DATA_HOME/sandbox or $HOME/.local/share/sandbox; without a usable home\n/var/tmp/sandbox\\-UID or /tmp/sandbox\\-UID.\n"
	".SH FILES\n"
	".TP\nimages/ID/\nan unpacked image: rootfs, config.json, manifest.json, owners, contents, record.json\n"
	".TP\nrefs/, sources/, runs/, staging/\nnames of images; known files; live runs; unfinished images\n"
	".SH \"SEE ALSO\"\nuser_namespaces(7), overlayfs in the kernel's documentation, docker\\-save(1), podman\\-run(1), newuidmap(1), pasta(1)\n";

void manual_write(FILE *out)
{
	fprintf(out, ".TH SANDBOX 1 \"\" \"sandbox %s\" \"User Commands\"\n%s", SANDBOX_VERSION,
		manual_head);
	for (size_t i = 0; verbs[i]; i++)
		manual_verb(out, verbs[i]);
	fputs(".SH \"OPTIONS OF EVERY VERB\"\n", out);
	manual_table(out, globals_opts + 1); /* without its heading */
	fputs(manual_tail, out);
}
