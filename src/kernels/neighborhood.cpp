// The product over a window, the channels normalised to length 1.
//
// A row of the result needs 2 radius + 1 rows of the image. They stand in a ring, converted and with each channel in a plane
// of its own, so that the products down each column, then along the row, and the norms are plain loops over elements.
//
// Integers are scaled by a power of two, to both sides of 1, so that no product of 49 of them, nor its square, leaves the
// range of the type that it is computed in. The quotient M p / ||p|| is known to a relative error; where an integer lies
// within it, the pixel is decided anew: in float64, and where that is not enough, exactly.
#include "kernels/neighborhood.hpp"

#include <limits>
#include <type_traits>

#include "kernels/convolve_geometry.hpp"
#include "kernels/neighborhood_exact.hpp"
#include "kernels/neighborhood_floats.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index tile_columns = 512, tile_rows = 32;
constexpr index longest_window = 7;
constexpr index plane = tile_columns + 8;  // elements of a row of one channel, with what the window adds
constexpr index most_channels = 4;
constexpr index slack = 64;  // bytes behind a row of pixels that may be read and written

// How one dtype is computed: `Sum` holds products and norms.
template <class Pixel, class Sum> struct arithmetic {
    using pixel = Pixel;
    using sum = Sum;
    static constexpr bool exact = std::is_integral_v<Pixel>;
    static constexpr Pixel opaque = exact ? std::numeric_limits<Pixel>::max() : Pixel(1);
    static constexpr Sum scale = sizeof(Pixel) == 1 ? Sum(0x1p-4) : sizeof(Pixel) == 2 ? Sum(0x1p-8) : Sum(1);
};

struct plan {
    view image, out;
    index radius, window, channels;
    int colors;  // channels that take part in the norm
    int alpha, boundary;
    bool rim;                  // the pixels near the edges are no products
    index first_row, end_row;  // products: the pixels [first_row, end_row) x [first_column, end_column)
    index first_column, end_column;
    index row_blocks, column_tiles;
    bool in_dense, out_dense;  // the elements of a row lie one after the other
};

// One worker's memory: the ring and rows on their way.
template <class A> struct buffers {
    typename A::sum *ring, *columns, *products;
    typename A::pixel *read, *result;
};

template <class A> index lay_out(const plan &p, char *memory, buffers<A> *b) {
    using sum = typename A::sum;
    using pixel = typename A::pixel;
    index used = 0;
    const auto take = [&](index bytes) {
        char *piece = memory + used;
        used += whole_lines(bytes);
        return piece;
    };
    constexpr index planes = most_channels * plane;
    b->ring = reinterpret_cast<sum *>(take(p.window * planes * static_cast<index>(sizeof(sum))));
    b->columns = reinterpret_cast<sum *>(take(plane * static_cast<index>(sizeof(sum))));
    b->products = reinterpret_cast<sum *>(take(planes * static_cast<index>(sizeof(sum))));
    b->read = reinterpret_cast<pixel *>(take(planes * static_cast<index>(sizeof(pixel)) + slack));
    b->result = reinterpret_cast<pixel *>(take(planes * static_cast<index>(sizeof(pixel)) + slack));
    return used;
}

// Pixels [first, first + count) of a row of a view, as dense elements at `to`, or from there.
void read_row(const plan &p, const view &v, bool dense, index row, index first, index count, char *to) {
    char *from = v.data + row * v.strides[0] + first * v.strides[1];
    if (dense)
        std::memcpy(to, from, static_cast<std::size_t>(count * p.channels * v.itemsize));
    else
        move_tile({from, v.strides[1], v.strides[2]}, {to, p.channels * v.itemsize, v.itemsize}, count, p.channels, v.itemsize);
}

void write_row(const plan &p, index row, index first, index count, char *from) {
    const view &v = p.out;
    char *to = v.data + row * v.strides[0] + first * v.strides[1];
    if (p.out_dense)
        std::memcpy(to, from, static_cast<std::size_t>(count * p.channels * v.itemsize));
    else
        move_tile({from, p.channels * v.itemsize, v.itemsize}, {to, v.strides[1], v.strides[2]}, count, p.channels, v.itemsize);
}

