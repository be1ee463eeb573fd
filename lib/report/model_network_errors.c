// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors and effects of networks in model files. */
#include "model_network.h"

#include <math.h>

/* ---- writing ---- */

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_string(isnan(value) ? "nan" : "inf");
}

void gradus_i_put_network_errors(json_t *network, const gradus_i_network_fit *made, bool *failed) {
  const gradus_i_network_errors *e = made->errors;
  if (made->weighted_classes)
    gradus_i_json_put(network, "weighted_classes", json_true(), failed);
  if (made->kept.initialiser)
    gradus_i_json_put(network, "initialiser", json_integer((json_int_t)made->kept.initialiser),
                      failed);
  if (made->no_errors)
    gradus_i_json_put(network, "no_errors", json_string(made->no_errors), failed);
  if (made->effects > 0)
    gradus_i_json_put(network, "effects", json_integer((json_int_t)made->effects), failed);
  if (!e)
    return;
  json_t *object = json_object();
  gradus_i_json_put(object, "parameters", json_integer((json_int_t)e->m), failed);
  gradus_i_json_put(object, "first", json_integer((json_int_t)e->first), failed);
  gradus_i_json_put(object, "rank", json_integer((json_int_t)e->rank), failed);
  gradus_i_json_put(object, "held", json_integer((json_int_t)e->held), failed);
  gradus_i_json_put(object, "output_only", json_boolean(e->output_only), failed);
  gradus_i_json_put(object, "nobs", number(e->nobs), failed);
  gradus_i_json_put(object, "df_residual", number(e->df_residual), failed);
  gradus_i_json_put(object, "dispersion", number(e->dispersion), failed);
  gradus_i_json_put(object, "distance", number(e->distance), failed);
  gradus_i_json_put(network, "errors", object, failed);
}

static gradus_i_tensor table_of(const char *name, const double *values, size_t rows,
                                size_t columns) {
  return (gradus_i_tensor){
      .name = name, .rank = 2, .shape = {rows, columns}, .size = rows * columns, .values = values};
}

static gradus_i_tensor list_of(const char *name, const double *values, size_t count) {
  return (gradus_i_tensor){
      .name = name, .rank = 1, .shape = {count}, .size = count, .values = values};
}

size_t gradus_i_list_network_errors(gradus_i_tensor *tensors, const gradus_i_network_fit *made) {
  const gradus_i_network_errors *e = made->errors;
  size_t count = 0;
  if (e) {
    tensors[count++] = table_of(GRADUS_I_TENSOR_NETWORK_ROOT, e->root, e->m, e->rank);
    tensors[count++] = list_of(GRADUS_I_TENSOR_NETWORK_LENGTH, e->length, e->m);
  }
  if (e && e->rank < e->m)
    tensors[count++] = list_of(GRADUS_I_TENSOR_NETWORK_VALUE, e->value, e->rank);
  if (made->effects > 0)
    tensors[count++] = table_of(GRADUS_I_TENSOR_EFFECTS, made->effect, 2, made->effects);
  return count;
}

/* ---- reading ---- */

/* Memory for a tensor that the file has in this shape. */
static double *read_tensor(gradus_i_reader *r, const char *name, size_t rank, const size_t *shape) {
  const gradus_i_tensor *tensor =
      gradus_i_reader_ok(r) ? gradus_i_reader_tensor(r, name, rank, shape) : NULL;
  if (!tensor)
    return NULL;
  double *values = gradus_i_allocate(tensor->size, sizeof *values);
  if (!values)
    gradus_i_reader_out_of_memory(r);
  for (size_t i = 0; values && i < tensor->size; i++)
    values[i] = gradus_i_tensor_value(tensor, i);
  return values;
}

static void read_numbers(gradus_i_reader *r, const json_t *object, gradus_i_network_errors *e,
                         const gradus_fit *fit) {
  size_t size = gradus_params_size(fit->network->network->params);
  e->m = gradus_i_reader_size(r, object, "parameters");
  e->first = gradus_i_reader_size(r, object, "first");
  e->rank = gradus_i_reader_size(r, object, "rank");
  e->held = gradus_i_reader_size(r, object, "held");
  e->output_only = gradus_i_reader_boolean(r, object, "output_only");
  e->nobs = gradus_i_reader_number(r, object, "nobs");
  e->df_residual = gradus_i_reader_number(r, object, "df_residual");
  e->dispersion = gradus_i_reader_number(r, object, "dispersion");
  e->distance = gradus_i_reader_number(r, object, "distance");
  if (gradus_i_reader_ok(r) && (e->m > size || e->first > size - e->m || e->rank > e->m ||
                                (!e->output_only && e->m != size)))
    gradus_i_reader_refuse(r, "an impossible number in", "errors");
}

static void read_errors(gradus_i_reader *r, const json_t *object, gradus_fit *fit) {
  gradus_i_network_errors *e = fit->network->errors = gradus_i_allocate(1, sizeof *e);
  if (!e) {
    gradus_i_reader_out_of_memory(r);
    return;
  }
  read_numbers(r, object, e, fit);
  const size_t shape[] = {e->m, e->rank};
  e->root = read_tensor(r, GRADUS_I_TENSOR_NETWORK_ROOT, 2, shape);
  e->length = read_tensor(r, GRADUS_I_TENSOR_NETWORK_LENGTH, 1, shape);
  if (e->rank < e->m)
    e->value = read_tensor(r, GRADUS_I_TENSOR_NETWORK_VALUE, 1, shape + 1);
}

/* One for every mean and input, or none. */
static void read_effects(gradus_i_reader *r, const json_t *network, gradus_fit *fit) {
  size_t means = fit->levels ? fit->k + 1 : fit->k;
  size_t count = gradus_i_reader_size(r, network, "effects");
  const size_t shape[] = {2, count};
  if (gradus_i_reader_ok(r) && (fit->p == 0 || count / fit->p != means || count % fit->p != 0))
    gradus_i_reader_refuse(r, "an impossible number of", "effects");
  fit->network->effect = read_tensor(r, GRADUS_I_TENSOR_EFFECTS, 2, shape);
  fit->network->effects = fit->network->effect ? count : 0;
}

/* For the advice of a diagnosis. */
static void read_initialiser(gradus_i_reader *r, const json_t *network, gradus_fit *fit) {
  size_t initialiser = gradus_i_reader_size(r, network, "initialiser");
  if (initialiser > GRADUS_INITIALISE_ORTHOGONAL)
    gradus_i_reader_refuse(r, "an impossible", "initialiser");
  else
    fit->network->kept.initialiser = (gradus_initialiser)initialiser;
}

void gradus_i_reader_network_errors(gradus_i_reader *r, const json_t *network, gradus_fit *fit) {
  const json_t *errors = json_object_get(network, "errors");
  fit->network->weighted_classes = json_is_true(json_object_get(network, "weighted_classes"));
  if (gradus_i_reader_ok(r) && json_object_get(network, "initialiser"))
    read_initialiser(r, network, fit);
  if (gradus_i_reader_ok(r) && json_object_get(network, "no_errors"))
    fit->network->no_errors = gradus_i_reader_text(r, network, "no_errors");
  if (gradus_i_reader_ok(r) && errors)
    read_errors(r, errors, fit);
  if (gradus_i_reader_ok(r) && json_object_get(network, "effects"))
    read_effects(r, network, fit);
}
