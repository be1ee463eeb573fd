// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolution: the same few weights at every place of an image.
 *
 * A dense layer has a weight for every pixel and unit, and must learn a stroke anew wherever it may
 * stand. A filter of 3 × 3 weights and one bias goes over the whole image instead. With x = 0
 * beyond the border, the place (i, j) of its feature map is
 *
 *     a(i, j) = b + Σᵤᵥ W(u, v) x(i + u - 1, j + v - 1)      h(i, j) = max(0, a(i, j))
 *
 * Eight such filters, the largest of every 2 × 2 places, sixteen filters of 3 × 3 × 8 weights, the
 * largest again, and a dense layer read handwritten digits of 8 × 8 pixels. They are measured
 * against a dense network of as many parameters, on rows that neither has seen, several times over.
 *
 *     11_convolution [SEEDS]
 *
 * writes filters and feature maps as images: 11_filters.pgm and 11_maps.pgm. */
#include "picture.h"

#include <gradus/gradus.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, FILTERS = 8, KERNEL = 3, TEST = 540, MOST_SEEDS = 100 };

/* ---- a layer of our own, to look into the network ---- */

/* It stands behind the filters and lets their maps pass. It can show what passes, and it can take
   the same amount away from all places of a map. */
typedef struct window {
  double less[FILTERS];
  double *seen; /* PIXELS × FILTERS, the filters of a place side by side; NULL: do not look */
} window;

static size_t as_many(size_t inputs, void *data) {
  (void)data;
  return inputs;
}

static void pass_on(const gradus_layer_call *call) {
  const window *w = call->data;
  for (size_t i = 0; i < call->rows * call->inputs; i++)
    call->out[i] = call->in[i] - w->less[i % FILTERS];
  if (w->seen)
    memcpy(w->seen, call->out, call->inputs * sizeof *w->seen);
}

static void pass_back(const gradus_layer_call *call) {
  for (size_t i = 0; call->in_gradient && i < call->rows * call->inputs; i++)
    call->in_gradient[i] += call->out_gradient[i];
}

static const char convolutional[] =
    "{\"layers\": ["
    "{\"type\": \"conv2d\", \"filters\": 8, \"kernel\": 3, \"padding\": \"same\"},"
    "{\"type\": \"window\"}, {\"type\": \"reshape\", \"shape\": [8, 8, 8]},"
    "{\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": \"max_pool\", \"kernel\": 2},"
    "{\"type\": \"conv2d\", \"filters\": 16, \"kernel\": 3, \"padding\": \"same\"},"
    "{\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": \"max_pool\", \"kernel\": 2},"
    "{\"type\": \"dense\", \"name\": \"output\"}]}";

/* ---- the digits ---- */

typedef struct digits {
  gsl_matrix *x, *y; /* n × 64 from 0, paper, to 1, ink; n × 1 */
} digits;

/* In an order of the seed: the last rows are the test's. */
static bool read_digits(digits *d, unsigned long seed, gradus_error *err) {
  gradus_frame *frame = NULL;
  size_t digit;
  if (gradus_frame_read_csv(&frame, "@digits", NULL, err) > 0)
    return false;
  size_t n = gradus_frame_rows(frame);
  size_t *order = malloc(n * sizeof *order);
  gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
  d->x = gsl_matrix_alloc(n, PIXELS);
  d->y = gsl_matrix_alloc(n, 1);
  bool good = order && gradus_frame_find(frame, "digit", &digit);
  for (size_t i = 0; good && i < n; i++)
    order[i] = i;
  if (good) {
    gsl_rng_set(random, seed);
    gsl_ran_shuffle(random, order, n, sizeof *order);
  }
  for (size_t i = 0; good && i < n; i++) {
    for (size_t j = 0; j < PIXELS; j++)
      gsl_matrix_set(d->x, i, j, gradus_frame_numeric(frame, j)[order[i]] / 16);
    gsl_matrix_set(d->y, i, 0, gradus_frame_numeric(frame, digit)[order[i]]);
  }
  gsl_rng_free(random);
  free(order);
  gradus_frame_free(frame);
  return good;
}

static void free_digits(digits *d) {
  gsl_matrix_free(d->x);
  gsl_matrix_free(d->y);
}

/* ---- two networks ---- */

