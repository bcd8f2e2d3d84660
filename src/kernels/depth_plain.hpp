// float32 points of a plain camera (no distortion, no pose, readings along the axis) from readings that float32 holds exactly.
//
// Each component is a reading times a number that depends on the column, or on the row alone. That number is kept as the sum
// of two float32, so a product and a fused sum in float32 round it to within one ulp of the formula in float64, at twice
// its speed. Only for levels with that sum.
#pragma once
#include <limits>
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

#if defined(__AVX512F__)
constexpr int plain_lanes = 16;
constexpr bool keeps_in_registers = true;
#elif defined(__AVX2__)
constexpr int plain_lanes = 8;
constexpr bool keeps_in_registers = false;
#else
constexpr int plain_lanes = 4;
constexpr bool keeps_in_registers = false;
#endif
typedef float plain_floats __attribute__((vector_size(plain_lanes * 4)));
typedef std::int32_t plain_integers __attribute__((vector_size(plain_lanes * 4)));
typedef std::uint16_t plain_shorts __attribute__((vector_size(plain_lanes * 2)));
typedef std::uint8_t plain_bytes __attribute__((vector_size(plain_lanes)));

struct two_floats {
    float high, low;

    static two_floats of(double value) {
        const float high = static_cast<float>(value);
        return {high, static_cast<float>(value - static_cast<double>(high))};
    }
};

// What the readings of a segment are multiplied with.
struct plain_factors {
    const float *x_high, *x_low;
    two_floats y, z;
    float least, most;  // of a valid reading
    float fill;         // of the others
};

inline __attribute__((always_inline)) plain_floats every_lane(float value) { return plain_floats{} + value; }

inline __attribute__((always_inline)) plain_floats fused_lanes(plain_floats a, plain_floats b, plain_floats c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
    return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
    return vfmaq_f32(c, a, b);
#else
    return a * b + c;
#endif
}

template <class Reading> inline __attribute__((always_inline)) plain_floats readings_at(const char *from) {
    if constexpr (sizeof(Reading) == 2)
        return __builtin_convertvector(load<plain_shorts>(from), plain_floats);
    else
        return load<plain_floats>(from);
}

// Part `part` of the three vectors x0 y0 z0 x1 y1 z1 ...: first x and y are brought to their places, then z.
constexpr int from_xy(int place) { return place % 3 == 0 ? place / 3 : place % 3 == 1 ? plain_lanes + place / 3 : 0; }
constexpr int from_xy_and_z(int place, int lane) { return place % 3 == 2 ? plain_lanes + place / 3 : lane; }

template <int part, int... lane> inline __attribute__((always_inline)) plain_floats
interleaved(plain_floats x, plain_floats y, plain_floats z, std::integer_sequence<int, lane...>) {
    const plain_floats xy = __builtin_shufflevector(x, y, from_xy(part * plain_lanes + lane)...);
    return __builtin_shufflevector(xy, z, from_xy_and_z(part * plain_lanes + lane, lane)...);
}

inline __attribute__((always_inline)) void store_past_caches(char *to, plain_floats value) {
#if defined(__AVX512F__)
    _mm512_stream_ps(reinterpret_cast<float *>(to), value);
#elif defined(__AVX2__)
    _mm256_stream_ps(reinterpret_cast<float *>(to), value);
#elif defined(__x86_64__)
    _mm_stream_ps(reinterpret_cast<float *>(to), value);
#else
    store(to, value);
#endif
}

template <class Reading>
inline void plain_point(const char *readings, const std::uint8_t *mask, const plain_factors &f, index i, char *to) {
    const float d = static_cast<float>(load<Reading>(readings + i * static_cast<index>(sizeof(Reading))));
    const bool valid = d >= f.least && d <= f.most && (!mask || mask[i]);
    store(to, valid ? fused(d, f.x_high[i], d * f.x_low[i]) : f.fill);
    store(to + 4, valid ? fused(d, f.y.high, d * f.y.low) : f.fill);
    store(to + 8, valid ? fused(d, f.z.high, d * f.z.low) : f.fill);
}

