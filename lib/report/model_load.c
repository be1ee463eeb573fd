// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads a model file back into a fit. */
#include "../objective/internal.h"
#include "json_reader.h"
#include "model_network.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *weight_choice(size_t i) {
  return i <= GRADUS_WEIGHT_PRIOR ? gradus_i_weight_kind_name((gradus_weight_kind)i) : NULL;
}

static const char *robust_choice(size_t i) {
  return i <= GRADUS_ROBUST_HC3 ? gradus_i_robust_name((gradus_robust)i) : NULL;
}

static const char *model_choice(size_t i) {
  static const char *const models[] = {"linear", "glm", "multinomial", "network", NULL};
  return models[i];
}

static const gradus_status codes[] = {
#define GRADUS_X(name, value, text) GRADUS_##name,
    GRADUS_STATUS_LIST(GRADUS_X)
#undef GRADUS_X
};

static const char *code_choice(size_t i) {
  return i < sizeof codes / sizeof *codes ? gradus_status_name(codes[i]) : NULL;
}

/* ---- tensors ---- */

static void read_blocks(gradus_i_reader *r, gradus_fit *fit) {
  double *theta = gradus_params_values(fit->params);
  for (size_t i = 0; i < gradus_params_blocks(fit->params); i++) {
    const gradus_block *block = gradus_params_block(fit->params, i);
    gradus_i_reader_copy_tensor(r, theta + block->offset, block->name, block->rank, block->shape);
  }
}

static void read_covariance(gradus_i_reader *r, gradus_fit *fit) {
  const size_t shape[] = {fit->k, fit->q, fit->q};
  const size_t joint[] = {fit->joint * fit->q, fit->joint * fit->q};
  bool several = fit->k > fit->joint;
  if (!fit->root)
    return;
  gradus_i_reader_tensor(r, GRADUS_I_TENSOR_COVARIANCE, several ? 3 : 2, several ? shape : joint);
  gradus_i_reader_copy_tensor(r, fit->root, GRADUS_I_TENSOR_ROOT, 2, joint);
  gradus_i_reader_copy_tensor(r, fit->column_scale, GRADUS_I_TENSOR_COLUMN_SCALE, 1, shape + 1);
  const gradus_i_tensor *robust = NULL;
  if (gradus_i_reader_ok(r) && fit->robust_type != GRADUS_ROBUST_NONE)
    robust = gradus_i_reader_tensor(r, GRADUS_I_TENSOR_ROBUST, 3, shape);
  if (!robust)
    return;
  fit->robust_root = gradus_i_allocate(robust->size, sizeof *fit->robust_root);
  if (!fit->robust_root)
    gradus_i_reader_out_of_memory(r);
  for (size_t i = 0; fit->robust_root && i < robust->size; i++)
    fit->robust_root[i] = gradus_i_tensor_value(robust, i);
}

/* Of files that have them. */
static void read_means(gradus_i_reader *r, gradus_fit *fit) {
  if (!gradus_i_reader_ok(r) || !gradus_i_container_find(r->container, GRADUS_I_TENSOR_MEANS))
    return;
  fit->column_means = gradus_i_allocate(fit->p, sizeof *fit->column_means);
  if (fit->column_means)
    gradus_i_reader_copy_tensor(r, fit->column_means, GRADUS_I_TENSOR_MEANS, 1, &fit->p);
  else
    gradus_i_reader_out_of_memory(r);
}

/* ---- parts of the fit ---- */

static void read_numbers(gradus_i_reader *r, gradus_fit *fit) {
  fit->rank = gradus_i_reader_size(r, r->root, "rank");
  fit->weight_kind =
      (gradus_weight_kind)gradus_i_reader_choice(r, r->root, "weights", weight_choice);
  fit->robust_type = (gradus_robust)gradus_i_reader_choice(r, r->root, "robust", robust_choice);
  fit->nobs = gradus_i_reader_number(r, r->root, "nobs");
  fit->df_residual = gradus_i_reader_number(r, r->root, "df_residual");
  fit->effective_df = gradus_i_reader_number(r, r->root, "effective_df");
  fit->sum_log_weight = gradus_i_reader_number(r, r->root, "sum_log_weight");
  fit->rows = gradus_i_reader_size(r, r->root, "rows");
  fit->dropped_rows = gradus_i_reader_size(r, r->root, "dropped_rows");
  fit->l2 = gradus_i_reader_number(r, r->root, "l2");
  if (fit->rank > fit->q)
    gradus_i_reader_refuse(r, "an impossible", "rank");
}

