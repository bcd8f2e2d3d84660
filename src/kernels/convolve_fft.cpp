// Large kernels by transforms of overlapping tiles (overlap-save). The last two convolved axes are transformed, the last one alone where
// there is no other; along all further ones, and where a kernel is too long for one tile, spectra are multiplied and summed: each such
// combination of taps is a `plane`. Two real pieces of the result make one complex tile, and as the weights are real, its real part
// is the one's result and its imaginary part the other's. Transforms of one axis do as many pairs
// of pieces at once as a vector has lanes; each pair has a certificate of its own.
//
// Which pieces share a tile, and where pieces begin, follows from shapes alone: no bit depends on threads or strides.
//
// Asked for by name, transforms keep a bound for a whole tile. Chosen by itself, they compute what a certificate holds for, and the rest
// is summed directly.
#include "kernels/convolve_certificate.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Fewer taps are summed directly: that is faster, and their bound of (K + 2) u could not be kept.
constexpr index fewest_taps = 16;
// Fewer are no gain, or give no certificate.
constexpr index fewest_taps_by_range = 256, fewest_taps_by_magnitudes = 600;
constexpr index rows_read_at_once = 64;

// The state of a piece: what its tile is to be multiplied with, or that it needs none. `direct`: a transform cannot do it.
enum class content : std::uint8_t { numbers, zeros, direct, absent };

template <class T> struct worker {
    tile_memory_of<T> tile;
    index *edges;
    int *exponents;
    content *contents;
    char *in_scratch, *out_scratch;
    tile_memory_of<float> magnitudes;        // if certified by them
    double *run;                             // these if certified by range
    double limits[most_pieces_in_tile / 2];  // below which sum|w||x| of two pieces may not be
    // Of each piece:
    bool settled[most_pieces_in_tile];  // whether it has results that are not left to the transform
    char *marks[most_pieces_in_tile];   // of each result: as many windows are empty, or settled_as_zero
    double *sums[most_pieces_in_tile];  // of those where all are, in their order
};

index results_of_piece(const plan &p) { return p.x.valid * p.y.valid; }
// More are left to the direct sum, with the whole piece.
index most_sums(const plan &p) { return results_of_piece(p) / 16; }

template <class T> void lay_out(const plan &p, arena &memory, worker<T> *w) {
    lay_out(p, memory, &w->tile);
    w->edges = memory.take<index>(p.x.points);
    w->exponents = memory.take<int>(p.pieces_in_tile);
    w->contents = memory.take<content>(p.pieces_in_tile);
    w->in_scratch = memory.take<char>(window_scratch_bytes(p.rows, p.x.points, rows_read_at_once));
    w->out_scratch = memory.take<char>(result_scratch_bytes(p.rows, p.x.points, rows_read_at_once));
    if (p.certificate == certified::by_magnitudes) lay_out(p, memory, &w->magnitudes);
    if (p.certificate == certified::by_range) {
        w->run = memory.take<double>(p.x.points);
        for (index i = 0; i < p.pieces_in_tile; ++i) {
            w->marks[i] = memory.take<char>(results_of_piece(p));
            w->sums[i] = memory.take<double>(most_sums(p));
        }
    }
}

// Everything that all tiles share.
template <class T> struct tables {
    twiddles_of<T> twiddles;
    T *spectra;
    twiddles_of<float> for_magnitudes;  // these two if certified by them
    float *spectra_of_magnitudes;
    double *weights;  // these if certified by range
    int *pillars;     // room to look for windows
    rectangle large[most_windows], all;
    char windows;
    double least_large;  // of the weights in these windows
    rectangle *direct;   // of each piece: what must be summed directly
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
    const index pitch_bytes = pitch_of<T>(p) * static_cast<index>(sizeof(T)), extent = p.y.axis.in_extent;
    for (index i = 0; i < count;) {
        const index row = first + i, source = plane ? continued(p.g.boundary, row, extent) : -1;
        index together = 1;
        char *rows = reinterpret_cast<char *>(to + i * pitch_of<T>(p));
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
        read_window(p.rows, window, from, stride, together, reinterpret_cast<char *>(to), pitch_of<T>(p) * static_cast<index>(sizeof(T)),
                    w.in_scratch);
    }
    for (index row = 0; row < rows; ++row)
        for (index i = columns; i < p.x.points; ++i) to[row * pitch_of<T>(p) + i] = 0;
    return rows;
}

