// Convolution and correlation against the plain definition in exact arithmetic, between forbidden pages; known vectors; refusals.
#include "definitions.hpp"

#include "kernels/convolve_weights.hpp"

using namespace test;
using bytestride::at_baseline::factorize;
using bytestride::at_baseline::int128;

namespace {

bytestride_convolve_options default_options() {
    bytestride_convolve_options options{};
    options.size = sizeof options;
    return options;
}

template <class T> bytestride_array dense(T *data, std::int32_t code, std::initializer_list<std::int64_t> shape, bool writeable = false) {
    bytestride_array a;
    bytestride_array_init(&a, const_cast<std::remove_const_t<T> *>(data), code, static_cast<std::int32_t>(shape.size()), shape.begin(),
                          nullptr, writeable ? BYTESTRIDE_WRITEABLE : 0);
    return a;
}

array make(random_numbers &dice, std::int32_t code, const extents &shape, bool dense_only = false) {
    const edge side = dice.one_in(2) ? edge::front : edge::back;
    const std::int64_t gap = dice.one_in(3) ? dice.between(1, 31) : 0;
    const layout how = dense_only ? layout::c_order : layouts[dice.between(0, 5)];
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), side, gap);
}

// `only`: all arrays have this dtype and are dense, which is what rows are read in place of; 0: any.
void check_random(random_numbers &dice, int ndim, std::int64_t elements, std::int64_t most_taps, std::int32_t only = 0) {
    std::int32_t types[3];
    for (std::int32_t &type : types) type = only ? only : reference::codes[dice.between(0, 11)];
    extents shape = random_shape(dice, ndim, elements), kernel_shape, out_shape;
    for (std::int64_t &extent : shape) extent += extent == 0;
    std::vector<int> axes;
    for (int axis = 0; axis < ndim; ++axis)
        if (!dice.one_in(4)) axes.push_back(axis);
    if (axes.empty()) axes.push_back(ndim - 1);
    if (dice.one_in(3)) std::swap(axes.front(), axes.back());

    bytestride_convolve_options options = default_options();
    options.boundary = static_cast<std::int32_t>(dice.between(0, BYTESTRIDE_BOUNDARY_WRAP));
    options.region = static_cast<std::int32_t>(dice.between(0, BYTESTRIDE_REGION_VALID));
    options.threads = static_cast<std::int32_t>(dice.between(0, 2));
    const bool flipped = dice.one_in(2);
    out_shape = shape;
    std::vector<std::int64_t> centre;
    for (std::size_t k = 0; k < axes.size(); ++k) {
        const std::size_t axis = static_cast<std::size_t>(axes[k]);
        std::int64_t taps = dice.between(1, most_taps);
        if (options.region == BYTESTRIDE_REGION_VALID) taps = std::min(taps, shape[axis]);
        kernel_shape.push_back(taps);
        if (options.region == BYTESTRIDE_REGION_FULL) out_shape[axis] += taps - 1;
        if (options.region == BYTESTRIDE_REGION_VALID) out_shape[axis] -= taps - 1;
        options.axes[k] = axes[k] - (dice.one_in(2) ? ndim : 0);
        centre.push_back(flipped ? (taps - 1) / 2 : taps / 2);
        if (options.region <= BYTESTRIDE_REGION_SAME) {
            const std::int64_t moved = dice.between(0, taps - 1);
            options.origin[k] = static_cast<std::int32_t>(moved - centre[k]);
            centre[k] = moved;
        }
    }
    options.axes_count = options.origin_count = static_cast<std::int32_t>(axes.size());
    const bool is_bool = types[0] == BYTESTRIDE_BOOL, is_float = reference::is_floating(types[0]);
    const std::int64_t outside = dice.between(0, is_bool ? 1 : 5);
    if (is_float)
        options.fill = static_cast<double>(outside);
    else
        options.fill_integer = outside;

    const convolution p = {make(dice, types[0], shape, only != 0),
                           make(dice, types[1], kernel_shape, only != 0),
                           make(dice, types[2], out_shape, only != 0),
                           axes,
                           centre,
                           options.boundary ? options.boundary : BYTESTRIDE_BOUNDARY_CONSTANT,
                           options.region ? options.region : BYTESTRIDE_REGION_SAME,
                           flipped,
                           outside};
    about("%s %s by %s %s to %s, boundary %d, region %d, %s", reference::name(types[0]), shown(shape).c_str(), reference::name(types[1]),
          shown(kernel_shape).c_str(), reference::name(types[2]), p.boundary, p.region, flipped ? "convolve" : "correlate");
    fill_small(dice, p.input);
    fill_small(dice, p.kernel);
    fill(dice, p.out);
    const auto before = p.out.bytes();
    p.input.memory.make_read_only();
    const bytestride_array input = p.input.described(false), kernel = p.kernel.described(false), out = p.out.described(true);
    CHECK_STATUS((flipped ? bytestride_convolve : bytestride_correlate)(&input, &kernel, &out, &options), BYTESTRIDE_OK);
    for (std::int64_t i = 0; i < p.out.elements(); ++i) {
        const reference::number expected = reference::cast(p.out.dtype, reference::of_integer(p.sum(i)), true);
        if (reference::holds(p.out.dtype, p.out.at(i), expected, true)) continue;
        fail(__FILE__, __LINE__,
             "element " + std::to_string(i) + " is " + test::shown(p.out.number_at(i).real) + ", expected " + test::shown(expected.real));
        break;
    }
    CHECK(p.out.untouched_beside_elements(before));
}

}  // namespace

