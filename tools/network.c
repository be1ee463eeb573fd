// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus network */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

/* The first of family and link is the default. */
static const option_spec options_response[] = {
    {"family", 0, OPTION_CHOICE,
     "auto|gaussian|binomial|multinomial|poisson|gamma|inverse_gaussian|negative_binomial",
     MEMBER(family),
     "what the loss follows from; auto (the default) is gaussian for numbers, binomial for a "
     "factor of two levels, multinomial for one of more"},
    {"link", 0, OPTION_CHOICE,
     "default|logit|probit|cloglog|cauchit|log|identity|inverse|sqrt|1/mu^2", MEMBER(link),
     "what of the mean is the network's output; by default that of the family, as in gradus glm"},
    {"theta", 0, OPTION_NUMBER, "T", MEMBER(theta),
     "of the negative binomial, whose variance is mu + mu^2/T: a network does not estimate it"},
    {"class-weights", 0, OPTION_FLAG, NULL, MEMBER(class_weights),
     "weight the rows so that all classes weigh the same in sum"},
    {"raw-inputs", 0, OPTION_FLAG, NULL, MEMBER(raw_inputs),
     "do not standardise the inputs (with it or without, predict takes them as they are)"},
    {"raw-response", 0, OPTION_FLAG, NULL, MEMBER(raw_response),
     "do not standardise a gaussian response"},
    {0}};

static const option_spec options_training[] = {
    {"solver", 0, OPTION_WORD, "auto|gradient-descent|lbfgs|newton|levenberg-marquardt",
     MEMBER(solver),
     "how to train; auto (the default) is gradient-descent in mini-batches, by adam; the others "
     "see all rows in every step and are for small networks"},
    {"l1", 0, OPTION_NUMBER, "LAMBDA", MEMBER(l1),
     "add LAMBDA times the sum of the sizes of the weights to the mean loss"},
    {"initialiser", 0, OPTION_CHOICE,
     "auto|zero|constant|uniform|normal|lecun|glorot|he|orthogonal", MEMBER(initialiser),
     "how the weights start; auto (the default) is he before relu, leaky_relu, elu, gelu and "
     "swish, else glorot; the output starts small"},
    {"initial-scale", 0, OPTION_NUMBER, "S", MEMBER(initial_scale),
     "of constant (the value), uniform (between -S and S) and normal (the standard deviation)"},
    {"initial-bias", 0, OPTION_NUMBER, "B", MEMBER(initial_bias), "where the biases start; 0"},
    {"validation", 0, OPTION_TEXT, "SHARE|FILE", MEMBER(validation),
     "hold that share of the rows out, or take the rows of FILE, to see how well the network does "
     "on rows that it does not learn from; the parameters of the epoch that does best are kept"},
    {"validation-labels", 0, OPTION_TEXT, "ARRAY", MEMBER(validation_labels),
     "the labels of that FILE, an array as --labels takes it"},
    {"patience", 0, OPTION_LARGE, "N", MEMBER(patience),
     "stop after N epochs without a smaller validation loss"},
    {"test", 0, OPTION_TEXT, "SHARE|FILE", MEMBER(test),
     "keep that share of the rows, or take the rows of FILE, to see at the very end how well the "
     "network does on rows that had no part in the training, nor in when it ended"},
    {"test-labels", 0, OPTION_TEXT, "ARRAY", MEMBER(test_labels),
     "the labels of that FILE, an array as --labels takes it"},
    {"precision", 0, OPTION_CHOICE, "float64|float32", MEMBER(precision),
     "of the arithmetic of the training; float64 by default"},
    {"solve-output", 0, OPTION_FLAG, NULL, MEMBER(solve_output),
     "at the end solve the output layer of a gaussian network in closed form, the hidden layers "
     "held"},
    {"checkpoint", 0, OPTION_TEXT, "FILE", MEMBER(checkpoint),
     "write where the training stands to FILE after every epoch"},
    {"resume", 0, OPTION_FLAG, NULL, MEMBER(resume),
     "go on from the checkpoint: to the bit as if the training had never stopped"},
    {0}};

static const option_spec options_errors[] = {
    {"errors", 0, OPTION_FLAG, NULL, MEMBER(errors),
     "form the standard errors that predict --se and --interval need, and keep them in the model; "
     "without it those of networks up to 300 parameters and moderate data are"},
    {"effects", 0, OPTION_FLAG, NULL, MEMBER(effects),
     "average marginal effects of the columns on the mean, with standard errors"},
    {0}};

