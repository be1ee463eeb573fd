// SPDX-License-Identifier: GPL-3.0-or-later
/* What every fit takes from its least-squares problem, and says of it: names, also of levels,
   dropped columns, rank, condition. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* Above this condition number (columns at one length, centred) the design is called nearly
 * collinear. */
static const double ill_condition = 1e8;

gradus_status gradus_i_fit_design(gradus_design **design, const char *formula,
                                  const gradus_frame *frame, const gradus_fit_options *options,
                                  gradus_error *err) {
  gradus_formula *parsed = NULL;
  gradus_design_options columns = {.weight_kind = options->weight_kind,
                                   .weights = options->weights};
  gradus_status status = gradus_formula_parse(&parsed, formula, err);
  if (status <= 0)
    status = gradus_design_new(design, parsed, frame, &columns, err);
  gradus_formula_free(parsed);
  return status;
}

/* `x2 = 2*x1` from the relation among the scaled columns; parts that are rounding errors of the
 * others are left out. */
static char *describe_relation(const gradus_fit *fit, const gradus_i_least_squares *s, size_t j) {
  enum { PARTS_MAX = 8 };
  const double *relation = s->relation + j * s->layout.q, *scale = s->layout.scale;
  gradus_i_text text = {0};
  size_t parts = 0;
  gradus_i_text_format(&text, "%s =", gradus_fit_coefficient_name(fit, j));
  for (size_t i = 0; i < s->layout.q; i++) {
    if (fabs(relation[i]) * s->norm[i] <= 1e-9 * s->norm[j])
      continue;
    double factor = relation[i] * (scale[i] / scale[j]);
    const char *sign = factor < 0 ? (parts ? " - " : " -") : (parts ? " + " : " ");
    if (parts++ == PARTS_MAX) {
      gradus_i_text_string(&text, " + ...");
      break;
    }
    gradus_i_text_string(&text, sign);
    if (fabs(fabs(factor) - 1) > 1e-9)
      gradus_i_text_format(&text, "%.6g*", fabs(factor));
    gradus_i_text_string(&text, gradus_fit_coefficient_name(fit, i));
  }
  if (parts == 0)
    gradus_i_text_string(&text, " 0");
  if (text.failed)
    gradus_i_text_clear(&text);
  return text.data;
}

gradus_status gradus_i_fit_take_relations(gradus_fit *fit, const gradus_i_least_squares *s,
                                          gradus_error *err) {
  for (size_t j = 0; j < fit->q; j++) {
    fit->dropped[j] = s->dropped[j];
    if (s->dropped[j] && !(fit->alias[j] = describe_relation(fit, s, j)))
      return gradus_i_out_of_memory(err);
  }
  return GRADUS_OK;
}

double gradus_i_effective_df(const gradus_i_least_squares *s) {
  double df = (double)s->rank;
  size_t q = s->layout.q;
  for (size_t j = 0; s->options.l2 > 0 && j < s->rank; j++)
    for (size_t i = 0; i < q; i++)
      df -= s->ridge[i] * s->root[i + j * q] * s->root[i + j * q];
  return df;
}

static gradus_status name_columns(gradus_fit *fit, gradus_error *err) {
  if (fit->design)
    return GRADUS_OK;
  fit->names = gradus_i_allocate(fit->q, sizeof *fit->names);
  if (!fit->names)
    return gradus_i_out_of_memory(err);
  for (size_t j = fit->has_intercept ? 1 : 0; j < fit->q; j++) {
    char name[32];
    snprintf(name, sizeof name, "x%zu", fit->has_intercept ? j : j + 1);
    if (!(fit->names[j] = gradus_i_string_copy(name)))
      return gradus_i_out_of_memory(err);
  }
  return GRADUS_OK;
}

static gradus_status name_responses(gradus_fit *fit, gradus_error *err) {
  for (size_t r = 0; r < fit->k; r++) {
    char name[32] = "y";
    if (fit->responses[r].name) /* a class */
      continue;
    if (fit->k > 1)
      snprintf(name, sizeof name, "y%zu", r + 1);
    const char *given = fit->design ? gradus_design_response_name(fit->design, r) : name;
    if (!(fit->responses[r].name = gradus_i_string_copy(given)))
      return gradus_i_out_of_memory(err);
  }
  return GRADUS_OK;
}

gradus_status gradus_i_fit_name(gradus_fit *fit, gradus_error *err) {
  gradus_status status = name_columns(fit, err);
  return status > 0 ? status : name_responses(fit, err);
}

gradus_status gradus_i_fit_warn_rank(gradus_fit *fit, gradus_collinear collinear,
                                     gradus_error *err) {
  gradus_i_text list = {0};
  size_t count = 0;
  for (size_t j = 0; j < fit->q; j++)
    if (fit->alias[j])
      gradus_i_text_format(&list, "%s%s", count++ ? "; " : "", fit->alias[j]);
  const char *relations = list.data ? list.data : "";
  gradus_status status = GRADUS_OK;
  if (count > 0 && collinear == GRADUS_COLLINEAR_ERROR)
    status = gradus_i_fail(err, GRADUS_ERROR_COLLINEAR,
                           "collinear columns: %s; remove them, or allow dropping them", relations);
  else if (count > 0)
    status = gradus_i_fit_warn(fit, err, GRADUS_WARNING_RANK_DEFICIENT,
                               "collinear columns: %s; dropped, as earlier columns determine them",
                               relations);
  else if (fit->rank < fit->q && fit->l2 == 0)
    status = gradus_i_fit_warn(fit, err, GRADUS_WARNING_RANK_DEFICIENT,
                               "the design has rank %zu of %zu: of all solutions this is the one "
                               "of minimum norm; it has no standard errors",
                               fit->rank, fit->q);
  gradus_i_text_clear(&list);
  return status;
}

void gradus_i_fit_warn_condition(gradus_fit *fit, double condition, gradus_error *err) {
  if (condition > ill_condition && fit->l2 == 0)
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_ILL_CONDITIONED,
                      "the design is nearly collinear (condition number %.2g): estimates depend on "
                      "the last digits of the data",
                      condition);
}

const char *gradus_i_level_name(const char *const *levels, size_t class, char *number,
                                size_t size) {
  if (levels)
    return levels[class];
  gradus_i_snprintf(number, size, "%zu", class);
  return number;
}

gradus_status gradus_i_fit_name_levels(gradus_fit *fit, const char *const *levels, size_t classes,
                                       gradus_error *err) {
  char number[32];
  fit->levels = gradus_i_allocate(classes, sizeof *fit->levels);
  for (size_t c = 0; fit->levels && c < classes; c++) {
    const char *name = gradus_i_level_name(levels, c, number, sizeof number);
    fit->levels[c] = gradus_i_string_copy(name);
    if (c > 0)
      fit->responses[c - 1].name = gradus_i_string_copy(name);
    if (!fit->levels[c] || (c > 0 && !fit->responses[c - 1].name))
      return gradus_i_out_of_memory(err);
  }
  return fit->levels ? GRADUS_OK : gradus_i_out_of_memory(err);
}

void gradus_i_fit_without_residuals(gradus_fit *fit) {
  for (size_t r = 0; r < fit->k; r++) {
    gradus_i_response *response = &fit->responses[r];
    response->scale = 1;
    response->rss = response->tss = response->mss = NAN;
    for (size_t i = 0; i < 5; i++)
      response->residual_quantile[i] = NAN;
  }
}
