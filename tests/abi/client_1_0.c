/* A program of version 1.0: it knows nothing but the header of that time, passes the sizes that structs had then, and
   calls every function there was. It must go on working with every later library of the same SONAME; tests/process runs
   it also with one whose structs have grown. Prints a number that stands for all results. */
#include "1.0/bytestride.h"

#include "families.h"

static int passed, failed;

static void expect(int condition, const char *what, int line) {
    condition ? ++passed : ++failed;
    if (!condition) printf("client_1_0.c:%d: %s (last error: %s)\n", line, what, bytestride_last_error());
}
#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

/* FNV-1a. */
static uint64_t mixed(uint64_t sum, const void *bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) sum = (sum ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    return sum;
}

static void utilities(void) {
    struct { /* DLPack's tensor */
        void *data;
        int32_t device_type, device_id, ndim;
        uint8_t code, bits;
        uint16_t lanes;
        int64_t *shape, *strides;
        uint64_t byte_offset;
        void *manager;
        void (*deleter)(void *);
    } tensor = {NULL, 1, 0, 1, 2, 64, 1, NULL, NULL, 0, NULL, NULL};
    int64_t extent = 3;
    double values[3] = {1, 2, 3};
    bytestride_array array = {0};
    EXPECT(bytestride_abi_version() == BYTESTRIDE_ABI_VERSION);
    EXPECT(bytestride_version_number() >= 10000 && bytestride_version_number() < 20000);
    EXPECT(!strncmp(bytestride_version(), "1.", 2));
    EXPECT(strstr(bytestride_build_info(), "\"abi\": 1"));
    EXPECT(*bytestride_isa());
    for (int32_t status = BYTESTRIDE_OK; status >= BYTESTRIDE_ERROR_DEVICE; --status) EXPECT(*bytestride_strerror(status));
    EXPECT(bytestride_set_num_threads(2) == BYTESTRIDE_OK && bytestride_get_num_threads() == 2);
    EXPECT(bytestride_set_num_threads(0) == BYTESTRIDE_OK);
    tensor.data = values;
    tensor.shape = &extent;
    EXPECT(bytestride_from_dltensor(&tensor, 0, &array) == BYTESTRIDE_OK);
    EXPECT(array.size == 152 && array.dtype == BYTESTRIDE_FLOAT64 && array.shape[0] == 3 && array.data == values);
    EXPECT(bytestride_add(NULL, &array, &array, NULL) == BYTESTRIDE_ERROR_NULL && *bytestride_last_error());
}

int main(void) {
    uint64_t sum = 0xcbf29ce484222325u;
    prepare(2);
    for (int i = 0; i < family_count; ++i) {
        any_options options = options_of(&families[i], 2);
        const int32_t status = families[i].call(&options);
        expect(status == BYTESTRIDE_OK, families[i].name, __LINE__);
        sum = mixed(sum, families[i].out->data, bytes_of(families[i].out));
    }
    EXPECT(told.size == 32 && told.n_iter > 0 && told.stress > 0);
    EXPECT(points_written > 0);
    utilities();
    forget();
    printf("results %016llx\n", (unsigned long long)sum);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
