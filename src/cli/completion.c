/*
 * completion: scripts by which bash and zsh complete verbs, options, files and names.
 * Touches the stream that it is given.
 */
#include "cli/completion.h"

#include <stdbool.h>
#include <string.h>

#include "cli/verb.h"

/* Print the options of v, or only those that take a value, as words of a shell. */
static void completion_words(FILE *out, const struct verb *v, bool with_value)
{
	const struct opt *tables[VERB_TABLES];

	verb_tables(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct opt *o = tables[i]; o->help; o++) {
			if (!o->name || (with_value && !o->value))
				continue;
			if (o->letter)
				fprintf(out, "-%c ", o->letter);
			fprintf(out, "--%s ", o->name);
		}
}

/* Letters for what a verb takes: N images, R names of runs, F files. */
static const char completion_kinds[] = {
	[VERB_FILES] = 'F', [VERB_IMAGES] = 'N', [VERB_RUNS] = 'R'
};

static void completion_bash(FILE *out)
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
		completion_words(out, verbs[i], false);
		fputs("' values=' ", out);
		completion_words(out, verbs[i], true);
		fprintf(out, "' names=%c ;;\n", completion_kinds[verbs[i]->words]);
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

/* Text within '...[...]' of _arguments, where brackets and colons are special, and quotes to the
 * shell. */
static void completion_zsh_text(FILE *out, const char *text)
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

static void completion_zsh_option(FILE *out, const struct opt *o)
{
	fputs("\t\t'*'", out);
	if (o->letter)
		fprintf(out, "{-%c,--%s}", o->letter, o->name);
	else
		fprintf(out, "--%s", o->name);
	fputs("'[", out);
	completion_zsh_text(out, o->help);
	fputc(']', out);
	if (o->value) {
		fputc(':', out);
		completion_zsh_text(out, o->value);
		fputs(":_files", out);
	}
	fputs("' \\\n", out);
}

static void completion_zsh_verb(FILE *out, const struct verb *v)
{
	static const char *const words[] = {
		[VERB_FILES] = "\t\t'*:file:_files'\n",
		[VERB_IMAGES] =
			"\t\t'*:image:{_alternative \"files:file:_files\" \"names:name:(${(f)$(sandbox images 2>/dev/null | awk \"NR > 1 {print \\$1}\")})\"}'\n",
		[VERB_RUNS] =
			"\t\t'*:run:{compadd -- ${(f)\"$(sandbox ps 2>/dev/null | awk \"NR > 1 {print \\$1}\")\"}}'\n",
	};
	const struct opt *tables[VERB_TABLES];

	fprintf(out, "\t(%s)\n\t\t_arguments \\\n", v->name);
	verb_tables(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct opt *o = tables[i]; o->help; o++)
			if (o->name)
				completion_zsh_option(out, o);
	fprintf(out, "%s\t\t;;\n", words[v->words]);
}

static void completion_zsh(FILE *out)
{
	fputs("#compdef sandbox\n_sandbox() {\n\tlocal verb=$words[2]\n"
	      "\tif (( CURRENT == 2 )); then\n\t\tcompadd --",
		out);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(out, " %s", verbs[i]->name);
	fputs(" --version --help\n\t\treturn\n\tfi\n\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in\n",
		out);
	for (size_t i = 0; verbs[i]; i++)
		completion_zsh_verb(out, verbs[i]);
	fputs("\tesac\n}\n_sandbox \"$@\"\n", out);
}

int completion_write(const char *shell, FILE *out)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash(out);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh(out);
	else
		return -1;
	return 0;
}
