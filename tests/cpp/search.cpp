// Searches against the plain definition, between forbidden pages.
#include <algorithm>

#include "arrays.hpp"

using namespace test;

namespace {

constexpr std::int32_t codes[] = {BYTESTRIDE_BOOL,   BYTESTRIDE_INT8,    BYTESTRIDE_INT16,   BYTESTRIDE_INT32,
                                  BYTESTRIDE_INT64,  BYTESTRIDE_UINT8,   BYTESTRIDE_UINT16,  BYTESTRIDE_UINT32,
                                  BYTESTRIDE_UINT64, BYTESTRIDE_FLOAT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64};

layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }

array make(random_numbers &dice, std::int32_t code, const extents &shape) {
    const edge side = dice.one_in(2) ? edge::front : edge::back;
    return array(code, shape, strides_of(dice, any_layout(dice), shape, reference::size_of(code)), side,
                 dice.one_in(4) ? dice.between(1, 15) : 0);
}

// Small whole numbers, which every dtype holds (as 0 or 1 the bools), and among floats a NaN now and then.
void set(const array &a, std::int64_t place, double number) {
    reference::encode(a.dtype, reference::of_real(a.dtype == BYTESTRIDE_BOOL ? number > 0 : number), a.at(place));
}
double get(const array &a, std::int64_t place) { return static_cast<double>(a.number_at(place).real); }

bool before(double a, double b) { return a < b || (b != b && a == a); }

void check_search(random_numbers &dice, std::int32_t a_code, std::int32_t v_code, std::int64_t n, const extents &shape) {
    about("%s in %s, n = %lld, %s", reference::name(v_code), reference::name(a_code), static_cast<long long>(n), shown(shape).c_str());
    const array a = make(dice, a_code, {n}), v = make(dice, v_code, shape), out = make(dice, BYTESTRIDE_INT64, shape),
                order = make(dice, BYTESTRIDE_INT32, {n});
    const bool floats = a_code == BYTESTRIDE_FLOAT16 || a_code == BYTESTRIDE_FLOAT32 || a_code == BYTESTRIDE_FLOAT64;
    const bool v_floats = v_code == BYTESTRIDE_FLOAT16 || v_code == BYTESTRIDE_FLOAT32 || v_code == BYTESTRIDE_FLOAT64;
    std::vector<double> table;
    for (std::int64_t i = 0; i < n; ++i)
        table.push_back(floats && dice.one_in(9) ? std::numeric_limits<double>::quiet_NaN()
                                                 : static_cast<double>(dice.between(0, 60)) + (floats && dice.one_in(2) ? 0.5 : 0));
    if (a_code == BYTESTRIDE_BOOL)
        for (double &x : table) x = x > 30;
    std::sort(table.begin(), table.end(), before);
    const bool sorted_by = dice.one_in(3);
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < n; ++i) places.push_back(i);
    if (sorted_by)
        for (std::size_t i = places.size(); i-- > 1;)
            std::swap(places[i], places[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(i)))]);
    for (std::size_t i = 0; i < places.size(); ++i) {
        set(a, places[i], table[i]);
        reference::encode(BYTESTRIDE_INT32, reference::of_integer(places[i]), order.at(static_cast<std::int64_t>(i)));
    }
    for (std::int64_t i = 0; i < v.elements(); ++i)
        set(v, i, v_floats && dice.one_in(9) ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(dice.between(0, 62)));

    const auto beside = out.bytes();
    const bytestride_array a_given = a.described(false), v_given = v.described(false), out_given = out.described(true),
                           order_given = order.described(false);
    bytestride_searchsorted_options options{};
    options.size = sizeof options;
    options.threads = static_cast<std::int32_t>(dice.between(0, 3));
    options.side = dice.one_of<std::int32_t>({0, BYTESTRIDE_SIDE_LEFT, BYTESTRIDE_SIDE_RIGHT});
    if (sorted_by) options.sorter = &order_given;
    CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_OK);
    for (std::int64_t i = 0; i < v.elements(); ++i) {
        const double value = get(v, i);
        const auto expected = options.side == BYTESTRIDE_SIDE_RIGHT ? std::upper_bound(table.begin(), table.end(), value, before)
                                                                    : std::lower_bound(table.begin(), table.end(), value, before);
        CHECK_EQ(static_cast<std::int64_t>(out.number_at(i).real), expected - table.begin());
    }
    CHECK(out.untouched_beside_elements(beside));
    if (sorted_by) return;
    CHECK_STATUS(bytestride_binary_search(&a_given, &v_given, &out_given, nullptr), BYTESTRIDE_OK);
    for (std::int64_t i = 0; i < v.elements(); ++i) {
        const double value = get(v, i);
        std::int64_t low = 0, high = n - 1, found = -1;
        while (low <= high && value == value) {
            const std::int64_t middle = (low + high) / 2;
            const double element = table[static_cast<std::size_t>(middle)];
            if (element == value) {
                found = middle;
                break;
            }
            if (before(element, value))
                low = middle + 1;
            else
                high = middle - 1;
        }
        CHECK_EQ(static_cast<std::int64_t>(out.number_at(i).real), found);
    }
    CHECK(out.untouched_beside_elements(beside));
}

}  // namespace

TEST("every pair of dtypes, any layout") {
    random_numbers dice;
    for (std::int32_t a : codes)
        for (std::int32_t v : codes)
            for (int i = 0; i < 6; ++i)
                check_search(dice, a, v, dice.one_of<std::int64_t>({0, 1, 2, 5, 63, 64, 65, 200}),
                             random_shape(dice, static_cast<int>(dice.between(0, 4)), 150));
}

