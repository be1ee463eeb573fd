// SPDX-License-Identifier: GPL-3.0-or-later
/** How good predictions are, from plain vectors. Layer: inference.
 *
 *  All functions know only what was observed and what was predicted, so they serve any model, and
 * predictions that no model of this library made.
 *
 *  Weights w (NULL: all 1) are frequencies: a row of weight 3 counts as three equal rows, a row of
 * weight 0 as none (its values are checked all the same). Point estimates do not change when all
 * weights are multiplied by a number; variances, intervals, tests and quantile bins do, because
 * they take Σw for the number of rows.
 *
 *  What is undefined is NaN, never 0 or 1, and the function returns _UNDEFINED, a warning, whose
 * sentence names each such metric and the reason.
 *
 *  Errors of all functions here (the outputs are then untouched, out-handles NULL):
 * _INVALID_ARGUMENT (no rows; a level outside (0, 1); a score that is NaN; a probability outside
 * [0, 1]), _BAD_RESPONSE (a label that is not 0 or 1, or not below the number of classes),
 * _BAD_WEIGHT (negative, not finite, or all zero). Sentences name row (from 1) and value. Functions
 * that allocate: _OUT_OF_MEMORY. Cost: O(n), and O(n log n) with memory for n rows where scores
 * must be sorted (curves, AUC, calibration, Hosmer and Lemeshow). */
#ifndef GRADUS_METRICS_H
#define GRADUS_METRICS_H

#include <gradus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- two classes ---- */

/** Rows (their weights) by truth and prediction. */
typedef struct gradus_confusion {
  double true_positive, false_positive, true_negative, false_negative;
} gradus_confusion;

/** Counts the confusion matrix of labels y (0 or 1) and scores (n each): a row is predicted 1 if
 * score >= threshold. Scores are any numbers, infinite ones too. */
GRADUS_API gradus_status gradus_confusion_count(gradus_confusion *confusion, const double *y,
                                                const double *score, const double *weight, size_t n,
                                                double threshold, gradus_error *err);

/** Rates of a confusion matrix (TP, FP, TN, FN; N their sum). */
typedef struct gradus_rates {
  double nobs;                        /**< N */
  double prevalence;                  /**< (TP + FN) / N */
  double accuracy;                    /**< (TP + TN) / N */
  double accuracy_low, accuracy_high; /**< Wilson's interval (1927, JASA 22), no continuity
                                         correction, for N trials */
  double sensitivity;                 /**< recall, true positive rate: TP / (TP + FN) */
  double specificity;                 /**< true negative rate: TN / (TN + FP) */
  double precision;                   /**< positive predictive value: TP / (TP + FP) */
  double negative_predictive_value;   /**< TN / (TN + FN) */
  double f1;                          /**< 2 TP / (2 TP + FP + FN) */
  double balanced_accuracy;           /**< (sensitivity + specificity) / 2 */
  double mcc; /**< Matthews (1975): (TP TN - FP FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)); the
                 difference is formed exactly, and nothing overflows for any finite counts */
} gradus_rates;

/** Rates of a confusion matrix; level: of the interval, 0 for 0.95. Warning: _UNDEFINED. Errors:
 * _INVALID_ARGUMENT also for a count that is negative or not finite, or if all are zero. */
GRADUS_API gradus_status gradus_confusion_rates(gradus_rates *rates,
                                                const gradus_confusion *confusion, double level,
                                                gradus_error *err);

/** Mean of -log of the probability that was given to what happened: p is that of y = 1. A row that
 * was given probability 0 for what happened makes it +Inf, with the warning _OVERFLOW that names
 * the row; a certain prediction that was right costs 0. Probabilities are not clipped. */
GRADUS_API gradus_status gradus_binary_log_loss(double *log_loss, const double *y, const double *p,
                                                const double *weight, size_t n, gradus_error *err);

/** Brier's score for two classes, Σw(p - y)²/Σw, between 0 and 1 (half of gradus_multiclass_brier
 * for the same two classes). */
GRADUS_API gradus_status gradus_binary_brier(double *brier, const double *y, const double *p,
                                             const double *weight, size_t n, gradus_error *err);

/** ROC curve: one point per distinct score, from the highest down, after the point (0, 0), whose
 * threshold (above all scores) is +Inf. Equal scores make one point, so a slanted segment. No point
 * is left out, collinear or not. */
typedef struct gradus_roc {
  size_t points;
  double *threshold;           /**< rows with score >= threshold are predicted 1 */
  double *true_positive_rate;  /**< NaN if no row has y = 1 */
  double *false_positive_rate; /**< NaN if no row has y = 0 */
} gradus_roc;

