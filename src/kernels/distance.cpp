// Distances in tiles of 64 x 64. Both matrices are packed into panels of 64 rows, one coordinate after the other, so that
// a vector holds one coordinate of several rows. Every element is summed over the coordinates in order, so neither the
// tile nor the block within it changes a bit, and the distance of i from j is that of j from i: of a symmetric result
// the tiles on one side of the diagonal are computed, and written twice.
#include "kernels/distance.hpp"

#include <limits>

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/pack.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index side = 64;
// Columns of a block are so many vectors; so many rows share each vector that is loaded.
constexpr int block_vectors = 2, block_rows = 4;

// ---- Panels -------------------------------------------------------------------------------------------------

// Points in panels. The first one is `shift` points short, so that the others begin where the result has whole cache lines.
struct panels {
    index points, shift;
    index count() const { return (points + shift + side - 1) / side; }
    index first(index panel) const { return panel > 0 ? panel * side - shift : 0; }
    index size(index panel) const {
        const index end = (panel + 1) * side - shift;
        return (end < points ? end : points) - first(panel);
    }
};

// Rows of D coordinates that follow one another. From every second number they are made dense first: 0.7 of the time of 4096 x 3.
template <class T, int D> void pack_dense(const char *from, T *panel) {
    for (index k = 0; k < D; ++k) {
        BYTESTRIDE_INDEPENDENT
        for (index r = 0; r < side; ++r) panel[k * side + r] = load<T>(from + (r * D + k) * static_cast<index>(sizeof(T)));
    }
}

// Rows [first, first + rows) of a matrix as a panel: coordinate k of row r at panel[k * side + r]. Missing rows are 0.
template <class T> void pack_panel(const view &v, index first, index rows, T *panel) {
    constexpr index piece = 16;  // coordinates that are converted together
    alignas(64) char between[side * piece * 8];
    const dtype computed = sizeof(T) == 4 ? dtype::float32 : dtype::float64;
    const convert_function widen = v.type == computed ? nullptr : converter(v.type, computed, cast_rule::wrap);
    const index dimensions = v.shape[1], size = v.itemsize;
    if (!widen && rows == side && dimensions >= 2 && dimensions <= 4 && v.strides[0] == dimensions * v.strides[1]) {
        char *from = v.data + first * v.strides[0];
        if (v.strides[1] != size) {
            move_tile({from, v.strides[0], v.strides[1]}, {between, dimensions * size, size}, rows, dimensions, size);
            from = between;
        }
        // A transpose of so few columns has no vectors; against it these take a third of the time.
        if (dimensions == 2) return pack_dense<T, 2>(from, panel);
        if (dimensions == 3) return pack_dense<T, 3>(from, panel);
        return pack_dense<T, 4>(from, panel);
    }
    if (rows < side) std::memset(panel, 0, static_cast<std::size_t>(side * dimensions) * sizeof(T));
    for (index k = 0; k < dimensions; k += piece) {
        const index count = dimensions - k < piece ? dimensions - k : piece;
        char *to = widen ? between : reinterpret_cast<char *>(panel + k * side);
        const tile from = {v.data + first * v.strides[0] + k * v.strides[1], v.strides[0], v.strides[1]};
        if (widen && rows < side) std::memset(between, 0, static_cast<std::size_t>(side * count * size));
        move_tile(from, {to, size, side * size}, rows, count, size);
        if (widen) widen(between, panel + k * side, side * count);
    }
}

// ---- Blocks -------------------------------------------------------------------------------------------------

template <class T> struct bits_of;
template <> struct bits_of<float> {
    typedef std::int32_t number;
    typedef number type __attribute__((vector_size(vector_bytes)));
};
template <> struct bits_of<double> {
    typedef std::int64_t number;
    typedef number type __attribute__((vector_size(vector_bytes)));
};

template <class T> BYTESTRIDE_INLINE vector<T> magnitude_of(vector<T> value) {
    using bits = typename bits_of<T>::type;
    constexpr auto largest = std::numeric_limits<typename bits_of<T>::number>::max();
    return (vector<T>)((bits)value & largest);
}