// Fills the tile with a plane of the input. `find`: also finds what each piece holds and how large it is.
template <class T> void read_tile(const plan &p, worker<T> &w, index first_piece, index plane, bool find) {
    using bits = typename bits_of<T>::type;
    for (index i = 0; i < p.pieces_in_tile;) {
        T *const to = rows_of(p, w.tile, i);
        index together = 1, filled = 0;
        if (first_piece + i < p.pieces && w.contents[i] != content::direct) {
            const index each_part = p.pieces_in_tile / 2;
            together = neighbours(p, first_piece + i, least(each_part - i % each_part, p.pieces - first_piece - i));
            filled = read_piece(p, w, first_piece + i, plane, together, to);
        }
        for (index k = 0; k < together; ++k) {
            T *const rows = to + k * rows_of_piece(p) * pitch_of<T>(p);
            const index count = filled == 0 ? 0 : p.two_axes ? filled : 1;
            bits largest = 0;
            if (find)
                for (index row = 0; row < count; ++row) {
                    const bits here = largest_bits(rows + row * pitch_of<T>(p), p.x.points);
                    largest = here > largest ? here : largest;
                }
            const bool special = largest >= bits_of<T>::infinity;
            if (special) w.contents[i + k] = content::direct;
            if (find && !special && largest > 0) {
                const int exponent = exponent_of<T>(largest);
                if (w.contents[i + k] == content::zeros) w.exponents[i + k] = exponent;
                w.exponents[i + k] = static_cast<int>(most(w.exponents[i + k], exponent));
                if (w.contents[i + k] == content::zeros) w.contents[i + k] = content::numbers;
            }
            for (index row = special ? 0 : count; row < rows_of_piece(p); ++row)
                std::memset(rows + row * pitch_of<T>(p), 0, static_cast<std::size_t>(p.x.points) * sizeof(T));
        }
        i += together;
    }
}

// Exponents within this of 0 are left as they are. Magnitudes are squared in float32.
template <class T> int moderate_exponent(const plan &p) {
    return (p.certificate == certified::by_magnitudes ? bits_of<float>::bias : bits_of<T>::bias) / 4;
}

// A tile's parts take each other's rounding errors, so they are brought to like sizes, by powers of two; exponents of 0 mean that
// nothing need be done.
template <class T> void choose_scales(const plan &p, worker<T> &w) {
    const int moderate = moderate_exponent<T>(p);
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
    const index pitch_bytes = pitch_of<T>(p) * static_cast<index>(sizeof(T));
    for (index i = 0; i < p.pieces_in_tile && first_piece + i < p.pieces;) {
        const index piece = first_piece + i, each_part = p.pieces_in_tile / 2;
        const index together = neighbours(p, piece, least(each_part - i % each_part, p.pieces - piece));
        const place at = place_of(p, piece);
        const index columns = p.x.count(at.x), rows = p.two_axes ? p.y.count(at.y) : together;
        T *const from = rows_of(p, w.tile, i);
        for (index k = i; k < (p.two_axes ? i + 1 : i + together); ++k)
            if (p.certificate == certified::by_range && w.contents[k] == content::numbers && w.settled[k])
                put_settled(p, w, shared, k, p.two_axes ? rows : 1, columns);
        for (index row = 0; row < rows; ++row) {
            const index number = p.two_axes ? i : i + row;
            T *const results = from + row * pitch_of<T>(p);
            if (w.contents[number] == content::zeros)
                std::memset(results, 0, static_cast<std::size_t>(columns) * sizeof(T));
            else
                scale_row(results, columns, w.exponents[number] + p.weight_exponent);
        }
        for (index k = 0; k < (p.two_axes ? 1 : together); ++k)
            if (w.contents[i + k] == content::direct) shared.direct[piece + k] = {0, 0, p.two_axes ? rows : 1, columns};
        const index stride = p.two_axes ? p.y.axis.out_stride : p.position_count > 0 ? p.position[p.position_count - 1].out_stride : 0;
        char *const to = row_of_result(p, at);
        for (index row = 0; row < rows; row += rows_read_at_once)
            write_results(p.rows, reinterpret_cast<const char *>(from + row * pitch_of<T>(p)), pitch_bytes,
                          least(rows - row, rows_read_at_once), to + row * stride, stride, columns, w.out_scratch);
        i += together;
    }
}

