// What is found out about numbers before they are summed: factors of kernels, magnitudes of inputs.
#include <cmath>

#include "core/dtype.hpp"
#include "core/loops.hpp"
#include "kernels/convolve_weights.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

struct dense_kernel {
    int axes;
    const index *taps;
    index strides[max_ndim] = {};
    index count = 1;

    dense_kernel(int axes_given, const index *taps_given) : axes(axes_given), taps(taps_given) {
        for (int i = axes - 1; i >= 0; --i) {
            strides[i] = count;
            count *= taps[i];
        }
    }
    index along(int axis, index element) const { return element / strides[axis] % taps[axis]; }
    // The first element of the line through an element along an axis.
    index line(int axis, index element) const { return element - along(axis, element) * strides[axis]; }
};

template <class T> index largest(const T *weights, index count) {
    index best = 0;
    const auto magnitude = [](T value) { return value < 0 ? -value : value; };
    for (index i = 1; i < count; ++i)
        if (magnitude(weights[i]) > magnitude(weights[best])) best = i;
    return best;
}

template <class T> void all_zero(const dense_kernel &kernel, T *const *factors) {
    for (int axis = 0; axis < kernel.axes; ++axis)
        for (index i = 0; i < kernel.taps[axis]; ++i) factors[axis][i] = 0;
}

template <class T> bool is_product(const dense_kernel &kernel, const T *weights, double tolerance, const T *const *factors) {
    const int last = kernel.axes - 1;
    for (index first = 0; first < kernel.count; first += kernel.taps[last]) {
        double outer = 1;
        for (int axis = 0; axis < last; ++axis) outer *= static_cast<double>(factors[axis][kernel.along(axis, first)]);
        for (index i = 0; i < kernel.taps[last]; ++i) {
            const double weight = weights[first + i];
            if (!(std::fabs(outer * static_cast<double>(factors[last][i]) - weight) <= tolerance * std::fabs(weight))) return false;
        }
    }
    return true;
}

template <class T> bool factorize_floats(const T *weights, int axes, const index *taps, double tolerance, T *const *factors) {
    const dense_kernel kernel(axes, taps);
    for (index i = 0; i < kernel.count; ++i)
        if (!std::isfinite(weights[i])) return false;
    const index pivot = largest(weights, kernel.count);
    if (weights[pivot] == 0) {
        all_zero(kernel, factors);
        return true;
    }
    // The lines through the largest entry, relative to it except along the last axis.
    for (int axis = 0; axis < axes; ++axis) {
        const T *line = weights + kernel.line(axis, pivot);
        const double unit = axis == axes - 1 ? 1.0 : static_cast<double>(weights[pivot]);
        for (index i = 0; i < taps[axis]; ++i)
            factors[axis][i] = static_cast<T>(static_cast<double>(line[i * kernel.strides[axis]]) / unit);
    }
    // The first axis is summed last and takes the scale of all: a factor whose weights sum to at most 1 cannot overflow on
    // the way. Powers of two round nothing.
    int scale = 0;
    for (int axis = axes - 1; axis > 0; --axis) {
        double sum = 0;
        for (index i = 0; i < taps[axis]; ++i) sum += std::fabs(static_cast<double>(factors[axis][i]));
        int exponent;
        std::frexp(sum, &exponent);
        if (sum <= 1) continue;
        scale += exponent;
        for (index i = 0; i < taps[axis]; ++i)
            factors[axis][i] = static_cast<T>(std::ldexp(static_cast<double>(factors[axis][i]), -exponent));
    }
    for (index i = 0; i < taps[0]; ++i) factors[0][i] = static_cast<T>(std::ldexp(static_cast<double>(factors[0][i]), scale));
    return is_product(kernel, weights, tolerance, factors);
}

