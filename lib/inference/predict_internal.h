// SPDX-License-Identifier: GPL-3.0-or-later
/* What the kinds of prediction share. */
#ifndef GRADUS_INFERENCE_PREDICT_INTERNAL_H
#define GRADUS_INFERENCE_PREDICT_INTERNAL_H

#include "../data/sequences.h"
#include "internal.h"

typedef struct gradus_i_predict {
  gradus_prediction *prediction;
  const gradus_fit *fit;
  gradus_interval interval;
  double reach;              /* of an interval, in standard errors */
  const gradus_i_link *link; /* predictions are to be means; NULL: linear predictors */
  const gradus_i_sequence_index *sequences; /* where their steps stand in the frame; NULL */
} gradus_i_predict;

/* The row of the prediction that row i of a batch is. */
static inline size_t gradus_i_predicted_row(const gradus_batch *batch, size_t i) {
  return batch->row ? batch->row[i] : batch->first + i;
}
/* Standard error and interval of one value, whose row in the root of the covariance is a: its
   length times factor is the error; noise: standard deviation about the mean. */
void gradus_i_predict_error(const gradus_i_predict *c, size_t at, const double *a, double factor,
                            double noise);

/* ---- predict_terms.c ---- */

/* Number of terms: those of the design, or the columns of a fit from matrices; and their labels. */
size_t gradus_i_term_count(const gradus_fit *fit);
const char *gradus_i_term_label(const gradus_fit *fit, size_t term);
/* Whether the fit has the means that its terms are centred at. */
gradus_status gradus_i_check_terms(const gradus_fit *fit, const gradus_predict_options *options,
                                   gradus_error *err);
/* Terms of a batch's rows; scratch: q. */
void gradus_i_predict_terms(const gradus_i_predict *c, const gradus_batch *batch, double *scratch);
/* Σ of the estimates times the means of their columns, with the intercept; 0 without. */
double gradus_i_term_constant(const gradus_fit *fit, size_t response);

/* ---- predict_multinomial.c ---- */

/* Columns of a prediction of any model that has no terms. */
size_t gradus_i_prediction_columns(const gradus_fit *fit, gradus_predict_type type);
gradus_status gradus_i_predict_multinomial(gradus_i_predict *context, const gradus_source *source,
                                           const gradus_predict_options *options,
                                           gradus_error *err);

/* p (k + 1) from the predictors eta (k) of all classes but the first. */
void gradus_i_probabilities(const double *eta, size_t k, double *p);

/* ---- predict_network.c ---- */

/* Whether a network has predictions of that type. */
gradus_status gradus_i_check_network_type(const gradus_fit *fit,
                                          const gradus_predict_options *options, gradus_error *err);
/* Rows of a prediction for every row of the input: the steps that have a response each, or 1. */
size_t gradus_i_network_steps(const gradus_fit *fit);
/* Without standard errors. */
gradus_status gradus_i_predict_network(gradus_i_predict *context, const gradus_source *source,
                                       const gradus_predict_options *options, gradus_error *err);

/* ---- predict_class.c ---- */

gradus_status gradus_i_check_classes(const gradus_fit *fit, const gradus_predict_options *options,
                                     gradus_error *err);
/* From means to classes. */
void gradus_i_classify(gradus_prediction *prediction, const gradus_predict_options *options);

#endif
