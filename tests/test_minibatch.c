// SPDX-License-Identifier: GPL-3.0-or-later
/* Mini-batches: rows in any order from every kind of source, and descent on them. */
#include "../lib/model/internal.h"
#include "../lib/solver/descent_rules.h"
#include "support/matrix_problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };

/* ---- rows in any order ---- */

static void check_same(const gradus_batch *got, size_t i, const gradus_batch *all, size_t at,
                       const gradus_source_shape *shape) {
  for (size_t j = 0; j < shape->columns; j++) {
    CU_ASSERT_EQUAL(got->x[i * got->x_stride + j], all->x[at * all->x_stride + j]);
    if (all->x_low)
      CU_ASSERT_EQUAL(got->x_low[i * got->x_stride + j], all->x_low[at * all->x_stride + j]);
  }
  for (size_t r = 0; r < shape->responses; r++)
    CU_ASSERT_EQUAL(got->y[i * got->y_stride + r], all->y[at * all->y_stride + r]);
  CU_ASSERT_EQUAL_FATAL(got->weight != NULL, all->weight != NULL);
  CU_ASSERT_EQUAL_FATAL(got->offset != NULL, all->offset != NULL);
  if (all->weight)
    CU_ASSERT_EQUAL(got->weight[i], all->weight[at]);
  if (all->offset)
    CU_ASSERT_EQUAL(got->offset[i], all->offset[at]);
  CU_ASSERT_EQUAL(got->row[i], all->row ? all->row[at] : at);
}

