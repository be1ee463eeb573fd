// SPDX-License-Identifier: GPL-3.0-or-later
/* Embedded columns of a network's input: against PyTorch, against differences, in both precisions;
   which columns hold level numbers; architectures that say them; what is refused. */
#include "../lib/layer/check_gradient.h"
#include "../lib/layer/embeddings.h"
#include "support/layer_references.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EMBEDDED(name, column, levels, units)                                                      \
  "{\"name\": \"" name "\", \"column\": " #column ", \"levels\": " #levels ", \"units\": " #units  \
  "}"
#define HIDDEN                                                                                     \
  "\"layers\": [{\"type\": \"dense\", \"units\": 5}, {\"type\": \"activation\", \"activation\": "  \
  "\"tanh\"}, {\"type\": \"dense\", \"name\": \"output\"}]}"
#define GRU                                                                                        \
  "\"layers\": [{\"type\": \"gru\", \"units\": 5}, {\"type\": \"dense\", \"name\": \"output\"}]}"
#define OF(list) "{\"embeddings\": [" list "], "

/* The cases of tests/reference/make_embeddings.py. */
static const reference_case references[] = {
    {"one", OF(EMBEDDED("a", 0, 3, 2)) HIDDEN, 7, 3, 3, false},
    {"between",
     OF(EMBEDDED("c", 5, 5, 4) ", " EMBEDDED("a", 1, 4, 3) ", " EMBEDDED("b", 4, 2, 1)) HIDDEN, 9,
     6, 2, false},
    {"alone", OF(EMBEDDED("a", 0, 3, 3) ", " EMBEDDED("b", 1, 4, 2)) HIDDEN, 5, 2, 1, false},
    {"one_row", OF(EMBEDDED("a", 2, 3, 5)) HIDDEN, 1, 4, 2, false},
    {"linear",
     OF(EMBEDDED("a", 1, 4, 2)) "\"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}", 6, 3,
     2, false},
    {"steps", OF(EMBEDDED("a", 1, 3, 2)) "\"input\": [4, 4], " GRU, 5, 12, 2, false},
    {"steps_first",
     OF(EMBEDDED("a", 0, 4, 3) ", " EMBEDDED("b", 1, 2, 2)) "\"input\": [3, 5], " GRU, 3, 6, 1,
     false},
};
enum { REFERENCES = sizeof references / sizeof *references };

static void check_all(gradus_i_precision precision) {
  gradus_frame *table = table_open("layers/embeddings.csv");
  for (size_t i = 0; i < REFERENCES; i++)
    reference_check(table, &references[i], precision);
  gradus_frame_free(table);
}

static void they_are_those_of_pytorch(void) {
  check_all(GRADUS_I_DOUBLE);
}

static void in_float_they_are_near(void) {
  check_all(GRADUS_I_FLOAT);
}

static void derivatives_of_rows_add_up_to_those_of_the_batch(void) {
  for (size_t i = 0; i < REFERENCES; i++)
    reference_check_rows(&references[i]);
}

static void derivatives_are_those_of_the_values(void) {
  for (size_t i = 0; i < REFERENCES; i++) {
    const reference_case *c = &references[i];
    gradus_gradient_subject subject = {.architecture = c->architecture,
                                       .rows = 4,
                                       .inputs = c->inputs,
                                       .outputs = c->outputs,
                                       .seed = i + 1};
    gradus_gradient_check found = {.error = NAN};
    gradus_error err = {0};
    CHECK_STATUS(gradus_check_gradient(&found, &subject, &err), GRADUS_OK, &err);
    if (!(found.error <= 1e-8))
      printf("  %s: %s: %.17g, differences say %.17g\n", c->name, found.where, found.derivative,
             found.difference);
    CU_ASSERT(found.error <= 1e-8);
  }
}

/* ---- which columns they are ---- */

static void columns_of_levels_are_known_and_no_others(void) {
  static const size_t most[REFERENCES][12] = {{2},
                                              {0, 3, 0, 0, 1, 4},
                                              {2, 3},
                                              {0, 0, 2},
                                              {0, 3},
                                              {0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0},
                                              {3, 1, 3, 1, 3, 1}};
  for (size_t i = 0; i < REFERENCES; i++) {
    const reference_case *c = &references[i];
    gradus_i_network *network = reference_network(c->architecture, c->inputs, c->outputs);
    for (size_t j = 0; j < c->inputs; j++) {
      gradus_i_input input;
      gradus_i_network_input(network, j, &input);
      CU_ASSERT_EQUAL(input.whole, most[i][j] > 0);
      CU_ASSERT_EQUAL(input.most, most[i][j]);
    }
    gradus_i_network_free(network);
  }
}

