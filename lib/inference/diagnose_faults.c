// SPDX-License-Identifier: GPL-3.0-or-later
/* What a diagnosis says in words. */
#include "diagnose.h"

#include <math.h>
#include <string.h>

static const double dead_share = 0.1, saturated_share = 0.25;
static const double flat_variance = 1e-10; /* beside the square of the mean, or 1 */
static const double decay = 1e-3;          /* of gradients, from one end to the other */

typedef struct faults {
  gradus_diagnosis *diagnosis;
  size_t capacity;
  gradus_status status;
  gradus_error *err;
} faults;

static void note(faults *f, const char *format, ...) GRADUS_I_PRINTF(2, 3);
static void note(faults *f, const char *format, ...) {
  gradus_diagnosis *d = f->diagnosis;
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (f->status > 0 || d->findings == f->capacity)
    return;
  d->finding[d->findings] = gradus_i_string_copy(text);
  if (d->finding[d->findings])
    d->findings++;
  else
    f->status = gradus_i_out_of_memory(f->err);
}

static double percent(size_t part, size_t whole) {
  return 100 * (double)part / (double)whole;
}

static void note_units(faults *f, const gradus_layer_diagnosis *l) {
  if ((double)l->dead >= dead_share * (double)l->units && l->dead > 0)
    note(f,
         "%s: %.0f %% of its units never activate; lower the learning rate or initialise with He",
         l->name, percent(l->dead, l->units));
  if ((double)l->saturated >= saturated_share * (double)l->units && l->saturated > 0)
    note(f,
         "%s: %.0f %% of its units are saturated in most rows; standardise the inputs, initialise "
         "with Glorot, or lower the learning rate",
         l->name, percent(l->saturated, l->units));
  if (l->dead < l->units && l->variance <= flat_variance * fmax(1, l->mean * l->mean))
    note(f,
         "%s: its activations hardly vary (variance %.2g); initialise with larger weights (He or "
         "Glorot)",
         l->name, l->variance);
}

/* Whether every unit of a layer has the first one's weights and bias. */
static bool units_are_alike(const gradus_i_network_view *v, const gradus_i_node *node) {
  size_t width = node->in.size, units = node->units;
  const double *weight = v->theta + node->theta, *bias = weight + units * width;
  for (size_t u = 1; u < units; u++) {
    if (memcmp(weight, weight + u * width, width * sizeof *weight) != 0)
      return false;
    if (!node->no_bias && bias[u] != bias[0])
      return false;
  }
  return units > 1;
}

/* The output's classes may well be alike; hidden units then learn the same for ever. */
static void note_symmetry(faults *f, const gradus_i_network_view *v) {
  for (size_t i = 1; i < v->network->count; i++) {
    const gradus_i_node *node = &v->network->nodes[i];
    size_t dense =
        node->type == &gradus_i_layer_activation ? gradus_i_dense_before(v->network, i) : 0;
    if (dense > 0 && units_are_alike(v, &v->network->nodes[dense]))
      note(f,
           "%s: all its units have the same weights, and will learn the same; initialise at random",
           v->network->nodes[dense].name);
  }
}

static double size_of_gradient(const gradus_layer_diagnosis *l) {
  return sqrt(l->gradient_mean * l->gradient_mean + l->gradient_variance);
}

static void note_flow(faults *f) {
  const gradus_diagnosis *d = f->diagnosis;
  if (d->layers < 2)
    return;
  const gradus_layer_diagnosis *first = &d->layer[0], *last = &d->layer[d->layers - 1];
  double ratio = size_of_gradient(first) / size_of_gradient(last);
  if (ratio < decay)
    note(f,
         "gradients vanish: at %s they are %.2g of those at %s; take relu with He's "
         "initialisation, a norm before the activations, or residual connections",
         first->name, ratio, last->name);
  if (ratio > 1 / decay)
    note(f,
         "gradients explode: at %s they are %.2g times those at %s; initialise with smaller "
         "weights, clip the gradient, or put a norm before the activations",
         first->name, ratio, last->name);
}

gradus_status gradus_i_find_faults(gradus_diagnosis *d, const gradus_i_network_view *view,
                                   gradus_error *err) {
  faults f = {.diagnosis = d, .capacity = 4 * d->layers + 3, .err = err};
  d->finding = gradus_i_allocate(f.capacity, sizeof *d->finding);
  if (!d->finding)
    return gradus_i_out_of_memory(err);
  if (!isfinite(d->loss))
    note(&f, "the loss is not finite at these parameters and rows; lower the learning rate, or "
             "clip the gradient");
  for (size_t i = 0; i < d->layers; i++)
    note_units(&f, &d->layer[i]);
  note_symmetry(&f, view);
  note_flow(&f);
  return f.status;
}
