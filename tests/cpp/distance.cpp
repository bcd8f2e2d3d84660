// Distances and squared errors between forbidden pages: against plain loops in long double, and the calling rules.
#include "definitions.hpp"

using namespace test;

namespace {

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), dice.one_in(2) ? edge::front : edge::back,
                 dice.between(0, 7));
}
layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }

long double value_at(const array &a, std::int64_t place) { return a.number_at(place).real; }

std::int32_t size_of_result(std::int32_t a, std::int32_t b) {
    return a == BYTESTRIDE_FLOAT32 && b == BYTESTRIDE_FLOAT32 ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64;
}

bytestride_distances_options options_of(int metric, int threads) {
    bytestride_distances_options options{};
    options.size = sizeof options;
    options.metric = metric;
    options.threads = threads;
    return options;
}

void expect_distances(const array &x, const array &y, const array &out, std::int64_t rows, std::int64_t columns, std::int64_t d,
                      int metric) {
    const long double u = out.dtype == BYTESTRIDE_FLOAT32 ? 0x1p-24L : 0x1p-53L;
    int wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            const long double expected = distance(x, i, y, j, d, metric), error = std::fabs(value_at(out, i * columns + j) - expected);
            wrong += !(error <= (static_cast<long double>(d) + 4) * u * expected);
        }
    CHECK_EQ(wrong, 0);
}

}  // namespace

TEST("distances: any layout, dtype, shape and metric, nothing beside the result") {
    random_numbers dice;
    constexpr std::int32_t codes[] = {BYTESTRIDE_FLOAT64, BYTESTRIDE_FLOAT32, BYTESTRIDE_INT16, BYTESTRIDE_UINT8};
    for (int round = 0; round < 300; ++round) {
        const std::int64_t n = dice.between(1, 80), m = dice.between(1, dice.one_in(4) ? 150 : 20),
                           d = dice.between(0, dice.one_in(6) ? 40 : 5);
        const std::int32_t code_x = codes[dice.between(0, 3)], code_y = codes[dice.between(0, 3)];
        const int metric = static_cast<int>(dice.between(1, 4));
        const array x = make(dice, code_x, {n, d}, any_layout(dice)), y = make(dice, code_y, {m, d}, any_layout(dice));
        fill(dice, x, true);
        fill(dice, y, true);
        const bool symmetric = dice.one_in(3);
        const std::int64_t columns = symmetric ? n : m;
        const array out = make(dice, size_of_result(code_x, symmetric ? code_x : code_y), {n, columns}, any_layout(dice));
        about("%lld x %lld, %lld coordinates, metric %d, %s", static_cast<long long>(n), static_cast<long long>(columns),
              static_cast<long long>(d), metric, reference::name(code_x));
        const auto x_before = x.bytes(), y_before = y.bytes(), out_before = out.bytes();
        const bytestride_array given_x = x.described(false), given_y = y.described(false), given_out = out.described(true);
        const bytestride_distances_options options = options_of(dice.one_in(5) && metric == 1 ? 0 : metric,
                                                                static_cast<int>(dice.between(0, 3)));
        CHECK_STATUS(bytestride_distances(&given_x, symmetric ? nullptr : &given_y, &given_out, &options), BYTESTRIDE_OK);
        expect_distances(x, symmetric ? x : y, out, n, columns, d, metric);
        CHECK(out.untouched_beside_elements(out_before));
        CHECK(x.untouched(x_before) && y.untouched(y_before));
    }
}

TEST("distances_from and update_distances write what distances gives") {
    random_numbers dice;
    for (int round = 0; round < 100; ++round) {
        const std::int64_t n = dice.between(1, 140), d = dice.between(1, 6);
        const array x = make(dice, BYTESTRIDE_FLOAT64, {n, d}, any_layout(dice)),
                    all = make(dice, BYTESTRIDE_FLOAT64, {n, n}, any_layout(dice));
        const array line = make(dice, BYTESTRIDE_FLOAT64, {n}, any_layout(dice));
        fill(dice, x, true);
        const std::int64_t i = dice.between(0, n - 1);
        about("point %lld of %lld", static_cast<long long>(i), static_cast<long long>(n));
        const bytestride_array given = x.described(false), matrix = all.described(true), one = line.described(true);
        CHECK_STATUS(bytestride_distances(&given, nullptr, &matrix, nullptr), BYTESTRIDE_OK);
        bytestride_array point = given;
        point.ndim = 1;
        point.data = x.at(i * d);
        point.shape[0] = d;
        point.strides[0] = given.strides[1];
        const auto line_before = line.bytes();
        CHECK_STATUS(bytestride_distances_from(&given, &point, &one, nullptr), BYTESTRIDE_OK);
        CHECK(line.untouched_beside_elements(line_before));
        int wrong = 0;
        for (std::int64_t j = 0; j < n; ++j) wrong += std::memcmp(line.at(j), all.at(i * n + j), 8) != 0;
        CHECK_EQ(wrong, 0);

        const auto before = all.bytes();
        for (std::int64_t j = 0; j < n; ++j)
            for (std::int64_t place : {i * n + j, j * n + i}) std::memset(all.at(place), 0x7f, 8);
        const auto spoiled = all.bytes();
        CHECK_STATUS(bytestride_update_distances(&given, &matrix, dice.one_in(2) ? i : i - n, nullptr), BYTESTRIDE_OK);
        CHECK(all.untouched_beside_elements(spoiled));
        CHECK(all.bytes() == before);
    }
}

