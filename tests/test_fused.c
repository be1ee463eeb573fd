// SPDX-License-Identifier: GPL-3.0-or-later
/* Fused passes over rows against sums in long double, for all shapes that have tails; losses of
   rows at their extremes. */
#include "../lib/linalg/fused.h"
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

/* Uniform in (-1, 1). */
static double uniform(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)state * 0x1p-63;
}

static double *numbers(size_t n) {
  double *x = malloc((n ? n : 1) * sizeof *x);
  for (size_t i = 0; i < n; i++)
    x[i] = uniform();
  return x;
}

/* The gradus_i_instructions that this machine has, one after the other. */
#define FOR_EACH_TABLE(table)                                                                      \
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++)                                            \
    for (const gradus_i_fused_kernels *table = gradus_i_fused_table((gradus_i_instructions)set);   \
         table; table = NULL)

/* ---- losses of rows ---- */

typedef struct exact_loss {
  long double loss, slope, curvature;
} exact_loss;

static exact_loss exact_logistic(long double eta, long double y, long double w) {
  long double mean = 1 / (1 + expl(-eta)), rest = 1 / (1 + expl(eta));
  return (exact_loss){w * ((1 - y) * (eta > 0 ? eta + log1pl(expl(-eta)) : log1pl(expl(eta))) +
                           y * (eta < 0 ? -eta + log1pl(expl(eta)) : log1pl(expl(-eta)))),
                      w * ((1 - y) * mean - y * rest), w * mean * rest};
}

static exact_loss exact_poisson(long double eta, long double y, long double w) {
  long double mean = expl(eta);
  return (exact_loss){w * (mean - y * eta), w * (mean - y), w * mean};
}

static exact_loss exact_gaussian(long double eta, long double y, long double w) {
  return (exact_loss){w * (eta - y) * (eta - y) / 2, w * (eta - y), w};
}

enum { ROWS = 203 };

static void check_losses(gradus_i_row_loss *kernel,
                         exact_loss (*exact)(long double, long double, long double),
                         const double *eta, const double *y) {
  double weight[ROWS], loss[ROWS], slope[ROWS], curvature[ROWS];
  for (size_t i = 0; i < ROWS; i++)
    weight[i] = i % 7 ? exp(10 * uniform()) : 0;
  kernel(ROWS, eta, y, weight, NULL, loss, slope, curvature);
  for (size_t i = 0; i < ROWS; i++) {
    exact_loss e = exact((long double)eta[i], (long double)y[i], (long double)weight[i]);
    CHECK_CLOSE(loss[i], (double)e.loss, 1.5e-15);
    CHECK_CLOSE(slope[i], (double)e.slope, 1.5e-15);
    CHECK_CLOSE(curvature[i], (double)e.curvature, 1.5e-15);
  }
}

static void losses_of_rows_keep_their_digits(void) {
  double eta[ROWS], y[ROWS], negative[ROWS], zeros[ROWS] = {0};
  for (size_t i = 0; i < ROWS; i++) {
    eta[i] = (i % 2 ? 700 : 5) * uniform();
    y[i] = (double)(i % 5 > 2);
    negative[i] = -floor(30 * fabs(uniform())); /* so that nothing cancels in η − y */
  }
  FOR_EACH_TABLE(table) {
    check_losses(table->logistic, exact_logistic, eta, zeros);
    check_losses(table->poisson, exact_poisson, eta, zeros);
    check_losses(table->logistic, exact_logistic, eta, y);
    for (size_t i = 0; i < ROWS; i++)
      eta[i] = fabs(eta[i]);
    check_losses(table->poisson, exact_poisson, eta, negative);
    check_losses(table->gaussian, exact_gaussian, eta, negative);
  }
}

static void fractions_of_successes_are_responses(void) {
  double eta[] = {0.3, -2, 40, -40}, y[] = {0.25, 0.5, 0.75, 0.125}, weight[] = {4, 2, 8, 1};
  double loss[4], slope[4], curvature[4];
  FOR_EACH_TABLE(table) {
    table->logistic(4, eta, y, weight, NULL, loss, slope, curvature);
    for (int i = 0; i < 4; i++) {
      exact_loss e = exact_logistic(eta[i], y[i], weight[i]);
      CHECK_CLOSE(loss[i], (double)e.loss, 1e-15);
      CHECK_CLOSE(slope[i], (double)e.slope, 2e-15);
    }
  }
}

