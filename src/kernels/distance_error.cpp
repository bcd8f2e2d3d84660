// Sums of squared differences. The entries, in C order, are cut into blocks of 8192; the sums of the blocks are combined
// in a tree. Neither depends on threads or strides, so neither does the result.
#include <utility>

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/distance.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index block = 8192;
// Entry e of a block is added to lane e % 32, and the lanes are emptied into a second set every 512 entries: no sum of
// more than 16 terms stands behind a lane, which keeps rounding errors small.
constexpr index lane_count = 32, lane_run = 512;

// Blocks are read together in groups. Where entries do not lie one after the other, a group has many rows: of a transposed matrix,
// rows are short pieces of memory, which are the longer the more rows are read (2.5 times as fast for 4000 x 4000).
constexpr index rows_read_at_once = 32, most_entries_read = 16 * block;

// Room for a group of blocks.
struct group_buffers {
    double *converted[3];
    char *packed;
};

// The entries [first, first + count) of a matrix in C order, as dense float64: in place where they lie so.
const double *fetch(const view &v, index first, index count, double *converted, char *packed) {
    const index columns = v.shape[1], size = v.itemsize;
    const index row = first / columns, column = first % columns;
    const bool dense_rows = columns == 1 || v.strides[1] == size;
    const bool one_run = dense_rows && (column + count <= columns || v.strides[0] == columns * size);
    const char *at = v.data + row * v.strides[0] + column * v.strides[1];
    if (one_run && reinterpret_cast<std::uintptr_t>(at) % static_cast<std::uintptr_t>(alignment_of(v.type)) == 0) {
        if (v.type == dtype::float64) return reinterpret_cast<const double *>(at);
        converter(v.type, dtype::float64, cast_rule::wrap)(at, converted, count);
        return converted;
    }
    char *to = v.type == dtype::float64 ? reinterpret_cast<char *>(converted) : packed;
    // The first and the last row may be parts of rows: left and right of where they begin and end, other rows are whole columns of entries.
    const index last_row = (first + count) / columns, last_column = (first + count) % columns;
    const index middle = column < last_column ? column : last_column, right = column < last_column ? last_column : column;
    for (const auto &[begin, end] : {std::pair{index(0), middle}, {middle, right}, {right, columns}}) {
        const index begin_row = row + (begin < column), end_row = last_row + (begin < last_column);
        if (begin < end && begin_row < end_row)
            move_large_tile({v.data + begin_row * v.strides[0] + begin * v.strides[1], v.strides[0], v.strides[1]},
                            {to + (begin_row * columns + begin - first) * size, columns * size, size}, end_row - begin_row, end - begin,
                            size);
    }
    if (v.type != dtype::float64) converter(v.type, dtype::float64, cast_rule::wrap)(packed, converted, count);
    return converted;
}

template <bool weighted> double sum_block(const double *goal, const double *current, const double *weights, index count) {
    double total[lane_count] = {};
    for (index begin = 0; begin < count; begin += lane_run) {
        const index end = count - begin < lane_run ? count : begin + lane_run;
        double lane[lane_count] = {};
        index i = begin;
        for (; i + lane_count <= end; i += lane_count)
            for (index l = 0; l < lane_count; ++l) {
                const double difference = goal[i + l] - current[i + l];
                if constexpr (weighted) {
                    const double w = weights[i + l], term = w * difference * difference;
                    lane[l] += w == 0 ? 0.0 : term;
                } else {
                    lane[l] = fused(difference, difference, lane[l]);
                }
            }
        for (index l = 0; i < end; ++i, ++l) {
            const double difference = goal[i] - current[i];
            if constexpr (weighted) {
                const double w = weights[i], term = w * difference * difference;
                lane[l] += w == 0 ? 0.0 : term;
            } else {
                lane[l] = fused(difference, difference, lane[l]);
            }
        }
        for (index l = 0; l < lane_count; ++l) total[l] += lane[l];
    }
    for (index width = lane_count / 2; width > 0; width /= 2)
        for (index l = 0; l < width; ++l) total[l] += total[l + width];
    return total[0];
}