int128 greatest_divisor(int128 a, int128 b) {
    while (b != 0) {
        const int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

constexpr int128 beyond_weights = int128(1) << 64;

// `beyond_weights` stands for all products that no weight can be.
int128 bounded_product(int128 a, int128 b) {
    const auto magnitude = [](int128 value) { return value < 0 ? -value : value; };
    if (a == 0 || b == 0) return 0;
    if (magnitude(a) > INT64_MAX && magnitude(b) > 1) return beyond_weights;
    const int128 product = a * b;
    return magnitude(product) < beyond_weights ? product : beyond_weights;
}

bool is_product(const dense_kernel &kernel, const int128 *weights, const int128 *const *factors) {
    const int last = kernel.axes - 1;
    for (index first = 0; first < kernel.count; first += kernel.taps[last]) {
        int128 outer = 1;
        for (int axis = 0; axis < last; ++axis) outer = bounded_product(outer, factors[axis][kernel.along(axis, first)]);
        for (index i = 0; i < kernel.taps[last]; ++i)
            if (bounded_product(outer, factors[last][i]) != weights[first + i]) return false;
    }
    return true;
}

template <class T> std::uint64_t magnitude_of_run(const char *data, index stride, index count) {
    // The least and the greatest instead of |x|, which the least signed integer does not have.
    T least = 0, greatest = 0;
    const auto scan = [&](index step) {
        for (index i = 0; i < count; ++i) {
            const T value = load<T>(data + i * step);
            least = value < least ? value : least;
            greatest = value > greatest ? value : greatest;
        }
    };
    if (stride == sizeof(T))
        scan(sizeof(T));
    else
        scan(stride);
    const std::uint64_t below = 0 - static_cast<std::uint64_t>(least), above = static_cast<std::uint64_t>(greatest);
    return below > above ? below : above;
}

std::uint64_t magnitude_of_run(dtype type, const char *data, index stride, index count) {
    switch (type) {
    case dtype::boolean: return 1;
    case dtype::int8: return magnitude_of_run<std::int8_t>(data, stride, count);
    case dtype::int16: return magnitude_of_run<std::int16_t>(data, stride, count);
    case dtype::int32: return magnitude_of_run<std::int32_t>(data, stride, count);
    case dtype::int64: return magnitude_of_run<std::int64_t>(data, stride, count);
    case dtype::uint8: return magnitude_of_run<std::uint8_t>(data, stride, count);
    case dtype::uint16: return magnitude_of_run<std::uint16_t>(data, stride, count);
    case dtype::uint32: return magnitude_of_run<std::uint32_t>(data, stride, count);
    default: return magnitude_of_run<std::uint64_t>(data, stride, count);
    }
}

}  // namespace

bool factorize(const float *weights, int axes, const index *taps, double tolerance, float *const *factors) {
    return factorize_floats(weights, axes, taps, tolerance, factors);
}

bool factorize(const double *weights, int axes, const index *taps, double tolerance, double *const *factors) {
    return factorize_floats(weights, axes, taps, tolerance, factors);
}

bool factorize(const int128 *weights, int axes, const index *taps, int128 *const *factors) {
    const dense_kernel kernel(axes, taps);
    const index pivot = largest(weights, kernel.count);
    if (weights[pivot] == 0) {
        all_zero(kernel, factors);
        return true;
    }
    // Along every axis but the first the line through the largest entry, free of common divisors; if the kernel is a
    // product of integers at all, it is one of these and a line of integers along the first axis.
    int128 unit = 1;
    for (int axis = axes - 1; axis > 0; --axis) {
        const int128 *line = weights + kernel.line(axis, pivot);
        int128 divisor = 0;
        for (index i = 0; i < taps[axis]; ++i) divisor = greatest_divisor(divisor, line[i * kernel.strides[axis]]);
        for (index i = 0; i < taps[axis]; ++i) factors[axis][i] = line[i * kernel.strides[axis]] / divisor;
        const int128 at_pivot = factors[axis][kernel.along(axis, pivot)];
        if (weights[pivot] % at_pivot != 0) return false;
        // The units divide the largest entry one after the other, so their product stays below it.
        if ((weights[pivot] / unit) % at_pivot != 0) return false;
        unit *= at_pivot;
    }
    const int128 *line = weights + kernel.line(0, pivot);
    for (index i = 0; i < taps[0]; ++i) {
        const int128 weight = line[i * kernel.strides[0]];
        if (weight % unit != 0) return false;
        factors[0][i] = weight / unit;
    }
    return is_product(kernel, weights, factors);
}

status largest_magnitude(const call &settings, const view &input, std::uint64_t *largest_found) {
    view distinct = input;
    for (int i = 0; i < distinct.ndim; ++i)
        if (distinct.strides[i] == 0 && distinct.shape[i] > 1) distinct.shape[i] = 1;
    *largest_found = 0;
    if (element_count(distinct) == 0) return BYTESTRIDE_OK;
    const view *const views[] = {&distinct};
    const loop_nest nest = nest_loops(views, 1);
    const int inner = nest.ndim - 1;
    constexpr index piece = 4096;
    const index pieces = (nest.shape[inner] + piece - 1) / piece;
    index runs = pieces;
    for (int i = 0; i < inner; ++i) runs *= nest.shape[i];
    const index run = nest.shape[inner] < piece ? nest.shape[inner] : piece;
    const loop what = {runs, 20 + 0.5 * static_cast<double>(run)};
    // Progress is the convolution's own.
    const call quiet = {settings.threads, settings.cancel, nullptr};
    return parallel_for(quiet, what, [&](index begin, index end, int) {
        std::uint64_t found = 0;
        for (index item = begin; item < end; ++item) {
            const index first = item % pieces * piece;
            index rest = item / pieces;
            const char *data = nest.data[0] + first * nest.strides[0][inner];
            for (int i = inner - 1; i >= 0; --i) {
                data += rest % nest.shape[i] * nest.strides[0][i];
                rest /= nest.shape[i];
            }
            const index left = nest.shape[inner] - first;
            const std::uint64_t here = magnitude_of_run(input.type, data, nest.strides[0][inner], left < piece ? left : piece);
            found = here > found ? here : found;
        }
        std::uint64_t known = __atomic_load_n(largest_found, __ATOMIC_RELAXED);
        while (found > known && !__atomic_compare_exchange_n(largest_found, &known, found, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
    });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
