// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: what a fit keeps of one, and what the files that make it share. */
#ifndef GRADUS_MODEL_NETWORK_H
#define GRADUS_MODEL_NETWORK_H

#include "../data/sequences.h"
#include "../objective/network_objective.h"
#include "../solver/internal.h"
#include "../solver/solver.h"
#include "internal.h"
#include <gradus/network.h>

/* Affine maps between the units of the data and those that a network works in. */
typedef struct gradus_i_units {
  double *centre, *factor; /* p: inputs are (x - centre)·factor; NULL: as they are */
  double *middle, *spread; /* k: linear predictors are middle + spread·outputs; NULL: as they are */
} gradus_i_units;

/* The shares of the rows that were held out: which rows these are follows from them and the seed.
 */
typedef struct gradus_i_shares {
  double validation, test;
  unsigned long seed;
} gradus_i_shares;
enum { GRADUS_I_NETWORK_SETS = GRADUS_SET_TEST + 1 };

/* What it takes to go on learning. */
typedef struct gradus_i_network_kept {
  gradus_i_memory memory; /* the solver's, without the order of the rows */
  gradus_descent_options descent;
  double l1;
  bool l2_bias;
  gradus_precision precision;
  unsigned long seed;
  uint64_t evaluation;
  gradus_initialiser initialiser; /* at the start; in a model file beside these */
  gradus_i_units folded; /* those of the training, where the parameters are in the data's units */
} gradus_i_network_kept;

/* How rows of a frame are gathered into sequences. */
typedef struct gradus_i_network_sequences {
  char *id, *time; /* id NULL: they are not; time NULL: as they come */
  size_t steps;    /* the most of a sequence */
  bool each_step;
} gradus_i_network_sequences;

/* Standard errors of a network with hidden layers: as gradus_network_information has it, and the
   root of the covariance (inference/network.h). */
typedef struct gradus_i_network_errors {
  size_t m, first, rank, held;
  bool output_only;
  double nobs, df_residual, dispersion, distance;
  double *root;           /* m×rank */
  double *length, *value; /* m; rank, in room for m */
} gradus_i_network_errors;

struct gradus_i_network_fit {
  gradus_i_network *network; /* its params are the fit's */
  const gradus_i_loss *loss;
  gradus_i_glm_loss glm;       /* what loss works on, if it is gradus_i_loss_glm */
  gradus_i_custom_loss custom; /* the same of gradus_i_loss_custom; loss NULL: it is not */
  gradus_i_units units;
  gradus_i_network_sequences sequences;
  size_t steps; /* at each of which there are k outputs; 0: k a row */
  gradus_epoch *history;
  size_t epochs, capacity, best_epoch;
  gradus_network_metrics metrics[GRADUS_I_NETWORK_SETS]; /* by gradus_set */
  gradus_i_shares shares;
  gradus_i_network_kept kept;
  double *known;                   /* θ with 0 for the NaN of dropped columns; NULL: none is */
  gradus_i_network_errors *errors; /* NULL: there are none, or they are the fit's own */
  bool weighted_classes;           /* in the training: its weights were not the rows' own */
  char *no_errors;                 /* why there are none; NULL: nothing is to be said */
  size_t effects;                  /* average marginal ones, by response, then by column */
  double *effect;                  /* effects estimates, then their standard errors */
};

/* ---- network_errors.c ---- */

void gradus_i_network_errors_free(gradus_i_network_errors *errors);
/* All that rests on standard errors. */
void gradus_i_network_forget_errors(gradus_fit *fit);
/* Keeps why there are none. */
gradus_status gradus_i_network_refuse_errors(gradus_fit *fit, const char *reason,
                                             gradus_error *err);
/* Of a fit without hidden layers whose parameters are the minimum of the loss over these rows: root
   and dispersion, so that all that regressions have of standard errors holds for it; or the reason
   why there are none. */
gradus_status gradus_i_network_take_errors(gradus_fit *fit, const gradus_source *rows, int threads,
                                           gradus_error *err);
/* Parameters of such a network up to which they are formed unasked. */
enum { GRADUS_I_NETWORK_ERRORS_MOST = 300 };

