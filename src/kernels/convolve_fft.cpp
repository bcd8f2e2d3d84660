// Large kernels by transforms of overlapping tiles (overlap-save). The last two convolved axes are transformed, the last one alone where
// there is no other; along all further ones, and where a kernel is too long for one tile, spectra are multiplied and summed: each such
// combination of taps is a `plane`. Two real pieces of the result make one complex tile, and as the weights are real, its real part
// is the one's result and its imaginary part the other's. Transforms of one axis do as many pieces at once as a vector has lanes.
//
// Which pieces share a tile, and where pieces begin, follows from shapes alone: no bit depends on threads or strides.
#include "kernels/convolve_fft_plan.hpp"
#include "kernels/convolve_transform.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Fewer taps are summed directly: that is faster, and their bound of (K + 2) u could not be kept.
constexpr index fewest_taps = 16;
constexpr index rows_read_at_once = 64;

// The state of a piece: what its tile is to be multiplied with, or that it needs none.
enum class content : std::uint8_t { numbers, zeros, special, absent };

template <class T> struct worker {
    T *tile[2];   // real and imaginary parts
    T *lanes[2];  // a group of rows, side by side
    T *sum;       // of the planes' spectra
    index *edges;
    int *exponents;
    content *contents;
    char *in_scratch, *out_scratch;
};

template <class T> void lay_out(const plan &p, arena &memory, worker<T> *w) {
    for (T *&part : w->tile) part = memory.take<T>(p.y.points * p.pitch);
    for (T *&part : w->lanes) part = memory.take<T>(p.x.points * lanes<T>);
    w->sum = memory.take<T>(p.planes > 1 ? 2 * p.x.points * p.y.points : 0);
    w->edges = memory.take<index>(p.x.points);
    w->exponents = memory.take<int>(p.pieces_in_tile);
    w->contents = memory.take<content>(p.pieces_in_tile);
    w->in_scratch = memory.take<char>(window_scratch_bytes(p.rows, p.x.points, rows_read_at_once));
    w->out_scratch = memory.take<char>(result_scratch_bytes(p.rows, p.x.points, rows_read_at_once));
}

// Everything that all tiles share.
template <class T> struct tables {
    T *x_twiddles, *y_twiddles;
    T *spectra;  // of each plane of weights: per group of rows and frequency, real parts of all lanes, then imaginary ones
    char *seen;  // a byte per piece: it has numbers that are not finite
};

// ---- Tiles in and out ---------------------------------------------------------------------------------------

struct place {
    index position, y, x;  // pieces along y and x
};
place place_of(const plan &p, index piece) {
    const index tile = piece / p.positions;
    return {piece % p.positions, tile / p.x.pieces, tile % p.x.pieces};
}

// Pixel 0 of row 0 of a plane of the input, as seen from a position of the result; null where all is fill.
const char *plane_of_input(const plan &p, index position, index plane, index *y_block, index *x_block) {
    index at[max_ndim], tap[max_ndim + 2];
    split_position(position, p.extents, p.position_count, at);
    split_position(plane, p.plane_extents, p.outer_count + 2, tap);
    *y_block = tap[p.outer_count];
    *x_block = tap[p.outer_count + 1];
    const char *from = p.g.in;
    for (int i = 0; i < p.position_count; ++i) {
        const convolve_axis &axis = p.position[i];
        index source = at[i];
        if (axis.taps > 1) source = continued(p.g.boundary, at[i] + tap[p.position_tap[i]] - axis.anchor, axis.in_extent);
        if (source < 0) return nullptr;
        from += source * axis.in_stride;
    }
    return from;
}

char *row_of_result(const plan &p, const place &at) {
    index position[max_ndim];
    split_position(at.position, p.extents, p.position_count, position);
    char *to = p.g.out + at.y * p.y.valid * p.y.axis.out_stride + at.x * p.x.valid * p.x.axis.out_stride;
    for (int i = 0; i < p.position_count; ++i) to += position[i] * p.position[i].out_stride;
    return to;
}

// How many pieces from `piece` on lie one after the other along the last axis of positions: rows that are read together.
index neighbours(const plan &p, index piece, index most_wanted) {
    if (p.two_axes || p.position_count == 0) return 1;
    const index extent = p.extents[p.position_count - 1];
    return least(least(most_wanted, rows_read_at_once), extent - piece % p.positions % extent);
}