// `readings` and `to` may have any alignment; `mask` is null or a byte per reading. `past_caches` needs `to` to be aligned for
// a float.
template <class Reading, bool past_caches>
void plain_points(const char *readings, const std::uint8_t *mask, const plain_factors &f, index count, char *to) {
    constexpr index size = sizeof(Reading), vector = sizeof(plain_floats);
    constexpr auto lanes = std::make_integer_sequence<int, plain_lanes>();
    const plain_floats least = every_lane(f.least), most = every_lane(f.most), fill = every_lane(f.fill);
    const plain_floats y_high = every_lane(f.y.high), y_low = every_lane(f.y.low), z_high = every_lane(f.z.high),
                       z_low = every_lane(f.z.low);
    index i = 0;
    if (past_caches)  // up to the next cache line: at most 15 points of 12 bytes
        for (; i < count && reinterpret_cast<std::uintptr_t>(to) % 64 != 0; ++i, to += 12) plain_point<Reading>(readings, mask, f, i, to);
    for (; i + plain_lanes <= count; i += plain_lanes, to += 3 * vector) {
        const plain_floats d = readings_at<Reading>(readings + i * size);
        plain_integers valid = (d >= least) & (d <= most);
        if (mask) valid &= __builtin_convertvector(load<plain_bytes>(mask + i), plain_integers) != 0;
        const plain_floats x = valid ? fused_lanes(d, load<plain_floats>(f.x_high + i), d * load<plain_floats>(f.x_low + i)) : fill;
        const plain_floats y = valid ? fused_lanes(d, y_high, d * y_low) : fill;
        const plain_floats z = valid ? fused_lanes(d, z_high, d * z_low) : fill;
        const plain_floats parts[3] = {interleaved<0>(x, y, z, lanes), interleaved<1>(x, y, z, lanes), interleaved<2>(x, y, z, lanes)};
        for (int part = 0; part < 3; ++part) {
            if (past_caches)
                store_past_caches(to + part * vector, parts[part]);
            else
                store(to + part * vector, parts[part]);
        }
    }
    for (; i < count; ++i, to += 12) plain_point<Reading>(readings, mask, f, i, to);
}

#if defined(__AVX512F__)
// The points of the valid readings alone, one after the other. Behind them up to 3 vectors are written over. With AVX-512 the
// lanes are brought together in registers: 480 x 640 with gaps in 0.34 of the time of leaving points out afterwards.
template <class Reading>
void plain_points_kept(const char *readings, const std::uint8_t *mask, const plain_factors &f, index count, char *to) {
    constexpr index size = sizeof(Reading);
    index i = 0;
    constexpr index vector = sizeof(plain_floats);
    constexpr auto lanes = std::make_integer_sequence<int, plain_lanes>();
    const plain_floats least = every_lane(f.least), most = every_lane(f.most);
    const plain_floats y_high = every_lane(f.y.high), y_low = every_lane(f.y.low), z_high = every_lane(f.z.high),
                       z_low = every_lane(f.z.low);
    for (; i + plain_lanes <= count; i += plain_lanes) {
        plain_floats d = readings_at<Reading>(readings + i * size), x_high = load<plain_floats>(f.x_high + i),
                     x_low = load<plain_floats>(f.x_low + i);
        __mmask16 valid = _mm512_cmp_ps_mask(d, least, _CMP_GE_OQ) & _mm512_cmp_ps_mask(d, most, _CMP_LE_OQ);
        if (mask) valid &= _mm_test_epi8_mask(load<__m128i>(mask + i), _mm_set1_epi8(-1));
        d = _mm512_maskz_compress_ps(valid, d);
        x_high = _mm512_maskz_compress_ps(valid, x_high);
        x_low = _mm512_maskz_compress_ps(valid, x_low);
        const plain_floats x = fused_lanes(d, x_high, d * x_low), y = fused_lanes(d, y_high, d * y_low),
                           z = fused_lanes(d, z_high, d * z_low);
        store(to, interleaved<0>(x, y, z, lanes));
        store(to + vector, interleaved<1>(x, y, z, lanes));
        store(to + 2 * vector, interleaved<2>(x, y, z, lanes));
        to += 12 * __builtin_popcount(valid);
    }
    for (; i < count; ++i) {
        const float d = static_cast<float>(load<Reading>(readings + i * size));
        plain_point<Reading>(readings, mask, f, i, to);
        to += d >= f.least && d <= f.most && (!mask || mask[i]) ? 12 : 0;
    }
}
#endif

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
