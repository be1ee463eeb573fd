// SPDX-License-Identifier: GPL-3.0-or-later
/* Gradient descent over all rows: PyTorch's paths, schedules, clipping, and the step that it finds
   by itself. */
#include "../lib/solver/descent_rules.h"
#include "support/model_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };

static gradus_i_outcome descend(model_rows *q, const gradus_i_solver_options *options,
                                double *theta) {
  gradus_i_outcome outcome = {0};
  gradus_error err = {0};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &q->objective, options, theta, &outcome, &err),
      GRADUS_OK, &err);
  return outcome;
}

/* ---- rules ---- */

/* The cases of tests/reference/make_descent.py. */
static const gradus_descent_options rule_cases[] = {
    {.rule = GRADUS_RULE_PLAIN, .learning_rate = 0.5},
    {.rule = GRADUS_RULE_MOMENTUM, .learning_rate = 0.2},
    {.rule = GRADUS_RULE_NESTEROV, .learning_rate = 0.2, .momentum = 0.8},
    {.rule = GRADUS_RULE_ADAGRAD, .learning_rate = 0.3},
    {.rule = GRADUS_RULE_ADAGRAD},
    {.rule = GRADUS_RULE_RMSPROP, .learning_rate = 0.05},
    {.rule = GRADUS_RULE_RMSPROP, .learning_rate = 0.05, .decay_square = 0.9, .epsilon = 1e-4},
    {.rule = GRADUS_RULE_ADAM},
    {.rule = GRADUS_RULE_ADAM,
     .learning_rate = 0.1,
     .momentum = 0.8,
     .decay_square = 0.95,
     .epsilon = 1e-3},
    {.rule = GRADUS_RULE_ADAMW, .learning_rate = 0.1, .weight_decay = 0.1},
    {.rule = GRADUS_RULE_MOMENTUM, .learning_rate = 0.1, .batch_size = 6, .keep_order = true},
    {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.02, .batch_size = 6, .keep_order = true},
};

typedef struct path {
  const gradus_frame *frame; /* case, step, θ */
  size_t row, steps;
} path;

static bool compare_with_path(void *context, const gradus_progress *progress,
                              const double *gradient) {
  (void)gradient;
  path *p = context;
  if (progress->iteration == 0)
    return true;
  CU_ASSERT_EQUAL(gradus_frame_numeric(p->frame, 1)[p->row], (double)progress->iteration);
  for (size_t j = 0; j < progress->size; j++)
    CHECK_CLOSE(progress->theta[j], gradus_frame_numeric(p->frame, 2 + j)[p->row], 1e-12);
  p->row++;
  p->steps++;
  return true;
}

static void every_rule_walks_pytorchs_path(void) {
  enum { STEPS = 30, CASES = sizeof rule_cases / sizeof *rule_cases };
  const double penalty[] = {0.02, 0.02, 0.02, 0};
  const bool weights[] = {true, true, true, false};
  gradus_frame *frame = NULL;
  model_rows q;
  model_rows_read_formula(&q, "y ~ x1 + x2 + x3", test_data("descent/problem.csv"));
  model_rows_finish(&q, "binomial", "logit", 0);
  q.objective.penalty = penalty;
  q.objective.decays = weights;
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data("descent/paths.csv"), NULL, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_TRUE_FATAL(frame && gradus_frame_rows(frame) == CASES * STEPS);
  path p = {.frame = frame};
  for (size_t c = 0; c < CASES; c++) {
    double theta[] = {0.3, -0.2, 0.1, 0.5};
    gradus_i_solver_options options = {.max_iterations = STEPS,
                                       .descent = &rule_cases[c],
                                       .progress = compare_with_path,
                                       .progress_context = &p};
    CU_ASSERT_EQUAL(gradus_frame_numeric(frame, 0)[p.row], (double)c);
    gradus_i_outcome outcome = descend(&q, &options, theta);
    CU_ASSERT_EQUAL(outcome.stop, GRADUS_I_STOP_ITERATIONS);
    CU_ASSERT(!outcome.converged);
  }
  CU_ASSERT_EQUAL(p.steps, CASES * STEPS);
  gradus_frame_free(frame);
  model_rows_close(&q);
}