// The larger of two magnitudes, or NaN: as bits, magnitudes are in the order of their numbers, and NaN is beyond.
template <class T> BYTESTRIDE_INLINE vector<T> larger_magnitude(vector<T> a, vector<T> b) {
#if defined(__x86_64__) && !defined(__AVX2__)
    if constexpr (sizeof(T) == 8) return ((a >= b) | (a != a)) ? a : b;  // no comparison of 64-bit integers
#endif
    using bits = typename bits_of<T>::type;
    return (vector<T>)((bits)a > (bits)b ? (bits)a : (bits)b);
}

template <class T, int metric> BYTESTRIDE_INLINE vector<T> add_difference(vector<T> sum, vector<T> difference) {
    if constexpr (metric == BYTESTRIDE_METRIC_CITYBLOCK) {
        return sum + magnitude_of<T>(difference);
    } else if constexpr (metric == BYTESTRIDE_METRIC_CHEBYSHEV) {
        return larger_magnitude<T>(sum, magnitude_of<T>(difference));
    } else {
        return fused_lanes(difference, difference, sum);
    }
}

// R rows against block_vectors vectors of columns.
template <class T, int metric, int R> void compute_block(const T *rows, const T *columns, index dimensions, T *out) {
    vector<T> sum[R * block_vectors];
    for_constants<R * block_vectors>([&](auto i) BYTESTRIDE_INLINED { sum[i] = all_lanes(T(0)); });
    for (index k = 0; k < dimensions; ++k) {
        vector<T> column[block_vectors];
        for_constants<block_vectors>([&](auto c) BYTESTRIDE_INLINED { column[c] = load_lanes(columns + k * side + c * lanes<T>); });
        for_constants<R>([&](auto r) BYTESTRIDE_INLINED {
            const vector<T> row = all_lanes(rows[k * side + r]);
            for_constants<block_vectors>([&](auto c) BYTESTRIDE_INLINED {
                constexpr int at = r * block_vectors + c;
                sum[at] = add_difference<T, metric>(sum[at], row - column[c]);
            });
        });
    }
    for_constants<R * block_vectors>([&](auto i) BYTESTRIDE_INLINED {
        vector<T> value = sum[i];
        // Half of the roots by the unit for roots, half beside it: 1.2 times as fast for 3 coordinates.
        if constexpr (metric == BYTESTRIDE_METRIC_EUCLIDEAN) value = i % 2 ? any_root_beside_lanes(value) : root_lanes(value);
        store_lanes(out + i / block_vectors * side + i % block_vectors * lanes<T>, value);
    });
}

template <class T, int metric> void compute_tile(const T *x, const T *y, index rows, index columns, index dimensions, T *out) {
    constexpr index width = block_vectors * lanes<T>;
    for (index j = 0; j < columns; j += width) {
        index i = 0;
        for (; i + block_rows <= rows; i += block_rows) compute_block<T, metric, block_rows>(x + i, y + j, dimensions, out + i * side + j);
        for (; i < rows; ++i) compute_block<T, metric, 1>(x + i, y + j, dimensions, out + i * side + j);
    }
}

template <class T> using tile_function = void (*)(const T *x, const T *y, index rows, index columns, index dimensions, T *out);

template <class T> tile_function<T> tile_function_of(int metric) {
    switch (metric) {
    case BYTESTRIDE_METRIC_SQEUCLIDEAN: return compute_tile<T, BYTESTRIDE_METRIC_SQEUCLIDEAN>;
    case BYTESTRIDE_METRIC_CITYBLOCK: return compute_tile<T, BYTESTRIDE_METRIC_CITYBLOCK>;
    case BYTESTRIDE_METRIC_CHEBYSHEV: return compute_tile<T, BYTESTRIDE_METRIC_CHEBYSHEV>;
    default: return compute_tile<T, BYTESTRIDE_METRIC_EUCLIDEAN>;
    }
}

// ---- Tiles --------------------------------------------------------------------------------------------------

constexpr index turned_rows = 8;

// What a worker needs: the tile as computed, as stored, and some rows of it turned.
struct alignas(64) tile_buffers {
    char computed[side * side * 8], stored[side * side * 8], turned[turned_rows * side * 8];
};

