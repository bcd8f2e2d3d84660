#include "kernels/convolve_weights.hpp"

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

__extension__ typedef unsigned __int128 uint128;

// More taps than this are more than memory can hold.
constexpr index most_taps = index(1) << 50;

index count_taps(const convolve_task &task) { return element_count(task.kernel); }

index count_factors(const convolve_task &task) {
    index count = 0;
    for (int i = 0; i < task.kernel.ndim; ++i) count += task.kernel.shape[i];
    return count;
}

void read_extents(const convolve_task &task, convolve_weights *w) {
    w->axes = 0;
    for (int i = 0; i < task.kernel.ndim; ++i)
        if (task.kernel.shape[i] > 1) w->taps[w->axes++] = task.kernel.shape[i];
}

// Memory handed out piece by piece, on cache line boundaries.
struct pieces {
    char *next;
    template <class T> T *take(index count) {
        T *piece = reinterpret_cast<T *>(next);
        next += whole_lines(count * static_cast<index>(sizeof(T)));
        return piece;
    }
};

// The kernel as a dense array of its own dtype, flipped if the task says so.
void read_dense(const convolve_task &task, char *to) {
    view kernel = task.kernel;
    if (task.flipped)
        for (int i = 0; i < kernel.ndim; ++i) {
            kernel.data += kernel.strides[i] * (kernel.shape[i] - 1);
            kernel.strides[i] = -kernel.strides[i];
        }
    const int last = kernel.ndim - 1;
    const index row = kernel.ndim > 0 ? kernel.shape[last] : 1, stride = kernel.ndim > 0 ? kernel.strides[last] : 0;
    const index rows = count_taps(task) / row;
    for (index i = 0; i < rows; ++i) {
        const char *from = kernel.data;
        index rest = i;
        for (int axis = last - 1; axis >= 0; --axis) {
            from += rest % kernel.shape[axis] * kernel.strides[axis];
            rest /= kernel.shape[axis];
        }
        move_tile({const_cast<char *>(from), 0, stride}, {to + i * row * kernel.itemsize, 0, kernel.itemsize}, 1, row, kernel.itemsize);
    }
}

// Half the distance of neighbouring numbers, relative.
double unit_roundoff(dtype type) { return type == dtype::float16 ? 0x1p-11 : type == dtype::float32 ? 0x1p-24 : 0x1p-53; }

// What the sum of products of floats, or of a float and an integer, is formed in.
dtype float_arithmetic(dtype input, dtype kernel) {
    if (!is_floating(input)) return itemsize_of(input) <= 2 && itemsize_of(kernel) <= 4 ? dtype::float32 : dtype::float64;
    return result_type(input, kernel) == dtype::float64 ? dtype::float64 : dtype::float32;
}

std::uint64_t largest_of(dtype type) {
    const index bits = 8 * itemsize_of(type);
    if (type == dtype::boolean) return 1;
    if (kind_of(type) == kind::signed_integer) return std::uint64_t(1) << (bits - 1);
    return bits == 64 ? UINT64_MAX : (std::uint64_t(1) << bits) - 1;
}

std::uint64_t magnitude_of_fill(const convolve_task &task) {
    if (task.boundary != BYTESTRIDE_BOUNDARY_CONSTANT) return 0;
    const std::uint64_t bits = static_cast<std::uint64_t>(task.fill_integer);
    return task.input.type != dtype::uint64 && task.fill_integer < 0 ? 0 - bits : bits;
}

