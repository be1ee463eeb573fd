// SPDX-License-Identifier: GPL-3.0-or-later
/* Most numbers in data have so few digits that one multiplication or division of exact doubles
 * rounds them correctly (Clinger, "How to read floating point numbers accurately", PLDI 1990).
 * Those of up to 19 digits near 1 are scaled in 128-bit integers, where the remainder tells which
 * way to round. strtod is left with the rest. */
#include "csv_number.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
  WORD_DIGITS = 19,         /* decimal digits that always fit 64 bits */
  CLINGER_EXPONENT = 22,    /* 10^22 is the largest power of ten that is a double */
  WORD_EXPONENT = 27,       /* 5^27 is the largest power of five that fits 64 bits */
  SIGNIFICANT_DIGITS = 800, /* beyond 768 a digit matters only by not being zero */
  DECIMAL_MAXIMUM = 310,    /* 10^309 overflows */
  DECIMAL_MINIMUM = -330    /* 10^-330 is less than half of the least double */
};

#define EXPONENT_LIMIT INT64_C(100000000000000000)

static inline unsigned digit_of(char c) {
  return (unsigned)(unsigned char)c - '0';
}

static double power_of_two(int exponent) {
  uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static uint64_t power_of_five(int exponent) {
  uint64_t power = 1;
  for (int i = 0; i < exponent; i++)
    power *= 5;
  return power;
}

/* mantissa * 10^exponent, mantissa > 0, |exponent| <= WORD_EXPONENT. At least 62 bits of the result
 * are made, with the lowest one set if anything is left below: the conversion to double then
 * rounds once, correctly. The results are far from overflow and from the denormals. */
static double scale(uint64_t mantissa, int exponent) {
  if (exponent < 0) {
    uint64_t divisor = power_of_five(-exponent);
    int shift = __builtin_clzll(mantissa), divisor_shift = __builtin_clzll(divisor);
    wide dividend = (wide)(mantissa << shift) << 63;
    divisor <<= divisor_shift;
    uint64_t quotient = (uint64_t)(dividend / divisor);
    bool rest = (wide)quotient * divisor != dividend;
    return (double)(quotient | rest) * power_of_two(exponent + divisor_shift - shift - 63);
  }
  wide product = (wide)mantissa * power_of_five(exponent);
  uint64_t high = (uint64_t)(product >> 64);
  if (!high)
    return (double)(uint64_t)product * power_of_two(exponent);
  int shift = 64 - __builtin_clzll(high);
  bool rest = (product & (((wide)1 << shift) - 1)) != 0;
  return (double)((uint64_t)(product >> shift) | rest) * power_of_two(exponent + shift);
}

static bool can_scale(int64_t exponent) {
  return exponent >= -WORD_EXPONENT && exponent <= WORD_EXPONENT;
}
#else
static double scale(uint64_t mantissa, int exponent) {
  return (double)mantissa * power_of_two(exponent);
}

static bool can_scale(int64_t exponent) {
  (void)exponent;
  return false;
}
#endif

/* The digits of a number (with their mark, without sign and exponent) in one form that strtod
 * reads: "digits e exponent", and the first WORD_DIGITS of them for the short way. */
typedef struct long_number {
  char digits[SIGNIFICANT_DIGITS + 32];
  size_t count;
  int64_t exponent;
} long_number;

static void collect_digits(long_number *number, const char *text, const char *end, char decimal,
                           int64_t exponent) {
  size_t count = 0;
  bool fraction = false, rest = false;
  for (const char *p = text; p < end; p++) {
    if (*p == decimal) {
      fraction = true;
    } else if (count < SIGNIFICANT_DIGITS) {
      if (count > 0 || *p != '0')
        number->digits[count++] = *p;
      exponent -= fraction;
    } else {
      rest |= *p != '0';
      exponent += !fraction;
    }
  }
  if (rest) {
    number->digits[count++] = '1';
    exponent--;
  }
  number->count = count;
  number->exponent = exponent;
}

static double convert_long(const char *text, const char *end, char decimal, int64_t exponent) {
  long_number number;
  collect_digits(&number, text, end, decimal, exponent);
  int64_t magnitude = number.exponent + (int64_t)number.count;
  if (number.count == 0 || magnitude < DECIMAL_MINIMUM)
    return 0;
  if (magnitude > DECIMAL_MAXIMUM)
    return HUGE_VAL;
  size_t short_count = number.count < WORD_DIGITS ? number.count : WORD_DIGITS;
  int64_t short_exponent = number.exponent + (int64_t)(number.count - short_count);
  if (can_scale(short_exponent)) {
    uint64_t mantissa = 0;
    for (size_t i = 0; i < short_count; i++)
      mantissa = 10 * mantissa + digit_of(number.digits[i]);
    double low = scale(mantissa, (int)short_exponent);
    /* The number lies between these two: if both round to one double, so does the number. */
    if (short_count == number.count || low == scale(mantissa + 1, (int)short_exponent))
      return low;
  }
  gradus_i_snprintf(number.digits + number.count, sizeof number.digits - number.count, "e%d",
                    (int)number.exponent);
  return gradus_i_strtod(number.digits, NULL);
}

static bool clinger(uint64_t mantissa, int64_t exponent, double *value) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  bool exact = FLT_EVAL_METHOD == 0 && mantissa <= UINT64_C(1) << 53 &&
               exponent >= -CLINGER_EXPONENT && exponent <= CLINGER_EXPONENT;
  if (exact)
    *value = exponent < 0 ? (double)(int64_t)mantissa / powers[-exponent]
                          : (double)(int64_t)mantissa * powers[exponent];
  return exact;
}

