// SPDX-License-Identifier: GPL-3.0-or-later
/* The manual page (roff) and the completion script for bash, made from the tables of commands and
   options at build time: what they say cannot differ from what the command does. */
#include "command.h"

#include <string.h>

/* Text with what roff would take for its own escaped. */
static void put_roff(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    bool at_start = i == 0 || text[i - 1] == '\n';
    if (at_start && (text[i] == '.' || text[i] == '\''))
      fputs("\\&", stdout);
    if (text[i] == '\\')
      fputs("\\e", stdout);
    else if (text[i] == '-')
      fputs("\\-", stdout);
    else if (text[i] == '\'')
      fputs("\\(aq", stdout);
    else if (text[i] == '^')
      fputs("\\(ha", stdout);
    else if (text[i] == '~')
      fputs("\\(ti", stdout);
    else
      putchar(text[i]);
  }
}

static void put_roff_string(const char *text) {
  put_roff(text, strlen(text));
}

static void put_paragraphs(const char *text) {
  for (const char *end; (end = strstr(text, "\n\n")); text = end + 2) {
    put_roff(text, (size_t)(end - text));
    fputs("\n.PP\n", stdout);
  }
  put_roff_string(text);
  putchar('\n');
}

static void put_option(const option_spec *spec, void *context) {
  (void)context;
  fputs(".TP\n", stdout);
  if (spec->letter)
    printf("\\fB\\-%c\\fR, ", spec->letter);
  fputs("\\fB\\-\\-", stdout);
  put_roff_string(spec->name);
  fputs("\\fR", stdout);
  if (spec->value) {
    fputs("=\\fI", stdout);
    put_roff_string(spec->value);
    fputs("\\fR", stdout);
  }
  putchar('\n');
  put_roff_string(spec->help);
  fputs(".\n", stdout);
}

static void put_command(const command_spec *command) {
  printf(".SS gradus %s ", command->name);
  put_roff_string(command->operands);
  putchar('\n');
  put_paragraphs(command->description);
  options_each(command, put_option, NULL);
  fputs(".PP\nExamples:\n.PP\n.nf\n", stdout);
  put_roff_string(command->examples);
  fputs(".fi\n", stdout);
}

int print_manual(void) {
  printf(".TH GRADUS 1 \"\" \"gradus %s\" \"User Commands\"\n", gradus_version());
  puts(".SH NAME\ngradus \\- regression and classification\n.SH SYNOPSIS");
  for (size_t i = 0; commands[i]; i++) {
    printf("%s\\fBgradus %s\\fR %s", i ? ".br\n" : "", commands[i]->name,
           commands[i]->groups ? "[\\fIOPTION\\fR]... " : "");
    put_roff_string(commands[i]->operands);
    putchar('\n');
  }
  puts(".SH DESCRIPTION\n"
       "Takes data from a CSV file to a fitted model, its report, and predictions. Results go to "
       "standard output, warnings and errors to standard error.\n.SH COMMANDS");
  for (size_t i = 0; commands[i]; i++)
    put_command(commands[i]);
  puts(".SH EXIT STATUS\n.TP\n0\ndone (warnings leave it 0)\n.TP\n1\nthe data or the model is at "
       "fault, or a file cannot be read or written\n.TP\n2\nthe command line is at fault\n.TP\n3\n"
       "the fit did not converge, or its estimates do not exist");
  return DONE;
}

/* ---- completion ---- */

static void put_option_name(const option_spec *spec, void *context) {
  (void)context;
  printf(" --%s%s", spec->name, spec->value ? "=" : "");
}

static void put_choices(const option_spec *spec, void *context) {
  (void)context;
  if (spec->kind != OPTION_WORD && spec->kind != OPTION_CHOICE)
    return;
  printf("      --%s) words=\"", spec->name);
  for (const char *c = spec->value; *c; c++)
    putchar(*c == '|' ? ' ' : *c);
  puts("\" ;;");
}

int print_completion(void) {
  size_t sets;
  const gradus_dataset *all = gradus_datasets(&sets);
  puts("# bash completion for gradus; made at build time\n"
       "_gradus() {\n"
       "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\"\" "
       "options=\"\"\n"
       "  COMPREPLY=()\n"
       "  if [[ $COMP_CWORD -eq 1 ]]; then");
  fputs("    words=\"--help --version", stdout);
  for (size_t i = 0; commands[i]; i++)
    printf(" %s", commands[i]->name);
  puts("\"\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n    return\n  fi\n"
       "  # readline cuts words at = and @\n"
       "  if [[ $cur == = ]]; then cur=\"\"; "
       "elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
       "  [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && prev=${COMP_WORDS[COMP_CWORD-1]}");
  fputs("  local sets=\"", stdout);
  for (size_t i = 0; i < sets; i++)
    printf("%s%s", i ? " " : "", all[i].name);
  puts("\"\n  if [[ $prev == @ || $cur == @* ]]; then\n"
       "    COMPREPLY=($(compgen -P @ -W \"$sets\" -- \"${cur#@}\"))\n    return\n  fi\n"
       "  case ${COMP_WORDS[1]} in");
  for (size_t i = 0; commands[i]; i++) {
    printf("  %s)\n    options=\"", commands[i]->name);
    options_each(commands[i], put_option_name, NULL);
    puts("\"\n    case $prev in");
    options_each(commands[i], put_choices, NULL);
    puts("      *) ;;\n    esac ;;");
  }
  puts("  esac\n"
       "  if [[ -n $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
       "  elif [[ $cur == -* ]]; then\n"
       "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
       "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
       "  fi\n}\n"
       "complete -o default -F _gradus gradus");
  return DONE;
}
