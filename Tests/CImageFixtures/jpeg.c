#include "CImageFixtures.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

size_t cfixture_jpeg_encode(const cfixture_jpeg *picture, const uint8_t *pixels, uint8_t **out) {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned long size = 0;
  *out = NULL;
  jpeg_mem_dest(&info, out, &size);
  info.image_width = picture->width;
  info.image_height = picture->height;
  info.input_components = picture->channels;
  info.in_color_space = picture->channels == 1 ? JCS_GRAYSCALE : picture->channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (picture->channels == 4) jpeg_set_colorspace(&info, picture->is_ycck ? JCS_YCCK : JCS_CMYK);
  jpeg_set_quality(&info, picture->quality, TRUE);
  info.comp_info[0].h_samp_factor = picture->columns;
  info.comp_info[0].v_samp_factor = picture->rows;
  info.restart_in_rows = picture->restart;
  info.arith_code = picture->is_arithmetic;
  if (picture->is_progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * picture->width * picture->channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return size;
}

bool cfixture_jpeg_decode(const uint8_t *bytes, size_t size, uint8_t *pixels) {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, size);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + (size_t)info.output_scanline * info.output_width * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  bool is_good = errors.num_warnings == 0;
  jpeg_destroy_decompress(&info);
  return is_good;
}
