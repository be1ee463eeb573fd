// SPDX-License-Identifier: GPL-3.0-or-later
/* Model files: every number comes back to the bit, and nothing in a hostile file does harm. */
#include "../lib/report/model_file.h"
#include "support/made_fits.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static bool same_bits(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_texts(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_reports(const gradus_fit *a, const gradus_fit *b) {
  bool same = true;
  for (int format = GRADUS_FORMAT_TEXT; format <= GRADUS_FORMAT_CSV; format++) {
    gradus_report_options options = {.format = (gradus_format)format};
    char *one = NULL, *two = NULL;
    gradus_fit_report(&one, a, &options, NULL);
    gradus_fit_report(&two, b, &options, NULL);
    same = same && one && same_texts(one, two);
    gradus_free(one);
    gradus_free(two);
  }
  return same;
}

/* What a generalised linear model keeps of its likelihood. */
static bool same_likelihoods(const gradus_fit *a, const gradus_fit *b) {
  bool same = !a->limit == !b->limit && !a->profile == !b->profile && a->firth == b->firth &&
              a->interval_method == b->interval_method &&
              same_bits(a->profile_level, b->profile_level) &&
              same_bits(a->half_log_determinant, b->half_log_determinant);
  size_t row = a->q * sizeof(double);
  if (same && a->profile)
    same = memcmp(a->profile, b->profile, 4 * row) == 0;
  if (same && a->limit)
    same = a->limit->width == b->limit->width && a->limit->dimensions == b->limit->dimensions &&
           memcmp(a->limit->rows, b->limit->rows, (3 + a->limit->dimensions) * a->k * row) == 0;
  return same;
}

/* Everything that a fit holds, to the bit. */
static bool same_fits(const gradus_fit *a, const gradus_fit *b) {
  size_t size = gradus_params_size(a->params), square = a->q * a->q * sizeof(double);
  size_t joint = a->joint * a->joint * square;
  bool same =
      a->p == b->p && a->k == b->k && a->q == b->q && a->rank == b->rank && a->rows == b->rows &&
      a->dropped_rows == b->dropped_rows && a->weight_kind == b->weight_kind &&
      a->robust_type == b->robust_type && same_bits(a->nobs, b->nobs) &&
      same_bits(a->df_residual, b->df_residual) && same_bits(a->effective_df, b->effective_df) &&
      same_bits(a->l2, b->l2) && same_bits(a->sum_log_weight, b->sum_log_weight) &&
      same_texts(a->model, b->model) && same_texts(a->family, b->family) &&
      same_bits(a->theta, b->theta) && same_bits(a->theta_std_error, b->theta_std_error) &&
      same_texts(a->link, b->link) && same_texts(a->modelled_level, b->modelled_level) &&
      a->dispersion_known == b->dispersion_known && a->has_likelihood == b->has_likelihood &&
      same_bits(a->dispersion, b->dispersion) && same_bits(a->deviance, b->deviance) &&
      same_bits(a->null_deviance, b->null_deviance) && same_bits(a->df_null, b->df_null) &&
      same_bits(a->log_lik, b->log_lik) && same_bits(a->null_log_lik, b->null_log_lik) &&
      same_bits(a->likelihood_df, b->likelihood_df) && size == gradus_params_size(b->params) &&
      !a->root == !b->root && !a->robust_root == !b->robust_root && same_likelihoods(a, b);
  same = same &&
         memcmp(gradus_params_const_values(a->params), gradus_params_const_values(b->params),
                size * sizeof(double)) == 0 &&
         a->joint == b->joint && (!a->root || memcmp(a->root, b->root, joint) == 0) &&
         (!a->robust_root || memcmp(a->robust_root, b->robust_root, a->k * square) == 0) &&
         !a->column_means == !b->column_means &&
         (!a->column_means || memcmp(a->column_means, b->column_means, a->p * sizeof(double)) == 0);
  for (size_t j = 0; same && j < a->q; j++)
    same = a->dropped[j] == b->dropped[j] && same_texts(a->alias[j], b->alias[j]) &&
           (!a->root || same_bits(a->column_scale[j], b->column_scale[j]));
  return same && same_reports(a, b);
}

/* ---- a file in memory ---- */

typedef struct bytes {
  unsigned char *data;
  size_t length;
} bytes;

