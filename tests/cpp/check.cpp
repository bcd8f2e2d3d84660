// The rules for arguments: versions of structs, NumPy's interface, flags, extents, options; each broken rule is a
// status that names the argument, and leaves the output alone.
#include "core/check.hpp"

#include <cmath>
#include <vector>

#include "guarded.hpp"
#include "test.hpp"

namespace {

// What lies behind __array_struct__, from NumPy's documentation of the array interface.
struct numpy_array {
    int two = 2;
    int ndim = 1;
    char typekind = 'f';
    int itemsize = 8;
    int flags = 0x1 | 0x100 | 0x200 | 0x400;  // contiguous, aligned, native byte order, writeable
    std::intptr_t *shape;
    std::intptr_t *strides;
    void *data;
    void *description = nullptr;
};

constexpr int count = 6;
double left[count] = {1, 2, 3, 4, 5, 6}, right[count] = {10, 20, 30, 40, 50, 60}, sum[count];

bytestride_array vector_of(double *data, bool writeable = false) {
    bytestride_array a{};
    a.size = sizeof a;
    a.dtype = BYTESTRIDE_FLOAT64;
    a.ndim = 1;
    a.flags = writeable ? BYTESTRIDE_WRITEABLE : 0;
    a.data = data;
    a.shape[0] = count;
    a.strides[0] = 8;
    return a;
}

template <class T> const bytestride_array *as_array(const T *anything) { return reinterpret_cast<const bytestride_array *>(anything); }

bool message_starts(const char *text) { return std::strncmp(bytestride_last_error(), text, std::strlen(text)) == 0; }

// Calls add; a failure must have the status, name the argument, and leave `sum` alone.
void expect_failure(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_options *options,
                    std::int32_t status, const char *argument) {
    for (double &value : sum) value = -1;
    CHECK_STATUS(bytestride_add(a, b, out, options), status);
    CHECK(message_starts(argument));
    for (double value : sum) CHECK_EQ(value, -1.0);
}
void expect_success(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_options *options) {
    for (double &value : sum) value = -1;
    CHECK_STATUS(bytestride_add(a, b, out, options), BYTESTRIDE_OK);
    for (int i = 0; i < count; ++i) CHECK_EQ(sum[i], left[i] + right[i]);
}

// Puts `change` into each of the three arguments in turn.
template <class Change> void expect_failure_everywhere(std::int32_t status, Change &&change) {
    const char *const names[] = {"argument 1 (a): ", "argument 2 (b): ", "argument 3 (out): "};
    for (int which = 0; which < 3; ++which) {
        bytestride_array arrays[] = {vector_of(left), vector_of(right), vector_of(sum, true)};
        change(arrays[which]);
        expect_failure(&arrays[0], &arrays[1], &arrays[2], nullptr, status, names[which]);
    }
}

bytestride_options plain_options() {
    bytestride_options options{};
    options.size = sizeof options;
    return options;
}

bytestride::view view_of(std::initializer_list<std::int64_t> shape, std::initializer_list<std::int64_t> strides, std::int64_t itemsize,
                         std::uintptr_t address) {
    bytestride::view v{};
    v.data = reinterpret_cast<char *>(address);
    v.ndim = static_cast<int>(shape.size());
    v.itemsize = itemsize;
    std::copy(shape.begin(), shape.end(), v.shape);
    std::copy(strides.begin(), strides.end(), v.strides);
    return v;
}

}  // namespace

TEST("sizes of the array struct: older, of the future, absurd") {
    for (std::uint32_t size : {0u, 1u, 3u, 100u, 151u, 4097u, 0xffffffffu}) {
        test::about("size %u", size);
        expect_failure_everywhere(BYTESTRIDE_ERROR_VERSION, [&](bytestride_array &a) { a.size = size; });
    }
    // A longer struct lies flush against a forbidden page: exactly `size` bytes of it may be read.
    for (std::uint32_t size : {152u, 153u, 160u, 200u, 1000u, 4096u}) {
        const test::guarded memory(size, test::edge::back);
        std::memset(memory.data(), 0, size);
        const bytestride_array out = vector_of(sum, true);
        bytestride_array longer = vector_of(left);
        longer.size = size;
        std::memcpy(memory.data(), &longer, sizeof longer);
        const bytestride_array b = vector_of(right);
        test::about("size %u", size);
        expect_success(memory.as<bytestride_array>(), &b, &out, nullptr);
        for (std::uint32_t at : {152u, (152u + size) / 2, size - 1}) {
            if (at < 152 || at >= size) continue;
            memory.data()[at] = 1;
            expect_failure(memory.as<bytestride_array>(), &b, &out, nullptr, BYTESTRIDE_ERROR_VERSION, "argument 1 (a): ");
            memory.data()[at] = 0;
        }
    }
}

