// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the separation test share: distinct rows, and two linear programs on a cone. */
#ifndef GRADUS_SOLVER_SEPARATION_INTERNAL_H
#define GRADUS_SOLVER_SEPARATION_INTERNAL_H

#include "separation.h"

/* ---- distinct rows ---- */

/* Responses seen at a point; both together make it one where xᵀd = 0. */
enum { GRADUS_I_FAILURE = 1, GRADUS_I_SUCCESS = 2, GRADUS_I_BOTH = 3 };

typedef struct gradus_i_points {
  size_t count, capacity, width; /* width: inputs that are not dropped */
  size_t limit;                  /* cells at most */
  double *x;                     /* count×width, row-major */
  unsigned char *seen;           /* responses at each point */
  size_t *row;                   /* its first row in the data, from 1 */
  size_t *slots, slot_count;     /* hash table: number of a point + 1, or 0 */
} gradus_i_points;

/* The distinct rows of positive weight of a source. keep: p, which inputs count. */
gradus_status gradus_i_points_read(gradus_i_points *points, const gradus_source *source,
                                   const bool *keep, size_t limit, gradus_error *err);
void gradus_i_points_clear(gradus_i_points *points);
/* The number of the point with these (kept) inputs; count if there is none. Rows are gathered by
   gradus_i_points_gather, whose errors are those of reading. */
size_t gradus_i_points_find(const gradus_i_points *points, const double *x);
gradus_status gradus_i_points_gather(const gradus_batch *batch, size_t i, const bool *keep,
                                     size_t p, double *x, gradus_error *err);

struct gradus_i_separated_rows {
  gradus_i_points points;
  bool *removed; /* per point: it is separated */
  bool *keep;    /* per input: it is not dropped */
};
void gradus_i_separated_rows_free(gradus_i_separated_rows *rows);

/* ---- the search ---- */

/* Entries of orthonormal vectors below it are 0. */
#define GRADUS_I_TOLERANCE_NULL 1e-7

/* Columns of z: the intercept if there is one, then the inputs that are kept. */
typedef struct gradus_i_search {
  gradus_i_separated_rows *rows;
  gradus_i_points *points; /* those of rows */
  bool intercept;
  size_t m;            /* columns */
  size_t *active;      /* which points are not removed */
  size_t active_count; /* ... */
  bool *removed;       /* per point, that of rows */
  bool *tied;          /* per row of z */
  double *z, *activity;
  double *shift, *scale, *first_scale; /* m: z = (x - shift) / scale, scale a power of two */
  double *d;                           /* m */
  double *null;                        /* m×null_count, column-major: orthonormal basis of N */
  double *basis;                       /* m×rank: of the rest */
  size_t null_count, rank;
} gradus_i_search;

/* Turns a direction for z into one for the data but for the scales of the inputs; see there. */
void gradus_i_search_unshift(const gradus_i_search *s, double *d);
/* Takes N, as it is after the last round, into the result. */
gradus_status gradus_i_search_report_space(const gradus_i_search *s, const bool *dropped, size_t q,
                                           gradus_i_separation *result, gradus_error *err);
/* All else, with s->d for columns of z of all rows. finite: per column of z. */
void gradus_i_search_report(const gradus_i_search *s, const bool *dropped, const bool *finite,
                            size_t q, gradus_i_separation *result);

/* ---- linear programs ---- */

/* All d with z_iᵀd >= 0, and z_iᵀd = 0 where tied[i]. Entries of z are at most 1. */
typedef struct gradus_i_cone {
  size_t rows, columns;
  const double *z; /* rows×columns, row-major */
  const bool *tied;
} gradus_i_cone;

/* d of the cone in the box |d_j| <= 1 with the largest sum of z_iᵀd over rows that are not tied; 0
   if that sum is not above `tolerance`. activity (rows): z_iᵀd. */
gradus_status gradus_i_cone_widest(const gradus_i_cone *cone, double tolerance, double *d,
                                   double *activity, gradus_error *err);
/* d with z_iᵀd >= 1 in rows that are not tied (0 in tied ones) and the least Σ|d_j|. _NUMERICAL if
 * there is none. */
gradus_status gradus_i_cone_shortest(const gradus_i_cone *cone, double *d, double *activity,
                                     gradus_error *err);

#endif
