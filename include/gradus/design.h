// SPDX-License-Identifier: GPL-3.0-or-later
/** Formulas and designs. Layer: data.
 *
 *  A formula is text: `mpg ~ wt * factor(cyl) + poly(hp, 2) + offset(log(t))`, by R's rules:
 *
 *  - `+ - : * / %in% ^ ( )`: terms, their interactions, nesting, powers, and their removal
 *  - `.`: every column of the frame that the response does not use
 *  - `0`, `-1`, `1`: without and with intercept
 *  - `I(...)`: arithmetic with `+ - * / ^`, numbers and functions
 *  - log exp sqrt log2 log10 log1p expm1 abs sin cos tan atan sinh cosh tanh floor ceiling:
 *    of any arithmetic, inside I() and outside; log(x, base) too
 *  - `poly(x, d)`: orthogonal polynomials of degree d (1 to 100)
 *  - `poly(x, d, raw)` or `poly(x, d, raw = TRUE)`: powers
 *  - `scale(x)`: (x - mean) / sd; also with center = FALSE or scale = FALSE
 *  - `factor(x)`: a number (or text) as a factor
 *  - `offset(x)`: a term with weight 1
 *  - `cbind(a, b) ~ ...`: several responses; `log(y) ~ ...`, `a + b ~ ...`: one, computed
 *  - a column whose name is no plain word stands in backquotes
 *
 *  A design is a formula resolved against a frame: columns, levels, contrasts (treatment),
 * constants of poly() and scale(). It turns any later frame into the same columns. Constants of
 * poly() and scale() come from every row where their argument is present (R's model.frame); levels
 * that no complete row has are dropped (R's lm). As in R, a term that is taken away again (`. - x`)
 * has no column, and yet the rows where it is missing are left out of a fit; prediction does not
 * need it. */
#ifndef GRADUS_DESIGN_H
#define GRADUS_DESIGN_H

#include <gradus/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gradus_formula gradus_formula;
typedef struct gradus_design gradus_design;

/** Parses a formula; the response may be missing (`~ x`). Errors: _FORMULA (the message quotes the
 *  formula and says what was expected, and at which column), _INVALID_ARGUMENT (text NULL),
 *  _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_formula_parse(gradus_formula **formula, const char *text,
                                              gradus_error *err);
GRADUS_API void gradus_formula_free(gradus_formula *formula);
/** The formula as R would print it. Owned by the formula. */
GRADUS_API const char *gradus_formula_text(const gradus_formula *formula);

/** Weights have a declared kind (gradus_design_options.weights). */
typedef enum gradus_weight_kind {
  GRADUS_WEIGHT_NONE = 0,
  GRADUS_WEIGHT_FREQUENCY, /**< row i stands for w_i equal rows: n and df count Σw */
  GRADUS_WEIGHT_ANALYTIC,  /**< variance of row i is σ²/w_i (R's lm); n counts rows with w > 0 */
  GRADUS_WEIGHT_PRIOR      /**< number of trials (R's glm) */
} gradus_weight_kind;

/** NULL or all zero: no weights. */
typedef struct gradus_design_options {
  gradus_weight_kind weight_kind; /**< must be given where `weights` is */
  const char *weights;            /**< name of the weight column, or NULL */
  const char *const *leave_out;   /**< columns that `.` does not stand for */
  size_t leave_out_count;
  const char *last; /**< a column to be added to the formula as its last term, or NULL */
  /** With `last`: the columns before it are of so many steps, those of a step side by side, and it
   *  says how many steps of a row count. Cells of the others may then be missing, and are 0, where
   *  all columns are columns of the frame as they stand. 0: it is a column like others. */
  size_t steps;
  bool step_responses; /**< the responses are such columns too */
  /** Factors, as the formula has them ("species", "factor(cyl)"), that are one column each, of
   *  their levels' numbers 0, 1, … in order, in the place of dummy variables: what an embedding
   *  takes. They must be terms of their own, without interactions. */
  const char *const *codes;
  size_t code_count;
} gradus_design_options;

/** Resolves a formula against a frame. The formula and the frame are borrowed for the call only.
 *  Cost: a few passes over the columns that the formula uses; d + 2 passes for a poly() of degree
 * d.
 *
 *  Errors:
 *  - _UNKNOWN_COLUMN: names it and the nearest name
 *  - _NOT_NUMERIC: a mixed column (line, column, cell), or a factor where a number is needed
 *  - _NO_COMPLETE_ROWS: names a column without any value
 *  - _NON_FINITE: an infinite value in a complete row, or one that an expression makes (log(0),
 *    log(-1)): row and column
 *  - _BAD_WEIGHT: missing, negative or infinite in a complete row, or of undeclared kind
 *  - _FORMULA: too few distinct values for poly(), a constant scale(), a factor of a single level,
 *    `.` without columns, too many terms
 *  - _TOO_LARGE: more than a million columns
 *  - _INVALID_ARGUMENT (a kind of weights without a column; among `codes` what is no factor of the
 *    formula, naming those that are, or stands in an interaction), _OUT_OF_MEMORY
 *
 *  Whether a model takes a factor response is left to the model. */
GRADUS_API gradus_status gradus_design_new(gradus_design **design, const gradus_formula *formula,
                                           const gradus_frame *frame,
                                           const gradus_design_options *options, gradus_error *err);
GRADUS_API void gradus_design_free(gradus_design *design);

/** The formula with `.` written out. Owned by the design. */
GRADUS_API const char *gradus_design_formula(const gradus_design *design);
enum { GRADUS_DESIGN_BRIEF = 400 };
/** The same where it is short; else its begin, its last term and how many terms there are: for the
 *  line of a report. */
GRADUS_API void gradus_design_brief(const gradus_design *design, char text[GRADUS_DESIGN_BRIEF]);
/** Whether the design has an intercept. It is no column here: a model's bias takes its place. */
GRADUS_API bool gradus_design_has_intercept(const gradus_design *design);
/** p, the number of columns (weights per output), without the intercept. */
GRADUS_API size_t gradus_design_columns(const gradus_design *design);
/** R's name of column j: "wt", "factor(cyl)6", "a:b". */
GRADUS_API const char *gradus_design_column_name(const gradus_design *design, size_t column);
/** The levels of a column of level numbers (options.codes): how many, 0 for any other column; and
 * the text of the one with that number, NULL beyond the last. */
GRADUS_API size_t gradus_design_column_levels(const gradus_design *design, size_t column);
GRADUS_API const char *gradus_design_column_level(const gradus_design *design, size_t column,
                                                  size_t level);
/** The number of terms (without intercept), a term's label, and the term of a column. */
GRADUS_API size_t gradus_design_terms(const gradus_design *design);
GRADUS_API const char *gradus_design_term_label(const gradus_design *design, size_t term);
GRADUS_API size_t gradus_design_column_term(const gradus_design *design, size_t column);
/** k, the number of responses (0 without a left-hand side), and their names. */
GRADUS_API size_t gradus_design_responses(const gradus_design *design);
GRADUS_API const char *gradus_design_response_name(const gradus_design *design, size_t response);
/** Levels of a factor response, in order; 0 if the response is numeric. */
GRADUS_API size_t gradus_design_response_levels(const gradus_design *design);
GRADUS_API const char *gradus_design_response_level(const gradus_design *design, size_t level);

#ifdef __cplusplus
}
#endif
#endif
