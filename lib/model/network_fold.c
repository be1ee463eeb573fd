// SPDX-License-Identifier: GPL-3.0-or-later
/* A network without hidden layers in the units of the data, and in those of its training. */
#include "network.h"

static double spread_of(const gradus_i_units *units, size_t r) {
  return units->spread ? units->spread[r] : 1;
}

static double factor_of(const gradus_i_units *units, size_t j) {
  return units->factor ? units->factor[j] : 1;
}

static double middle_of(const gradus_i_units *units, size_t r) {
  return units->middle ? units->middle[r] : 0;
}

void gradus_i_network_fold(gradus_i_network_fit *made, size_t p, size_t k) {
  gradus_params *params = made->network->params;
  const gradus_i_units *units = &made->units;
  const gradus_block *weight = gradus_params_find(params, "output.weight");
  const gradus_block *bias = gradus_params_find(params, "output.bias");
  double *theta = gradus_params_values(params);
  for (size_t r = 0; r < k; r++) {
    double *w = theta + weight->offset + r * p, shift = 0;
    for (size_t j = 0; j < p; j++) {
      w[j] *= spread_of(units, r) * factor_of(units, j);
      shift += units->centre ? w[j] * units->centre[j] : 0;
    }
    if (bias)
      theta[bias->offset + r] =
          theta[bias->offset + r] * spread_of(units, r) + middle_of(units, r) - shift;
  }
  made->kept.folded = *units;
  made->units = (gradus_i_units){0};
}

bool gradus_i_network_unfold(gradus_i_network_fit *made, size_t p, size_t k) {
  gradus_params *params = made->network->params;
  const gradus_i_units *units = &made->kept.folded;
  const gradus_block *weight = gradus_params_find(params, "output.weight");
  const gradus_block *bias = gradus_params_find(params, "output.bias");
  double *theta = gradus_params_values(params);
  if (gradus_i_network_is_deep(made->network))
    return false;
  for (size_t r = 0; r < k; r++) {
    double *w = theta + weight->offset + r * p, shift = 0;
    for (size_t j = 0; j < p; j++) {
      shift += units->centre ? w[j] * units->centre[j] : 0;
      w[j] /= spread_of(units, r) * factor_of(units, j);
    }
    if (bias)
      theta[bias->offset + r] =
          (theta[bias->offset + r] + shift - middle_of(units, r)) / spread_of(units, r);
  }
  made->units = *units;
  made->kept.folded = (gradus_i_units){0};
  return true;
}
