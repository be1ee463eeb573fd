// SPDX-License-Identifier: GPL-3.0-or-later
/* Models by solvers of objectives: the same numbers as by the closed form and by IRLS, on
 * standardised columns that are undone exactly; penalties; starts; progress. */
#include "support/same_fits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 24 };

static const char *const solvers[] = {"newton", "levenberg-marquardt", "lbfgs", "gradient-descent"};
enum { SOLVERS = sizeof solvers / sizeof *solvers };

/* Relative agreement with the exact solution that a solver is held to. */
static double digits(const char *solver) {
  return strcmp(solver, "newton") == 0 ? 1e-11 : 1e-8;
}

static void generalised_models_by_every_solver_have_irls_numbers(void) {
  static const struct {
    const char *id, *family, *link;
  } models[] = {{"birthwt_logit", "binomial", "logit"},
                {"birthwt_probit", "binomial", "probit"},
                {"birthwt_cauchit", "binomial", "cauchit"},
                {"esoph_grouped_logit", "binomial", "logit"},
                {"Insurance_poisson_offset", "poisson", "log"},
                {"airquality_gamma_log", "gamma", "log"},
                {"trees_gamma_inverse", "gamma", "inverse"},
                {"trees_invgaussian_log", "inverse_gaussian", "log"}};
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    model_rows d;
    model_rows_read_design(&d, models[m].id);
    gradus_fit_options options = {.family = models[m].family, .link = models[m].link};
    gradus_fit *irls = model_rows_fit_glm(&d, &options);
    for (size_t s = 0; s < SOLVERS; s++) {
      options.solver = solvers[s];
      gradus_fit *fit = model_rows_fit_glm(&d, &options);
      const gradus_solver_report *report = gradus_fit_solver(fit);
      CU_ASSERT_STRING_EQUAL(report->name, solvers[s]);
      CU_ASSERT_TRUE(report->converged);
      CU_ASSERT_TRUE(report->certificate <= 1e-9);
      for (size_t j = 1; j < gradus_fit_coefficients(fit); j++) {
        CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), gradus_fit_coefficient(irls, 0, j),
                    digits(solvers[s]));
      }
      check_same_fits(fit, irls, 10 * digits(solvers[s]));
      gradus_fit_free(fit);
    }
    gradus_fit_free(irls);
    model_rows_close(&d);
  }
}

static model_rows make_rows(size_t n, size_t p, size_t k) {
  uint64_t state = 20;
  model_rows d;
  model_rows_open(&d, n, p, k);
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t j = 0; j < p; j++) { /* means and sizes far from 0 and 1 */
      double x = test_draw(&state) * pow(10, (double)j - 2) + 3 * pow(10, (double)j - 2);
      gsl_matrix_set(d.x, i, j, x);
      sum += x * pow(10, 2 - (double)j);
    }
    for (size_t r = 0; r < k; r++)
      gsl_matrix_set(d.y, i, r, 5 + sum * (double)(r + 1) + test_draw(&state));
    gsl_vector_set(d.weight, i, 1 + floor(4 * (test_draw(&state) + 0.5)));
    gsl_vector_set(d.offset, i, test_draw(&state));
  }
  return d;
}

static gradus_fit *fit_linear(const model_rows *d, const gsl_vector *weights,
                              const gradus_fit_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_status status = gradus_linear_fit_matrix(&fit, d->x, d->y, weights, options, &err);
  CU_ASSERT_TRUE(status <= 0);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static void linear_models_by_every_solver_have_the_closed_form_s_numbers(void) {
  model_rows d = make_rows(200, 4, 2);
  for (int kind = GRADUS_WEIGHT_NONE; kind <= GRADUS_WEIGHT_ANALYTIC; kind++)
    for (int without = 0; without < 2; without++) {
      gradus_fit_options options = {.weight_kind = (gradus_weight_kind)kind,
                                    .no_intercept = without};
      const gsl_vector *weights = kind ? d.weight : NULL;
      gradus_fit *closed = fit_linear(&d, weights, &options);
      for (size_t s = 0; s < SOLVERS; s++) {
        options.solver = solvers[s];
        gradus_fit *fit = fit_linear(&d, weights, &options);
        CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->name, solvers[s]);
        CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
        check_same_fits(fit, closed, 10 * digits(solvers[s]));
        gradus_fit_free(fit);
      }
      gradus_fit_free(closed);
    }
  model_rows_close(&d);
}