static gradus_status train(gradus_fit **fit, const digits *d, const gradus_custom *custom,
                           unsigned long seed, gradus_error *err) {
  static const size_t shape[] = {SIDE, SIDE, 1}, hidden[] = {25};
  size_t n = d->x->size1 - TEST;
  gsl_matrix_const_view x = gsl_matrix_const_submatrix(d->x, 0, 0, n, PIXELS);
  gsl_matrix_const_view y = gsl_matrix_const_submatrix(d->y, 0, 0, n, 1);
  gradus_network_options options = {
      .fit = {.family = "multinomial",
              .seed = seed,
              .max_iterations = 60,
              .descent = {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.003, .batch_size = 32}},
      .raw_inputs = true};
  if (custom) {
    options.architecture = convolutional;
    options.input_shape = shape;
    options.input_rank = 3;
    options.custom = custom;
  } else {
    options.hidden = hidden;
    options.hidden_count = 1;
  }
  return gradus_network_fit_matrix(fit, &x.matrix, &y.matrix, NULL, &options, err);
}

static gradus_status accuracy_of(double *accuracy, const gradus_fit *fit, const digits *d,
                                 gradus_error *err) {
  size_t first = d->x->size1 - TEST, right = 0;
  gsl_matrix_const_view x = gsl_matrix_const_submatrix(d->x, first, 0, TEST, PIXELS);
  gradus_prediction *p = NULL;
  gradus_predict_options options = {.type = GRADUS_PREDICT_CLASS};
  gradus_status status = gradus_predict_matrix(&p, fit, &x.matrix, &options, err);
  for (size_t i = 0; status <= 0 && i < TEST; i++)
    right += p->class_index[i] == (int)gsl_matrix_get(d->y, first + i, 0);
  *accuracy = (double)right / TEST;
  gradus_prediction_free(p);
  return status;
}

/* ---- what the filters see ---- */

static double weight_at(const gradus_params *params, size_t filter, size_t u, size_t v) {
  const gradus_block *block = gradus_params_find(params, "conv1.weight");
  return gradus_params_const_values(params)[block->offset + (filter * KERNEL + u) * KERNEL + v];
}

static double bias_of(const gradus_params *params, size_t filter) {
  return gradus_params_const_values(
      params)[gradus_params_find(params, "conv1.bias")->offset + filter];
}

/* The sum of the first comment, for one place. */
static double place(const gradus_params *params, size_t filter, const double *image, size_t i,
                    size_t j) {
  double sum = bias_of(params, filter);
  for (size_t u = 0; u < KERNEL; u++)
    for (size_t v = 0; v < KERNEL; v++) {
      size_t row = i + u, column = j + v; /* one more than the image's */
      if (row > 0 && row <= SIDE && column > 0 && column <= SIDE)
        sum += weight_at(params, filter, u, v) * image[(row - 1) * SIDE + column - 1];
    }
  return sum;
}

/* The maps that pass through the window when the network reads one image. */
static gradus_status look(double *maps, window *w, const gradus_fit *fit, const double *image,
                          gradus_error *err) {
  gsl_matrix_const_view row = gsl_matrix_const_view_array(image, 1, PIXELS);
  gradus_prediction *p = NULL;
  w->seen = maps;
  gradus_status status = gradus_predict_matrix(&p, fit, &row.matrix, NULL, err);
  w->seen = NULL;
  gradus_prediction_free(p);
  return status;
}

static void print_filters(const gradus_params *params) {
  double most = 0;
  for (size_t f = 0; f < FILTERS; f++)
    for (size_t k = 0; k < KERNEL * KERNEL; k++)
      most = fmax(most, fabs(weight_at(params, f, k / KERNEL, k % KERNEL)));
  printf("The eight filters; # + for ink, = - against it (up to %.2f), and their biases:\n\n",
         most);
  for (size_t u = 0; u < KERNEL; u++) {
    for (size_t f = 0; f < FILTERS; f++) {
      printf("|");
      for (size_t v = 0; v < KERNEL; v++) {
        double share = weight_at(params, f, u, v) / most;
        char sign = share > 0.5 ? '#' : share > 0.15 ? '+' : share < -0.5 ? '=' : '-';
        char shown = fabs(share) <= 0.15 ? ' ' : sign;
        printf("%c%c", shown, shown);
      }
      printf("| ");
    }
    printf("\n");
  }
  for (size_t f = 0; f < FILTERS; f++)
    printf("%7.2f  ", bias_of(params, f));
  printf("\n\n");
}

/* ---- one bias for all places ---- */

