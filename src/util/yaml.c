/*
 * yaml: reads YAML, and checks limits.
 * Touches memory only.
 */
#include "util/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define YAML_TAG "tag:yaml.org,2002:"

/* A value that an alias may stand for. */
struct yaml_anchor {
	char *name;
	json *value;	 /* owned */
	size_t count;	 /* of the values in it */
	unsigned height; /* of levels below it */
};

struct yaml_reader {
	yaml_parser_t parser;
	struct arena arena;
	struct yaml_anchor anchors[YAML_ANCHORS_MAX];
	size_t n_anchors;
	size_t count;	  /* of the values so far */
	unsigned deepest; /* level within the value that is read now */
};

static void yaml_event_done(yaml_event_t *event)
{
	yaml_event_delete(event);
}

#define auto_event __attribute__((cleanup(yaml_event_done))) yaml_event_t

static int yaml_fail(const yaml_event_t *at, const char *why, struct err *e)
{
	return err_set(e, 0, "line %zu, column %zu: %s", at->start_mark.line + 1,
		at->start_mark.column + 1, why);
}

static int yaml_next(struct yaml_reader *r, yaml_event_t *event, struct err *e)
{
	const yaml_parser_t *p = &r->parser;

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	memset(event, 0, sizeof(*event));
	return err_set(e, 0, "not valid YAML: line %zu, column %zu: %s", p->problem_mark.line + 1,
		p->problem_mark.column + 1, p->problem ? p->problem : "unreadable");
}

static bool yaml_is_one_of(const char *s, const char *const *words)
{
	while (*words && strcmp(s, *words) != 0)
		words++;
	return *words;
}

static bool yaml_is_int(const char *s, int64_t *ret)
{
	const char *digits = s + (*s == '-' || *s == '+');
	const bool octal = strncmp(digits, "0o", 2) == 0;
	char *end;

	if (*digits < '0' || *digits > '9' || (octal && digits != s))
		return false;
	errno = 0;
	*ret = strtoll(octal ? s + 2 : s, &end, octal ? 8 : 0);
	return !*end && end > digits && errno == 0;
}

/* What a word without quotes is. */
static json *yaml_plain(const char *s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	int64_t n;

	if (yaml_is_one_of(s, nulls))
		return json_new_str(NULL);
	if (yaml_is_one_of(s, trues) || yaml_is_one_of(s, falses))
		return json_new_bool(*s == 't' || *s == 'T');
	return yaml_is_int(s, &n) ? json_new_int(n) : json_new_str(s);
}

static int yaml_scalar(const yaml_event_t *event, json **ret, struct err *e)
{
	static const char *const types[] = { YAML_TAG "int", YAML_TAG "bool", YAML_TAG "null",
		NULL };
	const char *s = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;

	if (strlen(s) != event->data.scalar.length)
		return yaml_fail(event, "a NUL in a string", e);
	if (tag && yaml_is_one_of(tag, types)) {
		*ret = yaml_plain(s);
		return 0;
	}
	if (tag && strcmp(tag, YAML_TAG "str") != 0 && strcmp(tag, "!") != 0)
		return yaml_fail(event, "a type that is not supported", e);
	*ret = !tag && event->data.scalar.plain_implicit ? yaml_plain(s) : json_new_str(s);
	return 0;
}

static int yaml_alias(
	struct yaml_reader *r, const yaml_event_t *event, unsigned depth, json **ret, struct err *e)
{
	const char *name = (const char *)event->data.alias.anchor;

	/* the last one of a name counts */
	for (size_t i = r->n_anchors; i-- > 0;) {
		if (strcmp(r->anchors[i].name, name) != 0)
			continue;
		r->count += r->anchors[i].count;
		r->deepest = depth + r->anchors[i].height;
		*ret = json_share(r->anchors[i].value);
		return 0;
	}
	return yaml_fail(event, "an alias without an anchor before it", e);
}

static int yaml_value(struct yaml_reader *r, const yaml_event_t *event, unsigned depth, json **ret,
	struct err *e);

static int yaml_sequence(struct yaml_reader *r, unsigned depth, json *into, struct err *e)
{
	for (;;) {
		auto_event event;
		json *value;

		if (yaml_next(r, &event, e) < 0)
			return -1;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (yaml_value(r, &event, depth, &value, e) < 0)
			return -1;
		json_add(into, value);
	}
}