/* θ after one step of 1 by the plain rule from gradient g is θ - clipped g. */
static void gradients_are_clipped_by_value_then_by_norm(void) {
  double a[] = {3, -4, 0}, b[] = {3, -4, 0.5}, c[] = {3, -4, 0}, d[] = {1e300, 1e300, 0};
  gradus_i_clip(&(gradus_descent_options){.clip_norm = 1}, 3, a);
  CHECK_CLOSE(a[0], 0.6, 1e-15);
  CHECK_CLOSE(a[1], -0.8, 1e-15);
  gradus_i_clip(&(gradus_descent_options){.clip_value = 2}, 3, b);
  CU_ASSERT(b[0] == 2 && b[1] == -2 && b[2] == 0.5);
  gradus_i_clip(&(gradus_descent_options){.clip_norm = 6}, 3, c);
  CU_ASSERT(c[0] == 3 && c[1] == -4);
  gradus_i_clip(&(gradus_descent_options){.clip_value = 3, .clip_norm = sqrt(4.5)}, 3, c);
  CHECK_CLOSE(c[0], 1.5, 1e-15); /* (3, -3), of norm √18 */
  CHECK_CLOSE(c[1], -1.5, 1e-15);
  gradus_i_clip(&(gradus_descent_options){.clip_norm = 1}, 3, d);
  CHECK_CLOSE(d[0], sqrt(0.5), 1e-15);
}

/* ---- schedules ---- */

/* Values worked out from the formulas in the header by hand: 0.5·0.1², 0.5·0.9⁷, ... */
static void schedules_have_the_values_of_their_formulas(void) {
  static const struct {
    gradus_descent_options options;
    size_t done, total;
    double rate; /* of 0.5 */
  } values[] = {
      {{.schedule = GRADUS_SCHEDULE_CONSTANT}, 99, 100, 0.5},
      {{.schedule = GRADUS_SCHEDULE_STEP}, 9, 100, 0.5},
      {{.schedule = GRADUS_SCHEDULE_STEP}, 10, 100, 0.05},
      {{.schedule = GRADUS_SCHEDULE_STEP}, 29, 100, 0.005},
      {{.schedule = GRADUS_SCHEDULE_STEP, .decay = 0.5, .period = 3}, 7, 100, 0.125},
      {{.schedule = GRADUS_SCHEDULE_EXPONENTIAL}, 2, 100, 0.49005},
      {{.schedule = GRADUS_SCHEDULE_EXPONENTIAL, .decay = 0.9}, 7, 100, 0.23914845},
      {{.schedule = GRADUS_SCHEDULE_COSINE}, 0, 8, 0.5},
      {{.schedule = GRADUS_SCHEDULE_COSINE}, 2, 8, 0.42677669529663687},
      {{.schedule = GRADUS_SCHEDULE_COSINE}, 4, 8, 0.25},
      {{.schedule = GRADUS_SCHEDULE_INVERSE_TIME}, 10, 100, 0.25},
      {{.schedule = GRADUS_SCHEDULE_INVERSE_TIME, .decay = 1}, 4, 100, 0.1},
      {{.warm_up = 5}, 0, 100, 0.1},
      {{.warm_up = 5}, 3, 100, 0.4},
      {{.warm_up = 5}, 5, 100, 0.5},
      {{.warm_up = 4, .schedule = GRADUS_SCHEDULE_INVERSE_TIME, .decay = 1}, 1, 100, 0.125},
  };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    CHECK_CLOSE(gradus_i_schedule_rate(&values[i].options, 0.5, values[i].done, values[i].total),
                values[i].rate, 1e-15);
}

typedef struct rates {
  double rate[8];
} rates;

static bool keep_rate(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  ((rates *)context)->rate[progress->iteration] = progress->step;
  return progress->iteration < 6;
}

static void the_rates_of_a_fit_follow_the_schedule(void) {
  model_rows q;
  rates seen = {0};
  double theta[4] = {0};
  model_rows_make_logistic(&q, 50, 3);
  gradus_descent_options descent = {.rule = GRADUS_RULE_PLAIN,
                                    .learning_rate = 1,
                                    .schedule = GRADUS_SCHEDULE_STEP,
                                    .decay = 0.5,
                                    .period = 2};
  gradus_i_outcome outcome =
      descend(&q,
              &(gradus_i_solver_options){
                  .descent = &descent, .progress = keep_rate, .progress_context = &seen},
              theta);
  CU_ASSERT(outcome.stop == GRADUS_I_STOP_CALLER && outcome.iterations == 6);
  CU_ASSERT(seen.rate[1] == 1 && seen.rate[2] == 1 && seen.rate[3] == 0.5 && seen.rate[4] == 0.5 &&
            seen.rate[5] == 0.25);
  model_rows_close(&q);
}

/* ---- the automatic step ---- */

