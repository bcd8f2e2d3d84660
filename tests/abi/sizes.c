/* The sizes of option structs, for every function: what is smaller than in the version that brought the struct is
   refused, what is larger is taken when the library knows all that is set in it. Nothing is written by a refused call.
   And any number of threads is taken. */
#include "families.h"

static int passed, failed;

static void expect_status(const family *f, any_options *options, uint32_t size, int32_t wanted) {
    const size_t bytes = bytes_of(f->out);
    void *const before = malloc(bytes);
    int32_t status;
    int untouched;
    memcpy(before, f->out->data, bytes);
    options->common.size = size;
    status = f->call(options);
    untouched = !memcmp(before, f->out->data, bytes);
    if (status == wanted && (status == BYTESTRIDE_OK || (untouched && strstr(bytestride_last_error(), "options")))) {
        ++passed;
    } else {
        ++failed;
        printf("sizes.c: %s, size %u: status %d, must be %d; out is %s (%s)\n", f->name, (unsigned)size, (int)status, (int)wanted,
               untouched ? "untouched" : "written", bytestride_last_error());
    }
    free(before);
}

static void sizes_of(const family *f) {
    const uint32_t refused[] = {0, 1, 63, f->size - 1, 4097, 4104, UINT32_MAX}, taken[] = {f->size, f->size + 1, f->size + 8, 4096};
    const uint32_t behind[] = {f->size, f->size + 7, 4095};
    any_options options = options_of(f, 0);
    for (int i = 0; i < 7; ++i) expect_status(f, &options, refused[i], BYTESTRIDE_ERROR_VERSION);
    for (int i = 0; i < 4; ++i) expect_status(f, &options, taken[i], BYTESTRIDE_OK);
    for (int i = 0; i < 3; ++i) { /* a field that this version does not know */
        options.bytes[behind[i]] = 1;
        expect_status(f, &options, 4096, BYTESTRIDE_ERROR_VERSION);
        options.bytes[behind[i]] = 0;
    }
    for (int i = 0; i < 3; ++i) {
        options.common.reserved[i] = 1;
        expect_status(f, &options, f->size, BYTESTRIDE_ERROR_VERSION);
        options.common.reserved[i] = 0;
    }
}

/* More threads than there can be; times 8 they are 0 in 32 bits, or do not fit. */
static void threads_of(const family *f) {
    const int32_t counts[] = {1025, 1 << 29, 1 << 30, INT32_MAX};
    any_options options = options_of(f, 0);
    for (int i = 0; i < 4; ++i) {
        options.common.threads = counts[i];
        expect_status(f, &options, f->size, BYTESTRIDE_OK);
    }
}

/* What a call tells in a struct: an older one is refused, and nothing is written behind what is known. */
static void sizes_of_results(void) {
    struct {
        bytestride_mds_result known;
        int64_t tail;
    } result = {{0, 0, 0, 0, 0}, 77};
    const uint32_t sizes[] = {0, 31, 4097, 32, 40, 4096};
    for (int i = 0; i < 6; ++i) {
        int32_t status;
        result.known.size = sizes[i];
        result.known.n_iter = 0;
        status = bytestride_mds(&goal, &layout, NULL, &result.known, &descent);
        if (status == (i < 3 ? BYTESTRIDE_ERROR_VERSION : BYTESTRIDE_OK) && (result.known.n_iter > 0) == (i >= 3) && result.tail == 77) {
            ++passed;
        } else {
            ++failed;
            printf("sizes.c: result of size %u: status %d\n", (unsigned)sizes[i], (int)status);
        }
    }
}

int main(void) {
    prepare(1);
    for (int i = 0; i < family_count; ++i) {
        sizes_of(&families[i]);
        threads_of(&families[i]);
    }
    sizes_of_results();
    forget();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
