// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks from widths and from JSON text, the text of a network, and what is refused. */
#include "../lib/layer/build.h"
#include "../lib/layer/custom.h"
#include "../lib/layer/initialise.h"
#include "support/support.h"

#include <string.h>

enum { INPUTS = 4, OUTPUTS = 2 };

static gradus_i_network *from_json(const char *json) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_network_from_json(&network, INPUTS, OUTPUTS,
                                          &(gradus_i_build_options){.architecture = json}, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  return network;
}

static gradus_i_network *from_options(gradus_i_build_options options) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_network_build(&network, INPUTS, OUTPUTS, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  return network;
}

/* "hidden1:dense(input) ..." of all nodes. */
static void check_nodes(const gradus_i_network *network, const char *must) {
  gradus_i_text is = {0};
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    gradus_i_text_format(&is, "%s%s:%s", i > 1 ? " " : "", node->name,
                         gradus_i_node_type_name(node));
    for (size_t k = 0; k < node->input_count; k++)
      gradus_i_text_format(&is, "<%s",
                           node->inputs[k] ? network->nodes[node->inputs[k]].name : "input");
  }
  if (strcmp(is.data, must) != 0)
    printf("  %s\n  must be %s\n", is.data, must);
  CU_ASSERT_STRING_EQUAL(is.data, must);
  gradus_i_text_clear(&is);
}

static void check_blocks(const gradus_i_network *network, const char *must) {
  gradus_i_text is = {0};
  for (size_t b = 0; b < gradus_params_blocks(network->params); b++) {
    const gradus_block *block = gradus_params_block(network->params, b);
    gradus_i_text_format(&is, "%s%s[%zu,%zu]", b ? " " : "", block->name, block->shape[0],
                         block->shape[1]);
  }
  if (strcmp(is.data, must) != 0)
    printf("  %s\n  must be %s\n", is.data, must);
  CU_ASSERT_STRING_EQUAL(is.data, must);
  gradus_i_text_clear(&is);
}

static void without_widths_there_is_the_output_alone(void) {
  gradus_i_network *network = from_options((gradus_i_build_options){.skip = true});
  check_nodes(network, "output:dense<input");
  check_blocks(network, "output.weight[2,4] output.bias[2,1]");
  gradus_i_network_free(network);
}

static void widths_make_hidden_layers(void) {
  gradus_i_network *network =
      from_options((gradus_i_build_options){.hidden = (size_t[]){5, 3}, .hidden_count = 2});
  check_nodes(network, "hidden1:dense<input activation1:activation<hidden1 "
                       "hidden2:dense<activation1 activation2:activation<hidden2 "
                       "output:dense<activation2");
  check_blocks(network, "hidden1.weight[5,4] hidden1.bias[5,1] hidden2.weight[3,5] "
                        "hidden2.bias[3,1] output.weight[2,3] output.bias[2,1]");
  CU_ASSERT_STRING_EQUAL(gradus_i_node_activation_name(&network->nodes[2]), "relu");
  gradus_i_network_free(network);
}

static gradus_i_build_options everything(void) {
  static const size_t widths[] = {3, 3, 2};
  return (gradus_i_build_options){.hidden = widths,
                                  .hidden_count = 3,
                                  .activation = "tanh",
                                  .dropout = 0.1,
                                  .normalisation = "batch",
                                  .skip = true,
                                  .residual = true};
}

static void options_put_the_layers_between(void) {
  gradus_i_network *network = from_options(everything());
  check_nodes(network, "hidden1:dense<input normalisation1:batch_norm<hidden1 "
                       "activation1:activation<normalisation1 dropout1:dropout<activation1 "
                       "hidden2:dense<dropout1 normalisation2:batch_norm<hidden2 "
                       "activation2:activation<normalisation2 dropout2:dropout<activation2 "
                       "residual2:add<dropout2<dropout1 "
                       "hidden3:dense<residual2 normalisation3:batch_norm<hidden3 "
                       "activation3:activation<normalisation3 dropout3:dropout<activation3 "
                       "output:dense<dropout3 skip:dense<input sum:add<output<skip");
  CU_ASSERT_PTR_NOT_NULL(gradus_params_find(network->params, "skip.weight"));
  CU_ASSERT_PTR_NULL(gradus_params_find(network->params, "skip.bias"));
  gradus_i_network_free(network);
}

