// SPDX-License-Identifier: GPL-3.0-or-later
/* Norms of a network's blocks, iteration by iteration: whether it learns, and where it does not. */
#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Running statistics are no parameters to learn. */
static const gradus_block *block_of(const gradus_params *params, size_t index) {
  const gradus_block *block = gradus_params_block(params, index);
  return block->frozen ? NULL : block;
}

void trace_block_heads(FILE *file, const gradus_params *params) {
  static const char *const numbers[] = {"norm", "gradient_norm", "update_ratio"};
  for (size_t b = 0; b < gradus_params_blocks(params); b++)
    for (size_t i = 0; block_of(params, b) && i < sizeof numbers / sizeof *numbers; i++) {
      char name[512];
      snprintf(name, sizeof name, "%s.%s", block_of(params, b)->name, numbers[i]);
      putc(',', file);
      write_name(file, name);
    }
}

/* Euclidean, of values less others (NULL: 0). */
static double norm(const double *values, const double *less, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    double value = values[i] - (less ? less[i] : 0);
    sum += value * value;
  }
  return sqrt(sum);
}

/* Of an update to what it updates; NaN for a block of zeros. */
static double ratio(const double *values, const double *last, size_t count) {
  double size = norm(last, NULL, count);
  return size > 0 ? norm(values, last, count) / size : (double)NAN;
}

void trace_blocks(FILE *file, const gradus_progress *progress, double **before) {
  for (size_t b = 0; b < gradus_params_blocks(progress->params); b++) {
    const gradus_block *block = block_of(progress->params, b);
    if (!block)
      continue;
    const double *theta = progress->theta + block->offset;
    const double *last = *before ? *before + block->offset : NULL;
    const double numbers[] = {norm(theta, NULL, block->size),
                              progress->gradient
                                  ? norm(progress->gradient + block->offset, NULL, block->size)
                                  : (double)NAN,
                              last ? ratio(theta, last, block->size) : (double)NAN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
      putc(',', file);
      write_number(file, numbers[i]);
    }
  }
  if (!*before)
    *before = malloc(progress->size * sizeof **before);
  if (*before)
    memcpy(*before, progress->theta, progress->size * sizeof **before);
}
