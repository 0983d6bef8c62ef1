/*
 * change: a config that is changed by lines of a Dockerfile.
 */
#include "image/change.h"

#include <stdlib.h>

#include "tap.h"

#define BASE \
	"{\"config\":{\"Cmd\":[\"old\"],\"env\":[\"PATH=/bin\",\"A=0\",\"AB=1\"],\"WorkingDir\":\"/w\"}}"

static const struct {
	const char *lines[3], *want; /* want NULL: refused; else a part of the new document */
} rows[] = {
	{ { "CMD [\"a\", \"b c\"]" }, "\"Cmd\":[\"a\",\"b c\"]" },
	{ { "  cmd   echo $HOME" }, "\"Cmd\":[\"/bin/sh\",\"-c\",\"echo $HOME\"]" },
	{ { "CMD []" }, "\"Cmd\":[]" },
	{ { "ENTRYPOINT [\"e\"]" }, "\"Cmd\":[]" },
	{ { "ENTRYPOINT [\"e\"]", "CMD [\"c\"]" }, "\"Cmd\":[\"c\"]" },
	{ { "CMD [\"c\"]", "ENTRYPOINT [\"e\"]" }, "\"Cmd\":[\"c\"]" },
	{ { "ENV A=1" }, "[\"PATH=/bin\",\"AB=1\",\"A=1\"]" },
	{ { "ENV A=1 B=2" }, "\"AB=1\",\"A=1\",\"B=2\"]" },
	{ { "ENV A=\"1 2\" B='3 \"4' C=5\\ 6" }, "\"A=1 2\",\"B=3 \\\"4\",\"C=5 6\"]" },
	{ { "ENV A=" }, "\"AB=1\",\"A=\"]" },
	{ { "ENV A one  two" }, "\"A=one  two\"]" },
	{ { "ENV A=a\\" }, "\"A=a\\\\\"]" },
	{ { "ENV A=\"open" }, "\"A=open\"]" },
	{ { "ENV A=1", "ENV A=2" }, "\"AB=1\",\"A=2\"]" },
	{ { "LABEL a=b c=d" }, "\"Labels\":{\"a\":\"b\",\"c\":\"d\"}" },
	{ { "LABEL a=b", "LABEL a=c" }, "\"Labels\":{\"a\":\"c\"}" },
	{ { "USER me" }, "\"User\":\"me\"" },
	{ { "WORKDIR /x" }, "\"WorkingDir\":\"/x\"" },
	{ { "WORKDIR x" }, "\"WorkingDir\":\"/w/x\"" },
	{ { "STOPSIGNAL SIGINT" }, "\"StopSignal\":\"SIGINT\"" },
	{ { "" }, NULL },
	{ { "CMD" }, NULL },
	{ { "CMD   " }, NULL },
	{ { "CMD [\"a\"" }, NULL },
	{ { "CMD [1]" }, NULL },
	{ { "CMD [null]" }, NULL },
	{ { "ENV A" }, NULL },
	{ { "ENV =1" }, NULL },
	{ { "ENV A=1 B" }, NULL },
	{ { "RUN x" }, NULL },
	{ { "CMDX x" }, NULL },
	{ { "USER me", "FOO 1" }, NULL },
	{ { "EXPOSE 80" }, "\"ExposedPorts\":{\"80/tcp\":{}}" },
	{ { "EXPOSE 80/udp 5-6", "EXPOSE 7" },
		"{\"80/udp\":{},\"5/tcp\":{},\"6/tcp\":{},\"7/tcp\":{}}" },
	{ { "EXPOSE 65535-65535/sctp" }, "{\"65535/sctp\":{}}" },
	{ { "EXPOSE 65536" }, NULL },
	{ { "EXPOSE 2-1" }, NULL },
	{ { "EXPOSE 1-" }, NULL },
	{ { "EXPOSE -1" }, NULL },
	{ { "EXPOSE 1/" }, NULL },
	{ { "EXPOSE 1/2-3" }, NULL },
	{ { "EXPOSE /tcp" }, NULL },
	{ { "EXPOSE x" }, NULL },
	{ { "VOLUME /a \"/b c\"", "VOLUME [\"/d\"]" },
		"\"Volumes\":{\"/a\":{},\"/b c\":{},\"/d\":{}}" },
	{ { "VOLUME [1]" }, NULL },
	{ { "VOLUME [" }, NULL },
	{ { "ONBUILD RUN a", "ONBUILD RUN b" }, "\"OnBuild\":[\"RUN a\",\"RUN b\"]" },
	{ { "STOPSIGNAL rtmin+3" }, "\"StopSignal\":\"rtmin+3\"" },
	{ { "STOPSIGNAL FOO" }, NULL },
	{ { "STOPSIGNAL 99" }, NULL },
	{ { "USER a\nWORKDIR /x\n" }, "\"User\":\"a\"" },
	{ { "\n# comment\nUSER a\n" }, "\"User\":\"a\"" },
	{ { "ENV A=1 \\\n B=2" }, "\"AB=1\",\"A=1\",\"B=2\"]" },
	{ { "USER a\nFOO x" }, NULL },
	{ { "# comment" }, NULL },
	{ { "\n" }, NULL },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = { 0 };
		json *doc = json_parse(BASE, strlen(BASE), &e);
		int r = change_config(doc, (char *const *)rows[i].lines, &e);
		char *text = json_dump(doc, false);
		bool good = rows[i].want ? r == 0 && strstr(text, rows[i].want)
					 : r < 0 && strstr(e.msg, "--change ");

		if (!tap_ok(good, "%s", rows[i].lines[0]))
			printf("# %s%s\n", e.msg, text);
		free(text);
		json_freep(&doc);
	}
	return tap_done();
}
