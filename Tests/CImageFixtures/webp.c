#include "CImageFixtures.h"

#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

size_t cfixture_webp_encode(const uint8_t *pixels, int width, int height, bool has_alpha, bool is_lossless,
                            uint8_t **out) {
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return 0;
  config.lossless = is_lossless;
  // Colours under transparent pixels stay.
  config.exact = 1;
  picture.use_argb = is_lossless;
  picture.width = width;
  picture.height = height;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  bool is_good = has_alpha ? WebPPictureImportRGBA(&picture, pixels, width * 4)
                           : WebPPictureImportRGBX(&picture, pixels, width * 4);
  is_good = is_good && WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  *out = writer.mem;
  return is_good ? writer.size : 0;
}
