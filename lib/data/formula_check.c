// SPDX-License-Identifier: GPL-3.0-or-later
/* What the grammar of formulas cannot say: which functions, arguments and operators may stand
   where. */
#include "formula_syntax.h"

#include <math.h>
#include <string.h>

typedef struct checker {
  gradus_formula *formula;
  gradus_error *err;
} checker;

/* A long formula is quoted around the place only. */
gradus_status gradus_i_formula_fail(const char *text, size_t position, gradus_error *err,
                                    const char *format, ...) {
  enum { before = 50, after = 50 };
  char message[256];
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  size_t length = strlen(text), first = 0, last = length, column = 1;
  if (length > before + after + 20) {
    first = position > before ? position - before : 0;
    last = length - position > after ? position + after : length;
    while (first > 0 && ((unsigned char)text[first] & 0xc0) == 0x80)
      first--;
    while (last < length && ((unsigned char)text[last] & 0xc0) == 0x80)
      last++;
  }
  for (size_t i = 0; i < position; i++)
    column += ((unsigned char)text[i] & 0xc0) != 0x80;
  return gradus_i_fail(err, GRADUS_ERROR_FORMULA, "formula: \"%s%.*s%s\": %s at column %zu",
                       first > 0 ? "..." : "", (int)(last - first), text + first,
                       last < length ? "..." : "", message, column);
}

static gradus_status fail(checker *c, const gradus_i_node *node, const char *message) {
  return gradus_i_formula_fail(c->formula->source, node->position, c->err, "%s", message);
}

static gradus_status find_function(checker *c, gradus_i_node *call) {
  call->function = gradus_i_function_find(call->name);
  if (call->function)
    return GRADUS_OK;
  return gradus_i_formula_fail(c->formula->source, call->position, c->err,
                               "unknown function \"%.40s\" (known: %s)", call->name,
                               gradus_i_function_names());
}

static gradus_status check_arithmetic(checker *c, gradus_i_node *node);

static gradus_status check_children(checker *c, gradus_i_node *node) {
  for (size_t i = 0; i < node->count; i++) {
    if (node->children[i]->keyword && !(i == 1 && strcmp(node->children[i]->keyword, "base") == 0))
      return fail(c, node->children[i], "an argument that the function does not have");
    gradus_status status = check_arithmetic(c, node->children[i]);
    if (status)
      return status;
  }
  return GRADUS_OK;
}

static gradus_status check_arithmetic_call(checker *c, gradus_i_node *call) {
  gradus_status status = find_function(c, call);
  if (status)
    return status;
  if (call->function->kind > GRADUS_I_FUNCTION_IDENTITY)
    return gradus_i_formula_fail(c->formula->source, call->position, c->err,
                                 "%s() cannot stand inside an expression", call->name);
  size_t most = call->function->kind == GRADUS_I_FUNCTION_LOGARITHM ? 2 : 1;
  if (call->count < 1 || call->count > most)
    return gradus_i_formula_fail(c->formula->source, call->position, c->err,
                                 "%s() takes one argument", call->name);
  return check_children(c, call);
}

/* Inside I(), log(), poly(...) and in a response: numbers. */
static gradus_status check_arithmetic(checker *c, gradus_i_node *node) {
  switch (node->kind) {
  case GRADUS_I_NODE_NUMBER:
  case GRADUS_I_NODE_NAME:
    return GRADUS_OK;
  case GRADUS_I_NODE_LOGICAL:
    return fail(c, node, "TRUE and FALSE are no numbers here");
  case GRADUS_I_NODE_DOT:
    return fail(c, node, "\".\" cannot stand inside an expression");
  case GRADUS_I_NODE_COLON:
  case GRADUS_I_NODE_IN:
    return fail(c, node, "an operator of terms cannot stand inside an expression");
  case GRADUS_I_NODE_CALL:
    return check_arithmetic_call(c, node);
  default:
    return check_children(c, node);
  }
}

static bool is_logical(const gradus_i_node *node) {
  return node->kind == GRADUS_I_NODE_LOGICAL ||
         (node->kind == GRADUS_I_NODE_NAME &&
          (strcmp(node->name, "T") == 0 || strcmp(node->name, "F") == 0));
}

static gradus_status check_degree(checker *c, const gradus_i_node *degree) {
  if (degree->kind != GRADUS_I_NODE_NUMBER || degree->number != floor(degree->number) ||
      degree->number < 1 || degree->number > gradus_i_largest_degree)
    return gradus_i_formula_fail(c->formula->source, degree->position, c->err,
                                 "the degree of poly() must be a whole number from 1 to %d",
                                 (int)gradus_i_largest_degree);
  return GRADUS_OK;
}

