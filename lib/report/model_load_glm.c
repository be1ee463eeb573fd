// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads what the file of a generalised linear or multinomial model has beyond that of a linear one:
   the family or the classes, the likelihood, its limit where the response is separated, its
   profile, and Firth's prior. */
#include "../objective/internal.h"
#include "internal.h"
#include "json_reader.h"
#include "model_file.h"
#include "model_network.h"

#include <math.h>
#include <string.h>

static const char *intervals_choice(size_t i) {
  return i <= GRADUS_INTERVALS_LR ? gradus_i_intervals_name((gradus_intervals)i) : NULL;
}

/* The limit of a separated response. The tensor is looked at first, so that the number in the text
   cannot ask for more memory than the file has bytes. */
static void read_limit(gradus_i_reader *r, gradus_fit *fit) {
  if (!gradus_i_reader_ok(r) || !json_object_get(r->root, "limit_dimensions"))
    return;
  size_t dimensions = gradus_i_reader_size(r, r->root, "limit_dimensions");
  size_t width = fit->k * fit->q; /* θ has it, so that it is no overflow */
  if (gradus_i_reader_ok(r) && (dimensions < 1 || dimensions > width))
    gradus_i_reader_refuse(r, "an impossible", "limit_dimensions");
  if (!gradus_i_reader_ok(r))
    return;
  const size_t shape[] = {3 + dimensions, width};
  gradus_i_reader_tensor(r, GRADUS_I_TENSOR_LIMIT, 2, shape);
  if (gradus_i_reader_ok(r))
    r->status = gradus_i_limit_new(&fit->limit, width, dimensions, r->err);
  if (gradus_i_reader_ok(r))
    gradus_i_reader_copy_tensor(r, fit->limit->rows, GRADUS_I_TENSOR_LIMIT, 2, shape);
}

static void read_profile(gradus_i_reader *r, gradus_fit *fit) {
  const size_t shape[] = {4, fit->q};
  if (!gradus_i_reader_ok(r) || !json_object_get(r->root, "interval_method"))
    return;
  fit->interval_method =
      (gradus_intervals)gradus_i_reader_choice(r, r->root, "interval_method", intervals_choice);
  fit->profile_level = gradus_i_reader_number(r, r->root, "interval_level");
  if (gradus_i_reader_ok(r) && !(fit->profile_level > 0 && fit->profile_level < 1))
    gradus_i_reader_refuse(r, "an impossible", "interval_level");
  if (gradus_i_reader_ok(r))
    gradus_i_reader_tensor(r, GRADUS_I_TENSOR_PROFILE, 2, shape);
  if (gradus_i_reader_ok(r) && fit->interval_method == GRADUS_INTERVALS_WALD)
    gradus_i_reader_refuse(r, "an impossible", "interval_method");
  if (!gradus_i_reader_ok(r))
    return;
  fit->profile = gradus_i_allocate(4 * fit->q, sizeof *fit->profile);
  if (fit->profile)
    gradus_i_reader_copy_tensor(r, fit->profile, GRADUS_I_TENSOR_PROFILE, 2, shape);
  else
    gradus_i_reader_out_of_memory(r);
}

static void read_firth(gradus_i_reader *r, gradus_fit *fit) {
  fit->firth = json_object_get(r->root, "firth_half_log_determinant") != NULL;
  if (fit->firth)
    fit->half_log_determinant = gradus_i_reader_number(r, r->root, "firth_half_log_determinant");
}

/* The link of that name, if it is one of the family's. */
static const gradus_i_link *find_link(const gradus_i_family *family, const char *name) {
  for (size_t i = 0; name && family->links[i]; i++)
    if (strcmp(family->links[i], name) == 0)
      return gradus_i_link_find(name);
  return NULL;
}

