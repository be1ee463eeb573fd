// SPDX-License-Identifier: GPL-3.0-or-later
/* Fused passes over rows against sums in long double, for all shapes that have tails; the kernels
   that they are made of. */
#include "support/row_losses.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *numbers(size_t n) {
  double *x = malloc((n ? n : 1) * sizeof *x);
  for (size_t i = 0; i < n; i++)
    x[i] = next_signed();
  return x;
}

/* ---- kernels of every instruction set, by their definition ---- */
static void kernels_multiply_as_defined(void) {
  enum { R = 24, N = 48, M = 40 };
  _Alignas(64) double a[R * N], b[R * M], out[N * M], eta[R], gradient[M], scaled[R * M];
  for (size_t i = 0; i < R * N; i++)
    a[i] = next_signed();
  for (size_t i = 0; i < R * M; i++)
    b[i] = next_signed();
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
    memcpy(scaled, b, sizeof b);
    table->standardise(R - 1, M, a, a + M, scaled);
    for (size_t i = 0; i < R * M; i++)
      CU_ASSERT(scaled[i] == (i < (R - 1) * M ? (b[i] - a[i % M]) * a[M + i % M] : b[i]));
    for (size_t j = 1; j < 20; j++) {
      memset(scaled, 0, sizeof scaled);
      table->pack(3, j, a, N, (size_t[]){2, 0, 1}, 2, (size_t[]){3, 1}, M, scaled);
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

/* Place of weight j of class c in the order of the parameters; the bias is j = columns. */
static size_t place(const gradus_i_fused_rows *in, size_t c, size_t j) {
  return j < in->columns ? c * in->columns + j : in->classes * in->columns + c;
}

static void naive_softmax_matrix(const gradus_i_fused_rows *in, const double *x, long double w,
                                 const long double *e, long double total, long double *matrix) {
  size_t used = in->columns + (in->bias != NULL), order = in->classes * (in->columns + 1);
  for (size_t c = 0; c < in->classes; c++)
    for (size_t d = 0; d < in->classes; d++) {
      long double pc = e[c + in->reference] / total, pd = e[d + in->reference] / total;
      for (size_t j = 0; j < used; j++)
        for (size_t l = 0; l < used; l++)
          if (place(in, c, j) <= place(in, d, l))
            matrix[place(in, c, j) + place(in, d, l) * order] += w * pc * ((c == d) - pd) *
                                                                 (j < in->columns ? x[j] : 1) *
                                                                 (l < in->columns ? x[l] : 1);
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
    if (in->matrix)
      naive_softmax_matrix(in, x, w, e, total, sums + 2 + k * (p + 1));
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
                   .matrix = columns[c] * classes[k] < 80,
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
  shape s = {
      .rows = 150, .columns = 6, .classes = 1, .bias = true, .reference = true, .matrix = true};
  made m = make(&s);
  double softmax[9 + 49] = {0};
  gradus_i_fused_softmax(&m.in, softmax, m.scratch);
  m.in.classes = 0;
  gradus_i_fused_pass(&m.in, m.sums, m.scratch);
  for (int i = 0; i < 9 + 49; i++)
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
      {"kernels multiply as defined", kernels_multiply_as_defined},
      {"passes give the sums of their definition", passes_give_the_sums_of_their_definition},
      {"softmax passes give the sums of their definition",
       softmax_passes_give_the_sums_of_their_definition},
      {"softmax of two classes is logistic", softmax_of_two_classes_is_logistic},
      {"sums have a fixed order", sums_have_a_fixed_order},
  };
  return test_main("fused", cases, sizeof cases / sizeof *cases);
}
