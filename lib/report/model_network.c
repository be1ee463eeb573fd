// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks in model files: architecture, standardisation, history and metrics. */
#include "model_network.h"
#include "../layer/build.h"
#include "../layer/custom.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_string(isnan(value) ? "nan" : "inf");
}

/* Of a network without hidden layers, those that its parameters were in while it was trained. */
static const gradus_i_units *units_of(const gradus_i_network_fit *made) {
  return gradus_i_network_is_deep(made->network) ? &made->units : &made->kept.folded;
}

static json_t *metrics_object(const gradus_network_metrics *m, bool *failed) {
  json_t *object = json_object();
  gradus_i_json_put(object, "rows", json_integer((json_int_t)m->rows), failed);
  gradus_i_json_put(object, "loss", number(m->loss), failed);
  gradus_i_json_put(object, "accuracy", number(m->accuracy), failed);
  gradus_i_json_put(object, "rmse", number(m->rmse), failed);
  gradus_i_json_put(object, "r_squared", number(m->r_squared), failed);
  return object;
}

/* One list for each value of an epoch. */
static json_t *history_object(const gradus_i_network_fit *made, bool *failed) {
  json_t *loss = json_array(), *validation = json_array(), *rate = json_array();
  for (size_t i = 0; i < made->epochs; i++) {
    gradus_i_json_append(loss, number(made->history[i].loss), failed);
    gradus_i_json_append(validation, number(made->history[i].validation_loss), failed);
    gradus_i_json_append(rate, number(made->history[i].learning_rate), failed);
  }
  json_t *object = json_object();
  gradus_i_json_put(object, "loss", loss, failed);
  gradus_i_json_put(object, "validation_loss", validation, failed);
  gradus_i_json_put(object, "learning_rate", rate, failed);
  return object;
}

static json_t *shares_object(const gradus_i_shares *shares, bool *failed) {
  char seed[32];
  gradus_i_snprintf(seed, sizeof seed, "%lu", shares->seed);
  json_t *object = json_object();
  gradus_i_json_put(object, "validation", number(shares->validation), failed);
  gradus_i_json_put(object, "test", number(shares->test), failed);
  gradus_i_json_put(object, "seed", json_string(seed), failed); /* of up to 64 bits */
  return object;
}

static void put_sequences(json_t *network, const gradus_i_network_sequences *sequences,
                          bool *failed) {
  if (!sequences->id)
    return;
  json_t *object = json_object();
  gradus_i_json_put(object, "id", json_string(sequences->id), failed);
  if (sequences->time)
    gradus_i_json_put(object, "time", json_string(sequences->time), failed);
  gradus_i_json_put(object, "steps", json_integer((json_int_t)sequences->steps), failed);
  gradus_i_json_put(object, "each_step", json_boolean(sequences->each_step), failed);
  gradus_i_json_put(network, "sequences", object, failed);
}

gradus_status gradus_i_put_network(json_t *root, const gradus_fit *fit, bool *failed,
                                   gradus_error *err) {
  const gradus_i_network_fit *made = fit->network;
  if (!made)
    return GRADUS_OK;
  gradus_i_text text = {0};
  gradus_status status = gradus_i_network_to_json(made->network, &text, err);
  if (status <= 0) {
    json_t *network = json_object();
    gradus_i_json_put(network, "architecture", json_loads(text.data, 0, NULL), failed);
    if (made->custom.loss) {
      gradus_i_json_put(network, "loss", json_string(made->custom.loss->name), failed);
      gradus_i_json_put(network, "loss_responses", json_integer((json_int_t)made->custom.responses),
                        failed);
    }
    if (made->steps > 0)
      gradus_i_json_put(network, "steps", json_integer((json_int_t)made->steps), failed);
    put_sequences(network, &made->sequences, failed);
    gradus_i_json_put(network, "standardised_inputs", json_boolean(units_of(made)->factor != NULL),
                      failed);
    gradus_i_json_put(network, "standardised_response",
                      json_boolean(units_of(made)->spread != NULL), failed);
    gradus_i_json_put(network, "history", history_object(made, failed), failed);
    gradus_i_json_put(network, "best_epoch", json_integer((json_int_t)made->best_epoch), failed);
    gradus_i_json_put(network, "train", metrics_object(&made->metrics[GRADUS_SET_TRAIN], failed),
                      failed);
    gradus_i_json_put(network, "validation",
                      metrics_object(&made->metrics[GRADUS_SET_VALIDATION], failed), failed);
    gradus_i_json_put(network, "test", metrics_object(&made->metrics[GRADUS_SET_TEST], failed),
                      failed);
    gradus_i_json_put(network, "shares", shares_object(&made->shares, failed), failed);
    gradus_i_put_network_errors(network, made, failed);
    gradus_i_json_put(root, "network", network, failed);
  }
  gradus_i_text_clear(&text);
  return status;
}

