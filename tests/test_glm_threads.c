// SPDX-License-Identifier: GPL-3.0-or-later
/* The same numbers, to the bit, for any number of threads, and from a stream as from memory,
   whatever the size of its batches. */
#include "../lib/solver/irls.h"
#include "support/support.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 20000, COLUMNS = 6 };

static double x[ROWS * COLUMNS], y[ROWS], weight[ROWS], offset[ROWS];

static const struct {
  const char *family, *link;
  bool weighted, with_offset;
} models[] = {
    {"binomial", "logit", false, false},
    {"binomial", "probit", true, false},
    {"binomial", "cloglog", false, true},
    {"quasibinomial", "cauchit", false, false},
    {"poisson", "log", true, true},
    {"gamma", "log", false, false},
    {"inverse_gaussian", "log", true, false},
    {"gaussian", "identity", false, true},
    {"negative_binomial", "log", false, true},
};
enum { MODELS = sizeof models / sizeof *models };

/* A linear congruential generator (Knuth's MMIX), so that every machine has the same rows. */
static uint64_t state;
static double uniform(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(state >> 12) + 0.5) / 4503599627370496.0;
}

static double near_normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += uniform();
  return sum;
}

/* A count with the given mean, twice as spread as Poisson's or more. */
static double count(double mean) {
  return floor(-mean * log(uniform()));
}

static void make_rows(size_t m) {
  static const double slopes[COLUMNS] = {0.4, -0.3, 0.1, 0, 0.2, -0.1};
  const char *family = models[m].family;
  state = 20 + m;
  for (size_t i = 0; i < ROWS; i++) {
    weight[i] = floor(1 + 4 * uniform());
    offset[i] = models[m].with_offset ? uniform() - 0.5 : 0;
    double eta = 0.2 + offset[i];
    for (size_t j = 0; j < COLUMNS; j++)
      eta += slopes[j] * (x[i * COLUMNS + j] = near_normal());
    double mean = exp(eta), chance = 1 / (1 + exp(-eta));
    double trials = models[m].weighted ? weight[i] : 1;
    y[i] = strstr(family, "gaussian") == family       ? eta + near_normal()
           : strcmp(family, "poisson") == 0           ? floor(mean + 2 * uniform())
           : strcmp(family, "negative_binomial") == 0 ? count(mean)
           : strstr(family, "binomial")               ? floor(trials * chance + uniform()) / trials
                                                      : -mean * log(uniform()) + 0.01;
    if (strstr(family, "binomial") && strcmp(family, "negative_binomial") != 0)
      y[i] = fmin(y[i], 1);
  }
}

static gradus_fit *fit_with(size_t m, int threads) {
  gsl_matrix_view xv = gsl_matrix_view_array(x, ROWS, COLUMNS);
  gsl_vector_view yv = gsl_vector_view_array(y, ROWS), wv = gsl_vector_view_array(weight, ROWS);
  gsl_vector_view ov = gsl_vector_view_array(offset, ROWS);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.family = models[m].family,
                                .link = models[m].link,
                                .threads = threads,
                                .weight_kind =
                                    models[m].weighted ? GRADUS_WEIGHT_PRIOR : GRADUS_WEIGHT_NONE};
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector,
                                     models[m].weighted ? &wv.vector : NULL,
                                     models[m].with_offset ? &ov.vector : NULL, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  return fit;
}