static void plain_descent_has_the_closed_forms_digits_on_mtcars(void) {
  static const char *const names[] = {"wt", "hp", "cyl6", "cyl8", "(Intercept)"};
  model_rows q;
  double theta[MOST] = {0};
  model_rows_read_formula(&q, "mpg ~ wt + hp + factor(cyl)", "@mtcars");
  model_rows_standardise(&q);
  model_rows_finish(&q, NULL, NULL, 0);
  gradus_i_outcome outcome = descend(&q, NULL, theta);
  CU_ASSERT(outcome.converged && outcome.stop == GRADUS_I_STOP_CONVERGED);
  CU_ASSERT(outcome.certificate <= 1e-12);
  for (size_t j = 0; j < 5; j++)
    CHECK_CLOSE(model_rows_estimate(&q, theta, 0, j),
                test_high_precision("mtcars_lm", "coef", names[j]), 1e-10);
  model_rows_close(&q);
}

static void glms_end_at_their_estimates(void) {
  static const struct {
    const char *id, *family, *link;
    double bias; /* to start from, where 0 is no mean */
    double scale;
    const char *names[10];
  } models[] = {
      {"mtcars_logit", "binomial", "logit", 0, 1, {"wt", "hp"}},
      {"birthwt_probit", "binomial", "probit", 0, 1, {"age", "lwt"}},
      {"warpbreaks_poisson", "poisson", "log", 3, 1, {"woolB", "tensionM", "tensionH"}},
      {"warpbreaks_poisson", "poisson", "log", 0, 1, {"woolB", "tensionM", "tensionH"}},
      {"Insurance_poisson_offset", "poisson", "log", 0, 1, {"District2", "District3"}},
      {"airquality_gamma_log", "gamma", "log", 0, 1, {"Solar.R", "Wind", "Temp"}},
      {"trees_gamma_inverse", "gamma", "inverse", 0.05, 1, {"log(Girth)", "log(Height)"}},
  };
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    model_rows q;
    double theta[MOST] = {0};
    model_rows_read_design(&q, models[m].id);
    model_rows_standardise(&q);
    model_rows_finish(&q, models[m].family, models[m].link, 0);
    theta[q.p] = models[m].bias;
    gradus_i_outcome outcome =
        descend(&q, &(gradus_i_solver_options){.max_iterations = 200000}, theta);
    CU_ASSERT(outcome.converged);
    for (size_t j = 0; models[m].names[j]; j++)
      CHECK_CLOSE(model_rows_estimate(&q, theta, 0, j),
                  test_high_precision(models[m].id, "coef", models[m].names[j]), 1e-9);
    model_rows_close(&q);
  }
}

