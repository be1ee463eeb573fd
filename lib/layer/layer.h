// SPDX-License-Identifier: GPL-3.0-or-later
/* Layers: const tables of functions, and a network as a list of nodes that call them.

   Rows lie side by side, rows×size, row-major and contiguous. A layer's arithmetic is written once
   (a template over REAL) and compiled for double and float: `call` fields are void pointers to
   values of one type, and a table has the functions of both. Parameters are blocks of one
   gradus_params; a layer sees its own part of θ. */
#ifndef GRADUS_LAYER_LAYER_H
#define GRADUS_LAYER_LAYER_H

#include "../linalg/internal.h"
#include <gradus/params.h>

/* What flows between layers: up to three dimensions, the last of them the features or channels
   unless a layer says otherwise. */
enum { GRADUS_I_SHAPE_MAX = 3 };
typedef struct gradus_i_shape {
  size_t rank, extent[GRADUS_I_SHAPE_MAX]; /* 1 beyond rank */
  size_t size;                             /* product */
} gradus_i_shape;

typedef struct gradus_i_layer_type gradus_i_layer_type;
typedef struct gradus_i_activation gradus_i_activation;

enum { GRADUS_I_INPUTS_MAX = 4 };
/* Units, and levels of an embedding, of layers whose shapes depend on others: products of them do
   not overflow, and floats count them. */
enum { GRADUS_I_UNITS_MAX = 1 << 24 };
/* Parts of a call at most; and values after the end of what layers hand on that vectors may touch.
 */
enum { GRADUS_I_PARTS_MAX = 8, GRADUS_I_ROOM = 16 };

/* The places that a kernel covers, by height and width, or by length alone: of convolutions and
   poolings. What is 0 has the type's default, which `infer` puts. */
typedef struct gradus_i_window {
  size_t kernel[2], stride[2], dilation[2];
  bool same;         /* padded so that, at a stride of 1, as many places come out as go in */
  size_t padding[2]; /* zeros before and after, else */
} gradus_i_window;

/* One layer in its place. */
typedef struct gradus_i_node {
  const gradus_i_layer_type *type;
  char *name;                         /* "hidden1"; its blocks are hidden1.weight, hidden1.bias */
  size_t inputs[GRADUS_I_INPUTS_MAX]; /* nodes; 0 is the network's input */
  size_t input_count;
  gradus_i_shape in, out;   /* in: of the first input */
  size_t theta, parameters; /* where its part of θ begins, and how long it is */
  size_t consumers;         /* nodes that take its output */
  bool learns;              /* it has parameters, or one before it has */
  /* Options of the types, as far as they have them. */
  size_t units;
  bool units_by_model; /* as many as the model has outputs: an architecture does not write them */
  bool no_bias;
  const gradus_i_activation *activation;
  double rate, epsilon, momentum; /* 0: the type's default */
  bool has_penalty;               /* said: */
  double penalty;                 /* factor of the penalties of its weights; else 1 */
  gradus_i_window window;
  size_t groups;           /* of a convolution's channels; 0: 1 */
  bool has_planes;         /* a convolution's way (convolution_ways.h), from the above */
  bool each;               /* dense: at every place, of the last dimension alone */
  bool all_states;         /* recurrent: the state after every step, not only after the last */
  bool bidirectional;      /* beside it one that runs from the end to the beginning */
  size_t truncate;         /* derivatives do not go back across every so manieth step; 0: they do */
  size_t levels;           /* of an embedding */
  size_t first;            /* columns: the first that is taken; embeddings of a column: it */
  gradus_i_shape reshaped; /* what comes out of columns and reshape; rank 0: not said */
  size_t widths[GRADUS_I_INPUTS_MAX]; /* concat: the inputs' last dimensions */
  const void *custom;                 /* a user's table (custom.h) */
} gradus_i_node;

