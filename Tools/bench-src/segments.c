// ICU's iterators alone: sentences of each line and words of each sentence, of every file of a list, over some threads;
// prints seconds and megabytes.
//   segments LIST THREADS
#include "list.h"
#include <unicode/ubrk.h>
#include <unicode/ustring.h>

static atomic_long bytes, words;

static void *work(void *unused) {
  (void)unused;
  UErrorCode error = 0;
  UBreakIterator *sentence = ubrk_open(UBRK_SENTENCE, "root", 0, 0, &error);
  UBreakIterator *word = ubrk_open(UBRK_WORD, "root", 0, 0, &error);
  if (U_FAILURE(error)) exit(1);
  long found = 0;
  for (size_t i; (i = atomic_fetch_add(&next_file, 1)) < count;) {
    FILE *file = fopen(paths[i], "rb");
    if (!file) exit(1);
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    char *text = malloc(length + 1);
    if (fread(text, 1, length, file) != (size_t)length) exit(1);
    fclose(file);
    UChar *wide = malloc((length + 1) * sizeof *wide);
    for (long place = 0; place < length;) {
      char *end = memchr(text + place, '\n', length - place);
      long size = end ? end - (text + place) + 1 : length - place;
      int32_t units;
      error = 0;
      u_strFromUTF8(wide, length + 1, &units, text + place, size, &error);
      place += size;
      ubrk_setText(sentence, wide, units, &error);
      for (int32_t begin = 0, end; (end = ubrk_next(sentence)) != UBRK_DONE; begin = end) {
        ubrk_setText(word, wide + begin, end - begin, &error);
        while (ubrk_next(word) != UBRK_DONE) found += ubrk_getRuleStatus(word) >= 100;
      }
    }
    atomic_fetch_add(&bytes, length);
    free(wide), free(text);
  }
  atomic_fetch_add(&words, found);
  return NULL;
}

int main(int argc, char **argv) {
  int threads = argc == 3 ? atoi(argv[2]) : 0;
  if (threads < 1 || !read_list(argv[1])) return fprintf(stderr, "usage: segments LIST THREADS\n"), 64;
  double seconds = run(work, threads);
  printf("%.4f %.3f\n", seconds, bytes / 1e6);
  return words == 0;
}
