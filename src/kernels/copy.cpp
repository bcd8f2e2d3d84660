#include "kernels/copy.hpp"

#include "core/dtype.hpp"
#include "core/scratch.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Square matrices are transposed in blocks of this many rows and columns: a pair of blocks changes places through
// two buffers that fit the first-level cache.
constexpr index square = 32;
struct alignas(64) block {
    char bytes[square * square * 16];
};
struct block_pair {
    block above, below;
};

void exchange_blocks(const view &m, index row, index column, block_pair &pair) {
    const index size = m.itemsize, pitch = square * size;
    const index rows = m.shape[0] - row < square ? m.shape[0] - row : square;
    const index columns = m.shape[0] - column < square ? m.shape[0] - column : square;
    const tile upper = {m.data + row * m.strides[0] + column * m.strides[1], m.strides[0], m.strides[1]};
    const tile lower = {m.data + column * m.strides[0] + row * m.strides[1], m.strides[0], m.strides[1]};
    char *const above = pair.above.bytes, *const below = pair.below.bytes;
    move_tile(upper, {above, pitch, size}, rows, columns, size);
    if (row != column) {
        move_tile(lower, {below, pitch, size}, columns, rows, size);
        move_tile({below, size, pitch}, upper, rows, columns, size);
    }
    move_tile({above, size, pitch}, lower, columns, rows, size);
}

status transpose_square(const call &settings, const view &m) {
    const index blocks = (m.shape[0] + square - 1) / square;
    // The pairs of blocks on and above the diagonal, counted row after row of a (blocks + 1) / 2 high rectangle: row i
    // of the triangle and row blocks - 1 - i of it fill one row of the rectangle together.
    const index width = blocks + 1, height = (blocks + 1) / 2;
    const double nanoseconds = static_cast<double>(square * square * 2) * (0.3 + 0.05 * static_cast<double>(m.itemsize));
    const loop what = {width * height, nanoseconds};
    const scratch memory(workers_for(settings, what) * static_cast<index>(sizeof(block_pair)));
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    block_pair *const pairs = reinterpret_cast<block_pair *>(memory.data());
    return parallel_for(settings, what, [&](index begin, index end, int worker) {
        for (index i = begin; i < end; ++i) {
            index row = i / width, column = row + i % width;
            if (column >= blocks) {
                const index beyond = column - blocks;
                row = blocks - 1 - row;
                column = row + beyond;
                if (2 * row == blocks - 1) continue;  // the middle row of an odd triangle stands alone
            }
            exchange_blocks(m, row * square, column * square, pairs[worker]);
        }
    });
}

// Follows each cycle of the permutation: the element that belongs at position p of the result comes from position
// p % rows * columns + p / rows.
template <class Item> status transpose_rectangle(const call &settings, const view &m, std::uint64_t *moved) {
    const index rows = m.shape[0], columns = m.shape[1], count = rows * columns;
    Item *items = reinterpret_cast<Item *>(m.data);
    const auto body = [&](index begin, index end, int) {
        for (index start = begin; start < end; ++start) {
            if (moved[start / 64] >> (start % 64) & 1) continue;
            const Item first = load<Item>(items + start);
            for (index at = start;;) {
                moved[at / 64] |= std::uint64_t(1) << (at % 64);
                const index from = at % rows * columns + at / rows;
                if (from == start) {
                    store(items + at, first);
                    break;
                }
                store(items + at, load<Item>(items + from));
                at = from;
            }
        }
    };
    // Cycles cross all chunks, so one thread runs them.
    call alone = settings;
    alone.threads = 1;
    return parallel_for(alone, {count, 10.0}, body);
}

struct item16 {
    std::uint64_t low, high;
};

}  // namespace

status copy(const copy_task &task) {
    element_steps steps{};
    steps.out_type = task.out;
    steps.in_type[0] = task.a;
    steps.computed_itemsize = itemsize_of(task.out);
    // A bool is written as 0 or 1, whatever byte it was.
    if (task.a != task.out || task.out == dtype::boolean)
        steps.narrow[0] = converter(task.a, task.out, task.saturate ? cast_rule::saturate : cast_rule::wrap);
    steps.nanoseconds = steps.narrow[0] ? 0.25 : 0.05;
    return run_elementwise(task.settings, task.nest, steps, task.stream);
}

status transpose_inplace(const transpose_inplace_task &task) {
    if (!task.moved) return transpose_square(task.settings, task.array);
    switch (task.array.itemsize) {
    case 1: return transpose_rectangle<std::uint8_t>(task.settings, task.array, task.moved);
    case 2: return transpose_rectangle<std::uint16_t>(task.settings, task.array, task.moved);
    case 4: return transpose_rectangle<std::uint32_t>(task.settings, task.array, task.moved);
    case 8: return transpose_rectangle<std::uint64_t>(task.settings, task.array, task.moved);
    default: return transpose_rectangle<item16>(task.settings, task.array, task.moved);
    }
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