bool cancel_requested(const call &settings) { return settings.cancel && __atomic_load_n(settings.cancel, __ATOMIC_RELAXED) != 0; }

// Fills the tile with a plane of the input as it is transformed. What the pieces hold must be known, or be found with the only plane.
template <class T> void prepare_plane(const plan &p, worker<T> &w, index first_piece, index plane) {
    read_tile(p, w, first_piece, plane, p.planes == 1);
    if (p.planes == 1) choose_scales(p, w);
    for (index i = 0; i < p.pieces_in_tile; ++i)
        if (w.exponents[i] != 0)
            for (index row = 0; row < rows_of_piece(p); ++row)
                scale_row(rows_of(p, w.tile, i) + row * pitch_of<T>(p), p.x.points, -w.exponents[i]);
}

double limit_of(const plan &p, const double *limits, index piece_in_tile) { return limits[piece_in_tile % (p.pieces_in_tile / 2)]; }

template <class T> void certify_by_magnitudes(const plan &p, worker<T> &w, const tables<T> &shared, index first_piece) {
    copy_magnitudes(p, w.tile, w.magnitudes);
    transform_plane(p, w.magnitudes, shared.for_magnitudes, shared.spectra_of_magnitudes, 0);
    for (index i = 0; i < p.pieces_in_tile; ++i) {
        if (w.contents[i] != content::numbers) continue;
        const place at = place_of(p, first_piece + i);
        shared.direct[first_piece + i] = rectangle_below(rows_of(p, w.magnitudes, i), pitch_of<float>(p), p.y.count(at.y), p.x.count(at.x),
                                                         static_cast<float>(limit_of(p, w.limits, i)));
    }
}

// The direct sum of one result, over the numbers in a tile. As doubles are wider than what it is for, its order is free.
double sum_of_window(const plan &p, const double *weights, const double *numbers) {
    vector<double> some = {};
    double sum = 0;
    const index columns = p.x.axis.taps;
    for (index k = 0; k < p.y.axis.taps; ++k, weights += columns, numbers += pitch_of<double>(p)) {
        index l = 0;
        for (; l + lanes<double> <= columns; l += lanes<double>) some = fused_lanes(load_lanes(weights + l), load_lanes(numbers + l), some);
        for (; l < columns; ++l) sum += weights[l] * numbers[l];
    }
    for (int i = 0; i < lanes<double>; ++i) sum += some[i];
    return sum;
}

template <class T> void certify_by_range(const plan &p, worker<T> &w, const tables<T> &shared, index first_piece) {
    const auto zero = [](double number) { return number == 0; };
    for (index i = 0; i < p.pieces_in_tile; ++i) {
        if (w.contents[i] != content::numbers) continue;
        const double least_number = limit_of(p, w.limits, i) / shared.least_large;
        const auto too_small = [&](double number) { return !(std::fabs(number) >= least_number); };
        const place at = place_of(p, first_piece + i);
        const index rows = p.y.count(at.y), columns = p.x.count(at.x), pitch = pitch_of<double>(p);
        const double *const numbers = rows_of(p, w.tile, i);
        char *const marks = w.marks[i];
        std::memset(marks, 0, static_cast<std::size_t>(rows * columns));
        const auto mark = [&](const rectangle &window, const auto &empty, char before, char after) {
            return mark_empty_windows(numbers, pitch, rows, columns, window, empty, before, after, w.run, marks);
        };
        index left = 1;
        for (char n = 0; n < shared.windows && left > 0; ++n)
            left = mark(shared.large[static_cast<int>(n)], too_small, n, static_cast<char>(n + 1));
        w.settled[i] = left > 0;
        if (left > 0) left -= mark(shared.all, zero, shared.windows, settled_as_zero);
        if (left > most_sums(p)) w.contents[i] = content::direct;
        double *next = w.sums[i];
        for (index result = 0; result < rows * columns && w.contents[i] == content::numbers && left > 0; ++result)
            if (marks[result] == shared.windows)
                *next++ = sum_of_window(p, shared.weights, numbers + result / columns * pitch + result % columns);
    }
}

