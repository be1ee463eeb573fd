// SPDX-License-Identifier: GPL-3.0-or-later
/* Arithmetic on columns, block by block, in double-double: the high parts are what double precision
   would give, the low parts are what it would lose. */
#include "design_internal.h"

#include <math.h>
#include <string.h>

typedef gradus_i_extended extended;
typedef extended (*binary_operation)(extended, extended);

typedef struct evaluator {
  const gradus_i_bound_input *inputs;
  gradus_i_rows rows;
  gradus_i_scratch *scratch;
} evaluator;

/* Beyond double's range the low parts are nonsense (inf - inf): take the plain result. */
static extended settled(extended value, double plain) {
  return isfinite(value.hi) && isfinite(value.lo) ? value : gradus_i_extended_of(plain);
}

static extended add(extended a, extended b) {
  return settled(gradus_i_extended_add(a, b), a.hi + b.hi);
}

static extended subtract(extended a, extended b) {
  return settled(gradus_i_extended_subtract(a, b), a.hi - b.hi);
}

static extended multiply(extended a, extended b) {
  return settled(gradus_i_extended_multiply(a, b), a.hi * b.hi);
}

static extended divide(extended a, extended b) {
  return settled(gradus_i_extended_divide(a, b), a.hi / b.hi);
}

static extended power(extended a, extended b) {
  return gradus_i_extended_of(pow(a.hi, b.hi));
}

static extended logarithm(extended a, extended base) {
  if (base.hi == 2)
    return gradus_i_extended_of(log2(a.hi));
  if (base.hi == 10)
    return gradus_i_extended_of(log10(a.hi));
  return gradus_i_extended_of(log(a.hi) / log(base.hi));
}

static extended integer_power(extended base, int exponent) {
  extended result = gradus_i_extended_of(1), factor = base;
  for (int rest = exponent < 0 ? -exponent : exponent; rest > 0; rest /= 2) {
    if (rest % 2)
      result = multiply(result, factor);
    if (rest > 1)
      factor = multiply(factor, factor);
  }
  return exponent < 0 ? divide(gradus_i_extended_of(1), result) : result;
}

/* A whole constant exponent, perhaps in parentheses or with a sign. */
static bool whole_exponent(const gradus_i_node *node, int *exponent) {
  enum { largest = 1024 };
  int sign = 1;
  while (node->kind == GRADUS_I_NODE_PARENTHESES || node->kind == GRADUS_I_NODE_NEGATE ||
         node->kind == GRADUS_I_NODE_PLUS) {
    sign = node->kind == GRADUS_I_NODE_NEGATE ? -sign : sign;
    node = node->children[0];
  }
  if (node->kind != GRADUS_I_NODE_NUMBER || node->number != floor(node->number) ||
      node->number > largest)
    return false;
  *exponent = sign * (int)node->number;
  return true;
}

size_t gradus_i_expression_slots(const gradus_i_node *node) {
  size_t most = 1;
  for (size_t i = 0; i < node->count; i++) {
    size_t child = gradus_i_expression_slots(node->children[i]) + (i > 0);
    most = child > most ? child : most;
  }
  return most;
}

bool gradus_i_expression_has_low(const gradus_i_node *node) {
  switch (node->kind) {
  case GRADUS_I_NODE_SUM:
  case GRADUS_I_NODE_TIMES:
  case GRADUS_I_NODE_DIVIDE:
    return true;
  case GRADUS_I_NODE_POWER: {
    int exponent;
    return whole_exponent(node->children[1], &exponent);
  }
  case GRADUS_I_NODE_CALL:
    if (node->function->kind == GRADUS_I_FUNCTION_ROOT)
      return true;
    if (node->function->kind != GRADUS_I_FUNCTION_IDENTITY &&
        node->function->kind != GRADUS_I_FUNCTION_ABSOLUTE)
      return false;
    return gradus_i_expression_has_low(node->children[0]);
  case GRADUS_I_NODE_PARENTHESES:
  case GRADUS_I_NODE_NEGATE:
  case GRADUS_I_NODE_PLUS:
    return gradus_i_expression_has_low(node->children[0]);
  default:
    return false;
  }
}

static extended get(const evaluator *e, size_t slot, size_t i) {
  size_t place = slot * e->scratch->block + i;
  return (extended){e->scratch->high[place], e->scratch->low[place]};
}

