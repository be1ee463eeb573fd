// SPDX-License-Identifier: GPL-3.0-or-later
/* The words of solver reports are static storage (gradus_solver_report): what a model file says is
   looked up among them. */
#include "../solver/internal.h"
#include "model_file.h"

#include <string.h>

const char *gradus_i_solver_text(const char *text) {
  for (size_t i = 0; text && i < GRADUS_I_WORD_COUNT; i++)
    if (strcmp(text, gradus_i_solver_words[i]) == 0)
      return gradus_i_solver_words[i];
  return "(as another version of gradus names it)";
}
