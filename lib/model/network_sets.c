// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows to train on, to validate on and to test with: which of a source's rows are which. */
#include "network.h"

void gradus_i_sets_clear(gradus_i_sets *sets) {
  for (size_t s = 0; s < GRADUS_I_NETWORK_SETS; s++)
    gradus_i_release(sets->positions[s]);
  *sets = (gradus_i_sets){0};
}

/* What is held out of a source goes to `set`; the rest are rows of the training. */
static gradus_status divide(gradus_i_sets *sets, gradus_set set, const gradus_source *source,
                            size_t classes, double share, unsigned long seed, gradus_error *err) {
  gradus_i_split parts;
  gradus_status status = gradus_i_split_rows(&parts, source, classes, share, seed, err);
  sets->positions[GRADUS_SET_TRAIN] = parts.train;
  sets->count[GRADUS_SET_TRAIN] = parts.train_count;
  sets->positions[set] = parts.held;
  sets->count[set] = parts.held_count;
  return status;
}

static void map(const size_t *through, size_t *positions, size_t count) {
  for (size_t i = 0; i < count; i++)
    positions[i] = through[positions[i]];
}

/* The validation rows are a share of all rows, among those that the test left. */
static gradus_status divide_rest(gradus_i_sets *sets, const gradus_source *source, size_t classes,
                                 const gradus_i_shares *shares, gradus_error *err) {
  gradus_source *rest = NULL;
  size_t *left = sets->positions[GRADUS_SET_TRAIN]; /* the picked source's from then on */
  sets->positions[GRADUS_SET_TRAIN] = NULL;
  gradus_status status =
      gradus_i_pick_rows(&rest, source, left, sets->count[GRADUS_SET_TRAIN], err);
  if (status <= 0)
    status = divide(sets, GRADUS_SET_VALIDATION, rest, classes,
                    shares->validation / (1 - shares->test), shares->seed, err);
  for (size_t s = 0; status <= 0 && s < GRADUS_SET_TEST; s++)
    map(left, sets->positions[s], sets->count[s]);
  gradus_source_free(rest);
  return status;
}

gradus_status gradus_i_split_sets(gradus_i_sets *sets, const gradus_source *source, size_t classes,
                                  const gradus_i_shares *shares, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  *sets = (gradus_i_sets){0};
  if (shares->test > 0)
    status = divide(sets, GRADUS_SET_TEST, source, classes, shares->test, ~shares->seed, err);
  if (status <= 0 && shares->validation > 0)
    status = shares->test > 0 ? divide_rest(sets, source, classes, shares, err)
                              : divide(sets, GRADUS_SET_VALIDATION, source, classes,
                                       shares->validation, shares->seed, err);
  if (status > 0)
    gradus_i_sets_clear(sets);
  return status;
}

/* All rows are of the training. */
static gradus_status take_all(gradus_i_sets *sets, const gradus_source *source, gradus_error *err) {
  size_t rows = gradus_source_get_shape(source)->rows;
  if (!gradus_source_random_access(source) || rows == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED, "the rows of a stream cannot be picked");
  size_t *all = sets->positions[GRADUS_SET_TRAIN] = gradus_i_allocate_raw(rows, sizeof *all);
  if (!all)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < rows; i++)
    all[i] = i;
  sets->count[GRADUS_SET_TRAIN] = rows;
  return GRADUS_OK;
}

static gradus_status list_sets(gradus_i_sets *sets, const gradus_fit *fit,
                               const gradus_source *source, gradus_error *err) {
  const gradus_i_shares *shares = &fit->network->shares;
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  size_t classes = fit->levels ? fit->k + 1 : family && family->is_binomial ? 2 : 0;
  gradus_source *grouped = NULL;
  gradus_fit_options of_family = {.family = fit->family};
  if (!(shares->validation > 0) && !(shares->test > 0))
    return take_all(sets, source, err);
  gradus_status status =
      gradus_i_network_group(&source, &grouped, &of_family, fit->network->steps > 0, err);
  if (status <= 0)
    status = gradus_i_split_sets(sets, source, classes, shares, err);
  gradus_source_free(grouped);
  return status;
}

gradus_status gradus_network_rows(gradus_source **rows, const gradus_fit *fit,
                                  const gradus_source *source, gradus_set set, gradus_error *err) {
  gradus_i_sets sets = {0};
  *rows = NULL;
  if (!fit->network)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a %s model is no network: it has one set "
                         "of rows",
                         fit->model);
  if (gradus_source_get_shape(source)->columns != fit->p)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "the network has %zu inputs, the rows have %zu",
                         fit->p, gradus_source_get_shape(source)->columns);
  gradus_status status = list_sets(&sets, fit, source, err);
  if (status <= 0 && ((size_t)set >= GRADUS_I_NETWORK_SETS || sets.count[set] == 0))
    status =
        gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                      "there are no rows of set %d among those that the fit was given", (int)set);
  if (status <= 0) {
    status = gradus_i_pick_rows(rows, source, sets.positions[set], sets.count[set], err);
    sets.positions[set] = NULL;
  }
  gradus_i_sets_clear(&sets);
  return status;
}
