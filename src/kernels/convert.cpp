#include "kernels/convert.hpp"

#include <limits>
#include <type_traits>

#include "kernels/half.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

template <class T> constexpr bool is_complex = false;
template <class T> constexpr bool is_complex<complex<T>> = true;
template <class T> constexpr bool is_half = std::is_same_v<T, float16>;
template <class T> constexpr bool is_boolean = std::is_same_v<T, boolean>;

// Values per block where a block is looked at as a whole, or goes through memory on the way.
constexpr index block = 256;

// ---- Float to integer -----------------------------------------------------------------------------------

// Truncated toward zero, modulo 2^64; NaN and infinities give 0. For any value, one at a time.
std::uint64_t wrapped(double value) {
    constexpr double limit = 0x1p63;
    if (__builtin_fabs(value) < limit) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    const std::uint64_t bits = bits_as<std::uint64_t>(value);
    const int shift = static_cast<int>(bits >> 52 & 0x7ff) - 1075;  // value = mantissa * 2^shift, shift >= 11
    if (shift >= 64) return 0;                                      // a multiple of 2^64, infinity, NaN
    const std::uint64_t magnitude = ((bits & 0xfffffffffffffu) | 0x10000000000000u) << shift;
    return bits >> 63 ? 0 - magnitude : magnitude;
}

// By the machine's own conversion; false where something may not fit it.
template <class From, class To> bool wrap_by_machine(const stored<From> *from, stored<To> *to, index count) {
    // Looking first takes 1.1 to 1.6 times as long as both at once for float to the smaller integers, for the others down to 0.7.
    constexpr bool looks_first = sizeof(From) == 8 || sizeof(To) == 8;
    using machine = std::conditional_t<sizeof(To) == 8, std::int64_t, std::int32_t>;
    constexpr From limit = sizeof(To) == 8 ? static_cast<From>(0x1p63) : static_cast<From>(0x1p31);
    int unfit = 0;
    for (index i = 0; looks_first && i < count; ++i) unfit |= !(__builtin_fabs(from[i]) < limit);
    if (unfit) return false;
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) {
        const From value = from[i];
        const bool fits = looks_first || __builtin_fabs(value) < limit;
        unfit |= !fits;
        to[i] = static_cast<To>(static_cast<machine>(fits ? value : From(0)));
    }
    return !unfit;
}

#if defined(__AVX2__)
// Eight values truncated toward zero; the least int32 stands for what does not fit one.
typedef std::int32_t eight __attribute__((vector_size(32)));
inline eight eight_truncated(const stored<float> *from) { return reinterpret_cast<eight>(_mm256_cvttps_epi32(load<__m256>(from))); }
inline eight eight_truncated(const stored<double> *from) {
#if defined(__AVX512F__)
    return reinterpret_cast<eight>(_mm512_maskz_cvttpd_epi32(0xff, load<__m512d>(from)));
#else
    return reinterpret_cast<eight>(
        _mm256_set_m128i(_mm256_cvttpd_epi32(load<__m256d>(from + 4)), _mm256_cvttpd_epi32(load<__m256d>(from))));
#endif
}

// The low part of each.
template <class To, int... place> inline void store_eight(eight values, stored<To> *to, std::integer_sequence<int, place...>) {
#if defined(__AVX512F__)
    typedef To low_parts __attribute__((vector_size(8 * sizeof(To))));
    store(to, __builtin_convertvector(values, low_parts));
#else  // of which g++ makes eight single moves for bytes here
    typedef To parts __attribute__((vector_size(32)));
    const parts all = reinterpret_cast<parts>(values);
    store(to, __builtin_shufflevector(all, all, (place * static_cast<int>(4 / sizeof(To)))...));
#endif
}

// The same for a block that is a multiple of 8, by what the instruction gives for values that do not fit: double in 0.6 to 0.8 of the
// time of the loop above, float in 0.6 to 1.
template <class From, class To> bool wrap_by_int32(const stored<From> *from, stored<To> *to, index count) {
    eight least = {};
    for (index i = 0; i < count; i += 8) {
        const eight values = eight_truncated(from + i);
        least = values < least ? values : least;
        store_eight<To>(values, to + i, std::make_integer_sequence<int, 8>());
    }
    bool fit = true;
    for (index lane = 0; lane < 8; ++lane) fit &= least[lane] != INT32_MIN;
    return fit;
}
#endif

