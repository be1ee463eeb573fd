// SPDX-License-Identifier: GPL-3.0-or-later
/* What a design is made of, and a design bound to a frame. */
#ifndef GRADUS_DATA_DESIGN_INTERNAL_H
#define GRADUS_DATA_DESIGN_INTERNAL_H

#include "../linalg/extended.h"
#include "formula_syntax.h"
#include "internal.h"

/* ---- a design ---- */

/* A column of the frame that the formula names. */
typedef struct gradus_i_input {
  const char *name;
  bool predictor; /* a term or an offset uses it */
  bool response;  /* the response uses it; neither: terms with it were removed, R drops its NAs */
  bool number;    /* some variable reads it as a number */
} gradus_i_input;

typedef enum gradus_i_variable_kind {
  GRADUS_I_VARIABLE_NUMBER, /* a column or an expression */
  GRADUS_I_VARIABLE_FACTOR,
  GRADUS_I_VARIABLE_POLY,
  GRADUS_I_VARIABLE_POWERS, /* poly(raw = TRUE) */
  GRADUS_I_VARIABLE_SCALE
} gradus_i_variable_kind;

/* A level that is a number, for matching columns of numbers. */
typedef struct gradus_i_level_value {
  double value;
  int code;
} gradus_i_level_value;

typedef struct gradus_i_variable {
  const char *text;
  const gradus_i_node *node;
  const gradus_i_node *argument; /* what is evaluated: the node, or its first argument */
  gradus_i_variable_kind kind;
  bool used;         /* by a term, an offset or the response */
  bool response;     /* by the response and by nothing else */
  bool plain;        /* the argument is a column as it stands */
  bool has_low;      /* values may have a part below double precision */
  bool coded;        /* a factor whose one column has the levels' numbers */
  size_t width;      /* columns of numbers; 1 for a factor */
  double *constants; /* poly: alpha (degree), norm2 (degree + 1); scale: mean, sd */
  size_t constant_count;
  char **levels;
  size_t level_count;
  gradus_i_index level_codes;         /* by text */
  gradus_i_level_value *level_values; /* ascending */
  size_t level_value_count;
} gradus_i_variable;

typedef struct gradus_i_design_term {
  char *label;
  const gradus_i_term *term;
  bool *contrasts;     /* per variable: a factor's first level has no column */
  size_t first, width; /* columns */
  bool has_low;
} gradus_i_design_term;

struct gradus_design {
  gradus_i_arena arena;
  gradus_formula *formula; /* `.` written out */
  gradus_i_terms expansion;
  gradus_i_input *inputs;
  size_t input_count;
  gradus_i_variable *variables;
  size_t variable_count;
  gradus_i_design_term *terms;
  size_t columns;
  char **column_names;
  size_t *column_terms;
  size_t responses;
  char **response_names;
  const char *weights;
  gradus_weight_kind weight_kind;
  bool has_low, has_products;
  size_t steps;        /* that the last column counts; 0: it is a column like others */
  bool step_responses; /* a response at each of them */
  size_t slots;        /* blocks that the evaluation of the deepest expression needs */
};

/* ---- a design bound to a frame ---- */

typedef struct gradus_i_bound_input {
  bool bound;
  size_t column;
  const double *numbers; /* or NULL */
  const int *codes;      /* or NULL */
} gradus_i_bound_input;

/* Cells of steps that do not count. */
typedef struct gradus_i_padding {
  const double *lengths; /* per row of the frame, or NULL: there are none */
  size_t *step;          /* per input */
  bool found;            /* some of them are missing */
} gradus_i_padding;

typedef struct gradus_i_bound {
  gradus_i_arena arena;
  const gradus_design *design;
  const gradus_frame *frame;
  bool without_response;
  gradus_i_bound_input *inputs;
  int **maps; /* per variable: a factor column's code to the design's code, -1 if unknown */
  const double *weights;
  gradus_i_padding padding;
  bool has_low; /* some value has a part below double precision that is not 0 */
  size_t *rows; /* the complete rows, or NULL: all */
  size_t count, dropped;
} gradus_i_bound;

/* Some rows: index[i], or first + i where index is NULL. */
typedef struct gradus_i_rows {
  const size_t *index;
  size_t first, count;
} gradus_i_rows;

/* Where expressions are evaluated: `slots` blocks of `block` double-doubles. */
typedef struct gradus_i_scratch {
  double *high, *low;
  size_t block;
} gradus_i_scratch;

enum { gradus_i_scan_block = 512 };

bool gradus_i_scratch_make(gradus_i_scratch *scratch, gradus_i_arena *arena,
                           const gradus_design *design, size_t block);
/* `count` of the complete rows from position `first` on. */
gradus_i_rows gradus_i_bound_rows(const gradus_i_bound *bound, size_t first, size_t count);