// ---- Known results ------------------------------------------------------------------------------------------

TEST("convolve: the article's vectors") {
    const std::int64_t a[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, sobel[9] = {-1, -2, -1, 0, 0, 0, 1, 2, 1};
    const std::int64_t expected_a[9] = {-13, -20, -17, -18, -24, -18, 13, 20, 17};
    const double b[12] = {1, 5, 2, 3, 8, 7, 3, 6, 3, 3, 9, 1}, k[9] = {1, 2, 3, 0, 0, 0, 6, 5, 4};
    const double expected_b[12] = {23, 41, 33, 21, 44, 65, 76, 52, 82, 85, 79, 42};
    std::int64_t out_a[9];
    double out_b[12];
    const bytestride_array in_a = dense(a, BYTESTRIDE_INT64, {3, 3}), kernel_a = dense(sobel, BYTESTRIDE_INT64, {3, 3}),
                           to_a = dense(out_a, BYTESTRIDE_INT64, {3, 3}, true);
    CHECK_STATUS(bytestride_convolve(&in_a, &kernel_a, &to_a, nullptr), BYTESTRIDE_OK);
    CHECK(std::memcmp(out_a, expected_a, sizeof out_a) == 0);
    const bytestride_array in_b = dense(b, BYTESTRIDE_FLOAT64, {3, 4}), kernel_b = dense(k, BYTESTRIDE_FLOAT64, {3, 3}),
                           to_b = dense(out_b, BYTESTRIDE_FLOAT64, {3, 4}, true);
    CHECK_STATUS(bytestride_convolve(&in_b, &kernel_b, &to_b, nullptr), BYTESTRIDE_OK);
    CHECK(std::memcmp(out_b, expected_b, sizeof out_b) == 0);
}

TEST("convolve: scalars, halves rounded to even, saturation") {
    const double x = 3, w = -0.5;
    double product;
    const bytestride_array in = dense(&x, BYTESTRIDE_FLOAT64, {}), kernel = dense(&w, BYTESTRIDE_FLOAT64, {}),
                           out = dense(&product, BYTESTRIDE_FLOAT64, {}, true);
    CHECK_STATUS(bytestride_convolve(&in, &kernel, &out, nullptr), BYTESTRIDE_OK);
    CHECK_EQ(product, -1.5);

    const std::uint8_t bytes[6] = {1, 3, 5, 7, 200, 255};
    const float half = 0.5f, four = 4;
    std::uint8_t rounded[6];
    const bytestride_array row = dense(bytes, BYTESTRIDE_UINT8, {6}), to = dense(rounded, BYTESTRIDE_UINT8, {6}, true);
    const bytestride_array by_half = dense(&half, BYTESTRIDE_FLOAT32, {1}), by_four = dense(&four, BYTESTRIDE_FLOAT32, {1});
    CHECK_STATUS(bytestride_convolve(&row, &by_half, &to, nullptr), BYTESTRIDE_OK);
    const std::uint8_t halves[6] = {0, 2, 2, 4, 100, 128}, clamped[6] = {4, 12, 20, 28, 255, 255};
    CHECK(std::memcmp(rounded, halves, 6) == 0);
    CHECK_STATUS(bytestride_convolve(&row, &by_four, &to, nullptr), BYTESTRIDE_OK);
    CHECK(std::memcmp(rounded, clamped, 6) == 0);
}

TEST("convolve: sums of 64-bit integers are exact to 127 bits") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::int64_t x[3] = {most, most, 5}, w[2] = {most, -most};
    double as_float[2];
    std::int64_t as_integer[2];
    bytestride_convolve_options valid = default_options();
    valid.region = BYTESTRIDE_REGION_VALID;
    const bytestride_array in = dense(x, BYTESTRIDE_INT64, {3}), kernel = dense(w, BYTESTRIDE_INT64, {2});
    const bytestride_array floats = dense(as_float, BYTESTRIDE_FLOAT64, {2}, true),
                           integers = dense(as_integer, BYTESTRIDE_INT64, {2}, true);
    CHECK_STATUS(bytestride_correlate(&in, &kernel, &floats, &valid), BYTESTRIDE_OK);
    CHECK_EQ(as_float[0], 0.0);
    CHECK_EQ(as_float[1], static_cast<double>((static_cast<__int128>(most) - 5) * most));
    CHECK_STATUS(bytestride_correlate(&in, &kernel, &integers, &valid), BYTESTRIDE_OK);
    CHECK_EQ(as_integer[1], most);

    const std::int64_t large[2] = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min()};
    const bytestride_array too_large = dense(large, BYTESTRIDE_INT64, {2});
    as_integer[0] = 77;
    const bytestride_array one = dense(as_integer, BYTESTRIDE_INT64, {1}, true);
    CHECK_STATUS(bytestride_correlate(&too_large, &too_large, &one, &valid), BYTESTRIDE_ERROR_OVERFLOW);
    CHECK_EQ(as_integer[0], 77);
}

