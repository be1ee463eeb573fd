// SPDX-License-Identifier: GPL-3.0-or-later
/* Inverted dropout (Srivastava et al. 2014): in training a unit is 0 with probability `rate`, else
   divided by 1 - rate; otherwise the layer does nothing. The mask is a function of the evaluation's
   seed, the row's number and the unit, not a stream of numbers, so that neither threads nor cuts of
   the batch change it. */
#include "layer.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t word) {
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9u;
  word = (word ^ word >> 27) * 0x94d049bb133111ebu;
  return word ^ word >> 31;
}

static uint64_t key_of(uint64_t seed, size_t row) {
  return mix(mix(seed + 0x9e3779b97f4a7c15u) + ((uint64_t)row + 1) * 0x9e3779b97f4a7c15u);
}

/* 32 bits of a row's unit, in 32-bit steps, which compilers turn into vector instructions; both
   halves of the key enter, at different steps. The multipliers are those of Mueller's and
   Wellons's search for hashes of low bias. */
static inline uint32_t draw(uint64_t key, uint32_t unit) {
  uint32_t word = unit * 0x9e3779b9u + (uint32_t)key;
  word = (word ^ word >> 16) * 0x21f0aaadu;
  word ^= (uint32_t)(key >> 32);
  word = (word ^ word >> 15) * 0x735a2d97u;
  return word ^ word >> 15;
}

static uint32_t threshold_of(double rate) {
  return (uint32_t)fmin(rate * 4294967296.0, 4294967295.0);
}

static const gradus_i_layer_option options[] = {
    {"rate", GRADUS_I_OPTION_NEEDED, offsetof(gradus_i_node, rate)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  if (!(node->rate >= 0 && node->rate < 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the dropout layer \"%s\" has the rate %g: it must be at least 0 and "
                         "below 1",
                         node->name, node->rate);
  node->out = inputs[0];
  return GRADUS_OK;
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return rows * node->out.size;
}

#define TEMPLATE "dropout_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_dropout = {.name = "dropout",
                                                    .options = options,
                                                    .infer = infer,
                                                    .keep_size = keep_size,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .passes = true,
                                                    .backward_f = backward_f};
