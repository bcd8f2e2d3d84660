// Sums of squared differences. The entries, in C order, are cut into blocks of up to 8192; the sums of the blocks are combined
// in a tree. Neither depends on threads or strides, so neither does the result.
#include <cstring>
#include <utility>

#include "core/dtype.hpp"
#include "core/machine.hpp"
#include "kernels/convert.hpp"
#include "kernels/distance.hpp"
#include "kernels/distance_sum.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index block = 8192;
// Rows of so many entries begin blocks of their own in the sum over a whole matrix too: then a transposed one is read where it lies.
constexpr index long_row = 256;
// Blocks of shorter rows are read together in groups. Of a transposed matrix a group has many rows: they are short pieces of memory,
// which are the longer the more rows are read (2.5 times as fast for 4000 x 4000).
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

bool is_aligned(dtype type, const char *at) {
    return reinterpret_cast<std::uintptr_t>(at) % static_cast<std::uintptr_t>(alignment_of(type)) == 0;
}

// The entries [first, first + count) of a matrix in C order, as dense float64: in place where they lie so.
const double *fetch(const view &v, index first, index count, double *converted, char *packed, bool large) {
    const index columns = v.shape[1], size = v.itemsize;
    const index row = first / columns, column = first % columns;
    const bool dense_rows = columns == 1 || v.strides[1] == size;
    const bool one_run = dense_rows && (column + count <= columns || v.strides[0] == columns * size);
    const char *at = v.data + row * v.strides[0] + column * v.strides[1];
    if (one_run && is_aligned(v.type, at)) {
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

// ---- Blocks -------------------------------------------------------------------------------------------------

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

// The sums of the blocks [begin, end), whose entries are consecutive from the terms on.
template <class Terms> void sum_all_blocks(const Terms &terms, const blocks_of_parts &all, index begin, index end, double *sums) {
    if (all.blocks == 1) return sum_blocks_of(terms, end - begin, all.entries, sums + begin);
    for (index i = begin; i < end; ++i) sums[i] = sum_of_block(terms.from(all.first_entry(i) - all.first_entry(begin)), all.length(i));
}

// The same, by way of buffers.
template <bool weighted>
void sum_blocks(const squared_error_task &task, const blocks_of_parts &all, index begin, index end, const group_buffers &b, double *sums) {
    const index first = all.first_entry(begin), count = all.first_entry(end - 1) + all.length(end - 1) - first;
    const auto entries = [&](const view &v, double *buffer) {
        return reinterpret_cast<const char *>(fetch(v, first, count, buffer, b.packed, b.large));
    };
    const squares<double, 1, weighted> terms = {entries(task.goal, b.converted[0]), entries(task.current, b.converted[1]),
                                                weighted ? entries(task.weights, b.converted[2]) : nullptr};
    sum_all_blocks(terms, all, begin, end, sums);
}

// ---- Rows that are read where they lie, or piece by piece ---------------------------------------------------

// From one entry of a row, or of the only column, to the next.
index step_of(const view &v) { return v.strides[v.shape[1] == 1 ? 0 : 1]; }

// How the entries of the matrices are read.
struct reading {
    index row_length;  // of rows that are read one by one; 0 where some matrix is transposed, or they are short
    index step;        // 1, -1 or 2 of their kind apart entries are read where they lie; 0: by way of buffers
    bool in_order;     // row by row, entries are equally far apart
    bool some_transposed, all_transposed;
    bool rows_apart;  // or mirrored, so that the processor does not foresee them
};

bool is_read_in_place(dtype type, index step, bool weighted) {
    constexpr bool widens = vector_bytes > 16;  // vectors of shorter integers
    switch (type) {
    case dtype::float64: return step == 1 || step == -1 || step == 2;
    case dtype::float32:
    case dtype::int32: return step == 1;
    case dtype::int16:
    case dtype::uint16: return step == 1 && widens;
    case dtype::int8:
    case dtype::uint8: return step == 1 && (widens || !weighted);
    default: return false;
    }
}

reading reading_of(const squared_error_task &task, const blocks_of_parts &all, bool large) {
    const view *const matrices[] = {&task.goal, &task.current, &task.weights};
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    reading r = {0, step_of(task.goal) / task.goal.itemsize, true, false, true, false};
    for (int k = 0; k < (task.weighted ? 3 : 2); ++k) {
        const view &v = *matrices[k];
        const dtype type = k == 2 ? dtype::float64 : task.goal.type;
        r.some_transposed |= is_transposed(v, 0, 1);
        r.all_transposed &= is_transposed(v, 0, 1);
        if (v.type != type || step_of(v) != r.step * v.itemsize || !is_read_in_place(v.type, r.step, task.weighted)) r.step = 0;
        const bool mirrored = v.strides[0] > 0 && rows_are_mirrored(v.strides[1], v.itemsize, columns, false);
        r.rows_apart |= large && (mirrored || rows_lie_apart(v.strides[0], columns * magnitude(v.strides[1]), false));
        r.in_order &= rows == 1 || columns == 1 || v.strides[0] == columns * v.strides[1];
    }
    constexpr index shortest = 256;
    const bool one_by_one = r.in_order ? r.step != 0 || all.longest() > lane_run : columns >= shortest;
    if (!r.some_transposed && one_by_one) r.row_length = r.in_order ? rows * columns : columns;
    return r;
}

// `count` entries from one on, `stride` bytes apart, as dense float64: where they are, or in the buffer.
const char *entries_at(const view &v, const char *at, index stride, index count, double *buffer, char *packed) {
    const bool dense = stride == v.itemsize;
    if (v.type == dtype::float64 && dense) return at;
    if (!dense || !is_aligned(v.type, at)) {
        char *to = v.type == dtype::float64 ? reinterpret_cast<char *>(buffer) : packed;
        move_tile({const_cast<char *>(at), 0, stride}, {to, 0, v.itemsize}, 1, count, v.itemsize);
        at = packed;
    }
    if (v.type != dtype::float64) converter(v.type, dtype::float64, cast_rule::wrap)(at, buffer, count);
    return reinterpret_cast<const char *>(buffer);
}

// What is converted at once stays in the first-level cache: 1000 x 1000 float32 in 0.54 of the time of whole blocks.
constexpr index converted_at_once = 1024;

constexpr index asked_at_once = 256;

// Asks for the lines of some entries.
template <bool weighted> void ask_for_entries(const squared_error_task &task, index row, index column, index count) {
    const view *const matrices[] = {&task.goal, &task.current, &task.weights};
    for (int k = 0; k < (weighted ? 3 : 2); ++k) {
        const view &v = *matrices[k];
        if (v.strides[1] == v.itemsize && v.strides[0] == v.shape[1] * v.itemsize) continue;  // the processor foresees these
        prefetch_tile({v.data + row * v.strides[0] + column * step_of(v), 0, step_of(v)}, 1, count, v.itemsize);
    }
}

// The sums of the blocks [begin, end) where no matrix is transposed, in rows of this length. In place entries are read where they lie:
// 2000 x 2000 reversed in 0.32 of the time, of every second column in 0.8, float32 in 0.5. Else they are packed or converted.
template <bool in_place, class Entry, int step, bool weighted>
void sum_blocks_in_rows(const squared_error_task &task, const blocks_of_parts &all, index begin, index end, const reading &r,
                        const group_buffers &b, double *sums) {
    const index row_length = r.row_length, rows_ahead = rows_asked_ahead(row_length * task.goal.itemsize);
    const auto terms_at = [&](index row, index column, index count) {
        const auto entries = [&](const view &v, double *buffer) {
            const index stride = step_of(v);
            const char *at = v.data + row * v.strides[0] + column * stride;
            return in_place ? at : entries_at(v, at, stride, count, buffer, b.packed);
        };
        return squares<Entry, step, weighted>{entries(task.goal, b.converted[0]), entries(task.current, b.converted[1]),
                                              weighted ? entries(task.weights, b.converted[2]) : nullptr};
    };
    if (in_place && r.in_order && !r.rows_apart) return sum_all_blocks(terms_at(0, all.first_entry(begin), 0), all, begin, end, sums);
    for (index i = begin; i < end; ++i) {
        block_sum sum;
        index row = all.first_entry(i) / row_length, column = all.first_entry(i) % row_length;
        for (index left = all.length(i), count; left > 0; left -= count) {
            count = least(row_length - column, left);
            if (r.rows_apart) {
                count = least(count, asked_at_once);
                ask_for_entries<weighted>(task, row + rows_ahead, column, count);
            }
            if (!in_place) count = least(count, converted_at_once);
            sum.add(terms_at(row, column, count), count);
            column += count;
            if (column == row_length) {
                column = 0;
                ++row;
            }
        }
        sums[i] = sum.result();
    }
}

template <bool weighted> auto sum_in_rows_for(const squared_error_task &task, const reading &r) {
    switch (r.step) {
    case -1: return sum_blocks_in_rows<true, double, -1, weighted>;
    case 2: return sum_blocks_in_rows<true, double, 2, weighted>;
    case 0: return sum_blocks_in_rows<false, double, 1, weighted>;
    default: break;
    }
    switch (task.goal.type) {
    case dtype::float32: return sum_blocks_in_rows<true, float, 1, weighted>;
    case dtype::int32: return sum_blocks_in_rows<true, std::int32_t, 1, weighted>;
    case dtype::int16: return sum_blocks_in_rows<true, std::int16_t, 1, weighted>;
    case dtype::uint16: return sum_blocks_in_rows<true, std::uint16_t, 1, weighted>;
    case dtype::int8: return sum_blocks_in_rows<true, std::int8_t, 1, weighted>;
    case dtype::uint8: return sum_blocks_in_rows<true, std::uint8_t, 1, weighted>;
    default: return sum_blocks_in_rows<true, double, 1, weighted>;
    }
}

// ---- Rows side by side ----------------------------------------------------------------------------------------

// The same blocks of so many rows of transposed matrices are summed at once, column by column, with a lane of each row beside that of
// the next: its entries lie so in memory. 2000 x 2000 take 0.8 of the time of packed blocks, 4000 x 1000 0.7.
constexpr index rows_at_once = 32;

struct side_by_side {
    using one_of_each_row = double[rows_at_once];
    one_of_each_row lane[lane_count], total[lane_count];
    double converted[3][lane_count * rows_at_once];  // columns of entries
    double packed[lane_count * rows_at_once];
};

// Entries that lie column by column, of float64, `step` bytes from column to column.
struct columns_of_entries {
    const char *data;
    index step;
};

columns_of_entries columns_at(const view &v, index row, index rows, index column, index columns, bool large, double *converted,
                              double *packed) {
    const index size = v.itemsize, next = (column + columns) * v.strides[1];
    char *const first = v.data + row * v.strides[0], *const at = first + column * v.strides[1];
    if (large) prefetch_tile({first + next, v.strides[1], v.strides[0]}, columns, rows, size);
    if (v.type == dtype::float64 && v.strides[0] == size) return {at, v.strides[1]};
    char *const to = reinterpret_cast<char *>(v.type == dtype::float64 ? converted : packed);
    move_tile({at, v.strides[1], v.strides[0]}, {to, rows * size, size}, columns, rows, size);
    if (v.type != dtype::float64) converter(v.type, dtype::float64, cast_rule::wrap)(to, converted, columns * rows);
    return {reinterpret_cast<const char *>(converted), rows * index(sizeof(double))};
}

// The sums of block `number` of the rows [begin, end).
template <bool weighted> void sum_side_by_side(const squared_error_task &task, const blocks_of_parts &all, index begin, index end,
                                               index number, bool large, side_by_side &s, double *sums) {
    const index rows = end - begin, first = number * block, count = all.length(number);
    const index used = least(count, lane_count);
    std::memset(s.total, 0, static_cast<std::size_t>(used) * sizeof s.total[0]);
    for (index run = 0; run < count; run += lane_run) {
        std::memset(s.lane, 0, static_cast<std::size_t>(used) * sizeof s.lane[0]);
        const index run_end = least(run + lane_run, count);
        for (index tile = run; tile < run_end; tile += lane_count) {
            const index columns = least(lane_count, run_end - tile);
            const auto entries = [&](const view &v, int k) {
                return columns_at(v, begin, rows, first + tile, columns, large, s.converted[k], s.packed);
            };
            const columns_of_entries goal = entries(task.goal, 0), current = entries(task.current, 1);
            const columns_of_entries weights = weighted ? entries(task.weights, 2) : columns_of_entries{nullptr, 0};
            for (index c = 0; c < columns; ++c) {
                const squares<double, 1, weighted> terms = {goal.data + c * goal.step, current.data + c * current.step,
                                                            weighted ? weights.data + c * weights.step : nullptr};
                double *const lane = s.lane[c];
                index r = 0;
                for (; r + lanes<double> <= rows; r += lanes<double>) store_lanes(lane + r, terms.added(load_lanes(lane + r), r));
                for (; r < rows; ++r) lane[r] = terms.added(lane[r], r);
            }
        }
        for (index l = 0; l < used; ++l)
            for (index r = 0; r < rows; ++r) s.total[l][r] += s.lane[l][r];
    }
    for (index width = lane_count / 2; width > 0; width /= 2)
        for (index l = 0; l < width && l + width < used; ++l)
            for (index r = 0; r < rows; ++r) s.total[l][r] += s.total[l + width][r];
    for (index r = 0; r < rows; ++r) sums[(begin + r) * all.blocks + number] = s.total[0][r];
}

}  // namespace

status squared_error(const squared_error_task &task) {
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    const bool whole = task.out.ndim == 0, rows_are_parts = !whole || columns >= long_row;
    const index entries = rows_are_parts ? columns : rows * columns;
    const blocks_of_parts all = {entries, (entries + block - 1) / block, rows_are_parts ? rows : 1};
    const double bytes_read = static_cast<double>(rows * columns) * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const bool large = bytes_read >= static_cast<double>(streaming_threshold());
    const reading r = reading_of(task, all, large);
    const bool by_columns = rows_are_parts && r.all_transposed;
    const auto sum_in_rows = task.weighted ? sum_in_rows_for<true>(task, r) : sum_in_rows_for<false>(task, r);
    const auto sum_by_columns = task.weighted ? sum_side_by_side<true> : sum_side_by_side<false>;
    const index wanted = !r.some_transposed                                ? block
                         : columns < most_entries_read / rows_read_at_once ? columns * rows_read_at_once
                                                                           : most_entries_read;
    const index together = by_columns ? rows_at_once : all.longest() > 0 && wanted > all.longest() ? wanted / all.longest() : 1;
    const index groups = by_columns ? (rows + together - 1) / together * all.blocks : (all.count() + together - 1) / together;
    const double cost = 0.3 + 0.06 * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const loop work = {groups, 10 + cost * static_cast<double>(together * all.longest())};
    const int workers = workers_for(task.settings, work);
    index bytes;
    if (__builtin_mul_overflow(all.count(), index(sizeof(double)), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    const index room = (r.row_length > 0 ? converted_at_once : together * all.longest() + 2 * narrow) * index(sizeof(double));
    const index own_bytes = by_columns ? index(sizeof(side_by_side)) : 4 * room;
    const scratch memory(own_bytes * workers + bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    // One block of each row is its result.
    const bool in_out = !whole && all.blocks == 1 && task.out.strides[0] == sizeof(double) && is_aligned(dtype::float64, task.out.data);
    double *const sums = reinterpret_cast<double *>(in_out ? task.out.data : memory.data() + own_bytes * workers);
    const status outcome = parallel_for(task.settings, work, [&](index begin, index end, int worker) {
        char *const own = memory.data() + own_bytes * worker;
        if (by_columns) {
            for (index i = begin; i < end; ++i) {
                const index row = i / all.blocks * together;
                sum_by_columns(task, all, row, least(row + together, rows), i % all.blocks, large, *reinterpret_cast<side_by_side *>(own),
                               sums);
            }
            return;
        }
        group_buffers buffers = {{}, own + 3 * room, large};
        for (int k = 0; k < 3; ++k) buffers.converted[k] = reinterpret_cast<double *>(own + k * room);
        for (index i = begin * together; i < end * together && i < all.count(); i += together) {
            const index last = least(i + together, all.count());
            if (r.row_length > 0)
                sum_in_rows(task, all, i, last, r, buffers, sums);
            else
                task.weighted ? sum_blocks<true>(task, all, i, last, buffers, sums) : sum_blocks<false>(task, all, i, last, buffers, sums);
        }
    });
    if (outcome != BYTESTRIDE_OK || in_out) return outcome;
    if (whole)
        store(task.out.data, combine(sums, all.count()));
    else
        for (index row = 0; row < rows; ++row)
            store(task.out.data + row * task.out.strides[0], combine(sums + row * all.blocks, all.blocks));
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
