// SPDX-License-Identifier: GPL-3.0-or-later
/* What metrics refuse: the sentence names row and value, outputs stay as they were, nothing leaks.
 */
#include "support/support.h"

#include <math.h>
#include <string.h>

enum { N = 4 };
static const double y[N] = {0, 1, 0, 1}, p[N] = {0.1, 0.8, 0.3, 0.3};
static const int label[N] = {0, 1, 2, 1}, chosen[N] = {0, 1, 1, 2};
static const double rows[3 * N] = {1, 0, 0, 0.2, 0.5, 0.3, 0, 0.5, 0.5, 0.25, 0.5, 0.25};

typedef struct inputs {
  const double *y, *p, *w;
  size_t n;
} inputs;

enum { BINARY_FUNCTIONS = 8 };

/* Calls function k on inputs, its output untouched on an error. */
static gradus_status call(size_t k, const inputs *in, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  gradus_confusion confusion = {-7, -7, -7, -7};
  gradus_auc auc = {.auc = -7};
  gradus_hosmer_lemeshow test = {.statistic = -7};
  double value = -7;
  gradus_roc *roc = NULL;
  gradus_precision_recall *curve = NULL;
  gradus_calibration *table = NULL;
  switch (k) {
  case 0:
    status = gradus_confusion_count(&confusion, in->y, in->p, in->w, in->n, 0.5, err);
    break;
  case 1:
    status = gradus_roc_curve(&roc, in->y, in->p, in->w, in->n, err);
    break;
  case 2:
    status = gradus_auc_delong(&auc, in->y, in->p, in->w, in->n, 0, err);
    break;
  case 3:
    status = gradus_precision_recall_curve(&curve, in->y, in->p, in->w, in->n, err);
    break;
  case 4:
    status = gradus_binary_log_loss(&value, in->y, in->p, in->w, in->n, err);
    break;
  case 5:
    status = gradus_binary_brier(&value, in->y, in->p, in->w, in->n, err);
    break;
  case 6:
    status = gradus_calibration_table(&table, in->y, in->p, in->w, in->n, 0, 0, err);
    break;
  default:
    status = gradus_hosmer_lemeshow_test(&test, in->y, in->p, in->w, in->n, 0, err);
  }
  if (status > 0) {
    CU_ASSERT(!roc && !curve && !table && value == -7 && auc.auc == -7 && test.statistic == -7);
    CU_ASSERT_EQUAL(confusion.true_positive, -7);
  }
  gradus_roc_free(roc);
  gradus_precision_recall_free(curve);
  gradus_calibration_free(table);
  return status;
}

static void check_refused(const inputs *in, size_t first, size_t last, gradus_status expected,
                          const char *row, const char *value) {
  for (size_t k = first; k < last; k++) {
    gradus_error err = {0};
    CHECK_STATUS(call(k, in, &err), expected, &err);
    CHECK_CONTAINS(err.message, row);
    CHECK_CONTAINS(err.message, value);
  }
}

