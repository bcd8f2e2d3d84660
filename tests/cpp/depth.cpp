// Depth images and points between forbidden pages: against the formulas, and the calling rules.
#include <cmath>

#include "arrays.hpp"

using namespace test;

namespace {

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), dice.one_in(2) ? edge::front : edge::back,
                 dice.between(0, 7));
}
layout any_layout(random_numbers &dice) { return layouts[dice.between(0, 5)]; }

double real_of(const array &a, std::int64_t place) {
    const reference::number n = a.number_at(place);
    return a.dtype == BYTESTRIDE_FLOAT32 || a.dtype == BYTESTRIDE_FLOAT64 ? static_cast<double>(n.real) : static_cast<double>(n.integer);
}

void fill_depth(random_numbers &dice, const array &a) {
    for (std::int64_t i = 0; i < a.elements(); ++i) {
        const std::int64_t reading = dice.one_in(4) ? 0 : dice.between(1, 9000);
        const bool real = a.dtype == BYTESTRIDE_FLOAT32 || a.dtype == BYTESTRIDE_FLOAT64;
        reference::encode(a.dtype, real ? reference::of_real(static_cast<long double>(reading)) : reference::of_integer(reading), a.at(i));
    }
}

constexpr double fx = 300.5, fy = -200.25, cx = 7.5, cy = 3.25;

bytestride_depth_to_points_options options_of(int invalid, int threads = 1) {
    bytestride_depth_to_points_options options{};
    options.size = sizeof options;
    options.invalid = invalid;
    options.threads = threads;
    return options;
}

constexpr std::int32_t readings[] = {BYTESTRIDE_UINT16, BYTESTRIDE_INT32, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64};

bool near(double actual, double expected, bool single) {
    return std::fabs(actual - expected) <= std::fabs(expected) * (single ? 0x1p-22 : 0x1p-51);
}

}  // namespace

TEST("depth_to_points: the formula in every layout, nothing beside the views is touched") {
    random_numbers dice;
    for (int round = 0; round < 240; ++round) {
        const std::int32_t reading = readings[round % 4], code = dice.one_in(2) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64;
        const std::int64_t rows = dice.between(1, 6), columns = dice.one_in(6) ? 531 : dice.between(1, 40), step = dice.between(1, 3);
        const std::int64_t less_rows = (rows + step - 1) / step, less_columns = (columns + step - 1) / step;
        const bool drops = dice.one_in(3);
        const array depth = make(dice, reading, {rows, columns}, any_layout(dice));
        const array color = make(dice, BYTESTRIDE_UINT8, {rows, columns, 3}, any_layout(dice));
        fill_depth(dice, depth);
        fill(dice, color);
        std::vector<std::int64_t> kept;  // pixels of the result
        for (std::int64_t v = 0; v < rows; v += step)
            for (std::int64_t u = 0; u < columns; u += step)
                if (!drops || real_of(depth, v * columns + u) > 0) kept.push_back(v * columns + u);
        const std::int64_t count = static_cast<std::int64_t>(kept.size());
        const auto shaped = [&](std::int64_t last) {
            extents shape = drops ? extents{count} : extents{less_rows, less_columns};
            if (last > 0) shape.push_back(last);
            return shape;
        };
        const array points = make(dice, code, shaped(3), any_layout(dice)),
                    colors = make(dice, BYTESTRIDE_UINT8, shaped(3), any_layout(dice)),
                    indices = make(dice, BYTESTRIDE_INT64, shaped(0), any_layout(dice));
        const std::vector<unsigned char> before[] = {points.bytes(), colors.bytes(), indices.bytes()};
        depth.memory.make_read_only();
        color.memory.make_read_only();
        const bytestride_array d = depth.described(false), paint = color.described(false), p = points.described(true),
                               c = colors.described(true), i = indices.described(true);
        auto options = options_of(drops ? BYTESTRIDE_INVALID_DROP : BYTESTRIDE_INVALID_NAN);
        options.stride = step;
        options.color = &paint;
        std::int64_t written = -1;
        CHECK_STATUS(bytestride_depth_to_points(&d, &p, &c, &i, fx, fy, cx, cy, &written, &options), BYTESTRIDE_OK);
        CHECK_EQ(written, count);
        CHECK(points.untouched_beside_elements(before[0]) && colors.untouched_beside_elements(before[1]) &&
              indices.untouched_beside_elements(before[2]));
        int wrong = 0;
        for (std::int64_t n = 0; n < count; ++n) {
            const std::int64_t pixel = kept[static_cast<std::size_t>(n)];
            const double z = real_of(depth, pixel) / 1000, x = (static_cast<double>(pixel % columns) - cx) / fx * z,
                         y = (static_cast<double>(pixel / columns) - cy) / fy * z;
            const bool single = code == BYTESTRIDE_FLOAT32, valid = z > 0;
            const double got[3] = {real_of(points, 3 * n), real_of(points, 3 * n + 1), real_of(points, 3 * n + 2)};
            wrong += valid ? !(near(got[0], x, single) && near(got[1], y, single) && near(got[2], z, single))
                           : !(std::isnan(got[0]) && std::isnan(got[1]) && std::isnan(got[2]));
            wrong += indices.number_at(n).integer != pixel;
            for (std::int64_t k = 0; k < 3; ++k) wrong += *colors.at(3 * n + k) != (valid ? *color.at(3 * pixel + k) : 0);
        }
        CHECK_EQ(wrong, 0);
    }
}

