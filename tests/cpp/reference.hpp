// What a function must compute, said in the plainest way: every element is decoded into an exact number, combined in
// the type that NumPy computes in, and encoded. Slow, and independent of the library's loops and conversions.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/types.hpp"

namespace reference {

constexpr std::int32_t codes[14] = {BYTESTRIDE_BOOL,    BYTESTRIDE_INT8,    BYTESTRIDE_INT16,     BYTESTRIDE_INT32,     BYTESTRIDE_INT64,
                                    BYTESTRIDE_UINT8,   BYTESTRIDE_UINT16,  BYTESTRIDE_UINT32,    BYTESTRIDE_UINT64,    BYTESTRIDE_FLOAT16,
                                    BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_COMPLEX64, BYTESTRIDE_COMPLEX128};
constexpr const char *names[14] = {"bool",   "int8",   "int16",   "int32",   "int64",   "uint8",     "uint16",
                                   "uint32", "uint64", "float16", "float32", "float64", "complex64", "complex128"};

// numpy.result_type of every pair, in the order of `codes`; printed by NumPy 2.4.6.
constexpr signed char promotion[14][14] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},            // bool
    {1, 1, 2, 3, 4, 2, 3, 4, 11, 9, 10, 11, 12, 13},           // int8
    {2, 2, 2, 3, 4, 2, 3, 4, 11, 10, 10, 11, 12, 13},          // int16
    {3, 3, 3, 3, 4, 3, 3, 4, 11, 11, 11, 11, 13, 13},          // int32
    {4, 4, 4, 4, 4, 4, 4, 4, 11, 11, 11, 11, 13, 13},          // int64
    {5, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},            // uint8
    {6, 3, 3, 3, 4, 6, 6, 7, 8, 10, 10, 11, 12, 13},           // uint16
    {7, 4, 4, 4, 4, 7, 7, 7, 8, 11, 11, 11, 13, 13},           // uint32
    {8, 11, 11, 11, 11, 8, 8, 8, 8, 11, 11, 11, 13, 13},       // uint64
    {9, 9, 10, 11, 11, 9, 10, 11, 11, 9, 10, 11, 12, 13},      // float16
    {10, 10, 10, 11, 11, 10, 10, 11, 11, 10, 10, 11, 12, 13},  // float32
    {11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 13, 13},  // float64
    {12, 12, 12, 13, 13, 12, 12, 13, 13, 12, 12, 13, 12, 13},  // complex64
    {13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13},  // complex128
};

inline int position(std::int32_t code) {
    for (int i = 0; i < 14; ++i)
        if (codes[i] == code) return i;
    return -1;
}
inline const char *name(std::int32_t code) { return names[position(code)]; }
inline std::int32_t result_type(std::int32_t a, std::int32_t b) { return codes[promotion[position(a)][position(b)]]; }

// DLPack's packing: type code in the lowest byte, bits in the next.
enum { type_int = 0, type_uint = 1, type_float = 2, type_complex = 5, type_bool = 6 };
inline int type_of(std::int32_t code) { return code & 0xff; }
inline int bits_of(std::int32_t code) { return code >> 8 & 0xff; }
inline int size_of(std::int32_t code) { return bits_of(code) / 8; }
inline bool is_complex(std::int32_t code) { return type_of(code) == type_complex; }
inline bool is_floating(std::int32_t code) { return type_of(code) == type_float; }
inline bool is_inexact(std::int32_t code) { return is_floating(code) || is_complex(code); }
// NumPy's order of kinds: what a "same_kind" cast may not go down.
inline int kind_rank(std::int32_t code) {
    switch (type_of(code)) {
    case type_bool: return 0;
    case type_uint: return 1;
    case type_int: return 2;
    case type_float: return 3;
    default: return 4;
    }
}

// An element's exact value. Integers and bools have `integer`; everything has `real`.
struct number {
    bool is_integer = false;
    __int128 integer = 0;
    long double real = 0, imag = 0;
};
inline number of_integer(__int128 value) { return {true, value, static_cast<long double>(value), 0}; }
inline number of_real(long double value) { return {false, 0, value, 0}; }
inline number of_complex(long double real, long double imag) { return {false, 0, real, imag}; }
inline bool is_nan(const number &n) { return n.real != n.real || n.imag != n.imag; }

template <class T> T read(const void *bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}
template <class T> void write(void *bytes, T value) { std::memcpy(bytes, &value, sizeof value); }