/* Finds columns, checks types, finds the complete rows; checks columns and weights for values that
   are not finite. `bound` is cleared by gradus_i_bound_clear, also after a failure. */
gradus_status gradus_i_bound_open(gradus_i_bound *bound, const gradus_design *design,
                                  const gradus_frame *frame, bool without_response,
                                  gradus_error *err);
/* Matches levels and evaluates all variables: levels unknown, values not finite. Finds has_low, but
   for products of variables. */
gradus_status gradus_i_bound_check(gradus_i_bound *bound, gradus_error *err);
void gradus_i_bound_clear(gradus_i_bound *bound);
bool gradus_i_bound_needs(const gradus_i_bound *bound, const gradus_i_variable *variable);
/* Fails with _NON_FINITE (or _NOT_NUMERIC ...) naming row and variable. */
gradus_status gradus_i_fail_value(const gradus_frame *frame, size_t row, const char *what,
                                  double value, gradus_error *err);
/* Fails with _UNKNOWN_COLUMN and the nearest name. */
gradus_status gradus_i_fail_column(const gradus_frame *frame, const char *name, gradus_error *err);

/* Which inputs are of which step, once they are bound. */
gradus_status gradus_i_padding_open(gradus_i_bound *bound, gradus_error *err);
/* Whether the row's cell need not be there. */
bool gradus_i_padding_covers(gradus_i_bound *bound, size_t input, size_t row);
/* Missing values as 0: of complete rows they are padding. */
void gradus_i_padding_fill(const gradus_i_bound *bound, double *values, size_t count);

/* ---- evaluation ---- */

/* Blocks that evaluating needs; whether results may have a low part. */
size_t gradus_i_expression_slots(const gradus_i_node *node);
bool gradus_i_expression_has_low(const gradus_i_node *node);
/* Evaluates an expression of numbers over rows into slot 0 of the scratch. */
void gradus_i_expression_evaluate(const gradus_i_node *node, const gradus_i_bound_input *inputs,
                                  gradus_i_rows rows, gradus_i_scratch *scratch);

/* A variable's columns of numbers, column c at [c * stride]; low may be NULL. */
void gradus_i_variable_evaluate(const gradus_i_bound *bound, const gradus_i_variable *variable,
                                gradus_i_rows rows, gradus_i_scratch *scratch, double *high,
                                double *low, size_t stride);
/* A factor's codes; -1 is a level that is not known. */
void gradus_i_variable_codes(const gradus_i_bound *bound, const gradus_i_variable *variable,
                             gradus_i_rows rows, gradus_i_scratch *scratch, int *codes);

/* ---- making ---- */

/* The parts of gradus_design_new in order. `made` has its formula; from it come inputs, variables
   and terms. */
gradus_status gradus_i_design_resolve(gradus_design *made, gradus_error *err);
/* Once kinds of variables are known: which inputs are read as numbers. */
void gradus_i_design_mark_numbers(gradus_design *made);
/* Constants of poly() and scale() from all rows where their argument is present. */
gradus_status gradus_i_design_constants(gradus_design *made, const gradus_i_bound *bound,
                                        gradus_error *err);
/* Levels of factors from the complete rows. */
gradus_status gradus_i_design_levels(gradus_design *made, const gradus_i_bound *bound,
                                     gradus_error *err);
/* Sets the levels of a factor (copied) and what finds them; false: out of memory. */
bool gradus_i_variable_set_levels(gradus_i_arena *arena, gradus_i_variable *variable,
                                  const char *const *levels, size_t count);
/* The code of a level by text, or of the same number; -1 if there is none. */
int gradus_i_variable_find_level(const gradus_i_variable *variable, const char *level);
int gradus_i_variable_find_number(const gradus_i_variable *variable, double value);
/* Whether a variable's columns are dummy variables of its levels. */
bool gradus_i_variable_has_dummies(const gradus_i_variable *variable);
/* Marks the factors of these names as coded: before their columns are made. */
gradus_status gradus_i_design_code(gradus_design *made, const char *const *names, size_t count,
                                   gradus_error *err);
/* Whether coded variables are factors that stand alone. */
gradus_status gradus_i_design_check_codes(const gradus_design *made, gradus_error *err);
/* Coding, columns and their names, responses. */
gradus_status gradus_i_design_columns(gradus_design *made, gradus_error *err);

/* The monic orthogonal polynomial of a degree at x; also, where `columns` is not NULL, those of
   degrees 1..degree scaled to length 1 over the rows that the constants come from. */
gradus_i_extended gradus_i_poly_value(const double *alpha, const double *norm2, size_t degree,
                                      gradus_i_extended x, double *columns, size_t stride);

#endif
