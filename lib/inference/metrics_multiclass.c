// SPDX-License-Identifier: GPL-3.0-or-later
/* The confusion matrix of several classes, its rates and their averages. */
#include "metrics_internal.h"

#include <math.h>

void gradus_multiclass_free(gradus_multiclass *metrics) {
  if (!metrics)
    return;
  gradus_i_release(metrics->confusion);
  gradus_i_release(metrics->each);
  gradus_i_release(metrics);
}

/* Sums of a confusion matrix: rows and columns (k each, of one block), the diagonal and the rest.
 */
typedef struct margins {
  double *truth, *predicted, right, wrong, total;
  size_t classes;
} margins;

static bool sum_margins(margins *m, const gradus_multiclass *metrics) {
  size_t k = m->classes = metrics->classes;
  m->truth = gradus_i_allocate(2 * k, sizeof *m->truth);
  if (!m->truth)
    return false;
  m->predicted = m->truth + k;
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      double count = metrics->confusion[i * k + j];
      m->truth[i] += count;
      m->predicted[j] += count;
      *(i == j ? &m->right : &m->wrong) += count;
    }
  m->total = m->right + m->wrong;
  return true;
}

/* ---- rates ---- */

static void set_rates(gradus_multiclass *metrics, const margins *m) {
  for (size_t j = 0; j < m->classes; j++) {
    double right = metrics->confusion[j * m->classes + j];
    double truth = m->truth[j], predicted = m->predicted[j];
    metrics->each[j] = (gradus_class_rates){right / predicted, right / truth,
                                            2 * right / (truth + predicted), truth};
  }
}

static void set_averages(gradus_multiclass *metrics, const margins *m) {
  gradus_class_rates macro = {.support = m->total}, weighted = macro;
  for (size_t j = 0; j < m->classes; j++) {
    const gradus_class_rates *r = &metrics->each[j];
    double share = 1 / (double)m->classes, by_support = r->support / m->total;
    macro.precision += r->precision * share;
    macro.recall += r->recall * share;
    macro.f1 += r->f1 * share;
    if (r->support == 0) /* 0 times NaN is no part of the mean */
      continue;
    weighted.precision += r->precision * by_support;
    weighted.recall += r->recall * by_support;
    weighted.f1 += r->f1 * by_support;
  }
  metrics->macro = macro;
  metrics->weighted = weighted;
  metrics->micro =
      (gradus_class_rates){metrics->accuracy, metrics->accuracy, metrics->accuracy, m->total};
  metrics->balanced_accuracy = macro.recall;
}

/* ---- correlation ---- */

static bool one_class(const double *margin, size_t k) {
  size_t occupied = 0;
  for (size_t j = 0; j < k; j++)
    occupied += margin[j] > 0;
  return occupied < 2;
}

/* a·b - Σ u_j v_j */
static double covariance(gradus_i_extended a, gradus_i_extended b, const gradus_i_extended *u,
                         const gradus_i_extended *v, size_t k) {
  gradus_i_extended sum = gradus_i_extended_multiply(a, b);
  for (size_t j = 0; j < k; j++)
    sum = gradus_i_extended_subtract(sum, gradus_i_extended_multiply(u[j], v[j]));
  return gradus_i_extended_round(sum);
}

/* The three differences cancel nearly to nothing for predictions near chance and where one class
   has nearly all rows: margins and products are in double-double, scaled so that these stay in
   range. False without memory. */
static bool set_correlation(gradus_multiclass *metrics, const margins *m) {
  size_t k = m->classes;
  int exponent;
  metrics->mcc = NAN;
  if (one_class(m->truth, k) || one_class(m->predicted, k))
    return true;
  gradus_i_extended *truth = gradus_i_allocate(2 * k, sizeof *truth);
  if (!truth)
    return false;
  gradus_i_extended *predicted = truth + k, right = {0, 0}, total = {0, 0};
  frexp(m->total, &exponent);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      double count = ldexp(metrics->confusion[i * k + j], -exponent);
      gradus_i_sum(&truth[i], count);
      gradus_i_sum(&predicted[j], count);
      gradus_i_sum(&total, count);
      gradus_i_sum(&right, i == j ? count : 0);
    }
  metrics->mcc = covariance(right, total, predicted, truth, k) /
                 (sqrt(covariance(total, total, predicted, predicted, k)) *
                  sqrt(covariance(total, total, truth, truth, k)));
  gradus_i_release(truth);
  return true;
}

