/* The depth article's case from C; see forms.py for the command line. */
#include "forms.h"

enum { ROWS = 240, COLUMNS = 320 };

int main(int argc, char **argv) {
    static uint16_t depth[ROWS * COLUMNS];
    static float result[ROWS * COLUMNS * 3];
    for (int i = 0; i < ROWS * COLUMNS; ++i) depth[i] = (uint16_t)(400 + (int)(7600 * golden(i)));

    bytestride_array in, out;
    prepare(&in, depth, BYTESTRIDE_UINT16, 2, (int64_t[]){ROWS, COLUMNS});
    prepare(&out, result, BYTESTRIDE_FLOAT32, 3, (int64_t[]){ROWS, COLUMNS, 3});
    bytestride_depth_to_points_options options = {
        .size = sizeof options, .depth_scale = 1000, .invalid = BYTESTRIDE_INVALID_ZERO, .frame = BYTESTRIDE_FRAME_INVERTED};
    int64_t count;
    for (long n = repetitions(argc, argv); n > 0; --n)
        check(bytestride_depth_to_points(&in, &out, NULL, NULL, 525, 525, 159.5, 119.5, &count, &options));
    return finish(argv, result, sizeof result);
}
