// SPDX-License-Identifier: GPL-3.0-or-later
/* Gradient descent over all rows: PyTorch's paths, schedules, clipping, and the step that it finds
   by itself. */
#include "../lib/solver/descent_rules.h"
#include "support/problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };

static gradus_i_outcome descend(problem *q, const gradus_i_solver_options *options, double *theta) {
  gradus_i_outcome outcome = {0};
  gradus_error err = {0};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &q->objective, options, theta, &outcome, &err),
      GRADUS_OK, &err);
  return outcome;
}

/* ---- the automatic step ---- */

static void plain_descent_has_the_closed_forms_digits_on_mtcars(void) {
  static const char *const names[] = {"wt", "hp", "cyl6", "cyl8", "(Intercept)"};
  problem q;
  double theta[MOST] = {0};
  problem_read_formula(&q, "mpg ~ wt + hp + factor(cyl)", "@mtcars");
  problem_standardise(&q);
  problem_finish(&q, NULL, NULL, 0);
  gradus_i_outcome outcome = descend(&q, NULL, theta);
  CU_ASSERT(outcome.converged && outcome.stop == GRADUS_I_STOP_CONVERGED);
  CU_ASSERT(outcome.certificate <= 1e-12);
  printf("mtcars %zu iterations %zu passes %g\n", outcome.iterations, outcome.evaluations, outcome.certificate);
  for (size_t j = 0; j < 5; j++)
    CHECK_CLOSE(problem_estimate(&q, theta, 0, j),
                test_high_precision("mtcars_lm", "coef", names[j]), 1e-10);
  problem_close(&q);
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
    problem q;
    double theta[MOST] = {0};
    problem_read_design(&q, models[m].id);
    problem_standardise(&q);
    problem_finish(&q, models[m].family, models[m].link, 0);
    theta[q.p] = models[m].bias;
    gradus_i_outcome outcome = descend(&q, &(gradus_i_solver_options){.max_iterations = 200000}, theta);
    printf("%s %zu iterations %zu passes %g %s\n", models[m].id, outcome.iterations, outcome.evaluations, outcome.certificate, gradus_i_stop_text(outcome.stop));
    CU_ASSERT(outcome.converged);
    for (size_t j = 0; models[m].names[j]; j++)
      CHECK_CLOSE(problem_estimate(&q, theta, 0, j),
                  test_high_precision(models[m].id, "coef", models[m].names[j]), 1e-9);
    problem_close(&q);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"plain descent has the closed form's digits on mtcars",
       plain_descent_has_the_closed_forms_digits_on_mtcars},
      {"GLMs end at their estimates", glms_end_at_their_estimates},
  };
  return test_main("descent", cases, sizeof cases / sizeof *cases);
}
