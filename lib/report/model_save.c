// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes a fit as a model file: numbers in bulk as tensors, all else as one JSON string. */
#include "../objective/internal.h"
#include "model_network.h"

#include <math.h>
#include <string.h>

/* JSON has no word for what is not finite. */
static json_t *exact_number(double value) {
  if (isfinite(value))
    return json_real(value);
  return json_string(isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

/* Text byte for byte: what is no UTF-8 is written in hexadecimal. */
static json_t *exact_text(const char *text) {
  if (!text)
    return json_null();
  json_t *plain = json_string(text);
  if (plain)
    return plain;
  size_t length = strlen(text);
  char *digits = gradus_i_allocate(2 * length + 1, 1);
  json_t *object = json_object();
  bool failed = !digits;
  for (size_t i = 0; digits && i < length; i++)
    snprintf(digits + 2 * i, 3, "%02x", (unsigned)(unsigned char)text[i]);
  gradus_i_json_put(object, "bytes", digits ? json_string(digits) : NULL, &failed);
  gradus_i_release(digits);
  if (!failed)
    return object;
  json_decref(object);
  return NULL;
}

static json_t *number_list(const double *values, size_t count, bool *failed) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    gradus_i_json_append(list, exact_number(values[i]), failed);
  return list;
}

static json_t *text_list(char *const *texts, size_t count, bool *failed) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    gradus_i_json_append(list, exact_text(texts[i]), failed);
  return list;
}

static json_t *design_object(const gradus_i_design_state *state, bool *failed) {
  json_t *design = json_object(), *variables = json_array();
  for (size_t i = 0; i < state->variable_count; i++) {
    const gradus_i_variable_state *variable = &state->variables[i];
    json_t *entry = json_object();
    gradus_i_json_put(entry, "variable", exact_text(variable->text), failed);
    if (variable->coded)
      gradus_i_json_put(entry, "coded", json_true(), failed);
    if (variable->levels)
      gradus_i_json_put(entry, "levels", text_list(variable->levels, variable->level_count, failed),
                        failed);
    if (variable->constants)
      gradus_i_json_put(entry, "constants",
                        number_list(variable->constants, variable->constant_count, failed), failed);
    gradus_i_json_append(variables, entry, failed);
  }
  gradus_i_json_put(design, "formula", exact_text(state->formula), failed);
  gradus_i_json_put(design, "variables", variables, failed);
  return design;
}

static gradus_status put_design(json_t *root, const gradus_fit *fit, bool *failed,
                                gradus_error *err) {
  if (!fit->design) {
    if (fit->names)
      gradus_i_json_put(root, "names", text_list(fit->names, fit->q, failed), failed);
    return GRADUS_OK;
  }
  gradus_i_design_state state = {0};
  gradus_status status = gradus_i_design_save(fit->design, &state, err);
  if (status > 0)
    return status;
  gradus_i_json_put(root, "design", design_object(&state, failed), failed);
  gradus_i_design_state_clear(&state);
  return GRADUS_OK;
}

static void put_responses(json_t *root, const gradus_fit *fit, bool *failed) {
  json_t *responses = json_array();
  for (size_t r = 0; r < fit->k; r++) {
    const gradus_i_response *response = &fit->responses[r];
    json_t *entry = json_object();
    gradus_i_json_put(entry, "name", exact_text(response->name), failed);
    gradus_i_json_put(entry, "scale", exact_number(response->scale), failed);
    gradus_i_json_put(entry, "rss", exact_number(response->rss), failed);
    gradus_i_json_put(entry, "tss", exact_number(response->tss), failed);
    gradus_i_json_put(entry, "mss", exact_number(response->mss), failed);
    gradus_i_json_put(entry, "residual_quantile",
                      number_list(response->residual_quantile, 5, failed), failed);
    gradus_i_json_append(responses, entry, failed);
  }
  gradus_i_json_put(root, "responses", responses, failed);
}

static void put_dropped(json_t *root, const gradus_fit *fit, bool *failed) {
  json_t *dropped = json_array();
  for (size_t j = 0; j < fit->q; j++) {
    if (!fit->dropped[j])
      continue;
    json_t *entry = json_object();
    gradus_i_json_put(entry, "coefficient", json_integer((json_int_t)j), failed);
    gradus_i_json_put(entry, "relation", exact_text(fit->alias[j]), failed);
    gradus_i_json_append(dropped, entry, failed);
  }
  gradus_i_json_put(root, "dropped", dropped, failed);
}

