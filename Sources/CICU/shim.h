#pragma once
// ICU's functions carry its version in their names through macros, which Swift does not see: what is used of it has a
// name of its own here. Statuses are UErrorCode; those above 0 are errors.
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/uversion.h>

#include <string.h>

static inline const char *cpc_icu_version(void) { return U_ICU_VERSION; }

// The version of the library that is loaded, and of the Unicode Character Database in it.
static inline void cpc_icu_versions(char library[U_MAX_VERSION_STRING_LENGTH], char unicode[U_MAX_VERSION_STRING_LENGTH]) {
  UVersionInfo version;
  u_getVersion(version);
  u_versionToString(version, library);
  u_getUnicodeVersion(version);
  u_versionToString(version, unicode);
}

static inline const char *cpc_icu_error(int32_t status) { return u_errorName((UErrorCode)status); }

// Whether a locale has a language that there is and, with `-u-ss-`, suppressions that there are: ICU takes anything else
// for its root, without a word.
static inline int cpc_icu_locale_is_known(const char *locale) {
  char name[ULOC_FULLNAME_CAPACITY];
  char value[ULOC_KEYWORD_AND_VALUES_CAPACITY];
  UErrorCode code = U_ZERO_ERROR;
  int32_t parsed = 0;
  if (strcmp(locale, "root") == 0 || strcmp(locale, "und") == 0) return 1;
  if (strchr(locale, '_') || strchr(locale, '@')) {
    uloc_canonicalize(locale, name, sizeof name, &code);
  } else {
    uloc_forLanguageTag(locale, name, sizeof name, &parsed, &code);
    if (parsed != (int32_t)strlen(locale)) return 0;
  }
  if (code > U_ZERO_ERROR || uloc_getISO3Language(name)[0] == 0) return 0;
  const int32_t length = uloc_getKeywordValue(name, "ss", value, sizeof value, &code);
  if (code > U_ZERO_ERROR) return 0;
  return length <= 0 || strcmp(value, "standard") == 0 || strcmp(value, "none") == 0;
}

static inline UBreakIterator *cpc_icu_breaks_open(int words, const char *locale, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  UBreakIterator *iterator = ubrk_open(words ? UBRK_WORD : UBRK_SENTENCE, locale, NULL, 0, &code);
  *status = code;
  return iterator;
}

static inline void cpc_icu_breaks_close(UBreakIterator *iterator) { ubrk_close(iterator); }

// Where the segments of a text end, in UTF-16 units, at most `count` of them (there are no more than units), and the rule
// statuses of their ends unless `kinds` is null. Returns how many segments there are.
static inline int32_t cpc_icu_breaks(
    UBreakIterator *iterator, const uint16_t *text, int32_t count, int32_t *ends, int32_t *kinds, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  ubrk_setText(iterator, (const UChar *)text, count, &code);
  *status = code;
  if (U_FAILURE(code)) return 0;
  int32_t found = 0;
  for (int32_t end = ubrk_next(iterator); end != UBRK_DONE && found < count; end = ubrk_next(iterator)) {
    if (kinds) kinds[found] = ubrk_getRuleStatus(iterator);
    ends[found++] = end;
  }
  return found;
}

// In the root locale, whatever the environment says. Returns the length, which may be more than there is room for.
static inline int32_t cpc_icu_lower(uint16_t *out, int32_t room, const uint16_t *text, int32_t count, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  int32_t length = u_strToLower((UChar *)out, room, (const UChar *)text, count, "", &code);
  *status = code;
  return length;
}

static inline int32_t cpc_icu_fold(uint16_t *out, int32_t room, const uint16_t *text, int32_t count, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  int32_t length = u_strFoldCase((UChar *)out, room, (const UChar *)text, count, U_FOLD_CASE_DEFAULT, &code);
  *status = code;
  return length;
}

// Normalization form C.
static inline int32_t cpc_icu_compose(uint16_t *out, int32_t room, const uint16_t *text, int32_t count, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFCInstance(&code);
  int32_t length = unorm2_normalize(form, (const UChar *)text, count, (UChar *)out, room, &code);
  *status = code;
  return length;
}

static inline int cpc_icu_is_alphanumeric(uint32_t scalar) { return u_isalnum((UChar32)scalar); }

// A converter that stops at what it cannot decode.
static inline UConverter *cpc_icu_converter_open(const char *name, int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  UConverter *converter = ucnv_open(name, &code);
  if (U_SUCCESS(code)) ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &code);
  *status = code;
  return converter;
}

static inline void cpc_icu_converter_close(UConverter *converter) { ucnv_close(converter); }

static inline void cpc_icu_converter_reset(UConverter *converter) { ucnv_reset(converter); }

// The converter's name in ICU, such as `ibm-5348_P100-1997`.
static inline const char *cpc_icu_converter_name(const UConverter *converter) {
  UErrorCode code = U_ZERO_ERROR;
  return ucnv_getName(converter, &code);
}

// Decodes from *source on, as far as there is room, and moves both pointers. U_BUFFER_OVERFLOW_ERROR asks for more room.
static inline void cpc_icu_decode(
    UConverter *converter, uint16_t **out, const uint16_t *limit, const char **source, const char *end, int isLast,
    int32_t *status) {
  UErrorCode code = U_ZERO_ERROR;
  ucnv_toUnicode(converter, (UChar **)out, (const UChar *)limit, source, end, NULL, isLast != 0, &code);
  *status = code;
}

// The bytes that the converter stopped at; returns how many.
static inline int32_t cpc_icu_invalid(const UConverter *converter, char bytes[32]) {
  UErrorCode code = U_ZERO_ERROR;
  int8_t count = 32;
  ucnv_getInvalidChars(converter, bytes, &count, &code);
  return U_SUCCESS(code) ? count : 0;
}