static bytes read_bytes(void) {
  bytes file = {0};
  FILE *stream = fopen(path, "rb");
  if (!stream)
    return file;
  fseek(stream, 0, SEEK_END);
  file.length = (size_t)ftell(stream);
  rewind(stream);
  file.data = malloc(file.length + 1);
  if (fread(file.data, 1, file.length, stream) != file.length)
    file.length = 0;
  fclose(stream);
  return file;
}

static void write_bytes(const void *data, size_t length) {
  FILE *stream = fopen(path, "wb");
  fwrite(data, 1, length, stream);
  fclose(stream);
}

static bytes saved(const gradus_fit *fit) {
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  return read_bytes();
}

/* And with the means of its columns. */
static gradus_fit *with_robust(gradus_fit *fit) {
  fit->column_means = gradus_i_allocate(fit->p, sizeof(double));
  for (size_t j = 0; j < fit->p; j++)
    fit->column_means[j] = 0.1 * (double)(j + 1);
  size_t count = fit->k * fit->q * fit->q;
  fit->robust_root = gradus_i_allocate(count, sizeof(double));
  for (size_t i = 0; i < count; i++)
    fit->robust_root[i] = 1.0 / (double)(i + 3);
  fit->robust_type = GRADUS_ROBUST_HC3;
  return fit;
}

/* By gradus_glm_fit if the options name a family. */
static gradus_fit *fitted(const char *formula, const char *data,
                          const gradus_fit_options *options) {
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, data, NULL, &err), GRADUS_OK, &err);
  bool is_glm = options && options->family;
  gradus_status status = is_glm ? gradus_glm_fit(&fit, formula, frame, options, &err)
                                : gradus_linear_fit(&fit, formula, frame, options, &err);
  CU_ASSERT_TRUE_FATAL(status <= 0);
  gradus_frame_free(frame);
  return fit;
}

static gradus_fit *with_profile(gradus_fit *fit, const char *data, double level) {
  gradus_frame *frame = NULL;
  gradus_source *source = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, data, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, gradus_fit_design(fit), frame, NULL, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_set_intervals(fit, source, GRADUS_INTERVALS_LR, level, &err), GRADUS_OK,
               &err);
  gradus_source_free(source);
  gradus_frame_free(frame);
  return fit;
}

static gradus_fit *fitted_separated(void) {
  static const gradus_fit_options options = {.family = "binomial",
                                             .separation = GRADUS_SEPARATION_LIMIT};
  const char *data = test_data("separated/level.csv");
  return with_profile(fitted("y ~ f + x", data, &options), data, 0);
}

static gradus_fit *fitted_classes(const char *formula, const char *data, bool firth) {
  gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT, .firth = firth};
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, data, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE(gradus_multinomial_fit(&fit, formula, frame, &options, &err) <= 0);
  gradus_frame_free(frame);
  return fit;
}

static gradus_fit *fitted_wool(void) {
  return fitted("wool ~ breaks", "@warpbreaks",
                &(gradus_fit_options){.family = "binomial", .link = "probit"});
}

/* ---- round trips ---- */

static void check_round_trip(gradus_fit *fit) {
  gradus_error err = {0};
  gradus_fit *loaded = NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE(loaded && same_fits(fit, loaded));
  gradus_fit_free(loaded);
  gradus_fit_free(fit);
}

static void made_fits_come_back(void) {
  check_round_trip(made_mtcars());
  check_round_trip(made_longley());
  check_round_trip(made_dropped());
  check_round_trip(made_two());
  check_round_trip(made_penalised());
  check_round_trip(with_robust(made_two()));
}

static void numbers_that_json_lacks_come_back(void) {
  gradus_fit *fit = made_mtcars();
  fit->responses[0].rss = INFINITY;
  fit->responses[0].residual_quantile[0] = -INFINITY;
  fit->solver.condition = NAN;
  fit->sum_log_weight = 5e-324;
  fit->effective_df = -0.0;
  fit->root[1] = NAN;
  check_round_trip(fit);
}

static void names_that_are_no_utf8_come_back(void) {
  gradus_fit *fit = made_two();
  gradus_i_release(fit->names[1]);
  fit->names[1] = gradus_i_string_copy("caf\xe9 \"\n\x01");
  check_round_trip(fit);
}

