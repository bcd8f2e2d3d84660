#include "kernels/convolve_rows.hpp"

#include "core/dtype.hpp"
#include "core/machine.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Where a pixel beyond the input comes from: an element of the same window, the fill value, or, as -2 - pixel, an element of
// the input outside the window.
constexpr index from_fill = -1;

template <class F> void for_element(index size, F &&f) {
    switch (size) {
    case 1: return f(type_tag<std::uint8_t>{});
    case 2: return f(type_tag<std::uint16_t>{});
    case 4: return f(type_tag<std::uint32_t>{});
    default: return f(type_tag<std::uint64_t>{});
    }
}

void copy_elements(char *to, const char *from, index count, index size) {
    for_element(size, [&](auto tag) {
        using element = typename decltype(tag)::type;
        for (index i = 0; i < count * size; i += static_cast<index>(sizeof(element))) store(to + i, load<element>(from + i));
    });
}

void repeat_element(char *to, const char *pattern, index count, index size) {
    for_element(size, [&](auto tag) {
        const auto value = load<typename decltype(tag)::type>(pattern);
        for (index i = 0; i < count * size; i += static_cast<index>(sizeof value)) store(to + i, value);
    });
}

// Rows of pixels of channels, between a view and rows that are dense, as they are.
void move_rows(const convolve_rows &all, tile view_side, index channel_stride, bool into_view, char *dense, index pitch, index rows,
               index pixels, index size) {
    const convolve_geometry &g = *all.geometry;
    // 1080p in Fortran order into C order by 3 x 3: 0.65 to 0.7 of the time, but 300 x 400 1.15.
    const auto move_in = all.large ? move_large_tile : move_tile;
    const auto move = [&](tile in_view, tile in_rows, index count, index columns) {
        if (into_view)
            move_tile(in_rows, in_view, count, columns, size);
        else
            move_in(in_view, in_rows, count, columns, size);
    };
    if (g.channels == 1) return move(view_side, {dense, pitch, size}, rows, pixels);
    if (view_side.column_stride == g.channels * channel_stride)
        return move({view_side.data, view_side.row_stride, channel_stride}, {dense, pitch, size}, rows, pixels * g.channels);
    // Whole pixels of each row (1080p RGB backwards: uint8 in 0.5, float32 in 0.7 of the time), but of a transposed image each channel
    // of all rows.
    if (magnitude(view_side.column_stride) <= magnitude(view_side.row_stride)) {
        for (index i = 0; i < rows; ++i)
            move({view_side.data + i * view_side.row_stride, view_side.column_stride, channel_stride},
                 {dense + i * pitch, g.channels * size, size}, pixels, g.channels);
        return;
    }
    for (index c = 0; c < g.channels; ++c)
        move({view_side.data + c * channel_stride, view_side.row_stride, view_side.column_stride},
             {dense + c * size, pitch, g.channels * size}, rows, pixels);
}

// Products of whole numbers below 2^24 and the unit, rounded once.
template <class T, class Product> void scale_sums(const char *sums, char *results, index count, double unit) {
    const stored<T> *from = reinterpret_cast<const stored<T> *>(sums);
    stored<Product> *to = reinterpret_cast<stored<Product> *>(results);
    const Product factor = static_cast<Product>(unit);
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) to[i] = static_cast<Product>(from[i]) * factor;
}

template <class T, class Product> void round_products(const convolve_rows &rows, const char *sums, char *to, index count) {
    if (rows.geometry->out_type == rows.scale.product) return scale_sums<T, Product>(sums, to, count, rows.scale.unit);
    constexpr index part = 256, size = sizeof(Product);
    alignas(64) char between[part * size];
    for (index i = 0; i < count; i += part) {
        const index length = count - i < part ? count - i : part;
        scale_sums<T, Product>(sums + i * rows.sum_size, between, length, rows.scale.unit);
        rows.convert_out(between, to + i * rows.geometry->out_size, length);
    }
}

