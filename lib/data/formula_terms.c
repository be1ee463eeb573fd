// SPDX-License-Identifier: GPL-3.0-or-later
/* A formula's terms: the algebra of R's terms.formula (Chambers and Hastie, Statistical Models in
   S, 1992, chapter 2). A term is a set of variables; an expression denotes an ordered list of terms
   without repetition. */
#include "formula_syntax.h"

#include <string.h>

/* Formulas whose expansion needs more steps than this would fill any memory. */
enum { most_steps = 5000000 };

typedef struct list {
  gradus_i_term *items;
  size_t count, capacity;
  gradus_i_index seen; /* keys: the variables of each term */
} list;

typedef struct expander {
  const gradus_formula *formula;
  gradus_i_terms *terms;
  gradus_i_arena *arena;
  gradus_i_index names; /* variables by text */
  size_t variable_capacity;
  size_t steps;
  bool removing; /* inside an odd number of minus signs: 1 removes the intercept */
  gradus_status status;
  gradus_error *err;
} expander;

static bool encode(expander *e, const gradus_i_node *node, list *result);

static bool out_of_memory(expander *e) {
  if (!e->status)
    e->status = gradus_i_out_of_memory(e->err);
  return false;
}

static bool count_step(expander *e, size_t steps) {
  e->steps += steps;
  if (e->steps <= most_steps)
    return true;
  if (!e->status)
    e->status = gradus_i_fail(e->err, GRADUS_ERROR_FORMULA,
                              "formula: \"%.200s\": expands to too many terms", e->formula->text);
  return false;
}

static size_t key_length(const gradus_i_term *term) {
  return term->count * sizeof *term->variables;
}

static bool contains(const list *terms, const gradus_i_term *term) {
  size_t place;
  return gradus_i_index_find(&terms->seen, term->variables, key_length(term), &place);
}

/* Appends a term unless it is there. */
static bool append(expander *e, list *terms, gradus_i_term term) {
  if (!count_step(e, 1))
    return false;
  if (contains(terms, &term))
    return true;
  if (!gradus_i_arena_grow(e->arena, &terms->items, terms->count, &terms->capacity, sizeof term) ||
      !gradus_i_index_add(e->arena, &terms->seen, term.variables, key_length(&term), terms->count))
    return out_of_memory(e);
  terms->items[terms->count++] = term;
  return true;
}

static bool append_all(expander *e, list *terms, const list *more) {
  for (size_t i = 0; i < more->count; i++)
    if (!append(e, terms, more->items[i]))
      return false;
  return true;
}

/* The union of two terms; the result may be one of them. */
static bool join(expander *e, gradus_i_term *result, const gradus_i_term *a,
                 const gradus_i_term *b) {
  if (!count_step(e, 1))
    return false;
  size_t *variables = gradus_i_arena_allocate(e->arena, a->count + b->count, sizeof *variables);
  if (!variables)
    return out_of_memory(e);
  size_t i = 0, j = 0, count = 0;
  while (i < a->count || j < b->count) {
    bool left = j == b->count || (i < a->count && a->variables[i] <= b->variables[j]);
    size_t next = left ? a->variables[i] : b->variables[j];
    i += i < a->count && a->variables[i] == next;
    j += j < b->count && b->variables[j] == next;
    variables[count++] = next;
  }
  *result = (gradus_i_term){variables, count};
  return true;
}

static bool join_all(expander *e, gradus_i_term *result, const list *terms) {
  *result = (gradus_i_term){0};
  for (size_t i = 0; i < terms->count; i++)
    if (!join(e, result, result, &terms->items[i]))
      return false;
  return true;
}

static bool interact(expander *e, list *result, const list *left, const list *right) {
  for (size_t i = 0; i < left->count; i++)
    for (size_t j = 0; j < right->count; j++) {
      gradus_i_term term;
      if (!join(e, &term, &left->items[i], &right->items[j]) || !append(e, result, term))
        return false;
    }
  return true;
}

static bool encode_cross(expander *e, list *result, const list *left, const list *right) {
  return append_all(e, result, left) && append_all(e, result, right) &&
         interact(e, result, left, right);
}

/* a %in% b: each term of a together with all of b. */
static bool encode_in(expander *e, list *result, const list *left, const list *right) {
  gradus_i_term whole;
  list single = {.items = &whole, .count = 1};
  return join_all(e, &whole, right) && interact(e, result, left, &single);
}

