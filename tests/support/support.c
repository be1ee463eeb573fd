// SPDX-License-Identifier: GPL-3.0-or-later
#include "support.h"

#include <CUnit/Basic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int test_main(const char *module, const test_case *cases, size_t count) {
  if (CU_initialize_registry() != CUE_SUCCESS)
    return 1;
  CU_pSuite suite = CU_add_suite(module, NULL, NULL);
  for (size_t i = 0; suite && i < count; i++)
    CU_add_test(suite, cases[i].name, cases[i].run);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  bool failed = !suite || CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() != count;
  CU_cleanup_registry();
  return failed ? 1 : 0;
}

static void report(bool pass, const char *text, const char *file, int line) {
  CU_assertImplementation(pass, (unsigned)line, text, file, "", CU_FALSE);
}

void test_close(double actual, double expected, double tolerance, const char *what,
                const char *file, int line) {
  bool pass;
  if (isnan(expected) || isinf(expected))
    pass = isnan(expected) ? isnan(actual) : actual == expected;
  else
    pass = fabs(actual - expected) <= tolerance * (expected != 0 ? fabs(expected) : 1);
  char text[400];
  snprintf(text, sizeof text, "%s: is %.17g, must be %.17g within %g (relative error %.3g)", what,
           actual, expected, tolerance,
           fabs(actual - expected) / (expected != 0 ? fabs(expected) : 1));
  report(pass, text, file, line);
}

void test_status(gradus_status actual, gradus_status expected, const gradus_error *err,
                 const char *what, const char *file, int line) {
  char text[800];
  snprintf(text, sizeof text, "%s: is %s, must be %s%s%s", what, gradus_status_name(actual),
           gradus_status_name(expected), err && err->code ? ": " : "", err ? err->message : "");
  report(actual == expected, text, file, line);
}

void test_contains(const char *text, const char *part, const char *file, int line) {
  char message[1400];
  snprintf(message, sizeof message, "\"%.900s\" must contain \"%.300s\"", text ? text : "(null)",
           part);
  report(text && strstr(text, part), message, file, line);
}

double test_log_relative_error(double actual, double expected) {
  double error = expected != 0 ? fabs(actual - expected) / fabs(expected) : fabs(actual);
  if (isnan(error))
    return 0;
  if (error == 0)
    return 15;
  double digits = -log10(error);
  return digits > 15 ? 15 : digits < 0 ? 0 : digits;
}

const char *test_data(const char *name) {
  static char buffers[4][1024];
  static unsigned next;
  char *buffer = buffers[next++ % 4];
  const char *root = getenv("srcdir");
  snprintf(buffer, sizeof buffers[0], "%s/tests/data/%s", root ? root : ".", name);
  return buffer;
}

static struct { size_t count, fail_at, live; } allocations;

static bool must_fail(void) {
  return allocations.count++ >= allocations.fail_at;
}

static void *counting_allocate(size_t size) {
  void *memory = must_fail() ? NULL : malloc(size);
  allocations.live += memory != NULL;
  return memory;
}

static void *counting_reallocate(void *old, size_t size) {
  void *memory = must_fail() ? NULL : realloc(old, size);
  allocations.live += memory && !old;
  return memory;
}

static void counting_release(void *memory) {
  allocations.live -= memory != NULL;
  free(memory);
}

void test_allocations_begin(size_t fail_at) {
  allocations.count = 0;
  allocations.fail_at = fail_at;
  allocations.live = 0;
  gradus_set_allocator(counting_allocate, counting_reallocate, counting_release);
}

size_t test_allocations_end(void) {
  gradus_set_allocator(NULL, NULL, NULL);
  return allocations.count;
}

size_t test_allocations_live(void) {
  return allocations.live;
}

static bool check_failing(const failing_run *run, const char *file, int line) {
  bool failed = test_allocations_end() > allocations.fail_at;
  bool spared = run->dispensable && run->status == run->done;
  gradus_status must = failed && !spared ? GRADUS_ERROR_OUT_OF_MEMORY : run->done;
  bool right = allocations.live == 0 && run->status == must;
  char text[200];
  snprintf(text, sizeof text,
           "allocation %zu %s: %zu blocks live on, and the status is %s, must be %s",
           allocations.fail_at, failed ? "fails" : "does not fail", allocations.live,
           gradus_status_name(run->status), gradus_status_name(must));
  report(right, text, file, line);
  return failed && right;
}

bool test_next_failing(failing_run *run, const char *file, int line) {
  if (run->begun) {
    if (!check_failing(run, file, line))
      return false;
    run->at++;
  }
  run->begun = true;
  run->status = GRADUS_OK;
  test_allocations_begin(run->at);
  return true;
}

static uint64_t next(uint64_t *state) {
  return *state = *state * 6364136223846793005u + 1442695040888963407u;
}

double test_uniform(uint64_t *state) {
  return (double)(next(state) >> 11) * 0x1p-53;
}

double test_draw(uint64_t *state) {
  return test_uniform(state) - 0.5;
}

double test_signed(uint64_t *state) {
  return (double)(int64_t)next(state) * 0x1p-63;
}

double test_number_after(const char *name, const char *key) {
  char line[256];
  double value = NAN;
  FILE *file = fopen(test_data(name), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, key, strlen(key)) == 0)
      value = strtod(line + strlen(key), NULL);
  fclose(file);
  return value;
}

double test_high_precision(const char *id, const char *quantity, const char *name) {
  char key[128];
  snprintf(key, sizeof key, "%s,%s%s%s,", id, quantity, name ? ":" : "", name ? name : "");
  return test_number_after("oracles/mp.csv", key);
}
