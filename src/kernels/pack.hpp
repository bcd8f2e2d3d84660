// Movement of items between strided views and dense tiles, by their size alone: of elements (1, 2, 4, 8 or 16 bytes), or of
// pixels as wholes. Addresses need no alignment.
#pragma once
#include "core/axes.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

constexpr index line_bytes = 64;  // of the caches

// Whether rows, `pitch` bytes from one to the next, end long before the next one begins, and often: where their memory passes the
// caches, what the processor foresees there is in vain. In front of small gaps, or in long rows, it foresees better alone. Sums
// and copies of 32 MB of float64 in rows of 1000, asked for ahead, take 0.5 to 0.6 of the time with gaps from 512 bytes on, and 1.06 to
// 1.25 times with 256.
static inline bool rows_lie_apart(index pitch, index row_bytes) {
    constexpr index shortest_gap = 512, longest_row = 32768;
    return row_bytes <= longest_row && magnitude(pitch) >= row_bytes + shortest_gap;
}

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
