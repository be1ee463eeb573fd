// SPDX-License-Identifier: GPL-3.0-or-later
/* Least squares by all its ways: the same numbers whatever the way, the same bits whatever the
 * number of threads. */
#include "../lib/model/internal.h"
#include "../lib/solver/internal.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A problem in memory; columns j > 0 lean on column 0 by `lean`, and all lie `level` from zero. */
typedef struct problem {
  size_t n, p, k;
  gsl_matrix *x, *y;
  gsl_vector *w;
} problem;

static problem make_problem(size_t n, size_t p, size_t k, double lean, double level) {
  problem q = {n, p, k, gsl_matrix_alloc(n, p), gsl_matrix_alloc(n, k), gsl_vector_alloc(n)};
  uint64_t state = 42;
  for (size_t i = 0; i < n; i++) {
    double common = test_signed(&state);
    gsl_vector_set(q.w, i, i % 7 == 0 ? 0 : 1 + floor(2 + 2 * test_signed(&state)));
    for (size_t j = 0; j < p; j++)
      gsl_matrix_set(q.x, i, j, level + (j == 0 ? common : lean * common + test_signed(&state)));
    for (size_t r = 0; r < k; r++) {
      double sum = 1 + (double)r + test_signed(&state);
      for (size_t j = 0; j < p; j++)
        sum += gsl_matrix_get(q.x, i, j) * (double)(j + 1 + r) / (double)p;
      gsl_matrix_set(q.y, i, r, sum);
    }
  }
  return q;
}

static void free_problem(problem *q) {
  gsl_matrix_free(q->x);
  gsl_matrix_free(q->y);
  gsl_vector_free(q->w);
}

