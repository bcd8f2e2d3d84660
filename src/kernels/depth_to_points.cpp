// From depth to points, segment by segment: up to 512 pixels of a row.
//
// Everything is computed in float64 and rounded once, except where float32 is as good (depth_plain.hpp). With `drop` the valid
// readings of every segment are counted first, so that each segment knows where its points begin, whoever writes them.
#include "kernels/depth_any.hpp"
#include "kernels/depth_lens.hpp"
#include "kernels/depth_plain.hpp"
#include "kernels/depth_range.hpp"
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

// ---- Segments ---------------------------------------------------------------------------------------------

// A part of a row, on one worker.
template <class Reading, class Point> struct segment {
    index image, row, column, count;
    const char *readings;
    const std::uint8_t *mask;  // or null
    Reading own_readings[segment_columns];
    std::uint8_t own_mask[segment_columns];
    std::int32_t valid[segment_columns];  // for counts, colours and indices
    const double *ray_x, *ray_y;
    double across;                        // of a plain camera: the number of the ray that the whole row has
    const float *along_high, *along_low;  // as in depth_plain.hpp
    double own_ray_x[ray_room], own_ray_y[ray_room], ray_length[ray_room];
    double work[3][ray_room];
    Point planes[3][ray_room];  // points, component by component
    alignas(64) Point points[3 * segment_columns + 3 * 16];
    alignas(64) std::int64_t indices[segment_columns + 1];
    alignas(64) char colors[segment_columns * channels_at_once * 16];
};

char *pixel_of(const view &v, index image, index row, index column) {
    return v.data + image * v.strides[0] + row * v.strides[1] + column * v.strides[2];
}

// How the components of organised points lie in memory.
enum class layout { points, points_apart, planes, other };  // whole points in a row, or with gaps, a row of each component, or neither

struct plan {
    const depth_to_points_task *task;
    index images, rows, columns, segments_in_row;
    bool rays_by_row;  // they differ from row to row
    layout points;
    bool reversed_components;  // z, y, x in memory
    bool drops;
    bool plain;                    // as in depth_plain.hpp
    bool in_rows;                  // nothing but the points of a plain camera, from memory to memory: a segment is as long as the row
    bool packs_depth, packs_mask;  // their rows do not lie one after the other
    double *along;                 // of every column, where rows have the same: the x of its ray, or its y where transposed
    float *along_high, *along_low;
    ray_table rays;  // where there is distortion
    index *offsets;  // with `drop`, per segment in row-major order: how many points, then where they begin
};

// The pixel of a reading.
index image_row(const plan &p, index row, index column) {
    return p.task->pixels.first_row + (p.task->pixels.transposed ? column : row) * p.task->pixels.row_step;
}
index image_column(const plan &p, index row, index column) {
    return p.task->pixels.first_column + (p.task->pixels.transposed ? row : column) * p.task->pixels.column_step;
}

double ray_y_of(const plan &p, index row, index column) {
    return (static_cast<double>(image_row(p, row, column)) - p.task->lens.cy) / p.task->lens.fy;
}
double ray_x_of(const plan &p, index row, index column, double ray_y) {
    const camera &lens = p.task->lens;
    return ((static_cast<double>(image_column(p, row, column)) - lens.cx) - lens.skew * ray_y) / lens.fx;
}

// What the columns of all rows have in common.
void fill_tables(const plan &p) {
    const depth_to_points_task &task = *p.task;
    const bool transposed = task.pixels.transposed;
    for (index i = 0; i < p.columns; ++i) p.along[i] = transposed ? ray_y_of(p, 0, i) : ray_x_of(p, 0, i, 0);
    if (p.plain)
        for (index i = 0; i < p.columns; ++i) {
            const two_floats factor = two_floats::of(p.along[i] * task.sign[transposed ? 1 : 0] / task.depth_scale);
            p.along_high[i] = factor.high;
            p.along_low[i] = factor.low;
        }
}

