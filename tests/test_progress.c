// SPDX-License-Identifier: GPL-3.0-or-later
/* What a progress function sees, whichever way a model is brought to its solution; gradients are
 * formed here, row by row. */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <string.h>

enum { N = 60, P = 2, CLASSES = 3, MOST = 400 };

typedef struct seen {
  size_t calls, stop_at, size, iteration[MOST];
  double loss, gradient_norm, certificate, theta[16];
  double (*norm)(const double *theta); /* NULL: the gradient is not looked at */
} seen;

/* Two inputs and responses of every kind, without any pattern that separates. */
static double input(size_t i, size_t j) {
  return j == 0 ? (double)(i * 7 % 11) / 4 : sin((double)(3 * i + 1)) + 2;
}

static double class_of(size_t i) {
  return (double)(i * 5 % 7 % CLASSES);
}

static double binary(size_t i) {
  return class_of(i) > 0;
}

static double count(size_t i) {
  return (double)(i * i % 13);
}

static double norm_of(const double *gradient, size_t size) {
  double sum = 0;
  for (size_t j = 0; j < size; j++)
    sum += gradient[j] * gradient[j];
  return sqrt(sum);
}

static double logistic_norm(const double *theta) {
  double gradient[P + 1] = {0};
  for (size_t i = 0; i < N; i++) {
    double eta = theta[P] + theta[0] * input(i, 0) + theta[1] * input(i, 1);
    double residual = 1 / (1 + exp(-eta)) - binary(i);
    for (size_t j = 0; j < P; j++)
      gradient[j] += residual * input(i, j) / N;
    gradient[P] += residual / N;
  }
  return norm_of(gradient, P + 1);
}

static double softmax_norm(const double *theta) {
  enum { K = CLASSES - 1 };
  double gradient[K * (P + 1)] = {0};
  for (size_t i = 0; i < N; i++) {
    double e[K], sum = 1;
    for (size_t r = 0; r < K; r++) {
      e[r] = exp(theta[K * P + r] + theta[r * P] * input(i, 0) + theta[r * P + 1] * input(i, 1));
      sum += e[r];
    }
    for (size_t r = 0; r < K; r++) {
      double residual = e[r] / sum - (class_of(i) == (double)(r + 1));
      for (size_t j = 0; j < P; j++)
        gradient[r * P + j] += residual * input(i, j) / N;
      gradient[K * P + r] += residual / N;
    }
  }
  return norm_of(gradient, K * (P + 1));
}

static bool note(void *context, const gradus_progress *progress) {
  seen *s = context;
  if (s->calls < MOST)
    s->iteration[s->calls] = progress->iteration;
  s->loss = progress->loss;
  s->gradient_norm = progress->gradient_norm;
  s->certificate = progress->certificate;
  s->size = progress->size;
  memcpy(s->theta, progress->theta, progress->size * sizeof *s->theta);
  if (s->norm)
    CU_ASSERT(fabs(progress->gradient_norm - s->norm(progress->theta)) < 1e-13);
  return ++s->calls != s->stop_at;
}

static gsl_matrix *inputs(void) {
  gsl_matrix *x = gsl_matrix_alloc(N, P);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < P; j++)
      gsl_matrix_set(x, i, j, input(i, j));
  return x;
}

static gsl_vector *responses(double (*y)(size_t)) {
  gsl_vector *values = gsl_vector_alloc(N);
  for (size_t i = 0; i < N; i++)
    gsl_vector_set(values, i, y(i));
  return values;
}

