// The three ways through a convolution, and what they share.
#pragma once
#include "core/axes.hpp"
#include "kernels/convolve_rows.hpp"
#include "kernels/convolve_weights.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// One pass over all taps.
status convolve_directly(const convolve_task &task, const convolve_geometry &geometry, const convolve_weights &weights);

// One pass per axis, by the factors of the weights.
status convolve_separably(const convolve_task &task, const convolve_geometry &geometry, const convolve_weights &weights);

// By Fourier transforms of tiles; small kernels, what is near numbers that are not finite, and, unless transforms were asked for by
// name, what would not keep the bound of the direct sum, in one pass over all taps. Floats only.
status convolve_by_transforms(const convolve_task &task, const convolve_weights &weights);

// Whether that is expected to be faster than the direct sum, certificates included.
bool transforms_pay(const convolve_task &task, const convolve_weights &weights);

namespace {

// Rings, tiles and results of one thread should stay in its second-level cache.
constexpr index tile_memory = index(256) << 10;
// Work that is not interrupted, in nanoseconds.
constexpr double longest_item = 2e6;
// What each element costs besides its taps, in nanoseconds.
constexpr double cost_beside_taps = 0.5;
// Bytes: copying rows to where they are continued wins for short ones, reading them where they lie for long ones.
constexpr index shortest_row_in_place = 1024;

inline index round_up(index value, index multiple) { return (value + multiple - 1) / multiple * multiple; }
inline index round_down(index value, index multiple) { return value / multiple * multiple; }
inline index least(index a, index b) { return a < b ? a : b; }
inline index most(index a, index b) { return a > b ? a : b; }

// Rows laid out so far apart (bytes) that they do not all compete for the same lines of a cache.
inline index spread_pitch(index bytes) {
    const index lines = (bytes + 63) / 64;
    return (lines | 1) * 64;
}

// Elements in units of which arrays are read or written along `stride`: whole lines where neighbours are adjacent.
inline index rows_for_whole_lines(index row_stride, index pixel_stride, index itemsize) {
    const index along = magnitude(row_stride), across = magnitude(pixel_stride);
    return along != 0 && along < across ? 64 / itemsize : 1;
}

// How results can be stored as integers of 8 or 16 bits, where the block can do it.
inline stored_sums narrow_sums(const convolve_weights &weights, dtype out) {
    const bool with_sign = weights.sum == dtype::int16;
    if (weights.element == dtype::float32) {
        // Bytes of sums times a unit are made later: by 3 x 3 a product, even by 1, takes 1.05 times as long.
        if (out == dtype::uint8) return weights.scale.unit == 0 ? stored_sums::bytes : stored_sums::as_they_are;
        if (weights.scale.unit != 0 && weights.scale.product != dtype::float32) return stored_sums::as_they_are;
        return out == dtype::int16 ? stored_sums::words_with_sign : out == dtype::uint16 ? stored_sums::words : stored_sums::as_they_are;
    }
    if (weights.element != dtype::int16 || out != dtype::uint8) return stored_sums::as_they_are;
    if (weights.scale.unit == 0) return with_sign ? stored_sums::bytes : stored_sums::as_they_are;
    if (weights.scale.shift >= 0) return with_sign ? stored_sums::fractions_with_sign : stored_sums::fractions;
    if (weights.scale.divisor.factor != 0) return stored_sums::quotients;
    if (weights.scale.product != dtype::float32) return stored_sums::as_they_are;
    return with_sign ? stored_sums::products_with_sign : stored_sums::products;
}

// Whether all weights, or those of a factor, are 1, and no sum is rounded.
inline bool are_ones(const convolve_weights &weights, const void *values, index taps) {
    if (!weights.exact || (weights.element != dtype::int16 && weights.element != dtype::float32)) return false;
    const bool in_float32 = weights.element == dtype::float32;
    for (index i = 0; i < taps; ++i)
        if (in_float32 ? static_cast<const float *>(values)[i] != 1 : static_cast<const std::uint16_t *>(values)[i] != 1) return false;
    return true;
}

// Pixels per tile so that at most `fitting` are in one, tiles being about equal and a multiple of `unit`.
inline index tile_of(index extent, index fitting, index unit) {
    fitting = most(round_down(fitting, unit), unit);
    if (fitting >= extent) return extent;
    const index tiles = (extent + fitting - 1) / fitting;
    return round_up((extent + tiles - 1) / tiles, unit);
}

// Elements of a row of the result.
struct columns {
    index first, end;
};

// Those of `all` whose taps lie in the input, as a whole number of vectors: nothing behind the last tap is read. Before and
// behind them may be up to `strip_pixels` each.
inline columns columns_in_place(const convolve_geometry &g, dtype element, const columns &all) {
    const index vector = convolve_vector_elements(element);
    const index inside_first = g.x.anchor * g.channels;
    const index inside_end = (g.x.in_extent - (g.x.taps - 1) + g.x.anchor) * g.channels;
    const index first = all.first >= inside_first ? all.first : least(round_up(g.x.anchor, vector) * g.channels, all.end);
    return {first, most(first, first + round_down(least(inside_end, all.end) - first, vector))};
}

// Pixels of the continued input that those beside the columns in place take.
inline index strip_pixels(const convolve_geometry &g, dtype element) { return 2 * g.x.taps - 1 + convolve_vector_elements(element); }

inline bool reads_in_place(const convolve_geometry &g, dtype element) {
    const index inside = g.x.in_extent - (g.x.taps - 1);
    return g.in_type == element && g.in_dense && inside > 0 && inside * g.channels * g.in_size >= shortest_row_in_place;
}

// The taps of one result in a row of elements, from the lowest one in memory: bytes to the first, and from one to the next.
struct row_taps {
    index first, step;
};

inline row_taps taps_along_row(const convolve_geometry &g, index element_size) {
    const index pixel = g.channels * element_size;
    return g.x_mirrored ? row_taps{(g.x.taps - 1) * pixel, -pixel} : row_taps{0, pixel};
}

// Hands out scratch memory in whole lines, or only counts it.
class arena {
public:
    explicit arena(char *start) : base(start), used(0) {}
    template <class T> T *take(index count) {
        T *piece = base ? reinterpret_cast<T *>(base + used) : nullptr;
        index bytes;
        if (__builtin_mul_overflow(count, static_cast<index>(sizeof(T)), &bytes) || bytes > longest - used)
            used = longest;
        else
            used += whole_lines(bytes);
        return piece;
    }
    // Negative, which no memory can be had for, when the sum is beyond an index.
    index bytes() const { return used >= longest ? -1 : used; }

private:
    static constexpr index longest = index(1) << 60;
    char *base;
    index used;
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