/* a / b: a, and each term of b together with all of a. */
static bool encode_nest(expander *e, list *result, const list *left, const list *right) {
  gradus_i_term whole;
  list single = {.items = &whole, .count = 1};
  return append_all(e, result, left) && join_all(e, &whole, left) &&
         interact(e, result, &single, right);
}

static bool encode_power(expander *e, const gradus_i_node *node, list *result) {
  list base = {0};
  if (!encode(e, node->children[0], &base) || !append_all(e, result, &base))
    return false;
  for (double power = 1; power < node->children[1]->number; power++) {
    list next = {0};
    if (!interact(e, &next, result, &base))
      return false;
    bool same = next.count == result->count;
    *result = next;
    if (same) /* a further factor adds nothing */
      break;
  }
  return true;
}

static bool remove_terms(expander *e, list *terms, const list *removed) {
  list rest = {0};
  for (size_t i = 0; i < terms->count; i++)
    if (!contains(removed, &terms->items[i]) && !append(e, &rest, terms->items[i]))
      return false;
  *terms = rest;
  return true;
}

static bool encode_removed(expander *e, const gradus_i_node *node, list *removed) {
  e->removing = !e->removing;
  bool done = encode(e, node, removed);
  e->removing = !e->removing;
  return done;
}

static bool encode_sum(expander *e, const gradus_i_node *node, list *result) {
  if (!encode(e, node->children[0], result))
    return false;
  for (size_t i = 1; i < node->count; i++) {
    const gradus_i_node *child = node->children[i];
    list more = {0};
    bool done = child->subtracted
                    ? encode_removed(e, child, &more) && remove_terms(e, result, &more)
                    : encode(e, child, &more) && append_all(e, result, &more);
    if (!done)
      return false;
  }
  return true;
}

/* The number of a variable, which is added if it is new. */
static bool install(expander *e, const gradus_i_node *node, size_t *variable) {
  gradus_i_terms *terms = e->terms;
  gradus_i_text text = {0};
  gradus_i_deparse(&text, node);
  bool known = !text.failed && gradus_i_index_find(&e->names, text.data, text.length, variable);
  char *copy =
      known || text.failed ? NULL : gradus_i_arena_string(e->arena, text.data, text.length);
  size_t length = text.length;
  gradus_i_text_clear(&text);
  if (known)
    return true;
  /* Two arrays that grow together: the capacity is the nodes'. */
  size_t capacity = e->variable_capacity;
  if (!copy ||
      !gradus_i_arena_grow(e->arena, &terms->texts, terms->variable_count, &capacity,
                           sizeof copy) ||
      !gradus_i_arena_grow(e->arena, &terms->variables, terms->variable_count,
                           &e->variable_capacity, sizeof node) ||
      !gradus_i_index_add(e->arena, &e->names, copy, length, terms->variable_count))
    return out_of_memory(e);
  terms->texts[terms->variable_count] = copy;
  terms->variables[terms->variable_count] = node;
  *variable = terms->variable_count++;
  return true;
}

static bool encode_variable(expander *e, const gradus_i_node *node, list *result) {
  gradus_i_term term = {gradus_i_arena_allocate(e->arena, 1, sizeof(size_t)), 1};
  if (!term.variables)
    return out_of_memory(e);
  return install(e, node, term.variables) && append(e, result, term);
}

static bool encode_binary(expander *e, const gradus_i_node *node, list *result) {
  list left = {0}, right = {0};
  if (!encode(e, node->children[0], &left) || !encode(e, node->children[1], &right))
    return false;
  if (left.count == 0) /* as in R: nothing crossed with b, 1*b, is nothing */
    return true;
  switch (node->kind) {
  case GRADUS_I_NODE_TIMES:
    return encode_cross(e, result, &left, &right);
  case GRADUS_I_NODE_DIVIDE:
    return encode_nest(e, result, &left, &right);
  case GRADUS_I_NODE_IN:
    return encode_in(e, result, &left, &right);
  default:
    return interact(e, result, &left, &right);
  }
}

static bool encode(expander *e, const gradus_i_node *node, list *result) {
  list removed = {0};
  switch (node->kind) {
  case GRADUS_I_NODE_NUMBER:
    e->terms->intercept = (node->number != 0) != e->removing;
    return true;
  case GRADUS_I_NODE_PARENTHESES:
  case GRADUS_I_NODE_PLUS:
    return encode(e, node->children[0], result);
  case GRADUS_I_NODE_NEGATE:
    return encode_removed(e, node->children[0], &removed);
  case GRADUS_I_NODE_SUM:
    return encode_sum(e, node, result);
  case GRADUS_I_NODE_POWER:
    return encode_power(e, node, result);
  case GRADUS_I_NODE_NAME:
  case GRADUS_I_NODE_CALL:
    return encode_variable(e, node, result);
  case GRADUS_I_NODE_DOT:
    if (!e->status)
      e->status = gradus_i_formula_fail(e->formula->source, node->position, e->err,
                                        "\".\" needs a data set to stand for");
    return false;
  default:
    return encode_binary(e, node, result);
  }
}

