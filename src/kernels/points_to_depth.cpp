// From points to a depth image. The nearest point of every pixel is found in float64 first: rounded readings could tie, and
// 0 means that there is no point.
#include <limits>

#include "core/loops.hpp"
#include "kernels/convert.hpp"
#include "kernels/depth_lens.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index points_at_once = 256;

// Some points on their way through the camera.
struct some_points {
    char read[3 * points_at_once * sizeof(double)];
    double xyz[3][points_at_once];
    double place[points_at_once];  // number of the pixel
};

template <class Point> void read_points(const char *const *from, const index *steps, index count, some_points &s) {
    constexpr index size = sizeof(Point), room = points_at_once * size;
    const index component = from[1] - from[0];
    // Whole points are taken apart in registers.
    if (from[2] - from[1] == component && steps[1] == steps[0] && steps[2] == steps[0])
        move_tile({const_cast<char *>(from[0]), steps[0], component}, {s.read, size, room}, count, 3, size);
    else
        for (int c = 0; c < 3; ++c) move_tile({const_cast<char *>(from[c]), 0, steps[c]}, {s.read + c * room, 0, size}, 1, count, size);
    for (int c = 0; c < 3; ++c)
        for (index i = 0; i < count; ++i) s.xyz[c][i] = static_cast<double>(load<Point>(s.read + c * room + i * size));
}

// The nearest pixel, half up; the sum with 0.5 would round numbers just below a half.
double nearest_pixel(double at) {
    const double below = __builtin_floor(at);
    return at - below >= 0.5 ? below + 1 : below;
}

// Where the points fall; those that fall nowhere, to a pixel behind the last one.
template <bool distorted> void project(const points_to_depth_task &task, index count, some_points &s) {
    const camera &lens = task.lens;
    const double fx = lens.fx, fy = lens.fy, cx = lens.cx, cy = lens.cy, skew = lens.skew;
    const double rows = static_cast<double>(task.out.shape[0]), columns = static_cast<double>(task.out.shape[1]);
    double m[3][4], k[8];
    std::memcpy(m, task.to_camera, sizeof m);
    std::memcpy(k, lens.coefficients, sizeof k);
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) {
        const double px = s.xyz[0][i] - m[0][3], py = s.xyz[1][i] - m[1][3], pz = s.xyz[2][i] - m[2][3];
        const double x = m[0][0] * px + m[0][1] * py + m[0][2] * pz, y = m[1][0] * px + m[1][1] * py + m[1][2] * pz;
        const double z = m[2][0] * px + m[2][1] * py + m[2][2] * pz;
        double xn = x / z, yn = y / z;
        if constexpr (distorted) {
            const distorted_ray ray = distort(k, xn, yn);
            xn = ray.x;
            yn = ray.y;
        }
        const double u = nearest_pixel(fx * xn + skew * yn + cx), v = nearest_pixel(fy * yn + cy);
        // False for every NaN.
        const bool inside = (z > 0) & (u >= 0) & (u < columns) & (v >= 0) & (v < rows);
        s.place[i] = inside ? v * columns + u : rows * columns;
        s.xyz[2][i] = z;
    }
}

void keep_nearest(index count, const some_points &s, double *nearest) {
    for (index i = 0; i < count; ++i) {
        const index place = static_cast<index>(s.place[i]);
        const double z = s.xyz[2][i];
        nearest[place] = z < nearest[place] ? z : nearest[place];  // no branch
    }
}

status find_nearest(const points_to_depth_task &task, double *nearest) {
    const view *const views[] = {&task.points[0], &task.points[1], &task.points[2]};
    const loop_nest nest = nest_loops(views, 3);
    const index inner = nest.shape[nest.ndim - 1], pieces = (inner + points_at_once - 1) / points_at_once;
    index items = pieces;
    for (int d = 0; d + 1 < nest.ndim; ++d) items *= nest.shape[d];
    call alone = task.settings;
    alone.threads = 1;  // points compete for pixels
    const double length = static_cast<double>(inner < points_at_once ? inner : points_at_once);
    return parallel_for(alone, {items, length * (task.lens.distorted ? 15.0 : 8.0)}, [&](index begin, index end, int) {
        some_points s;
        for (index item = begin; item < end; ++item) {
            const index first = item % pieces * points_at_once, count = inner - first < points_at_once ? inner - first : points_at_once;
            const char *from[3] = {nest.data[0], nest.data[1], nest.data[2]};
            index position = item / pieces, steps[3];
            for (int d = nest.ndim - 2; d >= 0; --d) {
                for (int c = 0; c < 3; ++c) from[c] += position % nest.shape[d] * nest.strides[c][d];
                position /= nest.shape[d];
            }
            for (int c = 0; c < 3; ++c) {
                steps[c] = nest.strides[c][nest.ndim - 1];
                from[c] += first * steps[c];
            }
            if (task.points[0].type == dtype::float32)
                read_points<float>(from, steps, count, s);
            else
                read_points<double>(from, steps, count, s);
            task.lens.distorted ? project<true>(task, count, s) : project<false>(task, count, s);
            keep_nearest(count, s, nearest);
        }
    });
}

// Readings of a row, rounded and saturated, floats too.
void round_row(const points_to_depth_task &task, double *row, char *to, convert_function convert) {
    constexpr double none = std::numeric_limits<double>::infinity();
    const double largest = task.out.type == dtype::float32 ? static_cast<double>(std::numeric_limits<float>::max())
                                                           : std::numeric_limits<double>::max();
    const index columns = task.out.shape[1];
    for (index x = 0; x < columns; ++x) {
        const double reading = row[x] == none ? 0.0 : row[x] * task.depth_scale;
        row[x] = reading > largest ? largest : reading;
    }
    convert(row, to, columns);
}

}  // namespace

status points_to_depth(const points_to_depth_task &task) {
    const view &out = task.out;
    const index rows = out.shape[0], columns = out.shape[1], pixels = rows * columns;
    index bytes;
    if (__builtin_mul_overflow(pixels + 1, index(8), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    const scratch depths(bytes), rounded(columns * out.itemsize);
    if (depths.failed() || rounded.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *nearest = reinterpret_cast<double *>(depths.data());
    for (index i = 0; i <= pixels; ++i) nearest[i] = std::numeric_limits<double>::infinity();
    const status found = find_nearest(task, nearest);
    if (found != BYTESTRIDE_OK) return found;
    const convert_function convert = converter(dtype::float64, out.type, cast_rule::saturate);
    for (index y = 0; y < rows; ++y) {
        round_row(task, nearest + y * columns, rounded.data(), convert);
        move_tile({rounded.data(), columns * out.itemsize, out.itemsize}, {out.data + y * out.strides[0], out.strides[0], out.strides[1]},
                  1, columns, out.itemsize);
    }
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
