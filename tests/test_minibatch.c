// SPDX-License-Identifier: GPL-3.0-or-later
/* Mini-batches: epochs and their orders, and descent on them. */
#include "../lib/solver/descent_rules.h"
#include "support/counting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- epochs ---- */

/* The rows of an epoch in their order; checks sizes. */
static void run_epoch(gradus_i_minibatches *m, size_t n, size_t size, size_t *order) {
  gradus_batch batch;
  size_t at = 0;
  gradus_i_minibatches_rewind(m);
  for (;;) {
    CHECK_STATUS(gradus_i_minibatches_next(m, &batch, NULL), GRADUS_OK, NULL);
    if (batch.rows == 0)
      break;
    CU_ASSERT_EQUAL(batch.rows, n - at < size ? n - at : size);
    for (size_t i = 0; i < batch.rows && at < n; i++)
      order[at++] = batch.row ? batch.row[i] : batch.first + i;
  }
  CU_ASSERT_EQUAL(at, n);
}

static size_t count_in_place(const size_t *order, size_t n) {
  size_t same = 0;
  for (size_t i = 0; i < n; i++)
    same += order[i] == i;
  return same;
}

static void check_each_once(const size_t *order, size_t n) {
  bool *seen = calloc(n, sizeof *seen);
  size_t distinct = 0;
  for (size_t i = 0; i < n; i++) {
    CU_ASSERT_FATAL(order[i] < n);
    distinct += !seen[order[i]];
    seen[order[i]] = true;
  }
  CU_ASSERT_EQUAL(distinct, n);
  free(seen);
}

static void check_epochs(const gradus_source *source, size_t n, size_t size) {
  gradus_i_minibatches m, same, other;
  size_t *first = calloc(n, sizeof *first), *second = calloc(n, sizeof *second);
  gradus_descent_options options = {.batch_size = size}, in_order = options;
  in_order.keep_order = true;
  CHECK_STATUS(gradus_i_minibatches_open(&m, source, &options, 5, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_i_minibatches_open(&same, source, &options, 5, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_i_minibatches_open(&other, source, &options, 6, NULL), GRADUS_OK, NULL);
  run_epoch(&m, n, size, first);
  check_each_once(first, n);
  CU_ASSERT(count_in_place(first, n) < n / 10);
  run_epoch(&same, n, size, second);
  CU_ASSERT_EQUAL(memcmp(first, second, n * sizeof *first), 0);
  run_epoch(&other, n, size, second);
  check_each_once(second, n);
  CU_ASSERT_NOT_EQUAL(memcmp(first, second, n * sizeof *first), 0);
  run_epoch(&m, n, size, second); /* the second epoch has an order of its own */
  check_each_once(second, n);
  CU_ASSERT_NOT_EQUAL(memcmp(first, second, n * sizeof *first), 0);
  gradus_i_minibatches_close(&m);
  CHECK_STATUS(gradus_i_minibatches_open(&m, source, &in_order, 5, NULL), GRADUS_OK, NULL);
  for (size_t epoch = 0; epoch < 2; epoch++) {
    run_epoch(&m, n, size, first);
    CU_ASSERT_EQUAL(count_in_place(first, n), n);
  }
  gradus_i_minibatches_close(&m);
  gradus_i_minibatches_close(&same);
  gradus_i_minibatches_close(&other);
  free(first);
  free(second);
}

static void every_row_comes_once_an_epoch_in_an_order_of_the_seed(void) {
  enum { N = 40001, SIZE = 64 };
  model_rows q;
  model_rows_make_logistic(&q, N, 1);
  check_epochs(q.source, N, SIZE);
  for (int stream = 0; stream < 2; stream++) {
    counting c;
    gradus_source *source = make_counting(&c, &q, stream);
    size_t *order = calloc(N, sizeof *order);
    gradus_i_minibatches m;
    check_epochs(source, N, SIZE);
    memset(c.reads, 0, N * sizeof *c.reads);
    CHECK_STATUS(gradus_i_minibatches_open(&m, source,
                                           &(gradus_descent_options){.batch_size = SIZE}, 1, NULL),
                 GRADUS_OK, NULL);
    run_epoch(&m, N, SIZE, order);
    for (size_t i = 0; i < N; i++)
      CU_ASSERT_FATAL(c.reads[i] == 1);
    gradus_i_minibatches_close(&m);
    gradus_source_free(source);
    free(c.reads);
    free(order);
  }
  model_rows_close(&q);
}

/* 6! orders of 6 rows, 14400 epochs: each place has each row 2400 times, with deviation 45. */
static void orders_are_uniform(void) {
  enum { N = 6, EPOCHS = 14400 };
  model_rows q;
  gradus_i_minibatches m;
  size_t order[N], count[N][N] = {{0}};
  model_rows_make_logistic(&q, N, 1);
  CHECK_STATUS(
      gradus_i_minibatches_open(&m, q.source, &(gradus_descent_options){.batch_size = 4}, 1, NULL),
      GRADUS_OK, NULL);
  for (size_t e = 0; e < EPOCHS; e++) {
    run_epoch(&m, N, 4, order);
    for (size_t i = 0; i < N; i++)
      count[i][order[i]]++;
  }
  for (size_t i = 0; i < N; i++)
    for (size_t r = 0; r < N; r++)
      CU_ASSERT(count[i][r] > 2400 - 5 * 45 && count[i][r] < 2400 + 5 * 45);
  gradus_i_minibatches_close(&m);
  model_rows_close(&q);
}

/* ---- descent ---- */

static gradus_i_outcome descend(const gradus_i_objective *objective,
                                const gradus_descent_options *descent, size_t epochs,
                                unsigned long seed, double *theta) {
  gradus_i_outcome outcome = {0};
  gradus_error err = {0};
  gradus_i_solver_options options = {.max_iterations = epochs, .descent = descent, .seed = seed};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, objective, &options, theta, &outcome, &err),
      GRADUS_OK, &err);
  return outcome;
}

