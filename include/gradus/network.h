// SPDX-License-Identifier: GPL-3.0-or-later
/** Networks: regressions with hidden layers. Layer: model.
 *
 *  A network is fitted to a formula and a frame as a regression is, and what comes is a gradus_fit:
 *  saved, predicted from, evaluated and reported like any other. Its last affine map is
 *  output.weight and output.bias; hidden1, hidden2, … stand before it. Of a factor with K levels
 *  it has K - 1 outputs, the first level being the reference, as multinomial regression has it.
 *  Without hidden layers and penalties, columns that earlier ones determine are dropped as by the
 *  regressions (gradus_fit_alias; up to 4,096 columns). */
#ifndef GRADUS_NETWORK_H
#define GRADUS_NETWORK_H

#include <gradus/fit.h>
#include <gradus/layer.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gradus_precision {
  GRADUS_PRECISION_FLOAT64 = 0,
  GRADUS_PRECISION_FLOAT32 /**< of the training's arithmetic; parameters stay double */
} gradus_precision;

/** NULL or all zero means the defaults. */
typedef struct gradus_network_options {
  /** Family (NULL: gaussian for numbers, binomial for two levels, multinomial for more), link,
   *  weights, l2, tolerance, seed, descent, progress, threads, and
   *  solver: NULL or "auto" is gradient descent by adam in mini-batches (descent.batch_size 0: a
   *  sixteenth of the rows, but 8 to 64; learning rate 0.001), and without hidden layers, where the
   *  problem is convex and no rule is chosen, "newton" up to 300 parameters and "lbfgs" beyond;
   *  "lbfgs", "newton" and "levenberg-marquardt" take all rows at once, as does
   *  "gradient-descent" without a batch size;
   *  max_iterations: epochs, 0: 100, but on few rows as many as make 3,000 steps, of mini-batches
   *  (of solvers on all rows: their own).
   *  The penalty is one on the weights as gradus_fit_params gives them: of standardised inputs, but
   *  without hidden layers of the inputs as they are. */
  gradus_fit_options fit;
  const size_t *hidden;      /**< widths of the hidden layers */
  size_t hidden_count;       /**< 0: none, a regression */
  const char *activation;    /**< of the hidden layers; NULL: "relu". identity, sigmoid, tanh, relu,
                                leaky_relu, elu, gelu, softplus, swish */
  double dropout;            /**< share of hidden units that are dropped in training, 0 ≤ d < 1 */
  const char *normalisation; /**< before each activation: NULL (none), "batch", "layer" */
  bool skip;                 /**< adds a linear map from the inputs to the outputs: skip.weight */
  bool residual;             /**< hidden layers of equal width add their input to their output */
  const char *architecture;  /**< JSON text in the place of the six above (doc/network.md); NULL */
  /** The same in short form: "conv 6 5x5, relu, maxpool 2, dense 120, relu" (doc/network.md); the
   *  layer output comes at the end by itself. NULL */
  const char *layers;
  bool channels_first; /**< with `layers`: input_shape is C×H×W or C×L, all of a channel side by
                          side */
  /** What the columns of a row are, in order: {28, 28, 1} an image of 28 rows of 28 places of one
   *  channel, {T, F} a sequence of T steps of F features; NULL: a list of numbers. Inputs are then
   *  standardised by channel or feature, the same at all places. */
  const size_t *input_shape;
  size_t input_rank; /**< of input_shape: 1 to 3 */
  bool lengths;      /**< rows are sequences, and one more column, the last, says how many of their
                        steps count: 1 to T; what stands beyond must be finite (of a frame it may be
                        missing, where the formula names columns as they stand), and does not count
                        */
  bool each_step;    /**< the response is one at every step: T columns (T·k for k numbers, those of
                        a step side by side); steps beyond a row's length do not count */
  const char *lengths_column; /**< formulas: the column that `lengths` means; it is none of the
                                 formula's */
  /** Formulas: rows are the steps of sequences (the long format), those with one value in the
   * column sequence_id in the order of the column sequence_time (numbers; NULL: as they come).
   * Inputs are the formula's at each step; input_shape and lengths follow from them (`.` stands for
   * neither column). The response is one for the whole sequence, the same in all its rows, or with
   *  each_step one a row. Sequences are formed in memory. */
  const char *sequence_id, *sequence_time;
  /** Factors whose levels become rows of trained tables (gradus/layer.h) in the place of dummy
   *  variables; of plain matrices columns of level numbers. What follows, be it widths, `layers` or
   *  an architecture, sees them and the other columns side by side, in the order of the columns:
   *  that is the architecture's "input". A factor's levels have the order of the design's
   *  (gradus_design_column_level). In a formula none where input_shape or lengths_column say
   *  what a row is; with sequence_id a factor is embedded at every step. */
  const gradus_embedding *embeddings;
  size_t embedding_count;
  const gradus_custom *custom; /**< layers and activations of the caller's that may be named; they
                                  are borrowed as long as the fit lives; NULL: none */
  /** A loss of the caller's in the place of a family's (fit.family, fit.link and fit.theta are then
   *  an error); borrowed as long as the fit lives. It sees the responses as they are, and outputs
   *  that begin at 0; predictions are the outputs. It has no curvature: by mini-batches, lbfgs and
   *  gradient descent, and without standard errors. The fit's family is "custom". NULL: none. */
  const gradus_loss *loss;
  size_t outputs; /**< of such a loss; 0: as many as there are responses */
  gradus_initialiser initialiser;
  double initial_scale;
  double initial_bias; /**< of the hidden layers; output.bias starts where the model without inputs
                          has it, and without hidden layers all weights at 0 unless asked for */
  /** A fitted regression to grow from: its weights and bias become the skip's (with hidden layers,
   *  whose output starts at 0) or the output's, so that the network starts at its loss. */
  const gradus_fit *start;
  bool raw_inputs;                      /**< do not standardise the inputs */
  bool raw_response;                    /**< do not standardise a gaussian response */
  double validation;                    /**< share of the rows that are held out, 0 ≤ v < 1 */
  const gradus_frame *validation_frame; /**< or rows of their own */
  double test; /**< share of the rows that are neither learnt from nor looked at before the end */
  const gradus_frame *test_frame; /**< or rows of their own */
  size_t patience; /**< stop after so many epochs without a smaller validation loss, and go back to
                      the best; 0: never stop early (the best is taken all the same where there is a
                      validation set) */
  double l1;       /**< λ₁·|W| beside l2, by subgradients */
  bool solve_output;  /**< at the end the output layer of a gaussian model in closed form */
  bool class_weights; /**< classes weigh the same in sum */
  gradus_precision precision;
  const char *checkpoint; /**< file that is rewritten after every epoch, and */
  bool resume;            /**< continued from, to the bit */
  /** Ends the training within an epoch: the parameters are those after the last batch, or with a
   *  validation set of the best epoch; the epoch that was cut short is not in the history and not
   * in the checkpoint, which stays that of the last whole one. NULL: never. */
  gradus_stop_function stop;
  void *stop_context;
} gradus_network_options;

