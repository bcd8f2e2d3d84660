// From depth to points, segment by segment: up to 512 pixels of a row.
//
// Everything is computed in float64 and rounded once, except where float32 is as good (depth_plain.hpp). Whether a reading is valid is decided in its own dtype: the quotient
// by the scale is monotone, so its bounds are bounds of the reading. With `drop` the valid readings of every segment are
// counted first, so that each segment knows where its points begin, whoever writes them.
#include <limits>
#include <type_traits>

#include "kernels/depth_lens.hpp"
#include "kernels/depth_plain.hpp"
#include "kernels/half.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index segment_columns = ray_block;
// What is done in one go: whole rows where they are not too long, and of a batch several images with the same rays.
constexpr index item_columns = 32 * segment_columns, item_pixels = 8192, item_images = 16;
// Where the readings or the mask of a row do not lie one after the other, an item is packed as a whole. Of a transposed image rows
// are short pieces of memory, which are the longer the more rows there are: 32 of uint16 are a cache line. Wide items write their
// points in long runs: 1080 x 1920 of uint16, transposed, in 0.55 of the time with items of 512 columns.
constexpr index packed_rows = 32, packed_columns = 8 * segment_columns;
constexpr index channels_at_once = 16;

// ---- Which readings are valid -----------------------------------------------------------------------------

// The readings of a dtype in order, as integers: finite ones only.
template <class Reading> struct ordered {
    static constexpr std::int64_t least = std::numeric_limits<Reading>::lowest(), most = std::numeric_limits<Reading>::max();
    static Reading at(std::int64_t place) { return static_cast<Reading>(place); }
};
template <> struct ordered<float> {
    static constexpr std::int64_t least = -0x7f7fffff, most = 0x7f7fffff;
    static float at(std::int64_t place) {
        const float magnitude = bits_as<float>(static_cast<std::uint32_t>(place < 0 ? -place : place));
        return place < 0 ? -magnitude : magnitude;
    }
};
template <> struct ordered<double> {
    static constexpr std::int64_t least = -0x7fefffffffffffff, most = 0x7fefffffffffffff;
    static double at(std::int64_t place) {
        const double magnitude = bits_as<double>(place < 0 ? -place : place);
        return place < 0 ? -magnitude : magnitude;
    }
};

// The readings between `least` and `most`, both included; none where least > most.
template <class Reading> struct valid_range { Reading least, most; };

// The first place from which on `holds` is true.
template <class Reading, class Rule> std::int64_t first_place(const Rule &holds) {
    std::int64_t low = ordered<Reading>::least, high = ordered<Reading>::most;
    if (!holds(ordered<Reading>::at(high))) return high + 1;
    while (low < high) {
        const std::int64_t middle = low / 2 + high / 2 + (low % 2 + high % 2) / 2;
        const std::int64_t between = middle < high ? middle : high - 1;
        if (holds(ordered<Reading>::at(between)))
            high = between;
        else
            low = between + 1;
    }
    return low;
}

template <class Reading> valid_range<Reading> range_of(const depth_to_points_task &task) {
    const auto quotient = [&](Reading reading) { return static_cast<double>(reading) / task.depth_scale; };
    const std::int64_t first = first_place<Reading>([&](Reading reading) { return quotient(reading) > task.min_depth; });
    const std::int64_t beyond = first_place<Reading>([&](Reading reading) { return !(quotient(reading) < task.max_depth); });
    if (first >= beyond) return {Reading(1), Reading(0)};
    return {ordered<Reading>::at(first), ordered<Reading>::at(beyond - 1)};
}

// ---- Segments ---------------------------------------------------------------------------------------------

// A part of a row, on one worker.
template <class Reading, class Point> struct segment {
    index image, row, column, count;
    const Reading *readings;
    const char *plain_readings;  // where they are, if nothing but the points is wanted of a plain camera
    const std::uint8_t *mask;
    Reading own_readings[segment_columns];
    std::uint8_t own_mask[segment_columns];
    std::uint8_t valid[segment_columns];
    double z[segment_columns];
    const double *ray_x;
    const float *x_high, *x_low;  // as in depth_plain.hpp
    double own_ray_x[segment_columns], ray_y[segment_columns], ray_length[segment_columns];
    double xyz[3][segment_columns];
    alignas(64) Point points[3 * segment_columns + 3 * 16];
    alignas(64) std::int64_t indices[segment_columns + 1];
    alignas(64) char colors[segment_columns * channels_at_once * 16];
};

