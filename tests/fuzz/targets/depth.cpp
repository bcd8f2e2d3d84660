// Depth images to points and back, with every option; plain cameras against the formula.
#include <optional>

#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

constexpr std::int32_t readings[] = {BYTESTRIDE_UINT16, BYTESTRIDE_INT32, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64};

struct camera {
    double fx, fy, cx, cy, skew;
    bool valid;
};

camera any_camera(random_numbers &dice) {
    const auto around = [&](double size) { return static_cast<double>(dice.between(-100, 100)) / 64 * size; };
    camera c = {around(200), around(200), around(20), around(20), dice.one_in(4) ? around(1) : 0, true};
    if (dice.one_in(20)) c.fx = dice.one_of({0.0, 1e-320, 1e308, static_cast<double>(NAN), static_cast<double>(INFINITY)});
    if (dice.one_in(20)) c.cy = dice.one_of({1e308, static_cast<double>(NAN), -static_cast<double>(INFINITY)});
    c.valid = c.fx != 0 && c.fy != 0 && std::isfinite(c.fx) && std::isfinite(c.cy);
    return c;
}

// Small coefficients mostly: a lens; any numbers now and then.
const bytestride_array *coefficients(trial &t, const extents &shape) {
    operand &o = t.input(t.dice.one_in(2) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64, shape);
    fill(t.dice, o.memory);
    if (!t.dice.one_in(4))
        for (std::int64_t i = 0; i < o.memory.elements(); ++i)
            reference::encode(o.memory.dtype, reference::of_real(static_cast<long double>(t.dice.between(-20, 20)) / 100), o.memory.at(i));
    return o.optional();
}

void fill_readings(random_numbers &dice, const array &a) {
    if (dice.one_in(4)) return fill(dice, a);
    for (std::int64_t i = 0; i < a.elements(); ++i) {
        const std::int64_t reading = dice.one_in(4) ? 0 : dice.between(1, 9000);
        reference::encode(a.dtype, reference::of_integer(reading), a.at(i));
    }
}

