// From points to a depth image. The nearest point of every pixel is found in float64 first: rounded readings could tie, and
// 0 means that there is no point. Each worker has an image of its own, as points compete for pixels; the nearest of all images is the
// same however the points are shared out.
#include <limits>

#include "core/loops.hpp"
#include "kernels/convert.hpp"
#include "kernels/depth_lens.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index points_at_once = 256;
// All workers' images together; with more pixels than that there are fewer workers.
constexpr index most_image_bytes = index(128) << 20;

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

// Images of float64, of one more pixel than the result has, one for each worker.
struct nearest_points {
    index pixels, pitch;  // elements
    int workers;
    double *images;
    bool *begun;

    // The worker's own image, which has no points at first.
    double *of(int worker) const {
        double *const image = images + worker * pitch;
        if (!begun[worker])
            for (index i = 0; i <= pixels; ++i) image[i] = std::numeric_limits<double>::infinity();
        begun[worker] = true;
        return image;
    }
};

struct point_loop {
    loop_nest nest;
    index pieces;  // along the last dimension
    loop work;
};

point_loop loop_over_points(const points_to_depth_task &task) {
    const view *const views[] = {&task.points[0], &task.points[1], &task.points[2]};
    point_loop points{};
    points.nest = nest_loops(views, 3);
    const loop_nest &nest = points.nest;
    const index inner = nest.shape[nest.ndim - 1];
    points.pieces = (inner + points_at_once - 1) / points_at_once;
    index items = points.pieces;
    for (int d = 0; d + 1 < nest.ndim; ++d) items *= nest.shape[d];
    const double length = static_cast<double>(inner < points_at_once ? inner : points_at_once);
    points.work = {items, length * (task.lens.distorted ? 15.0 : 4.0)};
    return points;
}

status find_nearest(const points_to_depth_task &task, const call &settings, const point_loop &points, const nearest_points &nearest) {
    const loop_nest &nest = points.nest;
    const index inner = nest.shape[nest.ndim - 1], pieces = points.pieces;
    return parallel_for(settings, points.work, [&](index begin, index end, int worker) {
        double *const image = nearest.of(worker);
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
            keep_nearest(count, s, image);
        }
    });
}

// Row y of all workers' images, in the first one.
double *nearest_row(const nearest_points &nearest, index y, index columns) {
    double *const row = nearest.of(0) + y * columns;
    for (int worker = 1; worker < nearest.workers; ++worker) {
        if (!nearest.begun[worker]) continue;
        const double *const other = nearest.of(worker) + y * columns;
        for (index x = 0; x < columns; ++x) row[x] = other[x] < row[x] ? other[x] : row[x];
    }
    return row;
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
    if (__builtin_mul_overflow(pixels + 8, index(sizeof(double)), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    bytes = whole_lines(bytes);

    // An image more costs each pixel about as much as a quarter of a point.
    const point_loop points = loop_over_points(task);
    call settings = task.settings;
    const index images = element_count(task.points[0]) < pixels / 4 ? 1 : most_image_bytes / bytes;
    if (images < settings.threads) settings.threads = images > 1 ? static_cast<int>(images) : 1;
    const int workers = workers_for(settings, points.work);
    nearest_points nearest = {pixels, bytes / index(sizeof(double)), workers > 1 ? workers : 1, nullptr, nullptr};
    const index flags = whole_lines(nearest.workers);
    const scratch memory(nearest.workers * bytes + flags);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    nearest.begun = reinterpret_cast<bool *>(memory.data());
    nearest.images = reinterpret_cast<double *>(memory.data() + flags);
    std::memset(nearest.begun, 0, static_cast<std::size_t>(nearest.workers));
    const status found = find_nearest(task, settings, points, nearest);
    if (found != BYTESTRIDE_OK) return found;

    const convert_function convert = converter(dtype::float64, out.type, cast_rule::saturate);
    const loop over_rows = {rows, static_cast<double>(columns) * (0.5 + 0.5 * nearest.workers)};
    const index row_bytes = whole_lines(columns * out.itemsize);
    call quiet = task.settings;
    quiet.progress = nullptr;
    const scratch rounded(workers_for(quiet, over_rows) * row_bytes);
    if (rounded.failed()) return BYTESTRIDE_ERROR_MEMORY;
    nearest.of(0);
    return parallel_for(quiet, over_rows, [&](index begin, index end, int worker) {
        char *const readings = rounded.data() + worker * row_bytes;
        for (index y = begin; y < end; ++y) {
            round_row(task, nearest_row(nearest, y, columns), readings, convert);
            move_tile({readings, 0, out.itemsize}, {out.data + y * out.strides[0], 0, out.strides[1]}, 1, columns, out.itemsize);
        }
    });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