TEST("depth_to_points: threads, progress, counting, too few rows") {
    random_numbers dice;
    const array depth = make(dice, BYTESTRIDE_UINT16, {3, 211, 701}, layout::c_order);
    fill_depth(dice, depth);
    std::int64_t valid = 0;
    for (std::int64_t i = 0; i < depth.elements(); ++i) valid += depth.number_at(i).integer > 0;
    const bytestride_array d = depth.described(false);
    std::int64_t count = -1;
    auto options = options_of(BYTESTRIDE_INVALID_DROP);
    CHECK_STATUS(bytestride_depth_to_points(&d, nullptr, nullptr, nullptr, fx, fy, cx, cy, &count, &options), BYTESTRIDE_OK);
    CHECK_EQ(count, valid);
    const array one = make(dice, BYTESTRIDE_FLOAT32, {valid, 3}, layout::c_order),
                five = make(dice, BYTESTRIDE_FLOAT32, {valid, 3}, layout::c_order),
                few = make(dice, BYTESTRIDE_FLOAT32, {valid - 1, 3}, layout::c_order);
    const bytestride_array first = one.described(true), second = five.described(true), third = few.described(true);
    std::int64_t progress[2] = {0, 0};
    options.progress = progress;
    CHECK_STATUS(bytestride_depth_to_points(&d, &first, nullptr, nullptr, fx, fy, cx, cy, &count, &options), BYTESTRIDE_OK);
    CHECK(progress[1] > 0 && progress[0] == progress[1]);
    options.threads = 5;
    CHECK_STATUS(bytestride_depth_to_points(&d, &second, nullptr, nullptr, fx, fy, cx, cy, &count, &options), BYTESTRIDE_OK);
    CHECK(std::memcmp(one.first(), five.first(), static_cast<std::size_t>(valid * 12)) == 0);
    const auto before = few.bytes();
    count = -1;
    CHECK_STATUS(bytestride_depth_to_points(&d, &third, nullptr, nullptr, fx, fy, cx, cy, &count, &options), BYTESTRIDE_ERROR_SHAPE);
    CHECK_EQ(count, valid);
    CHECK(few.untouched(before));
}

TEST("depth_to_points: calling rules") {
    std::uint16_t depth[12] = {1, 2, 3};
    float points[36];
    for (float &value : points) value = 7;
    const std::int64_t shape[3] = {3, 4, 3};
    bytestride_array d, p;
    bytestride_array_init(&d, depth, BYTESTRIDE_UINT16, 2, shape, nullptr, 0);
    bytestride_array_init(&p, points, BYTESTRIDE_FLOAT32, 3, shape, nullptr, BYTESTRIDE_WRITEABLE);
    const auto with = [&](bytestride_depth_to_points_options options, double focal = 1, double centre = 0) {
        return bytestride_depth_to_points(&d, &p, nullptr, nullptr, focal, 1, centre, 0, nullptr, &options);
    };
    CHECK_STATUS(bytestride_depth_to_points(nullptr, &p, nullptr, nullptr, 1, 1, 0, 0, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_depth_to_points(&d, nullptr, nullptr, nullptr, 1, 1, 0, 0, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK(std::strstr(bytestride_last_error(), "points"));
    for (double focal : {0.0, HUGE_VAL, static_cast<double>(NAN)}) CHECK_STATUS(with(options_of(0), focal), BYTESTRIDE_ERROR_OPTION);
    CHECK(std::strstr(bytestride_last_error(), "fx"));
    CHECK_STATUS(with(options_of(0), 1, HUGE_VAL), BYTESTRIDE_ERROR_OPTION);
    for (double scale : {-1.0, HUGE_VAL, static_cast<double>(NAN)}) {
        auto options = options_of(0);
        options.depth_scale = scale;
        CHECK_STATUS(with(options), BYTESTRIDE_ERROR_OPTION);
    }
    auto changed = options_of(0);
    changed.stride = -1;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_OPTION);
    for (int invalid : {-1, 4}) CHECK_STATUS(with(options_of(invalid)), BYTESTRIDE_ERROR_OPTION);
    changed = options_of(0);
    changed.radial = 2;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_OPTION);
    changed = options_of(0);
    for (int frame : {-1, 4}) {
        changed.frame = frame;
        CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_OPTION);
    }
    changed = options_of(0);
    changed.padding = 1;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_VERSION);
    changed = options_of(0);
    changed.size = sizeof changed - 1;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_VERSION);
    const std::int32_t cancel = 1;
    changed = options_of(0);
    changed.cancel = &cancel;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_CANCELLED);
    std::int64_t count = -1;
    CHECK_STATUS(bytestride_depth_to_points(&d, &p, nullptr, nullptr, 1, 1, 0, 0, &count, &changed), BYTESTRIDE_ERROR_CANCELLED);
    CHECK_EQ(count, -1);
    double numbers[16] = {1, 0, 0, 0, 0, NAN};
    const std::int64_t square[2] = {4, 4}, five[1] = {5}, six[1] = {6};
    bytestride_array pose, lens;
    bytestride_array_init(&pose, numbers, BYTESTRIDE_FLOAT64, 2, square, nullptr, 0);
    changed = options_of(0);
    changed.pose = &pose;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_OPTION);
    bytestride_array_init(&lens, numbers, BYTESTRIDE_FLOAT64, 1, six, nullptr, 0);
    changed = options_of(0);
    changed.distortion = &lens;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_SHAPE);
    bytestride_array_init(&lens, numbers + 1, BYTESTRIDE_FLOAT64, 1, five, nullptr, 0);
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride_depth_to_points(&d, &p, &p, nullptr, 1, 1, 0, 0, nullptr, nullptr), BYTESTRIDE_ERROR_OPTION);
    bytestride_array mask = d;
    mask.shape[1] = std::numeric_limits<std::int64_t>::min();
    changed = options_of(0);
    changed.mask = &mask;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_SHAPE);
    changed = options_of(0);
    changed.color = &mask;
    CHECK_STATUS(with(changed), BYTESTRIDE_ERROR_SHAPE);
    for (float value : points) CHECK_EQ(value, 7.0f);
}

