// SPDX-License-Identifier: GPL-3.0-or-later
/* What the text report of a network says of its standard errors, and its average marginal effects.
 */
#include "../model/network.h"
#include "internal.h"
#include <gradus/network_inference.h>

#include <math.h>

enum { DIGITS = GRADUS_I_REPORT_DIGITS };

/* ---- standard errors ---- */

/* Farther from the minimum than this part of a standard error, and errors say little. */
static const double far = 0.1;

static void append_dispersion(gradus_i_text *text, double dispersion, double df) {
  gradus_i_text_string(text, "Dispersion: ");
  gradus_i_report_single(text, dispersion, DIGITS);
  gradus_i_text_string(text, " on ");
  gradus_i_report_count(text, df);
  gradus_i_text_string(text, " degrees of freedom\n");
}

static void append_assumptions(gradus_i_text *text, const gradus_network_information *info,
                               bool dispersion_known) {
  gradus_i_text_format(text, "\nStandard errors: of %s%zu parameters%s",
                       info->output_only ? "the output layer's " : "all ",
                       info->parameters - info->held, info->output_only ? " alone" : "");
  if (info->rank + info->held < info->parameters)
    gradus_i_text_format(text, ", of which the rows identify %zu", info->rank);
  gradus_i_text_format(text, " (%s matrix)\n", dispersion_known ? "Fisher" : "Gauss-Newton");
  if (!dispersion_known) {
    gradus_i_text_string(text, "  ");
    append_dispersion(text, info->dispersion, info->df_residual);
  }
  if (info->output_only)
    gradus_i_text_string(text, "  The hidden layers are taken for given: errors are too small\n");
  bool rely = info->distance <= far;
  gradus_i_text_string(text,
                       rely ? "  They assume independent rows, a network that can be the truth, "
                              "and a minimum of the loss,\n  from which the parameters are "
                            : "  The parameters are ");
  gradus_i_report_single(text, info->distance, 2);
  gradus_i_text_string(text, rely ? " standard errors away\n"
                                  : " standard errors from a minimum of the loss: too far to rely "
                                    "on them\n");
}

void gradus_i_report_network_errors(gradus_i_text *text, const gradus_fit *fit) {
  gradus_network_information info;
  bool converged = fit->solver.converged || gradus_i_network_is_deep(fit->network->network);
  if (gradus_fit_errors(fit, &info))
    append_assumptions(text, &info, fit->dispersion_known);
  else if (fit->root && !fit->dispersion_known)
    append_dispersion(text, fit->dispersion, fit->df_residual);
  else if (fit->network->no_errors && converged)
    gradus_i_text_format(text, "No standard errors: %s\n", fit->network->no_errors);
}

/* ---- effects ---- */

enum { NAME = 32 };

/* Rows first .. first + p - 1 of the effects as the rows of a table; names: p, of columns without.
 */
static gradus_status fill(gradus_i_term_rows *terms, char (*names)[NAME], const gradus_fit *fit,
                          size_t first, double level, gradus_error *err) {
  bool gaussian = fit->network->loss == &gradus_i_loss_gaussian;
  terms->statistic = gaussian ? "t value" : "z value";
  terms->p_value = gaussian ? "Pr(>|t|)" : "Pr(>|z|)";
  for (size_t j = 0; j < fit->p; j++) {
    gradus_effect effect;
    gradus_status status = gradus_fit_effect(fit, first + j, level, &effect, err);
    if (status > 0)
      return status;
    gradus_i_snprintf(names[j], NAME, "x%zu", j + 1);
    terms->rows[j] = (gradus_term){.term = effect.term ? effect.term : names[j],
                                   .response = effect.response,
                                   .estimate = effect.estimate,
                                   .std_error = effect.std_error,
                                   .statistic = effect.statistic,
                                   .p_value = effect.p_value,
                                   .conf_low = effect.conf_low,
                                   .conf_high = effect.conf_high};
  }
  return GRADUS_OK;
}

static gradus_status append_mean(gradus_i_text *text, const gradus_i_term_rows *terms, bool several,
                                 bool intervals, double level, gradus_error *err) {
  gradus_i_text_string(text, "\nAverage marginal effects");
  if (several)
    gradus_i_text_format(text, " on %s", terms->rows[0].response);
  gradus_i_text_string(text, ":\n");
  gradus_status status = gradus_i_report_coefficients(text, terms, false, err);
  if (status > 0 || !intervals)
    return status;
  gradus_i_text_string(text, "\nConfidence intervals of the effects:\n");
  return gradus_i_report_intervals(text, terms, level, err);
}

static bool has_whole_inputs(const gradus_fit *fit) {
  const gradus_i_network *network = fit->network->network;
  bool whole = false;
  for (size_t j = 0; !whole && j < network->inputs; j++) {
    gradus_i_input input;
    gradus_i_network_input(network, j, &input);
    whole = input.whole;
  }
  return whole;
}

gradus_status gradus_i_report_effects(gradus_i_text *text, const gradus_fit *fit,
                                      const gradus_report_options *options, gradus_error *err) {
  double level = options->level != 0 ? options->level : 0.95;
  size_t count = gradus_fit_effects(fit);
  if (count == 0)
    return GRADUS_OK;
  gradus_i_term_rows terms = {.count = fit->p};
  char(*names)[NAME] = gradus_i_allocate(fit->p, sizeof *names);
  terms.rows = gradus_i_allocate(fit->p, sizeof *terms.rows);
  gradus_status status = names && terms.rows ? GRADUS_OK : gradus_i_out_of_memory(err);
  for (size_t first = 0; status <= 0 && first < count; first += fit->p) {
    status = fill(&terms, names, fit, first, level, err);
    if (status <= 0)
      status = append_mean(text, &terms, count > fit->p, options->intervals, level, err);
  }
  if (status <= 0 && has_whole_inputs(fit))
    gradus_i_text_string(text, "An embedded factor has no marginal effect (NaN): nothing lies "
                               "between its levels\n");
  gradus_i_release(names);
  gradus_i_release(terms.rows);
  return status;
}
