// SPDX-License-Identifier: GPL-3.0-or-later
/* What gradus evaluate knows of a model's predictions, between collecting, computing, printing. */
#ifndef GRADUS_TOOLS_EVALUATE_H
#define GRADUS_TOOLS_EVALUATE_H

#include "command.h"

enum { EVALUATE_WARNINGS_MAX = 16 };

typedef struct evaluation {
  const gradus_fit *fit;
  const char *path;               /* of the data */
  double level, threshold;        /* level: never 0 */
  gradus_weight_kind weight_kind; /* NONE, FREQUENCY, PRIOR: of the command line, for a model
                                     file names no column of weights */
  const char *weights;            /* their column */
  bool binary;                    /* a binomial fit: two outcomes, not a number */
  size_t classes;                 /* of a multinomial fit; 0: none */
  gradus_sequences sequences;     /* how rows are sequences */
  size_t steps;                   /* of a row that have a response each; 1: the row has */
  bool grouped;                   /* some row of data stands for both outcomes */
  /* Observations, one per row of the frame (and step, where a row has several) so that metrics name
     its rows; those without a response or a prediction have weight 0. A grouped row has its
     failures `frame_rows` further on. */
  size_t frame_rows, observations, responses, dropped;
  double *y, *predicted; /* response r starts at [r * observations] */
  double *weight;
  /* Two outcomes. */
  const char *outcome[2]; /* failure, success */
  gradus_confusion confusion;
  gradus_rates rates;
  gradus_auc auc;
  gradus_hosmer_lemeshow fit_test;
  gradus_calibration *calibration;
  double log_loss, brier, average_precision;
  /* Classes: one row per row of the frame. */
  int *label, *predicted_label;
  double *probability; /* frame_rows×classes */
  gradus_multiclass *multiclass;
  /* Numbers. */
  gradus_regression *regression; /* one per response */
  gradus_deviance deviance;      /* of a generalised linear model */
  gradus_error warnings[EVALUATE_WARNINGS_MAX];
  size_t warning_count;
} evaluation;

/* evaluate_rows.c: predicts, and pairs predictions with responses. */
gradus_status evaluate_collect(evaluation *e, const gradus_frame *frame, int threads,
                               gradus_error *err);
void evaluate_clear(evaluation *e);

/* evaluate_classes.c: the same for classes; and their text. */
bool evaluate_classes_allocate(evaluation *e, const gradus_prediction *prediction);
void evaluate_classes_row(evaluation *e, size_t row, double class, double weight);
/* Puts the names of levels in the place of "class 0". */
void evaluate_classes_name(const evaluation *e, gradus_error *warning);
void evaluate_classes_clear(evaluation *e);
void evaluate_classes_text(const evaluation *e);

/* evaluate_text.c, evaluate_json.c; the latter returns an exit status. */
void evaluate_text(const evaluation *e);
void evaluate_text_head(const evaluation *e, double nobs);
void evaluate_text_metric(const char *name, double value);
void evaluate_text_interval(const evaluation *e, const char *name, const char *method, double value,
                            double low, double high);
/* A number in a cell of `width`, or without padding for 0. */
void evaluate_text_number(int width, double value);
int evaluate_json(const evaluation *e);

#endif