static void extreme_predictors_give_no_nan(void) {
  double eta[] = {INFINITY, -INFINITY, INFINITY, -INFINITY, 1e300, -1e300, NAN, 750, -750};
  double y[] = {1, 0, 0, 1, 1, 0, 1, 1, 0}, weight[9], loss[9], slope[9], curvature[9];
  for (int i = 0; i < 9; i++)
    weight[i] = 1;
  FOR_EACH_TABLE(table) {
    table->logistic(9, eta, y, weight, NULL, loss, slope, curvature);
    CU_ASSERT(loss[0] == 0 && loss[1] == 0 && slope[0] == 0 && slope[1] == 0);
    CU_ASSERT(loss[2] >= DBL_MAX && loss[3] >= DBL_MAX && slope[2] == 1 && slope[3] == -1);
    CU_ASSERT(loss[4] == 0 && loss[5] == 0 && curvature[4] == 0);
    CU_ASSERT(isnan(loss[6]) && isnan(slope[6]) && isnan(curvature[6]));
    CU_ASSERT(loss[7] >= 0 && loss[7] < DBL_MIN && slope[8] >= 0 && slope[8] < DBL_MIN);
  }
}

/* ---- softmax ---- */

static void check_softmax_row(size_t k, const double *eta, size_t class, double weight,
                              const double *probability, const double *slope, double loss) {
  long double largest = -INFINITY, others = 0;
  for (size_t j = 0; j < k; j++)
    largest = fmaxl(largest, eta[j]);
  for (size_t j = 0; j < k; j++)
    others += j == class ? 0 : expl(eta[j] - largest);
  long double own = expl(eta[class] - largest), sum = own + others;
  CHECK_CLOSE(loss,
              (double)(weight * (eta[class] == (double)largest ? log1pl(others)
                                                               : logl(sum) + largest - eta[class])),
              2e-14); /* as much as rounding η − largest costs */
  for (size_t j = 0; j < k; j++) {
    long double p = expl(eta[j] - largest) / sum;
    CHECK_CLOSE(probability[j], (double)p, 2e-14);
    CHECK_CLOSE(slope[j], (double)(weight * (j == class ? -others / sum : p)), 2e-14);
  }
}

static void softmax_keeps_the_digits_of_certainty(void) {
  enum { MOST = 24 };
  double eta[ROWS * MOST], in[ROWS * MOST], slope[ROWS * MOST];
  double y[ROWS], weight[ROWS], loss[ROWS];
  FOR_EACH_TABLE(table)
  for (size_t k = 2; k <= 17; k += k < 10 ? 1 : 7)
    for (int padded = 0; padded < 2; padded++) {
      size_t step = padded ? (k + 7) / 8 * 8 : k;
      for (size_t i = 0; i < ROWS; i++) {
        y[i] = floor((double)k * fabs(uniform()));
        weight[i] = 1 + uniform();
        for (size_t j = 0; j < step; j++)
          in[i * step + j] = j < k ? (i % 2 ? 60 : 2) * uniform() : -INFINITY;
      }
      memcpy(eta, in, sizeof eta);
      table->softmax(ROWS, k, step, eta, y, weight, loss, slope);
      for (size_t i = 0; i < ROWS; i++)
        check_softmax_row(k, in + i * step, (size_t)y[i], weight[i], eta + i * step,
                          slope + i * step, loss[i]);
    }
}