static void put_numbers(json_t *root, const gradus_fit *fit, bool *failed) {
  const char *kind = gradus_i_weight_kind_name(fit->weight_kind);
  const char *robust = gradus_i_robust_name(fit->robust_type);
  gradus_i_json_put(root, "rank", json_integer((json_int_t)fit->rank), failed);
  gradus_i_json_put(root, "weights", json_string(kind), failed);
  gradus_i_json_put(root, "robust", json_string(robust), failed);
  gradus_i_json_put(root, "nobs", exact_number(fit->nobs), failed);
  gradus_i_json_put(root, "df_residual", exact_number(fit->df_residual), failed);
  gradus_i_json_put(root, "effective_df", exact_number(fit->effective_df), failed);
  gradus_i_json_put(root, "sum_log_weight", exact_number(fit->sum_log_weight), failed);
  gradus_i_json_put(root, "rows", json_integer((json_int_t)fit->rows), failed);
  gradus_i_json_put(root, "dropped_rows", json_integer((json_int_t)fit->dropped_rows), failed);
  gradus_i_json_put(root, "l2", exact_number(fit->l2), failed);
}

/* What only generalised linear models have; a linear one's file has none of it. */
static void put_glm(json_t *root, const gradus_fit *fit, bool *failed) {
  if (!fit->family)
    return;
  gradus_i_json_put(root, "family", json_string(fit->family), failed);
  gradus_i_json_put(root, "link", json_string(fit->link), failed);
  gradus_i_json_put(root, "modelled_level", exact_text(fit->modelled_level), failed);
  if (fit->levels)
    gradus_i_json_put(root, "levels", text_list(fit->levels, fit->k + 1, failed), failed);
  gradus_i_json_put(root, "dispersion", exact_number(fit->dispersion), failed);
  gradus_i_json_put(root, "deviance", exact_number(fit->deviance), failed);
  gradus_i_json_put(root, "null_deviance", exact_number(fit->null_deviance), failed);
  gradus_i_json_put(root, "df_null", exact_number(fit->df_null), failed);
  gradus_i_json_put(root, "log_lik", exact_number(fit->log_lik), failed);
  gradus_i_json_put(root, "null_log_lik", exact_number(fit->null_log_lik), failed);
  const gradus_i_family *family = gradus_i_family_find(fit->family); /* NULL of a multinomial one */
  if (family && family->shape_information) {
    gradus_i_json_put(root, "theta", exact_number(fit->theta), failed);
    gradus_i_json_put(root, "theta_std_error", exact_number(fit->theta_std_error), failed);
  }
  gradus_i_json_put(root, "likelihood_df", exact_number(fit->likelihood_df), failed);
  if (fit->firth)
    gradus_i_json_put(root, "firth_half_log_determinant", exact_number(fit->half_log_determinant),
                      failed);
  if (fit->profile) {
    const char *method = gradus_i_intervals_name(fit->interval_method);
    gradus_i_json_put(root, "interval_method", json_string(method), failed);
    gradus_i_json_put(root, "interval_level", exact_number(fit->profile_level), failed);
  }
  if (fit->limit)
    gradus_i_json_put(root, "limit_dimensions", json_integer((json_int_t)fit->limit->dimensions),
                      failed);
}

static void put_solver(json_t *root, const gradus_solver_report *report, bool *failed) {
  json_t *solver = json_object();
  gradus_i_json_put(solver, "name", exact_text(report->name), failed);
  gradus_i_json_put(solver, "method", exact_text(report->method), failed);
  gradus_i_json_put(solver, "stop", exact_text(report->stop), failed);
  gradus_i_json_put(solver, "converged", json_boolean(report->converged), failed);
  gradus_i_json_put(solver, "iterations", json_integer((json_int_t)report->iterations), failed);
  gradus_i_json_put(solver, "certificate", exact_number(report->certificate), failed);
  gradus_i_json_put(solver, "condition", exact_number(report->condition), failed);
  gradus_i_json_put(root, "solver", solver, failed);
}

static void put_warnings(json_t *root, const gradus_fit *fit, bool *failed) {
  json_t *warnings = json_array();
  for (size_t i = 0; i < fit->warning_count; i++) {
    json_t *entry = json_object();
    gradus_i_json_put(entry, "code", json_string(gradus_status_name(fit->warnings[i].code)),
                      failed);
    gradus_i_json_put(entry, "message", exact_text(fit->warnings[i].message), failed);
    gradus_i_json_append(warnings, entry, failed);
  }
  gradus_i_json_put(root, "warnings", warnings, failed);
}

static gradus_status make_metadata(gradus_i_text *text, const gradus_fit *fit, gradus_error *err) {
  bool failed = false;
  json_t *root = json_object();
  gradus_i_json_put(root, "format", json_integer(GRADUS_I_MODEL_FORMAT), &failed);
  gradus_i_json_put(root, "gradus", json_string(gradus_version()), &failed);
  gradus_i_json_put(root, "model", json_string(fit->model), &failed);
  gradus_i_json_put(root, "columns", json_integer((json_int_t)fit->p), &failed);
  gradus_i_json_put(root, "intercept", json_boolean(fit->has_intercept), &failed);
  gradus_i_json_put(root, "covariance", json_boolean(fit->root != NULL), &failed);
  put_responses(root, fit, &failed);
  put_dropped(root, fit, &failed);
  put_numbers(root, fit, &failed);
  put_glm(root, fit, &failed);
  put_solver(root, &fit->solver, &failed);
  put_warnings(root, fit, &failed);
  gradus_status status = put_design(root, fit, &failed, err);
  if (status == GRADUS_OK)
    status = gradus_i_put_network(root, fit, &failed, err);
  if (status == GRADUS_OK)
    status =
        failed ? gradus_i_out_of_memory(err) : gradus_i_json_write(text, root, JSON_COMPACT, err);
  json_decref(root);
  return status;
}