static gradus_fit *fit_problem(const problem *q, const gradus_fit_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  const gsl_vector *weights = options->weight_kind ? q->w : NULL;
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q->x, q->y, weights, options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

/* Estimates to a standard error's share, errors and sums of squares relative. */
static void check_same(const gradus_fit *a, const gradus_fit *b, double tolerance) {
  for (size_t r = 0; r < gradus_fit_responses(a); r++) {
    gradus_summary s, t;
    gradus_fit_summary(a, r, &s, NULL);
    gradus_fit_summary(b, r, &t, NULL);
    CHECK_CLOSE(s.sigma, t.sigma, tolerance);
    CHECK_CLOSE(s.r_squared, t.r_squared, tolerance);
    CHECK_CLOSE(s.statistic, t.statistic, tolerance);
    CHECK_CLOSE(s.log_lik, t.log_lik, tolerance);
    CHECK_CLOSE(s.df_residual, t.df_residual, tolerance);
    for (size_t i = 0; i < 5; i++)
      CHECK_CLOSE(s.residual_quantile[i] + 10 * s.sigma, t.residual_quantile[i] + 10 * s.sigma,
                  tolerance);
    for (size_t j = 0; j < gradus_fit_coefficients(a); j++) {
      gradus_term u, v;
      gradus_fit_term(a, r, j, 0, &u, NULL);
      gradus_fit_term(b, r, j, 0, &v, NULL);
      CHECK_CLOSE(u.estimate + 1e3 * u.std_error, v.estimate + 1e3 * u.std_error, tolerance);
      CHECK_CLOSE(u.std_error, v.std_error, tolerance);
    }
  }
}

/* Small and tall, plain and weighted, one response and several, easy and hard. */
static const struct {
  size_t n, p, k;
  double lean, level;
  gradus_weight_kind kind;
  const char *expected; /* what auto must choose */
} shapes[] = {
    {50, 3, 1, 0, 0, GRADUS_WEIGHT_NONE, "qr"},
    {200, 5, 2, 0.5, 10, GRADUS_WEIGHT_ANALYTIC, "qr"},
    {30000, 8, 1, 0.5, 3, GRADUS_WEIGHT_NONE, "cholesky"},
    {30000, 8, 2, 0.5, 3, GRADUS_WEIGHT_ANALYTIC, "cholesky"},
    {30000, 8, 1, 0.5, 3, GRADUS_WEIGHT_FREQUENCY, "cholesky"},
    {30000, 8, 1, 300, 3, GRADUS_WEIGHT_NONE, "qr"},
    {30000, 8, 1, 0.5, 1e7, GRADUS_WEIGHT_NONE, "qr"},
    {900, 60, 1, 0.2, 1, GRADUS_WEIGHT_NONE, "cholesky"},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void every_solver_gives_the_same_numbers(void) {
  static const char *const solvers[] = {"qr", "cholesky", "svd"};
  for (size_t i = 0; i < SHAPES; i++) {
    problem q =
        make_problem(shapes[i].n, shapes[i].p, shapes[i].k, shapes[i].lean, shapes[i].level);
    gradus_fit_options options = {.weight_kind = shapes[i].kind};
    gradus_fit *reference = fit_problem(&q, &options);
    CU_ASSERT_STRING_EQUAL(gradus_fit_solver(reference)->name, shapes[i].expected);
    CU_ASSERT(gradus_fit_solver(reference)->certificate < 1e-9);
    for (size_t s = 0; s < 3; s++) {
      options.solver = solvers[s];
      gradus_fit *fit = fit_problem(&q, &options);
      /* Beyond a condition number of 1e3 a factor in double keeps fewer digits of the standard
       * errors. */
      check_same(reference, fit, shapes[i].lean > 10 || shapes[i].level > 1e6 ? 1e-8 : 1e-11);
      gradus_fit_free(fit);
    }
    gradus_fit_free(reference);
    free_problem(&q);
  }
}

static void threads_do_not_change_a_bit(void) {
  for (size_t i = 0; i < SHAPES; i++) {
    problem q =
        make_problem(shapes[i].n, shapes[i].p, shapes[i].k, shapes[i].lean, shapes[i].level);
    gradus_fit_options options = {.weight_kind = shapes[i].kind, .threads = 1};
    gradus_fit *one = fit_problem(&q, &options);
    size_t size = gradus_params_size(gradus_fit_params(one)) * sizeof(double);
    for (int threads = 2; threads <= 8; threads *= 2) {
      options.threads = threads;
      gradus_fit *fit = fit_problem(&q, &options);
      CU_ASSERT(memcmp(gradus_params_const_values(gradus_fit_params(one)),
                       gradus_params_const_values(gradus_fit_params(fit)), size) == 0);
      gradus_term a, b;
      for (size_t j = 0; j < gradus_fit_coefficients(one); j++) {
        gradus_fit_term(one, 0, j, 0, &a, NULL);
        gradus_fit_term(fit, 0, j, 0, &b, NULL);
        CU_ASSERT_EQUAL(a.std_error, b.std_error);
      }
      gradus_fit_free(fit);
    }
    gradus_fit_free(one);
    free_problem(&q);
  }
}

/* The rows of a matrix, handed out a few at a time, their number unknown. */
static gradus_status stream_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  (void)cursor;
  (void)err;
  const problem *q = data;
  size_t left = first < q->n ? q->n - first : 0;
  *batch = (gradus_batch){.rows = left < max_rows ? left : max_rows,
                          .first = first,
                          .x = q->x->data + first * q->x->tda,
                          .x_stride = q->x->tda,
                          .y = q->y->data + first * q->y->tda,
                          .y_stride = q->y->tda};
  return GRADUS_OK;
}

static void a_stream_gives_the_numbers_of_the_matrix(void) {
  static const gradus_source_type type = {.name = "stream", .read = stream_read};
  for (size_t i = 0; i < SHAPES; i++) {
    if (shapes[i].kind != GRADUS_WEIGHT_NONE)
      continue;
    problem q =
        make_problem(shapes[i].n, shapes[i].p, shapes[i].k, shapes[i].lean, shapes[i].level);
    gradus_fit *reference = fit_problem(&q, &(gradus_fit_options){0}), *fit = NULL;
    gradus_source *source = NULL;
    gradus_source_shape shape = {.columns = q.p, .responses = q.k};
    gradus_error err = {0};
    CHECK_STATUS(gradus_source_new(&source, &type, &q, &shape, &err), GRADUS_OK, &err);
    CHECK_STATUS(gradus_linear_fit_source(&fit, source, NULL, &err), GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    gradus_term a, b;
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      gradus_fit_term(reference, 0, j, 0, &a, NULL);
      gradus_fit_term(fit, 0, j, 0, &b, NULL);
      CHECK_CLOSE(a.estimate + 1e3 * a.std_error, b.estimate + 1e3 * a.std_error, 1e-11);
      CHECK_CLOSE(a.std_error, b.std_error, shapes[i].lean > 10 ? 1e-9 : 1e-11);
    }
    gradus_fit_free(reference);
    gradus_fit_free(fit);
    gradus_source_free(source);
    free_problem(&q);
  }
}

static void frequency_weights_are_repeated_rows(void) {
  problem q = make_problem(40, 2, 1, 0.3, 1);
  size_t total = 0, at = 0;
  for (size_t i = 0; i < q.n; i++)
    total += (size_t)gsl_vector_get(q.w, i);
  problem repeated = make_problem(total, 2, 1, 0, 0);
  for (size_t i = 0; i < q.n; i++)
    for (size_t copy = 0; copy < (size_t)gsl_vector_get(q.w, i); copy++, at++) {
      for (size_t j = 0; j < 2; j++)
        gsl_matrix_set(repeated.x, at, j, gsl_matrix_get(q.x, i, j));
      gsl_matrix_set(repeated.y, at, 0, gsl_matrix_get(q.y, i, 0));
    }
  gradus_fit *weighted =
      fit_problem(&q, &(gradus_fit_options){.weight_kind = GRADUS_WEIGHT_FREQUENCY});
  gradus_fit *plain = fit_problem(&repeated, &(gradus_fit_options){0});
  gradus_summary s, t;
  gradus_fit_summary(weighted, 0, &s, NULL);
  gradus_fit_summary(plain, 0, &t, NULL);
  CHECK_CLOSE(s.nobs, t.nobs, 0);
  CHECK_CLOSE(s.sigma, t.sigma, 1e-14);
  CHECK_CLOSE(s.log_lik, t.log_lik, 1e-14);
  CHECK_CLOSE(s.bic, t.bic, 1e-14);
  CHECK_CLOSE(s.statistic, t.statistic, 1e-13);
  for (size_t j = 0; j < 3; j++) {
    gradus_term a, b;
    gradus_fit_term(weighted, 0, j, 0, &a, NULL);
    gradus_fit_term(plain, 0, j, 0, &b, NULL);
    CHECK_CLOSE(a.estimate, b.estimate, 1e-14);
    CHECK_CLOSE(a.p_value, b.p_value, 1e-12);
  }
  gradus_fit_free(weighted);
  gradus_fit_free(plain);
  free_problem(&q);
  free_problem(&repeated);
}

static void several_responses_are_their_single_fits(void) {
  problem q = make_problem(60, 4, 3, 0.3, 2);
  gradus_fit *all = fit_problem(&q, &(gradus_fit_options){0});
  gsl_matrix_view weight;
  gradus_params *params = NULL;
  CHECK_STATUS(gradus_params_copy(&params, gradus_fit_params(all), NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_params_weight(params, "output.weight", &weight, NULL), GRADUS_OK, NULL);
  CU_ASSERT(weight.matrix.size1 == 3 && weight.matrix.size2 == 4);
  for (size_t r = 0; r < 3; r++) {
    gsl_vector_view y = gsl_matrix_column(q.y, r);
    gradus_fit *one = NULL;
    CHECK_STATUS(gradus_linear_fit_vector(&one, q.x, &y.vector, NULL, NULL, NULL), GRADUS_OK, NULL);
    for (size_t j = 0; j < 5; j++) {
      gradus_term a, b;
      gradus_fit_term(all, r, j, 0, &a, NULL);
      gradus_fit_term(one, 0, j, 0, &b, NULL);
      CHECK_CLOSE(a.estimate, b.estimate, 1e-14);
      CHECK_CLOSE(a.std_error, b.std_error, 1e-14);
      if (j > 0)
        CU_ASSERT_EQUAL(gsl_matrix_get(&weight.matrix, r, j - 1), a.estimate);
    }
    gradus_fit_free(one);
  }
  gradus_params_free(params);
  gradus_fit_free(all);
  free_problem(&q);
}

/* x2 = x1: of all solutions the shortest shares the weight equally. */
static void svd_gives_the_shortest_solution(void) {
  double x[] = {1, 1, 2, 2, 3, 3, 5, 5}, y[] = {3, 5, 7, 11};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 4, 2), wide = gsl_matrix_view_array(x, 2, 4);
  gsl_vector_view yv = gsl_vector_view_array(y, 4), two = gsl_vector_view_array(y, 2);
  gradus_fit *fit = NULL;
  gradus_term term;
  gradus_fit_options svd = {.solver = "svd"};
  CHECK_STATUS(gradus_linear_fit_vector(&fit, &xv.matrix, &yv.vector, NULL, &svd, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 0), 1, 1e-14);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 1), 1, 1e-14);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 2), 1, 1e-14);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  gradus_fit_free(fit);
  /* Two rows (1 1 2 2) and (3 3 5 5), no intercept, right side 3 and 5: weights (0.5 0.5 ... ) by
     hand: the rows span a = w1 = w2, b = w3 = w4 with 2a + 4b = 3, 6a + 10b = 5. */
  svd.no_intercept = true;
  CHECK_STATUS(gradus_linear_fit_vector(&fit, &wide.matrix, &two.vector, NULL, &svd, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 0), -2.5, 1e-12);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 1), -2.5, 1e-12);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 2), 2, 1e-12);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 3), 2, 1e-12);
  gradus_fit_free(fit);
}