// `count` rows, the first of which is row `first` of the continued y axis of a plane, into a tile.
template <class T>
void read_rows(const plan &p, worker<T> &w, const row_window &window, const char *plane, index first, index count, T *to) {
    const index pitch_bytes = p.pitch * static_cast<index>(sizeof(T)), extent = p.y.axis.in_extent;
    for (index i = 0; i < count;) {
        const index row = first + i, source = plane ? continued(p.g.boundary, row, extent) : -1;
        index together = 1;
        char *rows = reinterpret_cast<char *>(to + i * p.pitch);
        if (source >= 0) {
            if (row >= 0 && row < extent) together = least(least(count - i, extent - row), rows_read_at_once);
            read_window(p.rows, window, plane + source * p.y.axis.in_stride, p.y.axis.in_stride, together, rows, pitch_bytes, w.in_scratch);
        } else {
            fill_row(p.rows, window.count, rows);
        }
        i += together;
    }
}

// Reads the plane's pixels under a piece, and what beside them fills the tile: zeros. Returns the rows that were filled.
template <class T> index read_piece(const plan &p, worker<T> &w, index piece, index plane, index together, T *to) {
    const place at = place_of(p, piece);
    index y_block, x_block;
    const char *const from = plane_of_input(p, at.position, plane, &y_block, &x_block);
    row_window window;
    window.edges = w.edges;
    const index columns = p.x.count(at.x) + p.x.block_taps - 1;
    open_window(p.rows, at.x * p.x.valid - p.x.axis.anchor + x_block * p.x.block_taps, columns, &window);
    index rows = together;
    if (p.two_axes) {
        rows = p.y.count(at.y) + p.y.block_taps - 1;
        read_rows(p, w, window, from, at.y * p.y.valid - p.y.axis.anchor + y_block * p.y.block_taps, rows, to);
    } else {
        const index stride = p.position_count > 0 ? p.position[p.position_count - 1].in_stride : 0;
        read_window(p.rows, window, from, stride, together, reinterpret_cast<char *>(to), p.pitch * static_cast<index>(sizeof(T)),
                    w.in_scratch);
    }
    for (index row = 0; row < rows; ++row)
        for (index i = columns; i < p.x.points; ++i) to[row * p.pitch + i] = 0;
    return rows;
}

// How numbers lie in memory. The bits without the sign are in the order of the magnitudes, infinities and NaN beyond all.
template <class T> struct bits_of;
template <> struct bits_of<float> {
    using type = std::int32_t;
    static constexpr int mantissa = 23, bias = 127;
    static constexpr type without_sign = INT32_MAX, infinity = 0x7f800000;
};
template <> struct bits_of<double> {
    using type = std::int64_t;
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr type without_sign = INT64_MAX, infinity = 0x7ff0000000000000;
};

// The largest magnitude of `count` numbers, whole vectors of them.
template <class T> typename bits_of<T>::type largest_bits(const T *row, index count) {
    using bits = typename bits_of<T>::type;
    typedef bits vector_bits __attribute__((vector_size(vector_bytes)));
    vector_bits largest = {};
    for (index i = 0; i < count; i += lanes<T>) {
        const vector_bits here = load<vector_bits>(row + i) & bits_of<T>::without_sign;
        largest = here > largest ? here : largest;
    }
    bits most_of_all = 0;
    for (int i = 0; i < lanes<T>; ++i) most_of_all = largest[i] > most_of_all ? largest[i] : most_of_all;
    return most_of_all;
}

// The exponent of a positive number; numbers below it may be smaller by any power of two.
template <class T> int exponent_of(typename bits_of<T>::type bits) {
    const int exponent = static_cast<int>(bits >> bits_of<T>::mantissa) - bits_of<T>::bias;
    const int furthest = bits_of<T>::bias - 1;
    return exponent < -furthest ? -furthest : exponent > furthest ? furthest : exponent;
}

// 2^exponent in two factors, each of which is a normal number.
template <class T> struct power {
    T first, second;
    explicit power(int exponent)
        : first(static_cast<T>(std::ldexp(1.0, exponent / 2))), second(static_cast<T>(std::ldexp(1.0, exponent - exponent / 2))) {}
};

template <class T> void scale_row(T *row, index count, int exponent) {
    if (exponent == 0) return;
    const power<T> by(exponent);
    for (index i = 0; i < count; ++i) row[i] = row[i] * by.first * by.second;
}

