# The manual page and the completion for bash say what the option tables of the command say: it
# prints both itself. A cross build cannot run it and goes without them.
dist_doc_DATA = doc/model-file.md doc/network.md
if !CROSS_COMPILING
man_MANS = doc/gradus.1
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = doc/gradus
CLEANFILES += doc/gradus.1 doc/gradus

doc/gradus.1: tools/gradus$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && tools/gradus$(EXEEXT) --man-page > $@.tmp && mv $@.tmp $@

doc/gradus: tools/gradus$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && tools/gradus$(EXEEXT) --bash-completion > $@.tmp && mv $@.tmp $@
endif
