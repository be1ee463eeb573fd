// SPDX-License-Identifier: GPL-3.0-or-later
#include "made_fits.h"

#include <math.h>
#include <string.h>

typedef struct made {
  size_t p, k;
  bool has_intercept, penalised;
  const char *const *names;     /* of the coefficients */
  const char *const *responses; /* k */
  const double *coefficients;   /* k*q, intercept first */
  const double *unscaled;       /* over the kept coefficients */
  const double *rss, *tss;      /* k */
  const double *quantiles;      /* k*5 */
  double rows;
} made;

static void fill_coefficients(gradus_fit *fit, const made *m) {
  double *theta = gradus_params_values(fit->params);
  size_t q = fit->q, shift = m->has_intercept ? 1 : 0;
  for (size_t r = 0; r < m->k; r++) {
    if (m->has_intercept)
      theta[m->k * m->p + r] = m->coefficients[r * q];
    for (size_t j = 0; j < m->p; j++)
      theta[r * m->p + j] = m->coefficients[r * q + shift + j];
  }
  for (size_t j = 0; j < q; j++)
    fit->dropped[j] = isnan(m->coefficients[j]);
}

/* root with root·rootᵀ = kept, the unscaled covariance over the kept coefficients (Cholesky). */
static void fill_covariance(gradus_fit *fit, const double *kept) {
  size_t q = fit->q, rows[16], m = 0;
  memset(fit->root, 0, q * q * sizeof *fit->root);
  for (size_t i = 0; i < q; i++) {
    fit->column_scale[i] = 1;
    if (!fit->dropped[i])
      rows[m++] = i;
  }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i; j++) {
      double *left = fit->root + rows[i] * q, *right = fit->root + rows[j] * q;
      double sum = kept[i * m + j];
      for (size_t l = 0; l < j; l++)
        sum -= left[l] * right[l];
      left[j] = i == j ? sqrt(sum) : sum / right[j];
    }
}

static gradus_fit *make(const made *m) {
  gradus_fit *fit;
  if (gradus_i_fit_new(&fit, "linear", m->p, m->k, m->has_intercept, !m->penalised, NULL) > 0)
    return NULL;
  fill_coefficients(fit, m);
  if (!m->penalised)
    fill_covariance(fit, m->unscaled);
  fit->names = gradus_i_allocate(fit->q, sizeof *fit->names);
  for (size_t j = 0; fit->names && j < fit->q; j++) {
    fit->rank += !fit->dropped[j];
    fit->names[j] = gradus_i_string_copy(m->names[j]);
  }
  for (size_t r = 0; r < m->k; r++) {
    gradus_i_response *response = &fit->responses[r];
    response->name = gradus_i_string_copy(m->responses[r]);
    response->scale = 1;
    response->rss = m->rss[r];
    response->tss = m->tss[r];
    response->mss = m->tss[r] - m->rss[r];
    memcpy(response->residual_quantile, m->quantiles + 5 * r, sizeof response->residual_quantile);
  }
  fit->nobs = m->rows;
  fit->rows = (size_t)m->rows;
  fit->df_residual = m->rows - (double)fit->rank;
  fit->effective_df = (double)fit->rank;
  fit->solver = (gradus_solver_report){.name = "qr",
                                       .method = "qr",
                                       .stop = "closed form",
                                       .converged = true,
                                       .iterations = 2,
                                       .certificate = 1.5e-17,
                                       .condition = 12.5};
  return fit;
}

gradus_fit *made_mtcars(void) {
  static const char *const names[] = {"(Intercept)", "wt", "factor(cyl)6", "factor(cyl)8"};
  static const char *const responses[] = {"mpg"};
  static const double coefficients[] = {33.990794009132465, -3.2056132561928643, -4.255582401971294,
                                        -6.0708596804908836};
  static const double unscaled[] = {
      0.54510067488464564,  -0.19870768896834518,  0.074299578442395903,  0.24957395351883133,
      -0.19870768896834518, 0.086934119979787505,  -0.072278382168649527, -0.14896048557082067,
      0.074299578442395903, -0.072278382168649527, 0.29385960711759451,   0.21475716007478401,
      0.24957395351883133,  -0.14896048557082067,  0.21475716007478401,   0.41757951981150299};
  static const double rss = 183.05864766837774, tss = 1126.0471874999998;
  static const double quantiles[] = {-4.5889573326170607, -1.2357209166384759, -0.51586104956657253,
                                     1.384480243734187, 5.7915063159814339};
  return make(&(made){3, 1, true, false, names, responses, coefficients, unscaled, &rss, &tss,
                      quantiles, 32});
}

