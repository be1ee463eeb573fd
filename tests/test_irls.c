// SPDX-License-Identifier: GPL-3.0-or-later
/* Generalised linear models by iteratively reweighted least squares against 50-digit arithmetic
 * (mp.csv), on R's own design matrices. */
#include "../lib/solver/irls.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *id, *family, *link;
} models[] = {
    {"Insurance_poisson_offset", "poisson", "log"},
    {"airquality_gamma_log", "gamma", "log"},
    {"birthwt_cauchit", "binomial", "cauchit"},
    {"birthwt_cloglog", "binomial", "cloglog"},
    {"birthwt_logit", "binomial", "logit"},
    {"birthwt_probit", "binomial", "probit"},
    {"esoph_grouped_logit", "binomial", "logit"},
    {"infert_logit", "binomial", "logit"},
    {"mtcars_logit", "binomial", "logit"},
    {"trees_gamma_inverse", "gamma", "inverse"},
    {"trees_invgaussian_log", "inverse_gaussian", "log"},
    {"warpbreaks_poisson", "poisson", "log"},
    {"warpbreaks_quasipoisson", "quasipoisson", "log"},
};
enum { MODELS = sizeof models / sizeof *models };

/* y, weight, offset, (Intercept), and the columns of the design. */
typedef struct oracle {
  const char *id;
  gradus_frame *frame;
  gsl_matrix *x, *y;
  gsl_vector *weights, *offset;
  gradus_source *source;
} oracle;

static oracle open_oracle(const char *id) {
  oracle o = {.id = id};
  char path[64];
  gradus_error err = {0};
  snprintf(path, sizeof path, "oracles/%s.design.csv", id);
  CHECK_STATUS(gradus_frame_read_csv(&o.frame, test_data(path), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.frame);
  size_t n = gradus_frame_rows(o.frame), p = gradus_frame_columns(o.frame) - 4;
  o.x = gsl_matrix_alloc(n, p);
  o.y = gsl_matrix_alloc(n, 1);
  o.weights = gsl_vector_alloc(n);
  o.offset = gsl_vector_alloc(n);
  for (size_t i = 0; i < n; i++) {
    gsl_matrix_set(o.y, i, 0, gradus_frame_numeric(o.frame, 0)[i]);
    gsl_vector_set(o.weights, i, gradus_frame_numeric(o.frame, 1)[i]);
    gsl_vector_set(o.offset, i, gradus_frame_numeric(o.frame, 2)[i]);
    for (size_t j = 0; j < p; j++)
      gsl_matrix_set(o.x, i, j, gradus_frame_numeric(o.frame, 4 + j)[i]);
  }
  CHECK_STATUS(gradus_source_from_matrix(&o.source, o.x, o.y, o.weights, GRADUS_WEIGHT_PRIOR,
                                         o.offset, &err),
               GRADUS_OK, &err);
  return o;
}

static void close_oracle(oracle *o) {
  gradus_source_free(o->source);
  gsl_matrix_free(o->x);
  gsl_matrix_free(o->y);
  gsl_vector_free(o->weights);
  gsl_vector_free(o->offset);
  gradus_frame_free(o->frame);
}

static double standard_error(const gradus_i_least_squares *s, size_t j) {
  double sum = 0;
  for (size_t l = 0; l < s->rank; l++)
    sum += s->root[j + l * s->layout.q] * s->root[j + l * s->layout.q];
  return sqrt(sum) * s->layout.scale[j];
}

static void check_model(size_t m) {
  oracle o = open_oracle(models[m].id);
  gradus_i_irls *fit = NULL;
  gradus_error err = {0};
  gradus_i_irls_options options = {.family = gradus_i_family_find(models[m].family),
                                   .link = gradus_i_link_find(models[m].link)};
  CU_ASSERT_TRUE_FATAL(options.family && options.link);
  CHECK_STATUS(gradus_i_irls_solve(&fit, o.source, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(fit && fit->converged);
  double df = fit->sums.rows - (double)fit->step->rank;
  double dispersion = options.family->dispersion_known ? 1 : fit->sums.pearson / df;
  CHECK_CLOSE(dispersion, test_high_precision(o.id, "dispersion", NULL), 1e-11);
  CHECK_CLOSE(fit->sums.deviance, test_high_precision(o.id, "deviance", NULL), 1e-11);
  for (size_t j = 0; j < fit->step->layout.q; j++) {
    const char *name = gradus_frame_column_name(o.frame, 3 + j);
    CHECK_CLOSE(fit->estimate[j], test_high_precision(o.id, "coef", name), 1e-11);
    CHECK_CLOSE(standard_error(fit->step, j) * sqrt(dispersion),
                test_high_precision(o.id, "se", name), 1e-10);
  }
  double likelihood, expected = test_high_precision(o.id, "logLik", NULL);
  CHECK_STATUS(gradus_i_glm_log_likelihood(
                   &likelihood, o.source, &options, fit->estimate,
                   options.family->dispersion_known ? 1 : fit->sums.deviance / fit->sums.weight,
                   &err),
               GRADUS_OK, &err);
  if (!isnan(expected)) /* of the others R knows the digits: in the test of the models */
    CHECK_CLOSE(likelihood, expected, 1e-10);
  gradus_i_irls_free(fit);
  close_oracle(&o);
}

static void every_oracle_has_its_digits(void) {
  for (size_t m = 0; m < MODELS; m++)
    check_model(m);
}

int main(void) {
  static const test_case cases[] = {
      {"every oracle has its digits", every_oracle_has_its_digits},
  };
  return test_main("irls", cases, sizeof cases / sizeof *cases);
}
