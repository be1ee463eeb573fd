// SPDX-License-Identifier: GPL-3.0-or-later
/* What the text report of a generalised linear model has beside a linear one's, in the shape of R's
   summary.glm(). */
#include "../objective/internal.h"
#include "internal.h"

#include <math.h>
#include <string.h>

enum { DEVIANCE_DIGITS = GRADUS_I_REPORT_DIGITS + 1 };

/* R writes some families differently. */
static const char *name_in_r(const char *family) {
  if (strcmp(family, "gamma") == 0)
    return "Gamma";
  return strcmp(family, "inverse_gaussian") == 0 ? "inverse.gaussian" : family;
}

/* IRLS and Newton's method with the Fisher matrix are both Fisher scoring. */
static const char *name_iterations(const gradus_fit *fit) {
  bool scoring = strcmp(fit->solver.name, "irls") == 0 || strcmp(fit->solver.name, "newton") == 0;
  return scoring ? "Fisher Scoring" : fit->solver.name;
}

/* Which of the two outcomes the probabilities, and so the signs, are of. */
static void append_modelled(gradus_i_text *text, const gradus_fit *fit) {
  const char *name = gradus_fit_response_name(fit, 0);
  if (fit->modelled_level)
    gradus_i_text_format(text, "\nmodelling P(%s = \"%s\")\n", name, fit->modelled_level);
  else if (fit->design && gradus_design_responses(fit->design) == 2)
    gradus_i_text_format(text, "\nmodelling the proportion %s / (%s + %s)\n", name, name,
                         gradus_design_response_name(fit->design, 1));
  else if (fit->weight_kind == GRADUS_WEIGHT_PRIOR)
    gradus_i_text_format(text, "\nmodelling the proportion %s\n", name);
  else
    gradus_i_text_format(text, "\nmodelling P(%s = 1)\n", name);
}

/* In words what the table's Inf and NaN mean; which columns they are says the warning. */
void gradus_i_report_separated(gradus_i_text *text, const gradus_fit *fit) {
  size_t undetermined = 0;
  if (!fit->limit)
    return;
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < fit->q; j++)
      undetermined += gradus_fit_infinite(fit, r, j) && isnan(gradus_fit_coefficient(fit, r, j));
  gradus_i_text_string(
      text, "\n*** SEPARATED: the likelihood has no maximum. Infinite estimates have no standard "
            "error, test or interval; the others are those of the likelihood's limit ***\n");
  bool firth = fit->levels || strcmp(fit->family, "binomial") == 0;
  if (firth && strcmp(fit->link, "logit") == 0)
    gradus_i_text_string(text, "Firth's bias-reduced estimates (--firth) are finite\n");
  if (undetermined > 0)
    gradus_i_text_string(text,
                         "NaN: the likelihood determines neither this estimate nor a direction\n");
}

void gradus_i_report_not_converged(gradus_i_text *text, const gradus_fit *fit) {
  if (!fit->solver.converged && gradus_fit_layers(fit) == 0)
    gradus_i_text_format(
        text,
        "\n*** NOT CONVERGED after %zu iteration%s: these are not the estimates that the data "
        "ask for ***\n",
        fit->solver.iterations, fit->solver.iterations == 1 ? "" : "s");
}

void gradus_i_report_glm_opening(gradus_i_text *text, const gradus_fit *fit) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  if (family && family->is_binomial)
    append_modelled(text, fit);
  gradus_i_report_separated(text, fit);
  gradus_i_report_not_converged(text, fit);
}

/* Two lines whose numbers stand below each other. */
static void append_deviances(gradus_i_text *text, const gradus_fit *fit,
                             const gradus_summary *summary) {
  static const char *const names[] = {"    Null", "Residual"};
  const double deviance[] = {summary->null_deviance, summary->deviance};
  const double df[] = {fit->df_null, summary->df_residual};
  gradus_i_number_format format = gradus_i_number_format_for(deviance, 2, DEVIANCE_DIGITS);
  char counts[2][GRADUS_I_NUMBER_SIZE];
  size_t width = 0;
  for (size_t i = 0; i < 2; i++) {
    gradus_i_number_count(counts[i], df[i]);
    width = strlen(counts[i]) > width ? strlen(counts[i]) : width;
  }
  for (size_t i = 0; i < 2; i++) {
    char number[GRADUS_I_NUMBER_SIZE];
    gradus_i_number_write(number, deviance[i], format);
    gradus_i_text_format(text, "%s deviance: %s  on %*s  degrees of freedom\n", names[i], number,
                         (int)width, counts[i]);
  }
}

