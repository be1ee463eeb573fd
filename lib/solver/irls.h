// SPDX-License-Identifier: GPL-3.0-or-later
/* Iteratively reweighted least squares: a generalised linear model as a sequence of least-squares
 * problems. */
#ifndef GRADUS_SOLVER_IRLS_H
#define GRADUS_SOLVER_IRLS_H

#include "../objective/internal.h"
#include "internal.h"

typedef struct gradus_i_irls gradus_i_irls;
/* After every step: its number, the deviance, Σw, the length of the step and the estimate (q). */
typedef bool (*gradus_i_irls_progress)(void *context, const gradus_i_irls *state);

typedef struct gradus_i_irls_options {
  const gradus_i_family *family;
  const gradus_i_link *link;
  double shape; /* of the families that have one */
  bool no_intercept;
  bool intercept_only; /* the null model: inputs are not looked at */
  int threads;
  size_t max_iterations; /* 0: 300 */
  bool frequency;        /* weights count rows */
  bool any_rank;         /* as many parameters as rows are no error */
  double enough;         /* relative length of a step after which none is needed: for a deviance,
                            whose error is its square; 0: the estimates are to stand still */
  double l2;             /* λ of the mean loss; gradus_i_irls_at alone knows it */
  bool l2_bias;
  const double *start; /* q: a first estimate whose means are allowed; NULL: R's starting means */
  double tolerance;    /* of the certificate; 0: until the estimates stand still */
  gradus_i_irls_progress progress; /* NULL: none; false ends the iteration */
  void *progress_context;
  size_t done; /* iterations of the solves before this one, for progress */
} gradus_i_irls_options;

/* Sums over the rows at an estimate; all with prior weights. */
typedef struct gradus_i_glm_sums {
  double rows, weight;            /* rows with a weight above 0, and Σw */
  double deviance, pearson;       /* Σ w d(y, μ), Σ w (y - μ)²/V(μ) */
  double total, total_weight_log; /* Σ w y, Σ log w */
  double extreme;                 /* rows whose mean is within 1e-8 of 0 or 1 (proportions) */
  double invalid;                 /* rows whose linear predictor or mean is not allowed */
  double blind; /* rows with a score and no Fisher weight: the estimate is far off */
} gradus_i_glm_sums;

struct gradus_i_irls {
  gradus_i_least_squares
      *step;              /* the weighted problem at the final estimate: rank, relations, root */
  double *estimate;       /* q, in the units of the data; 0 for dropped columns */
  gradus_i_glm_sums sums; /* at the estimate */
  double certificate;     /* length of the last step beside that of the linear predictor */
  size_t iterations;
  bool converged;
  const char *name, *how, *stop; /* static storage */
  double half_log_determinant;   /* of Firth's method (firth.h): ½ log|XᵀWX| */
};

gradus_status gradus_i_irls_solve(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *options, gradus_error *err);
/* The same at an estimate (q) that another solver found: the weighted problem there, with the
   options' penalty, and the sums; how it was found is the caller's to say. */
gradus_status gradus_i_irls_at(gradus_i_irls **solution, const gradus_source *source,
                               const gradus_i_irls_options *options, const double *estimate,
                               gradus_error *err);
/* The first step from R's starting means: which columns (q) earlier ones determine, and its
   estimate (q); either may be NULL. */
gradus_status gradus_i_irls_first(bool *dropped, double *estimate, const gradus_source *source,
                                  const gradus_i_irls_options *options, gradus_error *err);
/* The least-squares problem at an estimate (NULL: at R's starting means). rough: as for least
   squares. */
gradus_status gradus_i_irls_step(gradus_i_least_squares **step, const gradus_source *source,
                                 const gradus_i_irls_options *options, const double *estimate,
                                 bool rough, gradus_error *err);
void gradus_i_irls_free(gradus_i_irls *solution);
/* The same with the family's shape estimated too (options->shape afterwards; infinite where the
 * likelihood grows towards that limit), and its standard error (NaN where there is none): the
 * inverse root of the observed information at the estimated coefficients. */
gradus_status gradus_i_irls_solve_shape(gradus_i_irls **solution, double *std_error,
                                        const gradus_source *source, gradus_i_irls_options *options,
                                        gradus_error *err);

/* A coefficient that is held fast while the others are estimated. */
typedef struct gradus_i_fixed {
  bool of_intercept;
  size_t column; /* else which input */
  double value;
  const bool *keep; /* p: inputs that the others are of; not heeded for `column` */
} gradus_i_fixed;
/* The rows of a source with a coefficient's part in the offset, and the kept inputs alone; `fixed`
   and the source are borrowed, and its value may change between passes. */
gradus_status gradus_i_fixed_source(gradus_source **rows, const gradus_source *source,
                                    const gradus_i_fixed *fixed, gradus_error *err);

/* Sums at an estimate (NULL: at the mean `mean` of every row). */
gradus_status gradus_i_glm_sums_at(gradus_i_glm_sums *sums, const gradus_source *source,
                                   const gradus_i_irls_options *options, const double *estimate,
                                   double mean, gradus_error *err);
/* Deviance residuals, sign(y - μ)√(w d(y, μ)), of the rows of a source that knows their number; NaN
 * for rows of weight 0. */
gradus_status gradus_i_glm_residuals(double *residuals, const gradus_source *source,
                                     const gradus_i_irls_options *options, const double *estimate,
                                     gradus_error *err);
/* Log-likelihood at an estimate, with the dispersion that the likelihood takes. */
gradus_status gradus_i_glm_log_likelihood(double *value, const gradus_source *source,
                                          const gradus_i_irls_options *options,
                                          const double *estimate, double dispersion,
                                          gradus_error *err);
/* Sums about the shape of a family that has one. */
typedef struct gradus_i_shape_sums {
  double score, information; /* of the log-likelihood, by the shape */
  double weight, spread;     /* Σw, and Σ w(y/μ - 1)², from which a first guess is made */
} gradus_i_shape_sums;
gradus_status gradus_i_glm_shape_sums(gradus_i_shape_sums *sums, const gradus_source *source,
                                      const gradus_i_irls_options *options, const double *estimate,
                                      gradus_error *err);

#endif