/* ---- kernels of every instruction set, by their definition ---- */
static void kernels_multiply_as_defined(void) {
  enum { R = 24, N = 48, M = 40 };
  _Alignas(64) double a[R * N], b[R * M], out[N * M], eta[R], gradient[M], scaled[R * M];
  for (size_t i = 0; i < R * N; i++)
    a[i] = uniform();
  for (size_t i = 0; i < R * M; i++)
    b[i] = uniform();
  FOR_EACH_TABLE(table) {
    for (int triangle = 0; triangle < 2; triangle++) {
      memset(out, 0, sizeof out);
      table->product(R, M, M, a, N, 1, b, M, out, M, triangle);
      for (size_t l = 0; l < M; l++)
        for (size_t j = 0; j < (triangle ? l + 1 : M); j++) {
          double sum = 0;
          for (size_t i = 0; i < R; i++)
            sum += a[i * N + l] * b[i * M + j];
          CU_ASSERT_DOUBLE_EQUAL(out[l * M + j], sum, 1e-14);
        }
    }
    table->predict(R, M, b, a, eta);
    memset(gradient, 0, sizeof gradient);
    table->gradient(R, M, b, eta, gradient);
    table->scale(R, M, b, eta, scaled);
    for (size_t i = 0; i < R; i++) {
      double sum = 0;
      for (size_t j = 0; j < M; j++)
        sum += b[i * M + j] * a[j];
      CU_ASSERT_DOUBLE_EQUAL(eta[i], sum, 1e-14);
      CU_ASSERT(scaled[i * M + 3] == eta[i] * b[i * M + 3]);
    }
    for (size_t j = 0; j < M; j++) {
      double sum = 0;
      for (size_t i = 0; i < R; i++)
        sum += b[i * M + j] * eta[i];
      CU_ASSERT_DOUBLE_EQUAL(gradient[j], sum, 1e-13);
    }
    memset(out, 0, sizeof out);
    table->product(N, R, M, a, 1, N, out, M, scaled, M, false); /* strides the other way: += 0 */
    for (size_t i = 0; i < R; i++)
      CU_ASSERT(scaled[i * M + 5] == eta[i] * b[i * M + 5]);
    for (size_t j = 1; j < 20; j++) {
      memset(scaled, 0, sizeof scaled);
      table->pack(3, j, a, N, (size_t[]){2, 0, 1}, M, scaled);
      for (size_t c = 0; c < M; c++)
        CU_ASSERT(scaled[c] == (c < j ? a[2 * N + c] : 0));
    }
  }
}

/* ---- whole passes ---- */

typedef struct shape {
  size_t rows, columns, classes;
  bool bias, weight, offset, index, matrix, reference;
} shape;

typedef struct made {
  gradus_i_fused_rows in;
  double *x, *y, *weight, *offset, *weights, *bias, *sums, *scratch, *eta;
  size_t *index;
} made;

static made make(const shape *s) {
  enum { EXTRA = 3 }; /* the stride is longer than a row; more rows than are taken */
  size_t all = 2 * s->rows + 1, stride = s->columns + EXTRA, k = s->classes ? s->classes : 1;
  made m = {.x = numbers(all * stride),
            .y = numbers(all),
            .weight = numbers(all),
            .offset = numbers(all),
            .weights = numbers(k * s->columns),
            .bias = numbers(k),
            .eta = numbers(all),
            .index = malloc(all * sizeof(size_t))};
  for (size_t i = 0; i < all; i++) {
    m.y[i] = s->classes ? floor(fabs(m.y[i]) * (double)(s->classes + s->reference)) : m.y[i] > 0;
    m.weight[i] += 1;
    m.index[i] = (i * 5 + 3) % all;
  }
  m.in = (gradus_i_fused_rows){.rows = s->rows,
                               .columns = s->columns,
                               .x = m.x,
                               .stride = stride,
                               .index = s->index ? m.index : NULL,
                               .y = m.y,
                               .weight = s->weight ? m.weight : NULL,
                               .offset = s->offset ? m.offset : NULL,
                               .weights = m.weights,
                               .bias = s->bias ? m.bias : NULL,
                               .loss = gradus_i_row_loss_logistic,
                               .classes = s->classes,
                               .reference = s->reference,
                               .matrix = s->matrix,
                               .eta = m.eta};
  m.sums = numbers(gradus_i_fused_sums_length(&m.in));
  memset(m.sums, 0, gradus_i_fused_sums_length(&m.in) * sizeof(double));
  m.scratch = numbers(gradus_i_fused_scratch_length(&m.in));
  return m;
}

static void discard(made *m) {
  double *parts[] = {m->x,    m->y,    m->weight,  m->offset, m->weights,
                     m->bias, m->sums, m->scratch, m->eta};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    free(parts[i]);
  free(m->index);
}

