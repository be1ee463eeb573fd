// SPDX-License-Identifier: GPL-3.0-or-later
/* Embeddings over REAL, compiled for each type by embedding.c. A part is a range of the units. */

/* Row of the table; what is no level, which callers refuse, is taken for the nearest. */
static size_t NAME(level)(const gradus_i_node *node, REAL token) {
  size_t most = node->levels - 1;
  if (!(token >= 0))
    return 0;
  return token < (REAL)most ? (size_t)token : most;
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t n = call->node->units, tokens = call->node->in.size, first, end;
  const REAL *x = call->in[0], *table = call->theta;
  REAL *out = call->out;
  gradus_i_layer_part(call, n, &first, &end);
  for (size_t i = 0; i < call->rows * tokens; i++) {
    const REAL *row = table + NAME(level)(call->node, x[i]) * n;
    memcpy(out + i * n + first, row + first, (end - first) * sizeof *out);
  }
}

/* gradient += derivatives of row i by the units first .. end - 1. */
static void NAME(add_row)(const gradus_i_layer_call *call, size_t i, size_t first, size_t end,
                          REAL *gradient) {
  size_t n = call->node->units, tokens = call->node->in.size;
  const REAL *x = call->in[0], *dy = call->out_gradient;
  for (size_t at = i * tokens; at < (i + 1) * tokens; at++) {
    REAL *row = gradient + NAME(level)(call->node, x[at]) * n;
    for (size_t j = first; j < end; j++)
      row[j] += dy[at * n + j];
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t n = call->node->units, first, end;
  REAL *gradient = call->gradient;
  gradus_i_layer_part(call, n, &first, &end);
  for (size_t level = 0; gradient && call->fresh && level < call->node->levels; level++)
    memset(gradient + level * n + first, 0, (end - first) * sizeof *gradient);
  for (size_t i = 0; gradient && i < call->rows; i++)
    NAME(add_row)(call, i, first, end, gradient);
}
