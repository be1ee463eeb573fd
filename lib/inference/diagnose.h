// SPDX-License-Identifier: GPL-3.0-or-later
/* From the numbers of a diagnosis to its findings. */
#ifndef GRADUS_INFERENCE_DIAGNOSE_H
#define GRADUS_INFERENCE_DIAGNOSE_H

#include "network.h"
#include <gradus/diagnosis.h>

/* Writes the findings of a diagnosis whose numbers stand. */
gradus_status gradus_i_find_faults(gradus_diagnosis *diagnosis, const gradus_i_network_view *view,
                                   gradus_error *err);
/* The dense node that a node comes from, by first inputs; 0: there is none. */
size_t gradus_i_dense_before(const gradus_i_network *network, size_t node);

#endif
