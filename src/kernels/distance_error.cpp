// Sums of squared differences. The entries, in C order, are cut into blocks of 8192; the sums of the blocks are combined
// in a tree. Neither depends on threads or strides, so neither does the result.
#include <utility>

#include "core/dtype.hpp"
#include "core/machine.hpp"
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

// Blocks are read together in groups. Of a transposed matrix a group has many rows: they are short pieces of memory, which are the
// longer the more rows are read (2.5 times as fast for 4000 x 4000).
constexpr index rows_read_at_once = 32, most_entries_read = 16 * block;

// Rows of up to so many entries are not cut.
constexpr index narrow = 64;

index least(index a, index b) { return a < b ? a : b; }

// Room for a group of blocks.
struct group_buffers {
    double *converted[3];
    char *packed;
    bool large;  // the matrices pass the caches
};

// The entries [first, first + count) of a matrix in C order, as dense float64: in place where they lie so.
const double *fetch(const view &v, index first, index count, double *converted, char *packed, bool large) {
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
    const auto move = [&](index begin_row, index end_row, index begin_column, index end_column, index first_moved) {
        if (begin_row < end_row && begin_column < end_column)
            (large ? move_large_tile
                   : move_tile)({v.data + begin_row * v.strides[0] + begin_column * v.strides[1], v.strides[0], v.strides[1]},
                                {to + (begin_row * columns + begin_column - first_moved) * size, columns * size, size}, end_row - begin_row,
                                end_column - begin_column, size);
    };
    const auto as_float64 = [&](index entries) {
        if (v.type != dtype::float64) converter(v.type, dtype::float64, cast_rule::wrap)(packed, converted, entries);
    };
    // The first and the last row may be parts of rows. Narrow ones are read whole; of wide ones other rows are whole columns of entries
    // left and right of where they begin and end.
    const index last_row = (first + count) / columns, last_column = (first + count) % columns;
    if (columns <= narrow) {
        const index end_row = last_row + (last_column > 0);
        move(row, end_row, 0, columns, row * columns);
        as_float64((end_row - row) * columns);
        return converted + column;
    }
    const index middle = least(column, last_column), right = column < last_column ? last_column : column;
    for (const auto &[begin, end] : {std::pair{index(0), middle}, {middle, right}, {right, columns}})
        move(row + (begin < column), last_row + (begin < last_column), begin, end, first);
    as_float64(count);
    return converted;
}

// Entries may lie at any address.
typedef double entry __attribute__((aligned(1)));

// The sum over one block, which takes its entries piece by piece.
template <bool weighted> class block_sum {
public:
    void add(const entry *goal, const entry *current, const entry *weights, index count) {
        for (index i = 0; i < count;) {
            const index left = lane_run - taken;
            const index end = count - i < left ? count : i + left;
            taken += end - i;
            for (; i < end && next > 0; ++i) add_one(goal[i], current[i], weighted ? weights[i] : 0);
            double sums[lane_count];
            for (index l = 0; l < lane_count; ++l) sums[l] = lane[l];
            for (; i + lane_count <= end; i += lane_count)
                for (index l = 0; l < lane_count; ++l) sums[l] = with(sums[l], goal[i + l], current[i + l], weighted ? weights[i + l] : 0);
            for (index l = 0; l < lane_count; ++l) lane[l] = sums[l];
            for (; i < end; ++i) add_one(goal[i], current[i], weighted ? weights[i] : 0);
            if (taken == lane_run) empty_lanes();
        }
    }

    double result() {
        empty_lanes();
        for (index width = lane_count / 2; width > 0; width /= 2)
            for (index l = 0; l < width; ++l) total[l] += total[l + width];
        return total[0];
    }

private:
    static double with(double sum, double goal, double current, double weight) {
        const double difference = goal - current;
        if constexpr (weighted) {
            const double term = weight * difference * difference;
            return sum + (weight == 0 ? 0.0 : term);
        } else {
            return fused(difference, difference, sum);
        }
    }
    void add_one(double goal, double current, double weight) {
        lane[next] = with(lane[next], goal, current, weight);
        next = (next + 1) % lane_count;
    }
    void empty_lanes() {
        for (index l = 0; l < lane_count; ++l) {
            total[l] += lane[l];
            lane[l] = 0;
        }
        taken = next = 0;
    }

    double total[lane_count] = {}, lane[lane_count] = {};
    index taken = 0, next = 0;  // entries of the current run; the lane of the next one
};

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
template <bool weighted>
void sum_blocks(const squared_error_task &task, const blocks_of_parts &all, index begin, index end, const group_buffers &b, double *sums) {
    const index first = all.first_entry(begin), count = all.first_entry(end - 1) + all.length(end - 1) - first;
    const double *goal = fetch(task.goal, first, count, b.converted[0], b.packed, b.large);
    const double *current = fetch(task.current, first, count, b.converted[1], b.packed, b.large);
    const double *weights = weighted ? fetch(task.weights, first, count, b.converted[2], b.packed, b.large) : nullptr;
    for (index i = begin; i < end; ++i) {
        const index at = all.first_entry(i) - first;
        block_sum<weighted> sum;
        sum.add(goal + at, current + at, weighted ? weights + at : nullptr, all.length(i));
        sums[i] = sum.result();
    }
}

