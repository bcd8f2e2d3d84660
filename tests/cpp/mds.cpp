// Multidimensional scaling between forbidden pages: exact small cases, any layout, the calling rules; classical scaling
// against its definition.
#include "arrays.hpp"

using namespace test;

namespace {

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), dice.one_in(2) ? edge::front : edge::back,
                 dice.between(0, 7));
}
layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }

double value_at(const array &a, std::int64_t place) { return static_cast<double>(a.number_at(place).real); }
void set(const array &a, std::int64_t place, double value) { reference::encode(a.dtype, reference::of_real(value), a.at(place)); }

// Distances of random points, in any layout.
array distances_of_points(random_numbers &dice, std::int64_t n, int dimensions) {
    array goal = make(dice, BYTESTRIDE_FLOAT64, {n, n}, any_layout(dice));
    std::vector<double> x(static_cast<std::size_t>(n * dimensions));
    for (double &number : x) number = dice.unit_interval();
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
            double square = 0;
            for (int q = 0; q < dimensions; ++q) {
                const double difference = x[static_cast<std::size_t>(i * dimensions + q)] - x[static_cast<std::size_t>(j * dimensions + q)];
                square += difference * difference;
            }
            set(goal, i * n + j, std::sqrt(square));
        }
    return goal;
}

double stress_of(const array &goal, const array &points, std::int64_t n, std::int64_t components) {
    double stress = 0;
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < i; ++j) {
            double square = 0;
            for (std::int64_t q = 0; q < components; ++q) {
                const double difference = value_at(points, i * components + q) - value_at(points, j * components + q);
                square += difference * difference;
            }
            const double apart = value_at(goal, i * n + j) - std::sqrt(square);
            stress += apart * apart;
        }
    return stress;
}

bytestride_mds_options options_of(int method) {
    bytestride_mds_options options{};
    options.size = sizeof options;
    options.method = method;
    return options;
}
bytestride_mds_result empty_result() {
    bytestride_mds_result result{};
    result.size = sizeof result;
    return result;
}

bytestride_array described(void *data, std::int32_t code, const extents &shape, bool writeable) {
    bytestride_array a;
    CHECK_STATUS(bytestride_array_init(&a, data, code, static_cast<std::int32_t>(shape.size()), shape.data(), nullptr,
                                       writeable ? BYTESTRIDE_WRITEABLE : 0),
                 BYTESTRIDE_OK);
    return a;
}

constexpr int methods[] = {BYTESTRIDE_METHOD_SGD, BYTESTRIDE_METHOD_SMACOF, BYTESTRIDE_METHOD_PATTERN};

}  // namespace

TEST("mds: any layout, every number of points, nothing beside the results") {
    random_numbers dice;
    for (std::int64_t n = 1; n <= 40; ++n)
        for (int method : methods) {
            const std::int64_t components = dice.between(1, 6), room = dice.between(0, 40);
            const array goal = distances_of_points(dice, n, 4);
            const array points = make(dice, BYTESTRIDE_FLOAT64, {n, components}, any_layout(dice));
            const array history = make(dice, BYTESTRIDE_FLOAT64, {room}, any_layout(dice));
            const array weights = make(dice, BYTESTRIDE_UINT8, {n, n}, any_layout(dice));
            for (std::int64_t i = 0; i < n; ++i)
                for (std::int64_t j = 0; j <= i; ++j) {
                    const unsigned char w = static_cast<unsigned char>(dice.between(0, 3));
                    *weights.at(i * n + j) = *weights.at(j * n + i) = w;
                }
            const bool weighted = dice.one_in(3);
            about("method %d, %lld points, %lld components%s", method, static_cast<long long>(n), static_cast<long long>(components),
                  weighted ? ", weighted" : "");
            const bytestride_array given = goal.described(false), to = points.described(true), record = history.described(true),
                                   w = weights.described(false);
            bytestride_mds_options options = options_of(method);
            options.max_iter = 25;
            options.n_init = dice.between(0, 3);
            options.weights = weighted ? &w : nullptr;
            bytestride_mds_result result = empty_result();
            const auto goal_before = goal.bytes(), points_before = points.bytes(), history_before = history.bytes(),
                       weights_before = weights.bytes();
            CHECK_STATUS(bytestride_mds(&given, &to, &record, &result, &options), BYTESTRIDE_OK);
            CHECK(goal.untouched(goal_before) && weights.untouched(weights_before));
            CHECK(points.untouched_beside_elements(points_before) && history.untouched_beside_elements(history_before));
            CHECK(result.stress >= 0 && (result.n_iter > 0 || n == 1) && result.n_iter <= 26);
            if (!weighted) CHECK(std::fabs(stress_of(goal, points, n, components) - result.stress) <= 1e-12 * result.stress + 1e-25);
            if (n > 1 && room >= result.n_iter)
                CHECK(std::fabs(value_at(history, result.n_iter - 1) - result.stress) <= 1e-9 * result.stress + 1e-12);
        }
}