// Bytes of several channels are taken apart and put together as words, 4 at a time; of 3 channels the last byte belongs to
// the next pixel.
template <class A, int channels> constexpr bool in_words = sizeof(typename A::pixel) == 1 && channels >= 3;

template <class A, int channels> void split_channels(const typename A::pixel *read, index count, int colors, typename A::sum *to) {
    using sum = typename A::sum;
    if constexpr (in_words<A, channels>) {
        std::int32_t words[plane];
        for (index x = 0; x < count; ++x) words[x] = load<std::int32_t>(read + x * channels);
        for (int c = 0; c < colors; ++c, to += plane)
            for (index x = 0; x < count; ++x) to[x] = static_cast<sum>(words[x] >> (8 * c) & 0xff) * A::scale;
    } else {
        for (int c = 0; c < colors; ++c, to += plane)
            for (index x = 0; x < count; ++x) to[x] = static_cast<sum>(read[x * channels + c]) * A::scale;
    }
}

// Pixels [first, first + count) of a row of the continued image, in the type of the sums.
template <class A> void load_row(const plan &p, const buffers<A> &b, index row, index first, index count, typename A::sum *to) {
    const index source = continued(p.boundary, row, p.image.shape[0]), width = p.image.shape[1];
    const index inner = first > 0 ? first : 0, inner_end = first + count < width ? first + count : width;
    for (index x = first; x < first + count; ++x) {
        if (x == inner && inner_end > inner) {
            char *place = reinterpret_cast<char *>(b.read + (x - first) * p.channels);
            read_row(p, p.image, p.in_dense, source, inner, inner_end - inner, place);
            x = inner_end - 1;
        } else {
            const index from = continued(p.boundary, x, width);
            read_row(p, p.image, p.in_dense, source, from, 1, reinterpret_cast<char *>(b.read + (x - first) * p.channels));
        }
    }
    switch (p.channels) {
    case 1: return split_channels<A, 1>(b.read, count, p.colors, to);
    case 2: return split_channels<A, 2>(b.read, count, p.colors, to);
    case 3: return split_channels<A, 3>(b.read, count, p.colors, to);
    default: return split_channels<A, 4>(b.read, count, p.colors, to);
    }
}

// ---- Products ---------------------------------------------------------------------------------------------

// Down the columns, then along the row; each in one order, whatever the position.
template <int window, class Sum> void multiply_window(const Sum *const *rows, index count, Sum *columns, Sum *products) {
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count + window - 1; ++i) {
        Sum product = rows[0][i];
        for (int k = 1; k < window; ++k) product *= rows[k][i];
        columns[i] = product;
    }
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) {
        Sum product = columns[i];
        for (int k = 1; k < window; ++k) product *= columns[i + k];
        products[i] = product;
    }
}

template <class Sum> void multiply_windows(const plan &p, const Sum *const *rows, index count, Sum *columns, Sum *products) {
    const Sum *of_channel[longest_window];
    for (int c = 0; c < p.colors; ++c, products += plane) {
        for (index k = 0; k < p.window; ++k) of_channel[k] = rows[k] + c * plane;
        switch (p.window) {
        case 3: multiply_window<3>(of_channel, count, columns, products); break;
        case 5: multiply_window<5>(of_channel, count, columns, products); break;
        default: multiply_window<7>(of_channel, count, columns, products);
        }
    }
}

// ---- Integers ---------------------------------------------------------------------------------------------

// The window of one pixel, in the ring's rows.
template <class A> struct window_of_pixel {
    const typename A::sum *const *rows;
    index window, pixel;

    std::uint32_t at(index row, index column, int channel) const {
        return static_cast<std::uint32_t>(rows[row][channel * plane + pixel + column] / A::scale);
    }
};

// Whether k ||p|| <= M p_channel.
template <class A> bool reaches(const window_of_pixel<A> &w, int colors, int channel, std::uint64_t k) {
    wide_integer sum = wide_of(0), limit = wide_of(0);
    for (int c = 0; c < colors; ++c) {
        wide_integer product = wide_of(1);
        for (index row = 0; row < w.window; ++row)
            for (index column = 0; column < w.window; ++column) multiply(product, w.at(row, column, c));
        if (c == channel) {
            limit = product;
            multiply(limit, A::opaque);
            limit = squared(limit);
        }
        multiply(product, k);
        add(sum, squared(product));
    }
    return at_most(sum, limit);
}

