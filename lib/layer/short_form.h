// SPDX-License-Identifier: GPL-3.0-or-later
/* The short form of architectures, "conv 6 5x5, relu, maxpool 2, dense 120" (doc/network.md). */
#ifndef GRADUS_LAYER_SHORT_FORM_H
#define GRADUS_LAYER_SHORT_FORM_H

#include "build.h"

/* Appends the architecture (JSON) that options->layers means for `inputs` columns; the layer output
   comes at the end by itself. Errors: _INVALID_ARGUMENT, naming the item; _OUT_OF_MEMORY. */
gradus_status gradus_i_short_form_to_json(gradus_i_text *json, size_t inputs,
                                          const gradus_i_build_options *options, gradus_error *err);

#endif
