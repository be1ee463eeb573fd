// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows of a network: split, checked, and put into the units that it works in. */
#include "iterate.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* ---- responses ---- */

enum { WEIGHT, ROWS, OFFSET, EXP_OFFSET, OTHERS };

typedef struct scan_context {
  const gradus_i_network_job *job;
  size_t k, chunk; /* responses at a time; rows of a batch at most */
} scan_context;

static gradus_status fail_response(const gradus_i_network_job *job, size_t row, double y,
                                   gradus_error *err) {
  if (job->family)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "row %zu: the response is %g; for the family %s it must be %s", row, y,
                         job->family->name, job->family->requirement);
  return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                       "row %zu: the response is %g; classes are the whole numbers from 0 to %zu",
                       row, y, job->classes - 1);
}

static bool accepts(const gradus_i_network_job *job, double y) {
  if (job->family)
    return isfinite(y) && job->family->accepts(y);
  return y >= 0 && y < (double)job->classes && y == floor(y);
}

/* Cells: Σw, rows, Σwo, Σw exp(o), then per response Σwy, Σwy², then per class Σw. Sums of squares
   are about 0: what they standardise by needs no last digits. */
static gradus_status scan_batch(void *context, const gradus_batch *batch, double *cells,
                                double *scratch, gradus_error *err) {
  const scan_context *c = context;
  const gradus_i_network_job *job = c->job;
  size_t steps = job->made->steps;
  gradus_status status = gradus_i_check_weights(batch, err);
  gradus_batch rows = *batch;
  if (status <= 0 && steps > 0) {
    const gradus_i_network *network = job->made->network;
    const double *lengths = gradus_i_network_lengths(network, batch, scratch);
    rows = gradus_i_steps_batch(batch, steps, c->k, lengths, scratch + c->chunk);
  }
  for (size_t i = 0; status <= 0 && i < rows.rows; i++) {
    double w = rows.weight ? rows.weight[i] : 1;
    if (!(w > 0))
      continue;
    double offset = rows.offset ? rows.offset[i] : 0;
    cells[WEIGHT] += w;
    cells[ROWS] += 1;
    cells[OFFSET] += w * offset;
    cells[EXP_OFFSET] += w * exp(offset);
    for (size_t r = 0; r < c->k; r++) {
      double y = rows.y[i * rows.y_stride + r];
      if (!accepts(job, y))
        return fail_response(job, gradus_i_batch_row(batch, steps ? i / steps : i), y, err);
      cells[OTHERS + 2 * r] += w * y;
      cells[OTHERS + 1 + 2 * r] += w * y * y;
    }
    if (job->classes > 0)
      cells[OTHERS + 2 * c->k + (size_t)rows.y[i * rows.y_stride]] += w;
  }
  return status;
}

gradus_status gradus_i_scan_responses(gradus_i_response_sums *sums, const gradus_source *source,
                                      const gradus_i_network_job *job, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t steps = job->made->steps, k = shape->responses / (steps ? steps : 1);
  size_t classes = job->classes, chunk = gradus_i_chunk_rows(shape->columns + shape->responses);
  scan_context context = {.job = job, .k = k, .chunk = chunk};
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = OTHERS + 2 * k + classes,
                        .scratch_size = steps ? chunk * (1 + steps * (k + 1)) : 0,
                        .process = scan_batch};
  double *cells = gradus_i_allocate(pass.accumulator_size, sizeof *cells);
  if (!cells)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_pass_run(&pass, &context, source, job->fit.threads, cells, err);
  if (status <= 0 && !(cells[WEIGHT] > 0))
    status = gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                           "there is no row with a weight above 0: nothing can be fitted");
  sums->weight = cells[WEIGHT];
  sums->rows = cells[ROWS];
  sums->offset = cells[OFFSET] / cells[WEIGHT];
  sums->exp_offset = cells[EXP_OFFSET] / cells[WEIGHT];
  for (size_t r = 0; status <= 0 && r < k; r++) {
    const double *own = cells + OTHERS + 2 * r;
    double mean = own[0] / cells[WEIGHT], square = own[1] / cells[WEIGHT];
    double variance = square - mean * mean;
    sums->mean[r] = mean;
    sums->deviation[r] = variance > 1e-14 * square ? sqrt(variance) : 0;
  }
  for (size_t c = 0; status <= 0 && sums->class_weight && c < classes; c++)
    sums->class_weight[c] = cells[OTHERS + 2 * k + c];
  gradus_i_release(cells);
  return status;
}

