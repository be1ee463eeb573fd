// SPDX-License-Identifier: GPL-3.0-or-later
#include "initialise.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

/* ---- random numbers ---- */

/* A stream of the seed and the name: FNV-1a over the name's bytes from a start that the seed
   decides, then the finaliser of splitmix64. */
static unsigned long stream_of(uint64_t seed, const char *name) {
  uint64_t hash = 0xcbf29ce484222325u ^ (seed * 0x9e3779b97f4a7c15u);
  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
  return (unsigned long)((hash ^ hash >> 31) & 0xffffffffu);
}

/* On memory of ours: gsl_rng_alloc would call GSL's error handler when there is none. */
static gradus_status open_generator(gsl_rng *generator, uint64_t seed, const char *name,
                                    gradus_error *err) {
  generator->type = gsl_rng_mt19937;
  generator->state = gradus_i_allocate(1, generator->type->size);
  if (!generator->state)
    return gradus_i_out_of_memory(err);
  generator->type->set(generator->state, stream_of(seed, name));
  return GRADUS_OK;
}

static void fill_normal(const gsl_rng *generator, double deviation, size_t count, double *values) {
  for (size_t i = 0; i < count; i++)
    values[i] = gsl_ran_gaussian_ziggurat(generator, deviation);
}

static void fill_uniform(const gsl_rng *generator, double most, size_t count, double *values) {
  for (size_t i = 0; i < count; i++)
    values[i] = most * (2 * gsl_rng_uniform_pos(generator) - 1);
}

/* ---- one block ---- */

/* Orthonormal rows of a matrix rows×columns, or columns where it is tall. */
static gradus_status fill_matrix(const gsl_rng *generator, size_t rows, size_t columns,
                                 double scale, double *values, gradus_error *err) {
  size_t size = rows * columns;
  fill_normal(generator, 1, size, values);
  /* Row-major rows×columns is column-major columns×rows, whose columns are the rows. */
  gradus_status status = GRADUS_OK;
  if (rows <= columns) {
    status = gradus_i_orthonormal_columns(columns, rows, values, err);
  } else {
    double *tall = gradus_i_allocate_raw(size, sizeof *tall);
    if (!tall)
      return gradus_i_out_of_memory(err);
    memcpy(tall, values, size * sizeof *tall);
    status = gradus_i_orthonormal_columns(rows, columns, tall, err);
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < columns; j++)
        values[i * columns + j] = tall[i + j * rows];
    gradus_i_release(tall);
  }
  for (size_t i = 0; i < size; i++)
    values[i] *= scale;
  return status;
}

/* The gates of a recurrent layer, which stand one below the other, are matrices each. */
static gradus_status fill_orthogonal(const gsl_rng *generator, const gradus_block *block,
                                     double scale, double *values, gradus_error *err) {
  size_t rows = block->shape[0], columns = rows ? block->size / rows : 0;
  bool gates = block->fan_out > 0 && rows > block->fan_out && rows % block->fan_out == 0;
  size_t each = gates ? block->fan_out : rows;
  gradus_status status = GRADUS_OK;
  for (size_t first = 0; status <= 0 && first < rows; first += each)
    status = fill_matrix(generator, each, columns, scale, values + first * columns, err);
  return status;
}

static double or_default(double scale, double otherwise) {
  return scale != 0 ? scale : otherwise;
}

static gradus_status check(const gradus_i_initialisation *how, gradus_error *err) {
  if (how->initialiser > GRADUS_INITIALISE_ORTHOGONAL)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no initialiser number %d",
                         (int)how->initialiser);
  if (!isfinite(how->scale) || !isfinite(how->bias))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "weights and biases must start at finite numbers: the scale is %g, the "
                         "bias %g",
                         how->scale, how->bias);
  return GRADUS_OK;
}

static void fill_constant(double value, size_t count, double *values) {
  for (size_t i = 0; i < count; i++)
    values[i] = value;
}

gradus_status gradus_i_block_initialise(const gradus_block *block,
                                        const gradus_i_initialisation *how, double *values,
                                        gradus_error *err) {
  gsl_rng generator;
  gradus_status status = check(how, err);
  if (block->size == 0)
    return status;
  if (status <= 0)
    status = open_generator(&generator, how->seed, block->name, err);
  if (status > 0)
    return status;
  size_t count = block->size;
  double in = block->fan_in ? (double)block->fan_in : 1;
  double both = block->fan_in + block->fan_out ? (double)(block->fan_in + block->fan_out) : 2;
  switch (how->initialiser) {
  case GRADUS_INITIALISE_ZERO:
    fill_constant(0, count, values);
    break;
  case GRADUS_INITIALISE_CONSTANT:
    fill_constant(how->scale, count, values);
    break;
  case GRADUS_INITIALISE_UNIFORM:
    fill_uniform(&generator, or_default(how->scale, 0.05), count, values);
    break;
  case GRADUS_INITIALISE_NORMAL:
    fill_normal(&generator, or_default(how->scale, 0.05), count, values);
    break;
  case GRADUS_INITIALISE_LECUN:
    fill_normal(&generator, sqrt(1 / in), count, values);
    break;
  case GRADUS_INITIALISE_HE:
    fill_normal(&generator, sqrt(2 / in), count, values);
    break;
  case GRADUS_INITIALISE_ORTHOGONAL:
    status = fill_orthogonal(&generator, block, or_default(how->scale, 1), values, err);
    break;
  case GRADUS_INITIALISE_AUTO:
  case GRADUS_INITIALISE_GLOROT: /* uniform on ±a has the variance a²/3 */
    fill_uniform(&generator, sqrt(6 / both), count, values);
    break;
  }
  gradus_i_release(generator.state);
  return status;
}

