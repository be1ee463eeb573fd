// SPDX-License-Identifier: GPL-3.0-or-later
/* Metrics against scikit-learn, scipy and exact arithmetic (tests/reference/make_metrics.py) and
   against R's pROC and the formula of ResourceSelection (tests/r/metrics.R). */
#include "support/metric_rows.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double tolerance = 1e-12;

static bool is(const char *a, const char *b) {
  return strcmp(a, b) == 0;
}

static const double *weights_of(const metric_rows *r, const char *weighted) {
  return is(weighted, "1") ? r->w : NULL;
}

/* ---- two classes ---- */

static double rate_named(const char *name, const gradus_confusion *c) {
  gradus_rates r;
  double level = strncmp(name, "wilson", 6) == 0 ? atof(strrchr(name, '_') + 1) : 0;
  CU_ASSERT(gradus_confusion_rates(&r, c, level, NULL) <= 0);
  const struct {
    const char *name;
    double value;
  } rates[] = {{"tp", c->true_positive},
               {"fp", c->false_positive},
               {"tn", c->true_negative},
               {"fn", c->false_negative},
               {"accuracy", r.accuracy},
               {"prevalence", r.prevalence},
               {"sensitivity", r.sensitivity},
               {"specificity", r.specificity},
               {"precision", r.precision},
               {"npv", r.negative_predictive_value},
               {"f1", r.f1},
               {"balanced_accuracy", r.balanced_accuracy},
               {"mcc", r.mcc},
               {"wilson_low", r.accuracy_low},
               {"wilson_high", r.accuracy_high}};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
    if (is(name, rates[i].name) ||
        (level > 0 && strncmp(name, rates[i].name, strlen(rates[i].name)) == 0))
      return rates[i].value;
  CU_FAIL("a metric that the test does not know");
  return HUGE_VAL;
}

static double binary_named(const char *name, const metric_rows *r, const double *w,
                           double threshold) {
  double value = HUGE_VAL;
  gradus_auc auc;
  gradus_confusion c;
  gradus_precision_recall *curve;
  if (is(name, "log_loss"))
    CHECK_STATUS(gradus_binary_log_loss(&value, r->y, r->p, w, r->n, NULL), GRADUS_OK, NULL);
  else if (is(name, "brier"))
    CHECK_STATUS(gradus_binary_brier(&value, r->y, r->p, w, r->n, NULL), GRADUS_OK, NULL);
  else if (is(name, "auc")) {
    CU_ASSERT(gradus_auc_delong(&auc, r->y, r->p, w, r->n, 0, NULL) <= 0);
    value = auc.auc;
  } else if (is(name, "average_precision")) {
    CU_ASSERT(gradus_precision_recall_curve(&curve, r->y, r->p, w, r->n, NULL) <= 0);
    value = curve->average_precision;
    gradus_precision_recall_free(curve);
  } else {
    CHECK_STATUS(gradus_confusion_count(&c, r->y, r->p, w, r->n, threshold, NULL), GRADUS_OK, NULL);
    value = rate_named(name, &c);
  }
  return value;
}

static void metrics_of_two_classes_are_scikit_learns(void) {
  metric_table t = metric_table_read("binary_expected.csv");
  CU_ASSERT(t.count > 1000);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    metric_rows r = metric_rows_read("binary.csv", e->field[0]);
    double value = binary_named(e->field[3], &r, weights_of(&r, e->field[1]), metric_number(e, 2));
    char what[300];
    snprintf(what, sizeof what, "%s of %s, weighted %s, threshold %s", e->field[3], e->field[0],
             e->field[1], e->field[2]);
    test_close(value, metric_number(e, 4), tolerance, what, __FILE__, __LINE__);
  }
  metric_table_free(&t);
}

/* Walks over the records of one set and weighting; returns how many there are. */
static size_t same_curve(const metric_table *t, size_t first) {
  size_t count = 1;
  while (first + count < t->count &&
         is(t->records[first].field[0], t->records[first + count].field[0]) &&
         is(t->records[first].field[1], t->records[first + count].field[1]))
    count++;
  return count;
}

static void roc_points_are_scikit_learns(void) {
  metric_table t = metric_table_read("roc.csv");
  for (size_t first = 0, count; first < t.count; first += count) {
    const metric_record *e = &t.records[first];
    metric_rows r = metric_rows_read("binary.csv", e->field[0]);
    gradus_roc *roc = NULL;
    count = same_curve(&t, first);
    gradus_roc_curve(&roc, r.y, r.p, weights_of(&r, e->field[1]), r.n, NULL);
    CU_ASSERT_FATAL(roc && roc->points == count);
    for (size_t i = 0; i < count; i++) {
      CHECK_CLOSE(roc->threshold[i], metric_number(e + i, 2), 0);
      CHECK_CLOSE(roc->false_positive_rate[i], metric_number(e + i, 3), tolerance);
      CHECK_CLOSE(roc->true_positive_rate[i], metric_number(e + i, 4), tolerance);
    }
    gradus_roc_free(roc);
  }
  CU_ASSERT(t.count > 300);
  metric_table_free(&t);
}