static int yaml_mapping(struct yaml_reader *r, unsigned depth, json *into, struct err *e)
{
	for (;;) {
		auto_event key, event = { 0 };
		const char *name;
		json *value;

		if (yaml_next(r, &key, e) < 0)
			return -1;
		if (key.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (key.type != YAML_SCALAR_EVENT)
			return yaml_fail(&key, "a key that is no word", e);
		name = (const char *)key.data.scalar.value;
		if (strlen(name) != key.data.scalar.length)
			return yaml_fail(&key, "a NUL in a key", e);
		if (yaml_next(r, &event, e) < 0 || yaml_value(r, &event, depth, &value, e) < 0)
			return -1;
		if (!json_put_new(into, name, value))
			return yaml_fail(&key, "a key that was there before", e);
	}
}

/* The anchor is known when its value is complete, so that no value contains itself. */
static int yaml_note_anchor(struct yaml_reader *r, const yaml_event_t *event, const void *name,
	const struct yaml_anchor *anchor, struct err *e)
{
	struct yaml_anchor *a = &r->anchors[r->n_anchors];

	if (!name)
		return 0;
	if (r->n_anchors == YAML_ANCHORS_MAX)
		return yaml_fail(event, "too many anchors", e);
	*a = *anchor;
	a->name = arena_strdup(&r->arena, name);
	(void)json_share(a->value);
	r->n_anchors++;
	return 0;
}

static const void *yaml_anchor_of(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT		  ? event->data.scalar.anchor
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
	       : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
							  : NULL;
}

/* The value that begins with event; *ret is set only when it is complete. */
static int yaml_value(
	struct yaml_reader *r, const yaml_event_t *event, unsigned depth, json **ret, struct err *e)
{
	const size_t before = r->count++;
	const unsigned deepest = r->deepest;
	struct yaml_anchor anchor;
	auto_json value = NULL;
	int done = -1;

	r->deepest = depth;
	if (depth > JSON_DEPTH_MAX)
		return err_set(e, 0, "YAML nested deeper than %d levels", JSON_DEPTH_MAX);
	if (event->type == YAML_SCALAR_EVENT) {
		done = yaml_scalar(event, &value, e);
	} else if (event->type == YAML_ALIAS_EVENT) {
		done = yaml_alias(r, event, depth, &value, e);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		value = json_new_arr();
		done = yaml_sequence(r, depth + 1, value, e);
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		value = json_new_obj();
		done = yaml_mapping(r, depth + 1, value, e);
	}
	if (done < 0)
		return -1;
	if (r->count > YAML_VALUES_MAX)
		return err_set(e, 0, "YAML document with more than %u values", YAML_VALUES_MAX);
	if (r->deepest > JSON_DEPTH_MAX)
		return yaml_fail(event, "an alias makes it too deep", e);
	anchor = (struct yaml_anchor){ NULL, value, r->count - before, r->deepest - depth };
	if (yaml_note_anchor(r, event, yaml_anchor_of(event), &anchor, e) < 0)
		return -1;
	r->deepest = r->deepest > deepest ? r->deepest : deepest;
	*ret = value;
	value = NULL;
	return 0;
}

/* Between the start of the stream and its end there is one document, or none. */
static int yaml_document(struct yaml_reader *r, json **ret, struct err *e)
{
	for (;;) {
		auto_event event;

		if (yaml_next(r, &event, e) < 0)
			return -1;
		if (event.type == YAML_STREAM_END_EVENT)
			return *ret ? 0 : err_set(e, 0, "an empty document");
		if (event.type == YAML_DOCUMENT_START_EVENT && *ret)
			return yaml_fail(&event, "a second document", e);
		if (event.type != YAML_STREAM_START_EVENT &&
			event.type != YAML_DOCUMENT_START_EVENT &&
			event.type != YAML_DOCUMENT_END_EVENT &&
			yaml_value(r, &event, 1, ret, e) < 0)
			return -1;
	}
}

json *yaml_parse(const char *text, size_t len, struct err *e)
{
	struct yaml_reader *r;
	json *j = NULL;

	if (len > JSON_TEXT_MAX) {
		(void)err_set(e, 0, "YAML document larger than %u MiB", JSON_TEXT_MAX >> 20);
		return NULL;
	}
	r = xmalloc(sizeof(*r));
	memset(r, 0, sizeof(*r));
	if (!yaml_parser_initialize(&r->parser))
		arena_out_of_memory();
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	if (yaml_document(r, &j, e) < 0)
		json_freep(&j);
	yaml_parser_delete(&r->parser);
	for (size_t i = 0; i < r->n_anchors; i++)
		json_freep(&r->anchors[i].value);
	arena_done(&r->arena);
	free(r);
	return j;
}
