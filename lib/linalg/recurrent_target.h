// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of recurrent layers for one instruction set: both types. */
#define ELEMENTWISE_DOUBLE 1
#define KERNEL(name) FOR_TARGET(name##_d)
#define STEP gradus_i_step_d
#define RECURRENT gradus_i_recurrent_d
#include "elementwise_types.h"

#include "elementwise_points.h"

#include "step_product_template.h"

#include "recurrent_template.h"
#undef KERNEL
#undef STEP
#undef RECURRENT
#undef ELEMENTWISE_DOUBLE
#define KERNEL(name) FOR_TARGET(name##_f)
#define STEP gradus_i_step_f
#define RECURRENT gradus_i_recurrent_f
#include "elementwise_types.h"

#include "elementwise_points.h"

#include "step_product_template.h"

#include "recurrent_template.h"
#undef KERNEL
#undef STEP
#undef RECURRENT
