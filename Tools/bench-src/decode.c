// Bare FLAC decoding: every file named in a list, with MD5 verification, over some threads; prints seconds and hours.
//   decode LIST THREADS
#include "list.h"
#include <FLAC/stream_decoder.h>

static atomic_size_t failures;
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

int main(int argc, char **argv) {
  int threads = argc == 3 ? atoi(argv[2]) : 0;
  if (threads < 1 || !read_list(argv[1])) return fprintf(stderr, "usage: decode LIST THREADS\n"), 64;
  double seconds = run(work, threads);
  printf("%.4f %.4f\n", seconds, samples / 16000.0 / 3600.0);
  return failures != 0;
}
