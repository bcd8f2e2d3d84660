// Utilities: descriptors, DLPack tensors, texts, messages per thread, thread counts.
#include <limits>
#include <thread>
#include <vector>

#include "core/parallel.hpp"
#include "guarded.hpp"
#include "test.hpp"

namespace {

// dlpack.h 1.1.
struct dl_tensor {
    void *data;
    std::int32_t device_type, device_id;
    std::int32_t ndim;
    std::uint8_t code, bits;
    std::uint16_t lanes;
    std::int64_t *shape, *strides;
    std::uint64_t byte_offset;
};
struct dl_managed_tensor {
    dl_tensor tensor;
    void *manager_context;
    void (*deleter)(void *);
};
struct dl_managed_tensor_versioned {
    std::uint32_t major, minor;
    void *manager_context;
    void (*deleter)(void *);
    std::uint64_t flags;
    dl_tensor tensor;
};

float values[24];
std::int64_t shape_2_3[] = {2, 3}, strides_elements[] = {3, 1};

dl_tensor tensor_of(std::int64_t *shape, std::int64_t *strides) { return {values, 1, 0, 2, 2, 32, 1, shape, strides, 0}; }

// A failure leaves the descriptor alone.
void expect_refused(const dl_tensor &tensor, std::int32_t status) {
    const dl_managed_tensor managed = {tensor, nullptr, nullptr};
    bytestride_array out, before;
    std::memset(&out, 0x5a, sizeof out);
    before = out;
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &out), status);
    CHECK(std::memcmp(&out, &before, sizeof out) == 0);
    CHECK(std::strncmp(bytestride_last_error(), "argument 1 (tensor): ", 21) == 0);
}

}  // namespace

