/*
 * inspect: the verb `inspect`: what an image is, for people and as JSON.
 * Reads the image; touches standard output.
 */
#include <stdio.h>
#include <string.h>

#include "cli/image_arg.h"
#include "store/inspect.h"
#include "store/refs.h"
#include "store/stored_image.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/size.h"

struct inspect_options {
	bool want_json;
};

static const struct opt inspect_opts[] = {
	{ 0, "json", NULL, "print JSON, with the whole config", opt_flag,
		.offset = offsetof(struct inspect_options, want_json) },
	{ 0 },
};

/* What both kinds of output are made from: facts is NULL for an image in the store, whose blobs are
 * gone. */
struct inspect_shown {
	const struct image *image;
	const struct layer_facts *facts;
	char *const *names;
};

static json *inspect_layer(const struct inspect_shown *s, size_t i)
{
	json *j = json_new_obj();
	const struct image_layer *l = s->facts ? &s->image->layers[i] : NULL;

	json_put_str(j, "diff_id", s->image->config.diff_ids[i]);
	if (!l)
		return j;
	if (l->digest)
		json_put(j, "digest",
			json_new_str(arena_printf(
				&((struct image *)s->image)->arena, "sha256:%s", l->digest)));
	json_put_int(j, "size", s->facts[i].size);
	json_put_str(j, "compression", compression_name(s->facts[i].compression));
	json_put_str(j, "mediaType", l->media_type);
	return j;
}

static int inspect_json(const struct inspect_shown *s, struct err *e)
{
	json *config = json_parse(s->image->config_text, s->image->config_len, e), *layers;
	auto_json j = json_new_obj();

	if (!config)
		return -1;
	layers = json_new_arr();
	json_put_str(j, "id", s->image->id);
	json_put(j, "names", json_new_strv(s->names));
	json_put_str(j, "os", s->image->config.os);
	json_put_str(j, "architecture", s->image->config.architecture);
	json_put_str(j, "variant", s->image->config.variant);
	json_put_str(j, "created", s->image->config.created);
	for (size_t i = 0; i < s->image->config.n_diff_ids; i++)
		json_add(layers, inspect_layer(s, i));
	json_put(j, "layers", layers);
	json_put(j, "config", config);
	auto_free char *text = json_dump(j, true);
	puts(text);
	return 0;
}

/* Text of the image goes to a terminal: it must not drive it. */
static void inspect_line(const char *label, const char *text)
{
	char quoted[1024];

	if (text && *text)
		printf("%-12s %s\n", label, log_quote(quoted, sizeof(quoted), text));
}

static void inspect_list(const char *label, char *const *list)
{
	for (; list && *list; list++, label = "")
		inspect_line(label, *list);
}

static void inspect_text(const struct inspect_shown *s)
{
	const struct image_config *c = &s->image->config;
	char platform[256], size[32];

	inspect_line("id", s->image->id);
	inspect_list("name", s->names);
	(void)snprintf(platform, sizeof(platform), "%s/%s%s%s", c->os && *c->os ? c->os : "?",
		c->architecture && *c->architecture ? c->architecture : "?",
		c->variant && *c->variant ? "/" : "", c->variant ? c->variant : "");
	inspect_line("platform", platform);
	inspect_line("created", c->created);
	inspect_list("entrypoint", c->entrypoint);
	inspect_list("cmd", c->cmd);
	inspect_list("env", c->env);
	inspect_line("workdir", c->working_dir);
	inspect_line("user", c->user);
	inspect_list("volume", c->volumes);
	inspect_line("stop signal", c->stop_signal);
	inspect_list("label", c->labels);
	for (size_t i = 0; i < c->n_diff_ids; i++) {
		printf("%-12s %s", i == 0 ? "layers" : "", c->diff_ids[i]);
		if (s->facts)
			printf("  %s, %s",
				size_text(size, sizeof(size), (unsigned long long)s->facts[i].size),
				compression_name(s->facts[i].compression));
		if (s->facts && s->image->layers[i].digest &&
			s->facts[i].compression != COMPRESSION_NONE)
			printf(", blob sha256:%s", s->image->layers[i].digest);
		printf("\n");
	}
}

static int inspect_show(const struct call *c, const struct inspect_shown *s, struct err *e)
{
	const struct inspect_options *o = c->options;

	if (o->want_json)
		return inspect_json(s, e);
	inspect_text(s);
	return 0;
}

/* The names that it has, in whichever store. */
static void inspect_names(struct store *s, const char *id, struct arena *a, struct strv *ret)
{
	for (size_t i = 0; i <= s->n_others; i++) {
		struct ref *r;

		for (size_t n = refs_of(store_searched(s, i), id, &r); n > 0; n--)
			strv_add_copy(a, ret, (r++)->name);
	}
}

static int inspect_stored(struct call *c, enum image_arg kind, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct image img = { 0 };
	struct strv names = { 0 };
	auto_free char *text = NULL;
	int r = image_arg_open(c, kind, &i, e);

	if (r == 0) {
		memcpy(img.id, i.record.id, sizeof(img.id));
		text = stored_image_text(&i, &img.config_len, e);
		r = text ? config_parse(text, img.config_len, &img.arena, &img.config, e) : -1;
		img.config_text = text;
	}
	if (r == 0) {
		inspect_names(&c->store, img.id, &img.arena, &names);
		r = inspect_show(c, &(struct inspect_shown){ .image = &img, .names = names.v }, e);
	}
	stored_image_close(&i);
	image_done(&img);
	return r;
}

static int inspect_source(struct call *c, struct err *e)
{
	struct layer_facts *facts = NULL;
	struct image img = { 0 };
	int r = inspect_read(&c->store, &c->request, &img, &facts, e);

	if (r == 0)
		r = inspect_show(c,
			&(struct inspect_shown){
				.image = &img, .facts = facts, .names = img.names.v },
			e);
	image_done(&img);
	return r;
}

static int inspect_run(struct call *c, struct err *e)
{
	enum image_arg kind = image_arg_resolve(c, c->words[0], e);

	return kind == IMAGE_ARG_SOURCE ? inspect_source(c, e) : inspect_stored(c, kind, e);
}

const struct verb verb_inspect = {
	.name = "inspect",
	.synopsis = "[--json] IMAGE",
	.summary = "show an image's id, names, platform, layers and config",
	.opts = inspect_opts,
	.size = sizeof(struct inspect_options),
	.image_opts = image_arg_opts,
	.least = 1,
	.most = 1,
	.wants = "needs one image",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = inspect_run,
};