static const option_spec *const groups[] = {options_layers,   options_embed,
                                            options_shape,    options_response,
                                            options_training, options_errors,
                                            options_fit,      options_solver,
                                            options_descent,  options_report,
                                            options_level,    options_input,
                                            options_messages, NULL};

/* What the library borrows from here. */
typedef struct network_run {
  fit_run run;
  gradus_network_options options;
  layer_texts layers;
  size_t shape[SHAPE_MAX];
  embed_list embeddings;
  gradus_frame *validation, *test;
  char family[32], link[32];
  training training;
} network_run;

/* ---- options ---- */

/* A file of rows that are held out, with labels of its own. */
static int read_held_file(const network_run *n, const char *name, const char *path,
                          const char *labels, gradus_frame **frame) {
  command_options held = *n->run.options;
  if (held.labels && !labels && gradus_is_array_file(path))
    return fail_usage(n->run.command,
                      "option --%s: the labels of %s are missing: --%s-labels names them; those of "
                      "--labels are the other file's",
                      name, path, name);
  held.labels = labels;
  return read_frame(frame, path, &held, n->run.command);
}

/* A number is a share, anything else a file. */
static bool is_file(const char *text) {
  char *end;
  strtod(text, &end);
  return end == text || *end;
}

static int read_held(const network_run *n, const char *name, const char *text, const char *labels,
                     double *share, gradus_frame **frame) {
  if (!text)
    return DONE;
  if (is_file(text))
    return read_held_file(n, name, text, labels, frame);
  *share = strtod(text, NULL);
  if (!(*share > 0 && *share < 1))
    return fail_usage(n->run.command, "option --%s: %s is no share between 0 and 1", name, text);
  return DONE;
}

static int check_labels(const char *name, const char *text, const char *labels,
                        const command_spec *command) {
  if (!labels || (text && is_file(text)))
    return DONE;
  return fail_usage(command, "option --%s-labels goes with --%s FILE, whose labels it names", name,
                    name);
}

static int read_sets(network_run *n) {
  const command_options *o = n->run.options;
  gradus_network_options *to = &n->options;
  int exit_status = read_held(n, "validation", o->validation, o->validation_labels, &to->validation,
                              &n->validation);
  if (exit_status == DONE)
    exit_status = read_held(n, "test", o->test, o->test_labels, &to->test, &n->test);
  to->validation_frame = n->validation;
  to->test_frame = n->test;
  if (exit_status == DONE && to->validation + to->test >= 1)
    return fail_usage(n->run.command, "options --validation and --test leave no rows to train on");
  return exit_status;
}

static int check_options(const command_options *o, const command_spec *command) {
  if (!(o->dropout >= 0 && o->dropout < 1))
    return fail_usage(command, "option --dropout: %g is not from 0 up to 1", o->dropout);
  if (o->l1 < 0)
    return fail_usage(command, "option --l1: %g is below 0", o->l1);
  if (o->patience > 0 && !o->validation)
    return fail_usage(command, "option --patience goes with --validation");
  if ((o->errors || o->effects) && (o->l1 > 0 || o->l2 > 0))
    return fail_usage(command,
                      "option --%s: penalised estimates (--l1, --l2) are biased, and have "
                      "no standard errors",
                      o->errors ? "errors" : "effects");
  if (o->resume && !o->checkpoint)
    return fail_usage(command, "option --resume goes with --checkpoint");
  int exit_status = check_labels("validation", o->validation, o->validation_labels, command);
  return exit_status == DONE ? check_labels("test", o->test, o->test_labels, command) : exit_status;
}

static int set_options(network_run *n) {
  const command_options *o = n->run.options;
  gradus_network_options *to = &n->options;
  to->fit.theta = o->theta;
  to->activation = o->activation;
  to->dropout = o->dropout;
  to->normalisation =
      o->normalisation && strcmp(o->normalisation, "none") != 0 ? o->normalisation : NULL;
  to->skip = o->skip != 0;
  to->residual = o->residual != 0;
  to->initialiser = (gradus_initialiser)o->initialiser;
  to->initial_scale = o->initial_scale;
  to->initial_bias = o->initial_bias;
  to->raw_inputs = o->raw_inputs != 0;
  to->raw_response = o->raw_response != 0;
  to->patience = o->patience;
  to->l1 = o->l1;
  to->solve_output = o->solve_output != 0;
  to->class_weights = o->class_weights != 0;
  to->precision = (gradus_precision)o->precision;
  to->checkpoint = o->checkpoint;
  to->resume = o->resume != 0;
  if (o->family > 0) {
    option_word(n->family, sizeof n->family, &options_response[0], o->family);
    to->fit.family = n->family;
  }
  if (o->link > 0) {
    option_word(n->link, sizeof n->link, &options_response[1], o->link);
    to->fit.link = n->link;
  }
  int exit_status = check_options(o, n->run.command);
  if (exit_status == DONE)
    exit_status = read_hidden(to, &n->layers, o, n->run.command);
  if (exit_status == DONE)
    exit_status = read_shapes(to, n->shape, o, n->run.command);
  if (exit_status == DONE)
    exit_status = read_embeddings(to, &n->embeddings, o, n->run.command);
  if (exit_status == DONE)
    exit_status = read_architecture(to, &n->layers, o, n->run.command);
  return exit_status;
}

