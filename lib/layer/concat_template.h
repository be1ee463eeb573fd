// SPDX-License-Identifier: GPL-3.0-or-later
/* Concat over REAL, compiled for each type by concat.c. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  const gradus_i_node *node = call->node;
  size_t width = node->out.extent[node->out.rank - 1], places = node->out.size / width, at = 0;
  for (size_t k = 0; k < node->input_count; at += node->widths[k++]) {
    const REAL *x = call->in[k];
    REAL *y = (REAL *)call->out + at;
    for (size_t i = 0; i < call->rows * places; i++)
      memcpy(y + i * width, x + i * node->widths[k], node->widths[k] * sizeof *y);
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  const gradus_i_node *node = call->node;
  size_t width = node->out.extent[node->out.rank - 1], places = node->out.size / width, at = 0;
  for (size_t k = 0; k < node->input_count; at += node->widths[k++]) {
    const REAL *dy = (const REAL *)call->out_gradient + at;
    REAL *dx = call->in_gradient[k];
    for (size_t i = 0; dx && i < call->rows * places; i++)
      for (size_t j = 0; j < node->widths[k]; j++)
        dx[i * node->widths[k] + j] += dy[i * width + j];
  }
}
