// SPDX-License-Identifier: GPL-3.0-or-later
/* The text report of a network: its layers, the curves of its loss, how well it does; the table of
   coefficients, where it has any, is the regression's. */
#include "../model/network.h"
#include "internal.h"

#include <math.h>

enum { DIGITS = GRADUS_I_REPORT_DIGITS };

/* ---- layers ---- */

static void set_count(gradus_i_table *table, size_t row, size_t column, size_t count) {
  char text[GRADUS_I_NUMBER_SIZE];
  gradus_i_number_count(text, (double)count);
  gradus_i_table_set(table, row, column, text);
}

/* "24x24x6". */
static void set_shape(gradus_i_table *table, size_t row, size_t column, size_t rank,
                      const size_t *extent) {
  gradus_i_shape shape = {.rank = rank, .extent = {extent[0], extent[1], extent[2]}};
  char text[80];
  if (rank < 2) {
    set_count(table, row, column, extent[0]);
    return;
  }
  gradus_i_shape_text(text, sizeof text, &shape);
  gradus_i_table_set(table, row, column, text);
}

static gradus_status append_layers(gradus_i_text *text, const gradus_fit *fit, gradus_error *err) {
  static const char *const heads[] = {"Layers:", "", "  inputs", "  outputs", "  parameters"};
  enum { COLUMNS = sizeof heads / sizeof *heads };
  size_t layers = gradus_fit_layers(fit), parameters = 0;
  gradus_i_table table;
  gradus_status status = gradus_i_table_init(&table, layers + 2, COLUMNS, err);
  for (size_t c = 0; status == GRADUS_OK && c < COLUMNS; c++)
    gradus_i_table_set(&table, 0, c, heads[c]);
  for (size_t i = 0; status == GRADUS_OK && i < layers; i++) {
    gradus_layer layer;
    status = gradus_fit_layer(fit, i, &layer, err);
    if (status > 0)
      break;
    parameters += layer.parameters;
    gradus_i_table_set(&table, i + 1, 0, layer.name);
    gradus_i_table_set(&table, i + 1, 1, layer.activation ? layer.activation : layer.type);
    set_shape(&table, i + 1, 2, layer.input_rank, layer.input_shape);
    set_shape(&table, i + 1, 3, layer.output_rank, layer.output_shape);
    set_count(&table, i + 1, 4, layer.parameters);
  }
  if (status == GRADUS_OK) {
    gradus_i_table_set(&table, layers + 1, 0, "in all");
    set_count(&table, layers + 1, 4, parameters);
    gradus_i_text_string(text, "\n");
    status = gradus_i_table_write(&table, false, text, err);
  }
  gradus_i_table_clear(&table);
  return status;
}

/* ---- curves ---- */

enum { CURVE = 60 };

/* Losses of the epochs, training or validation, squeezed to at most CURVE means; what is not finite
   in them is left out, and a mean of nothing is NaN. */
typedef struct curve {
  double points[CURVE];
  size_t count;
  double first, last;
} curve;

static double loss_of(const gradus_fit *fit, size_t index, bool validation) {
  gradus_epoch epoch;
  if (gradus_fit_epoch(fit, index, &epoch, NULL) > 0)
    return NAN;
  return validation ? epoch.validation_loss : epoch.loss;
}

static void make_curve(curve *c, const gradus_fit *fit, bool validation) {
  size_t epochs = gradus_fit_epochs(fit);
  *c = (curve){.count = epochs < CURVE ? epochs : CURVE};
  for (size_t i = 0; i < c->count; i++) {
    double sum = 0;
    size_t first = i * epochs / c->count, end = (i + 1) * epochs / c->count, finite = 0;
    for (size_t e = first; e < end; e++) {
      double loss = loss_of(fit, e, validation);
      if (isfinite(loss)) {
        sum += loss;
        finite++;
      }
    }
    c->points[i] = finite > 0 ? sum / (double)finite : (double)NAN;
  }
  c->first = loss_of(fit, 0, validation);
  c->last = loss_of(fit, epochs - 1, validation);
}

static void widen(const curve *c, double *low, double *high) {
  for (size_t i = 0; i < c->count; i++)
    if (isfinite(c->points[i])) {
      *low = fmin(*low, c->points[i]);
      *high = fmax(*high, c->points[i]);
    }
}

static void append_curve(gradus_i_text *text, const curve *c, const char *name, double low,
                         double high, bool logarithmic) {
  static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  enum { BLOCKS = sizeof blocks / sizeof *blocks };
  static const double least = 1e-6; /* a smaller range is flat */
  bool flat = !(high - low > least * fabs(high));
  gradus_i_text_format(text, "  %-11s", name);
  for (size_t i = 0; i < c->count; i++) {
    double y = c->points[i];
    double at = logarithmic ? log(y / low) / log(high / low) : (y - low) / (high - low);
    size_t height = flat || isnan(y) ? 0 : (size_t)fmin(BLOCKS - 1, fmax(0, at * BLOCKS));
    gradus_i_text_string(text, isnan(y) ? " " : blocks[height]);
  }
  gradus_i_text_string(text, "  ");
  gradus_i_report_single(text, c->first, DIGITS);
  gradus_i_text_string(text, " to ");
  gradus_i_report_single(text, c->last, DIGITS);
  gradus_i_text_string(text, "\n");
}

