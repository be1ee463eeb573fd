// SPDX-License-Identifier: GPL-3.0-or-later
/* What all test programs share. */
#ifndef GRADUS_TESTS_SUPPORT_H
#define GRADUS_TESTS_SUPPORT_H

#include <CUnit/CUnit.h>
#include <gradus/gradus.h>

#include <stdint.h>

/* A test and the sentence that says what must be true. */
typedef struct test_case {
  const char *name;
  CU_TestFunc run;
} test_case;

/* Runs the cases of one module; returns main's exit status (1 if any assertion failed). */
int test_main(const char *module, const test_case *cases, size_t count);

/* Checks with a message that shows both numbers. Relative error, absolute where expected is 0; NaN
 * equals NaN. */
#define CHECK_CLOSE(actual, expected, tolerance)                                                   \
  test_close((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)
void test_close(double actual, double expected, double tolerance, const char *what,
                const char *file, int line);

/* Checks a status, showing names and the message of err (may be NULL). */
#define CHECK_STATUS(actual, expected, err)                                                        \
  test_status((actual), (expected), (err), #actual, __FILE__, __LINE__)
void test_status(gradus_status actual, gradus_status expected, const gradus_error *err,
                 const char *what, const char *file, int line);

/* Checks that `text` contains `part`, showing both. */
#define CHECK_CONTAINS(text, part) test_contains((text), (part), __FILE__, __LINE__)
void test_contains(const char *text, const char *part, const char *file, int line);

/* Log relative error, as NIST defines it, capped at 15: -log10(|a-e|/|e|), -log10|a| where e is 0.
 */
double test_log_relative_error(double actual, double expected);

/* Path of a file below the source tree's tests/data; static buffer, overwritten by the next call
 * but three. */
const char *test_data(const char *name);

/* The number that follows a key at the start of a line of a file below tests/data; NaN if it is not
 * there. */
double test_number_after(const char *file, const char *key);

/* A quantity of an oracle in 50-digit arithmetic (tests/data/oracles/mp.csv); NaN if it is not
 * there. name may be NULL. */
double test_high_precision(const char *id, const char *quantity, const char *name);

/* Makes allocation number k (from 0) of the library fail, and every later one too;
   test_allocations_end restores and returns how many were asked for. test_allocations_live: blocks
   not yet freed. */
void test_allocations_begin(size_t fail_at);
size_t test_allocations_end(void);
size_t test_allocations_live(void);

/* Runs of one piece of code, of which each has one allocation more than the run before it until all
   further ones fail, up to the one in which none does:
     for (failing_run run = {0}; NEXT_FAILING(&run);) {
       run.status = what allocates;
       free all of it;
     }
   After each run nothing may live, and the status must be GRADUS_ERROR_OUT_OF_MEMORY where an
   allocation failed and `done` where none did. The loop ends early where that is not so. */
typedef struct failing_run {
  size_t at;            /* the allocation that fails, from 0; a run may add to it to skip some */
  gradus_status status; /* the run's, which it sets */
  gradus_status done;   /* the last run's; 0: GRADUS_OK */
  bool dispensable;     /* a run may also do without what fails, and end as the last one */
  bool begun;
} failing_run;
#define NEXT_FAILING(run) test_next_failing((run), __FILE__, __LINE__)
bool test_next_failing(failing_run *run, const char *file, int line);

/* A linear congruential generator (Knuth's MMIX), so that every machine has the same numbers:
   uniform in [0, 1), the same less 0.5, and uniform in [-1, 1). */
double test_uniform(uint64_t *state);
double test_draw(uint64_t *state);
double test_signed(uint64_t *state);

#endif
