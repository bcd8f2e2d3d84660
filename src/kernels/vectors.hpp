// Vectors of the level, for loops that must keep their sums in registers whatever the compiler thinks of them.
#pragma once
#include <type_traits>
#include <utility>

#include "kernels/kernel.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

#define BYTESTRIDE_INLINE inline __attribute__((always_inline))
#define BYTESTRIDE_INLINED __attribute__((always_inline))  // of a lambda

#if defined(__AVX512F__)
constexpr index vector_bytes = 64;
#elif defined(__AVX2__)
constexpr index vector_bytes = 32;
#else
constexpr index vector_bytes = 16;
#endif

typedef float floats __attribute__((vector_size(vector_bytes)));
typedef double doubles __attribute__((vector_size(vector_bytes)));

template <class T> struct vector_of;
template <> struct vector_of<float> { using type = floats; };
template <> struct vector_of<double> { using type = doubles; };
template <class T> using vector = typename vector_of<T>::type;
template <class T> constexpr index lanes = vector_bytes / static_cast<index>(sizeof(T));

// Calls f with each of the constants 0 ... count - 1: what an array of vectors holds stays in registers only where every
// index is a constant from the beginning.
template <class F, int... I> BYTESTRIDE_INLINE void for_constants(const F &f, std::integer_sequence<int, I...>) {
    (f(std::integral_constant<int, I>{}), ...);
}
template <int count, class F> BYTESTRIDE_INLINE void for_constants(const F &f) {
    for_constants(f, std::make_integer_sequence<int, count>{});
}

template <class T> BYTESTRIDE_INLINE vector<T> load_lanes(const T *from) { return load<vector<T>>(from); }
template <class T> BYTESTRIDE_INLINE void store_lanes(T *to, vector<T> value) { store(to, value); }

// As many elements as there are lanes of float64, at any address, as float64. For elements that vectors convert: float32, float64, and
// integers of up to 32 bits but uint32. g++ 12 converts halves or single lanes of the compiler's vectors, and
// by way of plain loops squared_error takes 1.2 times as long.
template <class T> BYTESTRIDE_INLINE doubles load_as_doubles(const char *from) {
    if constexpr (std::is_same_v<T, double>) {
        return load<doubles>(from);
    } else {
#if defined(__AVX512F__)
        const auto load_part = [&](auto none) BYTESTRIDE_INLINED { return load<decltype(none)>(from); };
        if constexpr (std::is_same_v<T, float>) return _mm512_maskz_cvtps_pd(0xff, load_part(__m256()));
        if constexpr (std::is_same_v<T, std::int32_t>) return _mm512_maskz_cvtepi32_pd(0xff, load_part(__m256i()));
        if constexpr (std::is_same_v<T, std::int16_t>) return _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepi16_epi32(load_part(__m128i())));
        if constexpr (std::is_same_v<T, std::uint16_t>) return _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepu16_epi32(load_part(__m128i())));
        if constexpr (std::is_same_v<T, std::int8_t>) return _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepi8_epi32(_mm_loadu_si64(from)));
        if constexpr (std::is_same_v<T, std::uint8_t>) return _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepu8_epi32(_mm_loadu_si64(from)));
#elif defined(__AVX2__)
        const auto load_part = [&](auto none) BYTESTRIDE_INLINED { return load<decltype(none)>(from); };
        if constexpr (std::is_same_v<T, float>) return _mm256_cvtps_pd(load_part(__m128()));
        if constexpr (std::is_same_v<T, std::int32_t>) return _mm256_cvtepi32_pd(load_part(__m128i()));
        if constexpr (std::is_same_v<T, std::int16_t>) return _mm256_cvtepi32_pd(_mm_cvtepi16_epi32(_mm_loadu_si64(from)));
        if constexpr (std::is_same_v<T, std::uint16_t>) return _mm256_cvtepi32_pd(_mm_cvtepu16_epi32(_mm_loadu_si64(from)));
        if constexpr (std::is_same_v<T, std::int8_t>) return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_loadu_si32(from)));
        if constexpr (std::is_same_v<T, std::uint8_t>) return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_loadu_si32(from)));
#else
#if defined(__x86_64__)
        if constexpr (std::is_same_v<T, float>) return _mm_cvtps_pd(_mm_castsi128_ps(_mm_loadu_si64(from)));
        if constexpr (std::is_same_v<T, std::int32_t>) return _mm_cvtepi32_pd(_mm_loadu_si64(from));
#endif
        typedef T elements __attribute__((vector_size(lanes<double> * sizeof(T))));
        return __builtin_convertvector(load<elements>(from), doubles);
#endif
    }
}

