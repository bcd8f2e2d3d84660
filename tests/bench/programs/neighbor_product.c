/* The photograph's case from C; see forms.py for the command line. */
#include "forms.h"

enum { ROWS = 535, COLUMNS = 950 };

int main(int argc, char **argv) {
    static uint8_t image[ROWS * COLUMNS * 4], result[ROWS * COLUMNS * 4];
    for (int i = 0; i < ROWS * COLUMNS * 4; ++i) image[i] = (uint8_t)(1 + (int)(255 * golden(i)));

    bytestride_array in, out;
    prepare(&in, image, BYTESTRIDE_UINT8, 3, (int64_t[]){ROWS, COLUMNS, 4});
    prepare(&out, result, BYTESTRIDE_UINT8, 3, (int64_t[]){ROWS, COLUMNS, 4});
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_neighbor_product(&in, &out, NULL));
    return finish(argv, result, sizeof result);
}
