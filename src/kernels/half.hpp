// binary16 to and from binary32, by the level's instructions where it has them.
#pragma once
#include "kernels/kernel.hpp"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

template <class To, class From> inline To bits_as(From value) {
    static_assert(sizeof(To) == sizeof(From));
    To result;
    std::memcpy(&result, &value, sizeof result);
    return result;
}

#if !defined(__F16C__) && !defined(__aarch64__)

inline float float_of_half(float16 half) {
    const std::uint32_t sign = std::uint32_t(half.bits & 0x8000u) << 16, rest = half.bits & 0x7fffu;
    // Shifted into place the exponent is too small by 112; a product mends it, for subnormals too.
    float magnitude = bits_as<float>(rest << 13) * 0x1p112f;
    if (rest >= 0x7c00u) magnitude = bits_as<float>(0x7f800000u | rest << 13);
    return bits_as<float>(bits_as<std::uint32_t>(magnitude) | sign);
}

inline float16 half_of_float(float value) {
    const std::uint32_t all = bits_as<std::uint32_t>(value), sign = all & 0x80000000u, rest = all ^ sign;
    std::uint32_t half;
    if (rest >= 0x47800000u)  // 65536 and more, infinity, NaN (kept quiet)
        half = rest > 0x7f800000u ? 0x7e00u | (rest >> 13 & 0x3ffu) : 0x7c00u;
    else if (rest < 0x38800000u)  // subnormal: adding 0.5 lets the addition round at the last bit of a half
        half = bits_as<std::uint32_t>(bits_as<float>(rest) + 0.5f) - 0x3f000000u;
    else  // rebias the exponent, round half to even; a carry may run into the exponent, up to infinity
        half = (rest - 0x38000000u + 0xfffu + (rest >> 13 & 1u)) >> 13;
    return {static_cast<std::uint16_t>(half | sign >> 16)};
}

#endif

inline void floats_of_halves(const stored<float16> *from, stored<float> *to, index count) {
    index i = 0;
#if defined(__F16C__)
    // 4x the loop below at the AVX2 level, which cannot be written as a plain loop: compilers have no such scalar.
    for (; i + 8 <= count; i += 8) store(to + i, _mm256_cvtph_ps(load<__m128i>(from + i)));
    for (; i < count; ++i) to[i] = _cvtsh_ss(load<std::uint16_t>(from + i));
#elif defined(__aarch64__)
    for (; i < count; ++i) to[i] = static_cast<float>(load<__fp16>(from + i));
#else
    BYTESTRIDE_INDEPENDENT
    for (; i < count; ++i) to[i] = float_of_half(load<float16>(from + i));
#endif
}

inline void halves_of_floats(const stored<float> *from, stored<float16> *to, index count) {
    index i = 0;
#if defined(__F16C__)
    for (; i + 8 <= count; i += 8) store(to + i, _mm256_cvtps_ph(load<__m256>(from + i), _MM_FROUND_TO_NEAREST_INT));
    for (; i < count; ++i) store(to + i, static_cast<std::uint16_t>(_cvtss_sh(from[i], _MM_FROUND_TO_NEAREST_INT)));
#elif defined(__aarch64__)
    for (; i < count; ++i) store(to + i, static_cast<__fp16>(from[i]));
#else
    BYTESTRIDE_INDEPENDENT
    for (; i < count; ++i) store(to + i, half_of_float(from[i]));
#endif
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