void write_rows(const distances_task &task, const char *values, index pitch, index row, index column, index rows, index columns) {
    const view &out = task.out;
    const index size = out.itemsize;
    char *to = out.data + row * out.strides[0] + column * out.strides[1];
    if (!task.streaming)
        return move_tile({const_cast<char *>(values), pitch, size}, {to, out.strides[0], out.strides[1]}, rows, columns, size);
    for (index r = 0; r < rows; ++r) stream_bytes(values + r * pitch, to + r * out.strides[0], columns * size);
}

// The same values as columns.
void write_turned(const distances_task &task, const char *values, char *turned, index row, index column, index rows, index columns) {
    const view &out = task.out;
    const index size = out.itemsize;
    if (!task.streaming)
        return move_tile({const_cast<char *>(values), size, side * size},
                         {out.data + row * out.strides[0] + column * out.strides[1], out.strides[0], out.strides[1]}, rows, columns, size);
    for (index r = 0; r < rows; r += turned_rows) {
        const index here = rows - r < turned_rows ? rows - r : turned_rows;
        move_tile({const_cast<char *>(values) + r * size, size, side * size}, {turned, side * size, size}, here, columns, size);
        write_rows(task, turned, side * size, row + r, column, here, columns);
    }
}

// A row as a part of task.column.
void write_column(const distances_task &task, const char *values, index first, index count) {
    const index stride = task.column.strides[0];
    char *const to = task.column.data + first * stride;
    const auto write = [&](auto tag) {
        using number = decltype(tag);
        for (index i = 0; i < count; ++i) store(to + i * stride, load<number>(values + i * static_cast<index>(sizeof(number))));
    };
    task.out.itemsize == 4 ? write(float()) : write(double());
}

// The tile at [row, column]; x and y are the panels of its rows and columns.
template <class T> void run_tile(const distances_task &task, tile_function<T> compute, const T *x, const T *y, index row, index column,
                                 index rows, index columns, tile_buffers &b) {
    const index size = task.out.itemsize;
    compute(x, y, rows, columns, task.x.shape[1], reinterpret_cast<T *>(b.computed));
    const char *values = b.computed;
    if (task.computed != task.out.type) {
        converter(task.computed, task.out.type, cast_rule::wrap)(b.computed, b.stored, rows * side);
        values = b.stored;
    }
    write_rows(task, values, side * size, row, column, rows, columns);
    if (task.column.data) write_column(task, values, column, columns);
    if (task.symmetric && row != column) write_turned(task, values, b.turned, column, row, columns, rows);
}

// A tile in new memory may take as long as a chunk should: the system clears it when it is touched.
bool cancelled(const call &settings) { return settings.cancel && __atomic_load_n(settings.cancel, __ATOMIC_RELAXED) != 0; }

double nanoseconds_per_tile(const distances_task &task, index size) {
    const double vector = 1.0 / static_cast<double>(vector_bytes / size);
    const double element = 0.1 + 2 * vector + 0.5 * vector * static_cast<double>(task.x.shape[1]);
    const double rows = static_cast<double>(task.out.shape[0] < side ? task.out.shape[0] : side);
    const double columns = static_cast<double>(task.out.shape[1] < side ? task.out.shape[1] : side);
    return 50 + rows * columns * (task.symmetric ? element + 0.3 : element);
}

// Up to `side` points against many: each panel of the many serves once, so it is packed where it is needed.
template <class T> status run_few(const distances_task &task, tile_function<T> compute) {
    const index panel = side * task.x.shape[1], panel_bytes = whole_lines(panel * static_cast<index>(sizeof(T)));
    const panels columns = {task.y.shape[0], 0};
    const loop tiles = {columns.count(), nanoseconds_per_tile(task, sizeof(T)) + 0.3 * static_cast<double>(panel)};
    const index per_worker = panel_bytes + static_cast<index>(sizeof(tile_buffers));
    index bytes;
    if (__builtin_mul_overflow(index(workers_for(task.settings, tiles)), per_worker, &bytes) ||
        __builtin_add_overflow(bytes, panel_bytes, &bytes))
        return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    T *x = reinterpret_cast<T *>(memory.data());
    pack_panel(task.x, 0, task.x.shape[0], x);
    return parallel_for(task.settings, tiles, [&](index begin, index end, int worker) {
        char *mine = memory.data() + panel_bytes + worker * per_worker;
        T *y = reinterpret_cast<T *>(mine);
        for (index bj = begin; bj < end && !cancelled(task.settings); ++bj) {
            pack_panel(task.y, columns.first(bj), columns.size(bj), y);
            run_tile(task, compute, x, y, 0, columns.first(bj), task.x.shape[0], columns.size(bj),
                     *reinterpret_cast<tile_buffers *>(mine + panel_bytes));
        }
        if (task.streaming) stream_fence();
    });
}