TEST("array_init fills every field") {
    const std::int64_t shape[] = {2, 3, 4}, strides[] = {-8, 100, 0};
    bytestride_array a;
    std::memset(&a, 0x5a, sizeof a);
    CHECK_STATUS(bytestride_array_init(&a, values, BYTESTRIDE_INT16, 3, shape, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
    CHECK(a.size == 152 && a.dtype == BYTESTRIDE_INT16 && a.ndim == 3 && a.flags == 1 && a.data == values);
    CHECK(a.strides[0] == 24 && a.strides[1] == 8 && a.strides[2] == 2);
    for (int i = 3; i < 8; ++i) CHECK(a.shape[i] == 0 && a.strides[i] == 0);
    CHECK_STATUS(bytestride_array_init(&a, values, BYTESTRIDE_FLOAT64, 3, shape, strides, 0), BYTESTRIDE_OK);
    CHECK(a.strides[0] == -8 && a.strides[1] == 100 && a.strides[2] == 0 && a.flags == 0);
    CHECK_STATUS(bytestride_array_init(&a, nullptr, BYTESTRIDE_FLOAT64, 1, std::vector<std::int64_t>{0}.data(), nullptr, 0), BYTESTRIDE_OK);
}

TEST("array_init refuses") {
    const std::int64_t shape[9] = {2, 3, 1, 1, 1, 1, 1, 1, 1}, negative[] = {2, -1}, huge[] = {INT64_MAX, INT64_MAX},
                       wide[] = {INT64_MAX, 8};
    const auto refuse = [](std::int32_t status, bytestride_array *array, void *data, std::int32_t dtype, std::int32_t ndim,
                           const std::int64_t *s, const std::int64_t *strides, std::uint32_t flags) {
        bytestride_array before;
        if (array) {
            std::memset(array, 0x5a, sizeof *array);
            before = *array;
        }
        CHECK_STATUS(bytestride_array_init(array, data, dtype, ndim, s, strides, flags), status);
        if (array) CHECK(std::memcmp(array, &before, sizeof before) == 0);
    };
    bytestride_array a;
    refuse(BYTESTRIDE_ERROR_NULL, nullptr, values, BYTESTRIDE_FLOAT32, 2, shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NULL, &a, nullptr, BYTESTRIDE_FLOAT32, 2, shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NULL, &a, nullptr, BYTESTRIDE_FLOAT32, 0, nullptr, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NULL, &a, values, BYTESTRIDE_FLOAT32, 2, nullptr, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_DTYPE, &a, values, 7, 2, shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NDIM, &a, values, BYTESTRIDE_FLOAT32, -1, shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NDIM, &a, values, BYTESTRIDE_FLOAT32, 9, shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_NDIM, &a, nullptr, BYTESTRIDE_FLOAT32, std::numeric_limits<std::int32_t>::max(), shape, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_SHAPE, &a, values, BYTESTRIDE_FLOAT32, 2, negative, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_SHAPE, &a, values, BYTESTRIDE_FLOAT32, 2, huge, nullptr, 0);
    refuse(BYTESTRIDE_ERROR_SHAPE, &a, values, BYTESTRIDE_FLOAT32, 2, shape, wide, 0);
    refuse(BYTESTRIDE_ERROR_VERSION, &a, values, BYTESTRIDE_FLOAT32, 2, shape, nullptr, 2);
    refuse(BYTESTRIDE_ERROR_VERSION, &a, values, BYTESTRIDE_FLOAT32, 2, shape, nullptr, 0x100);
}

TEST("from_dltensor: legacy and versioned") {
    const dl_managed_tensor legacy = {tensor_of(shape_2_3, strides_elements), nullptr, nullptr};
    bytestride_array a;
    CHECK_STATUS(bytestride_from_dltensor(&legacy, 0, &a), BYTESTRIDE_OK);
    CHECK(a.size == 152 && a.dtype == BYTESTRIDE_FLOAT32 && a.ndim == 2 && a.data == values && a.flags == 0);
    CHECK(a.shape[0] == 2 && a.shape[1] == 3 && a.strides[0] == 12 && a.strides[1] == 4);
    dl_managed_tensor_versioned versioned = {1, 0, nullptr, nullptr, 0, tensor_of(shape_2_3, nullptr)};
    CHECK_STATUS(bytestride_from_dltensor(&versioned, 1, &a), BYTESTRIDE_OK);
    CHECK(a.flags == BYTESTRIDE_WRITEABLE && a.strides[0] == 12 && a.strides[1] == 4);
    versioned.flags = 1;  // read-only
    CHECK_STATUS(bytestride_from_dltensor(&versioned, 1, &a), BYTESTRIDE_OK);
    CHECK_EQ(a.flags, 0u);
    versioned.flags = 2;  // a copy: as good as any
    versioned.minor = 99;
    CHECK_STATUS(bytestride_from_dltensor(&versioned, 1, &a), BYTESTRIDE_OK);
    CHECK_EQ(a.flags, 1u);
    for (std::uint32_t major : {0u, 2u, 0xffffffffu}) {
        versioned.major = major;
        CHECK_STATUS(bytestride_from_dltensor(&versioned, 1, &a), BYTESTRIDE_ERROR_VERSION);
    }
    // Of a struct of another version nothing but its number may be read.
    const test::guarded memory(4, test::edge::back);
    *memory.as<std::uint32_t>() = 2;
    CHECK_STATUS(bytestride_from_dltensor(memory.data(), 1, &a), BYTESTRIDE_ERROR_VERSION);
    const test::guarded exact(sizeof legacy, test::edge::back);
    std::memcpy(exact.data(), &legacy, sizeof legacy);
    CHECK_STATUS(bytestride_from_dltensor(exact.data(), 0, &a), BYTESTRIDE_OK);
}

TEST("from_dltensor: offset, strides, empty, scalar, devices, dtypes") {
    bytestride_array a;
    dl_managed_tensor managed = {tensor_of(shape_2_3, nullptr), nullptr, nullptr};
    managed.tensor.byte_offset = 8;
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
    CHECK(a.data == values + 2);
    std::int64_t backward[] = {-3, -1};
    managed.tensor.strides = backward;
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
    CHECK(a.strides[0] == -12 && a.strides[1] == -4);
    for (std::int32_t device : {1, 3, 11}) {
        managed.tensor.device_type = device;
        CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
        CHECK_EQ(a.flags, 0u);
    }
    std::int64_t empty_shape[] = {2, 0};
    managed.tensor = tensor_of(empty_shape, nullptr);
    managed.tensor.data = nullptr;
    managed.tensor.byte_offset = 0;
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
    managed.tensor = tensor_of(nullptr, nullptr);
    managed.tensor.ndim = 0;
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
    CHECK_EQ(a.ndim, 0);
    const struct {
        std::uint8_t code, bits;
        std::int32_t dtype;
    } known[] = {{6, 8, BYTESTRIDE_BOOL},
                 {0, 64, BYTESTRIDE_INT64},
                 {1, 16, BYTESTRIDE_UINT16},
                 {2, 16, BYTESTRIDE_FLOAT16},
                 {5, 128, BYTESTRIDE_COMPLEX128}};
    for (const auto &k : known) {
        managed.tensor = tensor_of(shape_2_3, nullptr);
        managed.tensor.code = k.code;
        managed.tensor.bits = k.bits;
        CHECK_STATUS(bytestride_from_dltensor(&managed, 0, &a), BYTESTRIDE_OK);
        CHECK_EQ(a.dtype, k.dtype);
        CHECK_EQ(a.strides[1], k.bits / 8);
    }
}

TEST("from_dltensor refuses") {
    const dl_tensor good = tensor_of(shape_2_3, nullptr);
    dl_tensor t = good;
    for (std::int32_t device : {0, 2, 4, 7, 8, 10, 12, 13, -1}) {
        t.device_type = device;
        expect_refused(t, BYTESTRIDE_ERROR_DEVICE);
    }
    for (int lanes : {0, 2, 4, 0x8001, 0xffff}) {
        t = good;
        t.lanes = static_cast<std::uint16_t>(lanes);
        expect_refused(t, BYTESTRIDE_ERROR_DTYPE);
    }
    for (int code : {3, 4, 7, 17, 255}) {  // opaque, bfloat16, float8, ...
        t = good;
        t.code = static_cast<std::uint8_t>(code);
        expect_refused(t, BYTESTRIDE_ERROR_DTYPE);
    }
    t = good;
    t.bits = 128;
    expect_refused(t, BYTESTRIDE_ERROR_DTYPE);
    for (std::int32_t ndim : {-1, 9, std::numeric_limits<std::int32_t>::max()})
        for (void *data : {good.data, static_cast<void *>(nullptr)}) {
            t = good;
            t.ndim = ndim;
            t.data = data;
            expect_refused(t, BYTESTRIDE_ERROR_NDIM);
        }
    t = good;
    t.byte_offset = UINT64_MAX - 3;
    expect_refused(t, BYTESTRIDE_ERROR_SHAPE);
    t = good;
    t.shape = nullptr;
    expect_refused(t, BYTESTRIDE_ERROR_NULL);
    t = good;
    t.data = nullptr;
    expect_refused(t, BYTESTRIDE_ERROR_NULL);
    std::int64_t negative[] = {2, -3}, wide[] = {INT64_MAX / 2, 1};
    t = good;
    t.shape = negative;
    expect_refused(t, BYTESTRIDE_ERROR_SHAPE);
    t = good;
    t.strides = wide;  // in range as elements, not as bytes
    expect_refused(t, BYTESTRIDE_ERROR_SHAPE);
    bytestride_array a;
    const dl_managed_tensor managed = {good, nullptr, nullptr};
    CHECK_STATUS(bytestride_from_dltensor(nullptr, 0, &a), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_from_dltensor(&managed, 0, nullptr), BYTESTRIDE_ERROR_NULL);
    for (std::int32_t versioned : {-1, 2}) CHECK_STATUS(bytestride_from_dltensor(&managed, versioned, &a), BYTESTRIDE_ERROR_OPTION);
}

TEST("every status has a text of its own, unknown ones have one too") {
    std::vector<std::string> texts;
    for (std::int32_t status = 0; status >= -13; --status) {
        const std::string text = bytestride_strerror(status);
        CHECK(text.size() > 3);
        for (const std::string &other : texts) CHECK(text != other);
        texts.push_back(text);
    }
    for (std::int32_t status : {-14, -999, 1, INT32_MAX}) CHECK_EQ(bytestride_strerror(status), bytestride_strerror(-500));
    for (std::int32_t status : {-1000, INT32_MIN}) CHECK_EQ(bytestride_strerror(status), bytestride_strerror(-5000));
}

TEST("messages belong to their thread") {
    CHECK_STATUS(bytestride_set_num_threads(-7), BYTESTRIDE_ERROR_OPTION);
    const std::string mine = bytestride_last_error();
    CHECK(mine.find("-7") != std::string::npos);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([t, &wrong] {
            if (*bytestride_last_error()) ++wrong;  // none before the first failure
            for (int round = 0; round < 500; ++round) {
                bytestride_set_num_threads(-100 - t);
                std::this_thread::yield();
                if (!std::strstr(bytestride_last_error(), std::to_string(-100 - t).c_str())) ++wrong;
            }
        });
    for (std::thread &thread : threads) thread.join();
    CHECK_EQ(wrong.load(), 0);
    CHECK_EQ(mine, bytestride_last_error());
    // Successful calls leave it.
    CHECK_STATUS(bytestride_set_num_threads(0), BYTESTRIDE_OK);
    CHECK_EQ(mine, bytestride_last_error());
}

TEST("set_num_threads and get_num_threads") {
    const std::int32_t usual = bytestride_get_num_threads();
    CHECK(usual >= 1);
    CHECK_STATUS(bytestride_set_num_threads(3), BYTESTRIDE_OK);
    CHECK_EQ(bytestride_get_num_threads(), 3);
    CHECK_STATUS(bytestride_set_num_threads(-1), BYTESTRIDE_ERROR_OPTION);
    CHECK_EQ(bytestride_get_num_threads(), 3);
    CHECK_STATUS(bytestride_set_num_threads(INT32_MAX), BYTESTRIDE_OK);
    CHECK(bytestride_get_num_threads() >= 3);
    CHECK_STATUS(bytestride_set_num_threads(0), BYTESTRIDE_OK);
    CHECK_EQ(bytestride_get_num_threads(), usual);
}

TEST("versions and facts") {
    const std::string version = bytestride_version();
    CHECK_EQ(version, std::to_string(BYTESTRIDE_VERSION_MAJOR) + "." + std::to_string(BYTESTRIDE_VERSION_MINOR) + "." +
                          std::to_string(BYTESTRIDE_VERSION_PATCH));
    CHECK_EQ(bytestride_version_number(), BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH);
    CHECK_EQ(bytestride_abi_version(), BYTESTRIDE_ABI_VERSION);
    const std::string facts = bytestride_build_info();
    for (const char *key : {"version", "abi", "compiler", "levels", "isa", "threads", "serial_reason", "openmp", "library"})
        CHECK(facts.find("\"" + std::string(key) + "\": ") != std::string::npos);
    CHECK(facts.find("\"isa\": \"" + std::string(bytestride_isa()) + "\"") != std::string::npos);
}

// BYTESTRIDE_ISA caps the level; a level that the processor lacks is never used.
TEST("the level is the one asked for") {
    const char *asked = std::getenv("BYTESTRIDE_ISA");
    const std::string isa = bytestride_isa();
#if defined(__aarch64__)
    CHECK_EQ(isa, "neon");
#else
    CHECK(isa == "baseline" || isa == "avx2" || isa == "avx512");
    if (asked && !std::strcmp(asked, "baseline")) CHECK_EQ(isa, "baseline");
    if (asked && !std::strcmp(asked, "avx2")) CHECK(isa != "avx512");
    if (isa != "baseline") CHECK(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
    if (isa == "avx512") CHECK(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vbmi"));
#endif
    (void)asked;
}