/* ---- sources on top of each other ---- */

static void own(gradus_i_network_job *job, gradus_source *source, const gradus_source **top) {
  if (!source)
    return;
  job->owned[job->owned_count++] = source;
  *top = source;
}

static gradus_status pick(gradus_i_network_job *job, gradus_i_sets *sets, gradus_set set,
                          const gradus_source **top, gradus_error *err) {
  gradus_source *source = NULL;
  if (sets->count[set] == 0)
    return GRADUS_OK;
  gradus_status status =
      gradus_i_pick_rows(&source, job->source, sets->positions[set], sets->count[set], err);
  sets->positions[set] = NULL;
  own(job, source, top);
  return status;
}

static gradus_status split(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *o = job->options;
  gradus_i_shares *shares = &job->made->shares;
  gradus_i_sets sets = {0};
  gradus_status status = GRADUS_OK;
  job->train = job->source;
  job->held = job->held_source;
  job->test = job->test_source;
  *shares = (gradus_i_shares){o->validation, o->test, job->fit.seed};
  if (shares->validation > 0 || shares->test > 0) {
    status = gradus_i_split_sets(&sets, job->source, job->classes, shares, err);
    if (status <= 0)
      status = pick(job, &sets, GRADUS_SET_TRAIN, &job->train, err);
    if (status <= 0)
      status = pick(job, &sets, GRADUS_SET_VALIDATION, &job->held, err);
    if (status <= 0)
      status = pick(job, &sets, GRADUS_SET_TEST, &job->test, err);
    gradus_i_sets_clear(&sets);
  }
  job->learnt = job->train;
  return status;
}

static gradus_status scale(gradus_i_network_job *job, const gradus_source **top,
                           gradus_error *err) {
  const gradus_i_units *units = &job->made->units;
  gradus_source *source = NULL;
  if (!*top || !units->factor)
    return GRADUS_OK;
  gradus_status status = gradus_i_scale_source(&source, *top, units->centre, units->factor, err);
  own(job, source, top);
  return status;
}

/* ---- responses and classes ---- */

static bool standardises_responses(const gradus_i_network_job *job) {
  return job->made->loss == &gradus_i_loss_gaussian && !job->options->raw_response;
}

/* What of the mean's predictor the offsets make up for: exactly so with the links identity and log.
 */
static double typical_offset(const gradus_i_network_job *job, const gradus_i_response_sums *sums) {
  double offset = sums->offset;
  if (strcmp(job->link->name, "log") == 0)
    offset = log(sums->exp_offset);
  return isfinite(offset) ? offset : 0;
}

/* Linear predictors of the model without inputs; 0 where its mean has none, or what the outputs
   mean is the caller's to know. */
static void set_start_bias(gradus_i_network_job *job, const gradus_i_response_sums *sums) {
  for (size_t r = 0; job->bias && !job->made->custom.loss && r < job->k; r++) {
    double start = job->family ? job->link->predictor(sums->mean[r])
                               : log(sums->class_weight[r + 1] / sums->class_weight[0]);
    if (job->family)
      start -= typical_offset(job, sums);
    job->start_bias[r] = isfinite(start) ? start : 0;
  }
}

static gradus_status check_classes(const gradus_i_network_job *job,
                                   const gradus_i_response_sums *sums, gradus_error *err) {
  for (size_t c = 0; c < job->classes && !job->family; c++) {
    char number[32];
    gradus_i_snprintf(number, sizeof number, "%zu", c);
    if (!(sums->class_weight[c] > 0))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "no row of positive weight to train on is of the class \"%s\": leave "
                           "the level out, or hold fewer rows out",
                           job->levels ? job->levels[c] : number);
  }
  return GRADUS_OK;
}

static gradus_status take_class_weights(gradus_i_network_job *job,
                                        const gradus_i_response_sums *sums, gradus_error *err) {
  if (!job->options->class_weights)
    return GRADUS_OK;
  job->class_weight = gradus_i_allocate(job->classes, sizeof *job->class_weight);
  if (!job->class_weight)
    return gradus_i_out_of_memory(err);
  for (size_t c = 0; c < job->classes; c++)
    job->class_weight[c] = sums->class_weight[c] > 0
                               ? sums->weight / ((double)job->classes * sums->class_weight[c])
                               : 1;
  return GRADUS_OK;
}

