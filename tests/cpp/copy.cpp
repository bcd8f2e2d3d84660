// Copies, casts and transposes against the plain definition in reference.hpp, between forbidden pages.
#include "arrays.hpp"

#include "core/check.hpp"
#include "core/streaming.hpp"
#include "kernels/copy.hpp"

using namespace test;

namespace {

layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }
edge any_edge(random_numbers &dice) { return dice.one_in(2) ? edge::front : edge::back; }

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how, std::int64_t gap = 0) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), any_edge(dice), gap);
}

bool refused(std::int32_t from, std::int32_t to) { return reference::is_complex(from) && !reference::is_complex(to); }

void expect_copy(const array &a, const array &out, bool saturate) {
    for (std::int64_t i = 0; i < out.elements(); ++i) {
        const reference::number from = a.number_at(i);
        // A copy within a dtype keeps every bit, but that a bool is written as 0 or 1.
        const bool right = a.dtype == out.dtype && a.dtype != BYTESTRIDE_BOOL
                               ? std::memcmp(out.at(i), a.at(i), static_cast<std::size_t>(reference::size_of(a.dtype))) == 0
                               : reference::holds(out.dtype, out.at(i), reference::cast(out.dtype, from, saturate));
        if (!right) {
            fail(__FILE__, __LINE__,
                 "element " + std::to_string(i) + " of " + test::shown(out.elements()) + ": " + test::shown(from.real) + ", " +
                     test::shown(from.imag) + " became " + test::shown(out.number_at(i).real) + ", expected " +
                     test::shown(reference::cast(out.dtype, from, saturate).real));
            return;
        }
    }
}

void check_copy(random_numbers &dice, const array &a, const array &out, bool saturate) {
    about("%s -> %s%s %s", reference::name(a.dtype), reference::name(out.dtype), saturate ? " saturate" : "", shown(out.shape).c_str());
    fill(dice, a);
    const auto a_before = a.bytes(), out_before = out.bytes();
    const bytestride_array from = a.described(false), to = out.described(true);
    bytestride_copy_options options{};
    options.size = sizeof options;
    options.rule = saturate ? BYTESTRIDE_RULE_SATURATE : dice.one_in(2) ? BYTESTRIDE_RULE_WRAP : 0;
    const std::int32_t status = bytestride_copy(&from, &to, &options);
    if (refused(a.dtype, out.dtype)) {
        CHECK_EQ(status, BYTESTRIDE_ERROR_DTYPE);
        CHECK(out.untouched(out_before));
        return;
    }
    CHECK_STATUS(status, BYTESTRIDE_OK);
    expect_copy(a, out, saturate);
    CHECK(out.untouched_beside_elements(out_before));
    CHECK(a.untouched(a_before));
}

// A permutation of the axes as a caller does it: shape and strides change places, the memory stays.
array transposed(random_numbers &dice, std::int32_t code, const extents &shape) {
    extents reversed_shape(shape.rbegin(), shape.rend());
    const extents strides = strides_of(dice, dice.one_of({layout::c_order, layout::reversed, layout::gaps, layout::record}), reversed_shape,
                                       reference::size_of(code));
    return array(code, shape, extents(strides.rbegin(), strides.rend()), any_edge(dice), dice.one_in(3) ? dice.between(1, 31) : 0);
}

void check_transpose_inplace(random_numbers &dice, std::int32_t code, std::int64_t rows, std::int64_t columns, layout how,
                             std::int32_t threads = 0) {
    about("%s %lld x %lld %s", reference::name(code), static_cast<long long>(rows), static_cast<long long>(columns),
          layout_names[static_cast<int>(how)]);
    const array m = make(dice, code, {rows, columns}, how, dice.one_in(3) ? dice.between(1, 15) : 0);
    fill(dice, m);
    const auto before = m.bytes();
    const bytestride_array given = m.described(true);
    bytestride_options options{};
    options.size = sizeof options;
    options.threads = threads;
    CHECK_STATUS(bytestride_transpose_inplace(&given, &options), BYTESTRIDE_OK);
    const std::size_t size = static_cast<std::size_t>(reference::size_of(code));
    int wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            // Element [j, i] of the result; a rectangle lies there in C order.
            const unsigned char *got = rows == columns ? m.at(j * columns + i)
                                                       : m.memory.data() + static_cast<std::size_t>(j * rows + i) * size;
            wrong += std::memcmp(got, before.data() + (m.at(i * columns + j) - m.memory.data()), size) != 0;
        }
    CHECK_EQ(wrong, 0);
    CHECK(m.untouched_beside_elements(before));
}

}  // namespace