// The rays of a segment's pixels through the plane z = 1.
template <class Reading, class Point> void find_rays(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    const bool transposed = task.pixels.transposed;
    if (!p.rays_by_row) {
        s.across = transposed ? ray_x_of(p, s.row, 0, 0) : ray_y_of(p, s.row, 0);
        s.along_high = p.along_high + s.column;
        s.along_low = p.along_low + s.column;
        if (p.plain) return;
        for (index i = 0; i < points_at_once; ++i) s.own_ray_y[i] = s.across;
        s.ray_x = transposed ? s.own_ray_y : p.along + s.column;
        s.ray_y = transposed ? p.along + s.column : s.own_ray_y;
        return;
    }
    for (index i = 0; i < s.count; ++i) {
        s.own_ray_y[i] = ray_y_of(p, s.row, s.column + i);
        s.own_ray_x[i] = ray_x_of(p, s.row, s.column + i, s.own_ray_y[i]);
    }
    if (task.lens.distorted) undistort(task.lens, p.rays, s.own_ray_x, s.own_ray_y, s.count, s.work);
    s.ray_x = s.own_ray_x;
    s.ray_y = s.own_ray_y;
    if (task.radial)
        for (index i = 0; i < s.count; ++i) s.ray_length[i] = __builtin_sqrt(s.ray_x[i] * s.ray_x[i] + s.ray_y[i] * s.ray_y[i] + 1);
}

// Finds a segment's readings and its mask.
template <class Reading, class Point> void read_segment(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    // Behind their end only a copy can be read.
    const bool reads_behind = !p.plain && (p.drops ? s.count % points_at_once != 0 : s.count < points_at_once);
    if (!p.packs_depth) {
        s.readings = pixel_of(task.depth, s.image, s.row, s.column);
        if (reads_behind) {
            std::memcpy(s.own_readings, s.readings, static_cast<std::size_t>(s.count) * sizeof(Reading));
            s.readings = reinterpret_cast<const char *>(s.own_readings);
        }
    }
    if (!task.has_mask) {
        s.mask = nullptr;
    } else if (!p.packs_mask) {
        s.mask = reinterpret_cast<const std::uint8_t *>(pixel_of(task.mask, s.image, s.row, s.column));
        if (reads_behind) {
            std::memcpy(s.own_mask, s.mask, static_cast<std::size_t>(s.count));
            s.mask = s.own_mask;
        }
    }
}

// Decides which readings are valid, and returns how many.
template <class Reading, class Point> index decide_valid(const plan &p, const valid_range<Reading> &range, segment<Reading, Point> &s) {
    std::int32_t found = 0;
    for (index i = 0; i < s.count; ++i) {
        const Reading reading = load<Reading>(s.readings + i * index(sizeof(Reading)));
        const bool inside = (reading >= range.least) & (reading <= range.most);
        s.valid[i] = inside;
        found += inside;
    }
    if (p.task->lens.distorted) {
        found = 0;
        for (index i = 0; i < s.count; ++i) {
            s.valid[i] &= s.ray_x[i] == s.ray_x[i];
            found += s.valid[i];
        }
    }
    if (s.mask) {
        found = 0;
        for (index i = 0; i < s.count; ++i) {
            s.valid[i] &= s.mask[i] != 0;
            found += s.valid[i];
        }
    }
    return found;
}

// ---- Plain cameras ------------------------------------------------------------------------------------------

template <class Reading, class Point>
plain_factors factors_of(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    plain_factors factors;
    factors.along_high = s.along_high;
    factors.along_low = s.along_low;
    factors.across = two_floats::of(s.across * task.sign[task.pixels.transposed ? 0 : 1] / task.depth_scale);
    factors.z = two_floats::of(task.sign[2] / task.depth_scale);
    factors.least = static_cast<float>(range.least);
    factors.most = static_cast<float>(range.most);
    factors.fill = task.invalid == BYTESTRIDE_INVALID_ZERO ? 0.0f : std::numeric_limits<float>::quiet_NaN();
    return factors;
}

// Calls f with the order of the components of whole points.
template <class F> void for_order(const plan &p, const F &f) {
    const bool transposed = p.task->pixels.transposed, reversed = p.reversed_components;
    if (transposed && reversed) return f(component_order<1, 2>{});
    if (transposed) return f(component_order<1, 0>{});
    if (reversed) return f(component_order<2, 1>{});
    f(component_order<0, 1>{});
}

