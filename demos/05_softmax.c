// SPDX-License-Identifier: GPL-3.0-or-later
/* Softmax: one neuron for each class.
 *
 * Every class r has a linear predictor ηᵣ = Wᵣ x + bᵣ of its own, and its probability is
 * exp(ηᵣ) / Σ exp(η). Only differences of predictors count, so the first class, the reference,
 * keeps η = 0. With two classes this is the one neuron of the fourth demo. The loss is -log of the
 * probability of the class that was seen; its slope by ηᵣ is (probability - what was seen), and
 * that is all that descent needs.
 *
 * The same weights come out of two ways: Newton's method, which sees all flowers and the curvature
 * in every step, and stochastic gradient descent, which sees a handful of flowers and takes many
 * small steps. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

static const char formula[] = "Species ~ Sepal.Length + Sepal.Width + Petal.Length + Petal.Width";

/* Setosa's petals are so much shorter that a weight can always be made larger, and its
   probabilities nearer to 0 and 1, at a gain: without a penalty no weights are the best ones. */
static void explain_penalty(const gradus_frame *iris) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  if (gradus_multinomial_fit(&fit, formula, iris, NULL, &err) == GRADUS_ERROR_SEPARATION)
    printf("Without a penalty:\n  %s\nSo a small one is put on the weights: l2 = 0.01.\n\n",
           err.message);
  gradus_fit_free(fit);
}

static gradus_status by_newton(gradus_fit **fit, const gradus_frame *iris, gradus_error *err) {
  return gradus_multinomial_fit(fit, formula, iris,
                                &(gradus_fit_options){.solver = "newton", .l2 = 0.01}, err);
}

/* Ten flowers a step. The rate falls, so that the noise of the handfuls dies away. */
static gradus_status by_sgd(gradus_fit **fit, const gradus_frame *iris, gradus_error *err) {
  gradus_fit_options options = {.solver = "gradient-descent",
                                .l2 = 0.01,
                                .max_iterations = 4000,
                                .tolerance = 1e-3,
                                .seed = 1,
                                .descent = {.rule = GRADUS_RULE_MOMENTUM,
                                            .learning_rate = 0.1,
                                            .schedule = GRADUS_SCHEDULE_COSINE,
                                            .batch_size = 10}};
  return gradus_multinomial_fit(fit, formula, iris, &options, err);
}

static void print_weights(const gradus_fit *newton, const gradus_fit *sgd) {
  printf("%-14s", "");
  for (size_t r = 0; r < gradus_fit_responses(newton); r++)
    printf("%26s", gradus_fit_response_name(newton, r));
  printf("\n%-14s", "");
  for (size_t r = 0; r < gradus_fit_responses(newton); r++)
    printf("%14s%12s", "newton", "sgd");
  for (size_t j = 0; j < gradus_fit_coefficients(newton); j++) {
    printf("\n%-14s", gradus_fit_coefficient_name(newton, j));
    for (size_t r = 0; r < gradus_fit_responses(newton); r++)
      printf("%14.4f%12.4f", gradus_fit_coefficient(newton, r, j),
             gradus_fit_coefficient(sgd, r, j));
  }
  const gradus_solver_report *a = gradus_fit_solver(newton), *b = gradus_fit_solver(sgd);
  printf("\n\nnewton: %zu steps over all flowers, certificate %.1e\n"
         "sgd:    %zu epochs of 15 handfuls, certificate %.1e\n\n",
         a->iterations, a->certificate, b->iterations, b->certificate);
}

static void print_probabilities(const gradus_fit *fit, const gradus_prediction *p) {
  static const size_t flowers[] = {0, 50, 77, 100, 133};
  size_t classes = gradus_fit_classes(fit);
  printf("%-10s", "flower");
  for (size_t c = 0; c < classes; c++)
    printf("%12s", gradus_fit_class_name(fit, c));
  for (size_t i = 0; i < sizeof flowers / sizeof *flowers; i++) {
    printf("\n%-10zu", flowers[i] + 1);
    for (size_t c = 0; c < classes; c++)
      printf("%12.4f", p->fitted[flowers[i] * classes + c]);
  }
  printf("\n\n");
}

/* Rows: what a flower is; columns: what it is taken for. */
static gradus_status print_confusion(const gradus_fit *fit, const gradus_frame *iris,
                                     gradus_error *err) {
  gradus_prediction *p = NULL;
  gradus_multiclass *m = NULL;
  size_t species = 0, classes = gradus_fit_classes(fit);
  gradus_predict_options options = {.type = GRADUS_PREDICT_CLASS};
  gradus_status status = gradus_predict(&p, fit, iris, &options, err);
  if (status <= 0 && gradus_frame_find(iris, "Species", &species))
    status = gradus_multiclass_evaluate(&m, gradus_frame_codes(iris, species), p->class_index, NULL,
                                        p->rows, classes, 0.95, err);
  for (size_t truth = 0; m && truth < classes; truth++) {
    printf("%-10s", gradus_fit_class_name(fit, truth));
    for (size_t c = 0; c < classes; c++)
      printf("%12.0f", m->confusion[truth * classes + c]);
    printf("\n");
  }
  if (m)
    printf("right: %.3f (95 %% interval %.3f to %.3f), of the flowers it was fitted to\n\n",
           m->accuracy, m->accuracy_low, m->accuracy_high);
  gradus_multiclass_free(m);
  gradus_prediction_free(p);
  return status;
}

/* Whether both ways give the same probabilities. */
static bool meet(const gradus_prediction *a, const gradus_prediction *b) {
  double farthest = 0;
  for (size_t i = 0; i < a->rows * a->columns; i++)
    farthest = fmax(farthest, fabs(a->fitted[i] - b->fitted[i]));
  printf("Probabilities of the two ways differ by at most %.1e.\n", farthest);
  return farthest < 0.01;
}

int main(void) {
  gradus_frame *iris = NULL;
  gradus_fit *newton = NULL, *sgd = NULL;
  gradus_prediction *a = NULL, *b = NULL;
  gradus_error err = {0};
  bool same = false;
  gradus_status status = gradus_frame_read_csv(&iris, "@iris", NULL, &err);
  if (status <= 0) {
    explain_penalty(iris);
    status = by_newton(&newton, iris, &err);
  }
  if (status <= 0)
    status = by_sgd(&sgd, iris, &err);
  if (status <= 0)
    status = gradus_predict(&a, newton, iris, NULL, &err);
  if (status <= 0)
    status = gradus_predict(&b, sgd, iris, NULL, &err);
  if (status <= 0) {
    print_weights(newton, sgd);
    print_probabilities(newton, a);
    status = print_confusion(newton, iris, &err);
    same = meet(a, b);
  }
  if (status > 0)
    fprintf(stderr, "%s\n", err.message);
  gradus_prediction_free(a);
  gradus_prediction_free(b);
  gradus_fit_free(newton);
  gradus_fit_free(sgd);
  gradus_frame_free(iris);
  return same && status <= 0 ? 0 : 1;
}