static void columns_that_others_determine_are_dropped_by_every_solver(void) {
  model_rows d = make_rows(50, 4, 1);
  for (size_t i = 0; i < 50; i++)
    gsl_matrix_set(d.x, i, 2, 2 * gsl_matrix_get(d.x, i, 0) - gsl_matrix_get(d.x, i, 1));
  gradus_fit *closed = fit_linear(&d, NULL, &(gradus_fit_options){0});
  for (size_t s = 0; s < SOLVERS; s++) {
    gradus_fit *fit = fit_linear(&d, NULL, &(gradus_fit_options){.solver = solvers[s]});
    CU_ASSERT_TRUE(isnan(gradus_fit_coefficient(fit, 0, 3)));
    check_same_fits(fit, closed, 10 * digits(solvers[s]));
    gradus_fit_free(fit);
  }
  gradus_fit_free(closed);
  model_rows_close(&d);
}

/* Exact minimisers of the mean of -log likelihood + λ/2·‖W‖², 22 digits. */
static void penalised_models_are_the_exact_minimisers(void) {
  static const char *const of_design[] = {"birthwt_logit", "warpbreaks_poisson"};
  static const char *const of_family[] = {"binomial", "poisson"};
  size_t checked = 0;
  for (size_t m = 0; m < 2; m++) {
    model_rows d;
    model_rows_read_design(&d, of_design[m]);
    for (size_t s = 0; s < SOLVERS; s++) {
      char line[256], name[32], family[32], term[64];
      double lambda, last = -1, expected;
      size_t j = 0;
      gradus_fit *fit = NULL;
      FILE *file = fopen(test_data("oracles/ridge_glm.csv"), "r");
      CU_ASSERT_PTR_NOT_NULL_FATAL(file);
      while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%31[^,],%31[^,],0.0,%lf,0,%63[^,],%lf", name, family, &lambda, term,
                   &expected) != 5 ||
            strcmp(name, of_design[m]) != 0 || term[0] == '#')
          continue;
        if (lambda != last) {
          gradus_fit_free(fit);
          fit = model_rows_fit_glm(
              &d,
              &(gradus_fit_options){.family = of_family[m], .l2 = lambda, .solver = solvers[s]});
          last = lambda;
          j = 0;
        }
        CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j++), expected, digits(solvers[s]));
        checked++;
      }
      gradus_fit_free(fit);
      fclose(file);
    }
    model_rows_close(&d);
  }
  CU_ASSERT_EQUAL(checked, (30 + 18) * SOLVERS);
}

static void penalties_reach_the_bias_where_that_is_asked_for(void) {
  model_rows d = make_rows(60, 3, 1);
  gradus_fit_options options = {.l2 = 0.7, .l2_bias = true};
  gradus_fit *closed = fit_linear(
      &d, d.weight,
      &(gradus_fit_options){.l2 = 0.7, .l2_bias = true, .weight_kind = GRADUS_WEIGHT_ANALYTIC});
  options.weight_kind = GRADUS_WEIGHT_ANALYTIC;
  options.solver = "newton";
  gradus_fit *fit = fit_linear(&d, d.weight, &options);
  double gradient = 0, weight = 0;
  for (size_t j = 0; j < 4; j++)
    CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), gradus_fit_coefficient(closed, 0, j), 1e-11);
  for (size_t i = 0; i < 60; i++) {
    double residual = gsl_matrix_get(d.y, i, 0) - gradus_fit_coefficient(closed, 0, 0);
    for (size_t j = 0; j < 3; j++)
      residual -= gsl_matrix_get(d.x, i, j) * gradus_fit_coefficient(closed, 0, j + 1);
    gradient += gsl_vector_get(d.weight, i) * residual;
    weight += gsl_vector_get(d.weight, i);
  }
  CHECK_CLOSE(gradient / weight, 0.7 * gradus_fit_coefficient(closed, 0, 0), 1e-11);
  CU_ASSERT_TRUE(isnan(gradus_fit_coefficient(fit, 0, 9)));
  gradus_fit_free(closed);
  gradus_fit_free(fit);
  model_rows_close(&d);
}

typedef struct watch {
  size_t calls, stop_at;
  double loss[SIZE], theta[SIZE];
} watch;

static bool note(void *context, const gradus_progress *progress) {
  watch *w = context;
  CU_ASSERT_TRUE(isfinite(progress->loss));
  if (w->calls < SIZE)
    w->loss[w->calls] = progress->loss;
  memcpy(w->theta, progress->theta, progress->size * sizeof *w->theta);
  return ++w->calls != w->stop_at;
}