TEST("NULL arrays and NULL data") {
    const bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    expect_failure(nullptr, &b, &out, nullptr, BYTESTRIDE_ERROR_NULL, "argument 1 (a): ");
    expect_failure(&a, nullptr, &out, nullptr, BYTESTRIDE_ERROR_NULL, "argument 2 (b): ");
    expect_failure(&a, &b, nullptr, nullptr, BYTESTRIDE_ERROR_NULL, "argument 3 (out): ");
    expect_failure_everywhere(BYTESTRIDE_ERROR_NULL, [](bytestride_array &array) { array.data = nullptr; });
    bytestride_array empty = vector_of(nullptr, true);
    empty.shape[0] = 0;
    CHECK_STATUS(bytestride_add(&empty, &empty, &empty, nullptr), BYTESTRIDE_OK);
}

TEST("flags: writeable, device, unknown bits") {
    for (std::uint32_t bit = 1; bit < 8; ++bit)
        expect_failure_everywhere(BYTESTRIDE_ERROR_VERSION, [&](bytestride_array &a) { a.flags |= 1u << bit; });
    for (std::uint32_t device : {2u, 3u, 4u, 8u, 13u, 255u})
        expect_failure_everywhere(BYTESTRIDE_ERROR_DEVICE, [&](bytestride_array &a) { a.flags |= device << 8; });
    expect_failure_everywhere(BYTESTRIDE_ERROR_DEVICE, [](bytestride_array &a) { a.flags |= 1u << 16 | 1u << 8; });
    expect_failure_everywhere(BYTESTRIDE_ERROR_DEVICE, [](bytestride_array &a) { a.flags |= 1u << 31; });
    bytestride_array a = vector_of(left), b = vector_of(right, true), out = vector_of(sum, true);
    a.flags |= 1 << 8;  // DLPack's number of host memory
    out.flags |= 1 << 8;
    expect_success(&a, &b, &out, nullptr);
    out = vector_of(sum);
    expect_failure(&a, &b, &out, nullptr, BYTESTRIDE_ERROR_READONLY, "argument 3 (out): ");
}

TEST("dtypes, dimensions, extents") {
    for (std::int32_t dtype : {0, -1, 0x2002, 0x22002, 0x18002, 0x11005, 0x10006})
        expect_failure_everywhere(BYTESTRIDE_ERROR_DTYPE, [&](bytestride_array &a) { a.dtype = dtype; });
    for (std::int32_t ndim : {-1, 9, 1000, INT32_MAX, INT32_MIN})
        expect_failure_everywhere(BYTESTRIDE_ERROR_NDIM, [&](bytestride_array &a) { a.ndim = ndim; });
    for (std::int64_t extent : {std::int64_t(-1), std::int64_t(-6), INT64_MIN})
        expect_failure_everywhere(BYTESTRIDE_ERROR_SHAPE, [&](bytestride_array &a) { a.shape[0] = extent; });
    // A negative extent beside an empty one is as wrong.
    expect_failure_everywhere(BYTESTRIDE_ERROR_SHAPE, [](bytestride_array &a) {
        a.ndim = 2;
        a.shape[0] = 0;
        a.shape[1] = -1;
    });
    const auto extents = [](bytestride_array &a, std::int64_t first, std::int64_t second, std::int64_t stride, std::int64_t other) {
        a.ndim = 2;
        a.shape[0] = first;
        a.shape[1] = second;
        a.strides[0] = stride;
        a.strides[1] = other;
    };
    const std::int64_t huge = INT64_MAX;
    const std::int64_t spans[][4] = {{huge, 1, 8, 8},          {huge, huge, 0, 0},           {2, 2, huge, huge},
                                     {2, 2, INT64_MIN, 8},     {2, 2, INT64_MIN, INT64_MIN}, {1ll << 32, 1ll << 32, 8, 8},
                                     {3, 3, INT64_MIN / 2, 8}, {1ll << 61, 2, 8, 4},         {2, 1, 1ll << 62, 0},
                                     {2, 1, -(1ll << 62), 0}};
    for (const auto &s : spans) {
        test::about("%lld x %lld, strides %lld %lld", static_cast<long long>(s[0]), static_cast<long long>(s[1]),
                    static_cast<long long>(s[2]), static_cast<long long>(s[3]));
        expect_failure_everywhere(BYTESTRIDE_ERROR_SHAPE, [&](bytestride_array &a) { extents(a, s[0], s[1], s[2], s[3]); });
    }
}

