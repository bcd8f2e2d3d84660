// Arithmetic against the plain definition in reference.hpp, with every buffer between forbidden pages.
#include "arrays.hpp"

#include "core/check.hpp"
#include "kernels/arithmetic.hpp"

using namespace test;
using reference::operation;

namespace {

constexpr operation operations[] = {operation::add,    operation::subtract, operation::multiply,
                                    operation::divide, operation::minimum,  operation::maximum};

using entry = std::int32_t (*)(const bytestride_array *, const bytestride_array *, const bytestride_array *, const bytestride_options *);
constexpr entry entries[] = {bytestride_add,    bytestride_subtract, bytestride_multiply,
                             bytestride_divide, bytestride_minimum,  bytestride_maximum};

bool refused(operation what, std::int32_t computed) { return what == operation::subtract && computed == BYTESTRIDE_BOOL; }

// Products and quotients of complex numbers have a bound instead of bits.
bool has_bound(operation what, std::int32_t computed) {
    return reference::is_complex(computed) && (what == operation::multiply || what == operation::divide);
}

void expect_result(operation what, const array &a, const std::vector<unsigned char> &a_bytes, const array &b,
                   const std::vector<unsigned char> &b_bytes, const array &out) {
    const std::int32_t computed = reference::computed_type(what, a.dtype, b.dtype);
    for (std::int64_t i = 0; i < out.elements(); ++i) {
        // The inputs as they were before the call: the output may be one of them.
        const unsigned char *left = a_bytes.data() + (a.at_broadcast(i, out.shape) - a.memory.data());
        const unsigned char *right = b_bytes.data() + (b.at_broadcast(i, out.shape) - b.memory.data());
        const reference::number expected = reference::apply(what, computed, reference::decode(a.dtype, left),
                                                            reference::decode(b.dtype, right));
        const bool either_zero = what == operation::minimum || what == operation::maximum;
        const bool right_one = has_bound(what, computed)
                                   ? reference::near(out.dtype, out.at(i), expected)
                                   : reference::holds(out.dtype, out.at(i), reference::cast(out.dtype, expected), either_zero);
        if (!right_one) {
            const reference::number got = reference::decode(out.dtype, out.at(i)), l = reference::decode(a.dtype, left),
                                    r = reference::decode(b.dtype, right);
            fail(__FILE__, __LINE__,
                 "element " + std::to_string(i) + " of " + test::shown(out.elements()) + ": " + test::shown(l.real) + ", " +
                     test::shown(l.imag) + " with " + test::shown(r.real) + ", " + test::shown(r.imag) + " gives " + test::shown(got.real) +
                     ", " + test::shown(got.imag) + ", expected " + test::shown(expected.real) + ", " + test::shown(expected.imag));
            return;
        }
    }
}

struct operands {
    array a, b, out;
};

// Runs one call on fresh contents and checks everything about it.
void check_call(random_numbers &dice, operation what, const operands &x) {
    const std::int32_t computed = reference::computed_type(what, x.a.dtype, x.b.dtype);
    about("%s %s %s -> %s, out %s", reference::operation_names[static_cast<int>(what)], reference::name(x.a.dtype),
          reference::name(x.b.dtype), reference::name(x.out.dtype), shown(x.out.shape).c_str());
    fill(dice, x.a, has_bound(what, computed));
    fill(dice, x.b, has_bound(what, computed));
    if (has_bound(what, computed))  // no division by zero
        for (std::int64_t i = 0; i < x.b.elements(); ++i)
            if (x.b.number_at(i).real == 0 && x.b.number_at(i).imag == 0) reference::encode(x.b.dtype, reference::of_integer(1), x.b.at(i));
    const auto a_before = x.a.bytes(), b_before = x.b.bytes(), out_before = x.out.bytes();
    const bytestride_array a = x.a.described(false), b = x.b.described(false), out = x.out.described(true);
    const std::int32_t status = entries[static_cast<int>(what)](&a, &b, &out, nullptr);
    if (refused(what, computed)) {
        CHECK_EQ(status, BYTESTRIDE_ERROR_DTYPE);
        CHECK(x.out.untouched(out_before));
        return;
    }
    CHECK_STATUS(status, BYTESTRIDE_OK);
    expect_result(what, x.a, a_before, x.b, b_before, x.out);
    CHECK(x.out.untouched_beside_elements(out_before));
    CHECK(x.a.untouched(a_before));
    CHECK(x.b.untouched(b_before));
}

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how, edge side, std::int64_t gap = 0) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), side, gap);
}

