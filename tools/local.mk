bin_PROGRAMS += tools/gradus
tools_gradus_SOURCES = \
  tools/command.h tools/datasets.c tools/describe.c tools/describe_json.c tools/design.c \
  tools/diagnose.c tools/diagnose.h tools/diagnose_json.c tools/evaluate.c tools/evaluate.h \
  tools/evaluate_classes.c tools/evaluate_json.c tools/evaluate_rows.c tools/evaluate_text.c \
  tools/fit.c tools/glm.c tools/gradus.c tools/help.c tools/inference.c tools/input.c tools/json.c \
  tools/json.h tools/linear.c tools/manual.c tools/messages.c tools/multinomial.c tools/network.c \
  tools/network_embed.c tools/network_inference.c tools/network_layers.c tools/network_progress.c \
  tools/network_shape.c tools/network_trace.c tools/options.c tools/output.c tools/predict.c \
  tools/report.c tools/solver.c tools/summary.c
tools_gradus_LDADD = lib/libgradus.la $(JANSSON_LIBS) -lm
