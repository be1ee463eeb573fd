// SPDX-License-Identifier: GPL-3.0-or-later
/* What stands in for architectures where the library is configured without jansson. */
#include "build.h"

static gradus_status unsupported(gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "this gradus has no architectures: it was configured without jansson");
}

gradus_status gradus_i_network_from_json(gradus_i_network **network, size_t inputs, size_t outputs,
                                         const gradus_i_build_options *options, gradus_error *err) {
  (void)inputs, (void)outputs, (void)options;
  *network = NULL;
  return unsupported(err);
}

gradus_status gradus_i_network_to_json(const gradus_i_network *network, gradus_i_text *text,
                                       gradus_error *err) {
  (void)network, (void)text;
  return unsupported(err);
}
