#include "kernels/distance.hpp"

#include "core/axes.hpp"
#include "core/check.hpp"
#include "core/streaming.hpp"

using namespace bytestride;

namespace {

long long printable(index value) { return value; }

void require_real(check &c, int position, const char *name, const view &v) {
    c.require(is_real(v.type), BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, must be bool, an integer or a float", name_of(v.type));
}

void require_ndim(check &c, int position, const char *name, const view &v, int ndim) {
    c.require(v.ndim == ndim, BYTESTRIDE_ERROR_NDIM, position, name, "has %d dimensions, must have %d", v.ndim, ndim);
}

void require_extent(check &c, int position, const char *name, const view &v, int axis, index expected) {
    c.require(v.shape[axis] == expected, BYTESTRIDE_ERROR_SHAPE, position, name, "shape[%d] is %lld, must be %lld", axis,
              printable(v.shape[axis]), printable(expected));
}

int check_metric(check &c, int position, const bytestride_distances_options &options) {
    c.require(options.metric >= 0 && options.metric <= BYTESTRIDE_METRIC_CHEBYSHEV, BYTESTRIDE_ERROR_OPTION, position, "options",
              "unknown metric %d", options.metric);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, position, "options", "padding must be 0");
    return options.metric ? options.metric : BYTESTRIDE_METRIC_EUCLIDEAN;
}

bool short_float(dtype type) { return type == dtype::float16 || type == dtype::float32; }

// float32 stays float32; float16 alone is computed as wide as its result is.
dtype computed_type(const view &x, const view &y, const view &out) {
    if (!short_float(x.type) || !short_float(y.type)) return dtype::float64;
    if (x.type == dtype::float32 || y.type == dtype::float32) return dtype::float32;
    return out.type == dtype::float32 ? dtype::float32 : dtype::float64;
}

void require_result(check &c, int position, const char *name, const view &v, dtype computed) {
    c.require(v.type == dtype::float32 || v.type == dtype::float64, BYTESTRIDE_ERROR_DTYPE, position, name,
              "is %s, must be float32 or float64", name_of(v.type));
    c.require(v.itemsize >= itemsize_of(computed), BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, which cannot hold a result of %s",
              name_of(v.type), name_of(computed));
}

// A vector as a matrix of one row.
view as_row(const view &v) {
    view row = v;
    row.ndim = 2;
    row.shape[0] = 1;
    row.shape[1] = v.shape[0];
    row.strides[0] = 0;
    row.strides[1] = v.strides[0];
    return row;
}

view row_of(const view &matrix, index i) {
    view row = matrix;
    row.data += i * matrix.strides[0];
    row.shape[0] = 1;
    row.strides[0] = 0;
    return row;
}

// Brings the result into the order of its memory: the points follow it, and the distance of two has no direction. 2000 x 2000
// float64 into a reversed or transposed result take 0.3 of the time.
void follow_memory(distances_task &task) {
    if (is_transposed(task.out, 0, 1)) {
        exchange_axes(task.out, 0, 1);
        std::swap(task.x, task.y);
    }
    const bool reversed_rows = is_reversed(task.out, 0), reversed_columns = is_reversed(task.out, 1);
    // A symmetric result has the same points along both axes. Its rows may be stored in any order; to compute both halves takes
    // less time than to store rows backwards.
    if (reversed_columns && !reversed_rows) task.symmetric = false;
    if (reversed_rows && (reversed_columns || !task.symmetric)) {
        reverse_axis(task.out, 0);
        reverse_axis(task.x, 0);
    }
    if (reversed_columns) {
        reverse_axis(task.out, 1);
        reverse_axis(task.y, 0);
        if (task.column.data) reverse_axis(task.column, 0);
    }
}

status run(const call &settings, const view &x, const view &y, const view &out, bool symmetric, int metric, const view &column = {}) {
    distances_task task = {settings, x, y, out, symmetric, metric, computed_type(x, y, out), false, column};
    follow_memory(task);
    const view *const views[] = {&task.out, &task.x, &task.y};
    // What is streamed are rows: the elements of a row must be neighbours.
    task.streaming = task.out.strides[1] == task.out.itemsize && worth_streaming(views, 3);
    return kernels::distances.run(task);
}

}  // namespace

