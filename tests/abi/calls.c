/* The calling rules of the header, from plain C: versions of structs, statuses and messages, thread counts,
   NumPy's array struct and DLPack tensors. Expected values are written out. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "bytestride.h"

static int passed, failed;

static void expect(int condition, const char *text, int line) {
    if (condition) {
        ++passed;
    } else {
        ++failed;
        printf("calls.c:%d: %s (last error: %s)\n", line, text, bytestride_last_error());
    }
}
#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

static double left[6] = {1, 2, 3, 4, 5, 6}, right[6] = {10, 20, 30, 40, 50, 60}, sum[6];

static bytestride_array vector_of(double *data, int64_t count, uint32_t flags) {
    bytestride_array array;
    memset(&array, 0, sizeof array);
    EXPECT(bytestride_array_init(&array, data, BYTESTRIDE_FLOAT64, 1, &count, NULL, flags) == BYTESTRIDE_OK);
    return array;
}

static void clear_sum(void) {
    for (int i = 0; i < 6; ++i) sum[i] = -1;
}
static int sum_is(double first, double step) {
    for (int i = 0; i < 6; ++i)
        if (sum[i] != first + step * i) return 0;
    return 1;
}
static int sum_untouched(void) { return sum_is(-1, 0); }

static void identity(void) {
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", BYTESTRIDE_VERSION_MAJOR, BYTESTRIDE_VERSION_MINOR, BYTESTRIDE_VERSION_PATCH);
    EXPECT(strcmp(bytestride_version(), text) == 0);
    EXPECT(bytestride_version_number() == BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH);
    EXPECT(bytestride_abi_version() == BYTESTRIDE_ABI_VERSION);
    const char *isa = bytestride_isa();
    EXPECT(!strcmp(isa, "baseline") || !strcmp(isa, "avx2") || !strcmp(isa, "avx512") || !strcmp(isa, "neon"));
    const char *info = bytestride_build_info();
    const char *const keys[] = {"\"version\"", "\"abi\"",           "\"compiler\"", "\"levels\"", "\"isa\"",
                                "\"threads\"", "\"serial_reason\"", "\"openmp\"",   "\"library\""};
    for (int i = 0; i < 9; ++i) EXPECT(strstr(info, keys[i]) != NULL);
    EXPECT(info[0] == '{' && info[strlen(info) - 1] == '}');
}

static void texts(void) {
    EXPECT(bytestride_last_error()[0] == '\0');
    for (int32_t status = 0; status >= -13; --status) {
        EXPECT(bytestride_strerror(status)[0] != '\0');
        for (int32_t other = 0; other > status; --other)
            if (!strcmp(bytestride_strerror(status), bytestride_strerror(other))) EXPECT(!"texts of statuses differ");
    }
    EXPECT(bytestride_strerror(-14)[0] != '\0');
    EXPECT(bytestride_strerror(1)[0] != '\0');
    EXPECT(bytestride_strerror(INT32_MIN)[0] != '\0');
}

static void array_init(void) {
    const int64_t shape[3] = {2, 3, 4}, strides[3] = {-8, 100, 0}, negative[1] = {-1};
    const int64_t huge[3] = {INT64_MAX / 2, 4, 4}, many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    bytestride_array a, before;
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 3, shape, NULL, BYTESTRIDE_WRITEABLE) == BYTESTRIDE_OK);
    EXPECT(a.size == 152 && a.dtype == BYTESTRIDE_INT16 && a.ndim == 3 && a.flags == 1 && a.data == left);
    EXPECT(a.shape[0] == 2 && a.shape[1] == 3 && a.shape[2] == 4);
    EXPECT(a.strides[0] == 24 && a.strides[1] == 8 && a.strides[2] == 2);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_COMPLEX128, 3, shape, strides, 0) == BYTESTRIDE_OK);
    EXPECT(a.strides[0] == -8 && a.strides[1] == 100 && a.strides[2] == 0 && a.flags == 0);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_BOOL, 0, NULL, NULL, 0) == BYTESTRIDE_OK && a.ndim == 0);

    memset(&before, 0x5a, sizeof before);
    a = before;
    EXPECT(bytestride_array_init(NULL, left, BYTESTRIDE_INT16, 3, shape, NULL, 0) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 3, NULL, NULL, 0) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, -1, shape, NULL, 0) == BYTESTRIDE_ERROR_NDIM);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 9, many, NULL, 0) == BYTESTRIDE_ERROR_NDIM);
    EXPECT(bytestride_array_init(&a, left, 12345, 3, shape, NULL, 0) == BYTESTRIDE_ERROR_DTYPE);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 1, negative, NULL, 0) == BYTESTRIDE_ERROR_SHAPE);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 3, huge, NULL, 0) == BYTESTRIDE_ERROR_SHAPE);
    EXPECT(bytestride_array_init(&a, left, BYTESTRIDE_INT16, 3, shape, NULL, 2) == BYTESTRIDE_ERROR_VERSION);
    EXPECT(!memcmp(&a, &before, sizeof a));
}

/* A struct may be larger than the library knows if what is unknown is zero, and never smaller than in 1.0. */
static void struct_sizes(void) {
    bytestride_array a = vector_of(left, 6, 0), b = vector_of(right, 6, 0), out = vector_of(sum, 6, BYTESTRIDE_WRITEABLE);
    struct {
        bytestride_array array;
        int64_t tail;
    } future = {a, 0};
    struct {
        bytestride_options options;
        int64_t tail[2];
    } options;

    future.array.size = sizeof future;
    clear_sum();
    EXPECT(bytestride_add(&future.array, &b, &out, NULL) == BYTESTRIDE_OK && sum_is(11, 11));
    clear_sum();
    future.tail = 1;
    EXPECT(bytestride_add(&future.array, &b, &out, NULL) == BYTESTRIDE_ERROR_VERSION);
    EXPECT(strstr(bytestride_last_error(), "argument 1") != NULL);
    const uint32_t wrong[] = {0, 1, 3, 16, 151, 4097, UINT32_MAX};
    for (int i = 0; i < 7; ++i) {
        a.size = wrong[i];
        EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_VERSION);
    }
    EXPECT(sum_untouched());
    a.size = sizeof a;

    memset(&options, 0, sizeof options);
    options.options.size = sizeof options;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_OK && sum_is(11, 11));
    clear_sum();
    options.tail[1] = 1;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_ERROR_VERSION);
    options.options.size = sizeof options.options;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_OK && sum_is(11, 11));
    clear_sum();
    options.options.size = 63;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_ERROR_VERSION);
    options.options.size = 64;
    options.options.reserved[2] = 1;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_ERROR_VERSION);
    options.options.reserved[2] = 0;
    options.options.threads = -1;
    EXPECT(bytestride_add(&a, &b, &out, &options.options) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(sum_untouched());

    /* The 64 bytes that all options share are enough for none that has more fields. */
    bytestride_copy_options copy;
    memset(&copy, 0, sizeof copy);
    copy.size = 64;
    EXPECT(bytestride_copy(&a, &out, &copy) == BYTESTRIDE_ERROR_VERSION);
    copy.size = sizeof copy;
    copy.rule = 3;
    EXPECT(bytestride_copy(&a, &out, &copy) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(sum_untouched());
    copy.rule = 0;
    EXPECT(bytestride_copy(&a, &out, &copy) == BYTESTRIDE_OK && sum_is(1, 1));
}

static void flags_and_nulls(void) {
    bytestride_array a = vector_of(left, 6, 0), b = vector_of(right, 6, 0), out = vector_of(sum, 6, BYTESTRIDE_WRITEABLE);
    clear_sum();
    EXPECT(bytestride_add(NULL, &b, &out, NULL) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_add(&a, NULL, &out, NULL) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_add(&a, &b, NULL, NULL) == BYTESTRIDE_ERROR_NULL);
    a.data = NULL;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_NULL);
    a.data = left;
    a.flags = 2;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_VERSION);
    a.flags = 1u << 8; /* the DLPack device type of host memory */
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_OK && sum_is(11, 11));
    clear_sum();
    a.flags = 2u << 8; /* CUDA */
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_DEVICE);
    a.flags = 0;
    out.flags = 0;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_READONLY);
    out.flags = BYTESTRIDE_WRITEABLE;
    a.ndim = 9;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_NDIM);
    a.ndim = 1;
    a.shape[0] = -6;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_SHAPE);
    a.shape[0] = 6;
    a.dtype = 0;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_DTYPE);
    a.dtype = BYTESTRIDE_FLOAT64;
    out.strides[0] = 0;
    EXPECT(bytestride_add(&a, &b, &out, NULL) == BYTESTRIDE_ERROR_OVERLAP);
    EXPECT(sum_untouched());
    EXPECT(bytestride_convolve(&a, NULL, &out, NULL) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_transpose_inplace(NULL, NULL) == BYTESTRIDE_ERROR_NULL);
}