// binary16, after IEEE 754 3.4: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
inline long double half_value(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    long double value;
    if (exponent == 31)
        value = fraction ? std::numeric_limits<long double>::quiet_NaN() : std::numeric_limits<long double>::infinity();
    else
        value = exponent ? std::ldexp(1024.0L + fraction, exponent - 25) : std::ldexp(static_cast<long double>(fraction), -24);
    return bits >> 15 ? -value : value;
}
inline std::uint16_t half_bits(long double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const long double magnitude = std::fabs(value);
    if (value != value) return sign | 0x7e00;
    if (magnitude >= 65520) return sign | 0x7c00;  // half way from the largest to the next power of two: rounds up
    int exponent = -13;
    if (magnitude > 0) std::frexp(magnitude, &exponent);                     // magnitude in [2^(exponent - 1), 2^exponent)
    const int last = (exponent < -13 ? -13 : exponent) - 11;                 // weight of the last bit kept, as a power of two
    const long double units = std::nearbyint(std::ldexp(magnitude, -last));  // to even; at most 2048
    // Units of a normal number are 1024 and more: the leading bit carries into the exponent by itself.
    return static_cast<std::uint16_t>(sign + (last + 24) * 1024 + static_cast<int>(units));
}

inline number decode(std::int32_t code, const void *bytes) {
    switch (code) {
    case BYTESTRIDE_BOOL: return of_integer(read<std::uint8_t>(bytes) != 0);
    case BYTESTRIDE_INT8: return of_integer(read<std::int8_t>(bytes));
    case BYTESTRIDE_INT16: return of_integer(read<std::int16_t>(bytes));
    case BYTESTRIDE_INT32: return of_integer(read<std::int32_t>(bytes));
    case BYTESTRIDE_INT64: return of_integer(read<std::int64_t>(bytes));
    case BYTESTRIDE_UINT8: return of_integer(read<std::uint8_t>(bytes));
    case BYTESTRIDE_UINT16: return of_integer(read<std::uint16_t>(bytes));
    case BYTESTRIDE_UINT32: return of_integer(read<std::uint32_t>(bytes));
    case BYTESTRIDE_UINT64: return of_integer(read<std::uint64_t>(bytes));
    case BYTESTRIDE_FLOAT16: return of_real(half_value(read<std::uint16_t>(bytes)));
    case BYTESTRIDE_FLOAT32: return of_real(read<float>(bytes));
    case BYTESTRIDE_FLOAT64: return of_real(read<double>(bytes));
    case BYTESTRIDE_COMPLEX64: return of_complex(read<float>(bytes), read<float>(static_cast<const char *>(bytes) + 4));
    default: return of_complex(read<double>(bytes), read<double>(static_cast<const char *>(bytes) + 8));
    }
}

inline __int128 lowest(std::int32_t code) { return type_of(code) == type_int ? -(static_cast<__int128>(1) << (bits_of(code) - 1)) : 0; }
inline __int128 highest(std::int32_t code) {
    return (static_cast<__int128>(1) << (type_of(code) == type_int ? bits_of(code) - 1 : bits_of(code))) - 1;
}

inline __int128 to_integer(std::int32_t code, const number &n, bool saturate) {
    if (n.is_integer) {
        if (!saturate) return n.integer;
        return n.integer < lowest(code) ? lowest(code) : n.integer > highest(code) ? highest(code) : n.integer;
    }
    if (n.real != n.real) return 0;
    if (saturate) {
        if (n.real <= static_cast<long double>(lowest(code))) return lowest(code);
        if (n.real >= static_cast<long double>(highest(code))) return highest(code);
        return static_cast<__int128>(std::nearbyint(n.real));
    }
    if (std::isinf(n.real)) return 0;
    return static_cast<__int128>(std::fmod(std::trunc(n.real), 0x1p64L));  // the caller keeps the lowest bits
}

inline float to_float(const number &n) { return n.is_integer ? static_cast<float>(n.integer) : static_cast<float>(n.real); }
inline double to_double(const number &n) { return n.is_integer ? static_cast<double>(n.integer) : static_cast<double>(n.real); }

// Writes the number as an element: one rounding to nearest even, or the rule of casts to integers.
inline void encode(std::int32_t code, const number &n, void *bytes, bool saturate = false) {
    switch (code) {
    case BYTESTRIDE_BOOL: return write<std::uint8_t>(bytes, n.is_integer ? n.integer != 0 : n.real != 0 || n.imag != 0);
    case BYTESTRIDE_FLOAT16: return write(bytes, half_bits(n.real));
    case BYTESTRIDE_FLOAT32: return write(bytes, to_float(n));
    case BYTESTRIDE_FLOAT64: return write(bytes, to_double(n));
    case BYTESTRIDE_COMPLEX64: write(bytes, to_float(n)); return write(static_cast<char *>(bytes) + 4, static_cast<float>(n.imag));
    case BYTESTRIDE_COMPLEX128: write(bytes, to_double(n)); return write(static_cast<char *>(bytes) + 8, static_cast<double>(n.imag));
    default: break;
    }
    const __int128 value = to_integer(code, n, saturate);
    const unsigned __int128 lowest_bits = static_cast<unsigned __int128>(value);
    switch (bits_of(code)) {
    case 8: return write(bytes, static_cast<std::uint8_t>(lowest_bits));
    case 16: return write(bytes, static_cast<std::uint16_t>(lowest_bits));
    case 32: return write(bytes, static_cast<std::uint32_t>(lowest_bits));
    default: return write(bytes, static_cast<std::uint64_t>(lowest_bits));
    }
}

