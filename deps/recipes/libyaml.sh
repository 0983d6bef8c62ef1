# shellcheck shell=sh
# The reader alone: a file of the library that is not named here writes YAML, or makes its own tree.  api.c has the functions
# of both, in sections of their own.
printf '#define YAML_VERSION_MAJOR 0\n#define YAML_VERSION_MINOR 2\n#define YAML_VERSION_PATCH 5\n#define YAML_VERSION_STRING "0.2.5"\n' >src/config.h
ARCHIVE_FLAGS='-Os -Iinclude -Isrc -DHAVE_CONFIG_H' archive yaml src/api.c src/parser.c src/reader.c src/scanner.c
cp include/yaml.h "$prefix/include/"