TEST("what must be ignored is ignored") {
    bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    for (bytestride_array *array : {&a, &b, &out})
        for (int i = 1; i < 8; ++i) {
            array->shape[i] = i % 2 ? -5 : INT64_MAX;
            array->strides[i] = INT64_MIN;
        }
    expect_success(&a, &b, &out, nullptr);
    // Strides of extents of 1, in front and behind.
    for (bytestride_array *array : {&a, &b, &out}) {
        array->ndim = 3;
        array->shape[0] = array->shape[2] = 1;
        array->shape[1] = count;
        array->strides[0] = INT64_MAX;
        array->strides[1] = 8;
        array->strides[2] = INT64_MIN;
    }
    expect_success(&a, &b, &out, nullptr);
}

TEST("empty arrays of any extents") {
    for (std::int64_t other : {std::int64_t(0), std::int64_t(1), std::int64_t(7), INT64_MAX}) {
        bytestride_array empty = vector_of(sum, true);
        empty.ndim = 3;
        empty.shape[0] = empty.shape[2] = other;
        empty.shape[1] = 0;
        for (std::int64_t stride : {std::int64_t(0), std::int64_t(8), INT64_MAX, INT64_MIN}) {
            empty.strides[0] = empty.strides[1] = empty.strides[2] = stride;
            test::about("extent %lld, stride %lld", static_cast<long long>(other), static_cast<long long>(stride));
            CHECK_STATUS(bytestride_add(&empty, &empty, &empty, nullptr), BYTESTRIDE_OK);
            CHECK_STATUS(bytestride_copy(&empty, &empty, nullptr), BYTESTRIDE_OK);
        }
    }
}