static const char *const example =
    "{\"layers\": [{\"type\": \"dense\", \"units\": 6},"
    "{\"type\": \"layer_norm\", \"epsilon\": 0.001},"
    "{\"type\": \"activation\", \"activation\": \"relu\"},"
    "{\"type\": \"dropout\", \"rate\": 0.1},"
    "{\"type\": \"dense\", \"units\": 3, \"bias\": false},"
    "{\"type\": \"dense\", \"name\": \"output\"},"
    "{\"type\": \"dense\", \"name\": \"skip\", \"inputs\": [\"input\"], \"bias\": false},"
    "{\"type\": \"add\", \"inputs\": [\"output\", \"skip\"]}]}";

static void text_makes_the_layers_that_it_names(void) {
  gradus_i_network *network = from_json(example);
  check_nodes(network, "hidden1:dense<input layer_norm1:layer_norm<hidden1 "
                       "activation1:activation<layer_norm1 dropout1:dropout<activation1 "
                       "hidden2:dense<dropout1 output:dense<hidden2 skip:dense<input "
                       "add1:add<output<skip");
  check_blocks(network, "hidden1.weight[6,4] hidden1.bias[6,1] layer_norm1.weight[6,1] "
                        "layer_norm1.bias[6,1] hidden2.weight[3,6] output.weight[2,3] "
                        "output.bias[2,1] skip.weight[2,4]");
  CU_ASSERT_EQUAL(network->nodes[2].epsilon, 0.001);
  CU_ASSERT_EQUAL(network->nodes[4].rate, 0.1);
  gradus_i_network_free(network);
}

/* The text of a network makes the same network, whose text is the same; for another response the
   output has another width. */
