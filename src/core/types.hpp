// The words that every part of the library speaks: dtypes, views, statuses.
#pragma once
#include <cstddef>
#include <cstdint>

// The public functions are all that leaves the library.
#define BYTESTRIDE_API __attribute__((visibility("default")))
#include "bytestride.h"

#if !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__))
#error "Bytestride builds on Linux with glibc, for x86-64 and aarch64"
#endif

namespace bytestride {

using index = std::int64_t;
using status = std::int32_t;

constexpr int max_ndim = BYTESTRIDE_MAX_NDIM;

// Ordered so that a dtype can index a table; bytestride.h has the codes that callers use.
enum class dtype : std::uint8_t {
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float16,
    float32,
    float64,
    complex64,
    complex128
};
constexpr int dtype_count = 14;

// How an element lies in memory where C++ has no such type.
struct boolean {
    std::uint8_t byte;
};
struct float16 {
    std::uint16_t bits;
};
template <class T> struct complex { T real, imag; };
using complex64 = complex<float>;
using complex128 = complex<double>;

// An array whose descriptor was checked. Strides are in bytes, and 0 where the extent is at most 1.
struct view {
    char *data;
    dtype type;
    int ndim;
    index itemsize;
    index shape[max_ndim];
    index strides[max_ndim];
};

// What the options of a call say about the way it runs.
struct call {
    int threads;                 // at most this many; >= 1
    const std::int32_t *cancel;  // may be null
    std::int64_t *progress;      // may be null
};

template <class T> struct type_tag { using type = T; };

// Functions in headers have internal linkage: kernels are compiled once per instruction-set level, and a
// weak copy that needs newer instructions must never be the one that the linker keeps for everyone.
namespace {

// dtype is data: one switch from it into a template.
template <class F> inline auto for_dtype(dtype type, F &&f) {
    switch (type) {
    case dtype::boolean: return f(type_tag<boolean>{});
    case dtype::int8: return f(type_tag<std::int8_t>{});
    case dtype::int16: return f(type_tag<std::int16_t>{});
    case dtype::int32: return f(type_tag<std::int32_t>{});
    case dtype::int64: return f(type_tag<std::int64_t>{});
    case dtype::uint8: return f(type_tag<std::uint8_t>{});
    case dtype::uint16: return f(type_tag<std::uint16_t>{});
    case dtype::uint32: return f(type_tag<std::uint32_t>{});
    case dtype::uint64: return f(type_tag<std::uint64_t>{});
    case dtype::float16: return f(type_tag<float16>{});
    case dtype::float32: return f(type_tag<float>{});
    case dtype::float64: return f(type_tag<double>{});
    case dtype::complex64: return f(type_tag<complex64>{});
    case dtype::complex128: break;
    }
    return f(type_tag<complex128>{});
}

inline index element_count(const view &v) {
    // Unsigned: the extents before an empty one may have any product.
    std::uint64_t count = 1;
    for (int i = 0; i < v.ndim; ++i) count *= static_cast<std::uint64_t>(v.shape[i]);
    return static_cast<index>(count);
}

inline bool same_shape(const view &a, const view &b) {
    if (a.ndim != b.ndim) return false;
    for (int i = 0; i < a.ndim; ++i)
        if (a.shape[i] != b.shape[i]) return false;
    return true;
}

}  // namespace
}  // namespace bytestride
