// SPDX-License-Identifier: GPL-3.0-or-later
/* Embeddings over REAL, compiled for each type by embedding.c. A part of those of tokens is a range
   of the units. */

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

/* ---- one feature of many ---- */

static void NAME(forward_column)(const gradus_i_layer_call *call) {
  const gradus_i_node *node = call->node;
  size_t features = gradus_i_node_features(node), n = node->units, before = node->first;
  size_t after = features - before - 1, count = call->rows * gradus_i_node_places(node);
  const REAL *x = call->in[0], *table = call->theta;
  REAL *out = call->out;
  for (size_t i = 0; i < count; i++, x += features, out += before + n + after) {
    memcpy(out, x, before * sizeof *out);
    memcpy(out + before, table + NAME(level)(node, x[before]) * n, n * sizeof *out);
    memcpy(out + before + n, x + before + 1, after * sizeof *out);
  }
}

/* gradient += derivatives of row i. */
static void NAME(add_column_row)(const gradus_i_layer_call *call, size_t i, REAL *gradient) {
  const gradus_i_node *node = call->node;
  size_t features = gradus_i_node_features(node), n = node->units, before = node->first;
  const REAL *x = (const REAL *)call->in[0] + i * node->in.size;
  const REAL *dy = (const REAL *)call->out_gradient + i * node->out.size;
  for (size_t t = 0; t < gradus_i_node_places(node); t++, x += features, dy += features - 1 + n) {
    REAL *row = gradient + NAME(level)(node, x[before]) * n;
    for (size_t j = 0; j < n; j++)
      row[j] += dy[before + j];
  }
}

static void NAME(backward_column)(const gradus_i_layer_call *call) {
  const gradus_i_node *node = call->node;
  size_t features = gradus_i_node_features(node), n = node->units, before = node->first;
  size_t count = call->rows * gradus_i_node_places(node);
  const REAL *dy = call->out_gradient;
  REAL *dx = call->in_gradient[0];
  for (size_t i = 0; call->gradient && i < call->rows; i++)
    NAME(add_column_row)(call, i, call->gradient);
  for (size_t i = 0; dx && i < count; i++, dx += features, dy += features - 1 + n) {
    for (size_t j = 0; j < before; j++)
      dx[j] += dy[j];
    for (size_t j = before + 1; j < features; j++)
      dx[j] += dy[j - 1 + n];
  }
}