// ---- Any call -----------------------------------------------------------------------------------------------

TEST("convolve: the definition, any dtypes, layouts, boundaries, regions, axes") {
    random_numbers dice;
    for (int i = 0; i < 400; ++i) check_random(dice, static_cast<int>(dice.between(1, 4)), 200, 5);
}

TEST("convolve: rows of many vectors, large kernels") {
    random_numbers dice;
    for (int i = 0; i < 40; ++i) check_random(dice, 2, 6000, 9);
    for (int i = 0; i < 20; ++i) check_random(dice, 1, 3000, 40);
}

TEST("convolve: rows read in place, up to the pages' edges") {
    random_numbers dice;
    for (int i = 0; i < 60; ++i) {
        const std::int32_t type = dice.one_of({BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_INT64});
        check_random(dice, 1, dice.between(150, 2000), 30, type);
        check_random(dice, 2, dice.between(1000, 8000), 7, type);
        check_random(dice, 3, dice.between(1000, 8000), 4, type);
    }
}

TEST("convolve: kernels larger than the array") {
    random_numbers dice;
    for (int i = 0; i < 100; ++i) check_random(dice, static_cast<int>(dice.between(1, 2)), 6, 20);
}

TEST("convolve: separable and direct agree on integers bit for bit, and refuse what is not separable") {
    random_numbers dice;
    for (int round = 0; round < 30; ++round) {
        const std::int64_t height = dice.between(1, 40), width = dice.between(1, 90), taps = dice.between(2, 12);
        const array input = make(dice, BYTESTRIDE_INT16, {height, width}), kernel = make(dice, BYTESTRIDE_INT32, {taps, taps});
        const array separable = make(dice, BYTESTRIDE_INT64, {height, width}), direct = make(dice, BYTESTRIDE_INT64, {height, width});
        fill(dice, input);
        std::vector<std::int64_t> u, v;
        for (std::int64_t i = 0; i < taps; ++i) {
            u.push_back(dice.between(-9, 9));
            v.push_back(dice.between(-9, 9));
        }
        for (std::int64_t i = 0; i < taps * taps; ++i)
            reference::encode(BYTESTRIDE_INT32,
                              reference::of_integer(u[static_cast<std::size_t>(i / taps)] * v[static_cast<std::size_t>(i % taps)]),
                              kernel.at(i));
        const bytestride_array in = input.described(false), weights = kernel.described(false), out = separable.described(true),
                               other = direct.described(true);
        bytestride_convolve_options options = default_options();
        options.boundary = BYTESTRIDE_BOUNDARY_REFLECT;
        options.method = BYTESTRIDE_METHOD_SEPARABLE;
        CHECK_STATUS(bytestride_convolve(&in, &weights, &out, &options), BYTESTRIDE_OK);
        options.method = BYTESTRIDE_METHOD_DIRECT;
        CHECK_STATUS(bytestride_convolve(&in, &weights, &other, &options), BYTESTRIDE_OK);
        bool equal = true;
        for (std::int64_t i = 0; i < height * width; ++i) equal = equal && separable.number_at(i).integer == direct.number_at(i).integer;
        CHECK(equal);

        reference::encode(BYTESTRIDE_INT32, reference::of_integer(10000), kernel.at(dice.between(0, taps * taps - 1)));
        options.method = BYTESTRIDE_METHOD_SEPARABLE;
        const auto before = separable.bytes();
        const std::int32_t status = bytestride_convolve(&in, &weights, &out, &options);
        // The changed kernel is a product only if all else in a line of it is zero.
        if (status == BYTESTRIDE_ERROR_OPTION) CHECK(separable.untouched(before));
        CHECK(status == BYTESTRIDE_ERROR_OPTION || status == BYTESTRIDE_OK);
    }
}