static void read_responses(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *list = gradus_i_reader_list(r, r->root, "responses");
  for (size_t i = 0; gradus_i_reader_ok(r) && i < fit->k; i++) {
    const json_t *entry = json_array_get(list, i);
    gradus_i_response *response = &fit->responses[i];
    response->name = gradus_i_reader_text(r, entry, "name");
    response->scale = gradus_i_reader_number(r, entry, "scale");
    response->rss = gradus_i_reader_number(r, entry, "rss");
    response->tss = gradus_i_reader_number(r, entry, "tss");
    response->mss = gradus_i_reader_number(r, entry, "mss");
    const json_t *quantiles = gradus_i_reader_list(r, entry, "residual_quantile");
    for (size_t j = 0; j < 5; j++)
      response->residual_quantile[j] =
          gradus_i_reader_to_number(r, json_array_get(quantiles, j), "residual_quantile");
  }
}

static void read_dropped(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *list = gradus_i_reader_list(r, r->root, "dropped");
  for (size_t i = 0; gradus_i_reader_ok(r) && i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    size_t j = gradus_i_reader_size(r, entry, "coefficient");
    if (j >= fit->q || fit->dropped[j])
      gradus_i_reader_refuse(r, "an impossible", "coefficient");
    else
      fit->dropped[j] = true;
    if (gradus_i_reader_ok(r) && !json_is_null(json_object_get(entry, "relation")))
      fit->alias[j] = gradus_i_reader_text(r, entry, "relation");
  }
}

static void read_solver(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *solver = json_object_get(r->root, "solver");
  gradus_solver_report *report = &fit->solver;
  report->name = gradus_i_solver_text(json_string_value(json_object_get(solver, "name")));
  report->method = gradus_i_solver_text(json_string_value(json_object_get(solver, "method")));
  report->stop = gradus_i_solver_text(json_string_value(json_object_get(solver, "stop")));
  report->converged = gradus_i_reader_boolean(r, solver, "converged");
  report->iterations = gradus_i_reader_size(r, solver, "iterations");
  report->certificate = gradus_i_reader_number(r, solver, "certificate");
  report->condition = gradus_i_reader_number(r, solver, "condition");
}

static void read_warnings(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *list = gradus_i_reader_list(r, r->root, "warnings");
  if (json_array_size(list) > GRADUS_I_WARNINGS_MAX)
    gradus_i_reader_refuse(r, "too many", "warnings");
  for (size_t i = 0; gradus_i_reader_ok(r) && i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    size_t code = gradus_i_reader_choice(r, entry, "code", code_choice);
    char *message = gradus_i_reader_text(r, entry, "message");
    if (message) {
      fit->warnings[i].code = codes[code];
      gradus_i_snprintf(fit->warnings[i].message, sizeof fit->warnings[i].message, "%s", message);
      fit->warning_count = i + 1;
    }
    gradus_i_release(message);
  }
}

static void read_variable(gradus_i_reader *r, gradus_i_variable_state *variable,
                          const json_t *entry) {
  const json_t *levels = json_object_get(entry, "levels");
  const json_t *constants = json_object_get(entry, "constants");
  variable->text = gradus_i_reader_text(r, entry, "variable");
  if (json_object_get(entry, "coded"))
    variable->coded = gradus_i_reader_boolean(r, entry, "coded");
  if (levels) {
    levels = gradus_i_reader_list(r, entry, "levels");
    variable->levels = gradus_i_allocate(json_array_size(levels), sizeof *variable->levels);
    if (!variable->levels)
      gradus_i_reader_out_of_memory(r);
    while (gradus_i_reader_ok(r) && variable->level_count < json_array_size(levels)) {
      const json_t *level = json_array_get(levels, variable->level_count);
      variable->levels[variable->level_count] = gradus_i_reader_to_text(r, level, "levels");
      variable->level_count++;
    }
  }
  if (constants) {
    constants = gradus_i_reader_list(r, entry, "constants");
    size_t count = json_array_size(constants);
    variable->constants = gradus_i_allocate(count, sizeof *variable->constants);
    if (!variable->constants)
      gradus_i_reader_out_of_memory(r);
    for (size_t i = 0; gradus_i_reader_ok(r) && i < count; i++)
      variable->constants[i] =
          gradus_i_reader_to_number(r, json_array_get(constants, i), "constants");
    variable->constant_count = count;
  }
}

/* Whether the columns of levels' numbers, and no others, go to embeddings of as many levels. */
static bool embeds_levels(const gradus_fit *fit) {
  const gradus_i_network *network = fit->network ? fit->network->network : NULL;
  size_t embedded = 0;
  for (size_t j = 0; j < gradus_design_columns(fit->design); j++) {
    size_t levels = gradus_design_column_levels(fit->design, j);
    gradus_i_input input = {0};
    if (levels == 0)
      continue;
    if (network)
      gradus_i_network_input(network, j, &input);
    if (!input.whole || input.least > 0 || input.most + 1 != levels)
      return false;
    embedded++;
  }
  return embedded == (network ? network->embedded : 0);
}

