// SPDX-License-Identifier: GPL-3.0-or-later
/* The two linear programs on a cone, by GLPK's simplex method.

   Both are given to GLPK as their duals. These have a row per coefficient and a column per row of
   data, so that a basis is small however many rows there are, and rows can be added column by
   column to a solved program, whose basis stays feasible:

     widest:    min Σ(u_j + v_j)   with  Σ_i m_i z_i - u + v = -Σ_i z_i,  m, u, v >= 0
     shortest:  max Σ_i m_i        with  -1 <= Σ_i m_i z_ij <= 1,         m >= 0

   (m_i is free for a tied row, and does not count in the sums of i). d is minus the rows' dual
   values. A program starts with a few rows of the cone and takes in those that its d violates until
   there are none, which is column generation: Dantzig & Wolfe 1960. */
#include "separation_internal.h"

#include <glpk.h>
#include <math.h>
#include <string.h>

/* Of GLPK's simplex method; it forms all numbers from entries of at most 1. */
static const double tolerance_simplex = 1e-9;
/* How far below its bound a row may be in the end. */
static const double tolerance_row = 1e-7;

typedef struct program {
  const gradus_i_cone *cone;
  bool shortest;
  double *activity, *d;
  glp_prob *lp;
  bool *inside; /* per row of the cone: it is in the program */
  size_t inside_count;
  int *index; /* 1..columns, for glp_set_mat_col */
  double *value;
} program;

/* GLPK keeps its state per thread and makes it when it is first needed. What this call has made it
   frees again; the host's own is given back as it was. */
typedef struct environment {
  bool own;
  int terminal;
} environment;

static gradus_status environment_begin(environment *e, gradus_error *err) {
  int made = glp_init_env();
  if (made > 1)
    return gradus_i_out_of_memory(err);
  e->own = made == 0;
  e->terminal = glp_term_out(GLP_OFF);
  return GRADUS_OK;
}

static void environment_end(const environment *e) {
  glp_term_out(e->terminal);
  if (e->own)
    glp_free_env();
}

/* GLPK aborts the process when malloc fails or a size is out of its range: so both are asked before
   each growth. An element takes 56 bytes in the problem and 24 in the simplex method's two copies.
 */
static gradus_status check_room(const program *q, size_t more, gradus_error *err) {
  enum { BYTES_PER_CELL = 96, BYTES_PER_COLUMN = 512, MOST_CELLS = 20000000 };
  size_t columns = q->inside_count + more + 2 * q->cone->columns, cells;
  if (!gradus_i_multiply(columns, q->cone->columns + 1, &cells) || cells > MOST_CELLS)
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "looking for separation: a linear program of %zu rows and %zu columns is "
                         "beyond the limit of %d cells; leave out columns",
                         q->inside_count + more, q->cone->columns, MOST_CELLS);
  void *probe = gradus_i_allocate_raw(cells * BYTES_PER_CELL + columns * BYTES_PER_COLUMN, 1);
  if (!probe)
    return gradus_i_out_of_memory(err);
  gradus_i_release(probe);
  return GRADUS_OK;
}

static void add_row(program *q, size_t i) {
  const gradus_i_cone *cone = q->cone;
  int length = 0, column = glp_add_cols(q->lp, 1);
  for (size_t j = 0; j < cone->columns; j++)
    if (cone->z[i * cone->columns + j] != 0) {
      q->index[++length] = (int)j + 1;
      q->value[length] = cone->z[i * cone->columns + j];
    }
  glp_set_mat_col(q->lp, column, length, q->index, q->value);
  glp_set_col_bnds(q->lp, column, cone->tied[i] ? GLP_FR : GLP_LO, 0, 0);
  glp_set_col_stat(q->lp, column, cone->tied[i] ? GLP_NF : GLP_NL);
  glp_set_obj_coef(q->lp, column, q->shortest && !cone->tied[i] ? -1 : 0);
  q->inside[i] = true;
  q->inside_count++;
}

/* Rows and the columns u and v of the widest direction, with u or v basic: feasible from the start.
   The right side is the mean instead of the sum, so that tolerances mean the same for any number of
   rows. */
static void make_widest(program *q) {
  const gradus_i_cone *cone = q->cone;
  int m = (int)cone->columns, first = glp_add_cols(q->lp, 2 * m);
  for (int j = 1; j <= m; j++) {
    double sum = 0;
    for (size_t i = 0; i < cone->rows; i++)
      if (!cone->tied[i])
        sum += cone->z[i * cone->columns + (size_t)j - 1];
    glp_set_row_bnds(q->lp, j, GLP_FX, -sum / (double)cone->rows, 0);
    glp_set_row_stat(q->lp, j, GLP_NS);
    for (int side = 0; side < 2; side++) {
      int column = first + j - 1 + side * m;
      glp_set_mat_col(q->lp, column, 1, (int[]){0, j}, (double[]){0, side ? 1 : -1});
      glp_set_col_bnds(q->lp, column, GLP_LO, 0, 0);
      glp_set_obj_coef(q->lp, column, 1);
      glp_set_col_stat(q->lp, column, (sum < 0) == (side == 1) ? GLP_BS : GLP_NL);
    }
  }
}

static void make_shortest(program *q) {
  for (int j = 1; j <= (int)q->cone->columns; j++)
    glp_set_row_bnds(q->lp, j, GLP_DB, -1, 1);
}

