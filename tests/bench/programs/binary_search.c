/* The talk's 3000 searches from C; see forms.py for the command line. */
#include "forms.h"

enum { SIZE = 100000, SEARCHES = 3000 };

int main(int argc, char **argv) {
    static int64_t numbers[SIZE], targets[SEARCHES], result[SEARCHES];
    for (int i = 0; i < SIZE; ++i) numbers[i] = 2 * i;
    for (int i = 0; i < SEARCHES; ++i) targets[i] = (int64_t)(2 * SIZE * golden(i));

    bytestride_array table, values, out;
    prepare(&table, numbers, BYTESTRIDE_INT64, 1, (int64_t[]){SIZE});
    prepare(&values, targets, BYTESTRIDE_INT64, 1, (int64_t[]){SEARCHES});
    prepare(&out, result, BYTESTRIDE_INT64, 1, (int64_t[]){SEARCHES});
    for (long n = repetitions(argc, argv); n > 0; --n) check(bytestride_binary_search(&table, &values, &out, NULL));
    return finish(argv, result, sizeof result);
}
