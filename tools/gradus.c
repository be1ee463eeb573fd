// SPDX-License-Identifier: GPL-3.0-or-later
/* The command gradus: finds the command, parses its options, runs it. */
#include "command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const command_spec *const commands[] = {&command_linear,   &command_logistic,
                                        &command_glm,      &command_multinomial,
                                        &command_network,  &command_predict,
                                        &command_evaluate, &command_diagnose,
                                        &command_summary,  &command_datasets,
                                        &command_describe, &command_design,
                                        &command_help,     NULL};

const command_spec *command_find(const char *name) {
  for (size_t i = 0; commands[i]; i++)
    if (strcmp(commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

const char *command_nearest(const char *name) {
  size_t best = 0;
  for (size_t i = 1; commands[i]; i++)
    if (text_distance(name, commands[i]->name) < text_distance(name, commands[best]->name))
      best = i;
  return commands[best]->name;
}

/* A data file that is opened as descriptor 1 because standard output is closed would be written
   over: closed standard descriptors are held by /dev/null, for reading only, so that writing fails.
 */
static void hold_standard_descriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++)
    if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", O_RDONLY) != descriptor)
      abort();
}

static bool is_plain(const char *word) {
  return *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_./@:=,+-") == strlen(word);
}

/* The command line as one would type it into a shell; NULL without memory. */
static char *make_call(int argc, char **argv) {
  size_t size = sizeof "gradus";
  for (int i = 1; i < argc; i++)
    size += 4 * strlen(argv[i]) + 3;
  char *call = malloc(size), *end = call;
  if (!call)
    return NULL;
  end = stpcpy(end, "gradus");
  for (int i = 1; i < argc; i++) {
    bool plain = is_plain(argv[i]);
    end = stpcpy(end, plain ? " " : " '");
    for (const char *c = argv[i]; *c; c++) {
      if (*c == '\'')
        end = stpcpy(end, "'\\'");
      *end++ = *c;
    }
    *end = '\0';
    end = stpcpy(end, plain ? "" : "'");
  }
  return call;
}

static int run_command(const command_spec *command, int argc, char **argv) {
  command_options options = {.threshold = 0.5, .call = make_call(argc, argv)};
  const char *const *operands;
  size_t count;
  int exit_status = USAGE;
  if (options_parse(&options, command, argc - 1, argv + 1, &operands, &count)) {
    if (options.help) {
      print_command_help(command);
      exit_status = DONE;
    } else
      exit_status = command->run(&options, operands, count);
  }
  options_clear(&options);
  return exit_status;
}

static int dispatch(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : NULL;
  if (!name)
    return fail_usage(NULL, "no command given");
  if (strcmp(name, "--version") == 0) {
    printf("gradus %s\n", gradus_version());
    return DONE;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    print_overview();
    return DONE;
  }
  /* For the build only. */
  if (strcmp(name, "--man-page") == 0)
    return print_manual();
  if (strcmp(name, "--bash-completion") == 0)
    return print_completion();
  const command_spec *command = command_find(name);
  if (!command && name[0] == '-')
    return fail_usage(
        NULL, "unknown option \"%s\"; the nearest is --%s", name,
        text_distance(name, "--help") <= text_distance(name, "--version") ? "help" : "version");
  if (!command)
    return fail_usage(NULL, "unknown command \"%s\"; the nearest is %s", name,
                      command_nearest(name));
  return run_command(command, argc, argv);
}

int main(int argc, char **argv) {
  hold_standard_descriptors();
  signal(SIGPIPE, SIG_IGN); /* a closed pipe is then a failed write, and told as one */
  return finish_output(dispatch(argc, argv));
}
