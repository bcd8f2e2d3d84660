#include "core/dtype.hpp"

namespace bytestride {
namespace {

struct facts {
    kind group;
    std::int8_t alignment;
};

// Indexed by dtype.
constexpr facts table[dtype_count] = {
    {kind::boolean, 1},          {kind::signed_integer, 1},   {kind::signed_integer, 2},   {kind::signed_integer, 4},
    {kind::signed_integer, 8},   {kind::unsigned_integer, 1}, {kind::unsigned_integer, 2}, {kind::unsigned_integer, 4},
    {kind::unsigned_integer, 8}, {kind::floating, 2},         {kind::floating, 4},         {kind::floating, 8},
    {kind::complex, 4},          {kind::complex, 8},
};

const facts &of(dtype type) { return table[static_cast<int>(type)]; }

// Of 2 bytes and more: no unsigned integer fits into int8.
dtype signed_of(index itemsize) { return itemsize == 2 ? dtype::int16 : itemsize == 4 ? dtype::int32 : dtype::int64; }

dtype floating_of(index itemsize) { return itemsize == 2 ? dtype::float16 : itemsize == 4 ? dtype::float32 : dtype::float64; }

// The smallest float that NumPy gives an integer of this size in company of a float.
index floating_size_for_integer(index itemsize) { return itemsize == 1 ? 2 : itemsize == 2 ? 4 : 8; }

// The size of the float that carries a number in company of floats or complex numbers.
index floating_size(dtype type) {
    switch (kind_of(type)) {
    case kind::floating: return itemsize_of(type);
    case kind::complex: return itemsize_of(type) / 2;
    default: return floating_size_for_integer(itemsize_of(type));
    }
}

}  // namespace

kind kind_of(dtype type) { return of(type).group; }
index alignment_of(dtype type) { return of(type).alignment; }

dtype result_type(dtype a, dtype b) {
    if (a == b) return a;
    const kind ka = kind_of(a), kb = kind_of(b);
    if (ka == kind::boolean) return b;
    if (kb == kind::boolean) return a;
    if (ka >= kind::floating || kb >= kind::floating) {
        const index size = floating_size(a) > floating_size(b) ? floating_size(a) : floating_size(b);
        if (ka == kind::complex || kb == kind::complex) return size <= 4 ? dtype::complex64 : dtype::complex128;
        return floating_of(size);
    }
    const index sa = itemsize_of(a), sb = itemsize_of(b);
    if (ka == kb) return sa > sb ? a : b;
    // One signed, one unsigned: the signed type that holds both, float64 when none does.
    const index unsigned_size = ka == kind::unsigned_integer ? sa : sb;
    const index signed_size = ka == kind::unsigned_integer ? sb : sa;
    if (signed_size > unsigned_size) return signed_of(signed_size);
    return unsigned_size == 8 ? dtype::float64 : signed_of(2 * unsigned_size);
}

}  // namespace bytestride