/* One call of a layer over some rows; pointers are to REAL. */
typedef struct gradus_i_layer_call {
  const gradus_i_node *node;
  size_t rows;
  const void *theta; /* of the node */
  const void *in[GRADUS_I_INPUTS_MAX];
  void *out;
  void *keep; /* what forward leaves for backward: keep_size */
  /* Backward: the loss' derivative by out, and by each input (NULL: not wanted), which is added to
     what stands there; and by θ, added too. */
  const void *out_gradient;
  void *in_gradient[GRADUS_I_INPUTS_MAX];
  void *gradient;
  /* Training: dropout drops, batch norm takes the batch's own moments. */
  bool training;
  uint64_t seed; /* of this evaluation's random numbers */
  size_t first;  /* number of the first row within the evaluation, so that they do not depend on how
                    it is cut */
  /* Only for types that have `parts`: which of how many, to be done by several threads side by
     side; 0 of 0: all. Backward then writes to its part of `gradient`, where that is `fresh`: holds
     nothing yet. */
  size_t part, parts;
  bool fresh;
  /* Of types whose parts are rows: the call is for some of the part's, to the first of which the
     pointers point; whether it is the part's first call, and how many of its rows come after.
     Vectors may touch so many values more: in_room of the first input, backward of the derivative
     by it, and out_room of the output; all that backward only reads has GRADUS_I_ROOM. */
  bool begins;
  size_t after, in_room, out_room;
  /* Backward of types that have `sets_inputs`: in_gradient holds nothing yet and is to be set. */
  bool in_fresh;
  /* Of elementwise types: only columns first_column .. end_column - 1 of every `width` values; 0:
     everywhere. */
  size_t width, first_column, end_column;
} gradus_i_layer_call;

/* An option of a type: how an architecture names it and where in the node it stands. All zero is
   the default and is not written. */
typedef enum gradus_i_option_kind {
  GRADUS_I_OPTION_COUNT,     /* size_t of 1 or more */
  GRADUS_I_OPTION_WHOLE,     /* size_t */
  GRADUS_I_OPTION_EXTENT,    /* size_t[2]: a number of 1 or more for both, or a list of two */
  GRADUS_I_OPTION_PADDING,   /* a gradus_i_window's: "valid", "same", a number or a list of two */
  GRADUS_I_OPTION_SHAPE,     /* gradus_i_shape: a list of one to three numbers of 1 or more */
  GRADUS_I_OPTION_REAL,      /* double */
  GRADUS_I_OPTION_NEEDED,    /* double that must be given, and is always written */
  GRADUS_I_OPTION_FLAG,      /* bool */
  GRADUS_I_OPTION_NOT,       /* bool: the option's opposite */
  GRADUS_I_OPTION_ACTIVATION /* one of ours, by name */
} gradus_i_option_kind;
typedef struct gradus_i_layer_option {
  const char *key; /* NULL ends the list */
  gradus_i_option_kind kind;
  size_t offset; /* offsetof(gradus_i_node, …) */
} gradus_i_layer_option;

