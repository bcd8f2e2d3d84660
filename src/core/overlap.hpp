// Whether strided views share bytes.
#pragma once
#include "core/types.hpp"

namespace bytestride {

// The bytes that a view reaches: [low, high) as addresses; empty when it has no elements.
struct byte_range {
    std::uintptr_t low, high;
};
byte_range bytes_of(const view &v);

// True when the views share a byte, or when that cannot be decided cheaply.
bool share_bytes(const view &a, const view &b);

// True when two elements of the view share a byte, or when that cannot be decided cheaply.
bool overlaps_itself(const view &v);

// Exactly the same elements at the same places, of the same dtype.
bool same_view(const view &a, const view &b);

}  // namespace bytestride
