// SPDX-License-Identifier: GPL-3.0-or-later
/* The report as text, in the shape of R's summary(): call, residuals, coefficients, closing lines.
 */
#include "../objective/internal.h"
#include "internal.h"

#include <math.h>

enum { DIGITS = GRADUS_I_REPORT_DIGITS, FULL_DIGITS = GRADUS_I_REPORT_FULL_DIGITS };

const char *gradus_i_weight_kind_name(gradus_weight_kind kind) {
  static const char *const names[] = {"none", "frequency", "analytic", "prior"};
  return names[kind];
}

const char *gradus_i_robust_name(gradus_robust type) {
  static const char *const names[] = {"none", "HC0", "HC1", "HC2", "HC3"};
  return names[type];
}

const char *gradus_i_intervals_name(gradus_intervals method) {
  static const char *const names[] = {"wald", "profile", "lr"};
  return names[method];
}

bool gradus_i_tests_by_ratio(const gradus_fit *fit) {
  return fit->profile && fit->interval_method == GRADUS_INTERVALS_LR;
}

/* R's formatC(): significant digits without trailing zeros, padded to one more than that. */
static void append_padded(gradus_i_text *text, double value) {
  if (isnan(value))
    gradus_i_text_format(text, "%*s", DIGITS + 1, "NaN");
  else
    gradus_i_text_format(text, "%*.*g", DIGITS + 1, DIGITS, value);
}

void gradus_i_report_single(gradus_i_text *text, double value, int digits) {
  char number[GRADUS_I_NUMBER_SIZE];
  gradus_i_number_single(number, value, digits);
  gradus_i_text_string(text, number);
}

void gradus_i_report_count(gradus_i_text *text, double value) {
  char number[GRADUS_I_NUMBER_SIZE];
  gradus_i_number_count(number, value);
  gradus_i_text_string(text, number);
}

static void append_call(gradus_i_text *text, const gradus_fit *fit, const char *call) {
  char formula[GRADUS_DESIGN_BRIEF];
  gradus_i_text_string(text, "\nCall:\n");
  if (call)
    gradus_i_text_string(text, call);
  else if (fit->design) {
    gradus_design_brief(fit->design, formula);
    gradus_i_text_format(text, "%s(%s)", fit->model, formula);
  } else
    gradus_i_text_format(text, "%s(matrix of %zu columns)", fit->model, fit->p);
  gradus_i_text_string(text, "\n");
}

/* Quartiles that are zero but for rounding errors are shown as zero (R's zapsmall). */
static void zap_small(double *values, size_t count, int digits) {
  double largest = 0;
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, fabs(values[i]));
  double decimals = largest > 0 ? floor(digits - log10(largest) + 0.5) : digits;
  for (size_t i = 0; i < count; i++)
    values[i] = gradus_i_number_round(values[i], decimals > 0 ? (int)fmin(decimals, 400) : 0);
}

/* R puts one blank between them for a linear model, two for a generalised one. */
static void append_quantiles(gradus_i_text *text, const gradus_summary *summary, const char *gap) {
  static const char *const heads[] = {"Min", "1Q", "Median", "3Q", "Max"};
  double quantiles[5];
  for (size_t i = 0; i < 5; i++)
    quantiles[i] = summary->residual_quantile[i];
  zap_small(quantiles, 5, DIGITS + 1);
  gradus_i_number_format format = gradus_i_number_format_for(quantiles, 5, DIGITS);
  format.width = format.width > 6 ? format.width : 6; /* "Median" */
  for (size_t i = 0; i < 5; i++)
    gradus_i_text_format(text, "%*s%s", format.width, heads[i], gap);
  gradus_i_text_string(text, "\n");
  for (size_t i = 0; i < 5; i++) {
    char number[GRADUS_I_NUMBER_SIZE];
    gradus_i_number_write(number, quantiles[i], format);
    gradus_i_text_format(text, "%s%s", number, gap);
  }
  gradus_i_text_string(text, "\n");
}

static void append_residuals(gradus_i_text *text, const gradus_fit *fit,
                             const gradus_summary *summary) {
  if (fit->family) {
    gradus_i_text_string(text, "\nDeviance Residuals: \n");
    append_quantiles(text, summary, "  ");
    return;
  }
  gradus_i_text_format(text, "\n%sResiduals:\n",
                       fit->weight_kind != GRADUS_WEIGHT_NONE ? "Weighted " : "");
  if (summary->df_residual <= 0 && fit->root) {
    gradus_i_text_format(text, "ALL %zu residuals are 0: no residual degrees of freedom!\n",
                         summary->rank);
    return;
  }
  append_quantiles(text, summary, " ");
}

