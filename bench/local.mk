# Benchmarks are built and run on demand: make bench
EXTRA_PROGRAMS = bench/bench_adding bench/bench_convolution bench/bench_csv bench/bench_kernels bench/bench_logistic bench/bench_multinomial bench/bench_network bench/bench_ols bench/bench_descent bench/bench_recurrent
bench_bench_adding_SOURCES = bench/bench_adding.c bench/support.h
bench_bench_adding_LDADD = lib/libgradus.la $(DEPENDENCY_LIBS)
bench_bench_csv_SOURCES = bench/bench_csv.c bench/support.h
bench_bench_csv_LDADD = lib/libgradus.la
# Kernels are hidden symbols.
bench_bench_kernels_SOURCES = bench/bench_kernels.c bench/support.h
bench_bench_kernels_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
# Hidden symbols here, too: evaluations, and solvers by themselves.
bench_bench_multinomial_SOURCES = bench/bench_multinomial.c bench/support.h
bench_bench_multinomial_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
bench_bench_logistic_SOURCES = bench/bench_logistic.c bench/support.h
bench_bench_logistic_LDADD = lib/libgradus.la $(DEPENDENCY_LIBS)
bench_bench_network_SOURCES = bench/bench_network.c bench/bench_network_floor.h bench/support.h
bench_bench_network_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
bench_bench_convolution_SOURCES = bench/bench_convolution.c bench/support.h
bench_bench_convolution_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
bench_bench_ols_SOURCES = bench/bench_ols.c bench/support.h
bench_bench_ols_LDADD = lib/libgradus.la $(DEPENDENCY_LIBS)
bench_bench_descent_SOURCES = bench/bench_descent.c bench/support.h
bench_bench_descent_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
bench_bench_recurrent_SOURCES = bench/bench_recurrent.c bench/support.h
bench_bench_recurrent_LDADD = lib/libgradus_core.la $(DEPENDENCY_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += bench/run.sh bench/README.md bench/peers

.PHONY: bench
bench: $(EXTRA_PROGRAMS) tools/gradus$(EXEEXT)
	$(MKDIR_P) bench && $(srcdir)/bench/run.sh $(srcdir)
