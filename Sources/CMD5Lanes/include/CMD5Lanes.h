#pragma once
#include <stddef.h>
#include <stdint.h>

// The compression function of MD5 (RFC 1321, section 3.4) for eight independent streams at once. In C, because Swift has
// neither vector shifts that compile to instructions nor one function in several instruction sets.

#define CMD5_LANES 8

// State words a, b, c, d of each lane.
typedef struct {
  uint32_t word[4][CMD5_LANES];
} cmd5_state;

// Takes `blocks` blocks of 64 bytes into each lane; lane i reads them from data[i], stride[i] bytes apart.
void cmd5_add(cmd5_state *state, const uint8_t *const data[CMD5_LANES], const size_t stride[CMD5_LANES], size_t blocks);
