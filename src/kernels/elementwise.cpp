#include "kernels/elementwise.hpp"

#include "core/scratch.hpp"
#include "kernels/elementwise_tiles.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

bool is_move(const element_steps &steps) { return !steps.combine[0] && !steps.narrow[0]; }

// Neighbors on both sides move as one item of several elements: the pixels of a transposed image. Items of sizes that no element has
// pay where they are transposed.
void join_neighbors(loop_nest &nest, element_steps &steps) {
    const int last = nest.ndim - 1;
    const index size = steps.computed_itemsize, bytes = size * nest.shape[last];
    if (last < 1 || bytes >= line_bytes || nest.strides[0][last] != size || nest.strides[1][last] != size) return;
    bool pays = bytes <= 16 && (bytes & (bytes - 1)) == 0;
    for (int i = 0; i < last - 1; ++i)
        if (nest.strides[1][i] != 0 && magnitude(nest.strides[1][i]) < magnitude(nest.strides[1][last - 1])) pays = true;
    if (!pays) return;
    steps.item_bytes = steps.computed_itemsize = bytes;
    nest.ndim = last;
    run_along_transposed(nest);
}

// ---- Inputs that are packed before they are used ----------------------------------------------------------

// Tiles have two axes, and runs along one of them. Where the last axis is that of a few channels, two kinds of inputs need more:
//   - those that have their runs neither there nor along the axis before. A block of such an input is copied first, so that its runs lie
//     as those of the output do, or plane by plane: of 480 x 640 x 3, a.T + b takes 0.06 (uint8) to 0.25 (float64) of the time of tiles,
//     an image with rows and columns exchanged plus another 0.1 to 0.8;
//   - a number for each channel. They are written over and over into a run.
// Larger blocks have longer runs on both sides: of uint8, blocks of 32 KiB take twice as long. The second-level cache keeps one.
constexpr index smallest_block = index(32) << 10, largest_block = index(256) << 10;
constexpr index elements_of_block = 32768;  // where nothing is copied
constexpr index repeated_bytes = 4096;

index whole_lines(index bytes) { return (bytes + line_bytes - 1) / line_bytes * line_bytes; }

class blocks {
public:
    blocks(const loop_nest &nest_, const element_steps &steps_, bool stream_, int threads)
        : nest(nest_), steps(steps_), stream(stream_), last(nest_.ndim - 1) {
        if (nest.shape[last] >= shortest_row) return;
        for (int k = 1; k < nest.operands; ++k) {
            const int axis = axis_of_far_runs(k);
            if (axis < 0 || (across >= 0 && axis != across)) continue;
            across = axis;
            is_packed[k] = true;
        }
        for (int k = 1; k < nest.operands && across < 0; ++k)
            if (is_one_pixel(k)) repeated = k;
        if (across >= 0)
            cut_packed(threads);
        else if (repeated)
            cut_repeated();
    }

    bool needed() const { return across >= 0 || repeated; }
    index count() const { return outer * parts[0] * parts[1]; }
    double nanoseconds() const {
        return static_cast<double>(extents[0] * extents[1] * nest.shape[last]) * (steps.nanoseconds + (repeated ? 0.3 : 0.8));
    }
    index shared_bytes() const { return repeated ? whole_lines(repeats * nest.shape[last] * size_of(repeated)) : 0; }
    index bytes_of_worker() const { return static_cast<index>(sizeof(workspace)) + packed_bytes; }

    // Before any block is run.
    void fill_shared(char *shared) const {
        if (!repeated) return;
        const index size = size_of(repeated), channels = nest.shape[last];
        move_tile({nest.data[repeated], 0, nest.strides[repeated][last]}, {shared, channels * size, size}, 1, channels, size);
        const index bytes = repeats * channels * size;
        for (index filled = channels * size; filled < bytes; filled *= 2)
            std::memcpy(shared + filled, shared, static_cast<std::size_t>(least(filled, bytes - filled)));
    }