static void print_maps(const double *image, const double *with, const double *without,
                       size_t filter) {
  static const char shades[] = " .:-=+*#%@";
  double most = 0;
  for (size_t k = 0; k < PIXELS; k++)
    most = fmax(most, fmax(with[k * FILTERS + filter], without[k * FILTERS + filter]));
  printf("%-19s%-19s%s\n", "image", "h of this filter", "with its bias at 0");
  for (size_t i = 0; i < SIDE; i++) {
    for (size_t which = 0; which < 3; which++) {
      printf("|");
      for (size_t k = i * SIDE; k < (i + 1) * SIDE; k++) {
        double value =
            which ? (which == 1 ? with : without)[k * FILTERS + filter] / most : image[k];
        char shade = shades[(int)(9 * fmin(1, fmax(0, value)))];
        printf("%c%c", shade, shade);
      }
      printf("| ");
    }
    printf("\n");
  }
}

/* Without its bias a map stands lower or higher by the same amount at all 64 places; what the
   network makes of that shows in the test rows. */
static bool without_biases(window *w, const gradus_fit *fit, const digits *d, double accuracy,
                           gradus_error *err) {
  const gradus_params *params = gradus_fit_params(fit);
  const double *image = gsl_matrix_const_ptr(d->x, d->x->size1 - 1, 0);
  double with[PIXELS * FILTERS], without[PIXELS * FILTERS], off = 0, changed[FILTERS];
  size_t largest = 0;
  if (look(with, w, fit, image, err) > 0)
    return false;
  for (size_t k = 0; k < PIXELS * FILTERS; k++)
    off = fmax(off, fabs(with[k] - place(params, k % FILTERS, image, k / FILTERS / SIDE,
                                         k / FILTERS % SIDE)));
  for (size_t f = 0; f < FILTERS; f++) {
    largest = fabs(bias_of(params, f)) > fabs(bias_of(params, largest)) ? f : largest;
    w->less[f] = bias_of(params, f);
    gradus_status status = accuracy_of(&changed[f], fit, d, err);
    w->less[f] = 0;
    if (status > 0)
      return false;
  }
  w->less[largest] = bias_of(params, largest);
  gradus_status status = look(without, w, fit, image, err);
  w->less[largest] = 0;
  if (status > 0)
    return false;
  double spread = 0;
  for (size_t k = largest; k < PIXELS * FILTERS; k += FILTERS)
    spread = fmax(spread, fabs(with[k] - without[k] - bias_of(params, largest)));
  printf("One bias per filter: that of filter %zu is %.3f, at each of the 64 places.\n\n",
         largest + 1, bias_of(params, largest));
  print_maps(image, with, without, largest);
  printf("\nBefore max(0, a) the two differ by the bias everywhere, to %.0e; the sum by hand is "
         "%.0e from the\nlibrary's. Test accuracy %.4f; with the bias of one filter at 0:\n",
         spread, off, accuracy);
  for (size_t f = 0; f < FILTERS; f++)
    printf("%7.4f", changed[f]);
  printf("\n\n");
  return off < 1e-12 && spread < 1e-12;
}

/* ---- images ---- */

enum {
  ZOOM = 8,
  LARGE = 20,
  TILE = SIDE * ZOOM + 4,
  WIDE = (FILTERS + 1) * TILE + 4,
  HIGH = 10 * TILE + 4
};
_Static_assert(HIGH *WIDE <= PICTURE_MOST, "the maps of ten digits fit into a picture");

/* A weight of 0 is grey; white asks for ink, black for paper. */
static bool write_filters(picture *p, const gradus_params *params) {
  double values[FILTERS][KERNEL * KERNEL], most = 0;
  picture_clear(p, FILTERS * (KERNEL * LARGE + 4) + 4, KERNEL * LARGE + 8, LARGE);
  for (size_t f = 0; f < FILTERS; f++)
    for (size_t k = 0; k < KERNEL * KERNEL; k++) {
      values[f][k] = weight_at(params, f, k / KERNEL, k % KERNEL);
      most = fmax(most, fabs(values[f][k]));
    }
  for (size_t f = 0; f < FILTERS; f++) {
    for (size_t k = 0; k < KERNEL * KERNEL; k++)
      values[f][k] = 0.5 + values[f][k] / (2 * most);
    picture_draw(p, 0, f, values[f], KERNEL, 1);
  }
  return picture_write("11_filters.pgm", p);
}