char *pixel_of(const view &v, index image, index row, index column) {
    return v.data + image * v.strides[0] + row * v.strides[1] + column * v.strides[2];
}

struct plan {
    const depth_to_points_task *task;
    index images, rows, columns, segments_in_row;
    bool rays_by_row;   // they differ from row to row
    bool points_dense;  // a point's components, and the points of a row, lie one after the other
    bool drops;
    bool plain;                    // as in depth_plain.hpp
    bool in_rows;                  // nothing but the points of a plain camera, from memory to memory: a segment is as long as the row
    bool packs_depth, packs_mask;  // their rows do not lie one after the other
    double *ray_x;                 // of every column, where rows have the same
    float *x_high, *x_low;
    ray_table rays;  // where there is distortion
    index *offsets;  // with `drop`, per segment in row-major order: how many points, then where they begin
};

double ray_y_of(const plan &p, index row) { return (static_cast<double>(row * p.task->step) - p.task->lens.cy) / p.task->lens.fy; }
double ray_x_of(const plan &p, index column, double ray_y) {
    const camera &lens = p.task->lens;
    return ((static_cast<double>(column * p.task->step) - lens.cx) - lens.skew * ray_y) / lens.fx;
}

// What the columns of all rows have in common.
void fill_tables(const plan &p) {
    const depth_to_points_task &task = *p.task;
    for (index x = 0; x < p.columns; ++x) p.ray_x[x] = ray_x_of(p, x, 0);
    if (p.plain)
        for (index x = 0; x < p.columns; ++x) {
            const two_floats factor = two_floats::of(p.ray_x[x] * task.sign[0] / task.depth_scale);
            p.x_high[x] = factor.high;
            p.x_low[x] = factor.low;
        }
}

// The rays of a segment's pixels through the plane z = 1.
template <class Reading, class Point> void find_rays(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    const double yn = ray_y_of(p, s.row);
    s.ray_y[0] = yn;
    if (!p.rays_by_row) {
        s.ray_x = p.ray_x + s.column;
        s.x_high = p.x_high + s.column;
        s.x_low = p.x_low + s.column;
        if (p.plain) return;
    }
    for (index i = 0; i < s.count; ++i) s.ray_y[i] = yn;
    if (!p.rays_by_row) return;
    for (index i = 0; i < s.count; ++i) s.own_ray_x[i] = ray_x_of(p, s.column + i, yn);
    if (task.lens.distorted) undistort(task.lens, p.rays, s.own_ray_x, s.ray_y, s.count, s.xyz);  // the points come later
    s.ray_x = s.own_ray_x;
    if (task.radial)
        for (index i = 0; i < s.count; ++i) s.ray_length[i] = __builtin_sqrt(s.ray_x[i] * s.ray_x[i] + s.ray_y[i] * s.ray_y[i] + 1);
}

// Reads a segment, and decides which readings are valid where that is needed. Returns how many.
template <class Reading, class Point> index read_segment(const plan &p, const valid_range<Reading> &range, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    const char *from = pixel_of(task.depth, s.image, s.row, s.column);
    const bool decided_later = p.plain && !p.drops && !task.has_color;
    if (!p.packs_depth) {
        s.readings = s.own_readings;
        // Read in place, memory is read while points are written past the caches.
        if (!decided_later) std::memcpy(s.own_readings, from, static_cast<std::size_t>(s.count) * sizeof(Reading));
    }
    s.plain_readings = p.packs_depth || !decided_later ? reinterpret_cast<const char *>(s.readings) : from;
    if (task.has_mask && !p.packs_mask) {
        s.mask = s.own_mask;
        std::memcpy(s.own_mask, pixel_of(task.mask, s.image, s.row, s.column), static_cast<std::size_t>(s.count));
    }
    if (decided_later) return s.count;
    std::int32_t found = 0;
    for (index i = 0; i < s.count; ++i) {
        const bool inside = (s.readings[i] >= range.least) & (s.readings[i] <= range.most);
        s.valid[i] = inside;
        found += inside;
    }
    if (task.lens.distorted) {
        found = 0;
        for (index i = 0; i < s.count; ++i) {
            s.valid[i] &= s.ray_x[i] == s.ray_x[i];
            found += s.valid[i];
        }
    }
    if (task.has_mask) {
        found = 0;
        for (index i = 0; i < s.count; ++i) {
            s.valid[i] &= s.mask[i] != 0;
            found += s.valid[i];
        }
    }
    return found;
}

