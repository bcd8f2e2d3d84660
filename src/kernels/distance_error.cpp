// Sums of squared differences. The entries, in C order, are cut into blocks of 8192; the sums of the blocks are combined
// in a tree. Neither depends on threads or strides, so neither does the result.
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

struct block_buffers {
    double converted[3][block];
    char packed[block * 8];
};

// The entries [first, first + count) of a matrix in C order, as dense float64: in place where they lie so.
const double *fetch(const view &v, index first, index count, double *converted, char *packed) {
    const index columns = v.shape[1], size = v.itemsize;
    const index row = first / columns, column = first % columns;
    const bool dense_rows = columns == 1 || v.strides[1] == size;
    const bool one_run = dense_rows && (column + count <= columns || v.strides[0] == columns * size);
    const char *at = v.data + row * v.strides[0] + column * v.strides[1];
    const bool aligned = reinterpret_cast<std::uintptr_t>(at) % 8 == 0;
    if (one_run && aligned && v.type == dtype::float64) return reinterpret_cast<const double *>(at);
    char *to = v.type == dtype::float64 ? reinterpret_cast<char *>(converted) : packed;
    for (index r = row, c = column, done = 0; done < count; ++r, c = 0) {
        if (c == 0 && count - done >= columns) {  // whole rows at once
            const index rows = (count - done) / columns;
            move_tile({v.data + r * v.strides[0], v.strides[0], v.strides[1]}, {to + done * size, columns * size, size}, rows, columns,
                      size);
            done += rows * columns;
            r += rows - 1;
            continue;
        }
        const index part = columns - c < count - done ? columns - c : count - done;
        move_tile({v.data + r * v.strides[0] + c * v.strides[1], 0, v.strides[1]}, {to + done * size, 0, size}, 1, part, size);
        done += part;
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

double sum_of(const squared_error_task &task, index first, index count, block_buffers &b) {
    const double *goal = fetch(task.goal, first, count, b.converted[0], b.packed);
    const double *current = fetch(task.current, first, count, b.converted[1], b.packed);
    if (!task.weighted) return sum_block<false>(goal, current, nullptr, count);
    return sum_block<true>(goal, current, fetch(task.weights, first, count, b.converted[2], b.packed), count);
}

}  // namespace

status squared_error(const squared_error_task &task) {
    const index rows = task.goal.shape[0], columns = task.goal.shape[1];
    const bool whole = task.out.ndim == 0;
    // The blocks of the whole matrix, or those of each row.
    const index entries = whole ? rows * columns : columns, parts = whole ? 1 : rows;
    const index blocks = (entries + block - 1) / block;
    const index entries_of_block = entries < block ? entries : block;
    const double entry = 0.3 + 0.06 * static_cast<double>(task.goal.itemsize + task.current.itemsize);
    const loop work = {blocks * parts, 10 + entry * static_cast<double>(entries_of_block)};
    const int workers = workers_for(task.settings, work);
    index bytes;
    if (__builtin_mul_overflow(blocks * parts, index(sizeof(double)), &bytes)) return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(workers * static_cast<index>(sizeof(block_buffers)) + bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    block_buffers *of_workers = reinterpret_cast<block_buffers *>(memory.data());
    double *sums = reinterpret_cast<double *>(of_workers + workers);
    const status outcome = parallel_for(task.settings, work, [&](index begin, index end, int worker) {
        for (index i = begin; i < end; ++i) {
            const index part = i / blocks, first = i % blocks * block;
            const index count = entries - first < block ? entries - first : block;
            sums[i] = sum_of(task, part * entries + first, count, of_workers[worker]);
        }
    });
    if (outcome != BYTESTRIDE_OK) return outcome;
    for (index part = 0; part < parts; ++part) {
        char *to = task.out.data + (whole ? 0 : part * task.out.strides[0]);
        store(to, combine(sums + part * blocks, blocks));
    }
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
