/* The scaling article's case from C; see forms.py for the command line. */
#include "forms.h"

enum { POINTS = 100, DIMENSIONS = 10 };

int main(int argc, char **argv) {
    static double data[POINTS * DIMENSIONS], goal[POINTS * POINTS], x[POINTS * 2];
    double result[2] = {0, 0};
    for (int i = 0; i < POINTS * DIMENSIONS; ++i) data[i] = golden(i + 1);

    bytestride_array in, dissimilarities, points;
    prepare(&in, data, BYTESTRIDE_FLOAT64, 2, (int64_t[]){POINTS, DIMENSIONS});
    prepare(&dissimilarities, goal, BYTESTRIDE_FLOAT64, 2, (int64_t[]){POINTS, POINTS});
    prepare(&points, x, BYTESTRIDE_FLOAT64, 2, (int64_t[]){POINTS, 2});
    check(bytestride_distances(&in, NULL, &dissimilarities, NULL));
    bytestride_mds_options options = {.size = sizeof options, .method = BYTESTRIDE_METHOD_PATTERN, .init = BYTESTRIDE_INIT_GIVEN};
    bytestride_mds_result found = {.size = sizeof found};
    for (long n = repetitions(argc, argv); n > 0; --n) {
        for (int i = 0; i < POINTS * 2; ++i) x[i] = golden(10000 + i);
        check(bytestride_mds(&dissimilarities, &points, NULL, &found, &options));
    }
    result[0] = found.stress, result[1] = (double)found.n_iter;
    return finish(argv, result, sizeof result);
}
