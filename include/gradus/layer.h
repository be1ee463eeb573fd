// SPDX-License-Identifier: GPL-3.0-or-later
/** Layers of a user's own, how weights start, and the check of derivatives. Layer: layer.
 *
 *  Tables are const and belong to the caller; a network that is given them in its options borrows
 *  them as long as it lives. Nothing is registered for the whole process. Their functions compute
 * in double (a float32 training converts), may be called by several threads at once, each for rows
 * of its own, and must not fail: where there is no answer they write NaN. */
#ifndef GRADUS_LAYER_H
#define GRADUS_LAYER_H

#include <gradus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How weights start; biases start at `initial_bias`. fan_in, fan_out: of the block. */
typedef enum gradus_initialiser {
  GRADUS_INITIALISE_AUTO = 0, /**< He before relu, leaky_relu, elu, gelu, swish; else Glorot */
  GRADUS_INITIALISE_ZERO,
  GRADUS_INITIALISE_CONSTANT,  /**< initial_scale */
  GRADUS_INITIALISE_UNIFORM,   /**< between ± initial_scale (0: 0.05) */
  GRADUS_INITIALISE_NORMAL,    /**< standard deviation initial_scale (0: 0.05) */
  GRADUS_INITIALISE_LECUN,     /**< normal, variance 1/fan_in (LeCun et al. 1998) */
  GRADUS_INITIALISE_GLOROT,    /**< uniform, variance 2/(fan_in + fan_out) (Glorot, Bengio 2010) */
  GRADUS_INITIALISE_HE,        /**< normal, variance 2/fan_in (He et al. 2015) */
  GRADUS_INITIALISE_ORTHOGONAL /**< orthonormal rows or columns (Saxe et al. 2014) times
                                    initial_scale (0: 1) */
} gradus_initialiser;

/** An activation y = f(x), element by element. */
typedef struct gradus_activation {
  const char *name; /**< as an architecture or the option `activation` names it */
  void (*value)(size_t n, const double *x, double *y, void *data);
  /** slope[i] = f'(x[i]); y[i] = f(x[i]) is at hand. */
  void (*slope)(size_t n, const double *x, const double *y, double *slope, void *data);
  void *data;
} gradus_activation;

/** A loss of one row: k outputs of the network against its m responses. */
typedef struct gradus_loss {
  const char *name;
  /** Returns ℓ, and writes ∂ℓ/∂output (k) to `slope` unless that is NULL. The row's weight is not
   *  its matter. */
  double (*value)(size_t k, const double *output, size_t m, const double *response, double *slope,
                  void *data);
  void *data;
} gradus_loss;

/** What a layer of a user's own sees: `rows` rows of `inputs` values, row-major and contiguous. */
typedef struct gradus_layer_call {
  size_t rows, inputs, outputs, parameters;
  const double *theta; /**< parameters */
  const double *in;    /**< rows×inputs */
  double *out;         /**< rows×outputs; written by forward, at hand in backward */
  /** Backward alone: the loss' derivatives by out, and by in and theta, to which the layer adds
   *  (NULL: not wanted). */
  const double *out_gradient;
  double *in_gradient, *gradient;
  void *data;
} gradus_layer_call;

/** A layer whose rows do not depend on each other. Its parameters are one block, NAME.weight. */
typedef struct gradus_layer_type {
  const char *name; /**< of the type, as an architecture names it */
  /** Values per row that come out, and parameters, for so many that go in; 0 outputs: the layer
   *  cannot take that many (an error of shape). `parameters` may be NULL: none. */
  size_t (*outputs)(size_t inputs, void *data);
  size_t (*parameters)(size_t inputs, void *data);
  /** Initial values (theta is 0 before); NULL: the network's initialiser puts them. */
  void (*start)(size_t inputs, double *theta, void *data);
  void (*forward)(const gradus_layer_call *call);
  void (*backward)(const gradus_layer_call *call);
  void *data;
} gradus_layer_type;

/** The tables that a network may name, beside its own; all zero: none. */
typedef struct gradus_custom {
  const gradus_activation *activations;
  size_t activation_count;
  const gradus_layer_type *layers;
  size_t layer_count;
} gradus_custom;

#ifdef __cplusplus
}
#endif
#endif