TEST("convolve: two threads give the bits of one") {
    random_numbers dice;
    const extents shape = {700, 500};
    for (const std::int32_t type : {BYTESTRIDE_UINT8, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64})
        for (const std::int64_t taps : {3, 9}) {
            about("%s, %lld taps", reference::name(type), static_cast<long long>(taps));
            const array input = make(dice, type, shape, true), kernel = make(dice, BYTESTRIDE_FLOAT32, {taps, taps}, true);
            const array alone = make(dice, BYTESTRIDE_FLOAT32, shape, true), together = make(dice, BYTESTRIDE_FLOAT32, shape, true);
            fill(dice, input, true);
            fill(dice, kernel, true);
            for (const bool separable : {false, true}) {
                if (separable)
                    for (std::int64_t i = 0; i < taps * taps; ++i)
                        reference::encode(BYTESTRIDE_FLOAT32, reference::of_integer((i / taps + 1) * (i % taps - 2)), kernel.at(i));
                const bytestride_array in = input.described(false), weights = kernel.described(false), one = alone.described(true),
                                       two = together.described(true);
                bytestride_convolve_options options = default_options();
                options.boundary = BYTESTRIDE_BOUNDARY_MIRROR;
                options.method = separable ? BYTESTRIDE_METHOD_SEPARABLE : BYTESTRIDE_METHOD_DIRECT;
                options.threads = 1;
                CHECK_STATUS(bytestride_convolve(&in, &weights, &one, &options), BYTESTRIDE_OK);
                options.threads = 2;
                for (int round = 0; round < 5; ++round) {
                    CHECK_STATUS(bytestride_convolve(&in, &weights, &two, &options), BYTESTRIDE_OK);
                    CHECK(std::memcmp(alone.first(), together.first(), static_cast<std::size_t>(4 * alone.elements())) == 0);
                }
            }
        }
}

// ---- Factors ------------------------------------------------------------------------------------------------

TEST("factors: products of integers are found exactly, others refused") {
    const std::int64_t taps[3] = {2, 3, 2};
    const int128 a[2] = {6, -10}, b[3] = {4, 0, 9}, c[2] = {-3, 5};
    int128 kernel[12], f0[2], f1[3], f2[2];
    int128 *const factors[3] = {f0, f1, f2};
    for (int i = 0; i < 12; ++i) kernel[i] = a[i / 6] * b[i / 2 % 3] * c[i % 2];
    CHECK(factorize(kernel, 3, taps, factors));
    for (int i = 0; i < 12; ++i) CHECK(f0[i / 6] * f1[i / 2 % 3] * f2[i % 2] == kernel[i]);
    for (int i = 0; i < 12; ++i) {
        kernel[i] += 1;
        CHECK(!factorize(kernel, 3, taps, factors));
        kernel[i] -= 1;
    }
}