static void a_closed_form_is_seen_once_at_its_solution(void) {
  static const char *const solvers[] = {NULL, "cholesky", "qr", "svd"};
  gsl_matrix *x = inputs(), *y = gsl_matrix_alloc(N, 2);
  gsl_vector *weights = responses(count);
  for (size_t i = 0; i < N; i++) {
    gsl_matrix_set(y, i, 0, count(i));
    gsl_matrix_set(y, i, 1, 100 * binary(i));
  }
  for (size_t s = 0; s < 4; s++)
    for (int way = 0; way < 4; way++) {
      seen closed = {0}, newton = {0};
      gradus_fit_options options = {.solver = solvers[s],
                                    .l2 = way & 1 ? 0.4 : 0,
                                    .l2_bias = way == 3,
                                    .weight_kind = way & 2 ? GRADUS_WEIGHT_FREQUENCY : 0,
                                    .progress = note,
                                    .progress_context = &closed};
      gradus_fit *fit = NULL, *again = NULL;
      CHECK_STATUS(gradus_linear_fit_matrix(&fit, x, y, way & 2 ? weights : NULL, &options, NULL),
                   GRADUS_OK, NULL);
      options.solver = "newton";
      options.progress_context = &newton;
      gradus_linear_fit_matrix(&again, x, y, way & 2 ? weights : NULL, &options, NULL);
      CU_ASSERT_EQUAL(closed.calls, 1);
      CU_ASSERT_EQUAL(closed.size, 2 * (P + 1));
      CHECK_CLOSE(closed.loss, newton.loss, 1e-13);
      CU_ASSERT_EQUAL(closed.certificate, gradus_fit_solver(fit)->certificate);
      for (size_t j = 0; j < closed.size; j++)
        CHECK_CLOSE(closed.theta[j], newton.theta[j], 1e-11);
      gradus_fit_free(again);
      gradus_fit_free(fit);
    }
  gsl_vector_free(weights);
  gsl_matrix_free(y);
  gsl_matrix_free(x);
}

static void every_solver_tells_the_gradient_s_norm(void) {
  static const char *const solvers[] = {"irls", "newton", "lbfgs", "gradient-descent"};
  gsl_matrix *x = inputs();
  gsl_vector *y = responses(binary), *classes = responses(class_of);
  for (size_t s = 0; s < 4; s++) {
    seen binomial = {.norm = logistic_norm}, multinomial = {.norm = softmax_norm};
    gradus_fit_options options = {.family = "binomial",
                                  .solver = solvers[s],
                                  .progress = note,
                                  .progress_context = &binomial};
    gradus_fit *fit = NULL;
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, x, y, NULL, NULL, &options, NULL), GRADUS_OK, NULL);
    gradus_fit_free(fit);
    CU_ASSERT(binomial.calls > 3 && binomial.gradient_norm < 1e-11);
    if (s == 0)
      continue;
    options = (gradus_fit_options){
        .solver = solvers[s], .progress = note, .progress_context = &multinomial};
    CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, x, classes, NULL, &options, NULL), GRADUS_OK,
                 NULL);
    gradus_fit_free(fit);
    CU_ASSERT(multinomial.calls > 3 && multinomial.gradient_norm < 1e-11);
  }
  gsl_vector_free(classes);
  gsl_vector_free(y);
  gsl_matrix_free(x);
}

/* Firth's method, and the negative binomial whose theta is estimated by rounds of scoring. */
static void rounds_of_scoring_are_seen_one_by_one_and_can_be_ended(void) {
  const gradus_fit_options ways[] = {{.family = "binomial", .firth = true},
                                     {.family = "negative_binomial"}};
  gsl_matrix *x = inputs();
  for (size_t w = 0; w < 2; w++) {
    gsl_vector *y = responses(w == 0 ? binary : count);
    seen all = {0}, two = {.stop_at = 2};
    gradus_fit_options options = ways[w];
    gradus_fit *fit = NULL, *ended = NULL;
    options.progress = note;
    options.progress_context = &all;
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, x, y, NULL, NULL, &options, NULL), GRADUS_OK, NULL);
    CU_ASSERT(all.calls > 3 && all.calls <= gradus_fit_solver(fit)->iterations);
    for (size_t i = 0; i < all.calls; i++)
      CU_ASSERT_EQUAL(all.iteration[i], i + 1);
    CHECK_CLOSE(all.theta[0], gradus_fit_coefficient(fit, 0, 1), 1e-9);
    CHECK_CLOSE(all.theta[P], gradus_fit_coefficient(fit, 0, 0), 1e-9);
    options.progress_context = &two;
    CHECK_STATUS(gradus_glm_fit_matrix(&ended, x, y, NULL, NULL, &options, NULL), GRADUS_OK, NULL);
    CU_ASSERT_EQUAL(two.calls, 2);
    CU_ASSERT_FALSE(gradus_fit_solver(ended)->converged);
    CHECK_CONTAINS(gradus_fit_solver(ended)->stop, "progress function");
    gradus_fit_free(ended);
    gradus_fit_free(fit);
    gsl_vector_free(y);
  }
  gsl_matrix_free(x);
}

