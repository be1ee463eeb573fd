// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus evaluate --json */
#include "evaluate.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_JANSSON
#include "json.h"

typedef struct member {
  const char *name;
  double value;
} member;

static void set_count(json_t *object, const char *name, double count) {
  json_object_set_new(object, name, json_of_count(count));
}

static void set_numbers(json_t *object, const member *members, size_t count) {
  for (size_t i = 0; i < count; i++)
    json_object_set_new(object, members[i].name, json_of_number(members[i].value));
}

#define SET_NUMBERS(object, members)                                                               \
  set_numbers(object, members, sizeof(members) / sizeof *(members))

static json_t *model_object(const evaluation *e) {
  json_t *model = json_object();
  json_object_set_new(model, "model", json_of_text(gradus_fit_model(e->fit)));
  json_object_set_new(model, "family", json_of_text(gradus_fit_family(e->fit)));
  json_object_set_new(model, "link", json_of_text(gradus_fit_link(e->fit)));
  json_object_set_new(model, "formula",
                      json_of_text(gradus_design_formula(gradus_fit_design(e->fit))));
  return model;
}

/* The row of metrics of a binomial model. */
static json_t *binary_metrics(const evaluation *e) {
  const gradus_rates *r = &e->rates;
  const member members[] = {{"threshold", e->threshold},
                            {"conf_level", e->level},
                            {"prevalence", r->prevalence},
                            {"accuracy", r->accuracy},
                            {"accuracy_conf_low", r->accuracy_low},
                            {"accuracy_conf_high", r->accuracy_high},
                            {"sensitivity", r->sensitivity},
                            {"specificity", r->specificity},
                            {"precision", r->precision},
                            {"negative_predictive_value", r->negative_predictive_value},
                            {"f1", r->f1},
                            {"balanced_accuracy", r->balanced_accuracy},
                            {"mcc", r->mcc},
                            {"log_loss", e->log_loss},
                            {"brier", e->brier},
                            {"auc", e->auc.auc},
                            {"auc_std_error", e->auc.std_error},
                            {"auc_conf_low", e->auc.conf_low},
                            {"auc_conf_high", e->auc.conf_high},
                            {"average_precision", e->average_precision}};
  json_t *row = json_object();
  json_object_set_new(row, "response", json_of_text(gradus_fit_response_name(e->fit, 0)));
  json_object_set_new(row, "modelled_level", json_of_text(e->outcome[1]));
  set_count(row, "nobs", r->nobs);
  set_count(row, "dropped_rows", (double)e->dropped);
  SET_NUMBERS(row, members);
  return row;
}

static json_t *numeric_metrics(const evaluation *e, size_t response) {
  const gradus_regression *m = &e->regression[response];
  const member members[] = {{"rmse", m->rmse},
                            {"mae", m->mae},
                            {"r_squared", m->r_squared},
                            {"mean_error", m->mean_error}};
  const gradus_deviance *d = &e->deviance;
  const member of_family[] = {{"deviance", d->deviance},
                              {"mean_deviance", d->mean_deviance},
                              {"null_deviance", d->null_deviance},
                              {"d_squared", d->d_squared}};
  json_t *row = json_object();
  json_object_set_new(row, "response", json_of_text(gradus_fit_response_name(e->fit, response)));
  set_count(row, "nobs", m->nobs);
  set_count(row, "dropped_rows", (double)e->dropped);
  SET_NUMBERS(row, members);
  if (gradus_fit_family(e->fit))
    SET_NUMBERS(row, of_family);
  return row;
}

static void append_cell(json_t *cells, const char *truth, const char *predicted, double count) {
  json_t *cell = json_object();
  json_object_set_new(cell, "truth", json_of_text(truth));
  json_object_set_new(cell, "predicted", json_of_text(predicted));
  set_count(cell, "count", count);
  json_array_append_new(cells, cell);
}

static json_t *confusion_cells(const evaluation *e) {
  const gradus_confusion *c = &e->confusion;
  json_t *cells = json_array();
  append_cell(cells, e->outcome[0], e->outcome[0], c->true_negative);
  append_cell(cells, e->outcome[0], e->outcome[1], c->false_positive);
  append_cell(cells, e->outcome[1], e->outcome[0], c->false_negative);
  append_cell(cells, e->outcome[1], e->outcome[1], c->true_positive);
  return cells;
}

static json_t *hosmer_lemeshow_object(const gradus_hosmer_lemeshow *h) {
  const member members[] = {{"statistic", h->statistic}, {"p_value", h->p_value}};
  const member of_new[] = {{"p_value_new", h->p_value_new}};
  json_t *object = json_object();
  set_count(object, "groups", (double)h->groups);
  set_count(object, "df", h->df);
  SET_NUMBERS(object, members);
  set_count(object, "df_new", h->df_new);
  SET_NUMBERS(object, of_new);
  return object;
}

static json_t *calibration_rows(const gradus_calibration *table) {
  json_t *rows = json_array();
  for (size_t i = 0; i < table->bins; i++) {
    const member members[] = {{"low", table->low[i]},
                              {"high", table->high[i]},
                              {"predicted", table->predicted[i]},
                              {"observed", table->observed[i]}};
    json_t *row = json_object();
    set_count(row, "nobs", table->weight[i]);
    SET_NUMBERS(row, members);
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *warning_rows(const evaluation *e) {
  json_t *rows = json_array();
  for (size_t i = 0; i < e->warning_count; i++) {
    json_t *row = json_object();
    json_object_set_new(row, "code", json_of_text(gradus_status_name(e->warnings[i].code)));
    json_object_set_new(row, "message", json_of_text(e->warnings[i].message));
    json_array_append_new(rows, row);
  }
  return rows;
}

int evaluate_json(const evaluation *e) {
  json_t *root = json_object(), *metrics = json_array();
  for (size_t r = 0; r < e->responses; r++)
    json_array_append_new(metrics, e->binary ? binary_metrics(e) : numeric_metrics(e, r));
  json_object_set_new(root, "model", model_object(e));
  json_object_set_new(root, "metrics", metrics);
  if (e->binary) {
    json_object_set_new(root, "confusion", confusion_cells(e));
    json_object_set_new(root, "hosmer_lemeshow", hosmer_lemeshow_object(&e->fit_test));
    json_object_set_new(root, "calibration", calibration_rows(e->calibration));
  }
  json_object_set_new(root, "warnings", warning_rows(e));
  return json_print(root);
}
#else
int evaluate_json(const evaluation *e) {
  (void)e;
  return AT_FAULT;
}
#endif