static gradus_i_tensor pair_of(const char *name, const double *values, size_t count) {
  return (gradus_i_tensor){
      .name = name, .rank = 2, .shape = {2, count}, .size = 2 * count, .values = values};
}

static gradus_i_tensor list_of(const char *name, const double *values, size_t count) {
  return (gradus_i_tensor){
      .name = name, .rank = 1, .shape = {count}, .size = count, .values = values};
}

size_t gradus_i_list_network(gradus_i_tensor *tensors, const gradus_fit *fit, double *kept) {
  const gradus_i_network_fit *made = fit->network;
  size_t count = 0;
  if (!made)
    return 0;
  const gradus_i_units *units = units_of(made);
  const gradus_i_memory *memory = &made->kept.memory;
  if (units->factor)
    tensors[count++] = pair_of(GRADUS_I_TENSOR_INPUTS, units->centre, fit->p);
  if (units->spread)
    tensors[count++] = pair_of(GRADUS_I_TENSOR_OUTPUTS, units->middle, fit->k);
  gradus_i_network_kept_save(&made->kept, kept);
  tensors[count++] = list_of(GRADUS_I_TENSOR_TRAINING, kept, GRADUS_I_NETWORK_KEPT);
  if (memory->count > 0)
    tensors[count++] = list_of(GRADUS_I_TENSOR_OPTIMISER, memory->values, memory->count);
  return count + gradus_i_list_network_errors(tensors + count, made);
}

/* ---- reading ---- */

/* Memory is asked for by the sizes of layers: those of dense ones must be their tensors', and the
   parameters of all no more than the file has. */
static void check_layer(gradus_i_reader *r, const json_t *layer) {
  const char *name = json_string_value(json_object_get(layer, "name"));
  const char *type = json_string_value(json_object_get(layer, "type"));
  const json_t *units = json_object_get(layer, "units");
  char block[160];
  if (!units || !type || strcmp(type, "dense") != 0)
    return;
  gradus_i_snprintf(block, sizeof block, "%.100s.weight", name ? name : "");
  const gradus_i_tensor *weight = gradus_i_container_find(r->container, block);
  if (!weight || weight->rank != 2 || !json_is_integer(units) ||
      json_integer_value(units) != (json_int_t)weight->shape[0])
    gradus_i_reader_refuse(r, "its tensors are not those of the layer", name ? name : "");
}

/* Columns that layers other than dense ones may take without a tensor of that width: memory for so
   many is no harm, and layers of another shape than their tensors' are seen later. */
enum { COLUMNS_SMALL = 1 << 20 };

void gradus_i_reader_check_network(gradus_i_reader *r, size_t columns, size_t responses) {
  const json_t *network = json_object_get(r->root, "network");
  const json_t *layers = json_object_get(json_object_get(network, "architecture"), "layers");
  const gradus_i_tensor *output = gradus_i_container_find(r->container, "output.weight");
  /* Layers of a shaped input share their weights, and embeddings make others: it must be that of
     the columns, which is seen when the network is made. */
  const json_t *architecture = json_object_get(network, "architecture");
  bool takes_columns = columns == 0 || json_object_get(architecture, "input") ||
                       json_object_get(architecture, "embeddings");
  for (size_t i = 0; i < r->container->count; i++) {
    const gradus_i_tensor *tensor = &r->container->tensors[i];
    takes_columns = takes_columns || (tensor->rank == 2 && tensor->shape[1] == columns);
  }
  takes_columns = takes_columns || columns <= COLUMNS_SMALL;
  if (!json_is_array(layers))
    gradus_i_reader_refuse(r, "there is no list of", "layers");
  else if (!output || output->rank != 2 || output->shape[0] != responses || !takes_columns)
    gradus_i_reader_refuse(r, "its tensors are not those of the", "architecture");
  for (size_t i = 0; gradus_i_reader_ok(r) && i < json_array_size(layers); i++)
    check_layer(r, json_array_get(layers, i));
}

static void read_units(gradus_i_reader *r, const json_t *network, const char *flag,
                       const char *tensor, size_t count, double **first, double **second) {
  const size_t shape[] = {2, count};
  if (!gradus_i_reader_boolean(r, network, flag) || !gradus_i_reader_ok(r))
    return;
  *first = gradus_i_allocate(2 * count, sizeof **first);
  if (!*first) {
    gradus_i_reader_out_of_memory(r);
    return;
  }
  *second = *first + count;
  gradus_i_reader_copy_tensor(r, *first, tensor, 2, shape);
}