/* Messages: in the options' buffer, cut to fit, and on the thread. */
static void messages(void) {
    bytestride_array a = vector_of(left, 6, 0), b = vector_of(right, 5, 0), out = vector_of(sum, 6, BYTESTRIDE_WRITEABLE);
    char text[256], small[8];
    bytestride_add_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.error = text;
    options.error_size = sizeof text;
    EXPECT(bytestride_add(&a, &b, &out, &options) == BYTESTRIDE_ERROR_SHAPE);
    EXPECT(strstr(text, "argument 2") != NULL);
    EXPECT(!strcmp(text, bytestride_last_error()));
    memset(small, 'x', sizeof small);
    options.error = small;
    options.error_size = 4;
    EXPECT(bytestride_add(&a, &b, &out, &options) == BYTESTRIDE_ERROR_SHAPE);
    EXPECT(small[3] == '\0' && small[4] == 'x' && !strncmp(small, text, 3));
    options.error_size = 0;
    small[0] = 'x';
    EXPECT(bytestride_add(&a, &b, &out, &options) == BYTESTRIDE_ERROR_SHAPE && small[0] == 'x');
}

static void threads(void) {
    const int32_t before = bytestride_get_num_threads();
    EXPECT(before >= 1);
    EXPECT(bytestride_set_num_threads(3) == BYTESTRIDE_OK && bytestride_get_num_threads() == 3);
    EXPECT(bytestride_set_num_threads(-1) == BYTESTRIDE_ERROR_OPTION && bytestride_get_num_threads() == 3);
    EXPECT(bytestride_set_num_threads(0) == BYTESTRIDE_OK && bytestride_get_num_threads() == before);
}

