// Lens distortion (Brown-Conrady, with OpenCV's rational terms), forward and undone.
#pragma once
#include <limits>

#include "kernels/depth.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// The rays of one go, and the room of arrays of them: arrays of a power of two would share few places of the cache.
constexpr index ray_block = 512, ray_room = ray_block + 8;

// Where the lens puts the ray through (x, y, 1), and how that changes with x and y.
struct distorted_ray {
    double x, y;
    double dx_dx, dx_dy, dy_dx, dy_dy;
};

inline __attribute__((always_inline)) distorted_ray distort(const double *k, double x, double y) {
    const double r2 = x * x + y * y;
    const double above = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4])), below = 1 / (1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7])));
    const double radial = above * below;
    // Derivative of `radial` by r2.
    const double above_slope = k[0] + r2 * (2 * k[1] + r2 * 3 * k[4]), below_slope = k[5] + r2 * (2 * k[6] + r2 * 3 * k[7]);
    const double slope = (above_slope - radial * below_slope) * below;
    const double p1 = k[2], p2 = k[3];
    distorted_ray ray;
    ray.x = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x);
    ray.y = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y;
    ray.dx_dx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x;
    ray.dx_dy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
    ray.dy_dx = ray.dx_dy;
    ray.dy_dy = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x;
    return ray;
}

// Where the search for a ray begins: by the radius s at which a pixel shows it, the ratio of its true radius to s, without
// the tangential terms. The table is uniform in s^2 / (1 + s^2), so it serves every image, and a ray's bits do not depend on
// the image that it belongs to. It is made outward from the axis: where a lens shows several rays in one place, the first is
// meant.
struct ray_table {
    static constexpr int steps = 256;
    double ratio[steps];
    double farthest_squared;  // rays beyond are not meant
};

inline ray_table ray_table_of(const camera &lens) {
    double k[8];
    for (int i = 0; i < 8; ++i) k[i] = i == 2 || i == 3 ? 0 : lens.coefficients[i];
    ray_table table;
    table.ratio[0] = 1;
    double radius = 0, shown = 0;
    bool folded = false;
    for (int entry = 1; entry < ray_table::steps; ++entry) {
        if (!folded) {
            const double place = static_cast<double>(entry) / ray_table::steps, next = __builtin_sqrt(place / (1 - place));
            double trial = shown > 0 ? radius * next / shown : next;
            bool found = false;
            for (int step = 0; step < 20 && !found; ++step) {
                const distorted_ray ray = distort(k, trial, 0);
                if (!(ray.dx_dx > 0)) break;
                const double change = (ray.x - next) / ray.dx_dx;
                trial -= change;
                found = __builtin_fabs(change) <= 1e-9 * next;
            }
            folded = !(found && trial > radius && trial < 2 * (radius + next));
            if (!folded) {
                radius = trial;
                shown = next;
            }
        }
        table.ratio[entry] = shown > 0 ? radius / shown : 1;
    }
    // Close to a fold the radius grows fast; a ray between the fold and here is found out by its derivatives.
    const double farthest = 1.2 * (shown > 0 ? radius : 1.0);
    table.farthest_squared = folded ? farthest * farthest : std::numeric_limits<double>::infinity();
    return table;
}

// Replaces the rays that pixels show by those that the lens took in, by Newton's iteration. A ray is left alone once it is
// found, so its bits do not depend on its neighbours. A pixel that no ray reaches becomes NaN. `work` is room for three numbers
// of each ray.
inline void undistort(const camera &lens, const ray_table &table, double *x, double *y, index count, double (*work)[ray_room]) {
    constexpr int most_steps = 30;
    constexpr double tolerance = 1e-7;  // before the last step, which squares the error
    double *const seen_x = work[0], *const seen_y = work[1];
    double *const state = work[2];  // 0: searched for, 1: found, 2: no ray
    for (index i = 0; i < count; ++i) {
        constexpr double last = ray_table::steps - 1;
        const double squared = x[i] * x[i] + y[i] * y[i], at = squared / (1 + squared) * ray_table::steps;
        const double bounded = at < last ? at : last;
        const std::int32_t entry = static_cast<std::int32_t>(bounded), next = entry + (entry < ray_table::steps - 1);
        const double ratio = table.ratio[entry] + (bounded - entry) * (table.ratio[next] - table.ratio[entry]);
        seen_x[i] = x[i];
        seen_y[i] = y[i];
        x[i] *= ratio;
        y[i] *= ratio;
        state[i] = 0;
    }
    double k[8];
    for (int i = 0; i < 8; ++i) k[i] = lens.coefficients[i];
    std::int64_t missing = 1;
    for (int step = 0; step < most_steps && missing; ++step) {
        missing = 0;
        BYTESTRIDE_INDEPENDENT
        for (index i = 0; i < count; ++i) {
            const distorted_ray ray = distort(k, x[i], y[i]);
            const double ex = ray.x - seen_x[i], ey = ray.y - seen_y[i];
            const double bound = tolerance * (1 + __builtin_fabs(seen_x[i]) + __builtin_fabs(seen_y[i]));
            const double determinant = ray.dx_dx * ray.dy_dy - ray.dx_dy * ray.dy_dx, inverse = 1 / determinant;
            // The derivative is symmetric, and at the axis it is the identity: up to the fold of the lens it is positive definite.
            const bool meant = (ray.dx_dx > 0) & (determinant > 0) & (x[i] * x[i] + y[i] * y[i] <= table.farthest_squared);
            const bool close = (__builtin_fabs(ex) <= bound) & (__builtin_fabs(ey) <= bound), open = state[i] == 0.0;
            const double next_x = x[i] - (ray.dy_dy * ex - ray.dx_dy * ey) * inverse;
            const double next_y = y[i] - (ray.dx_dx * ey - ray.dy_dx * ex) * inverse;
            x[i] = open ? next_x : x[i];
            y[i] = open ? next_y : y[i];
            const double outcome = meant ? 1.0 : 2.0;
            state[i] = (open & close) ? outcome : state[i];
            missing |= (open & !close) ? 1 : 0;
        }
    }
    for (index i = 0; i < count; ++i) x[i] = state[i] == 1.0 ? x[i] : __builtin_nan("");
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
