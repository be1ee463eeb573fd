// SPDX-License-Identifier: GPL-3.0-or-later
/** Models at their solution. Layer: model.
 *
 *  A fit owns its parameters, what inference needs, and, if it came from a formula, its design;
 * never the data. */
#ifndef GRADUS_FIT_H
#define GRADUS_FIT_H

#include <gradus/params.h>
#include <gradus/solver.h>
#include <gradus/source.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gradus_fit gradus_fit;

typedef enum gradus_collinear {
  GRADUS_COLLINEAR_DROP = 0, /**< drop columns that earlier ones determine, and warn (R's lm) */
  GRADUS_COLLINEAR_ERROR     /**< GRADUS_ERROR_COLLINEAR, naming them */
} gradus_collinear;

/** What becomes of a binary or multinomial response that the columns separate, so that the
 * likelihood has no maximum. */
typedef enum gradus_separation {
  GRADUS_SEPARATION_ERROR = 0, /**< GRADUS_ERROR_SEPARATION, naming the columns */
  GRADUS_SEPARATION_LIMIT      /**< the fit is the likelihood's limit, with a warning */
} gradus_separation;

/** Which covariance a fit's standard errors come from (gradus_fit_set_robust). */
typedef enum gradus_robust {
  GRADUS_ROBUST_NONE = 0,
  GRADUS_ROBUST_HC0, /**< White (1980) */
  GRADUS_ROBUST_HC1, /**< times n/(n - rank) */
  GRADUS_ROBUST_HC2, /**< residuals over √(1 - h) */
  GRADUS_ROBUST_HC3  /**< residuals over 1 - h (MacKinnon and White 1985) */
} gradus_robust;

/** What the intervals and tests of a generalised linear model's terms rest on
 * (gradus_fit_set_intervals). */
typedef enum gradus_intervals {
  GRADUS_INTERVALS_WALD = 0, /**< estimate ± quantile · standard error */
  GRADUS_INTERVALS_PROFILE,  /**< limits by the profile likelihood; Wald tests */
  GRADUS_INTERVALS_LR        /**< the same limits; likelihood-ratio tests */
} gradus_intervals;

/** How to fit; NULL or all zero means the defaults. */
typedef struct gradus_fit_options {
  const char *solver; /**< NULL or "auto": closed form for linear models, irls for generalised ones,
                         and newton for penalised or long ones; "cholesky", "qr", "svd" (minimum
                         norm) for linear models, "irls" for generalised ones; "newton",
                         "levenberg-marquardt", "lbfgs", "gradient-descent" for all */
  double l2; /**< λ ≥ 0 of the penalty λ/2·‖W‖² beside the mean loss Σwᵢℓᵢ/Σwᵢ; weights only, never
                the bias */
  bool no_intercept; /**< for matrices; a formula says `- 1` */
  gradus_collinear collinear;
  gradus_weight_kind weight_kind; /**< kind of the weights, below or of the matrix call */
  const char *weights;            /**< for frames: the weight column */
  int threads; /**< 0: as many as OpenMP takes. The result is the same to the bit for any number */
  /* Generalised linear models: */
  const char *family; /**< "binomial", "quasibinomial", "poisson", "quasipoisson", "gamma",
                         "inverse_gaussian", "negative_binomial", "gaussian"; NULL: binomial for
                         gradus_logistic_fit, else gaussian */
  const char *link;   /**< "logit", "probit", "cloglog", "cauchit", "log", "identity", "inverse",
                         "sqrt", "1/mu^2"; NULL: the family's default (R's) */
  double theta; /**< θ > 0 of the negative binomial, whose variance is μ + μ²/θ; 0: estimated by
                     maximum likelihood (MASS's glm.nb) */
  gradus_separation separation;
  bool firth; /**< binomial with the logit link, and multinomial: Firth's bias-reduced estimates */
  /* Iterative solvers: */
  size_t max_iterations; /**< 0: 300 for irls, Firth's method and newton, 1000 for
                            levenberg-marquardt, 10000 for lbfgs, 100000 for gradient-descent, 100
                            epochs for mini-batches (more for networks of few rows) */
  double tolerance;      /**< of the certificate; 0: 1e-12, and for newton and irls a standstill */
  const gradus_params *start; /**< parameters to start from, of the model's shape; NULL: the weights
                                 0 and the bias of the model without inputs, and R's starting means
                                 for irls. Closed forms do not look at it */
  bool l2_bias;               /**< penalise the bias as well */
  unsigned long seed;         /**< of the order of rows in mini-batches */
  gradus_descent_options descent;    /**< of gradient-descent */
  gradus_progress_function progress; /**< closed forms call it once, at the solution */
  void *progress_context;
} gradus_fit_options;

