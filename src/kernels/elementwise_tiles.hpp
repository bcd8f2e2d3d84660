// What happens in the tiles of an elementwise operation.
#pragma once
#include "kernels/elementwise_tiling.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

class elementwise : public tiled_nest {
public:
    using tiled_nest::tiled_nest;

    void run_tiles(index begin, index end, workspace *work) const {
        for (index i = begin; i < end; ++i) run_tile(i, work);
        if (stream) stream_fence();
    }

private:
    void run_tile(index number, workspace *work) const {
        index column_tile, row_tile;
        if (t.rows_first) {
            row_tile = number % t.row_tiles;
            number /= t.row_tiles;
            column_tile = number % t.column_tiles;
            number /= t.column_tiles;
        } else {
            column_tile = number % t.column_tiles;
            number /= t.column_tiles;
            row_tile = number % t.row_tiles;
            number /= t.row_tiles;
        }
        index first_column = column_tile * t.tile_columns - t.column_shift, last_column = first_column + t.tile_columns;
        if (first_column < 0) first_column = 0;
        if (last_column > t.columns) last_column = t.columns;
        index first_row = row_tile * t.tile_rows - t.row_shift, last_row = first_row + t.tile_rows;
        if (first_row < 0) first_row = 0;
        if (last_row > t.rows) last_row = t.rows;

        tile tiles_of[max_operands];
        for (int k = 0; k < nest.operands; ++k) {
            const index row_stride = t.row_axis >= 0 ? nest.strides[k][t.row_axis] : 0;
            tiles_of[k] = {nest.data[k] + first_column * nest.strides[k][t.column_axis] + first_row * row_stride, row_stride,
                           nest.strides[k][t.column_axis]};
        }
        for (int i = nest.ndim - 1; i >= 0 && number > 0; --i) {
            if (i == t.column_axis || i == t.row_axis) continue;
            const index at = number % nest.shape[i];
            number /= nest.shape[i];
            for (int k = 0; k < nest.operands; ++k) tiles_of[k].data += at * nest.strides[k][i];
        }
        run_steps(tiles_of, last_row - first_row, last_column - first_column, work);
    }

    void run_steps(const tile *tiles_of, index rows, index columns, workspace *work) const {
        if (streams_runs) return stream_run(tiles_of, columns, work);
        for (index i = 0; i < rows; i += t.step_rows) {
            const index step_rows = least(t.step_rows, rows - i);
            index first_columns = t.step_columns;
            if (stream && columns > t.step_columns && contiguous(0)) {
                // All steps but the first begin on a cache line.
                const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(tiles_of[0].data + i * tiles_of[0].row_stride);
                first_columns -= static_cast<index>(start % 64) / itemsize[0];
            }
            for (index j = 0, step_columns = first_columns; j < columns; j += step_columns, step_columns = t.step_columns) {
                tile at[max_operands];
                for (int k = 0; k < nest.operands; ++k) {
                    at[k] = tiles_of[k];
                    at[k].data += i * at[k].row_stride + j * at[k].column_stride;
                }
                const index next = j + step_columns;
                if (t.ahead && next < columns) ask_for(at, 0, step_columns, step_rows, least(t.step_columns, columns - next));
                if (t.rows_ahead) ask_for(at, t.rows_ahead, 0, step_rows, least(step_columns, columns - j));
                compute(at, step_rows, least(step_columns, columns - j), work);
            }
        }
    }

    // One run past the caches. There is little between two steps, for which the reads of the next one would wait: a + b of 1 M float64
    // takes 0.8 of the time of steps as above, of rows that lie apart or are mirrored 0.8 to 0.95.
    void stream_run(const tile *tiles_of, index columns, workspace *work) const {
        const tile &out = tiles_of[0], &a = tiles_of[1], &b = tiles_of[nest.operands - 1];
        const binary_function operation = steps.combine[a.column_stride == 0 ? 1 : b.column_stride == 0 ? 2 : 0];
        // All steps but the first begin on a cache line. Runs that are streamed, and so steps, are longer than one (core/streaming.hpp).
        index count = t.step_columns - static_cast<index>(reinterpret_cast<std::uintptr_t>(out.data) % line_bytes) / itemsize[0];
        for (index j = 0; j < columns; j += count, count = t.step_columns) {
            count = least(count, columns - j);
            if (t.rows_ahead) ask_for(tiles_of, t.rows_ahead, j, 1, count);
            const auto run_of = [&](int k, const tile &from) -> const char * {
                char *const at = from.data + j * from.column_stride, *const packed = work->packed[k - 1].bytes;
                if (from.column_stride == itemsize[k] || (from.column_stride == 0 && operation)) return at;
                pack(k, {at, 0, from.column_stride}, packed, 1, count);
                return packed;
            };
            const char *results = run_of(1, a);
            if (operation) {
                operation(results, run_of(2, b), work->combined.bytes, count);
                results = work->combined.bytes;
            } else if (steps.narrow[0]) {
                steps.narrow[0](results, work->combined.bytes, count);
                results = work->combined.bytes;
            }
            stream_bytes(results, out.data + j * itemsize[0], count * itemsize[0]);
        }
    }

