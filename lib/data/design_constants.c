// SPDX-License-Identifier: GPL-3.0-or-later
/* Constants of poly() and scale(), from every row where their argument is present. */
#include "design_internal.h"

#include <math.h>
#include <string.h>

typedef gradus_i_extended extended;

/* A walk over the rows where a variable's argument is present. */
typedef struct walk {
  const gradus_i_bound *bound;
  const gradus_i_variable *variable;
  gradus_i_scratch *scratch;
  gradus_error *err;
} walk;

/* Takes one value; false stops the walk. */
typedef bool (*visitor)(void *state, extended value);

static bool is_missing(const walk *w, const gradus_i_node *node, size_t row) {
  if (node->kind == GRADUS_I_NODE_NAME)
    return isnan(w->bound->inputs[node->input].numbers[row]);
  for (size_t i = 0; i < node->count; i++)
    if (is_missing(w, node->children[i], row))
      return true;
  return false;
}

static gradus_status visit(const walk *w, visitor take, void *state) {
  size_t all = gradus_frame_rows(w->bound->frame);
  const gradus_i_scratch *values = w->scratch;
  for (size_t first = 0; first < all; first += gradus_i_scan_block) {
    size_t left = all - first;
    gradus_i_rows rows = {NULL, first, left < gradus_i_scan_block ? left : gradus_i_scan_block};
    gradus_i_expression_evaluate(w->variable->argument, w->bound->inputs, rows, w->scratch);
    for (size_t i = 0; i < rows.count; i++) {
      if (!isfinite(values->high[i])) {
        if (is_missing(w, w->variable->argument, first + i))
          continue;
        char what[140];
        gradus_i_snprintf(what, sizeof what, "the argument of \"%.100s\"", w->variable->text);
        return gradus_i_fail_value(w->bound->frame, first + i, what, values->high[i], w->err);
      }
      if (!take(state, (extended){values->high[i], values->low[i]}))
        return GRADUS_OK;
    }
  }
  return GRADUS_OK;
}

/* ---- poly ---- */

enum { most_values = gradus_i_largest_degree + 1 };
typedef struct distinct {
  double values[most_values];
  size_t count, enough;
} distinct;

static bool take_distinct(void *state, extended value) {
  distinct *seen = state;
  for (size_t i = 0; i < seen->count; i++)
    if (seen->values[i] == value.hi)
      return true;
  seen->values[seen->count++] = value.hi;
  return seen->count < seen->enough;
}

typedef struct moments {
  const double *alpha, *norm2;
  size_t degree; /* of the polynomial whose moments are taken */
  extended square, square_x;
} moments;

static bool take_moments(void *state, extended x) {
  moments *m = state;
  extended value = gradus_i_poly_value(m->alpha, m->norm2, m->degree, x, NULL, 0);
  extended square = gradus_i_extended_multiply(value, value);
  m->square = gradus_i_extended_add(m->square, square);
  m->square_x = gradus_i_extended_add(m->square_x, gradus_i_extended_multiply(square, x));
  return true;
}

static gradus_status fail_poly(const walk *w, size_t distinct_values) {
  return gradus_i_fail(w->err, GRADUS_ERROR_FORMULA,
                       "%s: %.100s needs more than %zu distinct values, and its argument has %zu; "
                       "use a lower degree",
                       gradus_i_frame_name(w->bound->frame), w->variable->text, w->variable->width,
                       distinct_values);
}

/* Stieltjes' procedure (Gautschi 2004, 2.2), one pass per degree; each pass uses the rounded
   constants of those before it, as every later evaluation does. */
static gradus_status poly_constants(const walk *w, double *constants) {
  size_t degree = w->variable->width;
  double *alpha = constants, *norm2 = constants + degree;
  distinct seen = {.enough = degree + 1};
  gradus_status status = visit(w, take_distinct, &seen);
  if (!status && seen.count <= degree)
    return fail_poly(w, seen.count);
  for (size_t k = 0; !status && k <= degree; k++) {
    moments m = {.alpha = alpha, .norm2 = norm2, .degree = k};
    status = visit(w, take_moments, &m);
    if (status)
      break;
    norm2[k] = m.square.hi;
    if (!(norm2[k] > 0 && isfinite(norm2[k])))
      return gradus_i_fail(w->err, GRADUS_ERROR_FORMULA,
                           "%s: %.100s: its values are too close together (or too large) for "
                           "this degree; use a lower degree, or scale the column",
                           gradus_i_frame_name(w->bound->frame), w->variable->text);
    if (k < degree)
      alpha[k] = gradus_i_extended_divide(m.square_x, m.square).hi;
  }
  return status;
}

/* ---- scale ---- */

typedef struct sums {
  extended centre, sum;
  size_t count;
  bool squares;
} sums;

static bool take_sum(void *state, extended x) {
  sums *s = state;
  extended value = gradus_i_extended_subtract(x, s->centre);
  s->sum =
      gradus_i_extended_add(s->sum, s->squares ? gradus_i_extended_multiply(value, value) : value);
  s->count++;
  return true;
}

/* R's scale(): without a centre the root mean square about 0, over n - 1 too. */
static gradus_status scale_constants(const walk *w, double *constants) {
  double mean = 0, deviation = 1;
  sums s = {0};
  gradus_status status = GRADUS_OK;
  if (gradus_i_scale_option(w->variable->node, "center")) {
    status = visit(w, take_sum, &s);
    s.centre = gradus_i_extended_divide(s.sum, gradus_i_extended_of((double)s.count));
    mean = s.centre.hi;
  }
  if (!status && gradus_i_scale_option(w->variable->node, "scale")) {
    s = (sums){.centre = gradus_i_extended_of(mean), .squares = true};
    status = visit(w, take_sum, &s);
    deviation = sqrt(s.sum.hi / (s.count > 1 ? (double)s.count - 1 : 1));
  }
  if (status)
    return status;
  if (!(deviation > 0 && isfinite(deviation) && isfinite(mean)))
    return gradus_i_fail(w->err, GRADUS_ERROR_FORMULA,
                         "%s: %.100s: its argument is constant, and has no scale",
                         gradus_i_frame_name(w->bound->frame), w->variable->text);
  constants[0] = mean;
  constants[1] = deviation;
  return GRADUS_OK;
}

gradus_status gradus_i_design_constants(gradus_design *made, const gradus_i_bound *bound,
                                        gradus_error *err) {
  gradus_i_arena arena = {0};
  gradus_i_scratch scratch;
  gradus_status status = GRADUS_OK;
  if (!gradus_i_scratch_make(&scratch, &arena, made, gradus_i_scan_block))
    status = gradus_i_out_of_memory(err);
  for (size_t i = 0; !status && i < made->variable_count; i++) {
    gradus_i_variable *variable = &made->variables[i];
    bool poly = variable->kind == GRADUS_I_VARIABLE_POLY;
    if (!variable->used || (!poly && variable->kind != GRADUS_I_VARIABLE_SCALE))
      continue;
    variable->constant_count = poly ? 2 * variable->width + 1 : 2;
    variable->constants =
        gradus_i_arena_allocate(&made->arena, variable->constant_count, sizeof(double));
    walk w = {bound, variable, &scratch, err};
    if (!variable->constants)
      status = gradus_i_out_of_memory(err);
    else
      status =
          poly ? poly_constants(&w, variable->constants) : scale_constants(&w, variable->constants);
  }
  gradus_i_arena_clear(&arena);
  return status;
}