// Combines `count` sums in a tree of neighbours; they are overwritten.
double combine(double *sums, index count) {
    if (count == 0) return 0;
    for (; count > 1; count = (count + 1) / 2)
        for (index i = 0; i < count / 2 + count % 2; ++i) sums[i] = 2 * i + 1 < count ? sums[2 * i] + sums[2 * i + 1] : sums[2 * i];
    return sums[0];
}

// Entries in C order, cut into parts (the rows, or the whole matrix), and each part into blocks: block i of all of them.
struct blocks_of_parts {
    index entries, blocks, parts;

    index count() const { return blocks * parts; }
    index first_entry(index i) const { return i / blocks * entries + i % blocks * block; }
    index length(index i) const {
        const index left = entries - i % blocks * block;
        return left < block ? left : block;
    }
    index longest() const { return entries < block ? entries : block; }
};

// The sums of the blocks [begin, end), whose entries are consecutive.
void sum_blocks(const squared_error_task &task, const blocks_of_parts &all, index begin, index end, const group_buffers &b, double *sums) {
    const index first = all.first_entry(begin), count = all.first_entry(end - 1) + all.length(end - 1) - first;
    const double *goal = fetch(task.goal, first, count, b.converted[0], b.packed);
    const double *current = fetch(task.current, first, count, b.converted[1], b.packed);
    const double *weights = task.weighted ? fetch(task.weights, first, count, b.converted[2], b.packed) : nullptr;
    for (index i = begin; i < end; ++i) {
        const index at = all.first_entry(i) - first, length = all.length(i);
        sums[i] = weights ? sum_block<true>(goal + at, current + at, weights + at, length)
                          : sum_block<false>(goal + at, current + at, nullptr, length);
    }
}

bool lies_in_order(const view &v) { return v.strides[1] == v.itemsize && v.strides[0] == v.shape[1] * v.itemsize; }

}  // namespace

status squared_error(const squared_error_task &task) {
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    const bool whole = task.out.ndim == 0;
    const index entries = whole ? rows * columns : columns;
    const blocks_of_parts all = {entries, (entries + block - 1) / block, whole ? 1 : rows};
    index wanted = block;
    if (!lies_in_order(task.goal) || !lies_in_order(task.current) || (task.weighted && !lies_in_order(task.weights)))
        wanted = columns < most_entries_read / rows_read_at_once ? columns * rows_read_at_once : most_entries_read;
    const index together = all.longest() > 0 && wanted > all.longest() ? wanted / all.longest() : 1;
    const index room = together * all.longest() * index(sizeof(double));
    const double entry = 0.3 + 0.06 * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const loop work = {(all.count() + together - 1) / together, 10 + entry * static_cast<double>(together * all.longest())};
    const int workers = workers_for(task.settings, work);
    index bytes;
    if (__builtin_mul_overflow(all.count(), index(sizeof(double)), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(4 * room * workers + bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *const sums = reinterpret_cast<double *>(memory.data() + 4 * room * workers);
    const status outcome = parallel_for(task.settings, work, [&](index begin, index end, int worker) {
        char *const own = memory.data() + 4 * room * worker;
        group_buffers buffers = {{}, own + 3 * room};
        for (int k = 0; k < 3; ++k) buffers.converted[k] = reinterpret_cast<double *>(own + k * room);
        for (index i = begin * together; i < end * together && i < all.count(); i += together)
            sum_blocks(task, all, i, i + together < all.count() ? i + together : all.count(), buffers, sums);
    });
    if (outcome != BYTESTRIDE_OK) return outcome;
    for (index part = 0; part < all.parts; ++part) {
        char *to = task.out.data + (whole ? 0 : part * task.out.strides[0]);
        store(to, combine(sums + part * all.blocks, all.blocks));
    }
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
