// SPDX-License-Identifier: GPL-3.0-or-later
/* Separation of a multinomial response: directions D of the weights and biases (0 for the
   reference) with (d_y - d_j)·x >= 0 in every row x of class y, for all other classes j; along them
   the likelihood never falls (Albert and Anderson 1984, Biometrika 71:1-10). Every pair of a row
   and another class is one row of a binary response: with x in the columns of class y and -x in
   those of class j, and always a success. So the test of binary responses finds D. */
#include "multinomial.h"

#include <math.h>
#include <string.h>

typedef struct pairs_cursor {
  gradus_cursor *inner;
  size_t inner_rows; /* of one read */
  double *x, *y, *weight;
  size_t *row;
} pairs_cursor;

static void pairs_close(void *state) {
  pairs_cursor *c = state;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->x);
  gradus_i_release(c->y);
  gradus_i_release(c->weight);
  gradus_i_release(c->row);
  gradus_i_release(c);
}

static gradus_status pairs_open(const void *data, size_t max_rows, void **state,
                                gradus_error *err) {
  const gradus_i_class_pairs *s = data;
  pairs_cursor *c = *state = gradus_i_allocate(1, sizeof *c);
  gradus_status status = c ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (c) {
    size_t cells;
    c->inner_rows = max_rows / s->k;
    if (gradus_i_multiply(max_rows, s->k * s->width, &cells))
      c->x = gradus_i_allocate(cells, sizeof *c->x);
    c->y = gradus_i_allocate(max_rows, sizeof *c->y);
    c->weight = gradus_i_allocate(max_rows, sizeof *c->weight);
    c->row = gradus_i_allocate(max_rows, sizeof *c->row);
    if (!c->x || !c->y || !c->weight || !c->row)
      status = gradus_i_out_of_memory(err);
  }
  if (status <= 0)
    status = gradus_cursor_open(&c->inner, s->source, c->inner_rows, err);
  if (status > 0) {
    pairs_close(c);
    *state = NULL;
  }
  return status;
}

/* sign·[1 x] in the columns of a class; none for the reference. A sum, so that there is no -0. */
static void put_class(const gradus_i_class_pairs *s, const double *x, size_t class, double sign,
                      double *row) {
  size_t first = s->q - s->p, at = 0;
  if (class == 0)
    return;
  row += (class - 1) * s->width;
  for (size_t j = 0; j < s->q; j++)
    if (!s->dropped[j])
      row[at++] = j < first ? sign : sign * x[j - first] + 0.0;
}

void gradus_i_class_pair_row(const gradus_i_class_pairs *s, const double *x, size_t a, size_t b,
                             double *row) {
  memset(row, 0, s->k * s->width * sizeof *row);
  put_class(s, x, a, 1, row);
  put_class(s, x, b, -1, row);
}

static gradus_status pairs_read(const void *data, void *state, size_t first, size_t max_rows,
                                gradus_batch *batch, gradus_error *err) {
  const gradus_i_class_pairs *s = data;
  pairs_cursor *c = state;
  gradus_batch inner;
  size_t size = s->k * s->width, count = 0;
  (void)max_rows; /* it is that of open */
  gradus_status status = gradus_cursor_read(c->inner, first / s->k, c->inner_rows, &inner, err);
  for (size_t i = 0; status <= 0 && i < inner.rows; i++) {
    double weight = inner.weight ? inner.weight[i] : 1;
    size_t class = weight > 0 ? (size_t)inner.y[i * inner.y_stride] : 0;
    for (size_t other = 0; other <= s->k; other++) {
      if (other == class)
        continue;
      gradus_i_class_pair_row(s, inner.x + i * inner.x_stride, class, other, c->x + count * size);
      c->y[count] = 1;
      c->weight[count] = weight > 0;
      c->row[count++] = gradus_i_batch_row(&inner, i) - 1;
    }
  }
  *batch = (gradus_batch){.rows = count,
                          .first = first,
                          .x = c->x,
                          .x_stride = size,
                          .y = c->y,
                          .y_stride = 1,
                          .weight = c->weight,
                          .row = c->row};
  return status;
}

static gradus_status find(gradus_i_separation *found, gradus_i_class_pairs *s, gradus_error *err) {
  static const gradus_source_type type = {
      .name = "pairs of classes", .open = pairs_open, .read = pairs_read, .close = pairs_close};
  enum { CLASSES_MOST = 500 }; /* all pairs of a row are read together */
  gradus_source_shape shape = {
      .columns = s->k * s->width, .responses = 1, .weight_kind = GRADUS_WEIGHT_PRIOR};
  gradus_source *source = NULL;
  if (s->k >= CLASSES_MOST)
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "looking for separation: %zu classes are too many", s->k + 1);
  gradus_status status = gradus_source_new(&source, &type, s, &shape, err);
  if (status <= 0)
    status = gradus_i_separation_find(found, source, false, NULL, err);
  gradus_source_free(source);
  return status;
}

