// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus evaluate of a multinomial model: its rows, and its text. */
#include "evaluate.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Rows that do not count keep weight 0, and values that the metrics accept. */
bool evaluate_classes_allocate(evaluation *e, const gradus_prediction *prediction) {
  size_t rows = e->frame_rows, k = e->classes;
  if (k > SIZE_MAX / sizeof(double) / (rows + 1))
    return false;
  e->label = calloc(rows + 1, sizeof *e->label);
  e->predicted_label = calloc(rows + 1, sizeof *e->predicted_label);
  e->probability = calloc((rows + 1) * k, sizeof *e->probability);
  if (!e->label || !e->predicted_label || !e->probability)
    return false;
  for (size_t i = 0; i < rows; i++) {
    const double *p = prediction->fitted + i * k;
    size_t best = 0;
    if (isnan(p[0])) {
      e->probability[i * k] = 1;
      continue;
    }
    for (size_t c = 1; c < k; c++)
      best = p[c] > p[best] ? c : best;
    e->predicted_label[i] = (int)best;
    memcpy(e->probability + i * k, p, k * sizeof *p);
  }
  return true;
}

void evaluate_classes_row(evaluation *e, size_t row, double class, double weight) {
  e->label[row] = (int)class;
  e->weight[row] = weight;
}

void evaluate_classes_name(const evaluation *e, gradus_error *warning) {
  static const char word[] = " class ";
  char named[sizeof warning->message];
  size_t used = 0;
  const char *rest = warning->message;
  for (const char *found; (found = strstr(rest, word)) != NULL;) {
    char *end = NULL;
    unsigned long class = strtoul(found + strlen(word), &end, 10);
    bool is_number = end != found + strlen(word) && class < e->classes;
    int wrote = is_number
                    ? snprintf(named + used, sizeof named - used, "%.*s \"%s\"",
                               (int)(found - rest), rest, gradus_fit_class_name(e->fit, class))
                    : snprintf(named + used, sizeof named - used, "%.*s", (int)(end - rest), rest);
    if (wrote < 0 || (size_t)wrote >= sizeof named - used)
      return; /* it does not fit: numbers will do */
    used += (size_t)wrote;
    rest = end;
  }
  if ((size_t)snprintf(named + used, sizeof named - used, "%s", rest) < sizeof named - used)
    memcpy(warning->message, named, sizeof named);
}

void evaluate_classes_clear(evaluation *e) {
  free(e->label);
  free(e->predicted_label);
  free(e->probability);
  gradus_multiclass_free(e->multiclass);
}

enum { CELL = 12, NAME_MOST = 40 };

static int width_of(const char *text) {
  size_t length = strlen(text);
  return length < NAME_MOST ? (int)length : NAME_MOST;
}

/* The widest of the levels, and of the heads of averages. */
static int name_width(const evaluation *e) {
  int width = (int)strlen("weighted mean");
  for (size_t c = 0; c < e->classes; c++) {
    int own = width_of(gradus_fit_class_name(e->fit, c));
    width = own > width ? own : width;
  }
  return width;
}

static void print_confusion(const evaluation *e, int first) {
  const gradus_multiclass *m = e->multiclass;
  int cell = first + 2 > CELL ? first + 2 : CELL;
  printf("predicting the likeliest level\n\n%-*s  predicted\n%-*s", first, "", first, "truth");
  for (size_t c = 0; c < m->classes; c++)
    printf("%*.*s", cell, NAME_MOST, gradus_fit_class_name(e->fit, c));
  putchar('\n');
  for (size_t truth = 0; truth < m->classes; truth++) {
    printf("%-*.*s", first, NAME_MOST, gradus_fit_class_name(e->fit, truth));
    for (size_t c = 0; c < m->classes; c++)
      evaluate_text_number(cell, m->confusion[truth * m->classes + c]);
    putchar('\n');
  }
  putchar('\n');
}

static void print_rates(int first, const char *name, const gradus_class_rates *rates) {
  printf("%-*.*s", first, NAME_MOST, name);
  evaluate_text_number(CELL, rates->precision);
  evaluate_text_number(CELL, rates->recall);
  evaluate_text_number(CELL, rates->f1);
  evaluate_text_number(CELL, rates->support);
  putchar('\n');
}

void evaluate_classes_text(const evaluation *e) {
  const gradus_multiclass *m = e->multiclass;
  int first = name_width(e);
  evaluate_text_head(e, m->micro.support);
  print_confusion(e, first);
  printf("%-*s%*s%*s%*s%*s\n", first, "", CELL, "precision", CELL, "recall", CELL, "F1", CELL,
         "rows");
  for (size_t c = 0; c < m->classes; c++)
    print_rates(first, gradus_fit_class_name(e->fit, c), &m->each[c]);
  print_rates(first, "macro mean", &m->macro);
  print_rates(first, "micro mean", &m->micro);
  print_rates(first, "weighted mean", &m->weighted);
  putchar('\n');
  evaluate_text_interval(e, "Accuracy", "Wilson", m->accuracy, m->accuracy_low, m->accuracy_high);
  evaluate_text_metric("Balanced accuracy", m->balanced_accuracy);
  evaluate_text_metric("MCC", m->mcc);
  evaluate_text_metric("Log-loss", e->log_loss);
  evaluate_text_metric("Brier score", e->brier);
}
