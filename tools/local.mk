bin_PROGRAMS += tools/gradus
tools_gradus_SOURCES = \
  tools/command.h tools/gradus.c tools/options.c tools/messages.c tools/input.c tools/output.c \
  tools/report.c tools/help.c tools/manual.c tools/fit.c tools/solver.c tools/linear.c tools/glm.c tools/multinomial.c tools/network.c tools/network_progress.c tools/predict.c tools/summary.c tools/inference.c \
  tools/datasets.c tools/describe.c tools/describe_json.c tools/design.c \
  tools/json.h tools/json.c tools/evaluate.h tools/evaluate.c \
  tools/evaluate_rows.c tools/evaluate_classes.c tools/evaluate_text.c tools/evaluate_json.c
tools_gradus_LDADD = lib/libgradus.la $(JANSSON_LIBS) -lm