static gradus_status program_make(program *q, gradus_error *err) {
  size_t m = q->cone->columns;
  q->inside = gradus_i_allocate(q->cone->rows, sizeof *q->inside);
  q->index = gradus_i_allocate(m + 1, sizeof *q->index);
  q->value = gradus_i_allocate(m + 1, sizeof *q->value);
  if (!q->inside || !q->index || !q->value)
    return gradus_i_out_of_memory(err);
  gradus_status status = check_room(q, 0, err);
  if (status > 0)
    return status;
  q->lp = glp_create_prob();
  glp_set_obj_dir(q->lp, GLP_MIN);
  glp_add_rows(q->lp, (int)m);
  if (q->shortest)
    make_shortest(q);
  else
    make_widest(q);
  return GRADUS_OK;
}

/* Solves from the present basis, and if that fails once more from one of GLPK's making. */
static gradus_status solve(program *q, gradus_error *err) {
  glp_smcp control;
  glp_init_smcp(&control);
  control.msg_lev = GLP_MSG_OFF;
  control.meth = GLP_PRIMAL;
  control.tol_bnd = control.tol_dj = tolerance_simplex;
  control.it_lim = 20000 + 50 * glp_get_num_cols(q->lp);
  for (int attempt = 0; attempt < 2; attempt++) {
    if (glp_simplex(q->lp, &control) == 0 && glp_get_status(q->lp) == GLP_OPT) {
      for (size_t j = 0; j < q->cone->columns; j++)
        q->d[j] = -glp_get_row_dual(q->lp, (int)j + 1);
      return GRADUS_OK;
    }
    glp_adv_basis(q->lp, 0);
    control.meth = GLP_DUALP;
  }
  return gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                       "looking for separation: GLPK's simplex method found no optimum; scale the "
                       "columns or leave out nearly collinear ones");
}

static void set_activity(program *q) {
  const gradus_i_cone *cone = q->cone;
  for (size_t i = 0; i < cone->rows; i++) {
    double sum = 0;
    for (size_t j = 0; j < cone->columns; j++)
      sum += cone->z[i * cone->columns + j] * q->d[j];
    q->activity[i] = sum;
  }
}

static double violation(const program *q, size_t i) {
  double target = q->shortest && !q->cone->tied[i] ? 1 : 0;
  double below = target - q->activity[i];
  return q->cone->tied[i] ? fabs(below) : below;
}

/* Takes in some of the rows outside that d violates (all violate before the first solution), spread
   over all of them; returns how many there were. */
static size_t add_violated(program *q, bool any, gradus_status *status, gradus_error *err) {
  size_t n = q->cone->rows, most = 200 + 4 * q->cone->columns, count = 0, seen = 0;
  for (size_t i = 0; i < n; i++)
    count += !q->inside[i] && (any || violation(q, i) > tolerance_simplex);
  size_t step = (count + most - 1) / most;
  if (count > 0)
    *status = check_room(q, most, err);
  for (size_t i = 0; *status <= 0 && count > 0 && i < n; i++)
    if (!q->inside[i] && (any || violation(q, i) > tolerance_simplex) && seen++ % step == 0)
      add_row(q, i);
  return count;
}

/* Whether the rows inside are kept, as they should be after a solution. */
static gradus_status check_inside(const program *q, gradus_error *err) {
  for (size_t i = 0; i < q->cone->rows; i++)
    if (!(violation(q, i) <= tolerance_row))
      return gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                           "looking for separation: the linear program was solved only to %.2g; "
                           "scale the columns or leave out nearly collinear ones",
                           violation(q, i));
  return GRADUS_OK;
}

static gradus_status run(program *q, double tolerance, gradus_error *err) {
  const gradus_i_cone *cone = q->cone;
  gradus_status status = program_make(q, err);
  if (status > 0)
    return status;
  size_t violated = add_violated(q, true, &status, err);
  while (status <= 0 && violated > 0) {
    status = solve(q, err);
    if (status > 0)
      break;
    /* The program so far asks less than the cone does, so its optimum is a bound from above. */
    if (!q->shortest && glp_get_obj_val(q->lp) * (double)cone->rows <= tolerance) {
      memset(q->d, 0, cone->columns * sizeof *q->d);
      memset(q->activity, 0, cone->rows * sizeof *q->activity);
      return status;
    }
    set_activity(q);
    violated = add_violated(q, false, &status, err);
  }
  return status > 0 ? status : check_inside(q, err);
}

static gradus_status run_quietly(program *q, double tolerance, gradus_error *err) {
  environment e = {0};
  gradus_status status = environment_begin(&e, err);
  if (status > 0)
    return status;
  status = run(q, tolerance, err);
  if (q->lp)
    glp_delete_prob(q->lp);
  environment_end(&e);
  gradus_i_release(q->inside);
  gradus_i_release(q->index);
  gradus_i_release(q->value);
  return status;
}

gradus_status gradus_i_cone_widest(const gradus_i_cone *cone, double tolerance, double *d,
                                   double *activity, gradus_error *err) {
  program q = {.cone = cone, .activity = activity, .d = d};
  return run_quietly(&q, tolerance, err);
}

gradus_status gradus_i_cone_shortest(const gradus_i_cone *cone, double *d, double *activity,
                                     gradus_error *err) {
  program q = {.cone = cone, .shortest = true, .activity = activity, .d = d};
  return run_quietly(&q, 0, err);
}
