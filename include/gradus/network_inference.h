// SPDX-License-Identifier: GPL-3.0-or-later
/** Standard errors of networks: of parameters, predictions and average marginal effects. Layer:
 *  inference.
 *
 *  The covariance of θ̂ is φ·(Σ w JᵀCJ)⁻¹ over the rows that were fitted: J the derivatives of a
 *  row's linear predictors by θ, C the loss' expected curvature (1 for squares), so the
 * Gauss-Newton matrix, which is the Fisher matrix of a generalised linear model (Seber and Wild
 * 1989, Nonlinear Regression, section 2.1). φ is 1, or Pearson's χ²/(n - rank) where the family
 * does not know it. Without hidden layers all of it is the regression's.
 *
 *  It assumes that rows are independent, that the network can be the truth, that θ̂ is a minimum of
 *  the loss over the rows (`distance` says how far from one it is; early stopping leaves it), and
 *  that the rows are many beside the parameters. It does not know of other minima. A network is not
 *  identified where units say the same or nothing: then the matrix is singular, its pseudo-inverse
 *  takes its place, and whatever depends on a direction in θ of which the rows say nothing has the
 *  standard error NaN, while that of a prediction which does not is right.
 *
 *  Beyond 2,000 parameters, or where a layer has no derivatives by rows, only the output layer is
 *  taken for estimated, and the hidden layers for given: errors are too small then. */
#ifndef GRADUS_NETWORK_INFERENCE_H
#define GRADUS_NETWORK_INFERENCE_H

#include <gradus/inference.h>
#include <gradus/network.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gradus_network_inference gradus_network_inference;

typedef struct gradus_network_information {
  size_t parameters;        /**< m, whose covariance this is */
  size_t first;             /**< position of the first of them in θ */
  size_t held;              /**< of them are running statistics, which are not estimated */
  size_t rank;              /**< of the matrix; less than m - held: not all are identified */
  bool output_only;         /**< only the output layer's */
  double nobs, df_residual; /**< rows (Σw for frequency weights), less the rank */
  double dispersion;        /**< φ, in the units of the response */
  /** √(gᵀH⁺g/φ), g the loss' gradient: how many standard errors θ̂ is away from the minimum that a
   *  Gauss-Newton step promises. Below 0.1 it does not matter. */
  double distance;
} gradus_network_information;

/** From the rows that were fitted (a source of the fit's design, or of its matrices); the fit is
 *  borrowed until the result is freed. Cost: n·m² and m³ operations, m² numbers. threads: 0 for as
 *  many as OpenMP takes. Warning: _RANK_DEFICIENT. Errors: _UNSUPPORTED (a fit that is no network,
 *  a penalised one, one of weighted classes or by a loss of the caller's, several gaussian
 * responses, an output layer beyond 2,000 parameters), _SHAPE, _BAD_RESPONSE, _UNDERDETERMINED (as
 * many parameters as rows, and the dispersion is to be estimated), _NUMERICAL, _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_network_inference_new(gradus_network_inference **inference,
                                                      const gradus_fit *fit,
                                                      const gradus_source *source, int threads,
                                                      gradus_error *err);
GRADUS_API void gradus_network_inference_free(gradus_network_inference *inference);
GRADUS_API void gradus_network_inform(const gradus_network_inference *inference,
                                      gradus_network_information *information);

/** Standard error of θ's entry `first` + parameter, in the units of the fit's parameters; NaN where
 *  it is not identified, or there is none. */
GRADUS_API double gradus_network_std_error(const gradus_network_inference *inference,
                                           size_t parameter);
/** The covariance m×m; of parameters that are not identified the pseudo-inverse's. Errors: _SHAPE.
 */
GRADUS_API gradus_status gradus_network_covariance(const gradus_network_inference *inference,
                                                   gsl_matrix *covariance, gradus_error *err);

/** Predictions of a source's rows (its responses are not looked at), by the delta method: n×columns
 *  in its order, means or linear predictors as options->type says (terms and classes:
 *  _UNSUPPORTED). Intervals: t with df_residual degrees of freedom for a gaussian response, else
 *  normal, made for the linear predictor and carried to the mean (of classes for log(p/(1 - p))). A
 *  prediction interval takes a gaussian response. Errors: also _SHAPE, _INVALID_ARGUMENT. */
GRADUS_API gradus_status gradus_network_predict(gradus_prediction **prediction,
                                                const gradus_network_inference *inference,
                                                const gradus_source *source,
                                                const gradus_predict_options *options,
                                                gradus_error *err);

/** The average over rows (weighted) of the derivative of a mean (or a class's probability) by an
 *  input column, in the units of the data; of a column of zeros and ones too it is the derivative.
 *  Where activations have kinks their jumps do not enter the errors. */
typedef struct gradus_effect {
  const char *term;     /**< the column's name; NULL for a fit from matrices */
  const char *response; /**< the response, or the class */
  double estimate, std_error;
  double statistic, p_value, conf_low, conf_high; /**< t or normal, as above */
} gradus_effect;
typedef struct gradus_network_effects {
  size_t count;
  gradus_effect *effect; /**< by response, then by column; names are the fit's */
} gradus_network_effects;

/** Average marginal effects over a source's rows; level: 0 for 0.95. Cost: 4 passes a column.
 *  Errors: _UNSUPPORTED (sequences with lengths). */
GRADUS_API gradus_status gradus_network_marginal_effects(gradus_network_effects **effects,
                                                         const gradus_network_inference *inference,
                                                         const gradus_source *source, double level,
                                                         gradus_error *err);
GRADUS_API void gradus_network_effects_free(gradus_network_effects *effects);

/* ---- kept in the fit ---- */

/** Keeps in a network's fit what standard errors need, so that gradus_predict gives those of means
 *  and linear predictors with their intervals, and a model file takes them along: of a network with
 *  hidden layers what gradus_network_inference_new makes, m² numbers; without them the covariance
 * of the coefficients, after which gradus_fit_term, gradus_fit_covariance and gradus_predict say
 * what they say of the regression (a fit that converged, has no penalty and up to 300 parameters
 * has it from the start). `source`: the rows that were trained on (gradus_network_rows). Errors and
 *  warning: those of gradus_network_inference_new; gradus_fit_partial forgets them. */
GRADUS_API gradus_status gradus_fit_set_errors(gradus_fit *fit, const gradus_source *source,
                                               int threads, gradus_error *err);
/** Whether a network with hidden layers keeps them, and what is to be known of them. */
GRADUS_API bool gradus_fit_errors(const gradus_fit *fit, gradus_network_information *information);
/** The kept standard error of θ's entry; NaN as in gradus_network_std_error, and for an entry
 * before the output layer's where they are that layer's alone. */
GRADUS_API double gradus_fit_parameter_error(const gradus_fit *fit, size_t parameter);

/** Keeps average marginal effects over a source's rows: the fit's own standard errors, if it keeps
 *  them, else those of gradus_network_inference_new with the same rows. */
GRADUS_API gradus_status gradus_fit_set_effects(gradus_fit *fit, const gradus_source *source,
                                                int threads, gradus_error *err);
/** How many it keeps, by response (or class), then by column; and one of them, level 0 for 0.95.
 *  Errors: _INVALID_ARGUMENT. */
GRADUS_API size_t gradus_fit_effects(const gradus_fit *fit);
GRADUS_API gradus_status gradus_fit_effect(const gradus_fit *fit, size_t index, double level,
                                           gradus_effect *effect, gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