// To whole points, one after the other.
template <class Reading, class Point>
void compute_plain_points(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s, bool past_caches, char *to) {
    const plain_factors factors = factors_of(p, range, s);
    const plain_row<Reading> row(s.readings, s.mask, factors);
    if (p.drops) return plain_points_kept(row, s.count, to);
    for_order(p, [&](auto order) {
        if (past_caches)
            plain_points<Reading, decltype(order), true>(row, s.count, to);
        else
            plain_points<Reading, decltype(order), false>(row, s.count, to);
    });
}

template <class Reading, class Point>
void compute_plain_points_apart(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s, char *to, index pitch) {
    const plain_factors factors = factors_of(p, range, s);
    const plain_row<Reading> row(s.readings, s.mask, factors);
    for_order(p, [&](auto order) { plain_points_apart<Reading, decltype(order)>(row, s.count, to, pitch); });
}

// To planes, of which the first begins at `place`.
template <class Reading, class Point>
void compute_plain_planes(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s, char *place, index plane) {
    const plain_factors factors = factors_of(p, range, s);
    const plain_row<Reading> row(s.readings, s.mask, factors);
    const bool transposed = p.task->pixels.transposed;
    char *const along = place + (transposed ? plane : 0), *const across = place + (transposed ? 0 : plane), *const z = place + 2 * plane;
    const bool aligned = reinterpret_cast<std::uintptr_t>(place) % 4 == 0 && plane % static_cast<index>(sizeof(floats)) == 0;
    if (p.task->streaming && aligned)
        plain_planes<Reading, true>(row, s.count, along, across, z);
    else
        plain_planes<Reading, false>(row, s.count, along, across, z);
}

// ---- Other cameras ------------------------------------------------------------------------------------------

template <class Reading, class Point>
row_of_rays rays_of(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s) {
    const bool transposed = p.task->pixels.transposed;
    return {s.readings,
            static_cast<double>(range.least),
            static_cast<double>(range.most),
            s.mask,
            s.ray_x,
            s.ray_y,
            s.ray_length,
            p.rays_by_row || !transposed ? ~index(0) : 0,
            p.rays_by_row || transposed ? ~index(0) : 0};
}

// To whole points, one after the other or `pitch` bytes apart: 480 x 640 float64 to float32 in 0.3 to 0.45 of the time of going by way of
// planes.
template <class Reading, class Point>
void compute_any_points(const plan &p, const valid_range<Reading> &range, const segment<Reading, Point> &s, char *to, index pitch) {
    using component = typename points_of<Point>::component;
    const bool reversed = p.reversed_components, apart = pitch != 3 * index(sizeof(Point));
    const auto store_at = [&](index i, component x, component y, component z) BYTESTRIDE_INLINED {
        if (apart)
            store_points_apart(to + i * pitch, pitch, reversed ? z : x, y, reversed ? x : z);
        else
            store_points(to + i * pitch, reversed ? z : x, y, reversed ? x : z);
    };
    if (p.drops)
        compute_points_kept<Reading, Point>(*p.task, rays_of(p, range, s), s.count, to);
    else
        compute_all_points<Reading, Point>(*p.task, rays_of(p, range, s), s.count, store_at);
}

// To any layout, by way of planes.
template <class Reading, class Point> void compute_any_elsewhere(const plan &p, const valid_range<Reading> &range,
                                                                 segment<Reading, Point> &s, char *to, index point_stride,
                                                                 index component_stride) {
    using component = typename points_of<Point>::component;
    constexpr index size = sizeof(Point), plane = sizeof s.planes[0];
    const auto store_at = [&](index i, component x, component y, component z) BYTESTRIDE_INLINED {
        store(s.planes[0] + i, x);
        store(s.planes[1] + i, y);
        store(s.planes[2] + i, z);
    };
    compute_all_points<Reading, Point>(*p.task, rays_of(p, range, s), s.count, store_at);
    tile from = {reinterpret_cast<char *>(s.planes), size, plane};
    if (component_stride < 0) {
        from = {from.data + 2 * plane, size, -plane};
        to += 2 * component_stride;
        component_stride = -component_stride;
    }
    move_tile(from, {to, point_stride, component_stride}, s.count, 3, size);
}