struct gradus_i_layer_type {
  const char *name;
  const char *stem; /* of the names that nodes get without one of their own; NULL: `name` */
  const gradus_i_layer_option *options; /* NULL: none */
  size_t least_inputs, most_inputs;     /* 0: 1 */
  /* From the inputs' shapes (inputs of node) to node->out; an error names both shapes. */
  gradus_status (*infer)(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err);
  /* Adds the node's blocks to the parameters; NULL: it has none. */
  gradus_status (*declare)(const gradus_i_node *node, gradus_params *params, gradus_error *err);
  /* Puts the values with which the node's part of θ starts whatever the initialiser says (the scale
     1 of a norm); NULL: weights by an initialiser, biases constant. */
  void (*start)(const gradus_i_node *node, double *theta);
  /* REALs that forward keeps, and that backward may use beside, for so many rows; NULL: none. */
  size_t (*keep_size)(const gradus_i_node *node, size_t rows);
  void (*forward_d)(const gradus_i_layer_call *call);
  void (*forward_f)(const gradus_i_layer_call *call);
  void (*backward_d)(const gradus_i_layer_call *call);
  void (*backward_f)(const gradus_i_layer_call *call);
  /* Derivatives of each row's own output by θ, where out_gradient is that of one quantity a row:
     rows×parameters at a distance of `stride`, written whole. Double only; NULL: the layer has no
     parameters, or no Gauss-Newton matrix is to be had with it. */
  void (*rows_gradient)(const gradus_i_layer_call *call, double *rows, size_t stride);
  /* After forward in training: moves the running statistics in the node's part of θ towards the
     batch's moments. NULL: it has none. */
  void (*collect_d)(const gradus_i_layer_call *call, double *theta);
  void (*collect_f)(const gradus_i_layer_call *call, double *theta);
  bool mixes_rows; /* a row's output depends on the other rows of the batch, in training */
  /* Into how many parts a call may be cut, each of which writes to places of its own: a matter of
     the node and of the rows alone, so that the bits do not depend on the threads. NULL: one. */
  size_t (*parts)(const gradus_i_node *node, size_t rows);
  /* Parts are ranges of rows, in any number up to `parts` where `reduce` puts them together, else
     up to the rows; `keep` is then by rows, else by parts. A thread takes a few rows at a time on
     through all such layers in line, so that what they hand on stays in the cache. */
  bool by_rows;
  /* Where parts are ranges of columns: of every how many outputs forward, and of every how many
     inputs what backward writes to in_gradient. A thread then takes its columns on through the
     elementwise layers beyond, without a wait. NULL: they are not. */
  size_t (*columns)(const gradus_i_node *node, bool of_inputs);
  /* Whether an output depends on the first input at the same place alone, and heeds the columns of
     a call; such a type has no parameters. NULL: it does not. */
  bool (*elementwise)(const gradus_i_node *node);
  bool sets_inputs; /* backward heeds in_fresh */
  /* Whether backward reads neither the output, nor the first input (NULL: it does). */
  bool forgets_output;
  bool (*forgets_input)(const gradus_i_node *node);
  /* After all parts of backward are done: what they left in `keep` becomes the gradient, by one
     thread. NULL: nothing is left. */
  void (*reduce_d)(const gradus_i_layer_call *call);
  void (*reduce_f)(const gradus_i_layer_call *call);
  /* Whether an input holds whole numbers, and which; nothing is derived by them. NULL: none does.
   */
  bool (*whole)(const gradus_i_node *node, size_t input, size_t *least, size_t *most);
  /* Takes the lengths of sequences (rows×1), where the network has them, as its second input. */
  bool takes_lengths;
  /* How the names of weight blocks begin that start orthogonal where the initialiser is automatic,
     of a layer whose others are then Glorot's; NULL: the layer leaves it to what follows. */
  const char *orthogonal;
  /* After backward: of each row, the squared norm of the derivative, by the state so many steps
     before the row's last one, of what the layer's output receives at that last step; truncation is
     left out of account. rows×directions×steps (in.extent[0]; directions: 2 if bidirectional), -1
     beyond the row's first step. Double only; NULL: the layer has no states. */
  void (*lag_squares)(const gradus_i_layer_call *call, double *squares);
  bool passes; /* values keep their scale: an initialiser looks beyond it for the activation */
};

/* The call's part of `count` things: first .. end - 1. */
void gradus_i_layer_part(const gradus_i_layer_call *call, size_t count, size_t *first, size_t *end);

extern const gradus_i_layer_type gradus_i_layer_dense, gradus_i_layer_activation,
    gradus_i_layer_add, gradus_i_layer_dropout, gradus_i_layer_layer_norm,
    gradus_i_layer_batch_norm, gradus_i_layer_columns;
extern const gradus_i_layer_type gradus_i_layer_conv1d, gradus_i_layer_conv2d,
    gradus_i_layer_max_pool, gradus_i_layer_average_pool, gradus_i_layer_global_max_pool,
    gradus_i_layer_global_average_pool, gradus_i_layer_flatten, gradus_i_layer_channels_last;
extern const gradus_i_layer_type gradus_i_layer_rnn, gradus_i_layer_gru, gradus_i_layer_lstm,
    gradus_i_layer_embedding, gradus_i_layer_concat, gradus_i_layer_reshape;
/* Of the network's input alone (embeddings.h): no architecture names it among its layers. */
extern const gradus_i_layer_type gradus_i_layer_column_embedding;

