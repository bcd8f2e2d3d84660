#include "kernels/copy.hpp"

#include <cstring>

#include "core/check.hpp"
#include "core/scratch.hpp"
#include "core/streaming.hpp"

using namespace bytestride;

extern "C" std::int32_t bytestride_copy(const bytestride_array *a_given, const bytestride_array *out_given,
                                        const bytestride_copy_options *options_given) {
    check c;
    const bytestride_copy_options options = c.options(3, options_given);
    const view a = c.input(1, "a", a_given);
    const view out = c.output(2, "out", out_given);
    c.require(options.rule >= 0 && options.rule <= BYTESTRIDE_RULE_SATURATE, BYTESTRIDE_ERROR_OPTION, 3, "options", "unknown rule %d",
              options.rule);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, 3, "options", "padding must be 0");
    if (c.failed()) return c.result();
    c.require(is_real(a.type) || !is_real(out.type), BYTESTRIDE_ERROR_DTYPE, 2, "out",
              "is %s, which cannot hold %s without losing the imaginary part", name_of(out.type), name_of(a.type));
    c.require(same_shape(a, out), BYTESTRIDE_ERROR_SHAPE, 2, "out", "must have the shape of a");
    c.require_disjoint(2, "out", out, a, "a", check::aliasing::same);
    if (c.failed() || element_count(out) == 0 || same_view(a, out)) return c.result();

    const view *const views[] = {&out, &a};
    const copy_task task = {
        c.settings(), nest_loops(views, 2), a.type, out.type, options.rule == BYTESTRIDE_RULE_SATURATE, worth_streaming(views, 2)};
    return c.result(kernels::copy.run(task));
}

extern "C" std::int32_t bytestride_transpose_inplace(const bytestride_array *given, const bytestride_transpose_inplace_options *options) {
    check c;
    c.options(2, options);
    const view array = c.output(1, "array", given);
    c.require(array.ndim == 2, BYTESTRIDE_ERROR_NDIM, 1, "array", "has %d dimensions, must have 2", array.ndim);
    if (c.failed()) return c.result();
    const bool is_square = array.shape[0] == array.shape[1];
    // Strides of extents up to 1 do not count, and no strides of an empty matrix.
    const bool c_contiguous = array.shape[0] == 0 || array.shape[1] == 0 ||
                              ((array.shape[1] <= 1 || array.strides[1] == array.itemsize) &&
                               (array.shape[0] <= 1 || array.strides[0] == array.shape[1] * array.itemsize));
    c.require(is_square || c_contiguous, BYTESTRIDE_ERROR_SHAPE, 1, "array", "is neither square nor C-contiguous");
    // A single row or column lies the same way before and after.
    if (c.failed() || array.shape[0] <= 1 || array.shape[1] <= 1) return c.result();
    if (is_square) return c.result(kernels::transpose_inplace.run({c.settings(), array, nullptr}));

    const std::int64_t words = (element_count(array) + 63) / 64;
    const scratch moved(words * 8);
    if (moved.failed()) return c.result(BYTESTRIDE_ERROR_MEMORY);
    std::memset(moved.data(), 0, static_cast<std::size_t>(words * 8));
    return c.result(kernels::transpose_inplace.run({c.settings(), array, reinterpret_cast<std::uint64_t *>(moved.data())}));
}
