// What every kernel source includes. Kernel sources are compiled once per instruction-set level, into the
// namespace BYTESTRIDE_LEVEL; everything but an operation itself has internal linkage (see core/types.hpp).
#pragma once
#include <cstring>

#include "core/parallel.hpp"
#include "core/scratch.hpp"
#include "core/types.hpp"

// A build without the Makefile has one level.
#ifndef BYTESTRIDE_LEVEL
#define BYTESTRIDE_LEVEL at_baseline
#endif

// Iterations of the loop that follows are independent of one another (an output may still be exactly an input).
#if defined(__clang__)
#define BYTESTRIDE_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define BYTESTRIDE_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Whether the level has an instruction for a * b + c with one rounding.
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool has_fused = true;
#else
constexpr bool has_fused = false;
#endif

// a * b + c with one rounding where the level has the instruction, else with two; never a call of libm.
template <class T> inline __attribute__((always_inline)) T fused(T a, T b, T c) {
    if constexpr (!has_fused)
        return a * b + c;
    else if constexpr (sizeof(T) == 4)
        return __builtin_fmaf(a, b, c);
    else
        return __builtin_fma(a, b, c);
}

// An element in memory. Numbers may lie at any address: where they begin one byte beyond an element's boundary, a sum takes 0.4 of the
// time of aligned copies. Complex ones stay aligned: clang refuses packed structs, and loaded as bytes the product of aligned complex64
// took 1.8 times as long.
template <class T> struct stored_element { typedef T type __attribute__((aligned(1))); };
template <class T> struct stored_element<complex<T>> { using type = complex<T>; };
template <class T> using stored = typename stored_element<T>::type;

// Elements may lie at any address.
template <class T> inline __attribute__((always_inline)) T load(const void *address) {
    T value;
    std::memcpy(&value, address, sizeof value);
    return value;
}
template <class T> inline __attribute__((always_inline)) void store(void *address, T value) { std::memcpy(address, &value, sizeof value); }

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
