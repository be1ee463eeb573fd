// SPDX-License-Identifier: GPL-3.0-or-later
/* The activations of one instruction set: both types, and their table. */
#define REAL double
#define NAME(name) FOR_TARGET(name##_d)
#define LINALG(name) name##_d
#include "activation_template.h"
#undef REAL
#undef NAME
#undef LINALG
#define REAL float
#define NAME(name) FOR_TARGET(name##_f)
#define LINALG(name) name##_f
#include "activation_template.h"
#undef REAL
#undef NAME
#undef LINALG

#define ROW(name, function, ...)                                                                   \
  {                                                                                                \
    name, FOR_TARGET(function##_d), FOR_TARGET(function##_f), FOR_TARGET(function##_slope_d),      \
        FOR_TARGET(function##_slope_f), __VA_ARGS__                                                \
  }
static const gradus_i_activation FOR_TARGET(activations)[COUNT] = {
    ROW("identity", identity, .forgets_input = true, .keeps_largest = true),
    ROW("sigmoid", sigmoid, .forgets_input = true),
    ROW("tanh", tanh, .forgets_input = true),
    ROW("relu", relu, .forgets_input = true, .keeps_largest = true),
    ROW("leaky_relu", leaky_relu, .over_rows = false),
    ROW("elu", elu, .over_rows = false),
    ROW("gelu", gelu, .over_rows = false),
    ROW("softplus", softplus, .over_rows = false),
    ROW("swish", swish, .over_rows = false),
    {"softmax", FOR_TARGET(softmax_d), FOR_TARGET(softmax_f), FOR_TARGET(softmax_slope_d),
     FOR_TARGET(softmax_slope_f), .over_rows = true, .forgets_input = true},
};
#undef ROW
