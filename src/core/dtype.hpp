// Facts about dtypes: kinds, promotion, names.
#pragma once
#include "core/types.hpp"

namespace bytestride {

enum class kind : std::uint8_t { boolean, unsigned_integer, signed_integer, floating, complex };

kind kind_of(dtype type);
// Alignment that a typed access to the dtype needs, in bytes.
index alignment_of(dtype type);

inline bool is_real(dtype type) { return kind_of(type) != kind::complex; }
inline bool is_floating(dtype type) { return kind_of(type) == kind::floating; }
inline bool is_integer(dtype type) { return kind_of(type) == kind::signed_integer || kind_of(type) == kind::unsigned_integer; }

// NumPy's np.result_type of two arrays.
dtype result_type(dtype a, dtype b);

// NumPy's casting="same_kind".
inline bool same_kind_cast(dtype from, dtype to) { return kind_of(from) <= kind_of(to); }

}  // namespace bytestride