index rows_of_piece(const plan &p) { return p.two_axes ? p.y.points : 1; }
template <class T> T *rows_at(const plan &p, worker<T> &w, index piece_in_tile) {
    const index each_part = p.pieces_in_tile / 2;
    return w.tile[piece_in_tile / each_part] + piece_in_tile % each_part * rows_of_piece(p) * p.pitch;
}

// Fills the tile with a plane of the input. `find`: also finds what each piece holds and how large it is.
template <class T> void read_tile(const plan &p, worker<T> &w, index first_piece, index plane, bool find) {
    using bits = typename bits_of<T>::type;
    for (index i = 0; i < p.pieces_in_tile;) {
        T *const to = rows_at(p, w, i);
        index together = 1, filled = 0;
        if (first_piece + i < p.pieces && w.contents[i] != content::special) {
            const index each_part = p.pieces_in_tile / 2;
            together = neighbours(p, first_piece + i, least(each_part - i % each_part, p.pieces - first_piece - i));
            filled = read_piece(p, w, first_piece + i, plane, together, to);
        }
        for (index k = 0; k < together; ++k) {
            T *const rows = to + k * rows_of_piece(p) * p.pitch;
            const index count = filled == 0 ? 0 : p.two_axes ? filled : 1;
            bits largest = 0;
            if (find)
                for (index row = 0; row < count; ++row) {
                    const bits here = largest_bits(rows + row * p.pitch, p.x.points);
                    largest = here > largest ? here : largest;
                }
            const bool special = largest >= bits_of<T>::infinity;
            if (special) w.contents[i + k] = content::special;
            if (find && !special && largest > 0) {
                const int exponent = exponent_of<T>(largest);
                if (w.contents[i + k] == content::zeros) w.exponents[i + k] = exponent;
                w.exponents[i + k] = static_cast<int>(most(w.exponents[i + k], exponent));
                if (w.contents[i + k] == content::zeros) w.contents[i + k] = content::numbers;
            }
            for (index row = special ? 0 : count; row < rows_of_piece(p); ++row)
                std::memset(rows + row * p.pitch, 0, static_cast<std::size_t>(p.x.points) * sizeof(T));
        }
        i += together;
    }
}

// A tile's parts take each other's rounding errors, so they are brought to like sizes, by powers of two; exponents of 0 mean that
// nothing need be done.
template <class T> void choose_scales(const plan &p, worker<T> &w) {
    constexpr int moderate = bits_of<T>::bias / 4;
    const index each_part = p.pieces_in_tile / 2;
    const auto numbers = [&](index i) { return w.contents[i] == content::numbers; };
    for (index i = 0; i < each_part; ++i) {
        int &a = w.exponents[i], &b = w.exponents[i + each_part];
        if (!numbers(i)) a = 0;
        if (!numbers(i + each_part)) b = 0;
        const bool alike = !numbers(i) || !numbers(i + each_part) || (a - b <= 3 && b - a <= 3);
        if (alike && a > -moderate && a < moderate && b > -moderate && b < moderate) a = b = 0;
    }
}

template <class T> void write_tile(const plan &p, worker<T> &w, const tables<T> &shared, index first_piece) {
    const index pitch_bytes = p.pitch * static_cast<index>(sizeof(T));
    for (index i = 0; i < p.pieces_in_tile && first_piece + i < p.pieces;) {
        const index piece = first_piece + i, each_part = p.pieces_in_tile / 2;
        const index together = neighbours(p, piece, least(each_part - i % each_part, p.pieces - piece));
        const place at = place_of(p, piece);
        const index columns = p.x.count(at.x), rows = p.two_axes ? p.y.count(at.y) : together;
        T *const from = rows_at(p, w, i);
        for (index row = 0; row < rows; ++row) {
            const index number = p.two_axes ? i : i + row;
            T *const results = from + row * p.pitch;
            if (w.contents[number] == content::zeros)
                std::memset(results, 0, static_cast<std::size_t>(columns) * sizeof(T));
            else
                scale_row(results, columns, w.exponents[number] + p.weight_exponent);
        }
        for (index k = 0; k < (p.two_axes ? 1 : together); ++k) shared.seen[piece + k] = w.contents[i + k] == content::special;
        const index stride = p.two_axes ? p.y.axis.out_stride : p.position_count > 0 ? p.position[p.position_count - 1].out_stride : 0;
        char *const to = row_of_result(p, at);
        for (index row = 0; row < rows; row += rows_read_at_once)
            write_results(p.rows, reinterpret_cast<const char *>(from + row * p.pitch), pitch_bytes, least(rows - row, rows_read_at_once),
                          to + row * stride, stride, columns, w.out_scratch);
        i += together;
    }
}

