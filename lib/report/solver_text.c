// SPDX-License-Identifier: GPL-3.0-or-later
/* The words of solver reports are static storage (gradus_solver_report): what a model file says is
   looked up among them. */
#include "model_file.h"

#include <string.h>

const char *gradus_i_solver_text(const char *text) {
  static const char *const known[] = {
      "cholesky",
      "qr",
      "svd",
      "closed form",
      "Cholesky factor of the centred Gram matrix, refined by residuals",
      "Householder QR, refined by double-double residuals",
      "Householder QR, then double-double arithmetic",
      "singular value decomposition, minimum norm",
  };
  for (size_t i = 0; text && i < sizeof known / sizeof *known; i++)
    if (strcmp(text, known[i]) == 0)
      return known[i];
  return "(as another version of gradus names it)";
}