    void run(index number, char *shared, char *memory) const {
        workspace *const work = reinterpret_cast<workspace *>(memory);
        loop_nest block = nest;
        const index part = number % (parts[0] * parts[1]);
        index at = number / (parts[0] * parts[1]);
        for (int i = last - 2; i >= 0; --i)
            if (i != rows) {
                narrow(block, i, at % nest.shape[i], 1);
                at /= nest.shape[i];
            }
        if (rows >= 0) narrow(block, rows, part / parts[1] * extents[0], extents[0]);
        narrow(block, last - 1, part % parts[1] * extents[1], extents[1]);
        if (repeated) return run_repeated(block, shared, work);
        for (int k = 1; k < nest.operands; ++k)
            if (is_packed[k]) pack(block, k, memory + sizeof(workspace) + place[k], work);
        run_tiles(block, steps, stream, work);
    }

private:
    // The axis that an input has its runs along, where that is neither of the last two, and no pixel is a line.
    int axis_of_far_runs(int k) const {
        if (last < 2 || magnitude(nest.strides[k][last - 1]) < 16) return -1;
        if (magnitude(nest.strides[k][last]) == size_of(k) && nest.shape[last] * size_of(k) >= line_bytes) return -1;
        int best = -1;
        for (int i = 0; i < last - 1; ++i) {
            const index along = magnitude(nest.strides[k][i]);
            if (along != 0 && along < magnitude(nest.strides[k][last - 1]) && nest.shape[i] >= 8 &&
                (best < 0 || along < magnitude(nest.strides[k][best])))
                best = i;
        }
        return best;
    }

    // Whether an input is the same pixel everywhere, and all others have one pixel after the other.
    bool is_one_pixel(int k) const {
        if (last < 1 || nest.strides[k][last] == 0 || nest.shape[last - 1] < 16) return false;
        for (int i = 0; i < last; ++i)
            if (nest.strides[k][i] != 0) return false;
        for (int other = 0; other < nest.operands; ++other)
            if (other != k && nest.strides[other][last - 1] != nest.strides[other][last] * nest.shape[last]) return false;
        return true;
    }

    index size_of(int k) const { return itemsize_of(steps.in_type[k - 1]); }

    void cut(index most_rows, index elements) {
        extents[0] = rows < 0 ? 1 : least(even_part(nest.shape[rows], most_rows), nest.shape[rows]);
        extents[1] = least(even_part(nest.shape[last - 1], at_least_one(elements / (nest.shape[last] * extents[0]))), nest.shape[last - 1]);
        parts[0] = rows < 0 ? 1 : (nest.shape[rows] + extents[0] - 1) / extents[0];
        parts[1] = (nest.shape[last - 1] + extents[1] - 1) / extents[1];
        for (int i = 0; i < last - 1; ++i)
            if (i != rows) outer *= nest.shape[i];
    }

    // Some lines of the input long, so that what is read of each is soon read whole.
    void cut_packed(int threads) {
        index size = 1, along = 1, elements = 1;
        for (int k = 1; k < nest.operands; ++k)
            if (is_packed[k]) {
                if (size_of(k) > size) size = size_of(k);
                if (magnitude(nest.strides[k][across]) > along) along = magnitude(nest.strides[k][across]);
            }
        for (int i = 0; i <= last; ++i) elements *= nest.shape[i];
        // Some for every thread.
        const index share = elements * size / (4 * threads);
        const index bytes = share < smallest_block ? smallest_block : least(share, largest_block), run = bytes / 1024 / along;
        rows = across;
        cut(run < 8 ? 8 : run, bytes / size);
        for (int k = 1; k < nest.operands; ++k)
            if (is_packed[k]) {
                place[k] = packed_bytes;
                packed_bytes += whole_lines(extents[0] * extents[1] * nest.shape[last] * size_of(k));
            }
    }

    void cut_repeated() {
        const index channels = nest.shape[last], fitting = repeated_bytes / (channels * size_of(repeated));  // 8 and more
        repeats = least(fitting < 16 ? 8 : fitting / 16 * 16, nest.shape[last - 1]);
        rows = last - 2;
        cut(at_least_one(elements_of_block / (nest.shape[last - 1] * channels)), elements_of_block);
    }

    // Leaves `count` of an axis, or what is left of them there, from `first` on.
    static void narrow(loop_nest &block, int axis, index first, index count) {
        for (int k = 0; k < block.operands; ++k) block.data[k] += first * block.strides[k][axis];
        block.shape[axis] = least(count, block.shape[axis] - first);
    }

    static void run_tiles(loop_nest &block, const element_steps &steps, bool stream, workspace *work) {
        fuse_loops(block);
        const elementwise operation(block, steps, stream);
        operation.run_tiles(0, operation.tiles(), work);
    }