TEST("shapes that do not fit") {
    const bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    bytestride_array other = a;
    other.shape[0] = 5;
    expect_failure(&other, &b, &out, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 1 (a): ");
    expect_failure(&a, &other, &out, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 2 (b): ");
    other = a;
    other.ndim = 2;
    other.shape[0] = 1;
    other.shape[1] = count;
    other.strides[1] = 8;
    expect_failure(&other, &b, &out, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 1 (a): ");  // more dimensions than out
    bytestride_array one = out;
    one.shape[0] = 1;
    expect_failure(&a, &b, &one, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 1 (a): ");  // out is never broadcast
}

TEST("outputs that overlap") {
    bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    out.strides[0] = 0;
    expect_failure(&a, &b, &out, nullptr, BYTESTRIDE_ERROR_OVERLAP, "argument 3 (out): ");
    out.strides[0] = 4;
    expect_failure(&a, &b, &out, nullptr, BYTESTRIDE_ERROR_OVERLAP, "argument 3 (out): ");
    out = vector_of(sum, true);
    for (int shift : {-1, 1, 8, 40}) {
        a.data = reinterpret_cast<char *>(sum) + shift;
        a.shape[0] = 1;
        if (shift < 0) continue;  // would read before `sum`
        expect_failure(&a, &b, &out, nullptr, BYTESTRIDE_ERROR_OVERLAP, "argument 3 (out): ");
        expect_failure(&b, &a, &out, nullptr, BYTESTRIDE_ERROR_OVERLAP, "argument 3 (out): ");
    }
}

TEST("NumPy's interface: accepted") {
    std::intptr_t shape[] = {count}, strides[] = {8};
    numpy_array a, b, out;
    for (numpy_array *array : {&a, &b, &out}) {
        array->shape = shape;
        array->strides = strides;
    }
    a.data = left;
    b.data = right;
    out.data = sum;
    expect_success(as_array(&a), as_array(&b), as_array(&out), nullptr);
    const bytestride_array ours = vector_of(right);
    expect_success(as_array(&a), &ours, as_array(&out), nullptr);
    a.flags = 0x200;  // neither contiguous nor aligned nor writeable
    expect_success(as_array(&a), &ours, as_array(&out), nullptr);
    std::intptr_t backward[] = {-8};
    out.strides = a.strides = backward;
    a.data = left + count - 1;
    out.data = sum + count - 1;
    std::intptr_t other_backward[] = {-8};
    b.data = right + count - 1;
    b.strides = other_backward;
    expect_success(as_array(&a), as_array(&b), as_array(&out), nullptr);
    // 0-d: no shape at all.
    numpy_array scalar;
    scalar.ndim = 0;
    scalar.shape = scalar.strides = nullptr;
    scalar.data = left;
    numpy_array result = scalar;
    result.data = sum;
    CHECK_STATUS(bytestride_add(as_array(&scalar), as_array(&scalar), as_array(&result), nullptr), BYTESTRIDE_OK);
    CHECK_EQ(sum[0], 2 * left[0]);
    // One byte has no order.
    std::uint8_t bytes[count] = {1, 2, 3, 4, 5, 6};
    numpy_array small = a;
    small.typekind = 'u';
    small.itemsize = 1;
    small.flags = 0x400;
    small.data = bytes;
    std::intptr_t one[] = {1};
    small.strides = one;
    CHECK_STATUS(bytestride_add(as_array(&small), as_array(&small), as_array(&small), nullptr), BYTESTRIDE_OK);
    CHECK_EQ(bytes[5], 12);
}

TEST("NumPy's interface: every dtype and no other") {
    const struct {
        char kind;
        int itemsize;
        std::int32_t dtype;
    } known[] = {{'b', 1, BYTESTRIDE_BOOL},      {'i', 1, BYTESTRIDE_INT8},       {'i', 2, BYTESTRIDE_INT16},
                 {'i', 4, BYTESTRIDE_INT32},     {'i', 8, BYTESTRIDE_INT64},      {'u', 1, BYTESTRIDE_UINT8},
                 {'u', 2, BYTESTRIDE_UINT16},    {'u', 4, BYTESTRIDE_UINT32},     {'u', 8, BYTESTRIDE_UINT64},
                 {'f', 2, BYTESTRIDE_FLOAT16},   {'f', 4, BYTESTRIDE_FLOAT32},    {'f', 8, BYTESTRIDE_FLOAT64},
                 {'c', 8, BYTESTRIDE_COMPLEX64}, {'c', 16, BYTESTRIDE_COMPLEX128}};
    alignas(16) char memory[16] = {};
    std::vector<int> sizes{-1, 0, 1 << 21, INT32_MAX, INT32_MIN};
    for (int size = 1; size < 300; ++size) sizes.push_back(size);
    for (int kind = 0; kind < 128; ++kind)
        for (int itemsize : sizes) {
            numpy_array a;
            a.ndim = 0;
            a.shape = a.strides = nullptr;
            a.typekind = static_cast<char>(kind);
            a.itemsize = itemsize;
            a.data = memory;
            std::int32_t expected = 0;
            for (const auto &k : known)
                if (k.kind == kind && k.itemsize == itemsize) expected = k.dtype;
            bytestride::check c;
            const bytestride::view v = c.input(1, "a", as_array(&a));
            test::about("kind %d itemsize %d", kind, itemsize);
            CHECK_EQ(c.result(), expected ? BYTESTRIDE_OK : BYTESTRIDE_ERROR_DTYPE);
            bytestride::dtype type;
            if (expected) CHECK(bytestride::dtype_from_code(expected, &type) && v.type == type && v.itemsize == itemsize);
        }
}

TEST("NumPy's interface: refused") {
    std::intptr_t shape[] = {count}, strides[] = {8};
    numpy_array good;
    good.shape = shape;
    good.strides = strides;
    good.data = left;
    const bytestride_array b = vector_of(right), out = vector_of(sum, true);
    numpy_array a = good;
    a.flags &= ~0x200;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_DTYPE, "argument 1 (a): ");
    for (int ndim : {-1, 9, 64}) {
        a = good;
        a.ndim = ndim;
        expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_NDIM, "argument 1 (a): ");
    }
    a = good;
    a.data = nullptr;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_NULL, "argument 1 (a): ");
    a = good;
    a.shape = nullptr;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_NULL, "argument 1 (a): ");
    a = good;
    a.strides = nullptr;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_NULL, "argument 1 (a): ");
    std::intptr_t negative[] = {-1}, huge[] = {INT64_MAX};
    a = good;
    a.shape = negative;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 1 (a): ");
    a = good;
    a.strides = huge;
    expect_failure(as_array(&a), &b, &out, nullptr, BYTESTRIDE_ERROR_SHAPE, "argument 1 (a): ");
    a = good;
    a.data = sum;
    a.flags &= ~0x400;
    const bytestride_array x = vector_of(left);
    expect_failure(&x, &b, as_array(&a), nullptr, BYTESTRIDE_ERROR_READONLY, "argument 3 (out): ");
}