/* ---- the answer in words ---- */

/* Of the direction or a vector of the space, for standardised columns, what it does to the
   intercept of class r + 1 in the units of the data; 0 where that is rounding error. */
static double intercept_part(const gradus_i_class_pairs *s, const gradus_i_standard *standard,
                             const double *d, size_t r) {
  const double *own = d + r * s->width;
  double sum = own[0], size = fabs(own[0]);
  for (size_t j = 1, at = 1; j < s->q; j++) {
    if (s->dropped[j])
      continue;
    double term = standard->centre[j - 1] * standard->factor[j - 1] * own[at++];
    sum -= term;
    size += fabs(term);
  }
  return fabs(sum) > 1e-7 * size ? sum : 0;
}

int gradus_i_class_infinity(const gradus_i_class_limit *limit, const gradus_i_standard *standard,
                            size_t r, size_t j, size_t at) {
  const gradus_i_class_pairs *s = &limit->pairs;
  const gradus_i_separation *found = &limit->found;
  size_t place = r * s->width + at, size = s->k * s->width;
  if (j > 0 || s->q == s->p)
    return found->finite[place] ? 2 : found->sign[place];
  bool moved = false;
  for (size_t v = 0; v < found->dimensions; v++)
    moved = moved || intercept_part(s, standard, found->space + v * size, r) != 0;
  double part = intercept_part(s, standard, found->direction, r);
  return moved ? (part > 0) - (part < 0) : 2;
}

/* "age (other +Inf, white -Inf), lwt (...)". */
static void list_infinite(const gradus_fit *fit, const gradus_i_class_limit *limit,
                          const gradus_i_standard *standard, gradus_i_text *list) {
  static const char *const words[] = {"-Inf", "undetermined", "+Inf"};
  size_t columns = 0;
  for (size_t j = 0, at = 0; j < fit->q; j++) {
    size_t count = 0;
    if (fit->dropped[j])
      continue;
    for (size_t r = 0; r < fit->k; r++) {
      int infinity = gradus_i_class_infinity(limit, standard, r, j, at);
      if (infinity == 2)
        continue;
      if (count++ == 0)
        gradus_i_text_format(list, "%s%s (", columns++ ? ", " : "",
                             gradus_fit_coefficient_name(fit, j));
      else
        gradus_i_text_string(list, ", ");
      gradus_i_text_format(list, "%s %s", fit->levels[r + 1], words[infinity + 1]);
    }
    if (count > 0)
      gradus_i_text_string(list, ")");
    at++;
  }
}

void gradus_i_class_limit_describe(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_i_class_limit *limit,
                                   const gradus_i_standard *standard) {
  const gradus_i_separation *found = &limit->found;
  gradus_i_text_format(
      text,
      "%s separation: the columns tell %s of the classes apart without error (row %zu is of one), "
      "so the likelihood has no maximum and these estimates are infinite: ",
      found->complete ? "complete" : "quasi-complete", found->complete ? "all" : "some",
      found->row);
  list_infinite(fit, limit, standard, text);
}

static gradus_status fail_separated(const gradus_fit *fit, const gradus_i_class_limit *limit,
                                    const gradus_i_standard *standard, gradus_error *err) {
  gradus_i_text text = {0};
  gradus_i_class_limit_describe(&text, fit, limit, standard);
  gradus_i_fail(
      err, GRADUS_ERROR_SEPARATION,
      "%s; leave out or join columns or levels, use Firth's method (--firth), or penalise (l2)",
      text.data ? text.data : "");
  gradus_i_text_clear(&text);
  return GRADUS_ERROR_SEPARATION;
}

gradus_status gradus_i_class_limit_find(gradus_i_class_limit *limit, gradus_fit *fit,
                                        const gradus_source *source,
                                        const gradus_i_standard *standard, gradus_separation what,
                                        gradus_error *err) {
  gradus_i_class_pairs *s = &limit->pairs;
  gradus_error own = {0};
  *s = (gradus_i_class_pairs){
      .source = source, .dropped = fit->dropped, .k = fit->k, .p = fit->p, .q = fit->q};
  for (size_t j = 0; j < s->q; j++)
    s->width += !s->dropped[j];
  if (s->width == 0)
    return GRADUS_OK;
  gradus_status status = find(&limit->found, s, &own);
  if (status == GRADUS_ERROR_TOO_LARGE)
    status = gradus_i_fit_warn(fit, err, GRADUS_WARNING_SEPARATION,
                               "some probabilities are within 1e-8 of 0: the columns may separate "
                               "classes, but the rows are too many to look whether they do");
  else if (status > 0)
    gradus_i_fail(err, status, "%s", own.message);
  else if (limit->found.separated && what == GRADUS_SEPARATION_ERROR)
    status = fail_separated(fit, limit, standard, err);
  return status;
}

void gradus_i_class_limit_clear(gradus_i_class_limit *limit) {
  gradus_i_separation_clear(&limit->found);
}
