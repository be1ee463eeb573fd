// SPDX-License-Identifier: GPL-3.0-or-later
/* L-BFGS on many classes: what a sample of the rows tells it saves steps and changes no result. */
#include "../lib/model/iterate.h"
#include "support/counting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6000, P = 8, K = 4, DIM = (K - 1) * (P + 1) };

static void fill_row(uint64_t *state, double *x) {
  double common = test_uniform(state) - 0.5;
  for (size_t j = 0; j < P; j++) /* columns that nearly are one, each in units of its own */
    x[j] = pow(10, (double)j - 3) * (5 + common + 0.05 * test_uniform(state));
  x[P - 1] = 2 * x[2] - 1;           /* tells nothing new */
  x[5] = test_uniform(state) < 0.01; /* and one that hardly ever is */
}

static double class_of(uint64_t *state, const double *x) {
  double best = -HUGE_VAL, class = 0;
  for (size_t c = 0; c < K; c++) {
    double eta = -log(-log(test_uniform(state))) + (c == 1 ? -2.0 : 0);
    for (size_t j = 0; j < P - 1; j++)
      eta += sin((double)(1 + j + 7 * c)) *
             (j == 5 ? 0.3 * x[j] : x[j] / pow(10, (double)j - 3) - 5.5);
    class = eta > best ? (double)c : class;
    best = fmax(eta, best);
  }
  return class;
}

/* Rows in the order of their classes. */
static void open_rows(model_rows *q) {
  uint64_t state = 3;
  size_t next = 0;
  double *x = malloc(sizeof(double) * N * (P + 1));
  model_rows_open(q, N, P, 1);
  for (size_t i = 0; i < N; i++) {
    fill_row(&state, x + i * (P + 1));
    x[i * (P + 1) + P] = class_of(&state, x + i * (P + 1));
  }
  for (size_t c = 0; c < K; c++)
    for (size_t i = 0; i < N; i++)
      if (x[i * (P + 1) + P] == (double)c) {
        memcpy(q->x->data + next * q->x->tda, x + i * (P + 1), P * sizeof *x);
        gsl_matrix_set(q->y, next++, 0, (double)c);
      }
  free(x);
}

typedef struct answer {
  double theta[DIM];
  gradus_solver_report report;
} answer;

