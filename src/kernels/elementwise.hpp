// Elementwise operations over strided views: the one strategy behind arithmetic, copies and casts.
//
// The loop nest is walked in tiles. A tile whose rows are contiguous (and, of complex numbers, aligned) is used in place, and so are
// elements that lie apart and, of two operands, one that lies transposed, where nothing is converted; anything else is packed into a dense
// buffer first, so that the loops over elements see contiguous runs. The result goes to its place directly, through a buffer, or past the
// caches. Inputs whose runs tiles of two axes cannot follow are copied block by block first.
#pragma once
#include "core/loops.hpp"
#include "kernels/convert.hpp"
#include "kernels/kernel.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

using binary_function = void (*)(const void *a, const void *b, void *out, index count);
// The same of elements that lie apart, with the bytes from one to the next. Operands may be asked for so many bytes ahead; 0: never.
using strided_function = void (*)(const char *a, index a_stride, const char *b, index b_stride, char *out, index out_stride, index count,
                                  index ahead);

// Tiles of the operands of which one is contiguous down its columns, the other and the output along their rows.
struct transposed_pair {
    tile transposed, other;
    bool first;   // the transposed one is the first operand
    bool stream;  // results go past the caches
    index ahead;  // operands are asked for so many rows before they are used; 0: never
};
using transposed_function = void (*)(const transposed_pair &pair, const tile &out, index rows, index columns);

// What happens to the elements of a run: widen the inputs, combine them, narrow the result.
struct element_steps {
    dtype out_type, in_type[2];  // as stored
    convert_function widen[2];   // stored to computed; null where they are the same
    index computed_itemsize;
    // With both operands as runs, the first a single element, the second a single element; all null for a copy.
    binary_function combine[3];
    strided_function combine_strided;        // of elements as stored; null where buffers are faster
    transposed_function combine_transposed;  // likewise; of whole blocks of 16 bytes of the columns by a vector of the rows
    convert_function narrow[2];              // computed to stored, in up to two roundings; null where there is nothing to do
    index between_itemsize;                  // of what lies between the two narrowings
    index item_bytes;                        // of a move whose items are several elements each; 0: they are the elements
    double nanoseconds;                      // of the steps, per element, beside the memory's
};

status run_elementwise(const call &settings, const loop_nest &nest, const element_steps &steps, bool stream);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