// ---- Results ------------------------------------------------------------------------------------------------

template <class Reading, class Point> index find_indices(const plan &p, segment<Reading, Point> &s) {
    const depth_to_points_task &task = *p.task;
    const auto &pixels = task.pixels;
    const index first = (s.image * pixels.rows + image_row(p, s.row, s.column)) * pixels.columns + image_column(p, s.row, s.column);
    const index step = pixels.transposed ? pixels.row_step * pixels.columns : pixels.column_step;
    index count = 0;
    for (index i = 0; i < s.count; ++i) {
        s.indices[count] = first + i * step;
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

// Computes the points of a segment, and writes the `count` that are kept. `begin` is the row of the results that they start at, with `drop`.
template <class Reading, class Point>
void write_points(const plan &p, const valid_range<Reading> &range, segment<Reading, Point> &s, index count, index begin) {
    const depth_to_points_task &task = *p.task;
    constexpr index size = sizeof(Point);
    const view &points = task.points;
    char *place = p.drops ? points.data + begin * points.strides[0] : pixel_of(points, s.image, s.row, s.column);
    const index point_stride = points.strides[p.drops ? 0 : 2], component_stride = points.strides[p.drops ? 1 : 3];
    if (p.plain && p.points == layout::planes) return compute_plain_planes(p, range, s, place, component_stride);
    char *const first = p.reversed_components ? place + 2 * component_stride : place;  // the lowest address of whole points
    if (p.plain && p.points == layout::points_apart) return compute_plain_points_apart(p, range, s, first, point_stride);
    if (!p.plain && p.points == layout::points_apart && s.count >= points_at_once)
        return compute_any_points(p, range, s, first, point_stride);
    if (!p.plain && !p.drops && p.points != layout::points)
        return compute_any_elsewhere(p, range, s, place, point_stride, component_stride);

    if (p.points == layout::points && !p.drops) {
        // Past the caches only aligned ones of a plain camera go straight to their place.
        const bool place_aligned = reinterpret_cast<std::uintptr_t>(place) % size == 0;
        if (p.plain && (!task.streaming || place_aligned)) return compute_plain_points(p, range, s, task.streaming, first);
        if (!p.plain && !task.streaming && s.count >= points_at_once) return compute_any_points(p, range, s, first, 3 * size);
    }
    char *const own = reinterpret_cast<char *>(s.points);
    if (p.plain)
        compute_plain_points(p, range, s, false, own);
    else
        compute_any_points(p, range, s, own, 3 * size);
    if (p.points == layout::points && task.streaming)
        stream_bytes(s.points, first, count * 3 * size);
    else if (p.points == layout::points)
        std::memcpy(first, s.points, static_cast<std::size_t>(count * 3 * size));
    else
        move_tile({reinterpret_cast<char *>(s.points), 3 * size, size}, {place, point_stride, component_stride}, count, 3, size);
}

// Computes and writes a segment.
template <class Reading, class Point>
void write_segment(const plan &p, const valid_range<Reading> &range, segment<Reading, Point> &s, index count, index begin) {
    const depth_to_points_task &task = *p.task;
    write_points(p, range, s, count, begin);
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
    const index of_readings = whole_lines(sizeof(part)),
                of_mask = of_readings + (p.packs_depth ? whole_lines(shape.pixels() * size) + 64 : 0);
    const index bytes = of_mask + (p.packs_mask ? whole_lines(shape.pixels()) + 64 : 0);
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
                    (p.task->streaming ? move_large_tile : move_tile)({pixel_of(v, i, first_row, first_column), v.strides[1], v.strides[2]},
                                                                      {to, shape.columns * v.itemsize, v.itemsize}, end_row - first_row,
                                                                      end_column - first_column, v.itemsize);
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
                        if (p.packs_depth) s.readings = own + of_readings + packed * size;
                        if (p.packs_mask) s.mask = reinterpret_cast<const std::uint8_t *>(own + of_mask) + packed;
                        visit(s, (s.image * p.rows + s.row) * p.segments_in_row + s.column / segment_columns);
                    }
                }
        }
        if (p.task->streaming) stream_fence();
    });
}

