// SPDX-License-Identifier: GPL-3.0-or-later
/* A syntax tree as the text that R prints for it. */
#include "formula_syntax.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How `.` is written: as the sum of columns, if there are any. */
typedef struct printer {
  gradus_i_text *text;
  const char *const *columns;
  size_t count;
} printer;

static void print_node(const printer *p, const gradus_i_node *node);

void gradus_i_deparse_name(gradus_i_text *text, const char *name) {
  if (gradus_i_name_is_plain(name)) {
    gradus_i_text_string(text, name);
    return;
  }
  gradus_i_text_string(text, "`");
  for (; *name; name++) {
    if (*name == '`' || *name == '\\')
      gradus_i_text_string(text, "\\");
    gradus_i_text_append(text, name, 1);
  }
  gradus_i_text_string(text, "`");
}

/* As few digits (up to 15) as give the value that 15 give; fixed unless scientific is shorter. */
static void deparse_number(gradus_i_text *text, double value) {
  char full[40], shorter[40];
  gradus_i_snprintf(full, sizeof full, "%.14e", value);
  int digits = 1;
  for (; digits < 15; digits++) {
    gradus_i_snprintf(shorter, sizeof shorter, "%.*e", digits - 1, value);
    if (gradus_i_strtod(shorter, NULL) == gradus_i_strtod(full, NULL))
      break;
  }
  gradus_i_snprintf(shorter, sizeof shorter, "%.*e", digits - 1, value);
  int exponent = atoi(strchr(shorter, 'e') + 1);
  int decimals = digits - 1 - exponent > 0 ? digits - 1 - exponent : 0;
  int fixed_width = (exponent > 0 ? exponent + 1 : 1) + (decimals ? decimals + 1 : 0);
  if (fixed_width <= (int)strlen(shorter))
    gradus_i_text_format(text, "%.*f", decimals, value);
  else
    gradus_i_text_string(text, shorter);
}

/* A sum in the place of a dot needs parentheses, unless it stands alone or starts a sum. */
static void print_dot(const printer *p, bool bare) {
  if (!p->columns)
    gradus_i_text_string(p->text, ".");
  bool parentheses = !bare && p->count > 1;
  gradus_i_text_string(p->text, parentheses ? "(" : "");
  for (size_t i = 0; i < p->count; i++) {
    gradus_i_text_string(p->text, i > 0 ? " + " : "");
    gradus_i_deparse_name(p->text, p->columns[i]);
  }
  gradus_i_text_string(p->text, parentheses ? ")" : "");
}

static void print_bare(const printer *p, const gradus_i_node *node, bool bare) {
  if (node->kind == GRADUS_I_NODE_DOT)
    print_dot(p, bare);
  else
    print_node(p, node);
}

static void print_sum(const printer *p, const gradus_i_node *node) {
  print_bare(p, node->children[0], !node->children[1]->subtracted);
  for (size_t i = 1; i < node->count; i++) {
    gradus_i_text_string(p->text, node->children[i]->subtracted ? " - " : " + ");
    print_node(p, node->children[i]);
  }
}

static void print_call(const printer *p, const gradus_i_node *node) {
  gradus_i_deparse_name(p->text, node->name);
  gradus_i_text_string(p->text, "(");
  for (size_t i = 0; i < node->count; i++) {
    gradus_i_text_string(p->text, i > 0 ? ", " : "");
    if (node->children[i]->keyword)
      gradus_i_text_format(p->text, "%s = ", node->children[i]->keyword);
    print_node(p, node->children[i]);
  }
  gradus_i_text_string(p->text, ")");
}

static void print_binary(const printer *p, const gradus_i_node *node) {
  static const char *const operators[] = {[GRADUS_I_NODE_TIMES] = " * ",
                                          [GRADUS_I_NODE_DIVIDE] = "/",
                                          [GRADUS_I_NODE_POWER] = "^",
                                          [GRADUS_I_NODE_COLON] = ":",
                                          [GRADUS_I_NODE_IN] = " %in% "};
  print_node(p, node->children[0]);
  gradus_i_text_string(p->text, operators[node->kind]);
  print_node(p, node->children[1]);
}

static void print_node(const printer *p, const gradus_i_node *node) {
  switch (node->kind) {
  case GRADUS_I_NODE_NUMBER:
    deparse_number(p->text, node->number);
    break;
  case GRADUS_I_NODE_LOGICAL:
    gradus_i_text_string(p->text, node->number != 0 ? "TRUE" : "FALSE");
    break;
  case GRADUS_I_NODE_NAME:
    gradus_i_deparse_name(p->text, node->name);
    break;
  case GRADUS_I_NODE_DOT:
    print_dot(p, false);
    break;
  case GRADUS_I_NODE_CALL:
    print_call(p, node);
    break;
  case GRADUS_I_NODE_PARENTHESES:
    gradus_i_text_string(p->text, "(");
    print_bare(p, node->children[0], true);
    gradus_i_text_string(p->text, ")");
    break;
  case GRADUS_I_NODE_NEGATE:
  case GRADUS_I_NODE_PLUS:
    gradus_i_text_string(p->text, node->kind == GRADUS_I_NODE_NEGATE ? "-" : "+");
    print_node(p, node->children[0]);
    break;
  case GRADUS_I_NODE_SUM:
    print_sum(p, node);
    break;
  default:
    print_binary(p, node);
  }
}

void gradus_i_deparse(gradus_i_text *text, const gradus_i_node *node) {
  print_node(&(printer){text, NULL, 0}, node);
}

void gradus_i_deparse_formula(gradus_i_text *text, const gradus_formula *formula,
                              const char *const *columns, size_t count) {
  printer p = {text, columns, count};
  if (formula->left) {
    print_node(&p, formula->left);
    gradus_i_text_string(text, " ");
  }
  gradus_i_text_string(text, formula->left ? "~ " : "~");
  print_bare(&p, formula->right, true);
}

bool gradus_i_node_has_name(const gradus_i_node *node, const char *name) {
  if (node->kind == GRADUS_I_NODE_NAME && strcmp(node->name, name) == 0)
    return true;
  for (size_t i = 0; i < node->count; i++)
    if (gradus_i_node_has_name(node->children[i], name))
      return true;
  return false;
}

bool gradus_i_node_has_kind(const gradus_i_node *node, gradus_i_node_kind kind) {
  if (node->kind == kind)
    return true;
  for (size_t i = 0; i < node->count; i++)
    if (gradus_i_node_has_kind(node->children[i], kind))
      return true;
  return false;
}