// Almost always everything fits; a block where something does not is done again.
template <class From, class To> void wrap_to_integer(const stored<From> *from, stored<To> *to, index count) {
    for (index begin = 0; begin < count; begin += block) {
        const index length = begin + block < count ? block : count - begin;
        bool fit;
#if defined(__AVX2__)
        if constexpr (sizeof(To) <= 4)
            fit = length % 8 == 0 ? wrap_by_int32<From, To>(from + begin, to + begin, length)
                                  : wrap_by_machine<From, To>(from + begin, to + begin, length);
        else
#endif
            fit = wrap_by_machine<From, To>(from + begin, to + begin, length);
        for (index i = begin; !fit && i < begin + length; ++i) to[i] = static_cast<To>(wrapped(from[i]));
    }
}

// Clamped and rounded half to even; NaN gives 0.
template <class From, class To> void saturate_to_integer(const stored<From> *from, stored<To> *to, index count) {
    if constexpr (sizeof(To) == 8) {
        constexpr double beyond = std::is_signed_v<To> ? 0x1p63 : 0x1p64, least = std::is_signed_v<To> ? -0x1p63 : 0.0;
        for (index i = 0; i < count; ++i) {
            double value = from[i];
            const double magnitude = __builtin_fabs(value);
            // Below 2^52 adding 2^52 rounds to an integer; from there on every double is one.
            if (magnitude < 0x1p52) value = __builtin_copysign((magnitude + 0x1p52) - 0x1p52, value);
            if (value != value)
                to[i] = 0;
            else if (value >= beyond)
                to[i] = std::numeric_limits<To>::max();
            else
                to[i] = value <= least ? std::numeric_limits<To>::min() : static_cast<To>(value);
        }
    } else {
        // The sum with 1.5 * 2^(digits - 1) rounds small values to integers, and is exact to undo. Blocks of small
        // values are clamped as integers, which every level does in one instruction: 4x the general loop below.
        using T = std::conditional_t<sizeof(To) == 4, double, From>;
        constexpr T magic = sizeof(T) == 8 ? static_cast<T>(0x1.8p52) : static_cast<T>(0x1.8p23);
        constexpr T small = sizeof(T) == 8 ? static_cast<T>(0x1p31 - 1) : static_cast<T>(0x1p22);
        constexpr std::int64_t least = std::numeric_limits<To>::min(), most = std::numeric_limits<To>::max();
        constexpr std::int32_t low = static_cast<std::int32_t>(least),
                               high = static_cast<std::int32_t>(most < INT32_MAX ? most : INT32_MAX);
        for (index begin = 0; begin < count; begin += block) {
            const index end = begin + block < count ? begin + block : count;
            int unfit = 0;
            for (index i = begin; i < end; ++i) unfit |= !(__builtin_fabs(from[i]) < small);
            if (unfit) {
                for (index i = begin; i < end; ++i) {
                    T value = from[i];
                    value = value == value ? value : T(0);
                    value = value < static_cast<T>(least) ? static_cast<T>(least) : value;
                    value = value > static_cast<T>(most) ? static_cast<T>(most) : value;
                    to[i] = static_cast<To>(static_cast<std::int64_t>((value + magic) - magic));
                }
            } else {
                BYTESTRIDE_INDEPENDENT
                for (index i = begin; i < end; ++i) {
                    std::int32_t value = static_cast<std::int32_t>((static_cast<T>(from[i]) + magic) - magic);
                    value = value < low ? low : value;
                    value = value > high ? high : value;
                    to[i] = static_cast<To>(value);
                }
            }
        }
    }
}

// ---- One element ----------------------------------------------------------------------------------------

template <class From, class To> inline To clamped(From value) {
    using wide_from = std::conditional_t<std::is_signed_v<From>, std::int64_t, std::uint64_t>;
    constexpr To least = std::numeric_limits<To>::min(), most = std::numeric_limits<To>::max();
    if constexpr (std::is_signed_v<From>) {
        if constexpr (!std::is_signed_v<To>) {
            if (value < 0) return 0;
        } else if constexpr (sizeof(To) < sizeof(From)) {
            if (value < static_cast<From>(least)) return least;
        }
    }
    if constexpr (static_cast<std::uint64_t>(std::numeric_limits<From>::max()) > static_cast<std::uint64_t>(most)) {
        if (value > static_cast<From>(most)) return most;
    }
    (void)least;
    return static_cast<To>(static_cast<wide_from>(value));
}

