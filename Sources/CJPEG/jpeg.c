#include "CJPEG.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct decoder {
  // First, so that libjpeg's pointers to it point to the whole.
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  jmp_buf failed;
  cjpeg_result *result;
};

// Whether pixels are lost where libjpeg gives this warning.
static bool loses_pixels(int code) {
  switch (code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC: return true;
    default: return false;
  }
}

static void text(j_common_ptr info, char *to, size_t size) {
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  snprintf(to, size, "%s", message);
}

static void fail(struct decoder *decoder, cjpeg_status status) {
  text((j_common_ptr)&decoder->info, decoder->result->reason, sizeof decoder->result->reason);
  decoder->result->status = status;
  longjmp(decoder->failed, 1);
}

static void on_error(j_common_ptr info) {
  int code = info->err->msg_code;
  fail((struct decoder *)info, code == JERR_OUT_OF_MEMORY ? CJPEG_NO_MEMORY : CJPEG_DAMAGED);
}

static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  struct decoder *decoder = (struct decoder *)info;
  if (loses_pixels(info->err->msg_code)) fail(decoder, CJPEG_DAMAGED);
  if (decoder->result->warnings++ == 0) text(info, decoder->result->warning, sizeof decoder->result->warning);
}

static void no_output(j_common_ptr info) { (void)info; }

static void no_source(j_decompress_ptr info) { (void)info; }

static boolean at_end(j_decompress_ptr info) {
  info->err->msg_code = JWRN_JPEG_EOF;
  fail((struct decoder *)info, CJPEG_CUT_SHORT);
  return FALSE;
}

static void skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if ((size_t)count > info->src->bytes_in_buffer) at_end(info);
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= count;
}

static void decode(struct decoder *decoder, const cjpeg_request *request, cjpeg_result *result) {
  j_decompress_ptr info = &decoder->info;
  jpeg_read_header(info, TRUE);
  info->out_color_space = request->channels == 4 ? JCS_CMYK : JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  bool is_whole = info->image_width == request->width && info->image_height == request->height;
  if (!is_whole || info->num_components == 2 || (info->num_components == 4) != (request->channels == 4)) {
    result->status = CJPEG_OTHER;
    snprintf(result->reason, sizeof result->reason, "libjpeg reads %u x %u pixels of %d components", info->image_width,
             info->image_height, info->num_components);
    return;
  }
  jpeg_start_decompress(info);
  size_t stride = (size_t)request->width * request->channels;
  while (info->output_scanline < info->output_height) {
    JSAMPROW rows[16];
    for (size_t i = 0; i < 16; i++) {
      size_t row = info->output_scanline + i;
      rows[i] = request->pixels + stride * (row < request->height ? row : request->height - 1);
    }
    jpeg_read_scanlines(info, rows, 16);
  }
  jpeg_finish_decompress(info);
  result->status = CJPEG_GOOD;
}

void cjpeg_decode(const cjpeg_request *request, cjpeg_result *result) {
  memset(result, 0, sizeof *result);
  struct decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.result = result;
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = on_error;
  decoder.errors.emit_message = on_message;
  decoder.errors.output_message = no_output;
  decoder.source = (struct jpeg_source_mgr){request->bytes, request->size, no_source, at_end,
                                            skip,           jpeg_resync_to_restart, no_source};
  if (!setjmp(decoder.failed)) {
    jpeg_create_decompress(&decoder.info);
    decoder.info.src = &decoder.source;
    decode(&decoder, request, result);
  }
  result->position = request->size - decoder.source.bytes_in_buffer;
  result->row = decoder.info.output_scanline;
  jpeg_destroy_decompress(&decoder.info);
}
