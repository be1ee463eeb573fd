// SPDX-License-Identifier: GPL-3.0-or-later
/* Help on the terminal, made from the tables of commands and options. */
#include "command.h"

#include <string.h>

enum { WIDTH = 79, OPTION_COLUMN = 30 };

/* Prints text from column `at` on, broken at blanks; further lines start at column `indent`. */
static void print_wrapped(const char *text, int at, int indent) {
  while (*text) {
    size_t word = strcspn(text, " \n");
    if (at > indent && at + 1 + (int)word > WIDTH) {
      printf("\n%*s", indent, "");
      at = indent;
    } else if (at > indent) {
      putchar(' ');
      at++;
    }
    printf("%.*s", (int)word, text);
    at += (int)word;
    text += word;
    if (text[0] == '\n' && text[1] == '\n') {
      printf("\n\n%*s", indent, "");
      at = indent;
    }
    text += strspn(text, " \n");
  }
  putchar('\n');
}

/* Prints "a|b|c", broken behind a bar where the line would be too long; returns the column. */
static int print_value(const char *value, int at) {
  enum { INDENT = 8 };
  while (*value) {
    size_t word = strcspn(value, "|");
    word += value[word] == '|';
    if (at > INDENT && at + (int)word > WIDTH) {
      printf("\n%*s", INDENT, "");
      at = INDENT;
    }
    printf("%.*s", (int)word, value);
    at += (int)word;
    value += word;
  }
  return at;
}

static void print_option(const option_spec *spec, void *context) {
  (void)context;
  int length = printf("  %c%c%s--%s%s", spec->letter ? '-' : ' ', spec->letter ? spec->letter : ' ',
                      spec->letter ? ", " : "  ", spec->name, spec->value ? "=" : "");
  if (spec->value)
    length = print_value(spec->value, length);
  if (length + 2 > OPTION_COLUMN)
    printf("\n%*s", OPTION_COLUMN, "");
  else
    printf("%*s", OPTION_COLUMN - length, "");
  print_wrapped(spec->help, OPTION_COLUMN, OPTION_COLUMN);
}

static void print_examples(const char *examples) {
  for (const char *end; *examples; examples = *end ? end + 1 : end) {
    end = examples + strcspn(examples, "\n");
    printf("  %.*s\n", (int)(end - examples), examples);
  }
}

void print_command_help(const command_spec *command) {
  printf("Usage: gradus %s %s%s\n\n", command->name, command->groups ? "[OPTION]... " : "",
         command->operands);
  print_wrapped(command->description, 0, 0);
  puts("\nOptions:");
  options_each(command, print_option, NULL);
  puts("\nExamples:");
  print_examples(command->examples);
}

void print_overview(void) {
  puts("Usage: gradus COMMAND [OPTION]... [ARGUMENT]...\n\nRegression and classification, from a "
       "straight line to a network.\n\nCommands:");
  for (size_t i = 0; commands[i]; i++)
    printf("  %-11s %-15s %s\n", commands[i]->name, commands[i]->operands, commands[i]->summary);
  puts("\nFILE is a CSV file, an IDX or .npy file (arrays), - for standard input (CSV), or @NAME "
       "for a\n"
       "bundled data set.\n"
       "Exit status: 0 done; 1 the data or the model is at fault; 2 the command line is\n"
       "at fault; 3 the fit did not converge, or its estimates do not exist.\n\n"
       "  gradus help COMMAND    all about one command\n"
       "  gradus --version       the version\n\n"
       "Example:\n  gradus linear 'mpg ~ wt + factor(cyl)' @mtcars\n"
       "  gradus logistic 'low ~ age + lwt + smoke' @birthwt");
}

static int run_help(const command_options *options, const char *const *operands, size_t count) {
  (void)options;
  const command_spec *command = count > 0 ? command_find(operands[0]) : NULL;
  if (count > 0 && !command)
    return fail_usage(&command_help, "unknown command \"%s\"; the nearest is %s", operands[0],
                      command_nearest(operands[0]));
  if (command)
    print_command_help(command);
  else
    print_overview();
  return DONE;
}

const command_spec command_help = {.name = "help",
                                   .operands = "[COMMAND]",
                                   .operands_min = 0,
                                   .operands_max = 1,
                                   .summary = "explain a command",
                                   .description = "Explains one command, or lists all of them.",
                                   .examples = "gradus help linear\n",
                                   .groups = NULL,
                                   .run = run_help};
