// SPDX-License-Identifier: GPL-3.0-or-later
/* An epoch of mini-batches beside a pass that forms the gradient over all rows at once. */
#include "../lib/objective/loss.h"
#include "../lib/solver/solver.h"
#include "support.h"

enum { ROWS = 500000, COLUMNS = 30, REPEATS = 7 };

typedef struct data {
  gsl_matrix *x, *y;
  gradus_source *source;
  gradus_i_glm_loss loss;
  gradus_i_affine affine;
  gradus_i_objective objective;
} data;

static bool make_data(data *d) {
  uint64_t state = 1;
  d->x = gsl_matrix_alloc(ROWS, COLUMNS);
  d->y = gsl_matrix_alloc(ROWS, 1);
  for (size_t i = 0; i < ROWS; i++) {
    double eta = 0;
    for (size_t j = 0; j < COLUMNS; j++) {
      double x = bench_random(&state);
      gsl_matrix_set(d->x, i, j, x);
      eta += x * (j % 2 ? 0.5 : -0.5);
    }
    gsl_matrix_set(d->y, i, 0, bench_random(&state) < 2 / (1 + exp(-eta)) - 1);
  }
  d->loss = (gradus_i_glm_loss){.family = gradus_i_family_find("binomial"),
                                .link = gradus_i_link_find("logit")};
  d->affine = (gradus_i_affine){
      .p = COLUMNS, .k = 1, .bias = true, .loss = &gradus_i_loss_glm, .loss_data = &d->loss};
  if (gradus_source_from_matrix(&d->source, d->x, d->y, NULL, GRADUS_WEIGHT_NONE, NULL, NULL) > 0)
    return false;
  d->objective = (gradus_i_objective){.type = &gradus_i_affine_type,
                                      .model = &d->affine,
                                      .source = d->source,
                                      .dim = COLUMNS + 1,
                                      .row_size = COLUMNS + 2};
  return true;
}

/* Reading all that a pass reads, and nothing else. */
static double time_reading(const data *d) {
  double times[REPEATS];
  volatile double sink = 0;
  for (int r = 0; r < REPEATS; r++) {
    double start = bench_now(), sums[8] = {0};
    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i += 8)
      for (size_t j = 0; j < 8; j++)
        sums[j] += d->x->data[i + j];
    for (size_t j = 0; j < 8; j++)
      sink = sink + sums[j];
    times[r] = bench_now() - start;
  }
  return bench_median(times, REPEATS);
}

static double time_gradient(data *d, int threads) {
  double times[REPEATS], theta[COLUMNS + 1] = {0}, gradient[COLUMNS + 1];
  gradus_i_thread_scope scope = gradus_i_threads_begin(threads);
  d->objective.threads = scope.threads;
  for (int r = 0; r < REPEATS; r++) {
    gradus_i_value value = {.gradient = gradient};
    double start = bench_now();
    gradus_i_objective_evaluate(&d->objective, theta, GRADUS_I_GRADIENT, &value, NULL);
    times[r] = bench_now() - start;
  }
  gradus_i_threads_end(scope);
  return bench_median(times, REPEATS);
}

typedef struct clock {
  double last, times[REPEATS];
} epoch_clock;

static bool stop_the_time(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  epoch_clock *c = context;
  double now = bench_now();
  if (progress->iteration > 0)
    c->times[progress->iteration - 1] = now - c->last;
  c->last = bench_now();
  return true;
}

static double time_epoch(data *d, gradus_rule rule, bool keep_order, double *certificate) {
  epoch_clock c = {0};
  double theta[COLUMNS + 1] = {0};
  gradus_i_outcome outcome = {0};
  gradus_descent_options descent = {.rule = rule, .batch_size = 64, .keep_order = keep_order};
  gradus_i_solver_options options = {.max_iterations = REPEATS,
                                     .descent = &descent,
                                     .progress = stop_the_time,
                                     .progress_context = &c};
  gradus_i_minimise(&gradus_i_gradient_descent, &d->objective, &options, theta, &outcome, NULL);
  *certificate = outcome.certificate;
  return bench_median(c.times, REPEATS);
}

int main(void) {
  static const struct {
    const char *name;
    gradus_rule rule;
    bool keep_order;
  } ways[] = {{"plain, shuffled", GRADUS_RULE_PLAIN, false},
              {"plain, in order", GRADUS_RULE_PLAIN, true},
              {"momentum, shuffled", GRADUS_RULE_MOMENTUM, false},
              {"adam, shuffled", GRADUS_RULE_ADAM, false}};
  data d;
  if (!make_data(&d))
    return 1;
  double bytes = (double)ROWS * (COLUMNS + 1) * sizeof(double);
  double reading = time_reading(&d), one = time_gradient(&d, 1), all = time_gradient(&d, 0);
  printf("logistic, n = %d, p = %d, batches of 64; reading the rows on one thread: %.4f s "
         "(%.1f GB/s)\n",
         ROWS, COLUMNS, reading, bytes / reading * 1e-9);
  printf("a fused gradient: %.4f s on one thread, %.4f s on all\n", one, all);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    double certificate, epoch = time_epoch(&d, ways[i].rule, ways[i].keep_order, &certificate);
    printf("%-20s %.4f s an epoch: %.2f passes on one thread, %.2f on all; %.2f of the bandwidth "
           "(gradient %.1e after %d)\n",
           ways[i].name, epoch, epoch / one, epoch / all, reading / epoch, certificate, REPEATS);
  }
  gradus_source_free(d.source);
  gsl_matrix_free(d.x);
  gsl_matrix_free(d.y);
  return 0;
}