TEST("mds: one Guttman step, written out") {
    const double goal[4] = {0, 4, 4, 0};
    double points[2] = {0, 1};
    const bytestride_array given = described(const_cast<double *>(goal), BYTESTRIDE_FLOAT64, {2, 2}, false);
    const bytestride_array to = described(points, BYTESTRIDE_FLOAT64, {2, 1}, true);
    bytestride_mds_options options = options_of(BYTESTRIDE_METHOD_SMACOF);
    options.init = BYTESTRIDE_INIT_GIVEN;
    options.max_iter = 1;
    bytestride_mds_result result = empty_result();
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, &result, &options), BYTESTRIDE_OK);
    CHECK_EQ(points[0], -2);
    CHECK_EQ(points[1], 2);
    CHECK_EQ(result.stress, 0);
    CHECK_EQ(result.normalized_stress, 0);
    // The same with over-relaxation: half as far again.
    points[0] = 0;
    points[1] = 1;
    options.relaxation = 1.5;
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, nullptr, &options), BYTESTRIDE_OK);
    CHECK_EQ(points[0], -3);
    CHECK_EQ(points[1], 2.5);
}

TEST("mds: one sweep of the pattern search, written out") {
    // From 0 and 1, with goal 4: point 0 moves down by 1, then point 1 up.
    const double goal[4] = {0, 4, 4, 0};
    double points[2] = {0, 1}, history[2];
    const bytestride_array given = described(const_cast<double *>(goal), BYTESTRIDE_FLOAT64, {2, 2}, false);
    const bytestride_array to = described(points, BYTESTRIDE_FLOAT64, {2, 1}, true),
                           record = described(history, BYTESTRIDE_FLOAT64, {2}, true);
    bytestride_mds_options options = options_of(BYTESTRIDE_METHOD_PATTERN);
    options.init = BYTESTRIDE_INIT_GIVEN;
    options.max_iter = 1;
    bytestride_mds_result result = empty_result();
    CHECK_STATUS(bytestride_mds(&given, &to, &record, &result, &options), BYTESTRIDE_OK);
    // The second sweep moves point 0 once more, then point 1 because it must: up and down are equal, and up comes first.
    CHECK_EQ(result.n_iter, 2);
    CHECK_EQ(history[0], 1);
    CHECK_EQ(points[0], -2);
    CHECK_EQ(points[1], 3);
    CHECK_EQ(history[1], 1);
}

TEST("classical_mds: eigenvectors by their definition, small and large") {
    random_numbers dice;
    for (const std::int64_t n : {1, 2, 3, 8, 33, 160, 161, 200}) {
        const std::int64_t components = n < 3 ? n : 3;
        const array goal = distances_of_points(dice, n, 5);
        const array points = make(dice, BYTESTRIDE_FLOAT64, {n, components}, any_layout(dice));
        const array values = make(dice, BYTESTRIDE_FLOAT64, {components}, any_layout(dice));
        about("%lld points", static_cast<long long>(n));
        const bytestride_array given = goal.described(false), to = points.described(true), eigenvalues = values.described(true);
        const auto points_before = points.bytes(), values_before = values.bytes();
        CHECK_STATUS(bytestride_classical_mds(&given, &to, &eigenvalues, nullptr), BYTESTRIDE_OK);
        CHECK(points.untouched_beside_elements(points_before) && values.untouched_beside_elements(values_before));
        // B x = lambda x, with B from its definition.
        std::vector<double> row_mean(static_cast<std::size_t>(n));
        double mean = 0;
        for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t j = 0; j < n; ++j) {
                const double g = value_at(goal, i * n + j), part = g * g / static_cast<double>(n);
                row_mean[static_cast<std::size_t>(i)] += part;
                mean += part / static_cast<double>(n);
            }
        double worst = 0;
        for (std::int64_t q = 0; q < components; ++q)
            for (std::int64_t i = 0; i < n; ++i) {
                double sum = 0;
                for (std::int64_t j = 0; j < n; ++j) {
                    const double g = value_at(goal, i * n + j);
                    sum += -0.5 * (g * g - row_mean[static_cast<std::size_t>(i)] - row_mean[static_cast<std::size_t>(j)] + mean) *
                           value_at(points, j * components + q);
                }
                worst = std::fmax(worst, std::fabs(sum - value_at(values, q) * value_at(points, i * components + q)));
            }
        CHECK(worst <= 1e-11 * static_cast<double>(n));
        for (std::int64_t q = 1; q < components; ++q) CHECK(value_at(values, q) <= value_at(values, q - 1));
    }
}