static void progress_is_in_the_units_of_the_data_and_can_end_a_fit(void) {
  model_rows d;
  model_rows_read_design(&d, "birthwt_logit");
  static const char *const names[] = {"irls", "newton"};
  for (size_t s = 0; s < 2; s++) {
    watch w = {0};
    gradus_fit_options options = {
        .family = "binomial", .solver = names[s], .progress = note, .progress_context = &w};
    gradus_fit *fit = model_rows_fit_glm(&d, &options);
    size_t q = gradus_fit_coefficients(fit);
    gradus_summary summary;
    gradus_fit_summary(fit, 0, &summary, NULL);
    CU_ASSERT_TRUE(w.calls >= 4);
    CHECK_CLOSE(w.theta[q - 1], gradus_fit_coefficient(fit, 0, 0), 1e-12);
    CHECK_CLOSE(w.theta[0], gradus_fit_coefficient(fit, 0, 1), 1e-12);
    CHECK_CLOSE(w.loss[3], summary.deviance / 2 / summary.nobs, 1e-6);
    gradus_fit_free(fit);
    w = (watch){.stop_at = 2};
    fit = model_rows_fit_glm(&d, &options);
    CU_ASSERT_EQUAL(w.calls, 2);
    CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
    CHECK_CONTAINS(gradus_fit_solver(fit)->stop, "progress function");
    gradus_term term;
    gradus_fit_term(fit, 0, 1, 0, &term, NULL);
    CU_ASSERT_TRUE(isnan(term.std_error));
    gradus_error err = {0};
    gsl_matrix *covariance = gsl_matrix_alloc(q, q);
    CHECK_STATUS(gradus_fit_covariance(fit, 0, covariance, &err), GRADUS_ERROR_UNSUPPORTED, &err);
    CHECK_CONTAINS(err.message, "has not converged");
    gsl_matrix_free(covariance);
    gradus_fit_free(fit);
  }
  model_rows_close(&d);
}

static void a_start_at_the_solution_stays_there(void) {
  model_rows d;
  model_rows_read_design(&d, "birthwt_logit");
  gradus_fit *fit = model_rows_fit_glm(&d, &(gradus_fit_options){.family = "binomial"});
  static const char *const names[] = {"irls", "newton"};
  for (size_t s = 0; s < 2; s++) {
    gradus_fit *again = model_rows_fit_glm(
        &d, &(gradus_fit_options){
                .family = "binomial", .solver = names[s], .start = gradus_fit_params(fit)});
    CU_ASSERT_TRUE(gradus_fit_solver(again)->iterations <= 2);
    check_same_fits(again, fit, 1e-11);
    gradus_fit_free(again);
  }
  model_rows other = make_rows(20, 2, 1);
  gradus_fit *wrong = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.solver = "newton", .start = gradus_fit_params(fit)};
  CHECK_STATUS(gradus_linear_fit_matrix(&wrong, other.x, other.y, NULL, &options, &err),
               GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "1×9");
  CHECK_CONTAINS(err.message, "1×2");
  model_rows_close(&other);
  gradus_fit_free(fit);
  model_rows_close(&d);
}

static void options_out_of_range_are_named(void) {
  model_rows d = make_rows(20, 2, 1);
  static const struct {
    gradus_fit_options options;
    const char *part;
    gradus_status status;
  } cases[] = {
      {{.solver = "newton", .l2 = -1}, "l2", GRADUS_ERROR_INVALID_ARGUMENT},
      {{.solver = "newton", .tolerance = NAN}, "tolerance", GRADUS_ERROR_INVALID_ARGUMENT},
      {{.solver = "newton", .descent = {.momentum = 1}}, "momentum", GRADUS_ERROR_INVALID_ARGUMENT},
      {{.solver = "bfgs"}, "lbfgs", GRADUS_ERROR_INVALID_ARGUMENT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gsl_vector_view y = gsl_matrix_column(d.y, 0);
    CHECK_STATUS(gradus_linear_fit_matrix(&fit, d.x, d.y, NULL, &cases[i].options, &err),
                 cases[i].status, &err);
    CHECK_CONTAINS(err.message, cases[i].part);
    err = (gradus_error){0};
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, NULL, &cases[i].options, &err),
                 cases[i].status, &err);
    CHECK_CONTAINS(err.message, cases[i].part);
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gsl_vector_view y = gsl_matrix_column(d.y, 0);
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, NULL,
                                     &(gradus_fit_options){.solver = "irls", .l2 = 1}, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "penalty");
  model_rows_close(&d);
}

