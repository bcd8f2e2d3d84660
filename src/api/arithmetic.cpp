#include "kernels/arithmetic.hpp"

#include "core/check.hpp"
#include "core/streaming.hpp"

using namespace bytestride;

namespace {

status run(operation what, const bytestride_array *a_given, const bytestride_array *b_given, const bytestride_array *out_given,
           const bytestride_options *options) {
    check c;
    c.options(4, options);
    const view a = c.input(1, "a", a_given);
    const view b = c.input(2, "b", b_given);
    const view out = c.output(3, "out", out_given);
    if (c.failed()) return c.result();

    dtype computed = result_type(a.type, b.type);
    if (what == operation::divide && kind_of(computed) < kind::floating) computed = dtype::float64;
    c.require(what != operation::subtract || computed != dtype::boolean, BYTESTRIDE_ERROR_DTYPE, 1, "a",
              "and b are bool, which have no difference");
    c.require(same_kind_cast(computed, out.type), BYTESTRIDE_ERROR_DTYPE, 3, "out", "is %s, which cannot hold a result of %s",
              name_of(out.type), name_of(computed));
    c.require(broadcasts_to(a, out), BYTESTRIDE_ERROR_SHAPE, 1, "a", "its shape cannot be broadcast to that of out");
    c.require(broadcasts_to(b, out), BYTESTRIDE_ERROR_SHAPE, 2, "b", "its shape cannot be broadcast to that of out");
    c.require_disjoint(3, "out", out, a, "a", check::aliasing::same);
    c.require_disjoint(3, "out", out, b, "b", check::aliasing::same);
    if (c.failed() || element_count(out) == 0) return c.result();

    const view *const views[] = {&out, &a, &b};
    const bool in_place = a.data == out.data || b.data == out.data;
    const arithmetic_task task = {
        c.settings(), what, nest_loops(views, 3), a.type, b.type, out.type, computed, !in_place && worth_streaming(views, 3)};
    return c.result(kernels::arithmetic.run(task));
}

}  // namespace

extern "C" std::int32_t bytestride_add(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                       const bytestride_add_options *options) {
    return run(operation::add, a, b, out, options);
}

extern "C" std::int32_t bytestride_subtract(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                            const bytestride_subtract_options *options) {
    return run(operation::subtract, a, b, out, options);
}

extern "C" std::int32_t bytestride_multiply(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                            const bytestride_multiply_options *options) {
    return run(operation::multiply, a, b, out, options);
}

extern "C" std::int32_t bytestride_divide(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                          const bytestride_divide_options *options) {
    return run(operation::divide, a, b, out, options);
}

extern "C" std::int32_t bytestride_minimum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                           const bytestride_minimum_options *options) {
    return run(operation::minimum, a, b, out, options);
}

extern "C" std::int32_t bytestride_maximum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out,
                                           const bytestride_maximum_options *options) {
    return run(operation::maximum, a, b, out, options);
}
