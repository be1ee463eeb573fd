// SPDX-License-Identifier: GPL-3.0-or-later
/* Binary responses that the columns separate: the likelihood rises for ever along some directions,
   and its supremum is the maximum of a smaller model, of the rows that none of them moves
   (Barndorff-Nielsen 1978, Albert and Anderson 1984, Biometrika 71:1-10; Geyer 2009, Electronic
   Journal of Statistics 3:259-289). There the columns that the directions move are collinear with
   others, so that the least-squares steps drop some of them; whichever these are, the coefficients
   that no direction moves have the same estimates and covariance. */
#include "glm.h"

#include <math.h>
#include <string.h>

void gradus_i_at_infinity_clear(gradus_i_at_infinity *limit) {
  gradus_i_separation_clear(&limit->found);
  gradus_i_irls_free(limit->start);
  gradus_i_irls_free(limit->irls);
  gradus_source_free(limit->rest);
  *limit = (gradus_i_at_infinity){0};
}

/* "x (+Inf), fc (-Inf)". */
static void list_infinite(const gradus_fit *fit, const gradus_i_separation *found,
                          gradus_i_text *list) {
  size_t count = 0;
  for (size_t j = 0; j < fit->q; j++)
    if (!found->finite[j])
      gradus_i_text_format(list, "%s%s (%s)", count++ ? ", " : "",
                           gradus_fit_coefficient_name(fit, j),
                           found->sign[j] > 0   ? "+Inf"
                           : found->sign[j] < 0 ? "-Inf"
                                                : "undetermined");
}

/* What happened, in a sentence without its end. */
static void describe(gradus_i_text *text, const gradus_fit *fit, const gradus_i_separation *found,
                     const gradus_i_glm_sums *sums) {
  if (sums->total == 0 || sums->total == sums->weight)
    gradus_i_text_format(text,
                         "every response is %d: with one outcome only there is nothing to tell "
                         "apart, and these estimates are infinite: ",
                         sums->total == 0 ? 0 : 1);
  else
    gradus_i_text_format(
        text,
        "%s separation: the columns tell %s of the outcomes without error (row %zu is one), so the "
        "likelihood has no maximum and these estimates are infinite: ",
        found->complete ? "complete" : "quasi-complete", found->complete ? "all" : "some",
        found->row);
  list_infinite(fit, found, text);
}

static gradus_status fail_separated(const gradus_fit *fit, const gradus_i_glm_sums *sums,
                                    const gradus_i_separation *found, gradus_error *err) {
  gradus_i_text text = {0};
  describe(&text, fit, found, sums);
  gradus_i_fail(err, GRADUS_ERROR_SEPARATION,
                "%s; leave out or join columns or levels, or use Firth's method (--firth)",
                text.data ? text.data : "");
  gradus_i_text_clear(&text);
  return GRADUS_ERROR_SEPARATION;
}

/* The limit's rows and their solution. */
static gradus_status solve_rest(gradus_i_at_infinity *limit, const gradus_source *source,
                                const gradus_i_irls_options *options, gradus_error *err) {
  gradus_i_glm_sums sums;
  gradus_i_irls_options own = *options;
  own.any_rank = true;
  gradus_status status = gradus_i_separation_rest(&limit->rest, source, &limit->found, err);
  if (status <= 0)
    status = gradus_i_glm_sums_at(&sums, limit->rest, options, limit->start->estimate, 0, err);
  if (status > 0)
    return status;
  if (sums.rows > 0)
    return gradus_i_irls_solve(&limit->irls, limit->rest, &own, err);
  gradus_i_irls *irls = limit->irls = gradus_i_allocate(1, sizeof *irls);
  if (!irls || !(irls->estimate = gradus_i_allocate(limit->start->step->layout.q, sizeof(double))))
    return gradus_i_out_of_memory(err);
  irls->converged = true;
  irls->stop = gradus_i_solver_words[GRADUS_I_WORD_SEPARATED];
  return GRADUS_OK;
}