TEST("points_to_depth: there and back in every layout") {
    random_numbers dice;
    for (int round = 0; round < 80; ++round) {
        const std::int32_t reading = readings[round % 4];
        const extents shape = {dice.between(1, 20), dice.between(1, 40)};
        const array depth = make(dice, reading, shape, any_layout(dice)), back = make(dice, reading, shape, any_layout(dice)),
                    points = make(dice, BYTESTRIDE_FLOAT64, {shape[0], shape[1], 3}, any_layout(dice));
        fill_depth(dice, depth);
        const bytestride_array d = depth.described(false), p = points.described(true), b = back.described(true);
        const auto before = back.bytes();
        CHECK_STATUS(bytestride_depth_to_points(&d, &p, nullptr, nullptr, fx, fy, cx, cy, nullptr, nullptr), BYTESTRIDE_OK);
        bytestride_points_to_depth_options options{};
        options.size = sizeof options;
        std::int64_t progress[2] = {0, 0};
        options.progress = progress;
        CHECK_STATUS(bytestride_points_to_depth(&p, &b, fx, fy, cx, cy, &options), BYTESTRIDE_OK);
        CHECK(progress[1] > 0 && progress[0] == progress[1]);
        CHECK(back.untouched_beside_elements(before));
        int wrong = 0;
        for (std::int64_t i = 0; i < depth.elements(); ++i) wrong += !near(real_of(back, i), real_of(depth, i), false);
        CHECK_EQ(wrong, 0);
    }
}

TEST("points_to_depth: calling rules") {
    double points[3] = {0, 0, 1};
    std::uint16_t out[4] = {7, 7, 7, 7};
    const std::int64_t triple[1] = {3}, pair[1] = {2}, image[2] = {2, 2};
    bytestride_array p, o;
    bytestride_array_init(&p, points, BYTESTRIDE_FLOAT64, 1, triple, nullptr, 0);
    bytestride_array_init(&o, out, BYTESTRIDE_UINT16, 2, image, nullptr, BYTESTRIDE_WRITEABLE);
    bytestride_points_to_depth_options options{};
    options.size = sizeof options;
    CHECK_STATUS(bytestride_points_to_depth(nullptr, &o, 1, 1, 0, 0, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_points_to_depth(&p, nullptr, 1, 1, 0, 0, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 0, 1, 0, 0, nullptr), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 1, 1, 0, static_cast<double>(NAN), nullptr), BYTESTRIDE_ERROR_OPTION);
    options.padding = 1;
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 1, 1, 0, 0, &options), BYTESTRIDE_ERROR_VERSION);
    options.padding = 0;
    const std::int32_t cancel = 1;
    options.cancel = &cancel;
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 1, 1, 0, 0, &options), BYTESTRIDE_ERROR_CANCELLED);
    for (std::uint16_t value : out) CHECK_EQ(value, 7);
    bytestride_array_init(&p, points, BYTESTRIDE_FLOAT64, 1, pair, nullptr, 0);
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 1, 1, 0, 0, nullptr), BYTESTRIDE_ERROR_SHAPE);
    // No points at all, at no address: an image without readings.
    const std::int64_t none[2] = {0, 3};
    bytestride_array_init(&p, nullptr, BYTESTRIDE_FLOAT64, 2, none, nullptr, 0);
    CHECK_STATUS(bytestride_points_to_depth(&p, &o, 1, 1, 0, 0, nullptr), BYTESTRIDE_OK);
    for (std::uint16_t value : out) CHECK_EQ(value, 0);
}