// A shape that is broadcast to `shape`: single extents, missing leading dimensions.
extents broadcastable(random_numbers &dice, const extents &shape) {
    extents smaller = shape;
    for (std::int64_t &extent : smaller)
        if (dice.one_in(4)) extent = 1;
    if (dice.one_in(4) && !smaller.empty())
        smaller.erase(smaller.begin(), smaller.begin() + dice.between(0, static_cast<std::int64_t>(smaller.size())));
    return smaller;
}

layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }
edge any_edge(random_numbers &dice) { return dice.one_in(2) ? edge::front : edge::back; }

}  // namespace

// Sizes on both sides of every vector width, aligned and not, flush against the page before and the page after.
TEST("every length from 0 to 130, every dtype, contiguous") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (operation what : operations) {
            const std::int32_t computed = reference::computed_type(what, code, code);
            if (refused(what, computed)) continue;
            for (std::int64_t n = 0; n <= 130; ++n) {
                const edge side = n % 2 ? edge::front : edge::back;
                check_call(dice, what,
                           {make(dice, code, {n}, layout::c_order, side), make(dice, code, {n}, layout::c_order, any_edge(dice)),
                            make(dice, computed, {n}, layout::c_order, any_edge(dice))});
            }
        }
}

TEST("every length from 0 to 130, one operand a single element") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (std::int64_t n = 0; n <= 130; ++n) {
            const operation what = dice.one_of({operation::add, operation::multiply, operation::minimum, operation::divide});
            const std::int32_t computed = reference::computed_type(what, code, code);
            const bool left = n % 2;
            check_call(dice, what,
                       {make(dice, code, {left ? 1 : n}, layout::c_order, any_edge(dice)),
                        make(dice, code, {left ? n : 1}, layout::c_order, any_edge(dice)),
                        make(dice, computed, {n}, layout::c_order, any_edge(dice))});
        }
}

TEST("every length from 0 to 70, strided operands") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (std::int64_t n = 0; n <= 70; ++n)
            for (layout how : layouts) {
                const operation what = dice.one_of({operation::add, operation::multiply, operation::maximum, operation::divide});
                const std::int32_t computed = reference::computed_type(what, code, code);
                check_call(dice, what,
                           {make(dice, code, {n}, how, any_edge(dice)), make(dice, code, {n}, any_layout(dice), any_edge(dice)),
                            make(dice, computed, {n}, any_layout(dice), any_edge(dice))});
            }
}

TEST("misaligned bases") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (std::int64_t gap = 1; gap < 16; ++gap)
            for (std::int64_t n : {1, 7, 33, 100}) {
                const std::int32_t computed = reference::computed_type(operation::add, code, code);
                check_call(dice, operation::add,
                           {make(dice, code, {n}, layout::c_order, any_edge(dice), gap),
                            make(dice, code, {n}, layout::c_order, any_edge(dice), dice.between(0, 15)),
                            make(dice, computed, {n}, layout::c_order, any_edge(dice), dice.between(0, 15))});
            }
}

TEST("every pair of dtypes, any layout, broadcasting") {
    random_numbers dice;
    for (std::int32_t a : reference::codes)
        for (std::int32_t b : reference::codes)
            for (operation what : operations)
                for (int round = 0; round < 4; ++round) {
                    const extents shape = random_shape(dice, static_cast<int>(dice.between(0, dice.one_in(5) ? 8 : 4)),
                                                       dice.between(1, 300));
                    const std::int32_t computed = reference::computed_type(what, a, b);
                    check_call(dice, what,
                               {make(dice, a, broadcastable(dice, shape), any_layout(dice), any_edge(dice)),
                                make(dice, b, broadcastable(dice, shape), any_layout(dice), any_edge(dice)),
                                make(dice, computed, shape, any_layout(dice), any_edge(dice))});
                }
}

TEST("every dtype of the output that the rules allow") {
    random_numbers dice;
    for (std::int32_t a : reference::codes)
        for (std::int32_t b :
             {BYTESTRIDE_UINT8, BYTESTRIDE_INT16, BYTESTRIDE_FLOAT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_COMPLEX64})
            for (std::int32_t out : reference::codes) {
                const operation what = dice.one_of({operation::add, operation::minimum, operation::divide});
                const std::int32_t computed = reference::computed_type(what, a, b);
                if (has_bound(what, computed)) continue;  // the bound holds before the cast to the output
                const extents shape = random_shape(dice, 2, 200);
                operands x{make(dice, a, shape, any_layout(dice), any_edge(dice)), make(dice, b, shape, any_layout(dice), any_edge(dice)),
                           make(dice, out, shape, any_layout(dice), any_edge(dice))};
                if (reference::kind_rank(computed) <= reference::kind_rank(out)) {
                    check_call(dice, what, x);
                    continue;
                }
                about("%s %s -> %s", reference::name(a), reference::name(b), reference::name(out));
                const auto before = x.out.bytes();
                const bytestride_array left = x.a.described(false), right = x.b.described(false), result = x.out.described(true);
                CHECK_STATUS(entries[static_cast<int>(what)](&left, &right, &result, nullptr), BYTESTRIDE_ERROR_DTYPE);
                CHECK(x.out.untouched(before));
            }
}

