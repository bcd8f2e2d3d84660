#include "kernels/convolve.hpp"

#include <cmath>

#include "core/check.hpp"
#include "core/streaming.hpp"

using namespace bytestride;

namespace {

constexpr int input_position = 1, kernel_position = 2, out_position = 3, options_position = 4;

long long printable(index value) { return value; }

void check_words(check &c, const bytestride_convolve_options &options) {
    const auto word = [&](const char *name, int value, int last) {
        c.require(value >= 0 && value <= last, BYTESTRIDE_ERROR_OPTION, options_position, "options", "unknown %s %d", name, value);
    };
    word("boundary", options.boundary, BYTESTRIDE_BOUNDARY_WRAP);
    word("region", options.region, BYTESTRIDE_REGION_VALID);
    word("method", options.method, BYTESTRIDE_METHOD_FFT);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, options_position, "options", "padding must be 0");
}

// The input's axis for each axis of the kernel.
void check_axes(check &c, const bytestride_convolve_options &options, const view &input, const view &kernel, convolve_task &task) {
    c.require(options.axes_count >= 0 && options.axes_count <= input.ndim, BYTESTRIDE_ERROR_OPTION, options_position, "options",
              "axes_count is %d, must be from 0 to the %d dimensions of input", options.axes_count, input.ndim);
    if (c.failed()) return;
    task.axes_count = options.axes_count > 0 ? options.axes_count : input.ndim;
    bool taken[max_ndim] = {};
    for (int i = 0; i < task.axes_count && !c.failed(); ++i) {
        const int given = options.axes_count > 0 ? options.axes[i] : i;
        c.require(given >= -input.ndim && given < input.ndim, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "axis %d is out of range for an input of %d dimensions", given, input.ndim);
        if (c.failed()) return;
        const int axis = given < 0 ? given + input.ndim : given;
        c.require(!taken[axis], BYTESTRIDE_ERROR_OPTION, options_position, "options", "axis %d is named twice", given);
        taken[axis] = true;
        task.axes[i].axis = axis;
    }
    c.require(kernel.ndim == task.axes_count, BYTESTRIDE_ERROR_NDIM, kernel_position, "kernel",
              "has %d dimensions, must have one for each of the %d convolved axes", kernel.ndim, task.axes_count);
    for (int i = 0; i < kernel.ndim && !c.failed(); ++i)
        c.require(kernel.shape[i] > 0, BYTESTRIDE_ERROR_SHAPE, kernel_position, "kernel", "shape[%d] is 0, a kernel must not be empty", i);
}

// Where the kernel sits over an element of the result.
void check_origin(check &c, const bytestride_convolve_options &options, const view &kernel, convolve_task &task) {
    const int region = options.region ? options.region : BYTESTRIDE_REGION_SAME;
    c.require(options.origin_count == 0 || options.origin_count == 1 || options.origin_count == task.axes_count, BYTESTRIDE_ERROR_OPTION,
              options_position, "options", "origin_count is %d, must be 0, 1 or the number of convolved axes, %d", options.origin_count,
              task.axes_count);
    for (int i = 0; i < task.axes_count && !c.failed(); ++i) {
        const index taps = kernel.shape[i];
        const index origin = options.origin_count == 0 ? 0 : options.origin[options.origin_count == 1 ? 0 : i];
        c.require(origin == 0 || region == BYTESTRIDE_REGION_SAME, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "origin is %lld, must be 0 unless the region is SAME", printable(origin));
        const index centre = task.flipped ? (taps - 1) / 2 : taps / 2;
        c.require(centre + origin >= 0 && centre + origin < taps, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "origin is %lld, moves the centre %lld out of the kernel's %lld taps along its axis %d", printable(origin),
                  printable(centre), printable(taps), i);
        // A flipped kernel has its centre at taps - 1 - centre, and moves the other way.
        task.axes[i].anchor = region == BYTESTRIDE_REGION_FULL    ? taps - 1
                              : region == BYTESTRIDE_REGION_VALID ? 0
                              : task.flipped                      ? taps / 2 - origin
                                                                  : taps / 2 + origin;
    }
}

void check_shapes(check &c, const bytestride_convolve_options &options, const convolve_task &task) {
    const view &input = task.input, &kernel = task.kernel, &out = task.out;
    c.require(out.ndim == input.ndim, BYTESTRIDE_ERROR_NDIM, out_position, "out", "has %d dimensions, must have the %d of input", out.ndim,
              input.ndim);
    index expected[max_ndim];
    for (int i = 0; i < input.ndim; ++i) expected[i] = input.shape[i];
    for (int i = 0; i < task.axes_count && !c.failed(); ++i) {
        const int axis = task.axes[i].axis;
        const index extent = input.shape[axis], taps = kernel.shape[i];
        if (options.region == BYTESTRIDE_REGION_VALID) {
            c.require(taps <= extent, BYTESTRIDE_ERROR_SHAPE, kernel_position, "kernel",
                      "has %lld taps along its axis %d, more than the %lld elements of input that region VALID needs", printable(taps), i,
                      printable(extent));
            expected[axis] = extent - taps + 1;
        } else if (options.region == BYTESTRIDE_REGION_FULL) {
            c.require(!__builtin_add_overflow(extent, taps - 1, &expected[axis]), BYTESTRIDE_ERROR_SHAPE, kernel_position, "kernel",
                      "its axis %d makes the result too large", i);
        }
    }
    for (int i = 0; i < input.ndim && !c.failed(); ++i)
        c.require(out.shape[i] == expected[i], BYTESTRIDE_ERROR_SHAPE, out_position, "out", "shape[%d] is %lld, must be %lld", i,
                  printable(out.shape[i]), printable(expected[i]));
    if (c.failed() || element_count(out) == 0 || task.boundary == BYTESTRIDE_BOUNDARY_CONSTANT) return;
    for (int i = 0; i < task.axes_count; ++i)
        c.require(input.shape[task.axes[i].axis] > 0, BYTESTRIDE_ERROR_SHAPE, input_position, "input",
                  "is empty along axis %d, and only boundary CONSTANT continues nothing", task.axes[i].axis);
}

