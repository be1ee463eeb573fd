// SPDX-License-Identifier: GPL-3.0-or-later
/* Named blocks of weights and biases over one contiguous vector. */
#include "internal.h"

#include <string.h>

struct gradus_params {
  double *values;
  size_t size;
  gradus_block *blocks;
  size_t block_count;
  size_t most; /* values; 0: any number */
};

gradus_status gradus_params_new(gradus_params **params, gradus_error *err) {
  *params = gradus_i_allocate(1, sizeof **params);
  return *params ? GRADUS_OK : gradus_i_out_of_memory(err);
}

void gradus_i_params_limit(gradus_params *params, size_t most) {
  params->most = most;
}

void gradus_params_free(gradus_params *params) {
  if (!params)
    return;
  for (size_t i = 0; i < params->block_count; i++)
    gradus_i_release((char *)(uintptr_t)params->blocks[i].name);
  gradus_i_release(params->blocks);
  gradus_i_release(params->values);
  gradus_i_release(params);
}

static gradus_status check_spec(const gradus_params *params, const gradus_block *spec, size_t *size,
                                gradus_error *err) {
  if (!spec->name || !*spec->name)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "a parameter block needs a name");
  if (gradus_params_find(params, spec->name))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "parameter block \"%s\" exists already", spec->name);
  if (spec->rank < 1 || spec->rank > GRADUS_RANK_MAX)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "parameter block \"%s\" has %zu dimensions: 1 to %d are possible",
                         spec->name, spec->rank, GRADUS_RANK_MAX);
  *size = 1;
  for (size_t i = 0; i < spec->rank; i++)
    if (!gradus_i_multiply(*size, spec->shape[i], size))
      return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE, "parameter block \"%s\" is too large",
                           spec->name);
  return GRADUS_OK;
}

gradus_status gradus_params_add(gradus_params *params, const gradus_block *spec,
                                gradus_error *err) {
  size_t size;
  gradus_status status = check_spec(params, spec, &size, err);
  if (status > 0)
    return status;
  size_t most = params->most ? params->most : SIZE_MAX;
  if (size > most || params->size > most - size)
    return gradus_i_fail(
        err, GRADUS_ERROR_TOO_LARGE,
        "parameter block \"%s\" is too large: with its %zu values (%.1f GiB) there "
        "are %.0f parameters, and there can be %zu",
        spec->name, size, (double)size * (double)sizeof(double) / 1073741824.0,
        (double)size + (double)params->size, most);
  char *name = gradus_i_string_copy(spec->name);
  gradus_block *blocks =
      gradus_i_reallocate(params->blocks, params->block_count + 1, sizeof *blocks);
  if (blocks)
    params->blocks = blocks;
  double *values = gradus_i_reallocate(params->values, params->size + size, sizeof *values);
  if (values)
    params->values = values;
  if (!name || !blocks || !values) {
    gradus_i_release(name);
    return gradus_i_out_of_memory(err);
  }
  gradus_block *block = &blocks[params->block_count++];
  *block = *spec;
  block->name = name;
  block->offset = params->size;
  block->size = size;
  for (size_t i = block->rank; i < GRADUS_RANK_MAX; i++)
    block->shape[i] = 1;
  if (block->penalty < 0)
    block->penalty = block->role == GRADUS_ROLE_WEIGHT ? 1 : 0;
  memset(values + params->size, 0, size * sizeof *values);
  params->size += size;
  return GRADUS_OK;
}

gradus_status gradus_params_copy(gradus_params **copy, const gradus_params *params,
                                 gradus_error *err) {
  gradus_status status = gradus_params_new(copy, err);
  for (size_t i = 0; status == GRADUS_OK && i < params->block_count; i++)
    status = gradus_params_add(*copy, &params->blocks[i], err);
  if (status > 0) {
    gradus_params_free(*copy);
    *copy = NULL;
  } else if (params->size > 0) {
    memcpy((*copy)->values, params->values, params->size * sizeof(double));
  }
  return status;
}

size_t gradus_params_size(const gradus_params *params) {
  return params->size;
}

size_t gradus_params_blocks(const gradus_params *params) {
  return params->block_count;
}

const gradus_block *gradus_params_block(const gradus_params *params, size_t index) {
  return index < params->block_count ? &params->blocks[index] : NULL;
}

static gradus_block *find(const gradus_params *params, const char *name) {
  for (size_t i = 0; i < params->block_count; i++)
    if (strcmp(params->blocks[i].name, name) == 0)
      return &params->blocks[i];
  return NULL;
}

const gradus_block *gradus_params_find(const gradus_params *params, const char *name) {
  return find(params, name);
}

static gradus_status fail_unknown(const gradus_params *params, const char *name,
                                  gradus_error *err) {
  gradus_i_text known = {0};
  for (size_t i = 0; i < params->block_count; i++)
    gradus_i_text_format(&known, "%s%s", i ? ", " : "", params->blocks[i].name);
  gradus_status status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                                       "there is no parameter block \"%s\"; there are: %s", name,
                                       known.data ? known.data : "none");
  gradus_i_text_clear(&known);
  return status;
}

gradus_status gradus_params_set_frozen(gradus_params *params, const char *name, bool frozen,
                                       gradus_error *err) {
  gradus_block *block = find(params, name);
  if (!block)
    return fail_unknown(params, name, err);
  block->frozen = frozen;
  return GRADUS_OK;
}

gradus_status gradus_params_set_penalty(gradus_params *params, const char *name, double penalty,
                                        gradus_error *err) {
  gradus_block *block = find(params, name);
  if (!block)
    return fail_unknown(params, name, err);
  if (!(penalty >= 0))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the penalty of \"%s\" must be at least 0, not %g", name, penalty);
  block->penalty = penalty;
  return GRADUS_OK;
}

double *gradus_params_values(gradus_params *params) {
  return params->values;
}

const double *gradus_params_const_values(const gradus_params *params) {
  return params->values;
}

gsl_vector_view gradus_params_vector(gradus_params *params) {
  return gsl_vector_view_array(params->values, params->size);
}

gradus_status gradus_params_weight(gradus_params *params, const char *name, gsl_matrix_view *view,
                                   gradus_error *err) {
  const gradus_block *block = find(params, name);
  if (!block)
    return fail_unknown(params, name, err);
  size_t rows = block->shape[0], columns = block->size / (rows ? rows : 1);
  if (rows == 0 || columns == 0)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "parameter block \"%s\" is empty: a matrix view needs a row and a column",
                         name);
  *view = gsl_matrix_view_array(params->values + block->offset, rows, columns);
  return GRADUS_OK;
}

gradus_status gradus_params_bias(gradus_params *params, const char *name, gsl_vector_view *view,
                                 gradus_error *err) {
  const gradus_block *block = find(params, name);
  if (!block)
    return fail_unknown(params, name, err);
  if (block->size == 0)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "parameter block \"%s\" is empty", name);
  *view = gsl_vector_view_array(params->values + block->offset, block->size);
  return GRADUS_OK;
}
