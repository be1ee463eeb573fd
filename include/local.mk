gradusincludedir = $(includedir)/gradus
gradusinclude_HEADERS = \
  include/gradus/gradus.h include/gradus/error.h include/gradus/array.h include/gradus/frame.h include/gradus/design.h \
  include/gradus/source.h include/gradus/params.h include/gradus/fit.h include/gradus/inference.h \
  include/gradus/metrics.h include/gradus/solver.h include/gradus/network.h include/gradus/layer.h include/gradus/report.h include/gradus/network_inference.h include/gradus/diagnosis.h
