// Rows of bytes that are widened as they are loaded, and sums of which bytes are made as they are stored: no rows of wide elements
// between. By instructions of each level, since g++ 12 makes of the same conversions between vector types code that is 3 to 7 times slower.
// Against converted rows: uint8 by integers 1.7x, by float32 1.5x.
#pragma once
#include "kernels/convolve_blocks.hpp"
#include "kernels/convolve_words.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Integers of 16 bits: sums wrap on the way, and are right whenever the last one fits. 2.2x float32 for 3 x 3.
typedef std::uint16_t shorts __attribute__((vector_size(vector_bytes)));
template <> struct vector_of<std::uint16_t> { using type = shorts; };
BYTESTRIDE_INLINE shorts all_lanes(std::uint16_t x) { return x - shorts{}; }
BYTESTRIDE_INLINE shorts fused_lanes(shorts a, shorts b, shorts c) { return a * b + c; }

// A byte for each lane of a vector of T.
template <index bytes> struct packed_bytes;
template <> struct packed_bytes<4> { using type = std::uint32_t; };
template <> struct packed_bytes<8> { using type = std::uint64_t; };
#if defined(__x86_64__)
template <> struct packed_bytes<16> { using type = __m128i; };
#endif
#if defined(__AVX2__)
template <> struct packed_bytes<32> { using type = __m256i; };
#endif
template <class T> using bytes_of = typename packed_bytes<lanes<T>>::type;

// widen_*: bytes as numbers. narrow_*: saturated to bytes: numbers with a sign, or floats rounded half to even, where NaN gives 0, among
// them products of numbers and a unit.
#if defined(__AVX512F__)
// With masks of all lanes: g++ 12 warns of its own header else.
BYTESTRIDE_INLINE shorts widen_shorts(__m256i x) { return (shorts)_mm512_maskz_cvtepu8_epi16(0xffffffff, x); }
BYTESTRIDE_INLINE floats widen_floats(__m128i x) { return _mm512_maskz_cvtepi32_ps(0xffff, _mm512_maskz_cvtepu8_epi32(0xffff, x)); }
BYTESTRIDE_INLINE __m256i narrow_shorts(shorts x) {
    return _mm512_maskz_cvtusepi16_epi8(0xffffffff, _mm512_max_epi16((__m512i)x, _mm512_setzero_si512()));
}
// The greatest of NaN and 0 is 0: the second operand.
BYTESTRIDE_INLINE __m128i narrow_floats(floats x) {
    const __m512 positive = _mm512_maskz_max_ps(0xffff, x, _mm512_setzero_ps());
    return _mm512_maskz_cvtusepi32_epi8(0xffff,
                                        _mm512_maskz_cvtps_epi32(0xffff, _mm512_maskz_min_ps(0xffff, positive, _mm512_set1_ps(255))));
}
BYTESTRIDE_INLINE shorts high_products(shorts x, shorts y) { return (shorts)_mm512_maskz_mulhi_epu16(0xffffffff, (__m512i)x, (__m512i)y); }
template <bool with_sign> BYTESTRIDE_INLINE __m256i narrow_products(shorts x, floats unit) {
    const __m512i both = (__m512i)x;
    const __m128i low = narrow_floats(floats_of_words<with_sign>(_mm512_maskz_extracti64x4_epi64(0xf, both, 0)) * unit);
    const __m128i high = narrow_floats(floats_of_words<with_sign>(_mm512_maskz_extracti64x4_epi64(0xf, both, 1)) * unit);
    return _mm256_set_m128i(high, low);
}
#elif defined(__AVX2__)
BYTESTRIDE_INLINE shorts widen_shorts(__m128i x) { return (shorts)_mm256_cvtepu8_epi16(x); }
BYTESTRIDE_INLINE floats widen_floats(std::uint64_t x) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(x))));
}
BYTESTRIDE_INLINE __m128i narrow_shorts(shorts x) {
    return _mm_packus_epi16(_mm256_castsi256_si128((__m256i)x), _mm256_extracti128_si256((__m256i)x, 1));
}
BYTESTRIDE_INLINE std::uint64_t narrow_floats(floats x) {
    const __m256 positive = _mm256_min_ps(_mm256_max_ps(x, _mm256_setzero_ps()), _mm256_set1_ps(255));
    const __m256i whole = _mm256_cvtps_epi32(positive);
    const __m128i both = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16(both, both)));
}
BYTESTRIDE_INLINE shorts high_products(shorts x, shorts y) { return (shorts)_mm256_mulhi_epu16((__m256i)x, (__m256i)y); }
template <bool with_sign> BYTESTRIDE_INLINE __m128i narrow_products(shorts x, floats unit) {
    const std::uint64_t low = narrow_floats(floats_of_words<with_sign>(_mm256_castsi256_si128((__m256i)x)) * unit);
    const std::uint64_t high = narrow_floats(floats_of_words<with_sign>(_mm256_extracti128_si256((__m256i)x, 1)) * unit);
    return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}