/* ---- a network ---- */

static bool takes(const gradus_i_node *node, size_t from) {
  for (size_t k = 0; k < node->input_count; k++)
    if (node->inputs[k] == from)
      return true;
  return false;
}

/* The activation that a node's output comes to before the next layer with weights; NULL: none. */
static const gradus_i_node *activation_after(const gradus_i_network *network, size_t from) {
  for (size_t i = from + 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    if (!takes(node, from))
      continue;
    if (node->type == &gradus_i_layer_activation)
      return node;
    const gradus_i_node *after = node->type->passes ? activation_after(network, i) : NULL;
    if (after)
      return after;
  }
  return NULL;
}

static gradus_initialiser automatic(const gradus_i_network *network, size_t index) {
  static const char *const rectifying[] = {"relu", "leaky_relu", "elu", "gelu", "swish"};
  const gradus_i_node *after = activation_after(network, index);
  for (size_t i = 0; after && i < sizeof rectifying / sizeof *rectifying; i++)
    if (strcmp(after->activation->name, rectifying[i]) == 0)
      return GRADUS_INITIALISE_HE;
  return GRADUS_INITIALISE_GLOROT;
}

/* What is automatic for a block. */
static gradus_initialiser automatic_of(const gradus_i_network *network, size_t index,
                                       const gradus_block *block) {
  const gradus_i_node *node = &network->nodes[index];
  const char *orthogonal = node->type->orthogonal;
  if (!orthogonal)
    return automatic(network, index);
  return strncmp(block->name + strlen(node->name) + 1, orthogonal, strlen(orthogonal)) == 0
             ? GRADUS_INITIALISE_ORTHOGONAL
             : GRADUS_INITIALISE_GLOROT;
}

/* Whether a node's output is the network's, or a summand of it. */
static bool ends(const gradus_i_network *network, size_t from) {
  if (from + 1 == network->count)
    return true;
  for (size_t i = from + 1; i < network->count; i++)
    if (takes(&network->nodes[i], from) && network->nodes[i].type->passes && ends(network, i))
      return true;
  return false;
}

/* The last map of a network starts small, so that the network starts near the model without inputs
   and has no random answers to unlearn; but not at 0, where a response that is even about the
   inputs' centre (exclusive or) leaves odd hidden units no gradient. */
static void shrink(size_t count, double *values) {
  for (size_t i = 0; i < count; i++)
    values[i] *= 0.1;
}

static gradus_status initialise_node(gradus_i_network *network, size_t index,
                                     const gradus_i_initialisation *how, gradus_error *err) {
  const gradus_i_node *node = &network->nodes[index];
  double *theta = gradus_params_values(network->params);
  gradus_status status = GRADUS_OK;
  bool small = how->initialiser == GRADUS_INITIALISE_AUTO && ends(network, index);
  for (size_t b = 0; status <= 0 && b < gradus_params_blocks(network->params); b++) {
    const gradus_block *block = gradus_params_block(network->params, b);
    if (block->offset < node->theta || block->offset >= node->theta + node->parameters)
      continue;
    gradus_i_initialisation own = *how;
    if (own.initialiser == GRADUS_INITIALISE_AUTO) {
      own.initialiser = automatic_of(network, index, block);
      own.scale = 0;
    }
    if (block->role == GRADUS_ROLE_WEIGHT)
      status = gradus_i_block_initialise(block, &own, theta + block->offset, err);
    if (block->role == GRADUS_ROLE_WEIGHT && small)
      shrink(block->size, theta + block->offset);
    if (block->role != GRADUS_ROLE_WEIGHT)
      fill_constant(own.bias, block->size, theta + block->offset);
  }
  if (status <= 0 && node->type->start)
    node->type->start(node, theta + node->theta);
  return status;
}

gradus_status gradus_i_network_initialise(gradus_i_network *network,
                                          const gradus_i_initialisation *how, gradus_error *err) {
  gradus_status status = check(how, err);
  gradus_i_thread_scope scope = gradus_i_threads_begin(1); /* LAPACK's bits */
  for (size_t i = 1; status <= 0 && i < network->count; i++)
    status = initialise_node(network, i, how, err);
  gradus_i_threads_end(scope);
  return status;
}
