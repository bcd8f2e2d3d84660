/* The array talk's case from C; see forms.py for the command line. */
#include "forms.h"

enum { SIDE = 256, COUNT = SIDE * SIDE * SIDE };

int main(int argc, char **argv) {
    double *volume = memory(COUNT * sizeof(double)), *result = memory(COUNT * sizeof(double)), one = 1;
    for (int i = 0; i < COUNT; ++i) volume[i] = i & 255;

    const int64_t shape[] = {SIDE, SIDE, SIDE};
    bytestride_array in, scalar, out;
    prepare(&in, volume, BYTESTRIDE_FLOAT64, 3, shape);
    prepare(&scalar, &one, BYTESTRIDE_FLOAT64, 0, NULL);
    prepare(&out, result, BYTESTRIDE_FLOAT64, 3, shape);
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_add(&in, &scalar, &out, NULL));
    return finish(argv, result, COUNT * sizeof(double));
}
