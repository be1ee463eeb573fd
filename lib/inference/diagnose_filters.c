// SPDX-License-Identifier: GPL-3.0-or-later
/* Filters of a convolution that are the same up to a factor: their vectors of weights and bias
   point the same way, which makes the responses of relu proportional. */
#include "diagnose.h"

#include <math.h>
#include <string.h>

/* |a - b|² of vectors of length 1 whose cosine is 0.999; factors that other activations bear. */
static const double apart = 2 * (1 - 0.999), factor_apart = 0.05;

typedef struct filters {
  const double *weight, *bias; /* bias NULL: there is none */
  size_t width;
  bool any_factor, any_sign;
} filters;

static double length_of(const filters *f, size_t u) {
  double square = f->bias ? f->bias[u] * f->bias[u] : 0;
  for (size_t j = 0; j < f->width; j++)
    square += f->weight[u * f->width + j] * f->weight[u * f->width + j];
  return sqrt(square);
}

/* Whether a/|a| and sign·b/|b| are near; most pairs are told apart after a few weights. */
static bool point_alike(const filters *f, size_t a, size_t b, double by_a, double by_b) {
  double square = 0, bias = f->bias ? by_a * f->bias[a] - by_b * f->bias[b] : 0;
  square += bias * bias;
  for (size_t j = 0; j < f->width && square < apart; j++) {
    double difference = by_a * f->weight[a * f->width + j] - by_b * f->weight[b * f->width + j];
    square += difference * difference;
  }
  return square < apart;
}

static bool are_same(const filters *f, size_t a, size_t b) {
  double length_a = length_of(f, a), length_b = length_of(f, b);
  if (!(length_a > 0 && length_b > 0) || !isfinite(length_a) || !isfinite(length_b))
    return false;
  if (!f->any_factor && fabs(length_a / length_b - 1) > factor_apart)
    return false;
  return point_alike(f, a, b, 1 / length_a, 1 / length_b) ||
         (f->any_sign && point_alike(f, a, b, 1 / length_a, -1 / length_b));
}

/* Whether the activation sees the filters' own values, or the largest or means of some of them: a
   norm in between would have shifts of its own. */
static bool sees_filters(const gradus_i_network *network, size_t activation, size_t convolution) {
  size_t node = network->nodes[activation].inputs[0];
  while (network->nodes[node].type == &gradus_i_layer_max_pool ||
         network->nodes[node].type == &gradus_i_layer_average_pool)
    node = network->nodes[node].inputs[0];
  return node == convolution;
}

void gradus_i_compare_filters(gradus_layer_diagnosis *layer, const gradus_i_network_view *view,
                              size_t activated) {
  size_t convolution = gradus_i_affine_before(view->network, activated);
  bool seen = sees_filters(view->network, activated, convolution);
  const gradus_i_node *node = &view->network->nodes[convolution];
  const char *activation = layer->activation;
  bool identity = strcmp(activation, "identity") == 0;
  filters f = {.weight = view->theta + node->theta,
               .width = gradus_i_unit_width(node),
               .any_factor = identity || strcmp(activation, "relu") == 0 ||
                             strcmp(activation, "leaky_relu") == 0,
               .any_sign = view->network->nodes[activated].inputs[0] == convolution &&
                           (identity || strcmp(activation, "tanh") == 0)};
  size_t group = layer->units / node->groups, *same_as = layer->same_as;
  f.bias = node->no_bias ? NULL : f.weight + layer->units * f.width;
  /* Backwards, so that the marks of earlier ones still stand. */
  for (size_t u = layer->units; u-- > 0;) {
    size_t first = u;
    for (size_t v = u / group * group; seen && same_as[u] == 0 && first == u && v < u; v++)
      if (same_as[v] == 0 && are_same(&f, v, u))
        first = v;
    same_as[u] = first;
    layer->repeated += first != u;
  }
}
