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
  GRADUS_INITIALISE_AUTO = 0, /**< He before relu, leaky_relu, elu, gelu, swish; else Glorot, and of
                                   it a tenth where nothing but sums comes after: output, skip;
                                   orthogonal for what recurrent layers do with their state */
  GRADUS_INITIALISE_ZERO,
  GRADUS_INITIALISE_CONSTANT,  /**< initial_scale */
  GRADUS_INITIALISE_UNIFORM,   /**< between ± initial_scale (0: 0.05) */
  GRADUS_INITIALISE_NORMAL,    /**< standard deviation initial_scale (0: 0.05) */
  GRADUS_INITIALISE_LECUN,     /**< normal, variance 1/fan_in (LeCun et al. 1998) */
  GRADUS_INITIALISE_GLOROT,    /**< uniform, variance 2/(fan_in + fan_out) (Glorot, Bengio 2010) */
  GRADUS_INITIALISE_HE,        /**< normal, variance 2/fan_in (He et al. 2015) */
  GRADUS_INITIALISE_ORTHOGONAL /**< orthonormal rows or columns (Saxe et al. 2014), of each gate of
                                    a recurrent layer, times initial_scale (0: 1) */
} gradus_initialiser;

/** A column of level numbers 0 .. levels - 1 among the inputs of a network, which becomes the row
 * of that number of a table, trained as all weights are: the block NAME.weight [levels, units]. The
 *  units stand where the column stood, and what follows sees the other columns beside them. */
typedef struct gradus_embedding {
  const char *name; /**< formulas: the factor, as the formula has it: "species", "factor(cyl)" */
  size_t units;     /**< 0: half of the levels, rounded up, but at most 50 */
  size_t column;    /**< of plain matrices, from 0; of sequences the feature, at all steps. Formulas
                       know it, and the levels: 0 */
  size_t levels;    /**< of plain matrices */
} gradus_embedding;

/** An activation y = f(x), element by element. */
typedef struct gradus_activation {
  const char *name; /**< as an architecture or the option `activation` names it */
  void (*value)(size_t n, const double *x, double *y, void *data);
  /** slope[i] = f'(x[i]); y[i] = f(x[i]) is at hand. */
  void (*slope)(size_t n, const double *x, const double *y, double *slope, void *data);
  void *data;
} gradus_activation;

enum { GRADUS_LOSS_OUTPUTS = 1024 /**< at most, of a loss of a user's own */ };

/** A loss of one row: k outputs of the network against its m responses. */
typedef struct gradus_loss {
  const char *name;
  /** Returns ℓ, and writes ∂ℓ/∂output (k) to `slope` unless that is NULL. The row's weight is not
   *  its matter. Of a factor the response is the level's number, from 0. */
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
  const gradus_loss *losses; /**< that a model file may name; a training is given its own */
  size_t loss_count;
} gradus_custom;

/** A function of `size` numbers whose derivatives are written down elsewhere. */
typedef struct gradus_function {
  size_t size;
  const double *at; /**< where they are checked */
  /** Returns f(theta), and writes its derivatives (size) to `gradient` unless that is NULL. */
  double (*value)(const double *theta, double *gradient, void *data);
  void *data;
} gradus_function;

/** Whose derivatives are to be checked: one of the first five. A network (an activation and a layer
 *  are made into one) is checked at random parameters and inputs, by the inputs too. */
typedef struct gradus_gradient_subject {
  const gradus_function *function;
  const gradus_activation *activation;
  const gradus_layer_type *layer;
  const gradus_loss *loss;  /**< of random outputs and responses 0 and 1 */
  const char *architecture; /**< JSON text (doc/network.md); its outputs are weighted and added */
  const gradus_custom *custom;  /**< what the architecture may name */
  const gradus_loss *final;     /**< a loss in the place of that sum; NULL: the sum */
  bool training;                /**< dropout drops (always the same), batch norm takes the batch */
  size_t rows, inputs, outputs; /**< 0: 5, 7, 3 */
  unsigned long seed;
} gradus_gradient_subject;

/** The worst entry of all. */
typedef struct gradus_gradient_check {
  double error;      /**< |derivative − difference| over the largest of both, of the root mean
                          square of all derivatives, and of 1e-6 (1 + |f|); +Inf where a value is
                          not finite */
  double derivative; /**< as the table has it */
  double difference; /**< as the function's values have it */
  char where[96];    /**< "hidden1.weight[3]", "input[2,0]" (row, column), "theta[4]" */
  size_t compared;   /**< how many entries were */
} gradus_gradient_check;

/** Compares derivatives with central differences of sixth order, for each entry at the one of
 *  several steps where two neighbours agree best, so that a kink nearby (a ReLU's) does not spoil
 *  them. Right derivatives give errors of some 1e-12 to 1e-9. Cost: 30 evaluations an entry.
 *  Errors: _INVALID_ARGUMENT (not one subject; a table that is not whole), those of an
 * architecture, _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_check_gradient(gradus_gradient_check *check,
                                               const gradus_gradient_subject *subject,
                                               gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
