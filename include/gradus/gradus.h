// SPDX-License-Identifier: GPL-3.0-or-later
/** gradus: regression and classification, from a straight line to a network. This header includes
 * all others. */
#ifndef GRADUS_GRADUS_H
#define GRADUS_GRADUS_H

#include <gradus/array.h>
#include <gradus/design.h>
#include <gradus/diagnosis.h>
#include <gradus/error.h>
#include <gradus/fit.h>
#include <gradus/frame.h>
#include <gradus/inference.h>
#include <gradus/layer.h>
#include <gradus/metrics.h>
#include <gradus/network.h>
#include <gradus/network_inference.h>
#include <gradus/params.h>
#include <gradus/report.h>
#include <gradus/solver.h>
#include <gradus/source.h>

#endif
