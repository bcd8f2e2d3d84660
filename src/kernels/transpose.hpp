// Transposes in registers. Vectors are put together from 16 bytes of several lines, so that only shuffles within 16 bytes are left, and
// whole lines are stored: against squares of 16 x 16 bytes or 8 x 8 items a copy of a transposed array takes 0.64 to 0.9 of the time for
// uint8, 0.5 to 0.9 for int16, 0.7 to 1 for float32, 0.95 for float64.
#pragma once
#include "kernels/pack.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Stores 16, 32 or 64 bytes, which lie in one line, past the caches.
template <index bytes> BYTESTRIDE_INLINE void stream_part(const char *from, char *to) {
    if constexpr (bytes > vector_bytes) {
        for (index i = 0; i < bytes; i += vector_bytes) stream_part<vector_bytes>(from + i, to + i);
    } else {
#if !defined(__x86_64__)
        std::memcpy(to, from, static_cast<std::size_t>(bytes));  // no such stores that pay on aarch64
#else
#if defined(__AVX512F__)
        if constexpr (bytes == 64) return _mm512_stream_si512(reinterpret_cast<__m512i *>(to), _mm512_loadu_si512(from));
#endif
#if defined(__AVX__)
        if constexpr (bytes == 32)
            return _mm256_stream_si256(reinterpret_cast<__m256i *>(to), _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)));
#endif
        if constexpr (bytes == 16)
            _mm_stream_si128(reinterpret_cast<__m128i *>(to), _mm_loadu_si128(reinterpret_cast<const __m128i *>(from)));
#endif
    }
}

constexpr index lane_bytes = 16;

template <class Vector, int... place> BYTESTRIDE_INLINE auto joined(Vector first, Vector second, std::integer_sequence<int, place...>) {
    return __builtin_shufflevector(first, second, place...);
}

// 16 bytes from each of bytes / 16 addresses.
template <class Item, index bytes> BYTESTRIDE_INLINE auto load_16_bytes_each(const char *from, index pitch) {
    if constexpr (bytes == lane_bytes) {
        typedef Item vector __attribute__((vector_size(lane_bytes)));
        return load<vector>(from);
    } else {
        return joined(load_16_bytes_each<Item, bytes / 2>(from, pitch),
                      load_16_bytes_each<Item, bytes / 2>(from + bytes / 2 / lane_bytes * pitch, pitch),
                      std::make_integer_sequence<int, bytes / sizeof(Item)>());
    }
}

// In every 16 bytes the items of the lower (half 0) or upper (1) 8 bytes of both vectors in turn.
template <int half, class Vector, int... place>
BYTESTRIDE_INLINE Vector halves_in_turn(Vector a, Vector b, std::integer_sequence<int, place...>) {
    constexpr int width = sizeof...(place), lane = lane_bytes / sizeof(a[0]);
    return __builtin_shufflevector(a, b, (place / lane * lane + half * lane / 2 + place % lane / 2 + place % 2 * width)...);
}

// Whether the rows of a block are as few as the processor gathers lines for that go past the caches; those of a vector are stored whole.
inline bool streams_transposed(index itemsize) { return itemsize >= 4 || vector_bytes == line_bytes; }

// 16 bytes of each of bytes / size lines become 16 / size rows of so many bytes. Perfect shuffles, as many as 16 / size has binary
// digits, transpose the squares of 16 bytes by 16 / size items that lie side by side.
template <class Item, index bytes, class Vector, std::size_t side>
BYTESTRIDE_INLINE void load_transposed(const char *from, index from_pitch, Vector (&rows)[side]) {
    constexpr int half = side / 2;
    constexpr auto places = std::make_integer_sequence<int, bytes / sizeof(Item)>();
    Vector shuffled[side];
    for (int i = 0; i < int(side); ++i) rows[i] = load_16_bytes_each<Item, bytes>(from + i * from_pitch, side * from_pitch);
    for (int digit = 1; digit < int(side); digit *= 2) {
        for (int i = 0; i < half; ++i) {
            shuffled[2 * i] = halves_in_turn<0>(rows[i], rows[i + half], places);
            shuffled[2 * i + 1] = halves_in_turn<1>(rows[i], rows[i + half], places);
        }
        for (int i = 0; i < int(side); ++i) rows[i] = shuffled[i];
    }
}

