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
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index tile_columns = 512, tile_rows = 32;
constexpr index longest_window = 7;
constexpr index plane = tile_columns + 16;  // elements of a row of one channel, with what the window adds, in whole vectors
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
    bool in_place;             // results are written where they belong: floats have no slack
};

// One worker's memory: the ring and rows on their way.
template <class A> struct buffers {
    typename A::sum *ring, *columns, *products;
    typename A::pixel *read, *result;
    typename A::pixel *apart;   // floats of a row, each channel in a plane
    typename A::pixel *packed;  // the image around a tile, where its rows do not lie in order
    typename A::pixel *planes;  // its channels one by one, where they are transposed and apart
};

// The pixels [first_row, end_row) x [first_column, end_column) of the image, packed.
struct packed_image {
    const char *data = nullptr;
    index first_row = 0, end_row = 0, first_column = 0, end_column = 0;

    bool holds(index row, index first, index count) const {
        return row >= first_row && row < end_row && first >= first_column && first + count <= end_column;
    }
};

bool transposes_planes(const view &image) { return is_transposed(image, 0, 1) && image.shape[2] > 1 && image.strides[2] != image.itemsize; }

template <class A> index lay_out(const plan &p, char *memory, buffers<A> *b) {
    using sum = typename A::sum;
    using pixel = typename A::pixel;
    index used = 0;
    const auto take = [&](index bytes) {
        char *piece = memory ? memory + used : nullptr;  // without memory the bytes are only counted
        used += whole_lines(bytes);
        return piece;
    };
    constexpr index planes = most_channels * plane;
    b->ring = reinterpret_cast<sum *>(take(p.window * planes * static_cast<index>(sizeof(sum))));
    b->columns = reinterpret_cast<sum *>(take(plane * static_cast<index>(sizeof(sum))));
    b->products = reinterpret_cast<sum *>(take(planes * static_cast<index>(sizeof(sum))));
    b->read = reinterpret_cast<pixel *>(take(planes * static_cast<index>(sizeof(pixel)) + slack));
    b->result = reinterpret_cast<pixel *>(take(planes * static_cast<index>(sizeof(pixel)) + slack));
    b->apart = reinterpret_cast<pixel *>(take(A::exact ? 0 : planes * static_cast<index>(sizeof(pixel))));
    const index packed = p.in_dense ? 0 : (tile_rows + p.window - 1) * (tile_columns + p.window - 1) * p.channels;
    b->packed = reinterpret_cast<pixel *>(take(packed * static_cast<index>(sizeof(pixel))));
    b->planes = reinterpret_cast<pixel *>(take(transposes_planes(p.image) ? packed * static_cast<index>(sizeof(pixel)) : 0));
    return used;
}

template <index size> void copy_columns(const tile &from, const tile &to, index rows, index columns) {
    for (index j = 0; j < columns; ++j)
        for (index i = 0; i < rows; ++i)
            std::memcpy(to.data + i * to.row_stride + j * size, from.data + i * from.row_stride + j * from.column_stride, size);
}

// Many rows at once: of a transposed image rows are short pieces of memory, which are the longer the more rows there are. Pixels
// move as a whole where their channels lie one after the other.
void pack_image(const plan &p, index first_row, index rows, index first_column, index columns, char *to, char *planes) {
    const view &v = p.image;
    const index size = v.itemsize, pixel = p.channels * size, of_plane = rows * columns * size;
    const tile from = {v.data + first_row * v.strides[0] + first_column * v.strides[1], v.strides[0], v.strides[1]};
    const tile pixels = {to, columns * pixel, pixel};
    if (transposes_planes(v)) {
        for (index c = 0; c < p.channels; ++c)
            move_tile({from.data + c * v.strides[2], from.row_stride, from.column_stride}, {planes + c * of_plane, columns * size, size},
                      rows, columns, size);
        return move_tile({planes, size, of_plane}, {to, pixel, size}, rows * columns, p.channels, size);
    }
    if (is_transposed(v, 0, 1)) switch (pixel) {
        case 3: return copy_columns<3>(from, pixels, rows, columns);
        case 6: return copy_columns<6>(from, pixels, rows, columns);
        case 12: return copy_columns<12>(from, pixels, rows, columns);
        case 24: return copy_columns<24>(from, pixels, rows, columns);
        case 32: return copy_columns<32>(from, pixels, rows, columns);
        default: return move_tile(from, pixels, rows, columns, pixel);
        }
    for (index r = 0; r < rows; ++r)
        move_tile({from.data + r * from.row_stride, v.strides[1], v.strides[2]}, {to + r * pixels.row_stride, pixel, size}, columns,
                  p.channels, size);
}

