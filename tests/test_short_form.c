// SPDX-License-Identifier: GPL-3.0-or-later
/* Architectures in short form make the network of the JSON that they stand for. */
#include "../lib/layer/build.h"
#include "../lib/layer/custom.h"
#include "support/support.h"

#include <string.h>

enum { OUTPUTS = 2 };

static gradus_i_shape shape(size_t rank, size_t first, size_t second, size_t third) {
  return (gradus_i_shape){
      .rank = rank, .extent = {first, second, third}, .size = first * second * third};
}

/* What a network says of itself, or "". */
static gradus_i_text text_of(const gradus_i_build_options *options, size_t inputs) {
  gradus_i_network *network = NULL;
  gradus_i_text text = {0};
  gradus_error err = {0};
  size_t outputs = options->steps > 0 ? 1 : OUTPUTS;
  CHECK_STATUS(gradus_i_network_build(&network, inputs, outputs, options, &err), GRADUS_OK, &err);
  if (network)
    CU_ASSERT_EQUAL(gradus_i_network_to_json(network, &text, NULL), GRADUS_OK);
  gradus_i_network_free(network);
  gradus_i_text_string(&text, "");
  return text;
}

static void check_same(gradus_i_build_options options, size_t inputs, const char *layers,
                       const char *architecture) {
  gradus_i_text is, must;
  gradus_i_build_options other = options;
  options.layers = layers;
  other.architecture = architecture;
  other.channels_first = false;
  is = text_of(&options, inputs);
  must = text_of(&other, inputs);
  CU_ASSERT(must.length > 2);
  CU_ASSERT_STRING_EQUAL(is.data, must.data);
  gradus_i_text_clear(&is);
  gradus_i_text_clear(&must);
}

#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}]}"
#define ACTIVATION(name) "{\"type\": \"activation\", \"activation\": \"" name "\"}, "

static void short_forms_are_the_architectures(void) {
  gradus_i_build_options image = {.input = shape(3, 9, 8, 4)};
  check_same(
      image, 288,
      " conv 6 3x2 pad 1x0 groups 2 ,relu,maxpool 2 stride 1,\tconv 4 2 pad same "
      "dilation 2,\n gelu, avgpool 2x1 pad 1x0, batchnorm, layernorm, globalavgpool, dense "
      "5, softplus, dropout 0.25",
      "{\"layers\": [{\"type\": \"conv2d\", \"filters\": 6, \"kernel\": [3, 2], "
      "\"padding\": [1, 0], \"groups\": 2}, " ACTIVATION("relu") //
      "{\"type\": \"max_pool\", \"kernel\": 2, \"stride\": 1}, "
      "{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 2, \"padding\": \"same\", "
      "\"dilation\": 2}, " ACTIVATION("gelu") //
      "{\"type\": \"average_pool\", \"kernel\": [2, 1], \"padding\": [1, 0]}, "
      "{\"type\": \"batch_norm\"}, {\"type\": \"layer_norm\"}, "
      "{\"type\": \"global_average_pool\"}, {\"type\": \"dense\", \"units\": 5}, " ACTIVATION(
          "softplus") "{\"type\": \"dropout\", \"rate\": 0.25}, " OUTPUT);
  image.channels_first = true;
  check_same(image, 288, "flatten",
             "{\"layers\": [{\"type\": \"channels_last\"}, {\"type\": \"flatten\"}, " OUTPUT);
  check_same((gradus_i_build_options){.no_bias = true}, 3, "dense 2, identity",
             "{\"layers\": [{\"type\": \"dense\", \"units\": 2}, " ACTIVATION("identity") //
             "{\"type\": \"dense\", \"name\": \"output\", \"bias\": false}]}");
}

static void short_forms_of_sequences(void) {
  gradus_i_build_options sequence = {.input = shape(2, 6, 3, 1), .lengths = true};
  check_same(
      sequence, 19, "conv 4 3 pad same, lstm 3 bidirectional all, gru 2 truncate 4",
      "{\"layers\": [{\"type\": \"conv1d\", \"filters\": 4, \"kernel\": 3, \"padding\": "
      "\"same\"}, {\"type\": \"lstm\", \"units\": 3, \"sequences\": true, "
      "\"bidirectional\": true}, {\"type\": \"gru\", \"units\": 2, \"truncate\": 4}, " OUTPUT);
  check_same(sequence, 19, "globalmaxpool",
             "{\"layers\": [{\"type\": \"global_max_pool\"}, " OUTPUT);
  check_same((gradus_i_build_options){0}, 5, "embedding 7 2, rnn 3",
             "{\"layers\": [{\"type\": \"embedding\", \"levels\": 7, \"units\": 2}, "
             "{\"type\": \"rnn\", \"units\": 3}, " OUTPUT);
  check_same(sequence, 19, "rnn 3 all relu, rnn 2",
             "{\"layers\": [{\"type\": \"rnn\", \"units\": 3, \"sequences\": true, "
             "\"activation\": \"relu\"}, {\"type\": \"rnn\", \"units\": 2}, " OUTPUT);
  /* With a response at each step nothing before the output may take the steps together. */
  sequence.steps = 6;
  check_same(sequence, 19, "lstm 3, dense 4, tanh, rnn 2 all",
             "{\"layers\": [{\"type\": \"lstm\", \"units\": 3, \"sequences\": true}, "
             "{\"type\": \"dense\", \"units\": 4, \"each\": true}, " ACTIVATION("tanh") //
             "{\"type\": \"rnn\", \"units\": 2, \"sequences\": true}, "
             "{\"type\": \"dense\", \"name\": \"output\", \"each\": true}]}");
}

