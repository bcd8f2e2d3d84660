// float32 points of a plain camera (no distortion, no pose, readings along the axis) from readings that float32 holds exactly.
//
// Each component is a reading times a number that depends on the column, or on the row alone. That number is kept as the sum
// of two float32, so a product and a fused sum in float32 round it to within one ulp of the formula in float64, at twice
// its speed. Only for levels with that sum.
#pragma once
#include <limits>
#include <utility>

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr int plain_lanes = lanes<float>;
#if defined(__AVX512F__)
constexpr bool keeps_in_registers = true;
#else
constexpr bool keeps_in_registers = false;
#endif
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

template <class Reading> BYTESTRIDE_INLINE floats readings_at(const char *from) {
    if constexpr (sizeof(Reading) == 2)
        return __builtin_convertvector(load<plain_shorts>(from), floats);
    else
        return load<floats>(from);
}

// Part `part` of the three vectors x0 y0 z0 x1 y1 z1 ...: first x and y are brought to their places, then z.
constexpr int from_xy(int place) { return place % 3 == 0 ? place / 3 : place % 3 == 1 ? plain_lanes + place / 3 : 0; }
constexpr int from_xy_and_z(int place, int lane) { return place % 3 == 2 ? plain_lanes + place / 3 : lane; }

template <int part, int... lane> BYTESTRIDE_INLINE floats interleaved(floats x, floats y, floats z, std::integer_sequence<int, lane...>) {
    const floats xy = __builtin_shufflevector(x, y, from_xy(part * plain_lanes + lane)...);
    return __builtin_shufflevector(xy, z, from_xy_and_z(part * plain_lanes + lane, lane)...);
}

BYTESTRIDE_INLINE void store_past_caches(char *to, floats value) {
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

// `readings` and `to` may have any alignment; `mask` is null or a byte per reading. Vectors that cross cache lines take longer to
// store, and past the caches they must not. So where `to` is aligned for a float, the vectors from the second one on are aligned,
// and the last one ends with the points: both may repeat points that others stored.
template <class Reading, bool past_caches>
void plain_points(const char *readings, const std::uint8_t *mask, const plain_factors &f, index count, char *to) {
    constexpr index size = sizeof(Reading), vector = sizeof(floats);
    constexpr auto lanes = std::make_integer_sequence<int, plain_lanes>();
    const floats least = all_lanes(f.least), most = all_lanes(f.most), fill = all_lanes(f.fill);
    const floats y_high = all_lanes(f.y.high), y_low = all_lanes(f.y.low), z_high = all_lanes(f.z.high), z_low = all_lanes(f.z.low);
    const auto points_at = [&](index i, auto streams) BYTESTRIDE_INLINED {
        const floats d = readings_at<Reading>(readings + i * size);
        plain_integers valid = (d >= least) & (d <= most);
        if (mask) valid &= __builtin_convertvector(load<plain_bytes>(mask + i), plain_integers) != 0;
        const floats x = valid ? fused_lanes(d, load<floats>(f.x_high + i), d * load<floats>(f.x_low + i)) : fill;
        const floats y = valid ? fused_lanes(d, y_high, d * y_low) : fill;
        const floats z = valid ? fused_lanes(d, z_high, d * z_low) : fill;
        const floats parts[3] = {interleaved<0>(x, y, z, lanes), interleaved<1>(x, y, z, lanes), interleaved<2>(x, y, z, lanes)};
        for (int part = 0; part < 3; ++part) {
            if constexpr (streams.value)
                store_past_caches(to + 12 * i + part * vector, parts[part]);
            else
                store(to + 12 * i + part * vector, parts[part]);
        }
    };
    if (count < plain_lanes) {
        for (index i = 0; i < count; ++i) plain_point<Reading>(readings, mask, f, i, to + 12 * i);
        return;
    }
    const index beyond = static_cast<index>(reinterpret_cast<std::uintptr_t>(to) % vector);
    index i = 0;
    if (beyond % 4 == 0 && beyond > 0) {
        points_at(0, std::false_type{});
        i = beyond / 4 * 5 % plain_lanes;  // 12 i + beyond is a multiple of the vector
    }
    for (; i + plain_lanes <= count; i += plain_lanes) points_at(i, std::integral_constant<bool, past_caches>{});
    if (i < count) points_at(count - plain_lanes, std::false_type{});
}

#if defined(__AVX512F__)
// The points of the valid readings alone, one after the other. Behind them up to 3 vectors are written over. With AVX-512 the
// lanes are brought together in registers: 480 x 640 with gaps in 0.34 of the time of leaving points out afterwards.
template <class Reading>
void plain_points_kept(const char *readings, const std::uint8_t *mask, const plain_factors &f, index count, char *to) {
    constexpr index size = sizeof(Reading);
    index i = 0;
    constexpr index vector = sizeof(floats);
    constexpr auto lanes = std::make_integer_sequence<int, plain_lanes>();
    const floats least = all_lanes(f.least), most = all_lanes(f.most);
    const floats y_high = all_lanes(f.y.high), y_low = all_lanes(f.y.low), z_high = all_lanes(f.z.high), z_low = all_lanes(f.z.low);
    for (; i + plain_lanes <= count; i += plain_lanes) {
        floats d = readings_at<Reading>(readings + i * size), x_high = load<floats>(f.x_high + i), x_low = load<floats>(f.x_low + i);
        __mmask16 valid = _mm512_cmp_ps_mask(d, least, _CMP_GE_OQ) & _mm512_cmp_ps_mask(d, most, _CMP_LE_OQ);
        if (mask) valid &= _mm_test_epi8_mask(load<__m128i>(mask + i), _mm_set1_epi8(-1));
        d = _mm512_maskz_compress_ps(valid, d);
        x_high = _mm512_maskz_compress_ps(valid, x_high);
        x_low = _mm512_maskz_compress_ps(valid, x_low);
        const floats x = fused_lanes(d, x_high, d * x_low), y = fused_lanes(d, y_high, d * y_low), z = fused_lanes(d, z_high, d * z_low);
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
