// SPDX-License-Identifier: GPL-3.0-or-later
/* The term rows (of a network with hidden layers the epochs) as CSV: 17 digits, what does not exist
 * is empty, what is infinite Inf. */
#include "internal.h"

#include <math.h>
#include <string.h>

static void append_name(gradus_i_text *text, const char *name) {
  /* A cell "NA" or one with blanks at its ends would be read back as something else. */
  size_t length = strlen(name);
  bool plain = length > 0 && strcmp(name, "NA") != 0 && !strpbrk(name, ",\"\r\n") &&
               name[0] != ' ' && name[length - 1] != ' ';
  if (plain) {
    gradus_i_text_append(text, name, length);
    return;
  }
  gradus_i_text_string(text, "\"");
  for (; *name; name++)
    gradus_i_text_append(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  gradus_i_text_string(text, "\"");
}

static void append_number(gradus_i_text *text, double value) {
  if (isnan(value))
    gradus_i_text_string(text, ",");
  else if (isinf(value))
    gradus_i_text_string(text, value > 0 ? ",Inf" : ",-Inf");
  else
    gradus_i_text_format(text, ",%.17g", value);
}

/* A network with hidden layers has no terms, but a history. */
static gradus_status append_epochs(gradus_i_text *text, const gradus_fit *fit, gradus_error *err) {
  gradus_i_text_string(text, "epoch,loss,validation_loss,learning_rate\n");
  for (size_t i = 0; i < gradus_fit_epochs(fit); i++) {
    gradus_epoch epoch;
    gradus_status status = gradus_fit_epoch(fit, i, &epoch, err);
    if (status > 0)
      return status;
    gradus_i_text_format(text, "%zu", epoch.epoch);
    append_number(text, epoch.loss);
    append_number(text, epoch.validation_loss);
    append_number(text, epoch.learning_rate);
    gradus_i_text_string(text, "\n");
  }
  return text->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}

gradus_status gradus_i_report_csv(gradus_i_text *text, const gradus_fit *fit,
                                  const gradus_report_options *options, gradus_error *err) {
  bool several = fit->k > 1 || fit->levels;
  if (fit->q == 0 && gradus_fit_layers(fit) > 0)
    return append_epochs(text, fit, err);
  gradus_i_text_format(text, "%sterm,estimate,std_error,statistic,p_value,conf_low,conf_high\n",
                       several ? "response," : "");
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < fit->q; j++) {
      gradus_term term;
      gradus_status status = gradus_i_report_term(&term, fit, r, j, options, err);
      if (status > 0)
        return status;
      if (several) {
        append_name(text, term.response);
        gradus_i_text_string(text, ",");
      }
      append_name(text, term.term);
      const double values[] = {term.estimate, term.std_error, term.statistic,
                               term.p_value,  term.conf_low,  term.conf_high};
      for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        append_number(text, values[i]);
      gradus_i_text_string(text, "\n");
    }
  return text->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}