    // Asks for the lines of a step that begins some rows or columns after this one; it may be one of another tile.
    void ask_for(const tile *current, index rows_on, index columns_on, index rows, index columns) const {
        for (int k = stream ? 1 : 0; k < nest.operands; ++k) {
            if (rows_on > 0 && goes_on(k)) continue;
            tile next = current[k];
            next.data += rows_on * next.row_stride + columns_on * next.column_stride;
            prefetch_tile(next, rows, columns, itemsize[k]);
        }
    }

    void pack(int k, const tile &source, char *packed, index rows, index columns) const {
        const index size = itemsize[k];
        (by_elements[k] ? move_elements : move_tile)(source, {packed, columns * size, size}, rows, columns, size);
    }

    bool usable_in_place(int k, const tile &source, index rows, index columns) const {
        if (!aligned[k] || source.column_stride != itemsize[k]) return false;
        return rows == 1 || columns >= shortest_row || source.row_stride == columns * itemsize[k];
    }

    // The input as aligned rows of computed elements.
    rows_of fetch(int k, const tile &source, index rows, index columns, buffer &packed, buffer &widened) const {
        const index size = itemsize[k];
        rows_of r;
        if (steps.combine[0] && source.column_stride == 0 && columns >= shortest_row) {
            r = {source.data, source.row_stride, true};
            if (!aligned[k] || steps.widen[k - 1]) {
                move_tile(source, {packed.bytes, size, size}, rows, 1, size);
                r = {packed.bytes, size, true};
            }
        } else if (usable_in_place(k, source, rows, columns)) {
            r = {source.data, source.row_stride, false};
        } else {
            pack(k, source, packed.bytes, rows, columns);
            r = {packed.bytes, columns * size, false};
        }
        if (convert_function widen = steps.widen[k - 1]) {
            const index count = r.single ? 1 : columns, pitch = count * steps.computed_itemsize;
            if (r.pitch == count * size || rows == 1)
                widen(r.data, widened.bytes, rows * count);
            else
                for (index i = 0; i < rows; ++i) widen(r.data + i * r.pitch, widened.bytes + i * pitch, count);
            r = {widened.bytes, pitch, r.single};
        }
        return r;
    }

    void combine(const rows_of &a, const rows_of &b, char *out, index out_pitch, index rows, index columns, buffer &spread) const {
        const index dense = columns * steps.computed_itemsize;
        if (!a.single && !b.single && a.pitch == dense && b.pitch == dense && out_pitch == dense)
            return steps.combine[0](a.data, b.data, out, rows * columns);
        for (index i = 0; i < rows; ++i) {
            const char *left = a.data + i * a.pitch, *right = b.data + i * b.pitch;
            char *result = out + i * out_pitch;
            if (a.single && b.single) {  // the second is spread over a run
                constexpr index part = 256;
                for (index j = 0; j < columns; j += part) {
                    const index count = columns - j < part ? columns - j : part;
                    move_tile({const_cast<char *>(right), 0, 0}, {spread.bytes, dense, steps.computed_itemsize}, 1, count,
                              steps.computed_itemsize);
                    steps.combine[1](left, spread.bytes, result + j * steps.computed_itemsize, count);
                }
            } else {
                steps.combine[a.single ? 1 : b.single ? 2 : 0](left, right, result, columns);
            }
        }
    }

