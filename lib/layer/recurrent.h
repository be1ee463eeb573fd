// SPDX-License-Identifier: GPL-3.0-or-later
/* What a recurrent layer is made of, and where its calls keep what. */
#ifndef GRADUS_LAYER_RECURRENT_H
#define GRADUS_LAYER_RECURRENT_H

#include "../linalg/recurrent.h"
#include "layer.h"

/* How a cell's gates stand in the blocks, and in the sums that its steps take. */
typedef struct gradus_i_cell_form {
  size_t gates;  /* of weight_ih, weight_hh and bias */
  size_t sums;   /* of a step: gates, and where `apart` one more */
  bool apart;    /* the state's part of the last gate is a sum of its own, before the input's part,
                    with the bias bias_hn (gru) */
  bool memory;   /* beside the state there is a memory (lstm) */
  size_t forget; /* the gate whose bias starts at 1; 0: none */
} gradus_i_cell_form;
const gradus_i_cell_form *gradus_i_cell_form_of(const gradus_i_node *node);
gradus_i_cell gradus_i_cell_of(const gradus_i_node *node);

/* Of a node: how many runs over time, and the parameters of one, where they begin in it. */
size_t gradus_i_recurrent_directions(const gradus_i_node *node);
typedef struct gradus_i_recurrent_blocks {
  size_t weight_ih, weight_hh, bias, bias_hn, size;
} gradus_i_recurrent_blocks;
gradus_i_recurrent_blocks gradus_i_recurrent_blocks_of(const gradus_i_node *node);

/* A call's rows are cut into parts, each with a place of its own in `keep`; there values lie time
   by time. Numbers are of REALs, multiples of a line of the cache. */
typedef struct gradus_i_recurrent_layout {
  /* Of one run: the gates at every step, the states and memories with those before the first, and
     tanh of the memories; and their size. */
  size_t gates, states, memories, squashed, run;
  /* What runs share, one after the other: weights as the steps need them, derivatives by the sums
     of some steps and the inputs of these, derivatives by state and memory. */
  size_t weights, slopes, inputs, carry, memory_carry;
  size_t sums; /* of derivatives by the parameters */
  size_t part; /* all of it */
} gradus_i_recurrent_layout;
enum { GRADUS_I_RECURRENT_LINE = 16 };
/* Of parts of up to so many rows. */
gradus_i_recurrent_layout gradus_i_recurrent_layout_of(const gradus_i_node *node, size_t rows);
/* Into how many parts, and how many rows they have at most; how many steps of a part with so many
   rows have their derivatives in one piece. */
size_t gradus_i_recurrent_parts(const gradus_i_node *node, size_t rows);
size_t gradus_i_recurrent_part_rows(const gradus_i_node *node, size_t rows);
size_t gradus_i_recurrent_piece(const gradus_i_node *node, size_t rows);

#endif