static void read_metrics(gradus_i_reader *r, const json_t *network, const char *name,
                         gradus_network_metrics *m) {
  const json_t *object = json_object_get(network, name);
  m->rows = gradus_i_reader_size(r, object, "rows");
  m->loss = gradus_i_reader_number(r, object, "loss");
  m->accuracy = gradus_i_reader_number(r, object, "accuracy");
  m->rmse = gradus_i_reader_number(r, object, "rmse");
  m->r_squared = gradus_i_reader_number(r, object, "r_squared");
}

static void read_shares(gradus_i_reader *r, const json_t *object, gradus_i_shares *shares) {
  const char *seed = json_string_value(json_object_get(object, "seed"));
  shares->validation = gradus_i_reader_number(r, object, "validation");
  shares->test = gradus_i_reader_number(r, object, "test");
  shares->seed = seed ? strtoul(seed, NULL, 10) : 0;
  if (gradus_i_reader_ok(r) &&
      !(shares->validation >= 0 && shares->test >= 0 && shares->validation + shares->test < 1))
    gradus_i_reader_refuse(r, "impossible", "shares");
}

static void read_history(gradus_i_reader *r, const json_t *network, gradus_i_network_fit *made) {
  const json_t *history = json_object_get(network, "history");
  const json_t *loss = gradus_i_reader_list(r, history, "loss");
  const json_t *validation = gradus_i_reader_list(r, history, "validation_loss");
  const json_t *rate = gradus_i_reader_list(r, history, "learning_rate");
  size_t count = json_array_size(loss);
  made->history = gradus_i_allocate(count, sizeof *made->history);
  if (!made->history)
    gradus_i_reader_out_of_memory(r);
  for (size_t i = 0; gradus_i_reader_ok(r) && i < count; i++)
    made->history[i] = (gradus_epoch){
        .epoch = i + 1,
        .loss = gradus_i_reader_to_number(r, json_array_get(loss, i), "loss"),
        .validation_loss =
            gradus_i_reader_to_number(r, json_array_get(validation, i), "validation_loss"),
        .learning_rate = gradus_i_reader_to_number(r, json_array_get(rate, i), "learning_rate")};
  if (gradus_i_reader_ok(r))
    made->epochs = made->capacity = count;
  made->best_epoch = gradus_i_reader_size(r, network, "best_epoch");
}

bool gradus_i_reader_has_custom_loss(const gradus_i_reader *r) {
  return json_object_get(json_object_get(r->root, "network"), "loss") != NULL;
}

static void read_loss(gradus_i_reader *r, const json_t *network, const gradus_fit *fit) {
  char *name = gradus_i_reader_text(r, network, "loss");
  size_t responses = gradus_i_reader_size(r, network, "loss_responses");
  if (gradus_i_reader_ok(r) && (fit->levels || responses == 0))
    gradus_i_reader_refuse(r, "an impossible", fit->levels ? "loss" : "loss_responses");
  if (!gradus_i_reader_ok(r)) {
    gradus_i_release(name);
    return;
  }
  const gradus_loss *loss = gradus_i_custom_loss_find(r->custom, name);
  if (loss)
    gradus_i_network_set_custom_loss(fit->network, loss, responses);
  else
    r->status = gradus_i_fail(r->err, GRADUS_ERROR_UNSUPPORTED,
                              "%s: the network was trained by the loss \"%s\" of a user's own: "
                              "give its table to gradus_fit_load_custom",
                              r->path, name);
  gradus_i_release(name);
}

/* Types and activations that gradus does not know are a user's. */
static void tell_unknown(gradus_i_reader *r, const gradus_error *problem) {
  bool own = strstr(problem->message, "there is no activation \"") ||
             strstr(problem->message, "there is no layer type \"");
  if (own)
    r->status = GRADUS_ERROR_UNSUPPORTED;
  else if (r->status != GRADUS_ERROR_OUT_OF_MEMORY && r->status != GRADUS_ERROR_UNSUPPORTED)
    r->status = GRADUS_ERROR_MODEL_FILE;
  gradus_i_fail(r->err, r->status, "%s: %s%s", r->path, problem->message,
                own ? "; those of a user's own are given to gradus_fit_load_custom" : "");
}

/* All values of the file: no network of it has more parameters. */
static size_t values_of(const gradus_i_container *container) {
  size_t count = 1;
  for (size_t i = 0; i < container->count; i++)
    count += container->tensors[i].size;
  return count;
}

