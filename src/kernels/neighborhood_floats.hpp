// Products over windows of floats, in float64.
//
// Where all factors are 0 or near enough to 1 the products stay in range, and plain loops do. Elsewhere significands and
// exponents are multiplied apart. Both ways round the same numbers, apart from powers of two, so their bits are the same.
#pragma once
#include "kernels/half.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr std::uint64_t exponent_mask = 0x7ff0000000000000u;

inline double magnitude_of(double value) { return __builtin_fabs(value); }

// Whether a product of the factors of a window, and of any part of them, is 0 or between 2^-1000 and 2^1000, as far as this row goes.
inline bool in_range(index window, const double *row, index plane, int colors, index count) {
    const double largest = window == 3 ? 0x1p111 : window == 5 ? 0x1p40 : 0x1p20, least = 1 / largest;
    std::int64_t outside = 0;
    for (int c = 0; c < colors; ++c, row += plane)
        for (index i = 0; i < count; ++i) {
            const double magnitude = magnitude_of(row[i]);
            outside |= !((magnitude <= largest) & ((magnitude >= least) | (magnitude == 0)));
        }
    return !outside;
}

// 2^-e for the e with 2^e <= largest < 2^(e + 1); for 0 some power of two.
inline double scale_to_one(double largest) {
    return bits_as<double>(0x7fe0000000000000u - (bits_as<std::uint64_t>(largest) & exponent_mask));
}

// A vector that is scaled so that its largest component lies between 1 and 2, to length 1.
template <class Pixel, int colors> inline __attribute__((always_inline)) void normalize(const double *scaled, Pixel *out) {
    double squares = 0;
    for (int c = 0; c < colors; ++c) squares += scaled[c] * scaled[c];
    const double norm = __builtin_sqrt(squares);
    for (int c = 0; c < colors; ++c) out[c] = static_cast<Pixel>(squares == 0 ? 0.0 : scaled[c] / norm);
}

// The channels stay in planes: stored as pixels, they would be computed one by one.
template <class Pixel, int colors> void normalize_floats(const double *products, index plane, index count, Pixel *apart) {
    BYTESTRIDE_INDEPENDENT
    for (index x = 0; x < count; ++x) {
        double largest = 0;
        for (int c = 0; c < colors; ++c) {
            const double magnitude = magnitude_of(products[c * plane + x]);
            largest = magnitude > largest ? magnitude : largest;
        }
        const double scale = scale_to_one(largest);
        double scaled[colors];
        for (int c = 0; c < colors; ++c) scaled[c] = products[c * plane + x] * scale;
        Pixel result[colors];
        normalize<Pixel, colors>(scaled, result);
        for (int c = 0; c < colors; ++c) apart[c * plane + x] = result[c];
    }
}

// A number as significand * 2^exponent, the significand's magnitude between 1 and 2; 0, infinities and NaN are their own
// significands.
struct split_number {
    double significand;
    std::int64_t exponent;

    static split_number of(double value) {
        const bool subnormal = magnitude_of(value) < 0x1p-1022;
        const double normal = subnormal ? value * 0x1p64 : value;
        const std::uint64_t bits = bits_as<std::uint64_t>(normal), field = bits & exponent_mask;
        if (normal == 0 || field == exponent_mask) return {normal, 0};
        const std::int64_t exponent = static_cast<std::int64_t>(field >> 52) - 1023 - (subnormal ? 64 : 0);
        return {bits_as<double>((bits & ~exponent_mask) | 0x3ff0000000000000u), exponent};
    }
    split_number times(const split_number &other) const { return {significand * other.significand, exponent + other.exponent}; }
};

inline double shifted(double value, std::int64_t exponent) {
    // Two steps reach every exponent; below 2^-2000 everything is 0.
    if (exponent < -2000) exponent = -2000;
    const std::int64_t half = exponent / 2;
    const auto power = [](std::int64_t e) { return bits_as<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
    return value * power(half) * power(exponent - half);
}

// The products and their normalisation for factors of any magnitude.
template <class Pixel, int channels, int colors>
void multiply_and_normalize(index window, const double *const *rows, index plane, index count, Pixel *out) {
    for (index x = 0; x < count; ++x) {
        split_number products[colors] = {};
        std::int64_t largest = INT64_MIN;
        for (int c = 0; c < colors; ++c) {
            for (index column = 0; column < window; ++column) {
                const index i = c * plane + x + column;
                split_number product = split_number::of(rows[0][i]);
                for (index row = 1; row < window; ++row) product = product.times(split_number::of(rows[row][i]));
                products[c] = column == 0 ? product : products[c].times(product);
            }
            const split_number whole = split_number::of(products[c].significand);
            products[c] = {whole.significand, whole.exponent + products[c].exponent};
            const bool ordinary = magnitude_of(whole.significand) > 0 && magnitude_of(whole.significand) < 2;
            if (ordinary && products[c].exponent > largest) largest = products[c].exponent;
        }
        double scaled[colors];
        for (int c = 0; c < colors; ++c) {
            const double magnitude = magnitude_of(products[c].significand);
            const bool ordinary = magnitude > 0 && magnitude < 2;
            scaled[c] = ordinary ? shifted(products[c].significand, products[c].exponent - largest) : products[c].significand;
        }
        normalize<Pixel, colors>(scaled, out + x * channels);
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