gradus_fit *made_longley(void) {
  static const char *const names[] = {"(Intercept)",  "GNP.deflator", "GNP", "Unemployed",
                                      "Armed.Forces", "Population",   "Year"};
  static const char *const responses[] = {"Employed"};
  static const double coefficients[] = {
      -3482.2586345958143,   0.015061872271372709,  -0.035819179292590986, -0.020202298038168233,
      -0.010332268671735883, -0.051104105653579125, 1.8291514646135498};
  /* Only the diagonal is shown. */
  static const double diagonal[] = {
      8531122.5674583167,     0.077586125299511977, 0.012069031668748759, 0.00025666505251798903,
      4.9403260256280768e-05, 0.54993854263102748,  2.2322958747261628};
  static const double rss = 0.83642405550592192, tss = 185.008826;
  static const double quantiles[] = {-0.41011462193091458, -0.15767471929538746,
                                     -0.028161984818760602, 0.10155038325807388,
                                     0.4553940945518562};
  double unscaled[49] = {0};
  for (size_t j = 0; j < 7; j++)
    unscaled[8 * j] = diagonal[j];
  return make(&(made){6, 1, true, false, names, responses, coefficients, unscaled, &rss, &tss,
                      quantiles, 16});
}

gradus_fit *made_dropped(void) {
  static const char *const names[] = {"wt", "wt2", "hp"};
  static const char *const responses[] = {"mpg"};
  const double coefficients[] = {7.1337437658514968, NAN, -0.039521343331298656};
  static const double unscaled[] = {0.001646932511069009, -3.349313154549299e-05,
                                    -3.349313154549299e-05, 7.5274635879515116e-07};
  static const double rss = 70114.004972326409, tss = 256611.31649999999;
  static const double quantiles[] = {-83.567747507268308, -11.716020508790974, 11.496217283292456,
                                     28.921553698632735, 104.28997835109693};
  gradus_fit *fit = make(&(made){3, 1, false, false, names, responses, coefficients, unscaled, &rss,
                                 &tss, quantiles, 32});
  if (!fit)
    return NULL;
  fit->alias[1] = gradus_i_string_copy("wt2 = 2*wt");
  fit->weight_kind = GRADUS_WEIGHT_ANALYTIC;
  fit->sum_log_weight = 92.067971592156738;
  fit->dropped_rows = 1;
  gradus_i_fit_warn(fit, NULL, GRADUS_WARNING_RANK_DEFICIENT, "column dropped: wt2 = 2*wt");
  return fit;
}

gradus_fit *made_two(void) {
  static const char *const names[] = {"(Intercept)", "wt"};
  static const char *const responses[] = {"mpg", "disp"};
  static const double coefficients[] = {37.285126167342028, -5.3444715727226777,
                                        -131.14841575843263, 112.47813839721273};
  static const double unscaled[] = {0.38000789108421951, -0.10840248382445243, -0.10840248382445243,
                                    0.033694143701749148};
  static const double rss[] = {278.32193754334349, 100709.11175314558};
  static const double tss[] = {1126.0471874999998, 476184.79468749999};
  static const double quantiles[] = {-4.5431512818111441, -2.3647089202516645, -0.1251955791312343,
                                     1.4095613098723043,  6.8727112926478595,  -88.176380327979146,
                                     -33.623464222404209, -10.045911251672415, 35.147598851289146,
                                     125.59271703926831};
  return make(&(made){1, 2, true, false, names, responses, coefficients, unscaled, rss, tss,
                      quantiles, 32});
}

gradus_fit *made_penalised(void) {
  static const char *const names[] = {"(Intercept)", "x"};
  static const char *const responses[] = {"y"};
  static const double coefficients[] = {1.5, 0.25};
  static const double rss = 2, tss = 10;
  static const double quantiles[] = {-1, -0.5, 0, 0.5, 1};
  gradus_fit *fit = make(
      &(made){1, 1, true, true, names, responses, coefficients, NULL, &rss, &tss, quantiles, 12});
  if (fit) {
    fit->l2 = 0.1;
    fit->effective_df = 1.75;
  }
  return fit;
}
