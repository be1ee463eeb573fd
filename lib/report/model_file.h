// SPDX-License-Identifier: GPL-3.0-or-later
/* What writer and reader of model files agree on; doc/model-file.md is the description for people.
 */
#ifndef GRADUS_REPORT_MODEL_FILE_H
#define GRADUS_REPORT_MODEL_FILE_H

#include "safetensors.h"

enum { GRADUS_I_MODEL_FORMAT = 1 };

#define GRADUS_I_TENSOR_COVARIANCE "covariance"
#define GRADUS_I_TENSOR_ROOT "gradus.covariance_root"
#define GRADUS_I_TENSOR_COLUMN_SCALE "gradus.column_scale"
#define GRADUS_I_TENSOR_LIMIT "gradus.limit"
#define GRADUS_I_TENSOR_PROFILE "gradus.profile"
#define GRADUS_I_TENSOR_ROBUST "gradus.robust_root"
#define GRADUS_I_TENSOR_MEANS "gradus.column_means"

/* The static text that equals `text`, or one that says that there is none. */
const char *gradus_i_solver_text(const char *text);

#endif
