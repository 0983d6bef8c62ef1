/*
 * yaml: reads a YAML document as the tree of json.h.  The only user of the YAML library.
 */
#pragma once

#include "util/json.h"

#define YAML_VALUES_MAX \
	(1u << 16) /* values in one document; each alias counts as all that it stands for */
#define YAML_ANCHORS_MAX 1000

/*
 * Parse len bytes: one document, of at most JSON_TEXT_MAX bytes and JSON_DEPTH_MAX levels.  A plain word that
 * looks like an integer is one, in decimal, octal (0644, 0o644) or hexadecimal; true and false are, and null
 * and ~.  All others are strings.  Keys are strings, and a key that comes twice is an error; so are tags of
 * other types, and an alias inside of what it stands for.  NULL on error; the caller releases.
 */
json *yaml_parse(const char *text, size_t len, struct err *e);