/** Without hidden layers and penalties a search for the maximum of a binomial or multinomial
 *  likelihood that has none, as the columns separate the response, ends as gradus_glm_fit and
 *  gradus_multinomial_fit do: fit.separation asks for _SEPARATION or for the limit. Trainings that
 *  end with their epochs, or at the best epoch, are not looked at.
 *
 *  Warnings: _RANK_DEFICIENT, _ILL_CONDITIONED and _SEPARATION (without hidden layers), _DIVERGED.
 *  Errors: those of gradus_design_new; _INVALID_ARGUMENT (option, activation, architecture; an
 *  embedding of what is no factor, or of one that has the name of a layer),
 *  _UNSUPPORTED (a solver that needs the curvature of a loss that has none, or that would never
 * move the running moments of a batch norm), _COLLINEAR (if fit.collinear asks for it), _SHAPE
 * (layers that do not fit, naming both shapes), _SEPARATION, _BAD_RESPONSE (outside the family),
 * _BAD_INPUT (a length or a token that is none, steps that make no sequence), _NUMERICAL (loss or
 * gradient not finite from the start), _OUT_OF_MEMORY. A fit that stopped because its loss left the
 * numbers is no error: its stop names epoch, batch and block, and its parameters are the last good
 * ones. */
GRADUS_API gradus_status gradus_network_fit(gradus_fit **fit, const char *formula,
                                            const gradus_frame *frame,
                                            const gradus_network_options *options,
                                            gradus_error *err);
/** The same from plain matrices: x n×p, y n×k numbers, or n×1 class indices 0.. for the family
 *  multinomial. */
GRADUS_API gradus_status gradus_network_fit_matrix(gradus_fit **fit, const gsl_matrix *x,
                                                   const gsl_matrix *y, const gsl_vector *weights,
                                                   const gradus_network_options *options,
                                                   gradus_error *err);

/** How a network goes on; NULL or all zero means the defaults. */
typedef struct gradus_partial_options {
  size_t epochs; /**< over the new rows; 0: 1 */
  int threads;   /**< as in gradus_fit_options */
  gradus_progress_function progress;
  void *progress_context;
  gradus_stop_function stop; /**< as in gradus_network_options */
  void *stop_context;
} gradus_partial_options;

/** The rows of a frame as a fit takes them: through its design, and gathered into sequences where
 *  it is a network of such. The design and the frame are borrowed until the source is freed.
 *  Errors: those of gradus_source_from_frame; _UNSUPPORTED (a fit from matrices);
 *  _BAD_INPUT (a sequence longer than those of the fit, a missing id or time). */