#if defined(__AVX512F__)
BYTESTRIDE_INLINE floats all_lanes(float x) { return _mm512_set1_ps(x); }
BYTESTRIDE_INLINE doubles all_lanes(double x) { return _mm512_set1_pd(x); }
BYTESTRIDE_INLINE floats fused_lanes(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
BYTESTRIDE_INLINE doubles fused_lanes(doubles a, doubles b, doubles c) { return _mm512_fmadd_pd(a, b, c); }
BYTESTRIDE_INLINE floats root_lanes(floats x) { return _mm512_maskz_sqrt_ps(0xffff, x); }
BYTESTRIDE_INLINE doubles root_lanes(doubles x) { return _mm512_maskz_sqrt_pd(0xff, x); }
#elif defined(__AVX2__)
BYTESTRIDE_INLINE floats all_lanes(float x) { return _mm256_set1_ps(x); }
BYTESTRIDE_INLINE doubles all_lanes(double x) { return _mm256_set1_pd(x); }
BYTESTRIDE_INLINE floats fused_lanes(floats a, floats b, floats c) { return _mm256_fmadd_ps(a, b, c); }
BYTESTRIDE_INLINE doubles fused_lanes(doubles a, doubles b, doubles c) { return _mm256_fmadd_pd(a, b, c); }
BYTESTRIDE_INLINE floats root_lanes(floats x) { return _mm256_sqrt_ps(x); }
BYTESTRIDE_INLINE doubles root_lanes(doubles x) { return _mm256_sqrt_pd(x); }
#elif defined(__aarch64__)
BYTESTRIDE_INLINE floats all_lanes(float x) { return vdupq_n_f32(x); }
BYTESTRIDE_INLINE doubles all_lanes(double x) { return vdupq_n_f64(x); }
BYTESTRIDE_INLINE floats fused_lanes(floats a, floats b, floats c) { return vfmaq_f32(c, a, b); }
BYTESTRIDE_INLINE doubles fused_lanes(doubles a, doubles b, doubles c) { return vfmaq_f64(c, a, b); }
BYTESTRIDE_INLINE floats root_lanes(floats x) { return vsqrtq_f32(x); }
BYTESTRIDE_INLINE doubles root_lanes(doubles x) { return vsqrtq_f64(x); }
#else
BYTESTRIDE_INLINE floats all_lanes(float x) { return _mm_set1_ps(x); }
BYTESTRIDE_INLINE doubles all_lanes(double x) { return _mm_set1_pd(x); }
BYTESTRIDE_INLINE floats fused_lanes(floats a, floats b, floats c) { return a * b + c; }
BYTESTRIDE_INLINE doubles fused_lanes(doubles a, doubles b, doubles c) { return a * b + c; }
BYTESTRIDE_INLINE floats root_lanes(floats x) { return _mm_sqrt_ps(x); }
BYTESTRIDE_INLINE doubles root_lanes(doubles x) { return _mm_sqrt_pd(x); }
#endif

// 1 / sqrt(x) of positive numbers, within 2 units in the last place; infinite or NaN at 0.
BYTESTRIDE_INLINE doubles inverse_root_lanes(doubles x) {
#if defined(__AVX512F__)
    // With x r^2 = 1 - e the inverse is r (1 - e)^(-1/2), whose series is cut off at 0.3 e^4, below 2^-57.
    const doubles r = _mm512_maskz_rsqrt14_pd(0xff, x), e = _mm512_fnmadd_pd(x * r, r, all_lanes(1.0));
    return fused_lanes(fused_lanes(fused_lanes(e, all_lanes(0.3125), all_lanes(0.375)), e, all_lanes(0.5)), r * e, r);
#else
    return all_lanes(1.0) / root_lanes(x);
#endif
}

// root_lanes by multiplications, where that is another unit's work, so that the two run side by side. For numbers that are not
// negative; with 14, 28, 56 bits from step to step the rounded result is the same. Checked on 1,482,970 numbers whose root lies next
// to the middle of two float64, where the last step decides, and on 4e8 random ones, without a difference; tests/python/
// test_distance.py makes some thousand of the hard ones anew.
BYTESTRIDE_INLINE doubles root_beside_lanes(doubles x) {
#if defined(__AVX512F__)
    const doubles r = _mm512_maskz_rsqrt14_pd(_mm512_cmp_pd_mask(x, all_lanes(0.0), _CMP_GT_OQ), x), half = all_lanes(0.5);
    doubles root = x * r, half_inverse = half * r;
    for (int step = 0; step < 2; ++step) {
        const doubles error = fused_lanes(-root, half_inverse, half);
        root = fused_lanes(root, error, root);
        half_inverse = fused_lanes(half_inverse, error, half_inverse);
    }
    return fused_lanes(fused_lanes(-root, root, x), half_inverse, root);
#else
    return root_lanes(x);
#endif
}

// The root of any sum of squares that way, with the bits of root_lanes: where a step could pass the range, by that.
BYTESTRIDE_INLINE doubles any_root_beside_lanes(doubles x) {
#if defined(__AVX512F__)
    const doubles smallest = all_lanes(0x1p-900), largest = all_lanes(0x1p1000);
    const __mmask8 inside = _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(x, smallest, _CMP_GE_OQ), x, largest, _CMP_LE_OQ);
    return __builtin_expect(inside == 0xff, 1) ? root_beside_lanes(x) : root_lanes(x);
#else
    return root_lanes(x);
#endif
}
BYTESTRIDE_INLINE floats any_root_beside_lanes(floats x) { return root_lanes(x); }

// The sum of the lanes, neighbours first: the order is the same wherever it is taken.
template <class V> BYTESTRIDE_INLINE auto sum_of_lanes(V value) {
    constexpr int count = static_cast<int>(sizeof(V) / sizeof(value[0]));
    for (int width = 1; width < count; width *= 2)
        for (int i = 0; i < count; i += 2 * width) value[i] += value[i + width];
    return value[0];
}

// The product of two rows, summed lane by lane.
inline double dot(const double *a, const double *b, index count) {
    doubles sum = all_lanes(0.0);
    index i = 0;
    for (; i + lanes<double> <= count; i += lanes<double>) sum = fused_lanes(load_lanes(a + i), load_lanes(b + i), sum);
    double total = sum_of_lanes(sum);
    for (; i < count; ++i) total = fused(a[i], b[i], total);
    return total;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