/* The design must have the columns that the rest of the file speaks of. */
static void check_design(gradus_i_reader *r, const gradus_fit *fit) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  size_t responses = gradus_design_responses(fit->design), taken = fit->levels ? 1 : fit->k;
  if (fit->network && fit->network->custom.loss)
    taken = fit->network->custom.responses;
  const gradus_i_network_fit *network = fit->network;
  bool each_step = network && network->steps > 0; /* else two are cbind(successes, failures) */
  bool grouped = family && family->is_binomial && responses == 2 && !each_step;
  size_t columns = gradus_design_columns(fit->design), steps = 1;
  if (network && network->sequences.id) /* and a length */
    columns = columns * network->sequences.steps + 1;
  else if (network && network->steps > 0)
    steps = network->steps;
  if (columns != fit->p ||
      (gradus_design_has_intercept(fit->design) != fit->has_intercept && !fit->network) ||
      (responses != taken * steps && !grouped) ||
      (fit->levels && gradus_design_response_levels(fit->design) != fit->k + 1))
    gradus_i_reader_refuse(r, "the model's columns are not those of its", "formula");
  if (gradus_i_reader_ok(r) && !embeds_levels(fit))
    gradus_i_reader_refuse(r, "the levels are not those of the", "embeddings");
}

static void read_design(gradus_i_reader *r, gradus_fit *fit, const json_t *design) {
  gradus_i_design_state state = {0};
  const json_t *variables = gradus_i_reader_list(r, design, "variables");
  size_t count = json_array_size(variables);
  state.formula = gradus_i_reader_text(r, design, "formula");
  state.variables = gradus_i_allocate(count, sizeof *state.variables);
  if (!state.variables)
    gradus_i_reader_out_of_memory(r);
  while (gradus_i_reader_ok(r) && state.variable_count < count) {
    const json_t *entry = json_array_get(variables, state.variable_count);
    read_variable(r, &state.variables[state.variable_count++], entry);
  }
  gradus_error problem = {0};
  if (gradus_i_reader_ok(r) &&
      (r->status = gradus_i_design_restore(&fit->design, &state, &problem)) > 0)
    gradus_i_fail(r->err, r->status, "%s: %s", r->path, problem.message);
  gradus_i_design_state_clear(&state);
  if (gradus_i_reader_ok(r))
    check_design(r, fit);
}

/* Names of the columns of a fit from matrices. */
static void read_names(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *names = gradus_i_reader_list(r, r->root, "names");
  if (json_array_size(names) != fit->q)
    gradus_i_reader_refuse(r, "there is no name for every column in", "names");
  if (!gradus_i_reader_ok(r))
    return;
  fit->names = gradus_i_allocate(fit->q, sizeof *fit->names);
  if (!fit->names)
    gradus_i_reader_out_of_memory(r);
  for (size_t j = 0; gradus_i_reader_ok(r) && j < fit->q; j++) {
    const json_t *name = json_array_get(names, j);
    if (!json_is_null(name))
      fit->names[j] = gradus_i_reader_to_text(r, name, "names");
  }
}

/* Makes the fit in the shape that the text says, after a look whether the file has tensors of that
   shape: so no number in it can ask for more memory than the file has bytes. */
static void make_fit(gradus_i_reader *r, gradus_fit **fit) {
  size_t columns = gradus_i_reader_size(r, r->root, "columns");
  size_t responses = json_array_size(gradus_i_reader_list(r, r->root, "responses"));
  bool has_intercept = gradus_i_reader_boolean(r, r->root, "intercept");
  bool with_covariance = gradus_i_reader_boolean(r, r->root, "covariance");
  size_t coefficients = columns + (has_intercept ? 1 : 0);
  const size_t weight[] = {responses, columns};
  size_t model = gradus_i_reader_choice(r, r->root, "model", model_choice);
  const char *name = gradus_i_reader_ok(r) ? model_choice(model) : "";
  bool joint = gradus_i_reader_is_of_classes(r, name), network = strcmp(name, "network") == 0;
  if (gradus_i_reader_ok(r) && (responses == 0 || columns >= INT32_MAX))
    gradus_i_reader_refuse(r, "an impossible number of", responses ? "columns" : "responses");
  if (gradus_i_reader_ok(r) && network)
    gradus_i_reader_check_network(r, columns, responses);
  else if (gradus_i_reader_ok(r))
    gradus_i_reader_tensor(r, "output.weight", 2, weight);
  if (joint)
    coefficients *= responses; /* columns stays below 2^31, and responses below the file's bytes */
  const size_t square[] = {coefficients, coefficients};
  if (gradus_i_reader_ok(r) && with_covariance)
    gradus_i_reader_tensor(r, GRADUS_I_TENSOR_ROOT, 2, square);
  if (gradus_i_reader_ok(r))
    r->status = gradus_i_fit_new(fit, name, columns, responses, has_intercept,
                                 with_covariance && !joint, r->err);
  if (gradus_i_reader_ok(r) && with_covariance && joint)
    r->status = gradus_i_fit_add_joint_root(*fit, r->err);
}

