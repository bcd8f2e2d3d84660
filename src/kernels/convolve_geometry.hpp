// A convolution brought into one form: batches of rows along x. Rows may hold several channels side by side; taps along
// x step over them. All other convolved axes are `outer`: they choose rows.
#pragma once
#include "kernels/convolve.hpp"
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// result[o] = sum over k < taps of weight[k] * input[o + k - anchor]; an independent axis has one tap and anchor 0.
struct convolve_axis {
    index in_extent, out_extent;
    index in_stride, out_stride;  // bytes
    index taps, anchor;
};

struct convolve_geometry {
    const char *in;
    char *out;
    dtype in_type, out_type;
    index in_size, out_size;
    bool in_aligned, out_aligned;  // every element lies at a multiple of what its dtype asks for
    int boundary;
    // A row: x.in_extent pixels of `channels` elements. Where x is not a convolved axis it has one tap.
    convolve_axis x;
    index channels, in_channel_stride, out_channel_stride;
    bool in_dense, out_dense;  // the elements of a row lie one after the other
    // x runs against its axis, as results that lie backwards are written forwards: its last tap is the first in memory. Each sum takes
    // its taps in their own order all the same.
    bool x_mirrored;
    // The convolved axes other than x, in the order of the kernel's axes; at least one (perhaps with a single tap). The last
    // is the one that rows are walked along.
    int outer_count;
    convolve_axis outer[max_ndim];
    int batch_count;
    convolve_axis batch[max_ndim];
};

convolve_geometry canonical_geometry(const convolve_task &task);

// The same, x mirrored where that makes rows of the result run forwards in memory.
convolve_geometry geometry_along_memory(const convolve_task &task);

namespace {

// The element of an axis of `extent` that stands at position i of the continued axis; -1 for the fill value.
inline index continued(int boundary, index i, index extent) {
    if (i >= 0 && i < extent) return i;
    if (extent == 0) return -1;
    const auto modulo = [](index value, index period) {
        const index rest = value % period;
        return rest < 0 ? rest + period : rest;
    };
    switch (boundary) {
    case BYTESTRIDE_BOUNDARY_REFLECT: {
        const index p = modulo(i, 2 * extent);
        return p < extent ? p : 2 * extent - 1 - p;
    }
    case BYTESTRIDE_BOUNDARY_MIRROR: {
        if (extent == 1) return 0;
        const index p = modulo(i, 2 * extent - 2);
        return p < extent ? p : 2 * extent - 2 - p;
    }
    case BYTESTRIDE_BOUNDARY_NEAREST: return i < 0 ? 0 : extent - 1;
    case BYTESTRIDE_BOUNDARY_WRAP: return modulo(i, extent);
    default: return -1;
    }
}

// Splits a position number into one index per axis, the last axis fastest; `position` ends at 0.
inline void split_position(index position, const index *extents, int count, index *indices) {
    for (int i = count - 1; i >= 0; --i) {
        indices[i] = position % extents[i];
        position /= extents[i];
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