TEST("factors: rounded products of floats are found, a wrong unit in one entry is not") {
    random_numbers dice;
    const std::int64_t taps[2] = {9, 7};
    float kernel[63], f0[9], f1[7];
    float *const factors[2] = {f0, f1};
    for (int round = 0; round < 100; ++round) {
        double u[9], v[7];
        for (double &x : u) x = dice.unit_interval() - 0.5;
        for (double &x : v) x = 1000 * (dice.unit_interval() - 0.5);
        for (int i = 0; i < 63; ++i) kernel[i] = static_cast<float>(u[i / 7] * v[i % 7]);
        CHECK(factorize(kernel, 2, taps, 8 * 0x1p-24, factors));
        double sum = 0;
        for (float x : f1) sum += std::fabs(static_cast<double>(x));
        CHECK(sum <= 1);  // so that no sum on the way can overflow
        const int changed = static_cast<int>(dice.between(0, 62));
        kernel[changed] *= 1 + 0x1p-18f;
        CHECK(!factorize(kernel, 2, taps, 8 * 0x1p-24, factors));
        kernel[changed] = std::numeric_limits<float>::quiet_NaN();
        CHECK(!factorize(kernel, 2, taps, 8 * 0x1p-24, factors));
    }
}

// ---- Refusals -----------------------------------------------------------------------------------------------

