// SPDX-License-Identifier: GPL-3.0-or-later
/* Reports in their three formats. */
#include "internal.h"

#include <errno.h>
#include <string.h>

static gradus_status make(gradus_i_text *text, const gradus_fit *fit,
                          const gradus_report_options *options, gradus_error *err) {
  static const gradus_report_options defaults;
  if (!options)
    options = &defaults;
  if (!(options->level >= 0 && options->level < 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the level of intervals is %g: give one between 0 and 1", options->level);
  if (options->exponentiate && gradus_i_check_ratio(fit, err) > 0)
    return GRADUS_ERROR_INVALID_ARGUMENT;
  switch (options->format) {
  case GRADUS_FORMAT_TEXT:
    return gradus_i_report_text(text, fit, options, err);
  case GRADUS_FORMAT_JSON:
    return gradus_i_report_json(text, fit, options, err);
  case GRADUS_FORMAT_CSV:
    return gradus_i_report_csv(text, fit, options, err);
  }
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "report format %d does not exist",
                       (int)options->format);
}

gradus_status gradus_fit_report(char **out, const gradus_fit *fit,
                                const gradus_report_options *options, gradus_error *err) {
  gradus_i_text text = {0};
  *out = NULL;
  gradus_status status = make(&text, fit, options, err);
  if (status > 0)
    gradus_i_text_clear(&text);
  *out = text.data;
  return status > 0 ? status : GRADUS_OK;
}

gradus_status gradus_fit_print(const gradus_fit *fit, FILE *stream,
                               const gradus_report_options *options, gradus_error *err) {
  char *text;
  gradus_status status = gradus_fit_report(&text, fit, options, err);
  if (status == GRADUS_OK && (fputs(text, stream) == EOF || fflush(stream) != 0))
    status =
        gradus_i_fail(err, GRADUS_ERROR_IO, "the report cannot be written: %s", strerror(errno));
  gradus_i_release(text);
  return status;
}