static void fitted_models_come_back(void) {
  static const char *const solvers[] = {"auto", "cholesky", "qr", "svd"};
  for (size_t i = 0; i < 4; i++)
    check_round_trip(
        fitted("mpg ~ wt + factor(cyl)", "@mtcars", &(gradus_fit_options){.solver = solvers[i]}));
  check_round_trip(fitted("mpg ~ poly(wt, 3) + scale(hp) + I(qsec^2)", "@mtcars", NULL));
  check_round_trip(fitted("cbind(mpg, disp) ~ wt*hp - 1", "@mtcars", NULL));
  check_round_trip(fitted("breaks ~ wool*tension", "@warpbreaks", NULL));
  check_round_trip(fitted("Ozone ~ . + offset(log(Temp))", "@airquality", NULL));
  check_round_trip(fitted("mpg ~ 1", "@mtcars", NULL));
  check_round_trip(fitted("mpg ~ wt + I(2*wt)", "@mtcars", NULL));
  check_round_trip(fitted("mpg ~ wt", "@mtcars", &(gradus_fit_options){.l2 = 0.5}));
  check_round_trip(
      fitted("mpg ~ wt", "@mtcars",
             &(gradus_fit_options){.weights = "qsec", .weight_kind = GRADUS_WEIGHT_ANALYTIC}));
}