/** Warning: _UNDEFINED (only one class is present). */
GRADUS_API gradus_status gradus_roc_curve(gradus_roc **roc, const double *y, const double *score,
                                          const double *weight, size_t n, gradus_error *err);
GRADUS_API void gradus_roc_free(gradus_roc *roc);

/** Area under the ROC curve, P(score of a 1 > score of a 0) + P(equal)/2, with the variance and the
 * normal interval of DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44), cut to [0, 1]. By one
 * sort (Sun and Xu 2014, IEEE Signal Processing Letters 21). */
typedef struct gradus_auc {
  double auc;
  double variance, std_error; /**< NaN with fewer than two rows of a class */
  double conf_low, conf_high; /**< NaN also where the variance is 0 (perfect separation, all scores
                                 equal): an interval without width would claim certainty */
} gradus_auc;

/** level: of the interval, 0 for 0.95. Warning: _UNDEFINED (one class only: all is NaN; or no
 * variance or interval). */
GRADUS_API gradus_status gradus_auc_delong(gradus_auc *auc, const double *y, const double *score,
                                           const double *weight, size_t n, double level,
                                           gradus_error *err);

/** Precision and recall at the distinct scores, from the highest down. There is no point for a
 * threshold above all scores, where precision is undefined (scikit-learn puts (0, 1) there). */
typedef struct gradus_precision_recall {
  size_t points;
  double *threshold; /**< rows with score >= threshold are predicted 1 */
  double *precision;
  double *recall;           /**< NaN if no row has y = 1 */
  double average_precision; /**< Σ (recall_i - recall_{i-1}) precision_i, recall_{-1} = 0: steps,
                               not trapezia, as scikit-learn has it */
} gradus_precision_recall;

/** Warning: _UNDEFINED (recall and average precision, no row has y = 1). */
GRADUS_API gradus_status gradus_precision_recall_curve(gradus_precision_recall **curve,
                                                       const double *y, const double *score,
                                                       const double *weight, size_t n,
                                                       gradus_error *err);
GRADUS_API void gradus_precision_recall_free(gradus_precision_recall *curve);

typedef enum gradus_bins {
  GRADUS_BINS_QUANTILE = 0, /**< between quantiles of p (R's type 7, of the rows written out w
                               times); equal ones are merged, so there may be fewer bins */
  GRADUS_BINS_EQUAL_WIDTH   /**< between k/bins on [0, 1] */
} gradus_bins;

/** Calibration table: bins of p in ascending order, without the empty ones. A bin holds low < p <=
 * high, the first one also p = low (R's cut). */
typedef struct gradus_calibration {
  size_t bins;
  double *low, *high; /**< edges */
  double *weight;     /**< Σw of the bin's rows */
  double *predicted;  /**< weighted mean of p */
  double *observed;   /**< share of y = 1 */
} gradus_calibration;

/** bins: 1 to 1000000, 0 for 10. */
GRADUS_API gradus_status gradus_calibration_table(gradus_calibration **table, const double *y,
                                                  const double *p, const double *weight, size_t n,
                                                  size_t bins, gradus_bins kind, gradus_error *err);
GRADUS_API void gradus_calibration_free(gradus_calibration *table);

/** Test of Hosmer and Lemeshow (1980), with the groups of R's ResourceSelection::hoslem.test
 * (0.3-6): quantile bins, equal quantiles merged, groups that hold no row left out; X² = Σ
 * (observed - expected)²/expected over both classes of each group; df = groups - 2, for
 * probabilities fitted to the same rows; df_new and p_value_new are right for new rows. +Inf, with
 * the warning _OVERFLOW, where something happened that was given probability 0 in a whole group. */
typedef struct gradus_hosmer_lemeshow {
  size_t groups;
  double statistic;
  double df;                  /**< groups - 2; NaN with fewer than 3 groups */
  double p_value;             /**< upper tail of χ² */
  double df_new, p_value_new; /**< with as many degrees of freedom as groups */
} gradus_hosmer_lemeshow;

/** groups: asked for, 1 to 1000000, 0 for 10. Warnings: _UNDEFINED (fewer than 3 groups: no df and
 * p-value; a group with probabilities all 0 or all 1 that all came true: 0/0), _OVERFLOW. */
GRADUS_API gradus_status gradus_hosmer_lemeshow_test(gradus_hosmer_lemeshow *test, const double *y,
                                                     const double *p, const double *weight,
                                                     size_t n, size_t groups, gradus_error *err);

/* ---- more classes ---- */

/** Metrics of one class against all others, or an average of them. */
typedef struct gradus_class_rates {
  double precision; /**< rows of the class / rows predicted to be in it, among the latter */
  double recall;
  double f1;      /**< 2 TP / (2 TP + FP + FN) */
  double support; /**< Σw of the rows of the class; of all rows in an average */
} gradus_class_rates;