static void precision_recall_points_are_scikit_learns(void) {
  metric_table t = metric_table_read("precision_recall.csv");
  for (size_t first = 0, count; first < t.count; first += count) {
    const metric_record *e = &t.records[first];
    metric_rows r = metric_rows_read("binary.csv", e->field[0]);
    gradus_precision_recall *curve = NULL;
    count = same_curve(&t, first);
    gradus_precision_recall_curve(&curve, r.y, r.p, weights_of(&r, e->field[1]), r.n, NULL);
    CU_ASSERT_FATAL(curve && curve->points <= count);
    /* scikit-learn keeps the scores of rows without weight as further points, which repeat. */
    size_t j = 0;
    for (size_t i = 0; i < count; i++) {
      if (curve->threshold[j] != metric_number(e + i, 2) && j + 1 < curve->points &&
          curve->threshold[j + 1] == metric_number(e + i, 2))
        j++;
      CHECK_CLOSE(curve->precision[j], metric_number(e + i, 3), tolerance);
      CHECK_CLOSE(curve->recall[j], metric_number(e + i, 4), tolerance);
    }
    CU_ASSERT_EQUAL(j + 1, curve->points);
    gradus_precision_recall_free(curve);
  }
  CU_ASSERT(t.count > 300);
  metric_table_free(&t);
}

static void calibration_is_scikit_learns(void) {
  metric_table t = metric_table_read("calibration.csv");
  for (size_t first = 0, count; first < t.count; first += count) {
    const metric_record *e = &t.records[first];
    metric_rows r = metric_rows_read("binary.csv", e->field[0]);
    gradus_calibration *table = NULL;
    CHECK_STATUS(gradus_calibration_table(&table, r.y, r.p, weights_of(&r, e->field[1]), r.n,
                                          (size_t)metric_number(e, 3),
                                          (gradus_bins)metric_number(e, 2), NULL),
                 GRADUS_OK, NULL);
    CU_ASSERT_FATAL(table != NULL);
    count = table->bins;
    double total = 0;
    for (size_t i = 0; i < count && first + i < t.count; i++) {
      CU_ASSERT(is(e->field[0], e[i].field[0]) && is(e->field[2], e[i].field[2]) &&
                is(e->field[3], e[i].field[3]));
      CHECK_CLOSE(table->predicted[i], metric_number(e + i, 4), tolerance);
      CHECK_CLOSE(table->observed[i], metric_number(e + i, 5), tolerance);
      CU_ASSERT(table->low[i] - 1e-15 <= table->predicted[i] &&
                table->predicted[i] <= table->high[i] + 1e-15);
      total += table->weight[i];
    }
    gradus_confusion c;
    gradus_confusion_count(&c, r.y, r.p, weights_of(&r, e->field[1]), r.n, 0, NULL);
    CHECK_CLOSE(total, c.true_positive + c.false_positive, tolerance);
    gradus_calibration_free(table);
  }
  metric_table_free(&t);
}

static void the_test_of_hosmer_and_lemeshow_is_r_s(void) {
  metric_table t = metric_table_read("hosmer_lemeshow.csv");
  CU_ASSERT(t.count > 20);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    metric_rows r = metric_rows_read("binary.csv", e->field[0]);
    gradus_hosmer_lemeshow h;
    CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, r.y, r.p, weights_of(&r, e->field[1]), r.n,
                                             (size_t)metric_number(e, 2), NULL),
                 GRADUS_OK, NULL);
    CHECK_CLOSE((double)h.groups, metric_number(e, 3), 0);
    CHECK_CLOSE(h.statistic, metric_number(e, 4), tolerance);
    CHECK_CLOSE(h.df, metric_number(e, 5), 0);
    CHECK_CLOSE(h.p_value, metric_number(e, 6), 1e-11);
  }
  metric_table_free(&t);
}

