// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the windows of convolutions and poolings lie: over the height and width of H×W×C, or over
   the length of L×C, which is an image of one row. */
#ifndef GRADUS_LAYER_WINDOW_H
#define GRADUS_LAYER_WINDOW_H

#include "layer.h"

/* By height [0] and width [1]; of sequences the height is 1. */
typedef struct gradus_i_places {
  size_t channels;
  size_t in[2], padded[2], out[2];
  size_t kernel[2], stride[2], dilation[2];
  size_t before[2]; /* padding; what comes after the end is padded - before - in */
} gradus_i_places;

/* How many values an image has, as it is and padded. */
size_t gradus_i_places_image(const gradus_i_places *places);
size_t gradus_i_places_padded(const gradus_i_places *places);

/* Of a node whose shapes and window are known to be good. */
gradus_i_places gradus_i_places_of(const gradus_i_node *node);

/* Puts the defaults into the node's window (the stride is 1, or the kernel) and its output's shape
   with so many channels. Errors: _INVALID_ARGUMENT, _SHAPE. */
typedef struct gradus_i_window_rules {
  size_t rank;           /* of the input; 0: 2 or 3 */
  size_t channels;       /* of the output */
  bool stride_is_kernel; /* by default */
  bool narrow_padding;   /* half of the kernel at most: a window is never empty */
} gradus_i_window_rules;
gradus_status gradus_i_window_infer(gradus_i_node *node, const gradus_i_shape *input,
                                    const gradus_i_window_rules *rules, gradus_error *err);

/* An error unless the input has the rank, or is L×C or H×W×C (rank 0). */
gradus_status gradus_i_window_check_rank(const gradus_i_node *node, const gradus_i_shape *input,
                                         size_t rank, gradus_error *err);

/* How many parts a layer has whose rows go by themselves. */
size_t gradus_i_window_parts(const gradus_i_node *node, size_t rows);

/* Always: slopes that only send values back to where they came from. */
bool gradus_i_window_forgets_input(const gradus_i_node *node);

#endif
