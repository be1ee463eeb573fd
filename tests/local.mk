# A test program per module, tests/test_NAME.c, linked with everything, hidden symbols included.
EXTRA_DIST += tests/data tests/r tests/reference
check_LTLIBRARIES =
if HAVE_CUNIT
check_PROGRAMS += \
  tests/test_arrays tests/test_base tests/test_csv tests/test_csv_blocks tests/test_datasets \
  tests/test_descent tests/test_design tests/test_design_errors tests/test_deviance \
  tests/test_diagnose tests/test_elementwise tests/test_extended tests/test_extreme \
  tests/test_families tests/test_firth tests/test_firth_classes tests/test_formula \
  tests/test_frame tests/test_fused tests/test_gather tests/test_glm_threads tests/test_hostile \
  tests/test_inference tests/test_initialise tests/test_intervals tests/test_irls \
  tests/test_iterate tests/test_levenberg tests/test_linear tests/test_long tests/test_metrics \
  tests/test_metrics_edges tests/test_metrics_errors tests/test_minibatch tests/test_minimise \
  tests/test_model_matrix tests/test_multinomial_errors tests/test_negative_binomial \
  tests/test_network_inference tests/test_network_objective tests/test_network_output \
  tests/test_network_report tests/test_network_solver tests/test_network_training tests/test_nist \
  tests/test_number tests/test_params tests/test_planes tests/test_predict_types \
  tests/test_progress tests/test_report tests/test_row_losses tests/test_separated \
  tests/test_separated_classes tests/test_separation tests/test_softmax_metric tests/test_solvers \
  tests/test_terms
if HAVE_JANSSON
check_PROGRAMS += \
  tests/test_architecture tests/test_check_gradient tests/test_coded_factors \
  tests/test_convolution tests/test_convolution_kernels tests/test_custom \
  tests/test_diagnose_shapes tests/test_each_step tests/test_embedded_factors \
  tests/test_embedded_formulas tests/test_embeddings tests/test_glm tests/test_glm_inference \
  tests/test_layers tests/test_model_file tests/test_multinomial tests/test_network \
  tests/test_network_columns tests/test_network_errors tests/test_network_files \
  tests/test_network_separation tests/test_network_sequences tests/test_network_sets \
  tests/test_oracles tests/test_padding tests/test_recurrent tests/test_recurrent_training \
  tests/test_short_form tests/test_tape tests/test_tokens
check_LTLIBRARIES += tests/liboracle.la
tests_liboracle_la_SOURCES = tests/support/oracle.h tests/support/oracle.c
tests_test_oracles_LDADD = tests/liboracle.la $(LDADD)
tests_test_glm_LDADD = tests/liboracle.la $(LDADD)
tests_test_multinomial_LDADD = tests/liboracle.la $(LDADD)
tests_test_glm_inference_LDADD = tests/liboracle.la $(LDADD)
endif
check_LTLIBRARIES += tests/libsupport.la
tests_libsupport_la_SOURCES = \
  tests/support/cells.c tests/support/cells.h tests/support/counting.c tests/support/counting.h \
  tests/support/diagnosing.c tests/support/diagnosing.h tests/support/layer_references.c \
  tests/support/layer_references.h tests/support/made_fits.c tests/support/made_fits.h \
  tests/support/made_objectives.c tests/support/made_objectives.h tests/support/metric_rows.c \
  tests/support/metric_rows.h tests/support/model_rows.c tests/support/model_rows.h \
  tests/support/network_fits.c tests/support/network_fits.h tests/support/network_problem.c \
  tests/support/network_problem.h tests/support/planes_template.h tests/support/problems.c \
  tests/support/problems.h tests/support/row_losses.h tests/support/same_fits.c \
  tests/support/same_fits.h tests/support/solving.c tests/support/solving.h \
  tests/support/support.c tests/support/support.h tests/support/table.c tests/support/table.h
LDADD = tests/libsupport.la lib/libgradus_core.la $(CUNIT_LIBS) $(JANSSON_LIBS)
endif
TESTS += $(check_PROGRAMS)

# Shell tests: each counts its checks and says so in its last line.
SHELL_TESTS = \
  tests/check-exports.sh tests/check-install.sh tests/check-layers.sh tests/check-readme.sh \
  tests/test_command.sh tests/test_command_arrays.sh tests/test_command_diagnose.sh \
  tests/test_command_embed.sh tests/test_command_evaluate.sh tests/test_command_firth.sh \
  tests/test_command_glm.sh tests/test_command_hostile.sh tests/test_command_intervals.sh \
  tests/test_command_models.sh tests/test_command_multinomial.sh tests/test_command_network.sh \
  tests/test_command_network_report.sh tests/test_command_nist.sh tests/test_command_real_data.sh \
  tests/test_command_separated.sh tests/test_command_shapes.sh tests/test_command_solver.sh
TESTS += $(SHELL_TESTS)
EXTRA_DIST += $(SHELL_TESTS) tests/shell.sh tests/count.sh tests/exports.txt tests/sanitize.supp
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
if SANITIZE
AM_TESTS_ENVIRONMENT += LSAN_OPTIONS='suppressions=$(srcdir)/tests/sanitize.supp:print_suppressions=0'; \
  export LSAN_OPTIONS;
endif
