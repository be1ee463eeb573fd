// SPDX-License-Identifier: GPL-3.0-or-later
/* The functions that a formula may call. */
#include "formula_syntax.h"

#include <math.h>
#include <string.h>

/* One list for the table and for the message that shows it. */
#define FUNCTIONS(X)                                                                               \
  X(I, IDENTITY, NULL)                                                                             \
  X(log, LOGARITHM, log)                                                                           \
  X(exp, ARITHMETIC, exp)                                                                          \
  X(sqrt, ROOT, sqrt)                                                                              \
  X(log2, ARITHMETIC, log2)                                                                        \
  X(log10, ARITHMETIC, log10)                                                                      \
  X(log1p, ARITHMETIC, log1p)                                                                      \
  X(expm1, ARITHMETIC, expm1)                                                                      \
  X(abs, ABSOLUTE, fabs)                                                                           \
  X(sin, ARITHMETIC, sin)                                                                          \
  X(cos, ARITHMETIC, cos)                                                                          \
  X(tan, ARITHMETIC, tan)                                                                          \
  X(atan, ARITHMETIC, atan)                                                                        \
  X(sinh, ARITHMETIC, sinh)                                                                        \
  X(cosh, ARITHMETIC, cosh)                                                                        \
  X(tanh, ARITHMETIC, tanh)                                                                        \
  X(floor, ARITHMETIC, floor)                                                                      \
  X(ceiling, ARITHMETIC, ceil)                                                                     \
  X(poly, POLY, NULL)                                                                              \
  X(scale, SCALE, NULL)                                                                            \
  X(factor, FACTOR, NULL)                                                                          \
  X(offset, OFFSET, NULL)                                                                          \
  X(cbind, CBIND, NULL)

static const gradus_i_function functions[] = {
#define ENTRY(name, kind, compute) {#name, GRADUS_I_FUNCTION_##kind, compute},
    FUNCTIONS(ENTRY)
#undef ENTRY
};

const gradus_i_function *gradus_i_function_find(const char *name) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (strcmp(functions[i].name, name) == 0)
      return &functions[i];
  return NULL;
}

const char *gradus_i_function_names(void) {
#define NAME(name, kind, compute) ", " #name
  static const char names[] = FUNCTIONS(NAME);
#undef NAME
  return names + 2;
}

static const gradus_i_node *argument(const gradus_i_node *call, const char *keyword) {
  for (size_t i = 1; i < call->count; i++)
    if (call->children[i]->keyword && strcmp(call->children[i]->keyword, keyword) == 0)
      return call->children[i];
  return NULL;
}

static bool is_true(const gradus_i_node *node) {
  return node->kind == GRADUS_I_NODE_LOGICAL ? node->number != 0 : strcmp(node->name, "T") == 0;
}

size_t gradus_i_poly_degree(const gradus_i_node *call) {
  const gradus_i_node *degree = argument(call, "degree");
  for (size_t i = 1; !degree && i < call->count; i++)
    if (!call->children[i]->keyword)
      degree = call->children[i];
  return degree ? (size_t)degree->number : 1;
}

bool gradus_i_poly_raw(const gradus_i_node *call) {
  const gradus_i_node *raw = argument(call, "raw");
  return raw && is_true(raw);
}

bool gradus_i_scale_option(const gradus_i_node *call, const char *option) {
  const gradus_i_node *value = argument(call, option);
  return !value || is_true(value);
}