static void ridge_is_the_same_by_every_way_and_takes_fewer_rows_than_columns(void) {
  problem q = make_problem(30000, 8, 1, 0.5, 3), few = make_problem(4, 6, 1, 0.5, 3);
  gradus_fit_options options = {.l2 = 0.3};
  gradus_fit *reference = fit_problem(&q, &options), *fit;
  CU_ASSERT_STRING_EQUAL(gradus_fit_solver(reference)->name, "cholesky");
  options.solver = "qr";
  fit = fit_problem(&q, &options);
  for (size_t j = 0; j < 9; j++)
    CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), gradus_fit_coefficient(reference, 0, j), 1e-12);
  gradus_fit_free(fit);
  options.solver = NULL;
  fit = fit_problem(&few, &options);
  /* The gradient of mean((y-b-Wx)²)/2 + λ/2‖W‖² is zero at the estimate. */
  double mean_gradient[7] = {0};
  for (size_t i = 0; i < 4; i++) {
    double r = gsl_matrix_get(few.y, i, 0) - gradus_fit_coefficient(fit, 0, 0);
    for (size_t j = 0; j < 6; j++)
      r -= gsl_matrix_get(few.x, i, j) * gradus_fit_coefficient(fit, 0, j + 1);
    mean_gradient[0] += r / 4;
    for (size_t j = 0; j < 6; j++)
      mean_gradient[j + 1] += r * gsl_matrix_get(few.x, i, j) / 4;
  }
  CHECK_CLOSE(mean_gradient[0], 0, 1e-14);
  for (size_t j = 1; j < 7; j++)
    CHECK_CLOSE(mean_gradient[j], 0.3 * gradus_fit_coefficient(fit, 0, j), 1e-11);
  gradus_fit_free(fit);
  gradus_fit_free(reference);
  free_problem(&q);
  free_problem(&few);
}

