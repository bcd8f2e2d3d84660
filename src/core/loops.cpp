#include "core/loops.hpp"

#include <utility>

#include "core/axes.hpp"

namespace bytestride {
namespace {

void exchange(loop_nest &nest, int a, int b) {
    std::swap(nest.shape[a], nest.shape[b]);
    for (int k = 0; k < nest.operands; ++k) std::swap(nest.strides[k][a], nest.strides[k][b]);
}

void drop_single_extents(loop_nest &nest) {
    int kept = 0;
    for (int i = 0; i < nest.ndim; ++i)
        if (nest.shape[i] != 1) exchange(nest, kept++, i);
    nest.ndim = kept;
}

void flip(loop_nest &nest, int axis) {
    for (int k = 0; k < nest.operands; ++k) {
        nest.data[k] += nest.strides[k][axis] * (nest.shape[axis] - 1);
        nest.strides[k][axis] = -nest.strides[k][axis];
    }
}

// Negative strides of the output run forward from the other end.
void flip_negative(loop_nest &nest) {
    for (int i = 0; i < nest.ndim; ++i)
        if (nest.strides[0][i] < 0) flip(nest, i);
}

void sort_by_output_stride(loop_nest &nest) {
    for (int i = 1; i < nest.ndim; ++i)
        for (int j = i; j > 0 && magnitude(nest.strides[0][j]) > magnitude(nest.strides[0][j - 1]); --j) exchange(nest, j, j - 1);
}

bool fusible(const loop_nest &nest, int outer, int inner) {
    for (int k = 0; k < nest.operands; ++k)
        if (nest.strides[k][outer] != nest.strides[k][inner] * nest.shape[inner]) return false;
    return true;
}

}  // namespace

void fuse_loops(loop_nest &nest) {
    drop_single_extents(nest);
    int last = 0;
    for (int i = 1; i < nest.ndim; ++i) {
        if (fusible(nest, last, i)) {
            nest.shape[last] *= nest.shape[i];
            for (int k = 0; k < nest.operands; ++k) nest.strides[k][last] = nest.strides[k][i];
        } else if (++last != i) {
            exchange(nest, last, i);
        }
    }
    if (nest.ndim == 0) nest.shape[0] = 1;
    nest.ndim = last + 1;
}

// Transposed inputs are read forwards along their own runs: an image that is turned by 90 degrees is a transposed one whose rows are
// written in another order.
void run_along_transposed(loop_nest &nest) {
    const int last = nest.ndim - 1;
    for (int i = 0; i < last; ++i)
        for (int k = 1; k < nest.operands; ++k)
            if (nest.strides[k][i] < 0 && -nest.strides[k][i] < magnitude(nest.strides[k][last])) {
                flip(nest, i);
                break;
            }
}

bool broadcasts_to(const view &v, const view &shape) {
    if (v.ndim > shape.ndim) return false;
    for (int i = 0; i < v.ndim; ++i) {
        const index extent = v.shape[v.ndim - 1 - i];
        if (extent != 1 && extent != shape.shape[shape.ndim - 1 - i]) return false;
    }
    return true;
}

loop_nest nest_loops(const view *const *views, int operands) {
    const view &output = *views[0];
    loop_nest nest{};
    nest.operands = operands;
    nest.ndim = output.ndim;
    for (int i = 0; i < output.ndim; ++i) nest.shape[i] = output.shape[i];
    for (int k = 0; k < operands; ++k) {
        const view &v = *views[k];
        nest.data[k] = v.data;
        const int missing = output.ndim - v.ndim;
        // Strides of extents up to 1 are 0 in a checked view, which is what repeating them needs.
        for (int i = 0; i < v.ndim; ++i) nest.strides[k][missing + i] = v.strides[i];
    }
    flip_negative(nest);
    sort_by_output_stride(nest);
    fuse_loops(nest);
    run_along_transposed(nest);
    return nest;
}

}  // namespace bytestride
