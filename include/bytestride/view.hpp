// Arrays as the library itself sees them: dtypes, and views whose descriptor was checked. Own kernels and the kernels of
// the library share these types, and with checks.hpp the rules; it needs no C++ library at run time.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../bytestride.h"

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

struct dtype_facts {
    std::int32_t code;
    std::int8_t itemsize;
    const char *name;
};

// Indexed by dtype.
constexpr dtype_facts dtype_table[dtype_count] = {
    {BYTESTRIDE_BOOL, 1, "bool"},           {BYTESTRIDE_INT8, 1, "int8"},
    {BYTESTRIDE_INT16, 2, "int16"},         {BYTESTRIDE_INT32, 4, "int32"},
    {BYTESTRIDE_INT64, 8, "int64"},         {BYTESTRIDE_UINT8, 1, "uint8"},
    {BYTESTRIDE_UINT16, 2, "uint16"},       {BYTESTRIDE_UINT32, 4, "uint32"},
    {BYTESTRIDE_UINT64, 8, "uint64"},       {BYTESTRIDE_FLOAT16, 2, "float16"},
    {BYTESTRIDE_FLOAT32, 4, "float32"},     {BYTESTRIDE_FLOAT64, 8, "float64"},
    {BYTESTRIDE_COMPLEX64, 8, "complex64"}, {BYTESTRIDE_COMPLEX128, 16, "complex128"},
};

// An array whose descriptor was checked. Strides are in bytes, and 0 where the extent is at most 1.
struct view {
    char *data;
    dtype type;
    int ndim;
    index itemsize;
    index shape[max_ndim];
    index strides[max_ndim];
};

// Functions in headers have internal linkage: kernels are compiled once per instruction-set level, and a
// weak copy that needs newer instructions must never be the one that the linker keeps for everyone.
namespace {

constexpr index itemsize_of(dtype type) { return dtype_table[static_cast<int>(type)].itemsize; }
constexpr const char *name_of(dtype type) { return dtype_table[static_cast<int>(type)].name; }

inline bool dtype_from_code(std::int32_t code, dtype *type) {
    for (int i = 0; i < dtype_count; ++i)
        if (dtype_table[i].code == code) {
            *type = static_cast<dtype>(i);
            return true;
        }
    return false;
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
