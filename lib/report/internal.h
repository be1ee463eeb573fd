// SPDX-License-Identifier: GPL-3.0-or-later
/* Report layer: numbers as R writes them, tables, JSON values, tensors of a model file. */
#ifndef GRADUS_REPORT_INTERNAL_H
#define GRADUS_REPORT_INTERNAL_H

#include "../model/internal.h"
#include <gradus/network.h>
#include <gradus/report.h>

/* ---- numbers as text (number.c) ---- */

enum { GRADUS_I_NUMBER_SIZE = 48 };

/* How several numbers are written alike: fixed notation with `decimals`, or scientific. */
typedef struct gradus_i_number_format {
  int width, decimals;
  bool scientific;
} gradus_i_number_format;

/* R's rule: the fewest decimals that show `digits` significant digits of the number that needs them
   most, in fixed notation unless the scientific one is shorter. Not finite ones take their width
   only. */
gradus_i_number_format gradus_i_number_format_for(const double *values, size_t count, int digits);
/* Writes one number, padded on the left to the width; NaN as "NaN". */
void gradus_i_number_write(char text[GRADUS_I_NUMBER_SIZE], double value,
                           gradus_i_number_format format);
/* One number by itself, with `digits` significant digits. */
void gradus_i_number_single(char text[GRADUS_I_NUMBER_SIZE], double value, int digits);
/* A count: no decimals unless it has some (Σw of frequency weights may). */
void gradus_i_number_count(char text[GRADUS_I_NUMBER_SIZE], double value);
double gradus_i_number_round(double value, int decimals);
/* p-values of one column as R shows them: fixed and tiny ones formatted apart, `<2e-16` below the
   machine's epsilon; NaN as "NA". */
void gradus_i_number_p_values(char (*text)[GRADUS_I_NUMBER_SIZE], const double *values,
                              size_t count, int digits);

/* ---- tables of text (table.c) ---- */

typedef struct gradus_i_table {
  size_t rows, columns;
  char **cells; /* rows*columns, owned; NULL is empty */
  bool failed;
} gradus_i_table;

gradus_status gradus_i_table_init(gradus_i_table *table, size_t rows, size_t columns,
                                  gradus_error *err);
/* Stores a copy; a failed allocation makes gradus_i_table_write fail. */
void gradus_i_table_set(gradus_i_table *table, size_t row, size_t column, const char *text);
/* First column flush left, the last too if `left_last`, the others flush right, as R prints. */
gradus_status gradus_i_table_write(const gradus_i_table *table, bool left_last, gradus_i_text *text,
                                   gradus_error *err);
void gradus_i_table_clear(gradus_i_table *table);

/* ---- the parts of reports ---- */

/* The term rows of one response. */
typedef struct gradus_i_term_rows {
  gradus_term *rows;
  size_t count;
  const char *statistic, *p_value; /* heads of their columns: "t value", "Pr(>|t|)" */
} gradus_i_term_rows;
gradus_status gradus_i_terms(gradus_i_term_rows *terms, const gradus_fit *fit, size_t response,
                             double level, gradus_error *err);

/* The coefficient table (with R's rules), and the table of intervals. */
gradus_status gradus_i_report_coefficients(gradus_i_text *text, const gradus_i_term_rows *terms,
                                           bool estimates_only, gradus_error *err);
gradus_status gradus_i_report_intervals(gradus_i_text *text, const gradus_i_term_rows *terms,
                                        double level, gradus_error *err);

/* One column of such a table from numbers, one per term, formatted alike. */
void gradus_i_report_column(gradus_i_table *table, const gradus_i_term_rows *terms, size_t column,
                            const double *values, int digits);
/* "2.5 %" and "97.5 %" as heads of a column and the next. */
void gradus_i_report_bound_heads(gradus_i_table *table, size_t column, double level);

/* ---- exponentiated estimates (ratios.c) ---- */

/* Whether exp(estimate) means something. */
gradus_status gradus_i_check_ratio(const gradus_fit *fit, gradus_error *err);
/* A term row as JSON and CSV show it. */
gradus_status gradus_i_report_term(gradus_term *term, const gradus_fit *fit, size_t response,
                                   size_t coefficient, const gradus_report_options *options,
                                   gradus_error *err);
/* The table of ratios. */
gradus_status gradus_i_report_ratios(gradus_i_text *text, const gradus_fit *fit,
                                     const gradus_i_term_rows *terms, double level,
                                     bool with_intervals, gradus_error *err);

/* Digits of R's reports, and of its numbers by themselves. */
enum { GRADUS_I_REPORT_DIGITS = 4, GRADUS_I_REPORT_FULL_DIGITS = 7 };
void gradus_i_report_single(gradus_i_text *text, double value, int digits);
void gradus_i_report_count(gradus_i_text *text, double value);
/* `(2 observations deleted due to missingness)`, if there were any. */
/* " (Wald)", " (profile likelihood)", ...: what the intervals of a generalised linear model rest
   on;
   "" for a linear one. */
const char *gradus_i_report_interval_words(const gradus_fit *fit);
/* "Pseudo R-squared: ..." as far as there are any. */
void gradus_i_report_pseudo(gradus_i_text *text, const gradus_summary *summary);
void gradus_i_report_missing(gradus_i_text *text, const gradus_fit *fit);

/* What the text of a generalised linear model has before its residuals and after its coefficients
   (glm_text.c). */
void gradus_i_report_glm_opening(gradus_i_text *text, const gradus_fit *fit);
void gradus_i_report_glm_closing(gradus_i_text *text, const gradus_fit *fit,
                                 const gradus_summary *summary);

/* A network has always more to learn: of it nothing is said. */
void gradus_i_report_not_converged(gradus_i_text *text, const gradus_fit *fit);
void gradus_i_report_separated(gradus_i_text *text, const gradus_fit *fit);

/* The same of a multinomial one, and what stands above the coefficients of each class
   (multinomial_text.c). */
void gradus_i_report_classes_opening(gradus_i_text *text, const gradus_fit *fit);
void gradus_i_report_class_opening(gradus_i_text *text, const gradus_fit *fit, size_t response);
void gradus_i_report_classes_closing(gradus_i_text *text, const gradus_fit *fit,
                                     const gradus_summary *summary);

/* What the text of a network has before its coefficients: layers, curves of the loss, metrics
   (network_text.c). */
gradus_status gradus_i_report_network(gradus_i_text *text, const gradus_fit *fit,
                                      gradus_error *err);

/* And after them: what its standard errors rest on, or why there are none; its effects
   (network_errors_text.c). */
void gradus_i_report_network_errors(gradus_i_text *text, const gradus_fit *fit);
gradus_status gradus_i_report_effects(gradus_i_text *text, const gradus_fit *fit,
                                      const gradus_report_options *options, gradus_error *err);

gradus_status gradus_i_report_text(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_report_options *options, gradus_error *err);
/* The level of options is never 0 in these two. */
gradus_status gradus_i_report_json(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_report_options *options, gradus_error *err);
gradus_status gradus_i_report_csv(gradus_i_text *text, const gradus_fit *fit,
                                  const gradus_report_options *options, gradus_error *err);

/* Names of the kinds, as the command takes and JSON gives them: "none", "analytic"; "none", "HC3".
 */
const char *gradus_i_weight_kind_name(gradus_weight_kind kind);
const char *gradus_i_robust_name(gradus_robust type);
/* "wald", "profile", "lr". */
const char *gradus_i_intervals_name(gradus_intervals method);
/* Whether the tests of the terms are likelihood-ratio tests. */
bool gradus_i_tests_by_ratio(const gradus_fit *fit);

#endif