static void generalised_linear_models_come_back(void) {
  static const struct {
    const char *formula, *data;
    gradus_fit_options options;
  } cases[] = {
      {"low ~ age + lwt + race", "@birthwt", {.family = "binomial"}},
      {"low ~ age - 1", "@birthwt", {.family = "quasibinomial", .link = "cauchit"}},
      {"cbind(ncases, ncontrols) ~ agegp", "@esoph", {.family = "binomial"}},
      {"breaks ~ wool*tension", "@warpbreaks", {.family = "quasipoisson"}},
      {"breaks ~ wool + offset(log(breaks))", "@warpbreaks", {.family = "poisson"}},
      {"breaks ~ wool", "@warpbreaks", {.family = "poisson", .max_iterations = 1}},
      {"Volume ~ poly(Girth, 2)", "@trees", {.family = "gamma", .link = "log"}},
      {"Volume ~ Girth", "@trees", {.family = "inverse_gaussian"}},
      {"Days ~ Sex*Age", "@quine", {.family = "negative_binomial"}},
      {"Days ~ Sex", "@quine", {.family = "negative_binomial", .link = "sqrt", .theta = 1.5}},
      {"Ozone ~ Wind + I(2 * Wind)", "@airquality", {.family = "gaussian"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_round_trip(fitted(cases[i].formula, cases[i].data, &cases[i].options));
  check_round_trip(fitted_wool());
  check_round_trip(fitted_separated());
  check_round_trip(fitted_classes("race ~ age + I(2 * age)", "@birthwt", true));
  check_round_trip(fitted_classes("Species ~ Petal.Length", "@iris", false));
  check_round_trip(
      fitted_classes("y ~ u + v + w - 1", test_data("separated_classes/four.csv"), false));
  check_round_trip(with_profile(fitted("wool ~ breaks", "@warpbreaks",
                                       &(gradus_fit_options){.family = "binomial", .firth = true}),
                                "@warpbreaks", 0.9));
}

static void check_same_predictions(gradus_fit *fit, const char *data,
                                   const gradus_predict_options *options) {
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_fit *loaded = NULL;
  gradus_prediction *one = NULL, *two = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, data, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&one, fit, frame, options, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&two, loaded, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(one->rows, two->rows);
  for (size_t i = 0; i < one->rows; i++)
    CU_ASSERT_TRUE(same_bits(one->fitted[i], two->fitted[i]) &&
                   same_bits(one->std_error[i], two->std_error[i]) &&
                   same_bits(one->low[i], two->low[i]) && same_bits(one->high[i], two->high[i]));
  gradus_prediction_free(one);
  gradus_prediction_free(two);
  gradus_fit_free(fit);
  gradus_fit_free(loaded);
  gradus_frame_free(frame);
}

static void predictions_of_a_loaded_fit_are_the_same(void) {
  check_same_predictions(
      fitted("Ozone ~ poly(Temp, 2)*factor(Month) + scale(Wind)", "@airquality", NULL),
      "@airquality",
      &(gradus_predict_options){.interval = GRADUS_INTERVAL_PREDICTION, .std_error = true});
  check_same_predictions(
      fitted_wool(), "@warpbreaks",
      &(gradus_predict_options){.interval = GRADUS_INTERVAL_CONFIDENCE, .std_error = true});
  check_same_predictions(
      fitted_classes("Species ~ Petal.Length", "@iris", false), "@iris",
      &(gradus_predict_options){.interval = GRADUS_INTERVAL_CONFIDENCE, .std_error = true});
}

/* The words of solver reports are looked up in a table that must know them all. */
static void solver_words_are_known(void) {
  static const struct {
    const char *formula, *data;
    gradus_fit_options options;
  } ways[] = {
      {"mpg ~ wt", "@mtcars", {.solver = "auto"}},
      {"mpg ~ wt", "@mtcars", {.solver = "qr"}},
      {"mpg ~ wt", "@mtcars", {.solver = "cholesky"}},
      {"mpg ~ wt", "@mtcars", {.solver = "svd"}},
      {"am ~ wt", "@mtcars", {.family = "binomial"}},
      {"am ~ wt", "@mtcars", {.family = "binomial", .max_iterations = 1}},
      {"mpg ~ wt", "@mtcars", {.family = "gaussian"}},
      {"am ~ wt", "@mtcars", {.family = "binomial", .firth = true}},
      {"low ~ bwt", "@birthwt", {.family = "binomial", .separation = GRADUS_SEPARATION_LIMIT}},
      {"y ~ poly(x, 10, raw)", "@Filip", {.solver = "auto"}}}; /* double-double */
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    gradus_fit *fit = fitted(ways[i].formula, ways[i].data, &ways[i].options);
    const gradus_solver_report *solver = gradus_fit_solver(fit);
    CU_ASSERT_STRING_EQUAL(gradus_i_solver_text(solver->name), solver->name);
    CU_ASSERT_STRING_EQUAL(gradus_i_solver_text(solver->method), solver->method);
    CU_ASSERT_STRING_EQUAL(gradus_i_solver_text(solver->stop), solver->stop);
    gradus_fit_free(fit);
  }
}

/* ---- hostile files ---- */

/* Loads what stands in the file: either a refusal with a sentence, or a fit equal to `fit`. */
static bool refused_or_equal(const gradus_fit *fit) {
  gradus_error err = {0};
  gradus_fit *loaded = NULL;
  gradus_status status = gradus_fit_load(&loaded, path, &err);
  bool good = status > 0 ? status == GRADUS_ERROR_MODEL_FILE && !loaded && strlen(err.message) > 20
                         : same_fits(fit, loaded);
  gradus_fit_free(loaded);
  return good;
}

static void check_flips(gradus_fit *fit) {
  static const unsigned char masks[] = {0x01, 0x02, 0x20, 0x80, 0xff};
  bytes file = saved(fit);
  size_t bad = 0;
  for (size_t i = 0; i < file.length; i++)
    for (size_t m = 0; m < sizeof masks; m++) {
      file.data[i] ^= masks[m];
      write_bytes(file.data, file.length);
      bad += !refused_or_equal(fit);
      file.data[i] ^= masks[m];
    }
  CU_ASSERT_EQUAL(bad, 0);
  free(file.data);
  gradus_fit_free(fit);
}

static void every_flipped_byte_is_refused_or_harmless(void) {
  check_flips(made_dropped());
  check_flips(made_penalised());
  check_flips(fitted("mpg ~ factor(cyl) + poly(wt, 2)", "@mtcars", NULL));
  check_flips(fitted_wool());
  check_flips(fitted_separated());
}

static void every_truncation_is_refused(void) {
  gradus_fit *fit = fitted("mpg ~ factor(cyl) + poly(wt, 2)", "@mtcars", NULL);
  bytes file = saved(fit);
  size_t bad = 0;
  for (size_t length = 0; length < file.length; length++) {
    gradus_fit *loaded = fit;
    write_bytes(file.data, length);
    bad += gradus_fit_load(&loaded, path, NULL) != GRADUS_ERROR_MODEL_FILE || loaded;
  }
  CU_ASSERT_EQUAL(bad, 0);
  file.data[file.length] = 'x';
  write_bytes(file.data, file.length + 1);
  gradus_fit *loaded = fit;
  CHECK_STATUS(gradus_fit_load(&loaded, path, NULL), GRADUS_ERROR_MODEL_FILE, NULL);
  free(file.data);
  gradus_fit_free(fit);
}

/* Writes a file with this header and `data` zero bytes behind it, and loads it. */
static void check_header(const char *header, size_t data, const char *expected) {
  size_t length = strlen(header);
  unsigned char *file = calloc(length + data + 8, 1);
  gradus_error err = {0};
  gradus_fit *loaded = NULL;
  for (int i = 0; i < 8; i++)
    file[i] = (unsigned char)((uint64_t)length >> 8 * i);
  memcpy(file + 8, header, length);
  write_bytes(file, length + data + 8);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_ERROR_MODEL_FILE, &err);
  CHECK_CONTAINS(err.message, expected);
  CU_ASSERT_PTR_NULL(loaded);
  free(file);
}

#define META "\"__metadata__\":{\"gradus\":\"{}\"}"
#define TENSOR(name, dtype, shape, offsets)                                                        \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void hostile_headers_are_refused_with_the_reason(void) {
  check_header("{}", 0, "no model of gradus");
  check_header("{" META, 0, "its header");
  check_header("{" META "," TENSOR("a", "F64", "[1]", "[0,8]") "}", 0, "truncated");
  check_header("{" META "," TENSOR("a", "F32", "[2]", "[0,8]") "}", 8, "F64");
  check_header("{" META "," TENSOR("a", "F64", "[2]", "[0,8]") "}", 8, "does not match");
  check_header("{" META "," TENSOR("a", "F64", "[1]", "[8,0]") "}", 8, "no two places");
  check_header("{" META "," TENSOR("a", "F64", "[-1]", "[0,8]") "}", 8, "impossible");
  check_header("{" META "," TENSOR("a", "F64", "[4294967296,4294967296]", "[0,0]") "}", 8,
               "impossible");
  check_header("{" META "," TENSOR("a", "F64", "[2305843009213693952]", "[0,0]") "}", 0,
               "impossible");
  check_header("{" META "," TENSOR("a", "F64", "[1,1,1,1,1]", "[0,8]") "}", 8, "at most 4");
  check_header("{" META
               "," TENSOR("a", "F64", "[1]", "[0,8]") "," TENSOR("b", "F64", "[1]", "[0,8]") "}",
               8, "overlap");
  check_header("{" META "," TENSOR("a", "F64", "[1]", "[8,16]") "}", 16, "gaps");
  check_header("{" META "," TENSOR("a", "F64", "[1]", "[0,8]") "}", 16, "left over");
  check_header("{" META "," META "}", 0, "its header");
  check_header("{" META "," TENSOR("a", "F64", "[1]", "[0,8]") "}", 8, "checksum");
  check_header("{\"__metadata__\":3}", 0, "no model of gradus");
}