static void bad_arguments_are_named(void) {
  problem q = make_problem(20, 2, 1, 0, 0);
  gsl_matrix *short_y = gsl_matrix_calloc(19, 1);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, short_y, NULL, NULL, &err), GRADUS_ERROR_SHAPE,
               &err);
  CHECK_CONTAINS(err.message, "20×2");
  CHECK_CONTAINS(err.message, "19×1");
  err = (gradus_error){0};
  gradus_fit_options options = {.solver = "magic"};
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, NULL, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "magic");
  options = (gradus_fit_options){.l2 = -1};
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, NULL, &options, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, q.w, NULL, &err), GRADUS_ERROR_BAD_WEIGHT,
               &err);
  CHECK_CONTAINS(err.message, "frequency");
  options = (gradus_fit_options){.weight_kind = GRADUS_WEIGHT_ANALYTIC};
  gsl_vector_set(q.w, 11, -1);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, q.w, &options, &err),
               GRADUS_ERROR_BAD_WEIGHT, &err);
  CHECK_CONTAINS(err.message, "row 12");
  CU_ASSERT_PTR_NULL(fit);
  gsl_matrix_free(short_y);
  free_problem(&q);
}

/* In every way of solving: small, by Gram matrix, by rows. */
static void values_that_are_not_finite_are_found(void) {
  static const struct {
    size_t n, p;
    const char *solver;
  } ways[] = {
      {20, 2, NULL}, {30000, 8, NULL}, {30000, 8, "qr"}, {20, 2, "svd"}, {20, 2, "cholesky"}};
  static const double bad[] = {INFINITY, NAN};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    for (size_t b = 0; b < 2; b++) {
      problem q = make_problem(ways[i].n, ways[i].p, 1, 0, 0);
      gradus_fit *fit = NULL;
      gradus_error err = {0};
      gradus_fit_options options = {.solver = ways[i].solver};
      gsl_matrix_set(q.x, 16, 1, bad[b]);
      CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, NULL, &options, &err),
                   GRADUS_ERROR_NON_FINITE, &err);
      CHECK_CONTAINS(err.message, "row 17, input column 2");
      gsl_matrix_set(q.x, 16, 1, 0);
      gsl_matrix_set(q.y, 3, 0, bad[b]);
      err = (gradus_error){0};
      CHECK_STATUS(gradus_linear_fit_matrix(&fit, q.x, q.y, NULL, &options, &err),
                   GRADUS_ERROR_NON_FINITE, &err);
      CHECK_CONTAINS(err.message, "row 4, response column 1");
      free_problem(&q);
    }
}

