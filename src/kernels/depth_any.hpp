// Points of any camera: from rays, in float64, rounded once.
#pragma once
#include <limits>
#include <type_traits>

#include "kernels/depth.hpp"
#include "kernels/depth_interleave.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// So many points are computed at once: whole vectors of integers, too.
constexpr int points_at_once = lanes<double> == 2 ? 4 : lanes<double>;
typedef double numbers __attribute__((vector_size(points_at_once * 8)));
typedef std::int32_t words __attribute__((vector_size(points_at_once * 4)));
typedef std::int64_t wide_words __attribute__((vector_size(points_at_once * 8)));

// One component of the points that are computed at once, and an integer for each.
template <class Point> struct points_of;
template <> struct points_of<float> {
    typedef float component __attribute__((vector_size(points_at_once * 4)));
    typedef words integers;
};
template <> struct points_of<double> {
    typedef numbers component;
    typedef wide_words integers;
};

template <class Reading> BYTESTRIDE_INLINE numbers readings_as_numbers(const char *from) {
    typedef Reading readings __attribute__((vector_size(points_at_once * sizeof(Reading))));
    const readings values = load<readings>(from);
    if constexpr (std::is_integral_v<Reading>) {
        const words widened = __builtin_convertvector(values, words);  // g++ 12 converts shorter integers to doubles one by one
        return __builtin_convertvector(widened, numbers);
    } else {
        return __builtin_convertvector(values, numbers);
    }
}

// A row of readings at any address, and the rays of their pixels through the plane z = 1.
struct row_of_rays {
    const char *readings;
    double least, most;        // of a valid reading
    const std::uint8_t *mask;  // or null
    const double *ray_x, *ray_y, *ray_length;
    index step_x, step_y;  // ~0, or 0 where all pixels of the row share their first `points_at_once`
};

// Computes vectors of points and calls store_at(i, x, y, z, valid) with those from i on; valid is 0 or -1. Loops over elements became
// branches for what is invalid: 480 x 640 uint16 to float64 take 0.7 of their time. With `whole` all vectors lie within the row, which
// is at least as long as one: the last may repeat points. Without, it may reach behind the row.
template <class Reading, class Point, bool whole, class Store>
BYTESTRIDE_INLINE void compute_points(const depth_to_points_task &task, const row_of_rays &row, index count, const Store &store_at) {
    using component = typename points_of<Point>::component;
    const bool radial = task.radial, has_pose = task.has_pose, distorted = task.lens.distorted;
    const double scale = task.depth_scale, factor = 1 / scale, sign[3] = {task.sign[0], task.sign[1], task.sign[2]};
    double pose[3][4];
    std::memcpy(pose, task.pose, sizeof pose);
    const numbers least = numbers{} + row.least, most = numbers{} + row.most;
    for (index next = 0; next < count; next += points_at_once) {
        const index i = whole && next + points_at_once > count ? count - points_at_once : next;
        const numbers reading = readings_as_numbers<Reading>(row.readings + i * index(sizeof(Reading)));
        const numbers ray_x = load<numbers>(row.ray_x + (i & row.step_x)), ray_y = load<numbers>(row.ray_y + (i & row.step_y));
        wide_words valid = (reading >= least) & (reading <= most);
        if (distorted) valid &= ray_x == ray_x;
        if (row.mask) {
            typedef std::uint8_t bytes __attribute__((vector_size(points_at_once)));
            const words chosen = __builtin_convertvector(load<bytes>(row.mask + i), words) != 0;
            valid &= __builtin_convertvector(chosen, wide_words);
        }
        // Where it is rounded to float32, the product with the reciprocal is as good as the quotient: within 2^-52.
        numbers z = sizeof(Point) == 4 ? reading * factor : reading / scale;
        if (radial) z /= load<numbers>(row.ray_length + i);
        const numbers x = ray_x * z, y = ray_y * z;
        const auto rounded = [&](numbers value) BYTESTRIDE_INLINED { return __builtin_convertvector(value, component); };
        const auto moved = [&](int c) BYTESTRIDE_INLINED { return rounded(pose[c][0] * x + pose[c][1] * y + pose[c][2] * z + pose[c][3]); };
        const auto kept = __builtin_convertvector(valid, typename points_of<Point>::integers);
        if (has_pose)
            store_at(i, moved(0), moved(1), moved(2), kept);
        else
            store_at(i, rounded(x * sign[0]), rounded(y * sign[1]), rounded(z * sign[2]), kept);
    }
}

// The same with all of the row's points, where the invalid are filled: store_at(i, x, y, z).
template <class Reading, class Point, class Store>
void compute_all_points(const depth_to_points_task &task, const row_of_rays &row, index count, const Store &store_at) {
    using component = typename points_of<Point>::component;
    using integers = typename points_of<Point>::integers;
    const component fill = component{} + (task.invalid == BYTESTRIDE_INVALID_ZERO ? Point(0) : std::numeric_limits<Point>::quiet_NaN());
    const auto store_filled = [&](index i, component x, component y, component z, integers valid) BYTESTRIDE_INLINED {
        const auto filled = [&](component v) BYTESTRIDE_INLINED { return (component)(((integers)v & valid) | ((integers)fill & ~valid)); };
        store_at(i, filled(x), filled(y), filled(z));
    };
    if (count < points_at_once)
        compute_points<Reading, Point, false>(task, row, count, store_filled);
    else
        compute_points<Reading, Point, true>(task, row, count, store_filled);
}

// The points of the valid readings alone, one after the other. Behind them up to 3 vectors are written over.
template <class Reading, class Point>
void compute_points_kept(const depth_to_points_task &task, const row_of_rays &row, index count, char *to) {
    using component = typename points_of<Point>::component;
    const auto store_valid = [&](index i, component x, component y, component z, auto valid) BYTESTRIDE_INLINED {
        for (index k = count - i; k < points_at_once; ++k) valid[k] = 0;
        to += 3 * index(sizeof(Point)) * store_kept(to, x, y, z, valid);
    };
    compute_points<Reading, Point, false>(task, row, count, store_valid);
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
