/* The talk's cast_copy_transpose from C; see forms.py for the command line. */
#include "forms.h"

enum { SIDE = 150 };

int main(int argc, char **argv) {
    static double matrix[SIDE][SIDE];
    static float result[SIDE][SIDE];
    for (int i = 0; i < SIDE * SIDE; ++i) matrix[i / SIDE][i % SIDE] = i / 7.0;

    /* A transposed view is the same memory with its strides exchanged. */
    bytestride_array in, out;
    check(bytestride_array_init(&in, matrix, BYTESTRIDE_FLOAT64, 2, (int64_t[]){SIDE, SIDE},
                                (int64_t[]){sizeof(double), SIDE * sizeof(double)}, 0));
    prepare(&out, result, BYTESTRIDE_FLOAT32, 2, (int64_t[]){SIDE, SIDE});
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_copy(&in, &out, NULL));
    return finish(argv, result, sizeof result);
}
