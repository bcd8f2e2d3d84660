/* Blurs the green channel of an interleaved image, read upside down, without copying it; then shows an error.
 *
 *   cc convolve_channel.c $(pkg-config --cflags --libs bytestride) -o convolve_channel
 *
 * or with CMake: see CMakeLists.txt beside this file. */
#include <stdio.h>

#include <bytestride.h>

enum { rows = 4, columns = 6, channels = 3 };

static uint8_t image[rows][columns][channels];
static float blurred[rows][columns];
static const float weights[3][3] = {{1 / 16.f, 2 / 16.f, 1 / 16.f}, {2 / 16.f, 4 / 16.f, 2 / 16.f}, {1 / 16.f, 2 / 16.f, 1 / 16.f}};

int main(void) {
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            image[row][column][0] = 255;
            image[row][column][1] = (uint8_t)(row * row * column);
            image[row][column][2] = 255;
        }

    /* A view is an address, a shape, and strides in bytes: here from the last row upwards, and over every third byte. */
    const int64_t shape[2] = {rows, columns}, kernel_shape[2] = {3, 3};
    const int64_t upside_down[2] = {-(int64_t)sizeof image[0], channels};
    bytestride_array green, kernel, out;
    int32_t status = bytestride_array_init(&green, &image[rows - 1][0][1], BYTESTRIDE_UINT8, 2, shape, upside_down, 0);
    if (!status) status = bytestride_array_init(&kernel, (void *)weights, BYTESTRIDE_FLOAT32, 2, kernel_shape, NULL, 0);
    if (!status) status = bytestride_array_init(&out, blurred, BYTESTRIDE_FLOAT32, 2, shape, NULL, BYTESTRIDE_WRITEABLE);

    /* A zero field is the default. */
    bytestride_convolve_options options = {0};
    options.size = sizeof options;
    options.boundary = BYTESTRIDE_BOUNDARY_NEAREST;
    if (!status) status = bytestride_convolve(&green, &kernel, &out, &options);
    if (status) {
        fprintf(stderr, "%s: %s\n", bytestride_strerror(status), bytestride_last_error());
        return 1;
    }
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) printf("%8.4f%s", blurred[row][column], column == columns - 1 ? "\n" : "");

    /* A wrong argument is a status and a message; nothing was written. */
    options.region = BYTESTRIDE_REGION_VALID;
    status = bytestride_convolve(&green, &kernel, &out, &options);
    printf("status %d: %s\n", status, bytestride_last_error());
    return status == BYTESTRIDE_ERROR_SHAPE ? 0 : 1;
}