template <class T> void put_settled(const plan &p, worker<T> &w, const tables<T> &shared, index piece_in_tile, index rows, index columns) {
    const double *next = w.sums[piece_in_tile];
    T *const results = rows_of(p, w.tile, piece_in_tile);
    for (index row = 0; row < rows; ++row)
        for (index i = 0; i < columns; ++i) {
            const char mark = w.marks[piece_in_tile][row * columns + i];
            T &result = results[row * pitch_of<T>(p) + i];
            if (mark == settled_as_zero) result = 0;
            if (mark == shared.windows) result = static_cast<T>(*next++);
        }
}

// False when it was given up: the call is cancelled.
template <class T> bool run_tile(const plan &p, worker<T> &w, const tables<T> &shared, index tile) {
    const index first_piece = tile * p.pieces_in_tile;
    for (index i = 0; i < p.pieces_in_tile; ++i) {
        w.contents[i] = first_piece + i < p.pieces ? content::zeros : content::absent;
        w.exponents[i] = 0;
        if (first_piece + i < p.pieces) shared.direct[first_piece + i] = {};
    }
    // Planes are summed as spectra, so what all of them hold must be known first.
    if (p.planes > 1) {
        for (index plane = 0; plane < p.planes; ++plane) {
            if (cancel_requested(p.task->settings)) return false;
            read_tile(p, w, first_piece, plane, true);
        }
        choose_scales(p, w);
    }
    if (p.certificate != certified::no) {
        prepare_plane(p, w, first_piece, 0);
        for (index i = 0; i < p.pieces_in_tile / 2; ++i) w.limits[i] = least_sum(p, norm_of(p, w.tile, i * rows_of_piece(p)));
        for (index i = 0; i < p.pieces_in_tile; ++i) w.settled[i] = false;
        if constexpr (std::is_same<T, double>::value) {
            if (p.certificate == certified::by_magnitudes) certify_by_magnitudes(p, w, shared, first_piece);
            if (p.certificate == certified::by_range) certify_by_range(p, w, shared, first_piece);
        }
    }
    for (index plane = 0; plane < p.planes; ++plane) {
        if (plane > 0 && cancel_requested(p.task->settings)) return false;
        if (p.certificate == certified::no) prepare_plane(p, w, first_piece, plane);
        transform_plane(p, w.tile, shared.twiddles, shared.spectra, plane);
    }
    write_tile(p, w, shared, first_piece);
    return true;
}

// ---- What transforms cannot do -------------------------------------------------------------------------------------

status directly(const convolve_task &task, const convolve_weights &weights) {
    return convolve_directly(task, geometry_along_memory(task), weights);
}

// A part of a piece. Where its numbers are not all finite, a transform would spread them over the whole of it.
status piece_directly(const plan &p, index piece, const rectangle &part_of_it) {
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
    if (p.two_axes) narrow(p.y_axis, at.y * p.y.valid + part_of_it.y, part_of_it.rows);
    narrow(p.x_axis, at.x * p.x.valid + part_of_it.x, part_of_it.columns);
    return directly(part, *p.weights);
}

// ---- All of it ----------------------------------------------------------------------------------------------

// What the transforms need to know of the weights, which are finite.
template <class T, class W> void measure_weights(const W *weights, plan *p) {
    using bits = typename bits_of<W>::type;
    bits largest = 0;
    for (index i = 0; i < p->taps; ++i) {
        const bits here = load<bits>(weights + i) & bits_of<W>::without_sign;
        largest = here > largest ? here : largest;
    }
    const int moderate = moderate_exponent<T>(*p);
    p->weights_finite = largest < bits_of<W>::infinity;
    p->weight_exponent = largest > 0 ? exponent_of<W>(largest) : 0;
    if (p->weight_exponent > -moderate && p->weight_exponent < moderate) p->weight_exponent = 0;
    double squares = 0;
    for (index i = 0; i < p->taps && p->weights_finite; ++i) {
        const double weight = std::fabs(std::ldexp(static_cast<double>(weights[i]), -p->weight_exponent));
        p->sum_of_weights += weight;
        squares += weight * weight;
    }
    p->norm_of_weights = std::sqrt(squares);
}