TEST("options: sizes, reserved words, tails") {
    const bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    bytestride_options options = plain_options();
    expect_success(&a, &b, &out, &options);
    for (std::uint32_t size : {0u, 4u, 63u, 4097u, 0xffffffffu}) {
        options = plain_options();
        options.size = size;
        expect_failure(&a, &b, &out, &options, BYTESTRIDE_ERROR_VERSION, "argument 4 (options): ");
    }
    for (int i = 0; i < 3; ++i) {
        options = plain_options();
        options.reserved[i] = std::uint64_t(1) << 40;
        expect_failure(&a, &b, &out, &options, BYTESTRIDE_ERROR_VERSION, "argument 4 (options): ");
    }
    for (std::uint32_t size : {64u, 65u, 72u, 1024u, 4096u}) {
        const test::guarded memory(size, test::edge::back);
        std::memset(memory.data(), 0, size);
        options = plain_options();
        options.size = size;
        std::memcpy(memory.data(), &options, sizeof options);
        expect_success(&a, &b, &out, memory.as<bytestride_options>());
        if (size == 64) continue;
        memory.data()[size - 1] = 1;
        expect_failure(&a, &b, &out, memory.as<bytestride_options>(), BYTESTRIDE_ERROR_VERSION, "argument 4 (options): ");
    }
    // The copy's own fields.
    bytestride_copy_options copy{};
    copy.size = sizeof copy;
    CHECK_STATUS(bytestride_copy(&a, &out, &copy), BYTESTRIDE_OK);
    copy.size = sizeof(bytestride_options);  // less than the struct ever was
    CHECK_STATUS(bytestride_copy(&a, &out, &copy), BYTESTRIDE_ERROR_VERSION);
    copy.size = sizeof copy;
    for (std::int32_t rule : {-1, 3, INT32_MAX, INT32_MIN}) {
        copy.rule = rule;
        CHECK_STATUS(bytestride_copy(&a, &out, &copy), BYTESTRIDE_ERROR_OPTION);
    }
    copy.rule = BYTESTRIDE_RULE_SATURATE;
    copy.padding = 1;
    CHECK_STATUS(bytestride_copy(&a, &out, &copy), BYTESTRIDE_ERROR_VERSION);
}

TEST("options: threads") {
    const bytestride_array a = vector_of(left), b = vector_of(right), out = vector_of(sum, true);
    bytestride_options options = plain_options();
    for (std::int32_t threads : {-1, INT32_MIN}) {
        options.threads = threads;
        expect_failure(&a, &b, &out, &options, BYTESTRIDE_ERROR_OPTION, "argument 4 (options): ");
    }
    for (std::int32_t threads : {0, 1, 7, INT32_MAX}) {
        options.threads = threads;
        expect_success(&a, &b, &out, &options);
    }
}

TEST("options: the error buffer gets the message, cut to fit") {
    const bytestride_array b = vector_of(right), out = vector_of(sum, true);
    CHECK_STATUS(bytestride_add(nullptr, &b, &out, nullptr), BYTESTRIDE_ERROR_NULL);
    const std::string message = bytestride_last_error();
    CHECK(message.size() > 20);
    for (std::int64_t size = 1; size < 100; ++size)
        for (test::edge side : {test::edge::front, test::edge::back}) {
            const test::guarded buffer(size, side);
            bytestride_options options = plain_options();
            options.error = buffer.as<char>();
            options.error_size = size;
            CHECK_STATUS(bytestride_add(nullptr, &b, &out, &options), BYTESTRIDE_ERROR_NULL);
            test::about("%lld bytes", static_cast<long long>(size));
            CHECK_EQ(std::string(buffer.as<char>()), message.substr(0, static_cast<std::size_t>(size - 1)));
            CHECK(buffer.intact());
        }
    // Also when the options themselves are wrong, when there is no room, and when there is no buffer.
    char text[100] = "untouched";
    bytestride_options options = plain_options();
    options.error = text;
    options.error_size = 0;
    CHECK_STATUS(bytestride_add(nullptr, &b, &out, &options), BYTESTRIDE_ERROR_NULL);
    CHECK_EQ(text, "untouched");
    options.error_size = -1;
    CHECK_STATUS(bytestride_add(&b, &b, &out, &options), BYTESTRIDE_ERROR_OPTION);
    CHECK_EQ(text, "untouched");
    options.error_size = sizeof text;
    options.threads = -3;
    CHECK_STATUS(bytestride_add(&b, &b, &out, &options), BYTESTRIDE_ERROR_OPTION);
    CHECK_EQ(text, bytestride_last_error());
    options = plain_options();
    options.error_size = 100;
    CHECK_STATUS(bytestride_add(nullptr, &b, &out, &options), BYTESTRIDE_ERROR_NULL);
}

