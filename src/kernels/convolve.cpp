// From a checked task to one of the three ways through it.
#include "kernels/convolve.hpp"

#include "kernels/convolve_run.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Kernels up to about 15 x 15 are kept on the stack: the one block of scratch memory that a thread keeps is for rows.
constexpr index weights_on_stack = 10240;

status run(const convolve_task &task, char *memory) {
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