// The plan of a call whose weights are W, certified unless transforms were asked for by name. Without pieces where they cannot be used.
template <class T, class W> plan plan_of(const convolve_task &task, const convolve_weights &weights) {
    plan p{};
    p.taps = element_count(task.kernel);
    const bool by_name = task.method == BYTESTRIDE_METHOD_FFT, wider = sizeof(T) > sizeof(W);
    p.certificate = by_name ? certified::no : wider ? certified::by_range : certified::by_magnitudes;
    measure_weights<T>(static_cast<const W *>(weights.weights), &p);
    if (!p.weights_finite || p.taps < (by_name ? fewest_taps : wider ? fewest_taps_by_range : fewest_taps_by_magnitudes)) return p;
    lay_out_axes(task, weights, &p);
    choose_points<T>(p, [&] { return by_name || certifiable(p); });
    return p;
}

// Nanoseconds per tile; measured on Zen 4.
double nanoseconds_per_tile(const plan &p, index size) {
    const auto of = [&](index of_size) {
        const double nanoseconds = p.two_axes ? 0.6 : 2.7;  // longer transforms do not stay in the first-level cache
        return tile_cost(p, of_size) * nanoseconds * static_cast<double>(of_size) / static_cast<double>(vector_bytes);
    };
    return of(size) + (p.certificate == certified::by_magnitudes ? of(sizeof(float)) : 0);
}

index tiles_of(const plan &p) { return (p.pieces + p.pieces_in_tile - 1) / p.pieces_in_tile; }

// How many results along one axis are left to the direct sum, since too few of their taps lie within the input: an estimate.
double results_at_the_edges(const plan &p) {
    if (p.two_axes || p.certificate != certified::by_magnitudes || p.g.boundary != BYTESTRIDE_BOUNDARY_CONSTANT) return 0;
    const convolve_axis &x = p.x.axis;
    const double taps = static_cast<double>(x.taps), anchor = static_cast<double>(x.anchor), all = static_cast<double>(x.out_extent);
    const double wanted = taps * least_sum(p, std::sqrt(2 * static_cast<double>(p.x.points))) / p.sum_of_weights;
    const double left = std::fmax(0, anchor - taps + wanted),
                 right = std::fmax(0, all - static_cast<double>(x.in_extent) - anchor + wanted);
    const bool in_one_piece = p.x.pieces == 1 && left > 0 && right > 0;  // what lies between is summed with them
    return static_cast<double>(p.positions) * (in_one_piece ? all : left + right);
}

template <class W> bool pays(const convolve_task &task, const convolve_weights &weights) {
    const plan p = plan_of<double, W>(task, weights);
    if (p.pieces == 0) return false;
    const double tap = convolve_tap_cost(weights.element, false);
    const double each = static_cast<double>(p.taps) * tap, all = static_cast<double>(element_count(task.out));
    const double planes = static_cast<double>(p.planes), tiles = static_cast<double>(tiles_of(p)) + planes / (planes + 1);
    return tiles * nanoseconds_per_tile(p, sizeof(double)) + results_at_the_edges(p) * each < 0.6 * all * each;
}