static answer iterate(const gradus_source *source, const model_rows *q, const char *solver,
                      gradus_fit_options options) {
  static const bool dropped[P + 1] = {[P] = true};
  double shares[K] = {0}, total = 0;
  answer a = {0};
  gradus_error err = {0};
  for (size_t i = 0; i < N; i++) {
    shares[(size_t)gsl_matrix_get(q->y, i, 0)] += gsl_vector_get(q->weight, i);
    total += gsl_vector_get(q->weight, i);
  }
  for (size_t c = 0; c < K; c++)
    shares[c] /= total;
  options.tolerance = options.tolerance > 0 ? options.tolerance : 1e-11;
  gradus_i_iteration problem = {.solver = gradus_i_solver_find(solver),
                                .source = source,
                                .k = K - 1,
                                .intercept = true,
                                .loss = &gradus_i_loss_softmax,
                                .dropped = dropped,
                                .shares = shares,
                                .options = &options};
  CHECK_STATUS(gradus_i_iterate(&problem, a.theta, &a.report, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE(a.report.converged);
  return a;
}

static gradus_source *source_of(const model_rows *q, bool weighted) {
  gradus_source *source = NULL;
  CHECK_STATUS(gradus_source_from_matrix(&source, q->x, q->y, weighted ? q->weight : NULL,
                                         weighted ? GRADUS_WEIGHT_PRIOR : GRADUS_WEIGHT_NONE, NULL,
                                         NULL),
               GRADUS_OK, NULL);
  return source;
}

static void check_same(const answer *a, const answer *b, double tolerance) {
  for (size_t j = 0; j < DIM; j++)
    CHECK_CLOSE(a->theta[j], b->theta[j], tolerance);
}

static void a_sample_saves_most_of_the_steps_and_changes_no_result(void) {
  model_rows q;
  counting c;
  open_rows(&q);
  for (int penalised = 0; penalised < 2; penalised++) {
    gradus_fit_options options = {.l2 = penalised ? 1e-3 : 0};
    gradus_source *source = source_of(&q, false), *stream = make_counting(&c, &q, true);
    answer newton = iterate(source, &q, "newton", options);
    answer sampled = iterate(source, &q, "lbfgs", options);
    answer streamed = iterate(stream, &q, "lbfgs", options); /* of which no sample can be taken */
    check_same(&sampled, &newton, 1e-6);
    check_same(&streamed, &newton, 1e-6);
    CU_ASSERT(sampled.report.iterations <= 16);
    CU_ASSERT(2 * sampled.report.iterations < streamed.report.iterations);
    for (size_t r = 0; r < K - 1; r++)
      CU_ASSERT_EQUAL(sampled.theta[r * P + P - 1], 0); /* the column dropped */
    gradus_source_free(source);
    gradus_source_free(stream);
    free(c.reads);
  }
  model_rows_close(&q);
}

static void threads_do_not_change_a_bit(void) {
  model_rows q;
  open_rows(&q);
  gradus_source *source = source_of(&q, false);
  answer one = iterate(source, &q, "lbfgs", (gradus_fit_options){.threads = 1});
  for (int threads = 2; threads <= 8; threads += 6) {
    answer several = iterate(source, &q, "lbfgs", (gradus_fit_options){.threads = threads});
    check_same(&several, &one, 0);
  }
  gradus_source_free(source);
  model_rows_close(&q);
}

/* None of the sample's rows may weigh anything, or so few that they separate the classes. */
static void samples_that_tell_nothing_do_no_harm(void) {
  enum { ROWS = N / 4 }; /* as many as the sample has */
  model_rows q;
  gradus_source *sample = NULL;
  gradus_cursor *cursor;
  gradus_batch batch;
  open_rows(&q);
  gradus_source *all = source_of(&q, false);
  CHECK_STATUS(gradus_i_sample_source(&sample, all, ROWS, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_open(&cursor, sample, ROWS, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, ROWS, &batch, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(batch.rows, ROWS);
  for (size_t weighing = 0; weighing < 90; weighing += 80) {
    gsl_vector_set_all(q.weight, 1);
    for (size_t i = 0; i < ROWS; i++)
      gsl_vector_set(q.weight, batch.row[i], weighing > 0 && i % weighing == 0 ? 1 : 0);
    gradus_source *source = source_of(&q, true);
    answer newton = iterate(source, &q, "newton", (gradus_fit_options){0});
    answer sampled = iterate(source, &q, "lbfgs", (gradus_fit_options){0});
    check_same(&sampled, &newton, 1e-6);
    gradus_source_free(source);
  }
  gradus_cursor_free(cursor);
  gradus_source_free(sample);
  gradus_source_free(all);
  model_rows_close(&q);
}

static void failed_allocations_leak_nothing(void) {
  model_rows q;
  open_rows(&q);
  gsl_vector_view y = gsl_matrix_column(q.y, 0);
  for (failing_run run = {.done = GRADUS_WARNING_RANK_DEFICIENT, .dispensable = true};
       NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options options = {.solver = "lbfgs", .threads = 1, .tolerance = 0.03};
    run.status = gradus_multinomial_fit_matrix(&fit, q.x, &y.vector, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    gradus_fit_free(fit);
  }
  model_rows_close(&q);
}

int main(void) {
  static const test_case cases[] = {
      {"a sample saves most of the steps and changes no result",
       a_sample_saves_most_of_the_steps_and_changes_no_result},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"samples that tell nothing do no harm", samples_that_tell_nothing_do_no_harm},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("softmax metric", cases, sizeof cases / sizeof *cases);
}
