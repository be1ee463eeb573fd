// SPDX-License-Identifier: GPL-3.0-or-later
/* Model layer: what a fit holds. */
#ifndef GRADUS_MODEL_INTERNAL_H
#define GRADUS_MODEL_INTERNAL_H

#include "../solver/internal.h"
#include <gradus/fit.h>

enum { GRADUS_I_WARNINGS_MAX = 16 };

/* Per response. Sums of squares are of the response divided by `scale`, a power of two, so that
   they neither overflow nor underflow; sigma = scale * sqrt(rss / df). */
typedef struct gradus_i_response {
  char *name;
  double scale;
  double rss, tss,
      mss; /* tss about the mean, or about zero without an intercept; mss of the fitted values */
  double residual_quantile[5]; /* in the units of the response */
} gradus_i_response;

/* The limit of a likelihood without a maximum. A row x goes to infinity with the product of x -
   centre (intercept 1) and direction; where that is 0 the rows that are not separated determine its
   predictor by estimate, unless a vector of space (that all separating directions span) moves it.
   Each has the q coefficients of every response, one after the other. Of classes differences of
   predictors count, that of the reference being 0: those whose products with direction are not the
   largest are impossible. */
typedef struct gradus_i_limit {
  size_t width;      /* k*q */
  size_t dimensions; /* of space */
  double *rows;      /* all that follows, one block of (3 + dimensions)*width */
  double *centre, *estimate, *direction, *space;
} gradus_i_limit;

/* What only networks have (network.h). */
typedef struct gradus_i_network_fit gradus_i_network_fit;

/* q = coefficients of one response: the intercept (if any) first, then the p weights; 0 of a
   network with hidden layers. */
struct gradus_fit {
  const char *model;             /* static storage */
  gradus_i_network_fit *network; /* NULL for other models; owns the params */
  gradus_params *params;
  gradus_design *design; /* owned; NULL for a fit from matrices */
  bool has_intercept;
  size_t p, k, q, rank;
  char **alias;  /* q: relation of a dropped column, NULL for a kept one */
  bool *dropped; /* q */
  char **names;  /* q: made for fits from matrices, else NULL */

  /* Covariance of the coefficients of response r, as a product that keeps its digits where the
     covariance itself would lose them: with D the diagonal of column_scale (powers of two) and
     (root·rootᵀ) q×q, covariance = sigma_r² · D·root·rootᵀ·D,    variance of xb = sigma_r² ·
     |rootᵀ·D·x|². root is q×rank, row-major with q columns, zero beyond rank and in the rows of
     dropped columns. NULL: there is none (a penalised fit, or the minimum-norm solution of a
     singular problem). */
  double *root;         /* q*q */
  double *column_scale; /* q */
  /* 1; or k where root holds the coefficients of all responses together, response by response, in
     the place of q: (kq)*(kq), k*rank columns. */
  size_t joint;
  /* Robust: the same with sigma_r already in it (in units of responses[r].scale): k times q*q; NULL
   * unless asked for. */
  double *robust_root;
  gradus_robust robust_type;
  double *column_means; /* p: of the fitted rows; NULL unless asked for */

  gradus_weight_kind weight_kind;
  double nobs, df_residual; /* Σw for frequency weights */
  double effective_df;
  double sum_log_weight; /* analytic weights: logLik has it */
  size_t rows, dropped_rows;
  double l2;
  gradus_i_response *responses; /* k */

  /* Generalised linear models; family NULL for a linear one. Then responses[0].scale is 1, its
     residual quantiles are those of the deviance residuals, and the variances that root stands for
     are multiplied by the dispersion. */
  const char *family, *link; /* static storage: names in the tables of the objective layer */
  bool dispersion_known;     /* it is 1 */
  bool has_likelihood;
  bool firth;                  /* the estimates are Firth's */
  double half_log_determinant; /* and this is their prior's part: ½ log|XᵀWX| */
  double dispersion;
  double deviance, null_deviance, df_null, log_lik, null_log_lik;
  double likelihood_df; /* parameters that AIC counts: rank, and 1 for an estimated dispersion */
  char *modelled_level; /* or NULL */
  /* Multinomial models: the classes, the reference first, whose linear predictor is 0; responses
     are the others, named by their levels. NULL for other models. */
  char **levels; /* k + 1 */
  /* NULL unless the response is separated. Then the coefficients that are not dropped and not
     finite are at infinity, and root is that of the rows that are not separated. */
  gradus_i_limit *limit;
  double theta, theta_std_error; /* NaN where there is none */
  /* By the profile likelihood: 4q, namely low and high limits, statistics and p-values of
     likelihood-ratio tests; NULL unless asked for. */
  double *profile;
  gradus_intervals interval_method;
  double profile_level;

  gradus_solver_report solver; /* strings of static storage */
  gradus_error warnings[GRADUS_I_WARNINGS_MAX];
  size_t warning_count;
};

/* Adds a warning (beyond the maximum they are dropped), hands its sentence to err, and returns its
 * code. */
