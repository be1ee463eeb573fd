// SPDX-License-Identifier: GPL-3.0-or-later
/* Predicted classes. */
#include "predict_internal.h"

#include <math.h>

size_t gradus_fit_classes(const gradus_fit *fit) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  if (!family || !family->is_binomial)
    return 0;
  size_t levels = fit->design ? gradus_design_response_levels(fit->design) : 0;
  return levels > 0 ? levels : 2;
}

const char *gradus_fit_class_name(const gradus_fit *fit, size_t class_index) {
  static const char *const outcomes[] = {"0", "1"};
  if (class_index >= gradus_fit_classes(fit))
    return NULL;
  bool levels = fit->design && gradus_design_response_levels(fit->design) > 0;
  return levels ? gradus_design_response_level(fit->design, class_index) : outcomes[class_index];
}

gradus_status gradus_i_check_classes(const gradus_fit *fit, const gradus_predict_options *options,
                                     gradus_error *err) {
  if (gradus_fit_classes(fit) == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "classes are predicted by models of the family binomial; this one is %s%s",
                         fit->family ? "of the family " : "a linear model",
                         fit->family ? fit->family : "");
  if (options->std_error || options->interval)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a class has no standard error and no interval: ask for those of its "
                         "probability");
  if (!(options->threshold <= 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the threshold of a probability is at most 1, not %g", options->threshold);
  return GRADUS_OK;
}

void gradus_i_classify(gradus_prediction *prediction, const gradus_predict_options *options) {
  double threshold = options->threshold != 0 ? options->threshold : 0.5;
  for (size_t i = 0; i < prediction->rows; i++) {
    double p = prediction->fitted[i];
    prediction->class_index[i] = isnan(p) ? -1 : p >= threshold;
  }
}
