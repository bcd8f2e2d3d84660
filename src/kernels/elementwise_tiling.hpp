// How the loop nest of an elementwise operation is cut into tiles, and tiles into steps: what for, see elementwise.hpp.
#pragma once
#include "core/dtype.hpp"
#include "core/machine.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/pack.hpp"
#include "kernels/transpose.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// One step's worth of elements fits into half a buffer, so that the buffers of one step together stay within the
// first-level caches. Only transposes, which use few buffers, fill them: longer pieces of the input lines are worth 1.1
// times for float32 and 1.3 times for uint8.
constexpr index step_bytes = 8192, transpose_bytes = 16384;
struct alignas(64) buffer {
    char bytes[transpose_bytes];
};

// What a worker computes in. It is scratch memory and no local variable: a host may give our threads small stacks.
struct workspace {
    buffer packed[2], widened[2], combined, spread;
};

// Results that are streamed go through smaller buffers, so that the reads of one step run beside the streaming
// stores of the step before: a + b of 16 M float64 takes 11.0 ms with steps of 8192 bytes, 9.1 ms with these. So do elements that lie
// apart, where memory is the limit: casts of every second one take 0.65 to 0.9 of the time past the caches (and 1.05 to 1.7 within them),
// sums 0.7 to 0.9 from half of the caches' size on.
constexpr index streamed_bytes = 2048;

// Rows shorter than this are not worth a call each: the tile is packed and treated as one run.
constexpr index shortest_row = 32;
// What threads share the work by: elements, and bytes of runs that are combined, or moved, without a buffer between. Each piece of that has a
// beginning and an end that cost more than the rest of a line: in pieces of 32768 bytes copies of 1 MB take 1.06 times as long, sums of
// 100 000 uint8 1.17 times.
constexpr index largest_tile = 32768, largest_run = 262144, largest_move = 524288;

// Transposes of arrays that pass the caches go in steps of one line of the output by this many elements, and the lines of the next step
// are asked for before this one is computed: the processor itself foresees long runs alone. Together with stores past the caches from
// registers (stream_transposed) 2000 x 2000 float64 take 0.55 of the time of larger steps through buffers: a.T + 3, a + b.T, copies of a.T.
constexpr index step_lines = 64;

// Where one operand lies transposed beside one that does not, and memory is the limit, strips as high as a line of that operand are asked
// for one strip ahead (of 2000 x 2000 float64, a.T + b takes 0.7 of the time of tiles), and are so long that the second-level cache keeps
// two.
constexpr index strip_lines = 2048;
// Lines of that operand that push each other out of the cache are copied first, so many at once.
constexpr index copied_lines = 128;

// The rows of a tile: row r begins at data + r * pitch; `single` rows are one element that counts for all.
struct rows_of {
    const char *data;
    index pitch;
    bool single;
};

// How the loop nest is cut into tiles, and tiles into steps. Columns run along the runs that are computed, rows along
// another dimension. The runs follow the output's smallest stride, but for a turned nest: there every input is denser
// along another axis, the runs follow that one, and the results are transposed on their way out.
struct tiling {
    int column_axis, row_axis;  // row_axis is -1 when the nest has one dimension
    index columns, rows;        // extents of the two axes
    index tile_columns, tile_rows;
    index step_columns, step_rows;
    index column_shift, row_shift;  // elements before the first whole tile, so that tiles begin on the output's cache lines
    index column_tiles, row_tiles, outer;
    bool turned;
    bool rows_first;   // consecutive tiles follow the rows: where only some inputs are denser along them
    bool ahead;        // the lines of a step are asked for during the step before
    index rows_ahead;  // steps are asked for so many rows before they are computed: where rows lie apart; or 0
    int beside;        // the operand that lies transposed beside one that does not, where both are combined in registers; or 0
    bool strips;       // then: tiles are strips, see strip_lines
};

