// SPDX-License-Identifier: GPL-3.0-or-later
/* What a diagnosis says in words. */
#include "../model/network.h"
#include "diagnose.h"

#include <math.h>
#include <string.h>

static const double dead_share = 0.1, saturated_share = 0.25;
static const double flat_variance = 1e-10; /* beside the square of the mean, or 1 */
static const double decay = 1e-3;          /* of gradients, from one end to the other */

typedef struct faults {
  gradus_diagnosis *diagnosis;
  const gradus_i_network_view *view;
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

/* ---- what to do, of which nothing was done in the training ---- */

/* What is left of four pieces of advice, NULL for those that have been followed: "a, b, or c". */
typedef struct advice {
  char text[280];
} advice;

static advice choose(const char *const pieces[4]) {
  advice a = {""};
  size_t length = 0, left = 0, told = 0;
  for (size_t i = 0; i < 4; i++)
    left += pieces[i] != NULL;
  for (size_t i = 0; i < 4; i++)
    if (pieces[i]) {
      const char *before = told == 0 ? "" : told + 1 < left ? ", " : left == 2 ? " or " : ", or ";
      gradus_i_snprintf(a.text + length, sizeof a.text - length, "%s%s", before, pieces[i]);
      length = strlen(a.text);
      told++;
    }
  return a;
}

static const gradus_i_network_kept *training_of(const faults *f) {
  return &f->view->fit->network->kept;
}

/* Only a rule has a rate to be lowered, or a gradient to be clipped. */
static bool had_rule(const faults *f) {
  return training_of(f)->descent.rule != GRADUS_RULE_AUTO;
}

static bool had_clipping(const faults *f) {
  const gradus_descent_options *descent = &training_of(f)->descent;
  return descent->clip_norm > 0 || descent->clip_value > 0;
}

static const char *unless(bool followed, const char *piece) {
  return followed ? NULL : piece;
}

static const char *lower_rate(const faults *f) {
  return unless(!had_rule(f), "lower the learning rate");
}

static const char *clip(const faults *f) {
  return unless(!had_rule(f) || had_clipping(f), "clip the gradient");
}

/* Whether the weights before such an activation started as the better one of He and Glorot for it
   has it, or as `other` has it. */
static bool had_start(const faults *f, gradus_initialiser other) {
  gradus_initialiser own = training_of(f)->initialiser;
  return own == GRADUS_INITIALISE_AUTO || own == other;
}

static void note_dead(faults *f, const gradus_layer_diagnosis *l) {
  advice what = choose((const char *const[4]){
      lower_rate(f), unless(had_start(f, GRADUS_INITIALISE_HE), "initialise with He"),
      "take leaky_relu"});
  if (l->filters)
    note(f, "%s: %zu of its %zu filters never respond; %s", l->name, l->dead, l->units, what.text);
  else
    note(f, "%s: %.0f %% of its units never activate; %s", l->name, percent(l->dead, l->units),
         what.text);
}

static void note_saturated(faults *f, const gradus_layer_diagnosis *l) {
  advice what = choose((const char *const[4]){
      unless(f->view->factor != NULL, "standardise the inputs"),
      unless(had_start(f, GRADUS_INITIALISE_GLOROT), "initialise with Glorot"), lower_rate(f),
      unless(f->view->fit->l2 > 0, "penalise the weights")});
  note(f, "%s: %.0f %% of its units are saturated in most rows; %s", l->name,
       percent(l->saturated, l->units), what.text[0] ? what.text : "put a norm before them");
}

static void note_flat(faults *f, const gradus_layer_diagnosis *l) {
  bool scaled = had_start(f, GRADUS_INITIALISE_HE) || had_start(f, GRADUS_INITIALISE_GLOROT);
  advice what =
      choose((const char *const[4]){unless(scaled, "initialise with larger weights (He or Glorot)"),
                                    unless(f->view->factor != NULL, "standardise the inputs"),
                                    unless(!scaled, "put a norm before them")});
  note(f, "%s: its activations hardly vary (variance %.2g); %s", l->name, l->variance, what.text);
}

/* Filters are numbered from 1. */
static void note_filters(faults *f, const gradus_layer_diagnosis *l) {
  enum { PAIRS = 3 };
  char pairs[PAIRS * 64] = "";
  size_t length = 0, told = 0;
  for (size_t u = 0; l->repeated > 0 && u < l->units && told < PAIRS; u++)
    if (l->same_as[u] != u) {
      gradus_i_snprintf(pairs + length, sizeof pairs - length, "%s%zu and %zu", told ? ", " : "",
                        l->same_as[u] + 1, u + 1);
      length = strlen(pairs);
      told++;
    }
  if (l->repeated == 1)
    note(f, "%s: filters %s are the same up to a factor; fewer filters would do", l->name, pairs);
  else if (l->repeated > 1)
    note(f,
         "%s: %zu of its %zu filters are the same as others up to a factor (%s%s); fewer filters "
         "would do",
         l->name, l->repeated, l->units, pairs, l->repeated > told ? ", …" : "");
}

static void note_units(faults *f, const gradus_layer_diagnosis *l) {
  if ((double)l->dead >= dead_share * (double)l->units && l->dead > 0)
    note_dead(f, l);
  if ((double)l->saturated >= saturated_share * (double)l->units && l->saturated > 0)
    note_saturated(f, l);
  if (l->dead < l->units && l->variance <= flat_variance * fmax(1, l->mean * l->mean))
    note_flat(f, l);
}

/* Whether every unit of a layer has the first one's weights and bias. */
static bool units_are_alike(const gradus_i_network_view *v, const gradus_i_node *node) {
  size_t width = gradus_i_unit_width(node), units = node->units;
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
        node->type == &gradus_i_layer_activation ? gradus_i_affine_before(v->network, i) : 0;
    if (dense > 0 && v->network->nodes[dense].type == &gradus_i_layer_dense &&
        units_are_alike(v, &v->network->nodes[dense]))
      note(f,
           "%s: all its units have the same weights, and will learn the same; initialise at random",
           v->network->nodes[dense].name);
  }
}

