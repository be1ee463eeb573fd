// SPDX-License-Identifier: GPL-3.0-or-later
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double oracle_value(const json_t *value) {
  if (json_is_string(value))
    return strtod(json_string_value(value), NULL);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

double oracle_number(const oracle *o, const char *key, size_t i) {
  const json_t *value = json_object_get(o->json, key);
  CU_ASSERT_PTR_NOT_NULL(value);
  return oracle_value(json_is_array(value) ? json_array_get(value, i) : value);
}

const char *oracle_text(const oracle *o, const char *key) {
  return json_string_value(json_object_get(o->json, key));
}

static void set_levels(const oracle *o, gradus_frame *frame) {
  const char *column;
  json_t *levels;
  json_object_foreach(json_object_get(o->json, "levels"), column, levels) {
    const char *texts[16];
    size_t count = json_array_size(levels);
    for (size_t i = 0; i < count && i < 16; i++)
      texts[i] = json_string_value(json_array_get(levels, i));
    gradus_error err = {0};
    CHECK_STATUS(gradus_frame_set_levels(frame, column, texts, count, &err), GRADUS_OK, &err);
  }
}

oracle oracle_open(const char *id) {
  oracle o = {.id = id};
  char path[64], data[64];
  gradus_error err = {0};
  snprintf(path, sizeof path, "oracles/%s.json", id);
  o.json = json_load_file(test_data(path), 0, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.json);
  snprintf(data, sizeof data, "@%s", oracle_text(&o, "data"));
  *strrchr(data, '.') = '\0';
  CHECK_STATUS(gradus_frame_read_csv(&o.frame, data, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.frame);
  set_levels(&o, o.frame);
  return o;
}

void oracle_close(oracle *o) {
  gradus_frame_free(o->frame);
  json_decref(o->json);
}

gradus_frame *oracle_new_data(const oracle *o) {
  const char *name;
  json_t *values;
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  json_t *columns = json_object_get(o->json, "new_data");
  size_t rows = json_array_size(json_object_iter_value(json_object_iter(columns)));
  CHECK_STATUS(gradus_frame_new(&frame, rows, &err), GRADUS_OK, &err);
  json_object_foreach(columns, name, values) {
    double numbers[8];
    const char *texts[8];
    bool text = json_is_string(json_array_get(values, 0));
    for (size_t i = 0; i < rows && i < 8; i++) {
      numbers[i] = oracle_value(json_array_get(values, i));
      texts[i] = json_string_value(json_array_get(values, i));
    }
    CHECK_STATUS(text ? gradus_frame_add_text(frame, name, texts, &err)
                      : gradus_frame_add_numeric(frame, name, numbers, 1, &err),
                 GRADUS_OK, &err);
  }
  return frame;
}

/* R's name of a family is not always ours. */
static const char *family_of(const oracle *o) {
  const char *name = oracle_text(o, "family");
  return strcmp(name, "Gamma") == 0              ? "gamma"
         : strcmp(name, "inverse.gaussian") == 0 ? "inverse_gaussian"
                                                 : name;
}

gradus_fit *oracle_fit_glm(const oracle *o) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.family = family_of(o), .link = oracle_text(o, "link")};
  CHECK_STATUS(gradus_glm_fit(&fit, oracle_text(o, "formula"), o->frame, &options, &err), GRADUS_OK,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  return fit;
}

const char *const oracle_glm_ids[] = {"Insurance_poisson_offset",
                                      "airquality_gamma_log",
                                      "birthwt_cauchit",
                                      "birthwt_cloglog",
                                      "birthwt_logit",
                                      "birthwt_probit",
                                      "esoph_grouped_logit",
                                      "infert_logit",
                                      "mtcars_logit",
                                      "trees_gamma_inverse",
                                      "trees_invgaussian_log",
                                      "warpbreaks_poisson",
                                      "warpbreaks_quasipoisson",
                                      NULL};

/* HC2 is not in mp.csv, and HC1 follows from HC0. */
void oracle_check_robust(const oracle *o, gradus_fit *fit, const gradus_source *source,
                         double of_r) {
  static const struct {
    const char *name;
    gradus_robust type;
  } types[] = {{"HC0", GRADUS_ROBUST_HC0},
               {"HC1", GRADUS_ROBUST_HC1},
               {"HC2", GRADUS_ROBUST_HC2},
               {"HC3", GRADUS_ROBUST_HC3}};
  double n = oracle_number(o, "n", 0), df = oracle_number(o, "df_residual", 0);
  for (size_t i = 0; i < 4; i++) {
    gradus_error err = {0};
    CHECK_STATUS(gradus_fit_set_robust(fit, source, types[i].type, &err), GRADUS_OK, &err);
    const json_t *of_type = json_object_get(json_object_get(o->json, "se_robust"), types[i].name);
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      gradus_term term;
      CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
      CHECK_CLOSE(term.std_error, oracle_value(json_array_get(of_type, j)), of_r);
      if (types[i].type == GRADUS_ROBUST_HC2)
        continue;
      bool one = types[i].type == GRADUS_ROBUST_HC1;
      double mp = test_high_precision(o->id, one ? "HC0" : types[i].name, term.term);
      CHECK_CLOSE(term.std_error, one ? mp * sqrt(n / df) : mp, 1e-10);
    }
  }
  CHECK_STATUS(gradus_fit_set_robust(fit, source, GRADUS_ROBUST_NONE, NULL), GRADUS_OK, NULL);
}
