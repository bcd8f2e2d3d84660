// From a checked task to one of the three ways through it.
#include "kernels/convolve.hpp"

#include "core/dtype.hpp"
#include "kernels/convolve_run.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Kernels up to about 15 x 15 are kept on the stack: the one block of scratch memory that a thread keeps is for rows.
constexpr index weights_on_stack = 10240;

// Exact sums have the same bits in any order, so the axis with the smallest steps can be the one that rows lie along.
convolve_task in_order_of_memory(const convolve_task &given) {
    convolve_task task = given;
    if (is_floating(task.input.type) || is_floating(task.kernel.type)) return task;
    const auto step = [&](int i) {
        const index stride = task.input.strides[task.axes[i].axis];
        return stride < 0 ? -stride : stride;
    };
    const auto exchange = [](auto &a, auto &b) {
        const auto kept = a;
        a = b;
        b = kept;
    };
    for (int i = 1; i < task.axes_count; ++i)
        for (int j = i; j > 0 && step(j) > step(j - 1); --j) {
            exchange(task.axes[j], task.axes[j - 1]);
            exchange(task.kernel.shape[j], task.kernel.shape[j - 1]);
            exchange(task.kernel.strides[j], task.kernel.strides[j - 1]);
        }
    return task;
}

status run(const convolve_task &given, char *memory) {
    const convolve_task task = in_order_of_memory(given);
    convolve_weights weights;
    const status chosen = read_weights(task, memory, &weights);
    if (chosen != BYTESTRIDE_OK) return chosen;
    if (task.method == BYTESTRIDE_METHOD_FFT) return convolve_by_transforms(task, weights);
    const convolve_geometry geometry = canonical_geometry(task);
    return weights.separable ? convolve_separably(task, geometry, weights) : convolve_directly(task, geometry, weights);
}

}  // namespace

status convolve(const convolve_task &task) {
    const index bytes = weights_bytes(task);
    if (bytes >= 0 && bytes <= weights_on_stack) {
        alignas(64) char memory[weights_on_stack];
        return run(task, memory);
    }
    const scratch memory(bytes);
    return memory.failed() ? BYTESTRIDE_ERROR_MEMORY : run(task, memory.data());
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