/* Rows of a mini-batch where nothing is said and there are many. */
enum { GRADUS_I_NETWORK_BATCH = 64 };

/* What a fit with a loss of the caller's has for its family, whose link is the identity. */
#define GRADUS_I_CUSTOM_FAMILY "custom"

/* What is kept beside the solver's memory and the units, as numbers: for a model file. */
enum { GRADUS_I_NETWORK_KEPT = 22 };
void gradus_i_network_kept_save(const gradus_i_network_kept *kept, double *numbers);
/* False for numbers that cannot be. */
bool gradus_i_network_kept_restore(gradus_i_network_kept *kept, const double *numbers);

gradus_i_network_fit *gradus_i_network_fit_new(void);
/* Also frees the parameters. */
void gradus_i_network_fit_free(gradus_i_network_fit *network);
/* The loss of a family and a link; family NULL: of classes. theta: of the negative binomial. */
void gradus_i_network_set_loss(gradus_i_network_fit *network, const gradus_i_family *family,
                               const gradus_i_link *link, double theta);
/* A loss of the caller's, borrowed; responses: columns of y. */
void gradus_i_network_set_custom_loss(gradus_i_network_fit *network, const gradus_loss *loss,
                                      size_t responses);
/* What the loss works on; its name. */
const void *gradus_i_network_loss_data(const gradus_i_network_fit *network);
const char *gradus_i_network_loss_name(const gradus_i_network_fit *network);
/* Whether there is more between inputs and predictors than one affine map of all inputs: an affine
   map at every step has one block for the columns of all steps. */
bool gradus_i_network_is_deep(const gradus_i_network *network);

/* Outputs (rows×k, offsets not added) of rows whose inputs are in the network's units; scratch: so
   many doubles as the function below says. */
void gradus_i_network_outputs(const gradus_i_network *network, const double *theta,
                              const gradus_batch *batch, double *outputs, double *scratch);
size_t gradus_i_network_outputs_scratch(const gradus_i_network *network);

/* A fit on its way. */
typedef struct gradus_i_network_job {
  const gradus_network_options *options;
  gradus_fit_options fit; /* options->fit with defaults filled in */
  const gradus_source *source;
  const gradus_source *held_source; /* validation rows that were given; NULL: none */
  const gradus_source *test_source; /* and test rows */
  size_t p, k, classes;             /* classes 0: the response is no class */
  bool bias;                        /* the output has one */
  const gradus_i_family *family;    /* NULL: multinomial */
  const gradus_i_link *link;
  const char *const *levels; /* of classes; NULL: their numbers */

  /* Made on the way, and cleared at the end. */
  gradus_i_network_fit *made;
  gradus_source *owned[12]; /* sources, each on top of earlier ones */
  size_t owned_count;
  const gradus_source *learnt;              /* rows that are trained on, in the units of the data */
  const gradus_source *train, *held, *test; /* rows in the network's units */
  const gradus_source *train_weighted, *held_weighted; /* with the classes' weights too */
  double *start_bias;              /* k: of the model without inputs, in the units of the data */
  double *class_weight;            /* classes; NULL: none */
  gradus_i_least_squares *columns; /* of the inputs, for their rank; NULL: nobody asked */
  const bool *dropped;             /* columns (intercept first) whose weights stay 0; NULL: none */
  double weight, rows;             /* Σw of the rows that are trained on, and their number */
  gradus_solver_report report;
  gradus_error warning; /* code GRADUS_OK: none */
} gradus_i_network_job;

/* ---- network_frame.c ---- */

/* The design of a formula with what the options add to it and leave out of it. */
gradus_status gradus_i_network_design(gradus_design **design, const char *formula,
                                      const gradus_frame *frame,
                                      const gradus_network_options *options,
                                      const gradus_fit_options *own, gradus_error *err);
/* Tells the design of a fit that was read of its steps, which the file says of the network. */
void gradus_i_network_mark_steps(gradus_fit *fit);
/* The rows of a frame through a design, and gathered (steps 0: of any length). index (may be NULL)
   is the caller's to clear, and all zero where nothing is gathered. */
