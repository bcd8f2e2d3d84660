/* What the C programs here share: the command line of forms.py, and a stop at the first failure. */
#ifndef FORMS_H
#define FORMS_H
#define _DEFAULT_SOURCE
#include <bytestride.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static inline void check(int32_t status) {
    if (status != BYTESTRIDE_OK) {
        fprintf(stderr, "%s: %s\n", bytestride_strerror(status), bytestride_last_error());
        exit(1);
    }
}

static inline void prepare(bytestride_array *array, void *data, int32_t dtype, int32_t ndim, const int64_t *shape) {
    check(bytestride_array_init(array, data, dtype, ndim, shape, NULL, BYTESTRIDE_WRITEABLE));
}

/* Large pages, as NumPy asks for them, and already there when the time starts to count. */
static inline void *memory(size_t bytes) {
    void *block = NULL;
    if (posix_memalign(&block, (size_t)1 << 21, bytes)) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    madvise(block, bytes, MADV_HUGEPAGE);
    return memset(block, 0, bytes);
}

/* Numbers between 0 and 1 that are the same in every language. */
static inline double golden(int64_t index) {
    const double product = (double)index * 0.6180339887498949;
    return product - (double)(int64_t)product;
}

static inline long repetitions(int argc, char **argv) {
    if (argc == 5) return strtol(argv[2], NULL, 10);
    fprintf(stderr, "usage: %s FORM REPETITIONS FILE PART\n", argv[0]);
    exit(2);
}

static inline int finish(char **argv, const void *result, size_t bytes) {
    if (strcmp(argv[3], "-") == 0) return 0;
    FILE *file = fopen(argv[3], "wb");
    if (!file || fwrite(result, 1, bytes, file) != bytes || fclose(file)) {
        perror(argv[3]);
        return 1;
    }
    return 0;
}
#endif