index least(index a, index b) { return a < b ? a : b; }
// Of 3 bytes, 64 elements in 3 lines.
index elements_of_whole_lines(index itemsize) {
    const index common = itemsize & -itemsize;
    return common < line_bytes ? line_bytes / common : 1;
}
index at_least_one(index a) { return a > 1 ? a : 1; }
// Of an extent that is cut into parts of at most `most`: what makes them equal, but for whole blocks of 8.
index even_part(index extent, index most) {
    const index parts = (extent + most - 1) / most;
    return parts > 1 ? least(most, ((extent + parts - 1) / parts + 7) / 8 * 8) : most;
}

// A loop nest, and how it is cut.
class tiled_nest {
public:
    tiled_nest(const loop_nest &nest_, const element_steps &steps_, bool stream_) : nest(nest_), steps(steps_), stream(stream_) {
        for (int k = 0; k < nest.operands; ++k) {
            const dtype type = k > 0 ? steps.in_type[k - 1] : steps.out_type;
            itemsize[k] = steps.item_bytes ? steps.item_bytes : itemsize_of(type);
            aligned[k] = is_real(type) || is_aligned(k, alignment_of(type));
        }
        in_steps = steps.combine[0] || steps.narrow[0];
        cut();
        if (stream && line_bytes % itemsize[0] != 0) stream = false;
        if (stream && (t.turned || t.ahead || t.beside)) stream = lines_are_whole();
        // Lines of a power-of-two pitch share a few places of the cache: an unfinished one would be gone when the next
        // piece of it comes.
        const bool pieces = t.turned && itemsize[0] < 8 && nest.strides[0][t.column_axis] % 4096 == 0;
        buffered = pieces || (stream && nest.strides[0][nest.ndim - 1] == itemsize[0]);
        streams_runs = stream && buffered && stores_runs() && !t.turned && !t.beside && !t.ahead && t.tile_rows == 1;
    }

    index tiles() const { return t.outer * t.column_tiles * t.row_tiles; }

    double nanoseconds_per_tile() const {
        double bytes = 0;
        for (int k = 0; k < nest.operands; ++k) bytes += static_cast<double>(itemsize[k]);
        const double elements = static_cast<double>(t.tile_columns < t.columns ? t.tile_columns : t.columns) *
                                static_cast<double>(t.tile_rows);
        return elements * (0.04 * bytes + steps.nanoseconds) + 20;
    }

    // Runs that are computed where they lie need none.
    bool needs_workspace() const { return !(plain_move() || where_they_lie); }

protected:
    bool plain_move() const { return !in_steps && !buffered; }

    bool is_aligned(int k, index alignment) const {
        std::uintptr_t bits = reinterpret_cast<std::uintptr_t>(nest.data[k]);
        for (int i = 0; i < nest.ndim; ++i) bits |= static_cast<std::uintptr_t>(nest.strides[k][i]);
        return bits % static_cast<std::uintptr_t>(alignment) == 0;
    }

    bool contiguous(int k) const { return nest.strides[k][t.column_axis] == itemsize[k]; }

    // The axis along which some input is much denser than along the columns; -1 when there is none. Strides within a
    // cache line, and axes of a few elements (the channels of a pixel), are better read column after column.
    int transposed_axis() const {
        const int last = nest.ndim - 1;
        for (int k = 1; k < nest.operands; ++k) {
            const index across = magnitude(nest.strides[k][last]);
            if (across < 64) continue;
            int best = -1;
            for (int i = 0; i < last; ++i) {
                const index along = magnitude(nest.strides[k][i]);
                if (along != 0 && along < across && nest.shape[i] >= 8 && (best < 0 || along < magnitude(nest.strides[k][best]))) best = i;
            }
            if (best >= 0) return best;
        }
        return -1;
    }

    // Whether every input is at least as dense along the axis as along the output's runs.
    bool all_denser_along(int axis) const {
        for (int k = 1; k < nest.operands; ++k)
            if (magnitude(nest.strides[k][axis]) > magnitude(nest.strides[k][nest.ndim - 1])) return false;
        return true;
    }

    // Whether the steps of a transpose, which begin on a line of the output in one row, do so in all.
    bool lines_are_whole() const {
        const index pitch = nest.strides[0][t.turned ? t.column_axis : t.row_axis];
        return pitch % line_bytes == 0 && reinterpret_cast<std::uintptr_t>(nest.data[0]) % static_cast<std::uintptr_t>(itemsize[0]) == 0;
    }

