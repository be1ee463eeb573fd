// SPDX-License-Identifier: GPL-3.0-or-later
/* From text to a syntax tree, by R's precedence. */
#include "formula_syntax.h"

#include <string.h>

typedef struct parser {
  const char *text;
  gradus_i_arena *arena;
  gradus_i_token token;
  gradus_i_token previous;
  size_t nesting;
  gradus_status status;
  gradus_error *err;
} parser;

/* R's: ^ binds tighter than a sign, a sign tighter than `:`. */
enum { binds_sum = 1, binds_product, binds_in, binds_colon, binds_sign, binds_power };

static gradus_i_node *parse_binary(parser *p, int least);

static void advance(parser *p) {
  p->previous = p->token;
  p->token = gradus_i_token_next(p->text, p->token.start + p->token.length);
}

static bool at(const parser *p, char operation) {
  return p->token.kind == GRADUS_I_TOKEN_OPERATOR && p->token.operation == operation;
}

static gradus_i_node *fail(parser *p, const char *message) {
  if (!p->status)
    p->status = gradus_i_formula_fail(p->text, p->token.start, p->err, "%s", message);
  return NULL;
}

static gradus_i_node *out_of_memory(parser *p) {
  if (!p->status)
    p->status = gradus_i_out_of_memory(p->err);
  return NULL;
}

/* What is there instead of a term, and after what. */
static gradus_i_node *fail_expected(parser *p, const char *expected) {
  if (p->token.kind == GRADUS_I_TOKEN_BAD)
    return fail(p, p->token.problem);
  char message[200], after[48] = "at the start", found[48] = "";
  if (p->previous.length)
    gradus_i_snprintf(after, sizeof after, "after \"%.*s\"",
                      p->previous.length < 30 ? (int)p->previous.length : 30,
                      p->text + p->previous.start);
  if (p->token.kind != GRADUS_I_TOKEN_END)
    gradus_i_snprintf(found, sizeof found, ", not \"%.*s\"",
                      p->token.length < 30 ? (int)p->token.length : 30, p->text + p->token.start);
  gradus_i_snprintf(message, sizeof message, "expected %s %s%s", expected, after, found);
  return fail(p, message);
}

static gradus_i_node *make(parser *p, gradus_i_node_kind kind, size_t position) {
  gradus_i_node *node = gradus_i_arena_allocate(p->arena, 1, sizeof *node);
  if (!node)
    return out_of_memory(p);
  node->kind = kind;
  node->position = position;
  node->depth = 1;
  return node;
}

/* Adopts a child; NULL (a failure before) passes through. */
static gradus_i_node *adopt(parser *p, gradus_i_node *node, gradus_i_node *child) {
  if (!node || !child)
    return NULL;
  if (child->depth >= gradus_i_largest_depth)
    return fail(p, "too deeply nested");
  if (!gradus_i_arena_grow(p->arena, &node->children, node->count, &node->capacity,
                           sizeof(gradus_i_node *)))
    return out_of_memory(p);
  node->children[node->count++] = child;
  if (node->depth <= child->depth)
    node->depth = child->depth + 1;
  return node;
}

static gradus_i_node *name_node(parser *p, gradus_i_token token) {
  gradus_i_node *node = make(p, GRADUS_I_NODE_NAME, token.start);
  if (!node)
    return NULL;
  size_t quotes = token.quoted, length = token.length - 2 * quotes;
  node->name = gradus_i_arena_string(p->arena, p->text + token.start + quotes, length);
  if (!node->name)
    return out_of_memory(p);
  char *to = node->name;
  for (const char *from = node->name; token.quoted && *from; from++, to++)
    *to = *from == '\\' ? *++from : *from;
  if (token.quoted)
    *to = '\0';
  else if (strcmp(node->name, ".") == 0)
    node->kind = GRADUS_I_NODE_DOT;
  else if (strcmp(node->name, "TRUE") == 0 || strcmp(node->name, "FALSE") == 0) {
    node->kind = GRADUS_I_NODE_LOGICAL;
    node->number = node->name[0] == 'T';
  }
  return node;
}

static gradus_i_node *parse_argument(parser *p) {
  gradus_i_token name = p->token;
  char *keyword = NULL;
  if (name.kind == GRADUS_I_TOKEN_NAME) {
    gradus_i_token next = gradus_i_token_next(p->text, name.start + name.length);
    if (next.kind == GRADUS_I_TOKEN_OPERATOR && next.operation == '=') {
      advance(p);
      advance(p);
      keyword = gradus_i_arena_string(p->arena, p->text + name.start, name.length);
      if (!keyword)
        return out_of_memory(p);
    }
  }
  gradus_i_node *argument = parse_binary(p, binds_sum);
  if (argument)
    argument->keyword = keyword;
  return argument;
}

static gradus_i_node *parse_call(parser *p, gradus_i_node *node) {
  if (!node)
    return NULL;
  node->kind = GRADUS_I_NODE_CALL;
  do {
    advance(p);
    if (at(p, ')') && node->count == 0)
      break;
    if (!adopt(p, node, parse_argument(p)))
      return NULL;
  } while (at(p, ','));
  if (!at(p, ')'))
    return fail_expected(p, "\",\" or \")\"");
  advance(p);
  return node;
}

