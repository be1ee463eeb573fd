// SPDX-License-Identifier: GPL-3.0-or-later
/* bench_csv [FILE [REPEATS]]: median seconds that the CSV reader takes with one and two threads.
 *
 * Without FILE, or where FILE is missing, it is made first: 1,000,000 rows of 51 decimals (484 MB),
 * by default gradus_bench.csv in TMPDIR or /tmp. Compare: Rscript bench/csv/csv_fread.R FILE. */
#include "support.h"

#include <gradus/gradus.h>
#include <unistd.h>

enum { ROWS = 1000000, COLUMNS = 51, REPEATS_MAXIMUM = 1000 };

static int make_file(const char *path) {
  uint64_t state = 1;
  FILE *file = fopen(path, "wb");
  if (!file)
    return 1;
  for (int j = 0; j < COLUMNS; j++)
    fprintf(file, "x%d%c", j, j + 1 < COLUMNS ? ',' : '\n');
  for (size_t i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++)
      fprintf(file, "%.6f%c", 2 * (bench_random(&state) + bench_random(&state)),
              j + 1 < COLUMNS ? ',' : '\n');
  return fclose(file);
}

static gradus_status measure(const char *path, int threads, size_t repeats, gradus_error *err) {
  double seconds[REPEATS_MAXIMUM];
  for (size_t i = 0; i < repeats; i++) {
    gradus_frame *frame;
    double start = bench_now();
    gradus_status status =
        gradus_frame_read_csv(&frame, path, &(gradus_csv_options){.threads = threads}, err);
    seconds[i] = bench_now() - start;
    gradus_frame_free(frame);
    if (status)
      return status;
  }
  double median = bench_median(seconds, repeats);
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