/* NumPy's PyArrayInterface, as its array interface protocol (version 3) lays it out. */
typedef struct {
    int two, nd;
    char typekind;
    int itemsize, flags;
    intptr_t *shape, *strides;
    void *data, *descr;
} array_interface;

static void numpy_struct(void) {
    intptr_t shape[1] = {6}, backwards[1] = {-8};
    array_interface a = {2, 1, 'f', 8, 0x0700, shape, backwards, left + 5, NULL}; /* aligned, native, writeable */
    bytestride_array b = vector_of(right, 6, 0), out = vector_of(sum, 6, BYTESTRIDE_WRITEABLE);
    const bytestride_array *as_array = (const bytestride_array *)(const void *)&a;
    const double expected[6] = {16, 25, 34, 43, 52, 61};
    EXPECT(bytestride_add(as_array, &b, &out, NULL) == BYTESTRIDE_OK && !memcmp(sum, expected, sizeof sum));
    clear_sum();
    a.flags = 0x0500; /* not native byte order */
    EXPECT(bytestride_add(as_array, &b, &out, NULL) == BYTESTRIDE_ERROR_DTYPE);
    a.flags = 0x0700;
    a.typekind = 'O';
    EXPECT(bytestride_add(as_array, &b, &out, NULL) == BYTESTRIDE_ERROR_DTYPE);
    a.typekind = 'f';
    a.itemsize = 16;
    EXPECT(bytestride_add(as_array, &b, &out, NULL) == BYTESTRIDE_ERROR_DTYPE);
    EXPECT(sum_untouched());
    a.itemsize = 8;
    a.flags = 0x0300; /* not writeable */
    EXPECT(bytestride_add(&b, &b, as_array, NULL) == BYTESTRIDE_ERROR_READONLY);
}