/* ---- the run ---- */

static int train(network_run *n) {
  fit_run *r = &n->run;
  gradus_error err = {0};
  training_watch(&n->training, &n->options, r->options->quiet != 0);
  gradus_status status = gradus_network_fit(&r->fit, r->formula, r->frame, &n->options, &err);
  training_end(&n->training);
  return status > 0 ? fail_with_file(&err, r->path, r->options) : DONE;
}

/* What has been learnt is reported and saved, and the exit status says that there was more to come.
 */
static int finish(network_run *n) {
  int exit_status = solver_finish(&n->run);
  if (exit_status == DONE)
    exit_status = network_inference(&n->run);
  if (exit_status == DONE)
    exit_status = fit_finish(&n->run);
  if (exit_status != DONE || !training_interrupted())
    return exit_status;
  fprintf(stderr, "gradus: error: interrupted after %zu epochs; the model is the best so far\n",
          gradus_fit_epochs(n->run.fit));
  return NOT_CONVERGED;
}

static int run_steps(network_run *n) {
  int exit_status = set_options(n);
  if (exit_status == DONE)
    exit_status = fit_prepare(&n->run, &n->options.fit);
  if (exit_status == DONE)
    exit_status = read_sets(n);
  if (exit_status != DONE)
    return exit_status;
  n->options.start = n->run.start; /* a regression to grow from, not parameters of the same shape */
  n->options.fit.start = NULL;
  exit_status = train(n);
  return exit_status == DONE ? finish(n) : exit_status;
}

static int run_network(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  network_run n = {.run = {.command = &command_network,
                           .options = options,
                           .formula = operands[0],
                           .path = operands[1]}};
  int exit_status = run_steps(&n);
  fit_clear(&n.run);
  gradus_frame_free(n.validation);
  gradus_frame_free(n.test);
  layer_texts_clear(&n.layers);
  embed_list_clear(&n.embeddings);
  return exit_status;
}

const command_spec command_network = {
    .name = "network",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "train a network",
    .description =
        "Fits FORMULA to the rows of FILE by a network: a regression whose inputs have gone "
        "through hidden layers. The response is a number, a count (--family poisson), a 0 and 1 "
        "(--family binomial) or a factor; the loss follows from the family as in gradus glm and "
        "gradus multinomial. Inputs, and a numeric response, are standardised within the model: "
        "predict takes raw columns.\n\n"
        "The training is by mini-batches, in an order that the seed decides. The report has the "
        "layers, the curves of the loss, how well the network does on the rows that it learnt from "
        "and on those held out, and without hidden layers the coefficients, which are those of the "
        "regression with their standard errors. Its warnings are what gradus diagnose sees.\n\n"
        "The columns may be images or sequences: --input-shape and --sequence say which, in a "
        "row; with --id rows are the steps of sequences.\n\n"
        "An interrupt (Ctrl-C) ends the training after the mini-batch; the best parameters so far "
        "are "
        "reported and saved.",
    .examples =
        "gradus network --hidden 16,8 'Species ~ .' @iris --validation 0.2 --patience 20\n"
        "gradus network --hidden 8 --activation tanh --skip 'mpg ~ .' @mtcars -o "
        "model.safetensors\n"
        "gradus network --hidden 16 --family poisson 'breaks ~ wool*tension' @warpbreaks "
        "--l2 0.01 --json\n"
        "gradus network --input-shape 8x8x1 --layers 'conv 8 3x3, relu, maxpool 2, dense "
        "32, relu' 'factor(digit) ~ .' @digits\n"
        "gradus network --embed tension=2 --hidden 8 'breaks ~ wool + tension' @warpbreaks\n"
        "gradus network --layers 'lstm 32' --id patient --time day 'outcome ~ pulse + "
        "pressure' visits.csv\n",
    .groups = groups,
    .run = run_network};