// Whether sums modulo 2^16 can be told from one another: if all that the input's dtype can hold stays within int16 or uint16, with
// room for what is added to round a sum.
bool fits_16_bits(const convolve_task &task, int128 positive, int128 negative, int128 rounding, convolve_weights *w) {
    const dtype type = task.input.type;
    if (type != dtype::uint8 && type != dtype::int8 && type != dtype::int16 && type != dtype::boolean) return false;
    constexpr int128 most_weight = 1 << 16;
    if (positive > most_weight || negative < -most_weight) return false;
    const bool is_signed = kind_of(type) == kind::signed_integer;
    const int128 largest = static_cast<int128>(largest_of(type)) - (is_signed ? 1 : 0);
    const int128 smallest = is_signed ? -static_cast<int128>(largest_of(type)) : 0;
    const int128 most = positive * largest + negative * smallest + rounding, least = positive * smallest + negative * largest;
    const bool fits_signed = least >= INT16_MIN && most <= INT16_MAX;
    if (!fits_signed && (least < 0 || most > UINT16_MAX)) return false;
    w->element = dtype::int16;
    w->sum = fits_signed ? dtype::int16 : dtype::uint16;
    return true;
}

// Integers are summed exactly in the narrowest arithmetic that holds sum|w| max|x|.
status choose_exact_arithmetic(const convolve_task &task, int128 positive, int128 negative, convolve_weights *w) {
    if (fits_16_bits(task, positive, negative, 0, w)) return BYTESTRIDE_OK;
    const uint128 sum_of_weights = static_cast<uint128>(positive) + static_cast<uint128>(-negative);
    std::uint64_t largest = largest_of(task.input.type);
    const auto within = [&](uint128 limit) { return largest == 0 || sum_of_weights <= limit / largest; };
    constexpr uint128 one = 1;
    if (!within(one << 53)) {
        // What the dtype could hold does not fit, what the input does hold may.
        const status scanned = largest_magnitude(task.settings, task.input, &largest);
        if (scanned != BYTESTRIDE_OK) return scanned;
        if (magnitude_of_fill(task) > largest) largest = magnitude_of_fill(task);
    }
    if (!within((one << 127) - 1)) return BYTESTRIDE_ERROR_OVERFLOW;
    w->wide = !within((one << 63) - 1);
    if (w->wide) {
        w->element = task.input.type == dtype::uint64 ? dtype::uint64 : dtype::int64;
        const dtype out = task.out.type;
        w->sum = out == dtype::float32 || out == dtype::float64 || out == dtype::uint64 ? out : dtype::int64;
    } else {
        w->element = w->sum = within(one << 24) ? dtype::float32 : within(one << 53) ? dtype::float64 : dtype::int64;
    }
    return BYTESTRIDE_OK;
}

template <class T> const void *converted(const int128 *values, index count, T unit, pieces &memory) {
    T *to = memory.take<T>(count);
    for (index i = 0; i < count; ++i) to[i] = static_cast<T>(static_cast<T>(values[i]) * unit);
    return to;
}

// Weights of integers as they are, of floats in this unit.
const void *in_arithmetic(const convolve_weights &w, const int128 *values, index count, float unit, pieces &memory) {
    if (w.wide) return values;
    if (w.element == dtype::float32) return converted<float>(values, count, unit, memory);
    if (w.element == dtype::float64) return converted<double>(values, count, unit, memory);
    if (w.element == dtype::int16) return converted<std::uint16_t>(values, count, 1, memory);
    return converted<std::int64_t>(values, count, 1, memory);
}

// One pass per axis reads and writes rows once per axis: measured, it pays from 5 x 5 on (480 x 640 uint8 and float32 in 0.8 of the time),
// for float64, whose rows fill the caches, from 6 x 6 on (1080p in 0.95, 5 x 5 in 1.2). It keeps the bound of the direct sum, (taps + 2)
// roundings, as long as its own roundings and those of the factors are not more.
bool worth_separating(const convolve_weights &w) {
    index all = 1, sum = 0;
    for (int i = 0; i < w.axes; ++i) {
        all *= w.taps[i];
        sum += w.taps[i];
    }
    const index taps_of_another_pass = w.element == dtype::float64 ? 10 : 5;
    return all >= 2 * sum + taps_of_another_pass * (w.axes - 1) && all + 2 >= sum + 8 * (w.axes - 1);
}

