// SPDX-License-Identifier: GPL-3.0-or-later
/* Separation of a binary response: against the definition by brute force in low dimension, against
 * R's lpSolve, and where the answer is known. */
#include "../lib/solver/separation_internal.h"
#include "support/cells.h"

#include <glpk.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_Q = 40 };

/* An answer without the handle's memory. */
typedef struct answer {
  bool separated, complete, finite[MOST_Q];
  int sign[MOST_Q];
  size_t row;
} answer;

static gradus_status find_source(answer *a, const gradus_source *source, bool intercept,
                                 const bool *dropped, gradus_error *err) {
  gradus_i_separation s;
  size_t q = gradus_source_get_shape(source)->columns + intercept;
  gradus_status status = gradus_i_separation_find(&s, source, intercept, dropped, err);
  *a = (answer){.separated = s.separated, .complete = s.complete, .row = s.row};
  for (size_t j = 0; status <= 0 && j < q; j++) {
    a->sign[j] = s.sign[j];
    a->finite[j] = s.finite[j];
  }
  CU_ASSERT((status > 0) == !s.sign);
  gradus_i_separation_clear(&s);
  return status;
}

/* x n×p row-major; weights NULL: none. */
static gradus_status find_arrays(answer *a, size_t n, size_t p, double *x, double *y, double *w,
                                 bool intercept, const bool *dropped, gradus_error *err) {
  gsl_matrix_view xv = gsl_matrix_view_array(x, n, p), yv = gsl_matrix_view_array(y, n, 1);
  gsl_vector_view wv = gsl_vector_view_array(w ? w : y, n);
  gradus_source *source = NULL;
  gradus_weight_kind kind = w ? GRADUS_WEIGHT_PRIOR : GRADUS_WEIGHT_NONE;
  *a = (answer){0};
  gradus_status status = gradus_source_from_matrix(&source, &xv.matrix, &yv.matrix,
                                                   w ? &wv.vector : NULL, kind, NULL, err);
  if (status <= 0)
    status = find_source(a, source, intercept, dropped, err);
  gradus_source_free(source);
  return status;
}

static answer find(size_t n, size_t p, double *x, double *y, double *w) {
  answer a;
  gradus_error err = {0};
  CHECK_STATUS(find_arrays(&a, n, p, x, y, w, true, NULL, &err), GRADUS_OK, &err);
  return a;
}

static answer find_file(const char *path, const char *formula) {
  answer a = {0};
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_formula *parsed = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, path, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&parsed, formula, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&design, parsed, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, design, frame, NULL, &err), GRADUS_OK, &err);
  if (source)
    CHECK_STATUS(find_source(&a, source, true, NULL, &err), GRADUS_OK, &err);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(parsed);
  gradus_frame_free(frame);
  return a;
}

static void hostile_files_are_seen_through(void) {
  answer a = find_file(test_data("hostile/sep_complete.csv"), "y ~ x");
  CU_ASSERT(a.separated && a.complete && a.row == 1);
  CU_ASSERT(!a.finite[0] && !a.finite[1] && a.sign[1] == 1);
  /* (Intercept), fb, fc, x: only level c is at fault. */
  a = find_file(test_data("hostile/sep_factor_level.csv"), "y ~ f + x");
  CU_ASSERT(a.separated && !a.complete && a.row == 21);
  static const int sign[] = {0, 0, 1, 0};
  for (size_t j = 0; j < 4; j++) {
    CU_ASSERT_EQUAL(a.sign[j], sign[j]);
    CU_ASSERT_EQUAL(a.finite[j], sign[j] == 0);
  }
}

static void overlapping_data_are_not_separated(void) {
  answer a = find_file("@birthwt", "low ~ age + lwt + factor(race) + smoke + ptl + ht + ui + ftv");
  CU_ASSERT(!a.separated && !a.complete && a.row == 0);
  for (size_t j = 0; j < 10; j++)
    CU_ASSERT(a.finite[j] && a.sign[j] == 0);
  /* The weight at birth defines low. */
  a = find_file("@birthwt", "low ~ age + bwt");
  CU_ASSERT(a.separated && a.complete && a.sign[2] == -1);
}