void to_points(random_numbers &dice) {
    trial t(dice);
    const camera lens = any_camera(dice);
    bytestride_depth_to_points_options options{};
    const std::int64_t rows = dice.between(0, 9), columns = dice.one_in(6) ? dice.between(0, 700) : dice.between(0, 40);
    extents shape = {rows, columns};
    if (dice.one_in(4)) shape.insert(shape.begin(), dice.between(0, 3));
    options.stride = dice.one_in(3) ? dice.between(0, 5) : 0;
    options.invalid = static_cast<std::int32_t>(dice.between(0, 3));
    options.frame = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 5 : 3));
    options.radial = dice.one_in(4);
    options.skew = lens.skew;
    if (dice.one_in(4)) options.min_depth = static_cast<double>(dice.between(-2, 9));
    if (dice.one_in(4)) options.max_depth = static_cast<double>(dice.between(1, 9));
    if (dice.one_in(4)) options.depth_scale = static_cast<double>(dice.between(-1, 2000));
    const bool drops = options.invalid == BYTESTRIDE_INVALID_DROP, plain = !dice.one_in(2);
    if (!plain) {
        if (dice.one_in(2)) options.distortion = coefficients(t, {dice.one_of<std::int64_t>({4, 5, 8, 8, 6})});
        if (dice.one_in(2)) options.pose = coefficients(t, {dice.one_of<std::int64_t>({3, 4}), 4});
        if (dice.one_in(2)) options.mask = t.input(BYTESTRIDE_BOOL, dice.one_in(2) ? shape : extents{rows, columns}).optional();
    }
    operand &depth = t.input(readings[dice.between(0, 3)], shape);
    fill_readings(dice, depth.memory);

    const std::int64_t step = options.stride ? options.stride : 1, images = shape.size() > 2 ? shape[0] : 1,
                       less_rows = (rows + step - 1) / step, less_columns = (columns + step - 1) / step,
                       pixels = images * less_rows * less_columns, room = dice.one_in(2) ? pixels : dice.between(0, pixels);
    const auto shaped = [&](std::int64_t last) {
        extents s = drops ? extents{room} : shape.size() > 2 ? extents{images, less_rows, less_columns} : extents{less_rows, less_columns};
        if (last > 0) s.push_back(last);
        return s;
    };
    const bool counts = drops && dice.one_in(4);
    operand *points = counts ? nullptr : &t.output(dice.one_in(2) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64, shaped(3));
    const bytestride_array *colors = nullptr, *indices = nullptr;
    if (!counts && dice.one_in(3)) {
        const std::int32_t code = t.any_dtype();
        extents colored = shape;
        colored.push_back(dice.between(1, 4));
        operand &color = t.input(code, colored);
        fill(dice, color.memory);
        options.color = color.optional();
        colors = t.output(code, shaped(colored.back())).optional();
    }
    if (!counts && dice.one_in(3)) indices = t.output(BYTESTRIDE_INT64, shaped(0)).optional();
    const bytestride_array *given_points = points ? points->optional() : nullptr;
    std::int64_t count = -1;
    const std::int32_t status = t.run(options, [&] {
        return bytestride_depth_to_points(depth.given(), given_points, colors, indices, lens.fx, lens.fy, lens.cx, lens.cy, &count,
                                          &options);
    });
    if (!lens.valid) CHECK(status != BYTESTRIDE_OK);
    if (status != BYTESTRIDE_OK) return;
    CHECK(count >= 0 && count <= pixels);
    const bool formula = plain && points && !drops && !options.radial && options.frame < 2 && lens.skew == 0;
    if (!formula) return;
    const bool single = points->memory.dtype == BYTESTRIDE_FLOAT32;
    const double scale = options.depth_scale != 0 ? options.depth_scale : 1000,
                 farthest = options.max_depth != 0 ? options.max_depth : static_cast<double>(INFINITY);
    int wrong = 0;
    for (std::int64_t n = 0; n < pixels; ++n) {
        const std::int64_t u = n % less_columns * step, v = n / less_columns % less_rows * step, image = n / less_columns / less_rows;
        const double z = static_cast<double>(depth.memory.number_at((image * rows + v) * columns + u).real) / scale;
        const bool valid = std::isfinite(z) && z > options.min_depth && z < farthest;
        const double expected[3] = {(static_cast<double>(u) - lens.cx) / lens.fx * z, (static_cast<double>(v) - lens.cy) / lens.fy * z, z};
        for (int k = 0; k < 3; ++k) {
            const long double got = points->memory.number_at(3 * n + k).real;
            if (!valid) {
                wrong += options.invalid == BYTESTRIDE_INVALID_ZERO ? got != 0 : !std::isnan(got);
                continue;
            }
            if (std::isnan(expected[k])) {  // a depth of 0 along a ray that is not finite
                wrong += !std::isnan(got);
                continue;
            }
            const long double size = std::fabs(static_cast<long double>(expected[k]));
            if (size < 1e-30L || size > 1e30L) continue;
            wrong += !(std::fabs(got - static_cast<long double>(expected[k])) <= size * (single ? 0x1p-22L : 0x1p-51L));
        }
    }
    CHECK_EQ(wrong, 0);
}

void to_depth(random_numbers &dice) {
    trial t(dice);
    const camera lens = any_camera(dice);
    bytestride_points_to_depth_options options{};
    options.frame = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 5 : 3));
    options.skew = lens.skew;
    if (dice.one_in(4)) options.depth_scale = static_cast<double>(dice.between(-1, 2000));
    if (dice.one_in(3)) options.distortion = coefficients(t, {dice.one_of<std::int64_t>({4, 5, 8})});
    if (dice.one_in(3)) options.pose = coefficients(t, {dice.one_of<std::int64_t>({3, 4}), 4});
    extents shape = t.shape(0, 3, 200);
    shape.push_back(dice.one_in(20) ? 2 : 3);
    operand &points = t.input(dice.one_in(2) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64, shape);
    fill(dice, points.memory, dice.one_in(2));
    operand &out = t.output(readings[dice.between(0, 3)], {dice.between(0, 30), dice.between(0, 30)});
    fill(dice, out.memory);
    const std::int32_t status = t.run(
        options, [&] { return bytestride_points_to_depth(points.given(), out.given(), lens.fx, lens.fy, lens.cx, lens.cy, &options); });
    if (!lens.valid) CHECK(status != BYTESTRIDE_OK);
}

}  // namespace

void depth(random_numbers &dice) { return dice.one_in(3) ? to_depth(dice) : to_points(dice); }

}  // namespace fuzz