static gradus_i_node *parse_parentheses(parser *p) {
  gradus_i_node *node = make(p, GRADUS_I_NODE_PARENTHESES, p->token.start);
  advance(p);
  if (!adopt(p, node, parse_binary(p, binds_sum)))
    return NULL;
  if (!at(p, ')'))
    return fail_expected(p, "an operator or \")\"");
  advance(p);
  return node;
}

static gradus_i_node *parse_primary(parser *p) {
  gradus_i_token token = p->token;
  if (token.kind == GRADUS_I_TOKEN_NUMBER) {
    advance(p);
    gradus_i_node *node = make(p, GRADUS_I_NODE_NUMBER, token.start);
    if (node)
      node->number = token.number;
    return node;
  }
  if (token.kind == GRADUS_I_TOKEN_NAME) {
    advance(p);
    gradus_i_node *node = name_node(p, token);
    return at(p, '(') ? parse_call(p, node) : node;
  }
  return at(p, '(') ? parse_parentheses(p) : fail_expected(p, "a term");
}

static gradus_i_node *parse_prefix(parser *p) {
  if (!at(p, '-') && !at(p, '+'))
    return parse_primary(p);
  gradus_i_node *node =
      make(p, at(p, '-') ? GRADUS_I_NODE_NEGATE : GRADUS_I_NODE_PLUS, p->token.start);
  advance(p);
  return adopt(p, node, parse_binary(p, binds_sign));
}

static int binding(const parser *p) {
  if (p->token.kind != GRADUS_I_TOKEN_OPERATOR)
    return 0;
  switch (p->token.operation) {
  case '+':
  case '-':
    return binds_sum;
  case '*':
  case '/':
    return binds_product;
  case '%':
    return binds_in;
  case ':':
    return binds_colon;
  case '^':
    return binds_power;
  default:
    return 0;
  }
}

static gradus_i_node_kind kind_of(char operation) {
  switch (operation) {
  case '*':
    return GRADUS_I_NODE_TIMES;
  case '/':
    return GRADUS_I_NODE_DIVIDE;
  case '%':
    return GRADUS_I_NODE_IN;
  case ':':
    return GRADUS_I_NODE_COLON;
  case '^':
    return GRADUS_I_NODE_POWER;
  default:
    return GRADUS_I_NODE_SUM;
  }
}

/* Operators that bind at least as tightly as `least`. */
static gradus_i_node *parse_binary(parser *p, int least) {
  if (p->nesting >= gradus_i_largest_depth)
    return fail(p, "too deeply nested");
  p->nesting++;
  gradus_i_node *left = parse_prefix(p);
  for (int binds = binding(p); left && binds >= least && binds > 0; binds = binding(p)) {
    char operation = p->token.operation;
    size_t position = p->token.start;
    advance(p);
    /* ^ is the one operator that groups to the right. */
    gradus_i_node *right = parse_binary(p, binds == binds_power ? binds : binds + 1);
    if (!right) {
      left = NULL;
      break;
    }
    if (binds != binds_sum || left->kind != GRADUS_I_NODE_SUM)
      left = adopt(p, make(p, kind_of(operation), position), left);
    right->subtracted = operation == '-';
    left = adopt(p, left, right);
  }
  p->nesting--;
  return left;
}

static void parse_formula(parser *p, gradus_formula *formula) {
  p->token = gradus_i_token_next(p->text, 0);
  if (!at(p, '~'))
    formula->left = parse_binary(p, binds_sum);
  if (p->status)
    return;
  if (!at(p, '~')) {
    fail_expected(p, "an operator or \"~\"");
    return;
  }
  advance(p);
  formula->right = parse_binary(p, binds_sum);
  if (formula->right && p->token.kind != GRADUS_I_TOKEN_END)
    fail_expected(p, at(p, '~') ? "one \"~\" only" : "an operator");
}

gradus_status gradus_formula_parse(gradus_formula **formula, const char *text, gradus_error *err) {
  *formula = NULL;
  if (!text)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "formula: the text is NULL");
  gradus_formula *made = gradus_i_allocate(1, sizeof *made);
  if (!made)
    return gradus_i_out_of_memory(err);
  parser p = {.arena = &made->arena, .err = err};
  made->source = gradus_i_arena_string(&made->arena, text, strlen(text));
  p.text = made->source;
  if (made->source)
    parse_formula(&p, made);
  else
    out_of_memory(&p);
  if (!p.status)
    p.status = gradus_i_formula_check(made, err);
  gradus_i_text printed = {0};
  if (!p.status) {
    gradus_i_deparse_formula(&printed, made, NULL, 0);
    if (!printed.failed)
      made->text = gradus_i_arena_string(&made->arena, printed.data, printed.length);
    if (!made->text)
      out_of_memory(&p);
  }
  gradus_i_text_clear(&printed);
  if (p.status)
    gradus_formula_free(made);
  else
    *formula = made;
  return p.status;
}

void gradus_formula_free(gradus_formula *formula) {
  if (!formula)
    return;
  gradus_i_arena_clear(&formula->arena);
  gradus_i_release(formula);
}

const char *gradus_formula_text(const gradus_formula *formula) {
  return formula->text;
}
