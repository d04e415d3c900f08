// What this machine can do at most: a 2048 x 2048 x 2048 sgemm through OpenBLAS and a large memory copy, best of five.
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(void) {
  enum { n = 2048, rounds = 5 };
  float *a = malloc(n * n * sizeof *a), *b = malloc(n * n * sizeof *b), *c = malloc(n * n * sizeof *c);
  for (int i = 0; i < n * n; i++) a[i] = i % 7 - 3, b[i] = i % 5 - 2;
  double best = 1e9;
  for (int i = 0; i <= rounds; i++) {  // the first round warms up
    double start = now();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n);
    double seconds = now() - start;
    if (i > 0 && seconds < best) best = seconds;
  }
  printf("sgemm 2048^3: %.0f GFLOP/s (OpenBLAS core %s, %d threads)\n", 2.0 * n * n * n / best * 1e-9,
         openblas_get_corename(), openblas_get_num_threads());
  size_t bytes = 256u << 20;
  char *from = malloc(bytes), *to = malloc(bytes);
  memset(from, 1, bytes);
  memset(to, 2, bytes);
  best = 1e9;
  for (int i = 0; i < rounds; i++) {
    double start = now();
    memcpy(to, from, bytes);
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  printf("memory copy, one thread: %.1f GB/s%s\n", bytes / best * 1e-9, to[bytes - 1] == 1 ? "" : " (wrong)");
  return 0;
}