// Turns the counts of the segments into where their points begin, and the last ones end; returns how many there are.
index begin_of_segments(const plan &p) {
    const index segments = p.images * p.rows * p.segments_in_row;
    index total = 0;
    for (index i = 0; i < segments; ++i) {
        const index count = p.offsets[i];
        p.offsets[i] = total;
        total += count;
    }
    return p.offsets[segments] = total;
}

template <class Reading, class Point> status run(const plan &p) {
    const depth_to_points_task &task = *p.task;
    const valid_range<Reading> range = range_of<Reading>(task);
    if (p.drops) {
        call quietly = task.settings;
        quietly.progress = nullptr;  // the second pass reports
        const status counted = for_segments<Reading, Point>(p, quietly, task.lens.distorted, 0.3,
                                                            [&](segment<Reading, Point> &s, index number) {
                                                                read_segment(p, s);
                                                                p.offsets[number] = decide_valid(p, range, s);
                                                            });
        if (counted != BYTESTRIDE_OK) return counted;
        *task.count = begin_of_segments(p);
        if (task.count_only) return BYTESTRIDE_OK;
        if (*task.count > task.points.shape[0]) return BYTESTRIDE_ERROR_SHAPE;
    }
    return for_segments<Reading, Point>(p, task.settings, true, 1.5, [&](segment<Reading, Point> &s, index number) {
        const index begin = p.drops ? p.offsets[number] : 0, count = p.drops ? p.offsets[number + 1] - begin : s.count;
        if (count == 0) return;
        read_segment(p, s);
        if (task.has_color || (task.has_indices && p.drops)) decide_valid(p, range, s);
        write_segment(p, range, s, count, begin);
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

layout layout_of(const plan &p) {
    const view &v = p.task->points;
    const int along = p.drops ? 0 : 2;
    const index size = v.itemsize, point = v.strides[along], component = v.strides[along + 1];
    const bool single = v.shape[along] <= 1;
    if (!p.drops && magnitude(component) == size && magnitude(point) > 3 * size) return layout::points_apart;
    if ((component == size || (component == -size && !p.drops)) && (single || point == 3 * size)) return layout::points;
    return !p.drops && (single || point == size) && magnitude(component) >= v.shape[along] * size ? layout::planes : layout::other;
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
    p.points = layout_of(p);
    p.reversed_components = (p.points == layout::points || p.points == layout::points_apart) && !p.drops && task.points.strides[3] < 0;
    p.packs_depth = p.columns > 1 && task.depth.strides[2] != task.depth.itemsize;
    p.packs_mask = task.has_mask && p.columns > 1 && task.mask.strides[2] != 1;
    p.in_rows = p.plain && !p.drops && p.points != layout::other && !task.has_mask && !task.has_color && !task.has_indices &&
                (!task.streaming || is_aligned(task.points));
    // The tables of the columns, and where the segments of `drop` begin.
    const index numbers = p.rays_by_row ? 0 : p.columns, factors = p.plain ? p.columns : 0;
    index segments = 0;
    if (p.drops && __builtin_mul_overflow(p.images * p.rows, p.segments_in_row, &segments)) return BYTESTRIDE_ERROR_MEMORY;
    if (segments > (index(1) << 58)) return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(numbers * 8 + whole_lines(factors * 4) * 2 + (segments + 1) * 8 + 64);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    p.along_high = reinterpret_cast<float *>(memory.data());
    p.along_low = reinterpret_cast<float *>(memory.data() + whole_lines(factors * 4));
    p.along = reinterpret_cast<double *>(memory.data() + whole_lines(factors * 4) * 2);
    p.offsets = reinterpret_cast<index *>(p.along + numbers);
    if (!p.rays_by_row) fill_tables(p);
    if (task.lens.distorted) p.rays = ray_table_of(task.lens);
    return run_for_point(p);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