/* Numbers that an embedding of tokens takes from behind those of columns. */
static void tokens_behind_them_are_known_too(void) {
  gradus_i_network *network = reference_network(
      OF(EMBEDDED("a", 1, 4, 3)) "\"layers\": ["
                                 "{\"type\": \"columns\", \"first\": 4, \"shape\": [2]}, "
                                 "{\"type\": \"embedding\", \"levels\": 7, \"units\": 2}, "
                                 "{\"type\": \"dense\", \"name\": \"output\"}]}",
      5, 1);
  static const size_t most[] = {0, 3, 6, 6, 0}; /* 0, 2, 3 and 4 stand at 0, 4, 5 and 6 */
  for (size_t j = 0; j < 5; j++) {
    gradus_i_input input;
    gradus_i_network_input(network, j, &input);
    CU_ASSERT_EQUAL(input.most, most[j]);
  }
  gradus_i_network_free(network);
}

static void units_left_open_are_half_the_levels_but_at_most_50(void) {
  static const size_t levels[] = {1, 2, 3, 4, 99, 100, 101, 5000};
  static const size_t units[] = {1, 1, 2, 2, 50, 50, 50, 50};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    CU_ASSERT_EQUAL(gradus_i_embedding_units(&(gradus_embedding){.levels = levels[i]}), units[i]);
  CU_ASSERT_EQUAL(gradus_i_embedding_units(&(gradus_embedding){.levels = 4, .units = 9}), 9);
}

/* ---- architectures ---- */