// Pixels [first, first + count) of a row of the image, as dense elements at `to`.
void read_row(const plan &p, const packed_image &packed, index row, index first, index count, char *to) {
    const view &v = p.image;
    const index pixel = p.channels * v.itemsize;
    char *from = v.data + row * v.strides[0] + first * v.strides[1];
    if (p.in_dense) {
        std::memcpy(to, from, static_cast<std::size_t>(count * pixel));
    } else if (packed.holds(row, first, count)) {
        const index columns = packed.end_column - packed.first_column;
        std::memcpy(to, packed.data + ((row - packed.first_row) * columns + first - packed.first_column) * pixel,
                    static_cast<std::size_t>(count * pixel));
    } else {
        move_tile({from, v.strides[1], v.strides[2]}, {to, pixel, v.itemsize}, count, p.channels, v.itemsize);
    }
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

template <class A, int channels>
void split_channels(const typename A::pixel *read, index count, int colors, typename A::pixel *apart, typename A::sum *to) {
    using sum = typename A::sum;
    if constexpr (!A::exact && channels > 1) {
        constexpr index size = sizeof(typename A::pixel);
        const tile pixels = {const_cast<char *>(reinterpret_cast<const char *>(read)), channels * size, size};
        move_tile(pixels, {reinterpret_cast<char *>(apart), size, plane * size}, count, channels, size);
        for (int c = 0; c < colors; ++c)
            for (index x = 0; x < count; ++x) to[c * plane + x] = static_cast<sum>(apart[c * plane + x]);
    } else if constexpr (in_words<A, channels>) {
        std::int32_t words[plane];
        for (index x = 0; x < count; ++x) words[x] = load<std::int32_t>(read + x * channels);
        for (int c = 0; c < colors; ++c, to += plane)
            for (index x = 0; x < count; ++x) to[x] = static_cast<sum>(words[x] >> (8 * c) & 0xff) * A::scale;
    } else {
        for (int c = 0; c < colors; ++c, to += plane)
            for (index x = 0; x < count; ++x) to[x] = static_cast<sum>(load<typename A::pixel>(read + x * channels + c)) * A::scale;
    }
}

// Pixels [first, first + count) of a row of the continued image, in the type of the sums.
template <class A>
void load_row(const plan &p, const buffers<A> &b, const packed_image &packed, index row, index first, index count, typename A::sum *to) {
    const index source = continued(p.boundary, row, p.image.shape[0]), width = p.image.shape[1];
    const index inner = first > 0 ? first : 0, inner_end = first + count < width ? first + count : width;
    const typename A::pixel *read = b.read;
    // In place words of 3 bytes would end behind the last pixel.
    if (p.in_dense && inner == first && inner_end == first + count && (!A::exact || (in_words<A, 4> && p.channels == 4))) {
        read = reinterpret_cast<const typename A::pixel *>(p.image.data + source * p.image.strides[0] + first * p.image.strides[1]);
    }
    for (index x = first; read == b.read && x < first + count; ++x) {
        if (x == inner && inner_end > inner) {
            char *place = reinterpret_cast<char *>(b.read + (x - first) * p.channels);
            read_row(p, packed, source, inner, inner_end - inner, place);
            x = inner_end - 1;
        } else {
            const index from = continued(p.boundary, x, width);
            read_row(p, packed, source, from, 1, reinterpret_cast<char *>(b.read + (x - first) * p.channels));
        }
    }
    switch (p.channels) {
    case 1: return split_channels<A, 1>(read, count, p.colors, b.apart, to);
    case 2: return split_channels<A, 2>(read, count, p.colors, b.apart, to);
    case 3: return split_channels<A, 3>(read, count, p.colors, b.apart, to);
    default: return split_channels<A, 4>(read, count, p.colors, b.apart, to);
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
// products and their norm, and 8 u for squares, sum, root, quotient and its bounds.
constexpr double error_bound(index roundings, double u) { return static_cast<double>(2 * roundings + 12) * u; }

// Whether any lane of a comparison is true.
template <class Integers> BYTESTRIDE_INLINE bool any_lane(Integers v) {
#if defined(__AVX512F__)
    if constexpr (sizeof v == 64) return _mm512_test_epi64_mask(reinterpret_cast<__m512i>(v), reinterpret_cast<__m512i>(v)) != 0;
#endif
#if defined(__AVX2__)
    if constexpr (sizeof v == 32) return !_mm256_testz_si256(reinterpret_cast<__m256i>(v), reinterpret_cast<__m256i>(v));
#endif
#if defined(__x86_64__)
    if constexpr (sizeof v == 16) return _mm_movemask_epi8(reinterpret_cast<__m128i>(v)) != 0;
#endif
    std::uint64_t words[sizeof v / 8], any = 0;
    std::memcpy(words, &v, sizeof v);
    for (std::uint64_t word : words) any |= word;
    return any != 0;
}

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

// Decides the values between whose bounds an integer lies, of the `open` pixels of a vector.
template <class A, int colors, class Sums, class Integers>
__attribute__((noinline)) void settle(const window_of_pixel<A> &first, const typename A::sum *products, index count, Integers open,
                                      Sums low, Sums high, Integers *values) {
    for (index x = 0; x < lanes<typename A::sum> && x < count; ++x)
        for (int c = 0; open[x] && c < colors; ++c) {
            const typename A::sum product = products[c * plane + x];
            const std::int32_t below = static_cast<std::int32_t>(product * low[x]), above = static_cast<std::int32_t>(product * high[x]);
            if (below != above && above < A::opaque) values[c][x] = decide<A>({first.rows, first.window, first.pixel + x}, colors, c);
        }
}

// largest / root(squares), and 0 for 0: a quotient and a root within 2 u each.
BYTESTRIDE_INLINE floats factors_of(float largest, floats squares) {
    const floats zero = all_lanes(0.0f);
#if defined(__AVX512F__)
    // With x r^2 = 1 - e the inverse root is r (1 - e)^(-1/2); e is below 2^-13. Half the time of a root and a quotient.
    const floats r = _mm512_maskz_rsqrt14_ps(0xffff, squares), e = _mm512_fnmadd_ps(squares * r, r, all_lanes(1.0f));
    const floats inverse = fused_lanes(fused_lanes(e, all_lanes(0.375f), all_lanes(0.5f)), r * e, r);
    return squares > zero ? all_lanes(largest) * inverse : zero;
#else
    return squares > zero ? all_lanes(largest) / root_lanes(squares) : zero;
#endif
}
BYTESTRIDE_INLINE doubles factors_of(double largest, doubles squares) {
    const doubles zero = all_lanes(0.0);
    return squares > zero ? all_lanes(largest) / root_lanes(squares) : zero;
}

constexpr int most_lanes = static_cast<int>(vector_bytes / 4);
typedef std::uint8_t byte_lanes __attribute__((vector_size(vector_bytes)));

template <class Pixel, int count> struct lanes_of { typedef Pixel type __attribute__((vector_size(count * sizeof(Pixel)))); };

// The bytes of words without every fourth.
template <int... place> BYTESTRIDE_INLINE byte_lanes three_of_four(byte_lanes words, std::integer_sequence<int, place...>) {
    return __builtin_shufflevector(words, words, (place < 3 * most_lanes ? place / 3 * 4 + place % 3 : 3)...);
}

// A vector of pixels: values[c] are integers in the lanes of channel c. More may be written behind them, up to `slack`.
template <class A, int channels, int colors, class Integers>
BYTESTRIDE_INLINE void join_channels(const Integers *values, typename A::pixel *out) {
    constexpr int count = static_cast<int>(lanes<typename A::sum>);
    if constexpr (in_words<A, channels>) {
        Integers words = values[0] | values[1] << 8 | values[2] << 16;
        if constexpr (colors == 4) words |= values[3] << 24;
        if constexpr (count == most_lanes && channels == 4)
            store(out, words);
        else if constexpr (count == most_lanes)
            store(out,
                  three_of_four(reinterpret_cast<byte_lanes>(words), std::make_integer_sequence<int, static_cast<int>(vector_bytes)>()));
        else
            for (int x = 0; x < count; ++x) store(out + x * channels, static_cast<std::int32_t>(words[x]));
    } else if constexpr (channels == 1) {
        store(out, __builtin_convertvector(values[0], typename lanes_of<typename A::pixel, count>::type));
    } else {
        for (int c = 0; c < colors; ++c)
            for (int x = 0; x < count; ++x) out[x * channels + c] = static_cast<typename A::pixel>(values[c][x]);
    }
}

// Whether a pixel has at most one channel that is not 0, as lanes: then no product of two of them is above 0.
template <int colors, class Sums> BYTESTRIDE_INLINE auto stands_alone(const Sums *product) {
    Sums pairs = Sums{}, before = product[0];
    for_constants<colors - 1>([&](auto c) BYTESTRIDE_INLINED {
        pairs = fused_lanes(before, product[c + 1], pairs);
        before += product[c + 1];
    });
    return pairs == Sums{};
}

// In vectors, with all of a pixel in registers: half the time of the loops that compilers make.
template <class A, int channels, int colors> void normalize_integers(const plan &p, const typename A::sum *const *rows,
                                                                     const typename A::sum *products, index count, typename A::pixel *out) {
    using sum = typename A::sum;
    using sums = vector<sum>;
    using integers = typename lanes_of<std::int32_t, static_cast<int>(lanes<sum>)>::type;
    // Three bytes down a column have 24 bits: float32 rounds only along the row.
    const index roundings = sizeof(sum) == 4 ? p.window - 1 : p.window * p.window - 1;
    const sum bound = static_cast<sum>(error_bound(roundings, sizeof(sum) == 4 ? 0x1p-24 : 0x1p-53));
    const sums less = all_lanes(1 - bound), more = all_lanes(1 + bound);
    const integers opaque = integers{} + static_cast<int>(A::opaque);
    for (index begin = 0; begin < count; begin += lanes<sum>, products += lanes<sum>, out += lanes<sum> * channels) {
        if constexpr (colors == 1) {
            const integers values[1] = {
                __builtin_convertvector(load_lanes(products) > sums{} ? all_lanes(sum(A::opaque)) : sums{}, integers)};
            join_channels<A, channels, colors>(values, out);
            continue;
        }
        sums product[colors], squares;
        for_constants<colors>([&](auto c) BYTESTRIDE_INLINED {
            product[c] = load_lanes(products + c * plane);
            squares = c == 0 ? product[c] * product[c] : fused_lanes(product[c], product[c], squares);
        });
        // A channel is M when it stands alone, and below M beside any other.
        const sums factors = factors_of(sum(A::opaque), squares), high = factors * more;
        const sums low = stands_alone<colors>(product) ? high : factors * less;
        integers values[colors], open = integers{};
        for_constants<colors>([&](auto c) BYTESTRIDE_INLINED {
            values[c] = __builtin_convertvector(product[c] * low, integers);
            const integers above = __builtin_convertvector(product[c] * high, integers);
            open |= (values[c] != above) & (above != opaque);
        });
        if (__builtin_expect(any_lane(open), 0)) {
            integers settled[colors];
            for (int c = 0; c < colors; ++c) settled[c] = values[c];
            settle<A, colors>({rows, p.window, begin}, products, count - begin, open, low, high, settled);
            for_constants<colors>([&](auto c) BYTESTRIDE_INLINED { values[c] = settled[c]; });
        }
        join_channels<A, channels, colors>(values, out);
    }
}

// ---- Rows -------------------------------------------------------------------------------------------------

template <class A, int channels, int colors> void compute_row(const plan &p, const typename A::sum *const *rows, bool ordinary, index count,
                                                              const buffers<A> &b, typename A::pixel *out) {
    using pixel = typename A::pixel;
    if constexpr (A::exact) {
        multiply_windows(p, rows, count, b.columns, b.products);
        normalize_integers<A, channels, colors>(p, rows, b.products, count, out);
    } else if (!ordinary) {
        multiply_and_normalize<pixel, channels, colors>(p.window, rows, plane, count, out);
    } else {
        constexpr index size = sizeof(pixel);
        multiply_windows(p, rows, count, b.columns, b.products);
        normalize_floats<pixel, colors>(b.products, plane, count, channels == 1 ? out : b.apart);
        // With the channels come values for alpha, which apply_alpha replaces.
        const tile from = {reinterpret_cast<char *>(b.apart), size, plane * size};
        if constexpr (channels > 1) move_tile(from, {reinterpret_cast<char *>(out), channels * size, size}, count, channels, size);
    }
}

template <class A> void compute_row(const plan &p, const typename A::sum *const *rows, bool ordinary, index count, const buffers<A> &b,
                                    typename A::pixel *out) {
    switch (p.channels) {
    case 1: return compute_row<A, 1, 1>(p, rows, ordinary, count, b, out);
    case 2:
        return p.colors == 2 ? compute_row<A, 2, 2>(p, rows, ordinary, count, b, out)
                             : compute_row<A, 2, 1>(p, rows, ordinary, count, b, out);
    case 3: return compute_row<A, 3, 3>(p, rows, ordinary, count, b, out);
    default:
        return p.colors == 4 ? compute_row<A, 4, 4>(p, rows, ordinary, count, b, out)
                             : compute_row<A, 4, 3>(p, rows, ordinary, count, b, out);
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
template <class A> void fill_rim(const plan &p, const packed_image &packed, index row, index first, index count, typename A::pixel *out) {
    if (count > 0 && p.boundary == BYTESTRIDE_BOUNDARY_COPY) read_row(p, packed, row, first, count, reinterpret_cast<char *>(out));
    if (p.boundary == BYTESTRIDE_BOUNDARY_ZERO)
        for (index i = 0; i < count * p.channels; ++i) out[i] = typename A::pixel(0);
}

// The rows [first_row, end_row) of the columns [first, end) of the result.
template <class A> void compute_tile(const plan &p, const buffers<A> &b, index first_row, index end_row, index first, index end) {
    const index channels = p.channels;
    const index from = first > p.first_column ? first : p.first_column, to = end < p.end_column ? end : p.end_column;
    const bool copies_alpha = p.alpha == BYTESTRIDE_ALPHA_COPY && p.colors < channels;
    packed_image packed;
    if (!p.in_dense) {
        const index above = first_row - p.radius, below = end_row + p.radius, left = first - p.radius, right = end + p.radius;
        packed = {reinterpret_cast<char *>(b.packed), above > 0 ? above : 0, below < p.image.shape[0] ? below : p.image.shape[0],
                  left > 0 ? left : 0, right < p.image.shape[1] ? right : p.image.shape[1]};
        pack_image(p, packed.first_row, packed.end_row - packed.first_row, packed.first_column, packed.end_column - packed.first_column,
                   reinterpret_cast<char *>(b.packed), reinterpret_cast<char *>(b.planes));
    }
    index loaded = INT64_MIN;                 // rows of the ring are there below this one
    bool ordinary_rows[longest_window] = {};  // of the ring, for floats: whose factors are in range
    for (index row = first_row; row < end_row; ++row) {
        const bool has_products = row >= p.first_row && row < p.end_row && from < to;
        if (!has_products && p.boundary == BYTESTRIDE_BOUNDARY_KEEP) continue;
        typename A::pixel *result = b.result;
        if (p.in_place) result = reinterpret_cast<typename A::pixel *>(p.out.data + row * p.out.strides[0] + first * p.out.strides[1]);
        if (has_products) {
            const typename A::sum *rows[longest_window];
            bool ordinary = true;
            for (index k = 0; k < p.window; ++k) {
                const index source = row - p.radius + k;
                typename A::sum *slot = b.ring + (source + p.window) % p.window * (most_channels * plane);
                if (source >= loaded) {
                    const index count = to - from + 2 * p.radius;
                    load_row<A>(p, b, packed, source, from - p.radius, count, slot);
                    if constexpr (!A::exact)
                        ordinary_rows[(source + p.window) % p.window] = in_range(p.window, slot, plane, p.colors, count);
                    loaded = source + 1;
                }
                rows[k] = slot;
                ordinary &= ordinary_rows[(source + p.window) % p.window];
            }
            compute_row<A>(p, rows, ordinary, to - from, b, result + (from - first) * channels);
            fill_rim<A>(p, packed, row, first, from - first, result);
            fill_rim<A>(p, packed, row, to, end - to, result + (to - first) * channels);
        } else {
            fill_rim<A>(p, packed, row, first, end - first, result);
        }
        if (copies_alpha) read_row(p, packed, row, first, end - first, reinterpret_cast<char *>(b.read));
        apply_alpha<A>(p, b.read, end - first, result);
        if (p.in_place) continue;
        if (p.boundary == BYTESTRIDE_BOUNDARY_KEEP)
            write_row(p, row, from, to - from, reinterpret_cast<char *>(result + (from - first) * channels));
        else
            write_row(p, row, first, end - first, reinterpret_cast<char *>(result));
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
    const bool floats = task.image.type == dtype::float32 || task.image.type == dtype::float64;
    p.in_place = floats && p.out_dense && task.boundary != BYTESTRIDE_BOUNDARY_KEEP && is_aligned(task.out);
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