/* Over the places of a unit: an average over many of them makes each one's small. */
static double size_of_gradient(const gradus_layer_diagnosis *l) {
  double square = l->gradient_mean * l->gradient_mean + l->gradient_variance;
  return sqrt((double)l->places * square);
}

static void note_flow(faults *f) {
  const gradus_diagnosis *d = f->diagnosis;
  if (d->layers < 2)
    return;
  const gradus_layer_diagnosis *first = &d->layer[0], *last = &d->layer[d->layers - 1];
  double ratio = size_of_gradient(first) / size_of_gradient(last);
  bool relu = strcmp(first->activation, "relu") == 0;
  if (ratio < decay) {
    advice what = choose((const char *const[4]){
        unless(relu, "take relu"), unless(had_start(f, GRADUS_INITIALISE_HE), "initialise with He"),
        "put a norm before the activations", "add residual connections"});
    note(f, "gradients vanish: at %s they are %.2g of those at %s; %s", first->name, ratio,
         last->name, what.text);
  }
  if (ratio > 1 / decay) {
    bool scaled = had_start(f, GRADUS_INITIALISE_HE) || had_start(f, GRADUS_INITIALISE_GLOROT);
    advice what = choose((const char *const[4]){unless(scaled, "initialise with smaller weights"),
                                                clip(f), "put a norm before the activations"});
    note(f, "gradients explode: at %s they are %.2g times those at %s; %s", first->name, ratio,
         last->name, what.text);
  }
}

static const double fall = 1e-6, growth = 1e3; /* of gradients over the steps of a recurrence */

static void note_recurrence(faults *f, const gradus_recurrence_diagnosis *r) {
  size_t last = 0, below = 0, most = 0;
  for (size_t lag = 1; lag < r->lags && isfinite(r->share[lag]); lag++) {
    last = lag;
    below = below == 0 && r->share[lag] < fall ? lag : below;
    most = r->share[lag] > r->share[most] ? lag : most;
  }
  const char *run = r->reverse ? " (reverse)" : "";
  bool simple = strcmp(r->type, "rnn") == 0;
  if (below > 0)
    note(f,
         "%s%s: the gradient falls below a millionth of itself %zu step%s back (to %.2g of it over "
         "%zu): it cannot learn what lies so far back; %s",
         r->name, run, below, below == 1 ? "" : "s", r->share[last], last,
         simple ? "try lstm or gru" : "take fewer steps, or bring what matters nearer");
  if (r->share[most] > growth)
    note(f, "%s%s: the gradient grows to %.2g times itself over %zu step%s back; %s", r->name, run,
         r->share[most], most, most == 1 ? "" : "s",
         had_clipping(f) ? "clip it to less, or truncate" : "clip the gradient");
}

static void note_loss(faults *f) {
  advice what = choose((const char *const[4]){
      lower_rate(f), clip(f), unless(f->view->factor != NULL, "standardise the inputs")});
  note(f, "the loss is not finite at these parameters and rows%s%s", what.text[0] ? "; " : "",
       what.text);
}

gradus_status gradus_i_find_faults(gradus_diagnosis *d, const gradus_i_network_view *view,
                                   gradus_error *err) {
  faults f = {
      .diagnosis = d, .view = view, .capacity = 5 * d->layers + 2 * d->recurrences + 3, .err = err};
  d->finding = gradus_i_allocate(f.capacity, sizeof *d->finding);
  if (!d->finding)
    return gradus_i_out_of_memory(err);
  if (!isfinite(d->loss))
    note_loss(&f);
  for (size_t i = 0; i < d->layers; i++)
    note_units(&f, &d->layer[i]);
  for (size_t i = 0; i < d->layers; i++)
    note_filters(&f, &d->layer[i]);
  for (size_t i = 0; i < d->recurrences; i++)
    note_recurrence(&f, &d->recurrence[i]);
  note_symmetry(&f, view);
  note_flow(&f);
  return f.status;
}
