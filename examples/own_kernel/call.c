/* Calls the own kernel of convolve.cpp from C, and shows an error.
 *
 *   cc call.c -o call -L. -lconvolve $(pkg-config --cflags --libs bytestride) -Wl,-rpath,'$ORIGIN' */
#include <stdio.h>

#include <bytestride.h>

/* What BYTESTRIDE_EXPORT has written: arrays by pointer, numbers by value, the options last. */
int32_t convolve(const bytestride_array *image, const bytestride_array *kernel, const bytestride_array *out,
                 const bytestride_options *options);

int main(void) {
    double pixels[4][6] = {{1, 2, 3}, {4, 5, 6}}, weights[3][3] = {{0, 0, 0}, {1, 0, 0}, {0, 0, 0}}, shifted[4][6];
    const int64_t shape[] = {4, 6}, small[] = {3, 3};
    bytestride_array image, kernel, out;
    bytestride_array_init(&image, pixels, BYTESTRIDE_FLOAT64, 2, shape, NULL, 0);
    bytestride_array_init(&kernel, weights, BYTESTRIDE_FLOAT64, 2, small, NULL, 0);
    bytestride_array_init(&out, shifted, BYTESTRIDE_FLOAT64, 2, shape, NULL, BYTESTRIDE_WRITEABLE);
    if (convolve(&image, &kernel, &out, NULL)) {
        fprintf(stderr, "%s\n", bytestride_last_error());
        return 1;
    }
    printf("%g %g %g\n", shifted[0][0], shifted[0][1], shifted[1][0]);

    /* The same checks as in the library's own functions. */
    const int32_t status = convolve(&image, &kernel, &image, NULL);
    printf("status %d: %s\n", status, bytestride_last_error());
    return status == BYTESTRIDE_ERROR_READONLY ? 0 : 1;
}
