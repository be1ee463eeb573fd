// SPDX-License-Identifier: GPL-3.0-or-later
/* What metrics do where there is no number: undefined, infinite, refused, out of memory. And what
   weights mean. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6 };
static const double labels[N] = {0, 1, 0, 1, 1, 0}, ones[N] = {1, 1, 1, 1, 1, 1}, zeros[N];
static const double scores[N] = {0.1, 0.8, 0.3, 0.3, 0.9, 0.6};
static const int classes[N] = {0, 1, 2, 2, 1, 0}, chosen[N] = {0, 1, 2, 0, 1, 2};

static void one_class_alone_has_no_area_and_the_warning_says_so(void) {
  gradus_error err = {0};
  gradus_auc a;
  CHECK_STATUS(gradus_auc_delong(&a, ones, scores, NULL, N, 0, &err), GRADUS_WARNING_UNDEFINED,
               &err);
  CHECK_CONTAINS(err.message, "AUC");
  CHECK_CONTAINS(err.message, "no row has label 0");
  CU_ASSERT(isnan(a.auc) && isnan(a.variance) && isnan(a.std_error) && isnan(a.conf_low) &&
            isnan(a.conf_high));
  err = (gradus_error){0};
  gradus_roc *roc = NULL;
  CHECK_STATUS(gradus_roc_curve(&roc, zeros, scores, NULL, N, &err), GRADUS_WARNING_UNDEFINED,
               &err);
  CHECK_CONTAINS(err.message, "true positive rate (no row has label 1)");
  CU_ASSERT(isnan(roc->true_positive_rate[0]) && isnan(roc->true_positive_rate[5]) &&
            roc->false_positive_rate[5] == 1);
  gradus_roc_free(roc);
  err = (gradus_error){0};
  gradus_precision_recall *curve = NULL;
  CHECK_STATUS(gradus_precision_recall_curve(&curve, zeros, scores, NULL, N, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CHECK_CONTAINS(err.message, "average precision");
  CU_ASSERT(isnan(curve->average_precision) && isnan(curve->recall[0]) && curve->precision[0] == 0);
  gradus_precision_recall_free(curve);
  /* A class whose rows all have weight 0 is absent. */
  CHECK_STATUS(gradus_auc_delong(&a, labels, scores, labels, N, 0, NULL), GRADUS_WARNING_UNDEFINED,
               NULL);
  CU_ASSERT_TRUE(isnan(a.auc));
}

static void an_area_without_variance_has_no_interval(void) {
  gradus_error err = {0};
  gradus_auc a;
  CHECK_STATUS(gradus_auc_delong(&a, labels, labels, NULL, N, 0, &err), GRADUS_WARNING_UNDEFINED,
               &err);
  CU_ASSERT(a.auc == 1 && a.variance == 0 && isnan(a.conf_low) && isnan(a.conf_high));
  CHECK_CONTAINS(err.message, "interval of the AUC");
  static const double fractions[N] = {0.1, 0.7, 3.3, 1.1, 2.9, 0.3};
  CHECK_STATUS(gradus_auc_delong(&a, labels, ones, fractions, N, 0, NULL), GRADUS_WARNING_UNDEFINED,
               NULL);
  CHECK_CLOSE(a.auc, 0.5, 1e-15);
  CU_ASSERT(a.variance == 0 && isnan(a.conf_low));
  static const double reversed[N] = {0.9, 0.2, 0.7, 0.1, 0.3, 0.8};
  CHECK_STATUS(gradus_auc_delong(&a, labels, reversed, fractions, N, 0, NULL),
               GRADUS_WARNING_UNDEFINED, NULL);
  CU_ASSERT(a.auc == 0 && a.variance == 0 && isnan(a.conf_high));
  err = (gradus_error){0};
  CHECK_STATUS(gradus_auc_delong(&a, labels, scores, NULL, 3, 0, &err), GRADUS_WARNING_UNDEFINED,
               &err);
  CU_ASSERT(a.auc == 1 && isnan(a.variance) && isnan(a.std_error) && isnan(a.conf_high));
  CHECK_CONTAINS(err.message, "fewer than two rows");
}