#elif defined(__x86_64__)
BYTESTRIDE_INLINE __m128i words_of_bytes(long long x) { return _mm_unpacklo_epi8(_mm_cvtsi64_si128(x), _mm_setzero_si128()); }
BYTESTRIDE_INLINE shorts widen_shorts(std::uint64_t x) { return (shorts)words_of_bytes(static_cast<long long>(x)); }
BYTESTRIDE_INLINE floats widen_floats(std::uint32_t x) {
    return _mm_cvtepi32_ps(_mm_unpacklo_epi16(words_of_bytes(x), _mm_setzero_si128()));
}
BYTESTRIDE_INLINE std::uint64_t narrow_shorts(shorts x) {
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16((__m128i)x, (__m128i)x)));
}
BYTESTRIDE_INLINE std::uint32_t narrow_floats(floats x) {
    const __m128i whole = _mm_cvtps_epi32(_mm_min_ps(_mm_max_ps(x, _mm_setzero_ps()), _mm_set1_ps(255)));
    const __m128i both = _mm_packs_epi32(whole, whole);
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(both, both)));
}
BYTESTRIDE_INLINE shorts high_products(shorts x, shorts y) { return (shorts)_mm_mulhi_epu16((__m128i)x, (__m128i)y); }
template <bool with_sign> BYTESTRIDE_INLINE std::uint64_t narrow_products(shorts x, floats unit) {
    const __m128i words = (__m128i)x, signs = with_sign ? _mm_srai_epi16(words, 15) : _mm_setzero_si128();
    const std::uint64_t low = narrow_floats(_mm_cvtepi32_ps(_mm_unpacklo_epi16(words, signs)) * unit);
    const std::uint64_t high = narrow_floats(_mm_cvtepi32_ps(_mm_unpackhi_epi16(words, signs)) * unit);
    return high << 32 | low;
}
#else
BYTESTRIDE_INLINE shorts widen_shorts(std::uint64_t x) { return (shorts)vmovl_u8(vcreate_u8(x)); }
BYTESTRIDE_INLINE floats widen_floats(std::uint32_t x) { return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(x))))); }
BYTESTRIDE_INLINE std::uint64_t narrow_shorts(shorts x) { return vget_lane_u64(vreinterpret_u64_u8(vqmovun_s16((int16x8_t)x)), 0); }
// The conversion to unsigned numbers gives 0 for NaN and what is negative.
BYTESTRIDE_INLINE std::uint32_t narrow_floats(floats x) {
    const uint16x4_t low = vqmovn_u32(vcvtnq_u32_f32(x));
    return vget_lane_u32(vreinterpret_u32_u8(vqmovn_u16(vcombine_u16(low, low))), 0);
}
BYTESTRIDE_INLINE shorts high_products(shorts x, shorts y) {
    const uint16x8_t a = (uint16x8_t)x, b = (uint16x8_t)y;
    return (shorts)vcombine_u16(vshrn_n_u32(vmull_u16(vget_low_u16(a), vget_low_u16(b)), 16),
                                vshrn_n_u32(vmull_u16(vget_high_u16(a), vget_high_u16(b)), 16));
}
template <bool with_sign> BYTESTRIDE_INLINE std::uint64_t narrow_products(shorts x, floats unit) {
    const std::uint64_t low = narrow_floats(floats_of_words<with_sign>(vget_low_u16((uint16x8_t)x)) * unit);
    const std::uint64_t high = narrow_floats(floats_of_words<with_sign>(vget_high_u16((uint16x8_t)x)) * unit);
    return high << 32 | low;
}
#endif

