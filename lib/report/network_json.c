// SPDX-License-Identifier: GPL-3.0-or-later
/* What the JSON report of a network has in the place of a regression's model row: layers, history,
   metrics, and a model row of its own. */
#include "../model/network.h"
#include "json.h"
#include <gradus/network_inference.h>

#include <math.h>

static json_t *shape_list(size_t rank, const size_t *extent, bool *failed) {
  json_t *list = json_array();
  for (size_t i = 0; i < rank; i++)
    gradus_i_json_append(list, gradus_i_json_count((double)extent[i]), failed);
  return list;
}

static json_t *layer_row(const gradus_layer *layer, bool *failed) {
  json_t *row = json_object();
  gradus_i_json_put(row, "name", gradus_i_json_text(layer->name), failed);
  gradus_i_json_put(row, "type", gradus_i_json_text(layer->type), failed);
  gradus_i_json_put(row, "activation", gradus_i_json_text(layer->activation), failed);
  gradus_i_json_put(row, "inputs", gradus_i_json_count((double)layer->inputs), failed);
  gradus_i_json_put(row, "outputs", gradus_i_json_count((double)layer->outputs), failed);
  gradus_i_json_put(row, "input_shape", shape_list(layer->input_rank, layer->input_shape, failed),
                    failed);
  gradus_i_json_put(row, "output_shape",
                    shape_list(layer->output_rank, layer->output_shape, failed), failed);
  gradus_i_json_put(row, "parameters", gradus_i_json_count((double)layer->parameters), failed);
  return row;
}

static gradus_status put_layers(json_t *root, const gradus_fit *fit, bool *failed,
                                gradus_error *err) {
  json_t *rows = json_array();
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < gradus_fit_layers(fit); i++) {
    gradus_layer layer;
    status = gradus_fit_layer(fit, i, &layer, err);
    if (status <= 0)
      gradus_i_json_append(rows, layer_row(&layer, failed), failed);
  }
  gradus_i_json_put(root, "layers", rows, failed);
  return status > 0 ? status : GRADUS_OK;
}

static gradus_status put_history(json_t *root, const gradus_fit *fit, bool *failed,
                                 gradus_error *err) {
  json_t *rows = json_array();
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < gradus_fit_epochs(fit); i++) {
    gradus_epoch epoch;
    status = gradus_fit_epoch(fit, i, &epoch, err);
    if (status > 0)
      break;
    json_t *row = json_object();
    gradus_i_json_put(row, "epoch", gradus_i_json_count((double)epoch.epoch), failed);
    gradus_i_json_put(row, "loss", gradus_i_json_number(epoch.loss), failed);
    gradus_i_json_put(row, "validation_loss", gradus_i_json_number(epoch.validation_loss), failed);
    gradus_i_json_put(row, "learning_rate", gradus_i_json_number(epoch.learning_rate), failed);
    gradus_i_json_append(rows, row, failed);
  }
  gradus_i_json_put(root, "history", rows, failed);
  return status > 0 ? status : GRADUS_OK;
}

/* null for a set that is not there. */
static json_t *metrics_row(const gradus_network_metrics *m, bool *failed) {
  if (m->rows == 0)
    return json_null();
  json_t *row = json_object();
  gradus_i_json_put(row, "nobs", gradus_i_json_count((double)m->rows), failed);
  gradus_i_json_put(row, "loss", gradus_i_json_number(m->loss), failed);
  gradus_i_json_put(row, "accuracy", gradus_i_json_number(m->accuracy), failed);
  gradus_i_json_put(row, "rmse", gradus_i_json_number(m->rmse), failed);
  gradus_i_json_put(row, "r_squared", gradus_i_json_number(m->r_squared), failed);
  return row;
}

static gradus_status put_metrics(json_t *root, const gradus_fit *fit, bool *failed,
                                 gradus_error *err) {
  static const char *const names[] = {"train", "validation", "test"};
  json_t *sets = json_object();
  gradus_status status = GRADUS_OK;
  for (size_t s = 0; status <= 0 && s < 3; s++) {
    gradus_network_metrics metrics;
    status = gradus_fit_network_metrics(fit, (gradus_set)s, &metrics, err);
    if (status <= 0)
      gradus_i_json_put(sets, names[s], metrics_row(&metrics, failed), failed);
  }
  gradus_i_json_put(root, "metrics", sets, failed);
  return status > 0 ? status : GRADUS_OK;
}