bool fits(std::int64_t value, dtype type) {
    if (type == dtype::boolean) return value == 0 || value == 1;
    const index bits = 8 * itemsize_of(type);
    if (bits == 64) return true;  // for uint64 the bits are the value
    if (kind_of(type) == kind::unsigned_integer) return value >= 0 && value < (std::int64_t(1) << bits);
    return value >= -(std::int64_t(1) << (bits - 1)) && value < (std::int64_t(1) << (bits - 1));
}

void check_fill(check &c, const bytestride_convolve_options &options, dtype type) {
    if (is_floating(type)) {
        // The least magnitudes that round to infinity.
        const double beyond = type == dtype::float16 ? 65520.0 : type == dtype::float32 ? 0x1.ffffffp127 : HUGE_VAL;
        c.require(!std::isfinite(options.fill) || std::fabs(options.fill) < beyond, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "fill is %g, which is not representable in the input's dtype %s", options.fill, name_of(type));
        c.require(options.fill_integer == 0, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "fill_integer is for bool and integer inputs; for %s use fill", name_of(type));
    } else {
        c.require(options.fill == 0, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "fill is for float inputs; for %s use fill_integer", name_of(type));
        c.require(fits(options.fill_integer, type), BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "fill_integer is %lld, which is not representable in the input's dtype %s", printable(options.fill_integer),
                  name_of(type));
    }
}

status convolve(const bytestride_array *input_given, const bytestride_array *kernel_given, const bytestride_array *out_given,
                const bytestride_convolve_options *options_given, bool flipped) {
    check c;
    const bytestride_convolve_options options = c.options(options_position, options_given);
    convolve_task task{};
    task.input = c.input(input_position, "input", input_given);
    task.kernel = c.input(kernel_position, "kernel", kernel_given);
    task.out = c.output(out_position, "out", out_given);
    task.flipped = flipped;
    task.boundary = options.boundary ? options.boundary : BYTESTRIDE_BOUNDARY_CONSTANT;
    task.method = options.method ? options.method : BYTESTRIDE_METHOD_AUTO;
    task.fill = options.fill;
    task.fill_integer = options.fill_integer;
    check_words(c, options);
    if (c.failed()) return c.result();

    const auto require_real = [&](int position, const char *name, const view &v) {
        c.require(is_real(v.type), BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, must be bool, an integer or a float", name_of(v.type));
    };
    require_real(input_position, "input", task.input);
    require_real(kernel_position, "kernel", task.kernel);
    require_real(out_position, "out", task.out);
    if (c.failed()) return c.result();
    c.require(task.method != BYTESTRIDE_METHOD_FFT || is_floating(task.input.type) || is_floating(task.kernel.type),
              BYTESTRIDE_ERROR_OPTION, options_position, "options", "method FFT is for sums of floats; %s by %s is summed exactly",
              name_of(task.input.type), name_of(task.kernel.type));
    check_axes(c, options, task.input, task.kernel, task);
    check_origin(c, options, task.kernel, task);
    check_shapes(c, options, task);
    check_fill(c, options, task.input.type);
    c.require_disjoint(out_position, "out", task.out, task.input, "input", check::aliasing::none);
    c.require_disjoint(out_position, "out", task.out, task.kernel, "kernel", check::aliasing::none);
    if (c.failed() || element_count(task.out) == 0) return c.result();

    task.settings = c.settings();
    const view *const views[] = {&task.out, &task.input};
    task.streaming = worth_streaming(views, 2);
    const status outcome = kernels::convolve.run(task);
    c.require(outcome != BYTESTRIDE_ERROR_OPTION, outcome, kernel_position, "kernel",
              "is not an outer product of vectors, which method SEPARABLE needs");
    c.require(outcome != BYTESTRIDE_ERROR_OVERFLOW, outcome, input_position, "input",
              "the exact sum of its elements with this kernel could pass 127 bits");
    return c.result(outcome);
}

}  // namespace

extern "C" std::int32_t bytestride_convolve(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out,
                                            const bytestride_convolve_options *options) {
    return convolve(input, kernel, out, options, true);
}

extern "C" std::int32_t bytestride_correlate(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out,
                                             const bytestride_correlate_options *options) {
    return convolve(input, kernel, out, options, false);
}
