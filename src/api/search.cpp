#include "kernels/search.hpp"

#include "core/check.hpp"

using namespace bytestride;

namespace {

void require_real(check &c, int position, const char *name, const view &v) {
    c.require(is_real(v.type), BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, must be bool, an integer or a float", name_of(v.type));
}

// What both functions ask of their arrays.
search_task checked(check &c, const bytestride_array *a_given, const bytestride_array *v_given, const bytestride_array *out_given) {
    search_task task{};
    const view v = c.input(2, "v", v_given);
    const view out = c.output(3, "out", out_given);
    task.a = c.input(1, "a", a_given);
    if (c.failed()) return task;
    require_real(c, 1, "a", task.a);
    require_real(c, 2, "v", v);
    c.require(task.a.ndim == 1, BYTESTRIDE_ERROR_NDIM, 1, "a", "has %d dimensions, must have 1", task.a.ndim);
    c.require(out.type == dtype::int64, BYTESTRIDE_ERROR_DTYPE, 3, "out", "is %s, must be int64", name_of(out.type));
    c.require(same_shape(v, out), BYTESTRIDE_ERROR_SHAPE, 3, "out", "has another shape than v");
    c.require_disjoint(3, "out", out, task.a, "a", check::aliasing::none);
    c.require_disjoint(3, "out", out, v, "v", check::aliasing::none);
    if (c.failed()) return task;

    const view *const views[] = {&out, &v};
    task.settings = c.settings();
    task.count = element_count(out);
    if (task.count > 0) task.nest = nest_loops(views, 2);
    task.v = v.type;
    task.compared = result_type(task.a.type, v.type);
    return task;
}

}  // namespace

extern "C" std::int32_t bytestride_searchsorted(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out,
                                                const bytestride_searchsorted_options *options_given) {
    check c;
    const bytestride_searchsorted_options options = c.options(4, options_given);
    c.require(options.side >= 0 && options.side <= BYTESTRIDE_SIDE_RIGHT, BYTESTRIDE_ERROR_OPTION, 4, "options",
              "side is %d, must be 0 to %d", options.side, BYTESTRIDE_SIDE_RIGHT);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, 4, "options", "padding must be 0");
    search_task task = checked(c, a, v, out);
    task.what = options.side == BYTESTRIDE_SIDE_RIGHT ? search_result::rightmost : search_result::leftmost;
    if (options.sorter) {
        const view sorter = c.input(4, "sorter", options.sorter);
        if (c.failed()) return c.result();
        c.require(is_integer(sorter.type), BYTESTRIDE_ERROR_DTYPE, 4, "sorter", "is %s, must be an integer dtype", name_of(sorter.type));
        c.require(sorter.ndim == 1, BYTESTRIDE_ERROR_NDIM, 4, "sorter", "has %d dimensions, must have 1", sorter.ndim);
        c.require(sorter.ndim != 1 || sorter.shape[0] == task.a.shape[0], BYTESTRIDE_ERROR_SHAPE, 4, "sorter", "has another length than a");
        const view result = c.output(3, "out", out);
        c.require_disjoint(3, "out", result, sorter, "sorter", check::aliasing::none);
        if (c.failed()) return c.result();
        task.sorter = sorter;
        call quiet = task.settings;
        quiet.progress = nullptr;
        const status outcome = kernels::check_sorter.run({quiet, sorter, task.a.shape[0]});
        c.require(outcome != BYTESTRIDE_ERROR_OPTION, outcome, 4, "sorter",
                  "has an index that is not below the length of a, or is negative");
        if (outcome != BYTESTRIDE_OK) return c.result(outcome);
    }
    if (c.failed() || task.count == 0) return c.result();
    return c.result(kernels::search.run(task));
}

extern "C" std::int32_t bytestride_binary_search(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out,
                                                 const bytestride_binary_search_options *options) {
    check c;
    c.options(4, options);
    search_task task = checked(c, a, v, out);
    task.what = search_result::walk;
    if (c.failed() || task.count == 0) return c.result();
    return c.result(kernels::search.run(task));
}