static void put_model(json_t *root, const gradus_fit *fit, bool *failed) {
  const char *formula = fit->design ? gradus_design_formula(fit->design) : NULL;
  json_t *model = json_object();
  gradus_i_json_put(model, "type", json_string(fit->model), failed);
  gradus_i_json_put(model, "family", gradus_i_json_text(fit->family), failed);
  gradus_i_json_put(model, "link", gradus_i_json_text(fit->link), failed);
  gradus_i_json_put(model, "loss", gradus_i_json_text(gradus_fit_loss(fit)), failed);
  gradus_i_json_put(model, "formula", gradus_i_json_text(formula), failed);
  gradus_i_json_put(model, "modelled_level", gradus_i_json_text(fit->modelled_level), failed);
  if (fit->levels)
    gradus_i_json_put_levels(model, fit, failed);
  gradus_i_json_put(model, "weights", json_string(gradus_i_weight_kind_name(fit->weight_kind)),
                    failed);
  gradus_i_json_put(model, "l2", json_real(fit->l2), failed);
  gradus_i_json_put(model, "nobs", gradus_i_json_count(fit->nobs), failed);
  gradus_i_json_put(model, "dropped_rows", gradus_i_json_count((double)fit->dropped_rows), failed);
  gradus_i_json_put(model, "parameters",
                    gradus_i_json_count((double)gradus_params_size(fit->params)), failed);
  gradus_i_json_put(model, "epochs", gradus_i_json_count((double)gradus_fit_epochs(fit)), failed);
  gradus_i_json_put(model, "best_epoch", gradus_i_json_count((double)gradus_fit_best_epoch(fit)),
                    failed);
  gradus_i_json_put(root, "model", model, failed);
}

/* What standard errors rest on; null where there are none. */
static void put_errors(json_t *root, const gradus_fit *fit, bool *failed) {
  gradus_network_information info;
  bool deep = gradus_fit_errors(fit, &info);
  if (!deep && !fit->root) {
    gradus_i_json_put(root, "inference", json_null(), failed);
    return;
  }
  if (!deep)
    info = (gradus_network_information){.parameters = gradus_params_size(fit->params),
                                        .rank = gradus_params_size(fit->params),
                                        .nobs = fit->nobs,
                                        .df_residual = fit->df_residual,
                                        .dispersion = fit->dispersion,
                                        .distance = NAN};
  json_t *row = json_object();
  gradus_i_json_put(row, "parameters", gradus_i_json_count((double)info.parameters), failed);
  gradus_i_json_put(row, "rank", gradus_i_json_count((double)info.rank), failed);
  gradus_i_json_put(row, "output_only", json_boolean(info.output_only), failed);
  gradus_i_json_put(row, "nobs", gradus_i_json_count(info.nobs), failed);
  gradus_i_json_put(row, "df_residual", gradus_i_json_count(info.df_residual), failed);
  gradus_i_json_put(row, "dispersion", gradus_i_json_number(info.dispersion), failed);
  gradus_i_json_put(row, "distance", gradus_i_json_number(info.distance), failed);
  gradus_i_json_put(root, "inference", row, failed);
}

static json_t *effect_row(const gradus_effect *effect, bool *failed) {
  json_t *row = json_object();
  gradus_i_json_put(row, "term", gradus_i_json_text(effect->term), failed);
  gradus_i_json_put(row, "response", gradus_i_json_text(effect->response), failed);
  gradus_i_json_put(row, "estimate", gradus_i_json_number(effect->estimate), failed);
  gradus_i_json_put(row, "std_error", gradus_i_json_number(effect->std_error), failed);
  gradus_i_json_put(row, "statistic", gradus_i_json_number(effect->statistic), failed);
  gradus_i_json_put(row, "p_value", gradus_i_json_number(effect->p_value), failed);
  gradus_i_json_put(row, "conf_low", gradus_i_json_number(effect->conf_low), failed);
  gradus_i_json_put(row, "conf_high", gradus_i_json_number(effect->conf_high), failed);
  return row;
}

/* Only where the fit keeps some. */
static gradus_status put_effects(json_t *root, const gradus_fit *fit, double level, bool *failed,
                                 gradus_error *err) {
  gradus_status status = GRADUS_OK;
  size_t count = gradus_fit_effects(fit);
  if (count == 0)
    return status;
  json_t *rows = json_array();
  for (size_t i = 0; status <= 0 && i < count; i++) {
    gradus_effect effect;
    status = gradus_fit_effect(fit, i, level, &effect, err);
    if (status <= 0)
      gradus_i_json_append(rows, effect_row(&effect, failed), failed);
  }
  gradus_i_json_put(root, "effects", rows, failed);
  return status > 0 ? status : GRADUS_OK;
}

gradus_status gradus_i_json_put_network(json_t *root, const gradus_fit *fit, double level,
                                        bool *failed, gradus_error *err) {
  put_model(root, fit, failed);
  gradus_status status = put_layers(root, fit, failed, err);
  if (status == GRADUS_OK)
    status = put_history(root, fit, failed, err);
  if (status == GRADUS_OK)
    status = put_metrics(root, fit, failed, err);
  put_errors(root, fit, failed);
  return status == GRADUS_OK ? put_effects(root, fit, level, failed, err) : status;
}
