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
  const char *response; /**< name of the response; the level of a multinomial model's */
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

/** What exp(estimate) is: "odds ratio" (logit), "hazard ratio" (cloglog), "risk ratio" (log,
 * binomial), "rate ratio" (log, counts), "ratio of means" (log, other families); NULL where it has
 * no meaning. Of an intercept it is the odds, rate, … itself. Static storage. */
GRADUS_API const char *gradus_fit_ratio(const gradus_fit *fit);

/** The model row, for one response. Conventions are those of R's lm: σ² = RSS/(n - rank); AIC, BIC
 * and logLik count σ² as a parameter; without an intercept R² and F are about zero, not about the
 * mean (`uncentred`). */
typedef struct gradus_summary {
  double nobs; /**< rows used; Σw for frequency weights; rows with w > 0 for analytic ones */
  size_t dropped_rows; /**< rows left out for a missing value */
  size_t rank;         /**< estimated coefficients of one response, the intercept included */
  double df;           /**< rank, less 1 for the intercept: numerator of F; of a multinomial model
                          that times K - 1 */
  double df_residual;  /**< n - rank; of a multinomial model (n - rank)(K - 1) */
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
  /** Of generalised linear models with a likelihood that have converged, else NaN. The null model
   * is the one of null_deviance: intercept (if the model has one), offset and weights. L is the
   * likelihood, n is nobs. McFadden's and Nagelkerke's are NaN where the likelihood is a density
   * (gaussian, gamma, inverse gaussian): they would depend on the unit of the response. */
  double null_log_lik;
  double r_squared_mcfadden;  /**< 1 - log L / log L₀ */
  double r_squared_cox_snell; /**< 1 - (L₀/L)^(2/n) */
  double r_squared_nagelkerke; /**< Cox and Snell's over the largest that it can be, 1 - L₀^(2/n) */
} gradus_summary;

GRADUS_API gradus_status gradus_fit_summary(const gradus_fit *fit, size_t response,
                                            gradus_summary *summary, gradus_error *err);

/** Covariance q×q of one response's coefficients (intercept first); NaN in rows and columns of
 * dropped ones. Errors: _SHAPE, _UNSUPPORTED (a penalised fit has none). */
GRADUS_API gradus_status gradus_fit_covariance(const gradus_fit *fit, size_t response,
                                               gsl_matrix *covariance, gradus_error *err);

/** Covariance of the coefficients of all responses together, kq×kq, those of the first response
 * first: of a multinomial model, or of any with one response. Errors: as above; _UNSUPPORTED also
 * for a linear fit of several responses. */
GRADUS_API gradus_status gradus_fit_covariance_joint(const gradus_fit *fit, gsl_matrix *covariance,
                                                     gradus_error *err);

/** Makes a heteroscedasticity-consistent covariance the one that standard errors, tests, intervals
 * and predictions of this fit use from now on; of a generalised linear model the one of its working
 * residuals and weights (R's sandwich::vcovHC; Zeileis 2006, Journal of Statistical Software
 * 16(9)). `source`: the rows that were fitted (not looked at for GRADUS_ROBUST_NONE). Warning:
 * _LEVERAGE_ONE (HC2, HC3: a row with hat value 1 has no such residual; standard errors are NaN).
 * Errors: _UNSUPPORTED (penalised, not converged, intervals by the profile likelihood), _SHAPE,
 * _BAD_RESPONSE (outside the family),
 * _OUT_OF_MEMORY. */
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
 *  NaN for rows of weight 0.
 *
 *  Of a generalised linear model, as R has them, with d the deviance residual sign(y - μ)√(w·unit
 * deviance), p the Pearson residual (y - μ)√(w/V(μ)), φ the dispersion and h the leverage: resid =
 * d; std_resid = d/√(φ(1-h)); student_resid = sign(d)√(d² + p²h/(1-h)) (Williams 1987), over σ
 * where the dispersion is estimated; cooksd = p²h/((1-h)²φ·rank); dffits = d√h/(σ(1-h)); σ² =
 * (deviance - d²/(1-h))/(df_residual - 1), the other rows' deviance. */
typedef struct gradus_diagnostics {
  size_t rows, responses;
  size_t *row;           /**< number of each row in the data, from 0 */
  double *fitted;        /**< ŷ; of a generalised linear model the mean μ */
  double *resid;         /**< y - ŷ; of a generalised linear model the deviance residual */
  double *hat;           /**< leverage */
  double *std_resid;     /**< r√w / (σ√(1-h)) (R's rstandard) */
  double *student_resid; /**< with σ from the other rows (R's rstudent) */
  double *cooksd;        /**< Cook's distance */
  double *dffits;
  double *pearson_resid; /**< NULL for a linear model */
  double *working_resid; /**< (y - μ)/(dμ/dη); NULL for a linear model */
} gradus_diagnostics;