// The relative error of a quotient M p / ||p|| that was computed with unit roundoff u is below `roundings` u (1 + 1) for the
// products and their norm, and 6 u for squares, sum, root, quotient.
constexpr double error_bound(index roundings, double u) { return static_cast<double>(2 * roundings + 10) * u; }

// One value anew.
template <class A> __attribute__((noinline)) typename A::pixel decide(const window_of_pixel<A> &w, int colors, int channel) {
    double products[4], sum = 0;
    for (int c = 0; c < colors; ++c) {
        double product = 1;
        for (index row = 0; row < w.window; ++row)
            for (index column = 0; column < w.window; ++column) product *= w.at(row, column, c) * static_cast<double>(A::scale);
        products[c] = product;
        sum += product * product;
    }
    const double value = products[channel] * (static_cast<double>(A::opaque) / __builtin_sqrt(sum));
    const std::int64_t nearest = static_cast<std::int64_t>(value + 0.5);
    const double distance = __builtin_fabs(value - static_cast<double>(nearest));
    if (!(distance < value * error_bound(w.window * w.window - 1, 0x1p-53))) return static_cast<typename A::pixel>(value);
    const bool reached = reaches<A>(w, colors, channel, static_cast<std::uint64_t>(nearest));
    return static_cast<typename A::pixel>(reached ? nearest : nearest - 1);
}

inline float root(float value) { return __builtin_sqrtf(value); }
inline double root(double value) { return __builtin_sqrt(value); }

template <class A, int channels> void join_channels(const std::int32_t (*values)[64], index count, int colors, typename A::pixel *out) {
    using pixel = typename A::pixel;
    if constexpr (in_words<A, channels>) {
        std::int32_t words[64];
        for (index x = 0; x < count; ++x) words[x] = values[0][x] | values[1][x] << 8 | values[2][x] << 16;
        if (colors == 4)
            for (index x = 0; x < count; ++x)
                words[x] = static_cast<std::int32_t>(static_cast<std::uint32_t>(words[x]) | static_cast<std::uint32_t>(values[3][x]) << 24);
        for (index x = 0; x < count; ++x) store(out + x * channels, words[x]);
    } else {
        for (int c = 0; c < colors; ++c)
            for (index x = 0; x < count; ++x) out[x * channels + c] = static_cast<pixel>(values[c][x]);
    }
}

template <class A, int channels, int colors> void normalize_integers(const plan &p, const typename A::sum *const *rows,
                                                                     const typename A::sum *products, index count, typename A::pixel *out) {
    using sum = typename A::sum;
    constexpr sum largest = A::opaque;
    constexpr std::int32_t opaque = A::opaque;
    constexpr index block = 64;
    // Three bytes down a column have 24 bits: float32 rounds only along the row.
    const index roundings = sizeof(sum) == 4 ? p.window - 1 : p.window * p.window - 1;
    const sum bound = static_cast<sum>(error_bound(roundings, sizeof(sum) == 4 ? 0x1p-24 : 0x1p-53));
    for (index begin = 0; begin < count; begin += block, products += block, out += block * channels) {
        const index length = begin + block < count ? block : count - begin;
        sum factors[block];
        std::int32_t most[block], values[channels][block];
        for (index x = 0; x < length; ++x) {
            sum squares = 0;
            std::int32_t present = 0;
            for (int c = 0; c < colors; ++c) {
                const sum product = products[c * plane + x];
                squares += product * product;
                present += product != 0;
            }
            factors[x] = squares > 0 ? largest / root(squares) : sum(0);
            // A channel is M when it stands alone, and below M beside any other.
            most[x] = present > 1 ? opaque - 1 : opaque;
        }
        std::int32_t undecided = 0;
        for (int c = 0; c < colors; ++c)
            for (index x = 0; x < length; ++x) {
                const sum value = products[c * plane + x] * factors[x];
                const std::int32_t nearest = static_cast<std::int32_t>(value + sum(0.5)), below = static_cast<std::int32_t>(value);
                const sum distance = __builtin_fabs(value - static_cast<sum>(nearest));
                const std::int32_t close = distance < value * bound;
                undecided |= close & static_cast<std::int32_t>(nearest < opaque);
                values[c][x] = close & static_cast<std::int32_t>(nearest == opaque) ? most[x] : below;
            }
        if (undecided)
            for (int c = 0; c < colors; ++c)
                for (index x = 0; x < length; ++x) {
                    const sum value = products[c * plane + x] * factors[x];
                    const std::int32_t nearest = static_cast<std::int32_t>(value + sum(0.5));
                    if (nearest < opaque && __builtin_fabs(value - static_cast<sum>(nearest)) < value * bound)
                        values[c][x] = decide<A>({rows, p.window, begin + x}, colors, c);
                }
        join_channels<A, channels>(values, length, colors, out);
    }
}