static void the_bits_do_not_depend_on_the_number_of_threads(void) {
  model_rows d = make_rows(20000, 3, 1);
  for (size_t s = 0; s < SOLVERS; s++) {
    gradus_fit_options options = {.solver = solvers[s], .threads = 1};
    gradus_fit *one = fit_linear(&d, NULL, &options);
    for (int threads = 2; threads <= 8; threads *= 4) {
      options.threads = threads;
      gradus_fit *many = fit_linear(&d, NULL, &options);
      for (size_t j = 0; j < 4; j++)
        CU_ASSERT_EQUAL(gradus_fit_coefficient(one, 0, j), gradus_fit_coefficient(many, 0, j));
      CU_ASSERT_EQUAL(gradus_fit_solver(one)->certificate, gradus_fit_solver(many)->certificate);
      gradus_fit_free(many);
    }
    gradus_fit_free(one);
  }
  model_rows_close(&d);
}

/* Where weights of 0 mean no mean at all, a start of its own stands for the bias. */
static void inverse_links_without_a_bias_have_irls_numbers_and_a_certificate(void) {
  static const char *const families[] = {"gamma", "inverse_gaussian"};
  model_rows d;
  model_rows_read_design(&d, "trees_gamma_inverse");
  gsl_matrix_view log_girth = gsl_matrix_submatrix(d.x, 0, 0, d.n, 1);
  gsl_matrix all = *d.x;
  for (size_t m = 0; m < 2; m++) {
    gradus_fit_options options = {.family = families[m], .no_intercept = true};
    *d.x = log_girth.matrix;
    gradus_fit *irls = model_rows_fit_glm(&d, &options);
    for (size_t s = 0; s < SOLVERS; s++) {
      options.solver = solvers[s];
      gradus_fit *fit = model_rows_fit_glm(&d, &options);
      CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
      CU_ASSERT_TRUE(gradus_fit_solver(fit)->certificate <= 1e-10);
      check_same_fits(fit, irls, 10 * digits(solvers[s]));
      gradus_fit_free(fit);
    }
    gradus_fit_free(irls);
    *d.x = all;
  }
  model_rows_close(&d);
}

/* Sums are about a row that counts: about 0 they would cancel. */
static void moments_do_not_cancel_where_the_first_rows_weigh_nothing(void) {
  enum { ROWS = 40 };
  double mean, deviation;
  model_rows d;
  gradus_source *source = NULL;
  model_rows_open(&d, ROWS, 1, 1);
  for (size_t i = 0; i < ROWS; i++)
    gsl_matrix_set(d.x, i, 0, i < 3 ? 0 : 1e9 + (i % 2 ? 1 : -1));
  for (size_t i = 0; i < 3; i++)
    gsl_vector_set(d.weight, i, 0);
  gsl_vector_set(d.weight, 3, 2);
  gsl_vector_set(d.weight, 4, 2);
  CHECK_STATUS(
      gradus_source_from_matrix(&source, d.x, d.y, d.weight, GRADUS_WEIGHT_PRIOR, NULL, NULL),
      GRADUS_OK, NULL);
  CHECK_STATUS(gradus_i_column_moments(source, 1, &mean, &deviation, NULL), GRADUS_OK, NULL);
  /* rows 3 .. 39: 19 odd and 18 even ones, of which one each counts twice */
  CHECK_CLOSE(mean - 1e9, 1.0 / 39, 1e-5);
  CHECK_CLOSE(deviation, sqrt(1 - 1.0 / (39 * 39)), 1e-12);
  gradus_source_free(source);
  model_rows_close(&d);
}

/* The objective on rows that it standardises itself, against the one on rows that are. */
static void check_standardised(const gradus_source *source, gradus_i_affine model, size_t p) {
  enum { MOST = 2 * 4 };
  double centre[3] = {1, -20, 0.5}, factor[3] = {2, 0.25, 1e3}, theta[MOST];
  double gradient[2][MOST], matrix[2][MOST * MOST] = {{0}};
  gradus_source *scaled = NULL;
  size_t dim = model.k * (p + 1);
  CHECK_STATUS(gradus_i_scale_source(&scaled, source, centre, factor, NULL), GRADUS_OK, NULL);
  gradus_i_affine own = model;
  own.centre = centre;
  own.factor = factor;
  for (size_t j = 0; j < dim; j++)
    theta[j] = 0.01 * (double)(j % 3) - 0.005;
  gradus_i_objective objectives[] = {{.model = &model, .source = scaled},
                                     {.model = &own, .source = source}};
  gradus_i_value values[2];
  for (size_t i = 0; i < 2; i++) {
    objectives[i].type = &gradus_i_affine_type;
    objectives[i].dim = dim;
    objectives[i].row_size = p + 1;
    values[i] = (gradus_i_value){.gradient = gradient[i], .matrix = matrix[i]};
    CHECK_STATUS(
        gradus_i_objective_evaluate(&objectives[i], theta, GRADUS_I_MATRIX, &values[i], NULL),
        GRADUS_OK, NULL);
  }
  CU_ASSERT(values[0].loss > 0);
  CU_ASSERT_EQUAL(values[0].loss, values[1].loss);
  for (size_t j = 0; j < dim; j++)
    CU_ASSERT_EQUAL(gradient[0][j], gradient[1][j]);
  for (size_t j = 0; j < dim * dim; j++)
    CU_ASSERT_EQUAL(matrix[0][j], matrix[1][j]);
  gradus_source_free(scaled);
}

