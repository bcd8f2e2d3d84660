// Movement of items between strided views and dense tiles, by their size alone: of elements (1, 2, 4, 8 or 16 bytes), or of
// pixels as wholes. Addresses need no alignment.
#pragma once
#include "core/axes.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

constexpr index line_bytes = 64;  // of the caches

// Whether rows, `pitch` bytes from one to the next, end so long before the next one begins that where their memory passes the caches what
// the processor foresees there is in vain. Asked for ahead, rows of 1000 bytes with gaps of 64 to 1000 are copied in 0.3 to 0.7 of the
// time; casts and sums, which leave it more time, take 0.3 to 0.8 with gaps of 448 or more, and sums 1.1 to 1.3 times as long with 64 to 256.
static inline bool rows_lie_apart(index pitch, index row_bytes, bool moved) {
    constexpr index shortest_row = 256, longest_row = 32768;
    const index shortest_gap = moved ? (row_bytes >= 384 ? line_bytes : 256) : row_bytes >= 640 ? 384 : 512;
    return row_bytes >= shortest_row && row_bytes <= longest_row && magnitude(pitch) >= row_bytes + shortest_gap;
}

// Whether rows are read from their ends, one after the other forwards: nor does the processor foresee those beyond their beginnings. Asked for
// a row ahead, where they pass the caches, copies and casts take 0.45 to 0.95 of the time, sums 0.6 to 0.95, squared_error 0.6 to 0.9; within
// the caches copies 1.3 times as long. Longer rows it foresees better: sums of rows of 64000 bytes would take 1.5 times as long.
static inline bool rows_are_mirrored(index step, index itemsize, index columns, bool moved) {
    const index row_bytes = columns * itemsize, longest_row = moved ? 131072 : 32768;
    return step == -itemsize && row_bytes >= 256 && row_bytes <= longest_row;
}

// So many rows before they are used they are asked for then: one, or some kilobytes.
static inline index rows_asked_ahead(index row_bytes) { return 1 + 8192 / row_bytes; }

// Whether all elements lie at multiples of their size.
static inline bool is_aligned(const view &v) {
    std::uintptr_t bits = reinterpret_cast<std::uintptr_t>(v.data);
    for (int i = 0; i < v.ndim; ++i) bits |= static_cast<std::uintptr_t>(v.strides[i]);
    return bits % static_cast<std::uintptr_t>(v.itemsize) == 0;
}

// A tile of rows x columns elements: the element [i, j] lies at data + i * row_stride + j * column_stride (bytes).
struct tile {
    char *data;
    index row_stride, column_stride;
};

// to[i, j] = from[i, j]. The tiles are disjoint, and no two elements of `to` share bytes.
void move_tile(tile from, tile to, index rows, index columns, index itemsize);

// The same part by part, where the lines of a part are asked for while the part before it is moved: for pieces of large arrays.
void move_large_tile(tile from, tile to, index rows, index columns, index itemsize);

// The same element by element (1, 2, 4, 8 or 16 bytes).
void move_elements(tile from, tile to, index rows, index columns, index itemsize);

// Asks for the cache lines of a tile that is about to be read or written.
void prefetch_tile(const tile &soon, index rows, index columns, index itemsize);

// As move_tile, but past the caches, for items of up to 8 bytes (without AVX-512 of 4 or 8), `from` contiguous along its columns, and
// `to` whole lines along its rows; false, and nothing is done, for others.
bool stream_transposed(const tile &from, const tile &to, index rows, index columns, index itemsize);

// Copies contiguous bytes past the caches. Call stream_fence() on the same thread before the bytes are handed over.
void stream_bytes(const void *from, void *to, index bytes);
void stream_fence();

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
