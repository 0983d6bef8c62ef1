/*
 * tar mutate: changes an input as somebody who knows tar would.  Bytes changed at random break the
 * sum of a header, and what follows is never looked at; here the sums are made right again. Used by
 * the targets whose input is a tar.
 */
#pragma once

/* Ends a layer within an input. */
#define TAR_LAYER_MARK "%%% next layer\n"