extern "C" std::int32_t bytestride_distances(const bytestride_array *x_given, const bytestride_array *y_given,
                                             const bytestride_array *out_given, const bytestride_distances_options *options_given) {
    check c;
    const bytestride_distances_options options = c.options(4, options_given);
    const int metric = check_metric(c, 4, options);
    const bool symmetric = !y_given;
    const view x = c.input(1, "x", x_given);
    const view y = symmetric ? x : c.input(2, "y", y_given);
    const view out = c.output(3, "out", out_given);
    require_real(c, 1, "x", x);
    require_real(c, 2, "y", y);
    require_ndim(c, 1, "x", x, 2);
    require_ndim(c, 2, "y", y, 2);
    require_ndim(c, 3, "out", out, 2);
    if (c.failed()) return c.result();
    require_extent(c, 2, "y", y, 1, x.shape[1]);
    require_extent(c, 3, "out", out, 0, x.shape[0]);
    require_extent(c, 3, "out", out, 1, y.shape[0]);
    require_result(c, 3, "out", out, computed_type(x, y, out));
    c.require_disjoint(3, "out", out, x, "x", check::aliasing::none);
    c.require_disjoint(3, "out", out, y, "y", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();
    return c.result(run(c.settings(), x, y, out, symmetric, metric));
}

extern "C" std::int32_t bytestride_distances_from(const bytestride_array *x_given, const bytestride_array *point_given,
                                                  const bytestride_array *out_given,
                                                  const bytestride_distances_from_options *options_given) {
    check c;
    const bytestride_distances_from_options options = c.options(4, options_given);
    const int metric = check_metric(c, 4, options);
    const view x = c.input(1, "x", x_given);
    const view point = c.input(2, "point", point_given);
    const view out = c.output(3, "out", out_given);
    require_real(c, 1, "x", x);
    require_real(c, 2, "point", point);
    require_ndim(c, 1, "x", x, 2);
    require_ndim(c, 2, "point", point, 1);
    require_ndim(c, 3, "out", out, 1);
    if (c.failed()) return c.result();
    require_extent(c, 2, "point", point, 0, x.shape[1]);
    require_extent(c, 3, "out", out, 0, x.shape[0]);
    require_result(c, 3, "out", out, computed_type(x, point, out));
    c.require_disjoint(3, "out", out, x, "x", check::aliasing::none);
    c.require_disjoint(3, "out", out, point, "point", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();
    return c.result(run(c.settings(), as_row(point), x, as_row(out), false, metric));
}

extern "C" std::int32_t bytestride_update_distances(const bytestride_array *x_given, const bytestride_array *d_given, std::int64_t i,
                                                    const bytestride_update_distances_options *options_given) {
    check c;
    const bytestride_update_distances_options options = c.options(4, options_given);
    const int metric = check_metric(c, 4, options);
    const view x = c.input(1, "x", x_given);
    const view d = c.output(2, "d", d_given);
    require_real(c, 1, "x", x);
    require_ndim(c, 1, "x", x, 2);
    require_ndim(c, 2, "d", d, 2);
    if (c.failed()) return c.result();
    const index n = x.shape[0];
    require_extent(c, 2, "d", d, 0, n);
    require_extent(c, 2, "d", d, 1, n);
    require_result(c, 2, "d", d, computed_type(x, x, d));
    c.require(i >= -n && i < n, BYTESTRIDE_ERROR_OPTION, 3, "i", "is %lld, out of range for %lld points", printable(i), printable(n));
    c.require_disjoint(2, "d", d, x, "x", check::aliasing::none);
    if (c.failed()) return c.result();

    const index at = i < 0 ? i + n : i;
    const view row = row_of(d, at);
    // The column is the row once more; the element that they share is written twice, with the same value.
    view column{};
    column.type = d.type;
    column.itemsize = d.itemsize;
    column.ndim = 1;
    column.shape[0] = n;
    column.strides[0] = d.strides[0];
    column.data = d.data + at * d.strides[1];
    return c.result(run(c.settings(), row_of(x, at), x, row, false, metric, column));
}

extern "C" std::int32_t bytestride_squared_error(const bytestride_array *goal_given, const bytestride_array *current_given,
                                                 const bytestride_array *out_given, const bytestride_squared_error_options *options_given) {
    check c;
    const bytestride_squared_error_options options = c.options(4, options_given);
    squared_error_task task{};
    task.goal = c.input(1, "goal", goal_given);
    task.current = c.input(2, "current", current_given);
    task.out = c.output(3, "out", out_given);
    task.weighted = options.weights != nullptr;
    if (task.weighted) task.weights = c.input(4, "options.weights", options.weights);
    if (c.failed()) return c.result();
    const view &goal = task.goal, &out = task.out;
    require_real(c, 1, "goal", goal);
    require_real(c, 2, "current", task.current);
    c.require(goal.ndim == 1 || goal.ndim == 2, BYTESTRIDE_ERROR_NDIM, 1, "goal", "has %d dimensions, must have 1 or 2", goal.ndim);
    c.require(same_shape(goal, task.current), BYTESTRIDE_ERROR_SHAPE, 2, "current", "has another shape than goal");
    if (task.weighted) {
        require_real(c, 4, "options.weights", task.weights);
        c.require(same_shape(goal, task.weights), BYTESTRIDE_ERROR_SHAPE, 4, "options.weights", "has another shape than goal");
        c.require_disjoint(3, "out", out, task.weights, "weights", check::aliasing::none);
    }
    c.require(out.ndim == 0 || (out.ndim == 1 && goal.ndim == 2), BYTESTRIDE_ERROR_NDIM, 3, "out", "has %d dimensions, must have %s",
              out.ndim, goal.ndim == 2 ? "0 or 1" : "0");
    if (c.failed()) return c.result();
    if (out.ndim == 1) require_extent(c, 3, "out", out, 0, goal.shape[0]);
    c.require(out.type == dtype::float64, BYTESTRIDE_ERROR_DTYPE, 3, "out", "is %s, must be float64", name_of(out.type));
    c.require_disjoint(3, "out", out, goal, "goal", check::aliasing::none);
    c.require_disjoint(3, "out", out, task.current, "current", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();
    // The sum of nothing is 0.
    task.settings = c.settings();
    if (goal.ndim == 1) {
        task.goal = as_row(task.goal);
        task.current = as_row(task.current);
        if (task.weighted) task.weights = as_row(task.weights);
    }
    return c.result(kernels::squared_error.run(task));
}