/* Newton's solution of the same objective. */
static void solve_by_newton(model_rows *q, double *theta) {
  gradus_i_outcome outcome = {0};
  CHECK_STATUS(gradus_i_minimise(&gradus_i_newton, &q->objective, NULL, theta, &outcome, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT(outcome.converged);
  gradus_i_release(outcome.matrix);
}

static void softmax_and_ridge_end_where_newton_does(void) {
  model_rows q;
  double theta[MOST] = {0}, newton[MOST] = {0}, penalty[MOST] = {0};
  model_rows_read_formula(&q, "cyl / 2 - 2 ~ wt + hp + qsec", "@mtcars");
  model_rows_standardise(&q);
  model_rows_finish(&q, NULL, NULL, 3);
  for (size_t j = 0; j < 2 * q.p; j++)
    penalty[j] = 0.01;
  q.objective.penalty = penalty;
  gradus_i_outcome outcome = descend(&q, NULL, theta);
  CU_ASSERT(outcome.converged);
  solve_by_newton(&q, newton);
  for (size_t j = 0; j < q.objective.dim; j++)
    CHECK_CLOSE(theta[j], newton[j], 1e-9);
  model_rows_close(&q);
}

/* Longley's columns are nearly dependent: the hardest that a first-order method should still do. */
static void longley_takes_its_time_and_arrives(void) {
  model_rows q;
  double theta[MOST] = {0}, newton[MOST] = {0};
  model_rows_read_formula(&q, "Employed ~ .", "@longley");
  model_rows_standardise(&q);
  model_rows_finish(&q, NULL, NULL, 0);
  gradus_i_outcome outcome = descend(&q, NULL, theta);
  CU_ASSERT(outcome.converged && outcome.certificate <= 1e-12);
  solve_by_newton(&q, newton);
  for (size_t j = 0; j < q.objective.dim; j++)
    CHECK_CLOSE(theta[j], newton[j], 1e-7);
  model_rows_close(&q);
}

typedef struct monotone {
  double last;
  size_t rises, count;
} monotone;

static bool watch_the_loss(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  monotone *m = context;
  m->rises += m->count > 0 && progress->loss > m->last + 1e-14 * fabs(m->last);
  m->last = progress->loss;
  m->count++;
  return true;
}

/* Σ (θ² - 1)²/4 + 0.3 θ₁θ₂: two wells, a ridge between them, and steep walls. */
static size_t no_scratch(const void *model, size_t rows, gradus_i_order order) {
  (void)model, (void)rows, (void)order;
  return 0;
}

static gradus_status add_wells(const void *model, const double *t, gradus_i_order order,
                               const gradus_batch *batch, double *sums, double *scratch,
                               gradus_error *err) {
  (void)model, (void)scratch, (void)err;
  double *gradient = sums + GRADUS_I_SUM_GRADIENT, n = (double)batch->rows;
  sums[GRADUS_I_SUM_WEIGHT] += n;
  sums[GRADUS_I_SUM_LOSS] += n * 0.3 * t[0] * t[1];
  for (size_t j = 0; j < 2; j++) {
    double square = t[j] * t[j] - 1;
    sums[GRADUS_I_SUM_LOSS] += n * 0.25 * square * square;
    if (order >= GRADUS_I_GRADIENT)
      gradient[j] += n * (square * t[j] + 0.3 * t[1 - j]);
  }
  return GRADUS_OK;
}

static void the_loss_falls_at_every_step_convex_or_not(void) {
  static const gradus_i_objective_type wells = {.name = "two wells",
                                                .order = GRADUS_I_GRADIENT,
                                                .scratch_size = no_scratch,
                                                .add = add_wells};
  static const double starts[][2] = {{0.01, 0.01}, {100, -300}, {-3, 1e-9}, {1e5, 2}};
  model_rows q;
  model_rows_make_logistic(&q, 10, 1);
  q.objective.type = &wells;
  q.objective.scale = NULL;
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    monotone m = {0};
    double theta[] = {starts[i][0], starts[i][1]};
    gradus_i_outcome outcome = descend(
        &q, &(gradus_i_solver_options){.progress = watch_the_loss, .progress_context = &m}, theta);
    CU_ASSERT(outcome.converged);
    CU_ASSERT(m.count > 2 && m.rises == 0);
    /* Minima: θ₁ = -θ₂ = ±√1.3, and θ₁ = θ₂ = ±√0.7. */
    CHECK_CLOSE(fabs(theta[0]), theta[0] * theta[1] < 0 ? sqrt(1.3) : sqrt(0.7), 1e-9);
    CHECK_CLOSE(fabs(theta[1]), fabs(theta[0]), 1e-9);
  }
  model_rows_close(&q);
}

static void it_stands_still_where_rounding_begins(void) {
  model_rows q;
  double theta[MOST] = {0};
  model_rows_read_formula(&q, "mpg ~ wt + hp + qsec", "@mtcars");
  model_rows_standardise(&q);
  model_rows_finish(&q, NULL, NULL, 0);
  gradus_i_outcome outcome = descend(&q, &(gradus_i_solver_options){.tolerance = 1e-300}, theta);
  CU_ASSERT(outcome.converged && outcome.stop == GRADUS_I_STOP_STANDSTILL);
  CU_ASSERT(outcome.certificate < 1e-14 && outcome.iterations < 1000);
  model_rows_close(&q);
}

/* ---- what is not allowed, and what is not moved ---- */

static void what_is_frozen_stays_to_the_bit(void) {
  for (gradus_rule rule = GRADUS_RULE_AUTO; rule <= GRADUS_RULE_ADAMW; rule++) {
    static const bool frozen[] = {false, true, false, false};
    model_rows q;
    double theta[] = {0.1, 0.7, -0.2, 0.3};
    model_rows_make_logistic(&q, 200, 3);
    q.objective.frozen = frozen;
    gradus_descent_options descent = {
        .rule = rule, .learning_rate = rule ? 0.1 : 0, .weight_decay = rule ? 0.1 : 0};
    descend(&q, &(gradus_i_solver_options){.max_iterations = 20, .descent = &descent}, theta);
    CU_ASSERT(theta[1] == 0.7);
    CU_ASSERT(theta[0] != 0.1 && theta[2] != -0.2 && theta[3] != 0.3);
    model_rows_close(&q);
  }
}

static void bad_options_are_named(void) {
  static const struct {
    gradus_descent_options options;
    const char *says;
  } bad[] = {
      {{.learning_rate = -1}, "learning rate"},
      {{.rule = GRADUS_RULE_ADAM, .learning_rate = NAN}, "learning rate"},
      {{.rule = GRADUS_RULE_MOMENTUM, .momentum = 1}, "momentum 1"},
      {{.batch_size = 10}, "mini-batches need a rule"},
      {{.learning_rate = 0.1}, "heeds no learning rate"},
      {{.schedule = GRADUS_SCHEDULE_COSINE}, "heeds no schedule"},
      {{.warm_up = 3}, "heeds no warm-up"},
      {{.momentum = 0.5}, "heeds no momentum"},
      {{.weight_decay = 0.5}, "heeds no weight decay"},
      {{.clip_norm = 1}, "heeds no clipping"},
      {{.rule = (gradus_rule)77}, "77"},
      {{.rule = GRADUS_RULE_PLAIN, .schedule = (gradus_schedule)9}, "schedule of number 9"},
  };
  model_rows q;
  model_rows_make_logistic(&q, 50, 3);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    double theta[4] = {0};
    gradus_error err = {0};
    gradus_i_outcome outcome = {0};
    gradus_i_solver_options options = {.descent = &bad[i].options};
    CHECK_STATUS(gradus_i_minimise(&gradus_i_gradient_descent, &q.objective, &options, theta,
                                   &outcome, &err),
                 GRADUS_ERROR_INVALID_ARGUMENT, &err);
    CHECK_CONTAINS(err.message, bad[i].says);
  }
  model_rows_close(&q);
}

