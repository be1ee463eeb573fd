// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers as R's format() and format.pval() write them, so that a reader of R's tables finds every
   digit where it stands there. */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Enough for any double with any number of decimals that rounding asks for. */
enum { LONG_NUMBER = 800, DECIMALS_MAX = 340 };

/* The number in scientific notation with at most `digits` digits: its exponent, and how many digits
   remain without the trailing zeros. */
static void decompose(double value, int digits, int *exponent, int *significant) {
  char buffer[GRADUS_I_NUMBER_SIZE];
  gradus_i_snprintf(buffer, sizeof buffer, "%.*e", digits - 1, fabs(value));
  char *mark = strchr(buffer, 'e');
  *exponent = (int)strtol(mark + 1, NULL, 10);
  int count = digits;
  for (const char *digit = mark - 1; count > 1 && *digit == '0'; digit--)
    count--;
  *significant = count;
}

typedef struct extent {
  int left, right, significant;
  int largest, smallest; /* exponents */
  bool any, negative;
  int plain; /* width of what is not finite */
} extent;

static void extend(extent *e, double value, int digits) {
  if (!isfinite(value)) {
    int width = isnan(value) || value > 0 ? 3 : 4;
    e->plain = width > e->plain ? width : e->plain;
    return;
  }
  int exponent = 0, significant = 1;
  if (value != 0)
    decompose(value, digits, &exponent, &significant);
  int left = exponent + 1;
  bool negative = signbit(value) && value != 0;
  left = (left < 1 ? 1 : left) + (negative ? 1 : 0);
  int right = significant - exponent - 1;
  e->left = left > e->left ? left : e->left;
  e->right = right > e->right ? right : e->right;
  e->significant = significant > e->significant ? significant : e->significant;
  e->largest = !e->any || exponent > e->largest ? exponent : e->largest;
  e->smallest = !e->any || exponent < e->smallest ? exponent : e->smallest;
  e->negative = e->negative || negative;
  e->any = true;
}

static gradus_i_number_format choose(const extent *e) {
  gradus_i_number_format format = {.width = e->plain};
  if (!e->any)
    return format;
  int fixed = e->left + e->right + (e->right > 0 ? 1 : 0);
  int exponent_digits = e->largest >= 100 || e->smallest <= -99 ? 3 : 2;
  int mantissa = e->significant > 1 ? e->significant + 1 : 1;
  int scientific = (e->negative ? 1 : 0) + mantissa + 2 + exponent_digits;
  format.scientific = fixed > scientific;
  format.decimals = format.scientific ? e->significant - 1 : e->right;
  int width = format.scientific ? scientific : fixed;
  format.width = width > format.width ? width : format.width;
  return format;
}

gradus_i_number_format gradus_i_number_format_for(const double *values, size_t count, int digits) {
  extent e = {0};
  for (size_t i = 0; i < count; i++)
    extend(&e, values[i], digits);
  return choose(&e);
}

void gradus_i_number_write(char text[GRADUS_I_NUMBER_SIZE], double value,
                           gradus_i_number_format format) {
  if (isnan(value))
    gradus_i_snprintf(text, GRADUS_I_NUMBER_SIZE, "%*s", format.width, "NaN");
  else if (isinf(value))
    gradus_i_snprintf(text, GRADUS_I_NUMBER_SIZE, "%*s", format.width, value > 0 ? "Inf" : "-Inf");
  else
    gradus_i_snprintf(text, GRADUS_I_NUMBER_SIZE, format.scientific ? "%*.*e" : "%*.*f",
                      format.width, format.decimals, value == 0 ? 0.0 : value);
}

void gradus_i_number_single(char text[GRADUS_I_NUMBER_SIZE], double value, int digits) {
  gradus_i_number_write(text, value, gradus_i_number_format_for(&value, 1, digits));
}

void gradus_i_number_count(char text[GRADUS_I_NUMBER_SIZE], double value) {
  gradus_i_snprintf(text, GRADUS_I_NUMBER_SIZE, "%.*g", value == floor(value) ? 15 : 7, value);
}

double gradus_i_number_round(double value, int decimals) {
  if (!isfinite(value) || decimals > DECIMALS_MAX)
    return value;
  char buffer[LONG_NUMBER];
  gradus_i_snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return gradus_i_strtod(buffer, NULL);
}

static bool is_tiny(double p) {
  return p < DBL_EPSILON;
}

/* Whether p belongs to the group of this notation; NaN and tiny ones to none. */
static bool in_group(double p, int digits, bool fixed) {
  int smallest = digits > 1 ? -4 : -3;
  return !isnan(p) && !is_tiny(p) && (floor(log10(p)) >= smallest) == fixed;
}

static int write_group(char (*text)[GRADUS_I_NUMBER_SIZE], const double *values, size_t count,
                       int digits, bool fixed) {
  extent e = {0};
  for (size_t i = 0; i < count; i++)
    if (in_group(values[i], digits, fixed))
      extend(&e, values[i], digits);
  gradus_i_number_format format = choose(&e);
  for (size_t i = 0; i < count; i++)
    if (in_group(values[i], digits, fixed))
      gradus_i_number_write(text[i], values[i], format);
  return format.width;
}

void gradus_i_number_p_values(char (*text)[GRADUS_I_NUMBER_SIZE], const double *values,
                              size_t count, int digits) {
  int fixed = write_group(text, values, count, digits, true);
  int small = write_group(text, values, count, digits, false);
  int width = fixed > small ? fixed : small;
  int shown = digits - 2 > 1 ? digits - 2 : 1;
  if (width > 0 && shown > 1 && shown + 6 > width)
    shown = width - 7 > 1 ? width - 7 : 1;
  const char *gap = shown == 1 && width <= 6 ? "" : " ";
  char epsilon[GRADUS_I_NUMBER_SIZE];
  gradus_i_number_single(epsilon, DBL_EPSILON, shown);
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i]))
      gradus_i_snprintf(text[i], GRADUS_I_NUMBER_SIZE, "NA");
    else if (is_tiny(values[i]))
      gradus_i_snprintf(text[i], GRADUS_I_NUMBER_SIZE, "<%s%s", gap, epsilon);
}