TEST("every cast by both rules, every length from 0 to 70") {
    random_numbers dice;
    for (std::int32_t from : reference::codes)
        for (std::int32_t to : reference::codes)
            for (bool saturate : {false, true})
                for (std::int64_t n = 0; n <= 70; n += refused(from, to) ? 35 : 1)
                    check_copy(dice, make(dice, from, {n}, layout::c_order), make(dice, to, {n}, layout::c_order), saturate);
}

TEST("every cast, any layout") {
    random_numbers dice;
    for (std::int32_t from : reference::codes)
        for (std::int32_t to : reference::codes)
            for (int round = 0; round < 12; ++round) {
                const extents shape = random_shape(dice, static_cast<int>(dice.between(0, dice.one_in(5) ? 8 : 4)), dice.between(1, 400));
                check_copy(dice, make(dice, from, shape, any_layout(dice), dice.between(0, 7)),
                           make(dice, to, shape, any_layout(dice), dice.between(0, 7)), dice.one_in(2));
            }
}

TEST("long runs through the conversion blocks") {
    random_numbers dice;
    for (std::int32_t from : reference::codes)
        for (std::int32_t to : reference::codes) {
            if (refused(from, to)) continue;
            const std::int64_t n = dice.between(255, 1100);
            check_copy(dice, make(dice, from, {n}, layout::c_order), make(dice, to, {n}, layout::c_order), dice.one_in(2));
        }
}

TEST("copies of one dtype between all layouts, every length from 0 to 130") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_UINT8, BYTESTRIDE_FLOAT16, BYTESTRIDE_INT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_COMPLEX128})
        for (std::int64_t n = 0; n <= 130; ++n)
            for (layout from : layouts) check_copy(dice, make(dice, code, {n}, from), make(dice, code, {n}, any_layout(dice)), false);
}

TEST("small constant steps, both edges") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_INT8, BYTESTRIDE_INT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_INT64, BYTESTRIDE_COMPLEX128})
        for (std::int64_t step : {-4, -3, -2, -1, 0, 1, 2, 3, 4, 5})
            for (std::int64_t n = 1; n <= 80; ++n) {
                const std::int64_t stride = step * reference::size_of(code);
                check_copy(dice, array(code, {n}, {stride}, any_edge(dice)), make(dice, code, {n}, layout::c_order), false);
                if (step != 0) check_copy(dice, make(dice, code, {n}, layout::c_order), array(code, {n}, {stride}, any_edge(dice)), false);
            }
}

TEST("transposes around the edges of tiles, with and without a cast") {
    random_numbers dice;
    constexpr std::int64_t around[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129};
    for (std::int64_t rows : around)
        for (std::int64_t columns : around) {
            const std::int32_t from = reference::codes[dice.between(0, 13)];
            const std::int32_t to = dice.one_in(2) || reference::is_complex(from) ? from : reference::codes[dice.between(0, 13)];
            check_copy(dice, transposed(dice, from, {rows, columns}), make(dice, to, {rows, columns}, any_layout(dice)), dice.one_in(2));
        }
    for (std::int32_t code : reference::codes)
        for (std::int64_t rows : {8, 31, 66})
            for (std::int64_t columns : {8, 33, 130})
                check_copy(dice, transposed(dice, code, {rows, columns}), make(dice, code, {rows, columns}, layout::c_order), false);
}

TEST("pixels of transposed images, of few rows and many, both edges") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_UINT8, BYTESTRIDE_UINT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64})
        for (std::int64_t channels : {2, 3, 4})
            for (edge side : {edge::front, edge::back})
                for (std::int64_t rows : {1, 3, 4, 5, 6, 7, 8, 9, 17})
                    for (std::int64_t columns : {1, 3, 4, 5, 6, 9, 33}) {
                        const std::int64_t size = reference::size_of(code), pixel = channels * size;
                        check_copy(dice, array(code, {rows, columns, channels}, {pixel, rows * pixel, size}, side),
                                   array(code, {rows, columns, channels}, {columns * pixel, pixel, size}, side), false);
                    }
}

TEST("permutations of three and four axes") {
    random_numbers dice;
    for (int round = 0; round < 80; ++round) {
        const std::int32_t code = reference::codes[dice.between(0, 13)];
        const extents shape = random_shape(dice, static_cast<int>(dice.between(3, 4)), dice.between(2000, 30000));
        check_copy(dice, make(dice, code, shape, layout::any), make(dice, code, shape, any_layout(dice)), false);
    }
}