static void value(size_t n, const double *x, double *y, void *data) {
  (void)data;
  memcpy(y, x, n * sizeof *x);
}

static void slope(size_t n, const double *x, const double *y, double *d, void *data) {
  (void)x, (void)y, (void)data;
  for (size_t i = 0; i < n; i++)
    d[i] = 1;
}

static void activations_of_the_callers_have_their_names(void) {
  static const gradus_activation same = {.name = "same", .value = value, .slope = slope};
  const gradus_custom custom = {.activations = &same, .activation_count = 1};
  check_same((gradus_i_build_options){.custom = &custom}, 3, "dense 2, same",
             "{\"layers\": [{\"type\": \"dense\", \"units\": 2}, " ACTIVATION("same") OUTPUT);
}

static void check_refused(gradus_i_build_options options, const char *layers, const char *part) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  options.layers = layers;
  CHECK_STATUS(gradus_i_network_build(&network, 12, OUTPUTS, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, part);
  CU_ASSERT_PTR_NULL(network);
}

static void what_is_no_short_form_is_refused(void) {
  gradus_i_build_options list = {0}, sequence = {.input = shape(2, 6, 2, 1)};
  check_refused(list, "", "item 1 \"\": it is empty");
  check_refused(list, "relu,,relu", "item 2 \"\": it is empty");
  check_refused(list, "relu, Dense 3", "item 2 \"Dense 3\": there is no such layer");
  check_refused(list, "dense", "is missing at its end; it is written dense UNITS");
  check_refused(list, "dense 1e3", "\"1e3\" is not a whole number");
  check_refused(list, "dense -3", "\"-3\" is not a whole number");
  check_refused(list, "dense 18446744073709551617", "is not a whole number");
  check_refused(list, "dropout nan", "\"nan\" is not a share");
  check_refused(list, "dropout 0x1p-1000000000000000000000000000000000000", "is not a share");
  check_refused(list, "embedding 3", "is missing at its end; it is written embedding LEVELS UNITS");
  check_refused(list, "lstm 3", "a list of numbers comes to it: say which shape the input has");
  check_refused(sequence, "conv 3 2x", "\"2x\" is not a size");
  check_refused(sequence, "conv 3 2x2x2", "\"2x2x2\" is not a size");
  check_refused(sequence, "conv 3 2 pad no", "\"no\" is not \"same\", \"valid\" or a number");
  check_refused(sequence, "conv 3 2 stride 0", "\"0\" is not a size");
  check_refused(sequence, "lstm 3 all all", "\"all\" is there twice");
  check_refused(sequence, "gru 3, gru 3", "write \"all\" after the recurrent layer before");
  check_refused(sequence, "flatten, globalmaxpool", "a list of numbers comes to it");
  check_refused((gradus_i_build_options){.skip = true}, "dense 3", "one or the other");
  check_refused((gradus_i_build_options){.architecture = "{}"}, "dense 3", "one or the other");
  check_refused((gradus_i_build_options){.channels_first = true}, NULL, "channels first goes with");
  sequence.lengths = sequence.channels_first = true;
  check_refused(sequence, "flatten", "sequences with lengths come step by step");
}

static void failed_allocations_leak_nothing(void) {
  gradus_i_build_options options = {.input = shape(2, 6, 2, 1), .layers = "conv 3 2, relu, lstm 3"};
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_network *network = NULL;
    run.status = gradus_i_network_build(&network, 12, OUTPUTS, &options, NULL);
    gradus_i_network_free(network);
  }
  CU_ASSERT(run.at > 5);
}

int main(void) {
  static const test_case cases[] = {
      {"short forms are the architectures", short_forms_are_the_architectures},
      {"short forms of sequences", short_forms_of_sequences},
      {"activations of the callers have their names", activations_of_the_callers_have_their_names},
      {"what is no short form is refused", what_is_no_short_form_is_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("short_form", cases, sizeof cases / sizeof *cases);
}
