// A tile of complex points on its way through the transforms: its memory, there, times the weights' spectrum, and back.
#pragma once
#include "kernels/convolve_fft_plan.hpp"
#include "kernels/convolve_transform.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Elements from one row of a tile to the next: columns of a power of two of bytes would compete for the same lines of the cache.
template <class T> index pitch_of(const plan &p) { return p.x.points + 64 / static_cast<index>(sizeof(T)); }

// Of each part of a tile.
inline index rows_of_piece(const plan &p) { return p.two_axes ? p.y.points : 1; }

template <class T> struct tile_memory_of {
    T *part[2];   // real and imaginary numbers
    T *lanes[2];  // a group of rows, side by side
    T *sum;       // of the planes' spectra
};

// The first row of a piece: the first half of them are real parts, the others imaginary ones.
template <class T> T *rows_of(const plan &p, const tile_memory_of<T> &tile, index piece_in_tile) {
    const index each_part = p.pieces_in_tile / 2;
    return tile.part[piece_in_tile / each_part] + piece_in_tile % each_part * rows_of_piece(p) * pitch_of<T>(p);
}

template <class T> void lay_out(const plan &p, arena &memory, tile_memory_of<T> *tile) {
    for (T *&part : tile->part) part = memory.take<T>(p.y.points * pitch_of<T>(p));
    // A part's four points of a butterfly may share a place of the first-level cache; with the other part's there would be no room.
    for (T *&part : tile->lanes) part = memory.take<T>(p.x.points * lanes<T> + 2048 / index(sizeof(T)));
    tile->sum = memory.take<T>(p.planes > 1 ? 2 * p.x.points * p.y.points : 0);
}

template <class T> struct twiddles_of { T *x, *y; };

template <class T> void lay_out(const plan &p, arena &memory, twiddles_of<T> *twiddles) {
    twiddles->x = memory.take<T>(most_twiddles(p.x.points));
    twiddles->y = memory.take<T>(most_twiddles(p.y.points));
}

template <class T> void fill_twiddles(const plan &p, const twiddles_of<T> &twiddles) {
    fill_twiddles(p.x.points, twiddles.x);
    if (p.two_axes) fill_twiddles(p.y.points, twiddles.y);
}

// Of each plane of weights: per group of rows and frequency, real parts of all lanes, then imaginary ones.
template <class T> T *take_spectra(const plan &p, arena &memory) {
    index numbers;
    if (__builtin_mul_overflow(p.planes, 2 * p.x.points * p.y.points, &numbers)) numbers = INT64_MAX;
    return memory.take<T>(numbers);
}

template <class T> void columns_forward(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles) {
    if (!p.two_axes) return;
    for (index x = 0; x < p.x.points; x += lanes<T>)
        transform_forward(points<T>{tile.part[0] + x, tile.part[1] + x, pitch_of<T>(p)}, p.y.points, twiddles.y);
}

template <class T> void columns_back(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles) {
    if (!p.two_axes) return;
    for (index x = 0; x < p.x.valid; x += lanes<T>)
        transform_back(points<T>{tile.part[0] + x, tile.part[1] + x, pitch_of<T>(p)}, p.y.points, twiddles.y);
}

// A group of rows, turned so that each has a lane, and transformed.
template <class T> void rows_forward(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles, index group) {
    constexpr index size = sizeof(T), count = lanes<T>;
    for (int part = 0; part < 2; ++part)
        move_tile({reinterpret_cast<char *>(tile.part[part] + group * count * pitch_of<T>(p)), size, pitch_of<T>(p) * size},
                  {reinterpret_cast<char *>(tile.lanes[part]), count * size, size}, p.x.points, count, size);
    transform_forward(points<T>{tile.lanes[0], tile.lanes[1], count}, p.x.points, twiddles.x);
}

template <class T> void rows_back(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles, index group) {
    constexpr index size = sizeof(T), count = lanes<T>;
    transform_back(points<T>{tile.lanes[0], tile.lanes[1], count}, p.x.points, twiddles.x);
    for (int part = 0; part < 2; ++part)
        move_tile({reinterpret_cast<char *>(tile.lanes[part]), size, count * size},
                  {reinterpret_cast<char *>(tile.part[part] + group * count * pitch_of<T>(p)), pitch_of<T>(p) * size, size}, count,
                  round_up(p.x.valid, 8), size);
}

