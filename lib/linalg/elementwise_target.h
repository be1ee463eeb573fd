// SPDX-License-Identifier: GPL-3.0-or-later
/* The element-wise kernels of one instruction set: both types. */
#define ELEMENTWISE_DOUBLE 1
#define KERNEL(name) FOR_TARGET(name##_d)
#include "elementwise_types.h"

#include "elementwise_points.h"

#include "elementwise_template.h"
#undef KERNEL
#undef ELEMENTWISE_DOUBLE
#define KERNEL(name) FOR_TARGET(name##_f)
#include "elementwise_types.h"

#include "elementwise_points.h"

#include "elementwise_template.h"
#undef KERNEL
