// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether a fit can have the memory that it takes, before any of it is touched: systems that
   promise more than they have end the process where a promise is taken up. */
#include "network.h"

#include <string.h>

/* Bytes per parameter, measured: parameters, the best ones, gradients and their sums, what the
   solver keeps. */
enum { BYTES_BY_RULE = 130, BYTES_BY_SECANTS = 240 };
static const double gibi = 1073741824.0;

static double bytes_each(const gradus_i_network_job *job) {
  return strcmp(job->fit.solver, "lbfgs") == 0 ? BYTES_BY_SECANTS : BYTES_BY_RULE;
}

size_t gradus_i_network_memory_most(const gradus_i_network_job *job) {
  return (size_t)((double)gradus_i_machine_memory() / bytes_each(job));
}

/* The second derivatives, and their factor. */
static double of_matrix(const gradus_i_network_job *job, double parameters) {
  bool has =
      strcmp(job->fit.solver, "newton") == 0 || strcmp(job->fit.solver, "levenberg-marquardt") == 0;
  return has ? 2 * sizeof(double) * parameters * parameters : 0;
}

/* What layers hand on, and the derivatives by it, of the rows that go through together. */
static double of_values(const gradus_i_network_job *job, double *values) {
  enum { BLOCK = 128 };
  const gradus_i_network *network = job->made->network;
  size_t batch = job->fit.descent.batch_size, all = gradus_source_get_shape(job->source)->rows;
  size_t rows = batch > 0 ? batch : BLOCK;
  *values = 0;
  for (size_t i = 0; i < network->count; i++)
    *values += (double)network->nodes[i].out.size;
  return 2 * sizeof(double) * *values * (double)(rows < all ? rows : all);
}

gradus_status gradus_i_network_check_memory(const gradus_i_network_job *job, gradus_error *err) {
  size_t parameters = gradus_params_size(job->made->network->params);
  double values, there = (double)gradus_i_machine_memory();
  double matrix = of_matrix(job, (double)parameters), between = of_values(job, &values);
  double bytes = bytes_each(job) * (double)parameters + matrix + between;
  if (bytes <= there)
    return GRADUS_OK;
  const char *what = matrix > between ? "take fewer units, or the solver lbfgs or gradient-descent"
                                      : "take fewer units or filters, or smaller mini-batches";
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "a fit of %zu parameters, whose layers have %.0f values a row, takes about "
                       "%.1f GiB, and there are %.1f GiB; %s",
                       parameters, values, bytes / gibi, there / gibi, what);
}

gradus_status gradus_i_network_fail_memory(const gradus_i_network_job *job,
                                           const gradus_error *cause, gradus_error *err) {
  double there = (double)gradus_i_machine_memory();
  return gradus_i_fail(err, cause->code,
                       "%s: a fit takes about %.0f bytes for each, and there are %.1f GiB; take "
                       "fewer units or filters",
                       cause->message, bytes_each(job), there / gibi);
}
