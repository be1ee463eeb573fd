// SPDX-License-Identifier: GPL-3.0-or-later
#include "diagnose.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_JANSSON
#include "json.h"

static json_t *block_rows(const gradus_diagnosis *d) {
  json_t *rows = json_array();
  for (size_t b = 0; b < d->blocks; b++) {
    const gradus_block_diagnosis *block = &d->block[b];
    json_t *row = json_object();
    json_object_set_new(row, "block", json_of_text(block->name));
    json_object_set_new(row, "parameters", json_integer((json_int_t)block->size));
    json_object_set_new(row, "norm", json_of_number(block->norm));
    json_object_set_new(row, "gradient", json_of_number(block->gradient));
    json_object_set_new(row, "ratio", json_of_number(block->ratio));
    json_array_append_new(rows, row);
  }
  return rows;
}

/* From 1, as the findings have them. */
static json_t *filter_numbers(const gradus_layer_diagnosis *layer) {
  json_t *list = json_array();
  for (size_t u = 0; u < layer->units; u++)
    json_array_append_new(list, json_integer((json_int_t)layer->same_as[u] + 1));
  return list;
}

static json_t *layer_rows(const gradus_diagnosis *d) {
  json_t *rows = json_array();
  for (size_t l = 0; l < d->layers; l++) {
    const gradus_layer_diagnosis *layer = &d->layer[l];
    json_t *row = json_object();
    json_object_set_new(row, "layer", json_of_text(layer->name));
    json_object_set_new(row, "activation", json_of_text(layer->activation));
    json_object_set_new(row, "units", json_integer((json_int_t)layer->units));
    json_object_set_new(row, "places", json_integer((json_int_t)layer->places));
    json_object_set_new(row, "dead", json_integer((json_int_t)layer->dead));
    json_object_set_new(row, "saturated", json_integer((json_int_t)layer->saturated));
    json_object_set_new(row, "mean", json_of_number(layer->mean));
    json_object_set_new(row, "variance", json_of_number(layer->variance));
    json_object_set_new(row, "gradient_mean", json_of_number(layer->gradient_mean));
    json_object_set_new(row, "gradient_variance", json_of_number(layer->gradient_variance));
    if (layer->filters)
      json_object_set_new(row, "same_as", filter_numbers(layer));
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *numbers(const double *values, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(list, json_of_number(values[i]));
  return list;
}

static json_t *recurrence_rows(const gradus_diagnosis *d) {
  json_t *rows = json_array();
  for (size_t i = 0; i < d->recurrences; i++) {
    const gradus_recurrence_diagnosis *r = &d->recurrence[i];
    json_t *row = json_object();
    json_object_set_new(row, "layer", json_of_text(r->name));
    json_object_set_new(row, "type", json_of_text(r->type));
    json_object_set_new(row, "reverse", json_boolean(r->reverse));
    json_object_set_new(row, "gradient_norm", numbers(r->gradient_norm, r->lags));
    json_object_set_new(row, "share", numbers(r->share, r->lags));
    json_array_append_new(rows, row);
  }
  return rows;
}

int diagnose_json(const gradus_diagnosis *d) {
  json_t *root = json_object(), *findings = json_array();
  for (size_t i = 0; i < d->findings; i++)
    json_array_append_new(findings, json_of_text(d->finding[i]));
  json_object_set_new(root, "nobs", json_integer((json_int_t)d->rows));
  json_object_set_new(root, "loss", json_of_number(d->loss));
  json_object_set_new(root, "blocks", block_rows(d));
  json_object_set_new(root, "layers", layer_rows(d));
  json_object_set_new(root, "recurrences", recurrence_rows(d));
  json_object_set_new(root, "findings", findings);
  return json_print(root);
}
#else
int diagnose_json(const gradus_diagnosis *d) {
  (void)d;
  return AT_FAULT;
}
#endif