static void infinite_scores_have_their_place(void) {
  static const double infinite[N] = {-INFINITY, INFINITY, -INFINITY, 0.5, INFINITY, INFINITY};
  gradus_roc *roc = NULL;
  gradus_auc a;
  CHECK_STATUS(gradus_roc_curve(&roc, labels, infinite, NULL, N, NULL), GRADUS_OK, NULL);
  CU_ASSERT(roc->points == 4 && roc->true_positive_rate[0] == 0 && roc->threshold[1] == INFINITY);
  CHECK_CLOSE(roc->true_positive_rate[1], 2.0 / 3, 1e-15);
  gradus_roc_free(roc);
  CHECK_STATUS(gradus_auc_delong(&a, labels, infinite, NULL, N, 0, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(a.auc, 7.0 / 9, 1e-15);
}

static void undefined_rates_are_nan_and_named(void) {
  gradus_error err = {0};
  gradus_rates r;
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){3, 0, 0, 0}, 0, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CU_ASSERT(r.sensitivity == 1 && r.precision == 1 && r.f1 == 1 && r.accuracy == 1);
  CU_ASSERT(isnan(r.specificity) && isnan(r.negative_predictive_value) &&
            isnan(r.balanced_accuracy) && isnan(r.mcc));
  static const char *const named[] = {"specificity", "negative predictive value",
                                      "balanced accuracy", "MCC"};
  for (size_t i = 0; i < 4; i++)
    CHECK_CONTAINS(err.message, named[i]);
  CU_ASSERT_PTR_NULL(strstr(err.message, "precision"));
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){0, 0, 4, 0}, 0, NULL),
               GRADUS_WARNING_UNDEFINED, NULL);
  CU_ASSERT(isnan(r.f1) && isnan(r.precision) && isnan(r.sensitivity) && r.specificity == 1);
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){1, 2, 3, 4}, 0, NULL), GRADUS_OK,
               NULL);
}