static void degenerate_shapes_work(void) {
  problem q = make_problem(5, 1, 1, 0, 0);
  gradus_fit *fit = NULL;
  gradus_summary s;
  gradus_frame *frame = NULL;
  CHECK_STATUS(gradus_frame_new(&frame, 5, NULL), GRADUS_OK, NULL);
  gradus_frame_add_numeric(frame, "y", q.y->data, 1, NULL);
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ 1", frame, NULL, NULL), GRADUS_OK, NULL);
  gradus_fit_summary(fit, 0, &s, NULL);
  double mean = 0;
  for (size_t i = 0; i < 5; i++)
    mean += gsl_matrix_get(q.y, i, 0) / 5;
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 0), mean, 1e-15);
  CU_ASSERT(s.df == 0 && s.df_residual == 4 && s.r_squared == 0 && isnan(s.statistic));
  gradus_fit_free(fit);
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ 0", frame, NULL, NULL), GRADUS_OK, NULL);
  gradus_fit_summary(fit, 0, &s, NULL);
  CU_ASSERT(s.rank == 0 && s.df_residual == 5 && gradus_fit_coefficients(fit) == 0);
  gradus_fit_free(fit);
  gsl_matrix_view two = gsl_matrix_submatrix(q.x, 0, 0, 2, 1);
  gsl_matrix_view two_y = gsl_matrix_submatrix(q.y, 0, 0, 2, 1);
  CHECK_STATUS(gradus_linear_fit_matrix(&fit, &two.matrix, &two_y.matrix, NULL, NULL, NULL),
               GRADUS_WARNING_NO_RESIDUAL_DF, NULL);
  gradus_term term;
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT(isfinite(term.estimate) && isnan(term.std_error) && isnan(term.p_value));
  gradus_fit_free(fit);
  gradus_frame_free(frame);
  free_problem(&q);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Against the sorted values, by R's definition (type 7). */