// ---- Rows -------------------------------------------------------------------------------------------------

template <class A, int channels, int colors>
void compute_row(const plan &p, const typename A::sum *const *rows, index count, const buffers<A> &b, typename A::pixel *out) {
    if constexpr (A::exact) {
        multiply_windows(p, rows, count, b.columns, b.products);
        normalize_integers<A, channels, colors>(p, rows, b.products, count, out);
    } else if (in_range(p.window, rows, plane, colors, count + p.window - 1)) {
        multiply_windows(p, rows, count, b.columns, b.products);
        normalize_floats<typename A::pixel, channels, colors>(b.products, plane, count, out);
    } else {
        multiply_and_normalize<typename A::pixel, channels, colors>(p.window, rows, plane, count, out);
    }
}

template <class A>
void compute_row(const plan &p, const typename A::sum *const *rows, index count, const buffers<A> &b, typename A::pixel *out) {
    switch (p.channels) {
    case 1: return compute_row<A, 1, 1>(p, rows, count, b, out);
    case 2: return p.colors == 2 ? compute_row<A, 2, 2>(p, rows, count, b, out) : compute_row<A, 2, 1>(p, rows, count, b, out);
    case 3: return compute_row<A, 3, 3>(p, rows, count, b, out);
    default: return p.colors == 4 ? compute_row<A, 4, 4>(p, rows, count, b, out) : compute_row<A, 4, 3>(p, rows, count, b, out);
    }
}

template <class A> void apply_alpha(const plan &p, const typename A::pixel *input, index count, typename A::pixel *out) {
    if (p.colors == p.channels) return;
    if (in_words<A, 4> && p.channels == 4 && p.alpha == BYTESTRIDE_ALPHA_OPAQUE) {
        for (index x = 0; x < count; ++x) store(out + 4 * x, load<std::uint32_t>(out + 4 * x) | 0xff000000u);
        return;
    }
    for (index x = 0; x < count; ++x) {
        const index i = x * p.channels + p.channels - 1;
        out[i] = p.alpha == BYTESTRIDE_ALPHA_COPY ? input[i] : A::opaque;
    }
}

// Pixels of the rim, before the rule for alpha.
template <class A> void fill_rim(const plan &p, index row, index first, index count, typename A::pixel *out) {
    if (count > 0 && p.boundary == BYTESTRIDE_BOUNDARY_COPY)
        read_row(p, p.image, p.in_dense, row, first, count, reinterpret_cast<char *>(out));
    if (p.boundary == BYTESTRIDE_BOUNDARY_ZERO)
        for (index i = 0; i < count * p.channels; ++i) out[i] = typename A::pixel(0);
}

