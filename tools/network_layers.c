// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of gradus network that say which layers there are. */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_layers[] = {
    {"hidden", 0, OPTION_TEXT, "64,32", MEMBER(hidden),
     "widths of the hidden layers, from the inputs on; without it there are none, and the network "
     "is a regression"},
    {"activation", 0, OPTION_WORD, "relu|identity|sigmoid|tanh|leaky_relu|elu|gelu|softplus|swish",
     MEMBER(activation), "what bends the hidden layers' outputs; relu by default"},
    {"dropout", 0, OPTION_NUMBER, "SHARE", MEMBER(dropout),
     "drop that share of the hidden units in every step of the training, from 0 up to 1"},
    {"normalisation", 0, OPTION_WORD, "none|batch|layer", MEMBER(normalisation),
     "normalise before each activation, over the batch or over the layer"},
    {"residual", 0, OPTION_FLAG, NULL, MEMBER(residual),
     "hidden layers of equal width add their input to their output"},
    {"skip", 0, OPTION_FLAG, NULL, MEMBER(skip),
     "add a linear map from the inputs to the outputs: a regression plus a network"},
    {"layers", 0, OPTION_TEXT, "LIST", MEMBER(layers),
     "the layers by their names, in the place of the six options before, with commas between them: "
     "conv FILTERS SIZE [stride S] [pad P|same|valid] [dilation D] [groups G], maxpool SIZE "
     "[stride S] [pad P], avgpool, globalmaxpool, globalavgpool, flatten, dense UNITS, dropout "
     "SHARE, batchnorm, layernorm, lstm UNITS [all] [bidirectional] [truncate T], gru, rnn UNITS "
     "[relu] [all] .., embedding LEVELS UNITS, and the activations; SIZE, S and P are a number or "
     "HEIGHTxWIDTH, all means the states of all steps; the output comes by itself"},
    {"architecture", 0, OPTION_TEXT, "FILE.json", MEMBER(architecture),
     "the layers from a file, in the place of the seven options before; see doc/network.md"},
    {0}};

int read_hidden(gradus_network_options *to, layer_texts *texts, const command_options *o,
                const command_spec *command) {
  const char *text = o->hidden;
  if (!text)
    return DONE;
  texts->hidden = malloc((strlen(text) / 2 + 1) * sizeof *texts->hidden);
  if (!texts->hidden)
    return fail_usage(NULL, "out of memory");
  for (const char *at = text;; at++) {
    enum { MOST = 1000000 };
    char *end;
    unsigned long width = strspn(at, "0123456789") > 0 ? strtoul(at, &end, 10) : 0;
    if (width < 1 || width > MOST || (*end != ',' && *end))
      return fail_usage(command,
                        "option --hidden: \"%s\" is no list of widths from 1 to %d, such as 64,32",
                        text, MOST);
    texts->hidden[to->hidden_count++] = width;
    at = end;
    if (!*at)
      break;
  }
  to->hidden = texts->hidden;
  return DONE;
}

static int read_text(char **text, const char *path) {
  size_t length = 0, capacity = 0;
  errno = 0;
  FILE *file = fopen(path, "rb");
  bool good = file != NULL;
  while (good && !feof(file)) {
    if (length + 1 >= capacity) {
      capacity = capacity ? 2 * capacity : 4096;
      char *larger = realloc(*text, capacity);
      good = larger != NULL;
      *text = larger ? larger : *text;
    }
    if (good)
      length += fread(*text + length, 1, capacity - length - 1, file);
    good = good && !ferror(file);
  }
  int reason = errno;
  if (file)
    fclose(file);
  if (good) {
    (*text)[length] = '\0';
    if (strlen(*text) == length)
      return DONE;
  }
  fprintf(stderr, "gradus: error: %s cannot be read: %s\n", path,
          good     ? "it has NUL bytes, and is no JSON"
          : reason ? strerror(reason)
                   : "out of memory");
  return AT_FAULT;
}

int read_architecture(gradus_network_options *to, layer_texts *texts, const command_options *o,
                      const command_spec *command) {
  bool widths =
      o->hidden || o->activation || o->dropout != 0 || o->normalisation || o->skip || o->residual;
  to->layers = o->layers;
  if (o->layers && (widths || o->architecture))
    return fail_usage(command,
                      "option --layers takes the place of --architecture, --hidden, --activation, "
                      "--dropout, --normalisation, --residual and --skip");
  if (!o->architecture)
    return DONE;
  if (widths)
    return fail_usage(command,
                      "option --architecture takes the place of --hidden, --activation, --dropout, "
                      "--normalisation, --residual and --skip");
  int exit_status = read_text(&texts->architecture, o->architecture);
  to->architecture = texts->architecture;
  return exit_status;
}

void layer_texts_clear(layer_texts *texts) {
  free(texts->hidden);
  free(texts->architecture);
}
