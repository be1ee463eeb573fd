// SPDX-License-Identifier: GPL-3.0-or-later
/* The syntax tree of a formula, and what is made of it: text and terms. */
#ifndef GRADUS_DATA_FORMULA_SYNTAX_H
#define GRADUS_DATA_FORMULA_SYNTAX_H

#include "arena.h"
#include <gradus/design.h>

/* ---- tokens ---- */

typedef enum gradus_i_token_kind {
  GRADUS_I_TOKEN_END,
  GRADUS_I_TOKEN_NUMBER,
  GRADUS_I_TOKEN_NAME,
  GRADUS_I_TOKEN_OPERATOR, /* `operation` says which: one of + - * / ^ : ~ ( ) , = or % (%in%) */
  GRADUS_I_TOKEN_BAD       /* `problem` says why */
} gradus_i_token_kind;

typedef struct gradus_i_token {
  gradus_i_token_kind kind;
  char operation;
  bool quoted;          /* a name in backquotes */
  size_t start, length; /* in the text; a quoted name includes its quotes */
  double number;
  const char *problem;
} gradus_i_token;

/* The token that begins at or after byte `position`. */
gradus_i_token gradus_i_token_next(const char *text, size_t position);
/* Whether a column's name needs no backquotes. */
bool gradus_i_name_is_plain(const char *name);

/* ---- tree ---- */

typedef enum gradus_i_node_kind {
  GRADUS_I_NODE_NUMBER,
  GRADUS_I_NODE_LOGICAL, /* TRUE or FALSE: number is 1 or 0 */
  GRADUS_I_NODE_NAME,
  GRADUS_I_NODE_DOT,
  GRADUS_I_NODE_CALL,
  GRADUS_I_NODE_PARENTHESES,
  GRADUS_I_NODE_NEGATE,
  GRADUS_I_NODE_PLUS, /* unary */
  GRADUS_I_NODE_SUM,  /* any number of children, each added or subtracted: long sums stay flat */
  GRADUS_I_NODE_TIMES,
  GRADUS_I_NODE_DIVIDE,
  GRADUS_I_NODE_POWER,
  GRADUS_I_NODE_COLON,
  GRADUS_I_NODE_IN
} gradus_i_node_kind;

typedef struct gradus_i_node gradus_i_node;
typedef struct gradus_i_function gradus_i_function;
struct gradus_i_node {
  gradus_i_node_kind kind;
  bool subtracted;                   /* as child of a sum: its sign */
  char *name;                        /* of a name or call */
  char *keyword;                     /* as argument `keyword = ...` of a call, or NULL */
  const gradus_i_function *function; /* of a call */
  double number;
  gradus_i_node **children;
  size_t count, capacity;
  size_t position; /* byte in the text, for messages */
  size_t depth;    /* 1 + that of the deepest child; bounded, so that recursion is */
  size_t input;    /* name: index of the design's input */
};

enum { gradus_i_largest_depth = 200 };

struct gradus_formula {
  gradus_i_arena arena;
  char *source;                /* as given */
  char *text;                  /* as R prints it */
  gradus_i_node *left, *right; /* left is NULL without a response */
};

/* ---- functions ---- */

typedef enum gradus_i_function_kind {
  GRADUS_I_FUNCTION_ARITHMETIC, /* of one number, by `compute` */
  GRADUS_I_FUNCTION_ABSOLUTE,
  GRADUS_I_FUNCTION_ROOT,
  GRADUS_I_FUNCTION_LOGARITHM, /* log(x) and log(x, base) */
  GRADUS_I_FUNCTION_IDENTITY,  /* I() */
  GRADUS_I_FUNCTION_POLY,
  GRADUS_I_FUNCTION_SCALE,
  GRADUS_I_FUNCTION_FACTOR,
  GRADUS_I_FUNCTION_OFFSET,
  GRADUS_I_FUNCTION_CBIND
} gradus_i_function_kind;

struct gradus_i_function {
  const char *name;
  gradus_i_function_kind kind;
  double (*compute)(double);
};

/* The function of that name, or NULL. */
const gradus_i_function *gradus_i_function_find(const char *name);
/* The names of all functions with commas, for messages. Static storage. */
const char *gradus_i_function_names(void);

/* The options of poly() and scale(), read from a checked call. */
enum { gradus_i_largest_degree = 100 };
size_t gradus_i_poly_degree(const gradus_i_node *call);
bool gradus_i_poly_raw(const gradus_i_node *call);
/* scale()'s option `center` or `scale`: TRUE unless the call says FALSE. */
bool gradus_i_scale_option(const gradus_i_node *call, const char *option);

/* Fails with GRADUS_ERROR_FORMULA: quotes the formula around the place, a byte of its text. */
gradus_status gradus_i_formula_fail(const char *text, size_t position, gradus_error *err,
                                    const char *format, ...) GRADUS_I_PRINTF(4, 5);
/* Checks what grammar cannot: which functions, arguments and operators may stand where. May write
   `raw` out as raw = TRUE. */
gradus_status gradus_i_formula_check(gradus_formula *formula, gradus_error *err);

/* Appends a node as R deparses it. */
void gradus_i_deparse(gradus_i_text *text, const gradus_i_node *node);
void gradus_i_deparse_name(gradus_i_text *text, const char *name);
/* Appends the whole formula; `.` becomes the sum of `columns` (NULL: stays as it is). */
void gradus_i_deparse_formula(gradus_i_text *text, const gradus_formula *formula,
                              const char *const *columns, size_t count);
/* A name in the tree below a node (itself included), or any dot. */
bool gradus_i_node_has_name(const gradus_i_node *node, const char *name);
bool gradus_i_node_has_kind(const gradus_i_node *node, gradus_i_node_kind kind);

/* ---- terms ---- */

/* A term: the variables it multiplies, ascending. */
typedef struct gradus_i_term {
  size_t *variables;
  size_t count;
} gradus_i_term;

typedef struct gradus_i_terms {
  bool intercept;
  const gradus_i_node **variables; /* distinct by text, in order of appearance, response first */
  char **texts;                    /* as R deparses them */
  size_t variable_count;
  gradus_i_term *terms; /* by degree, then in order of appearance */
  size_t term_count;
  size_t *responses; /* variables */
  size_t response_count;
  size_t *offsets; /* variables */
  size_t offset_count;
} gradus_i_terms;

/* Expands a formula without `.` into terms, all in the arena. Errors: _FORMULA, _OUT_OF_MEMORY. */
gradus_status gradus_i_terms_expand(gradus_i_terms *terms, gradus_i_arena *arena,
                                    const gradus_formula *formula, gradus_error *err);
/* Whether variable number `which` (an index into the term) of a term is coded by contrasts: the
   term without it is empty or contained in an earlier term. */
bool gradus_i_term_contrasts(const gradus_i_terms *terms, size_t term, size_t which);

#endif
