// Lens distortion (Brown-Conrady, with OpenCV's rational terms), forward and undone.
#pragma once
#include "kernels/depth.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index ray_block = 512;

// Where the lens puts the ray through (x, y, 1), and how that changes with x and y.
struct distorted_ray {
    double x, y;
    double dx_dx, dx_dy, dy_dx, dy_dy;
};

inline __attribute__((always_inline)) distorted_ray distort(const double *k, double x, double y) {
    const double r2 = x * x + y * y;
    const double above = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4])), below = 1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7]));
    const double radial = above / below;
    // Derivative of `radial` by r2.
    const double above_slope = k[0] + r2 * (2 * k[1] + r2 * 3 * k[4]), below_slope = k[5] + r2 * (2 * k[6] + r2 * 3 * k[7]);
    const double slope = (above_slope - radial * below_slope) / below;
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

// Replaces the rays that pixels show by those that the lens took in, by Newton's iteration from where they stand. A ray is
// left alone once it is found, so its bits do not depend on its neighbours. A pixel that no ray reaches becomes NaN.
inline void undistort(const camera &lens, double *x, double *y, index count) {
    constexpr int most_steps = 50;
    constexpr double tolerance = 1e-13;
    double seen_x[ray_block], seen_y[ray_block];
    for (index i = 0; i < count; ++i) {
        seen_x[i] = x[i];
        seen_y[i] = y[i];
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
            const bool found = (__builtin_fabs(ex) <= bound) & (__builtin_fabs(ey) <= bound);
            const double determinant = ray.dx_dx * ray.dy_dy - ray.dx_dy * ray.dy_dx;
            const double next_x = x[i] - (ray.dy_dy * ex - ray.dx_dy * ey) / determinant;
            const double next_y = y[i] - (ray.dx_dx * ey - ray.dy_dx * ex) / determinant;
            x[i] = found ? x[i] : next_x;
            y[i] = found ? y[i] : next_y;
            missing |= !found;
        }
    }
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) {
        const distorted_ray ray = distort(k, x[i], y[i]);
        const double ex = __builtin_fabs(ray.x - seen_x[i]), ey = __builtin_fabs(ray.y - seen_y[i]);
        // The derivative is symmetric, and at the axis it is the identity: up to the fold of the lens it is positive definite.
        const bool before_fold = (ray.dx_dx > 0) & (ray.dx_dx * ray.dy_dy - ray.dx_dy * ray.dy_dx > 0);
        const bool found = (ex <= 1e-7) & (ey <= 1e-7) & before_fold;
        x[i] = found ? x[i] : __builtin_nan("");
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