/** Diagnostics of the rows that were fitted. Warning: _LEVERAGE_ONE (NaN where a row has hat value
 * 1). Errors: those of gradus_fit_set_robust. */
GRADUS_API gradus_status gradus_fit_diagnostics(const gradus_fit *fit, const gradus_source *source,
                                                gradus_diagnostics **diagnostics,
                                                gradus_error *err);
GRADUS_API void gradus_diagnostics_free(gradus_diagnostics *diagnostics);

typedef enum gradus_interval {
  GRADUS_INTERVAL_NONE = 0,
  GRADUS_INTERVAL_CONFIDENCE, /**< for the mean of the response */
  GRADUS_INTERVAL_PREDICTION  /**< for one new observation (of weight 1) */
} gradus_interval;

/** What to predict. */
typedef enum gradus_predict_type {
  GRADUS_PREDICT_RESPONSE = 0, /**< the mean μ: a probability, a rate */
  GRADUS_PREDICT_LINK,         /**< the linear predictor η; a linear model's is its mean */
  GRADUS_PREDICT_CLASS,        /**< the class of a binomial response, from its mean; of a
                                  multinomial one the likeliest, the first of equals */
  GRADUS_PREDICT_TERMS /**< what each term adds to η: Σ bⱼ(xⱼ - mean of xⱼ) over its columns,
                          as R's predict(type = "terms"); needs gradus_fit_set_means, but
                          where there is no intercept, and so no centring */
} gradus_predict_type;

typedef struct gradus_predict_options {
  gradus_predict_type type;
  gradus_interval interval; /**< prediction intervals: of linear models, and of the family gaussian
                               with the link identity */
  double level;             /**< 0: 0.95 */
  bool std_error;           /**< standard error of the mean, or of each term */
  double threshold; /**< class: a row is a success where its mean is at least this; 0: 0.5; below 0
                       every row is */
  int threads;
} gradus_predict_options;

/** Predictions aligned with the rows of the input (of a network with a response at each of T steps
 * row i·T + t is step t of row i, NaN beyond its length; of one whose frame has the
 * steps of sequences as rows: at the row of the step, or at a sequence's last row, else NaN); NaN
 * where a used value is missing. n×columns, row-major. A multinomial model has K probabilities a
 * row, the reference first (standard errors by the delta method; intervals are made for log(p/(1 -
 * p)) and carried back), or K - 1 linear predictors, and no terms. */
typedef struct gradus_prediction {
  size_t rows, responses;
  size_t columns;     /**< k; of terms k × number of terms, those of one response side by side */
  double *fitted;     /**< of classes the means that decide */
  double *std_error;  /**< NULL unless asked for */
  double *low, *high; /**< NULL without an interval */
  /** Terms; NULL for other types. Every row's terms, and the constant, make η less the offset. */
  size_t terms;
  const char **term; /**< their labels, which the fit owns */
  double *constant;  /**< k */
  /** Classes, n: index for gradus_fit_class_name; -1 where a used value is missing. NULL for other
   * types. */
  int *class_index;
} gradus_prediction;

/** The number of classes of a binomial or multinomial response (0: it is no class), and their
 * names: the levels of a factor response, in order (a multinomial model's reference first), or
 * their numbers. */
GRADUS_API size_t gradus_fit_classes(const gradus_fit *fit);
GRADUS_API const char *gradus_fit_class_name(const gradus_fit *fit, size_t class_index);

/** Keeps the means of the columns in the rows that were fitted, at which terms are centred. They
 * are plain means, as in R, whatever the weights, but that frequencies count rows. A model file
 * keeps them too. Cost: one pass. Errors: _SHAPE, _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_fit_set_means(gradus_fit *fit, const gradus_source *source,
                                              gradus_error *err);

/** Predicts for the rows of a frame. Dropped columns count as zero (R; predictions of rows that
 * break the relation are not estimable).
 *
 * Where the response was separated (GRADUS_SEPARATION_LIMIT) predictions are the limit along the
 * separating direction: a row that it moves has the linear predictor Inf or -Inf and the
 * probability 0 or 1, without a standard error; a row that the rows which are not separated
 * determine has a finite one, with its error; any other row, where infinite parts cancel, is NaN,
 * with the warning _SEPARATION. Errors: _UNKNOWN_COLUMN, _UNKNOWN_LEVEL (level, row, known levels),
 * _NON_FINITE, _UNSUPPORTED (a fit from matrices; intervals of a penalised fit; classes of a model
 * that has none; terms without their means or of infinite estimates), _INVALID_ARGUMENT (what
 * classes or terms do not have), _OUT_OF_MEMORY. */
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
