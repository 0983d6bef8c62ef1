/*
 * completion: what bash and zsh need to complete verbs, options, files and names.
 * Touches the stream that it is given.
 */
#include <ctype.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/manual.h"

/* Options that take a value, or all of them, as words of a shell. */
static void put_words(FILE *out, const struct opt *table, bool with_value)
{
	for (const struct opt *o = table; o->name || o->help; o++) {
		if (!o->name || (with_value && !o->value))
			continue;
		if (o->id < 128 && isalpha(o->id))
			fprintf(out, "-%c ", o->id);
		fprintf(out, "--%s ", o->name);
	}
}

/* What the words after a verb are: N images, R names of runs, F files. */
static char kind_of(const struct verb *v)
{
	if (v == &verb_run || v == &verb_inspect || v == &verb_rm || v == &verb_unpack ||
		v == &verb_tag || v == &verb_save || v == &verb_verify)
		return 'N';
	if (v == &verb_exec || v == &verb_stop || v == &verb_kill || v == &verb_wait)
		return 'R';
	return 'F';
}

static void write_bash(FILE *out)
{
	fputs("_sandbox() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= options= values= names= i\n"
	      "\tCOMPREPLY=()\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in --store) ((i++)) ;; -*) ;; *) verb=${COMP_WORDS[i]}; break ;; esac\n"
	      "\tdone\n\tcase $verb in\n",
		out);
	for (size_t i = 0; verbs[i]; i++) {
		fprintf(out, "\t%s) options='", verbs[i]->name);
		put_words(out, verbs[i]->opts, false);
		fputs("' values=' ", out);
		put_words(out, verbs[i]->opts, true);
		fprintf(out, "' names=%c ;;\n", kind_of(verbs[i]));
	}
	fputs("\t'') COMPREPLY=($(compgen -W '", out);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(out, "%s ", verbs[i]->name);
	fputs("--version --help --store' -- \"$cur\")); return ;;\n\tesac\n"
	      "\t[[ $values != *\" $prev \"* ]] || return\n"
	      "\tif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); return; fi\n"
	      "\tcase $names in\n"
	      "\tN) names=$(sandbox images 2>/dev/null | awk 'NR > 1 && $1 != \"-\" { print $1 }') ;;\n"
	      "\tR) names=$(sandbox ps 2>/dev/null | awk 'NR > 1 { print $1, $2 }') ;;\n"
	      "\t*) names= ;;\n\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
	      "\tif type __ltrim_colon_completions >/dev/null 2>&1; then __ltrim_colon_completions \"$cur\"; fi\n}\n"
	      "complete -o default -F _sandbox sandbox\n",
		out);
}

/* Text within '...[...]' of _arguments: brackets and colons mean something there, quotes to the
 * shell. */
static void put_zsh(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void put_zsh_option(FILE *out, const struct opt *o)
{
	bool letter = o->id < 128 && isalpha(o->id);

	fputs("\t\t'*'", out);
	if (letter)
		fprintf(out, "{-%c,--%s}", o->id, o->name);
	else
		fprintf(out, "--%s", o->name);
	fputs("'[", out);
	put_zsh(out, o->help);
	fputc(']', out);
	if (o->value) {
		fputc(':', out);
		put_zsh(out, o->value);
		fputs(":_files", out);
	}
	fputs("' \\\n", out);
}

static void write_zsh(FILE *out)
{
	static const char names[] =
		"\t\t'*:image:{_alternative \"files:file:_files\" \"names:name:(${(f)$(sandbox images 2>/dev/null | awk \"NR > 1 {print \\$1}\")})\"}'\n";
	static const char runs[] =
		"\t\t'*:run:{compadd -- ${(f)\"$(sandbox ps 2>/dev/null | awk \"NR > 1 {print \\$1}\")\"}}'\n";

	fputs("#compdef sandbox\n_sandbox() {\n\tlocal verb=$words[2]\n"
	      "\tif (( CURRENT == 2 )); then\n\t\tcompadd --",
		out);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(out, " %s", verbs[i]->name);
	fputs(" --version --help\n\t\treturn\n\tfi\n\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in\n",
		out);
	for (size_t i = 0; verbs[i]; i++) {
		fprintf(out, "\t(%s)\n\t\t_arguments \\\n", verbs[i]->name);
		for (const struct opt *o = verbs[i]->opts; o->name || o->help; o++)
			if (o->name)
				put_zsh_option(out, o);
		fputs(kind_of(verbs[i]) == 'N'	   ? names
			: kind_of(verbs[i]) == 'R' ? runs
						   : "\t\t'*:file:_files'\n",
			out);
		fputs("\t\t;;\n", out);
	}
	fputs("\tesac\n}\n_sandbox \"$@\"\n", out);
}

int completion_write(const char *shell, FILE *out)
{
	if (strcmp(shell, "bash") == 0)
		write_bash(out);
	else if (strcmp(shell, "zsh") == 0)
		write_zsh(out);
	else
		return -1;
	return 0;
}