inline number cast(std::int32_t code, const number &n, bool saturate = false) {
    unsigned char bytes[16];
    encode(code, n, bytes, saturate);
    return decode(code, bytes);
}

enum class operation { add, subtract, multiply, divide, minimum, maximum };
constexpr const char *operation_names[6] = {"add", "subtract", "multiply", "divide", "minimum", "maximum"};

// The type that NumPy's loop computes in.
inline std::int32_t computed_type(operation what, std::int32_t a, std::int32_t b) {
    const std::int32_t common = result_type(a, b);
    return what == operation::divide && !is_inexact(common) ? BYTESTRIDE_FLOAT64 : common;
}

template <class T> T combine(operation what, T a, T b) {
    switch (what) {
    case operation::add: return a + b;
    case operation::subtract: return a - b;
    case operation::multiply: return a * b;
    case operation::divide: return a / b;
    case operation::minimum: return a != a ? a : b != b ? b : a < b ? a : b;
    default: return a != a ? a : b != b ? b : a > b ? a : b;
    }
}

inline number combine_complex(operation what, std::int32_t code, const number &a, const number &b) {
    switch (what) {
    case operation::add:
    case operation::subtract: {
        if (code == BYTESTRIDE_COMPLEX64)
            return of_complex(combine(what, static_cast<float>(a.real), static_cast<float>(b.real)),
                              combine(what, static_cast<float>(a.imag), static_cast<float>(b.imag)));
        return of_complex(combine(what, static_cast<double>(a.real), static_cast<double>(b.real)),
                          combine(what, static_cast<double>(a.imag), static_cast<double>(b.imag)));
    }
    case operation::multiply: return of_complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real);
    case operation::divide: {
        const long double square = b.real * b.real + b.imag * b.imag;
        return of_complex((a.real * b.real + a.imag * b.imag) / square, (a.imag * b.real - a.real * b.imag) / square);
    }
    default: {
        if (is_nan(a)) return a;
        if (is_nan(b)) return b;
        const bool a_first = a.real < b.real || (a.real == b.real && a.imag < b.imag);
        return (what == operation::minimum) == a_first ? a : b;
    }
    }
}

// a and b as they are stored; the result in `computed_type`, before the cast to the output.
inline number apply(operation what, std::int32_t computed, const number &a_stored, const number &b_stored) {
    const number a = cast(computed, a_stored), b = cast(computed, b_stored);
    switch (type_of(computed)) {
    case type_complex: return combine_complex(what, computed, a, b);
    case type_bool:
        return of_integer(what == operation::add || what == operation::maximum ? (a.integer | b.integer) : (a.integer & b.integer));
    case type_float:
        if (computed == BYTESTRIDE_FLOAT64) return of_real(combine(what, static_cast<double>(a.real), static_cast<double>(b.real)));
        // float16 is computed in float32 and rounded once more.
        return cast(computed, of_real(combine(what, static_cast<float>(a.real), static_cast<float>(b.real))));
    default: break;
    }
    // Wrapping products need more than 127 bits; only their lowest are kept.
    if (what == operation::multiply)
        return cast(computed, of_integer(static_cast<__int128>(static_cast<unsigned __int128>(a.integer) *
                                                               static_cast<unsigned __int128>(b.integer))));
    return cast(computed, of_integer(combine(what, a.integer, b.integer)));
}

// Whether the bytes hold the number: any NaN will do for a NaN, and with `any_zero` either zero for a zero.
inline bool same_part(long double got, long double expected, bool any_zero) {
    if (expected != expected) return got != got;
    return got == expected && (any_zero || std::signbit(got) == std::signbit(expected));
}
inline bool holds(std::int32_t code, const void *bytes, const number &expected, bool any_zero = false) {
    if (code == BYTESTRIDE_BOOL && read<std::uint8_t>(bytes) > 1) return false;
    const number got = decode(code, bytes);
    if (got.is_integer) return got.integer == expected.integer;
    return same_part(got.real, expected.real, any_zero) && same_part(got.imag, expected.imag, any_zero);
}

// Whether a complex product or quotient lies within 4 u |z| of the exact one.
inline bool near(std::int32_t code, const void *bytes, const number &expected) {
    const number got = decode(code, bytes);
    const long double unit = code == BYTESTRIDE_COMPLEX64 ? 0x1p-24L : 0x1p-53L;
    return std::hypot(got.real - expected.real, got.imag - expected.imag) <= 4 * unit * std::hypot(expected.real, expected.imag);
}

}  // namespace reference