// A plain camera's points.
template <class Reading, class Point>
void compute_plain_points(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s, bool past_caches, Point *to) {
    const depth_to_points_task &task = *p.task;
    plain_factors factors;
    factors.x_high = s.x_high;
    factors.x_low = s.x_low;
    factors.y = two_floats::of(s.ray_y[0] * task.sign[1] / task.depth_scale);
    factors.z = two_floats::of(task.sign[2] / task.depth_scale);
    factors.least = static_cast<float>(range.least);
    factors.most = static_cast<float>(range.most);
    factors.fill = task.invalid == BYTESTRIDE_INVALID_ZERO ? 0.0f : std::numeric_limits<float>::quiet_NaN();
    const char *readings = s.plain_readings;
    const std::uint8_t *mask = task.has_mask ? s.mask : nullptr;
    char *target = reinterpret_cast<char *>(to);
#if defined(__AVX512F__)
    if (p.drops) return plain_points_kept<Reading>(readings, mask, factors, s.count, target);
#endif
    if (past_caches)
        plain_points<Reading, true>(readings, mask, factors, s.count, target);
    else
        plain_points<Reading, false>(readings, mask, factors, s.count, target);
}

// The points of a segment, invalid ones included, in `xyz`.
template <class Reading, class Point> void compute_points(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    if constexpr (sizeof(Point) == 4) {
        // The product with the reciprocal is a quotient within 2^-52, far below what is rounded off.
        const double factor = 1 / task.depth_scale;
        for (index i = 0; i < s.count; ++i) s.z[i] = static_cast<double>(s.readings[i]) * factor;
    } else {
        for (index i = 0; i < s.count; ++i) s.z[i] = static_cast<double>(s.readings[i]) / task.depth_scale;
    }
    if (task.radial)
        for (index i = 0; i < s.count; ++i) s.z[i] /= s.ray_length[i];
    if (task.has_pose) {
        double m[3][4];
        std::memcpy(m, task.pose, sizeof m);
        for (int c = 0; c < 3; ++c)
            for (index i = 0; i < s.count; ++i)
                s.xyz[c][i] = m[c][0] * (s.ray_x[i] * s.z[i]) + m[c][1] * (s.ray_y[i] * s.z[i]) + m[c][2] * s.z[i] + m[c][3];
    } else {
        const double sx = task.sign[0], sy = task.sign[1], sz = task.sign[2];
        for (index i = 0; i < s.count; ++i) {
            s.xyz[0][i] = s.ray_x[i] * s.z[i] * sx;
            s.xyz[1][i] = s.ray_y[i] * s.z[i] * sy;
            s.xyz[2][i] = s.z[i] * sz;
        }
    }
}

template <class Reading, class Point> void round_points(const plan &p, const segment<Reading, Point> &s, Point *to) {
    const Point fill = p.task->invalid == BYTESTRIDE_INVALID_ZERO ? Point(0) : std::numeric_limits<Point>::quiet_NaN();
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < s.count; ++i) {
        const bool valid = s.valid[i];
        const Point x = static_cast<Point>(s.xyz[0][i]), y = static_cast<Point>(s.xyz[1][i]), z = static_cast<Point>(s.xyz[2][i]);
        to[3 * i] = valid ? x : fill;
        to[3 * i + 1] = valid ? y : fill;
        to[3 * i + 2] = valid ? z : fill;
    }
}

// Leaves out the invalid ones.
template <class Reading, class Point> void keep_valid(const segment<Reading, Point> &s, Point *points) {
    Point *to = points;
    for (index i = 0; i < s.count; ++i, points += 3) {
        // Written in any case, and written over by the next one when it does not count.
        const Point x = points[0], y = points[1], z = points[2];
        to[0] = x;
        to[1] = y;
        to[2] = z;
        to += s.valid[i] ? 3 : 0;
    }
}

template <class Reading, class Point> index find_indices(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    const index first = (s.image * task.full_rows + s.row * task.step) * task.full_columns + s.column * task.step;
    index count = 0;
    for (index i = 0; i < s.count; ++i) {
        s.indices[count] = first + i * task.step;
        count += p.drops ? s.valid[i] : 1;
    }
    return count;
}