/* What a reader must know of the table: which columns were dropped, whose errors these are. */
static void append_table_notes(gradus_i_text *text, const gradus_fit *fit) {
  static const char *const sources[] = {"", "White 1980", "White 1980, times n/(n - rank)",
                                        "MacKinnon and White 1985", "MacKinnon and White 1985"};
  for (size_t j = 0; j < fit->q; j++)
    if (fit->dropped[j])
      gradus_i_text_format(text, "%s; dropped\n",
                           fit->alias[j] ? fit->alias[j] : gradus_fit_coefficient_name(fit, j));
  if (fit->robust_type != GRADUS_ROBUST_NONE)
    gradus_i_text_format(text, "Standard errors: %s, heteroscedasticity-consistent (%s)%s\n",
                         gradus_i_robust_name(fit->robust_type), sources[fit->robust_type],
                         fit->family ? "" : "; F is the classical test");
  if (fit->firth && !fit->solver.converged)
    gradus_i_text_string(text, "Estimates: Firth's bias reduction\n");
  else if (fit->firth)
    gradus_i_text_format(
        text,
        "Estimates: Firth's bias reduction; standard errors: of the inverse Fisher "
        "information\nTests: %s\n",
        gradus_i_tests_by_ratio(fit) ? "penalised likelihood ratio, chi-square with 1 df"
        : fit->levels                ? "Wald's"
                      : "Wald's; those of the penalised likelihood are to be preferred");
  else if (gradus_i_tests_by_ratio(fit))
    gradus_i_text_string(text, fit->dispersion_known
                                   ? "Tests: likelihood ratio, chi-square with 1 df\n"
                                   : "Tests: likelihood ratio over the dispersion, F with 1 and "
                                     "residual df\n");
  if (!fit->solver.converged)
    gradus_i_text_string(text, "No standard errors: the fit did not converge\n");
  else if (fit->l2 > 0) {
    gradus_i_text_string(text, "No standard errors: the estimates are penalised (l2 = ");
    gradus_i_report_single(text, fit->l2, FULL_DIGITS);
    gradus_i_text_string(text, "), so they are biased and the usual errors do not hold\n");
  } else if (!fit->root && fit->levels && !fit->network)
    gradus_i_text_string(text, "No standard errors: the Fisher matrix is singular\n");
  else if (!fit->root && gradus_fit_layers(fit) == 0)
    gradus_i_text_string(text, "No standard errors: of all solutions this is the one of minimum "
                               "norm; the data do not determine it\n");
}

/* R's confint() profiles the likelihood of a generalised linear model: Wald's must say so. */
const char *gradus_i_report_interval_words(const gradus_fit *fit) {
  if (fit->profile)
    return fit->firth ? " (profile penalised likelihood)" : " (profile likelihood)";
  return fit->family ? " (Wald)" : "";
}

static gradus_status append_coefficients(gradus_i_text *text, const gradus_fit *fit,
                                         size_t response, const gradus_report_options *options,
                                         gradus_error *err) {
  double level = options->level != 0 ? options->level : fit->profile ? fit->profile_level : 0.95;
  bool with_errors = fit->root && fit->solver.converged;
  gradus_i_term_rows terms;
  gradus_status status = gradus_i_terms(&terms, fit, response, level, err);
  if (status > 0)
    return status;
  size_t dropped = 0;
  for (size_t j = 0; j < fit->q; j++)
    dropped += fit->dropped[j];
  if (fit->q == 0)
    gradus_i_text_string(text, "\nNo Coefficients\n");
  else if (dropped > 0)
    gradus_i_text_format(text, "\nCoefficients: (%zu not defined because of singularities)\n",
                         dropped);
  else
    gradus_i_text_string(text, "\nCoefficients:\n");
  if (fit->q > 0)
    status = gradus_i_report_coefficients(text, &terms, !with_errors, err);
  append_table_notes(text, fit);
  if (status == GRADUS_OK && options->intervals && with_errors && fit->q > 0) {
    gradus_i_text_format(text, "\nConfidence intervals%s:\n", gradus_i_report_interval_words(fit));
    status = gradus_i_report_intervals(text, &terms, level, err);
  }
  if (status == GRADUS_OK && options->exponentiate && fit->q > 0)
    status = gradus_i_report_ratios(text, fit, &terms, level, with_errors, err);
  gradus_i_release(terms.rows);
  return status;
}

