// SPDX-License-Identifier: GPL-3.0-or-later
#include "recurrent.h"

const gradus_i_cell_form *gradus_i_cell_form_of(const gradus_i_node *node) {
  static const gradus_i_cell_form simple = {.gates = 1, .sums = 1},
                                  gru = {.gates = 3, .sums = 4, .apart = true},
                                  lstm = {.gates = 4, .sums = 4, .memory = true, .forget = 1};
  if (node->type == &gradus_i_layer_lstm)
    return &lstm;
  return node->type == &gradus_i_layer_gru ? &gru : &simple;
}

gradus_i_cell gradus_i_cell_of(const gradus_i_node *node) {
  if (node->type == &gradus_i_layer_lstm)
    return GRADUS_I_CELL_LSTM;
  if (node->type == &gradus_i_layer_gru)
    return GRADUS_I_CELL_GRU;
  return node->activation == gradus_i_activation_find("relu") ? GRADUS_I_CELL_RELU
                                                              : GRADUS_I_CELL_TANH;
}

size_t gradus_i_recurrent_directions(const gradus_i_node *node) {
  return node->bidirectional ? 2 : 1;
}

gradus_i_recurrent_blocks gradus_i_recurrent_blocks_of(const gradus_i_node *node) {
  const gradus_i_cell_form *form = gradus_i_cell_form_of(node);
  size_t units = form->gates * node->units;
  gradus_i_recurrent_blocks blocks = {.weight_ih = 0};
  blocks.weight_hh = units * gradus_i_node_features(node);
  blocks.bias = blocks.weight_hh + units * node->units;
  blocks.bias_hn = blocks.bias + units;
  blocks.size = blocks.bias_hn + (form->apart ? node->units : 0);
  return blocks;
}

static size_t take(size_t *used, size_t count) {
  size_t first = *used, line = GRADUS_I_RECURRENT_LINE;
  *used += (count + line - 1) / line * line;
  return first;
}

gradus_i_recurrent_layout gradus_i_recurrent_layout_of(const gradus_i_node *node, size_t rows) {
  const gradus_i_cell_form *form = gradus_i_cell_form_of(node);
  size_t steps = node->in.extent[0], features = gradus_i_node_features(node), n = node->units;
  size_t piece = gradus_i_recurrent_piece(node, rows), used = 0;
  gradus_i_recurrent_layout at = {.gates = 0};
  /* Without gates the sums are where the state is going to be. */
  at.gates = take(&used, form->gates > 1 ? steps * rows * form->sums * n : 0);
  at.states = take(&used, (steps + 1) * rows * n);
  at.memories = take(&used, form->memory ? (steps + 1) * rows * n : 0);
  at.squashed = take(&used, form->memory ? steps * rows * n : 0);
  at.run = used;
  used *= gradus_i_recurrent_directions(node);
  at.weights = take(&used, form->gates * n * (features + n));
  at.slopes = take(&used, piece * rows * form->sums * n);
  at.inputs = take(&used, piece * rows * features);
  at.carry = take(&used, rows * n);
  at.memory_carry = take(&used, form->memory ? rows * n : 0);
  at.sums = take(&used, node->parameters);
  at.part = used;
  return at;
}

size_t gradus_i_recurrent_parts(const gradus_i_node *node, size_t rows) {
  enum { ROWS = 16, MOST = 8 };
  (void)node;
  size_t parts = (rows + ROWS - 1) / ROWS;
  return parts < 1 ? 1 : parts > MOST ? MOST : parts;
}

size_t gradus_i_recurrent_part_rows(const gradus_i_node *node, size_t rows) {
  size_t parts = gradus_i_recurrent_parts(node, rows);
  return (rows + parts - 1) / parts;
}

size_t gradus_i_recurrent_piece(const gradus_i_node *node, size_t rows) {
  enum { VALUES = 256 };
  size_t steps = node->in.extent[0], piece = rows ? VALUES / rows : steps;
  return piece < 1 ? 1 : piece > steps ? steps : piece;
}
