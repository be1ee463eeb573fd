// SPDX-License-Identifier: GPL-3.0-or-later
/* A fitted network as inference and diagnosis see it. */
#include "../model/network.h"
#include "network.h"

gradus_status gradus_i_network_view_of(gradus_i_network_view *view, const gradus_fit *fit,
                                       gradus_error *err) {
  const gradus_i_network_fit *n = fit->network;
  if (!n)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the fit is a %s model, not a network: gradus_fit_term and gradus_predict "
                         "have its standard errors",
                         fit->model);
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  *view = (gradus_i_network_view){.network = n->network,
                                  .theta = gradus_i_network_theta(fit),
                                  .loss = n->loss,
                                  .loss_data = gradus_i_network_loss_data(n),
                                  .link = n->loss == &gradus_i_loss_glm ? n->glm.link : NULL,
                                  .centre = n->units.factor ? n->units.centre : NULL,
                                  .factor = n->units.factor,
                                  .middle = n->units.middle,
                                  .spread = n->units.spread,
                                  .p = fit->p,
                                  .k = fit->k,
                                  .classes = fit->levels ? fit->k + 1 : 0,
                                  .steps = n->steps,
                                  .weight_kind = fit->weight_kind,
                                  .responses = n->custom.responses,
                                  .dispersion_known = !family || family->dispersion_known,
                                  .fit = fit};
  return GRADUS_OK;
}

gradus_status gradus_i_network_fitted_rows(const gradus_source **rows, gradus_source **grouped,
                                           const gradus_fit *fit, const gradus_source *source,
                                           gradus_error *err) {
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  *rows = source;
  *grouped = NULL;
  if (fit->network->steps > 0 || !family || !family->is_binomial ||
      gradus_source_get_shape(source)->responses != 2)
    return GRADUS_OK;
  gradus_status status = gradus_i_group_trials(grouped, source, err);
  *rows = *grouped;
  return status;
}

gradus_status gradus_i_network_check_errors(const gradus_fit *fit, gradus_error *err) {
  double l1 = fit->network->kept.l1;
  if (fit->l2 > 0 || l1 > 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the estimates are penalised (%s = %g): they have no standard errors",
                         fit->l2 > 0 ? "l2" : "l1", fit->l2 > 0 ? fit->l2 : l1);
  if (fit->network->weighted_classes)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the classes were weighted in the training: estimates that are to be even "
                         "among classes have no standard errors of the likelihood's");
  return GRADUS_OK;
}

gradus_status gradus_network_inference_new(gradus_network_inference **inference,
                                           const gradus_fit *fit, const gradus_source *source,
                                           int threads, gradus_error *err) {
  gradus_i_network_view view;
  const gradus_source *rows;
  gradus_source *grouped = NULL;
  *inference = NULL;
  gradus_status status = gradus_i_network_view_of(&view, fit, err);
  if (status <= 0 && view.loss->order < GRADUS_I_MATRIX)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "the loss \"%s\", of your own, has no curvature, and no likelihood that "
                           "is known: there are no standard errors",
                           gradus_fit_loss(fit));
  if (status <= 0 && fit->network->steps > 0)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "with a response at each step there are no standard errors: the steps "
                           "of a sequence are not independent");
  if (status <= 0)
    status = gradus_i_network_check_errors(fit, err);
  if (status <= 0)
    status = gradus_i_network_fitted_rows(&rows, &grouped, fit, source, err);
  if (status <= 0)
    status = gradus_i_network_inference_make(inference, &view, rows, threads, err);
  gradus_source_free(grouped);
  return status;
}