template <class From, class To, cast_rule rule> inline To element(From value) {
    if constexpr (is_complex<To> && is_complex<From>) {
        using part = decltype(To::real);
        return {static_cast<part>(value.real), static_cast<part>(value.imag)};
    } else if constexpr (is_complex<To>) {
        using part = decltype(To::real);
        return {element<From, part, rule>(value), part(0)};
    } else if constexpr (is_boolean<From>) {
        // Compilers make vectors of eight bytes from comparisons of bytes, but not of this.
        if constexpr (sizeof(To) == 8) return static_cast<To>(static_cast<std::int32_t>((value.byte + 255u) >> 8));
        return static_cast<To>(value.byte != 0);
    } else if constexpr (rule == cast_rule::saturate && std::is_integral_v<From> && std::is_integral_v<To>) {
        return clamped<From, To>(value);
    } else {
        return static_cast<To>(value);
    }
}

// ---- float16, by way of float32 ---------------------------------------------------------------------------

// A float that rounds to the same float16 as the value itself: what a float cannot hold is rounded to odd, which
// keeps the second rounding from meeting a tie that was none.
inline float for_half(double value) {
    const float rounded = static_cast<float>(value);
    const double back = rounded;
    std::uint32_t bits = bits_as<std::uint32_t>(rounded);
    const bool away = __builtin_fabs(back) > __builtin_fabs(value), inexact = back != value && value == value;
    bits -= away ? 1u : 0u;
    bits |= inexact ? 1u : 0u;
    return bits_as<float>(bits);
}

template <class From> inline float float_for_half(From value) {
    if constexpr (is_boolean<From>)
        return static_cast<float>(value.byte != 0);
    else if constexpr (std::is_same_v<From, float> || sizeof(From) <= 2)
        return static_cast<float>(value);
    else  // 64-bit integers beyond 2^53 are rounded here first, but far beyond the largest float16
        return for_half(static_cast<double>(value));
}

// ---- One run ----------------------------------------------------------------------------------------------

template <class From, class To, cast_rule rule> void convert(const void *source, void *target, index count) {
    const stored<From> *from = static_cast<const stored<From> *>(source);
    stored<To> *to = static_cast<stored<To> *>(target);
    if constexpr (std::is_same_v<From, To> && !is_boolean<To>) {
        std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(To));
    } else if constexpr (is_boolean<To>) {
        BYTESTRIDE_INDEPENDENT
        for (index i = 0; i < count; ++i) {
            if constexpr (is_boolean<From>)
                to[i].byte = from[i].byte != 0;
            else if constexpr (is_half<From>)
                to[i].byte = (load<std::uint16_t>(from + i) & 0x7fff) != 0;
            else
                to[i].byte = from[i] != 0;
        }
    } else if constexpr (is_half<From>) {
        alignas(64) float between[block];
        for (index begin = 0; begin < count; begin += block) {
            const index length = begin + block < count ? block : count - begin;
            if constexpr (std::is_same_v<To, float>) {
                floats_of_halves(from + begin, to + begin, length);
            } else {
                floats_of_halves(from + begin, between, length);
                convert<float, To, rule>(between, to + begin, length);
            }
        }
    } else if constexpr (is_half<To>) {
        alignas(64) float between[block];
        for (index begin = 0; begin < count; begin += block) {
            const index length = begin + block < count ? block : count - begin;
            if constexpr (std::is_same_v<From, float>) {
                halves_of_floats(from + begin, to + begin, length);
            } else {
                BYTESTRIDE_INDEPENDENT
                for (index i = 0; i < length; ++i) between[i] = float_for_half(from[begin + i]);
                halves_of_floats(between, to + begin, length);
            }
        }
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        if constexpr (rule == cast_rule::saturate)
            saturate_to_integer<From, To>(from, to, count);
        else
            wrap_to_integer<From, To>(from, to, count);
    } else {
        BYTESTRIDE_INDEPENDENT
        for (index i = 0; i < count; ++i) to[i] = element<From, To, rule>(from[i]);
    }
}

template <class From, class To> convert_function by_rule(cast_rule rule) {
    // The rules differ only where a value may not fit an integer; what is the same is compiled once.
    constexpr bool rules_differ = std::is_integral_v<To> && !is_boolean<From>;
    if (rules_differ && rule == cast_rule::saturate) return convert < From, To, rules_differ ? cast_rule::saturate : cast_rule::wrap > ;
    return convert<From, To, cast_rule::wrap>;
}

}  // namespace

convert_function converter(dtype from, dtype to, cast_rule rule) {
    return for_dtype(from, [&](auto from_tag) {
        return for_dtype(to, [&](auto to_tag) -> convert_function {
            using From = typename decltype(from_tag)::type;
            using To = typename decltype(to_tag)::type;
            if constexpr (is_complex<From> && !is_complex<To>)
                return nullptr;
            else
                return by_rule<From, To>(rule);
        });
    });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