static gradus_status take_response_units(gradus_i_network_job *job,
                                         const gradus_i_response_sums *sums, gradus_error *err) {
  gradus_i_units *units = &job->made->units;
  if (!standardises_responses(job))
    return GRADUS_OK;
  units->middle = gradus_i_allocate(2 * job->k, sizeof *units->middle);
  if (!units->middle)
    return gradus_i_out_of_memory(err);
  units->spread = units->middle + job->k;
  bool centred = job->bias && !(job->fit.l2_bias && job->fit.l2 > 0);
  for (size_t r = 0; r < job->k; r++) {
    double spread = centred ? sums->deviation[r] : hypot(sums->mean[r], sums->deviation[r]);
    units->middle[r] = centred ? sums->mean[r] : 0;
    units->spread[r] = spread > 0 && isfinite(1 / spread) ? spread : 1;
  }
  return GRADUS_OK;
}

static gradus_status read_responses(gradus_i_network_job *job, gradus_error *err) {
  size_t responses = gradus_source_get_shape(job->train)->responses;
  double *memory = gradus_i_allocate(2 * responses + job->classes, sizeof *memory);
  if (!memory)
    return gradus_i_out_of_memory(err);
  gradus_i_response_sums sums = {
      .mean = memory, .deviation = memory + responses, .class_weight = memory + 2 * responses};
  gradus_status status = GRADUS_OK;
  const gradus_source *others[] = {job->held, job->test}; /* before those that are kept */
  for (size_t i = 0; status <= 0 && i < 2; i++)
    if (others[i])
      status = gradus_i_scan_responses(&sums, others[i], job, err);
  if (status <= 0)
    status = gradus_i_scan_responses(&sums, job->train, job, err);
  job->weight = sums.weight;
  job->rows = sums.rows;
  if (status <= 0)
    status = check_classes(job, &sums, err);
  if (status <= 0)
    status = take_response_units(job, &sums, err);
  if (status <= 0)
    status = take_class_weights(job, &sums, err);
  if (status <= 0)
    set_start_bias(job, &sums);
  gradus_i_release(memory);
  return status;
}

static gradus_status recast(gradus_i_network_job *job, const gradus_i_recast *how,
                            const gradus_source **top, gradus_error *err) {
  gradus_source *source = NULL;
  if (!*top)
    return GRADUS_OK;
  gradus_status status = gradus_i_recast_rows(&source, *top, how, err);
  own(job, source, top);
  return status;
}

gradus_status gradus_i_network_apply_units(gradus_i_network_job *job, gradus_error *err) {
  const gradus_i_units *units = &job->made->units;
  gradus_i_recast responses = {.middle = units->middle, .spread = units->spread, .count = job->k};
  gradus_i_recast weights = {.class_weight = job->class_weight};
  const gradus_source **sets[] = {&job->train, &job->held, &job->test};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < 3; i++) {
    status = scale(job, sets[i], err);
    if (status <= 0 && units->spread)
      status = recast(job, &responses, sets[i], err);
  }
  job->train_weighted = job->train;
  job->held_weighted = job->held;
  if (status <= 0 && job->class_weight)
    status = recast(job, &weights, &job->train_weighted, err);
  if (status <= 0 && job->class_weight)
    status = recast(job, &weights, &job->held_weighted, err);
  return status;
}

void gradus_i_network_clear_sources(gradus_i_network_job *job) {
  while (job->owned_count > 0)
    gradus_source_free(job->owned[--job->owned_count]);
}

gradus_status gradus_i_network_prepare(gradus_i_network_job *job, gradus_error *err) {
  gradus_status status = split(job, err);
  const gradus_source *sets[] = {job->train, job->held, job->test};
  for (size_t i = 0; status <= 0 && i < 3; i++)
    status = gradus_i_network_check_source(job->made->network, sets[i], job->fit.threads, err);
  if (status <= 0)
    status = read_responses(job, err);
  if (status <= 0)
    status = gradus_i_network_take_inputs(job, err);
  if (status <= 0)
    status = gradus_i_network_find_columns(job, err);
  return status > 0 ? status : gradus_i_network_apply_units(job, err);
}
