// SPDX-License-Identifier: GPL-3.0-or-later
/* What stands in for JSON and model files where the library is configured without jansson. */
#include "internal.h"

static gradus_status unsupported(const char *what, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "this gradus has no %s: it was configured without jansson", what);
}

gradus_status gradus_i_report_json(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_report_options *options, gradus_error *err) {
  (void)text, (void)fit, (void)options;
  return unsupported("JSON reports", err);
}

gradus_status gradus_fit_save(const gradus_fit *fit, const char *path, gradus_error *err) {
  (void)fit, (void)path;
  return unsupported("model files", err);
}

gradus_status gradus_fit_load(gradus_fit **fit, const char *path, gradus_error *err) {
  (void)path;
  *fit = NULL;
  return unsupported("model files", err);
}

gradus_status gradus_fit_load_custom(gradus_fit **fit, const char *path,
                                     const gradus_custom *custom, gradus_error *err) {
  (void)custom;
  return gradus_fit_load(fit, path, err);
}