static void set(const evaluator *e, size_t slot, size_t i, extended value) {
  size_t place = slot * e->scratch->block + i;
  e->scratch->high[place] = value.hi;
  e->scratch->low[place] = value.lo;
}

static void evaluate(const evaluator *e, const gradus_i_node *node, size_t slot);

static void load_column(const evaluator *e, const gradus_i_node *node, size_t slot) {
  const double *values = e->inputs[node->input].numbers;
  double *high = e->scratch->high + slot * e->scratch->block;
  if (!e->rows.index)
    memcpy(high, values + e->rows.first, e->rows.count * sizeof *high);
  for (size_t i = 0; e->rows.index && i < e->rows.count; i++)
    high[i] = values[e->rows.index[i]];
  memset(e->scratch->low + slot * e->scratch->block, 0, e->rows.count * sizeof *high);
}

/* slot = slot (operation) slot + 1 */
static void combine(const evaluator *e, size_t slot, binary_operation operation) {
  for (size_t i = 0; i < e->rows.count; i++)
    set(e, slot, i, operation(get(e, slot, i), get(e, slot + 1, i)));
}

static void evaluate_power(const evaluator *e, const gradus_i_node *node, size_t slot) {
  int exponent;
  evaluate(e, node->children[0], slot);
  if (!whole_exponent(node->children[1], &exponent)) {
    evaluate(e, node->children[1], slot + 1);
    combine(e, slot, power);
    return;
  }
  for (size_t i = 0; i < e->rows.count; i++)
    set(e, slot, i, integer_power(get(e, slot, i), exponent));
}

static extended call(const gradus_i_function *function, extended value) {
  if (function->kind == GRADUS_I_FUNCTION_IDENTITY)
    return value;
  if (function->kind == GRADUS_I_FUNCTION_ABSOLUTE)
    return value.hi < 0 ? gradus_i_extended_negate(value) : value;
  if (function->kind == GRADUS_I_FUNCTION_ROOT)
    return settled(gradus_i_extended_sqrt(value), sqrt(value.hi));
  return gradus_i_extended_of(function->compute(value.hi));
}

static void evaluate_call(const evaluator *e, const gradus_i_node *node, size_t slot) {
  evaluate(e, node->children[0], slot);
  if (node->count == 2) {
    evaluate(e, node->children[1], slot + 1);
    combine(e, slot, logarithm);
    return;
  }
  for (size_t i = 0; i < e->rows.count; i++)
    set(e, slot, i, call(node->function, get(e, slot, i)));
}

static void evaluate_operation(const evaluator *e, const gradus_i_node *node, size_t slot) {
  evaluate(e, node->children[0], slot);
  for (size_t i = 1; i < node->count; i++) {
    evaluate(e, node->children[i], slot + 1);
    if (node->kind == GRADUS_I_NODE_SUM)
      combine(e, slot, node->children[i]->subtracted ? subtract : add);
    else
      combine(e, slot, node->kind == GRADUS_I_NODE_TIMES ? multiply : divide);
  }
}

static void evaluate(const evaluator *e, const gradus_i_node *node, size_t slot) {
  switch (node->kind) {
  case GRADUS_I_NODE_NUMBER:
    for (size_t i = 0; i < e->rows.count; i++)
      set(e, slot, i, gradus_i_extended_of(node->number));
    break;
  case GRADUS_I_NODE_NAME:
    load_column(e, node, slot);
    break;
  case GRADUS_I_NODE_CALL:
    evaluate_call(e, node, slot);
    break;
  case GRADUS_I_NODE_PARENTHESES:
  case GRADUS_I_NODE_PLUS:
    evaluate(e, node->children[0], slot);
    break;
  case GRADUS_I_NODE_NEGATE:
    evaluate(e, node->children[0], slot);
    for (size_t i = 0; i < e->rows.count; i++)
      set(e, slot, i, gradus_i_extended_negate(get(e, slot, i)));
    break;
  case GRADUS_I_NODE_POWER:
    evaluate_power(e, node, slot);
    break;
  default:
    evaluate_operation(e, node, slot);
  }
}

void gradus_i_expression_evaluate(const gradus_i_node *node, const gradus_i_bound_input *inputs,
                                  gradus_i_rows rows, gradus_i_scratch *scratch) {
  evaluate(&(evaluator){inputs, rows, scratch}, node, 0);
}