// A vector of elements E as numbers T.
template <class T, class E> BYTESTRIDE_INLINE vector<T> widened(const char *from) {
    if constexpr (std::is_same<T, E>::value)
        return load<vector<T>>(from);
    else if constexpr (sizeof(E) == 2)
        return floats_of_words<std::is_signed<E>::value>(load<packed_words>(from));
    else if constexpr (std::is_same<T, float>::value)
        return widen_floats(load<bytes_of<T>>(from));
    else
        return widen_shorts(load<bytes_of<T>>(from));
}

// What becomes of a sum of numbers T: it is stored as it is, or as a byte or 16 bits, itself, over 2^shift, or times the unit.
struct as_sum {
    explicit BYTESTRIDE_INLINE as_sum(const sum_scale &) {}
    template <class T> static constexpr index size = sizeof(T);
    template <class T> BYTESTRIDE_INLINE vector<T> of(vector<T> sum) const { return sum; }
};
struct as_byte {
    explicit BYTESTRIDE_INLINE as_byte(const sum_scale &) {}
    template <class T> static constexpr index size = 1;
    template <class T> BYTESTRIDE_INLINE bytes_of<T> of(vector<T> sum) const {
        if constexpr (std::is_same<T, float>::value)
            return narrow_floats(sum);
        else
            return narrow_shorts(sum);
    }
};
// In float32; the factor is 1 where the sum is the result.
template <bool with_sign> struct as_word {
    explicit BYTESTRIDE_INLINE as_word(const sum_scale &scale)
        : factor(all_lanes(scale.unit == 0 ? 1.f : static_cast<float>(scale.unit))) {}
    template <class T> static constexpr index size = 2;
    template <class T> BYTESTRIDE_INLINE packed_words of(floats sum) const { return narrow_words<with_sign>(sum * factor); }
    floats factor;
};
// Of 16 bits. Stored as sums, of which bytes are made later, 3 x 3 takes 1.5 times as long.
template <bool with_sign> struct as_fraction {
    explicit BYTESTRIDE_INLINE as_fraction(const sum_scale &scale)
        : shift(scale.shift), below_half(all_lanes(static_cast<std::uint16_t>((1 << (shift - 1)) - 1))) {}
    template <class T> static constexpr index size = 1;
    template <class T> BYTESTRIDE_INLINE bytes_of<T> of(shorts sum) const {
        typedef std::int16_t signed_shorts __attribute__((vector_size(vector_bytes)));
        const signed_shorts with_signs = (signed_shorts)sum;
        if (with_sign) sum = (shorts)(with_signs > 0 ? with_signs : signed_shorts{});
        return narrow_shorts((sum + below_half + (sum >> shift & 1)) >> shift);
    }
    int shift;
    shorts below_half;
};
// In float32.
template <bool with_sign> struct as_product {
    explicit BYTESTRIDE_INLINE as_product(const sum_scale &scale) : unit(all_lanes(static_cast<float>(scale.unit))) {}
    template <class T> static constexpr index size = 1;
    template <class T> BYTESTRIDE_INLINE bytes_of<T> of(shorts sum) const { return narrow_products<with_sign>(sum, unit); }
    floats unit;
};
// Means of 3 x 3 bytes in 0.78 of the time of such products.
struct as_quotient {
    explicit BYTESTRIDE_INLINE as_quotient(const sum_scale &scale)
        : half(all_lanes(scale.divisor.half)), factor(all_lanes(scale.divisor.factor)), shift(scale.divisor.shift) {}
    template <class T> static constexpr index size = 1;
    template <class T> BYTESTRIDE_INLINE bytes_of<T> of(shorts sum) const {
        return narrow_shorts(high_products(sum + half, factor) >> shift);
    }
    shorts half, factor;
    int shift;
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