/* The sums by definition, one row after the other. */
static void naive_pass(const gradus_i_fused_rows *in, long double *sums) {
  size_t p = in->columns;
  for (size_t r = 0; r < in->rows; r++) {
    size_t i = in->index ? in->index[r] : r;
    const double *x = in->x + i * in->stride;
    long double eta = in->offset ? in->offset[i] : 0, w = in->weight ? in->weight[i] : 1;
    for (size_t j = 0; j < p; j++)
      eta += (long double)x[j] * in->weights[j];
    eta += in->bias ? *in->bias : 0;
    exact_loss e = exact_logistic(eta, in->y[i], w);
    sums[0] += e.loss;
    sums[1] += w;
    size_t used = p + (in->bias != NULL);
    for (size_t j = 0; j < used; j++) {
      sums[2 + j] += e.slope * (j < p ? x[j] : 1);
      for (size_t l = 0; in->matrix && l <= j; l++)
        sums[2 + p + 1 + l + j * (p + 1)] += e.curvature * (j < p ? x[j] : 1) * (l < p ? x[l] : 1);
    }
  }
}

static void check_pass(const shape *s) {
  made m = make(s);
  size_t length = gradus_i_fused_sums_length(&m.in), different = 0;
  long double *exact = calloc(length, sizeof *exact);
  naive_pass(&m.in, exact);
  gradus_i_fused_pass(&m.in, m.sums, m.scratch);
  for (size_t i = 0; i < length; i++)
    different += !(fabs(m.sums[i] - (double)exact[i]) <= 1e-15 * (double)(s->rows + 10));
  CU_ASSERT_EQUAL(different, 0);
  if (s->rows > 0) {
    const double *x = m.x + (s->index ? m.index[s->rows - 1] : s->rows - 1) * m.in.stride;
    double eta = s->bias ? *m.bias : 0;
    for (size_t j = 0; j < s->columns; j++)
      eta += x[j] * m.weights[j];
    eta += s->offset ? m.offset[s->index ? m.index[s->rows - 1] : s->rows - 1] : 0;
    CU_ASSERT_DOUBLE_EQUAL(m.eta[s->rows - 1], eta, 1e-13);
  }
  free(exact);
  discard(&m);
}

static const size_t row_counts[] = {0, 1, 7, 8, 63, 64, 65, 200};

static void passes_give_the_sums_of_their_definition(void) {
  static const size_t columns[] = {0, 1, 3, 4, 7, 8, 15, 23, 30, 31, 32, 47, 100};
  unsigned options = 0;
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
    for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++)
      for (int way = 0; way < 8; way++) {
        options = options * 5 + 3;
        shape s = {.rows = row_counts[r],
                   .columns = columns[c],
                   .bias = way & 1,
                   .matrix = way & 2,
                   .index = way & 4,
                   .weight = options & 16,
                   .offset = options & 32};
        check_pass(&s);
      }
}

static void naive_softmax(const gradus_i_fused_rows *in, long double *sums) {
  size_t p = in->columns, k = in->classes, first = in->reference;
  for (size_t r = 0; r < in->rows; r++) {
    size_t i = in->index ? in->index[r] : r;
    const double *x = in->x + i * in->stride;
    long double e[32], total = 0, w = in->weight ? in->weight[i] : 1, own = 0;
    for (size_t c = 0; c < k + first; c++) {
      long double eta = 0;
      if (c >= first) {
        for (size_t j = 0; j < p; j++)
          eta += (long double)x[j] * in->weights[(c - first) * p + j];
        eta += in->bias ? in->bias[c - first] : 0;
      }
      e[c] = expl(eta);
      total += e[c];
      own = c == (size_t)in->y[i] ? eta : own;
    }
    sums[0] += w * (logl(total) - own);
    sums[1] += w;
    for (size_t c = 0; c < k; c++) {
      long double slope = w * (e[c + first] / total - (c + first == (size_t)in->y[i]));
      for (size_t j = 0; j < p; j++)
        sums[2 + c * p + j] += slope * x[j];
      if (in->bias)
        sums[2 + k * p + c] += slope;
    }
  }
}