static void absurd_lengths_and_nesting_are_refused(void) {
  static const unsigned char claims[][8] = {{255, 255, 255, 255, 255, 255, 255, 255},
                                            {0, 0, 0, 0, 0, 0, 0, 128},
                                            {0, 0, 0, 1, 0, 0, 0, 0},
                                            {255, 224, 245, 5, 0, 0, 0, 0},
                                            {0}};
  for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
    gradus_fit *loaded = NULL;
    gradus_error err = {0};
    unsigned char file[16] = {0};
    memcpy(file, claims[i], 8);
    file[8] = '{';
    write_bytes(file, sizeof file);
    CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_ERROR_MODEL_FILE, &err);
  }
  char *deep = malloc(200001);
  memset(deep, '[', 200000);
  deep[0] = '{';
  deep[200000] = '\0';
  check_header(deep, 0, "nests");
  free(deep);
}

/* Writes the metadata of `fit`, which it frees, with one piece replaced and a right checksum: only
   what it says is wrong. */
static void check_metadata_of(gradus_fit *fit, const char *from, const char *to,
                              const char *expected) {
  gradus_fit *loaded = NULL;
  bytes file = saved(fit);
  gradus_i_container container;
  gradus_error err = {0};
  gradus_i_text text = {0}, changed = {0};
  CHECK_STATUS(gradus_i_safetensors_read(&container, path, file.data, file.length, &err), GRADUS_OK,
               &err);
  const char *place = strstr(container.metadata, from);
  CU_ASSERT_PTR_NOT_NULL_FATAL(place);
  gradus_i_text_append(&text, container.metadata, (size_t)(place - container.metadata));
  gradus_i_text_string(&text, to);
  gradus_i_text_string(&text, place + strlen(from));
  double values[64];
  for (size_t i = 0, at = 0; i < container.count; i++) {
    container.tensors[i].values = values + at;
    for (size_t j = 0; j < container.tensors[i].size; j++)
      values[at++] = gradus_i_tensor_value(&container.tensors[i], j);
  }
  CHECK_STATUS(
      gradus_i_safetensors_write(&changed, container.tensors, container.count, text.data, &err),
      GRADUS_OK, &err);
  write_bytes(changed.data, changed.length);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_ERROR_MODEL_FILE, &err);
  CHECK_CONTAINS(err.message, expected);
  CU_ASSERT_PTR_NULL(loaded);
  gradus_i_text_clear(&text);
  gradus_i_text_clear(&changed);
  gradus_i_container_clear(&container);
  free(file.data);
  gradus_fit_free(fit);
}

