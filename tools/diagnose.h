// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GRADUS_TOOLS_DIAGNOSE_H
#define GRADUS_TOOLS_DIAGNOSE_H

#include "command.h"

/* Prints a diagnosis as one JSON object; returns an exit status. */
int diagnose_json(const gradus_diagnosis *diagnosis);

#endif
