// SPDX-License-Identifier: GPL-3.0-or-later
/* Passes over rows, block by block. A block is packed with a column of ones for the bias and zeros
   up to whole vectors, so that the kernels know neither tails nor strides nor gathers; it stays in
   the first or second cache for all that is done with it. */
#include "fused.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = GRADUS_I_FUSED_BLOCK, UNIT = GRADUS_I_FUSED_UNIT };

static size_t round_up(size_t n) {
  return (n + UNIT - 1) / UNIT * UNIT;
}

/* Columns of a packed row: x, the bias' one, zeros. */
static size_t padded_columns(const gradus_i_fused_rows *in) {
  return round_up(in->columns + 1);
}

static size_t all_classes(const gradus_i_fused_rows *in) {
  return in->classes + in->reference;
}

size_t gradus_i_fused_sums_length(const gradus_i_fused_rows *in) {
  size_t parameters = (in->columns + 1) * (in->classes ? in->classes : 1);
  return 2 + parameters + (in->matrix ? parameters * parameters : 0);
}

/* What a block's rows have, one each. */
typedef struct block_rows {
  double y[BLOCK], weight[BLOCK], offset[BLOCK];
  double eta[BLOCK], loss[BLOCK], slope[BLOCK], curvature[BLOCK];
} block_rows;

enum { ROWS_LENGTH = sizeof(block_rows) / sizeof(double), ALIGNMENT = 64 };

size_t gradus_i_fused_scratch_length(const gradus_i_fused_rows *in) {
  size_t padded = padded_columns(in), blocks = in->matrix ? 2 : 1;
  size_t length = ALIGNMENT / sizeof(double) + ROWS_LENGTH + blocks * BLOCK * padded + 2 * padded;
  if (in->classes) {
    size_t classes = round_up(all_classes(in)), pairs = in->classes * (in->classes + 1) / 2;
    return length + 2 * classes * padded + 3 * BLOCK * classes +
           (in->matrix ? pairs * padded * padded : 0);
  }
  return length + 2 * padded + (in->matrix ? padded * padded : 0);
}

static double *take(double **scratch, size_t count) {
  double *taken = *scratch;
  *scratch += count;
  return taken;
}

static double *take_zeros(double **scratch, size_t count) {
  double *taken = take(scratch, count);
  memset(taken, 0, count * sizeof *taken);
  return taken;
}

static double *aligned(double *scratch) {
  uintptr_t past = (uintptr_t)scratch % ALIGNMENT;
  return past ? scratch + (ALIGNMENT - past) / sizeof *scratch : scratch;
}

/* A block whose padding is set once; packing rows leaves it as it is. */
static double *take_block(double **scratch, const gradus_i_fused_rows *in) {
  size_t padded = padded_columns(in);
  double *block = take(scratch, BLOCK * padded);
  for (size_t i = 0; i < BLOCK; i++) {
    block[i * padded + in->columns] = in->bias ? 1 : 0;
    for (size_t j = in->columns + 1; j < padded; j++)
      block[i * padded + j] = 0;
  }
  return block;
}

/* What packed rows are standardised by, centre and factor behind each other; the bias and the
   padding stay as they are. NULL: nothing is to be done. */
static const double *take_standard(double **scratch, const gradus_i_fused_rows *in) {
  size_t padded = padded_columns(in);
  double *standard = take(scratch, 2 * padded);
  for (size_t j = 0; in->centre && j < padded; j++) {
    standard[j] = j < in->columns ? in->centre[j] : 0;
    standard[padded + j] = j < in->columns ? in->factor[j] : 1;
  }
  return in->centre ? standard : NULL;
}

/* `count` values of rows from `first` on; `fallback` where there are none. */
static const double *values(const gradus_i_fused_rows *in, const double *from, size_t first,
                            size_t count, double fallback, double *buffer) {
  if (from && !in->index)
    return from + first;
  for (size_t i = 0; i < count; i++)
    buffer[i] = from ? from[in->index[first + i]] : fallback;
  return buffer;
}

/* Packs the rows from `first` on, zero rows up to a multiple of UNIT after them. Where rows are
   gathered, those of the next block are fetched into the cache meanwhile. */
static void pack(const gradus_i_fused_kernels *kernels, const gradus_i_fused_rows *in, size_t first,
                 size_t count, const double *standard, double *block) {
  size_t padded = padded_columns(in), after = in->rows - first - count;
  const size_t *index = in->index ? in->index + first : NULL;
  const size_t *next = index && after ? index + count : in->next;
  size_t coming = !index ? 0 : after ? after : in->coming;
  coming = coming < BLOCK ? coming : BLOCK;
  for (size_t i = 0; i < coming; i++)
    __builtin_prefetch(in->y + next[i]);
  kernels->pack(count, in->columns, index ? in->x : in->x + first * in->stride, in->stride, index,
                coming, next, padded, block);
  if (standard)
    kernels->standardise(count, padded, standard, standard + padded, block);
  memset(block + count * padded, 0, (round_up(count) - count) * padded * sizeof *block);
}