static void read_fit(gradus_i_reader *r, gradus_fit **fit) {
  make_fit(r, fit);
  if (!gradus_i_reader_ok(r))
    return;
  gradus_fit *f = *fit;
  read_numbers(r, f);
  gradus_i_reader_glm(r, f);
  gradus_i_reader_network(r, f);
  read_responses(r, f);
  read_dropped(r, f);
  read_solver(r, f);
  read_warnings(r, f);
  if (!gradus_i_reader_ok(r))
    return;
  read_blocks(r, f);
  if (f->network && gradus_i_reader_ok(r))
    r->status = gradus_i_network_know(f, r->err);
  read_covariance(r, f);
  read_means(r, f);
  const json_t *design = json_object_get(r->root, "design");
  if (gradus_i_reader_ok(r) && design)
    read_design(r, f, design);
  else if (gradus_i_reader_ok(r) && json_object_get(r->root, "names"))
    read_names(r, f);
  if (f->design && f->network && f->network->network)
    gradus_i_network_mark_steps(f);
}

static void check_format(gradus_i_reader *r) {
  size_t format = gradus_i_reader_size(r, r->root, "format");
  if (gradus_i_reader_ok(r) && format > GRADUS_I_MODEL_FORMAT)
    r->status = gradus_i_fail(r->err, GRADUS_ERROR_MODEL_FILE,
                              "%s: the model file has format %zu, this gradus (%s) reads up to %d: "
                              "use a newer gradus",
                              r->path, format, gradus_version(), GRADUS_I_MODEL_FORMAT);
  if (gradus_i_reader_ok(r) && format < 1)
    gradus_i_reader_refuse(r, "an impossible", "format");
}

/* Reads a regular file whole, into memory of exactly its size. */
static gradus_status read_file(const char *path, unsigned char **bytes, size_t *length,
                               gradus_error *err) {
  FILE *file = fopen(path, "rb");
  struct stat status;
  if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
    const char *reason = !file ? strerror(errno) : "it is no regular file";
    if (file)
      fclose(file);
    return gradus_i_fail(err, GRADUS_ERROR_IO, "%s: the model file cannot be read: %s", path,
                         reason);
  }
  *length = (size_t)status.st_size;
  *bytes = gradus_i_allocate_raw(*length, 1);
  gradus_status result = *bytes ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (*bytes && fread(*bytes, 1, *length, file) != *length)
    result = gradus_i_fail(err, GRADUS_ERROR_IO, "%s: the model file cannot be read: %s", path,
                           ferror(file) ? strerror(errno) : "it became shorter meanwhile");
  fclose(file);
  return result;
}

static void read_model(gradus_i_reader *r, gradus_fit **fit, const unsigned char *bytes,
                       size_t length) {
  gradus_i_container container;
  r->status = gradus_i_safetensors_read(&container, r->path, bytes, length, r->err);
  if (!gradus_i_reader_ok(r))
    return;
  json_t *root = gradus_i_json_parse(r->path, "its description", container.metadata,
                                     container.metadata_length, r->err);
  r->container = &container;
  r->root = root;
  if (root)
    check_format(r);
  else
    r->status = GRADUS_ERROR_MODEL_FILE;
  if (gradus_i_reader_ok(r))
    read_fit(r, fit);
  json_decref(root);
  gradus_i_container_clear(&container);
}

gradus_status gradus_fit_load_custom(gradus_fit **fit, const char *path,
                                     const gradus_custom *custom, gradus_error *err) {
  unsigned char *bytes = NULL;
  size_t length = 0;
  gradus_i_reader r = {.path = path, .custom = custom, .err = err};
  *fit = NULL;
  r.status = read_file(path, &bytes, &length, err);
  if (gradus_i_reader_ok(&r))
    read_model(&r, fit, bytes, length);
  gradus_i_release(bytes);
  if (gradus_i_reader_ok(&r))
    return GRADUS_OK;
  gradus_fit_free(*fit);
  *fit = NULL;
  return r.status;
}

gradus_status gradus_fit_load(gradus_fit **fit, const char *path, gradus_error *err) {
  return gradus_fit_load_custom(fit, path, NULL, err);
}