TEST("the first failure is the one that is reported") {
    bytestride::check c;
    c.require(true, BYTESTRIDE_ERROR_DTYPE, 1, "x", "is never seen");
    CHECK(!c.failed());
    c.require(false, BYTESTRIDE_ERROR_SHAPE, 2, "y", "has %d", 7);
    c.require(false, BYTESTRIDE_ERROR_DTYPE, 3, "z", "comes too late");
    CHECK(c.failed());
    CHECK_EQ(c.result(), BYTESTRIDE_ERROR_SHAPE);
    CHECK_EQ(c.result(BYTESTRIDE_ERROR_MEMORY), BYTESTRIDE_ERROR_SHAPE);
    CHECK_EQ(bytestride_last_error(), "argument 2 (y): has 7");
    bytestride::check fine;
    CHECK_EQ(fine.result(BYTESTRIDE_ERROR_MEMORY), BYTESTRIDE_ERROR_MEMORY);
    CHECK_EQ(bytestride_last_error(), bytestride_strerror(BYTESTRIDE_ERROR_MEMORY));
    // A very long message is cut, not written past its end.
    bytestride::check wordy;
    wordy.require(false, BYTESTRIDE_ERROR_OPTION, 1, "x", "%s", std::string(5000, 'w').c_str());
    CHECK(std::strlen(bytestride_last_error()) < 1000);
}

TEST("span_fits, against 128-bit arithmetic") {
    test::random_numbers dice;
    int fits = 0, passes = 0;
    for (int round = 0; round < 50000; ++round) {
        bytestride::view v = view_of({}, {}, dice.one_of<std::int64_t>({1, 2, 4, 8, 16}), 0);
        v.ndim = static_cast<int>(dice.between(0, 4));
        const auto any = [&](int bits) { return static_cast<std::int64_t>(dice.bits() >> (64 - dice.between(1, bits))); };
        __int128 low = 0, high = v.itemsize, elements = 1;
        for (int i = 0; i < v.ndim; ++i) {
            v.shape[i] = dice.one_in(20) ? 0 : any(63) % (std::int64_t(1) << dice.between(1, 62)) + 1;
            v.strides[i] = v.shape[i] <= 1 ? 0 : dice.one_in(2) ? any(63) : -any(63);
            if (dice.one_in(2)) v.strides[i] /= v.shape[i] ? v.shape[i] : 1;
        }
        v.data = reinterpret_cast<char *>(dice.one_in(3) ? dice.bits() : dice.bits() >> 17);
        bool empty = false, expected = true;
        for (int i = 0; i < v.ndim; ++i) empty = empty || v.shape[i] == 0;
        if (!empty) {
            for (int i = 0; i < v.ndim && expected; ++i) {
                const __int128 reach = static_cast<__int128>(v.strides[i]) * (v.shape[i] - 1);
                (reach < 0 ? low : high) += reach;
                elements *= v.shape[i];
                expected = elements <= INT64_MAX && high <= INT64_MAX && low >= INT64_MIN;
            }
            const __int128 base = static_cast<__int128>(reinterpret_cast<std::uintptr_t>(v.data)), limit = static_cast<__int128>(1) << 60;
            expected = expected && high <= limit && -low <= limit && base + low >= 0 && base + high <= static_cast<__int128>(UINTPTR_MAX);
        }
        ++(expected ? fits : passes);
        CHECK_EQ(bytestride::span_fits(v), expected);
    }
    CHECK(fits > 1000 && passes > 1000);
    CHECK(!bytestride::span_fits(view_of({-1}, {8}, 8, 4096)));
    CHECK(!bytestride::span_fits(view_of({0, -1}, {8, 8}, 8, 4096)));
}

TEST("c_order_strides") {
    const std::int64_t shape[] = {2, 3, 1, 5}, huge[] = {std::int64_t(1) << 40, std::int64_t(1) << 30};
    std::int64_t strides[4];
    CHECK(bytestride::c_order_strides(4, shape, 8, strides));
    CHECK_EQ(strides[0], 120);
    CHECK_EQ(strides[1], 40);
    CHECK_EQ(strides[2], 40);
    CHECK_EQ(strides[3], 8);
    CHECK(!bytestride::c_order_strides(2, huge, 8, strides));
}
