// When results are stored past the caches.
#pragma once
#include "core/axes.hpp"
#include "core/machine.hpp"
#include "core/types.hpp"

namespace bytestride {

// True when the views (the first is the output) together pass the caches anyway, and the output has whole cache lines
// to store. Broadcast inputs count as what they are in memory.
inline bool worth_streaming(const view *const *views, int count) {
    index bytes = 0, smallest_stride = INT64_MAX;
    for (int k = 0; k < count; ++k) {
        index elements = views[k]->itemsize;
        for (int i = 0; i < views[k]->ndim; ++i)
            if (views[k]->strides[i] != 0) elements *= views[k]->shape[i];
        bytes += elements;
    }
    const view &out = *views[0];
    index along = 0;
    for (int i = 0; i < out.ndim; ++i) {
        const index stride = magnitude(out.strides[i]);
        if (out.shape[i] > 1 && stride < smallest_stride) {
            smallest_stride = stride;
            along = out.shape[i];
        }
    }
    return smallest_stride == out.itemsize && along * out.itemsize >= 256 && bytes >= streaming_threshold();
}

}  // namespace bytestride