static void one_class_moves_the_intercept(void) {
  double x[] = {1, 5, 2, 6, 3, 8, 4, 5.5}, y[] = {1, 1, 1, 1};
  for (int outcome = 0; outcome < 2; outcome++) {
    for (size_t i = 0; i < 4; i++)
      y[i] = outcome;
    answer a = find(4, 2, x, y, NULL);
    CU_ASSERT(a.separated && a.complete);
    CU_ASSERT_EQUAL(a.sign[0], outcome ? 1 : -1);
    /* The slopes move nowhere, but have no estimate either. */
    CU_ASSERT(a.sign[1] == 0 && a.sign[2] == 0 && !a.finite[1] && !a.finite[2]);
  }
}

static void one_point_on_the_boundary_is_quasi_separation(void) {
  double x[] = {1, 2, 3, 3, 4, 5}, y[] = {0, 0, 0, 1, 1, 1};
  answer a = find(6, 1, x, y, NULL);
  CU_ASSERT(a.separated && !a.complete && a.row == 1);
  CU_ASSERT(a.sign[0] == -1 && a.sign[1] == 1);
  x[2] = 3.001; /* overlap */
  a = find(6, 1, x, y, NULL);
  CU_ASSERT(!a.separated && a.finite[0] && a.finite[1]);
  x[2] = 2.999;
  a = find(6, 1, x, y, NULL);
  CU_ASSERT(a.separated && a.complete);
}

static void proportions_hold_their_rows(void) {
  double x[] = {1, 2, 3, 4}, y[] = {0, 0.25, 1, 1}, trials[] = {3, 4, 5, 6};
  answer a = find(4, 1, x, y, trials);
  CU_ASSERT(a.separated && !a.complete && a.row == 1);
  CU_ASSERT(a.sign[0] == -1 && a.sign[1] == 1);
  y[2] = 0.5; /* two rows held: the line is determined */
  a = find(4, 1, x, y, trials);
  CU_ASSERT(!a.separated);
  for (size_t i = 0; i < 4; i++)
    y[i] = 0.5;
  a = find(4, 1, x, y, trials);
  CU_ASSERT(!a.separated && !a.complete);
}

static void rows_of_weight_zero_do_not_count(void) {
  double x[] = {1, 2, 3, 4, 0, 9}, y[] = {0, 0, 1, 1, 1, 7}, w[] = {1, 2, 1, 1, 0, 0};
  answer a = find(6, 1, x, y, w);
  CU_ASSERT(a.separated && a.complete && a.sign[1] == 1);
  w[4] = 1;
  y[5] = 0;
  a = find(6, 1, x, y, w);
  CU_ASSERT(!a.separated);
  memset(w, 0, sizeof w);
  a = find(6, 1, x, y, w);
  CU_ASSERT(!a.separated && !a.complete && a.finite[0] && a.finite[1]);
}