static bool is_call(const gradus_i_node *node, gradus_i_function_kind kind) {
  return node->kind == GRADUS_I_NODE_CALL && node->function->kind == kind;
}

/* Offsets and the response itself are no terms. */
static bool is_term(const expander *e, const gradus_i_term *term) {
  const gradus_i_terms *terms = e->terms;
  if (e->formula->left && !is_call(e->formula->left, GRADUS_I_FUNCTION_CBIND) && term->count == 1 &&
      term->variables[0] == 0)
    return false;
  for (size_t i = 0; i < term->count; i++)
    if (is_call(terms->variables[term->variables[i]], GRADUS_I_FUNCTION_OFFSET))
      return false;
  return term->count > 0;
}

/* Terms by degree, stable; offsets among the variables. */
static bool finish(expander *e, const list *all) {
  gradus_i_terms *terms = e->terms;
  terms->terms = gradus_i_arena_allocate(e->arena, all->count, sizeof *terms->terms);
  terms->offsets = gradus_i_arena_allocate(e->arena, terms->variable_count, sizeof(size_t));
  if (!terms->terms || !terms->offsets)
    return out_of_memory(e);
  size_t largest = 0;
  for (size_t i = 0; i < all->count; i++)
    largest = all->items[i].count > largest ? all->items[i].count : largest;
  for (size_t degree = 1; degree <= largest; degree++) {
    if (!count_step(e, all->count))
      return false;
    for (size_t i = 0; i < all->count; i++)
      if (all->items[i].count == degree && is_term(e, &all->items[i]))
        terms->terms[terms->term_count++] = all->items[i];
  }
  for (size_t i = 0; i < terms->variable_count; i++)
    if (is_call(terms->variables[i], GRADUS_I_FUNCTION_OFFSET))
      terms->offsets[terms->offset_count++] = i;
  return true;
}

/* The columns of cbind() come after all other variables: they give no order to the terms. */
static bool install_responses(expander *e) {
  gradus_i_terms *terms = e->terms;
  const gradus_i_node *left = e->formula->left;
  if (!left)
    return true;
  bool several = is_call(left, GRADUS_I_FUNCTION_CBIND);
  size_t count = several ? left->count : 1;
  terms->responses = gradus_i_arena_allocate(e->arena, count, sizeof *terms->responses);
  if (!terms->responses)
    return out_of_memory(e);
  for (size_t i = 0; i < count; i++)
    if (!install(e, several ? left->children[i] : left, &terms->responses[i]))
      return false;
  terms->response_count = count;
  return true;
}

gradus_status gradus_i_terms_expand(gradus_i_terms *terms, gradus_i_arena *arena,
                                    const gradus_formula *formula, gradus_error *err) {
  *terms = (gradus_i_terms){.intercept = true};
  expander e = {.formula = formula, .terms = terms, .arena = arena, .err = err};
  list all = {0};
  bool several = formula->left && is_call(formula->left, GRADUS_I_FUNCTION_CBIND);
  bool done = (several || install_responses(&e)) && encode(&e, formula->right, &all) &&
              (!several || install_responses(&e)) && finish(&e, &all);
  return done ? GRADUS_OK : e.status;
}

/* Both ascending: whether `part` without its item number `which` lies within `whole`. */
static bool covers(const gradus_i_term *whole, const gradus_i_term *part, size_t which) {
  size_t j = 0;
  for (size_t i = 0; i < part->count; i++) {
    if (i == which)
      continue;
    while (j < whole->count && whole->variables[j] < part->variables[i])
      j++;
    if (j == whole->count || whole->variables[j] != part->variables[i])
      return false;
  }
  return true;
}

bool gradus_i_term_contrasts(const gradus_i_terms *terms, size_t term, size_t which) {
  const gradus_i_term *part = &terms->terms[term];
  if (part->count == 1)
    return true;
  for (size_t i = 0; i < term; i++)
    if (covers(&terms->terms[i], part, which))
      return true;
  return false;
}