/* DLPack's tensors, as dlpack.h 1.1 lays them out. */
typedef struct {
    void *data;
    int32_t device_type, device_id, ndim;
    uint8_t code, bits;
    uint16_t lanes;
    int64_t *shape, *strides;
    uint64_t byte_offset;
} dl_tensor;
typedef struct {
    dl_tensor tensor;
    void *manager;
    void (*deleter)(void *);
} dl_managed;
typedef struct {
    uint32_t major, minor;
    void *manager;
    void (*deleter)(void *);
    uint64_t flags;
    dl_tensor tensor;
} dl_managed_versioned;

static void dlpack(void) {
    int64_t shape[2] = {2, 3}, strides[2] = {-3, 1};
    const dl_tensor tensor = {left, 1, 0, 2, 2, 64, 1, shape, strides, 24};
    dl_managed plain = {tensor, NULL, NULL};
    dl_managed_versioned versioned = {1, 1, NULL, NULL, 0, tensor};
    bytestride_array a;
    EXPECT(bytestride_from_dltensor(&plain, 0, &a) == BYTESTRIDE_OK);
    EXPECT(a.size == 152 && a.dtype == BYTESTRIDE_FLOAT64 && a.ndim == 2 && a.data == left + 3);
    EXPECT(a.shape[0] == 2 && a.shape[1] == 3 && a.strides[0] == -24 && a.strides[1] == 8);
    EXPECT((a.flags & BYTESTRIDE_WRITEABLE) == 0);
    EXPECT(bytestride_from_dltensor(&versioned, 1, &a) == BYTESTRIDE_OK && (a.flags & BYTESTRIDE_WRITEABLE));
    versioned.flags = 1;
    EXPECT(bytestride_from_dltensor(&versioned, 1, &a) == BYTESTRIDE_OK && !(a.flags & BYTESTRIDE_WRITEABLE));
    versioned.tensor.strides = NULL;
    EXPECT(bytestride_from_dltensor(&versioned, 1, &a) == BYTESTRIDE_OK && a.strides[0] == 24 && a.strides[1] == 8);
    versioned.major = 2;
    EXPECT(bytestride_from_dltensor(&versioned, 1, &a) == BYTESTRIDE_ERROR_VERSION);
    EXPECT(bytestride_from_dltensor(&plain, 2, &a) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(bytestride_from_dltensor(NULL, 0, &a) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_from_dltensor(&plain, 0, NULL) == BYTESTRIDE_ERROR_NULL);
    plain.tensor.device_type = 2;
    EXPECT(bytestride_from_dltensor(&plain, 0, &a) == BYTESTRIDE_ERROR_DEVICE);
    plain.tensor.device_type = 1;
    plain.tensor.lanes = 4;
    EXPECT(bytestride_from_dltensor(&plain, 0, &a) == BYTESTRIDE_ERROR_DTYPE);
    plain.tensor.lanes = 1;
    plain.tensor.ndim = 9;
    EXPECT(bytestride_from_dltensor(&plain, 0, &a) == BYTESTRIDE_ERROR_NDIM);
}

/* A library linked with -ffast-math would flush these to zero in the whole process. */
static void subnormals(void) {
    volatile double smallest = DBL_MIN;
    EXPECT(smallest / 2 > 0);
    EXPECT(smallest / 2 * 2 == DBL_MIN);
}

int main(void) {
    texts();
    identity();
    array_init();
    struct_sizes();
    flags_and_nulls();
    messages();
    threads();
    numpy_struct();
    dlpack();
    subnormals();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