gradus_status gradus_i_network_frame_rows(gradus_source **source, gradus_i_sequence_index *index,
                                          const gradus_i_network_sequences *sequences,
                                          const gradus_design *design, const gradus_frame *frame,
                                          bool without_response, gradus_error *err);

/* ---- network_options.c ---- */

/* Reads family, link and the options of training. classes: of the response, 0 for numbers. */
gradus_status gradus_i_network_read_options(gradus_i_network_job *job, size_t levels,
                                            gradus_error *err);

/* ---- network_loss.c ---- */

/* The loss of the options, which is the caller's own. The job's family and link are then those that
   take any number for a response, and an output for a prediction. */
gradus_status gradus_i_network_read_loss(gradus_i_network_job *job, gradus_error *err);
/* Responses that the loss takes, of a row or a step. */
size_t gradus_i_network_responses(const gradus_i_network_job *job);

/* ---- network_solver.c ---- */

/* The solver, batch size and rule where the options leave them open; family, loss and inputs of the
   job are known. */
gradus_status gradus_i_network_choose_solver(gradus_i_network_job *job, gradus_error *err);
/* Whether it suits the layers, which are known by now. */
gradus_status gradus_i_network_check_solver(const gradus_i_network_job *job, gradus_error *err);

/* ---- network_memory.c ---- */

/* Parameters for which the machine has the memory that a fit takes; solver known. */
size_t gradus_i_network_memory_most(const gradus_i_network_job *job);
/* Says that a network has more, as `cause` found. */
gradus_status gradus_i_network_fail_memory(const gradus_i_network_job *job,
                                           const gradus_error *cause, gradus_error *err);
/* Whether a network that stands can be fitted. Errors: _TOO_LARGE, with what it would take. */
gradus_status gradus_i_network_check_memory(const gradus_i_network_job *job, gradus_error *err);

/* ---- network_start.c ---- */

/* The network of the options, its parameters at their start. */
gradus_status gradus_i_network_lay_out(gradus_i_network_job *job, gradus_error *err);
/* The output's bias where the model without inputs has it; the regression of options->start into
   the parameters. */
gradus_status gradus_i_network_take_start(gradus_i_network_job *job, gradus_error *err);

/* ---- network_columns.c ---- */

/* Which columns the rows to train on determine by earlier ones, without hidden layers and without a
   penalty; job->train is still in the units of the data. */
gradus_status gradus_i_network_find_columns(gradus_i_network_job *job, gradus_error *err);
/* What the fit says of them: aliases, rank, NaN for their weights, warnings. */
gradus_status gradus_i_network_take_columns(gradus_fit *fit, const gradus_i_network_job *job,
                                            gradus_error *err);
/* Puts a value into the weights of dropped columns. */
void gradus_i_network_mark_dropped(gradus_fit *fit, double value);
/* Parameters to compute with, where dropped columns have 0; brought up to date by the first. */
gradus_status gradus_i_network_know(gradus_fit *fit, gradus_error *err);
const double *gradus_i_network_theta(const gradus_fit *fit);

/* ---- network_separation.c ---- */

/* Of a fit without hidden layers and penalty: whether the columns separate its classes, as the
   regression on the same rows tells, whose limit and warning then are the fit's. Errors: those of
   the regression (_SEPARATION, if the options do not ask for the limit). */
gradus_status gradus_i_network_look_for_separation(gradus_fit *fit, const gradus_i_network_job *job,
                                                   gradus_error *err);
/* Finite parameters (k·q) far along the separating direction, for all that runs rows through the
   network. */
void gradus_i_network_stand_in(const gradus_fit *fit, double *theta);

/* ---- network_rows.c ---- */

/* Splits off the rows to validate on, checks responses and inputs, and puts the sources of the job
   into the network's units. */
gradus_status gradus_i_network_prepare(gradus_i_network_job *job, gradus_error *err);
/* The sources of train and held in the units of made. */
gradus_status gradus_i_network_apply_units(gradus_i_network_job *job, gradus_error *err);
void gradus_i_network_clear_sources(gradus_i_network_job *job);
/* Counts of successes and failures become proportions: *rows is then *grouped, the caller's. Two
   responses of two steps (each_step) are none. */
gradus_status gradus_i_network_group(const gradus_source **rows, gradus_source **grouped,
                                     const gradus_fit_options *options, bool each_step,
                                     gradus_error *err);