/* ---- tensors ---- */

static gradus_i_tensor tensor_of(const char *name, const double *values, size_t rank,
                                 const size_t *shape) {
  gradus_i_tensor tensor = {.name = name, .rank = rank, .size = 1, .values = values};
  for (size_t i = 0; i < rank; i++) {
    tensor.shape[i] = shape[i];
    tensor.size *= shape[i];
  }
  return tensor;
}

/* The covariances as a reader of the file wants them, in the units of the data: k*q*q, or that of
   all coefficients together. */
static gradus_status make_covariance(double **covariance, const gradus_fit *fit,
                                     gradus_error *err) {
  size_t each = fit->joint * fit->q, size = each * each, count = fit->k / fit->joint;
  *covariance = gradus_i_allocate(count, size * sizeof(double));
  if (!*covariance)
    return gradus_i_out_of_memory(err);
  for (size_t r = 0; size > 0 && r < count; r++) {
    gsl_matrix_view view = gsl_matrix_view_array(*covariance + r * size, each, each);
    gradus_status status = fit->joint > 1 ? gradus_fit_covariance_joint(fit, &view.matrix, err)
                                          : gradus_fit_covariance(fit, r, &view.matrix, err);
    if (status > 0)
      return status;
  }
  return GRADUS_OK;
}

/* Fills `tensors`, which has room for the blocks, a network's and six more. */
static size_t list_tensors(gradus_i_tensor *tensors, const gradus_fit *fit,
                           const double *covariance, double *kept) {
  size_t count = 0;
  const double *theta = gradus_params_const_values(fit->params);
  for (size_t i = 0; i < gradus_params_blocks(fit->params); i++) {
    const gradus_block *block = gradus_params_block(fit->params, i);
    tensors[count++] = tensor_of(block->name, theta + block->offset, block->rank, block->shape);
  }
  count += gradus_i_list_network(tensors + count, fit, kept);
  const size_t square[] = {fit->k, fit->q, fit->q};
  if (fit->column_means)
    tensors[count++] = tensor_of(GRADUS_I_TENSOR_MEANS, fit->column_means, 1, &fit->p);
  const size_t limit[] = {fit->limit ? 3 + fit->limit->dimensions : 0, fit->k * fit->q};
  if (fit->limit)
    tensors[count++] = tensor_of(GRADUS_I_TENSOR_LIMIT, fit->limit->rows, 2, limit);
  const size_t profile[] = {4, fit->q};
  if (fit->profile)
    tensors[count++] = tensor_of(GRADUS_I_TENSOR_PROFILE, fit->profile, 2, profile);
  if (!fit->root)
    return count;
  const size_t joint[] = {fit->joint * fit->q, fit->joint * fit->q};
  bool several = fit->k > fit->joint;
  tensors[count++] =
      tensor_of(GRADUS_I_TENSOR_COVARIANCE, covariance, several ? 3 : 2, several ? square : joint);
  tensors[count++] = tensor_of(GRADUS_I_TENSOR_ROOT, fit->root, 2, joint);
  tensors[count++] = tensor_of(GRADUS_I_TENSOR_COLUMN_SCALE, fit->column_scale, 1, square + 1);
  if (fit->robust_root)
    tensors[count++] = tensor_of(GRADUS_I_TENSOR_ROBUST, fit->robust_root, 3, square);
  return count;
}

gradus_status gradus_fit_save(const gradus_fit *fit, const char *path, gradus_error *err) {
  gradus_i_text metadata = {0}, file = {0};
  double *covariance = NULL, kept[GRADUS_I_NETWORK_KEPT];
  size_t most = gradus_params_blocks(fit->params) + 6 + GRADUS_I_NETWORK_TENSORS;
  gradus_i_tensor *tensors = gradus_i_allocate(most, sizeof *tensors);
  gradus_status status = tensors ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status == GRADUS_OK)
    status = make_metadata(&metadata, fit, err);
  if (status == GRADUS_OK && fit->root)
    status = make_covariance(&covariance, fit, err);
  if (status == GRADUS_OK) {
    size_t count = list_tensors(tensors, fit, covariance, kept);
    status = gradus_i_safetensors_write(&file, tensors, count, metadata.data, err);
  }
  if (status == GRADUS_OK)
    status = gradus_i_write_file(path, file.data, file.length, err);
  gradus_i_release(covariance);
  gradus_i_release(tensors);
  gradus_i_text_clear(&metadata);
  gradus_i_text_clear(&file);
  return status;
}
