// SPDX-License-Identifier: GPL-3.0-or-later
/* What inference and diagnosis see of a network, and rows that go through it. */
#ifndef GRADUS_INFERENCE_NETWORK_H
#define GRADUS_INFERENCE_NETWORK_H

#include "../objective/network_objective.h"
#include "internal.h"
#include <gradus/network_inference.h>

typedef struct gradus_i_network_view {
  const gradus_i_network *network;
  const double *theta;
  const gradus_i_loss *loss;
  const void *loss_data;
  const gradus_i_link *link;     /* NULL: gaussian with the identity, or softmax */
  const double *centre, *factor; /* p: inputs are (x - centre)·factor; NULL: as they are */
  const double *middle, *spread; /* k: predictors are middle + spread·outputs; NULL: as they are */
  size_t p, k, classes;          /* classes: k + 1 of softmax, else 0 */
  size_t steps;                  /* at each of which there are k outputs; 0: k a row */
  size_t responses;              /* that a loss of the caller's takes; 0: k, or a class */
  gradus_weight_kind weight_kind;
  bool dispersion_known;
  bool output_only;      /* hidden layers are to be taken for given, whatever their size */
  const gradus_fit *fit; /* for names; NULL: there are none */
} gradus_i_network_view;

/* Outputs of a row, at all its steps. */
size_t gradus_i_network_row_outputs(const gradus_i_network_view *view);
/* Means of a row: k, or the classes. */
size_t gradus_i_network_means(const gradus_i_network_view *view);

/* Some rows on their way. */
enum { GRADUS_I_NETWORK_BLOCK = 16 };
typedef struct gradus_i_network_rows {
  const gradus_i_network_view *view;
  gradus_i_tape tape;
  size_t rows;
  double *x;        /* rows×p, in the network's units */
  double *eta;      /* rows×outputs: linear predictors in the units of the data */
  double *gradient; /* of the whole θ: what backward passes add to */
  double *inputs;   /* rows×p: derivatives by the inputs */
  double *memory;   /* the tape's */
} gradus_i_network_rows;
/* Doubles that these need; and in such a block. */
size_t gradus_i_network_rows_size(const gradus_i_network_view *view);
void gradus_i_network_rows_open(gradus_i_network_rows *rows, const gradus_i_network_view *view,
                                double *memory);
/* Rows first .. first + rows - 1 of a batch that has responses. */
gradus_batch gradus_i_network_part(const gradus_batch *batch, size_t first, size_t rows);
/* Such rows into x, scaled. */
void gradus_i_network_rows_take(gradus_i_network_rows *rows, const gradus_batch *batch,
                                size_t first, size_t count);
/* Forward, and eta; the batch gives the offsets (may be NULL) of rows from `first` on. */
void gradus_i_network_rows_forward(gradus_i_network_rows *rows, const gradus_batch *batch,
                                   size_t first);
/* The mean number c of row i, and its derivatives by the k linear predictors. */
double gradus_i_network_mean(const gradus_i_network_view *view, const double *eta, size_t c,
                             double *slopes);
/* Puts the derivative of mean c, times weights (rows; NULL: 1) and a factor, in front of the
   network's last node. */
void gradus_i_network_rows_seed(gradus_i_network_rows *rows, size_t c, const double *weights,
                                double factor);

struct gradus_network_inference {
  gradus_i_network_view view;
  gradus_network_information information;
  int threads;
  size_t m, rank, held; /* held: parameters that are not estimated */
  double *root;         /* m×rank, row-major: φ·root·rootᵀ is the covariance */
  double *length;       /* m: √ of the matrix' diagonal */
  double *value;        /* rank: eigenvalues of the scaled matrix; not looked at where rank is m */
};

/* Of a view, which is copied. */
gradus_status gradus_i_network_inference_make(gradus_network_inference **inference,
                                              const gradus_i_network_view *view,
                                              const gradus_source *source, int threads,
                                              gradus_error *err);
/* jacobian (rows·k × m): derivatives of the linear predictors after a forward pass; full: rows·k×θ
   of room. */
void gradus_i_network_jacobian(gradus_i_network_rows *rows, bool output_only, double *jacobian);
/* Makes the entries of parameters that are held (the running statistics of batch norm) 0 in `rows`
   rows of derivatives by the m parameters; returns how many they are. */
size_t gradus_i_network_hold(const gradus_i_network_view *view, bool output_only, size_t rows,
                             double *derivative);
/* Standard error of a quantity with these derivatives by the m parameters; NaN where the rows that
   were fitted say nothing of it. work: rank. */
double gradus_i_network_error(const gradus_network_inference *inference, const double *derivative,
                              double *work);
/* The name of effect number `index`, by response, then by column; and what follows of its estimate
   and standard error. */
void gradus_i_network_name_effect(gradus_effect *effect, const gradus_i_network_view *view,
                                  size_t index);
void gradus_i_network_test_effect(gradus_effect *effect, const gradus_i_network_view *view,
                                  double df, double level);
/* Half of an interval in standard errors. */
double gradus_i_network_reach(const gradus_network_inference *inference, double level);

/* Whether the rows have the network's inputs, and responses if `fitted`. */
gradus_status gradus_i_network_check_rows(const gradus_i_network_view *view,
                                          const gradus_source *source, bool fitted,
                                          gradus_error *err);

/* The view of a fit that is a network; else _UNSUPPORTED. */
gradus_status gradus_i_network_view_of(gradus_i_network_view *view, const gradus_fit *fit,
                                       gradus_error *err);
/* _UNSUPPORTED for estimates that are penalised. */
gradus_status gradus_i_network_check_errors(const gradus_fit *fit, gradus_error *err);
/* Of the standard errors that a fit keeps, its arrays borrowed; false: it keeps none. */
bool gradus_i_network_inference_kept(gradus_network_inference *inference, const gradus_fit *fit);
/* Its rows as it saw them: counts of successes and failures as proportions; *grouped (may be NULL)
   is to be freed. */
gradus_status gradus_i_network_fitted_rows(const gradus_source **rows, gradus_source **grouped,
                                           const gradus_fit *fit, const gradus_source *source,
                                           gradus_error *err);

#endif