/* The rows at these positions (ascending; owned by the source from then on, also on failure). */
gradus_status gradus_i_pick_rows(gradus_source **picked, const gradus_source *inner,
                                 size_t *positions, size_t count, gradus_error *err);
/* Responses (y - middle)/spread and offsets/spread (NULL: as they are), weights times those of the
   classes that the responses name (NULL: as they are). The arrays are borrowed. */
typedef struct gradus_i_recast {
  const double *middle, *spread; /* per response, of `count`, which come again at each step */
  size_t count;                  /* 0: as many as there are */
  const double *class_weight;
} gradus_i_recast;
gradus_status gradus_i_recast_rows(gradus_source **recast, const gradus_source *inner,
                                   const gradus_i_recast *how, gradus_error *err);

/* Which positions are held out, by class where there are classes; both lists are the caller's. */
typedef struct gradus_i_split {
  size_t *train, *held;
  size_t train_count, held_count;
} gradus_i_split;
gradus_status gradus_i_split_rows(gradus_i_split *split, const gradus_source *source,
                                  size_t classes, double share, unsigned long seed,
                                  gradus_error *err);

/* Which positions are in each set: ascending, the caller's. */
typedef struct gradus_i_sets {
  size_t *positions[GRADUS_I_NETWORK_SETS], count[GRADUS_I_NETWORK_SETS];
} gradus_i_sets;
gradus_status gradus_i_split_sets(gradus_i_sets *sets, const gradus_source *source, size_t classes,
                                  const gradus_i_shares *shares, gradus_error *err);
void gradus_i_sets_clear(gradus_i_sets *sets);

/* What the responses of a source are. */
typedef struct gradus_i_response_sums {
  double weight, rows;
  double offset, exp_offset; /* weighted means of the offset, and of e to its power; 0 and 1 */
  double *mean, *deviation;  /* k (of classes: 1); the caller's */
  double *class_weight;      /* Σw per class; the caller's, or NULL */
} gradus_i_response_sums;
/* Checks that the family takes each, and weights. Errors: _BAD_RESPONSE, _BAD_WEIGHT, naming the
   row; _NO_COMPLETE_ROWS (no weight). */
gradus_status gradus_i_scan_responses(gradus_i_response_sums *sums, const gradus_source *source,
                                      const gradus_i_network_job *job, gradus_error *err);

/* ---- network_inputs.c ---- */

/* Takes the units that the inputs of the rows to train on are standardised by, the same at all
   places of a shape; lengths and tokens, which have been checked, stay as they are. Errors:
   _NON_FINITE, naming the row. */
gradus_status gradus_i_network_take_inputs(gradus_i_network_job *job, gradus_error *err);
/* Whether lengths and tokens among the inputs of a source (NULL: none) are what they may be, before
   anything reads them. Errors: _BAD_INPUT, naming row and column. */
gradus_status gradus_i_network_check_source(const gradus_i_network *network,
                                            const gradus_source *source, int threads,
                                            gradus_error *err);
/* The lengths of a batch's rows (rows, written to `lengths`); NULL: all steps count. */
const double *gradus_i_network_lengths(const gradus_i_network *network, const gradus_batch *batch,
                                       double *lengths);

/* ---- network_train.c ---- */

gradus_status gradus_i_network_train(gradus_i_network_job *job, gradus_error *err);

/* ---- network_fill.c ---- */

/* The fit of a trained job; the design, if any, goes over to it. */
gradus_status gradus_i_network_fill(gradus_fit **fit, gradus_i_network_job *job,
                                    gradus_design **design, gradus_error *err);
/* Without hidden layers the standardisation goes into the one affine map that there is, whose
   parameters are then those of the regression; and out of it again (false: it is not in it). */
void gradus_i_network_fold(gradus_i_network_fit *made, size_t p, size_t k);
bool gradus_i_network_unfold(gradus_i_network_fit *made, size_t p, size_t k);
gradus_status gradus_i_network_measure(gradus_network_metrics *metrics,
                                       const gradus_i_network_job *job, const gradus_source *source,
                                       gradus_error *err);

#endif