/* ---- one linear predictor ---- */

typedef struct pass {
  const gradus_i_fused_kernels *kernels;
  block_rows *rows;
  const double *standard;
  double *block, *scaled, *parameters, *gradient, *matrix;
  size_t padded;
} pass;

static void one_block(const gradus_i_fused_rows *in, const pass *p, size_t first, size_t count,
                      double *sums) {
  block_rows *rows = p->rows;
  size_t whole = round_up(count);
  pack(p->kernels, in, first, count, p->standard, p->block);
  p->kernels->predict(whole, p->padded, p->block, p->parameters, rows->eta);
  const double *y = values(in, in->y, first, count, 0, rows->y);
  const double *weight = values(in, in->weight, first, count, 1, rows->weight);
  if (in->offset) {
    const double *offset = values(in, in->offset, first, count, 0, rows->offset);
    for (size_t i = 0; i < count; i++)
      rows->eta[i] += offset[i];
  }
  if (in->eta)
    memcpy(in->eta + first, rows->eta, count * sizeof *rows->eta);
  in->loss(count, rows->eta, y, weight, in->family, rows->loss, rows->slope, rows->curvature);
  for (size_t i = count; i < whole; i++)
    rows->slope[i] = rows->curvature[i] = 0;
  sums[GRADUS_I_FUSED_LOSS] += gradus_i_ordered_sum(count, rows->loss);
  sums[GRADUS_I_FUSED_WEIGHT] += gradus_i_ordered_sum(count, weight);
  p->kernels->gradient(whole, p->padded, p->block, rows->slope, p->gradient);
  if (in->matrix) {
    p->kernels->scale(whole, p->padded, p->block, rows->curvature, p->scaled);
    p->kernels->product(whole, p->padded, p->padded, p->scaled, p->padded, 1, p->block, p->padded,
                        p->matrix, p->padded, true);
  }
}

void gradus_i_fused_pass(const gradus_i_fused_rows *in, double *sums, double *scratch) {
  size_t columns = in->columns, used = columns + (in->bias ? 1 : 0);
  scratch = aligned(scratch);
  pass p = {.kernels = gradus_i_fused_table(gradus_i_instructions_best()),
            .padded = padded_columns(in)};
  p.parameters = take_zeros(&scratch, p.padded);
  p.gradient = take_zeros(&scratch, p.padded);
  p.block = take_block(&scratch, in);
  p.standard = take_standard(&scratch, in);
  p.scaled = in->matrix ? take(&scratch, BLOCK * p.padded) : NULL;
  p.matrix = in->matrix ? take_zeros(&scratch, p.padded * p.padded) : NULL;
  p.rows = (block_rows *)(void *)take(&scratch, ROWS_LENGTH);
  memcpy(p.parameters, in->weights, columns * sizeof *in->weights);
  if (in->bias)
    p.parameters[columns] = *in->bias;
  for (size_t first = 0; first < in->rows; first += BLOCK)
    one_block(in, &p, first, in->rows - first < BLOCK ? in->rows - first : BLOCK, sums);
  for (size_t j = 0; j < used; j++)
    sums[GRADUS_I_FUSED_GRADIENT + j] += p.gradient[j];
  if (!in->matrix)
    return;
  double *matrix = sums + GRADUS_I_FUSED_GRADIENT + columns + 1;
  for (size_t j = 0; j < used; j++)
    for (size_t i = 0; i <= j; i++)
      matrix[i + j * (columns + 1)] += p.matrix[i + j * p.padded];
}

/* ---- softmax ---- */

typedef struct softmax_pass {
  const gradus_i_fused_kernels *kernels;
  block_rows *rows;
  const double *standard;
  double *empty; /* eta before anything is added */
  double *block, *scaled, *eta, *slope, *parameters, *gradient, *matrices;
  size_t padded, classes, step; /* step: classes, padded */
} softmax_pass;

/* Parameters as columns (padded×step), so that a row's linear predictors stand side by side. The
   classes of the padding have -inf: probability 0. */
static void lay_out_parameters(const gradus_i_fused_rows *in, const softmax_pass *p) {
  for (size_t c = 0; c < in->classes; c++) {
    double *to = p->parameters + c + in->reference;
    for (size_t j = 0; j < in->columns; j++)
      to[j * p->step] = in->weights[c * in->columns + j];
    if (in->bias)
      to[in->columns * p->step] = in->bias[c];
  }
}

/* w·p_c·(1{c = d} − p_d) of each row; 1 − p_c as the sum of the others, so that a certain class
   keeps its digits. */
static void pair_curvature(const softmax_pass *p, size_t count, const double *weight, size_t c,
                           size_t d) {
  for (size_t i = 0; i < count; i++) {
    const double *probability = p->eta + i * p->step;
    double factor = 0;
    for (size_t l = 0; c == d && l < p->classes; l++)
      factor += l == c ? 0 : probability[l];
    p->rows->curvature[i] = weight[i] * probability[c] * (c == d ? factor : -probability[d]);
  }
}