    // Whole blocks in registers. The last ones repeat what others did already, where no operand changes by that; else what is left goes
    // through buffers, as tiles do that are less than a block.
    void compute_beside(const tile *tiles_of, index rows, index columns, workspace *work) const {
        const tile &out = tiles_of[0], &other = tiles_of[3 - t.beside];
        const index width = vector_bytes / itemsize[0], side = lane_bytes / itemsize[0];
        if (columns < width || rows < side) return compute_in_buffers(tiles_of, rows, columns, work);
        const index right = columns / width * width, below = rows / side * side;
        tile lying = tiles_of[t.beside];
        if (!t.strips && lines_are_few(t.beside)) {
            // The whole workspace: nothing else is in use.
            static_assert(copied_lines * (4 * line_bytes + line_bytes) <= static_cast<index>(sizeof(workspace)));
            char *const copy = reinterpret_cast<char *>(work);
            const index pitch = rows * itemsize[0] + line_bytes;
            move_tile({lying.data, lying.column_stride, itemsize[0]}, {copy, pitch, itemsize[0]}, columns, rows, itemsize[0]);
            lying = {copy, itemsize[0], pitch};
        }
        const auto part_of = [](const tile &whole, index row, index column) {
            return tile{whole.data + row * whole.row_stride + column * whole.column_stride, whole.row_stride, whole.column_stride};
        };
        const auto blocks = [&](index row, index column, index row_count, index column_count) {
            const tile to = part_of(out, row, column);
            const bool lines = reinterpret_cast<std::uintptr_t>(to.data) % line_bytes == 0;
            const transposed_pair pair = {part_of(lying, row, column), part_of(other, row, column), t.beside == 1,
                                          stream && lines && streams_transposed(itemsize[0]), t.strips ? t.step_rows : 0};
            steps.combine_transposed(pair, to, row_count, column_count);
        };
        const auto rest = [&](index row, index column, index row_count, index column_count) {
            tile part[max_operands];
            for (int k = 0; k < nest.operands; ++k) part[k] = part_of(tiles_of[k], row, column);
            compute_in_buffers(part, row_count, column_count, work);
        };
        blocks(0, 0, below, right);
        if (other.data != out.data) {
            if (right < columns) blocks(0, columns - width, below, width);
            if (below < rows) blocks(rows - side, 0, side, right);
            if (right < columns && below < rows) blocks(rows - side, columns - width, side, width);
        } else {
            if (right < columns) rest(0, right, below, columns - right);
            if (below < rows) rest(below, 0, rows - below, columns);
        }
    }

    void compute(const tile *tiles_of, index rows, index columns, workspace *work) const {
        if (t.beside) return compute_beside(tiles_of, rows, columns, work);
        const tile &out = tiles_of[0];
        if (in_strides) {
            const tile &a = tiles_of[1], &b = tiles_of[2];
            for (index i = 0; i < rows; ++i)
                steps.combine_strided(a.data + i * a.row_stride, a.column_stride, b.data + i * b.row_stride, b.column_stride,
                                      out.data + i * out.row_stride, out.column_stride, columns, strided_ahead);
            return;
        }
        if (plain_move()) return move_tile(tiles_of[1], out, rows, columns, itemsize[0]);

        compute_in_buffers(tiles_of, rows, columns, work);
    }

    void compute_in_buffers(const tile *tiles_of, index rows, index columns, workspace *work) const {
        const tile &out = tiles_of[0];
        buffer *const packed = work->packed, *const widened = work->widened;
        rows_of value = fetch(1, tiles_of[1], rows, columns, packed[0], widened[0]);
        const bool direct = !stream && usable_in_place(0, out, rows, columns);
        if (steps.combine[0]) {
            const rows_of other = fetch(2, tiles_of[2], rows, columns, packed[1], widened[1]);
            const bool last = direct && !steps.narrow[0];
            char *target = last ? out.data : work->combined.bytes;
            const index pitch = last ? out.row_stride : columns * steps.computed_itemsize;
            combine(value, other, target, rows == 1 ? columns * steps.computed_itemsize : pitch, rows, columns, work->spread);
            if (last) return;
            value = {target, pitch, false};
        }
        for (int step = 0; step < 2 && steps.narrow[step]; ++step) {
            const bool last = direct && (step == 1 || !steps.narrow[1]);
            const index size = step == 0 && steps.narrow[1] ? steps.between_itemsize : itemsize[0];
            const index from_size = step == 1 ? steps.between_itemsize : steps.combine[0] ? steps.computed_itemsize : itemsize[1];
            char *target = last ? out.data : widened[step].bytes;  // what was widened is combined by now
            const index pitch = last ? out.row_stride : columns * size;
            if (rows == 1 || (value.pitch == columns * from_size && pitch == columns * size))
                steps.narrow[step](value.data, target, rows * columns);
            else
                for (index i = 0; i < rows; ++i) steps.narrow[step](value.data + i * value.pitch, target + i * pitch, columns);
            if (last) return;
            value = {target, pitch, false};
        }
        store_tile({const_cast<char *>(value.data), value.pitch, itemsize[0]}, out, rows, columns, packed[1]);
    }

    // The buffer is free.
    void store_tile(tile from, tile out, index rows, index columns, buffer &whole_rows) const {
        const index size = itemsize[0];
        if (!buffered) return move_tile(from, out, rows, columns, size);
        if (t.turned && stream && stream_transposed(from, out, rows, columns, size)) return;
        if (t.turned) {
            move_tile(from, {whole_rows.bytes, size, rows * size}, rows, columns, size);
            from = {whole_rows.bytes, rows * size, size};
            out = {out.data, out.column_stride, out.row_stride};
            const index turned_columns = rows;
            rows = columns;
            columns = turned_columns;
        }
        if (!stream) return move_tile(from, out, rows, columns, size);
        for (index i = 0; i < rows; ++i) stream_bytes(from.data + i * from.row_stride, out.data + i * out.row_stride, columns * size);
    }
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