// ---- Transforms of tiles ------------------------------------------------------------------------------------------

template <class T> void columns_forward(const plan &p, worker<T> &w, const tables<T> &shared) {
    if (!p.two_axes) return;
    for (index x = 0; x < p.x.points; x += lanes<T>)
        transform_forward(points<T>{w.tile[0] + x, w.tile[1] + x, p.pitch}, p.y.points, shared.y_twiddles);
}

template <class T> void columns_back(const plan &p, worker<T> &w, const tables<T> &shared) {
    if (!p.two_axes) return;
    for (index x = 0; x < p.x.valid; x += lanes<T>)
        transform_back(points<T>{w.tile[0] + x, w.tile[1] + x, p.pitch}, p.y.points, shared.y_twiddles);
}

// A group of rows, turned so that each has a lane, and transformed.
template <class T> void rows_forward(const plan &p, worker<T> &w, const tables<T> &shared, index group) {
    constexpr index size = sizeof(T), count = lanes<T>;
    for (int part = 0; part < 2; ++part)
        move_tile({reinterpret_cast<char *>(w.tile[part] + group * count * p.pitch), size, p.pitch * size},
                  {reinterpret_cast<char *>(w.lanes[part]), count * size, size}, p.x.points, count, size);
    transform_forward(points<T>{w.lanes[0], w.lanes[1], count}, p.x.points, shared.x_twiddles);
}

template <class T> void rows_back(const plan &p, worker<T> &w, const tables<T> &shared, index group) {
    constexpr index size = sizeof(T), count = lanes<T>;
    transform_back(points<T>{w.lanes[0], w.lanes[1], count}, p.x.points, shared.x_twiddles);
    for (int part = 0; part < 2; ++part)
        move_tile({reinterpret_cast<char *>(w.lanes[part]), size, count * size},
                  {reinterpret_cast<char *>(w.tile[part] + group * count * p.pitch), p.pitch * size, size}, count, round_up(p.x.valid, 8),
                  size);
}

// The product with a plane's spectrum, added to `sum`; the last plane leaves the whole in the lanes.
template <class T> void multiply_rows(const plan &p, worker<T> &w, const T *spectrum, index group, index plane) {
    constexpr index count = lanes<T>;
    const bool first = plane == 0, last = plane == p.planes - 1;
    spectrum += 2 * group * p.x.points * count;
    T *sum = w.sum + (p.planes > 1 ? 2 * group * p.x.points * count : 0);
    const points<T> numbers{w.lanes[0], w.lanes[1], count};
    for (index i = 0; i < p.x.points; ++i, spectrum += 2 * count, sum += 2 * count) {
        complex_lanes<T> value = product(numbers.at(i), load_lanes(spectrum), load_lanes(spectrum + count));
        if (!first) value = value + complex_lanes<T>{load_lanes(sum), load_lanes(sum + count)};
        if (last) {
            numbers.put(i, value);
        } else {
            store_lanes(sum, value.re);
            store_lanes(sum + count, value.im);
        }
    }
}