static void every_rule_comes_near_the_optimum(void) {
  static const gradus_descent_options rules[] = {
      {.rule = GRADUS_RULE_PLAIN, .learning_rate = 0.5},
      {.rule = GRADUS_RULE_MOMENTUM, .learning_rate = 0.05},
      {.rule = GRADUS_RULE_NESTEROV, .learning_rate = 0.05},
      {.rule = GRADUS_RULE_ADAGRAD, .learning_rate = 0.3},
      {.rule = GRADUS_RULE_RMSPROP, .learning_rate = 0.02},
      {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.02},
      {.rule = GRADUS_RULE_ADAMW, .learning_rate = 0.02},
  };
  model_rows q;
  double best[5] = {0}, penalty[] = {0.01, 0.01, 0.01, 0.01, 0};
  model_rows_make_logistic(&q, 1000, 4);
  q.objective.penalty = penalty;
  gradus_i_outcome optimum = descend(&q.objective, NULL, 0, 0, best);
  CU_ASSERT(optimum.converged);
  for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
    double theta[5] = {0}, start[5] = {0}, gradient[5];
    gradus_i_value value = {.gradient = gradient};
    CHECK_STATUS(gradus_i_objective_evaluate(&q.objective, start, GRADUS_I_GRADIENT, &value, NULL),
                 GRADUS_OK, NULL);
    gradus_descent_options descent = rules[r];
    descent.batch_size = 50;
    descent.schedule = GRADUS_SCHEDULE_COSINE;
    gradus_i_outcome one = descend(&q.objective, &descent, 1, 3, start);
    CU_ASSERT(one.loss < value.loss);
    gradus_i_outcome outcome = descend(&q.objective, &descent, 400, 3, theta);
    CU_ASSERT_EQUAL(outcome.iterations, 400);
    CHECK_CLOSE(outcome.loss, optimum.loss, 1e-6);
    for (size_t j = 0; j < 5; j++)
      CU_ASSERT(fabs(theta[j] - best[j]) < 1e-3);
  }
  model_rows_close(&q);
}

/* θ to the bit. */
static bool same(const double *a, const double *b, size_t n) {
  return memcmp(a, b, n * sizeof *a) == 0;
}

static void seeds_decide_every_bit_and_threads_none(void) {
  model_rows q;
  double a[4] = {0}, b[4] = {0}, c[4] = {0}, in_order[4] = {0}, streamed[4] = {0};
  gradus_descent_options descent = {.rule = GRADUS_RULE_ADAM, .batch_size = 50};
  model_rows_make_logistic(&q, 5003, 3);
  descend(&q.objective, &descent, 3, 11, a);
  q.objective.threads = 4;
  descend(&q.objective, &descent, 3, 11, b);
  descend(&q.objective, &descent, 3, 12, c);
  CU_ASSERT(same(a, b, 4));
  CU_ASSERT(!same(a, c, 4));
  descent.keep_order = true;
  descend(&q.objective, &descent, 3, 11, in_order);
  CU_ASSERT(!same(a, in_order, 4));
  counting counts;
  gradus_source *stream = make_counting(&counts, &q, true);
  q.objective.source = stream;
  descend(&q.objective, &descent, 3, 99, streamed);
  CU_ASSERT(same(in_order, streamed, 4));
  gradus_source_free(stream);
  free(counts.reads);
  model_rows_close(&q);
}

/* Weights count in a batch as repeated rows do; a batch of weight 0 is passed over. */
static void weights_count_and_may_be_zero(void) {
  model_rows q, half;
  double a[3] = {0}, b[3] = {0};
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_MOMENTUM, .batch_size = 10, .keep_order = true};
  model_rows_make_logistic(&q, 40, 2);
  model_rows_open(&half, 20, 2, 1);
  for (size_t i = 0; i < 40; i++) {
    size_t batch = i / 10;
    gsl_vector_set(q.weight, i, batch % 2 ? 0 : 3);
    if (batch % 2)
      continue;
    size_t at = batch / 2 * 10 + i % 10;
    gsl_matrix_set(half.y, at, 0, gsl_matrix_get(q.y, i, 0));
    for (size_t j = 0; j < 2; j++)
      gsl_matrix_set(half.x, at, j, gsl_matrix_get(q.x, i, j));
  }
  model_rows_finish(&half, "binomial", "logit", 0);
  descend(&q.objective, &descent, 4, 0, a);
  descend(&half.objective, &descent, 4, 0, b);
  for (size_t j = 0; j < 3; j++)
    CHECK_CLOSE(a[j], b[j], 1e-13);
  model_rows_close(&q);
  model_rows_close(&half);
}

