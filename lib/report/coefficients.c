// SPDX-License-Identifier: GPL-3.0-or-later
/* The coefficient table in the shape of R's printCoefmat: estimates and standard errors share one
   format, chosen so that the smallest of them still shows its digits. */
#include "internal.h"

#include <math.h>
#include <string.h>

enum { DIGITS = 4, TEST_DIGITS = 3 };

gradus_status gradus_i_terms(gradus_i_term_rows *terms, const gradus_fit *fit, size_t response,
                             double level, gradus_error *err) {
  terms->count = fit->q;
  bool normal = fit->family && fit->dispersion_known, ratio = gradus_i_tests_by_ratio(fit);
  terms->statistic = ratio    ? (fit->firth ? "PLR Chisq"
                                 : normal   ? "LR Chisq"
                                            : "LR F")
                     : normal ? "z value"
                              : "t value";
  terms->p_value = ratio ? (normal ? "Pr(>Chisq)" : "Pr(>F)") : normal ? "Pr(>|z|)" : "Pr(>|t|)";
  terms->rows = gradus_i_allocate(fit->q, sizeof *terms->rows);
  gradus_status status = terms->rows ? GRADUS_OK : gradus_i_out_of_memory(err);
  for (size_t j = 0; status <= 0 && j < fit->q; j++)
    status = gradus_fit_term(fit, response, j, level, &terms->rows[j], err);
  if (status > 0) {
    gradus_i_release(terms->rows);
    *terms = (gradus_i_term_rows){0};
    return status;
  }
  return GRADUS_OK;
}

/* Decimals to which estimates and errors are rounded before they are formatted, so that a column of
   large and small numbers does not show digits nobody asked for. */
static int common_decimals(const double *values, size_t count) {
  double smallest = INFINITY;
  for (size_t i = 0; i < count; i++)
    if (isfinite(values[i]) && values[i] != 0 && fabs(values[i]) < smallest)
      smallest = fabs(values[i]);
  int order = isfinite(smallest) ? 1 + (int)floor(log10(smallest)) : 0;
  return DIGITS - order > 1 ? DIGITS - order : 1;
}

/* A number that is not zero must not be shown as zero. */
static bool shown_as_zero(double value, const char *text) {
  return isfinite(value) && value != 0 && gradus_i_strtod(text, NULL) == 0;
}

/* Formats `count` numbers that stand in the first columns; `text` has room for them all. */
static gradus_status format_estimates(char (*text)[GRADUS_I_NUMBER_SIZE], const double *values,
                                      size_t count, gradus_error *err) {
  double *rounded = gradus_i_allocate(count, sizeof *rounded);
  if (!rounded)
    return gradus_i_out_of_memory(err);
  int decimals = common_decimals(values, count);
  for (size_t i = 0; i < count; i++)
    rounded[i] = gradus_i_number_round(values[i], decimals);
  gradus_i_number_format format = gradus_i_number_format_for(rounded, count, DIGITS);
  size_t zeros = 0;
  for (size_t i = 0; i < count; i++)
    gradus_i_number_write(text[i], rounded[i], format);
  for (size_t i = 0; i < count; i++)
    if (shown_as_zero(values[i], text[i]))
      rounded[zeros++] = values[i];
  if (zeros > 0) {
    format = gradus_i_number_format_for(rounded, zeros, DIGITS - 1);
    for (size_t i = 0; i < count; i++)
      if (shown_as_zero(values[i], text[i]))
        gradus_i_number_write(text[i], values[i], format);
  }
  gradus_i_release(rounded);
  return GRADUS_OK;
}

static void format_statistics(char (*text)[GRADUS_I_NUMBER_SIZE], double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    values[i] = gradus_i_number_round(values[i], TEST_DIGITS);
  gradus_i_number_format format = gradus_i_number_format_for(values, count, DIGITS);
  for (size_t i = 0; i < count; i++)
    gradus_i_number_write(text[i], values[i], format);
}

static const char *stars(double p) {
  return isnan(p)     ? ""
         : p <= 0.001 ? "***"
         : p <= 0.01  ? "**"
         : p <= 0.05  ? "*"
         : p <= 0.1   ? "."
                      : " ";
}

/* The numbers of a table as arrays, without the dropped rows. */
typedef struct columns {
  size_t count;                       /* rows that were estimated */
  double *values;                     /* 4*count: estimates, errors, statistics, p-values */
  char (*text)[GRADUS_I_NUMBER_SIZE]; /* the same, formatted */
} columns;

static gradus_status columns_init(columns *c, const gradus_i_term_rows *terms, gradus_error *err) {
  *c = (columns){0};
  for (size_t j = 0; j < terms->count; j++)
    c->count += !terms->rows[j].dropped;
  c->values = gradus_i_allocate(4 * c->count, sizeof *c->values);
  c->text = gradus_i_allocate(4 * c->count, sizeof *c->text);
  if (!c->values || !c->text)
    return gradus_i_out_of_memory(err);
  size_t n = c->count, i = 0;
  for (size_t j = 0; j < terms->count; j++) {
    const gradus_term *row = &terms->rows[j];
    if (row->dropped)
      continue;
    c->values[i] = row->estimate;
    c->values[n + i] = row->std_error;
    c->values[2 * n + i] = row->statistic;
    c->values[3 * n + i++] = row->p_value;
  }
  return GRADUS_OK;
}