static void check_quantiles(double *values, size_t n) {
  double *sorted = malloc(n * sizeof *sorted), quantile[5];
  memcpy(sorted, values, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, ascending);
  gradus_i_quantiles(values, n, quantile);
  for (size_t i = 0; i < 5; i++) {
    double position = 0.25 * (double)i * (double)(n - 1), share = position - floor(position);
    size_t k = (size_t)position;
    double next = sorted[k + 1 < n ? k + 1 : k];
    CU_ASSERT_EQUAL(quantile[i], share == 0 ? sorted[k] : sorted[k] + share * (next - sorted[k]));
  }
  free(sorted);
}

static void quantiles_are_those_of_the_sorted_values(void) {
  static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 101, 40000, 40001, 40002, 40003, 99999};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int kind = 0; kind < 4; kind++) {
      double *values = malloc(sizes[s] * sizeof *values);
      uint64_t state = 3;
      for (size_t i = 0; i < sizes[s]; i++)
        values[i] = kind == 0   ? test_signed(&state)            /* spread */
                    : kind == 1 ? (double)i                      /* sorted */
                    : kind == 2 ? floor(3 * test_signed(&state)) /* ties */
                                : (double)(i % 9); /* a pattern that a sample may not see */
      check_quantiles(values, sizes[s]);
      free(values);
    }
}

/* Three rows, four parameters, of which one input and its double say the same: R fits these too. */
static void fewer_rows_than_parameters_will_do_where_columns_are_dropped(void) {
  double x[] = {1, 2, -1, 2, 4, -2, 4, 8, -4}, y[] = {1, 3, 4};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 3, 3);
  gsl_vector_view yv = gsl_vector_view_array(y, 3);
  gradus_fit *fit = NULL;
  gradus_summary summary;
  CHECK_STATUS(gradus_linear_fit_vector(&fit, &xv.matrix, &yv.vector, NULL, NULL, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_fit_summary(fit, 0, &summary, NULL);
  CU_ASSERT(summary.rank == 2 && summary.df_residual == 1);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 1), 13.0 / 14, 1e-14);
  CU_ASSERT_STRING_EQUAL(gradus_fit_alias(fit, 2), "x2 = 2*x1");
  CU_ASSERT_STRING_EQUAL(gradus_fit_alias(fit, 3), "x3 = -x1");
  gradus_fit_free(fit);
}

static void no_allocation_failure_leaks_or_crashes(void) {
  static const struct {
    size_t n, p;
    const char *solver;
  } ways[] = {
      {30, 3, NULL}, {30, 3, "cholesky"}, {30, 3, "svd"}, {30000, 8, "qr"}, {30000, 8, NULL}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    problem q = make_problem(ways[i].n, ways[i].p, 1, 0.5, 1);
    for (failing_run run = {0}; NEXT_FAILING(&run);) {
      gradus_fit *fit = NULL;
      gradus_fit_options options = {.solver = ways[i].solver, .threads = 1};
      run.status = gradus_linear_fit_matrix(&fit, q.x, q.y, NULL, &options, NULL);
      if (run.status > 0)
        CU_ASSERT_PTR_NULL(fit);
      gradus_fit_free(fit);
    }
    free_problem(&q);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"every solver gives the same numbers", every_solver_gives_the_same_numbers},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"a stream gives the numbers of the matrix", a_stream_gives_the_numbers_of_the_matrix},
      {"frequency weights are repeated rows", frequency_weights_are_repeated_rows},
      {"several responses are their single fits", several_responses_are_their_single_fits},
      {"svd gives the shortest solution", svd_gives_the_shortest_solution},
      {"ridge is the same by every way, and takes fewer rows than columns",
       ridge_is_the_same_by_every_way_and_takes_fewer_rows_than_columns},
      {"bad arguments are named", bad_arguments_are_named},
      {"values that are not finite are found", values_that_are_not_finite_are_found},
      {"degenerate shapes work", degenerate_shapes_work},
      {"quantiles are those of the sorted values", quantiles_are_those_of_the_sorted_values},
      {"fewer rows than parameters will do where columns are dropped",
       fewer_rows_than_parameters_will_do_where_columns_are_dropped},
      {"no allocation failure leaks or crashes", no_allocation_failure_leaks_or_crashes},
  };
  return test_main("linear", cases, sizeof cases / sizeof *cases);
}
