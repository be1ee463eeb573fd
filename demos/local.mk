# The demos: from a line to networks, one step each. They are built and run by make check, and must end well.
DEMOS = demos/01_line demos/02_many_inputs demos/03_descent demos/04_logistic demos/05_softmax demos/06_xor \
  demos/07_backprop demos/08_initialisation demos/09_overfitting demos/10_streaming demos/11_convolution \
  demos/12_recurrent
check_PROGRAMS += $(DEMOS)
demos_01_line_LDADD = lib/libgradus.la -lm
demos_02_many_inputs_LDADD = lib/libgradus.la
demos_03_descent_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_04_logistic_LDADD = lib/libgradus.la -lm
demos_05_softmax_LDADD = lib/libgradus.la -lm
demos_06_xor_LDADD = lib/libgradus.la -lm
demos_07_backprop_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_08_initialisation_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_09_overfitting_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_10_streaming_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_11_convolution_SOURCES = demos/11_convolution.c demos/picture.c demos/picture.h
demos_11_convolution_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
demos_12_recurrent_LDADD = lib/libgradus.la $(GSL_LIBS) -lm
CLEANFILES += 03_bowl.csv 03_descent.csv 11_filters.pgm 11_maps.pgm