    // Whether the operands, each element counted once, pass the caches.
    bool is_large(index least_bytes = streaming_threshold()) const {
        index bytes = 0;
        for (int k = 0; k < nest.operands; ++k) {
            index own = itemsize[k];
            for (int i = 0; i < nest.ndim; ++i)
                if (nest.strides[k][i] != 0) own *= nest.shape[i];
            bytes += own;
        }
        return bytes >= least_bytes;
    }

    // Whether there are gaps between the elements of some operand.
    bool some_apart() const {
        for (int k = 0; k < nest.operands; ++k)
            if (magnitude(nest.strides[k][t.column_axis]) >= 2 * itemsize[k]) return true;
        return false;
    }

    // Whether elements that lie apart are combined without packing them: where nothing is converted, and the results stay in the caches.
    bool computes_in_strides() const {
        if (stream || !steps.combine_strided || steps.widen[0] || steps.widen[1] || steps.narrow[0] || t.columns < shortest_row)
            return false;
        for (int k = 0; k < nest.operands; ++k)
            if (!aligned[k]) return false;
        return some_apart();
    }

    // The operand, of two, that is contiguous down the columns, where all else is contiguous along the rows and nothing is converted.
    int transposed_beside_dense() const {
        if (!steps.combine_transposed || steps.widen[0] || steps.widen[1] || steps.narrow[0] || !contiguous(0)) return 0;
        for (int k = 1; k <= 2; ++k) {
            if (!contiguous(3 - k) || nest.strides[k][t.row_axis] != itemsize[k]) continue;
            // Lines that push each other out of the cache are copied first. Without AVX-512, or of 8 bytes, that takes 1.05 to 1.4 times
            // as long as to do so through buffers.
            const bool pays = !lines_are_few(k) || (vector_bytes == line_bytes && itemsize[0] < 8);
            return pays || is_large() ? k : 0;
        }
        return 0;
    }

    bool lines_are_few(int k) const { return lines_kept(nest.strides[k][t.column_axis]) < step_lines; }

    // Whether the rows are the channels of an input's pixels: read row by row, each line of memory would be
    // read for each channel (480 x 640 x 3 to planes: float64 in 0.44, float32 in 0.7 of the time).
    bool takes_pixels_apart() const {
        if (t.row_axis < 0 || t.rows > 16) return false;
        for (int k = 1; k < nest.operands; ++k) {
            const index channel = magnitude(nest.strides[k][t.row_axis]), pixel = magnitude(nest.strides[k][t.column_axis]);
            if (channel == itemsize[k] && pixel >= channel * t.rows && pixel < line_bytes) return true;
        }
        return false;
    }

    bool some_rows_apart() const {
        if (t.row_axis < 0) return false;
        for (int k = 1; k < nest.operands; ++k)
            if (contiguous(k) && rows_lie_apart(nest.strides[k][t.row_axis], t.columns * itemsize[k], !in_steps)) return true;
        return false;
    }

    // Whether the next row begins where this one ends, which the processor foresees, or is the same.
    bool goes_on(int k) const {
        const index pitch = nest.strides[k][t.row_axis];
        return pitch == 0 || (contiguous(k) && pitch == t.columns * itemsize[k]);
    }

    // Whether few elements are on a line, and lines pass the caches. Read in vectors, those of a line at once, the processor foresees them or
    // not, by where the operands lie: packed one by one, casts of every second float64, of every third float32 take 0.55 to 1.05 of the time.
    bool lie_far(int k) const {
        const index stride = magnitude(nest.strides[k][t.column_axis]);
        return stride >= 12 && stride >= 2 * itemsize[k] && (itemsize[k] == 4 || itemsize[k] == 8) && is_large();
    }

    // Whether results are runs that are stored once, after at most one conversion.
    bool stores_runs() const {
        if (steps.widen[0] || steps.widen[1] || steps.narrow[1] || (steps.combine[0] && steps.narrow[0]) || !contiguous(0)) return false;
        for (int k = 0; k < nest.operands; ++k)
            if (!aligned[k]) return false;
        return !(steps.combine[0] && nest.strides[1][t.column_axis] == 0 && nest.strides[2][t.column_axis] == 0);
    }