template <class Item, index bytes, bool stream>
BYTESTRIDE_INLINE void transpose_block(const char *from, index from_pitch, char *to, index to_pitch) {
    // Of items of 16 bytes, which are loaded as two halves, nothing is shuffled.
    using lane_item = std::conditional_t<sizeof(Item) == lane_bytes, std::uint64_t, Item>;
    constexpr int side = lane_bytes / sizeof(Item);
    typedef lane_item vector __attribute__((vector_size(bytes)));
    vector rows[side];
    load_transposed<lane_item, bytes>(from, from_pitch, rows);
    for (int i = 0; i < side; ++i) {
        if constexpr (stream)
            stream_part<bytes>(reinterpret_cast<const char *>(&rows[i]), to + i * to_pitch);
        else
            store(to + i * to_pitch, rows[i]);
    }
}

// Rows of `bytes` bytes at once, at most a line: the parts of a line are stored soon after one another.
template <class Item, index bytes, bool stream> void transpose_blocks(const tile &from, const tile &to, index rows, index columns) {
    constexpr index size = sizeof(Item), side = lane_bytes / size, width = bytes / size;
    // Wider vectors of 16-byte items take 1.3 times as long.
    constexpr index widest = size == lane_bytes ? (vector_bytes < 32 ? vector_bytes : 32) : vector_bytes;
    constexpr index part = bytes < widest ? bytes : widest;
    const index from_pitch = from.column_stride, to_pitch = to.row_stride;
    // The last blocks may repeat what others did already.
    for (index j = 0; j < columns; j += width) {
        const index column = j + width <= columns ? j : columns - width;
        for (index i = 0; i < rows; i += side) {
            const index row = i + side <= rows ? i : rows - side;
            const char *source = from.data + row * size + column * from_pitch;
            char *target = to.data + row * to_pitch + column * size;
            for (index k = 0; k < bytes; k += part)
                transpose_block<Item, part, stream>(source + k / size * from_pitch, from_pitch, target + k, to_pitch);
        }
    }
}

// How many lines, so far apart, a first-level cache of 64 sets of 8 lines keeps.
inline index lines_kept(index pitch) {
    const index power = pitch & -pitch;
    return 8 * 4096 / (power < line_bytes ? line_bytes : power > 4096 ? 4096 : power);
}

// to[i, j] = from[i, j], where `from` is contiguous down its columns and `to` along its rows; false, and nothing is done, for
// tiles that are too small.
template <class Item> bool transpose_in_registers(const tile &from, const tile &to, index rows, index columns) {
    constexpr index size = sizeof(Item);
    if (rows * size < lane_bytes || columns * size < (size == lane_bytes ? 2 : 1) * lane_bytes) return false;
    // Bytes by vectors alone: whole lines of the AVX2 level take 1.4 times as long.
    constexpr index most = size == 1 ? vector_bytes : 64;
    index bytes = most;
    while (bytes > columns * size) bytes /= 2;
    // Lines that push each other out of the cache are read from the next one for every 16 bytes: then fewer at once.
    if (lines_kept(to.row_stride) >= rows)
        while (bytes > 16 && bytes / size > lines_kept(from.column_stride)) bytes /= 2;
    if (bytes == 64)
        transpose_blocks<Item, 64, false>(from, to, rows, columns);
    else if (bytes == 32)
        transpose_blocks<Item, 32, false>(from, to, rows, columns);
    else
        transpose_blocks<Item, 16, false>(from, to, rows, columns);
    return true;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