static void architectures_come_back_as_they_were_written(void) {
  for (size_t i = 0; i < REFERENCES; i++) {
    const reference_case *c = &references[i];
    gradus_i_text text = {0}, again = {0};
    gradus_i_network *network = reference_network(c->architecture, c->inputs, c->outputs);
    CHECK_STATUS(gradus_i_network_to_json(network, &text, NULL), GRADUS_OK, NULL);
    gradus_i_network *copy = reference_network(text.data, c->inputs, c->outputs);
    CHECK_STATUS(gradus_i_network_to_json(copy, &again, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(text.data, again.data);
    CU_ASSERT_EQUAL(network->count, copy->count);
    for (size_t b = 0; b < gradus_params_blocks(network->params); b++)
      CU_ASSERT_STRING_EQUAL(gradus_params_block(network->params, b)->name,
                             gradus_params_block(copy->params, b)->name);
    gradus_i_text_clear(&text);
    gradus_i_text_clear(&again);
    gradus_i_network_free(network);
    gradus_i_network_free(copy);
  }
}

static void widths_short_form_and_architecture_make_the_same_network(void) {
  static const size_t hidden[] = {5};
  const gradus_embedding embeddings[] = {{.name = "b", .column = 2, .levels = 4},
                                         {.name = "a", .column = 0, .levels = 3, .units = 4}};
  gradus_i_build_options ways[] = {
      {.hidden = hidden, .hidden_count = 1, .activation = "tanh"},
      {.layers = "dense 5, tanh"},
      {.architecture = "{\"input\": [7], " HIDDEN}, /* 3 columns, 3 more of a and 1 more of b */
      {.architecture = "{" HIDDEN}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    gradus_i_text text = {0};
    ways[i].embeddings = embeddings;
    ways[i].embedding_count = 2;
    CHECK_STATUS(gradus_i_network_build(&network, 3, 1, &ways[i], &err), GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(network);
    CHECK_STATUS(gradus_i_network_to_json(network, &text, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(
        text.data,
        "{\"embeddings\": [{\"name\": \"a\", \"column\": 0, \"levels\": 3, \"units\": 4}, "
        "{\"name\": \"b\", \"column\": 2, \"levels\": 4, \"units\": 2}], "
        "\"layers\": [{\"type\": \"dense\", \"name\": \"hidden1\", \"units\": 5}, "
        "{\"type\": \"activation\", \"name\": \"activation1\", \"activation\": \"tanh\"}, "
        "{\"type\": \"dense\", \"name\": \"output\"}]}");
    CU_ASSERT_EQUAL(gradus_params_find(network->params, "a.weight")->shape[0], 3);
    CU_ASSERT_EQUAL(gradus_params_find(network->params, "a.weight")->shape[1], 4);
    CU_ASSERT_EQUAL(gradus_params_find(network->params, "hidden1.weight")->shape[1], 7);
    gradus_i_text_clear(&text);
    gradus_i_network_free(network);
  }
}

/* ---- what is refused ---- */

typedef struct refusal {
  const char *architecture, *says;
  gradus_embedding embedding; /* of the options, if it has a name */
} refusal;

static void what_cannot_be_is_refused_with_a_sentence(void) {
  static const refusal refusals[] = {
      {OF(EMBEDDED("a", 3, 2, 1)) HIDDEN,
       "\"a\" is of column 3 (the first is 0): there are 3",
       {0}},
      {OF(EMBEDDED("a", 1, 2, 1) "," EMBEDDED("b", 1, 2, 1)) HIDDEN,
       "column 1 (the first is 0) is "
       "embedded twice",
       {0}},
      {OF(EMBEDDED("a", 1, 2, 1) "," EMBEDDED("a", 2, 2, 1)) HIDDEN,
       "\"a\" is embedded twice",
       {0}},
      {OF(EMBEDDED("hidden1", 1, 2,
                   1)) "\"layers\": [{\"type\": \"dense\", \"name\": \"hidden1\"}, "
                       "{\"type\": \"dense\", \"name\": \"output\"}]}",
       "the embedded factor \"hidden1\" has the name of a layer",
       {0}},
      {OF(EMBEDDED("output", 1, 2, 1)) HIDDEN, "factor \"output\" has the name of a layer", {0}},
      {OF(EMBEDDED("input", 1, 2, 1)) HIDDEN, "cannot be embedded under that name", {0}},
      {OF(EMBEDDED("", 1, 2, 1)) HIDDEN,
       "the embedding of column 1 (the first is 0) needs a name",
       {0}},
      {OF(EMBEDDED("a", 1, 0, 1)) HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {OF(EMBEDDED("a", -1, 2, 1)) HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {OF(EMBEDDED("a", 1, 2, 1.5)) HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {OF(EMBEDDED("a", 1, 2, 99999999)) HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {OF("{\"name\": \"a\", \"column\": 1}") HIDDEN, "\"embeddings\" of an architecture", {0}},
      {"{\"embeddings\": [], " HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {"{\"embeddings\": {\"a\": 2}, " HIDDEN, "\"embeddings\" of an architecture must be", {0}},
      {OF(EMBEDDED("a", 1, 9, 4)) "\"input\": [7], " HIDDEN,
       "the architecture's input has the shape 7: the columns, with the units of those that are "
       "embedded, have 6",
       {0}},
      {OF(EMBEDDED("a", 1, 9, 4)) "\"input\": [2], " HIDDEN, "has the shape 2: the columns", {0}},
      {"{\"input\": [3], " HIDDEN, "have 6", {.name = "a", .column = 1, .levels = 9, .units = 4}},
      {OF(EMBEDDED("a", 1, 9, 4)) HIDDEN,
       "the architecture embeds \"a\" (column 1, 9 levels, 4 "
       "units), which is none of the embeddings",
       {.name = "a", .column = 1, .levels = 9, .units = 3}},
      {OF(EMBEDDED("a", 1, 9, 4)) "\"layers\": [{\"type\": \"dense\", \"name\": \"output\", "
                                  "\"inputs\": [\"a\"]}]}",
       "there is no layer \"a\" before it; there are: input",
       {0}},
      {"{" HIDDEN, "has no levels", {.name = "a", .column = 1, .units = 2}},
      {"{" HIDDEN, "must be UTF-8 of at most 100 bytes", {.name = "a\xff", .levels = 2}},
      {"{" HIDDEN, "16777216 are the most", {.name = "a", .levels = 2, .units = 16777217}},
  };
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    const refusal *r = &refusals[i];
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    gradus_i_build_options options = {.architecture = r->architecture,
                                      .embeddings = &r->embedding,
                                      .embedding_count = r->embedding.name ? 1 : 0};
    gradus_status status = gradus_i_network_build(&network, 3, 1, &options, &err);
    CU_ASSERT(status > 0 && network == NULL);
    CHECK_CONTAINS(err.message, r->says);
  }
}

static void every_failing_allocation_is_told_and_nothing_leaks(void) {
  const reference_case *c = &references[1];
  gradus_i_build_options options = {.architecture = c->architecture};
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    run.status = gradus_i_network_build(&network, c->inputs, c->outputs, &options, &err);
    CU_ASSERT((run.status > 0) == (network == NULL));
    gradus_i_network_free(network);
  }
  CU_ASSERT(run.at > 0);
}

int main(void) {
  static const test_case cases[] = {
      {"embedded columns are those of PyTorch", they_are_those_of_pytorch},
      {"in float they are near", in_float_they_are_near},
      {"derivatives of rows add up to those of the batch",
       derivatives_of_rows_add_up_to_those_of_the_batch},
      {"derivatives are those of the values", derivatives_are_those_of_the_values},
      {"columns of levels are known, and no others", columns_of_levels_are_known_and_no_others},
      {"tokens behind them are known too", tokens_behind_them_are_known_too},
      {"units left open are half the levels, but at most 50",
       units_left_open_are_half_the_levels_but_at_most_50},
      {"architectures come back as they were written",
       architectures_come_back_as_they_were_written},
      {"widths, short form and architecture make the same network",
       widths_short_form_and_architecture_make_the_same_network},
      {"what cannot be is refused with a sentence", what_cannot_be_is_refused_with_a_sentence},
      {"every failing allocation is told, and nothing leaks",
       every_failing_allocation_is_told_and_nothing_leaks},
  };
  return test_main("embeddings", cases, sizeof cases / sizeof *cases);
}