static void softmax_passes_give_the_sums_of_their_definition(void) {
  static const size_t columns[] = {1, 4, 7, 8, 50}, classes[] = {1, 2, 3, 7, 8, 9, 10, 16, 17};
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
    for (size_t k = 0; k < sizeof classes / sizeof *classes; k++)
      for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++) {
        shape s = {.rows = row_counts[r],
                   .columns = columns[c],
                   .classes = classes[k],
                   .bias = (c + k + r) % 4,
                   .weight = r % 2,
                   .index = k % 2,
                   .reference = classes[k] == 1 || (k + c) % 2};
        made m = make(&s);
        size_t length = gradus_i_fused_sums_length(&m.in), different = 0;
        long double *exact = calloc(length, sizeof *exact);
        naive_softmax(&m.in, exact);
        gradus_i_fused_softmax(&m.in, m.sums, m.scratch);
        for (size_t i = 0; i < length; i++)
          different += !(fabs(m.sums[i] - (double)exact[i]) <= 2e-15 * (double)(s.rows + 10));
        CU_ASSERT_EQUAL(different, 0);
        free(exact);
        discard(&m);
      }
}

/* Binary logistic regression is softmax with one free row. */
static void softmax_of_two_classes_is_logistic(void) {
  shape s = {.rows = 150, .columns = 6, .classes = 1, .bias = true, .reference = true};
  made m = make(&s);
  double softmax[9] = {0};
  gradus_i_fused_softmax(&m.in, softmax, m.scratch);
  m.in.classes = 0;
  gradus_i_fused_pass(&m.in, m.sums, m.scratch);
  for (int i = 0; i < 9; i++)
    CHECK_CLOSE(softmax[i], m.sums[i], 1e-12);
  discard(&m);
}

/* The bits of a sum depend on the rows alone: not on how they are reached, nor on what the scratch
   held, nor on whether whole blocks come in one call or in two. */
static void sums_have_a_fixed_order(void) {
  shape s = {.rows = 128, .columns = 30, .bias = true, .matrix = true, .weight = true};
  made m = make(&s);
  size_t length = gradus_i_fused_sums_length(&m.in), size = length * sizeof(double);
  double *again = calloc(length, sizeof *again);
  gradus_i_fused_pass(&m.in, m.sums, m.scratch);
  size_t room = gradus_i_fused_scratch_length(&m.in);
  double *scratch = malloc((room + 1) * sizeof *scratch);
  for (size_t i = 0; i <= room; i++)
    scratch[i] = NAN;
  for (size_t i = 0; i < s.rows; i++)
    m.index[i] = i;
  m.in.index = m.index;
  gradus_i_fused_pass(&m.in, again, scratch + 1);
  CU_ASSERT(!memcmp(again, m.sums, size));
  memset(again, 0, size);
  m.in.index = NULL;
  for (int half = 0; half < 2; half++) {
    gradus_i_fused_rows in = m.in;
    in.rows = 64;
    in.x += half * 64 * (int)in.stride;
    in.y += half * 64;
    in.weight += half * 64;
    gradus_i_fused_pass(&in, again, m.scratch);
  }
  CU_ASSERT(!memcmp(again, m.sums, size));
  free(again);
  free(scratch);
  discard(&m);
}

int main(void) {
  static const test_case cases[] = {
      {"losses of rows keep their digits", losses_of_rows_keep_their_digits},
      {"fractions of successes are responses", fractions_of_successes_are_responses},
      {"extreme predictors give no NaN", extreme_predictors_give_no_nan},
      {"softmax keeps the digits of certainty", softmax_keeps_the_digits_of_certainty},
      {"kernels multiply as defined", kernels_multiply_as_defined},
      {"passes give the sums of their definition", passes_give_the_sums_of_their_definition},
      {"softmax passes give the sums of their definition",
       softmax_passes_give_the_sums_of_their_definition},
      {"softmax of two classes is logistic", softmax_of_two_classes_is_logistic},
      {"sums have a fixed order", sums_have_a_fixed_order},
  };
  return test_main("fused", cases, sizeof cases / sizeof *cases);
}