/* One line for each of the digits 0 to 9: a test image and what the filters make of it. */
static bool write_maps(picture *p, window *w, const gradus_fit *fit, const digits *d,
                       gradus_error *err) {
  static double maps[10][PIXELS * FILTERS];
  const double *images[10] = {NULL};
  double most = 0;
  for (size_t i = d->x->size1 - TEST; i < d->x->size1; i++)
    images[(size_t)gsl_matrix_get(d->y, i, 0)] = gsl_matrix_const_ptr(d->x, i, 0);
  for (size_t digit = 0; digit < 10; digit++) {
    if (!images[digit] || look(maps[digit], w, fit, images[digit], err) > 0)
      return false;
    for (size_t k = 0; k < PIXELS * FILTERS; k++)
      most = fmax(most, maps[digit][k]);
  }
  picture_clear(p, WIDE, HIGH, ZOOM);
  for (size_t digit = 0; digit < 10; digit++) {
    picture_draw(p, digit, 0, images[digit], SIDE, 1);
    for (size_t k = 0; k < PIXELS * FILTERS; k++)
      maps[digit][k] /= most;
    for (size_t f = 0; f < FILTERS; f++)
      picture_draw(p, digit, f + 1, maps[digit] + f, SIDE, FILTERS);
  }
  return picture_write("11_maps.pgm", p);
}

/* ---- the whole ---- */

static bool show(window *w, const gradus_fit *fit, const digits *d, double accuracy,
                 gradus_error *err) {
  static picture p;
  const gradus_params *params = gradus_fit_params(fit);
  print_filters(params);
  if (!without_biases(w, fit, d, accuracy, err))
    return false;
  if (!write_filters(&p, params) || !write_maps(&p, w, fit, d, err)) {
    fprintf(stderr, "11_filters.pgm or 11_maps.pgm cannot be written\n");
    return false;
  }
  printf("The filters are in 11_filters.pgm; images and their feature maps in 11_maps.pgm.\n\n");
  return true;
}

typedef struct scores {
  double convolution[MOST_SEEDS], dense[MOST_SEEDS];
} scores;

/* Both networks on one division of the rows. */
static bool compare(scores *s, size_t index, window *w, gradus_error *err) {
  const gradus_layer_type type = {
      .name = "window", .outputs = as_many, .forward = pass_on, .backward = pass_back, .data = w};
  const gradus_custom custom = {.layers = &type, .layer_count = 1};
  digits d = {0};
  gradus_fit *convolution = NULL, *dense = NULL;
  unsigned long seed = index + 1;
  bool good = read_digits(&d, seed, err) && train(&convolution, &d, &custom, seed, err) <= 0 &&
              train(&dense, &d, NULL, seed, err) <= 0 &&
              accuracy_of(&s->convolution[index], convolution, &d, err) <= 0 &&
              accuracy_of(&s->dense[index], dense, &d, err) <= 0;
  if (good && index == 0) {
    good = show(w, convolution, &d, s->convolution[0], err);
    printf("%-34s%12s%8s\n%-34s%12zu%8zu\n", "", "convolution", "dense", "parameters",
           gradus_params_size(gradus_fit_params(convolution)),
           gradus_params_size(gradus_fit_params(dense)));
  }
  if (good)
    printf("test accuracy, seed %-14lu%12.4f%8.4f\n", seed, s->convolution[index], s->dense[index]);
  gradus_fit_free(convolution);
  gradus_fit_free(dense);
  free_digits(&d);
  return good;
}

static double mean(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += x[i];
  return sum / (double)n;
}

static double deviation(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (x[i] - mean(x, n)) * (x[i] - mean(x, n));
  return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

int main(int count, char **arguments) {
  size_t seeds = count > 1 ? strtoul(arguments[1], NULL, 10) : 3;
  static scores s;
  window w = {0};
  gradus_error err = {0};
  bool good = seeds > 0 && seeds <= MOST_SEEDS;
  for (size_t i = 0; good && i < seeds; i++)
    good = compare(&s, i, &w, &err);
  if (!good) {
    fprintf(stderr, "%s\n", err.code > 0 ? err.message : "11_convolution [SEEDS, at most 100]");
    return 1;
  }
  double convolution = mean(s.convolution, seeds), dense = mean(s.dense, seeds);
  printf("%-34s%12.4f%8.4f\n%-34s%12.4f%8.4f\n", "mean", convolution, dense, "standard deviation",
         deviation(s.convolution, seeds), deviation(s.dense, seeds));
  printf("\nOf the digits that the dense network misread, %.0f %% are still misread.\n",
         100 * (1 - convolution) / (1 - dense));
  return convolution > dense ? 0 : 1;
}