template <class T> void round_scaled(const convolve_rows &rows, const char *sums, char *to, index count) {
    if (rows.scale.product == dtype::float32) return round_products<T, float>(rows, sums, to, count);
    round_products<T, double>(rows, sums, to, count);
}

void round_sums(const convolve_rows &rows, const char *sums, char *to, index count) {
    if (rows.scale.unit == 0) return rows.convert_out(sums, to, count);
    if (rows.sum == dtype::int16) return round_scaled<std::int16_t>(rows, sums, to, count);
    if (rows.sum == dtype::uint16) return round_scaled<std::uint16_t>(rows, sums, to, count);
    round_scaled<float>(rows, sums, to, count);
}

bool converts_directly(const convolve_rows &rows) { return rows.geometry->in_dense && rows.geometry->in_aligned; }

index dense_pitch(index pixels, index channels, index size) { return whole_lines(pixels * channels * size); }

// Pixels [first, first + pixels) of rows of the input, converted.
void read_pixels(const convolve_rows &rows, const char *row, index row_stride, index count, index first, index pixels, char *to,
                 index pitch, char *scratch) {
    if (pixels == 0) return;
    const convolve_geometry &g = *rows.geometry;
    const char *from = row + first * g.x.in_stride;
    const index elements = pixels * g.channels;
    const tile source = {const_cast<char *>(from), row_stride, g.x.in_stride};
    if (rows.convert_in && converts_directly(rows)) {
        for (index i = 0; i < count; ++i) rows.convert_in(from + i * row_stride, to + i * pitch, elements);
    } else if (rows.convert_in) {
        const index between = dense_pitch(pixels, g.channels, g.in_size);
        move_rows(rows, source, g.in_channel_stride, false, scratch, between, count, pixels, g.in_size);
        for (index i = 0; i < count; ++i) rows.convert_in(scratch + i * between, to + i * pitch, elements);
    } else if (g.in_dense) {
        for (index i = 0; i < count; ++i)
            std::memcpy(to + i * pitch, from + i * row_stride, static_cast<std::size_t>(elements * rows.element_size));
    } else {
        move_rows(rows, source, g.in_channel_stride, false, to, pitch, count, pixels, g.in_size);
    }
}

}  // namespace

convolve_rows rows_of(const convolve_task &task, const convolve_geometry &geometry, dtype element, dtype sum, const sum_scale &scale) {
    convolve_rows rows{};
    rows.geometry = &geometry;
    rows.element = element;
    rows.sum = sum;
    rows.element_size = itemsize_of(element);
    rows.sum_size = itemsize_of(sum);
    if (geometry.in_type != element) rows.convert_in = converter(geometry.in_type, element, cast_rule::saturate);
    rows.scale = scale;
    if (geometry.out_type != sum || scale.unit != 0)
        rows.convert_out = converter(scale.unit != 0 ? scale.product : sum, geometry.out_type, cast_rule::saturate);
    // The fill value is rounded to the input's dtype first, like everything else that is read.
    alignas(8) char as_input[8];
    if (is_floating(geometry.in_type))
        converter(dtype::float64, geometry.in_type, cast_rule::wrap)(&task.fill, as_input, 1);
    else
        converter(dtype::int64, geometry.in_type, cast_rule::wrap)(&task.fill_integer, as_input, 1);
    alignas(8) char as_element[8];
    converter(geometry.in_type, element, cast_rule::saturate)(as_input, as_element, 1);
    std::memcpy(rows.fill, as_element, sizeof rows.fill);
    const double bytes = static_cast<double>(element_count(task.input)) * static_cast<double>(task.input.itemsize + task.out.itemsize);
    // Smaller ones that are asked for ahead take 1.1 to 1.2 times as long (float64 of 12 MB, transposed).
    rows.large = bytes >= static_cast<double>(streaming_threshold()) * 0.75;
    rows.streaming = task.streaming && geometry.out_dense;
    rows.sums_in_place = geometry.out_dense && !rows.convert_out && !rows.streaming;
    return rows;
}