/* In fused passes and, with an offset or rows of weight 0, without. */
static void standardising_on_the_way_has_the_same_bits(void) {
  enum { ROWS = 300 };
  model_rows d = make_rows(ROWS, 3, 1);
  gradus_i_glm_loss glm = {.family = gradus_i_family_find("binomial"),
                           .link = gradus_i_link_find("logit")};
  const gradus_i_affine models[] = {
      {.p = 3, .k = 1, .bias = true, .loss = &gradus_i_loss_glm, .loss_data = &glm},
      {.p = 3, .k = 2, .bias = true, .loss = &gradus_i_loss_softmax}};
  for (size_t m = 0; m < 2; m++)
    for (int variant = 0; variant < 3; variant++) {
      gradus_source *source = NULL;
      for (size_t i = 0; i < ROWS; i++) {
        gsl_matrix_set(d.y, i, 0, (double)(i * i % 7 % (m + 2)));
        gsl_vector_set(d.weight, i, i % 9 == 0 ? 0 : 1.5);
      }
      CHECK_STATUS(
          gradus_source_from_matrix(&source, d.x, d.y, variant == 1 ? d.weight : NULL,
                                    variant == 1 ? GRADUS_WEIGHT_PRIOR : GRADUS_WEIGHT_NONE,
                                    variant == 2 ? d.offset : NULL, NULL),
          GRADUS_OK, NULL);
      check_standardised(source, models[m], 3);
      gradus_source_free(source);
    }
  model_rows_close(&d);
}

static void no_allocation_failure_leaks_or_crashes(void) {
  model_rows d = make_rows(40, 2, 1);
  for (size_t s = 0; s < SOLVERS; s++)
    for (failing_run run = {0}; NEXT_FAILING(&run);) {
      gradus_fit *fit = NULL;
      gradus_fit_options options = {.solver = solvers[s], .threads = 1};
      gsl_vector_view y = gsl_matrix_column(d.y, 0);
      run.status = gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, d.offset, &options, NULL);
      if (run.status > 0)
        CU_ASSERT_PTR_NULL(fit);
      gradus_fit_free(fit);
    }
  model_rows_close(&d);
}

int main(void) {
  static const test_case cases[] = {
      {"generalised models by every solver have IRLS's numbers",
       generalised_models_by_every_solver_have_irls_numbers},
      {"linear models by every solver have the closed form's numbers",
       linear_models_by_every_solver_have_the_closed_form_s_numbers},
      {"columns that others determine are dropped by every solver",
       columns_that_others_determine_are_dropped_by_every_solver},
      {"penalised models are the exact minimisers", penalised_models_are_the_exact_minimisers},
      {"penalties reach the bias where that is asked for",
       penalties_reach_the_bias_where_that_is_asked_for},
      {"progress is in the units of the data, and can end a fit",
       progress_is_in_the_units_of_the_data_and_can_end_a_fit},
      {"a start at the solution stays there", a_start_at_the_solution_stays_there},
      {"options out of range are named", options_out_of_range_are_named},
      {"the bits do not depend on the number of threads",
       the_bits_do_not_depend_on_the_number_of_threads},
      {"inverse links without a bias have IRLS's numbers, and a certificate",
       inverse_links_without_a_bias_have_irls_numbers_and_a_certificate},
      {"moments do not cancel where the first rows weigh nothing",
       moments_do_not_cancel_where_the_first_rows_weigh_nothing},
      {"standardising on the way has the same bits", standardising_on_the_way_has_the_same_bits},
      {"no allocation failure leaks or crashes", no_allocation_failure_leaks_or_crashes},
  };
  return test_main("iterate", cases, sizeof cases / sizeof *cases);
}