static void read_architecture(gradus_i_reader *r, const json_t *network, gradus_fit *fit) {
  gradus_error problem = {0};
  gradus_i_text text = {0};
  gradus_i_network *made = NULL;
  if (!gradus_i_reader_ok(r))
    return;
  r->status =
      gradus_i_json_write(&text, json_object_get(network, "architecture"), JSON_COMPACT, r->err);
  gradus_i_build_options options = {.architecture = text.data,
                                    .steps = fit->network->steps,
                                    .most_parameters = values_of(r->container),
                                    .custom = r->custom};
  if (gradus_i_reader_ok(r) &&
      (r->status = gradus_i_network_from_json(&made, fit->p, fit->k, &options, &problem)) > 0)
    tell_unknown(r, &problem);
  gradus_i_text_clear(&text);
  if (!gradus_i_reader_ok(r))
    return;
  gradus_params_free(fit->params);
  fit->params = made->params;
  fit->network->network = made;
  if (gradus_i_network_is_deep(made))
    fit->q = 0;
}

/* Of any length: a rule refuses what it cannot take up. */
static void read_optimiser(gradus_i_reader *r, gradus_i_memory *memory) {
  const gradus_i_tensor *tensor = gradus_i_container_find(r->container, GRADUS_I_TENSOR_OPTIMISER);
  if (!gradus_i_reader_ok(r) || !tensor)
    return;
  memory->values = gradus_i_allocate(tensor->size, sizeof *memory->values);
  if (!memory->values) {
    gradus_i_reader_out_of_memory(r);
    return;
  }
  memory->count = tensor->size;
  for (size_t i = 0; i < tensor->size; i++)
    memory->values[i] = gradus_i_tensor_value(tensor, i);
}

static void read_kept(gradus_i_reader *r, gradus_i_network_kept *kept) {
  double numbers[GRADUS_I_NETWORK_KEPT];
  const size_t shape[] = {GRADUS_I_NETWORK_KEPT};
  gradus_i_reader_copy_tensor(r, numbers, GRADUS_I_TENSOR_TRAINING, 1, shape);
  if (gradus_i_reader_ok(r) && !gradus_i_network_kept_restore(kept, numbers))
    gradus_i_reader_refuse(r, "an impossible number in", GRADUS_I_TENSOR_TRAINING);
  read_optimiser(r, &kept->memory);
}

static void read_sequences(gradus_i_reader *r, const json_t *network,
                           gradus_i_network_sequences *sequences) {
  const json_t *object = json_object_get(network, "sequences");
  const char *id = json_string_value(json_object_get(object, "id"));
  const char *time = json_string_value(json_object_get(object, "time"));
  if (!object || !gradus_i_reader_ok(r))
    return;
  if (!id) {
    gradus_i_reader_refuse(r, "there is no id of its", "sequences");
    return;
  }
  sequences->steps = gradus_i_reader_size(r, object, "steps");
  sequences->each_step = gradus_i_reader_boolean(r, object, "each_step");
  sequences->id = gradus_i_string_copy(id);
  sequences->time = time ? gradus_i_string_copy(time) : NULL;
  if (!sequences->id || (time && !sequences->time))
    gradus_i_reader_out_of_memory(r);
}

void gradus_i_reader_network(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *network = json_object_get(r->root, "network");
  if (!gradus_i_reader_ok(r) || strcmp(fit->model, "network") != 0)
    return;
  gradus_i_network_fit *made = gradus_i_network_fit_new();
  if (!made) {
    gradus_i_reader_out_of_memory(r);
    return;
  }
  fit->network = made;
  gradus_params *kept = fit->params;
  if (json_object_get(network, "steps"))
    made->steps = gradus_i_reader_size(r, network, "steps");
  read_architecture(r, network, fit);
  if (!made->network) { /* which would have freed them */
    gradus_params_free(kept);
    fit->params = NULL;
    return;
  }
  read_sequences(r, network, &made->sequences);
  if (gradus_i_reader_has_custom_loss(r))
    read_loss(r, network, fit);
  else
    gradus_i_network_set_loss(made, gradus_i_family_find(fit->family),
                              gradus_i_link_find(fit->link), fit->theta);
  bool deep = gradus_i_network_is_deep(made->network);
  gradus_i_units *units = deep ? &made->units : &made->kept.folded;
  read_units(r, network, "standardised_inputs", GRADUS_I_TENSOR_INPUTS, fit->p, &units->centre,
             &units->factor);
  read_units(r, network, "standardised_response", GRADUS_I_TENSOR_OUTPUTS, fit->k, &units->middle,
             &units->spread);
  read_kept(r, &made->kept);
  read_metrics(r, network, "train", &made->metrics[GRADUS_SET_TRAIN]);
  read_metrics(r, network, "validation", &made->metrics[GRADUS_SET_VALIDATION]);
  if (json_object_get(network, "test"))
    read_metrics(r, network, "test", &made->metrics[GRADUS_SET_TEST]);
  if (json_object_get(network, "shares"))
    read_shares(r, json_object_get(network, "shares"), &made->shares);
  read_history(r, network, made);
  gradus_i_reader_network_errors(r, network, fit);
}
