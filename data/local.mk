# The bundled data sets become a C file of the library; make it again when any of them changes.
DATASETS = \
  data/airquality.csv data/birthwt.csv data/breast_cancer.csv data/digits.csv data/esoph.csv \
  data/housing.csv data/infert.csv data/Insurance.csv data/iris.csv data/longley.csv \
  data/mtcars.csv data/quine.csv data/trees.csv data/warpbreaks.csv \
  data/nist/Filip.csv data/nist/Longley.csv data/nist/NoInt1.csv data/nist/NoInt2.csv data/nist/Norris.csv \
  data/nist/Pontius.csv data/nist/Wampler1.csv data/nist/Wampler2.csv data/nist/Wampler3.csv \
  data/nist/Wampler4.csv data/nist/Wampler5.csv
EXTRA_DIST += data/SOURCES data/embed.sh $(DATASETS)
CLEANFILES += lib/data/bundled.c
lib/data/bundled.c: data/embed.sh data/SOURCES $(DATASETS)
	$(AM_V_GEN)$(MKDIR_P) lib/data && sh $(srcdir)/data/embed.sh $(srcdir)/data >$@.tmp && mv $@.tmp $@
