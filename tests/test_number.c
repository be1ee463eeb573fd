// SPDX-License-Identifier: GPL-3.0-or-later
/* The C library's strtod, which rounds exactly, is the reference throughout. */
#include "../lib/data/csv_number.h"
#include "support/support.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_NUMBERS = 400000, HALFWAY_NUMBERS = 20000 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static size_t below(size_t n) {
  return (size_t)(draw() % n);
}

static bool same_bits(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

/* Reads `text` with both marks; silent when right, for there are many. */
static bool reads_as_strtod(const char *text) {
  char *other_end;
  const char *end;
  double value, expected = strtod(text, &other_end);
  gradus_i_number kind = gradus_i_number_read(text, '.', &value, &end);
  bool right = end == other_end && same_bits(value, expected) &&
               kind == (isinf(expected) ? GRADUS_I_NUMBER_RANGE : GRADUS_I_NUMBER_READ);
  char comma[1400];
  snprintf(comma, sizeof comma, "%s", text);
  for (char *p = comma; *p; p++)
    if (*p == '.')
      *p = ',';
  gradus_i_number_read(comma, ',', &value, &end);
  right = right && *end == '\0' && same_bits(value, expected);
  if (!right)
    printf("\n%s: is %.17g, must be %.17g", text, value, expected);
  return right;
}

/* [-]digits[.digits][e exponent] with up to `digits` digits in all. */
static void make_number(char *text, size_t digits, int exponent_range) {
  size_t count = 1 + below(digits), mark = below(count + 1);
  char *p = text;
  if (draw() & 1)
    *p++ = '-';
  for (size_t i = 0; i < count; i++) {
    if (i == mark)
      *p++ = '.';
    *p++ = (char)('0' + below(10));
  }
  *p = '\0';
  if (exponent_range)
    sprintf(p, "e%d", (int)below((size_t)(2 * exponent_range + 1)) - exponent_range);
}

static void random_numbers_round_as_strtod(void) {
  static const struct {
    size_t digits;
    int exponents;
  } kinds[] = {{8, 0}, {17, 0}, {17, 12}, {19, 30}, {25, 30}, {25, 330}, {17, 330}, {60, 40}};
  size_t wrong = 0;
  for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
    char text[128];
    size_t kind = i % (sizeof kinds / sizeof *kinds);
    make_number(text, kinds[kind].digits, kinds[kind].exponents);
    wrong += !reads_as_strtod(text);
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

static void doubles_survive_seventeen_digits(void) {
  size_t wrong = 0;
  for (size_t i = 0; i < RANDOM_NUMBERS / 4; i++) {
    uint64_t bits = draw();
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
      continue;
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    wrong += !reads_as_strtod(text);
    snprintf(text, sizeof text, "%.17g", ldexp(value, -ilogb(value)));
    wrong += !reads_as_strtod(text);
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

/* Integers between two doubles, and their neighbours. */
static void halfway_integers_round_to_even(void) {
  size_t wrong = 0;
  for (size_t i = 0; i < HALFWAY_NUMBERS; i++) {
    uint64_t odd = (UINT64_C(1) << 53) + 2 * (draw() >> 12) % (UINT64_C(1) << 53) + 1;
    uint64_t middle = odd << below(10);
    for (int step = -1; step <= 1; step++) {
      char text[64];
      snprintf(text, sizeof text, "%llu", (unsigned long long)(middle + (uint64_t)step));
      wrong += !reads_as_strtod(text);
      strcat(text, "000e-3");
      wrong += !reads_as_strtod(text);
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

/* The exact decimal expansion of the middle of two doubles, and that with its last digit raised. */
static void halfway_expansions_round_to_even(void) {
#if LDBL_MANT_DIG >= 64
  size_t wrong = 0;
  for (size_t i = 0; i < HALFWAY_NUMBERS; i++) {
    int exponent = i % 4 ? (int)below(160) - 80 : (int)below(2040) - 1060;
    double low = ldexp((double)((UINT64_C(1) << 52) + (draw() >> 12)), exponent - 52);
    long double middle = ((long double)low + nextafter(low, INFINITY)) / 2;
    char text[1300];
    snprintf(text, sizeof text, "%.780Le", middle);
    wrong += !reads_as_strtod(text);
    text[strchr(text, 'e') - text - 1]++;
    wrong += !reads_as_strtod(text);
  }
  CU_ASSERT_EQUAL(wrong, 0);
#endif
}

static void hard_cases_round_as_strtod(void) {
  static const char *const texts[] = {"0",
                                      "-0",
                                      "0.0",
                                      "000",
                                      "5.",
                                      ".5",
                                      "+1.5",
                                      "1e5",
                                      "1E-3",
                                      "1e22",
                                      "1e23",
                                      "8.5e22",
                                      "1e-22",
                                      "9007199254740993",
                                      "9007199254740992",
                                      "9007199254740993e-10",
                                      "1.7976931348623157e308",
                                      "1.7976931348623158e308",
                                      "1.7976931348623159e308",
                                      "4.9406564584124654e-324",
                                      "2.4703282292062327e-324",
                                      "2.4703282292062328e-324",
                                      "2.2250738585072011e-308",
                                      "2.2250738585072014e-308",
                                      "1e-400",
                                      "1e999",
                                      "-1e999",
                                      "1e-99999999999999999999",
                                      "1e99999999999999999999",
                                      "0e99999999999999999999",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "9999999999999999999",
                                      "99999999999999999999",
                                      "0.1",
                                      "0.3",
                                      "123456789012345678901234567890",
                                      "0.000000000000000000000000000000000001234567890123456789",
                                      "1.00000000000000011102230246251565404236316680908203125",
                                      "1.00000000000000011102230246251565404236316680908203124",
                                      "1.00000000000000011102230246251565404236316680908203126",
                                      "7.2057594037927933e16",
                                      "6929495644600919.5",
                                      "3.4028234664e38",
                                      "10000000000000000000000e-22"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    CU_ASSERT_TRUE(reads_as_strtod(texts[i]));
}

static void many_digits_count_even_beyond_the_buffer(void) {
  char text[1400];
  memset(text, '0', sizeof text);
  memcpy(text, "9007199254740993.", 17);
  text[1100] = '\0'; /* exactly halfway */
  CU_ASSERT_TRUE(reads_as_strtod(text));
  text[1099] = '1'; /* just above */
  CU_ASSERT_TRUE(reads_as_strtod(text));
  memset(text, '0', sizeof text);
  memcpy(text, "0.", 2);
  memcpy(text + 1000, "123e1000", 9);
  CU_ASSERT_TRUE(reads_as_strtod(text));
}

static void what_is_no_number_is_not_read(void) {
  static const char *const texts[] = {"",   "-", "+",  ".",   "-.",  "e5", ".e5", "x",  "N",
                                      "NA", "i", "na", "--1", "+-1", " 1", "in",  "\"1"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    double value;
    const char *end;
    CU_ASSERT_EQUAL(gradus_i_number_read(texts[i], '.', &value, &end), GRADUS_I_NUMBER_NONE);
    CU_ASSERT_PTR_EQUAL(end, texts[i]);
  }
}

static void a_number_ends_where_its_grammar_ends(void) {
  static const struct {
    const char *text;
    size_t length;
    double value;
  } cases[] = {{"1.2.3", 3, 1.2},       {"1e", 1, 1},    {"1e+", 1, 1},
               {"1e5x", 3, 1e5},        {"0x10", 1, 0},  {"1,5", 1, 1},
               {"12abc", 2, 12},        {"1_000", 1, 1}, {"1d5", 1, 1},
               {"infinit", 3, INFINITY}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double value;
    const char *end;
    CU_ASSERT_EQUAL(gradus_i_number_read(cases[i].text, '.', &value, &end), GRADUS_I_NUMBER_READ);
    CU_ASSERT_EQUAL((size_t)(end - cases[i].text), cases[i].length);
    CHECK_CLOSE(value, cases[i].value, 0);
  }
}

static void infinity_and_nan_have_any_case(void) {
  static const struct {
    const char *text;
    double value;
  } cases[] = {{"Inf", INFINITY},       {"inf", INFINITY}, {"-INF", -INFINITY},   {"NaN", NAN},
               {"+Infinity", INFINITY}, {"-nan", NAN},     {"iNFiNiTy", INFINITY}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double value;
    const char *end;
    CU_ASSERT_EQUAL(gradus_i_number_read(cases[i].text, '.', &value, &end), GRADUS_I_NUMBER_READ);
    CU_ASSERT_EQUAL(*end, '\0');
    CHECK_CLOSE(value, cases[i].value, 0);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"random numbers of 1 to 60 digits round as strtod", random_numbers_round_as_strtod},
      {"doubles survive seventeen digits", doubles_survive_seventeen_digits},
      {"integers halfway between doubles round to even", halfway_integers_round_to_even},
      {"expansions halfway between doubles round to even", halfway_expansions_round_to_even},
      {"hard cases round as strtod", hard_cases_round_as_strtod},
      {"many digits count even beyond the buffer", many_digits_count_even_beyond_the_buffer},
      {"what is no number is not read", what_is_no_number_is_not_read},
      {"a number ends where its grammar ends", a_number_ends_where_its_grammar_ends},
      {"infinity and NaN have any case", infinity_and_nan_have_any_case},
  };
  return test_main("number", cases, sizeof cases / sizeof *cases);
}
