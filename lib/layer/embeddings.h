// SPDX-License-Identifier: GPL-3.0-or-later
/* Embeddings of columns of a network's input: nodes before all layers, one after the other, each
   NAME's. What the last of them makes is what layers see as the input. */
#ifndef GRADUS_LAYER_EMBEDDINGS_H
#define GRADUS_LAYER_EMBEDDINGS_H

#include "layer.h"
#include <gradus/layer.h>

/* Bytes of an embedding's name at most. */
enum { GRADUS_I_EMBEDDING_NAME_MAX = 100 };

/* Appends the nodes, by column, to a network of its input only. Errors: _INVALID_ARGUMENT (a name
   that cannot be, a column twice), _SHAPE (no such column), _TOO_LARGE, _OUT_OF_MEMORY. */
gradus_status gradus_i_network_embed(gradus_i_network *network, const gradus_embedding *embeddings,
                                     size_t count, gradus_error *err);
/* Units of an embedding, also where it leaves them to a rule; and by how many features the
   embeddings together make the input wider. */
size_t gradus_i_embedding_units(const gradus_embedding *embedding);
size_t gradus_i_embeddings_growth(const gradus_embedding *embeddings, size_t count);

#endif