static gradus_status check_poly_option(checker *c, gradus_i_node *option, bool *has_degree,
                                       bool *has_raw) {
  /* poly(x, 2, raw) is short for raw = TRUE. */
  if (!option->keyword && option->kind == GRADUS_I_NODE_NAME && strcmp(option->name, "raw") == 0) {
    option->keyword = option->name;
    option->kind = GRADUS_I_NODE_LOGICAL;
    option->number = 1;
  }
  bool is_raw = option->keyword && strcmp(option->keyword, "raw") == 0;
  bool is_degree = !option->keyword || strcmp(option->keyword, "degree") == 0;
  bool *seen = is_raw ? has_raw : has_degree;
  if (!(is_raw ? is_logical(option) : is_degree) || *seen)
    return fail(c, option, "poly() takes a column, a degree and raw = TRUE or FALSE; not this");
  *seen = true;
  return is_raw ? GRADUS_OK : check_degree(c, option);
}

static gradus_status check_options(checker *c, gradus_i_node *call) {
  bool has_degree = false, has_raw = false;
  for (size_t i = 1; i < call->count; i++) {
    gradus_i_node *option = call->children[i];
    gradus_status status = GRADUS_OK;
    if (call->function->kind == GRADUS_I_FUNCTION_POLY)
      status = check_poly_option(c, option, &has_degree, &has_raw);
    else if (call->function->kind != GRADUS_I_FUNCTION_SCALE)
      return gradus_i_formula_fail(c->formula->source, option->position, c->err,
                                   "%s() takes one argument", call->name);
    else if (!option->keyword || !is_logical(option) ||
             (strcmp(option->keyword, "center") != 0 && strcmp(option->keyword, "scale") != 0))
      status =
          fail(c, option, "scale() takes a column, center = FALSE and scale = FALSE; not this");
    if (status)
      return status;
  }
  return GRADUS_OK;
}

/* A variable: a column, or a call that makes columns of numbers. */
static gradus_status check_variable(checker *c, gradus_i_node *node) {
  if (node->kind != GRADUS_I_NODE_CALL)
    return GRADUS_OK;
  gradus_status status = find_function(c, node);
  if (status)
    return status;
  if (node->function->kind == GRADUS_I_FUNCTION_CBIND)
    return fail(c, node, "cbind() is for responses, left of \"~\"");
  if (node->function->kind <= GRADUS_I_FUNCTION_IDENTITY)
    status = check_arithmetic_call(c, node);
  else if (node->count == 0 || node->children[0]->keyword)
    return gradus_i_formula_fail(c->formula->source, node->position, c->err,
                                 "%s() needs a column as its first argument", node->name);
  else {
    status = check_arithmetic(c, node->children[0]);
    if (!status)
      status = check_options(c, node);
  }
  if (!status && !gradus_i_node_has_kind(node, GRADUS_I_NODE_NAME))
    return fail(c, node, "an expression without any column");
  return status;
}

static gradus_status check_term(checker *c, gradus_i_node *node) {
  const gradus_i_node *exponent = node->count == 2 ? node->children[1] : NULL;
  switch (node->kind) {
  case GRADUS_I_NODE_NAME:
  case GRADUS_I_NODE_DOT:
  case GRADUS_I_NODE_CALL:
    return check_variable(c, node);
  case GRADUS_I_NODE_NUMBER:
    if (node->number != 0 && node->number != 1)
      return fail(c, node, "a number other than 0 and 1 is no term");
    return GRADUS_OK;
  case GRADUS_I_NODE_LOGICAL:
    return fail(c, node, "TRUE and FALSE are no terms; a column of that name needs backquotes");
  case GRADUS_I_NODE_POWER:
    if (exponent->kind != GRADUS_I_NODE_NUMBER || exponent->number != floor(exponent->number) ||
        exponent->number < 1 || exponent->number > 1000)
      return fail(c, exponent,
                  "an exponent of terms must be a whole number from 1 on (powers of a column are "
                  "I(x^2) or poly(x, 2))");
    return check_term(c, node->children[0]);
  default:
    for (size_t i = 0; i < node->count; i++) {
      gradus_status status = check_term(c, node->children[i]);
      if (status)
        return status;
    }
    return GRADUS_OK;
  }
}

static gradus_status check_response(checker *c, gradus_i_node *node) {
  gradus_status status;
  const gradus_i_function *function =
      node->kind == GRADUS_I_NODE_CALL ? gradus_i_function_find(node->name) : NULL;
  if (function && function->kind == GRADUS_I_FUNCTION_CBIND) {
    node->function = function;
    if (node->count == 0)
      return fail(c, node, "cbind() needs columns");
    status = check_children(c, node);
    for (size_t i = 0; !status && i < node->count; i++)
      if (!gradus_i_node_has_kind(node->children[i], GRADUS_I_NODE_NAME))
        return fail(c, node->children[i], "a response without any column");
    return status;
  }
  if (function && function->kind == GRADUS_I_FUNCTION_OFFSET)
    return fail(c, node, "offset() is no response");
  if (function)
    return check_variable(c, node);
  status = check_arithmetic(c, node);
  if (!status && !gradus_i_node_has_kind(node, GRADUS_I_NODE_NAME))
    return fail(c, node, "a response without any column");
  return status;
}

gradus_status gradus_i_formula_check(gradus_formula *formula, gradus_error *err) {
  checker c = {formula, err};
  gradus_status status = formula->left ? check_response(&c, formula->left) : GRADUS_OK;
  return status ? status : check_term(&c, formula->right);
}
