// SPDX-License-Identifier: GPL-3.0-or-later
/* The formula's grammar: what is accepted, how it prints (as R 4.2 deparses it), where it fails. */
#include "support/support.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void formulas_print_as_in_r(void) {
  static const char *const pairs[][2] = {
      {"y~x", "y ~ x"},
      {"~x", "~x"},
      {" y ~\tx*z\n", "y ~ x * z"},
      {"y~a:b+c%in%d", "y ~ a:b + c %in% d"},
      {"y~(a+b)^2-a", "y ~ (a + b)^2 - a"},
      {"y~a**2", "y ~ a^2"},
      {"y~a/b", "y ~ a/b"},
      {"y~0+x", "y ~ 0 + x"},
      {"y~x-1", "y ~ x - 1"},
      {"y~-1+x", "y ~ -1 + x"},
      {"y~+x", "y ~ +x"},
      {"y~.", "y ~ ."},
      {"y~`a b`*`c`", "y ~ `a b` * c"},
      {"`y-1`~x", "`y-1` ~ x"},
      {"y~`if`", "y ~ `if`"},
      {"y~`a\\`b`", "y ~ `a\\`b`"},
      {"GNP.deflator~Year_2+.x", "GNP.deflator ~ Year_2 + .x"},
      {"y~I(x^2)+log(x+1)", "y ~ I(x^2) + log(x + 1)"},
      {"y~I(-x^-2*3/4)", "y ~ I(-x^-2 * 3/4)"},
      {"y~I((x))", "y ~ I((x))"},
      {"y~I(x^2^z)", "y ~ I(x^2^z)"},
      {"y~I(a-b-c)", "y ~ I(a - b - c)"},
      {"y~I(a-(b-c))", "y ~ I(a - (b - c))"},
      {"y~poly(x,2)", "y ~ poly(x, 2)"},
      {"y~poly(x,2,raw)", "y ~ poly(x, 2, raw = TRUE)"},
      {"y~poly(x,2,raw=T)", "y ~ poly(x, 2, raw = T)"},
      {"y~poly(x,degree=2,raw=FALSE)", "y ~ poly(x, degree = 2, raw = FALSE)"},
      {"y~scale(x,center=FALSE)", "y ~ scale(x, center = FALSE)"},
      {"y~log(x,base=2)", "y ~ log(x, base = 2)"},
      {"cbind(a,b)~offset(o)", "cbind(a, b) ~ offset(o)"},
      {"y~I(x*1e5)", "y ~ I(x * 1e+05)"},
      {"y~I(x*100)", "y ~ I(x * 100)"},
      {"y~I(x*123456)", "y ~ I(x * 123456)"},
      {"y~I(x*1200000)", "y ~ I(x * 1200000)"},
      {"y~I(x*150000)", "y ~ I(x * 150000)"},
      {"y~I(x*0.00012)", "y ~ I(x * 0.00012)"},
      {"y~I(x*.0001)", "y ~ I(x * 1e-04)"},
      {"y~I(x*0.30000000000000004)", "y ~ I(x * 0.3)"},
      {"y~I(x*1234567.891)", "y ~ I(x * 1234567.891)"},
      {"y~I(x*1e-300)", "y ~ I(x * 1e-300)"},
      {"y~I(x/3L)", "y ~ I(x/3)"},
      {"größe~länge", "größe ~ länge"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gradus_error err = {0};
    gradus_formula *formula;
    CHECK_STATUS(gradus_formula_parse(&formula, pairs[i][0], &err), GRADUS_OK, &err);
    if (formula)
      CU_ASSERT_STRING_EQUAL(gradus_formula_text(formula), pairs[i][1]);
    gradus_formula_free(formula);
  }
}