static void labels_other_than_0_and_1_are_refused(void) {
  static const double two[N] = {0, 1, 2, 1}, missing[N] = {0, 1, 1, NAN}, half[N] = {0.5, 0, 1, 1};
  check_refused(&(inputs){two, p, NULL, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_RESPONSE, "row 3",
                "is 2;");
  check_refused(&(inputs){missing, p, NULL, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_RESPONSE,
                "row 4", "nan");
  check_refused(&(inputs){half, p, NULL, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_RESPONSE,
                "row 1", "0.5");
}

static void probabilities_outside_0_to_1_are_refused(void) {
  static const double above[N] = {0.1, 1.25, 0.3, 0.3}, below[N] = {0.1, 0.2, 0.3, -0.25};
  static const double missing[N] = {0.1, 0.2, NAN, 1};
  check_refused(&(inputs){y, above, NULL, N}, 4, BINARY_FUNCTIONS, GRADUS_ERROR_INVALID_ARGUMENT,
                "row 2", "1.25");
  check_refused(&(inputs){y, below, NULL, N}, 4, BINARY_FUNCTIONS, GRADUS_ERROR_INVALID_ARGUMENT,
                "row 4", "-0.25");
  check_refused(&(inputs){y, missing, NULL, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_INVALID_ARGUMENT,
                "row 3", "nan");
  for (size_t k = 0; k < 4; k++) /* scores may be any number */
    CU_ASSERT(call(k, &(inputs){y, above, NULL, N}, NULL) <= 0);
}

static void bad_weights_are_refused(void) {
  static const double negative[N] = {1, 1, -2.5, 1}, missing[N] = {NAN, 1, 1, 1}, none[N];
  static const double infinite[N] = {1, INFINITY, 1, 1};
  check_refused(&(inputs){y, p, negative, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_WEIGHT, "row 3",
                "-2.5");
  check_refused(&(inputs){y, p, missing, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_WEIGHT, "row 1",
                "nan");
  check_refused(&(inputs){y, p, infinite, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_WEIGHT, "row 2",
                "inf");
  check_refused(&(inputs){y, p, none, N}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_BAD_WEIGHT, "all", "0");
}

static void no_rows_are_refused(void) {
  double value;
  gradus_multiclass *m = NULL;
  gradus_regression r;
  check_refused(&(inputs){y, p, NULL, 0}, 0, BINARY_FUNCTIONS, GRADUS_ERROR_INVALID_ARGUMENT,
                "no rows", "metrics");
  CHECK_STATUS(gradus_multiclass_evaluate(&m, label, chosen, NULL, 0, 3, 0, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_multiclass_log_loss(&value, label, rows, NULL, 0, 3, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_multiclass_brier(&value, label, rows, NULL, 0, 3, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_regression_evaluate(&r, y, p, NULL, 0, NULL), GRADUS_ERROR_INVALID_ARGUMENT,
               NULL);
}

static void options_out_of_range_are_refused(void) {
  gradus_auc a;
  gradus_rates r;
  gradus_confusion c;
  gradus_hosmer_lemeshow h;
  gradus_calibration *table = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_auc_delong(&a, y, p, NULL, N, 1, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){1, 1, 1, 1}, -0.5, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){1, -1, 1, 1}, 0, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_CONTAINS(err.message, "false positives is -1");
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){1, INFINITY, 1, 1}, 0, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_confusion_rates(&r, &(gradus_confusion){0, 0, 0, 0}, 0, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_confusion_count(&c, y, p, NULL, N, NAN, NULL), GRADUS_ERROR_INVALID_ARGUMENT,
               NULL);
  CHECK_STATUS(gradus_hosmer_lemeshow_test(&h, y, p, NULL, N, 1000001, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_calibration_table(&table, y, p, NULL, N, (size_t)-1, 0, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_calibration_table(&table, y, p, NULL, N, 5, (gradus_bins)2, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
}

static void classes_out_of_range_are_refused(void) {
  static const int high[N] = {0, 1, 3, 1}, low[N] = {0, -1, 1, 1};
  static const double short_row[3 * N] = {1, 0, 0, 0.2, 0.5, 0.2, 0, 0.5, 0.5, 0, 0, 1};
  static const double negative[3 * N] = {1.5, -0.5, 0, 0.2, 0.5, 0.3, 0, 0.5, 0.5, 0, 0, 1};
  gradus_multiclass *m = NULL;
  gradus_error err = {0};
  double value = -7;
  CHECK_STATUS(gradus_multiclass_evaluate(&m, high, chosen, NULL, N, 3, 0, &err),
               GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "row 3: the label is 3; with 3 classes labels are 0 to 2");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_multiclass_evaluate(&m, label, low, NULL, N, 3, 0, &err),
               GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "row 2: the prediction is -1");
  CHECK_STATUS(gradus_multiclass_evaluate(&m, label, chosen, NULL, N, 1, 0, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_multiclass_evaluate(&m, label, chosen, NULL, N, (size_t)1 << 40, 0, NULL),
               GRADUS_ERROR_OUT_OF_MEMORY, NULL);
  CU_ASSERT_PTR_NULL(m);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_multiclass_log_loss(&value, label, short_row, NULL, N, 3, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "row 2: the probabilities sum to 0.89999999999999991");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_multiclass_brier(&value, label, negative, NULL, N, 3, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "row 1: the probability of class 0 is 1.5");
  CHECK_STATUS(gradus_multiclass_brier(&value, high, rows, NULL, N, 3, NULL),
               GRADUS_ERROR_BAD_RESPONSE, NULL);
  CU_ASSERT_EQUAL(value, -7);
}

static void numbers_that_are_not_finite_are_refused(void) {
  static const double missing[N] = {0, 1, NAN, 1}, infinite[N] = {0, INFINITY, 1, 1};
  gradus_regression r = {.rmse = -7};
  gradus_error err = {0};
  CHECK_STATUS(gradus_regression_evaluate(&r, missing, p, NULL, N, &err), GRADUS_ERROR_NON_FINITE,
               &err);
  CHECK_CONTAINS(err.message, "row 3: the value is nan");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_regression_evaluate(&r, y, infinite, NULL, N, &err), GRADUS_ERROR_NON_FINITE,
               &err);
  CHECK_CONTAINS(err.message, "row 2: the prediction is inf");
  CU_ASSERT_EQUAL(r.rmse, -7);
}

static void failed_allocations_leak_nothing(void) {
  for (size_t k = 0; k < BINARY_FUNCTIONS + 1; k++) {
    for (failing_run run = {0}; NEXT_FAILING(&run);) {
      gradus_multiclass *m = NULL;
      gradus_error err = {0};
      if (k < BINARY_FUNCTIONS)
        run.status = call(k, &(inputs){y, p, NULL, N}, &err);
      else
        run.status = gradus_multiclass_evaluate(&m, label, chosen, NULL, N, 3, 0, &err);
      CU_ASSERT(run.status <= 0 || (!m && err.code == run.status));
      gradus_multiclass_free(m);
    }
  }
  gradus_roc_free(NULL);
  gradus_precision_recall_free(NULL);
  gradus_calibration_free(NULL);
  gradus_multiclass_free(NULL);
}

int main(void) {
  static const test_case cases[] = {
      {"labels other than 0 and 1 are refused", labels_other_than_0_and_1_are_refused},
      {"probabilities outside 0 to 1 are refused", probabilities_outside_0_to_1_are_refused},
      {"bad weights are refused", bad_weights_are_refused},
      {"no rows are refused", no_rows_are_refused},
      {"options out of range are refused", options_out_of_range_are_refused},
      {"classes out of range are refused", classes_out_of_range_are_refused},
      {"numbers that are not finite are refused", numbers_that_are_not_finite_are_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("metrics: errors", cases, sizeof cases / sizeof *cases);
}
