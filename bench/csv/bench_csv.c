// SPDX-License-Identifier: GPL-3.0-or-later
/* bench_csv [FILE [REPEATS]]: median seconds that the CSV reader takes with one and two threads.
 *
 * Without FILE, or where FILE is missing, it is made first: 1,000,000 rows of 51 decimals (484 MB),
 * by default gradus_bench.csv in TMPDIR or /tmp. Compare: Rscript bench/csv/csv_fread.R FILE. */
#include <gradus/gradus.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 1000000, COLUMNS = 51, REPEATS_MAXIMUM = 1000 };

static uint64_t state = 88172645463325252u;

static double uniform(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0;
}

static int make_file(const char *path) {
  FILE *file = fopen(path, "wb");
  if (!file)
    return 1;
  for (int j = 0; j < COLUMNS; j++)
    fprintf(file, "x%d%c", j, j + 1 < COLUMNS ? ',' : '\n');
  for (size_t i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++)
      fprintf(file, "%.6f%c", 4 * (uniform() + uniform() - 1), j + 1 < COLUMNS ? ',' : '\n');
  return fclose(file);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static gradus_status measure(const char *path, int threads, size_t repeats, gradus_error *err) {
  double seconds[REPEATS_MAXIMUM];
  for (size_t i = 0; i < repeats; i++) {
    gradus_frame *frame;
    double start = now();
    gradus_status status =
        gradus_frame_read_csv(&frame, path, &(gradus_csv_options){.threads = threads}, err);
    seconds[i] = now() - start;
    gradus_frame_free(frame);
    if (status)
      return status;
  }
  qsort(seconds, repeats, sizeof *seconds, compare);
  double median = (seconds[(repeats - 1) / 2] + seconds[repeats / 2]) / 2;
  printf("gradus  %d thread%s  %.3f s (%.3f to %.3f)\n", threads, threads > 1 ? "s" : " ", median,
         seconds[0], seconds[repeats - 1]);
  return GRADUS_OK;
}

int main(int argc, char **argv) {
  char path[1000];
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/gradus_bench.csv", folder ? folder : "/tmp");
  const char *file = argc > 1 ? argv[1] : path;
  size_t repeats = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
  if (repeats < 1 || repeats > REPEATS_MAXIMUM) {
    fprintf(stderr, "bench_csv: repeats must be 1 to %d\n", REPEATS_MAXIMUM);
    return 2;
  }
  if (access(file, R_OK) != 0 && make_file(file) != 0) {
    perror(file);
    return 1;
  }
  gradus_error err = {0};
  for (int threads = 1; threads <= 2; threads++)
    if (measure(file, threads, repeats, &err)) {
      fprintf(stderr, "bench_csv: %s\n", err.message);
      return 1;
    }
  return 0;
}