TEST("convolve: what is refused, and leaves the result untouched") {
    const float in_data[12] = {}, kernel_data[9] = {};
    float out_data[30];
    std::memset(out_data, 0x5a, sizeof out_data);
    const bytestride_array in = dense(in_data, BYTESTRIDE_FLOAT32, {3, 4}), kernel = dense(kernel_data, BYTESTRIDE_FLOAT32, {3, 3}),
                           out = dense(out_data, BYTESTRIDE_FLOAT32, {3, 4}, true);
    const auto refused = [&](std::int32_t status, const bytestride_array &i, const bytestride_array &k, const bytestride_array &o,
                             auto &&change) {
        bytestride_convolve_options options = default_options();
        change(options);
        CHECK_STATUS(bytestride_convolve(&i, &k, &o, &options), status);
    };
    const auto as_it_is = [](bytestride_convolve_options &) {};
    using options_type = bytestride_convolve_options;

    const std::int32_t option = BYTESTRIDE_ERROR_OPTION;
    refused(option, in, kernel, out, [](options_type &o) { o.boundary = 6; });
    refused(option, in, kernel, out, [](options_type &o) { o.region = -1; });
    refused(option, in, kernel, out, [](options_type &o) { o.method = 5; });
    refused(option, in, kernel, out, [](options_type &o) { o.threads = -1; });
    refused(option, in, kernel, out, [](options_type &o) { o.axes_count = 3; });
    refused(option, in, kernel, out, [](options_type &o) { o.axes_count = 2, o.axes[0] = 1, o.axes[1] = -1; });
    refused(option, in, kernel, out, [](options_type &o) { o.axes_count = 2, o.axes[0] = 2; });
    refused(option, in, kernel, out, [](options_type &o) { o.origin_count = 1, o.origin[0] = 2; });
    refused(option, in, kernel, out, [](options_type &o) { o.origin_count = 1, o.origin[0] = -2; });
    refused(option, in, kernel, out, [](options_type &o) { o.origin_count = 3; });
    refused(option, in, kernel, out, [](options_type &o) { o.fill = 1e39; });
    refused(option, in, kernel, out, [](options_type &o) { o.fill_integer = 1; });
    refused(BYTESTRIDE_ERROR_VERSION, in, kernel, out, [](options_type &o) { o.padding = 1; });
    refused(BYTESTRIDE_ERROR_NDIM, in, kernel, out, [](options_type &o) { o.axes_count = 1; });
    refused(BYTESTRIDE_ERROR_SHAPE, in, kernel, out, [](options_type &o) { o.region = BYTESTRIDE_REGION_FULL; });
    refused(BYTESTRIDE_ERROR_SHAPE, dense(in_data, BYTESTRIDE_FLOAT32, {2, 4}), kernel, dense(out_data, BYTESTRIDE_FLOAT32, {0, 2}, true),
            [](options_type &o) { o.region = BYTESTRIDE_REGION_VALID; });
    refused(BYTESTRIDE_ERROR_SHAPE, in, dense(kernel_data, BYTESTRIDE_FLOAT32, {3, 0}), out, as_it_is);
    refused(BYTESTRIDE_ERROR_SHAPE, dense(in_data, BYTESTRIDE_FLOAT32, {0, 4}), kernel, dense(out_data, BYTESTRIDE_FLOAT32, {2, 6}, true),
            [](options_type &o) { o.region = BYTESTRIDE_REGION_FULL, o.boundary = BYTESTRIDE_BOUNDARY_WRAP; });
    refused(BYTESTRIDE_ERROR_DTYPE, in, dense(kernel_data, BYTESTRIDE_COMPLEX64, {2, 2}), out, as_it_is);
    // Wider elements than any integer's: their fill is not looked at.
    refused(BYTESTRIDE_ERROR_DTYPE, dense(in_data, BYTESTRIDE_COMPLEX64, {2, 3}), kernel, out, as_it_is);
    refused(BYTESTRIDE_ERROR_DTYPE, dense(in_data, BYTESTRIDE_COMPLEX128, {1, 3}), kernel, out, as_it_is);
    refused(BYTESTRIDE_ERROR_READONLY, in, kernel, dense(out_data, BYTESTRIDE_FLOAT32, {3, 4}), as_it_is);
    refused(BYTESTRIDE_ERROR_OVERLAP, out, kernel, out, as_it_is);
    refused(BYTESTRIDE_ERROR_OVERLAP, in, dense(out_data + 9, BYTESTRIDE_FLOAT32, {3, 3}), out, as_it_is);
    const std::uint8_t bytes[12] = {};
    const bytestride_array unsigned_in = dense(bytes, BYTESTRIDE_UINT8, {3, 4});
    refused(option, unsigned_in, kernel, out, [](options_type &o) { o.fill_integer = 256; });
    refused(option, unsigned_in, kernel, out, [](options_type &o) { o.fill_integer = -1; });
    refused(option, unsigned_in, kernel, out, [](options_type &o) { o.fill = 1; });
    std::int32_t stop = 1;
    refused(BYTESTRIDE_ERROR_CANCELLED, in, kernel, out, [&](options_type &o) { o.cancel = &stop; });
    for (const float &value : out_data) CHECK(std::memcmp(&value, "\x5a\x5a\x5a\x5a", 4) == 0);
    CHECK_STATUS(bytestride_convolve(nullptr, &kernel, &out, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK(std::strstr(bytestride_last_error(), "argument 1 (input)") != nullptr);
}

TEST("convolve: nothing is a result too") {
    float out_data[6];
    const float weight[3] = {1, 2, 3};
    const bytestride_array empty = dense(static_cast<float *>(nullptr), BYTESTRIDE_FLOAT32, {0}),
                           kernel = dense(weight, BYTESTRIDE_FLOAT32, {3});
    const bytestride_array none = dense(static_cast<float *>(nullptr), BYTESTRIDE_FLOAT32, {0}, true),
                           two = dense(out_data, BYTESTRIDE_FLOAT32, {2}, true);
    bytestride_convolve_options options = default_options();
    options.boundary = BYTESTRIDE_BOUNDARY_REFLECT;
    CHECK_STATUS(bytestride_convolve(&empty, &kernel, &none, &options), BYTESTRIDE_OK);
    // Of the full result two elements lie wholly in the fill value.
    options.boundary = BYTESTRIDE_BOUNDARY_CONSTANT;
    options.region = BYTESTRIDE_REGION_FULL;
    options.fill = 0.5;
    CHECK_STATUS(bytestride_convolve(&empty, &kernel, &two, &options), BYTESTRIDE_OK);
    CHECK_EQ(out_data[0], 3.0f);
    CHECK_EQ(out_data[1], 3.0f);
}