/** Labels against predicted labels. */
typedef struct gradus_multiclass {
  size_t classes;              /**< k */
  double *confusion;           /**< k×k row-major: row = truth, column = prediction */
  gradus_class_rates *each;    /**< k */
  gradus_class_rates macro;    /**< plain mean over all k classes: NaN if one is undefined */
  gradus_class_rates micro;    /**< from pooled counts: each is the accuracy */
  gradus_class_rates weighted; /**< mean by support; classes without a row do not count */
  double accuracy;
  double accuracy_low, accuracy_high; /**< Wilson's interval, as in gradus_rates */
  double balanced_accuracy;           /**< macro recall */
  double mcc; /**< Gorodkin (2004, Computational Biology and Chemistry 28): (c s - Σ p_k t_k) /
                 √((s² - Σ p_k²)(s² - Σ t_k²)), c right and s all rows, p_k predicted and t_k true
                 rows of class k; formed without cancellation */
} gradus_multiclass;

/** y and predicted: n labels 0..classes-1, classes >= 2 (of the model, whether or not they occur).
 * level: of the interval, 0 for 0.95. Warning: _UNDEFINED (a class without rows has no recall, one
 * never predicted no precision, …). Memory: classes². */
GRADUS_API gradus_status gradus_multiclass_evaluate(gradus_multiclass **metrics, const int *y,
                                                    const int *predicted, const double *weight,
                                                    size_t n, size_t classes, double level,
                                                    gradus_error *err);
GRADUS_API void gradus_multiclass_free(gradus_multiclass *metrics);

/** Mean of -log p[i][y_i]; p: n×classes, row-major; each row must sum to 1 within 1e-5 (else
 * _INVALID_ARGUMENT) and is taken as it is. +Inf as in gradus_binary_log_loss. */
GRADUS_API gradus_status gradus_multiclass_log_loss(double *log_loss, const int *y, const double *p,
                                                    const double *weight, size_t n, size_t classes,
                                                    gradus_error *err);

/** Brier (1950, Monthly Weather Review 78): mean of Σ_k (p_k - [y = k])², between 0 and 2. p as
 * above. */
GRADUS_API gradus_status gradus_multiclass_brier(double *brier, const int *y, const double *p,
                                                 const double *weight, size_t n, size_t classes,
                                                 gradus_error *err);

/* ---- numbers ---- */

typedef struct gradus_regression {
  double nobs;       /**< Σw */
  double mean_error; /**< Σw(y - ŷ)/Σw: positive where predictions are too low */
  double mae;        /**< Σw|y - ŷ|/Σw */
  double rmse;       /**< √(Σw(y - ŷ)²/Σw): divided by the rows, not by degrees of freedom */
  double r_squared; /**< 1 - Σw(y - ŷ)²/Σw(y - ȳ)², ȳ the weighted mean of these y; negative where
                       ȳ predicts better */
} gradus_regression;

/** y and predicted: n finite numbers. Warning: _UNDEFINED (R², y is constant). Errors: _NON_FINITE
 * instead of _INVALID_ARGUMENT for NaN and Inf. */
GRADUS_API gradus_status gradus_regression_evaluate(gradus_regression *metrics, const double *y,
                                                    const double *predicted, const double *weight,
                                                    size_t n, gradus_error *err);

/** How far predicted means are from what was observed, as the family of the response measures it
 * (McCullagh and Nelder 1989, section 2.3): squared errors for gaussian, for other families what a
 * generalised linear model minimises. */
typedef struct gradus_deviance {
  double nobs;          /**< Σw */
  double deviance;      /**< Σw d(y, μ), d the family's unit deviance */
  double mean_deviance; /**< deviance / Σw */
  double null_deviance; /**< Σw d(y, ȳ), ȳ the weighted mean of these y */
  double d_squared; /**< 1 - deviance / null_deviance: R² for gaussian; negative where ȳ predicts
                       better */
} gradus_deviance;

/** family: a name as in gradus_fit_options. shape: the parameter beside the mean of those families
 * that have one; the others do not look at it. y and mean: n each, mean on the scale of the
 * response; rows of weight 0 are not looked at. Warnings: _UNDEFINED (D², y is constant), _OVERFLOW
 * (something happened that was given probability 0: the deviance is +Inf). Errors:
 * _INVALID_ARGUMENT (no such family; a mean that the family cannot have), _BAD_RESPONSE (y outside
 * the family). */
GRADUS_API gradus_status gradus_family_deviance(gradus_deviance *metrics, const char *family,
                                                double shape, const double *y, const double *mean,
                                                const double *weight, size_t n, gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