TEST("squared_error: any layout, whole and by rows") {
    random_numbers dice;
    for (int round = 0; round < 200; ++round) {
        const std::int64_t n = dice.between(1, 40), m = dice.between(1, dice.one_in(10) ? 9000 : 60);
        const std::int32_t code = dice.one_in(2) ? BYTESTRIDE_FLOAT64 : BYTESTRIDE_INT32;
        const array goal = make(dice, code, {n, m}, any_layout(dice)), current = make(dice, BYTESTRIDE_FLOAT64, {n, m}, any_layout(dice));
        const array weights = make(dice, BYTESTRIDE_UINT8, {n, m}, any_layout(dice));
        fill(dice, goal, true);
        fill(dice, current, true);
        fill(dice, weights, true);
        const bool whole = dice.one_in(2), weighted = dice.one_in(2);
        const array out = make(dice, BYTESTRIDE_FLOAT64, whole ? extents{} : extents{n}, any_layout(dice));
        about("%lld x %lld %s", static_cast<long long>(n), static_cast<long long>(m), weighted ? "weighted" : "");
        const bytestride_array given[] = {goal.described(false), current.described(false), weights.described(false), out.described(true)};
        bytestride_squared_error_options options{};
        options.size = sizeof options;
        options.weights = weighted ? &given[2] : nullptr;
        const auto before = out.bytes();
        CHECK_STATUS(bytestride_squared_error(&given[0], &given[1], &given[3], &options), BYTESTRIDE_OK);
        CHECK(out.untouched_beside_elements(before));
        long double total = 0;
        for (std::int64_t i = 0; i < n; ++i) {
            long double row = 0;
            for (std::int64_t j = i * m; j < i * m + m; ++j) {
                const long double difference = static_cast<double>(value_at(goal, j)) - value_at(current, j);
                row += (weighted ? value_at(weights, j) : 1) * difference * difference;
            }
            total += row;
            if (!whole) CHECK(std::fabs(value_at(out, i) - row) <= 40 * 0x1p-53L * row);
        }
        if (whole) CHECK(std::fabs(value_at(out, 0) - total) <= 40 * 0x1p-53L * total);
    }
}

TEST("statuses") {
    double points[6] = {0, 0, 3, 4, 6, 8}, matrix[9], marks[9];
    const auto describe = [](void *data, std::int32_t code, extents shape, std::uint32_t flags) {
        bytestride_array a;
        CHECK_STATUS(bytestride_array_init(&a, data, code, static_cast<std::int32_t>(shape.size()), shape.data(), nullptr, flags),
                     BYTESTRIDE_OK);
        return a;
    };
    for (double &mark : marks) mark = -1;
    std::memcpy(matrix, marks, sizeof matrix);
    const bytestride_array x = describe(points, BYTESTRIDE_FLOAT64, {3, 2}, 0),
                           out = describe(matrix, BYTESTRIDE_FLOAT64, {3, 3}, BYTESTRIDE_WRITEABLE);
    const bytestride_array read_only = describe(matrix, BYTESTRIDE_FLOAT64, {3, 3}, 0), row = describe(points, BYTESTRIDE_FLOAT64, {2}, 0);
    bytestride_distances_options options = options_of(5, 0);
    CHECK_STATUS(bytestride_distances(nullptr, nullptr, &out, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_distances(&x, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_OPTION);
    options = options_of(-1, 0);
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_OPTION);
    options = options_of(0, -1);
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_OPTION);
    options = options_of(0, 0);
    options.padding = 1;
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_VERSION);
    options = options_of(0, 0);
    options.size = 64;
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_VERSION);
    CHECK_STATUS(bytestride_distances(&x, nullptr, &read_only, nullptr), BYTESTRIDE_ERROR_READONLY);
    CHECK_STATUS(bytestride_distances(&row, nullptr, &out, nullptr), BYTESTRIDE_ERROR_NDIM);
    CHECK_STATUS(bytestride_distances(&x, &out, &out, nullptr), BYTESTRIDE_ERROR_SHAPE);
    CHECK_STATUS(bytestride_distances(&out, nullptr, &out, nullptr), BYTESTRIDE_ERROR_OVERLAP);
    CHECK_STATUS(bytestride_update_distances(&x, &out, 3, nullptr), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride_update_distances(&x, &out, -4, nullptr), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride_squared_error(&x, &out, &out, nullptr), BYTESTRIDE_ERROR_SHAPE);
    CHECK_STATUS(bytestride_squared_error(&x, &x, &out, nullptr), BYTESTRIDE_ERROR_NDIM);
    const bytestride_array first = describe(matrix, BYTESTRIDE_FLOAT64, {2}, BYTESTRIDE_WRITEABLE);
    CHECK_STATUS(bytestride_squared_error(&row, &row, &first, nullptr), BYTESTRIDE_ERROR_NDIM);
    CHECK(std::memcmp(matrix, marks, sizeof matrix) == 0);
    const std::int32_t cancel = 1;
    options = options_of(0, 0);
    options.cancel = &cancel;
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, &options), BYTESTRIDE_ERROR_CANCELLED);
    CHECK_STATUS(bytestride_distances(&x, nullptr, &out, nullptr), BYTESTRIDE_OK);
    const double expected[9] = {0, 5, 10, 5, 0, 5, 10, 5, 0};
    CHECK(std::memcmp(matrix, expected, sizeof matrix) == 0);
}
