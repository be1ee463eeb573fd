// SPDX-License-Identifier: GPL-3.0-or-later
/* The fused kernels of one instruction set. */
#define ELEMENTWISE_DOUBLE 1
#define KERNEL(name) FOR_TARGET(name)
#include "elementwise_types.h"

#include "elementwise_points.h"

#include "row_losses_template.h"

#include "fused_template.h"
#undef KERNEL
#undef ELEMENTWISE_DOUBLE
