// SPDX-License-Identifier: GPL-3.0-or-later
/* Ways in which a convolution is done: the same sums in another order. */
#ifndef GRADUS_LAYER_CONVOLUTION_WAYS_H
#define GRADUS_LAYER_CONVOLUTION_WAYS_H

#include "window.h"

typedef struct gradus_i_convolution_way {
  /* REALs that a part works on, of them those that its sums of derivatives by θ take. */
  size_t (*part_size)(const gradus_i_node *node);
  size_t (*sums_size)(const gradus_i_node *node);
  /* What a layer type has under these names. */
  void (*forward_d)(const gradus_i_layer_call *call);
  void (*forward_f)(const gradus_i_layer_call *call);
  void (*backward_d)(const gradus_i_layer_call *call);
  void (*backward_f)(const gradus_i_layer_call *call);
  void (*reduce_d)(const gradus_i_layer_call *call);
  void (*reduce_f)(const gradus_i_layer_call *call);
  void (*rows_gradient)(const gradus_i_layer_call *call, double *rows, size_t stride);
} gradus_i_convolution_way;

/* Place by place, a vector of filters: many filters. Channel by channel, a vector of places: few of
   them, or few to a group. */
extern const gradus_i_convolution_way gradus_i_convolution_by_places,
    gradus_i_convolution_by_planes;

/* Whether planes are the faster way. */
bool gradus_i_convolution_has_planes(const gradus_i_node *node);

/* A convolution's `keep` begins, at a line's boundary, with a head for each part: what the part's
   first call works out for the others. What the parts work on, of `bytes` each, comes behind. */
enum { GRADUS_I_LINE = 64, GRADUS_I_HEAD = 512 };
static inline void *gradus_i_part_head(const gradus_i_layer_call *call, size_t part) {
  uintptr_t line = ((uintptr_t)call->keep + GRADUS_I_LINE - 1) / GRADUS_I_LINE * GRADUS_I_LINE;
  return (char *)line + part * GRADUS_I_HEAD;
}
static inline void *gradus_i_part_memory(const gradus_i_layer_call *call, size_t part,
                                         size_t bytes) {
  return (char *)gradus_i_part_head(call, GRADUS_I_PARTS_MAX) + part * bytes;
}

#endif