/* ---- models ---- */

/* From a frame by formula, columns standardised on the way: R's estimates, nearly. */
static void a_formula_is_fitted_by_mini_batches(void) {
  static const char *const names[] = {"(Intercept)", "wt", "hp"};
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  double estimate[3][3];
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@mtcars", NULL, &err), GRADUS_OK, &err);
  gradus_fit_options options = {.solver = "gradient-descent",
                                .max_iterations = 3000,
                                .descent = {.rule = GRADUS_RULE_MOMENTUM,
                                            .learning_rate = 0.1,
                                            .schedule = GRADUS_SCHEDULE_COSINE,
                                            .batch_size = 8}};
  for (size_t i = 0; i < 3; i++) {
    gradus_fit *fit = NULL;
    options.seed = i < 2 ? 4 : 5;
    options.threads = i < 1 ? 1 : 3;
    CHECK_STATUS(gradus_linear_fit(&fit, "mpg ~ wt + hp", frame, &options, &err), GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    for (size_t j = 0; j < 3; j++) {
      estimate[i][j] = gradus_fit_coefficient(fit, 0, j);
      CU_ASSERT_STRING_EQUAL(gradus_fit_coefficient_name(fit, j), names[j]);
    }
    gradus_fit_free(fit);
  }
  CU_ASSERT(same(estimate[0], estimate[1], 3));
  CU_ASSERT(!same(estimate[0], estimate[2], 3));
  /* R 4.2.2: coef(lm(mpg ~ wt + hp, mtcars)) */
  CHECK_CLOSE(estimate[0][0], 37.227270116447193971, 1e-4);
  CHECK_CLOSE(estimate[0][1], -3.877830742404680731, 1e-4);
  CHECK_CLOSE(estimate[0][2], -0.031772946982160988, 1e-3);
  gradus_frame_free(frame);
}

/* ---- memory ---- */

static void no_allocation_failure_leaks_or_crashes(void) {
  static const gradus_descent_options ways[] = {{.rule = GRADUS_RULE_AUTO},
                                                {.rule = GRADUS_RULE_ADAMW},
                                                {.rule = GRADUS_RULE_ADAM, .batch_size = 8}};
  model_rows q;
  counting c;
  model_rows_make_logistic(&q, 60, 3);
  const gradus_source *matrix = q.source;
  gradus_source *stream = make_counting(&c, &q, true), *counted = NULL;
  free(c.reads);
  counted = make_counting(&c, &q, false);
  const gradus_source *sources[] = {matrix, stream, counted};
  for (size_t i = 0; i < 3; i++)
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
      q.objective.source = sources[i];
      failing_run run = {0};
      while (NEXT_FAILING(&run)) {
        double theta[4] = {0};
        gradus_i_outcome outcome = {0};
        gradus_i_solver_options options = {.max_iterations = 3, .descent = &ways[w]};
        run.status = gradus_i_minimise(&gradus_i_gradient_descent, &q.objective, &options, theta,
                                       &outcome, NULL);
      }
      CU_ASSERT(run.at > 5);
    }
  gradus_source_free(stream);
  gradus_source_free(counted);
  free(c.reads);
  model_rows_close(&q);
}

/* The number of allocations does not grow with the number of batches. */
static void nothing_is_allocated_per_batch(void) {
  model_rows q;
  size_t asked[2];
  model_rows_make_logistic(&q, 3000, 3);
  for (size_t i = 0; i < 2; i++) {
    double theta[4] = {0};
    gradus_descent_options descent = {.rule = GRADUS_RULE_PLAIN, .batch_size = i ? 10 : 1000};
    test_allocations_begin(SIZE_MAX);
    descend(&q.objective, &descent, i ? 9 : 2, 1, theta);
    asked[i] = test_allocations_end();
  }
  CU_ASSERT_EQUAL(asked[0], asked[1]);
  model_rows_close(&q);
}

int main(void) {
  static const test_case cases[] = {
      {"every row comes once an epoch, in an order of the seed",
       every_row_comes_once_an_epoch_in_an_order_of_the_seed},
      {"orders are uniform", orders_are_uniform},
      {"every rule comes near the optimum", every_rule_comes_near_the_optimum},
      {"seeds decide every bit, and threads none", seeds_decide_every_bit_and_threads_none},
      {"weights count and may be zero", weights_count_and_may_be_zero},
      {"a formula is fitted by mini-batches", a_formula_is_fitted_by_mini_batches},
      {"no allocation failure leaks or crashes", no_allocation_failure_leaks_or_crashes},
      {"nothing is allocated per batch", nothing_is_allocated_per_batch},
  };
  return test_main("minibatch", cases, sizeof cases / sizeof *cases);
}
