/*
 * inspect: the verb `inspect`: shows what an image is, as text or as JSON.
 * Reads the image; touches standard output.
 */
#include <stdio.h>
#include <string.h>

#include "cli/image_arg.h"
#include "cli/list.h"
#include "image/platform.h"
#include "runs/runs.h"
#include "store/inspect.h"
#include "store/refs.h"
#include "store/stored_image.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/size.h"

/* It fills a bool. */
static const struct opt inspect_opts[] = {
	{ 0, "json", NULL, "print JSON, with the whole config", opt_flag, .offset = 0 },
	{ 'f', "format", "TEMPLATE", "refused: --json has every field", opt_refused, .offset = 0 },
	{ 0 },
};

/* facts is NULL for an image in the store, which does not keep blobs. */
static json *inspect_layer(struct image *img, const struct layer_facts *facts, size_t i)
{
	json *j = json_new_obj();
	const struct image_layer *l = facts ? &img->layers[i] : NULL;

	json_put_str(j, "diff_id", img->config.diff_ids[i]);
	if (!l)
		return j;
	if (l->digest)
		json_put_str(j, "digest",
			arena_printf(&img->arena, "%s:%s", digest_algorithm(l->digest), l->digest));
	json_put_int(j, "size", facts[i].size);
	json_put_str(j, "compression", codec_name(facts[i].compression));
	json_put_str(j, "mediaType", l->media_type);
	return j;
}

static int inspect_json(struct image *img, const struct layer_facts *facts, struct err *e)
{
	json *config = json_parse(img->config_text, img->config_len, e), *layers;
	auto_json j = json_new_obj();

	if (!config)
		return -1;
	layers = json_new_arr();
	json_put_str(j, "id", img->id);
	json_put(j, "names", json_new_strv(img->names.v));
	json_put_str(j, "os", img->config.os);
	json_put_str(j, "architecture", img->config.architecture);
	json_put_str(j, "variant", img->config.variant);
	json_put_str(j, "created", img->config.created);
	for (size_t i = 0; i < img->config.n_diff_ids; i++)
		json_add(layers, inspect_layer(img, facts, i));
	json_put(j, "layers", layers);
	json_put(j, "config", config);
	list_print(j);
	return 0;
}

/* Text of the image must not control the terminal. */
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

static void inspect_text(struct image *img, const struct layer_facts *facts)
{
	const struct image_config *c = &img->config;
	const struct platform platform = { c->os, c->architecture, c->variant };
	char size[32];

	inspect_line("id", img->id);
	inspect_list("name", img->names.v);
	inspect_line("platform", platform_text(&platform, &img->arena));
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
		if (facts)
			printf("  %s, %s",
				size_text(size, sizeof(size), (unsigned long long)facts[i].size),
				codec_name(facts[i].compression));
		if (facts && img->layers[i].digest && facts[i].compression != COMPRESSION_NONE)
			printf(", blob %s:%s", digest_algorithm(img->layers[i].digest),
				img->layers[i].digest);
		printf("\n");
	}
}

static int inspect_show(
	const struct call *c, struct image *img, const struct layer_facts *facts, struct err *e)
{
	const bool *want_json = c->options;

	if (*want_json)
		return inspect_json(img, facts, e);
	inspect_text(img, facts);
	return 0;
}

/* Its names in all stores. */
static void inspect_names(struct store *s, struct image *img)
{
	for (size_t i = 0; i <= s->n_others; i++) {
		struct ref *r;

		for (size_t n = refs_of(store_searched(s, i), img->id, &r); n > 0; n--)
			strv_add_copy(&img->arena, &img->names, (r++)->name);
	}
}

static int inspect_stored(struct call *c, enum image_arg kind, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct image img = { 0 };
	auto_free char *text = NULL;
	int r = image_arg_open(c, kind, &i, e);

	if (r == 0) {
		memcpy(img.id, i.record.id, sizeof(img.id));
		text = stored_image_text(&i, &img.config_len, e);
		r = text ? config_parse(text, img.config_len, &img.arena, &img.config, e) : -1;
		img.config_text = text;
	}
	if (r == 0) {
		inspect_names(&c->store, &img);
		r = inspect_show(c, &img, NULL, e);
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
		r = inspect_show(c, &img, facts, e);
	image_done(&img);
	return r;
}

static int inspect_run(struct call *c, struct err *e)
{
	enum image_arg kind = image_arg_resolve(c, c->words[0], e);

	struct live_run run = LIVE_RUN_NONE;
	struct err none;

	if (kind == IMAGE_ARG_SOURCE)
		return inspect_source(c, e);
	if (inspect_stored(c, kind, e) == 0)
		return 0;
	if (runs_find(&c->store.runs, c->words[0], &run, &none) == 0) {
		(void)err_set(e, 0, "%s: is a run, not an image", c->words[0]);
		(void)err_hint(e, "`sandbox ps -a --json` describes runs");
	}
	live_run_done(&run);
	return -1;
}

const struct verb verb_inspect = {
	.name = "inspect",
	.synopsis = "[--json] IMAGE",
	.summary = "show an image's id, names, platform, layers and config",
	.opts = inspect_opts,
	.size = sizeof(bool),
	.image_opts = image_arg_opts,
	.least = 1,
	.most = 1,
	.wants = "needs one image",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = inspect_run,
};
