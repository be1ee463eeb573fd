// SPDX-License-Identifier: GPL-3.0-or-later
/* Decimal numbers in text, rounded to the nearest double whatever the host's locale. */
#ifndef GRADUS_DATA_CSV_NUMBER_H
#define GRADUS_DATA_CSV_NUMBER_H

#include "../base/internal.h"

typedef enum gradus_i_number {
  GRADUS_I_NUMBER_NONE, /* the text does not begin with a number */
  GRADUS_I_NUMBER_READ,
  GRADUS_I_NUMBER_RANGE /* a number too large for a double: *value is an infinity */
} gradus_i_number;

/* Reads the longest number at the start of `text`: [+-]digits[.digits][(e|E)[+-]digits], where one
 * digit on either side of the mark is enough, or Inf, Infinity, NaN in any case. `*end` is set
 * behind it (at `text` if there is none). The text must end in a byte that is part of no number (a
 * line end, a quote, NUL); `decimal` is '.' or ','. Too small a number is a zero of its sign. */
gradus_i_number gradus_i_number_read(const char *text, char decimal, double *value,
                                     const char **end);

#endif
