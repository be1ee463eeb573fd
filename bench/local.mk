# Benchmarks are built on demand: make bench/csv/bench_csv
EXTRA_PROGRAMS = bench/csv/bench_csv
bench_csv_bench_csv_SOURCES = bench/csv/bench_csv.c
bench_csv_bench_csv_LDADD = lib/libgradus.la
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += bench/csv/csv_fread.R