/* A type of ours by name, NULL if there is none; its name by index, NULL beyond the last. */
const gradus_i_layer_type *gradus_i_layer_type_find(const char *name);
const char *gradus_i_layer_type_name(size_t index);

/* Whether an option's `count` is 1 to GRADUS_I_UNITS_MAX; `what`: "units". */
gradus_status gradus_i_node_check_count(const gradus_i_node *node, size_t count, const char *what,
                                        gradus_error *err);
/* Adds the block NAME.`block` [size] of a node without a penalty. */
gradus_status gradus_i_node_vector(const gradus_i_node *node, const char *block, gradus_role role,
                                   size_t size, bool frozen, gradus_params *params,
                                   gradus_error *err);
/* Adds NAME.`block` [shape] with the usual penalty of its role. */
typedef struct gradus_i_node_block {
  const char *name;
  gradus_role role;
  size_t rank, shape[GRADUS_RANK_MAX], fan_in, fan_out;
} gradus_i_node_block;
gradus_status gradus_i_node_declare(const gradus_i_node *node, const gradus_i_node_block *block,
                                    gradus_params *params, gradus_error *err);
/* The length of the last dimension: features, or channels; and how many places have them. */
size_t gradus_i_node_features(const gradus_i_node *node);
size_t gradus_i_node_places(const gradus_i_node *node);

/* An activation: element by element, or over a row. */
struct gradus_i_activation {
  const char *name;
  void (*value_d)(size_t rows, size_t n, const double *x, double *y);
  void (*value_f)(size_t rows, size_t n, const float *x, float *y);
  /* dx += dy·f'(x); y = f(x) is at hand. */
  void (*slope_d)(size_t rows, size_t n, const double *x, const double *y, const double *dy,
                  double *dx);
  void (*slope_f)(size_t rows, size_t n, const float *x, const float *y, const float *dy,
                  float *dx);
  bool over_rows;     /* not element by element */
  bool forgets_input; /* slopes are of y and dy alone */
  bool keeps_largest; /* of some values the largest one's, and its slope, are those of the values'
                         largest one */
};
/* NULL if there is none of that name; the name by index, NULL beyond the last. */
const gradus_i_activation *gradus_i_activation_find(const char *name);
const char *gradus_i_activation_name(size_t index);

/* ---- networks ---- */

typedef struct gradus_i_network {
  gradus_i_node *nodes; /* nodes[0] is the input, without a type */
  size_t count, capacity;
  gradus_params *params;
  size_t inputs;  /* columns of x */
  size_t entry;   /* the node that layers see as the input: 0, the steps of sequences, or the last
                     of the embeddings */
  size_t lengths; /* the node of the sequences' lengths; 0: they are all of one length */
  /* Features of the input that are embedded, by as many nodes, which end with entry. */
  size_t embedded;
} gradus_i_network;

/* A network with its input only. With lengths, rows of sequences (input: steps × features, or steps
   alone) end with a column of how many steps count; two layers of type columns, "steps" and
   "lengths", take them apart. Errors: _SHAPE, _OUT_OF_MEMORY. */
gradus_status gradus_i_network_new(gradus_i_network **network, const gradus_i_shape *input,
                                   gradus_error *err);
gradus_status gradus_i_network_new_sequences(gradus_i_network **network,
                                             const gradus_i_shape *input, gradus_error *err);
void gradus_i_network_free(gradus_i_network *network);
gradus_i_shape gradus_i_shape_of(size_t features);
/* "28x28x1". */
void gradus_i_shape_text(char *text, size_t size, const gradus_i_shape *shape);
/* Appends a node (its type, options, inputs; name copied; without inputs given, the last node is
   its input): infers its shape and declares its blocks. *index (may be NULL): its number. Errors:
   _SHAPE, _INVALID_ARGUMENT (a name that is taken), _OUT_OF_MEMORY. */
gradus_status gradus_i_network_add(gradus_i_network *network, const gradus_i_node *node,
                                   size_t *index, gradus_error *err);
/* The last node's shape. */
const gradus_i_shape *gradus_i_network_output(const gradus_i_network *network);
/* The node of the columns as they come, without lengths: those of the input before embeddings. */
size_t gradus_i_network_columns(const gradus_i_network *network);

