// SPDX-License-Identifier: GPL-3.0-or-later
/** How a model is brought to its solution step by step: progress, and gradient descent. Layer:
 *  solver.
 *
 *  All solvers minimise F(θ) = Σwᵢℓᵢ/Σwᵢ + λ/2‖W‖². */
#ifndef GRADUS_SOLVER_H
#define GRADUS_SOLVER_H

#include <gradus/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a solver stands after an iteration (an epoch, for mini-batches). */
typedef struct gradus_progress {
  const char *solver;
  size_t
      iteration; /**< 0: at the start, where that is parameters: not of irls, nor of closed forms */
  size_t max_iterations; /**< that there can be; 0 where it is not known */
  double loss;           /**< F(θ); for mini-batches the mean over the epoch's batches */
  /** ‖∇F(θ)‖ in the units of the data; NaN where it is not formed: closed forms, Firth's method,
   *  mini-batches. */
  double gradient_norm;
  double step;         /**< length of the last step: a line search's, or the learning rate */
  double certificate;  /**< as in gradus_solver_report; NaN where a solver does not form it */
  const double *theta; /**< the parameters, in the units of the data; valid during the call */
  size_t size;
  /** Of networks, else 0: rows that an epoch goes over, and the mean loss of the validation rows
   *  (NaN if there are none). */
  size_t rows;
  double validation_loss;
  /** Of networks, else NULL: where the blocks lie in theta (its values are not those); and the
   *  gradient of F in the units of theta, of mini-batches that of the epoch's last one. */
  const gradus_params *params;
  const double *gradient;
} gradus_progress;

/** Called after every iteration; false ends the fit there. */
typedef bool (*gradus_progress_function)(void *context, const gradus_progress *progress);

/** Asked before every mini-batch, and of other solvers before every iteration, by the thread that
 *  called; true ends the fit there. */
typedef bool (*gradus_stop_function)(void *context);

/** How gradient descent turns gradients g into steps; η is the learning rate after the schedule. */
typedef enum gradus_rule {
  /** Full batch, the step from the curvature met on the way, accelerated (Nesterov 1983) and
   *  restarted where the path turns uphill (O'Donoghue and Candès 2015): nothing to tune, so that
   *  a learning rate, schedule, momentum or clipping beside it is an error. */
  GRADUS_RULE_AUTO = 0,
  GRADUS_RULE_PLAIN,    /**< θ ← θ - ηg */
  GRADUS_RULE_MOMENTUM, /**< v ← βv + g, θ ← θ - ηv (Polyak 1964) */
  GRADUS_RULE_NESTEROV, /**< v ← βv + g, θ ← θ - η(g + βv) */
  GRADUS_RULE_ADAGRAD, /**< s ← s + g², θ ← θ - ηg/(√s + ε) (Duchi, Hazan and Singer 2011) */
  GRADUS_RULE_RMSPROP, /**< s ← β₂s + (1-β₂)g², θ ← θ - ηg/(√s + ε) (Hinton 2012) */
  GRADUS_RULE_ADAM,    /**< bias-corrected means of g and g² (Kingma and Ba 2015) */
  GRADUS_RULE_ADAMW    /**< Adam with decoupled weight decay (Loshchilov and Hutter 2019) */
} gradus_rule;

/** How the learning rate changes with t, the iterations (or epochs) done. */
typedef enum gradus_schedule {
  GRADUS_SCHEDULE_CONSTANT = 0,
  GRADUS_SCHEDULE_STEP,        /**< η·decay^⌊t/period⌋ */
  GRADUS_SCHEDULE_EXPONENTIAL, /**< η·decay^t */
  GRADUS_SCHEDULE_COSINE,      /**< η·(1 + cos πt/T)/2, T the maximum number of iterations */
  GRADUS_SCHEDULE_INVERSE_TIME /**< η/(1 + decay·t) */
} gradus_schedule;

/** Gradient descent; all zero means the defaults, as PyTorch has them.
 *
 *  With mini-batches an iteration is an epoch: every row once, in a new random order each time (the
 *  rows of a stream are shuffled within a buffer of some thousands). A batch of rows descends its
 *  own Σwᵢℓᵢ/Σwᵢ plus the penalty, so that λ does not depend on the batch size; the last batch of
 * an epoch may be shorter. They need a rule with a learning rate. The order depends on the seed
 * alone, not on the number of threads. */
typedef struct gradus_descent_options {
  gradus_rule rule;
  double learning_rate; /**< 0: 0.01 for plain, momentum, nesterov, adagrad, rmsprop; 0.001 for adam
                           and adamw */
  gradus_schedule schedule;
  double decay;        /**< 0: 0.1 for step, 0.99 for exponential, 0.1 for inverse time */
  size_t period;       /**< of the schedule step; 0: 10 */
  size_t warm_up;      /**< the rate grows linearly over that many first iterations */
  double momentum;     /**< β, or Adam's β₁; 0: 0.9 */
  double decay_square; /**< β₂; 0: 0.999 for adam and adamw, 0.99 for rmsprop */
  double epsilon;      /**< ε; 0: 1e-8, 1e-10 for adagrad */
  double weight_decay; /**< of adamw: θ ← θ - η·decay·θ, weights only */
  double clip_norm;    /**< a longer gradient is shortened to that norm; 0: never */
  double clip_value;   /**< larger entries are cut to that size, before the norm; 0: never */
  size_t batch_size;   /**< rows of a mini-batch; 0: all rows at once */
  bool keep_order;     /**< mini-batches in the order of the rows, not shuffled every epoch */
} gradus_descent_options;

#ifdef __cplusplus
}
#endif
#endif