/** Linear regression of a formula in a frame, by least squares: minimises Σwᵢ(yᵢ - oᵢ - bᵢ - Wxᵢ)².
 *
 *  Algorithm: small problems by QR and, where the conditioning asks for it, once more in
 * double-double arithmetic; tall ones by the Cholesky factor of the centred Gram matrix, or QR by
 * blocks of rows where that factor would lose digits; in all of them the estimates are refined by
 *  residuals in double-double arithmetic (Björck 1967). gradus_fit_solver tells which way was
 * taken. Columns of `I()` and `poly(, raw)` enter with their rounding errors. Cost: n·p²
 * operations; memory p² and one block of rows beside the data.
 *
 *  Warnings (the answer stands): _RANK_DEFICIENT, _ILL_CONDITIONED, _OVERFLOW, _CONSTANT_RESPONSE,
 * _PERFECT_FIT, _NO_RESIDUAL_DF. Errors: of gradus_design_new and gradus_source_from_frame;
 * _UNDERDETERMINED (fewer rows than parameters), _COLLINEAR, _BAD_RESPONSE (a factor), _NON_FINITE,
 * _INVALID_ARGUMENT (options), _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_linear_fit(gradus_fit **fit, const char *formula,
                                           const gradus_frame *frame,
                                           const gradus_fit_options *options, gradus_error *err);

/** The same from plain matrices, borrowed for the call: x n×p without a column of ones, y n×k,
 * weights n or NULL. */
GRADUS_API gradus_status gradus_linear_fit_matrix(gradus_fit **fit, const gsl_matrix *x,
                                                  const gsl_matrix *y, const gsl_vector *weights,
                                                  const gradus_fit_options *options,
                                                  gradus_error *err);

/** The same for one response. */
GRADUS_API gradus_status gradus_linear_fit_vector(gradus_fit **fit, const gsl_matrix *x,
                                                  const gsl_vector *y, const gsl_vector *weights,
                                                  const gradus_fit_options *options,
                                                  gradus_error *err);

/** The same from any source; without an intercept if options->no_intercept. */
GRADUS_API gradus_status gradus_linear_fit_source(gradus_fit **fit, const gradus_source *source,
                                                  const gradus_fit_options *options,
                                                  gradus_error *err);

/** A generalised linear model of a formula in a frame, by iteratively reweighted least squares.
 *
 *  Binomial responses are 0 and 1, a factor of two levels (the first is failure), a proportion with
 *  its number of trials as prior weights, or `cbind(successes, failures)`. The iteration ends where
 * the estimates stand still; weights and standard errors are those of the final estimate. Every
 * least-squares step is solved as gradus_linear_fit solves (rank, threads, streams).
 *
 *  A fit that has not converged within max_iterations is no error: gradus_fit_solver tells, and
 * standard errors are NaN.
 *
 *  Where the columns separate a binary response the likelihood has no maximum. With
 * GRADUS_SEPARATION_LIMIT the fit is then that of its limit along the separating direction (Geyer
 * 2009, Electronic Journal of Statistics 3:259-289): the rows that some direction separates have
 * probability 0 or 1 and drop out; the other rows determine the coefficients that no direction
 * moves, with their standard errors and tests; the others are infinite, or NaN where the likelihood
 * does not say which way they go (gradus_fit_infinite), without errors, tests and intervals.
 * Deviance and log-likelihood are those of the limit; degrees of freedom and AIC count all columns,
 * as R does. Other links than log only.
 *
 *  With options->firth the estimates maximise the likelihood times Jeffreys' prior |XᵀWX|^½ (Firth
 * 1993, Biometrika 80:27-38; R's logistf): their bias is of second order, and they are finite for
 * any data, separated ones too. Standard errors are those of the inverse Fisher information there;
 * the deviance is that of the estimates, gradus_fit_penalised_log_lik the maximum.
 * gradus_fit_set_intervals gives tests and intervals by the penalised likelihood, which are to be
 * preferred to Wald's (Heinze and Schemper 2002). Other families and links: _UNSUPPORTED.
 *
 *  Warnings: _RANK_DEFICIENT, _ILL_CONDITIONED, _SEPARATION (names the columns, and where they go),
 * _NOT_OVERDISPERSED (negative binomial: θ is infinite).
 * Errors: those of gradus_linear_fit; _BAD_RESPONSE (row and value outside the family), _SEPARATION
 * (names the columns; with the default of options->separation), _INVALID_ARGUMENT (family, link or
 * theta).
 */
