#include "kernels/pack.hpp"

#include "kernels/move_run.hpp"
#include "kernels/pixels.hpp"
#include "kernels/planes.hpp"
#include "kernels/transpose.hpp"
#include "kernels/whole_pixels.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

typedef std::uint64_t item16 __attribute__((vector_size(16)));

template <class F> void for_item(index itemsize, F &&f) {
    switch (itemsize) {
    case 1: return f(type_tag<std::uint8_t>{});
    case 2: return f(type_tag<std::uint16_t>{});
    case 4: return f(type_tag<std::uint32_t>{});
    case 8: return f(type_tag<std::uint64_t>{});
    default: return f(type_tag<item16>{});
    }
}

bool is_size_of_element(index itemsize) { return itemsize <= 16 && (itemsize & (itemsize - 1)) == 0; }

// to[i, j] = from[i, j], where `from` is contiguous down its columns and `to` along its rows.
template <class Item> void transpose_tile(tile from, tile to, index rows, index columns) {
    constexpr index size = sizeof(Item);
    const index from_pitch = from.column_stride, to_pitch = to.row_stride;
    if (from_pitch == rows * size && split_pixels<Item>(from.data, to.data, to_pitch, columns, rows)) return;
    if (transpose_in_registers<Item>(from, to, rows, columns)) return;
    if (to_pitch == columns * size && interleave_planes<Item>(from.data, from_pitch, to.data, rows, columns)) return;
    if (rows < 8 && columns > rows) {
        for (index i = 0; i < rows; ++i) move_run<Item>(from.data + i * size, from_pitch, to.data + i * to_pitch, size, columns);
        return;
    }
    for (index j = 0; j < columns; ++j) move_run_any<Item>(from.data + j * from_pitch, size, to.data + j * size, to_pitch, rows);
}

template <class Item> void move_items(tile from, tile to, index rows, index columns) {
    constexpr index size = sizeof(Item);
    if (columns > 1 && rows > 1) {
        if (from.row_stride == size && to.column_stride == size && from.column_stride != size)
            return transpose_tile<Item>(from, to, rows, columns);
        if (from.column_stride == size && to.row_stride == size && to.column_stride != size)
            return transpose_tile<Item>({from.data, from.column_stride, from.row_stride}, {to.data, to.column_stride, to.row_stride},
                                        columns, rows);
        if (from.row_stride == columns * from.column_stride && to.row_stride == columns * to.column_stride)
            return move_run<Item>(from.data, from.column_stride, to.data, to.column_stride, rows * columns);
        if (move_pixels<size>({from.data, from.row_stride, from.column_stride}, {to.data, to.row_stride, to.column_stride}, rows, columns))
            return;
    }
    if (from.column_stride == size && to.column_stride == size) {
        for (index i = 0; i < rows; ++i) copy_row(from.data + i * from.row_stride, to.data + i * to.row_stride, columns * size);
        return;
    }
    // Long runs cost less per element than short ones.
    if (columns < 16 && rows > columns)
        return move_items<Item>({from.data, from.column_stride, from.row_stride}, {to.data, to.column_stride, to.row_stride}, columns,
                                rows);
    for (index i = 0; i < rows; ++i)
        move_run<Item>(from.data + i * from.row_stride, from.column_stride, to.data + i * to.row_stride, to.column_stride, columns);
}

}  // namespace

void move_tile(tile from, tile to, index rows, index columns, index itemsize) {
    if (!is_size_of_element(itemsize)) return move_whole_pixels(from, to, rows, columns, itemsize);
    for_item(itemsize, [&](auto item) { move_items<typename decltype(item)::type>(from, to, rows, columns); });
}

void move_elements(tile from, tile to, index rows, index columns, index itemsize) {
    for_item(itemsize, [&](auto item) {
        using Item = typename decltype(item)::type;
        for (index i = 0; i < rows; ++i)
            move_run_any<Item>(from.data + i * from.row_stride, from.column_stride, to.data + i * to.row_stride, to.column_stride, columns);
    });
}

void prefetch_tile(const tile &soon, index rows, index columns, index itemsize) {
    // Along the axis on which the elements lie closer to each other.
    const bool by_rows = rows == 1 || magnitude(soon.column_stride) <= magnitude(soon.row_stride);
    const index across = by_rows ? soon.row_stride : soon.column_stride, along = by_rows ? soon.column_stride : soon.row_stride;
    const index outer = across == 0 ? 1 : by_rows ? rows : columns, length = ((by_rows ? columns : rows) - 1) * along;
    const char *first = soon.data + (length < 0 ? length : 0);
    const index bytes = magnitude(length) + itemsize;
    const index step = magnitude(along) > line_bytes ? magnitude(along) : line_bytes;
    for (index i = 0; i < outer; ++i, first += across) {
        const index before = static_cast<index>(reinterpret_cast<std::uintptr_t>(first) % line_bytes);
        for (index at = step == line_bytes ? -before : 0; at < bytes; at += step) __builtin_prefetch(first + at, 0, 2);
    }
    asm volatile("");  // g++ leaves out calls of functions that do nothing but this
}

void move_large_tile(tile from, tile to, index rows, index columns, index itemsize) {
    constexpr index part = 64;
    if (magnitude(from.column_stride) <= magnitude(from.row_stride)) return move_tile(from, to, rows, columns, itemsize);
    for (index j = 0; j < columns; j += part) {
        const tile source = {from.data + j * from.column_stride, from.row_stride, from.column_stride};
        const index count = columns - j < part ? columns - j : part, left = columns - j - count;
        if (left > 0)
            prefetch_tile({source.data + count * from.column_stride, from.row_stride, from.column_stride}, rows, left < part ? left : part,
                          itemsize);
        move_tile(source, {to.data + j * to.column_stride, to.row_stride, to.column_stride}, rows, count, itemsize);
    }
}

bool stream_transposed(const tile &from, const tile &to, index rows, index columns, index itemsize) {
    const auto whole = [](index bytes, index part) { return bytes % part == 0; };
    if (itemsize > 8 || !streams_transposed(itemsize)) return false;
    if (from.column_stride != itemsize || to.row_stride != itemsize || !whole(columns * itemsize, lane_bytes)) return false;
    if (!whole(rows * itemsize, line_bytes) || !whole(to.column_stride, line_bytes) ||
        !whole(static_cast<index>(reinterpret_cast<std::uintptr_t>(to.data)), line_bytes))
        return false;
    const tile source = {from.data, from.column_stride, from.row_stride}, target = {to.data, to.column_stride, to.row_stride};
    for_item(itemsize, [&](auto item) {
        using Item = typename decltype(item)::type;
        if constexpr (sizeof(Item) <= 8) transpose_blocks<Item, line_bytes, true>(source, target, columns, rows);
    });
    return true;
}

void stream_bytes(const void *source, void *target, index bytes) {
    const char *from = static_cast<const char *>(source);
    char *to = static_cast<char *>(target);
    // Only whole lines may go past the caches: a partial one would be read back from memory to be completed.
    index head = static_cast<index>(-reinterpret_cast<std::uintptr_t>(to) & (line_bytes - 1));
    if (head > bytes) head = bytes;
    if (head > 0) std::memcpy(to, from, static_cast<std::size_t>(head));
    index i = head;
    for (; i + line_bytes <= bytes; i += line_bytes) stream_part<line_bytes>(from + i, to + i);
    if (i < bytes) std::memcpy(to + i, from + i, static_cast<std::size_t>(bytes - i));
}

void stream_fence() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