gradus_status gradus_i_fit_warn(gradus_fit *fit, gradus_error *err, gradus_status code,
                                const char *format, ...) GRADUS_I_PRINTF(4, 5);

/* A limit of so many coefficients, all zero, for the fit to own. */
gradus_status gradus_i_limit_new(gradus_i_limit **limit, size_t width, size_t dimensions,
                                 gradus_error *err);
void gradus_i_limit_free(gradus_i_limit *limit);

/* A source (borrowed) of two counts a row, successes and failures, as a source of proportions with
   the number of trials as prior weights. */
gradus_status gradus_i_group_trials(gradus_source **grouped, const gradus_source *source,
                                    gradus_error *err);

/* The regressions of a source; names come from the design, if any, which goes over to the fit.
   levels: of classes, or NULL. Errors: those of gradus_glm_fit and gradus_multinomial_fit. */
gradus_status gradus_i_glm_fit_source(gradus_fit **fit, const gradus_source *source,
                                      gradus_design **design, const gradus_fit_options *options,
                                      gradus_error *err);
gradus_status gradus_i_multinomial_fit_source(gradus_fit **fit, const gradus_source *source,
                                              size_t classes, const char *const *levels,
                                              gradus_design **design,
                                              const gradus_fit_options *options, gradus_error *err);

/* The design of a formula in a frame, with the weights of the options. */
gradus_status gradus_i_fit_design(gradus_design **design, const char *formula,
                                  const gradus_frame *frame, const gradus_fit_options *options,
                                  gradus_error *err);
/* Names of columns (x1, x2, ... without a design) and responses. */
gradus_status gradus_i_fit_name(gradus_fit *fit, gradus_error *err);
/* Which columns are dropped, and why. */
gradus_status gradus_i_fit_take_relations(gradus_fit *fit, const gradus_i_least_squares *s,
                                          gradus_error *err);
/* Trace of the hat matrix: the rank, unless penalised. */
double gradus_i_effective_df(const gradus_i_least_squares *s);
/* ---- signs.c: whether it is worth while to look for separation ---- */

/* Above this a variance, of a coefficient of a column with deviation 1 and times Σw, is a sign. */
extern const double gradus_i_separated_variance;
/* Up to this tolerance of a search: one that ends sooner has not gone far enough to tell. */
extern const double gradus_i_separated_tolerance;
/* The largest diagonal element of the inverse of a matrix (dim², upper triangle, column-major) less
   the rows and columns that are left out (dim, or NULL); Inf if it is not positive definite. */
gradus_status gradus_i_largest_inverse(double *largest, size_t dim, const double *matrix,
                                       const bool *left_out, gradus_error *err);
/* The largest such variance of the weights of a weighted problem; source: its rows, with their own
   weights, whose sum is `weight`. */
gradus_status gradus_i_largest_variance(double *largest, const gradus_i_least_squares *s,
                                        const gradus_source *source, double weight, int threads,
                                        gradus_error *err);

/* Warns of dropped columns, or (collinear error) fails; warns of an ill-conditioned design. */
gradus_status gradus_i_fit_warn_rank(gradus_fit *fit, gradus_collinear collinear,
                                     gradus_error *err);
void gradus_i_fit_warn_condition(gradus_fit *fit, double condition, gradus_error *err);

/* Log-likelihood of the null model, the one of null_deviance; the fit's own and both deviances are
   known. NaN where there is none. */
double gradus_i_null_log_likelihood(const gradus_fit *fit, double sum_weight);

/* Takes back the warnings of a code. */
void gradus_i_fit_forget(gradus_fit *fit, gradus_status code);

/* A fit of this shape with params and arrays allocated, everything zero but root, which is to be
 * written whole; `names` as in gradus_fit_coefficient_name come later. */
gradus_status gradus_i_fit_new(gradus_fit **fit, const char *model, size_t p, size_t k,
                               bool has_intercept, bool with_covariance, gradus_error *err);

/* Columns as a solver had them: (x - centre)·factor; p each. */
typedef struct gradus_i_standard {
  double *centre, *factor;
} gradus_i_standard;

/* root (joint) of a fit from its information: the sum over the rows of the Fisher matrix of θ for
   standardised columns (dim², upper triangle, column-major; weights, then biases), with the penalty
   (dim, or NULL) on its diagonal. left_out: dim, what has no error. With a penalty there is no
   root, but effective_df, the trace of (I + penalty)⁻¹·I. *definite: whether the matrix is, else
   nothing is set. */
gradus_status gradus_i_fit_take_information(gradus_fit *fit, const double *information,
                                            const double *penalty, const bool *left_out,
                                            const gradus_i_standard *standard, bool *definite,
                                            gradus_error *err);
/* root for the coefficients of all responses, all zero. */
gradus_status gradus_i_fit_add_joint_root(gradus_fit *fit, gradus_error *err);

/* Minimum, quartiles and maximum (R's type 7) of the values that are not NaN, which are reordered;
 * NaN if there is none. */
void gradus_i_quantiles(double *values, size_t rows, double quantile[5]);

#endif