TEST("statuses") {
    double goal[9] = {0, 1, 2, 1, 0, 3, 2, 3, 0}, points[6], marks[6], history[4];
    for (double &mark : marks) mark = -7;
    std::memcpy(points, marks, sizeof points);
    const bytestride_array given = described(goal, BYTESTRIDE_FLOAT64, {3, 3}, true),
                           to = described(points, BYTESTRIDE_FLOAT64, {3, 2}, true);
    const bytestride_array read_only = described(points, BYTESTRIDE_FLOAT64, {3, 2}, false),
                           record = described(history, BYTESTRIDE_FLOAT64, {4}, true);
    const bytestride_array none = described(points, BYTESTRIDE_FLOAT64, {3, 0}, true),
                           short_points = described(points, BYTESTRIDE_FLOAT64, {2, 2}, true);
    const bytestride_array single = described(points, BYTESTRIDE_FLOAT32, {3, 2}, true),
                           inside = described(goal, BYTESTRIDE_FLOAT64, {3, 2}, true);
    CHECK_STATUS(bytestride_mds(nullptr, &to, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_mds(&given, nullptr, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_mds(&given, &read_only, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_READONLY);
    CHECK_STATUS(bytestride_mds(&given, &none, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_SHAPE);
    CHECK_STATUS(bytestride_mds(&given, &short_points, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_SHAPE);
    CHECK_STATUS(bytestride_mds(&given, &single, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_DTYPE);
    CHECK_STATUS(bytestride_mds(&given, &inside, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_OVERLAP);
    CHECK_STATUS(bytestride_mds(&given, &to, &to, nullptr, nullptr), BYTESTRIDE_ERROR_NDIM);
    bytestride_mds_result result = empty_result();
    result.size = 8;
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, &result, nullptr), BYTESTRIDE_ERROR_VERSION);
    const auto refused = [&](auto change) {
        bytestride_mds_options options = options_of(0);
        change(options);
        return bytestride_mds(&given, &to, &record, nullptr, &options);
    };
    using options = bytestride_mds_options;
    for (const std::int32_t word : {-1, 5}) {
        CHECK_STATUS(refused([=](options &o) { o.method = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.init = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.nonmetric = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.greedy = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.explore = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.sample = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.relaxation = word; }), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(refused([=](options &o) { o.padding = word; }), BYTESTRIDE_ERROR_VERSION);
    }
    CHECK_STATUS(refused([](options &o) { o.init = 4; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.radius = HUGE_VAL; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.nonmetric = 1, o.method = BYTESTRIDE_METHOD_SGD; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.n_init = -1; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.max_iter = -1; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.eps = std::nan(""); }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.radius = -1; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.explore = 1.5; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.sample = -0.5; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.relaxation = 2; }), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(refused([](options &o) { o.padding2 = 1; }), BYTESTRIDE_ERROR_VERSION);
    CHECK_STATUS(refused([](options &o) { o.size = 64; }), BYTESTRIDE_ERROR_VERSION);
    const std::int32_t cancel = 1;
    CHECK_STATUS(refused([&](options &o) { o.cancel = &cancel; }), BYTESTRIDE_ERROR_CANCELLED);
    CHECK_STATUS(bytestride_classical_mds(&given, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_classical_mds(&given, &to, &record, nullptr), BYTESTRIDE_ERROR_SHAPE);
    for (const double wrong : {-1.0, HUGE_VAL, 1.5}) {
        goal[1] = wrong;
        CHECK_STATUS(bytestride_mds(&given, &to, nullptr, nullptr, nullptr), BYTESTRIDE_ERROR_OPTION);
        CHECK_STATUS(bytestride_classical_mds(&given, &to, nullptr, nullptr), BYTESTRIDE_ERROR_OPTION);
        CHECK(std::strstr(bytestride_last_error(), "dissimilarities") != nullptr);
    }
    goal[1] = 1;
    CHECK(std::memcmp(points, marks, sizeof points) == 0);
    options given_start = options_of(0);
    given_start.init = BYTESTRIDE_INIT_GIVEN;
    points[3] = std::nan("");
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, nullptr, &given_start), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride_mds(&given, &to, &record, nullptr, nullptr), BYTESTRIDE_OK);
    std::int64_t words[2] = {0, 0};
    options counted = options_of(BYTESTRIDE_METHOD_SMACOF);
    counted.progress = words;
    counted.max_iter = 5;
    counted.n_init = 3;
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, nullptr, &counted), BYTESTRIDE_OK);
    CHECK_EQ(words[0], 15);
    CHECK_EQ(words[1], 15);
    // As long as it takes, three times: more iterations than 64 bits count.
    counted.method = BYTESTRIDE_METHOD_PATTERN;
    counted.max_iter = INT64_MAX;
    CHECK_STATUS(bytestride_mds(&given, &to, nullptr, nullptr, &counted), BYTESTRIDE_OK);
    CHECK(words[1] > INT64_MAX / 2 && words[0] == words[1]);
}
