// SPDX-License-Identifier: GPL-3.0-or-later
/** What is wrong with a network: norms, dead and saturated units, how activations and gradients
 * fare from layer to layer. Layer: inference. */
#ifndef GRADUS_DIAGNOSIS_H
#define GRADUS_DIAGNOSIS_H

#include <gradus/network.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A block of parameters. */
typedef struct gradus_block_diagnosis {
  const char *name; /**< "hidden1.weight"; the fit's */
  size_t size;
  double norm;     /**< Euclidean, of the values */
  double gradient; /**< of the gradient of the mean loss, without penalties */
  double ratio; /**< gradient / norm: a plain step of learning rate η moves the block by η·ratio of
                     its size; NaN for a block of zeros */
} gradus_block_diagnosis;

/** A layer's activations over the rows. */
typedef struct gradus_layer_diagnosis {
  const char *name;       /**< of the affine layer whose units these are: "hidden1"; the fit's */
  const char *activation; /**< "relu"; static storage, or the caller's table */
  size_t units;  /**< of a convolution: filters; of a dense layer at each step: those of a step */
  size_t places; /**< values of each unit in a row: places of an image, steps; else 1 */
  size_t dead;   /**< of relu: units that are 0 in every row, at all places */
  size_t saturated; /**< of sigmoid and tanh: units that are within 1 % of the middle-to-end range
                         of an end in most rows and places */
  double mean, variance; /**< over rows, places and units; steps beyond a row's length left out */
  /** Of the derivatives of a row's loss by the activations: what comes back. */
  double gradient_mean, gradient_variance;
  bool filters; /**< units are those of a convolution, whose first activation this is; what follows
                     is there only for such */
  size_t repeated; /**< filters that are the same as an earlier one */
  /** Per filter the first one that it is the same as, its own number if there is none. Weights and
   *  bias are then the same up to a positive factor, the cosine between them above 0.999; where the
   *  activation is neither relu, leaky_relu nor identity, the factor must be 1 but for 5 %. Of tanh
   *  and identity, filters of opposite signs are the same too. Filters that are dead, of
   *  different groups, or with a norm before the activation, are not. */
  size_t *same_as;
} gradus_layer_diagnosis;

/** How the gradient goes back over the steps of a recurrent layer: the derivative of a row's loss
 * by what comes out after the row's last step, carried back through the recurrence to the state so
 *  many steps before (of lstm: state and memory together). The losses of earlier steps, and
 *  truncation, are left out: it is what the recurrence itself passes on. */
typedef struct gradus_recurrence_diagnosis {
  const char *name;      /**< "rnn1"; the fit's */
  const char *type;      /**< "rnn", "gru", "lstm"; static storage */
  bool reverse;          /**< the run from the end to the beginning, whose last step is the first */
  size_t lags;           /**< 0 .. lags - 1 steps back */
  double *gradient_norm; /**< by lag: root of the mean square over the rows that have so many steps;
                              NaN: none has */
  double *share;         /**< by lag: gradient_norm beside that of the same rows at lag 0 */
} gradus_recurrence_diagnosis;

/** Numbers are those of the network's own units (standardised, where the fit standardises), rows of
 *  weight 0 left out. */
typedef struct gradus_diagnosis {
  size_t rows;
  double loss; /**< mean, without penalties */
  size_t blocks;
  gradus_block_diagnosis *block;
  size_t layers;
  gradus_layer_diagnosis *layer; /**< from the input to the output */
  size_t recurrences;            /**< two for a bidirectional layer */
  gradus_recurrence_diagnosis *recurrence;
  size_t findings;
  char **finding; /**< one sentence each: what it is and what to do; none: nothing was seen */
} gradus_diagnosis;

/** Sends the rows of a source through a network and back, and says what it sees. It looks for units
 *  that are dead (a tenth of a layer) or saturated (a quarter), units of a layer that all have the
 *  same weights, filters that are dead (a tenth) or the same as another, activations that hardly
 *  vary, gradients (the norm over a unit's places) that vanish or explode by a factor of 1,000 from
 *  one end of the hidden layers to the other, and those that over the steps of a recurrence fall
 * below a millionth or grow beyond 1,000 times themselves. Cost: one pass. threads: 0 for as many
 * as OpenMP takes. Errors: _UNSUPPORTED (a fit that is no network), _SHAPE, _NO_COMPLETE_ROWS,
 *  _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_diagnose(gradus_diagnosis **diagnosis, const gradus_fit *fit,
                                         const gradus_source *source, int threads,
                                         gradus_error *err);
GRADUS_API void gradus_diagnosis_free(gradus_diagnosis *diagnosis);

/** Keeps the findings of such a diagnosis among the fit's warnings (_DIAGNOSIS), in the place of
 *  those that are there, so that reports and model files have them. Of many rows it looks at 4,096,
 *  evenly spaced. Returns the warning if there is a finding. Errors: those of gradus_diagnose. */
GRADUS_API gradus_status gradus_fit_set_diagnosis(gradus_fit *fit, const gradus_source *source,
                                                  int threads, gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
