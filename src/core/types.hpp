// The words that every part of the library speaks: dtypes, views, statuses.
#pragma once
#include <cstddef>
#include <cstdint>

// The public functions are all that leaves the library.
#define BYTESTRIDE_API __attribute__((visibility("default")))
#include "bytestride.h"
#include "bytestride/view.hpp"

#if !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__))
#error "Bytestride builds on Linux with glibc, for x86-64 and aarch64"
#endif

namespace bytestride {

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

// What the options of a call say about the way it runs.
struct call {
    int threads;                 // at most this many; >= 1
    const std::int32_t *cancel;  // may be null
    std::int64_t *progress;      // may be null
};

template <class T> struct type_tag { using type = T; };

// Internal linkage: see bytestride/view.hpp.
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

}  // namespace
}  // namespace bytestride