static void append_f_test(gradus_i_text *text, const gradus_summary *summary) {
  gradus_i_text_string(text, "Multiple R-squared: ");
  gradus_i_text_string(text, " ");
  append_padded(text, summary->r_squared);
  gradus_i_text_string(text, ",\tAdjusted R-squared:  ");
  append_padded(text, summary->adj_r_squared);
  gradus_i_text_string(text, " \nF-statistic: ");
  append_padded(text, summary->statistic);
  gradus_i_text_string(text, " on ");
  gradus_i_report_count(text, summary->df);
  gradus_i_text_string(text, " and ");
  gradus_i_report_count(text, summary->df_residual);
  char p_value[1][GRADUS_I_NUMBER_SIZE];
  gradus_i_number_p_values(p_value, &summary->p_value, 1, DIGITS);
  gradus_i_text_format(text, " DF,  p-value: %s\n", p_value[0]);
  if (summary->uncentred)
    gradus_i_text_string(text, "  (no intercept: R-squared and F are uncentred, about zero and "
                               "not about the mean)\n");
}

static void append_penalised(gradus_i_text *text, const gradus_summary *summary) {
  gradus_i_text_string(text, "Multiple R-squared:  ");
  append_padded(text, summary->r_squared);
  gradus_i_text_string(text, ",\tEffective degrees of freedom: ");
  gradus_i_report_single(text, summary->effective_df, DIGITS);
  gradus_i_text_string(text, "\n");
}

/* Of estimates that are not those of least squares: no test. */
static void append_plain_r_squared(gradus_i_text *text, const gradus_summary *summary) {
  gradus_i_text_string(text, "R-squared, 1 - RSS/TSS: ");
  append_padded(text, summary->r_squared);
  gradus_i_text_string(text, "\n");
}

void gradus_i_report_missing(gradus_i_text *text, const gradus_fit *fit) {
  if (fit->dropped_rows > 0)
    gradus_i_text_format(text, "  (%zu observation%s deleted due to missingness)\n",
                         fit->dropped_rows, fit->dropped_rows == 1 ? "" : "s");
}

static void append_closing(gradus_i_text *text, const gradus_fit *fit,
                           const gradus_summary *summary) {
  gradus_i_text_string(text, "\nResidual standard error: ");
  char sigma[GRADUS_I_NUMBER_SIZE];
  gradus_i_snprintf(sigma, sizeof sigma, "%.*e", DIGITS - 1, summary->sigma);
  gradus_i_report_single(
      text, isfinite(summary->sigma) ? gradus_i_strtod(sigma, NULL) : summary->sigma, FULL_DIGITS);
  gradus_i_text_string(text, " on ");
  gradus_i_report_count(text, summary->df_residual);
  gradus_i_text_string(text, " degrees of freedom\n");
  gradus_i_report_missing(text, fit);
  if (fit->l2 > 0)
    append_penalised(text, summary);
  else if (!fit->solver.converged)
    append_plain_r_squared(text, summary);
  else if (summary->df > 0)
    append_f_test(text, summary);
}

static void append_likelihood(gradus_i_text *text, const gradus_fit *fit,
                              const gradus_summary *summary) {
  gradus_i_text_string(text, "Log-likelihood: ");
  gradus_i_report_single(text, summary->log_lik, FULL_DIGITS);
  gradus_i_text_string(text, " (df=");
  gradus_i_report_count(text, (fit->root ? (double)summary->rank : summary->effective_df) + 1);
  gradus_i_text_string(text, "),  AIC: ");
  gradus_i_report_single(text, summary->aic, FULL_DIGITS);
  gradus_i_text_string(text, ",  BIC: ");
  gradus_i_report_single(text, summary->bic, FULL_DIGITS);
  gradus_i_text_string(text, "\n");
}

