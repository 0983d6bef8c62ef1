# shellcheck shell=sh
# The reader alone: a file of the library that is not named here writes YAML, or makes its own tree.  api.c has the functions
# of both, in sections of their own.
printf '#define YAML_VERSION_MAJOR 0\n#define YAML_VERSION_MINOR 2\n#define YAML_VERSION_PATCH 5\n#define YAML_VERSION_STRING "0.2.5"\n' >src/config.h
# Four macros that the scanner uses everywhere, as functions: 10 KB less.
cat >src/functions.h <<'END'
static void skip_line(yaml_parser_t *parser) { SKIP_LINE(parser); }
static void skip(yaml_parser_t *parser) { SKIP(parser); }
static int read_one(yaml_parser_t *parser, yaml_string_t *s) { return READ(parser, (*s)); }
static int read_line(yaml_parser_t *parser, yaml_string_t *s) { return READ_LINE(parser, (*s)); }
#undef SKIP_LINE
#undef SKIP
#undef READ
#undef READ_LINE
#define SKIP_LINE(parser) skip_line(parser)
#define SKIP(parser) skip(parser)
#define READ(parser, string) read_one(parser, &(string))
#define READ_LINE(parser, string) read_line(parser, &(string))
END
edit src/scanner.c 1 '0,/^YAML_DECLARE(int)$/s//#include "functions.h"\n&/'
ARCHIVE_FLAGS='-Os -Iinclude -Isrc -DHAVE_CONFIG_H' archive yaml src/api.c src/parser.c src/reader.c src/scanner.c
cp include/yaml.h "$prefix/include/"
