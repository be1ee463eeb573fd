// SPDX-License-Identifier: GPL-3.0-or-later
/* The table that data/embed.sh writes at build time, in alphabetical order. */
#ifndef GRADUS_DATA_DATASETS_H
#define GRADUS_DATA_DATASETS_H

#include "../base/internal.h"
#include <gradus/frame.h>

extern const gradus_dataset gradus_i_bundled[];
extern const size_t gradus_i_bundled_count;

/* gradus_dataset_find that fails with GRADUS_ERROR_UNKNOWN_DATASET and names the nearest ones. */
gradus_status gradus_i_dataset_get(const gradus_dataset **dataset, const char *name,
                                   gradus_error *err);

#endif
