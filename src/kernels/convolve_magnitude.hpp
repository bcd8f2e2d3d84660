// How large the numbers of a row are, and rows times powers of two.
#pragma once
#include <cmath>

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

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

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
