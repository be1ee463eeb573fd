// SPDX-License-Identifier: GPL-3.0-or-later
/** Standard errors, tests, intervals, diagnostics, predictions. Layer: inference. */
#ifndef GRADUS_INFERENCE_H
#define GRADUS_INFERENCE_H

#include <gradus/fit.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One row of the coefficient table. What does not exist (a dropped column, a penalised fit, no
 * residual df) is NaN. */
typedef struct gradus_term {
  const char *term;     /**< "(Intercept)", "wt" */
  const char *response; /**< name of the response */
  double estimate;
  double std_error; /**< of the classical or, after gradus_fit_set_robust, the robust covariance */
  double
      statistic;  /**< t = estimate / std_error, df_residual degrees of freedom; z of a generalised
                     linear model with known dispersion; what gradus_fit_set_intervals says */
  double p_value; /**< two-sided */
  double conf_low, conf_high;
  bool dropped;  /**< the column was dropped (aliased) */
  bool infinite; /**< the response is separated: the estimate is Inf or -Inf, or NaN where the
                    likelihood leaves the direction undetermined; no error, test or interval */
} gradus_term;

/** Row of one coefficient; level: of the confidence interval, 0 for 0.95, or for the level that
 * gradus_fit_set_intervals was given. Errors: _INVALID_ARGUMENT (index or level; a level for which
 * no profile was computed). */
GRADUS_API gradus_status gradus_fit_term(const gradus_fit *fit, size_t response, size_t coefficient,
                                         double level, gradus_term *term, gradus_error *err);

/** The model row, for one response. Conventions are those of R's lm: σ² = RSS/(n - rank); AIC, BIC
 * and logLik count σ² as a parameter; without an intercept R² and F are about zero, not about the
 * mean (`uncentred`). */
typedef struct gradus_summary {
  double nobs; /**< rows used; Σw for frequency weights; rows with w > 0 for analytic ones */
  size_t dropped_rows; /**< rows left out for a missing value */
  size_t rank;         /**< estimated coefficients of one response, the intercept included */
  double df;           /**< rank, less 1 for the intercept: numerator of F */
  double df_residual;  /**< n - rank */
  double sigma;        /**< residual standard error */
  double r_squared, adj_r_squared;
  bool uncentred;   /**< r_squared and statistic are about zero */
  double statistic; /**< F */
  double p_value;   /**< of F */
  double log_lik, aic, bic;
  double deviance;      /**< Σw(y - ŷ)² */
  double null_deviance; /**< Σw(y - ȳ)², or Σwy² without an intercept (offset taken off) */
  double dispersion;    /**< σ² */
  double residual_quantile[5]; /**< minimum, quartiles, maximum (R's type 7) of √w(y - ŷ) */
  double effective_df;         /**< trace of the hat matrix; rank unless penalised */
} gradus_summary;

GRADUS_API gradus_status gradus_fit_summary(const gradus_fit *fit, size_t response,
                                            gradus_summary *summary, gradus_error *err);

/** Covariance q×q of one response's coefficients (intercept first); NaN in rows and columns of
 * dropped ones. Errors: _SHAPE, _UNSUPPORTED (a penalised fit has none). */
GRADUS_API gradus_status gradus_fit_covariance(const gradus_fit *fit, size_t response,
                                               gsl_matrix *covariance, gradus_error *err);

/** Makes a heteroscedasticity-consistent covariance the one that standard errors, tests, intervals
 * and predictions of this fit use from now on. `source`: the rows that were fitted. Warning:
 * _LEVERAGE_ONE (HC2, HC3: a row with hat value 1 has no such residual; standard errors are NaN).
 * Errors: _UNSUPPORTED (penalised), _SHAPE, _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_fit_set_robust(gradus_fit *fit, const gradus_source *source,
                                               gradus_robust type, gradus_error *err);
GRADUS_API gradus_robust gradus_fit_robust(const gradus_fit *fit);

/** Makes the confidence intervals of a generalised linear model's coefficients those of the profile
 * likelihood (Venables and Ripley 2002, section 8.4; R's confint of a glm): the values that the
 * coefficient can be held at without raising the least deviance by more than the squared normal
 * quantile of `level` (0: 0.95) times the dispersion of the fit. A limit that does not exist is Inf
 * or -Inf. With GRADUS_INTERVALS_LR a term's statistic and p-value are those of the
 * likelihood-ratio test of leaving it out: the rise of the deviance, chi-square with 1 degree of
 * freedom, or over the dispersion where that is estimated, F with 1 and df_residual. `source`: the
 * rows that were fitted. Of Firth's estimates it is the penalised likelihood that is profiled (with
 * the prior of all columns, as R's logistf has it), and the tests are penalised-likelihood-ratio
 * tests. Of a separated response infinite estimates have such intervals and tests too.
 *
 * Cost: some 15 fits for every coefficient. Warning: _UNDEFINED (a limit was not found, and is
 * NaN). Errors: _UNSUPPORTED (a linear model, a fit that did not converge, robust standard errors),
 * _SHAPE, _INVALID_ARGUMENT (method or level), _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_fit_set_intervals(gradus_fit *fit, const gradus_source *source,
                                                  gradus_intervals method, double level,
                                                  gradus_error *err);
GRADUS_API gradus_intervals gradus_fit_intervals(const gradus_fit *fit);

/** Observation rows: n values each (n×k row-major where there are several responses, hat always n).
 */
