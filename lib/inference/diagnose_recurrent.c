// SPDX-License-Identifier: GPL-3.0-or-later
/* How gradients fare over the steps of recurrent layers. */
#include "diagnose.h"

#include <math.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK };
/* Sums of every lag: rows that have so many steps, their squared norms, and those at lag 0. */
enum { ROWS, SQUARE, START, LAG_SUMS };

static size_t runs_of(const gradus_i_node *node) {
  if (!node->type || !node->type->lag_squares)
    return 0;
  return node->bidirectional ? 2 : 1;
}

static size_t lags_of(const gradus_i_node *node) {
  return node->in.extent[0];
}

size_t gradus_i_lags_sums(const gradus_i_network *network) {
  size_t size = 0;
  for (size_t i = 1; i < network->count; i++)
    size += LAG_SUMS * runs_of(&network->nodes[i]) * lags_of(&network->nodes[i]);
  return size;
}

size_t gradus_i_lags_scratch(const gradus_i_network *network) {
  size_t most = 0;
  for (size_t i = 1; i < network->count; i++) {
    size_t size = BLOCK * runs_of(&network->nodes[i]) * lags_of(&network->nodes[i]);
    most = size > most ? size : most;
  }
  return most;
}

/* One run's; squares: those of the part's first row, `apart` from those of the next. */
static void add_run(const gradus_batch *part, size_t lags, const double *squares, size_t apart,
                    double *sums) {
  for (size_t i = 0; i < part->rows; i++, squares += apart) {
    double weight = part->weight ? part->weight[i] : 1, by = 1 / (weight * weight);
    for (size_t lag = 0; weight > 0 && lag < lags && squares[lag] >= 0; lag++) {
      double *own = sums + lag * LAG_SUMS;
      own[ROWS]++;
      own[SQUARE] += squares[lag] * by;
      own[START] += squares[0] * by;
    }
  }
}

void gradus_i_lags_add(const gradus_i_network_rows *rows, const gradus_batch *part, double *sums,
                       double *scratch) {
  const gradus_i_network *network = rows->view->network;
  for (size_t i = 1; i < network->count; i++) {
    size_t runs = runs_of(&network->nodes[i]), lags = lags_of(&network->nodes[i]);
    if (runs == 0)
      continue;
    gradus_i_layer_call call = rows->tape.calls[i];
    network->nodes[i].type->lag_squares(&call, scratch);
    for (size_t run = 0; run < runs; run++, sums += LAG_SUMS * lags)
      add_run(part, lags, scratch + run * lags, runs * lags, sums);
  }
}

void gradus_i_lags_free(gradus_diagnosis *d) {
  for (size_t i = 0; d->recurrence && i < d->recurrences; i++)
    gradus_i_release(d->recurrence[i].gradient_norm);
  gradus_i_release(d->recurrence);
}

/* The shares lie behind the norms. */
static gradus_status prepare_run(gradus_recurrence_diagnosis *r, const gradus_i_node *node,
                                 bool reverse, gradus_error *err) {
  *r = (gradus_recurrence_diagnosis){
      .name = node->name, .type = node->type->name, .reverse = reverse, .lags = lags_of(node)};
  r->gradient_norm = gradus_i_allocate(2 * r->lags, sizeof *r->gradient_norm);
  if (!r->gradient_norm)
    return gradus_i_out_of_memory(err);
  r->share = r->gradient_norm + r->lags;
  return GRADUS_OK;
}

gradus_status gradus_i_lags_allocate(gradus_diagnosis *d, const gradus_i_network *network,
                                     gradus_error *err) {
  gradus_status status = GRADUS_OK;
  size_t next = 0;
  for (size_t i = 1; i < network->count; i++)
    d->recurrences += runs_of(&network->nodes[i]);
  if (d->recurrences == 0)
    return GRADUS_OK;
  d->recurrence = gradus_i_allocate(d->recurrences, sizeof *d->recurrence);
  if (!d->recurrence)
    return gradus_i_out_of_memory(err);
  for (size_t i = 1; i < network->count; i++)
    for (size_t run = 0; status <= 0 && run < runs_of(&network->nodes[i]); run++)
      status = prepare_run(&d->recurrence[next++], &network->nodes[i], run == 1, err);
  return status;
}

void gradus_i_lags_describe(gradus_diagnosis *d, const double *sums) {
  for (size_t i = 0; i < d->recurrences; i++) {
    const gradus_recurrence_diagnosis *r = &d->recurrence[i];
    for (size_t lag = 0; lag < r->lags; lag++, sums += LAG_SUMS) {
      r->gradient_norm[lag] = sqrt(sums[SQUARE] / sums[ROWS]);
      r->share[lag] = sqrt(sums[SQUARE] / sums[START]);
    }
  }
}