// Entries that lie one after the other, as float64: where they are, or converted to the buffer.
const entry *entries_at(const view &v, index row, index column, index count, double *buffer) {
    const char *at = v.data + row * v.strides[0] + column * v.itemsize;
    if (v.type == dtype::float64) return reinterpret_cast<const entry *>(at);
    converter(v.type, dtype::float64, cast_rule::wrap)(at, buffer, count);
    return buffer;
}

// What is converted at once stays in the first-level cache: 1000 x 1000 float32 in 0.54 of the time of whole blocks.
constexpr index converted_at_once = 1024;

// The same where the entries of all matrices lie one after the other in rows of this length.
template <bool weighted> void sum_blocks_in_rows(const squared_error_task &task, const blocks_of_parts &all, index begin, index end,
                                                 index row_length, const group_buffers &b, double *sums) {
    for (index i = begin; i < end; ++i) {
        block_sum<weighted> sum;
        index row = all.first_entry(i) / row_length, column = all.first_entry(i) % row_length;
        for (index left = all.length(i), count; left > 0; left -= count) {
            count = least(least(row_length - column, left), converted_at_once);
            sum.add(entries_at(task.goal, row, column, count, b.converted[0]), entries_at(task.current, row, column, count, b.converted[1]),
                    weighted ? entries_at(task.weights, row, column, count, b.converted[2]) : nullptr, count);
            column += count;
            if (column == row_length) {
                column = 0;
                ++row;
            }
        }
        sums[i] = sum.result();
    }
}

// The length of the rows in which all matrices can be read where they lie: the number of entries where they lie in order, 0 where it is
// short or they cannot. Only float64 may lie at any address.
index length_of_rows(const squared_error_task &task) {
    const view *const matrices[] = {&task.goal, &task.current, &task.weights};
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    bool in_order = true;
    for (int k = 0; k < (task.weighted ? 3 : 2); ++k) {
        const view &v = *matrices[k];
        const std::uintptr_t bits = reinterpret_cast<std::uintptr_t>(v.data) | static_cast<std::uintptr_t>(v.strides[0]);
        if (columns > 1 && v.strides[1] != v.itemsize) return 0;
        if (v.type != dtype::float64 && bits % static_cast<std::uintptr_t>(alignment_of(v.type)) != 0) return 0;
        in_order = in_order && (rows == 1 || v.strides[0] == columns * v.itemsize);
    }
    constexpr index shortest = 256;
    return in_order ? rows * columns : columns >= shortest ? columns : 0;
}

bool is_transposed(const view &v) { return magnitude(v.strides[1]) > magnitude(v.strides[0]); }

}  // namespace

status squared_error(const squared_error_task &task) {
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    const bool whole = task.out.ndim == 0;
    const index entries = whole ? rows * columns : columns;
    const blocks_of_parts all = {entries, (entries + block - 1) / block, whole ? 1 : rows};
    const index row_length = length_of_rows(task);
    const double bytes_read = static_cast<double>(rows * columns) * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const bool large = bytes_read >= static_cast<double>(streaming_threshold()) / 2;
    index wanted = block;
    if (is_transposed(task.goal) || is_transposed(task.current) || (task.weighted && is_transposed(task.weights)))
        wanted = columns < most_entries_read / rows_read_at_once ? columns * rows_read_at_once : most_entries_read;
    const index together = all.longest() > 0 && wanted > all.longest() ? wanted / all.longest() : 1;
    const double cost = 0.3 + 0.06 * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const loop work = {(all.count() + together - 1) / together, 10 + cost * static_cast<double>(together * all.longest())};
    const int workers = workers_for(task.settings, work);
    index bytes;
    if (__builtin_mul_overflow(all.count(), index(sizeof(double)), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    const index room = (row_length > 0 ? converted_at_once : together * all.longest() + 2 * narrow) * index(sizeof(double));
    const scratch memory(4 * room * workers + bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *const sums = reinterpret_cast<double *>(memory.data() + 4 * room * workers);
    const status outcome = parallel_for(task.settings, work, [&](index begin, index end, int worker) {
        char *const own = memory.data() + 4 * room * worker;
        group_buffers buffers = {{}, own + 3 * room, large};
        for (int k = 0; k < 3; ++k) buffers.converted[k] = reinterpret_cast<double *>(own + k * room);
        for (index i = begin * together; i < end * together && i < all.count(); i += together) {
            const index last = i + together < all.count() ? i + together : all.count();
            if (row_length > 0)
                task.weighted ? sum_blocks_in_rows<true>(task, all, i, last, row_length, buffers, sums)
                              : sum_blocks_in_rows<false>(task, all, i, last, row_length, buffers, sums);
            else
                task.weighted ? sum_blocks<true>(task, all, i, last, buffers, sums) : sum_blocks<false>(task, all, i, last, buffers, sums);
        }
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
