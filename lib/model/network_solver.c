// SPDX-License-Identifier: GPL-3.0-or-later
/* Which solver trains a network, and which ones cannot. */
#include "../layer/custom.h"
#include "iterate.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* Parameters of a network without hidden layers up to which Newton's method is the default. */
enum { NEWTON_MOST = 300 };

/* Rows of a mini-batch: 64; fewer where an epoch would have fewer than 16 of them, but at least 8,
   so that small data get steps enough. */
static size_t choose_batch(size_t rows) {
  enum { MOST = GRADUS_I_NETWORK_BATCH, LEAST = 8, BATCHES = 16 };
  size_t size = rows / BATCHES;
  return rows == 0 || size > MOST ? MOST : size < LEAST ? LEAST : size;
}

/* Epochs where nothing is said: 100, but on few rows as many as make STEPS steps. Over 15 seeds the
   median loss of rows held out, by two hidden layers (16 and 8) and Adam at its own rate, was
   smallest at 3,000 steps for iris, at 2,000 for trees, and flat about there for mtcars and
   warpbreaks; after twice as many it grew. */
static size_t choose_epochs(const gradus_i_network_job *job) {
  enum { LEAST = 100, STEPS = 3000 };
  size_t size = job->fit.descent.batch_size;
  double rows = (double)gradus_source_get_shape(job->source)->rows;
  double batches = ceil(rows * (1 - job->options->validation) / (double)size);
  double epochs = batches > 0 ? ceil(STEPS / batches) : LEAST;
  return epochs > LEAST ? (size_t)epochs : LEAST;
}

/* Without hidden layers the problem of a family is convex: Newton's method solves it. Else Adam. */
static void choose(gradus_i_network_job *job) {
  gradus_descent_options *d = &job->fit.descent;
  const gradus_network_options *o = job->options;
  bool descends = d->rule != GRADUS_RULE_AUTO || d->batch_size > 0 || d->learning_rate > 0;
  bool shallow = o->hidden_count == 0 && !o->architecture && !o->layers &&
                 o->embedding_count == 0 && !(o->l1 > 0);
  if (shallow && !descends) {
    bool newton = !o->loss && job->made->steps == 0 && job->k * (job->p + 1) <= NEWTON_MOST;
    job->fit.solver = newton ? "newton" : "lbfgs";
    return;
  }
  job->fit.solver = "gradient-descent";
  if (d->rule == GRADUS_RULE_AUTO)
    d->rule = GRADUS_RULE_ADAM;
  if (d->batch_size == 0)
    d->batch_size = choose_batch(gradus_source_get_shape(job->source)->rows);
}

/* A solver that needs the loss' curvature is told so before the data are read. */
static gradus_status check_curvature(const gradus_i_network_job *job, const gradus_i_solver *solver,
                                     gradus_error *err) {
  if (solver->needs <= job->made->loss->order)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "the solver %s needs the curvature of the loss, and \"%s\", of your own, "
                       "has none: gradient-descent and lbfgs would do",
                       solver->name, gradus_i_network_loss_name(job->made));
}

gradus_status gradus_i_network_choose_solver(gradus_i_network_job *job, gradus_error *err) {
  if (gradus_i_solver_is_automatic(&job->fit))
    choose(job);
  const gradus_i_solver *solver = gradus_i_solver_find(job->fit.solver);
  if (solver && solver->max_epochs > 0 && job->fit.descent.batch_size > 0 &&
      job->fit.max_iterations == 0)
    job->fit.max_iterations = choose_epochs(job);
  if (solver)
    return check_curvature(job, solver, err);
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "a network has no solver \"%s\"; there are: auto, gradient-descent, "
                       "lbfgs, newton, levenberg-marquardt",
                       job->fit.solver);
}

gradus_status gradus_i_network_check_solver(const gradus_i_network_job *job, gradus_error *err) {
  const gradus_i_network *network = job->made->network;
  const gradus_descent_options *d = &job->fit.descent;
  bool descends = strcmp(job->fit.solver, gradus_i_gradient_descent.name) == 0;
  if (descends && d->batch_size > 0)
    return GRADUS_OK;
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    if (node->type->collect_d)
      return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "layer \"%s\" (%s) takes its running mean and variance from "
                           "mini-batches, and %s%s sees all rows at once, so that they would "
                           "never move: take gradient-descent with a batch size, or layer_norm",
                           node->name, gradus_i_node_type_name(node), job->fit.solver,
                           descends ? " without a batch size" : "");
  }
  return GRADUS_OK;
}