GRADUS_API gradus_status gradus_glm_fit(gradus_fit **fit, const char *formula,
                                        const gradus_frame *frame,
                                        const gradus_fit_options *options, gradus_error *err);
/** The same from plain matrices: x n×p without a column of ones, y n, offset n or NULL. */
GRADUS_API gradus_status gradus_glm_fit_matrix(gradus_fit **fit, const gsl_matrix *x,
                                               const gsl_vector *y, const gsl_vector *weights,
                                               const gsl_vector *offset,
                                               const gradus_fit_options *options,
                                               gradus_error *err);
/** Logistic regression: gradus_glm_fit with the family binomial. */
GRADUS_API gradus_status gradus_logistic_fit(gradus_fit **fit, const char *formula,
                                             const gradus_frame *frame,
                                             const gradus_fit_options *options, gradus_error *err);

/** Multinomial (softmax) regression of a formula in a frame: of K ≥ 2 classes the probabilities
 *  exp(ηᵣ) / Σₛ exp(ηₛ), with one row of weights and one bias for every class but the first, the
 *  reference, whose linear predictor is 0 (R's nnet::multinom). The response is a factor (a column
 * of text, or factor(y)); gradus_frame_set_levels and gradus_frame_set_reference choose the order.
 *
 *  Minimises -Σwᵢ log p(yᵢ)/Σwᵢ + λ/2·‖W‖². Solvers: "newton" (the default up to 300 parameters),
 *  which ends where the estimates stand still, "lbfgs" (beyond), "gradient-descent". Covariance:
 * the inverse of the Fisher matrix of all coefficients at the final estimate; standard normal
 * tests. Weights of the kind frequency or prior (case weights) multiply a row's log-likelihood.
 * gradus_summary: deviance = -2 log-likelihood; K-1 times rank parameters; df_residual = n(K-1)
 * less that, where n is Σw for frequency weights (nnet's anova), else the number of rows with w >
 * 0; null_deviance: with the classes' shares (without an intercept: with equal ones).
 *
 *  Where the columns separate classes the likelihood has no maximum (not with a penalty). With
 * GRADUS_SEPARATION_LIMIT the fit is then that of its limit: in each row the classes that some
 * direction separates from its own have probability 0 and drop out; the likelihood of the row's
 * class among those that are left determines the coefficients that no direction moves, and the
 * others are infinite, as for gradus_glm_fit. Which these are depends on the reference; the
 * probabilities do not.
 *
 *  With options->firth the estimates maximise the likelihood times |I|^½ of the Fisher matrix I of
 * all coefficients (Firth 1993; Kosmidis and Firth 2011, Biometrika 98:755-759; R's brglm2), as for
 * gradus_glm_fit; tests and intervals are Wald's.
 *
 *  Not converging is no error: gradus_fit_solver tells. With a penalty there is no covariance.
 *  Warnings: _RANK_DEFICIENT, _ILL_CONDITIONED, _SEPARATION (names columns, classes and directions;
 * or too large to look for it). Errors:
 * those of gradus_linear_fit; _BAD_RESPONSE (a
 * number, several responses, fewer than two levels, a class without a row of positive weight),
 *  _SEPARATION (names columns, classes and directions; with the default of options->separation),
 * _BAD_WEIGHT (analytic), _UNSUPPORTED (offsets; Firth's method with a solver or a penalty),
 * _INVALID_ARGUMENT (solver). */
GRADUS_API gradus_status gradus_multinomial_fit(gradus_fit **fit, const char *formula,
                                                const gradus_frame *frame,
                                                const gradus_fit_options *options,
                                                gradus_error *err);
/** The same from plain matrices: x n×p without a column of ones, y n class numbers 0..K-1. */
GRADUS_API gradus_status gradus_multinomial_fit_matrix(gradus_fit **fit, const gsl_matrix *x,
                                                       const gsl_vector *y,
                                                       const gsl_vector *weights,
                                                       const gradus_fit_options *options,
                                                       gradus_error *err);
/** Family and link of a generalised linear model ("multinomial", "logit" of a multinomial one);
 * NULL for a linear one. Static storage. */
