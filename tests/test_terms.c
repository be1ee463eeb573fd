// SPDX-License-Identifier: GPL-3.0-or-later
/* Expansion into terms; the expected labels are those of R 4.2's terms(). */
#include "../lib/data/formula_syntax.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

/* Labels joined by blanks, then "| 1" or "| 0" for the intercept. */
static gradus_status expand(const char *text, char *labels, size_t size, gradus_error *err) {
  gradus_formula *formula;
  gradus_i_arena arena = {0};
  gradus_i_terms terms;
  labels[0] = '\0';
  gradus_status status = gradus_formula_parse(&formula, text, err);
  if (!status)
    status = gradus_i_terms_expand(&terms, &arena, formula, err);
  for (size_t t = 0; !status && t < terms.term_count; t++)
    for (size_t i = 0; i < terms.terms[t].count; i++) {
      strncat(labels, i > 0 ? ":" : t > 0 ? " " : "", size - strlen(labels) - 1);
      strncat(labels, terms.texts[terms.terms[t].variables[i]], size - strlen(labels) - 1);
    }
  if (!status)
    strncat(labels, terms.intercept ? " | 1" : " | 0", size - strlen(labels) - 1);
  gradus_i_arena_clear(&arena);
  gradus_formula_free(formula);
  return status;
}

static void terms_are_those_of_r(void) {
  static const char *const pairs[][2] = {
      {"y ~ a", "a | 1"},
      {"y ~ 1", " | 1"},
      {"y ~ 0", " | 0"},
      {"y ~ -0", " | 1"},
      {"y ~ a - 0", "a | 1"},
      {"y ~ a + 0", "a | 0"},
      {"y ~ -1 + a + 1", "a | 1"},
      {"y ~ a - 1 + b", "a b | 0"},
      {"y ~ -1 - 1 + a", "a | 0"},
      {"y ~ (1 + a)^2", "a | 1"},
      {"y ~ -(1 - a) + b", "b | 0"},
      {"y ~ a*b", "a b a:b | 1"},
      {"y ~ a:b + a", "a a:b | 1"},
      {"y ~ b:a", "b:a | 1"},
      {"y ~ a + b:a", "a a:b | 1"},
      {"y ~ a*b*c - a:b:c", "a b c a:b a:c b:c | 1"},
      {"y ~ (a + b + c)^2", "a b c a:b a:c b:c | 1"},
      {"y ~ (a + b + c)^3", "a b c a:b a:c b:c a:b:c | 1"},
      {"y ~ (a + b)^1000", "a b a:b | 1"},
      {"y ~ a^2", "a | 1"},
      {"y ~ a:a", "a | 1"},
      {"y ~ a*a", "a | 1"},
      {"y ~ a/b", "a a:b | 1"},
      {"y ~ (a + b)/c", "a b a:b:c | 1"},
      {"y ~ a/(b + c)", "a a:b a:c | 1"},
      {"y ~ a/b/c", "a a:b a:b:c | 1"},
      {"y ~ a %in% b", "a:b | 1"},
      {"y ~ a + b %in% a", "a a:b | 1"},
      {"y ~ (a + b) %in% c", "a:c b:c | 1"},
      {"y ~ c %in% (a + b)", "c:a:b | 1"},
      {"y ~ a %in% b/c", "a:b a:b:c | 1"},
      {"y ~ a - a", " | 1"},
      {"y ~ (a + b)^2 - a", "b a:b | 1"},
      {"y ~ a*b - b - a:b", "a | 1"},
      {"y ~ a:1", " | 1"},
      {"y ~ a*1", "a | 1"},
      {"y ~ 1*a + b", "b | 1"},
      {"y ~ 0/a", " | 0"},
      {"y ~ a/1", "a | 1"},
      {"y ~ a %in% 1", "a | 1"},
      {"y ~ a + a + (a) + I(a)", "a I(a) | 1"},
      {"y ~ y + a", "a | 1"},
      {"y ~ y:a", "y:a | 1"},
      {"log(y) ~ y + a", "y a | 1"},
      {"~ a + b", "a b | 1"},
      {"cbind(a, b) ~ c:a", "c:a | 1"},
      {"y ~ a + offset(o)", "a | 1"},
      {"y ~ offset(o) + a:offset(o) + b", "b | 1"},
      {"y ~ poly(a,2)*b", "poly(a, 2) b poly(a, 2):b | 1"},
      {"y ~ poly(a, 2) + poly(a,2)", "poly(a, 2) | 1"},
      {"y ~ `a b`:c + c", "c `a b`:c | 1"},
      {"y ~ +a - -b", "a | 1"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char labels[300];
    gradus_error err = {0};
    CHECK_STATUS(expand(pairs[i][0], labels, sizeof labels, &err), GRADUS_OK, &err);
    if (strcmp(labels, pairs[i][1]) != 0) {
      char text[800];
      snprintf(text, sizeof text, "%s: \"%s\", must be \"%s\"", pairs[i][0], labels, pairs[i][1]);
      CU_assertImplementation(CU_FALSE, __LINE__, text, __FILE__, "", CU_FALSE);
    }
  }
}

static void too_many_terms_are_an_error(void) {
  char text[2000] = "y ~ (a0", labels[10];
  for (int i = 1; i < 100; i++)
    snprintf(text + strlen(text), 16, "+a%d", i);
  strcat(text, ")^50");
  gradus_error err = {0};
  CHECK_STATUS(expand(text, labels, sizeof labels, &err), GRADUS_ERROR_FORMULA, &err);
  CHECK_CONTAINS(err.message, "expands to too many terms");
  err = (gradus_error){0};
  CHECK_STATUS(expand("y ~ .", labels, sizeof labels, &err), GRADUS_ERROR_FORMULA, &err);
  CHECK_CONTAINS(err.message, "\".\" needs a data set");
}

/* The k-th allocation fails for every k until none does. */
static void every_failed_allocation_is_reported_without_a_leak(void) {
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_error err = {0};
    char labels[3000];
    run.status =
        expand("y ~ (a + b + c + d + e + f + g)^3/h - a:b + offset(log(i)) + x1*x2*x3*x4*x5",
               labels, sizeof labels, &err);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"terms, their order and the intercept are those of R's terms()", terms_are_those_of_r},
      {"too many terms, and a dot without data, are errors", too_many_terms_are_an_error},
      {"every failed allocation is reported, without a leak",
       every_failed_allocation_is_reported_without_a_leak},
  };
  return test_main("terms", cases, sizeof cases / sizeof *cases);
}