// What windows of large numbers are looked for with.
template <class W> void describe_weights(const plan &p, const W *weights, tables<double> *shared) {
    double largest = 0;
    for (index i = 0; i < p.taps; ++i) {
        shared->weights[i] = static_cast<double>(weights[i]);
        if (std::fabs(shared->weights[i]) > largest) largest = std::fabs(shared->weights[i]);
    }
    shared->least_large = largest / 1024;
    const index columns = p.x.axis.taps;
    const auto within = [&](const rectangle &window, index i) {
        const index y = i / columns - window.y, x = i % columns - window.x;
        return y >= 0 && y < window.rows && x >= 0 && x < window.columns;
    };
    const auto large = [&](index i) {
        for (char n = 0; n < shared->windows; ++n)
            if (within(shared->large[static_cast<int>(n)], i)) return false;
        return std::fabs(shared->weights[i]) >= shared->least_large;
    };
    for (; shared->windows < most_windows; ++shared->windows) {
        const rectangle window = largest_window(p.y.axis.taps, columns, shared->pillars, large);
        if (window.rows == 0) break;
        shared->large[static_cast<int>(shared->windows)] = window;
    }
    shared->all = {0, 0, p.y.axis.taps, p.x.axis.taps};
}

template <class T, class W> status run(const convolve_task &task, const convolve_weights &weights) {
    plan p = plan_of<T, W>(task, weights);
    if (p.pieces == 0) return directly(task, weights);
    constexpr dtype arithmetic = sizeof(T) == sizeof(float) ? dtype::float32 : dtype::float64;
    p.rows = rows_of(task, p.g, arithmetic, arithmetic);
    p.rows.geometry = &p.g;
    const bool by_range = p.certificate == certified::by_range, by_magnitudes = p.certificate == certified::by_magnitudes;

    const double nanoseconds = nanoseconds_per_tile(p, sizeof(T));
    const loop tiles = {tiles_of(p), nanoseconds};
    const loop planes = {p.planes, nanoseconds / static_cast<double>(p.planes + 1)};
    const call quiet = {task.settings.threads, task.settings.cancel, nullptr};
    const int for_tiles = workers_for(task.settings, tiles), for_planes = workers_for(quiet, planes);
    const int workers = for_tiles > for_planes ? for_tiles : for_planes;

    worker<T> measured;
    arena counter(nullptr);
    lay_out(p, counter, &measured);
    worker<T> *team = nullptr;
    tables<T> shared{};
    const auto lay_out_all = [&](arena &memory) {
        team = memory.take<worker<T>>(workers);
        lay_out(p, memory, &shared.twiddles);
        shared.spectra = take_spectra<T>(p, memory);
        if (by_range) shared.weights = memory.take<double>(p.taps);
        if (by_range) shared.pillars = memory.take<int>(3 * p.x.axis.taps);
        if (by_magnitudes) {
            lay_out(p, memory, &shared.for_magnitudes);
            shared.spectra_of_magnitudes = take_spectra<float>(p, memory);
        }
        shared.direct = memory.take<rectangle>(p.pieces);
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
    fill_twiddles(p, shared.twiddles);
    if (by_magnitudes) fill_twiddles(p, shared.for_magnitudes);

    const W *const given = static_cast<const W *>(weights.weights);
    if constexpr (sizeof(T) > sizeof(W)) describe_weights(p, given, &shared);
    const auto weight = [&](index i) { return p.weight_exponent == 0 ? given[i] : std::ldexp(given[i], -p.weight_exponent); };
    const auto magnitude = [&](index i) { return std::fabs(weight(i)); };
    status outcome = parallel_for(quiet, planes, [&](index begin, index end, int number) {
        for (index plane = begin; plane < end; ++plane) {
            make_spectrum(p, team[number].tile, shared.twiddles, plane, weight, shared.spectra);
            if (by_magnitudes)
                make_spectrum(p, team[number].magnitudes, shared.for_magnitudes, plane, magnitude, shared.spectra_of_magnitudes);
        }
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
        if (shared.direct[piece].rows > 0) outcome = piece_directly(p, piece, shared.direct[piece]);
    return outcome;
}

}  // namespace

bool transforms_pay(const convolve_task &task, const convolve_weights &weights) {
    return weights.element == dtype::float32 ? pays<float>(task, weights) : pays<double>(task, weights);
}

status convolve_by_transforms(const convolve_task &task, const convolve_weights &weights) {
    if (weights.element == dtype::float64) return run<double, double>(task, weights);
    return task.method == BYTESTRIDE_METHOD_FFT ? run<float, float>(task, weights) : run<double, float>(task, weights);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