// The product with a plane's spectrum, added to `sum`; the last plane leaves the whole in the lanes.
template <class T> void multiply_rows(const plan &p, tile_memory_of<T> &tile, const T *spectrum, index group, index plane) {
    constexpr index count = lanes<T>;
    const bool first = plane == 0, last = plane == p.planes - 1;
    spectrum += 2 * group * p.x.points * count;
    T *sum = tile.sum + (p.planes > 1 ? 2 * group * p.x.points * count : 0);
    const points<T> numbers{tile.lanes[0], tile.lanes[1], count};
    for (index i = 0; i < p.x.points; ++i, spectrum += 2 * count, sum += 2 * count) {
        complex_lanes<T> value = product(numbers.at(i), load_lanes(spectrum), load_lanes(spectrum + count));
        if (!first) value = value + complex_lanes<T>{load_lanes(sum), load_lanes(sum + count)};
        if (last) {
            numbers.put(i, value);
        } else {
            store_lanes(sum, value.re);
            store_lanes(sum + count, value.im);
        }
    }
}

// The spectrum of a plane of weights. `weight(i)`: the i-th weight of the whole kernel, as the transforms take it.
template <class T, class F>
void make_spectrum(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles, index plane, const F &weight, T *spectra) {
    index tap[max_ndim + 2];
    split_position(plane, p.plane_extents, p.outer_count + 2, tap);
    const transformed_axis &x = p.x, &y = p.y;
    index outer = 0;
    for (int i = 0; i < p.outer_count; ++i) outer = outer * p.plane_extents[i] + tap[i];
    const index pitch = pitch_of<T>(p);
    for (T *part : tile.part) std::memset(part, 0, static_cast<std::size_t>(y.points * pitch) * sizeof(T));
    // Without the number of points, which the transforms there and back multiply by.
    const T scale = T(1) / static_cast<T>((p.two_axes ? y.points : 1) * x.points);
    const index y_first = tap[p.outer_count] * y.block_taps, x_first = tap[p.outer_count + 1] * x.block_taps;
    for (index k = y_first; k < least(y_first + y.block_taps, y.axis.taps); ++k)
        for (index l = x_first; l < least(x_first + x.block_taps, x.axis.taps); ++l) {
            // Backwards, round the corner: element n of the product is then the sum over k of weight[k] * tile[n + k].
            const index row = k > y_first ? y.points - (k - y_first) : 0, column = l > x_first ? x.points - (l - x_first) : 0;
            tile.part[0][row * pitch + column] = static_cast<T>(weight((outer * y.axis.taps + k) * x.axis.taps + l)) * scale;
        }
    if (!p.two_axes)
        for (index row = 1; row < y.points; ++row)
            std::memcpy(tile.part[0] + row * pitch, tile.part[0], static_cast<std::size_t>(x.points) * sizeof(T));
    columns_forward(p, tile, twiddles);
    T *to = spectra + plane * 2 * y.points * x.points;
    for (index group = 0; group < y.points / lanes<T>; ++group) {
        rows_forward(p, tile, twiddles, group);
        for (index i = 0; i < x.points; ++i, to += 2 * lanes<T>)
            for (int part = 0; part < 2; ++part) store_lanes(to + part * lanes<T>, load_lanes(tile.lanes[part] + i * lanes<T>));
    }
}

// A tile's plane times the plane's weights; after the last plane the tile holds the sum of all, where the results are.
template <class T>
void transform_plane(const plan &p, tile_memory_of<T> &tile, const twiddles_of<T> &twiddles, const T *spectra, index plane) {
    columns_forward(p, tile, twiddles);
    for (index group = 0; group < p.y.points / lanes<T>; ++group) {
        rows_forward(p, tile, twiddles, group);
        multiply_rows(p, tile, spectra + plane * 2 * p.y.points * p.x.points, group, plane);
        if (plane == p.planes - 1) rows_back(p, tile, twiddles, group);
    }
    if (plane == p.planes - 1) columns_back(p, tile, twiddles);
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