    bool some_rows_mirrored() const {
        if (t.row_axis < 0) return false;
        for (int k = 1; k < nest.operands; ++k)
            if (rows_are_mirrored(nest.strides[k][t.column_axis], itemsize[k], t.columns, !steps.combine[0])) return true;
        return false;
    }

    // By how much tiles of this extent begin earlier, so that all but the first begin on a cache line of the output.
    index shift_of(index extent, int k = 0) const {
        return static_cast<index>(reinterpret_cast<std::uintptr_t>(nest.data[k]) % line_bytes) / itemsize[k] % extent;
    }

    void cut() {
        t = {};
        const int last = nest.ndim - 1, transposed = transposed_axis();
        t.turned = transposed >= 0 && all_denser_along(transposed);
        // The planes of a few channels are long runs. From half of the caches' size on steps of step_lines would take up to 2 times as long.
        t.ahead = transposed >= 0 && nest.shape[last] >= 8 && is_large(streaming_threshold() / 4 * 3);
        t.column_axis = t.turned ? transposed : last;
        t.row_axis = t.turned ? last : transposed >= 0 ? transposed : last - 1;
        t.columns = nest.shape[t.column_axis];
        t.rows = t.row_axis >= 0 ? nest.shape[t.row_axis] : 1;

        t.beside = transposed >= 0 && !t.turned ? transposed_beside_dense() : 0;
        t.strips = t.beside && is_large();
        if (t.beside) t.ahead = false;
        t.rows_first = transposed >= 0 && !t.turned && !t.ahead && !t.strips;

        const bool rows_apart = transposed < 0 && is_large() && (some_rows_apart() || some_rows_mirrored());

        in_strides = transposed < 0 && computes_in_strides();
        strided_ahead = in_strides && is_large(streaming_threshold() / 2) ? 2048 : 0;
        bool in_place = !steps.narrow[1], runs = true;
        index widest = steps.computed_itemsize > itemsize[0] ? steps.computed_itemsize : itemsize[0];
        // Of what turned nests hold in buffers. Inputs that are used where they lie are packed in short steps alone, which fit.
        static_assert(line_bytes * shortest_row * 8 <= transpose_bytes);
        index held = itemsize[0] > steps.between_itemsize ? itemsize[0] : steps.between_itemsize;
        for (int k = 0; k < nest.operands; ++k) {
            by_elements[k] = transposed < 0 && lie_far(k);
            if (itemsize[k] > widest) widest = itemsize[k];
            if (steps.combine[0] || !aligned[k] || !contiguous(k)) held = widest;
            if (!in_strides && (!aligned[k] || !(contiguous(k) || nest.strides[k][t.column_axis] == 0))) in_place = false;
            if (k > 0 && steps.widen[k - 1]) in_place = false;
            if (!in_strides && !contiguous(k)) runs = false;
        }
        if (steps.combine[0] && steps.narrow[0]) in_place = false;
        const bool waits = some_apart() && is_large(steps.combine[0] ? streaming_threshold() / 2 : streaming_threshold());
        const index most = stream || waits ? streamed_bytes : step_bytes;
        const index line = elements_of_whole_lines(itemsize[0]);
        if (t.beside) {
            // What is copied first has longer rows: shorter ones take 1.2 to 1.5 times as long.
            const bool copied = !t.strips && lines_are_few(t.beside);
            t.step_rows = t.strips ? line : copied ? 4 * line : transpose_bytes / widest / (2 * line);
            t.step_columns = least(t.columns, t.strips ? transpose_bytes / widest / line : copied ? copied_lines : 2 * line);
            t.tile_columns = t.strips ? strip_lines : t.step_columns;
            t.tile_rows = t.strips ? t.step_rows : largest_tile / t.tile_columns / t.step_rows * t.step_rows;
        } else if (t.ahead) {
            t.tile_rows = t.step_rows = least(t.rows, line);
            t.step_columns = least(step_lines, transpose_bytes / widest / t.step_rows);
            t.tile_columns = largest_tile / t.tile_rows / step_lines * step_lines;
        } else if (t.turned) {
            // Strips of whole output lines: each input line along the strip is read once, in one go. Equal steps leave no short one,
            // which would be packed: 1.18 times for 150 x 150 float64 to float32.
            t.tile_rows = t.step_rows = least(t.rows, line > 16 ? line : 16);
            t.step_columns = even_part(t.columns, at_least_one(transpose_bytes / held / t.step_rows / 8 * 8));
            t.tile_columns = largest_tile / t.tile_rows / t.step_columns * t.step_columns;
        } else if (t.rows_first) {
            // Half as long runs take 1.1 to 1.5 times as long, as do half as large steps.
            t.tile_columns = t.step_columns = least(t.columns, 512 / widest);
            t.step_rows = at_least_one(transpose_bytes / widest / t.step_columns / 8 * 8);
            t.tile_rows = largest_tile / t.tile_columns / t.step_rows * t.step_rows;
        } else if (takes_pixels_apart()) {
            t.tile_rows = t.step_rows = t.rows;
            t.step_columns = at_least_one(transpose_bytes / widest / t.rows / 8 * 8);
            t.tile_columns = largest_tile / t.rows / t.step_columns * t.step_columns;
        } else if (t.columns * 2 > most / widest) {
            const index run = in_place && runs ? largest_run / widest : largest_tile;
            t.tile_columns = least(t.columns, in_steps ? run : largest_move / widest);
            const bool whole_rows = in_place && !stream && !rows_apart;
            t.step_columns = whole_rows ? t.tile_columns : most / widest;
            t.tile_rows = t.step_rows = whole_rows ? at_least_one(largest_tile / t.tile_columns) : 1;
        } else {
            t.tile_columns = t.step_columns = t.columns;
            t.step_rows = most / widest / t.columns;
            const bool moved = !in_steps && !stream && !rows_apart;
            t.tile_rows = (moved ? largest_move / widest : largest_tile) / t.tile_columns / t.step_rows * t.step_rows;
            if (moved || (in_place && !stream && t.columns >= shortest_row)) t.step_rows = t.tile_rows;
        }
        if (rows_apart) t.rows_ahead = t.step_rows * rows_asked_ahead(t.columns * widest * t.step_rows);
        where_they_lie = in_place && runs && !stream && !t.turned && (t.step_rows == 1 || t.columns >= shortest_row);
        t.tile_rows = least(t.tile_rows, t.rows);
        t.tile_columns = least(t.tile_columns, t.columns);
        if (t.turned && t.tile_rows < t.rows)
            t.row_shift = shift_of(t.tile_rows);
        else if (!t.turned && t.tile_columns < t.columns && contiguous(0))
            t.column_shift = shift_of(t.tile_columns);
        if ((t.ahead || t.strips) && !t.turned && t.tile_rows < t.rows)
            for (int k = 1; k < nest.operands; ++k)
                if (nest.strides[k][t.row_axis] == itemsize[k]) t.row_shift = shift_of(t.tile_rows, k);
        t.column_tiles = (t.columns + t.column_shift + t.tile_columns - 1) / t.tile_columns;
        t.row_tiles = (t.rows + t.row_shift + t.tile_rows - 1) / t.tile_rows;
        t.outer = 1;
        for (int i = 0; i < nest.ndim; ++i)
            if (i != t.column_axis && i != t.row_axis) t.outer *= nest.shape[i];
    }

    const loop_nest &nest;
    const element_steps &steps;
    bool stream;
    bool in_steps;
    bool in_strides;      // elements that lie apart are combined where they lie
    index strided_ahead;  // and asked for so many bytes before; or 0
    bool where_they_lie;
    bool streams_runs;               // results of whole runs go past the caches
    bool buffered;                   // results are gathered to whole lines before they are stored
    bool aligned[max_operands];      // as the loops over elements need it
    bool by_elements[max_operands];  // is packed without vectors
    index itemsize[max_operands];
    tiling t;
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