TEST("stored past the caches") {
    random_numbers dice;
    for (std::int32_t from : reference::codes)
        for (int round = 0; round < 8; ++round) {
            const std::int32_t to = dice.one_in(2) || reference::is_complex(from) ? from : reference::codes[dice.between(0, 13)];
            const extents shape = dice.one_in(2) ? extents{dice.between(300, 6000)} : extents{dice.between(2, 40), dice.between(257, 500)};
            const array a = dice.one_in(2) ? make(dice, from, shape, any_layout(dice)) : transposed(dice, from, shape);
            const array out = make(dice, to, shape, dice.one_in(3) ? any_layout(dice) : layout::c_order, dice.between(0, 63));
            about("%s -> %s %s", reference::name(from), reference::name(to), shown(shape).c_str());
            fill(dice, a);
            const auto before = out.bytes();
            const bytestride_array described[] = {out.described(true), a.described(false)};
            bytestride::check c;
            const bytestride::view target = c.output(1, "out", &described[0]), source = c.input(2, "a", &described[1]);
            CHECK(!c.failed());
            const bytestride::view *const views[] = {&target, &source};
            CHECK_STATUS(bytestride::kernels::copy.run(
                             {{2, nullptr, nullptr}, bytestride::nest_loops(views, 2), source.type, target.type, false, true}),
                         BYTESTRIDE_OK);
            expect_copy(a, out, false);
            CHECK(out.untouched_beside_elements(before));
        }
}

// The whole way: from so many bytes on, calls choose this by themselves.
TEST("a copy past the threshold of streaming") {
    const std::int64_t columns = 100003, rows = bytestride::streaming_threshold() / columns + 2;
    if (rows * columns > std::int64_t(600) << 20) {
        std::printf("not run: the caches of this machine hold %lld bytes\n", static_cast<long long>(rows * columns));
        return;
    }
    random_numbers dice;
    const array row = make(dice, BYTESTRIDE_UINT8, {columns}, layout::c_order),
                out = make(dice, BYTESTRIDE_UINT8, {rows, columns}, layout::c_order);
    fill(dice, row);
    bytestride_array from = row.described(false), to = out.described(true);
    from.ndim = 2;
    from.shape[0] = rows;
    from.shape[1] = columns;
    from.strides[0] = 0;
    from.strides[1] = 1;
    CHECK_STATUS(bytestride_copy(&from, &to, nullptr), BYTESTRIDE_OK);
    int wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i) wrong += std::memcmp(out.at(i * columns), row.first(), static_cast<std::size_t>(columns)) != 0;
    CHECK_EQ(wrong, 0);
    CHECK(out.memory.intact());
}

TEST("the same view is left alone; another overlap is refused") {
    random_numbers dice;
    const array m = make(dice, BYTESTRIDE_INT32, {20, 20}, layout::c_order);
    fill(dice, m);
    const auto before = m.bytes();
    bytestride_array view = m.described(true), flipped = view;
    CHECK_STATUS(bytestride_copy(&view, &view, nullptr), BYTESTRIDE_OK);
    CHECK(m.untouched(before));
    std::swap(flipped.strides[0], flipped.strides[1]);
    CHECK_STATUS(bytestride_copy(&view, &flipped, nullptr), BYTESTRIDE_ERROR_OVERLAP);
    flipped = view;
    flipped.dtype = BYTESTRIDE_FLOAT32;
    CHECK_STATUS(bytestride_copy(&view, &flipped, nullptr), BYTESTRIDE_ERROR_OVERLAP);
    CHECK(m.untouched(before));
    // Even and odd elements share no byte.
    bytestride_array even = view, odd = view;
    even.ndim = odd.ndim = 1;
    even.shape[0] = odd.shape[0] = 200;
    even.strides[0] = odd.strides[0] = 8;
    odd.data = m.first() + 4;
    CHECK_STATUS(bytestride_copy(&even, &odd, nullptr), BYTESTRIDE_OK);
    for (std::int64_t i = 0; i < 400; i += 2) CHECK(std::memcmp(m.first() + 4 * i, m.first() + 4 * i + 4, 4) == 0);
}

TEST("transpose_inplace: squares through any strides") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (std::int64_t n : {0, 1, 2, 3, 8, 31, 32, 33, 64, 65, 97}) check_transpose_inplace(dice, code, n, n, any_layout(dice));
    for (std::int64_t n = 0; n <= 100; ++n) check_transpose_inplace(dice, BYTESTRIDE_UINT16, n, n, any_layout(dice));
}

TEST("transpose_inplace: rectangles in C order") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (std::int64_t rows : {0, 1, 2, 5, 16, 37})
            for (std::int64_t columns : {0, 1, 3, 8, 64, 101}) check_transpose_inplace(dice, code, rows, columns, layout::c_order);
    check_transpose_inplace(dice, BYTESTRIDE_FLOAT32, 300, 700, layout::c_order);
}

