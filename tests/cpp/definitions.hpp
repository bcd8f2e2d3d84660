// What functions compute, by their definitions and in exact or wider arithmetic: slow, and independent of the library.
#pragma once
#include <cmath>

#include "arrays.hpp"

namespace test {

// One step at a time from a position outside to the one inside that stands for it; -1 for the fill value.
inline std::int64_t inside(int boundary, std::int64_t i, std::int64_t n) {
    while (i < 0 || i >= n) {
        switch (boundary) {
        case BYTESTRIDE_BOUNDARY_REFLECT: i = i < 0 ? -1 - i : 2 * n - 1 - i; break;
        case BYTESTRIDE_BOUNDARY_MIRROR: i = n == 1 ? 0 : i < 0 ? -i : 2 * n - 2 - i; break;
        case BYTESTRIDE_BOUNDARY_NEAREST: i = i < 0 ? 0 : n - 1; break;
        case BYTESTRIDE_BOUNDARY_WRAP: i += i < 0 ? n : -n; break;
        default: return -1;
        }
    }
    return i;
}

struct convolution {
    array input, kernel, out;
    std::vector<int> axes;
    std::vector<std::int64_t> centre;  // index in the kernel, as given, that lies over the element of the result
    int boundary, region;
    bool flipped;
    std::int64_t fill;

    __int128 exact(const array &a, std::int64_t place) const {
        const reference::number n = a.number_at(place);
        return n.is_integer ? n.integer : static_cast<__int128>(n.real);
    }

    // The sum at one place of the result; everything is an integer.
    __int128 sum(std::int64_t place) const {
        extents at(out.shape.size());
        for (std::size_t i = at.size(); i-- > 0; place /= out.shape[i]) at[i] = place % out.shape[i];
        __int128 total = 0;
        for (std::int64_t tap = 0; tap < kernel.elements(); ++tap) {
            extents from = at;
            std::int64_t rest = tap;
            bool is_fill = false;
            for (std::size_t k = axes.size(); k-- > 0; rest /= kernel.shape[k]) {
                const std::int64_t t = rest % kernel.shape[k], n = kernel.shape[k];
                const std::size_t axis = static_cast<std::size_t>(axes[k]);
                std::int64_t i = at[axis];
                // In the full result element i meets tap t at i - t (convolution) or i + t - (n - 1) (correlation).
                if (region == BYTESTRIDE_REGION_FULL) i += flipped ? -t : t - (n - 1);
                if (region == BYTESTRIDE_REGION_VALID) i += flipped ? n - 1 - t : t;
                if (region == BYTESTRIDE_REGION_SAME) i += flipped ? centre[k] - t : t - centre[k];
                from[axis] = inside(boundary, i, input.shape[axis]);
                is_fill = is_fill || from[axis] < 0;
            }
            std::int64_t source = 0;
            for (std::size_t i = 0; i < from.size() && !is_fill; ++i) source = source * input.shape[i] + from[i];
            total += exact(kernel, tap) * (is_fill ? static_cast<__int128>(fill) : exact(input, source));
        }
        return total;
    }
};

// Row i of x from row j of y, of d coordinates.
inline long double distance(const array &x, std::int64_t i, const array &y, std::int64_t j, std::int64_t d, int metric) {
    long double sum = 0;
    for (std::int64_t k = 0; k < d; ++k) {
        const long double difference = x.number_at(i * d + k).real - y.number_at(j * d + k).real, size = std::fabs(difference);
        if (metric == BYTESTRIDE_METRIC_CHEBYSHEV)
            sum = size > sum ? size : sum;
        else
            sum += metric == BYTESTRIDE_METRIC_CITYBLOCK ? size : size * size;
    }
    return metric == BYTESTRIDE_METRIC_EUCLIDEAN ? std::sqrt(sum) : sum;
}

// floor(255 p / ||p||) for products of 9 numbers below 16: k^2 ||p||^2 <= (255 p)^2 fits 128 bits.
inline int exact_floor(const std::int64_t *products, int colors, int channel, std::int64_t top) {
    unsigned __int128 squares = 0, limit = static_cast<unsigned __int128>(products[channel]) * static_cast<unsigned __int128>(top);
    for (int c = 0; c < colors; ++c) squares += static_cast<unsigned __int128>(products[c]) * static_cast<unsigned __int128>(products[c]);
    limit *= limit;
    if (squares == 0) return 0;
    int low = 0;
    for (int bit = 15; bit >= 0; --bit) {
        const int k = low + (1 << bit);
        if (k <= top && static_cast<unsigned __int128>(k) * static_cast<unsigned __int128>(k) * squares <= limit) low = k;
    }
    return low;
}

// Small integers: with them every dtype's sums are exact, whatever the order.
inline void fill_small(random_numbers &dice, const array &a) {
    for (std::int64_t i = 0; i < a.elements(); ++i) {
        const std::int64_t low = reference::type_of(a.dtype) == reference::type_uint || a.dtype == BYTESTRIDE_BOOL ? 0 : -7;
        reference::encode(a.dtype, reference::of_integer(dice.between(low, a.dtype == BYTESTRIDE_BOOL ? 1 : 7)), a.at(i));
    }
}

}  // namespace test
