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

#define ROW(name, function)                                                                        \
  {                                                                                                \
    name, FOR_TARGET(function##_d), FOR_TARGET(function##_f), FOR_TARGET(function##_slope_d),      \
        FOR_TARGET(function##_slope_f), false                                                      \
  }
static const gradus_i_activation FOR_TARGET(activations)[COUNT] = {
    ROW("identity", identity),
    ROW("sigmoid", sigmoid),
    ROW("tanh", tanh),
    ROW("relu", relu),
    ROW("leaky_relu", leaky_relu),
    ROW("elu", elu),
    ROW("gelu", gelu),
    ROW("softplus", softplus),
    ROW("swish", swish),
    {"softmax", FOR_TARGET(softmax_d), FOR_TARGET(softmax_f), FOR_TARGET(softmax_slope_d),
     FOR_TARGET(softmax_slope_f), true},
};
#undef ROW