TEST("a tree over a table that ends at a page") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_FLOAT64, BYTESTRIDE_INT32, BYTESTRIDE_UINT64, BYTESTRIDE_FLOAT32})
        for (std::int64_t n : {std::int64_t(262144), std::int64_t(8 * 9 * 9 * 9 * 9 * 6), std::int64_t(300007)}) {
            about("%s, n = %lld", reference::name(code), static_cast<long long>(n));
            const array a(code, {n}, {reference::size_of(code)}, edge::back), v(code, {5000}, {reference::size_of(code)}, edge::back),
                out(BYTESTRIDE_INT64, {5000}, {8}, edge::back);
            // Even numbers: an odd one 2 k + 1 belongs behind k + 1 of them.
            for (std::int64_t i = 0; i < n; ++i) reference::encode(code, reference::of_integer(2 * i), a.at(i));
            for (std::int64_t i = 0; i < 5000; ++i)
                reference::encode(code, reference::of_integer(i == 7 ? 2 * n : dice.between(0, n - 1) * 2 + 1), v.at(i));
            a.memory.make_read_only();
            const bytestride_array a_given = a.described(false), v_given = v.described(false), out_given = out.described(true);
            CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, nullptr), BYTESTRIDE_OK);
            for (std::int64_t i = 0; i < 5000; ++i)
                CHECK_EQ(static_cast<std::int64_t>(out.number_at(i).real),
                         i == 7 ? n : (static_cast<std::int64_t>(v.number_at(i).real) - 1) / 2 + 1);
            CHECK(out.memory.intact());
        }
}

TEST("tables in no order: nothing outside them is read") {
    random_numbers dice;
    for (int i = 0; i < 60; ++i) {
        const std::int32_t code = dice.one_of<std::int32_t>({BYTESTRIDE_FLOAT64, BYTESTRIDE_INT32, BYTESTRIDE_UINT8, BYTESTRIDE_FLOAT16});
        const std::int64_t n = i < 4 ? 1100000 : dice.between(0, 300);
        const array a(code, {n}, {reference::size_of(code)}, dice.one_in(2) ? edge::front : edge::back);
        const array v(code, {15000}, {reference::size_of(code)}, edge::back), out(BYTESTRIDE_INT64, {15000}, {8}, edge::back);
        fill(dice, a);
        fill(dice, v);
        const bytestride_array a_given = a.described(false), v_given = v.described(false), out_given = out.described(true);
        CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, nullptr), BYTESTRIDE_OK);
        bool inside = true;
        for (std::int64_t k = 0; k < 15000; ++k) inside &= out.memory.as<std::int64_t>()[k] >= 0 && out.memory.as<std::int64_t>()[k] <= n;
        CHECK(inside);
        CHECK_STATUS(bytestride_binary_search(&a_given, &v_given, &out_given, nullptr), BYTESTRIDE_OK);
        for (std::int64_t k = 0; k < 15000; ++k) inside &= out.memory.as<std::int64_t>()[k] >= -1 && out.memory.as<std::int64_t>()[k] < n;
        CHECK(inside);
    }
}

TEST("refusals leave the output as it was") {
    const array a(BYTESTRIDE_FLOAT64, {3}, {8}, edge::back), v(BYTESTRIDE_FLOAT64, {2}, {8}, edge::back),
        out(BYTESTRIDE_INT64, {2}, {8}, edge::back);
    const array order(BYTESTRIDE_INT64, {3}, {8}, edge::back), flat(BYTESTRIDE_FLOAT64, {1, 3}, {24, 8}, edge::back);
    const array complex(BYTESTRIDE_COMPLEX64, {2}, {8}, edge::back);
    const auto before_call = out.bytes();
    for (int i = 0; i < 3; ++i) order.memory.as<std::int64_t>()[i] = i == 1 ? 3 : 0;
    const bytestride_array a_given = a.described(false), v_given = v.described(false), out_given = out.described(true),
                           order_given = order.described(false);
    const bytestride_array flat_given = flat.described(false), complex_given = complex.described(false), readonly = out.described(false);
    bytestride_searchsorted_options options{};
    options.size = sizeof options;
    for (const std::int32_t side : {-1, 3}) {
        options.side = side;
        CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_ERROR_OPTION);
    }
    options.side = 0;
    options.padding = 1;
    CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_ERROR_VERSION);
    options.padding = 0;
    options.sorter = &order_given;
    CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_ERROR_OPTION);
    order.memory.as<std::int64_t>()[1] = -1;
    CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_ERROR_OPTION);
    options.sorter = &v_given;
    CHECK_STATUS(bytestride_searchsorted(&a_given, &v_given, &out_given, &options), BYTESTRIDE_ERROR_DTYPE);
    CHECK_STATUS(bytestride_searchsorted(&flat_given, &v_given, &out_given, nullptr), BYTESTRIDE_ERROR_NDIM);
    CHECK_STATUS(bytestride_searchsorted(&a_given, &complex_given, &out_given, nullptr), BYTESTRIDE_ERROR_DTYPE);
    CHECK_STATUS(bytestride_searchsorted(&a_given, &a_given, &out_given, nullptr), BYTESTRIDE_ERROR_SHAPE);
    CHECK_STATUS(bytestride_binary_search(&a_given, &v_given, &readonly, nullptr), BYTESTRIDE_ERROR_READONLY);
    CHECK_STATUS(bytestride_binary_search(&a_given, nullptr, &out_given, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK(out.untouched(before_call));
}
