/* The convolution article's case from C; see forms.py for the command line. */
#include "forms.h"

enum { SIDE = 128 };

int main(int argc, char **argv) {
    static double image[SIDE][SIDE], result[SIDE][SIDE];
    double kernel[3][3] = {{-1, -1, -1}, {-1, 8, -1}, {-1, -1, -1}};
    for (int i = 0; i < SIDE * SIDE; ++i) image[i / SIDE][i % SIDE] = i * 7 % 251;

    bytestride_array in, weights, out;
    prepare(&in, image, BYTESTRIDE_FLOAT64, 2, (int64_t[]){SIDE, SIDE});
    prepare(&weights, kernel, BYTESTRIDE_FLOAT64, 2, (int64_t[]){3, 3});
    prepare(&out, result, BYTESTRIDE_FLOAT64, 2, (int64_t[]){SIDE, SIDE});
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_convolve(&in, &weights, &out, NULL));
    return finish(argv, result, sizeof result);
}