// The shift of the columns' panels for which they begin with whole lines in every row: a line that two tiles share is
// read back from memory.
index shift_to_lines(const distances_task &task) {
    const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(task.out.data);
    const index size = task.out.itemsize;
    if (!task.streaming || task.out.strides[0] % 64 != 0 || address % static_cast<std::uintptr_t>(size) != 0) return 0;
    return static_cast<index>(address & 63) / size;
}

template <class T> status run(const distances_task &task) {
    constexpr index size = sizeof(T);
    const index dimensions = task.x.shape[1], panel = side * dimensions;
    const tile_function<T> compute = tile_function_of<T>(task.metric);
    if (task.x.shape[0] <= side && !task.symmetric) return run_few(task, compute);
    const panels columns = {task.y.shape[0], shift_to_lines(task)}, rows = {task.x.shape[0], task.symmetric ? columns.shift : 0};
    const index x_panels = rows.count(), y_panels = columns.count(), packed = task.symmetric ? x_panels : x_panels + y_panels;
    const loop tiles = {task.symmetric ? x_panels * (x_panels + 1) / 2 : x_panels * y_panels, nanoseconds_per_tile(task, size)};
    const index buffers = workers_for(task.settings, tiles) * static_cast<index>(sizeof(tile_buffers));
    index bytes;
    if (__builtin_mul_overflow(packed * size, panel, &bytes) || __builtin_add_overflow(bytes, buffers, &bytes))
        return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(bytes);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    tile_buffers *of_workers = reinterpret_cast<tile_buffers *>(memory.data());
    T *x = reinterpret_cast<T *>(memory.data() + buffers);
    T *y = task.symmetric ? x : x + x_panels * panel;

    // Packing is no progress that anyone waits for.
    const call quiet = {task.settings.threads, task.settings.cancel, nullptr};
    const loop panels = {packed, 20 + static_cast<double>(panel)};
    const status outcome = parallel_for(quiet, panels, [&](index begin, index end, int) {
        for (index p = begin; p < end; ++p)
            if (p < x_panels)
                pack_panel(task.x, rows.first(p), rows.size(p), x + p * panel);
            else
                pack_panel(task.y, columns.first(p - x_panels), columns.size(p - x_panels), y + (p - x_panels) * panel);
    });
    if (outcome != BYTESTRIDE_OK) return outcome;

    return parallel_for(task.settings, tiles, [&](index begin, index end, int worker) {
        // Tiles follow the rows of the result; of a symmetric one they begin at the diagonal.
        index bi = 0, bj = begin;
        while (bj >= y_panels) {
            ++bi;
            bj -= y_panels - (task.symmetric ? bi : 0);
        }
        for (index t = begin; t < end; ++t) {
            if (cancelled(task.settings)) return;
            run_tile(task, compute, x + bi * panel, y + bj * panel, rows.first(bi), columns.first(bj), rows.size(bi), columns.size(bj),
                     of_workers[worker]);
            if (++bj == y_panels) bj = task.symmetric ? ++bi : (++bi, 0);
        }
        if (task.streaming) stream_fence();
    });
}

}  // namespace

status distances(const distances_task &task) {
    const status outcome = task.computed == dtype::float32 ? run<float>(task) : run<double>(task);
    return outcome == BYTESTRIDE_OK && cancelled(task.settings) ? BYTESTRIDE_ERROR_CANCELLED : outcome;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
