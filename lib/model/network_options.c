// SPDX-License-Identifier: GPL-3.0-or-later
/* What the options of a network say: family and link, and how it is trained. */
#include "glm.h"
#include "iterate.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* ---- family and link ---- */

static gradus_status fail_unknown(const gradus_i_family *family, const char *name,
                                  gradus_error *err) {
  gradus_i_text list = {0};
  const char *known;
  for (size_t i = 0; (known = family ? family->links[i] : gradus_i_family_name(i)); i++)
    gradus_i_text_format(&list, "%s%s", i ? ", " : "", known);
  if (!family)
    gradus_i_text_string(&list, ", multinomial");
  gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no %s \"%s\"; there are: %s",
                family ? "such link of the family, namely" : "family", name,
                list.data ? list.data : "");
  gradus_i_text_clear(&list);
  return GRADUS_ERROR_INVALID_ARGUMENT;
}

static gradus_status read_multinomial(gradus_i_network_job *job, size_t levels, gradus_error *err) {
  if (job->fit.link && strcmp(job->fit.link, "logit") != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the family multinomial has only the link logit, not \"%s\"",
                         job->fit.link);
  if (levels < 2)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the family multinomial tells classes apart: the response must be a "
                         "factor of two levels or more; of numbers factor() makes one");
  job->link = gradus_i_link_find("logit");
  job->classes = levels;
  job->k = levels - 1;
  gradus_i_network_set_loss(job->made, NULL, job->link, 0);
  return GRADUS_OK;
}

static gradus_status read_shape(gradus_i_network_job *job, gradus_error *err) {
  bool needed = job->family->shape_information != NULL;
  if (needed && !(job->fit.theta > 0))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a network of the family negative_binomial needs theta, which it does not "
                         "estimate: give theta above 0");
  if (!needed && job->fit.theta != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "theta is %g, but the family %s has no theta", job->fit.theta,
                         job->family->name);
  return GRADUS_OK;
}

static gradus_status read_link(gradus_i_network_job *job, gradus_error *err) {
  const char *const *links = job->family->links;
  const char *link = job->fit.link ? job->fit.link : links[0];
  for (size_t i = 0; links[i]; i++)
    if (strcmp(links[i], link) == 0)
      job->link = gradus_i_link_find(link);
  return job->link ? GRADUS_OK : fail_unknown(job->family, link, err);
}

static gradus_status read_family(gradus_i_network_job *job, size_t levels, gradus_error *err) {
  const char *name = job->fit.family;
  size_t responses = gradus_source_get_shape(job->source)->responses;
  if (!name)
    name = levels == 0 ? "gaussian" : levels == 2 ? "binomial" : "multinomial";
  if (strcmp(name, "multinomial") == 0)
    return read_multinomial(job, levels, err);
  job->family = gradus_i_family_find(name);
  if (!job->family)
    return fail_unknown(NULL, name, err);
  if (levels > 0 && !(job->family->is_binomial && levels == 2))
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the response is a factor of %zu level%s: the family %s does not take it; "
                         "binomial takes two levels, multinomial any number",
                         levels, levels == 1 ? "" : "s", name);
  gradus_status status = read_link(job, err);
  if (status <= 0)
    status = read_shape(job, err);
  if (status > 0)
    return status;
  job->k = responses / (job->made->steps ? job->made->steps : 1);
  job->classes = job->family->is_binomial ? 2 : 0;
  gradus_i_network_set_loss(job->made, job->family, job->link, job->fit.theta);
  if (job->k != 1 && job->made->loss != &gradus_i_loss_gaussian)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the family %s has one response, not %zu; binomial ones may be "
                         "cbind(successes, failures)",
                         job->family->name, job->k);
  return GRADUS_OK;
}

/* How many steps have a response each. */
static gradus_status read_steps(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *o = job->options;
  size_t responses = gradus_source_get_shape(job->source)->responses;
  if (!o->each_step)
    return GRADUS_OK;
  if (o->input_rank == 0 || !o->input_shape || o->input_shape[0] == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a response at each step needs the shape of the input: steps, and "
                         "features at each");
  if (responses % o->input_shape[0] != 0)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "a response at each of %zu steps needs %zu responses a row, or as many "
                         "times that: there %s %zu",
                         o->input_shape[0], o->input_shape[0], responses == 1 ? "is" : "are",
                         responses);
  if (gradus_source_get_shape(job->source)->has_offset || o->solve_output || o->class_weights)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "with a response at each step there are no offsets, no weights of classes "
                         "and no output solved in closed form");
  job->made->steps = o->input_shape[0];
  return GRADUS_OK;
}

/* ---- training ---- */

static gradus_status check_share(const char *what, double share, gradus_error *err) {
  if (share >= 0 && share < 1)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "%s must be a share from 0 to below 1, not %g", what, share);
}

static gradus_status check_test(const gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *o = job->options;
  gradus_status status = check_share("test", o->test, err);
  if (status <= 0 && o->test > 0 && job->test_source)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "both a share to test with and rows of their own: give one of them");
  if (status <= 0 && o->validation + o->test >= 1)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "shares of %g to validate on and %g to test with leave no rows to train "
                           "on",
                           o->validation, o->test);
  return status;
}

static gradus_status check(const gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *o = job->options;
  gradus_status status = gradus_i_check_iteration(&job->fit, err);
  if (status <= 0)
    status = check_share("dropout", o->dropout, err);
  if (status <= 0)
    status = check_share("validation", o->validation, err);
  if (status <= 0 && !(o->l1 >= 0 && isfinite(o->l1)))
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the penalty l1 must be finite and at least 0, not %g", o->l1);
  if (status <= 0 && o->validation > 0 && job->held_source)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "both a share to validate on and rows of their own: give one of them");
  if (status <= 0)
    status = check_test(job, err);
  if (status <= 0 && o->patience > 0 && !(o->validation > 0) && !job->held_source)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "patience waits for a smaller validation loss: give a share of the rows "
                           "to validate on, or rows of their own");
  if (status <= 0 && o->class_weights && job->classes == 0)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "class weights are for responses that are classes");
  if (status <= 0 && o->solve_output && job->made->loss != &gradus_i_loss_gaussian)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the output layer is solved in closed form for numeric responses (the "
                           "family gaussian with the link identity) alone");
  if (status <= 0 && o->outputs > 0 && !o->loss)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the number of outputs follows from the family: give it for a loss of "
                           "your own alone");
  if (status <= 0 && job->fit.firth)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a network has no estimates of Firth's: take logistic regression");
  if (status <= 0 && !job->family && gradus_source_get_shape(job->source)->has_offset)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a model of several classes takes no offset: one number a row cannot "
                           "say which of the classes it is added to");
  return status;
}

gradus_status gradus_i_network_read_options(gradus_i_network_job *job, size_t levels,
                                            gradus_error *err) {
  gradus_status status = read_steps(job, err);
  if (status <= 0)
    status =
        job->options->loss ? gradus_i_network_read_loss(job, err) : read_family(job, levels, err);
  if (status <= 0)
    status = check(job, err);
  if (status > 0)
    return status;
  job->p = gradus_source_get_shape(job->source)->columns;
  job->bias = !job->fit.no_intercept;
  return gradus_i_network_choose_solver(job, err);
}