static void a_class_without_rows_makes_averages_undefined(void) {
  gradus_error err = {0};
  gradus_multiclass *m = NULL;
  CHECK_STATUS(gradus_multiclass_evaluate(&m, classes, chosen, NULL, N, 4, 0, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CU_ASSERT(isnan(m->each[3].recall) && isnan(m->each[3].precision) && isnan(m->each[3].f1));
  CU_ASSERT(isnan(m->macro.recall) && isnan(m->macro.f1) && isnan(m->balanced_accuracy));
  CU_ASSERT(!isnan(m->weighted.precision) && !isnan(m->mcc) && m->accuracy == m->micro.f1);
  CHECK_CONTAINS(err.message, "macro recall and balanced accuracy");
  CHECK_CONTAINS(err.message, "recall of class 3 (no row has this label)");
  gradus_multiclass_free(m);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_multiclass_evaluate(&m, classes, chosen, NULL, N, 900, 0, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CHECK_CONTAINS(err.message, ", …"); /* many classes end the sentence, none is cut */
  CU_ASSERT(strlen(err.message) < sizeof err.message - 1);
  gradus_multiclass_free(m);
  static const int same[N] = {1, 1, 1, 1, 1, 1};
  CHECK_STATUS(gradus_multiclass_evaluate(&m, same, same, NULL, N, 2, 0, NULL),
               GRADUS_WARNING_UNDEFINED, NULL);
  CU_ASSERT(m->accuracy == 1 && isnan(m->mcc) && isnan(m->macro.precision));
  gradus_multiclass_free(m);
}

static void constant_numbers_have_no_r_squared(void) {
  gradus_error err = {0};
  gradus_regression m;
  static const double tenths[3] = {0.1, 0.1, 0.1};
  CHECK_STATUS(gradus_regression_evaluate(&m, tenths, scores, NULL, 3, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CU_ASSERT_TRUE(isnan(m.r_squared));
  CHECK_CONTAINS(err.message, "R²");
  CHECK_STATUS(gradus_regression_evaluate(&m, zeros, zeros, NULL, 1, NULL),
               GRADUS_WARNING_UNDEFINED, NULL);
  CU_ASSERT(m.rmse == 0 && m.mae == 0 && m.nobs == 1);
}

static void a_certain_prediction_costs_nothing_or_everything(void) {
  static const double right[] = {0, 1}, wrong[] = {0, 1, 1}, given[] = {0, 1, 0};
  static const double without_last[] = {1, 1, 0};
  gradus_error err = {0};
  double loss = -1;
  CHECK_STATUS(gradus_binary_log_loss(&loss, right, given, NULL, 2, NULL), GRADUS_OK, NULL);
  CU_ASSERT(loss == 0 && !signbit(loss));
  CHECK_STATUS(gradus_binary_log_loss(&loss, wrong, given, NULL, 3, &err), GRADUS_WARNING_OVERFLOW,
               &err);
  CHECK_CONTAINS(err.message, "row 3");
  CU_ASSERT_EQUAL(loss, INFINITY);
  CHECK_STATUS(gradus_binary_log_loss(&loss, wrong, given, without_last, 3, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(loss, 0);
  static const int y[] = {0, 1};
  static const double p[] = {1, 0, 1, 0};
  CHECK_STATUS(gradus_multiclass_log_loss(&loss, y, p, NULL, 2, 2, &err), GRADUS_WARNING_OVERFLOW,
               NULL);
  CU_ASSERT_EQUAL(loss, INFINITY);
  gradus_multiclass_brier(&loss, y, p, NULL, 2, 2, NULL);
  CHECK_CLOSE(loss, 1, 0);
}

static void too_few_groups_have_no_test(void) {
  gradus_error err = {0};
  gradus_hosmer_lemeshow h;
  CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, labels, scores, NULL, N, 2, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CHECK_CONTAINS(err.message, "fewer than 3 groups");
  CU_ASSERT(h.groups == 2 && isnan(h.df) && isnan(h.p_value) && h.statistic > 0);
  static const double half[N] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
  CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, labels, half, NULL, N, 0, NULL),
               GRADUS_WARNING_UNDEFINED, NULL);
  CU_ASSERT(h.groups == 1 && h.statistic == 0);
  static const double certain[N] = {0, 1, 0, 0.5, 1, 0.5};
  err = (gradus_error){0};
  CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, labels, certain, NULL, N, 4, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CU_ASSERT(isnan(h.statistic) && isnan(h.p_value));
}

static void what_a_group_excluded_and_saw_makes_the_test_infinite(void) {
  static const double y[] = {1, 0, 0, 1, 1, 0, 1, 1};
  static const double p[] = {0, 0, 0.3, 0.3, 0.6, 0.6, 0.9, 0.9};
  gradus_error err = {0};
  gradus_hosmer_lemeshow h;
  CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, y, p, NULL, 8, 4, &err), GRADUS_WARNING_OVERFLOW,
               &err);
  CHECK_CONTAINS(err.message, "infinite");
  CU_ASSERT(h.groups == 4 && h.statistic == INFINITY && h.p_value == 0);
}

static void bins_hold_all_rows_whatever_the_weights(void) {
  double w[N];
  for (int exponent = -4; exponent < 5; exponent++)
    for (size_t bins = 1; bins < 12; bins++) {
      gradus_calibration *table = NULL;
      double total = 0;
      for (size_t i = 0; i < N; i++)
        w[i] = ldexp(0.3 + scores[i], exponent);
      CHECK_STATUS(gradus_calibration_table(&table, labels, scores, w, N, bins, 0, NULL), GRADUS_OK,
                   NULL);
      CU_ASSERT(table->low[0] == 0.1 && table->high[table->bins - 1] == 0.9);
      for (size_t i = 0; i < table->bins; i++) {
        total += table->weight[i];
        CU_ASSERT(table->low[i] - 1e-15 <= table->predicted[i] &&
                  table->predicted[i] <= table->high[i] + 1e-15);
      }
      CHECK_CLOSE(total, ldexp(4.8, exponent), 1e-14);
      gradus_calibration_free(table);
    }
}

/* ---- weights ---- */

/* `by` rows written out as often as their weights say. */
static size_t write_out(const double *y, const double *p, const double *w, size_t n, double *ys,
                        double *ps) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    for (double k = 0; k < w[i]; k++, count++) {
      ys[count] = y[i];
      ps[count] = p[i];
    }
  return count;
}

static void weights_count_equal_rows(void) {
  enum { ROWS = 57 };
  double y[ROWS], p[ROWS], w[ROWS], ys[4 * ROWS], ps[4 * ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    y[i] = i * i % 5 < 2;
    p[i] = (double)(i * 37 % 23) / 40 + 0.2 * y[i];
    w[i] = (double)(i * 7 % 5 % 4);
  }
  size_t n = write_out(y, p, w, ROWS, ys, ps);
  gradus_auc a, b;
  gradus_auc_delong(&a, y, p, w, ROWS, 0, NULL);
  gradus_auc_delong(&b, ys, ps, NULL, n, 0, NULL);
  CHECK_CLOSE(a.auc, b.auc, 1e-15);
  CHECK_CLOSE(a.variance, b.variance, 1e-14);
  CHECK_CLOSE(a.conf_low, b.conf_low, 1e-14);
  for (size_t groups = 1; groups < 60; groups++) {
    gradus_calibration *c = NULL, *d = NULL;
    gradus_hosmer_lemeshow h, k;
    gradus_calibration_table(&c, y, p, w, ROWS, groups, GRADUS_BINS_QUANTILE, NULL);
    gradus_calibration_table(&d, ys, ps, NULL, n, groups, GRADUS_BINS_QUANTILE, NULL);
    CU_ASSERT_EQUAL_FATAL(c->bins, d->bins);
    for (size_t i = 0; i < c->bins; i++) {
      CHECK_CLOSE(c->low[i], d->low[i], 0);
      CHECK_CLOSE(c->high[i], d->high[i], 0);
      CHECK_CLOSE(c->weight[i], d->weight[i], 0);
    }
    gradus_calibration_free(c);
    gradus_calibration_free(d);
    gradus_hosmer_lemeshow_test(&h, y, p, w, ROWS, groups, NULL);
    gradus_hosmer_lemeshow_test(&k, ys, ps, NULL, n, groups, NULL);
    CHECK_CLOSE(h.statistic, k.statistic, 1e-12);
    CHECK_CLOSE(h.df, k.df, 0);
  }
}

static void point_estimates_do_not_know_the_scale_of_weights(void) {
  static const double w[N] = {1, 2, 0.5, 3, 1.5, 0.25};
  static const double scale[] = {1e-12, 1e12};
  double small[N], loss[2], brier[2];
  for (size_t s = 0; s < 2; s++) {
    gradus_auc a, b;
    gradus_regression m, k;
    for (size_t i = 0; i < N; i++)
      small[i] = w[i] * scale[s];
    CU_ASSERT(gradus_auc_delong(&a, labels, scores, w, N, 0, NULL) <= 0);
    CU_ASSERT(gradus_auc_delong(&b, labels, scores, small, N, 0, NULL) <= 0);
    CHECK_CLOSE(b.auc, a.auc, 1e-14);
    gradus_binary_log_loss(&loss[0], labels, scores, w, N, NULL);
    gradus_binary_log_loss(&loss[1], labels, scores, small, N, NULL);
    CHECK_CLOSE(loss[1], loss[0], 1e-14);
    gradus_binary_brier(&brier[0], labels, scores, w, N, NULL);
    gradus_binary_brier(&brier[1], labels, scores, small, N, NULL);
    CHECK_CLOSE(brier[1], brier[0], 1e-14);
    gradus_regression_evaluate(&m, labels, scores, w, N, NULL);
    gradus_regression_evaluate(&k, labels, scores, small, N, NULL);
    CHECK_CLOSE(k.r_squared, m.r_squared, 1e-14);
    CHECK_CLOSE(k.rmse, m.rmse, 1e-14);
  }
}

static void two_classes_are_the_first_of_many(void) {
  static const int y[N] = {0, 1, 0, 1, 1, 0};
  double p[2 * N], binary, multiclass;
  for (size_t i = 0; i < N; i++) {
    p[2 * i] = 1 - scores[i];
    p[2 * i + 1] = scores[i];
  }
  gradus_binary_brier(&binary, labels, scores, NULL, N, NULL);
  gradus_multiclass_brier(&multiclass, y, p, NULL, N, 2, NULL);
  CHECK_CLOSE(multiclass, 2 * binary, 1e-15);
  gradus_binary_log_loss(&binary, labels, scores, NULL, N, NULL);
  gradus_multiclass_log_loss(&multiclass, y, p, NULL, N, 2, NULL);
  CHECK_CLOSE(multiclass, binary, 1e-15);
}

int main(void) {
  static const test_case cases[] = {
      {"one class alone has no area, and the warning says so",
       one_class_alone_has_no_area_and_the_warning_says_so},
      {"an area without variance has no interval", an_area_without_variance_has_no_interval},
      {"infinite scores have their place", infinite_scores_have_their_place},
      {"undefined rates are NaN and named", undefined_rates_are_nan_and_named},
      {"a class without rows makes averages undefined",
       a_class_without_rows_makes_averages_undefined},
      {"constant numbers have no R²", constant_numbers_have_no_r_squared},
      {"a certain prediction costs nothing or everything",
       a_certain_prediction_costs_nothing_or_everything},
      {"too few groups have no test", too_few_groups_have_no_test},
      {"what a group excluded and saw makes the test infinite",
       what_a_group_excluded_and_saw_makes_the_test_infinite},
      {"bins hold all rows whatever the weights", bins_hold_all_rows_whatever_the_weights},
      {"weights count equal rows", weights_count_equal_rows},
      {"point estimates do not know the scale of weights",
       point_estimates_do_not_know_the_scale_of_weights},
      {"two classes are the first of many", two_classes_are_the_first_of_many},
  };
  return test_main("metrics: edges", cases, sizeof cases / sizeof *cases);
}