/* Not converged, or with rows at the very ends and standard errors to match. */
static gradus_status look_for_signs(bool *signs, const gradus_i_irls *irls,
                                    const gradus_source *source,
                                    const gradus_i_irls_options *irls_options,
                                    const gradus_fit_options *options, gradus_error *err) {
  double largest;
  *signs = !irls->converged || irls->sums.extreme > 0;
  if (!irls->converged || irls->sums.extreme == 0 ||
      options->tolerance > gradus_i_separated_tolerance)
    return GRADUS_OK;
  gradus_status status = gradus_i_largest_variance(&largest, irls->step, source, irls->sums.weight,
                                                   irls_options->threads, err);
  *signs = !(largest < gradus_i_separated_variance);
  return status;
}

/* It is looked for where the fit shows signs of it. Of the log link other directions are to be
   feared: it is told as not converged. */
gradus_status gradus_i_look_for_separation(gradus_i_at_infinity *limit, const gradus_fit *fit,
                                           const gradus_i_irls *irls, const gradus_source *source,
                                           const gradus_i_irls_options *irls_options,
                                           const gradus_fit_options *options, gradus_error *err) {
  bool signs;
  *limit = (gradus_i_at_infinity){0};
  if (!irls_options->family->is_binomial || strcmp(irls_options->link->name, "log") == 0 ||
      options->firth || options->l2 > 0)
    return GRADUS_OK;
  gradus_status status = look_for_signs(&signs, irls, source, irls_options, options, err);
  if (status > 0 || !signs)
    return status;
  gradus_i_irls_options once = *irls_options;
  once.max_iterations = 1;
  status = gradus_i_irls_solve(&limit->start, source, &once, err);
  if (status <= 0)
    status = gradus_i_separation_find(&limit->found, source, !irls_options->no_intercept,
                                      limit->start->step->dropped, err);
  if (status > 0 || !limit->found.separated)
    return status;
  if (options->separation == GRADUS_SEPARATION_ERROR)
    return fail_separated(fit, &irls->sums, &limit->found, err);
  return solve_rest(limit, source, irls_options, err);
}

/* Without a row nothing has a scale. */
static void take_nothing(gradus_fit *fit, const gradus_i_at_infinity *limit) {
  for (size_t j = 0; j < fit->q; j++)
    fit->column_scale[j] = 1;
  for (size_t i = 0; i < fit->q * fit->q; i++)
    fit->root[i] = 0;
  fit->responses[0].scale = 1;
  fit->solver = (gradus_solver_report){.name = gradus_i_solver_words[GRADUS_I_WORD_IRLS],
                                       .method = gradus_i_solver_words[GRADUS_I_WORD_HOW_IRLS],
                                       .stop = limit->irls->stop,
                                       .converged = true,
                                       .condition = limit->start->step->condition};
}

gradus_status gradus_i_take_limit(gradus_fit *fit, const gradus_i_at_infinity *limit,
                                  const gradus_i_glm_sums *sums, gradus_error *err) {
  const gradus_i_separation *found = &limit->found;
  const gradus_i_least_squares *columns = limit->start->step;
  double *theta = gradus_params_values(fit->params);
  size_t q = fit->q, first = fit->has_intercept ? 1 : 0;
  gradus_status status = gradus_i_limit_new(&fit->limit, q, found->dimensions, err);
  if (status > 0)
    return status;
  if (!limit->irls->step)
    take_nothing(fit, limit);
  fit->rank = columns->rank;
  fit->effective_df = (double)columns->rank;
  memcpy(fit->limit->centre, found->centre, q * sizeof(double));
  memcpy(fit->limit->estimate, limit->irls->estimate, q * sizeof(double));
  memcpy(fit->limit->direction, found->direction, q * sizeof(double));
  memcpy(fit->limit->space, found->space, found->dimensions * q * sizeof(double));
  for (size_t j = 0; j < q; j++) {
    double *estimate = &theta[j < first ? fit->p : j - first];
    if (columns->dropped[j])
      *estimate = NAN;
    else if (!found->finite[j])
      *estimate = found->sign[j] == 0 ? NAN : found->sign[j] * HUGE_VAL;
  }
  gradus_i_text text = {0};
  describe(&text, fit, found, sums);
  gradus_i_fit_warn(fit, err, GRADUS_WARNING_SEPARATION,
                    "%s; with the link logit Firth's method (--firth) has finite ones",
                    text.data ? text.data : "");
  gradus_i_text_clear(&text);
  return GRADUS_OK;
}
