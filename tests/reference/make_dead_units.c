// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes tests/data/dead_units.safetensors: a network of mpg on wt and hp whose second hidden layer
   has 2 dead units of 5. Arguments: the file. */
#include <gradus/gradus.h>
#include <stdio.h>

int main(int argc, char **argv) {
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  static const size_t hidden[] = {4, 5};
  gradus_network_options options = {
      .fit = {.max_iterations = 20, .seed = 1}, .hidden = hidden, .hidden_count = 2};
  if (argc != 2 || gradus_frame_read_csv(&frame, "@mtcars", NULL, &err) > 0 ||
      gradus_network_fit(&fit, "mpg ~ wt + hp", frame, &options, &err) > 0)
    return fprintf(stderr, "%s\n", err.message), 1;
  gradus_params *params = (gradus_params *)gradus_fit_params(fit);
  double *bias =
      gradus_params_values(params) + gradus_params_find(params, "hidden2.bias")->offset;
  bias[1] = bias[3] = -100;
  gradus_status status = gradus_fit_save(fit, argv[1], &err);
  if (status > 0)
    fprintf(stderr, "%s\n", err.message);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
  return status > 0;
}