TEST("transpose_inplace: a large square on several threads") {
    random_numbers dice;
    for (std::int32_t threads : {1, 2, 5})
        for (std::int64_t n : {500, 513, 640}) check_transpose_inplace(dice, BYTESTRIDE_FLOAT32, n, n, any_layout(dice), threads);
}

TEST("written out: the two rules, halves, subnormals") {
    const auto convert = [](auto value, std::int32_t from, std::int32_t to, auto result, bool saturate) {
        bytestride_array a, out;
        CHECK_STATUS(bytestride_array_init(&a, &value, from, 0, nullptr, nullptr, 0), BYTESTRIDE_OK);
        CHECK_STATUS(bytestride_array_init(&out, &result, to, 0, nullptr, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
        bytestride_copy_options options{};
        options.size = sizeof options;
        options.rule = saturate ? BYTESTRIDE_RULE_SATURATE : BYTESTRIDE_RULE_WRAP;
        CHECK_STATUS(bytestride_copy(&a, &out, &options), BYTESTRIDE_OK);
        return result;
    };
    constexpr std::int32_t f64 = BYTESTRIDE_FLOAT64, i8 = BYTESTRIDE_INT8, u8 = BYTESTRIDE_UINT8, f16 = BYTESTRIDE_FLOAT16;
    CHECK_EQ(convert(300.7, f64, u8, std::uint8_t{}, false), 44);
    CHECK_EQ(convert(300.7, f64, u8, std::uint8_t{}, true), 255);
    CHECK_EQ(convert(-1.9, f64, i8, std::int8_t{}, false), -1);
    CHECK_EQ(convert(-1.9, f64, i8, std::int8_t{}, true), -2);
    CHECK_EQ(convert(-1.0, f64, u8, std::uint8_t{}, false), 255);
    CHECK_EQ(convert(2.5, f64, i8, std::int8_t{}, true), 2);
    CHECK_EQ(convert(3.5, f64, i8, std::int8_t{}, true), 4);
    CHECK_EQ(convert(0x1p64 + 4096, f64, BYTESTRIDE_UINT64, std::uint64_t{}, false), 4096);
    CHECK_EQ(convert(-0x1p63, f64, BYTESTRIDE_INT64, std::int64_t{}, true), INT64_MIN);
    CHECK_EQ(convert(1e300, f64, BYTESTRIDE_INT64, std::int64_t{}, true), INT64_MAX);
    CHECK_EQ(convert(1e300, f64, BYTESTRIDE_INT64, std::int64_t{}, false), 0);
    CHECK_EQ(convert(std::nan(""), f64, BYTESTRIDE_INT32, std::int32_t{7}, false), 0);
    CHECK_EQ(convert(std::nan(""), f64, BYTESTRIDE_INT32, std::int32_t{7}, true), 0);
    CHECK_EQ(convert(-HUGE_VAL, f64, BYTESTRIDE_INT16, std::int16_t{7}, false), 0);
    CHECK_EQ(convert(-HUGE_VAL, f64, BYTESTRIDE_INT16, std::int16_t{7}, true), -32768);
    CHECK_EQ(convert(std::int16_t{-300}, BYTESTRIDE_INT16, u8, std::uint8_t{}, false), 212);
    CHECK_EQ(convert(std::int16_t{-300}, BYTESTRIDE_INT16, u8, std::uint8_t{}, true), 0);
    CHECK_EQ(convert(UINT64_MAX, BYTESTRIDE_UINT64, BYTESTRIDE_INT64, std::int64_t{}, true), INT64_MAX);
    CHECK_EQ(convert(std::uint64_t{0x8000000000000401}, BYTESTRIDE_UINT64, BYTESTRIDE_FLOAT64, double{}, false), 0x1.0000000000001p63);
    CHECK_EQ(convert(0x1p-24, f64, f16, std::uint16_t{}, false), 1);
    CHECK_EQ(convert(0x1p-25, f64, f16, std::uint16_t{}, false), 0);
    // Half way and a little: rounding to float32 first would make it a tie, and round it down.
    CHECK_EQ(convert(1 + 0x1p-11 + 0x1p-40, f64, f16, std::uint16_t{}, false), 0x3c01);
    CHECK_EQ(convert(65519.999, f64, f16, std::uint16_t{}, false), 0x7bff);
    CHECK_EQ(convert(65520.0, f64, f16, std::uint16_t{}, false), 0x7c00);
    CHECK_EQ(convert(0x1p-1074, f64, BYTESTRIDE_BOOL, std::uint8_t{}, false), 1);
    CHECK_EQ(convert(-0.0, f64, BYTESTRIDE_BOOL, std::uint8_t{7}, false), 0);
    CHECK_EQ(convert(std::uint8_t{0x80}, BYTESTRIDE_BOOL, i8, std::int8_t{}, false), 1);
}