static void repeated_rows_change_nothing(void) {
  enum { COPIES = 3000 };
  static const double point[] = {0, 0, 1, 1, 2}, response[] = {0, 1, 0, 1, 1};
  double *x = calloc(5 * COPIES, sizeof *x), *y = calloc(5 * COPIES, sizeof *y);
  for (size_t i = 0; i < 5 * COPIES; i++) {
    x[i] = i % 2 ? point[i % 5] : -(-point[i % 5]); /* -0 is 0 */
    y[i] = response[i % 5];
  }
  answer a = find(5 * COPIES, 1, x, y, NULL);
  CU_ASSERT(!a.separated);
  gsl_matrix_view xv = gsl_matrix_view_array(x, 5 * COPIES, 1);
  gsl_matrix_view yv = gsl_matrix_view_array(y, 5 * COPIES, 1);
  gradus_source *source = NULL;
  gradus_i_points points;
  gradus_error err = {0};
  gradus_source_from_matrix(&source, &xv.matrix, &yv.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CHECK_STATUS(gradus_i_points_read(&points, source, (bool[]){true}, 3, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(points.count, 3);
  CU_ASSERT_EQUAL(points.row[2], 5);
  gradus_i_points_clear(&points);
  CHECK_STATUS(gradus_i_points_read(&points, source, (bool[]){true}, 2, &err),
               GRADUS_ERROR_TOO_LARGE, &err);
  CHECK_CONTAINS(err.message, "limit of 2 cells");
  gradus_source_free(source);
  free(x);
  free(y);
}

static void an_aliased_column_is_left_alone(void) {
  double x[] = {1, 2, 1, 2, 4, 7, 3, 6, -2, 4, 8, 5, 5, 10, 0}, y[] = {0, 0, 0, 1, 1};
  answer a;
  bool dropped[] = {false, false, true, false};
  CHECK_STATUS(find_arrays(&a, 5, 3, x, y, NULL, true, dropped, NULL), GRADUS_OK, NULL);
  CU_ASSERT(a.separated && a.complete && a.sign[2] == 0 && a.finite[2]);
  CU_ASSERT(!a.finite[0] && !a.finite[1] && !a.finite[3] && a.sign[1] == 1);
  bool all[] = {true, true, true, true};
  CHECK_STATUS(find_arrays(&a, 5, 3, x, y, NULL, true, all, NULL), GRADUS_OK, NULL);
  CU_ASSERT(!a.separated && a.finite[0]);
  bool first[] = {true, false, true, false};
  CHECK_STATUS(find_arrays(&a, 5, 3, x, y, NULL, true, first, NULL), GRADUS_OK, NULL);
  CU_ASSERT(a.finite[0] && a.sign[0] == 0);
}

static int small_integer(uint64_t *state, int most) {
  return (int)floor((double)(most + 0.999) * test_signed(state));
}

/* ---- by brute force ---- */

/* In dimension 2 or 3, all in small integers. */
typedef struct cone {
  size_t n, q;
  int a[20][3]; /* a row of one sign >= 0, a row of both = 0 */
  bool tied[20];
  int ray_count;
  int low[3], high[3]; /* signs that the rays take */
  int level;           /* the data's inputs are larger by that: another intercept */
  long total[20];      /* of the rows over all rays */
} cone;

static void try_ray(cone *c, const int *d) {
  long product[20];
  bool zero = true;
  for (size_t i = 0; i < c->n; i++) {
    product[i] = 0;
    for (size_t j = 0; j < c->q; j++)
      product[i] += c->a[i][j] * d[j];
    if (product[i] < 0 || (c->tied[i] && product[i] != 0))
      return;
  }
  for (size_t j = 0; j < c->q; j++)
    zero = zero && d[j] == 0;
  if (zero)
    return;
  c->ray_count++;
  for (size_t i = 0; i < c->n; i++)
    c->total[i] += product[i];
  for (size_t j = 0; j < c->q; j++) {
    int value = j > 0 ? d[j] : d[0] - c->level * (d[1] + d[2]);
    c->low[j] = value < 0 ? -1 : c->low[j];
    c->high[j] = value > 0 ? 1 : c->high[j];
  }
}

/* A cone with rows of full rank is made by its extreme rays, each of which is orthogonal to q - 1
   independent rows. Returns false where the rank is not full. */
static bool enumerate(cone *c) {
  bool full = false;
  for (size_t i = 0; i < c->n; i++)
    for (size_t k = 0; k < (c->q == 2 ? 1 : c->n); k++) {
      const int *a = c->a[i], *b = c->a[k];
      int d[3] = {-a[1], a[0], 0};
      if (c->q == 3) {
        d[0] = a[1] * b[2] - a[2] * b[1];
        d[1] = a[2] * b[0] - a[0] * b[2];
        d[2] = a[0] * b[1] - a[1] * b[0];
      }
      for (size_t l = 0; l < c->n; l++) {
        int product = 0;
        for (size_t j = 0; j < c->q; j++)
          product += c->a[l][j] * d[j];
        full = full || product != 0;
      }
      try_ray(c, d);
      for (size_t j = 0; j < 3; j++)
        d[j] = -d[j];
      try_ray(c, d);
    }
  return full;
}

/* Integers, one column scaled by 1e6 or 1e-6 and far from 0. Returns false for a singular one. */
static bool check_random(uint64_t *state, size_t p, bool intercept, double scale, int counts[3]) {
  cone c = {.n = 3 + (size_t)abs(small_integer(state, 9)),
            .q = p + intercept,
            .level = intercept ? 1000 : 0};
  double x[40], y[20];
  int most = 1 + abs(small_integer(state, 3));
  for (size_t i = 0; i < c.n; i++) {
    bool tied = abs(small_integer(state, 20)) == 20;
    int sign = small_integer(state, 9) > 0 ? 1 : -1;
    y[i] = tied ? 0.5 : sign > 0;
    c.tied[i] = tied;
    for (size_t j = 0; j < p; j++) {
      int value = small_integer(state, most) + (i % 3 ? sign : 0);
      c.a[i][j + intercept] = sign * value;
      x[i * p + j] = (value + c.level) * (j ? 1 : scale);
    }
    if (intercept)
      c.a[i][0] = sign;
  }
  if (!enumerate(&c))
    return false;
  answer a;
  gradus_error err = {0};
  CHECK_STATUS(find_arrays(&a, c.n, p, x, y, NULL, intercept, NULL, &err), GRADUS_OK, &err);
  bool separated = false, complete = true;
  for (size_t i = 0; i < c.n; i++) {
    separated = separated || c.total[i] > 0;
    complete = complete && c.total[i] > 0;
  }
  CU_ASSERT_EQUAL(a.separated, separated);
  CU_ASSERT_EQUAL(a.complete, separated && complete);
  for (size_t j = 0; j < c.q; j++) {
    CU_ASSERT_EQUAL(a.finite[j], c.low[j] == 0 && c.high[j] == 0);
    if (c.low[j] == 0 || c.high[j] == 0)
      CU_ASSERT_EQUAL(a.sign[j], c.low[j] + c.high[j]);
  }
  for (size_t i = 0; separated && i < c.n; i++)
    if (i + 1 == a.row)
      CU_ASSERT(c.total[i] > 0);
  counts[separated ? 1 + complete : 0]++;
  return true;
}

static void random_problems_are_as_enumerated(void) {
  static const struct {
    size_t p;
    bool intercept;
  } shapes[] = {{1, true}, {2, true}, {2, false}};
  uint64_t state = 7;
  int counts[3] = {0};
  for (size_t i = 0; i < 6000; i++) {
    double scale = i % 3 == 0 ? 1 : i % 3 == 1 ? 1e6 : 1e-6;
    check_random(&state, shapes[i / 3 % 3].p, shapes[i / 3 % 3].intercept, scale, counts);
  }
  CU_ASSERT(counts[0] > 500 && counts[1] > 500 && counts[2] > 500);
}

/* ---- against R ---- */

typedef struct table {
  gradus_frame *frame;
  size_t row; /* of the frame: the first of the present problem */
} table;

static double number(const table *t, const char *name, size_t digit, size_t row) {
  size_t column;
  char full[32];
  snprintf(full, sizeof full, digit < 10 ? "%s%zu" : "%s", name, digit);
  if (!gradus_frame_find(t->frame, full, &column) || !gradus_frame_numeric(t->frame, column))
    return NAN;
  return gradus_frame_numeric(t->frame, column)[row];
}

/* The problem at t->row against the signs that R gives; returns its number of rows. */
static size_t check_problem(const table *t) {
  enum { NONE = 10 };
  size_t n = 0, rows = gradus_frame_rows(t->frame), p = (size_t)number(t, "p", NONE, t->row);
  bool intercept = number(t, "intercept", NONE, t->row) == 1;
  double problem = number(t, "problem", NONE, t->row), x[24 * 4], y[24], w[24];
  for (; n < 24 && t->row + n < rows; n++) {
    size_t row = t->row + n;
    if (number(t, "problem", NONE, row) != problem)
      break;
    y[n] = number(t, "y", NONE, row);
    w[n] = number(t, "trials", NONE, row);
    for (size_t j = 0; j < p; j++)
      x[n * p + j] = number(t, "x", j + 1, row);
  }
  answer a;
  gradus_error err = {0};
  CHECK_STATUS(find_arrays(&a, n, p, x, y, w, intercept, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(a.separated, number(t, "separated", NONE, t->row));
  CU_ASSERT_EQUAL(a.complete, number(t, "complete", NONE, t->row));
  for (size_t j = 0; j < p + intercept; j++) {
    double low = number(t, "low", j + !intercept, t->row);
    double high = number(t, "high", j + !intercept, t->row);
    CU_ASSERT_EQUAL(a.finite[j], low == 0 && high == 0);
    if (low == 0 || high == 0)
      CU_ASSERT_EQUAL(a.sign[j], low + high);
  }
  return n;
}

static void lp_solve_of_r_says_the_same(void) {
  table t = {0};
  size_t problems = 0;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&t.frame, test_data("separation.csv"), NULL, &err), GRADUS_OK,
               &err);
  for (; t.frame && t.row < gradus_frame_rows(t.frame); problems++)
    t.row += check_problem(&t);
  CU_ASSERT_EQUAL(problems, 120);
  gradus_frame_free(t.frame);
}

/* ---- large, wide apart, badly scaled ---- */

typedef struct large {
  size_t n, p;
  double *x, *y;
} large;

/* noise: how far around the plane both outcomes are found. */
static large make_large(size_t n, size_t p, double noise) {
  large l = {n, p, calloc(n * p, sizeof(double)), calloc(n, sizeof(double))};
  uint64_t state = 11;
  for (size_t i = 0; i < n; i++) {
    double sum = 0.1;
    for (size_t j = 0; j < p; j++) {
      l.x[i * p + j] = test_signed(&state);
      sum += l.x[i * p + j] * (j % 3 ? 1 : -1);
    }
    l.y[i] = sum + noise * test_signed(&state) > 0;
  }
  return l;
}

static void check_large(size_t n, size_t p, double noise, bool separated, double seconds) {
  large l = make_large(n, p, noise);
  clock_t start = clock();
  answer a = find(n, p, l.x, l.y, NULL);
  double took = (double)(clock() - start) / CLOCKS_PER_SEC;
  CU_ASSERT(a.separated == separated && a.complete == separated);
  for (size_t j = 0; j < p + 1; j++) {
    CU_ASSERT_EQUAL(a.finite[j], !separated);
    if (separated && n > 1000 && j > 0)
      CU_ASSERT_EQUAL(a.sign[j], (j - 1) % 3 ? 1 : -1);
  }
  CU_ASSERT(took < seconds);
  if (took >= seconds)
    printf("%zu rows, %zu columns: %.3f s\n", n, p, took);
  free(l.x);
  free(l.y);
}

static void large_problems_take_less_than_a_second(void) {
  check_large(2000, 30, 0, true, 0.8);
  check_large(2000, 30, 3, false, 0.8);
  check_large(2000, 30, 0.2, false, 0.8);
  check_large(50000, 10, 0, true, 2);
  check_large(50000, 10, 0.01, false, 2);
  check_large(20, 30, 3, true, 0.5); /* more columns than rows */
}

static void scales_do_not_matter(void) {
  static const double scales[] = {1e6, 1e-6, 1e150, 1e-150, 1e300, 1e-300};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
    for (int separated = 0; separated < 2; separated++) {
      large l = make_large(300, 4, separated ? 0 : 1);
      for (size_t i = 0; i < l.n; i++) {
        l.x[4 * i] *= scales[s];
        l.x[4 * i + 1] /= scales[s];
        l.x[4 * i + 2] += 1e6;
      }
      answer a = find(l.n, l.p, l.x, l.y, NULL);
      CU_ASSERT_EQUAL(a.separated, separated);
      CU_ASSERT_EQUAL(a.complete, separated);
      for (size_t j = 1; separated && j < 5; j++)
        CU_ASSERT_EQUAL(a.sign[j], (j - 1) % 3 ? 1 : -1);
      free(l.x);
      free(l.y);
    }
  double tiny[] = {1e-320, 2e-320, 3e-320, 4e-320}, half[] = {0, 0, 1, 1};
  answer b = find(4, 1, tiny, half, NULL);
  CU_ASSERT(b.complete && b.sign[1] == 1);
  double far[] = {-1.7e308, 1.7e308, 1, 2}, y[] = {0, 1, 1, 1};
  answer a = find(4, 1, far, y, NULL);
  CU_ASSERT(a.separated && a.sign[1] == 1);
}

/* The boundary lies among rows that are as one point beside the farthest. */
static void close_rows_are_told_apart_beside_far_ones(void) {
  double x[] = {1, 2, 3, 4, 5, 6, 1e9, 2e10}, y[] = {0, 0, 0, 1, 1, 1, 1, 1};
  answer a = find(8, 1, x, y, NULL);
  CU_ASSERT(a.separated && a.complete && a.sign[1] == 1 && !a.finite[0]);
  y[2] = 1;
  y[3] = 0;
  a = find(8, 1, x, y, NULL);
  CU_ASSERT(!a.separated);
}

/* Two columns that differ by a little, and only the difference tells. */
static void nearly_collinear_columns_are_told_apart(void) {
  static const double lean[] = {1e-3, 1e-5, 1e-7};
  for (size_t i = 0; i < 3; i++)
    for (int separated = 0; separated < 2; separated++) {
      large l = make_large(1000, 3, 0);
      for (size_t k = 0; k < l.n; k++) {
        double difference = l.x[3 * k + 1];
        l.y[k] = difference > (separated ? 0 : 0.1 * l.x[3 * k + 2] * (k % 2 ? 1 : -1));
        l.x[3 * k + 1] = l.x[3 * k] + lean[i] * difference;
      }
      answer a = find(l.n, l.p, l.x, l.y, NULL);
      CU_ASSERT(a.separated == separated && a.complete == separated);
      if (separated)
        CU_ASSERT(a.sign[1] == -1 && a.sign[2] == 1);
      free(l.x);
      free(l.y);
    }
}

static void bad_data_are_named(void) {
  double x[] = {1, 2, 3, 4}, y[] = {0, 1, 2, 1}, w[] = {1, 1, 1, -1};
  answer a;
  gradus_error err = {0};
  CHECK_STATUS(find_arrays(&a, 4, 1, x, y, NULL, true, NULL, &err), GRADUS_ERROR_BAD_RESPONSE,
               &err);
  CHECK_CONTAINS(err.message, "row 3: the response is 2");
  y[2] = NAN;
  CHECK_STATUS(find_arrays(&a, 4, 1, x, y, NULL, true, NULL, NULL), GRADUS_ERROR_BAD_RESPONSE,
               NULL);
  y[2] = 0;
  x[1] = INFINITY;
  err = (gradus_error){0};
  CHECK_STATUS(find_arrays(&a, 4, 1, x, y, NULL, true, NULL, &err), GRADUS_ERROR_NON_FINITE, &err);
  CHECK_CONTAINS(err.message, "row 2, input column 1");
  x[1] = 2;
  err = (gradus_error){0};
  CHECK_STATUS(find_arrays(&a, 4, 1, x, y, w, true, NULL, &err), GRADUS_ERROR_BAD_WEIGHT, &err);
  CHECK_CONTAINS(err.message, "row 4");
  gsl_matrix_view xv = gsl_matrix_view_array(x, 2, 2), yv = gsl_matrix_view_array(y, 2, 2);
  gradus_source *source = NULL;
  gradus_source_from_matrix(&source, &xv.matrix, &yv.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CHECK_STATUS(find_source(&a, source, true, NULL, NULL), GRADUS_ERROR_SHAPE, NULL);
  gradus_source_free(source);
}

static void every_failed_allocation_is_reported(void) {
  large l = make_large(400, 3, 0);
  gsl_matrix_view xv = gsl_matrix_view_array(l.x, l.n, l.p),
                  yv = gsl_matrix_view_array(l.y, l.n, 1);
  gradus_source *source = NULL;
  gradus_source_from_matrix(&source, &xv.matrix, &yv.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_separation s;
    gradus_error err = {0};
    run.status = gradus_i_separation_find(&s, source, true, NULL, &err);
    gradus_i_separation_clear(&s);
    CU_ASSERT_EQUAL(err.code, run.status);
  }
  CU_ASSERT(run.at > 20);
  gradus_source_free(source);
  free(l.x);
  free(l.y);
}

static int heard(void *count, const char *text) {
  (void)text;
  ++*(int *)count;
  return 1;
}

static void glpk_of_the_host_is_left_as_it_was(void) {
  int count = 0;
  double x[] = {1, 2, 3, 4}, y[] = {0, 0, 1, 1};
  glp_init_env();
  glp_term_hook(heard, &count);
  glp_prob *host = glp_create_prob();
  glp_add_rows(host, 1);
  find(4, 1, x, y, NULL);
  CU_ASSERT_EQUAL(count, 0);
  CU_ASSERT_EQUAL(glp_get_num_rows(host), 1);
  CU_ASSERT_EQUAL(glp_term_out(GLP_OFF), GLP_ON);
  glp_delete_prob(host);
  CU_ASSERT_EQUAL(glp_free_env(), 0);
  find(4, 1, x, y, NULL);
  CU_ASSERT_EQUAL(glp_free_env(), 1); /* nothing is left behind */
}

int main(void) {
  static const test_case cases[] = {
      {"hostile files are seen through", hostile_files_are_seen_through},
      {"overlapping data are not separated", overlapping_data_are_not_separated},
      {"one class moves the intercept", one_class_moves_the_intercept},
      {"one point on the boundary is quasi-separation",
       one_point_on_the_boundary_is_quasi_separation},
      {"proportions hold their rows", proportions_hold_their_rows},
      {"rows of weight zero do not count", rows_of_weight_zero_do_not_count},
      {"repeated rows change nothing", repeated_rows_change_nothing},
      {"an aliased column is left alone", an_aliased_column_is_left_alone},
      {"random problems are as enumerated", random_problems_are_as_enumerated},
      {"lpSolve of R says the same", lp_solve_of_r_says_the_same},
      {"large problems take less than a second", large_problems_take_less_than_a_second},
      {"scales do not matter", scales_do_not_matter},
      {"close rows are told apart beside far ones", close_rows_are_told_apart_beside_far_ones},
      {"nearly collinear columns are told apart", nearly_collinear_columns_are_told_apart},
      {"bad data are named", bad_data_are_named},
      {"every failed allocation is reported", every_failed_allocation_is_reported},
      {"GLPK of the host is left as it was", glpk_of_the_host_is_left_as_it_was},
  };
  return test_main("separation", cases, sizeof cases / sizeof *cases);
}