void open_window(const convolve_rows &rows, index first, index count, row_window *window) {
    const convolve_geometry &g = *rows.geometry;
    const index extent = g.x.in_extent, end = first + count;
    const index inner_first = first < 0 ? (end < 0 ? end : 0) : first < extent ? first : extent;
    const index inner_end = end < extent ? end : extent;
    window->first = first;
    window->count = count;
    window->inner_first = inner_first;
    window->inner_count = inner_end > inner_first ? inner_end - inner_first : 0;
    index *edge = window->edges;
    for (index i = first; i < end; ++i) {
        if (i == inner_first) i += window->inner_count;
        if (i >= end) break;
        const index source = continued(g.boundary, i, extent);
        const bool inside = source >= inner_first && source < inner_first + window->inner_count;
        *edge++ = source < 0 ? from_fill : inside ? (source - first) * g.channels * rows.element_size : -2 - source;
    }
}

index window_scratch_bytes(const convolve_rows &rows, index pixels, index count) {
    if (!rows.convert_in || converts_directly(rows)) return 0;
    return count * dense_pitch(pixels, rows.geometry->channels, rows.geometry->in_size);
}

void read_window(const convolve_rows &rows, const row_window &window, const char *row, index row_stride, index count, char *to, index pitch,
                 char *scratch) {
    const convolve_geometry &g = *rows.geometry;
    const index size = rows.element_size, pixel_bytes = g.channels * size;
    const index before = window.inner_first - window.first;
    read_pixels(rows, row, row_stride, count, window.inner_first, window.inner_count, to + before * pixel_bytes, pitch, scratch);
    if (window.inner_count == window.count) return;
    for (index i = 0; i < count; ++i, row += row_stride, to += pitch) {
        const index *edge = window.edges;
        for (index p = 0; p < window.count; ++p) {
            if (p == before) p += window.inner_count;
            if (p >= window.count) break;
            const index from = *edge++;
            char *pixel = to + p * pixel_bytes;
            if (from >= 0)
                copy_elements(pixel, to + from, g.channels, size);
            else if (from == from_fill)
                repeat_element(pixel, rows.fill, g.channels, size);
            else
                read_pixels(rows, row, row_stride, 1, -2 - from, 1, pixel, pitch, scratch);
        }
    }
}

void fill_row(const convolve_rows &rows, index pixels, char *to) {
    repeat_element(to, rows.fill, pixels * rows.geometry->channels, rows.element_size);
}

index result_scratch_bytes(const convolve_rows &rows, index pixels, index count) {
    return rows.convert_out ? count * dense_pitch(pixels, rows.geometry->channels, rows.geometry->out_size) : 0;
}

void write_results(const convolve_rows &rows, const char *sums, index pitch, index count, char *row, index row_stride, index pixels,
                   char *scratch) {
    const convolve_geometry &g = *rows.geometry;
    const index elements = pixels * g.channels;
    const char *rounded = sums;
    index rounded_pitch = pitch;
    if (rows.convert_out) {
        const bool directly = g.out_dense && g.out_aligned && !rows.streaming;
        char *to = directly ? row : scratch;
        rounded_pitch = directly ? row_stride : dense_pitch(pixels, g.channels, g.out_size);
        for (index i = 0; i < count; ++i) round_sums(rows, sums + i * pitch, to + i * rounded_pitch, elements);
        if (directly) return;
        rounded = scratch;
    }
    if (rows.streaming) {
        for (index i = 0; i < count; ++i) stream_bytes(rounded + i * rounded_pitch, row + i * row_stride, elements * g.out_size);
    } else if (g.out_dense) {
        for (index i = 0; i < count; ++i)
            std::memcpy(row + i * row_stride, rounded + i * rounded_pitch, static_cast<std::size_t>(elements * g.out_size));
    } else {
        move_rows(rows, {row, row_stride, g.x.out_stride}, g.out_channel_stride, true, const_cast<char *>(rounded), rounded_pitch, count,
                  pixels, g.out_size);
    }
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
