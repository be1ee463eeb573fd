// SPDX-License-Identifier: GPL-3.0-or-later
/** Parameters: named blocks of weights and biases over one contiguous vector θ. Layer: params.
 *
 *  The last affine map of every model is `output.weight` [k, p] (row-major, one row per output) and
 *  `output.bias` [k]. A linear regression is the network that has only these two blocks. */
#ifndef GRADUS_PARAMS_H
#define GRADUS_PARAMS_H

#include <gradus/error.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gradus_params gradus_params;

typedef enum gradus_role { GRADUS_ROLE_WEIGHT, GRADUS_ROLE_BIAS } gradus_role;

enum { GRADUS_RANK_MAX = 4 };

/** One block; what gradus_params_block returns. */
typedef struct gradus_block {
  const char *name; /**< "output.weight"; owned by the params */
  gradus_role role;
  size_t rank;                   /**< number of dimensions, 1 to 4 */
  size_t shape[GRADUS_RANK_MAX]; /**< row-major; 1 beyond rank */
  size_t offset;                 /**< of the first value in θ */
  size_t size;                   /**< number of values: product of the shape */
  size_t fan_in, fan_out;        /**< inputs and outputs of one unit; 0 where that has no meaning */
  double penalty; /**< factor of the penalty: 1 for weights, 0 for biases unless asked */
  bool frozen;    /**< solvers leave it as it is */
} gradus_block;

/** A layout without blocks yet. Errors: _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_params_new(gradus_params **params, gradus_error *err);
GRADUS_API gradus_status gradus_params_copy(gradus_params **copy, const gradus_params *params,
                                            gradus_error *err);
GRADUS_API void gradus_params_free(gradus_params *params);

/** Appends a block of zeros. `spec` gives name, role, rank, shape, fan_in, fan_out, frozen, and the
 * penalty (negative: the default of the role); its offset and size are not read. A dimension may be
 * 0 (a model with an intercept alone has no weights). Views taken before are no longer valid.
 * Errors: _INVALID_ARGUMENT (name empty or given twice, rank 0 or above 4), _TOO_LARGE,
 * _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_params_add(gradus_params *params, const gradus_block *spec,
                                           gradus_error *err);

GRADUS_API size_t gradus_params_size(const gradus_params *params);
GRADUS_API size_t gradus_params_blocks(const gradus_params *params);
GRADUS_API const gradus_block *gradus_params_block(const gradus_params *params, size_t index);
/** By name; NULL if there is none. */
GRADUS_API const gradus_block *gradus_params_find(const gradus_params *params, const char *name);
GRADUS_API gradus_status gradus_params_set_frozen(gradus_params *params, const char *name,
                                                  bool frozen, gradus_error *err);
GRADUS_API gradus_status gradus_params_set_penalty(gradus_params *params, const char *name,
                                                   double penalty, gradus_error *err);

/** θ: contiguous, gradus_params_size long. Valid until a block is added or the params are freed. */
GRADUS_API double *gradus_params_values(gradus_params *params);
GRADUS_API const double *gradus_params_const_values(const gradus_params *params);
GRADUS_API gsl_vector_view gradus_params_vector(gradus_params *params);

/** A weight block as a matrix, shape[0] rows (further dimensions run within a row); a block as a
 * vector. Errors: _INVALID_ARGUMENT (no such block; the message lists the blocks there are). */
GRADUS_API gradus_status gradus_params_weight(gradus_params *params, const char *name,
                                              gsl_matrix_view *view, gradus_error *err);
GRADUS_API gradus_status gradus_params_bias(gradus_params *params, const char *name,
                                            gsl_vector_view *view, gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