static void areas_and_their_intervals_are_those_of_proc(void) {
  metric_table t = metric_table_read("delong.csv");
  CU_ASSERT(t.count > 20);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    bool large = is(e->field[0], "generated");
    metric_rows r =
        large ? metric_rows_generate(100000) : metric_rows_read("binary.csv", e->field[0]);
    gradus_auc a;
    gradus_status status = gradus_auc_delong(&a, r.y, r.p, weights_of(&r, e->field[1]), r.n,
                                             metric_number(e, 2), NULL);
    double variance = metric_number(e, 4);
    CHECK_CLOSE(a.auc, metric_number(e, 3), tolerance);
    CHECK_CLOSE(a.variance, variance, 1e-10);
    CHECK_CLOSE(a.std_error, sqrt(variance), 1e-10);
    CHECK_STATUS(status, variance > 0 ? GRADUS_OK : GRADUS_WARNING_UNDEFINED, NULL);
    /* pROC's interval [1, 1] without variance is none. */
    CHECK_CLOSE(a.conf_low, variance > 0 ? metric_number(e, 5) : NAN, 1e-10);
    CHECK_CLOSE(a.conf_high, variance > 0 ? metric_number(e, 6) : NAN, 1e-10);
    if (large)
      metric_rows_free(&r);
  }
  metric_table_free(&t);
}

/* The definition, pair by pair. */
static void delong_by_pairs(const metric_rows *r, double *auc, double *variance) {
  double *placement = calloc(r->n, sizeof *placement), count[2] = {0, 0}, square[2] = {0, 0};
  CU_ASSERT_PTR_NOT_NULL_FATAL(placement);
  for (size_t i = 0; i < r->n; i++)
    count[r->y[i] == 1]++;
  for (size_t i = 0; i < r->n; i++)
    for (size_t j = 0; r->y[i] == 1 && j < r->n; j++)
      if (r->y[j] == 0) {
        double win = r->p[i] > r->p[j] ? 1 : r->p[i] == r->p[j] ? 0.5 : 0;
        placement[i] += win / count[0];
        placement[j] += win / count[1];
      }
  *auc = 0;
  for (size_t i = 0; i < r->n; i++)
    *auc += r->y[i] == 1 ? placement[i] / count[1] : 0;
  for (size_t i = 0; i < r->n; i++)
    square[r->y[i] == 1] += (placement[i] - *auc) * (placement[i] - *auc);
  *variance = square[0] / (count[0] - 1) / count[0] + square[1] / (count[1] - 1) / count[1];
  free(placement);
}

