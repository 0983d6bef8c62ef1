/*
 * image: what a container of images holds: the one that was asked for, its config and its layers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/config.h"
#include "util/arena.h"
#include "util/digest.h"

#define IMAGE_LAYERS_MAX 4096
#define IMAGE_DOCUMENT_MAX (8u << 20) /* bytes of a manifest, index or config */

enum image_kind {
	IMAGE_DOCKER, /* manifest.json names the layers: docker save, podman save, kaniko, jib,
			 skopeo ... */
	IMAGE_OCI,    /* oci-layout and index.json */
	IMAGE_DIR, /* manifest.json is the manifest, blobs are called by their digits: skopeo's dir: */
	IMAGE_ROOTFS, /* a plain tar of a root file system: docker export */
};

/* Which one of several; all may be NULL. */
struct image_choice {
	const char *name;		 /* repository:tag, tag, or digest */
	const char *os, *arch, *variant; /* wanted platform; arch NULL: the host's */
	bool any_tar; /* a tar that is no image is taken as a root file system, whatever it holds */
};

struct image_layer {
	char *member;	  /* name within the container */
	char *digest;	  /* hex digits of the blob, NULL where the container states none */
	char *diff_id;	  /* hex digits of the uncompressed tar, NULL for a rootfs tar */
	int64_t size;	  /* of the blob by its descriptor, -1 where none is stated */
	char *media_type; /* NULL where none */
};

struct image {
	struct arena arena;
	enum image_kind kind;
	char id[DIGEST_HEX +
		1]; /* digest of the config document; "" for a rootfs tar until it was read */
	char *config_text; /* the document as it came */
	size_t config_len;
	char *manifest_text; /* OCI manifest or the entry of manifest.json; NULL for a rootfs tar */
	struct image_config config;
	struct image_layer *layers; /* lowest first */
	size_t n_layers;
	struct strv names; /* repository:tag */
};

void image_done(struct image *img);

/* Make the config of a rootfs tar, whose layer has the given diffID (hex digits), and with it the
 * id. */
int image_of_rootfs(struct image *img, const char *diff_id, struct err *e);

/*
 * Take text (len bytes, arena's) as the config document of img, check it against want (hex digits,
 * or NULL), and pair the layers with its diffIDs.  Returns 0, or -1 with e.
 */
int image_set_config(struct image *img, char *text, size_t len, const char *want, struct err *e);
