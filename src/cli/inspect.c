/*
 * inspect: the verb `inspect`: what an image is, for people and as JSON.
 * Reads the image; touches standard output.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "store/inspect.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/size.h"

struct inspect_verb {
	struct globals *globals;
	struct arena arena;
	struct import_request request;
	bool want_json;
};

static const struct opt inspect_opts[] = {
	{ OPT_JSON, "json", NULL, "as JSON, with the whole config" },
	OPTS_IMAGE,
	OPTS_GLOBAL,
};

static int inspect_option(void *arg, int id, char *value, struct err *e)
{
	struct inspect_verb *v = arg;

	if (id == OPT_JSON) {
		v->want_json = true;
		return 0;
	}
	if (cli_global_option(v->globals, &verb_inspect, id, value))
		return 0;
	return cli_image_option(&v->request, &v->arena, id, value, e) < 0 ? -1 : 0;
}

/* What both kinds of output are made from: facts is NULL for an image in the store, whose blobs are
 * gone. */
struct shown {
	const struct image *image;
	const struct layer_facts *facts;
	char *const *names;
};

static json *layer_json(const struct shown *s, size_t i)
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

static int print_json(const struct shown *s, struct err *e)
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
		json_add(layers, layer_json(s, i));
	json_put(j, "layers", layers);
	json_put(j, "config", config);
	auto_free char *text = json_dump(j, true);
	puts(text);
	return 0;
}

/* Text of the image goes to a terminal: it must not drive it. */
static void print_line(const char *label, const char *text)
{
	char quoted[1024];

	if (text && *text)
		printf("%-12s %s\n", label, log_quote(quoted, sizeof(quoted), text));
}

static void print_list(const char *label, char *const *list)
{
	for (; list && *list; list++, label = "")
		print_line(label, *list);
}

static void print_text(const struct shown *s)
{
	const struct image_config *c = &s->image->config;
	char platform[256], size[32];

	print_line("id", s->image->id);
	print_list("name", s->names);
	(void)snprintf(platform, sizeof(platform), "%s/%s%s%s", c->os && *c->os ? c->os : "?",
		c->architecture && *c->architecture ? c->architecture : "?",
		c->variant && *c->variant ? "/" : "", c->variant ? c->variant : "");
	print_line("platform", platform);
	print_line("created", c->created);
	print_list("entrypoint", c->entrypoint);
	print_list("cmd", c->cmd);
	print_list("env", c->env);
	print_line("workdir", c->working_dir);
	print_line("user", c->user);
	print_list("volume", c->volumes);
	print_line("stop signal", c->stop_signal);
	print_list("label", c->labels);
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

/* Names of one image out of a walk through all. */
struct wanted {
	const char *id;
	struct arena *arena;
	struct strv names;
};

static int collect_names(const struct listed_image *i, void *arg)
{
	struct wanted *w = arg;
	char *const *names = i->names;

	for (; names && *names && strcmp(i->record->id, w->id) == 0; names++)
		strv_add_copy(w->arena, &w->names, *names);
	return 0;
}

static int show_stored(struct inspect_verb *v, struct store *s, const char *name, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct image img = { 0 };
	struct wanted w = { .id = img.id, .arena = &img.arena };
	auto_free char *text = NULL;
	int r = store_resolve(s, name, img.id, e);

	if (r < 0)
		return err_set(e, ENOENT, "%s: neither a file nor an image in the store", name);
	r = stored_image_open(&i, s, img.id, e);
	if (r == 0) {
		text = stored_image_config(&i, &img.config_len, e);
		r = text ? config_parse(text, img.config_len, &img.arena, &img.config, e) : -1;
		img.config_text = text;
	}
	if (r == 0)
		r = store_each(s, collect_names, &w, e);
	if (r == 0) {
		struct shown shown = { .image = &img, .names = w.names.v };

		if (v->want_json)
			r = print_json(&shown, e);
		else
			print_text(&shown);
	}
	stored_image_close(&i);
	image_done(&img);
	return r;
}

static int show_source(struct inspect_verb *v, struct store *s, struct err *e)
{
	struct layer_facts *facts = NULL;
	struct image img = { 0 };
	int r = store_inspect(s, &v->request, &img, &facts, e);

	if (r == 0) {
		struct shown shown = { .image = &img, .facts = facts, .names = img.names.v };

		if (v->want_json)
			r = print_json(&shown, e);
		else
			print_text(&shown);
	}
	image_done(&img);
	return r;
}

static int inspect_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct inspect_verb v = { .globals = g };
	struct store s = STORE_NONE;
	int at = opts_parse(inspect_opts, argc, argv, inspect_option, &v, e), r = -1;

	if (at >= 0 && argc - at != 1)
		(void)err_set(e, 0, "inspect: needs one image");
	else if (at >= 0 && cli_open_stores(&s, g, e) == 0)
		r = cli_is_source(argv[at], &v.request, &v.arena)
			    ? show_source(&v, &s, e)
			    : show_stored(&v, &s, argv[at], e);
	store_done(&s);
	arena_done(&v.arena);
	return r;
}

const struct verb verb_inspect = {
	.name = "inspect",
	.synopsis = "[--json] IMAGE",
	.summary = "show what an image is: id, names, platform, layers, config",
	.opts = inspect_opts,
	.run = inspect_run,
};