template <class T> void make_spectrum(const plan &p, worker<T> &w, const tables<T> &shared, index plane) {
    index tap[max_ndim + 2];
    split_position(plane, p.plane_extents, p.outer_count + 2, tap);
    const transformed_axis &x = p.x, &y = p.y;
    index outer = 0;
    for (int i = 0; i < p.outer_count; ++i) outer = outer * p.plane_extents[i] + tap[i];
    const T *const weights = static_cast<const T *>(p.weights->weights) + outer * y.axis.taps * x.axis.taps;
    for (T *part : w.tile) std::memset(part, 0, static_cast<std::size_t>(y.points * p.pitch) * sizeof(T));
    // Without the number of points, which the transforms there and back multiply by.
    const T scale = T(1) / static_cast<T>((p.two_axes ? y.points : 1) * x.points);
    const index y_first = tap[p.outer_count] * y.block_taps, x_first = tap[p.outer_count + 1] * x.block_taps;
    for (index k = y_first; k < least(y_first + y.block_taps, y.axis.taps); ++k)
        for (index l = x_first; l < least(x_first + x.block_taps, x.axis.taps); ++l) {
            // Backwards, round the corner: element n of the product is then the sum over k of weight[k] * tile[n + k].
            const index row = k > y_first ? y.points - (k - y_first) : 0, column = l > x_first ? x.points - (l - x_first) : 0;
            w.tile[0][row * p.pitch + column] = weights[k * x.axis.taps + l] * scale;
        }
    if (!p.two_axes)
        for (index row = 1; row < y.points; ++row)
            std::memcpy(w.tile[0] + row * p.pitch, w.tile[0], static_cast<std::size_t>(x.points) * sizeof(T));
    for (index row = 0; row < y.points; ++row) scale_row(w.tile[0] + row * p.pitch, x.points, -p.weight_exponent);
    columns_forward(p, w, shared);
    T *to = shared.spectra + plane * 2 * y.points * x.points;
    for (index group = 0; group < y.points / lanes<T>; ++group) {
        rows_forward(p, w, shared, group);
        for (index i = 0; i < x.points; ++i, to += 2 * lanes<T>)
            for (int part = 0; part < 2; ++part) store_lanes(to + part * lanes<T>, load_lanes(w.lanes[part] + i * lanes<T>));
    }
}

bool cancel_requested(const call &settings) { return settings.cancel && __atomic_load_n(settings.cancel, __ATOMIC_RELAXED) != 0; }

// False when it was given up: the call is cancelled.
template <class T> bool run_tile(const plan &p, worker<T> &w, const tables<T> &shared, index tile) {
    const index first_piece = tile * p.pieces_in_tile;
    for (index i = 0; i < p.pieces_in_tile; ++i) {
        w.contents[i] = first_piece + i < p.pieces ? content::zeros : content::absent;
        w.exponents[i] = 0;
    }
    // Planes are summed as spectra, so what all of them hold must be known first.
    if (p.planes > 1)
        for (index plane = 0; plane < p.planes; ++plane) {
            if (cancel_requested(p.task->settings)) return false;
            read_tile(p, w, first_piece, plane, true);
        }
    for (index plane = 0; plane < p.planes; ++plane) {
        if (plane > 0 && cancel_requested(p.task->settings)) return false;
        read_tile(p, w, first_piece, plane, p.planes == 1);
        if (plane == 0) choose_scales(p, w);
        for (index i = 0; i < p.pieces_in_tile; ++i)
            if (w.exponents[i] != 0)
                for (index row = 0; row < rows_of_piece(p); ++row) scale_row(rows_at(p, w, i) + row * p.pitch, p.x.points, -w.exponents[i]);
        columns_forward(p, w, shared);
        for (index group = 0; group < p.y.points / lanes<T>; ++group) {
            rows_forward(p, w, shared, group);
            multiply_rows(p, w, shared.spectra + plane * 2 * p.y.points * p.x.points, group, plane);
            if (plane == p.planes - 1) rows_back(p, w, shared, group);
        }
    }
    columns_back(p, w, shared);
    write_tile(p, w, shared, first_piece);
    return true;
}

// ---- What transforms cannot do -------------------------------------------------------------------------------------

status directly(const convolve_task &task, const convolve_weights &weights) {
    return convolve_directly(task, canonical_geometry(task), weights);
}

// A piece whose numbers are not all finite: a transform would spread them over the whole of it.
status piece_directly(const plan &p, index piece) {
    const place at = place_of(p, piece);
    index position[max_ndim];
    split_position(at.position, p.extents, p.position_count, position);
    convolve_task part = *p.task;
    part.settings.progress = nullptr;  // counted already
    const auto narrow = [&](int axis, index first, index count) {
        part.out.data += first * part.out.strides[axis];
        part.out.shape[axis] = count;
        for (int i = 0; i < part.axes_count; ++i)
            if (part.axes[i].axis == axis && part.kernel.shape[i] > 1) {
                part.axes[i].anchor -= first;
                return;
            }
        // Along an axis of one tap input and result have the same extent, as every kernel may assume.
        part.input.data += first * part.input.strides[axis];
        part.input.shape[axis] = count;
    };
    for (int i = 0; i < p.position_count; ++i) narrow(p.position_axis[i], position[i], 1);
    if (p.two_axes) narrow(p.y_axis, at.y * p.y.valid, p.y.count(at.y));
    narrow(p.x_axis, at.x * p.x.valid, p.x.count(at.x));
    return directly(part, *p.weights);
}