/* Which numbers the columns of x must be. */
typedef struct gradus_i_input {
  bool whole; /* from least to most: the length of a sequence, or a token; else any */
  size_t least, most;
} gradus_i_input;
void gradus_i_network_input(const gradus_i_network *network, size_t column, gradus_i_input *input);

/* Multiplications of a row forward, roughly. */
size_t gradus_i_network_work(const gradus_i_network *network);

/* Whether any layer mixes rows: a training batch must then go through a tape whole, in one call. */
bool gradus_i_network_mixes_rows(const gradus_i_network *network);

/* A pass over some rows, forward and then backward, with the buffers of all nodes. */
typedef enum gradus_i_precision { GRADUS_I_DOUBLE, GRADUS_I_FLOAT } gradus_i_precision;
typedef struct gradus_i_tape_node {
  void *out, *gradient, *keep; /* of the input only `gradient`, and NULL unless asked for */
  bool set;      /* its one consumer sets `gradient`, which need not be cleared before */
  size_t beyond; /* steps that go with it forward, */
  size_t below;  /* and backward */
  /* `out`, `gradient`: not of all rows, but a slot for each part, which every strip overwrites. */
  bool passing, back_passing;
} gradus_i_tape_node;
typedef struct gradus_i_tape {
  const gradus_i_network *network;
  gradus_i_precision precision;
  bool lean;
  gradus_i_node *steps;       /* the nodes, in the order in which they are done */
  gradus_i_tape_node *nodes;  /* by step */
  gradus_i_layer_call *calls; /* of the steps, as far as they stay the same */
  size_t strip;               /* rows that go together through steps that take them by themselves */
  /* Set before forward. */
  size_t rows; /* at most what it was opened for */
  const void *theta, *x;
  bool training;
  uint64_t seed;
  size_t first;
  bool fresh; /* backward finds nothing in the gradient: it writes, and does not add */
} gradus_i_tape;
/* Doubles that a tape of up to so many rows needs; and a tape in such a block. A lean one is for
   the last output and the derivatives by θ alone: outputs and derivatives in between may not be
   there. */
size_t gradus_i_tape_size(const gradus_i_network *network, gradus_i_precision precision,
                          size_t rows);
void gradus_i_tape_open(gradus_i_tape *tape, const gradus_i_network *network,
                        gradus_i_precision precision, size_t rows, bool lean, double *memory);
/* REALs of one of the GRADUS_I_PARTS_MAX slots of a step. */
size_t gradus_i_tape_slot(const gradus_i_tape *tape, size_t step);
/* Runs all nodes; returns the last one's output, rows×size. */
void *gradus_i_tape_forward(gradus_i_tape *tape);
/* After forward, with the loss' derivative by the output in nodes[count - 1].gradient (rows×size):
   gradient (all of θ, REALs) += the derivatives. */
void gradus_i_tape_backward(gradus_i_tape *tape, void *gradient);
/* After forward in training: the running statistics in theta (all of θ, double) take the batch in.
   The network objective calls it once a mini-batch, on the θ that its state names. */
void gradus_i_tape_collect(const gradus_i_tape *tape, double *theta);
/* The same, called by every thread of a team at once: layers are cut into parts, to the same bits
   for any number of threads. After forward the output is the first thread's to see, and backward
   begins with the gradient that it left; in between, the nodes' gradients are to be cleared, by
   thread 0. After backward all of it is there for all. */
void *gradus_i_tape_forward_in(gradus_i_tape *tape, gradus_i_team team);
void gradus_i_tape_clear(const gradus_i_tape *tape);
void gradus_i_tape_backward_in(gradus_i_tape *tape, gradus_i_team team, void *gradient);
/* The same for each row's own derivatives: rows×θ at a distance of `stride`, written whole. Double
   precision only. */
void gradus_i_tape_rows_gradient(gradus_i_tape *tape, double *rows, size_t stride);
/* Whether every layer with parameters has rows_gradient. */
bool gradus_i_network_has_rows_gradient(const gradus_i_network *network);

#endif
