// Elements of a loop nest by their number in its order, as dense runs.
#pragma once
#include "core/loops.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Calls piece(address, stride, done, count) for each stretch along the last dimension of the elements [begin, begin + count).
template <class Piece> inline void for_stretches(const loop_nest &nest, int operand, index begin, index count, const Piece &piece) {
    const int last = nest.ndim - 1;
    index at[max_ndim];
    char *address = nest.data[operand];
    for (int i = last; i >= 0; --i) {
        at[i] = begin % nest.shape[i];
        begin /= nest.shape[i];
        address += at[i] * nest.strides[operand][i];
    }
    const index *strides = nest.strides[operand];
    for (index done = 0; done < count;) {
        const index left = nest.shape[last] - at[last], here = left < count - done ? left : count - done;
        piece(address, strides[last], done, here);
        done += here;
        address -= at[last] * strides[last];
        at[last] = 0;
        for (int i = last - 1; i >= 0; --i) {
            address += strides[i];
            if (++at[i] < nest.shape[i]) break;
            address -= nest.shape[i] * strides[i];
            at[i] = 0;
        }
    }
}

inline void pack_run(const loop_nest &nest, int operand, index itemsize, index begin, index count, void *dense) {
    for_stretches(nest, operand, begin, count, [&](char *address, index stride, index done, index here) {
        move_tile({address, 0, stride}, {static_cast<char *>(dense) + done * itemsize, 0, itemsize}, 1, here, itemsize);
    });
}

inline void unpack_run(const void *dense, const loop_nest &nest, int operand, index itemsize, index begin, index count) {
    for_stretches(nest, operand, begin, count, [&](char *address, index stride, index done, index here) {
        move_tile({const_cast<char *>(static_cast<const char *>(dense)) + done * itemsize, 0, itemsize}, {address, 0, stride}, 1, here,
                  itemsize);
    });
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