GRADUS_API const char *gradus_fit_family(const gradus_fit *fit);
GRADUS_API const char *gradus_fit_link(const gradus_fit *fit);
/** The level of a factor response whose probability is modelled; NULL if there is none. */
GRADUS_API const char *gradus_fit_modelled_level(const gradus_fit *fit);

/** θ of a negative binomial model, estimated or given: infinite where the counts are not
 * overdispersed (the Poisson model then), NaN for other families and for estimates that have not
 * converged. Its standard error (MASS's SE.theta: from the observed information at the estimated
 * coefficients) is NaN for a θ that was given or is infinite. */
GRADUS_API double gradus_fit_theta(const gradus_fit *fit);
GRADUS_API double gradus_fit_theta_std_error(const gradus_fit *fit);
/** Whether the estimates are Firth's, and then the penalised log-likelihood, log L + ½ log|XᵀWX|
 * (NaN for others). */
GRADUS_API bool gradus_fit_is_firth(const gradus_fit *fit);
GRADUS_API double gradus_fit_penalised_log_lik(const gradus_fit *fit);

GRADUS_API void gradus_fit_free(gradus_fit *fit);

/** "linear", "glm", "multinomial" or "network". */
GRADUS_API const char *gradus_fit_model(const gradus_fit *fit);
/** The parameters: output.weight [k, p] and output.bias [k]. A dropped column's weight is NaN (R's
 * NA). */
GRADUS_API const gradus_params *gradus_fit_params(const gradus_fit *fit);
/** The design, or NULL if the fit came from matrices. */
GRADUS_API const gradus_design *gradus_fit_design(const gradus_fit *fit);

/** Warnings in the order they arose: code and sentence. */
GRADUS_API size_t gradus_fit_warnings(const gradus_fit *fit);
GRADUS_API const gradus_error *gradus_fit_warning(const gradus_fit *fit, size_t index);

/** How the solution was found, and its certificate. */
typedef struct gradus_solver_report {
  const char *name;   /**< "cholesky", "qr", "svd"; "irls" (Firth's method too), "newton", "lbfgs",
                         "gradient-descent" */
  const char *method; /**< in words: "Householder QR, refined by double-double residuals" */
  const char *stop;   /**< "closed form", "the estimates stand still", "the gradient is within the
                         tolerance", "the maximum number of iterations", … */
  bool converged;     /**< else the estimates are where the solver ended, without standard errors */
  size_t iterations;  /**< refinement steps of a closed form; epochs of mini-batches */
  /** 0 at the exact solution. Closed forms: max over j of |xⱼᵀW(y - Xb) - penalty| / (‖xⱼ‖·‖y‖),
   * norms weighted. irls: length of the last step beside that of the linear predictor. The others:
   * max over j of |∂F/∂θⱼ| for columns of mean 0 and deviation 1, over the root mean square of the
   * rows' scores in the model without inputs. */
  double certificate;
  double condition; /**< estimated condition number of the design with its columns scaled to one
                       length (centred for "cholesky") */
} gradus_solver_report;
GRADUS_API const gradus_solver_report *gradus_fit_solver(const gradus_fit *fit);

/** Whether the estimate of a coefficient of a response is at infinity, because the columns separate
 * the response; then the estimate is Inf, -Inf, or NaN where the likelihood leaves the direction
 * undetermined. */
GRADUS_API bool gradus_fit_infinite(const gradus_fit *fit, size_t response, size_t coefficient);

/** Number of coefficients of one response, intercept first: p + 1, or p without an intercept; 0 of
 * a network with hidden layers. */
GRADUS_API size_t gradus_fit_coefficients(const gradus_fit *fit);
/** k; K - 1 of a multinomial model, whose responses are its classes but the first. */
GRADUS_API size_t gradus_fit_responses(const gradus_fit *fit);
/** Name of coefficient 0 ≤ j < gradus_fit_coefficients: "(Intercept)", "wt"; "x1".. if the fit came
 * from matrices. */
GRADUS_API const char *gradus_fit_coefficient_name(const gradus_fit *fit, size_t coefficient);
GRADUS_API const char *gradus_fit_response_name(const gradus_fit *fit, size_t response);
/** The estimate; NaN for a dropped column. */
GRADUS_API double gradus_fit_coefficient(const gradus_fit *fit, size_t response,
                                         size_t coefficient);
/** For a dropped column which columns it equals ("x2 = 2*x1"), else NULL. */
GRADUS_API const char *gradus_fit_alias(const gradus_fit *fit, size_t coefficient);

#ifdef __cplusplus
}
#endif
#endif