// Means that one pass, which widens elements as it loads them, sums faster.
bool is_small_mean(const convolve_task &task, const convolve_weights &w, bool ones) {
    if (!ones || w.axes != 2 || w.taps[0] != w.taps[1]) return false;
    const bool long_vectors = convolve_vector_elements(dtype::uint8) == 64;
    if (task.input.type == dtype::uint8) return w.taps[0] == 5 || (w.taps[0] == 7 && long_vectors);
    return w.taps[0] == 5 && long_vectors && (task.input.type == dtype::uint16 || task.input.type == dtype::int16);
}

// Whole numbers, in this unit, in the arithmetic that was chosen, and their factors where those are wanted or worth it. False
// where there are none.
bool keep_integers(const convolve_task &task, const int128 *values, index taps, float unit, bool worth, pieces memory,
                   convolve_weights *w) {
    const bool wanted = task.method == BYTESTRIDE_METHOD_SEPARABLE;
    bool found = w->axes <= 1;
    if (!found && (wanted || (task.method == BYTESTRIDE_METHOD_AUTO && worth))) {
        int128 *factors[max_ndim];
        for (int i = 0; i < w->axes; ++i) factors[i] = memory.take<int128>(w->taps[i]);
        found = factorize(values, w->axes, w->taps, factors);
        // Sums on the way are bounded by sum|w| max|x| like the result; but those in 128 bits are no rows to sum again.
        w->separable = found && !w->wide;
        if (w->separable)
            for (int i = 0; i < w->axes; ++i)
                w->factors[i] = in_arithmetic(*w, factors[i], w->taps[i], i == w->axes - 1 ? unit : 1, memory);
    }
    w->weights = in_arithmetic(*w, values, taps, unit, memory);
    return found;
}

status read_integers(const convolve_task &task, index taps, pieces memory, convolve_weights *w) {
    const dtype type = task.kernel.type;
    char *dense = memory.take<char>(taps * task.kernel.itemsize);
    read_dense(task, dense);
    int128 *values = memory.take<int128>(taps);
    int128 positive = 0, negative = 0;
    for (index i = 0; i < taps; ++i) {
        std::int64_t bits;
        converter(type, dtype::int64, cast_rule::wrap)(dense + i * task.kernel.itemsize, &bits, 1);
        values[i] = type == dtype::uint64 ? static_cast<int128>(static_cast<std::uint64_t>(bits)) : static_cast<int128>(bits);
        (values[i] < 0 ? negative : positive) += values[i];
    }
    w->exact = true;
    const status chosen = choose_exact_arithmetic(task, positive, negative, w);
    if (chosen != BYTESTRIDE_OK) return chosen;

    const bool found = keep_integers(task, values, taps, 1, worth_separating(*w), memory, w);
    return !found && task.method == BYTESTRIDE_METHOD_SEPARABLE ? BYTESTRIDE_ERROR_OPTION : BYTESTRIDE_OK;
}

template <class T> status read_floats(const convolve_task &task, index taps, pieces memory, convolve_weights *w) {
    const dtype type = task.kernel.type;
    char *dense = memory.take<char>(taps * task.kernel.itemsize);
    read_dense(task, dense);
    T *values = memory.take<T>(taps);
    converter(type, w->element, cast_rule::saturate)(dense, values, taps);
    w->weights = values;

    const bool wanted = task.method == BYTESTRIDE_METHOD_SEPARABLE;
    if (w->axes <= 1 || !(wanted || (task.method == BYTESTRIDE_METHOD_AUTO && worth_separating(*w)))) return BYTESTRIDE_OK;
    T *factors[max_ndim];
    for (int i = 0; i < w->axes; ++i) factors[i] = memory.take<T>(w->taps[i]);
    // 4 units in the last place per axis. By itself the library goes by the arithmetic of the sum, whose bound it must keep; who
    // asks for it means a product that was rounded to the kernel's own dtype.
    const double unit = unit_roundoff(wanted && is_floating(type) ? type : w->element);
    w->separable = factorize(values, w->axes, w->taps, 8 * unit * (w->axes - 1), factors);
    for (int i = 0; i < w->axes; ++i) w->factors[i] = factors[i];
    return wanted && !w->separable ? BYTESTRIDE_ERROR_OPTION : BYTESTRIDE_OK;
}