/* The same two take a start, and refuse one of another shape. */
static void rounds_of_scoring_take_a_start(void) {
  const gradus_fit_options ways[] = {{.family = "binomial", .firth = true},
                                     {.family = "negative_binomial"}};
  gsl_matrix *x = inputs();
  gsl_matrix_view one = gsl_matrix_submatrix(x, 0, 0, N, 1);
  for (size_t w = 0; w < 2; w++) {
    gsl_vector *y = responses(w == 0 ? binary : count);
    gradus_fit *fit = NULL, *again = NULL, *small = NULL;
    gradus_error err = {0};
    gradus_fit_options options = ways[w];
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, x, y, NULL, NULL, &options, NULL), GRADUS_OK, NULL);
    options.start = gradus_fit_params(fit);
    CHECK_STATUS(gradus_glm_fit_matrix(&again, x, y, NULL, NULL, &options, NULL), GRADUS_OK, NULL);
    CU_ASSERT(gradus_fit_solver(again)->iterations < gradus_fit_solver(fit)->iterations);
    CHECK_CLOSE(gradus_fit_coefficient(again, 0, 1), gradus_fit_coefficient(fit, 0, 1), 1e-10);
    CHECK_STATUS(gradus_glm_fit_matrix(&small, &one.matrix, y, NULL, NULL, &options, &err),
                 GRADUS_ERROR_SHAPE, &err);
    CHECK_CONTAINS(err.message, "the start has 2 weights");
    gradus_fit_free(again);
    gradus_fit_free(fit);
    gsl_vector_free(y);
  }
  gsl_matrix_free(x);
}

static void no_allocation_failure_leaks_or_crashes(void) {
  gsl_matrix *x = inputs();
  gsl_vector *y = responses(binary);
  for (int way = 0; way < 3; way++) {
    for (failing_run run = {0}; NEXT_FAILING(&run);) {
      seen s = {0};
      gradus_fit_options options = {.family = "binomial",
                                    .firth = way == 2,
                                    .threads = 1,
                                    .progress = note,
                                    .progress_context = &s};
      gradus_fit *fit = NULL;
      run.status = way == 0 ? gradus_linear_fit_vector(&fit, x, y, NULL, &options, NULL)
                            : gradus_glm_fit_matrix(&fit, x, y, NULL, NULL, &options, NULL);
      gradus_fit_free(fit);
    }
  }
  gsl_vector_free(y);
  gsl_matrix_free(x);
}

int main(void) {
  static const test_case cases[] = {
      {"a closed form is seen once, at its solution", a_closed_form_is_seen_once_at_its_solution},
      {"every solver tells the gradient's norm", every_solver_tells_the_gradient_s_norm},
      {"rounds of scoring are seen one by one, and can be ended",
       rounds_of_scoring_are_seen_one_by_one_and_can_be_ended},
      {"rounds of scoring take a start", rounds_of_scoring_take_a_start},
      {"no allocation failure leaks or crashes", no_allocation_failure_leaks_or_crashes},
  };
  return test_main("progress", cases, sizeof cases / sizeof *cases);
}
