/* The talk's 49 sums from C; see forms.py for the command line. */
#include "forms.h"

enum { LIMITS = 49 };

int main(int argc, char **argv) {
    int64_t limits[LIMITS];
    uint64_t result[LIMITS] = {0};
    for (int i = 0; i < LIMITS; ++i) limits[i] = 100000 * (i + 1);

    bytestride_array in, out;
    prepare(&in, limits, BYTESTRIDE_INT64, 1, (int64_t[]){LIMITS});
    prepare(&out, result, BYTESTRIDE_UINT64, 1, (int64_t[]){LIMITS});
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_sum_primes(&in, &out, NULL));
    return finish(argv, result, sizeof result);
}