GRADUS_API gradus_status gradus_fit_source(gradus_source **source, const gradus_fit *fit,
                                           const gradus_frame *frame, gradus_error *err);

/** Goes on training a network on new rows, as a stream brings them: standardisation, family,
 *  penalties, rule, learning rate and batch size stay those of the fit (adam, if it was trained
 *  without a rule), the optimiser's vectors and its generator go on where they were. The history
 *  grows, best_epoch is 0, and the metrics of training are those of the new rows; nobs grows by
 *  them. Weights of classes are not kept. On failure the parameters are as before.
 *  Errors: those of gradus_network_fit; _UNSUPPORTED (no network), _SHAPE. */
GRADUS_API gradus_status gradus_fit_partial(gradus_fit *fit, const gradus_frame *frame,
                                            const gradus_partial_options *options,
                                            gradus_error *err);
/** The same from matrices; y as in gradus_network_fit_matrix. */
GRADUS_API gradus_status gradus_fit_partial_matrix(gradus_fit *fit, const gsl_matrix *x,
                                                   const gsl_matrix *y, const gsl_vector *weights,
                                                   const gradus_partial_options *options,
                                                   gradus_error *err);

/** One layer of a fitted network; strings are the fit's. */
typedef struct gradus_layer {
  const char *name;                  /**< "hidden1" */
  const char *type;                  /**< "dense", "activation", "dropout", … */
  const char *activation;            /**< of an activation layer, else NULL */
  size_t inputs, outputs;            /**< values per row */
  size_t input_rank, input_shape[3]; /**< and how they lie: 28x28x1; 1 beyond the rank */
  size_t output_rank, output_shape[3];
  size_t parameters;
} gradus_layer;
/** 0 for a fit that is no network. */
GRADUS_API size_t gradus_fit_layers(const gradus_fit *fit);
GRADUS_API gradus_status gradus_fit_layer(const gradus_fit *fit, size_t index, gradus_layer *layer,
                                          gradus_error *err);

/** How the rows of a frame are the sequences of a fit; strings are the fit's. */
typedef struct gradus_sequences {
  const char *id;   /**< rows are steps, and those with one value in this column a sequence; NULL */
  const char *time; /**< the column of their order; NULL: as they come */
  size_t steps;     /**< the most of a sequence, if rows are steps or each step has a response; else
                       0 */
  bool each_step;   /**< each step has a response, else each sequence */
} gradus_sequences;
/** All zero for a fit that has none. */
GRADUS_API void gradus_fit_sequences(const gradus_fit *fit, gradus_sequences *sequences);

/** The name of the loss that the network was trained by: "cross-entropy of softmax", or that of a
 *  loss of the caller's; NULL for a fit that is no network. */
GRADUS_API const char *gradus_fit_loss(const gradus_fit *fit);

/** One epoch of the training. */
typedef struct gradus_epoch {
  size_t epoch;           /**< from 1 */
  double loss;            /**< F, mean over the epoch's batches; of a standardised response where it
                             is standardised */
  double validation_loss; /**< without penalties; NaN without a validation set */
  double learning_rate;
} gradus_epoch;
GRADUS_API size_t gradus_fit_epochs(const gradus_fit *fit);
GRADUS_API gradus_status gradus_fit_epoch(const gradus_fit *fit, size_t index, gradus_epoch *epoch,
                                          gradus_error *err);
/** The epoch whose parameters were kept, from 1; 0: the last. */
GRADUS_API size_t gradus_fit_best_epoch(const gradus_fit *fit);

/** How well the network does on a set of rows, as it ended. */
typedef struct gradus_network_metrics {
  size_t rows;            /**< 0: there is no such set */
  double loss;            /**< mean, without penalties; of a standardised response as above */
  double accuracy;        /**< of classes; NaN for numbers */
  double rmse, r_squared; /**< of numbers; NaN for classes, and with a loss of the caller's */
} gradus_network_metrics;
typedef enum gradus_set { GRADUS_SET_TRAIN, GRADUS_SET_VALIDATION, GRADUS_SET_TEST } gradus_set;
GRADUS_API gradus_status gradus_fit_network_metrics(const gradus_fit *fit, gradus_set set,
                                                    gradus_network_metrics *metrics,
                                                    gradus_error *err);
/** Of the rows that the fit was given (`source`, borrowed: a source of its design) those of one of
 *  the sets that options.validation and options.test divided them into, as shares; without such
 *  shares all are of the training. Errors: _UNSUPPORTED (no network; a stream), _INVALID_ARGUMENT
 *  (no rows of that set among them), _SHAPE, _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_network_rows(gradus_source **rows, const gradus_fit *fit,
                                             const gradus_source *source, gradus_set set,
                                             gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