static bool same_bits(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

static void check_same_bits(const gradus_fit *a, const gradus_fit *b) {
  gradus_summary s, t;
  for (size_t j = 0; j < gradus_fit_coefficients(a); j++) {
    gradus_term one, two;
    gradus_fit_term(a, 0, j, 0, &one, NULL);
    gradus_fit_term(b, 0, j, 0, &two, NULL);
    CU_ASSERT_TRUE(same_bits(one.estimate, two.estimate));
    CU_ASSERT_TRUE(same_bits(one.std_error, two.std_error));
    CU_ASSERT_TRUE(same_bits(one.p_value, two.p_value));
  }
  gradus_fit_summary(a, 0, &s, NULL);
  gradus_fit_summary(b, 0, &t, NULL);
  CU_ASSERT_TRUE(same_bits(s.deviance, t.deviance) && same_bits(s.null_deviance, t.null_deviance));
  CU_ASSERT_TRUE(same_bits(s.log_lik, t.log_lik) && same_bits(s.dispersion, t.dispersion));
  CU_ASSERT_TRUE(same_bits(gradus_fit_theta(a), gradus_fit_theta(b)));
  CU_ASSERT_TRUE(same_bits(gradus_fit_solver(a)->certificate, gradus_fit_solver(b)->certificate));
  CU_ASSERT_EQUAL(gradus_fit_solver(a)->iterations, gradus_fit_solver(b)->iterations);
}

static void any_number_of_threads_gives_the_same_bits(void) {
  static const int threads[] = {2, 8};
  for (size_t m = 0; m < MODELS; m++) {
    make_rows(m);
    gradus_fit *one = fit_with(m, 1);
    for (size_t t = 0; t < 2; t++) {
      gradus_fit *several = fit_with(m, threads[t]);
      check_same_bits(one, several);
      gradus_fit_free(several);
    }
    gradus_fit_free(one);
  }
}

/* ---- streams ---- */

typedef struct stream {
  size_t model, batch_rows; /* no batch has more rows than that */
} stream;

static gradus_status stream_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  (void)cursor, (void)err;
  const stream *s = data;
  size_t rows = first < ROWS ? ROWS - first : 0;
  rows = rows < max_rows ? rows : max_rows;
  batch->rows = rows < s->batch_rows ? rows : s->batch_rows;
  batch->first = first;
  batch->x = x + first * COLUMNS;
  batch->x_stride = COLUMNS;
  batch->y = y + first;
  batch->y_stride = 1;
  batch->weight = models[s->model].weighted ? weight + first : NULL;
  batch->offset = models[s->model].with_offset ? offset + first : NULL;
  return GRADUS_OK;
}

static gradus_i_irls *solve(size_t m, bool random_access, size_t rows, size_t batch_rows,
                            double *theta) {
  const gradus_source_type type = {
      .name = "test stream", .random_access = random_access, .read = stream_read};
  const gradus_source_shape shape = {.rows = rows,
                                     .columns = COLUMNS,
                                     .responses = 1,
                                     .weight_kind = models[m].weighted ? GRADUS_WEIGHT_PRIOR
                                                                       : GRADUS_WEIGHT_NONE,
                                     .has_offset = models[m].with_offset};
  stream s = {.model = m, .batch_rows = batch_rows};
  gradus_source *source = NULL;
  gradus_i_irls *solution = NULL;
  gradus_error err = {0};
  double std_error;
  gradus_i_irls_options options = {.family = gradus_i_family_find(models[m].family),
                                   .link = gradus_i_link_find(models[m].link),
                                   .threads = 2};
  CHECK_STATUS(gradus_source_new(&source, &type, &s, &shape, &err), GRADUS_OK, &err);
  gradus_status status =
      options.family->shape_information
          ? gradus_i_irls_solve_shape(&solution, &std_error, source, &options, &err)
          : gradus_i_irls_solve(&solution, source, &options, &err);
  CHECK_STATUS(status, GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(solution);
  CU_ASSERT_TRUE(solution->converged);
  *theta = options.shape;
  gradus_source_free(source);
  return solution;
}

static void check_same(const gradus_i_irls *a, const gradus_i_irls *b, double tolerance) {
  for (size_t j = 0; j < COLUMNS + 1; j++)
    CHECK_CLOSE(b->estimate[j], a->estimate[j], 10 * tolerance);
  CHECK_CLOSE(b->sums.deviance, a->sums.deviance, tolerance);
  CHECK_CLOSE(b->sums.pearson, a->sums.pearson, tolerance);
  CU_ASSERT_EQUAL(b->sums.rows, ROWS);
}

/* Whole chunks are summed to the same bits; others are summed in another order. */
static void streams_of_any_batches_give_what_memory_gives(void) {
  static const struct {
    size_t rows, batch_rows;
    double tolerance;
  } streams[] = {{ROWS, ROWS, 0}, {ROWS, 777, 1e-13}, {0, 1023, 1e-13}};
  for (size_t m = 0; m < MODELS; m++) {
    double theta, other;
    make_rows(m);
    gradus_i_irls *memory = solve(m, true, ROWS, ROWS, &theta);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
      gradus_i_irls *solution = solve(m, false, streams[i].rows, streams[i].batch_rows, &other);
      check_same(memory, solution, streams[i].tolerance);
      CHECK_CLOSE(other, theta, 10 * streams[i].tolerance);
      gradus_i_irls_free(solution);
    }
    gradus_i_irls_free(memory);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"streams of any batches give what memory gives",
       streams_of_any_batches_give_what_memory_gives},
  };
  return test_main("glm_threads", cases, sizeof cases / sizeof *cases);
}