static void faults_say_what_and_where(void) {
  static const char *const pairs[][2] = {
      {"", "expected a term at the start at column 1"},
      {"y", "expected an operator or \"~\" after \"y\" at column 2"},
      {"y ~", "expected a term after \"~\" at column 4"},
      {"y ~ x +", "formula: \"y ~ x +\": expected a term after \"+\" at column 8"},
      {"y ~ x + * z", "expected a term after \"+\", not \"*\" at column 9"},
      {"y ~ x z", "expected an operator after \"x\", not \"z\" at column 7"},
      {"y ~ (x", "expected an operator or \")\" after \"x\" at column 7"},
      {"y ~ x)", "expected an operator after \"x\", not \")\" at column 6"},
      {"y ~ x ~ z", "expected one \"~\" only after \"x\", not \"~\" at column 7"},
      {"y ~ foo(x)", "unknown function \"foo\""},
      {"y ~ foo(x)", "known: I, log, exp"},
      {"y ~ log(x, 2, 3)", "log() takes one argument at column 5"},
      {"y ~ log()", "log() takes one argument"},
      {"y ~ exp(x, base = 2)", "exp() takes one argument"},
      {"y ~ I(x:z)", "an operator of terms cannot stand inside an expression at column 8"},
      {"y ~ I(.)", "\".\" cannot stand inside an expression"},
      {"y ~ log(poly(x, 2))", "poly() cannot stand inside an expression at column 9"},
      {"y ~ I(TRUE)", "TRUE and FALSE are no numbers here"},
      {"y ~ 2", "a number other than 0 and 1 is no term at column 5"},
      {"y ~ TRUE", "TRUE and FALSE are no terms"},
      {"y ~ x^z", "an exponent of terms must be a whole number"},
      {"y ~ x^0", "an exponent of terms must be a whole number"},
      {"y ~ x^1.5", "I(x^2)"},
      {"y ~ I(2)", "an expression without any column"},
      {"2 ~ x", "a response without any column"},
      {"cbind(1) ~ x", "a response without any column"},
      {"cbind() ~ x", "cbind() needs columns"},
      {". ~ x", "\".\" cannot stand inside an expression"},
      {"offset(x) ~ z", "offset() is no response"},
      {"y ~ cbind(a, b)", "cbind() is for responses"},
      {"y ~ poly(x, 0)", "the degree of poly() must be a whole number from 1 to 100"},
      {"y ~ poly(x, 101)", "the degree of poly()"},
      {"y ~ poly(x, 1.5)", "the degree of poly()"},
      {"y ~ poly(x, z)", "the degree of poly()"},
      {"y ~ poly(x, 2, 3)", "poly() takes a column, a degree and raw"},
      {"y ~ poly(x, 2, raw = 1)", "poly() takes a column, a degree and raw"},
      {"y ~ poly()", "poly() needs a column as its first argument"},
      {"y ~ scale(x, 2)", "scale() takes a column"},
      {"y ~ factor(x, levels = z)", "factor() takes one argument"},
      {"y ~ x > 2", "comparisons are not supported"},
      {"y ~ factor(x == 2)", "comparisons are not supported"},
      {"y ~ \"x\"", "names go in backquotes at column 5"},
      {"y ~ `x", "a backquote is never closed at column 5"},
      {"y ~ x %o% z", "the only operator in percent signs is %in% at column 7"},
      {"y ~ 2x", "a number runs into a name at column 5"},
      {"y ~ I(x * 1e999)", "outside the range of double precision"},
      {"y ~ x $ z", "a character that no formula has at column 7"},
      {"größe ~ 3", "at column 9"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gradus_error err = {0};
    gradus_formula *formula = (gradus_formula *)&err;
    CHECK_STATUS(gradus_formula_parse(&formula, pairs[i][0], &err), GRADUS_ERROR_FORMULA, &err);
    CU_ASSERT_PTR_NULL(formula);
    CHECK_CONTAINS(err.message, pairs[i][1]);
  }
  gradus_formula *formula;
  CHECK_STATUS(gradus_formula_parse(&formula, NULL, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  gradus_formula_free(NULL);
}

static gradus_status parse_repeated(const char *start, const char *part, size_t count,
                                    const char *end, gradus_error *err) {
  static char text[200000];
  size_t length = (size_t)snprintf(text, sizeof text, "%s", start), size = strlen(part);
  for (size_t i = 0; i < count; i++, length += size)
    memcpy(text + length, part, size);
  snprintf(text + length, sizeof text - length, "%s", end);
  gradus_formula *formula;
  gradus_status status = gradus_formula_parse(&formula, text, err);
  gradus_formula_free(formula);
  return status;
}

static void deep_nesting_is_an_error_and_long_sums_are_not(void) {
  static const char *const deep[][2] = {{"(", "x"},     {"-", "x"},   {"I(", "x"}, {"log(", "x"},
                                        {"x^", "2"},    {"x:", "x"},  {"x*", "x"}, {"x/", "x"},
                                        {"x%in%", "x"}, {"f(a=", "x"}};
  for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
    gradus_error err = {0};
    CHECK_STATUS(parse_repeated("y~", deep[i][0], 20000, deep[i][1], &err), GRADUS_ERROR_FORMULA,
                 &err);
    CHECK_CONTAINS(err.message, "nested");
    CHECK_CONTAINS(err.message, "...");
  }
  gradus_error err = {0};
  CHECK_STATUS(parse_repeated("y~", "x+", 50000, "z", &err), GRADUS_OK, &err);
  CHECK_STATUS(parse_repeated("y~", "x-", 50000, "z", &err), GRADUS_OK, &err);
  CHECK_STATUS(parse_repeated("y~I(", "x+", 50000, "z)", &err), GRADUS_OK, &err);
}

/* The k-th allocation fails for every k until none does. */
static void every_failed_allocation_is_reported_without_a_leak(void) {
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_error err = {0};
    gradus_formula *formula;
    run.status = gradus_formula_parse(
        &formula, "log(y) ~ (a + b)^2 + poly(x, 3, raw) + `c d`:factor(e) - I(x^2 * 1e5)", &err);
    CU_ASSERT_EQUAL(run.status == GRADUS_OK, formula != NULL);
    gradus_formula_free(formula);
  }
}

/* Random tokens: any status is right, a crash is not; what parses, prints and parses again. */
static void random_tokens_never_crash(void) {
  static const char *const tokens[] = {
      "y",   "x",       "z",     "f",      ".",       "~",       "~",          "+",
      "-",   "*",       "/",     ":",      "%in%",    "^",       "(",          ")",
      "(",   ")",       ",",     "=",      "0",       "1",       "2",          "1e5",
      "I(",  "log(",    "poly(", "scale(", "factor(", "offset(", "`a b`",      "TRUE",
      "raw", "raw = T", " ",     "cbind(", "\"",      "<",       "degree = 2", "\xc3\xa9"};
  uint64_t state = 88172645463325252u;
  size_t parsed = 0;
  for (int round = 0; round < 60000; round++) {
    char text[400] = "";
    if (round % 2)
      strcpy(text, "y~");
    for (int i = 0; i < 2 + round % 11; i++) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      strcat(text, tokens[state % (sizeof tokens / sizeof *tokens)]);
    }
    gradus_error err = {0};
    gradus_formula *formula, *again;
    gradus_status status = gradus_formula_parse(&formula, text, &err);
    CU_ASSERT_EQUAL_FATAL(status != GRADUS_OK, formula == NULL);
    if (status)
      continue;
    parsed++;
    CHECK_STATUS(gradus_formula_parse(&again, gradus_formula_text(formula), &err), GRADUS_OK, &err);
    if (again)
      CU_ASSERT_STRING_EQUAL(gradus_formula_text(again), gradus_formula_text(formula));
    gradus_formula_free(again);
    gradus_formula_free(formula);
  }
  CU_ASSERT_TRUE(parsed > 300);
}

int main(void) {
  static const test_case cases[] = {
      {"formulas print as R deparses them", formulas_print_as_in_r},
      {"faults say what is wrong and where", faults_say_what_and_where},
      {"deep nesting is an error, a long sum is not",
       deep_nesting_is_an_error_and_long_sums_are_not},
      {"every failed allocation is reported, without a leak",
       every_failed_allocation_is_reported_without_a_leak},
      {"random tokens never crash, and what parses prints", random_tokens_never_crash},
  };
  return test_main("formula", cases, sizeof cases / sizeof *cases);
}