// Channels [first, first + channels) of a segment's colours, in place in `colors`: 0 where invalid, or left out there.
template <class Reading, class Point> index choose_colors(const plan &p, segment<Reading, Point> &s, index first, index channels) {
    const view &from = p.task->color;
    const index size = from.itemsize, pixel = channels * size;
    move_tile({pixel_of(from, s.image, s.row, s.column) + first * from.strides[3], from.strides[2], from.strides[3]},
              {s.colors, pixel, size}, s.count, channels, size);
    index count = 0;
    for (index i = 0; i < s.count; ++i) {
        char *to = s.colors + (p.drops ? count : i) * pixel;
        if (p.drops && s.valid[i])
            std::memmove(to, s.colors + i * pixel, static_cast<std::size_t>(pixel));
        else if (!p.drops && !s.valid[i])
            std::memset(to, 0, static_cast<std::size_t>(pixel));
        count += p.drops ? s.valid[i] : 1;
    }
    return count;
}

// Computes and writes a segment. `begin` is the row of the results that its points start at, with `drop`.
template <class Reading, class Point>
void write_segment(const plan &p, const valid_range<Reading> &range, segment<Reading, Point> &s, index valid, index begin) {
    const depth_to_points_task &task = *p.task;
    constexpr index size = sizeof(Point);
    const view &points = task.points;
    const index count = p.drops ? valid : s.count;
    char *place = p.drops ? points.data + begin * points.strides[0] : pixel_of(points, s.image, s.row, s.column);
    const index point_stride = points.strides[p.drops ? 0 : 2], component_stride = points.strides[p.drops ? 1 : 3];
    const bool in_place = p.points_dense && !p.drops && (p.plain || !task.streaming) && reinterpret_cast<std::uintptr_t>(place) % size == 0;
    Point *to = in_place ? reinterpret_cast<Point *>(place) : s.points;
    if (p.plain) {
        compute_plain_points(p, range, s, in_place && task.streaming, to);
    } else {
        compute_points(p, s);
        round_points(p, s, to);
    }
    if (p.drops && !(p.plain && keeps_in_registers) && valid < s.count) keep_valid(s, to);
    if (in_place) {
        // They are where they belong.
    } else if (p.points_dense && task.streaming) {
        stream_bytes(s.points, place, count * 3 * size);
    } else if (p.points_dense) {
        std::memcpy(place, s.points, static_cast<std::size_t>(count * 3 * size));
    } else {
        move_tile({reinterpret_cast<char *>(s.points), 3 * size, size}, {place, point_stride, component_stride}, count, 3, size);
    }
    if (task.has_indices) {
        const view &v = task.indices;
        find_indices(p, s);
        char *target = p.drops ? v.data + begin * v.strides[0] : pixel_of(v, s.image, s.row, s.column);
        move_tile({reinterpret_cast<char *>(s.indices), 8, 8}, {target, v.strides[p.drops ? 0 : 2], 8}, count, 1, 8);
    }
    if (task.has_color) {
        const view &v = task.colors;
        const index channels = task.color.shape[3], channel_stride = v.strides[p.drops ? 1 : 3];
        char *target = p.drops ? v.data + begin * v.strides[0] : pixel_of(v, s.image, s.row, s.column);
        for (index first = 0; first < channels; first += channels_at_once) {
            const index some = channels - first < channels_at_once ? channels - first : channels_at_once;
            choose_colors(p, s, first, some);
            move_tile({s.colors, some * v.itemsize, v.itemsize},
                      {target + first * channel_stride, v.strides[p.drops ? 0 : 2], channel_stride}, count, some, v.itemsize);
        }
    }
}

// ---- The whole --------------------------------------------------------------------------------------------

// The pixels that a worker goes through in one go.
struct item_shape {
    index images, rows, columns, longest;  // the longest segment

    explicit item_shape(const plan &p) {
        const bool packs = p.packs_depth || p.packs_mask;
        // Only rays that take time are worth the room of several packed images.
        const index most_images = packs && !p.rays_by_row ? 1 : item_images;
        images = p.images < most_images ? p.images : most_images;
        const index widest = !packs ? item_columns : images > 1 ? segment_columns : packed_columns;
        columns = p.columns < widest ? p.columns : widest;
        longest = p.in_rows ? columns : segment_columns;
        rows = columns < item_pixels ? item_pixels / columns : 1;
        if (packs && rows < packed_rows) rows = packed_rows;
        if (rows > p.rows) rows = p.rows;
    }
    index pixels() const { return images * rows * columns; }
};

