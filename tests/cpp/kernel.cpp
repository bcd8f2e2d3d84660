// Own kernels in C++: what the exported function checks, how its names are read, what a call gets from its options.
#include <cfenv>
#include <string>
#include <vector>

#include "test.hpp"

#include "bytestride/kernel.hpp"

using namespace bytestride::kernel;

// fegetround() tells about another unit than the one that computes.
static double third() {
    volatile double three = 3;
    return 1 / three;
}
static double third_of_kernel;

static status own_copy(call &call, input<float, 2> a, double power, output<float, 2> out) {
    third_of_kernel = third();
    return call.parallel_for(out.extent(0), [=](std::int64_t i) {
        for (std::int64_t j = 0; j < out.extent(1); ++j) out(i, j) = power == 0 ? 1 : a(i, j);
    });
}
BYTESTRIDE_EXPORT(own_copy, "a copy", a(rows, columns), power = 1, out(rows, columns));

static status own_count(call &call, input<std::uint8_t, 1> what, output<std::int64_t, 0> sum) {
    std::atomic<std::int64_t> total{0};
    const status code = call.parallel_for(what.extent(0), 64, [&](std::int64_t begin, std::int64_t end) {
        std::int64_t here = 0;
        for (std::int64_t i = begin; i < end; ++i) here += what(i);
        total += here;
    });
    sum() = total;
    return code;
}
BYTESTRIDE_EXPORT(own_count, "a sum", what(n), sum());

namespace {

bytestride_array array_of(void *data, std::int32_t dtype, std::vector<std::int64_t> shape, std::uint32_t flags = 0) {
    bytestride_array array{};
    CHECK_EQ(bytestride_array_init(&array, data, dtype, int(shape.size()), shape.data(), nullptr, flags), BYTESTRIDE_OK);
    return array;
}

float from[6] = {1, 2, 3, 4, 5, 6}, to[6];

}  // namespace

TEST("names are read when the kernel is compiled") {
    constexpr parameter two[] = {{role::input, bytestride::dtype::float32, 2}, {role::scalar, bytestride::dtype::float64, 0}};
    static_assert(names<2>("image(rows, columns), factor = 2.0").fit(two));
    static_assert(names<2>("  image ( rows,columns ) ,factor=-1e-3").fit(two));
    static_assert(names<2>("image, factor").fit(two));
    static_assert(names<2>("image(_, 3), factor").fit(two));
    static_assert(!names<2>("image(rows), factor").fit(two), "an extent is missing");
    static_assert(!names<2>("image(), factor").fit(two), "both are");
    static_assert(!names<2>("image(a, b, c), factor").fit(two), "one too many");
    static_assert(!names<2>("image(a, b), factor(n)").fit(two), "numbers have no extents");
    static_assert(!names<2>("image = 2, factor").fit(two), "arrays have no default");
    static_assert(!names<2>("image").fit(two), "a name is missing");
    static_assert(!names<2>("image, factor, more").fit(two), "a name too many");
    static_assert(!names<2>("image(a, b, factor").fit(two), "not closed");
    static_assert(!names<2>("image, ").fit(two), "an empty name");
    static_assert(!names<2>("a_name_that_is_much_too_long_for_a_sensible_message, factor").fit(two));
    static_assert(!names<2>("image(a,b,c,d,e,f,g,h,i), factor").fit(two), "more than 8");
    for (const char *number : {"1", "-1", "0", "0.5", "1e9", "1.5E-3"}) CHECK(names<2>((std::string("a, b = ") + number).c_str()).fit(two));
    for (const char *number : {"01", "1.", ".5", "1.f", "0x10", "1e", "--1", "M_PI", "true", "1 2"})
        CHECK(!names<2>((std::string("a, b = ") + number).c_str()).fit(two));

    constexpr names<3> product("a(m, k), b(k, 3), out(m, m)");
    CHECK(product.of[0].rules[0].free && product.of[0].rules[1].free);
    CHECK_EQ(product.of[1].rules[0].argument, 0);
    CHECK_EQ(product.of[1].rules[0].axis, 1);
    CHECK_EQ(product.of[1].rules[1].argument, -1);
    CHECK_EQ(product.of[1].rules[1].number, 3);
    CHECK_EQ(product.of[2].rules[1].argument, 0);  // the first of the name
}