static void append_likelihood(gradus_i_text *text, const gradus_fit *fit,
                              const gradus_summary *summary) {
  gradus_i_text_string(text, "Log-likelihood: ");
  gradus_i_report_single(text, summary->log_lik, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, " (df=");
  gradus_i_report_count(text, fit->likelihood_df);
  gradus_i_text_string(text, "),  BIC: ");
  gradus_i_report_single(text, summary->bic, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, "\n");
}

void gradus_i_report_pseudo(gradus_i_text *text, const gradus_summary *summary) {
  const struct {
    const char *name;
    double value;
  } measures[] = {{"McFadden", summary->r_squared_mcfadden},
                  {"Cox-Snell", summary->r_squared_cox_snell},
                  {"Nagelkerke", summary->r_squared_nagelkerke}};
  bool any = false;
  for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
    if (!isfinite(measures[i].value))
      continue;
    gradus_i_text_format(text, "%s%s ", any ? ",  " : "Pseudo R-squared: ", measures[i].name);
    gradus_i_report_single(text, measures[i].value, GRADUS_I_REPORT_DIGITS);
    any = true;
  }
  if (any)
    gradus_i_text_string(text, "\n");
}

/* Digits after the point as summary.negbin shows them: two of the standard error. */
static int theta_digits(const gradus_fit *fit) {
  double digits = 2 - floor(log10(fit->theta_std_error));
  return digits > 0 && digits < 20 ? (int)digits : 0;
}

static void append_theta(gradus_i_text *text, const gradus_fit *fit) {
  if (isnan(fit->theta))
    return;
  int digits = isnan(fit->theta_std_error) ? 3 : theta_digits(fit);
  char theta[GRADUS_I_NUMBER_SIZE], std_error[GRADUS_I_NUMBER_SIZE], twice[GRADUS_I_NUMBER_SIZE];
  if (isnan(fit->theta_std_error)) {
    gradus_i_text_string(text, "\n              Theta:  ");
    gradus_i_report_single(text, fit->theta, GRADUS_I_REPORT_FULL_DIGITS);
    gradus_i_text_string(text, isinf(fit->theta) ? "\n" : " (given)\n");
  } else {
    gradus_i_snprintf(theta, sizeof theta, "%.*f", digits, fit->theta);
    gradus_i_snprintf(std_error, sizeof std_error, "%.*f", digits, fit->theta_std_error);
    gradus_i_text_format(text, "\n              Theta:  %s\n          Std. Err.:  %s\n", theta,
                         std_error);
  }
  gradus_i_snprintf(twice, sizeof twice, "%.*f", digits, 2 * fit->log_lik);
  gradus_i_text_format(text, "\n 2 x log-likelihood:  %s\n\n", twice);
}

/* "Gamma", "Negative Binomial(1.275)". */
static void append_family(gradus_i_text *text, const gradus_fit *fit) {
  if (strcmp(fit->family, "negative_binomial") != 0) {
    gradus_i_text_string(text, name_in_r(fit->family));
    return;
  }
  gradus_i_text_string(text, "Negative Binomial");
  if (isnan(fit->theta))
    return;
  gradus_i_text_string(text, "(");
  gradus_i_report_single(text, fit->theta < 1e10 ? round(1e4 * fit->theta) / 1e4 : fit->theta,
                         GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, ")");
}

void gradus_i_report_glm_closing(gradus_i_text *text, const gradus_fit *fit,
                                 const gradus_summary *summary) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  gradus_i_text_string(text, "\n(Dispersion parameter for ");
  append_family(text, fit);
  gradus_i_text_string(text, " family taken to be ");
  gradus_i_report_single(text, summary->dispersion, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, ")\n\n");
  append_deviances(text, fit, summary);
  gradus_i_report_missing(text, fit);
  gradus_i_text_string(text, "AIC: ");
  if (fit->has_likelihood)
    gradus_i_report_single(text, summary->aic, DEVIANCE_DIGITS);
  else
    gradus_i_text_string(text, "NA");
  if (fit->firth) {
    gradus_i_text_string(text, "\nPenalised log-likelihood: ");
    gradus_i_report_single(text, gradus_fit_penalised_log_lik(fit), GRADUS_I_REPORT_FULL_DIGITS);
  }
  gradus_i_text_format(text, "\n\nNumber of %s iterations: %zu%s\n", name_iterations(fit),
                       fit->solver.iterations, fit->solver.converged ? "" : " (NOT CONVERGED)");
  append_theta(text, fit);
  if (fit->has_likelihood)
    append_likelihood(text, fit, summary);
  if (!family || strcmp(fit->link, family->links[0]) != 0)
    gradus_i_text_format(text, "Link: %s\n", fit->link);
  gradus_i_report_pseudo(text, summary);
}
