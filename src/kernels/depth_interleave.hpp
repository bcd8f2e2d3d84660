// Vectors of x, y and z become whole points, all of them or those that are kept.
#pragma once
#include <utility>

#include "kernels/planes.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

template <class Vector> constexpr int lanes_of = static_cast<int>(sizeof(Vector) / sizeof(std::declval<Vector>()[0]));

// Part `part` of the three vectors x0 y0 z0 x1 y1 z1 ...
template <int part, class Vector> BYTESTRIDE_INLINE Vector interleaved(Vector x, Vector y, Vector z) {
    const Vector planes[3] = {x, y, z};
    return interleaved<Vector, 3, part>(planes, std::make_integer_sequence<int, lanes_of<Vector>>());
}

template <class Vector> BYTESTRIDE_INLINE void store_points(char *to, Vector x, Vector y, Vector z) {
    store(to, interleaved<0>(x, y, z));
    store(to + sizeof(Vector), interleaved<1>(x, y, z));
    store(to + 2 * sizeof(Vector), interleaved<2>(x, y, z));
}

// The first three of four elements; what lies behind them stays.
template <class Four> BYTESTRIDE_INLINE void store_three(char *to, Four v) {
#if defined(__AVX512F__)
    __builtin_prefetch(to + masked_ahead, 1, 3);
    // Else g++ 12 extracts the four from their vector and stores them in one instruction, which faults where only the last one's page is
    // not there.
    asm("" : "+v"(v));
    if constexpr (sizeof(Four) == 16)
        _mm_mask_storeu_ps(to, 7, (__m128)v);
    else
        _mm256_mask_storeu_pd(to, 7, (__m256d)v);
#else
    store(to, __builtin_shufflevector(v, v, 0, 1));
    store(to + sizeof(Four) / 2, v[2]);
#endif
}

template <class Vector, int... point>
BYTESTRIDE_INLINE void store_fours(char *to, index pitch, Vector v, std::integer_sequence<int, point...>) {
    (store_three(to + point * pitch, __builtin_shufflevector(v, v, 4 * point, 4 * point + 1, 4 * point + 2, 4 * point + 3)), ...);
}

#if defined(__AVX512F__)
// All fours of a vector, side by side.
BYTESTRIDE_INLINE void store_fours_together(char *to, __m512 v) { _mm512_mask_storeu_ps(to, 0x7777, v); }
BYTESTRIDE_INLINE void store_fours_together(char *to, __m256 v) { _mm256_mask_storeu_ps(to, 0x77, v); }
BYTESTRIDE_INLINE void store_fours_together(char *to, __m512d v) { _mm512_mask_storeu_pd(to, 0x77, v); }
#endif

// Points that lie `pitch` bytes apart, which is more than they are long.
template <class Vector> BYTESTRIDE_INLINE void store_points_apart(char *to, index pitch, Vector x, Vector y, Vector z) {
    const Vector planes[4] = {x, y, z, z};
    for_constants<4>([&](auto part) BYTESTRIDE_INLINED {
        constexpr int lanes = lanes_of<Vector>;
        const Vector fours = interleaved<Vector, 4, part>(planes, std::make_integer_sequence<int, lanes>());
        char *const at = to + part * (lanes / 4) * pitch;
#if defined(__AVX512F__)
        if (pitch == 4 * index(sizeof(x[0]))) {
            __builtin_prefetch(at + masked_ahead, 1, 3);
            return store_fours_together(at, fours);
        }
#endif
        store_fours(at, pitch, fours, std::make_integer_sequence<int, lanes / 4>());
    });
}

// Stores the points whose `kept` (an integer as wide as a component) is not 0 but -1, and returns how many they are. Behind them up to
// 3 vectors are written over. Where lanes can be brought together in registers, 480 x 640 with gaps take 0.34 of the time of leaving
// points out afterwards.
#if defined(__AVX512F__)
BYTESTRIDE_INLINE __mmask16 mask_of(__m512 kept) { return _mm512_movepi32_mask((__m512i)kept); }
BYTESTRIDE_INLINE __mmask8 mask_of(__m256 kept) { return _mm256_movepi32_mask((__m256i)kept); }
BYTESTRIDE_INLINE __mmask8 mask_of(__m512d kept) { return _mm512_movepi64_mask((__m512i)kept); }
BYTESTRIDE_INLINE __m512 together(__m512 v, __mmask16 kept) { return _mm512_maskz_compress_ps(kept, v); }
BYTESTRIDE_INLINE __m256 together(__m256 v, __mmask8 kept) { return _mm256_maskz_compress_ps(kept, v); }
BYTESTRIDE_INLINE __m512d together(__m512d v, __mmask8 kept) { return _mm512_maskz_compress_pd(kept, v); }

template <class Vector, class Mask> BYTESTRIDE_INLINE index store_kept(char *to, Vector x, Vector y, Vector z, Mask kept) {
    const auto mask = mask_of((Vector)kept);
    store_points<Vector>(to, together(x, mask), together(y, mask), together(z, mask));
    return __builtin_popcount(mask);
}
#elif defined(__AVX2__)
// For each set of 8 lanes which ones they are.
struct lane_table {
    std::int32_t lane[256][8];
    constexpr lane_table() : lane() {
        for (int set = 0; set < 256; ++set)
            for (int k = 0, found = 0; k < 8; ++k)
                if (set >> k & 1) lane[set][found++] = k;
    }
};
constexpr lane_table kept_lanes;

BYTESTRIDE_INLINE int mask_of(__m256 kept) { return _mm256_movemask_ps(kept); }
BYTESTRIDE_INLINE int mask_of(__m256d kept) { return _mm256_movemask_ps((__m256)kept); }
BYTESTRIDE_INLINE int mask_of(__m128 kept) { return _mm_movemask_ps(kept); }
BYTESTRIDE_INLINE __m256 together(__m256 v, __m256i lanes) { return _mm256_permutevar8x32_ps(v, lanes); }
BYTESTRIDE_INLINE __m256d together(__m256d v, __m256i lanes) { return (__m256d)_mm256_permutevar8x32_ps((__m256)v, lanes); }
BYTESTRIDE_INLINE __m128 together(__m128 v, __m256i lanes) { return _mm_permutevar_ps(v, _mm256_castsi256_si128(lanes)); }

template <class Vector, class Mask> BYTESTRIDE_INLINE index store_kept(char *to, Vector x, Vector y, Vector z, Mask kept) {
    const int mask = mask_of((Vector)kept);
    const __m256i lanes = load<__m256i>(kept_lanes.lane[mask]);
    store_points<Vector>(to, together(x, lanes), together(y, lanes), together(z, lanes));
    return __builtin_popcount(static_cast<unsigned>(mask)) / (sizeof(x[0]) == 8 ? 2 : 1);
}
#else
template <class Vector, class Mask> BYTESTRIDE_INLINE index store_kept(char *to, Vector x, Vector y, Vector z, Mask kept) {
    constexpr index size = sizeof(x[0]);
    index count = 0;
    for (int k = 0; k < lanes_of<Vector>; ++k) {
        char *const at = to + 3 * size * count;
        store(at, x[k]);
        store(at + size, y[k]);
        store(at + 2 * size, z[k]);
        count -= kept[k];
    }
    return count;
}
#endif

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
