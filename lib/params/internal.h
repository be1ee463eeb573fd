// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GRADUS_PARAMS_INTERNAL_H
#define GRADUS_PARAMS_INTERNAL_H

#include "../base/internal.h"
#include <gradus/params.h>

/* No more values than so many, of all blocks (0: any number): for layouts that a file asks for.
   More is an error, _TOO_LARGE. */
void gradus_i_params_limit(gradus_params *params, size_t most);

#endif