/* A rate far too long for counts: the last θ that can be evaluated is kept, and said so. */
static void leaving_the_numbers_is_an_outcome(void) {
  for (gradus_rule rule = GRADUS_RULE_PLAIN; rule <= GRADUS_RULE_NESTEROV; rule++)
    for (size_t size = 0; size <= 16; size += 16) {
      model_rows q;
      double theta[MOST] = {0};
      model_rows_read_design(&q, "warpbreaks_poisson");
      model_rows_standardise(&q);
      model_rows_finish(&q, "poisson", "log", 0);
      gradus_descent_options descent = {.rule = rule, .learning_rate = 40, .batch_size = size};
      gradus_i_outcome outcome =
          descend(&q, &(gradus_i_solver_options){.descent = &descent}, theta);
      CU_ASSERT(outcome.stop == GRADUS_I_STOP_NOT_FINITE && !outcome.converged);
      CU_ASSERT(isfinite(outcome.loss) && isfinite(outcome.certificate));
      for (size_t j = 0; j < q.objective.dim; j++)
        CU_ASSERT(isfinite(theta[j]));
      model_rows_close(&q);
    }
}

/* The same where only the pass at the end finds it: a single epoch of a single batch. */
static void the_last_epoch_is_looked_at_as_well(void) {
  model_rows q;
  double theta[MOST] = {0};
  model_rows_read_design(&q, "warpbreaks_poisson");
  model_rows_standardise(&q);
  model_rows_finish(&q, "poisson", "log", 0);
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_PLAIN, .learning_rate = 1e6, .batch_size = 1000};
  gradus_i_outcome outcome =
      descend(&q, &(gradus_i_solver_options){.descent = &descent, .max_iterations = 1}, theta);
  CU_ASSERT(outcome.stop == GRADUS_I_STOP_NOT_FINITE && isfinite(outcome.loss));
  CU_ASSERT(theta[0] == 0 && theta[q.p] == 0);
  model_rows_close(&q);
}

int main(void) {
  static const test_case cases[] = {
      {"every rule walks PyTorch's path", every_rule_walks_pytorchs_path},
      {"gradients are clipped by value, then by norm", gradients_are_clipped_by_value_then_by_norm},
      {"schedules have the values of their formulas", schedules_have_the_values_of_their_formulas},
      {"the rates of a fit follow the schedule", the_rates_of_a_fit_follow_the_schedule},
      {"plain descent has the closed form's digits on mtcars",
       plain_descent_has_the_closed_forms_digits_on_mtcars},
      {"GLMs end at their estimates", glms_end_at_their_estimates},
      {"softmax and ridge end where Newton does", softmax_and_ridge_end_where_newton_does},
      {"longley takes its time and arrives", longley_takes_its_time_and_arrives},
      {"the loss falls at every step, convex or not", the_loss_falls_at_every_step_convex_or_not},
      {"it stands still where rounding begins", it_stands_still_where_rounding_begins},
      {"what is frozen stays to the bit", what_is_frozen_stays_to_the_bit},
      {"bad options are named", bad_options_are_named},
      {"leaving the numbers is an outcome", leaving_the_numbers_is_an_outcome},
      {"the last epoch is looked at as well", the_last_epoch_is_looked_at_as_well},
  };
  return test_main("descent", cases, sizeof cases / sizeof *cases);
}