/* Inf, Infinity or NaN in any case; returns the length, 0 if it is none. */
static size_t read_word(const char *text, double *value) {
  static const struct {
    const char *word;
    size_t length;
    double value;
  } words[] = {{"infinity", 8, INFINITY}, {"inf", 3, INFINITY}, {"nan", 3, NAN}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = 0;
    while (n < words[i].length && (text[n] | 0x20) == words[i].word[n])
      n++;
    if (n == words[i].length) {
      *value = words[i].value;
      return n;
    }
  }
  return 0;
}

/* "e-12" at text; without a digit it is no exponent. Returns its end. */
static const char *read_exponent(const char *text, int64_t *exponent) {
  const char *p = text + 1;
  bool negative = *p == '-';
  p += *p == '-' || *p == '+';
  if (digit_of(*p) > 9)
    return text;
  int64_t magnitude = 0;
  for (; digit_of(*p) <= 9; p++)
    if (magnitude < EXPONENT_LIMIT)
      magnitude = 10 * magnitude + digit_of(*p);
  *exponent = negative ? -magnitude : magnitude;
  return p;
}

/* Appends the digits at p to the mantissa; returns their end. Two at a time make the chain of
 * multiplications half as long. */
static inline const char *read_digits(const char *p, uint64_t *mantissa) {
  uint64_t value = *mantissa;
  unsigned first, second;
  while ((first = digit_of(p[0])) <= 9) {
    if ((second = digit_of(p[1])) > 9) {
      value = 10 * value + first;
      p++;
      break;
    }
    value = 100 * value + (10 * first + second);
    p += 2;
  }
  *mantissa = value;
  return p;
}

gradus_i_number gradus_i_number_read(const char *text, char decimal, double *value,
                                     const char **end) {
  /* By a product, for half of the branches on the signs of residuals would be guessed wrong. */
  static const double signs[] = {1, -1};
  double sign = signs[*text == '-'];
  const char *first = text + (*text == '-' || *text == '+');
  uint64_t mantissa = 0;
  int64_t exponent = 0, fraction = 0;
  const char *p = read_digits(first, &mantissa);
  int64_t digits = p - first;
  if (*p == decimal) {
    const char *mark = p;
    p = read_digits(p + 1, &mantissa);
    fraction = p - mark - 1;
    digits += fraction;
  }
  const char *last = p;
  double magnitude = 0;
  if (digits == 0) {
    size_t length = read_word(first, &magnitude);
    *end = length ? first + length : text;
    *value = sign * magnitude;
    return length ? GRADUS_I_NUMBER_READ : GRADUS_I_NUMBER_NONE;
  }
  if ((*p | 0x20) == 'e')
    p = read_exponent(p, &exponent);
  *end = p;
  if (digits > WORD_DIGITS) /* `mantissa` has wrapped around */
    magnitude = convert_long(first, last, decimal, exponent);
  else if (!clinger(mantissa, exponent - fraction, &magnitude))
    magnitude = mantissa && can_scale(exponent - fraction)
                    ? scale(mantissa, (int)(exponent - fraction))
                    : convert_long(first, last, decimal, exponent);
  *value = sign * magnitude;
  return isinf(magnitude) ? GRADUS_I_NUMBER_RANGE : GRADUS_I_NUMBER_READ;
}
