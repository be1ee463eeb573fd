// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus evaluate for people to read. */
#include "evaluate.h"

#include <math.h>
#include <string.h>

enum { NAME = 18, CELL = 12 };

void evaluate_text_number(int width, double value) {
  if (isnan(value))
    printf("%*s", width, "NA");
  else if (isinf(value))
    printf("%*s", width, value > 0 ? "Inf" : "-Inf");
  else
    printf("%*.6g", width, value);
}

void evaluate_text_metric(const char *name, double value) {
  printf("%-*s", NAME, name);
  evaluate_text_number(CELL, value);
  putchar('\n');
}

void evaluate_text_interval(const evaluation *e, const char *name, const char *method, double value,
                            double low, double high) {
  printf("%-*s", NAME, name);
  evaluate_text_number(CELL, value);
  printf("  (%g %% %s interval ", 100 * e->level, method);
  evaluate_text_number(0, low);
  printf(" to ");
  evaluate_text_number(0, high);
  printf(")\n");
}

void evaluate_text_head(const evaluation *e, double nobs) {
  const char *family = gradus_fit_family(e->fit), *link = gradus_fit_link(e->fit);
  char formula[GRADUS_DESIGN_BRIEF];
  gradus_design_brief(gradus_fit_design(e->fit), formula);
  printf("Model: %s(%s)", gradus_fit_model(e->fit), formula);
  if (family)
    printf(", family %s, link %s", family, link);
  printf("\nData:  %s, ", e->path);
  evaluate_text_number(0, nobs);
  fputs(nobs == 1 ? " observation" : " observations", stdout);
  if (e->sequences.id || e->sequences.each_step)
    printf(", one for each %s", e->sequences.each_step ? "step" : "sequence");
  if (e->dropped)
    printf(" (%zu row%s left out: a value is missing)", e->dropped, e->dropped == 1 ? "" : "s");
  printf("\n\n");
}

static int width_of(const char *text) {
  size_t length = strlen(text);
  return length < 40 ? (int)length : 40;
}

static void print_confusion(const evaluation *e) {
  const gradus_confusion *c = &e->confusion;
  const char *failure = e->outcome[0], *success = e->outcome[1];
  int first = width_of(failure) > width_of(success) ? width_of(failure) : width_of(success);
  first = first > 5 ? first : 5;
  int cell = first + 2 > CELL ? first + 2 : CELL;
  printf("predicting %s where its probability is at least %g\n\n", success, e->threshold);
  printf("%-*s  predicted\n", first, "");
  printf("%-*s%*s%*s\n", first, "truth", cell, failure, cell, success);
  printf("%-*s", first, failure);
  evaluate_text_number(cell, c->true_negative);
  evaluate_text_number(cell, c->false_positive);
  printf("\n%-*s", first, success);
  evaluate_text_number(cell, c->false_negative);
  evaluate_text_number(cell, c->true_positive);
  printf("\n\n");
}

static void print_calibration(const gradus_calibration *table) {
  static const char *const heads[] = {"above", "up to", "rows", "predicted", "observed"};
  printf("\nCalibration, by tenths of the predicted probability:\n");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    printf("%*s", CELL, heads[i]);
  putchar('\n');
  for (size_t i = 0; i < table->bins; i++) {
    const double cells[] = {table->low[i], table->high[i], table->weight[i], table->predicted[i],
                            table->observed[i]};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
      evaluate_text_number(CELL, cells[c]);
    putchar('\n');
  }
}

static void print_binary(const evaluation *e) {
  const gradus_rates *r = &e->rates;
  const gradus_hosmer_lemeshow *h = &e->fit_test;
  evaluate_text_head(e, r->nobs);
  print_confusion(e);
  evaluate_text_interval(e, "Accuracy", "Wilson", r->accuracy, r->accuracy_low, r->accuracy_high);
  evaluate_text_metric("Sensitivity", r->sensitivity);
  evaluate_text_metric("Specificity", r->specificity);
  evaluate_text_metric("Precision", r->precision);
  evaluate_text_metric("F1", r->f1);
  evaluate_text_metric("Balanced accuracy", r->balanced_accuracy);
  evaluate_text_metric("MCC", r->mcc);
  evaluate_text_metric("Log-loss", e->log_loss);
  evaluate_text_metric("Brier score", e->brier);
  evaluate_text_interval(e, "AUC", "DeLong", e->auc.auc, e->auc.conf_low, e->auc.conf_high);
  evaluate_text_metric("Average precision", e->average_precision);
  printf("\nHosmer-Lemeshow: X-squared = ");
  evaluate_text_number(0, h->statistic);
  printf(", df = ");
  evaluate_text_number(0, h->df);
  printf(", p-value = ");
  evaluate_text_number(0, h->p_value);
  printf("  (right for the rows that were fitted: df = groups - 2)\n%*s", 32, "");
  printf("df = ");
  evaluate_text_number(0, h->df_new);
  printf(", p-value = ");
  evaluate_text_number(0, h->p_value_new);
  printf("  (right for new rows: df = groups)\n");
  print_calibration(e->calibration);
}

void evaluate_text(const evaluation *e) {
  if (e->classes) {
    evaluate_classes_text(e);
    return;
  }
  if (e->binary) {
    print_binary(e);
    return;
  }
  evaluate_text_head(e, e->regression[0].nobs);
  for (size_t r = 0; r < e->responses; r++) {
    const gradus_regression *m = &e->regression[r];
    printf("%sResponse %s:\n", r ? "\n" : "", gradus_fit_response_name(e->fit, r));
    evaluate_text_metric("RMSE", m->rmse);
    evaluate_text_metric("MAE", m->mae);
    evaluate_text_metric("R-squared", m->r_squared);
    evaluate_text_metric("Mean error", m->mean_error);
  }
  if (gradus_fit_family(e->fit)) {
    evaluate_text_metric("Deviance", e->deviance.deviance);
    evaluate_text_metric("Mean deviance", e->deviance.mean_deviance);
    evaluate_text_metric("Null deviance", e->deviance.null_deviance);
    evaluate_text_metric("D-squared", e->deviance.d_squared);
  }
}
