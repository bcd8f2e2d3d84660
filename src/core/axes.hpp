// Strides and axes of views: whether they run backwards or are exchanged, and the same elements in another order, so that loops follow the
// memory of a result.
#pragma once
#include <utility>

#include "core/types.hpp"

namespace bytestride {

// Internal linkage: see bytestride/view.hpp.
namespace {

inline index magnitude(index stride) { return stride < 0 ? -stride : stride; }

inline bool is_reversed(const view &v, int axis) { return v.strides[axis] < 0; }

// From the other end of the axis.
inline void reverse_axis(view &v, int axis) {
    if (v.shape[axis] > 1) v.data += (v.shape[axis] - 1) * v.strides[axis];
    v.strides[axis] = -v.strides[axis];
}

// Whether the elements of the second axis lie further apart than those of the first: a transposed matrix.
inline bool is_transposed(const view &v, int first, int second) {
    return v.shape[first] > 1 && v.shape[second] > 1 && magnitude(v.strides[first]) < magnitude(v.strides[second]);
}

inline void exchange_axes(view &v, int a, int b) {
    std::swap(v.shape[a], v.shape[b]);
    std::swap(v.strides[a], v.strides[b]);
}

}  // namespace
}  // namespace bytestride