// Calls visit(segment, number of the segment in row-major order) for every segment of the batch; its rays are known if asked for.
template <class Reading, class Point, class Visit>
status for_segments(const plan &p, const call &settings, bool with_rays, double nanoseconds_per_pixel, const Visit &visit) {
    const item_shape shape(p);
    const index parts = (p.columns + shape.columns - 1) / shape.columns, row_blocks = (p.rows + shape.rows - 1) / shape.rows;
    const index image_blocks = (p.images + shape.images - 1) / shape.images;
    const double ray_cost = with_rays && p.task->lens.distorted ? 60.0 : 0.0;
    const loop what = {image_blocks * row_blocks * parts, (nanoseconds_per_pixel * static_cast<double>(shape.images) + ray_cost) *
                                                              static_cast<double>(shape.rows * shape.columns)};
    using part = segment<Reading, Point>;
    constexpr index size = sizeof(Reading);
    const index of_readings = whole_lines(sizeof(part)), of_mask = of_readings + (p.packs_depth ? whole_lines(shape.pixels() * size) : 0);
    const index bytes = of_mask + (p.packs_mask ? whole_lines(shape.pixels()) : 0);
    const scratch memory(bytes * workers_for(settings, what));
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    return parallel_for(settings, what, [&](index begin, index end, int worker) {
        char *const own = memory.data() + worker * bytes;
        part &s = *reinterpret_cast<part *>(own);
        for (index item = begin; item < end; ++item) {
            const index blocks = item / parts, first_column = item % parts * shape.columns;
            const index first_row = blocks % row_blocks * shape.rows, first_image = blocks / row_blocks * shape.images;
            const index end_column = first_column + shape.columns < p.columns ? first_column + shape.columns : p.columns;
            const index end_row = first_row + shape.rows < p.rows ? first_row + shape.rows : p.rows;
            const index end_image = first_image + shape.images < p.images ? first_image + shape.images : p.images;
            const auto pack = [&](const view &v, char *to) {
                for (index i = first_image; i < end_image; ++i, to += shape.rows * shape.columns * v.itemsize)
                    move_tile({pixel_of(v, i, first_row, first_column), v.strides[1], v.strides[2]},
                              {to, shape.columns * v.itemsize, v.itemsize}, end_row - first_row, end_column - first_column, v.itemsize);
            };
            if (p.packs_depth) pack(p.task->depth, own + of_readings);
            if (p.packs_mask) pack(p.task->mask, own + of_mask);
            for (s.row = first_row; s.row < end_row; ++s.row)
                for (s.column = first_column; s.column < end_column; s.column += shape.longest) {
                    s.count = end_column - s.column < shape.longest ? end_column - s.column : shape.longest;
                    if (with_rays) find_rays(p, s);
                    for (s.image = first_image; s.image < end_image; ++s.image) {
                        const index packed_row = (s.image - first_image) * shape.rows + s.row - first_row;
                        const index packed = packed_row * shape.columns + s.column - first_column;
                        if (p.packs_depth) s.readings = reinterpret_cast<const Reading *>(own + of_readings) + packed;
                        if (p.packs_mask) s.mask = reinterpret_cast<const std::uint8_t *>(own + of_mask) + packed;
                        visit(s, (s.image * p.rows + s.row) * p.segments_in_row + s.column / segment_columns);
                    }
                }
        }
        if (p.task->streaming) stream_fence();
    });
}

// Turns the counts of the segments into where their points begin; returns how many there are.
index begin_of_segments(const plan &p) {
    index total = 0;
    for (index i = 0; i < p.images * p.rows * p.segments_in_row; ++i) {
        const index count = p.offsets[i];
        p.offsets[i] = total;
        total += count;
    }
    return total;
}

