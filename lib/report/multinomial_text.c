// SPDX-License-Identifier: GPL-3.0-or-later
/* What the text report of a multinomial model has beside its tables of coefficients, in the shape
   of R's summary() of nnet's multinom(). */
#include "internal.h"

void gradus_i_report_classes_opening(gradus_i_text *text, const gradus_fit *fit) {
  const char *name = fit->design ? gradus_design_response_name(fit->design, 0) : "y";
  gradus_i_text_format(text, "\nmodelling P(%s = level); reference level: %s\n", name,
                       fit->levels[0]);
  gradus_i_report_separated(text, fit);
  gradus_i_report_not_converged(text, fit);
}

void gradus_i_report_class_opening(gradus_i_text *text, const gradus_fit *fit, size_t response) {
  gradus_i_text_format(text, "\nLevel %s against %s:\n", fit->levels[response + 1], fit->levels[0]);
}

void gradus_i_report_classes_closing(gradus_i_text *text, const gradus_fit *fit,
                                     const gradus_summary *summary) {
  gradus_i_text_string(text, "\n    Null Deviance: ");
  gradus_i_report_single(text, summary->null_deviance, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, "  on ");
  gradus_i_report_count(text, fit->df_null);
  gradus_i_text_string(text, " degrees of freedom\nResidual Deviance: ");
  gradus_i_report_single(text, summary->deviance, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, "  on ");
  gradus_i_report_count(text, summary->df_residual);
  gradus_i_text_string(text, " degrees of freedom\n");
  gradus_i_report_missing(text, fit);
  gradus_i_text_string(text, "AIC: ");
  gradus_i_report_single(text, summary->aic, GRADUS_I_REPORT_FULL_DIGITS);
  if (fit->firth) {
    gradus_i_text_string(text, "\nPenalised log-likelihood: ");
    gradus_i_report_single(text, gradus_fit_penalised_log_lik(fit), GRADUS_I_REPORT_FULL_DIGITS);
  }
  gradus_i_text_format(text,
                       "\n\nNumber of iterations: %zu%s\nLog-likelihood: ", fit->solver.iterations,
                       fit->solver.converged ? "" : " (NOT CONVERGED)");
  gradus_i_report_single(text, summary->log_lik, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, " (df=");
  gradus_i_report_single(text, fit->likelihood_df, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, "),  BIC: ");
  gradus_i_report_single(text, summary->bic, GRADUS_I_REPORT_FULL_DIGITS);
  gradus_i_text_string(text, "\n");
  gradus_i_report_pseudo(text, summary);
}
