// SPDX-License-Identifier: GPL-3.0-or-later
/* Objective layer: links and families, from which the loss of a generalised linear model is
   composed. A link says how the mean follows from the linear predictor, a family how the response
   spreads about its mean; adding one of either is one table in one file. */
#ifndef GRADUS_OBJECTIVE_INTERNAL_H
#define GRADUS_OBJECTIVE_INTERNAL_H

#include "../base/internal.h"

/* mean = mean(eta). The functions keep their digits in both tails: for links into (0, 1) the rates
   are slope/mean and slope/(1 - mean), whose product is what a binomial's Fisher weight is, and
   which neither 0/0 nor rounding of 1 - mean can spoil. */
typedef struct gradus_i_link {
  const char *name;
  double (*predictor)(double mean); /* η = g(μ) */
  double (*mean)(double eta);
  double (*slope)(double eta); /* dμ/dη */
  double (*log_mean)(
      double eta); /* NULL unless the link leads into (0, 1), as are the next three */
  double (*log_complement)(double eta); /* log(1 - μ) */
  double (*rate_up)(double eta);        /* slope / μ */
  double (*rate_down)(double eta);      /* slope / (1 - μ) */
  bool (*is_valid)(double eta);         /* NULL: all are */
} gradus_i_link;

/* Table of links; NULL if there is none of that name. */
const gradus_i_link *gradus_i_link_find(const char *name);

/* The loss of one observation, all per unit of weight. `shape` is the parameter beside the mean of
 * those families that have one (θ of the negative binomial); the others do not look at it. */
typedef struct gradus_i_family {
  const char *name;
  const char *const *links; /* names that it may have, its default first, NULL last */
  bool dispersion_known;    /* it is 1: z tests, no dispersion in the likelihood */
  bool has_likelihood;      /* quasi families have none */
  bool is_binomial;         /* the response is a proportion of `weight` trials */
  const char *requirement;  /* of the response, for messages: "0 or 1, or a proportion" */
  bool (*accepts)(double y);
  bool (*valid_mean)(double mean);
  double (*start)(double y, double weight); /* R's starting mean */
  double (*variance)(double mean, double shape);
  /* (y - μ)·slope/variance and slope²/variance, in an order that neither overflows nor underflows
     where the results do not. */
  void (*information)(double y, double mean, double slope, double shape, double *score,
                      double *fisher);
  /* Unit deviance, twice the loss up to a constant; to the last digits near y = μ too. NULL, as is
     information, for binomial families, whose deviance is made of the link's logarithms. */
  double (*deviance)(double y, double mean, double shape);
  /* Log density of an observation of this weight where the mean is y itself: what the log density
     has beside -½·weight·deviance/dispersion. NULL without a likelihood. */
  double (*log_saturated)(double y, double shape, double weight, double dispersion);
  /* d log density/d shape and -d²log density/d shape², of unit weight; for an infinite shape those
     by 1/shape (the second is 0). NULL for the families that have no shape. */
  void (*shape_information)(double y, double mean, double shape, double *score,
                            double *information);
} gradus_i_family;

const gradus_i_family *gradus_i_family_find(const char *name);
/* Names of all families by index; NULL beyond the last. */
const char *gradus_i_family_name(size_t index);

/* What one observation gives a solver at a linear predictor. */
typedef struct gradus_i_observation {
  double mean;
  double score;    /* d loglik/dη of unit weight and dispersion */
  double fisher;   /* expected -d²loglik/dη² */
  double deviance; /* unit deviance */
} gradus_i_observation;
/* Whether a linear predictor is one that the link (and, for proportions, the family) allows. */
bool gradus_i_link_valid(const gradus_i_link *link, bool is_binomial, double eta);
void gradus_i_observe(const gradus_i_family *family, const gradus_i_link *link, double shape,
                      double y, double eta, gradus_i_observation *out);
/* Log density of an observation; `at` is what gradus_i_observe says of it. Binomial counts are
 * rounded, as R rounds them. */
double gradus_i_log_density(const gradus_i_family *family, const gradus_i_link *link, double shape,
                            double y, double eta, const gradus_i_observation *at, double weight,
                            double dispersion);

#endif