// ---- Float weights that are whole numbers of a unit ---------------------------------------------------------

// Rounding adds half of 2^shift to sums of 16 bits.
constexpr int most_shift = 15;
constexpr double most_multiple = 65536;

// The power of two that makes a weight whole; more than `most_shift` where none does.
int shift_of(double weight) {
    if (weight == 0) return 0;
    const std::uint64_t bits = load<std::uint64_t>(&weight), mantissa = (bits & 0xfffffffffffffu) | 0x10000000000000u;
    const int lowest = static_cast<int>(bits >> 52 & 0x7ff) - 1075 + __builtin_ctzll(mantissa);  // weight = odd number * 2^lowest
    if (lowest < -most_shift || !(__builtin_fabs(weight) <= most_multiple)) return most_shift + 1;
    return lowest < 0 ? -lowest : 0;
}

// Weights as whole numbers of a unit: 2^-shift, or the least weight; 0 where they are none of those.
struct multiples {
    double unit;
    int shift;                        // -1 where the unit is no such power
    std::int64_t positive, negative;  // sums

    std::int64_t of(double weight) const {
        const double multiple = weight / unit;
        return static_cast<std::int64_t>(multiple + (multiple < 0 ? -0.5 : 0.5));
    }
};

template <class T> multiples as_multiples(const T *weights, index taps) {
    multiples m{};
    double least = 0;
    for (index i = 0; i < taps; ++i) {
        const double weight = static_cast<double>(weights[i]), magnitude = __builtin_fabs(weight);
        const int shift = shift_of(weight);
        if (shift > m.shift) m.shift = shift;
        if (magnitude != 0 && !(least > 0 && least <= magnitude)) least = magnitude;
    }
    const bool binary = m.shift <= most_shift;
    m.unit = binary ? 1 / static_cast<double>(1 << m.shift) : least;
    if (!binary) m.shift = -1;
    // A unit in the last place of a weight, and one rounding of the product, are within the bound of the plain sum.
    constexpr double tolerance = sizeof(T) == 4 ? 0x1p-23 : 0x1p-52;
    for (index i = 0; i < taps; ++i) {
        const double weight = static_cast<double>(weights[i]);
        if (!(__builtin_fabs(weight) <= most_multiple * m.unit)) return {};
        const std::int64_t whole = m.of(weight);
        if (!(__builtin_fabs(static_cast<double>(whole) * m.unit - weight) <= tolerance * __builtin_fabs(weight))) return {};
        (whole < 0 ? m.negative : m.positive) += whole;
    }
    return m;
}

// The narrowest arithmetic in which the sums of all that the input's dtype can hold are exact: 16 bits, but not instead of float32 for
// results that have more (uint8 to float32 by 3 x 3 takes 1 to 1.3 times as long), or float32.
bool choose_arithmetic_of_multiples(const convolve_task &task, const multiples &m, bool ones, convolve_weights *w) {
    const int128 rounding = m.shift > 0 ? int128(1) << (m.shift - 1) : 0;
    if ((task.out.itemsize <= 2 || w->element == dtype::float64) && fits_16_bits(task, m.positive, m.negative, rounding, w)) return true;
    constexpr int128 limit = 1 << 24;
    if (itemsize_of(task.input.type) > 2 || (w->element == dtype::float32 && m.shift < 0 && !ones)) return false;
    if (static_cast<int128>(m.positive - m.negative) * static_cast<int128>(largest_of(task.input.type)) > limit) return false;
    w->element = w->sum = dtype::float32;
    return true;
}

// Whether results of uint8 are the same from products in float32 as in float64. Sums over an odd number are at least 1 / (2 * number) from
// where rounding changes, which errors of 2^-23 of 256 do not reach.
bool rounds_alike(const convolve_task &task, const multiples &m) {
    const double number = 1 / m.unit;
    if (task.out.type != dtype::uint8 || !(number < 8192)) return false;
    const std::int64_t whole = static_cast<std::int64_t>(number + 0.5);
    return whole % 2 == 1 && __builtin_fabs(static_cast<double>(whole) * m.unit - 1) < 1e-12;
}

