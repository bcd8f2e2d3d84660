// From a checked task to one of the three ways through it.
#include "kernels/convolve.hpp"

#include "core/dtype.hpp"
#include "kernels/convolve_run.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Kernels up to about 15 x 15 are kept on the stack: the one block of scratch memory that a thread keeps is for rows.
constexpr index weights_on_stack = 10240;

bool all_integers(const convolve_task &task) { return !is_floating(task.input.type) && !is_floating(task.kernel.type); }

index step_along(const view &v, int axis) { return magnitude(v.strides[axis]); }

void exchange_axes(convolve_task *task, int i, int j) {
    const auto exchange = [](auto &a, auto &b) {
        const auto kept = a;
        a = b;
        b = kept;
    };
    exchange(task->axes[i], task->axes[j]);
    exchange(task->kernel.shape[i], task->kernel.shape[j]);
    exchange(task->kernel.strides[i], task->kernel.strides[j]);
}

// Exact sums have the same bits in any order, so the axis with the smallest steps can be the one that rows lie along.
convolve_task in_order_of_memory(const convolve_task &given) {
    convolve_task task = given;
    for (int i = 1; i < task.axes_count; ++i)
        for (int j = i; j > 0 && step_along(task.input, task.axes[j].axis) > step_along(task.input, task.axes[j - 1].axis); --j)
            exchange_axes(&task, j, j - 1);
    return task;
}

// Whether rows had better lie along the first of two axes, by which both arrays have their smallest steps.
bool wants_columns_first(const convolve_task &task, const convolve_weights &weights) {
    if (weights.exact || weights.separable || weights.axes != 2 || task.axes_count != 2) return false;
    const int first = task.axes[0].axis, last = task.axes[1].axis;
    // Independent axes with smaller steps would be rows themselves, or channels of them.
    for (int axis = 0; axis < task.input.ndim; ++axis)
        if (axis != first && axis != last && task.input.shape[axis] > 1 && step_along(task.input, axis) <= step_along(task.input, first))
            return false;
    return step_along(task.input, first) < step_along(task.input, last) && step_along(task.out, first) < step_along(task.out, last);
}

status run(const convolve_task &given, char *memory) {
    convolve_task task = all_integers(given) ? in_order_of_memory(given) : given;
    convolve_weights weights;
    const status chosen = read_weights(task, memory, &weights);
    if (chosen != BYTESTRIDE_OK) return chosen;
    const bool chosen_freely = task.method == BYTESTRIDE_METHOD_AUTO && !weights.separable && !weights.exact;
    if (task.method == BYTESTRIDE_METHOD_FFT || (chosen_freely && transforms_pay(task, weights)))
        return convolve_by_transforms(task, weights);
    // Transforms, which were not chosen, take the weights as they came; sums may have them as whole numbers.
    if (!weights.exact && !is_floating(task.input.type)) {
        const convolve_task ordered = in_order_of_memory(task);
        if (read_multiples(ordered, memory, &weights)) task = ordered;
    }
    if (wants_columns_first(task, weights)) {
        exchange_axes(&task, 0, 1);
        task.method = BYTESTRIDE_METHOD_DIRECT;
        const status again = read_weights(task, memory, &weights);
        if (again != BYTESTRIDE_OK) return again;
        weights.columns_first = true;
    }
    const convolve_geometry geometry = geometry_along_memory(task);
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
