// SPDX-License-Identifier: GPL-3.0-or-later
/* Which solver finds the estimates of a generalised linear model. */
#include "glm.h"

#include <math.h>
#include <string.h>

static gradus_status choose(const gradus_i_solver **solver, const gradus_fit_options *options,
                            gradus_error *err) {
  bool irls = !gradus_i_solver_is_automatic(options) && strcmp(options->solver, "irls") == 0;
  *solver = gradus_i_iterative_solver(options);
  if (irls && options->l2 > 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the solver irls knows no penalty; newton, lbfgs and gradient-descent do");
  if (gradus_i_solver_is_automatic(options) && options->l2 > 0)
    *solver = &gradus_i_newton;
  if (*solver || irls || gradus_i_solver_is_automatic(options))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "there is no solver \"%s\" for a generalised linear model; there are auto, "
                       "irls, newton, levenberg-marquardt, lbfgs and gradient-descent",
                       options->solver);
}

/* ---- IRLS ---- */

/* From the intercept first to the order of the parameters. */
static void to_theta(size_t p, size_t first, const double *estimate, double *theta) {
  memcpy(theta, estimate + first, p * sizeof *theta);
  if (first)
    theta[p] = estimate[0];
}

static gradus_status by_irls(gradus_i_irls **solution, const gradus_source *source,
                             const gradus_i_irls_options *irls, const gradus_fit_options *options,
                             gradus_error *err) {
  gradus_i_irls_options own = *irls;
  gradus_i_glm_watch watch;
  gradus_status status = gradus_i_glm_watch_begin(&watch, &own, source, options, err);
  if (status <= 0)
    status = gradus_i_irls_solve(solution, source, &own, err);
  gradus_i_glm_watch_end(&watch);
  return status;
}

/* ---- solvers of objectives ---- */

/* The bias of the model without inputs, which descends from there; 0 if that is infinite. */
static gradus_status null_bias(double *bias, const gradus_source *source,
                               const gradus_i_irls_options *irls, const gradus_i_glm_sums *sums,
                               gradus_error *err) {
  gradus_status status = GRADUS_OK;
  *bias = irls->link->predictor(sums->total / sums->weight);
  if (isfinite(*bias) && gradus_source_get_shape(source)->has_offset) {
    gradus_i_irls *null = NULL;
    gradus_i_irls_options inputs = *irls;
    inputs.intercept_only = true;
    status = gradus_i_irls_solve(&null, source, &inputs, err);
    if (status <= 0)
      *bias = null->estimate[0];
    gradus_i_irls_free(null);
  }
  if (!isfinite(*bias))
    *bias = 0;
  return status;
}

/* Arrays of one solve. */
typedef struct arrays {
  double *estimate, *theta, *start; /* p + 1 */
  bool *dropped;                    /* p + 1 */
} arrays;

static gradus_status allocate(arrays *a, size_t p, gradus_error *err) {
  a->estimate = gradus_i_allocate(3 * (p + 1), sizeof *a->estimate);
  a->dropped = gradus_i_allocate(p + 1, sizeof *a->dropped);
  if (!a->estimate || !a->dropped)
    return gradus_i_out_of_memory(err);
  a->theta = a->estimate + p + 1;
  a->start = a->theta + p + 1;
  return GRADUS_OK;
}

/* Where to start, and which columns stay out. */
static gradus_status prepare(gradus_i_iteration *problem, double *bias, arrays *a,
                             const gradus_i_irls_options *irls, gradus_error *err) {
  const gradus_source *source = problem->source;
  size_t p = gradus_source_get_shape(source)->columns, first = problem->intercept ? 1 : 0;
  gradus_i_glm_sums sums;
  /* Checks the responses, and knows their mean. */
  gradus_status status = gradus_i_glm_sums_at(&sums, source, irls, a->estimate, 0, err);
  if (status <= 0 && first)
    status = null_bias(bias, source, irls, &sums, err);
  /* Without a bias, weights of 0 may mean no mean at all. */
  bool blind = !first && !gradus_i_link_valid(irls->link, irls->family->is_binomial, 0);
  bool penalised = problem->options->l2 > 0;
  if (status <= 0 && (!penalised || blind))
    status = gradus_i_irls_first(a->dropped, a->estimate, source, irls, err);
  if (status <= 0 && blind) {
    to_theta(p, first, a->estimate, a->start);
    problem->start = a->start;
  }
  problem->dropped = penalised ? NULL : a->dropped;
  return status;
}

static void take_report(gradus_i_irls *solution, const gradus_solver_report *report) {
  solution->name = report->name;
  solution->how = report->method;
  solution->stop = report->stop;
  solution->converged = report->converged;
  solution->iterations = report->iterations;
  solution->certificate = report->certificate;
}

static gradus_status by_objective(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *irls, const gradus_i_solver *solver,
                                  const gradus_fit_options *options, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns, first = irls->no_intercept ? 0 : 1;
  double bias = 0;
  gradus_i_glm_loss loss = {.family = irls->family, .link = irls->link, .shape = irls->shape};
  gradus_i_iteration problem = {.solver = solver,
                                .source = source,
                                .k = 1,
                                .intercept = first > 0,
                                .loss = &gradus_i_loss_glm,
                                .loss_data = &loss,
                                .bias = &bias,
                                .to_standstill = solver == &gradus_i_newton,
                                .options = options};
  gradus_solver_report report;
  arrays a = {0};
  gradus_status status = allocate(&a, p, err);
  if (status <= 0)
    status = prepare(&problem, &bias, &a, irls, err);
  if (status <= 0)
    status = gradus_i_iterate(&problem, a.theta, &report, err);
  if (status <= 0) {
    memcpy(a.estimate + first, a.theta, p * sizeof *a.theta);
    if (first)
      a.estimate[0] = a.theta[p];
    status = gradus_i_irls_at(solution, source, irls, a.estimate, err);
  }
  if (status <= 0)
    take_report(*solution, &report);
  gradus_i_release(a.estimate);
  gradus_i_release(a.dropped);
  return status;
}

/* Newton's method on long data, where it keeps all digits; else *solution stays NULL. */
static gradus_status try_newton(gradus_i_irls **solution, const gradus_source *source,
                                const gradus_i_irls_options *irls,
                                const gradus_fit_options *options, gradus_error *err) {
  gradus_i_glm_sums sums;
  double bias = 0;
  if (options->start || options->progress || !gradus_i_glm_is_long(source, irls))
    return GRADUS_OK;
  /* Checks the responses; their mean does not need the inputs. */
  gradus_status status = gradus_i_glm_sums_at(&sums, source, irls, NULL, 1, err);
  if (status <= 0 && !irls->no_intercept)
    status = null_bias(&bias, source, irls, &sums, err);
  if (status <= 0)
    status = gradus_i_glm_newton(solution, source, irls, bias, options, err);
  return status;
}

gradus_status gradus_i_glm_solve(gradus_i_irls **solution, const gradus_source *source,
                                 const gradus_i_irls_options *irls,
                                 const gradus_fit_options *options, gradus_error *err) {
  const gradus_i_solver *solver;
  if (options->firth)
    return gradus_i_glm_firth(solution, source, irls, options, err);
  gradus_status status = choose(&solver, options, err);
  if (status > 0)
    return status;
  *solution = NULL;
  if (solver)
    return by_objective(solution, source, irls, solver, options, err);
  if (gradus_i_solver_is_automatic(options))
    status = try_newton(solution, source, irls, options, err);
  return status > 0 || *solution ? status : by_irls(solution, source, irls, options, err);
}