// The rows [first_row, end_row) of the columns [first, end) of the result.
template <class A> void compute_tile(const plan &p, const buffers<A> &b, index first_row, index end_row, index first, index end) {
    const index channels = p.channels;
    const index from = first > p.first_column ? first : p.first_column, to = end < p.end_column ? end : p.end_column;
    const bool copies_alpha = p.alpha == BYTESTRIDE_ALPHA_COPY && p.colors < channels;
    index loaded = INT64_MIN;  // rows of the ring are there below this one
    for (index row = first_row; row < end_row; ++row) {
        const bool has_products = row >= p.first_row && row < p.end_row && from < to;
        if (!has_products && p.boundary == BYTESTRIDE_BOUNDARY_KEEP) continue;
        if (has_products) {
            const typename A::sum *rows[longest_window];
            for (index k = 0; k < p.window; ++k) {
                const index source = row - p.radius + k;
                typename A::sum *slot = b.ring + (source + p.window) % p.window * (most_channels * plane);
                if (source >= loaded) {
                    load_row<A>(p, b, source, from - p.radius, to - from + 2 * p.radius, slot);
                    loaded = source + 1;
                }
                rows[k] = slot;
            }
            compute_row<A>(p, rows, to - from, b, b.result + (from - first) * channels);
            fill_rim<A>(p, row, first, from - first, b.result);
            fill_rim<A>(p, row, to, end - to, b.result + (to - first) * channels);
        } else {
            fill_rim<A>(p, row, first, end - first, b.result);
        }
        if (copies_alpha) read_row(p, p.image, p.in_dense, row, first, end - first, reinterpret_cast<char *>(b.read));
        apply_alpha<A>(p, b.read, end - first, b.result);
        if (p.boundary == BYTESTRIDE_BOUNDARY_KEEP)
            write_row(p, row, from, to - from, reinterpret_cast<char *>(b.result + (from - first) * channels));
        else
            write_row(p, row, first, end - first, reinterpret_cast<char *>(b.result));
    }
}

template <class A> status run(const neighbor_product_task &task, const plan &p) {
    buffers<A> sizes;
    const index bytes = lay_out<A>(p, nullptr, &sizes);
    // Nanoseconds per element, in proportion to the bytes of its arithmetic.
    const double per_element = static_cast<double>(sizeof(typename A::sum)) * (0.2 + 0.1 * static_cast<double>(p.window));
    const loop what = {p.row_blocks * p.column_tiles, per_element * static_cast<double>(tile_rows * tile_columns * p.channels)};
    const scratch memory(bytes * workers_for(task.settings, what));
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    return parallel_for(task.settings, what, [&](index begin, index end, int worker) {
        buffers<A> b;
        lay_out<A>(p, memory.data() + worker * bytes, &b);
        for (index item = begin; item < end; ++item) {
            const index row = item / p.column_tiles * tile_rows, column = item % p.column_tiles * tile_columns;
            const index end_row = row + tile_rows < p.out.shape[0] ? row + tile_rows : p.out.shape[0];
            const index end_column = column + tile_columns < p.out.shape[1] ? column + tile_columns : p.out.shape[1];
            compute_tile<A>(p, b, row, end_row, column, end_column);
        }
    });
}

bool rows_dense(const view &v) {
    return (v.shape[2] == 1 || v.strides[2] == v.itemsize) && (v.shape[1] == 1 || v.strides[1] == v.shape[2] * v.itemsize);
}

}  // namespace

status neighbor_product(const neighbor_product_task &task) {
    plan p{};
    p.image = task.image;
    p.out = task.out;
    p.radius = task.radius;
    p.window = 2 * task.radius + 1;
    p.alpha = task.alpha;
    p.boundary = task.boundary;
    const index rows = task.image.shape[0], columns = task.image.shape[1];
    p.channels = task.image.shape[2];
    p.colors = static_cast<int>(p.channels - (p.channels % 2 == 0 && task.alpha != BYTESTRIDE_ALPHA_CHANNEL));
    const index rim = task.boundary >= BYTESTRIDE_BOUNDARY_ZERO ? task.radius : 0;
    p.first_row = p.first_column = rim;
    p.end_row = rows - rim;
    p.end_column = columns - rim;
    p.row_blocks = (rows + tile_rows - 1) / tile_rows;
    p.column_tiles = (columns + tile_columns - 1) / tile_columns;
    p.in_dense = rows_dense(task.image);
    p.out_dense = rows_dense(task.out);
    switch (task.image.type) {
    case dtype::uint8:
        // 49 or 25 factors of 8 bits pass the range of float32.
        return task.radius == 1 ? run<arithmetic<std::uint8_t, float>>(task, p) : run<arithmetic<std::uint8_t, double>>(task, p);
    case dtype::uint16: return run<arithmetic<std::uint16_t, double>>(task, p);
    case dtype::float32: return run<arithmetic<float, double>>(task, p);
    default: return run<arithmetic<double, double>>(task, p);
    }
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