static void one_sort_gives_delongs_variance_by_pairs(void) {
  metric_rows all = metric_rows_generate(100000), part = all;
  double auc, variance;
  gradus_auc a;
  part.n = 3000;
  delong_by_pairs(&part, &auc, &variance);
  CHECK_STATUS(gradus_auc_delong(&a, part.y, part.p, NULL, part.n, 0, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(a.auc, auc, tolerance);
  CHECK_CLOSE(a.variance, variance, 1e-10);
  for (size_t i = 0, seen = 0; i < all.n; i++) /* all rows, but only 200 of label 1 */
    if (all.y[i] == 1 && ++seen > 200)
      all.y[i] = 0;
  delong_by_pairs(&all, &auc, &variance);
  CHECK_STATUS(gradus_auc_delong(&a, all.y, all.p, NULL, all.n, 0, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(a.auc, auc, 1e-11);
  CHECK_CLOSE(a.variance, variance, 1e-10);
  metric_rows_free(&all);
}

static void correlations_keep_their_digits_for_any_counts(void) {
  metric_table t = metric_table_read("counts.csv");
  CU_ASSERT(t.count == 13);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    double n[] = {metric_number(e, 0), metric_number(e, 1), metric_number(e, 2),
                  metric_number(e, 3)};
    static const int truth[] = {1, 0, 0, 1}, predicted[] = {1, 1, 0, 0};
    gradus_rates r;
    gradus_multiclass *m = NULL;
    gradus_confusion_rates(&r, &(gradus_confusion){n[0], n[1], n[2], n[3]}, 0, NULL);
    CHECK_CLOSE(r.mcc, metric_number(e, 4), tolerance);
    gradus_multiclass_evaluate(&m, truth, predicted, n, 4, 2, 0, NULL);
    CHECK_CLOSE(m->mcc, metric_number(e, 4), tolerance);
    gradus_multiclass_free(m);
    gradus_confusion huge = {ldexp(n[0], 900), ldexp(n[1], 900), ldexp(n[2], 900),
                             ldexp(n[3], 900)};
    gradus_confusion_rates(&r, &huge, 0, NULL);
    CHECK_CLOSE(r.mcc, metric_number(e, 4), tolerance);
  }
  metric_table_free(&t);
}

/* ---- more classes ---- */

static double class_rate_named(const char *name, const gradus_class_rates *r) {
  return strstr(name, "precision") ? r->precision
         : strstr(name, "recall")  ? r->recall
         : strstr(name, "f1")      ? r->f1
                                   : r->support;
}

static double multiclass_named(const char *name, const metric_rows *r, const double *w,
                               const gradus_multiclass *m) {
  const char *last = strrchr(name, '_');
  double value = HUGE_VAL;
  if (is(name, "log_loss"))
    gradus_multiclass_log_loss(&value, r->label, r->p, w, r->n, 4, NULL);
  else if (is(name, "brier"))
    gradus_multiclass_brier(&value, r->label, r->p, w, r->n, 4, NULL);
  else if (is(name, "mcc"))
    value = m->mcc;
  else if (is(name, "balanced_accuracy"))
    value = m->balanced_accuracy;
  else if (is(name, "accuracy"))
    value = m->accuracy;
  else if (is(name, "accuracy_low"))
    value = m->accuracy_low;
  else if (is(name, "accuracy_high"))
    value = m->accuracy_high;
  else if (strncmp(name, "confusion", 9) == 0)
    value = m->confusion[(name[10] - '0') * 4 + (name[12] - '0')];
  else if (strncmp(name, "macro", 5) == 0)
    value = class_rate_named(name, &m->macro);
  else if (strncmp(name, "micro", 5) == 0)
    value = class_rate_named(name, &m->micro);
  else if (strncmp(name, "weighted", 8) == 0)
    value = class_rate_named(name, &m->weighted);
  else if (last)
    value = class_rate_named(name, &m->each[last[1] - '0']);
  return value;
}

static void metrics_of_more_classes_are_scikit_learns(void) {
  metric_table t = metric_table_read("multiclass_expected.csv");
  CU_ASSERT(t.count > 300);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    metric_rows r = metric_rows_read_classes("multiclass.csv", e->field[0]);
    const double *w = weights_of(&r, e->field[1]);
    gradus_multiclass *m = NULL;
    CHECK_STATUS(gradus_multiclass_evaluate(&m, r.label, r.predicted_label, w, r.n, 4, 0, NULL),
                 is(e->field[0], "four") ? GRADUS_OK : GRADUS_WARNING_UNDEFINED, NULL);
    CU_ASSERT_FATAL(m != NULL);
    char what[300];
    snprintf(what, sizeof what, "%s of %s, weighted %s", e->field[2], e->field[0], e->field[1]);
    test_close(multiclass_named(e->field[2], &r, w, m), metric_number(e, 3), tolerance, what,
               __FILE__, __LINE__);
    gradus_multiclass_free(m);
  }
  metric_table_free(&t);
}

/* ---- numbers ---- */

static void errors_of_numbers_are_those_of_exact_arithmetic(void) {
  metric_table t = metric_table_read("regression_expected.csv");
  CU_ASSERT(t.count == 80);
  for (size_t i = 0; i < t.count; i++) {
    const metric_record *e = &t.records[i];
    metric_rows r = metric_rows_read("regression.csv", e->field[0]);
    gradus_regression m = {0};
    CU_ASSERT(gradus_regression_evaluate(&m, r.y, r.p, weights_of(&r, e->field[1]), r.n, NULL) <=
              0);
    const char *name = e->field[2];
    double value = is(name, "nobs")         ? m.nobs
                   : is(name, "mean_error") ? m.mean_error
                   : is(name, "mae")        ? m.mae
                   : is(name, "rmse")       ? m.rmse
                                            : m.r_squared;
    char what[300];
    snprintf(what, sizeof what, "%s of %s, weighted %s", name, e->field[0], e->field[1]);
    test_close(value, metric_number(e, 3), tolerance, what, __FILE__, __LINE__);
  }
  metric_table_free(&t);
}

int main(void) {
  static const test_case cases[] = {
      {"metrics of two classes are scikit-learn's", metrics_of_two_classes_are_scikit_learns},
      {"ROC points are scikit-learn's", roc_points_are_scikit_learns},
      {"precision-recall points are scikit-learn's", precision_recall_points_are_scikit_learns},
      {"calibration is scikit-learn's", calibration_is_scikit_learns},
      {"the test of Hosmer and Lemeshow is R's", the_test_of_hosmer_and_lemeshow_is_r_s},
      {"areas and their intervals are those of pROC", areas_and_their_intervals_are_those_of_proc},
      {"one sort gives DeLong's variance by pairs", one_sort_gives_delongs_variance_by_pairs},
      {"correlations keep their digits for any counts",
       correlations_keep_their_digits_for_any_counts},
      {"metrics of more classes are scikit-learn's", metrics_of_more_classes_are_scikit_learns},
      {"errors of numbers are those of exact arithmetic",
       errors_of_numbers_are_those_of_exact_arithmetic},
  };
  return test_main("metrics", cases, sizeof cases / sizeof *cases);
}