/* ---- what is undefined: first what belongs to all, then class by class ---- */

static void name_overall(const gradus_multiclass *metrics, gradus_i_undefined *undefined) {
  const struct {
    const char *name;
    double value;
  } averages[] = {{"macro precision", metrics->macro.precision},
                  {"macro recall and balanced accuracy", metrics->macro.recall},
                  {"macro F1", metrics->macro.f1},
                  {"weighted precision", metrics->weighted.precision}};
  if (isnan(metrics->mcc))
    gradus_i_undefined_add(undefined, "all labels or all predictions are the same", "MCC");
  for (size_t i = 0; i < sizeof averages / sizeof *averages; i++)
    if (isnan(averages[i].value))
      gradus_i_undefined_add(undefined, "that of a class is", "%s", averages[i].name);
}

static void name_classes(const gradus_multiclass *metrics, gradus_i_undefined *undefined) {
  for (size_t j = 0; j < metrics->classes; j++) {
    const gradus_class_rates *r = &metrics->each[j];
    if (isnan(r->recall))
      gradus_i_undefined_add(undefined, "no row has this label", "recall of class %zu", j);
    if (isnan(r->precision))
      gradus_i_undefined_add(undefined, "it is never predicted", "precision of class %zu", j);
    if (isnan(r->f1))
      gradus_i_undefined_add(undefined, "it does not occur", "F1 of class %zu", j);
  }
}

/* ---- all of it ---- */

static gradus_status check(const int *y, const int *predicted, const double *weight, size_t n,
                           size_t classes, double *level, gradus_error *err) {
  gradus_status status = gradus_i_check_level(level, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_labels("label", y, n, classes, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_labels("prediction", predicted, n, classes, err);
  return status;
}

static gradus_multiclass *allocate(size_t classes) {
  size_t cells;
  gradus_multiclass *metrics = gradus_i_allocate(1, sizeof *metrics);
  if (!metrics || !gradus_i_multiply(classes, classes, &cells))
    goto fail;
  metrics->classes = classes;
  metrics->confusion = gradus_i_allocate(cells, sizeof *metrics->confusion);
  metrics->each = gradus_i_allocate(classes, sizeof *metrics->each);
  if (metrics->confusion && metrics->each)
    return metrics;
fail:
  gradus_multiclass_free(metrics);
  return NULL;
}

/* Rates and averages from the filled confusion matrix; false without memory. */
static bool evaluate(gradus_multiclass *metrics, double level) {
  margins m = {0};
  if (!sum_margins(&m, metrics))
    return false;
  metrics->accuracy = m.right / m.total;
  gradus_i_wilson(m.right, m.wrong, level, &metrics->accuracy_low, &metrics->accuracy_high);
  set_rates(metrics, &m);
  set_averages(metrics, &m);
  bool good = set_correlation(metrics, &m);
  gradus_i_release(m.truth);
  return good;
}

gradus_status gradus_multiclass_evaluate(gradus_multiclass **metrics, const int *y,
                                         const int *predicted, const double *weight, size_t n,
                                         size_t classes, double level, gradus_error *err) {
  gradus_i_undefined undefined = {.length = 0};
  *metrics = NULL;
  gradus_status status = check(y, predicted, weight, n, classes, &level, err);
  if (status > 0)
    return status;
  gradus_multiclass *own = allocate(classes);
  if (!own)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < n; i++)
    own->confusion[(size_t)y[i] * classes + (size_t)predicted[i]] += gradus_i_weight_of(weight, i);
  if (!evaluate(own, level)) {
    gradus_multiclass_free(own);
    return gradus_i_out_of_memory(err);
  }
  name_overall(own, &undefined);
  name_classes(own, &undefined);
  *metrics = own;
  return gradus_i_undefined_status(&undefined, err);
}
