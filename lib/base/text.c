// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* The host program may have set a locale with a decimal comma: numbers are read and written under
   the C locale of this thread only (POSIX uselocale), which is made once and kept. */
static locale_t c_locale(void) {
  static locale_t cached;
  locale_t locale = __atomic_load_n(&cached, __ATOMIC_SEQ_CST);
  if (locale)
    return locale;
  locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t none = (locale_t)0;
  if (locale && !__atomic_compare_exchange_n(&cached, &none, locale, false, __ATOMIC_SEQ_CST,
                                             __ATOMIC_SEQ_CST)) {
    freelocale(locale);
    locale = none;
  }
  return locale;
}

static locale_t enter_c_locale(void) {
  locale_t c = c_locale();
  return c ? uselocale(c) : (locale_t)0;
}

static void leave_c_locale(locale_t previous) {
  if (previous)
    uselocale(previous);
}

int gradus_i_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments) {
  locale_t previous = enter_c_locale();
  int length = vsnprintf(buffer, size, format, arguments);
  leave_c_locale(previous);
  return length;
}

int gradus_i_snprintf(char *buffer, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = gradus_i_vsnprintf(buffer, size, format, arguments);
  va_end(arguments);
  return length;
}

double gradus_i_strtod(const char *text, char **end) {
  locale_t previous = enter_c_locale();
  double value = strtod(text, end);
  leave_c_locale(previous);
  return value;
}

static bool text_reserve(gradus_i_text *text, size_t extra) {
  if (text->failed || extra > SIZE_MAX / 2 - text->length) {
    text->failed = true;
    return false;
  }
  size_t need = text->length + extra + 1;
  if (need <= text->capacity)
    return true;
  size_t capacity = text->capacity ? text->capacity : 128;
  while (capacity < need)
    capacity *= 2;
  char *data = gradus_i_reallocate(text->data, capacity, 1);
  if (!data) {
    text->failed = true;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void gradus_i_text_append(gradus_i_text *text, const char *bytes, size_t length) {
  if (!text_reserve(text, length))
    return;
  memcpy(text->data + text->length, bytes, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void gradus_i_text_string(gradus_i_text *text, const char *string) {
  gradus_i_text_append(text, string, strlen(string));
}

void gradus_i_text_format(gradus_i_text *text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = gradus_i_vsnprintf(NULL, 0, format, arguments);
  if (length < 0)
    text->failed = true;
  else if (text_reserve(text, (size_t)length)) {
    gradus_i_vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  va_end(again);
  va_end(arguments);
}

void gradus_i_text_clear(gradus_i_text *text) {
  gradus_i_release(text->data);
  *text = (gradus_i_text){0};
}