typedef struct gradus_diagnostics {
  size_t rows, responses;
  size_t *row; /**< number of each row in the data, from 0 */
  double *fitted, *resid;
  double *hat;           /**< leverage */
  double *std_resid;     /**< r√w / (σ√(1-h)) (R's rstandard) */
  double *student_resid; /**< with σ from the other rows (R's rstudent) */
  double *cooksd;        /**< Cook's distance */
  double *dffits;
} gradus_diagnostics;

/** Diagnostics of the rows that were fitted. Warning: _LEVERAGE_ONE (NaN where a row has hat value
 * 1). */
GRADUS_API gradus_status gradus_fit_diagnostics(const gradus_fit *fit, const gradus_source *source,
                                                gradus_diagnostics **diagnostics,
                                                gradus_error *err);
GRADUS_API void gradus_diagnostics_free(gradus_diagnostics *diagnostics);

typedef enum gradus_interval {
  GRADUS_INTERVAL_NONE = 0,
  GRADUS_INTERVAL_CONFIDENCE, /**< for the mean of the response */
  GRADUS_INTERVAL_PREDICTION  /**< for one new observation (of weight 1) */
} gradus_interval;

/** What to predict of a generalised linear model. */
typedef enum gradus_predict_type {
  GRADUS_PREDICT_RESPONSE = 0, /**< the mean μ: a probability, a rate */
  GRADUS_PREDICT_LINK          /**< the linear predictor η */
} gradus_predict_type;

typedef struct gradus_predict_options {
  gradus_predict_type type; /**< a linear model's are one */
  gradus_interval interval;
  double level;   /**< 0: 0.95 */
  bool std_error; /**< standard error of the mean */
  int threads;
} gradus_predict_options;

/** Predictions aligned with the rows of the input; NaN where a used value is missing. n×k,
 * row-major. */
typedef struct gradus_prediction {
  size_t rows, responses;
  double *fitted;
  double *std_error;  /**< NULL unless asked for */
  double *low, *high; /**< NULL without an interval */
} gradus_prediction;

/** Predicts for the rows of a frame. Dropped columns count as zero (R; predictions of rows that
 * break the relation are not estimable).
 *
 * Where the response was separated (GRADUS_SEPARATION_LIMIT) predictions are the limit along the
 * separating direction: a row that it moves has the linear predictor Inf or -Inf and the
 * probability 0 or 1, without a standard error; a row that the rows which are not separated
 * determine has a finite one, with its error; any other row, where infinite parts cancel, is NaN,
 * with the warning _SEPARATION. Errors: _UNKNOWN_COLUMN, _UNKNOWN_LEVEL (level, row, known levels),
 * _NON_FINITE, _UNSUPPORTED (a fit from matrices; intervals of a penalised fit), _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_predict(gradus_prediction **prediction, const gradus_fit *fit,
                                        const gradus_frame *frame,
                                        const gradus_predict_options *options, gradus_error *err);
/** Predicts for the rows of a matrix n×p. Errors: _SHAPE, … */
GRADUS_API gradus_status gradus_predict_matrix(gradus_prediction **prediction,
                                               const gradus_fit *fit, const gsl_matrix *x,
                                               const gradus_predict_options *options,
                                               gradus_error *err);
GRADUS_API void gradus_prediction_free(gradus_prediction *prediction);

#ifdef __cplusplus
}
#endif
#endif