// How sums of 16 bits without a sign become bytes where the unit is one over an odd number: it is below 258, so that no quotient is nearer
// than 1 / 514 to where rounding changes, which what the unit lacks of that fraction does not reach.
sum_divisor divisor_of(const convolve_task &task, const multiples &m) {
    if (task.out.type != dtype::uint8 || kind_of(task.input.type) == kind::signed_integer || m.negative < 0 || !(m.unit > 1.0 / 258))
        return {};
    const std::int64_t number = static_cast<std::int64_t>(1 / m.unit + 0.5), half = number / 2;
    if (number % 2 == 0 || !(__builtin_fabs(static_cast<double>(number) * m.unit - 1) < 1e-6)) return {};
    int shift = 0;
    while (std::int64_t(2) << shift < number) ++shift;
    const std::int64_t power = std::int64_t(1) << (16 + shift), factor = (power + number - 1) / number;
    // The factor is too large by less than 1, which the largest sum must not bring to the next quotient.
    const std::int64_t largest = m.positive * static_cast<std::int64_t>(largest_of(task.input.type)) + half;
    if (largest > UINT16_MAX || largest * (factor * number - power) >= power) return {};
    return {static_cast<std::uint16_t>(half), static_cast<std::uint16_t>(factor), shift};
}

}  // namespace

index weights_bytes(const convolve_task &task) {
    const index taps = count_taps(task), factors = count_factors(task);
    if (taps > most_taps || factors > most_taps) return -1;
    // As they come, as integers of 128 bits, and as they are used; factors the last two ways.
    const index lines = 64 * (3 + 2 * max_ndim);
    return taps * (8 + 16 + 8) + factors * (16 + 8) + lines;
}

status read_weights(const convolve_task &task, char *memory, convolve_weights *weights) {
    convolve_weights &w = *weights;
    w = {};
    read_extents(task, &w);
    const index taps = count_taps(task);
    if (!is_floating(task.input.type) && !is_floating(task.kernel.type)) return read_integers(task, taps, {memory}, weights);
    w.element = w.sum = float_arithmetic(task.input.type, task.kernel.type);
    return w.element == dtype::float32 ? read_floats<float>(task, taps, {memory}, weights)
                                       : read_floats<double>(task, taps, {memory}, weights);
}

bool read_multiples(const convolve_task &task, char *memory, convolve_weights *weights) {
    convolve_weights &w = *weights;
    const index taps = count_taps(task);
    const dtype natural = w.element;
    const multiples m = natural == dtype::float32 ? as_multiples(static_cast<const float *>(w.weights), taps)
                                                  : as_multiples(static_cast<const double *>(w.weights), taps);
    const bool ones = m.positive == taps && m.negative == 0;
    if (m.unit == 0 || !choose_arithmetic_of_multiples(task, m, ones, &w)) return false;
    read_extents(task, &w);
    w.separable = false;
    w.exact = true;
    pieces left{memory};
    char *dense = left.take<char>(taps * task.kernel.itemsize);
    read_dense(task, dense);
    int128 *values = left.take<int128>(taps);
    const convert_function as_double = converter(task.kernel.type, dtype::float64, cast_rule::saturate);
    for (index i = 0; i < taps; ++i) {
        double weight;
        as_double(dense + i * task.kernel.itemsize, &weight, 1);
        values[i] = m.of(weight);
    }
    // Powers of two are taken into weights of floats.
    const bool in_weights = m.shift >= 0 && w.element == dtype::float32;
    if (m.unit != 1 && !in_weights) w.scale = {rounds_alike(task, m) ? dtype::float32 : natural, m.unit, m.shift, divisor_of(task, m)};
    // Where only the floats have factors, all taps are summed in one pass.
    keep_integers(task, values, taps, in_weights ? static_cast<float>(m.unit) : 1, worth_separating(w) && !is_small_mean(task, w, ones),
                  left, weights);
    return true;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