    // The last two axes, which are one of all other operands, as rows that are as long as the run, and what is left.
    void run_repeated(const loop_nest &block, char *shared, workspace *work) const {
        const index channels = block.shape[last], pixels = block.shape[last - 1], whole = pixels / repeats * repeats;
        for (const index count : {repeats, pixels - whole}) {
            loop_nest rows_of_runs = block;
            if (count == repeats)
                narrow(rows_of_runs, last - 1, 0, whole);
            else
                narrow(rows_of_runs, last - 1, whole, count);
            if (rows_of_runs.shape[last - 1] == 0) continue;
            rows_of_runs.shape[last - 1] /= count;
            rows_of_runs.shape[last] = count * channels;
            for (int k = 0; k < nest.operands; ++k) rows_of_runs.strides[k][last - 1] *= count;
            rows_of_runs.data[repeated] = shared;
            rows_of_runs.strides[repeated][last] = size_of(repeated);
            run_tiles(rows_of_runs, steps, stream, work);
        }
    }

    // Copies input k, and sets the block's operand to the copy. Channels that are neighbours stay so; others become planes.
    void pack(loop_nest &block, int k, char *to, workspace *work) const {
        const index size = size_of(k);
        const bool pixels = nest.strides[k][last] == size;
        const int order[3] = {pixels ? across : last, pixels ? last - 1 : across, pixels ? last : last - 1};
        loop_nest copied{};
        copied.operands = 2;
        copied.ndim = 3;
        copied.data[0] = to;
        copied.data[1] = block.data[k];
        index pitch = size;
        for (int i = 2; i >= 0; --i) {
            index &stride = block.strides[k][order[i]];
            copied.shape[i] = stride == 0 ? 1 : block.shape[order[i]];  // one for all
            copied.strides[0][i] = pitch;
            copied.strides[1][i] = stride;
            if (stride != 0) stride = pitch;
            pitch *= copied.shape[i];
        }
        block.data[k] = to;
        element_steps move{};
        move.out_type = move.in_type[0] = steps.in_type[k - 1];
        move.computed_itemsize = size;
        fuse_loops(copied);
        run_along_transposed(copied);
        join_neighbors(copied, move);
        run_tiles(copied, move, false, work);
    }

    const loop_nest &nest;
    const element_steps &steps;
    bool stream;
    int last, across = -1, repeated = 0, rows = -1;  // rows: the axis of a block's rows
    bool is_packed[max_operands] = {};
    index extents[2] = {}, parts[2] = {}, outer = 1;  // along the rows and the axis before the last
    index place[max_operands] = {}, packed_bytes = 0, repeats = 0;
};

status run_in_blocks(const call &settings, const blocks &operation) {
    const loop what = {operation.count(), operation.nanoseconds()};
    const index shared = operation.shared_bytes(), bytes = operation.bytes_of_worker();
    const scratch memory(shared + workers_for(settings, what) * bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    char *const workers = memory.data() + shared;
    operation.fill_shared(memory.data());
    return parallel_for(settings, what, [&](index begin, index end, int worker) {
        for (index i = begin; i < end; ++i) operation.run(i, memory.data(), workers + worker * bytes);
    });
}

status run_in_tiles(const call &settings, const loop_nest &nest, const element_steps &steps, bool stream) {
    const elementwise operation(nest, steps, stream);
    const loop what = {operation.tiles(), operation.nanoseconds_per_tile()};
    const index workers = operation.needs_workspace() ? workers_for(settings, what) : 0;
    const scratch memory(workers * static_cast<index>(sizeof(workspace)));
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    workspace *const work = reinterpret_cast<workspace *>(memory.data());
    return parallel_for(settings, what, [&](index begin, index end, int worker) { operation.run_tiles(begin, end, work + worker); });
}

}  // namespace

status run_elementwise(const call &settings, const loop_nest &nest, const element_steps &steps, bool stream) {
    if (nest.ndim == 1) return run_in_tiles(settings, nest, steps, stream);
    loop_nest items = nest;
    element_steps item_steps = steps;
    if (is_move(steps)) join_neighbors(items, item_steps);
    const blocks packing(items, item_steps, stream, settings.threads);
    return packing.needed() ? run_in_blocks(settings, packing) : run_in_tiles(settings, items, item_steps, stream);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