TEST("in place: out is exactly a, b, or both") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (layout how : layouts)
            for (int round = 0; round < 12; ++round) {
                const operation what = dice.one_of({operation::add, operation::multiply, operation::maximum});
                const std::int32_t computed = reference::computed_type(what, code, code);
                const extents shape = random_shape(dice, static_cast<int>(dice.between(1, 3)), dice.between(1, 9000));
                const array x = make(dice, code, shape, how, any_edge(dice)), y = make(dice, code, shape, any_layout(dice), any_edge(dice));
                about("%s %s %s %s", reference::operation_names[static_cast<int>(what)], reference::name(code),
                      layout_names[static_cast<int>(how)], shown(shape).c_str());
                fill(dice, x, has_bound(what, computed));
                fill(dice, y, has_bound(what, computed));
                const auto x_before = x.bytes(), y_before = y.bytes();
                const bytestride_array out = x.described(true), other = y.described(false);
                const int which = static_cast<int>(dice.between(0, 2));
                const bytestride_array &a = which == 1 ? other : out, &b = which == 0 ? other : out;
                CHECK_STATUS(entries[static_cast<int>(what)](&a, &b, &out, nullptr), BYTESTRIDE_OK);
                const array &left = which == 1 ? y : x, &right = which == 0 ? y : x;
                expect_result(what, left, which == 1 ? y_before : x_before, right, which == 0 ? y_before : x_before, x);
                CHECK(x.untouched_beside_elements(x_before));
                CHECK(y.untouched(y_before));
            }
}

TEST("larger than a tile, any layout") {
    random_numbers dice;
    for (int round = 0; round < 60; ++round) {
        const std::int32_t a = reference::codes[dice.between(0, 13)], b = reference::codes[dice.between(0, 13)];
        const operation what = dice.one_of({operation::add, operation::multiply, operation::minimum});
        const std::int32_t computed = reference::computed_type(what, a, b);
        const extents shape = random_shape(dice, static_cast<int>(dice.between(1, 4)), dice.between(5000, 40000));
        check_call(dice, what,
                   {make(dice, a, broadcastable(dice, shape), any_layout(dice), any_edge(dice)),
                    make(dice, b, broadcastable(dice, shape), any_layout(dice), any_edge(dice)),
                    make(dice, computed, shape, any_layout(dice), any_edge(dice))});
    }
}

// An element's bits depend on the values it is computed from alone: n elements at once equal n calls of one element.
// Complex products are the case where compilers fuse operations in the vector part of a loop only.
TEST("bits of an element are those of a call on one element") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_FLOAT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_COMPLEX64, BYTESTRIDE_COMPLEX128})
        for (operation what : operations)
            for (std::int64_t n : {3, 17, 64, 67}) {
                about("%s %s %lld", reference::operation_names[static_cast<int>(what)], reference::name(code), static_cast<long long>(n));
                const array a = make(dice, code, {n}, any_layout(dice), any_edge(dice)),
                            b = make(dice, code, {n}, any_layout(dice), any_edge(dice));
                const array out = make(dice, code, {n}, any_layout(dice), any_edge(dice)),
                            single = make(dice, code, {}, layout::c_order, edge::back);
                fill(dice, a);
                fill(dice, b);
                const bytestride_array left = a.described(false), right = b.described(false), result = out.described(true),
                                       one = single.described(true);
                CHECK_STATUS(entries[static_cast<int>(what)](&left, &right, &result, nullptr), BYTESTRIDE_OK);
                for (std::int64_t i = 0; i < n; ++i) {
                    bytestride_array l = left, r = right;
                    l.ndim = r.ndim = 0;
                    l.data = a.at(i);
                    r.data = b.at(i);
                    CHECK_STATUS(entries[static_cast<int>(what)](&l, &r, &one, nullptr), BYTESTRIDE_OK);
                    const reference::number all = reference::decode(code, out.at(i)), alone = reference::decode(code, single.first());
                    CHECK(reference::same_part(all.real, alone.real, false) && reference::same_part(all.imag, alone.imag, false));
                }
            }
}

