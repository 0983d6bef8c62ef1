/* image: one image of a container: its config and its layers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/config.h"
#include "util/arena.h"
#include "util/digest.h"

#define IMAGE_LAYERS_MAX 4096
#define IMAGE_DOCUMENT_MAX (8u << 20) /* bytes of a manifest, an index or a config */

enum image_kind {
	IMAGE_DOCKER, /* manifest.json lists the layers: docker save, podman save, kaniko, jib, skopeo ... */
	IMAGE_OCI, /* oci-layout and index.json */
	IMAGE_DIR, /* skopeo's dir: manifest.json is the manifest, and the digits of a blob are its name */
	IMAGE_ROOTFS, /* a plain tar of a root file system, as docker export writes it */
};

/* The choice among several images.  All members may be NULL. */
struct image_choice {
	const char *os, *arch, *variant; /* platform; arch NULL: this machine's */
	const char *name;		 /* repository:tag, tag, or digest */
	bool any_tar; /* take any tar that is not an image as a root file system */
};

struct image_layer {
	char *member;	  /* name in the container */
	char *digest;	  /* hex digits of the blob; NULL if not stated */
	char *diff_id;	  /* hex digits of the uncompressed tar, NULL for a rootfs tar */
	int64_t size;	  /* of the blob; -1 if not stated */
	char *media_type; /* may be NULL */
};

struct image {
	struct arena arena;
	enum image_kind kind;
	char id[DIGEST_HEX +
		1]; /* digest of the config document; "" for a root file system that was not read yet */
	char *config_text; /* the document as it is in the container */
	size_t config_len;
	char *manifest_text; /* the OCI manifest, or the entry of manifest.json; NULL for a root file system */
	struct image_config config;
	struct image_layer *layers; /* lowest first */
	size_t n_layers;
	struct strv names; /* repository:tag */
};

void image_done(struct image *img);

/* Let img be the root file system that its container is a tar of, whatever else that may be. */
void image_take_tar(struct image *img);

/*
 * Make the config, and so the id, of a root file system tar whose layer has the given diffID (hex
 * digits).
 */
int image_of_rootfs(struct image *img, const char *diff_id, struct err *e);

/*
 * Set the config document of img to text (len bytes, in the arena), check it against want (hex
 * digits, or NULL), and pair the layers with its diffIDs.  Returns 0, or -1 with e.
 */
int image_set_config(struct image *img, char *text, size_t len, const char *want, struct err *e);