static gradus_status append_response(gradus_i_text *text, const gradus_fit *fit, size_t response,
                                     const gradus_report_options *options, gradus_error *err) {
  gradus_summary summary;
  gradus_status status = gradus_fit_summary(fit, response, &summary, err);
  if (status > 0)
    return status;
  if (fit->levels)
    gradus_i_report_class_opening(text, fit, response);
  else if (fit->k > 1)
    gradus_i_text_format(text, "\nResponse %s:\n", gradus_fit_response_name(fit, response));
  if (!fit->levels)
    append_residuals(text, fit, &summary);
  status = append_coefficients(text, fit, response, options, err);
  if (status > 0)
    return status;
  if (fit->levels) {
    if (response + 1 == fit->k)
      gradus_i_report_classes_closing(text, fit, &summary);
    return GRADUS_OK;
  }
  if (fit->family) {
    gradus_i_report_glm_closing(text, fit, &summary);
    return GRADUS_OK;
  }
  append_closing(text, fit, &summary);
  append_likelihood(text, fit, &summary);
  return GRADUS_OK;
}

static gradus_status append_network(gradus_i_text *text, const gradus_fit *fit,
                                    const gradus_report_options *options, gradus_error *err) {
  gradus_status status = gradus_i_report_network(text, fit, err);
  for (size_t r = 0; status <= 0 && fit->q > 0 && r < fit->k; r++) {
    if (fit->levels)
      gradus_i_report_class_opening(text, fit, r);
    else if (fit->k > 1)
      gradus_i_text_format(text, "\nResponse %s:\n", gradus_fit_response_name(fit, r));
    status = append_coefficients(text, fit, r, options, err);
  }
  if (status <= 0) {
    gradus_i_report_network_errors(text, fit);
    status = gradus_i_report_effects(text, fit, options, err);
  }
  return status > 0 ? status : GRADUS_OK;
}

/* A training says why it ended. */
static void append_solver(gradus_i_text *text, const gradus_fit *fit) {
  const gradus_solver_report *solver = &fit->solver;
  const char *method = solver->method ? solver->method : solver->name;
  if (gradus_fit_layers(fit) > 0) {
    gradus_i_text_format(text, "Solver: %s (%s)", method, solver->stop);
    if (isfinite(solver->certificate))
      gradus_i_text_format(text, "; certificate %.2g", solver->certificate);
    gradus_i_text_string(text, "\n");
    return;
  }
  gradus_i_text_format(text, "Solver: %s (%s); certificate %.2g, condition number %.2g\n", method,
                       solver->converged ? solver->stop : "NOT CONVERGED", solver->certificate,
                       solver->condition);
}

static bool is_binomial(const gradus_fit *fit) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  return family && family->is_binomial;
}

/* What decided the numbers, once for all responses. */
static void append_notes(gradus_i_text *text, const gradus_fit *fit) {
  static const char *const weights[] = {
      "", "frequency (row i stands for w_i equal rows; n and df count their sum)",
      "analytic (the variance of row i is sigma^2/w_i)", "prior (number of trials)"};
  gradus_i_text_string(text, "\n");
  if (fit->weight_kind == GRADUS_WEIGHT_PRIOR && fit->levels)
    gradus_i_text_string(text, "Weights: prior (the log-likelihood of row i counts w_i times)\n");
  else if (fit->weight_kind == GRADUS_WEIGHT_PRIOR && fit->family && !is_binomial(fit))
    gradus_i_text_string(text, "Weights: prior (the variance of row i is divided by w_i)\n");
  else if (fit->weight_kind != GRADUS_WEIGHT_NONE)
    gradus_i_text_format(text, "Weights: %s\n", weights[fit->weight_kind]);
  append_solver(text, fit);
  for (size_t i = 0; i < fit->warning_count; i++)
    gradus_i_text_format(text, "Warning: %s\n", fit->warnings[i].message);
}

gradus_status gradus_i_report_text(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_report_options *options, gradus_error *err) {
  append_call(text, fit, options->call);
  if (fit->levels)
    gradus_i_report_classes_opening(text, fit);
  else if (fit->family)
    gradus_i_report_glm_opening(text, fit);
  else
    gradus_i_report_not_converged(text, fit);
  bool network = gradus_fit_layers(fit) > 0;
  gradus_status status = network ? append_network(text, fit, options, err) : GRADUS_OK;
  for (size_t r = 0; !network && status == GRADUS_OK && r < fit->k; r++)
    status = append_response(text, fit, r, options, err);
  append_notes(text, fit);
  gradus_i_text_string(text, "\n");
  return status == GRADUS_OK && text->failed ? gradus_i_out_of_memory(err) : status;
}