/* A symmetric matrix for each pair of classes c <= d. */
static void softmax_matrices(const gradus_i_fused_rows *in, const softmax_pass *p, size_t count,
                             const double *weight) {
  size_t whole = round_up(count), first = in->reference;
  double *matrix = p->matrices;
  memset(p->rows->curvature + count, 0, (whole - count) * sizeof(double));
  for (size_t d = 0; d < in->classes; d++)
    for (size_t c = 0; c <= d; c++, matrix += p->padded * p->padded) {
      pair_curvature(p, count, weight, c + first, d + first);
      p->kernels->scale(whole, p->padded, p->block, p->rows->curvature, p->scaled);
      p->kernels->product(whole, p->padded, p->padded, p->scaled, p->padded, 1, p->block, p->padded,
                          matrix, p->padded, true);
    }
}

/* Adds the matrices of pairs to the upper triangle of that of all parameters. */
static void add_matrices(const gradus_i_fused_rows *in, const softmax_pass *p, double *out) {
  size_t columns = in->columns, used = columns + (in->bias ? 1 : 0), k = in->classes;
  size_t order = k * (columns + 1);
  const double *matrix = p->matrices;
  for (size_t d = 0; d < k; d++)
    for (size_t c = 0; c <= d; c++, matrix += p->padded * p->padded)
      for (size_t j = 0; j < used; j++)
        for (size_t l = c == d ? j : 0; l < used; l++) {
          size_t a = j < columns ? c * columns + j : k * columns + c;
          size_t b = l < columns ? d * columns + l : k * columns + d;
          double value = j < l ? matrix[j + l * p->padded] : matrix[l + j * p->padded];
          out[a < b ? a + b * order : b + a * order] += value;
        }
}

static void softmax_block(const gradus_i_fused_rows *in, const softmax_pass *p, size_t first,
                          size_t count, double *sums) {
  block_rows *rows = p->rows;
  size_t whole = round_up(count);
  pack(p->kernels, in, first, count, p->standard, p->block);
  memcpy(p->eta, p->empty, whole * p->step * sizeof *p->eta);
  p->kernels->product(p->padded, whole, p->step, p->block, 1, p->padded, p->parameters, p->step,
                      p->eta, p->step, false);
  const double *y = values(in, in->y, first, count, 0, rows->y);
  const double *weight = values(in, in->weight, first, count, 1, rows->weight);
  p->kernels->softmax(count, p->classes, p->step, p->eta, y, weight, rows->loss, p->slope);
  memset(p->slope + count * p->step, 0, (whole - count) * p->step * sizeof *p->slope);
  sums[GRADUS_I_FUSED_LOSS] += gradus_i_ordered_sum(count, rows->loss);
  sums[GRADUS_I_FUSED_WEIGHT] += gradus_i_ordered_sum(count, weight);
  p->kernels->product(whole, p->step, p->padded, p->slope, p->step, 1, p->block, p->padded,
                      p->gradient, p->padded, false);
  if (in->matrix)
    softmax_matrices(in, p, count, weight);
}

void gradus_i_fused_softmax(const gradus_i_fused_rows *in, double *sums, double *scratch) {
  size_t columns = in->columns;
  scratch = aligned(scratch);
  softmax_pass p = {.kernels = gradus_i_fused_table(gradus_i_instructions_best()),
                    .padded = padded_columns(in),
                    .classes = all_classes(in),
                    .step = round_up(all_classes(in))};
  p.parameters = take_zeros(&scratch, p.step * p.padded);
  p.gradient = take_zeros(&scratch, p.step * p.padded);
  p.block = take_block(&scratch, in);
  p.standard = take_standard(&scratch, in);
  p.empty = take(&scratch, BLOCK * p.step);
  for (size_t i = 0; i < BLOCK * p.step; i++)
    p.empty[i] = i % p.step < p.classes ? 0 : -INFINITY;
  p.eta = take(&scratch, BLOCK * p.step);
  p.slope = take(&scratch, BLOCK * p.step);
  p.scaled = in->matrix ? take(&scratch, BLOCK * p.padded) : NULL;
  p.matrices = in->matrix
                   ? take_zeros(&scratch, in->classes * (in->classes + 1) / 2 * p.padded * p.padded)
                   : NULL;
  p.rows = (block_rows *)(void *)take(&scratch, ROWS_LENGTH);
  lay_out_parameters(in, &p);
  for (size_t first = 0; first < in->rows; first += BLOCK)
    softmax_block(in, &p, first, in->rows - first < BLOCK ? in->rows - first : BLOCK, sums);
  double *gradient = sums + GRADUS_I_FUSED_GRADIENT;
  for (size_t c = 0; c < in->classes; c++) {
    const double *from = p.gradient + (c + in->reference) * p.padded;
    for (size_t j = 0; j < columns; j++)
      gradient[c * columns + j] += from[j];
    if (in->bias)
      gradient[in->classes * columns + c] += from[columns];
  }
  if (in->matrix)
    add_matrices(in, &p, gradient + in->classes * (columns + 1));
}