TEST("C calls the exported function") {
    const bytestride_array a = array_of(from, BYTESTRIDE_FLOAT32, {2, 3}),
                           out = array_of(to, BYTESTRIDE_FLOAT32, {2, 3}, BYTESTRIDE_WRITEABLE);
    std::int32_t (*const entry)(const bytestride_array *, double, const bytestride_array *, const bytestride_options *) = own_copy;
    CHECK_EQ(entry(&a, 1, &out, nullptr), BYTESTRIDE_OK);
    for (int i = 0; i < 6; ++i) CHECK_EQ(to[i], from[i]);
    CHECK_EQ(entry(&a, 0, &out, nullptr), BYTESTRIDE_OK);
    for (const float value : to) CHECK_EQ(value, 1.0f);
}

TEST("a wrong descriptor is the same status and the same words as in the library") {
    const bytestride_array good = array_of(from, BYTESTRIDE_FLOAT32, {2, 3}),
                           result = array_of(to, BYTESTRIDE_FLOAT32, {2, 3}, BYTESTRIDE_WRITEABLE);
    std::vector<bytestride_array> wrong(13, good);
    wrong[0].size = 3;
    wrong[1].size = 5000;
    wrong[2].dtype = 77;
    wrong[3].ndim = 9;
    wrong[4].ndim = -1;
    wrong[5].flags = 4;
    wrong[6].flags = 2 << 8;
    wrong[7].flags = 1 << 16;
    wrong[8].data = nullptr;
    wrong[9].shape[1] = -3;
    wrong[10].strides[0] = INT64_MAX;
    wrong[11].shape[0] = INT64_MAX;
    wrong[12].size = 0;
    for (std::size_t i = 0; i <= wrong.size(); ++i) {
        test::about("descriptor %zu", i);
        const bytestride_array *given = i < wrong.size() ? &wrong[i] : nullptr;
        const status theirs = bytestride_copy(given, &result, nullptr);
        const std::string words = bytestride_last_error();
        CHECK(theirs < 0);
        CHECK_EQ(own_copy(given, 1, &result, nullptr), theirs);
        CHECK_EQ(bytestride_last_error(), words.c_str());
        // The same of an output, where the library names it as the second argument, and we as the third.
        const status of_output = bytestride_copy(&good, given, nullptr);
        const std::string expected = "argument 3" + std::string(bytestride_last_error()).substr(std::strlen("argument 2"));
        CHECK_EQ(own_copy(&good, 1, given, nullptr), of_output);
        CHECK_EQ(bytestride_last_error(), expected.c_str());
    }
}

TEST("wrong options are the same status and the same words as in the library") {
    const bytestride_array a = array_of(from, BYTESTRIDE_FLOAT32, {2, 3}),
                           out = array_of(to, BYTESTRIDE_FLOAT32, {2, 3}, BYTESTRIDE_WRITEABLE);
    struct larger {
        bytestride_options head;
        std::int64_t more;
    } wrong[5] = {};
    char text[120];
    for (larger &one : wrong) {
        one.head.size = sizeof one.head;
        one.head.error = text;
        one.head.error_size = sizeof text;
    }
    wrong[0].head.size = 8;
    wrong[1].head.threads = -1;
    wrong[2].head.reserved[1] = 1;
    wrong[3].head.size = sizeof(larger);
    wrong[3].more = 1;
    wrong[4].head.error_size = -1;
    for (const larger &one : wrong) {
        const status theirs = bytestride_add(&a, &a, &out, &one.head);
        const std::string words = bytestride_last_error();
        CHECK(theirs < 0);
        text[0] = '\0';
        CHECK_EQ(own_copy(&a, 1, &out, &one.head), theirs);
        CHECK_EQ(bytestride_last_error(), words.c_str());  // options are argument 4 in both
        if (one.head.size != 8 && one.head.error_size > 0) CHECK_EQ(text, words.c_str());
    }
    larger fine = wrong[3];
    fine.more = 0;
    CHECK_EQ(own_copy(&a, 1, &out, &fine.head), BYTESTRIDE_OK);
}