template <class Reading, class Point> status run(const plan &p) {
    const depth_to_points_task &task = *p.task;
    const valid_range<Reading> range = range_of<Reading>(task);
    if (p.drops) {
        call quietly = task.settings;
        quietly.progress = nullptr;  // the second pass reports
        const status counted = for_segments<Reading, Point>(
            p, quietly, task.lens.distorted, 0.3,
            [&](segment<Reading, Point> &s, index number) { p.offsets[number] = read_segment(p, range, s); });
        if (counted != BYTESTRIDE_OK) return counted;
        *task.count = begin_of_segments(p);
        if (task.count_only) return BYTESTRIDE_OK;
        if (*task.count > task.points.shape[0]) return BYTESTRIDE_ERROR_SHAPE;
    }
    return for_segments<Reading, Point>(p, task.settings, true, 1.5, [&](segment<Reading, Point> &s, index number) {
        const index valid = read_segment(p, range, s);
        if (!p.drops || valid > 0) write_segment(p, range, s, valid, p.drops ? p.offsets[number] : 0);
    });
}

template <class Reading> status run_for_point(const plan &p) {
    return p.task->points.type == dtype::float32 ? run<Reading, float>(p) : run<Reading, double>(p);
}

status run_for_point(const plan &p) {
    switch (p.task->depth.type) {
    case dtype::uint16: return run_for_point<std::uint16_t>(p);
    case dtype::int32: return run_for_point<std::int32_t>(p);
    case dtype::float32: return run_for_point<float>(p);
    default: return run_for_point<double>(p);
    }
}

bool is_plain(const depth_to_points_task &task) {
    // Far from any camera's numbers the second float of a factor could vanish.
    const auto ordinary = [](double value) { return __builtin_fabs(value) > 0x1p-30 && __builtin_fabs(value) < 0x1p30; };
    // With two roundings in place of a fused one, a metre from millimetres would be 0.99999994.
    return has_fused && task.points.type == dtype::float32 && (task.depth.type == dtype::uint16 || task.depth.type == dtype::float32) &&
           !task.lens.distorted && task.lens.skew == 0 && !task.radial && !task.has_pose && ordinary(task.depth_scale) &&
           ordinary(task.lens.fx) && ordinary(task.lens.fy);
}

}  // namespace

status depth_to_points(const depth_to_points_task &task) {
    plan p{};
    p.task = &task;
    p.images = task.depth.shape[0];
    p.rows = task.depth.shape[1];
    p.columns = task.depth.shape[2];
    p.segments_in_row = (p.columns + segment_columns - 1) / segment_columns;
    p.rays_by_row = task.lens.distorted || task.lens.skew != 0 || task.radial;
    p.drops = task.invalid == BYTESTRIDE_INVALID_DROP;
    p.plain = is_plain(task);
    const view &points = task.points;
    const int along = p.drops ? 0 : 2;
    p.points_dense = points.strides[along + 1] == points.itemsize &&
                     (points.shape[along] <= 1 || points.strides[along] == 3 * points.itemsize);
    p.packs_depth = p.columns > 1 && task.depth.strides[2] != task.depth.itemsize;
    p.packs_mask = task.has_mask && p.columns > 1 && task.mask.strides[2] != 1;
    p.in_rows = p.plain && !p.drops && p.points_dense && !task.has_mask && !task.has_color && !task.has_indices &&
                reinterpret_cast<std::uintptr_t>(points.data) % 4 == 0;
    for (int d = 0; d < 2; ++d) p.in_rows = p.in_rows && points.strides[d] % 4 == 0;
    // The tables of the columns, and where the segments of `drop` begin.
    const index numbers = p.rays_by_row ? 0 : p.columns, factors = p.plain ? p.columns : 0;
    index segments = 0;
    if (p.drops && __builtin_mul_overflow(p.images * p.rows, p.segments_in_row, &segments)) return BYTESTRIDE_ERROR_MEMORY;
    if (segments > (index(1) << 58)) return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(numbers * 8 + whole_lines(factors * 4) * 2 + segments * 8 + 64);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    p.x_high = reinterpret_cast<float *>(memory.data());
    p.x_low = reinterpret_cast<float *>(memory.data() + whole_lines(factors * 4));
    p.ray_x = reinterpret_cast<double *>(memory.data() + whole_lines(factors * 4) * 2);
    p.offsets = reinterpret_cast<index *>(p.ray_x + numbers);
    if (!p.rays_by_row) fill_tables(p);
    if (task.lens.distorted) p.rays = ray_table_of(task.lens);
    return run_for_point(p);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
