// float32 points of a plain camera (no distortion, no pose, readings along the axis) from readings that float32 holds exactly.
//
// Each component is a reading times a number: one changes along a row of readings, one only across the rows, and z not at all. That
// number is kept as the sum of two float32, so a product and a fused sum in float32 round it to within one ulp of the formula in
// float64, at twice its speed. Only for levels with that sum.
#pragma once
#include <limits>

#include "kernels/depth_interleave.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr int plain_lanes = lanes<float>;
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
    const float *along_high, *along_low;
    two_floats across, z;
    float least, most;  // of a valid reading
    float fill;         // of the others
};

// In which order the components of a point lie in memory.
template <int along_place, int across_place> struct component_order {
    static constexpr int along = along_place, across = across_place, z = 3 - along_place - across_place;
};

template <class Reading> BYTESTRIDE_INLINE floats readings_at(const char *from) {
    if constexpr (sizeof(Reading) == 2)
        return __builtin_convertvector(load<plain_shorts>(from), floats);
    else
        return load<floats>(from);
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

// A row of readings; `mask` is null or a byte per reading. Both may have any alignment.
template <class Reading> class plain_row {
public:
    plain_row(const char *readings_, const std::uint8_t *mask_, const plain_factors &f_) : readings(readings_), mask(mask_), f(f_) {}

    // The components of the points from i on, as vectors, and which of them are valid.
    BYTESTRIDE_INLINE plain_integers unfilled_at(index i, floats &along, floats &across, floats &z) const {
        const floats d = readings_at<Reading>(readings + i * size);
        plain_integers valid = (d >= all_lanes(f.least)) & (d <= all_lanes(f.most));
        if (mask) valid &= __builtin_convertvector(load<plain_bytes>(mask + i), plain_integers) != 0;
        along = fused_lanes(d, load<floats>(f.along_high + i), d * load<floats>(f.along_low + i));
        across = fused_lanes(d, all_lanes(f.across.high), d * all_lanes(f.across.low));
        z = fused_lanes(d, all_lanes(f.z.high), d * all_lanes(f.z.low));
        return valid;
    }
    BYTESTRIDE_INLINE void points_at(index i, floats &along, floats &across, floats &z) const {
        const floats fill = all_lanes(f.fill);
        const plain_integers valid = unfilled_at(i, along, across, z);
        along = valid ? along : fill;
        across = valid ? across : fill;
        z = valid ? z : fill;
    }

    // Those of one point; returns whether its reading is valid.
    bool point_at(index i, float &along, float &across, float &z) const {
        const float d = static_cast<float>(load<Reading>(readings + i * size));
        const bool valid = d >= f.least && d <= f.most && (!mask || mask[i]);
        along = valid ? fused(d, f.along_high[i], d * f.along_low[i]) : f.fill;
        across = valid ? fused(d, f.across.high, d * f.across.low) : f.fill;
        z = valid ? fused(d, f.z.high, d * f.z.low) : f.fill;
        return valid;
    }

private:
    static constexpr index size = sizeof(Reading);
    const char *readings;
    const std::uint8_t *mask;
    const plain_factors &f;
};

template <bool past_caches> BYTESTRIDE_INLINE void store_part(char *to, floats value) {
    if constexpr (past_caches)
        store_past_caches(to, value);
    else
        store(to, value);
}

// Calls store_at(i, whether it is aligned) for the first of the points of each vector. Vectors that cross cache lines take longer to
// store, and past the caches they must not. So all but the first, after which `until_aligned` points are stored, and the last, which
// ends with the points, are aligned: these two may repeat points that others stored. There are enough points for a vector.
template <class Store> BYTESTRIDE_INLINE void for_vectors(index count, index until_aligned, const Store &store_at) {
    if (until_aligned > 0) store_at(0, std::false_type{});
    index i = until_aligned;
    for (; i + plain_lanes <= count; i += plain_lanes) store_at(i, std::true_type{});
    if (i < count) store_at(count - plain_lanes, std::false_type{});
}

// Fewer points than a vector has lanes, `pitch` bytes apart.
template <class Reading, class Order> void plain_points_one_by_one(const plain_row<Reading> &row, index count, char *to, index pitch) {
    for (index i = 0; i < count; ++i) {
        float point[3];
        row.point_at(i, point[Order::along], point[Order::across], point[Order::z]);
        std::memcpy(to + pitch * i, point, sizeof point);
    }
}

// Points one after the other; `to` may have any alignment, past the caches that of a float.
template <class Reading, class Order, bool past_caches> void plain_points(const plain_row<Reading> &row, index count, char *to) {
    constexpr index vector = sizeof(floats);
    if (count < plain_lanes) return plain_points_one_by_one<Reading, Order>(row, count, to, 12);
    const index beyond = static_cast<index>(reinterpret_cast<std::uintptr_t>(to) % vector);
    // 12 i + beyond is a multiple of the vector.
    const index until_aligned = beyond % 4 == 0 ? beyond / 4 * 5 % plain_lanes : 0;
    for_vectors(count, until_aligned, [&](index i, auto aligned) BYTESTRIDE_INLINED {
        floats c[3];
        row.points_at(i, c[Order::along], c[Order::across], c[Order::z]);
        constexpr bool streams = past_caches && aligned.value;
        store_part<streams>(to + 12 * i, interleaved<0>(c[0], c[1], c[2]));
        store_part<streams>(to + 12 * i + vector, interleaved<1>(c[0], c[1], c[2]));
        store_part<streams>(to + 12 * i + 2 * vector, interleaved<2>(c[0], c[1], c[2]));
    });
}

// Points `pitch` bytes apart.
template <class Reading, class Order> void plain_points_apart(const plain_row<Reading> &row, index count, char *to, index pitch) {
    if (count < plain_lanes) return plain_points_one_by_one<Reading, Order>(row, count, to, pitch);
    for_vectors(count, 0, [&](index i, auto) BYTESTRIDE_INLINED {
        floats c[3];
        row.points_at(i, c[Order::along], c[Order::across], c[Order::z]);
        store_points_apart(to + pitch * i, pitch, c[0], c[1], c[2]);
    });
}

// Each component in a plane of its own; past the caches all of them begin equally far from a vector's boundary.
template <class Reading, bool past_caches>
void plain_planes(const plain_row<Reading> &row, index count, char *along, char *across, char *z) {
    if (count < plain_lanes) {
        for (index i = 0; i < count; ++i) {
            float point[3];
            row.point_at(i, point[0], point[1], point[2]);
            store(along + 4 * i, point[0]);
            store(across + 4 * i, point[1]);
            store(z + 4 * i, point[2]);
        }
        return;
    }
    const index beyond = static_cast<index>(reinterpret_cast<std::uintptr_t>(along) % sizeof(floats));
    const index until_aligned = beyond % 4 == 0 ? (plain_lanes - beyond / 4) % plain_lanes : 0;
    for_vectors(count, until_aligned, [&](index i, auto aligned) BYTESTRIDE_INLINED {
        floats first, second, third;
        row.points_at(i, first, second, third);
        constexpr bool streams = past_caches && aligned.value;
        store_part<streams>(along + 4 * i, first);
        store_part<streams>(across + 4 * i, second);
        store_part<streams>(z + 4 * i, third);
    });
}

// The points of the valid readings alone, one after the other. Behind them up to 3 vectors are written over.
template <class Reading> void plain_points_kept(const plain_row<Reading> &row, index count, char *to) {
    index i = 0;
    for (; i + plain_lanes <= count; i += plain_lanes) {
        floats x, y, z;
        const plain_integers valid = row.unfilled_at(i, x, y, z);
        to += 12 * store_kept(to, x, y, z, valid);
    }
    for (; i < count; ++i) {
        float point[3];
        const bool valid = row.point_at(i, point[0], point[1], point[2]);
        std::memcpy(to, point, sizeof point);
        to += valid ? 12 : 0;
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