TEST("the cancel word ends a call, and progress counts indices") {
    std::vector<std::uint8_t> ones(100000, 1);
    std::int64_t total = 0, progress[2] = {0, 0};
    const bytestride_array what = array_of(ones.data(), BYTESTRIDE_UINT8, {100000}),
                           sum = array_of(&total, BYTESTRIDE_INT64, {}, BYTESTRIDE_WRITEABLE);
    std::int32_t cancel = 0;
    bytestride_options options{};
    options.size = sizeof options;
    options.cancel = &cancel;
    options.progress = progress;
    CHECK_EQ(own_count(&what, &sum, &options), BYTESTRIDE_OK);
    CHECK_EQ(total, 100000);
    CHECK_EQ(progress[0], 100000);
    CHECK_EQ(progress[1], 100000);
    cancel = 1;
    CHECK_EQ(own_count(&what, &sum, &options), BYTESTRIDE_ERROR_CANCELLED);
    CHECK_EQ(bytestride_last_error(), bytestride_strerror(BYTESTRIDE_ERROR_CANCELLED));
    CHECK_EQ(progress[0], 100000);
}

TEST("a kernel computes in the default floating-point mode") {
    const bytestride_array a = array_of(from, BYTESTRIDE_FLOAT32, {2, 3}),
                           out = array_of(to, BYTESTRIDE_FLOAT32, {2, 3}, BYTESTRIDE_WRITEABLE);
    std::fesetround(FE_UPWARD);
    const status code = own_copy(&a, 1, &out, nullptr);
    const double after = third();
    std::fesetround(FE_TONEAREST);
    CHECK_EQ(code, BYTESTRIDE_OK);
    CHECK_EQ(third_of_kernel, 0x1.5555555555555p-2);
    CHECK_EQ(after, 0x1.5555555555556p-2);
}

TEST("elements at every address, through every stride") {
    test::random_numbers random;
    std::vector<char> memory(400);
    for (int at = 0; at < 16; ++at)
        for (const std::int64_t step : {16, 17, 33, -19}) {
            bytestride::view seen{memory.data() + 180 + at, bytestride::dtype::complex128, 1, 16, {5}, {step}};
            const output<std::complex<double>, 1> complexes(seen);
            const output<double, 1> doubles(seen);
            const output<std::int16_t, 1> shorts(seen);
            for (int i = 0; i < 5; ++i) {
                const double value = random.unit_interval();
                complexes(i) = {value, -value};
                complexes(i) += std::complex<double>(1, 1);
                CHECK_EQ((input<double, 1>(seen)(i)), value + 1);
                doubles(i) = value;
                doubles(i) *= 2;
                CHECK_EQ(double(doubles(i)), 2 * value);
                shorts(i) = std::int16_t(i - 3);
                shorts(i) |= std::int16_t(64);
                CHECK_EQ((input<std::int16_t, 1>(seen)(i)), (i - 3) | 64);
            }
        }
}

TEST("a view knows whether its last stride is one element, and passes as an array") {
    double numbers[12] = {};
    bytestride::view seen{reinterpret_cast<char *>(numbers), bytestride::dtype::float64, 2, 8, {3, 4}, {32, 8}};
    CHECK((input<double, 2>(seen).has_unit_stride()));
    seen.strides[1] = 16;
    CHECK(!(input<double, 2>(seen).has_unit_stride()));
    seen.shape[1] = 1;
    CHECK((input<double, 2>(seen).has_unit_stride()));  // the stride of one element is nobody's
    const bytestride_array passed = output<double, 2>(seen).array();
    CHECK_EQ(passed.dtype, BYTESTRIDE_FLOAT64);
    CHECK_EQ(passed.ndim, 2);
    CHECK_EQ(passed.flags, std::uint32_t(BYTESTRIDE_WRITEABLE));
    CHECK_EQ(passed.shape[0], 3);
    CHECK_EQ(passed.strides[0], 32);
    CHECK_EQ((input<double, 2>(seen).array().flags), 0u);
    CHECK_EQ((input<double, 2>(seen).size()), 3);
}