// ---- All of it ----------------------------------------------------------------------------------------------

template <class T> status run(const convolve_task &task, const convolve_weights &weights, index taps) {
    using bits = typename bits_of<T>::type;
    bits largest = 0;
    for (index i = 0; i < taps; ++i) {
        const bits here = load<bits>(static_cast<const T *>(weights.weights) + i) & bits_of<T>::without_sign;
        largest = here > largest ? here : largest;
    }
    if (largest >= bits_of<T>::infinity) return directly(task, weights);

    plan p = plan_for<T>(task, weights);
    p.rows = rows_of(task, p.g, weights.element, weights.sum);
    p.rows.geometry = &p.g;
    constexpr int moderate = bits_of<T>::bias / 4;
    p.weight_exponent = largest > 0 ? exponent_of<T>(largest) : 0;
    if (p.weight_exponent > -moderate && p.weight_exponent < moderate) p.weight_exponent = 0;

    // Measured on Zen 4.
    const double nanoseconds = tile_cost(p, sizeof(T)) * 1.2 * static_cast<double>(sizeof(T)) / static_cast<double>(vector_bytes) / 2;
    const loop tiles = {(p.pieces + p.pieces_in_tile - 1) / p.pieces_in_tile, nanoseconds};
    const loop planes = {p.planes, nanoseconds / static_cast<double>(p.planes + 1)};
    const call quiet = {task.settings.threads, task.settings.cancel, nullptr};
    const int for_tiles = workers_for(task.settings, tiles), for_planes = workers_for(quiet, planes);
    const int workers = for_tiles > for_planes ? for_tiles : for_planes;

    worker<T> measured;
    arena counter(nullptr);
    lay_out(p, counter, &measured);
    worker<T> *team = nullptr;
    tables<T> shared{};
    index spectra;
    if (__builtin_mul_overflow(p.planes, 2 * p.x.points * p.y.points, &spectra)) spectra = INT64_MAX;
    const auto lay_out_all = [&](arena &memory) {
        team = memory.take<worker<T>>(workers);
        shared.x_twiddles = memory.take<T>(most_twiddles(p.x.points));
        shared.y_twiddles = memory.take<T>(most_twiddles(p.y.points));
        shared.spectra = memory.take<T>(spectra);
        shared.seen = memory.take<char>(p.pieces);
        for (int i = 0; i < workers; ++i) {
            char *const piece = memory.take<char>(counter.bytes() < 0 ? INT64_MAX : counter.bytes());
            if (!piece) continue;
            arena own(piece);
            lay_out(p, own, &team[i]);
        }
    };
    arena all(nullptr);
    lay_out_all(all);
    const scratch memory(all.bytes());
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    arena handed_out(memory.data());
    lay_out_all(handed_out);
    fill_twiddles(p.x.points, shared.x_twiddles);
    if (p.two_axes) fill_twiddles(p.y.points, shared.y_twiddles);

    status outcome = parallel_for(quiet, planes, [&](index begin, index end, int number) {
        for (index plane = begin; plane < end; ++plane) make_spectrum(p, team[number], shared, plane);
    });
    if (outcome != BYTESTRIDE_OK) return outcome;
    bool given_up = false;
    outcome = parallel_for(task.settings, tiles, [&](index begin, index end, int number) {
        for (index tile = begin; tile < end; ++tile)
            if (!run_tile(p, team[number], shared, tile)) __atomic_store_n(&given_up, true, __ATOMIC_RELAXED);
        if (p.rows.streaming) stream_fence();
    });
    if (given_up) return BYTESTRIDE_ERROR_CANCELLED;
    for (index piece = 0; piece < p.pieces && outcome == BYTESTRIDE_OK; ++piece)
        if (shared.seen[piece]) outcome = piece_directly(p, piece);
    return outcome;
}

}  // namespace

status convolve_by_transforms(const convolve_task &task, const convolve_weights &weights) {
    const index taps = element_count(task.kernel);
    if (taps < fewest_taps) return directly(task, weights);
    return weights.element == dtype::float32 ? run<float>(task, weights, taps) : run<double>(task, weights, taps);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
