// SPDX-License-Identifier: GPL-3.0-or-later
/* The loss of a network: what follows from a family and a link, or a loss of the caller's. */
#include "../layer/custom.h"
#include "network.h"

#include <string.h>

void gradus_i_network_set_loss(gradus_i_network_fit *made, const gradus_i_family *family,
                               const gradus_i_link *link, double theta) {
  if (!family) {
    made->loss = &gradus_i_loss_softmax;
    return;
  }
  bool squares = strcmp(family->name, "gaussian") == 0 && strcmp(link->name, "identity") == 0;
  made->loss = squares ? &gradus_i_loss_gaussian : &gradus_i_loss_glm;
  made->glm = (gradus_i_glm_loss){.family = family, .link = link, .shape = theta};
}

void gradus_i_network_set_custom_loss(gradus_i_network_fit *made, const gradus_loss *loss,
                                      size_t responses) {
  made->loss = &gradus_i_loss_custom;
  made->custom = (gradus_i_custom_loss){.loss = loss, .responses = responses};
}

const void *gradus_i_network_loss_data(const gradus_i_network_fit *made) {
  if (made->custom.loss)
    return &made->custom;
  return made->loss == &gradus_i_loss_glm ? &made->glm : NULL;
}

const char *gradus_i_network_loss_name(const gradus_i_network_fit *made) {
  return made->custom.loss ? made->custom.loss->name : made->loss->name;
}

const char *gradus_fit_loss(const gradus_fit *fit) {
  return fit->network ? gradus_i_network_loss_name(fit->network) : NULL;
}

size_t gradus_i_network_responses(const gradus_i_network_job *job) {
  const gradus_i_custom_loss *custom = &job->made->custom;
  return custom->loss ? custom->responses : job->family ? job->k : 1;
}

/* ---- from the options ---- */

gradus_status gradus_i_network_read_loss(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *o = job->options;
  size_t steps = job->made->steps ? job->made->steps : 1;
  size_t responses = gradus_source_get_shape(job->source)->responses / steps;
  gradus_status status = gradus_i_custom_check_loss(o->loss, err);
  if (status > 0)
    return status;
  job->k = o->outputs ? o->outputs : responses;
  if (job->fit.family || job->fit.link || job->fit.theta != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the loss \"%s\", of your own, takes the place of a family's: give no "
                         "family, link or theta beside it",
                         o->loss->name);
  if (job->k > GRADUS_LOSS_OUTPUTS)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a loss of your own has at most %d outputs, not %zu", GRADUS_LOSS_OUTPUTS,
                         job->k);
  /* Its responses are any numbers, and its outputs are what is predicted. */
  job->family = gradus_i_family_find("gaussian");
  job->link = gradus_i_link_find("identity");
  gradus_i_network_set_custom_loss(job->made, o->loss, responses);
  return GRADUS_OK;
}