static void columns_clear(columns *c) {
  gradus_i_release(c->values);
  gradus_i_release(c->text);
}

static void fill_table(gradus_i_table *table, const gradus_i_term_rows *terms, const columns *c,
                       bool with_stars) {
  const char *const heads[] = {"", "Estimate", "Std. Error", terms->statistic, terms->p_value, ""};
  for (size_t j = 0; j < table->columns; j++)
    gradus_i_table_set(table, 0, j, heads[j]);
  size_t numbers = table->columns - 1 - (with_stars ? 1 : 0);
  for (size_t i = 0, kept = 0; i < terms->count; i++) {
    const gradus_term *row = &terms->rows[i];
    gradus_i_table_set(table, i + 1, 0, row->term);
    for (size_t j = 0; j < numbers; j++)
      gradus_i_table_set(table, i + 1, j + 1, row->dropped ? "NA" : c->text[j * c->count + kept]);
    if (with_stars)
      gradus_i_table_set(table, i + 1, table->columns - 1, row->dropped ? "" : stars(row->p_value));
    kept += !row->dropped;
  }
}

gradus_status gradus_i_report_coefficients(gradus_i_text *text, const gradus_i_term_rows *terms,
                                           bool estimates_only, gradus_error *err) {
  columns c;
  gradus_i_table table = {0};
  bool with_stars = false;
  gradus_status status = columns_init(&c, terms, err);
  size_t n = c.count;
  if (status == GRADUS_OK)
    status = format_estimates(c.text, c.values, estimates_only ? n : 2 * n, err);
  if (status > 0)
    goto done;
  if (!estimates_only) {
    for (size_t i = 0; i < n; i++)
      with_stars = with_stars || c.values[3 * n + i] < 0.1;
    format_statistics(c.text + 2 * n, c.values + 2 * n, n);
    gradus_i_number_p_values(c.text + 3 * n, c.values + 3 * n, n, TEST_DIGITS);
    for (size_t i = 0; i < n; i++) /* "NA" is for dropped columns */
      if (isnan(c.values[3 * n + i]))
        strcpy(c.text[3 * n + i], "NaN");
  }
  size_t width = estimates_only ? 2 : with_stars ? 6 : 5;
  status = gradus_i_table_init(&table, terms->count + 1, width, err);
  if (status > 0)
    goto done;
  fill_table(&table, terms, &c, with_stars);
  status = gradus_i_table_write(&table, with_stars, text, err);
  if (with_stars)
    gradus_i_text_string(text,
                         "---\nSignif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1\n");
done:
  gradus_i_table_clear(&table);
  columns_clear(&c);
  return status;
}

void gradus_i_report_column(gradus_i_table *table, const gradus_i_term_rows *terms, size_t column,
                            const double *values, int digits) {
  gradus_i_number_format format = gradus_i_number_format_for(values, terms->count, digits);
  for (size_t i = 0; i < terms->count; i++) {
    char text[GRADUS_I_NUMBER_SIZE];
    gradus_i_number_write(text, values[i], format);
    gradus_i_table_set(table, i + 1, column, terms->rows[i].dropped ? "NA" : text);
  }
}

void gradus_i_report_bound_heads(gradus_i_table *table, size_t column, double level) {
  double percent[2] = {50 * (1 - level), 50 * (1 + level)};
  gradus_i_number_format format = gradus_i_number_format_for(percent, 2, 3);
  format.width = 0;
  for (size_t j = 0; j < 2; j++) {
    char number[GRADUS_I_NUMBER_SIZE], head[GRADUS_I_NUMBER_SIZE + 2];
    gradus_i_number_write(number, percent[j], format);
    gradus_i_snprintf(head, sizeof head, "%s %%", number);
    gradus_i_table_set(table, 0, column + j, head);
  }
}

/* One column of bounds, formatted apart as R's confint prints them. */
static gradus_status fill_bounds(gradus_i_table *table, const gradus_i_term_rows *terms,
                                 size_t column, gradus_error *err) {
  double *values = gradus_i_allocate(terms->count, sizeof *values);
  if (!values)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < terms->count; i++)
    values[i] = column == 1 ? terms->rows[i].conf_low : terms->rows[i].conf_high;
  gradus_i_report_column(table, terms, column, values, 7);
  gradus_i_release(values);
  return GRADUS_OK;
}

gradus_status gradus_i_report_intervals(gradus_i_text *text, const gradus_i_term_rows *terms,
                                        double level, gradus_error *err) {
  gradus_i_table table;
  gradus_status status = gradus_i_table_init(&table, terms->count + 1, 3, err);
  if (status > 0)
    return status;
  gradus_i_report_bound_heads(&table, 1, level);
  for (size_t i = 0; i < terms->count; i++)
    gradus_i_table_set(&table, i + 1, 0, terms->rows[i].term);
  for (size_t j = 1; status == GRADUS_OK && j <= 2; j++)
    status = fill_bounds(&table, terms, j, err);
  if (status == GRADUS_OK)
    status = gradus_i_table_write(&table, false, text, err);
  gradus_i_table_clear(&table);
  return status;
}
