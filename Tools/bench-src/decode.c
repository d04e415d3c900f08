// Bare FLAC decoding: every file named in a list, with MD5 verification, over some threads; prints seconds and hours.
//   decode LIST THREADS
#include <FLAC/stream_decoder.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char **paths;
static size_t count;
static atomic_size_t next_file, failures;
static atomic_ullong samples;

static FLAC__StreamDecoderWriteStatus take(const FLAC__StreamDecoder *decoder, const FLAC__Frame *frame,
                                           const FLAC__int32 *const buffer[], void *sink) {
  (void)decoder;
  (void)buffer;
  *(unsigned long long *)sink += frame->header.blocksize;
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void complain(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status, void *sink) {
  (void)decoder;
  (void)sink;
  fprintf(stderr, "decode: %s\n", FLAC__StreamDecoderErrorStatusString[status]);
  atomic_fetch_add(&failures, 1);
}

static void *work(void *unused) {
  (void)unused;
  FLAC__StreamDecoder *decoder = FLAC__stream_decoder_new();
  unsigned long long mine = 0;
  for (size_t i; (i = atomic_fetch_add(&next_file, 1)) < count;) {
    FLAC__stream_decoder_set_md5_checking(decoder, 1);
    if (FLAC__stream_decoder_init_file(decoder, paths[i], take, NULL, complain, &mine) !=
            FLAC__STREAM_DECODER_INIT_STATUS_OK ||
        !FLAC__stream_decoder_process_until_end_of_stream(decoder) || !FLAC__stream_decoder_finish(decoder)) {
      fprintf(stderr, "decode: %s failed\n", paths[i]);
      atomic_fetch_add(&failures, 1);
      FLAC__stream_decoder_finish(decoder);
    }
  }
  FLAC__stream_decoder_delete(decoder);
  atomic_fetch_add(&samples, mine);
  return NULL;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
  int threads = argc == 3 ? atoi(argv[2]) : 0;
  FILE *list = argc == 3 ? fopen(argv[1], "r") : NULL;
  if (!list || threads < 1) return fprintf(stderr, "usage: decode LIST THREADS\n"), 64;
  char *line = NULL;
  size_t room = 0;
  for (ssize_t length; (length = getline(&line, &room, list)) > 0;) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    paths = realloc(paths, (count + 1) * sizeof *paths);
    paths[count++] = strdup(line);
  }
  pthread_t *pool = calloc(threads, sizeof *pool);
  double start = now();
  for (int i = 0; i < threads; i++) pthread_create(&pool[i], NULL, work, NULL);
  for (int i = 0; i < threads; i++) pthread_join(pool[i], NULL);
  printf("%.4f %.4f\n", now() - start, samples / 16000.0 / 3600.0);
  return failures != 0;
}