/* Whether the loss is of a response in other units than the data's; a network without hidden layers
   keeps no units, but its errors have both. */
static bool is_standardised(const gradus_fit *fit) {
  const double rounding = 1e-6;
  const gradus_network_metrics *m = &fit->network->metrics[GRADUS_SET_TRAIN];
  double square = m->rmse * m->rmse;
  return fit->network->units.spread || (fit->network->loss == &gradus_i_loss_gaussian &&
                                        fabs(2 * m->loss - square) > rounding * square);
}

/* Both on one scale, so that they can be compared; that of logarithms where they fall far. */
static void append_curves(gradus_i_text *text, const gradus_fit *fit) {
  const double far = 10;
  size_t epochs = gradus_fit_epochs(fit), best = gradus_fit_best_epoch(fit);
  curve train, validation;
  double low = INFINITY, high = -INFINITY;
  if (epochs == 0)
    return;
  make_curve(&train, fit, false);
  make_curve(&validation, fit, true);
  widen(&train, &low, &high);
  widen(&validation, &low, &high);
  bool held = isfinite(validation.first), logarithmic = low > 0 && high > far * low;
  gradus_i_text_format(text, "\nLoss (%s%s), epochs 1 to %zu%s:\n", gradus_fit_loss(fit),
                       is_standardised(fit) ? " of the standardised response" : "", epochs,
                       logarithmic ? ", logarithmic scale" : "");
  append_curve(text, &train, "train", low, high, logarithmic);
  if (held)
    append_curve(text, &validation, "validation", low, high, logarithmic);
  if (held && best > 0) {
    gradus_i_text_format(text, "Best epoch: %zu, validation loss ", best);
    gradus_i_report_single(text, loss_of(fit, best - 1, true), DIGITS);
    gradus_i_text_string(text, "; its parameters are kept\n");
  }
}

/* ---- metrics ---- */

static void set_number(gradus_i_table *table, size_t row, size_t column, double value) {
  char text[GRADUS_I_NUMBER_SIZE];
  gradus_i_number_single(text, value, DIGITS);
  gradus_i_table_set(table, row, column, text);
}

/* Sets that have rows. */
static gradus_status list_sets(gradus_network_metrics *metrics, size_t *sets, size_t *count,
                               const gradus_fit *fit, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  *count = 0;
  for (size_t s = 0; status <= 0 && s < GRADUS_I_NETWORK_SETS; s++) {
    status = gradus_fit_network_metrics(fit, (gradus_set)s, &metrics[*count], err);
    if (status <= 0 && (metrics[*count].rows > 0 || s == GRADUS_SET_TRAIN))
      sets[(*count)++] = s;
  }
  return status;
}

static void fill_metrics(gradus_i_table *table, const gradus_network_metrics *metrics,
                         const size_t *sets, size_t count, bool classes) {
  static const char *const names[] = {"Train", "Validation", "Test"};
  gradus_i_table_set(table, 0, 1, "  rows");
  gradus_i_table_set(table, 0, 2, "      loss");
  gradus_i_table_set(table, 0, 3, classes ? "  accuracy" : "      RMSE");
  if (!classes)
    gradus_i_table_set(table, 0, 4, " R-squared");
  for (size_t i = 0; i < count; i++) {
    const gradus_network_metrics *m = &metrics[i];
    gradus_i_table_set(table, i + 1, 0, names[sets[i]]);
    set_count(table, i + 1, 1, m->rows);
    set_number(table, i + 1, 2, m->loss);
    set_number(table, i + 1, 3, classes ? m->accuracy : m->rmse);
    if (!classes)
      set_number(table, i + 1, 4, m->r_squared);
  }
}

static gradus_status append_metrics(gradus_i_text *text, const gradus_fit *fit, gradus_error *err) {
  gradus_network_metrics metrics[GRADUS_I_NETWORK_SETS];
  size_t sets[GRADUS_I_NETWORK_SETS], count;
  bool classes = gradus_fit_classes(fit) > 0;
  gradus_i_table table;
  gradus_status status = list_sets(metrics, sets, &count, fit, err);
  if (status > 0)
    return status;
  status = gradus_i_table_init(&table, count + 1, classes ? 4 : 5, err);
  if (status == GRADUS_OK) {
    fill_metrics(&table, metrics, sets, count, classes);
    gradus_i_text_string(text, "\n");
    status = gradus_i_table_write(&table, false, text, err);
    gradus_i_report_missing(text, fit);
  }
  gradus_i_table_clear(&table);
  return status;
}

/* ---- the whole ---- */

gradus_status gradus_i_report_network(gradus_i_text *text, const gradus_fit *fit,
                                      gradus_error *err) {
  gradus_status status = append_layers(text, fit, err);
  if (status > 0)
    return status;
  if (fit->network->custom.loss)
    gradus_i_text_format(text, "Loss: %s, of the caller's own\n", gradus_fit_loss(fit));
  else if (fit->family)
    gradus_i_text_format(text, "Family: %s, link %s\n", fit->family, fit->link);
  append_curves(text, fit);
  return append_metrics(text, fit, err);
}