/* Gathered rows are those that a read of all rows has. */
static void check_gather(const gradus_source *source) {
  enum { SIZE = 7, CALLS = 9 };
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  gradus_cursor *all_rows, *cursor;
  gradus_batch all, got;
  size_t n = shape->rows, positions[2 * SIZE];
  CHECK_STATUS(gradus_cursor_open(&all_rows, source, n, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_read(all_rows, 0, n, &all, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(all.rows, n);
  CHECK_STATUS(gradus_cursor_open(&cursor, source, SIZE, NULL), GRADUS_OK, NULL);
  for (size_t call = 0; call < CALLS; call++) {
    for (size_t i = 0; i < 2 * SIZE; i++)
      positions[i] = (call * 31 + i * i * 17 + (i == 2 ? n - 1 : 0)) % n;
    size_t count = call % 2 ? SIZE : 3;
    CHECK_STATUS(gradus_cursor_gather(cursor, positions, count, SIZE, &got, NULL), GRADUS_OK, NULL);
    CU_ASSERT_EQUAL(got.rows, count);
    for (size_t i = 0; i < count; i++)
      check_same(&got, i, &all, positions[i], shape);
    /* And reading goes on as if nothing had been. */
    CHECK_STATUS(gradus_cursor_read(cursor, call, 1, &got, NULL), GRADUS_OK, NULL);
    CU_ASSERT(got.rows == 1 && got.x[0] == all.x[call * all.x_stride]);
  }
  positions[1] = n;
  CHECK_STATUS(gradus_cursor_gather(cursor, positions, 2, 0, &got, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_cursor_gather(cursor, positions, SIZE + 1, 0, &got, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  gradus_cursor_free(all_rows);
  gradus_cursor_free(cursor);
}

static void matrices_give_rows_in_any_order(void) {
  matrix_problem q;
  matrix_problem_read_design(&q, "Insurance_poisson_offset");
  matrix_problem_finish(&q, "poisson", "log", 0);
  check_gather(q.source);
  matrix_problem_close(&q);
}

/* A frame with missing rows, a factor, a product, weights and an offset; a response of one column
   and one of two, then as trials. */
static void check_frame(const char *text, gradus_weight_kind kind, bool grouped) {
  gradus_frame *frame = NULL;
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL, *derived = NULL, *scaled = NULL;
  gradus_error err = {0};
  gradus_design_options options = {.weights = kind ? "Wind" : NULL, .weight_kind = kind};
  double centre[MOST] = {1, 2, 3}, factor[MOST];
  for (size_t j = 0; j < MOST; j++)
    factor[j] = 0.5 + (double)j;
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@airquality", NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&formula, text, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&design, formula, frame, &options, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, design, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  check_gather(source);
  if (grouped) {
    CHECK_STATUS(gradus_i_group_trials(&derived, source, &err), GRADUS_OK, &err);
    check_gather(derived);
  }
  CHECK_STATUS(gradus_i_scale_source(&scaled, derived ? derived : source, centre, factor, &err),
               GRADUS_OK, &err);
  check_gather(scaled);
  gradus_source_free(scaled);
  gradus_source_free(derived);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(formula);
  gradus_frame_free(frame);
}

static void frames_and_what_is_derived_from_them_too(void) {
  check_frame("Temp ~ Day", GRADUS_WEIGHT_NONE, false);
  check_frame("Temp ~ Day + Month", GRADUS_WEIGHT_ANALYTIC, false);
  check_frame("Temp ~ Solar.R * factor(Month) + poly(Day, 2) + offset(Day)", GRADUS_WEIGHT_ANALYTIC,
              false);
  check_frame("cbind(Day, Month) ~ Ozone + I(Temp^2)", GRADUS_WEIGHT_NONE, true);
}

/* A user's source, which knows no other way than reading, and counts. */
typedef struct counting {
  const matrix_problem *q;
  size_t *reads; /* n */
} counting;

static gradus_status count_and_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                    gradus_batch *batch, gradus_error *err) {
  (void)cursor, (void)err;
  const counting *c = data;
  const matrix_problem *q = c->q;
  size_t left = first < q->n ? q->n - first : 0;
  *batch = (gradus_batch){.rows = left < max_rows ? left : max_rows,
                          .first = first,
                          .x = q->x->data + first * q->x->tda,
                          .x_stride = q->x->tda,
                          .y = q->y->data + first * q->y->tda,
                          .y_stride = q->y->tda};
  for (size_t i = 0; i < batch->rows; i++)
    c->reads[first + i]++;
  return GRADUS_OK;
}

static const gradus_source_type counting_type = {
    .name = "counting", .random_access = true, .read = count_and_read};
static const gradus_source_type stream_type = {.name = "stream", .read = count_and_read};

static gradus_source *make_counting(counting *c, const matrix_problem *q, bool stream) {
  gradus_source *source = NULL;
  gradus_source_shape shape = {
      .rows = stream ? 0 : q->n, .columns = q->p, .responses = q->y->size2};
  *c = (counting){.q = q, .reads = calloc(q->n, sizeof *c->reads)};
  CHECK_STATUS(gradus_source_new(&source, stream ? &stream_type : &counting_type, c, &shape, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  return source;
}

static void streams_cannot_be_gathered_and_say_so(void) {
  matrix_problem q;
  counting c;
  gradus_cursor *cursor;
  gradus_batch batch;
  gradus_error err = {0};
  matrix_problem_make_logistic(&q, 20, 2);
  gradus_source *source = make_counting(&c, &q, false), *stream;
  check_gather(source);
  gradus_source_free(source);
  free(c.reads);
  stream = make_counting(&c, &q, true);
  CHECK_STATUS(gradus_cursor_open(&cursor, stream, 5, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_gather(cursor, (size_t[]){3}, 1, 0, &batch, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "in order only");
  gradus_cursor_free(cursor);
  gradus_source_free(stream);
  free(c.reads);
  matrix_problem_close(&q);
}

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
  matrix_problem q;
  matrix_problem_make_logistic(&q, N, 1);
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
  matrix_problem_close(&q);
}

/* 6! orders of 6 rows, 14400 epochs: each place has each row 2400 times, with deviation 45. */
static void orders_are_uniform(void) {
  enum { N = 6, EPOCHS = 14400 };
  matrix_problem q;
  gradus_i_minibatches m;
  size_t order[N], count[N][N] = {{0}};
  matrix_problem_make_logistic(&q, N, 1);
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
  matrix_problem_close(&q);
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
  matrix_problem q;
  double best[5] = {0}, penalty[] = {0.01, 0.01, 0.01, 0.01, 0};
  matrix_problem_make_logistic(&q, 1000, 4);
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
    gradus_i_outcome outcome = descend(&q.objective, &descent, 120, 3, theta);
    CU_ASSERT_EQUAL(outcome.iterations, 120);
    CHECK_CLOSE(outcome.loss, optimum.loss, 1e-6);
    for (size_t j = 0; j < 5; j++)
      CU_ASSERT(fabs(theta[j] - best[j]) < 1e-3);
  }
  matrix_problem_close(&q);
}

/* θ to the bit. */
static bool same(const double *a, const double *b, size_t n) {
  return memcmp(a, b, n * sizeof *a) == 0;
}

static void seeds_decide_every_bit_and_threads_none(void) {
  matrix_problem q;
  double a[4] = {0}, b[4] = {0}, c[4] = {0}, in_order[4] = {0}, streamed[4] = {0};
  gradus_descent_options descent = {.rule = GRADUS_RULE_ADAM, .batch_size = 50};
  matrix_problem_make_logistic(&q, 5003, 3);
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
  matrix_problem_close(&q);
}

/* Weights count in a batch as repeated rows do; a batch of weight 0 is passed over. */
static void weights_count_and_may_be_zero(void) {
  matrix_problem q, half;
  double a[3] = {0}, b[3] = {0};
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_MOMENTUM, .batch_size = 10, .keep_order = true};
  matrix_problem_make_logistic(&q, 40, 2);
  matrix_problem_open(&half, 20, 2, 1);
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
  matrix_problem_finish(&half, "binomial", "logit", 0);
  descend(&q.objective, &descent, 4, 0, a);
  descend(&half.objective, &descent, 4, 0, b);
  for (size_t j = 0; j < 3; j++)
    CHECK_CLOSE(a[j], b[j], 1e-13);
  matrix_problem_close(&q);
  matrix_problem_close(&half);
}

/* ---- memory ---- */

static void no_allocation_failure_leaks_or_crashes(void) {
  static const gradus_descent_options ways[] = {{.rule = GRADUS_RULE_AUTO},
                                                {.rule = GRADUS_RULE_ADAMW},
                                                {.rule = GRADUS_RULE_ADAM, .batch_size = 8}};
  matrix_problem q;
  counting c;
  matrix_problem_make_logistic(&q, 60, 3);
  const gradus_source *matrix = q.source;
  gradus_source *stream = make_counting(&c, &q, true), *counted = NULL;
  free(c.reads);
  counted = make_counting(&c, &q, false);
  const gradus_source *sources[] = {matrix, stream, counted};
  for (size_t i = 0; i < 3; i++)
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
      gradus_status status = GRADUS_ERROR_OUT_OF_MEMORY;
      q.objective.source = sources[i];
      size_t k = 0;
      for (; status > 0 && k < 400; k++) {
        double theta[4] = {0};
        gradus_i_outcome outcome = {0};
        gradus_i_solver_options options = {.max_iterations = 3, .descent = &ways[w]};
        test_allocations_begin(k);
        status = gradus_i_minimise(&gradus_i_gradient_descent, &q.objective, &options, theta,
                                   &outcome, NULL);
        test_allocations_end();
        CU_ASSERT(status <= 0 || status == GRADUS_ERROR_OUT_OF_MEMORY);
        CU_ASSERT_EQUAL(test_allocations_live(), 0);
      }
      CHECK_STATUS(status, GRADUS_OK, NULL);
      CU_ASSERT(k > 5);
    }
  gradus_source_free(stream);
  gradus_source_free(counted);
  free(c.reads);
  matrix_problem_close(&q);
}

/* The number of allocations does not grow with the number of batches. */
static void nothing_is_allocated_per_batch(void) {
  matrix_problem q;
  size_t asked[2];
  matrix_problem_make_logistic(&q, 3000, 3);
  for (size_t i = 0; i < 2; i++) {
    double theta[4] = {0};
    gradus_descent_options descent = {.rule = GRADUS_RULE_PLAIN, .batch_size = i ? 10 : 1000};
    test_allocations_begin(SIZE_MAX);
    descend(&q.objective, &descent, i ? 9 : 2, 1, theta);
    asked[i] = test_allocations_end();
  }
  CU_ASSERT_EQUAL(asked[0], asked[1]);
  matrix_problem_close(&q);
}

int main(void) {
  static const test_case cases[] = {
      {"matrices give rows in any order", matrices_give_rows_in_any_order},
      {"frames, and what is derived from them, too", frames_and_what_is_derived_from_them_too},
      {"streams cannot be gathered, and say so", streams_cannot_be_gathered_and_say_so},
      {"every row comes once an epoch, in an order of the seed",
       every_row_comes_once_an_epoch_in_an_order_of_the_seed},
      {"orders are uniform", orders_are_uniform},
      {"every rule comes near the optimum", every_rule_comes_near_the_optimum},
      {"seeds decide every bit, and threads none", seeds_decide_every_bit_and_threads_none},
      {"weights count and may be zero", weights_count_and_may_be_zero},
      {"no allocation failure leaks or crashes", no_allocation_failure_leaks_or_crashes},
      {"nothing is allocated per batch", nothing_is_allocated_per_batch},
  };
  return test_main("minibatch", cases, sizeof cases / sizeof *cases);
}