// Stores past the caches: asked for directly, since a call takes them only above hundreds of megabytes.
TEST("stored past the caches") {
    random_numbers dice;
    for (std::int32_t code : reference::codes)
        for (int round = 0; round < 10; ++round) {
            const std::int64_t n = 300 + dice.between(0, 5000);
            const extents shape = dice.one_in(2) ? extents{n} : extents{dice.between(1, 5), n};
            const operands x{make(dice, code, shape, dice.one_in(2) ? layout::c_order : any_layout(dice), any_edge(dice)),
                             make(dice, code, dice.one_in(4) ? extents{1} : shape, any_layout(dice), any_edge(dice)),
                             make(dice, code, shape, dice.one_in(3) ? layout::gaps : layout::c_order, any_edge(dice), dice.between(0, 63))};
            about("%s %s", reference::name(code), shown(shape).c_str());
            fill(dice, x.a);
            fill(dice, x.b);
            const auto a_before = x.a.bytes(), b_before = x.b.bytes(), out_before = x.out.bytes();
            const bytestride_array described[] = {x.out.described(true), x.a.described(false), x.b.described(false)};
            bytestride::check c;
            const bytestride::view out = c.output(1, "out", &described[0]), a = c.input(2, "a", &described[1]),
                                   b = c.input(3, "b", &described[2]);
            CHECK(!c.failed());
            const bytestride::view *const views[] = {&out, &a, &b};
            CHECK_STATUS(bytestride::kernels::arithmetic.run({{2, nullptr, nullptr},
                                                              bytestride::operation::add,
                                                              bytestride::nest_loops(views, 3),
                                                              a.type,
                                                              b.type,
                                                              out.type,
                                                              out.type,
                                                              true}),
                         BYTESTRIDE_OK);
            expect_result(operation::add, x.a, a_before, x.b, b_before, x.out);
            CHECK(x.out.untouched_beside_elements(out_before));
        }
}

TEST("written out: wrapping, halves, division by zero, NaN") {
    const auto one = [](entry call, std::int32_t code, const void *a, const void *b, std::int32_t out_code, void *out) {
        bytestride_array left, right, result;
        CHECK_STATUS(bytestride_array_init(&left, const_cast<void *>(a), code, 0, nullptr, nullptr, 0), BYTESTRIDE_OK);
        CHECK_STATUS(bytestride_array_init(&right, const_cast<void *>(b), code, 0, nullptr, nullptr, 0), BYTESTRIDE_OK);
        CHECK_STATUS(bytestride_array_init(&result, out, out_code, 0, nullptr, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
        CHECK_STATUS(call(&left, &right, &result, nullptr), BYTESTRIDE_OK);
    };
    const std::int8_t most = 127, one_byte = 1;
    std::int8_t small;
    one(bytestride_add, BYTESTRIDE_INT8, &most, &one_byte, BYTESTRIDE_INT8, &small);
    CHECK_EQ(small, -128);
    const std::int64_t least = INT64_MIN, minus = -1;
    std::int64_t wide;
    one(bytestride_multiply, BYTESTRIDE_INT64, &least, &minus, BYTESTRIDE_INT64, &wide);
    CHECK_EQ(wide, INT64_MIN);
    const std::uint16_t wide_a = 65535;
    std::uint16_t wide_out;
    one(bytestride_multiply, BYTESTRIDE_UINT16, &wide_a, &wide_a, BYTESTRIDE_UINT16, &wide_out);
    CHECK_EQ(wide_out, 1);
    const std::uint8_t zero = 0, seven = 7;
    double quotient;
    one(bytestride_divide, BYTESTRIDE_UINT8, &seven, &zero, BYTESTRIDE_FLOAT64, &quotient);
    CHECK(std::isinf(quotient) && quotient > 0);
    one(bytestride_divide, BYTESTRIDE_UINT8, &zero, &zero, BYTESTRIDE_FLOAT64, &quotient);
    CHECK(quotient != quotient);
    const std::uint16_t half_2048 = 0x6800, half_1 = 0x3c00, half_max = 0x7bff;
    std::uint16_t half;
    one(bytestride_add, BYTESTRIDE_FLOAT16, &half_2048, &half_1, BYTESTRIDE_FLOAT16, &half);
    CHECK_EQ(half, 0x6800);  // 2049 lies half way, rounds to even
    one(bytestride_add, BYTESTRIDE_FLOAT16, &half_max, &half_max, BYTESTRIDE_FLOAT16, &half);
    CHECK_EQ(half, 0x7c00);
    const float nan = std::nanf(""), three = 3;
    float least_of;
    one(bytestride_minimum, BYTESTRIDE_FLOAT32, &nan, &three, BYTESTRIDE_FLOAT32, &least_of);
    CHECK(least_of != least_of);
    one(bytestride_maximum, BYTESTRIDE_FLOAT32, &three, &nan, BYTESTRIDE_FLOAT32, &least_of);
    CHECK(least_of != least_of);
}