static void check_round_trip(gradus_i_network *network) {
  gradus_i_text first = {0}, second = {0};
  gradus_i_network *wider = NULL;
  CHECK_STATUS(gradus_i_network_to_json(network, &first, NULL), GRADUS_OK, NULL);
  gradus_i_network *again = from_json(first.data);
  CHECK_STATUS(gradus_i_network_to_json(again, &second, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(first.data, second.data);
  CU_ASSERT_EQUAL(again->count, network->count);
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *a = &network->nodes[i], *b = &again->nodes[i];
    CU_ASSERT_STRING_EQUAL(a->name, b->name);
    CU_ASSERT_TRUE(a->type == b->type && a->activation == b->activation && a->units == b->units);
    CU_ASSERT_TRUE(a->no_bias == b->no_bias && a->rate == b->rate && a->epsilon == b->epsilon);
    CU_ASSERT_TRUE(a->momentum == b->momentum && a->theta == b->theta);
    CU_ASSERT_TRUE(a->inputs[0] == b->inputs[0] && a->inputs[1] == b->inputs[1]);
  }
  CHECK_STATUS(gradus_i_network_from_json(
                   &wider, INPUTS, 5, &(gradus_i_build_options){.architecture = first.data}, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(wider);
  CU_ASSERT_EQUAL(gradus_i_network_output(wider)->size, 5);
  gradus_i_text_clear(&first);
  gradus_i_text_clear(&second);
  gradus_i_network_free(wider);
  gradus_i_network_free(again);
  gradus_i_network_free(network);
}

static void text_and_network_go_round(void) {
  check_round_trip(from_json(example));
  check_round_trip(from_options(everything()));
  check_round_trip(from_options((gradus_i_build_options){0}));
  gradus_i_build_options third = everything();
  third.dropout = 1.0 / 3;
  check_round_trip(from_options(third));
}

static void numbers_are_written_as_short_as_they_are(void) {
  gradus_i_network *network = from_json(example);
  gradus_i_text text = {0};
  CHECK_STATUS(gradus_i_network_to_json(network, &text, NULL), GRADUS_OK, NULL);
  CHECK_CONTAINS(text.data, "\"rate\": 0.1}");
  CHECK_CONTAINS(text.data, "{\"type\": \"dense\", \"name\": \"output\"}");
  gradus_i_text_clear(&text);
  gradus_i_network_free(network);
}

/* ---- what is refused ---- */

#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}"
#define BEFORE(layer) "{\"layers\": [" layer ", " OUTPUT "]}"
#define DENSE(units) "{\"type\": \"dense\", \"units\": " #units "}"

typedef struct refused {
  const char *json;
  gradus_status status;
  const char *parts[3]; /* of the message */
} refused;

static const refused refusals[] = {
    {"{\"layers\": [", GRADUS_ERROR_INVALID_ARGUMENT, {"no JSON: line 1"}},
    {"[]", GRADUS_ERROR_INVALID_ARGUMENT, {"no list \"layers\""}},
    {"{}", GRADUS_ERROR_INVALID_ARGUMENT, {"no list \"layers\""}},
    {"{\"layers\": []}", GRADUS_ERROR_INVALID_ARGUMENT, {"no list \"layers\""}},
    {"{\"layers\": 3}", GRADUS_ERROR_INVALID_ARGUMENT, {"no list \"layers\""}},
    {"{\"layer\": []}", GRADUS_ERROR_INVALID_ARGUMENT, {"\"layer\""}},
    {"{\"layers\": [3]}", GRADUS_ERROR_INVALID_ARGUMENT, {"layer 1"}},
    {BEFORE("{\"units\": 3}"), GRADUS_ERROR_INVALID_ARGUMENT, {"layer1", "type"}},
    {BEFORE("{\"type\": \"convolve\"}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"convolve1", "\"convolve\"", "dense, activation, add, dropout, layer_norm, batch_norm"}},
    {BEFORE("{\"type\": \"activation\", \"activation\": \"rleu\"}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"activation1", "\"rleu\"", "relu, leaky_relu"}},
    {BEFORE("{\"type\": \"activation\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"activation1"}},
    {BEFORE(DENSE(0)), GRADUS_ERROR_INVALID_ARGUMENT, {"hidden1", "units", "1 or more"}},
    {BEFORE(DENSE(-2)), GRADUS_ERROR_INVALID_ARGUMENT, {"hidden1", "units"}},
    {BEFORE(DENSE(2.5)), GRADUS_ERROR_INVALID_ARGUMENT, {"hidden1", "units", "or more, not 2.5"}},
    {BEFORE("{\"type\": \"dense\", \"units\": \"a long text that has no place in any message\"}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"hidden1", "units", "or more"}},
    {BEFORE("{\"type\": \"dense\", \"unit\": 3}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"hidden1", "\"unit\"", "units, bias"}},
    {BEFORE("{\"type\": \"dense\", \"bias\": 1}"), GRADUS_ERROR_INVALID_ARGUMENT, {"bias"}},
    {BEFORE("{\"type\": \"dropout\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"dropout1", "rate"}},
    {BEFORE("{\"type\": \"dropout\", \"rate\": 1}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"dropout1", "below 1"}},
    {BEFORE("{\"type\": \"dropout\", \"rate\": \"x\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"rate"}},
    {BEFORE("{\"type\": \"layer_norm\", \"epsilon\": -1}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"layer_norm1", "epsilon"}},
    {BEFORE("{\"type\": \"layer_norm\", \"epsilon\": 0}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"layer_norm1", "\"epsilon\" must be a number above 0, not 0"}},
    {BEFORE("{\"type\": \"batch_norm\", \"momentum\": 0}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"batch_norm1", "\"momentum\" must be a number above 0, not 0"}},
    {BEFORE("{\"type\": \"batch_norm\", \"momentum\": 2}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"batch_norm1", "momentum"}},
    {BEFORE("{\"type\": \"dense\", \"name\": \"\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"layer 1"}},
    {BEFORE("{\"type\": \"dense\", \"name\": \"a\\nb\"}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"layer 1", "in one line"}},
    {BEFORE("{\"type\": \"dense\", \"name\": \"input\"}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"layer 1"}},
    {BEFORE("{\"type\": \"dense\", \"name\": \"output\", \"units\": 3}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"\"output\" already"}},
    {BEFORE("{\"type\": \"dense\", \"inputs\": [\"hidden7\"]}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"\"hidden7\"", "there are: input"}},
    {BEFORE("{\"type\": \"dense\", \"inputs\": [\"input\", \"input\"]}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"hidden1", "the name of one layer", "not [\"input\", \"input\"]"}},
    {BEFORE("{\"type\": \"dense\", \"inputs\": [3]}"), GRADUS_ERROR_INVALID_ARGUMENT, {"names"}},
    {BEFORE("{\"type\": \"add\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"add1", "two inputs"}},
    {BEFORE(DENSE(3) ", {\"type\": \"add\", \"inputs\": [\"hidden1\", \"input\"]}"),
     GRADUS_ERROR_SHAPE,
     {"\"add1\"", "shapes 3 and 4"}},
    {"{\"layers\": [{\"type\": \"dense\", \"name\": \"output\", \"units\": 3}]}",
     GRADUS_ERROR_SHAPE,
     {"\"output\"", "shape 3", "needs 2"}},
    {"{\"layers\": [" DENSE(2) "]}", GRADUS_ERROR_INVALID_ARGUMENT, {"no dense layer \"output\""}},
    {BEFORE(DENSE(3) ", {\"type\": \"dense\", \"inputs\": [\"input\"]}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"\"hidden1\" leads nowhere"}},
};

static const refused sequences[] = {
    {"{\"input\": [2, 2], \"layers\": [" DENSE(2) ", {\"type\": \"dense\", \"name\": \"output\"}]}",
     GRADUS_OK,
     {NULL}},
    {"{\"input\": [3, 2], \"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}",
     GRADUS_ERROR_SHAPE,
     {"3x2", "6 values", "4 columns"}},
    {"{\"input\": [3, 1], \"lengths\": true, \"layers\": [{\"type\": \"dense\", \"name\": "
     "\"output\"}]}",
     GRADUS_OK,
     {NULL}},
    {"{\"input\": [4, 1], \"lengths\": true, \"layers\": [{\"type\": \"dense\", \"name\": "
     "\"output\"}]}",
     GRADUS_ERROR_SHAPE,
     {"4x1", "and a length", "4 columns"}},
    {"{\"input\": [], \"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}",
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"one to three whole numbers"}},
    {"{\"input\": [4], \"lengths\": 1, \"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}",
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"true or false"}},
    {BEFORE("{\"type\": \"columns\"}"), GRADUS_ERROR_INVALID_ARGUMENT, {"columns1", "no shape"}},
    {BEFORE("{\"type\": \"columns\", \"first\": 2, \"shape\": [3]}"),
     GRADUS_ERROR_SHAPE,
     {"columns1", "shape 3 from column 2", "4 columns"}},
    {BEFORE("{\"type\": \"columns\", \"shape\": [0]}"),
     GRADUS_ERROR_INVALID_ARGUMENT,
     {"\"shape\" must be a list of one to three"}},
};

static void a_shape_of_the_input_must_fit_its_columns(void) {
  for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
    const refused *r = &sequences[i];
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_i_network_from_json(&network, INPUTS, OUTPUTS,
                                            &(gradus_i_build_options){.architecture = r->json},
                                            &err),
                 r->status, &err);
    for (size_t p = 0; p < 3 && r->parts[p]; p++)
      CHECK_CONTAINS(err.message, r->parts[p]);
    gradus_i_network_free(network);
  }
}

/* Two steps of two features, of which the second may be padding, and an output at each. */
static void sequences_are_written_as_they_were_read(void) {
  static const char json[] =
      "{\"input\": [2, 2], \"lengths\": true, \"layers\": [{\"type\": \"dense\", \"name\": "
      "\"hidden1\", \"units\": 3, \"each\": true}, {\"type\": \"columns\", \"name\": \"columns1\", "
      "\"first\": 2, \"shape\": [2, 2]}, {\"type\": \"dense\", \"name\": \"output\", \"each\": "
      "true}]}";
  gradus_i_build_options options = {.architecture = json, .steps = 2};
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  gradus_i_text text = {0};
  CHECK_STATUS(gradus_i_network_from_json(&network, 5, OUTPUTS, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  CU_ASSERT_EQUAL(gradus_i_network_output(network)->size, 2 * OUTPUTS);
  CU_ASSERT_EQUAL(gradus_params_size(network->params), 3 * 2 + 3 + OUTPUTS * 2 + OUTPUTS);
  CHECK_STATUS(gradus_i_network_to_json(network, &text, &err), GRADUS_OK, &err);
  CU_ASSERT_STRING_EQUAL(text.data, json);
  gradus_i_text_clear(&text);
  gradus_i_network_free(network);
}

static void what_makes_no_network_is_refused(void) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    const refused *r = &refusals[i];
    gradus_i_network *network = (void *)&network;
    gradus_error err = {0};
    CHECK_STATUS(gradus_i_network_from_json(&network, INPUTS, OUTPUTS,
                                            &(gradus_i_build_options){.architecture = r->json},
                                            &err),
                 r->status, &err);
    CU_ASSERT_PTR_NULL(network);
    for (size_t p = 0; p < 3 && r->parts[p]; p++)
      CHECK_CONTAINS(err.message, r->parts[p]);
  }
}

/* A model without columns: its bias is all that there is. */
static void networks_of_no_inputs(void) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  gradus_i_build_options options = {.hidden = (size_t[]){3}, .hidden_count = 1, .skip = true};
  gradus_i_initialisation start = {.initialiser = GRADUS_INITIALISE_ORTHOGONAL, .bias = 0.5};
  CHECK_STATUS(gradus_i_network_build(&network, 0, 2, &options, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_i_network_initialise(network, &start, &err), GRADUS_OK, &err);
  double memory[4096], none = 0, gradient[64] = {0};
  CU_ASSERT_TRUE_FATAL(gradus_i_tape_size(network, GRADUS_I_DOUBLE, 2) <= 4096);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, 2, false, memory);
  tape.rows = 2;
  tape.theta = gradus_params_const_values(network->params);
  tape.x = &none;
  const double *out = gradus_i_tape_forward(&tape);
  CU_ASSERT_TRUE(out[0] == out[2] && out[1] == out[3] && out[0] != 0);
  double *slope = tape.nodes[network->count - 1].gradient;
  slope[0] = slope[1] = slope[2] = slope[3] = 1;
  gradus_i_tape_backward(&tape, gradient);
  CU_ASSERT_EQUAL(gradient[gradus_params_find(network->params, "output.bias")->offset], 2);
  gradus_i_network_free(network);
  CHECK_STATUS(gradus_i_network_from_json(
                   &network, 0, 2,
                   &(gradus_i_build_options){.architecture = BEFORE("{\"type\": \"batch_norm\"}")},
                   &err),
               GRADUS_ERROR_SHAPE, NULL);
  CHECK_CONTAINS(err.message, "\"batch_norm1\" of type batch_norm cannot take the shape 0");
}

static void check_refused_options(gradus_i_build_options options, const char *part) {
  gradus_i_network *network = (void *)&network;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_network_build(&network, INPUTS, OUTPUTS, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CU_ASSERT_PTR_NULL(network);
  CHECK_CONTAINS(err.message, part);
}

static void options_that_make_no_network_are_refused(void) {
  check_refused_options((gradus_i_build_options){.activation = "rleu"}, "there are: identity");
  check_refused_options((gradus_i_build_options){.normalisation = "group"}, "batch, layer");
  check_refused_options((gradus_i_build_options){.dropout = 1}, "below 1");
  check_refused_options((gradus_i_build_options){.dropout = -0.1}, "at least 0");
  check_refused_options((gradus_i_build_options){.hidden = (size_t[]){3, 0}, .hidden_count = 2},
                        "\"hidden2\" has no units");
  check_refused_options((gradus_i_build_options){.architecture = example, .skip = true},
                        "one or the other");
}

static void failed_allocations_leak_nothing(void) {
  gradus_i_build_options options = everything();
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_network *network = NULL;
    gradus_i_text text = {0};
    run.status = gradus_i_network_build(&network, INPUTS, OUTPUTS, &options, NULL);
    if (run.status <= 0)
      run.status = gradus_i_network_to_json(network, &text, NULL);
    gradus_i_network_free(network);
    network = NULL;
    if (run.status <= 0)
      run.status = gradus_i_network_from_json(
          &network, INPUTS, OUTPUTS, &(gradus_i_build_options){.architecture = text.data}, NULL);
    gradus_i_network_free(network);
    gradus_i_text_clear(&text);
  }
  CU_ASSERT_TRUE(run.at > 20);
}

int main(void) {
  static const test_case cases[] = {
      {"without widths there is the output alone", without_widths_there_is_the_output_alone},
      {"widths make hidden layers", widths_make_hidden_layers},
      {"options put the layers between", options_put_the_layers_between},
      {"text makes the layers that it names", text_makes_the_layers_that_it_names},
      {"text and network go round", text_and_network_go_round},
      {"numbers are written as short as they are", numbers_are_written_as_short_as_they_are},
      {"what makes no network is refused", what_makes_no_network_is_refused},
      {"a shape of the input must fit its columns", a_shape_of_the_input_must_fit_its_columns},
      {"sequences are written as they were read", sequences_are_written_as_they_were_read},
      {"networks of no inputs are their biases", networks_of_no_inputs},
      {"options that make no network are refused", options_that_make_no_network_are_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("architecture", cases, sizeof cases / sizeof *cases);
}