/* The names must be those of the tables: predictions and tests rest on what stands there. */
static void read_family(gradus_i_reader *r, gradus_fit *fit) {
  if (strcmp(fit->model, "network") == 0 && gradus_i_reader_has_custom_loss(r)) {
    fit->family = GRADUS_I_CUSTOM_FAMILY;
    fit->link = "identity";
    fit->dispersion_known = true;
    return;
  }
  const gradus_i_family *family =
      gradus_i_family_find(json_string_value(json_object_get(r->root, "family")));
  const gradus_i_link *link =
      family ? find_link(family, json_string_value(json_object_get(r->root, "link"))) : NULL;
  if (!link) {
    gradus_i_reader_refuse(r, "it has an unknown", family ? "link" : "family");
    return;
  }
  fit->family = family->name;
  fit->link = link->name;
  fit->dispersion_known = family->dispersion_known;
  fit->has_likelihood = family->has_likelihood;
  if (family->shape_information) {
    fit->theta = gradus_i_reader_number(r, r->root, "theta");
    fit->theta_std_error = gradus_i_reader_number(r, r->root, "theta_std_error");
  }
}

/* The classes of a multinomial model, the reference first. */
static void read_levels(gradus_i_reader *r, gradus_fit *fit) {
  const json_t *list = gradus_i_reader_list(r, r->root, "levels");
  fit->family = "multinomial";
  fit->link = "logit";
  fit->dispersion_known = fit->has_likelihood = true;
  if (gradus_i_reader_ok(r) && json_array_size(list) != fit->k + 1)
    gradus_i_reader_refuse(r, "there is not one response for each but the first of the", "levels");
  if (!gradus_i_reader_ok(r))
    return;
  fit->levels = gradus_i_allocate(fit->k + 1, sizeof *fit->levels);
  if (!fit->levels)
    gradus_i_reader_out_of_memory(r);
  for (size_t c = 0; gradus_i_reader_ok(r) && c <= fit->k; c++)
    fit->levels[c] = gradus_i_reader_to_text(r, json_array_get(list, c), "levels");
}

bool gradus_i_reader_is_of_classes(const gradus_i_reader *r, const char *model) {
  return strcmp(model, "multinomial") == 0 ||
         (strcmp(model, "network") == 0 && json_object_get(r->root, "levels"));
}

void gradus_i_reader_glm(gradus_i_reader *r, gradus_fit *fit) {
  bool network = strcmp(fit->model, "network") == 0;
  bool classes = gradus_i_reader_is_of_classes(r, fit->model);
  bool is_glm = classes || network || strcmp(fit->model, "glm") == 0;
  if (is_glm != (json_object_get(r->root, "family") != NULL))
    gradus_i_reader_refuse(r, "the model is not one that has, or lacks, a", "family");
  if (is_glm && !classes && !network && fit->k != 1)
    gradus_i_reader_refuse(r, "an impossible number of", "responses");
  if (!is_glm || !gradus_i_reader_ok(r))
    return;
  if (classes)
    read_levels(r, fit);
  else
    read_family(r, fit);
  fit->dispersion = gradus_i_reader_number(r, r->root, "dispersion");
  fit->deviance = gradus_i_reader_number(r, r->root, "deviance");
  fit->null_deviance = gradus_i_reader_number(r, r->root, "null_deviance");
  fit->df_null = gradus_i_reader_number(r, r->root, "df_null");
  fit->log_lik = gradus_i_reader_number(r, r->root, "log_lik");
  fit->likelihood_df = gradus_i_reader_number(r, r->root, "likelihood_df");
  fit->null_log_lik = NAN; /* of files that do not have it */
  if (json_object_get(r->root, "null_log_lik"))
    fit->null_log_lik = gradus_i_reader_number(r, r->root, "null_log_lik");
  if (!network || !classes)
    read_firth(r, fit);
  read_limit(r, fit);
  if (!classes)
    read_profile(r, fit);
  if (gradus_i_reader_ok(r) && !json_is_null(json_object_get(r->root, "modelled_level")))
    fit->modelled_level = gradus_i_reader_text(r, r->root, "modelled_level");
}
