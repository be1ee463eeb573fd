// SPDX-License-Identifier: GPL-3.0-or-later
/* Estimates and intervals to the power of e: odds ratios and their kin. */
#include "internal.h"

#include <math.h>
#include <string.h>

gradus_status gradus_i_check_ratio(const gradus_fit *fit, gradus_error *err) {
  if (gradus_fit_ratio(fit))
    return GRADUS_OK;
  if (!fit->family)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "exp(estimate) has no meaning in a linear model: it is a ratio where the "
                         "link is logit, log or cloglog");
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "exp(estimate) has no meaning with the link %s: it is a ratio where the "
                       "link is logit (odds), log (rates, risks, means) or cloglog (hazards)",
                       fit->link);
}

gradus_status gradus_i_report_term(gradus_term *term, const gradus_fit *fit, size_t response,
                                   size_t coefficient, const gradus_report_options *options,
                                   gradus_error *err) {
  gradus_status status = gradus_fit_term(fit, response, coefficient, options->level, term, err);
  if (status > 0 || !options->exponentiate)
    return status;
  term->estimate = exp(term->estimate);
  term->conf_low = exp(term->conf_low);
  term->conf_high = exp(term->conf_high);
  return status;
}

/* "Odds ratio". */
static void capitalised(char *text, size_t size, const char *word) {
  gradus_i_snprintf(text, size, "%s", word);
  if (text[0] >= 'a' && text[0] <= 'z')
    text[0] = (char)(text[0] - 'a' + 'A');
}

gradus_status gradus_i_report_ratios(gradus_i_text *text, const gradus_fit *fit,
                                     const gradus_i_term_rows *terms, double level,
                                     bool with_intervals, gradus_error *err) {
  gradus_i_table table = {0};
  size_t n = terms->count, columns = with_intervals ? 3 : 1;
  double *values = gradus_i_allocate(columns * n, sizeof *values);
  gradus_status status =
      values ? gradus_i_table_init(&table, n + 1, columns + 1, err) : gradus_i_out_of_memory(err);
  if (status > 0) {
    gradus_i_release(values);
    return status;
  }
  const char *ratio = gradus_fit_ratio(fit);
  char title[64];
  capitalised(title, sizeof title, ratio);
  gradus_i_text_format(text, "\n%s, exp(Estimate)%s%s:\n", title,
                       with_intervals ? ", with confidence intervals" : "",
                       with_intervals ? gradus_i_report_interval_words(fit) : "");
  for (size_t i = 0; i < n; i++) {
    gradus_i_table_set(&table, i + 1, 0, terms->rows[i].term);
    const double estimates[] = {terms->rows[i].estimate, terms->rows[i].conf_low,
                                terms->rows[i].conf_high};
    for (size_t c = 0; c < columns; c++)
      values[c * n + i] = exp(estimates[c]);
  }
  gradus_i_table_set(&table, 0, 1, ratio);
  for (size_t c = 0; c < columns; c++)
    gradus_i_report_column(&table, terms, c + 1, values + c * n, GRADUS_I_REPORT_DIGITS);
  if (with_intervals)
    gradus_i_report_bound_heads(&table, 2, level);
  status = gradus_i_table_write(&table, false, text, err);
  gradus_i_table_clear(&table);
  gradus_i_release(values);
  return status;
}
