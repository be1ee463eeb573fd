// SPDX-License-Identifier: GPL-3.0-or-later
/* The confusion matrix of two classes and its rates. */
#include "metrics_internal.h"

#include <math.h>

gradus_status gradus_confusion_count(gradus_confusion *confusion, const double *y,
                                     const double *score, const double *weight, size_t n,
                                     double threshold, gradus_error *err) {
  gradus_status status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_binary(y, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_scores(score, n, err);
  if (status == GRADUS_OK && isnan(threshold))
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "the threshold is nan");
  if (status > 0)
    return status;
  double count[2][2] = {{0, 0}, {0, 0}};
  for (size_t i = 0; i < n; i++)
    count[y[i] == 1][score[i] >= threshold] += gradus_i_weight_of(weight, i);
  *confusion = (gradus_confusion){.true_positive = count[1][1],
                                  .false_positive = count[0][1],
                                  .true_negative = count[0][0],
                                  .false_negative = count[1][0]};
  return GRADUS_OK;
}

static gradus_status check_counts(const gradus_confusion *c, gradus_error *err) {
  const double counts[] = {c->true_positive, c->false_positive, c->true_negative,
                           c->false_negative};
  static const char *const names[] = {"true positives", "false positives", "true negatives",
                                      "false negatives"};
  double total = 0;
  for (size_t i = 0; i < 4; i++) {
    if (!(counts[i] >= 0))
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the number of %s is %g; counts must be at least 0", names[i],
                           counts[i]);
    total += counts[i];
  }
  if (total > 0 && isfinite(total))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "the counts of the confusion matrix sum to %g", total);
}

static double matthews(const gradus_confusion *c, gradus_i_undefined *undefined) {
  double v[] = {c->true_positive, c->false_positive, c->true_negative, c->false_negative};
  gradus_i_normalise(v, 4);
  double predicted = (v[0] + v[1]) * (v[2] + v[3]), actual = (v[0] + v[3]) * (v[2] + v[1]);
  const char *why = actual == 0 ? "all rows have the same label" : "all predictions are the same";
  return gradus_i_undefined_ratio(undefined, gradus_i_cross_difference(v[0], v[2], v[1], v[3]),
                                  sqrt(predicted) * sqrt(actual), "MCC", why);
}

gradus_status gradus_confusion_rates(gradus_rates *rates, const gradus_confusion *confusion,
                                     double level, gradus_error *err) {
  gradus_status status = gradus_i_check_level(&level, err);
  if (status == GRADUS_OK)
    status = check_counts(confusion, err);
  if (status > 0)
    return status;
  double tp = confusion->true_positive, fp = confusion->false_positive;
  double tn = confusion->true_negative, fn = confusion->false_negative;
  gradus_i_undefined undefined = {.length = 0};
  gradus_rates r = {.nobs = (tp + fn) + (tn + fp)};
  r.prevalence = (tp + fn) / r.nobs;
  r.accuracy = (tp + tn) / r.nobs;
  gradus_i_wilson(tp + tn, fp + fn, level, &r.accuracy_low, &r.accuracy_high);
  r.sensitivity =
      gradus_i_undefined_ratio(&undefined, tp, tp + fn, "sensitivity", "no row has label 1");
  r.specificity =
      gradus_i_undefined_ratio(&undefined, tn, tn + fp, "specificity", "no row has label 0");
  r.precision =
      gradus_i_undefined_ratio(&undefined, tp, tp + fp, "precision", "no row is predicted 1");
  r.negative_predictive_value = gradus_i_undefined_ratio(
      &undefined, tn, tn + fn, "negative predictive value", "no row is predicted 0");
  r.f1 = gradus_i_undefined_ratio(&undefined, 2 * tp, 2 * tp + fp + fn, "F1",
                                  "no row has label 1 or is predicted 1");
  r.balanced_accuracy = (r.sensitivity + r.specificity) / 2;
  if (isnan(r.balanced_accuracy))
    gradus_i_undefined_add(&undefined, "only one class is present", "balanced accuracy");
  r.mcc = matthews(confusion, &undefined);
  *rates = r;
  return gradus_i_undefined_status(&undefined, err);
}