static void check_metadata(const char *from, const char *to, const char *expected) {
  check_metadata_of(made_dropped(), from, to, expected);
}

static void wrong_families_and_links_are_refused(void) {
  static const char *const cases[][3] = {
      {"\"family\":\"binomial\"", "\"family\":\"trinomial\"", "unknown \"family\""},
      {"\"family\":\"binomial\"", "\"family\":null", "unknown \"family\""},
      {"\"family\":\"binomial\"", "\"family\":3", "unknown \"family\""},
      {"\"family\":", "\"relatives\":", "\"family\""},
      {"\"link\":\"probit\"", "\"link\":\"sqrt\"", "unknown \"link\""},
      {"\"link\":\"probit\"", "\"link\":\"chain\"", "unknown \"link\""},
      {"\"link\":", "\"knot\":", "unknown \"link\""},
      {"\"family\":\"binomial\"", "\"family\":\"poisson\"", "unknown \"link\""},
      {"\"model\":\"glm\"", "\"model\":\"linear\"", "\"family\""},
      {"\"dispersion\":1.0", "\"dispersion\":\"some\"", "dispersion"},
      {"\"log_lik\":", "\"lok_lig\":", "log_lik"},
      {"\"modelled_level\":\"B\"", "\"modelled_level\":[]", "modelled_level"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_metadata_of(fitted_wool(), cases[i][0], cases[i][1], cases[i][2]);
  check_metadata("\"model\":\"linear\"", "\"model\":\"glm\"", "\"family\"");
}

static void wrong_metadata_is_refused_with_the_reason(void) {
  check_metadata("\"format\":1", "\"format\":2", "use a newer gradus");
  check_metadata("\"format\":1", "\"format\":0", "format");
  check_metadata("\"model\":\"linear\"", "\"model\":\"cubic\"", "unknown \"model\"");
  check_metadata("\"columns\":3", "\"columns\":4", "output.weight");
  check_metadata("\"columns\":3", "\"columns\":9223372036854775807", "columns");
  check_metadata("\"columns\":3", "\"columns\":-3", "columns");
  check_metadata("\"columns\":3", "\"columns\":3.0", "columns");
  check_metadata("\"intercept\":false", "\"intercept\":true", "gradus.covariance_root");
  check_metadata("\"responses\":[", "\"responses\":[{},", "output.weight");
  check_metadata("\"rank\":2", "\"rank\":4", "rank");
  check_metadata("\"coefficient\":1", "\"coefficient\":3", "coefficient");
  check_metadata("\"weights\":\"analytic\"", "\"weights\":\"heavy\"", "weights");
  check_metadata("\"robust\":\"none\"", "\"robust\":\"HC1\"", "gradus.robust_root");
  check_metadata("\"l2\":", "\"l3\":", "l2");
  check_metadata("\"nobs\":32.0", "\"nobs\":\"many\"", "nobs");
  check_metadata("\"code\":\"WARNING_RANK", "\"code\":\"WARNING_WRONG", "code");
  check_metadata("\"names\":[", "\"names\":[\"a\",", "names");
  check_metadata("\"names\":[\"wt\"", "\"names\":[{\"bytes\":\"00\"}", "names");
  check_metadata("\"names\":[\"wt\"", "\"names\":[{\"bytes\":\"6\"}", "names");
  check_metadata("\"names\":", "\"design\":{\"formula\":\"y ~\",\"variables\":[]},\"names\":", "");
  check_metadata(
      "\"names\":", "\"design\":{\"formula\":\"y ~ x\",\"variables\":[]},\"names\":", "");
  check_metadata("\"format\":1", "\"format\":1,\"format\":1", "description");
}

/* One hidden unit, with standard errors and an effect. */
static gradus_fit *made_network(void) {
  static const size_t hidden[] = {1};
  gradus_network_options options = {
      .fit = {.solver = "lbfgs"}, .hidden = hidden, .hidden_count = 1, .activation = "tanh"};
  gradus_frame *cars = NULL;
  gradus_fit *fit = NULL;
  gradus_source *rows = NULL;
  gradus_frame_read_csv(&cars, "@mtcars", NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(cars);
  gradus_network_fit(&fit, "mpg ~ wt", cars, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_source_from_frame(&rows, gradus_fit_design(fit), cars, NULL, NULL);
  CHECK_STATUS(gradus_fit_set_errors(fit, rows, 1, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_set_effects(fit, rows, 1, NULL), GRADUS_OK, NULL);
  gradus_source_free(rows);
  gradus_frame_free(cars);
  return fit;
}

static void wrong_errors_of_networks_are_refused(void) {
  static const char *const cases[][3] = {
      {"\"parameters\":4", "\"parameters\":5", "an impossible number in \"errors\""},
      {"\"parameters\":4", "\"parameters\":3", "an impossible number in \"errors\""},
      {"\"first\":0", "\"first\":1", "an impossible number in \"errors\""},
      {"\"rank\":4,\"held\"", "\"rank\":5,\"held\"", "an impossible number in \"errors\""},
      {"\"rank\":4,\"held\"", "\"rank\":3,\"held\"", "gradus.network_root"},
      {"\"rank\":4,\"held\"", "\"ronk\":4,\"held\"", "rank"},
      {"\"output_only\":false", "\"output_only\":2", "output_only"},
      {"\"effects\":1", "\"effects\":2", "an impossible number of \"effects\""},
      {"\"effects\":1", "\"effects\":-1", "effects"},
      {"\"test\":0.0,\"seed\"", "\"test\":1.0,\"seed\"", "impossible \"shares\""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_metadata_of(made_network(), cases[i][0], cases[i][1], cases[i][2]);
}

/* Two embedded factors before one hidden unit. */
static gradus_fit *made_embedded(void) {
  static const size_t hidden[] = {1};
  static const gradus_embedding embeddings[] = {{.name = "wool"}, {.name = "tension", .units = 1}};
  gradus_network_options options = {.fit = {.solver = "lbfgs", .max_iterations = 3},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .embeddings = embeddings,
                                    .embedding_count = 2};
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  gradus_frame_read_csv(&frame, "@warpbreaks", NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  gradus_network_fit(&fit, "breaks ~ wool + tension", frame, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_frame_free(frame);
  return fit;
}

static void wrong_embeddings_are_refused(void) {
  static const char *const cases[][3] = {
      {"\"embeddings\":", "\"bedding\":", "an architecture has no \"bedding\""},
      {"\"embeddings\":[", "\"embeddings\":[1,", "\"embeddings\" of an architecture must be"},
      {"\"column\":0", "\"column\":1", "embedded twice"},
      {"\"column\":1", "\"column\":7", "there are 2"},
      {"\"column\":1", "\"column\":-1", "\"embeddings\" of an architecture must be"},
      {"\"column\":1,\"levels\":3", "\"column\":1,\"levels\":2", "tension.weight"},
      {"\"levels\":3,\"units\":1", "\"levels\":3,\"units\":16777216", "too large"},
      {"\"name\":\"tension\"", "\"name\":\"wool\"", "\"wool\" is embedded twice"},
      {"\"name\":\"tension\"", "\"name\":\"output\"", "has the name of a layer"},
      {"\"name\":\"tension\"", "\"name\":null", "\"embeddings\" of an architecture must be"},
      {"\"coded\":true", "\"coded\":false", "the levels are not those of the \"embeddings\""},
      {"\"coded\":true", "\"coded\":3", "coded"},
      {"{\"variable\":\"breaks\"", "{\"variable\":\"breaks\",\"coded\":true", "breaks"},
      {"[\"H\",\"L\",\"M\"]", "[\"H\",\"L\"]", "the levels are not those of the \"embeddings\""},
      {"breaks ~ wool + tension", "breaks ~ wool * tension", "stands in the interaction"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_metadata_of(made_embedded(), cases[i][0], cases[i][1], cases[i][2]);
}

static void missing_and_odd_files_are_told_apart(void) {
  gradus_error err = {0};
  gradus_fit *loaded = NULL;
  CHECK_STATUS(gradus_fit_load(&loaded, "no/such/file", &err), GRADUS_ERROR_IO, &err);
  CHECK_CONTAINS(err.message, "no/such/file");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_load(&loaded, ".", &err), GRADUS_ERROR_IO, &err);
  err = (gradus_error){0};
  gradus_fit *fit = made_mtcars();
  CHECK_STATUS(gradus_fit_save(fit, "no/such/folder/model", &err), GRADUS_ERROR_IO, &err);
  gradus_fit_free(fit);
}

/* ---- memory ---- */

static void failed_allocations_are_reported_and_nothing_leaks(void) {
  gradus_fit *fits[] = {with_robust(made_two()), made_dropped(),
                        fitted("mpg ~ factor(cyl) + poly(wt, 2)", "@mtcars", NULL), fitted_wool(),
                        made_embedded()};
  for (size_t f = 0; f < sizeof fits / sizeof *fits; f++)
    for (size_t k = 0, asked = 1; k < asked; k++) {
      gradus_fit *loaded = NULL;
      bool last = true;
      for (int step = 0; step < 2; step++) {
        gradus_error err = {0};
        test_allocations_begin(k);
        gradus_status status =
            step == 0 ? gradus_fit_save(fits[f], path, &err) : gradus_fit_load(&loaded, path, &err);
        gradus_fit_free(loaded);
        loaded = NULL;
        bool reached = test_allocations_end() > k;
        CU_ASSERT_EQUAL(test_allocations_live(), 0);
        CHECK_STATUS(status, reached ? GRADUS_ERROR_OUT_OF_MEMORY : GRADUS_OK, &err);
        last = last && !reached;
        if (step == 0)
          gradus_fit_save(fits[f], path, NULL);
      }
      asked = last ? k : k + 2;
    }
  for (size_t f = 0; f < sizeof fits / sizeof *fits; f++)
    gradus_fit_free(fits[f]);
}

int main(void) {
  static const test_case cases[] = {
      {"made fits come back to the bit", made_fits_come_back},
      {"numbers that JSON lacks come back", numbers_that_json_lacks_come_back},
      {"names that are no UTF-8 come back", names_that_are_no_utf8_come_back},
      {"fitted models come back to the bit", fitted_models_come_back},
      {"generalised linear models come back to the bit", generalised_linear_models_come_back},
      {"predictions of a loaded fit are the same", predictions_of_a_loaded_fit_are_the_same},
      {"solver words are known", solver_words_are_known},
      {"every flipped byte is refused or harmless", every_flipped_byte_is_refused_or_harmless},
      {"every truncation is refused", every_truncation_is_refused},
      {"hostile headers are refused with the reason", hostile_headers_are_refused_with_the_reason},
      {"absurd lengths and nesting are refused", absurd_lengths_and_nesting_are_refused},
      {"wrong metadata is refused with the reason", wrong_metadata_is_refused_with_the_reason},
      {"wrong families and links are refused", wrong_families_and_links_are_refused},
      {"wrong errors of networks are refused", wrong_errors_of_networks_are_refused},
      {"wrong embeddings are refused", wrong_embeddings_are_refused},
      {"missing and odd files are told apart", missing_and_odd_files_are_told_apart},
      {"failed allocations are reported and nothing leaks",
       failed_allocations_are_reported_and_nothing_leaks},
  };
  snprintf(path, sizeof path, "test_model_file.%ld.tmp", (long)getpid());
  int failed = test_main("model file", cases, sizeof cases / sizeof *cases);
  remove(path);
  return failed;
}
