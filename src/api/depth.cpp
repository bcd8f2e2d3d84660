#include "kernels/depth.hpp"

#include <cmath>

#include "core/axes.hpp"
#include "core/check.hpp"
#include "core/streaming.hpp"

using namespace bytestride;

namespace {

long long printable(index value) { return value; }

bool is_reading(dtype type) { return type == dtype::uint16 || type == dtype::int32 || type == dtype::float32 || type == dtype::float64; }
bool is_point(dtype type) { return type == dtype::float32 || type == dtype::float64; }

// A small array of numbers, as float64.
void read_numbers(const view &v, double *to) {
    const index rows = v.ndim == 2 ? v.shape[0] : 1, columns = v.shape[v.ndim - 1], row_stride = v.ndim == 2 ? v.strides[0] : 0;
    for (index i = 0; i < rows; ++i)
        for (index j = 0; j < columns; ++j, ++to) {
            const char *from = v.data + i * row_stride + j * v.strides[v.ndim - 1];
            if (v.type == dtype::float32) {
                float value;
                __builtin_memcpy(&value, from, sizeof value);
                *to = value;
            } else {
                __builtin_memcpy(to, from, sizeof *to);
            }
        }
}

// What both functions say about the camera and its place.
struct setting {
    camera lens;
    double depth_scale;
    double sign[3];
    bool has_pose;
    double pose[3][4];
    view distortion, pose_array;
};

class setting_rules {
public:
    setting_rules(check &c_, int first_scalar_, int options_position_)
        : c(c_), first_scalar(first_scalar_), options_position(options_position_) {}

    void scalars(double fx, double fy, double cx, double cy, double skew, double depth_scale, setting &s) {
        s.lens.fx = fx;
        s.lens.fy = fy;
        s.lens.cx = cx;
        s.lens.cy = cy;
        s.lens.skew = skew;
        s.depth_scale = depth_scale != 0 ? depth_scale : 1000.0;
        focal_length(first_scalar, "fx", fx);
        focal_length(first_scalar + 1, "fy", fy);
        finite(first_scalar + 2, "cx", "is %g, must be finite", cx);
        finite(first_scalar + 3, "cy", "is %g, must be finite", cy);
        finite(options_position, "options", "skew is %g, must be finite", skew);
        c.require(std::isfinite(depth_scale) && depth_scale >= 0, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                  "depth_scale is %g, must be positive and finite", depth_scale);
    }

    void frame(int word, setting &s) {
        c.require(word >= 0 && word <= BYTESTRIDE_FRAME_INVERTED, BYTESTRIDE_ERROR_OPTION, options_position, "options", "unknown frame %d",
                  word);
        s.sign[0] = word == BYTESTRIDE_FRAME_INVERTED ? -1 : 1;
        s.sign[1] = s.sign[2] = word == BYTESTRIDE_FRAME_INVERTED || word == BYTESTRIDE_FRAME_OPENGL ? -1 : 1;
    }

    void distortion(const bytestride_array *given, setting &s) {
        if (!given) return;
        const view v = s.distortion = numbers("distortion", given);
        c.require(v.ndim == 1, BYTESTRIDE_ERROR_NDIM, options_position, "options", "distortion has %d dimensions, must have 1", v.ndim);
        c.require(v.shape[0] == 4 || v.shape[0] == 5 || v.shape[0] == 8, BYTESTRIDE_ERROR_SHAPE, options_position, "options",
                  "distortion has %lld coefficients, must have 4, 5 or 8", printable(v.shape[0]));
        if (c.failed()) return;
        read_numbers(v, s.lens.coefficients);
        for (double coefficient : s.lens.coefficients) {
            finite(options_position, "options", "distortion has a coefficient of %g, all must be finite", coefficient);
            s.lens.distorted |= coefficient != 0;
        }
    }

    void pose(const bytestride_array *given, setting &s) {
        if (!given) return;
        const view v = s.pose_array = numbers("pose", given);
        c.require(v.ndim == 2, BYTESTRIDE_ERROR_NDIM, options_position, "options", "pose has %d dimensions, must have 2", v.ndim);
        c.require((v.shape[0] == 3 || v.shape[0] == 4) && v.shape[1] == 4, BYTESTRIDE_ERROR_SHAPE, options_position, "options",
                  "pose has the shape (%lld, %lld), must have (4, 4) or (3, 4)", printable(v.shape[0]), printable(v.shape[1]));
        if (c.failed()) return;
        double rows[4][4] = {{0}, {0}, {0}, {0, 0, 0, 1}};
        read_numbers(v, &rows[0][0]);
        for (const auto &row : rows)
            for (double entry : row) finite(options_position, "options", "pose has an entry of %g, all must be finite", entry);
        for (int j = 0; j < 4; ++j)
            c.require(std::fabs(rows[3][j] - (j == 3)) <= 1e-9, BYTESTRIDE_ERROR_OPTION, options_position, "options",
                      "the last row of pose has %g in column %d, must be (0, 0, 0, 1)", rows[3][j], j);
        s.has_pose = true;
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 4; ++j) s.pose[i][j] = rows[i][j];
    }

private:
    void finite(int position, const char *name, const char *text, double value) {
        c.require(std::isfinite(value), BYTESTRIDE_ERROR_OPTION, position, name, text, value);
    }
    void focal_length(int position, const char *name, double value) {
        c.require(std::isfinite(value) && value != 0, BYTESTRIDE_ERROR_OPTION, position, name, "is %g, must be finite and not 0", value);
    }
    view numbers(const char *name, const bytestride_array *given) {
        const view v = c.input(options_position, name, given);
        if (!c.failed())
            c.require(is_point(v.type), BYTESTRIDE_ERROR_DTYPE, options_position, name, "is %s, must be float64 or float32",
                      name_of(v.type));
        return v;
    }

    check &c;
    int first_scalar, options_position;
};

// (images, rows, columns, ...) of a single image.
view as_batch(const view &v, int ndim) {
    if (v.ndim == ndim) return v;
    view batch = v;
    batch.ndim = ndim;
    batch.shape[0] = 1;
    batch.strides[0] = 0;
    for (int i = 1; i < ndim; ++i) {
        batch.shape[i] = v.shape[i - 1];
        batch.strides[i] = v.strides[i - 1];
    }
    return batch;
}

index reduced(index extent, index step) { return extent == 0 ? 0 : (extent - 1) / step + 1; }

// Every step-th row and column of a batch.
view every(view v, index step) {
    for (int i = 1; i <= 2; ++i) {
        v.shape[i] = reduced(v.shape[i], step);
        v.strides[i] = v.shape[i] > 1 ? v.strides[i] * step : 0;
    }
    return v;
}

// ---- depth_to_points --------------------------------------------------------------------------------------

// Brings organised points into the order of their memory: a ray belongs to a pixel, wherever that lies. 960 x 1280 uint16 to float32,
// all in Fortran order, take 0.07 of the time, 480 x 640 points from right to left 0.4.
void follow_memory(depth_to_points_task &task) {
    view *const views[] = {&task.depth, &task.mask, &task.color, &task.points, &task.colors, &task.indices};
    const bool given[] = {true, task.has_mask, task.has_color, true, task.has_color, task.has_indices};
    const auto for_views = [&](auto change) {
        for (int k = 0; k < 6; ++k)
            if (given[k]) change(*views[k]);
    };
    task.pixels.transposed = is_transposed(task.points, 1, 2);
    if (task.pixels.transposed) for_views([](view &v) { exchange_axes(v, 1, 2); });
    for (int axis = 1; axis <= 2; ++axis) {
        if (!is_reversed(task.points, axis)) continue;
        const bool rows = (axis == 1) != task.pixels.transposed;
        index &first = rows ? task.pixels.first_row : task.pixels.first_column;
        index &step = rows ? task.pixels.row_step : task.pixels.column_step;
        first += (task.points.shape[axis] - 1) * step;
        step = -step;
        for_views([=](view &v) { reverse_axis(v, axis); });
    }
}

constexpr int depth_position = 1, points_position = 2, colors_position = 3, indices_position = 4, fx_position = 5, options_position = 10;

bool same_extents(const view &v, int first, const view &w, int first_of_w, int count) {
    for (int i = 0; i < count; ++i)
        if (v.shape[first + i] != w.shape[first_of_w + i]) return false;
    return true;
}

// What a result must look like: the extents of the organised points, or one axis of rows, before its own axis.
struct result_shape {
    int leading;
    index extents[3];  // -1: any

    void require(check &c, int position, const char *name, const view &v, index last) const {
        const int ndim = leading + (last >= 0);
        c.require(v.ndim == ndim, BYTESTRIDE_ERROR_NDIM, position, name, "has %d dimensions, must have %d", v.ndim, ndim);
        for (int i = 0; i < ndim && !c.failed(); ++i) {
            const index expected = i < leading ? extents[i] : last;
            c.require(expected < 0 || v.shape[i] == expected, BYTESTRIDE_ERROR_SHAPE, position, name, "shape[%d] is %lld, must be %lld", i,
                      printable(v.shape[i]), printable(expected));
        }
    }
};

view mask_of(check &c, const bytestride_array *given, const view &depth) {
    const view mask = c.input(options_position, "mask", given);
    if (c.failed()) return mask;
    c.require(mask.type == dtype::boolean, BYTESTRIDE_ERROR_DTYPE, options_position, "mask", "is %s, must be bool", name_of(mask.type));
    const bool of_batch = same_shape(mask, depth), of_image = mask.ndim == 2 && same_extents(mask, 0, depth, depth.ndim - 2, 2);
    c.require(of_batch || of_image, BYTESTRIDE_ERROR_SHAPE, options_position, "mask",
              "must have the shape of depth, or of one of its images");
    return as_batch(mask, 3);
}

view color_of(check &c, const bytestride_array *given, const view &depth) {
    const view color = c.input(options_position, "color", given);
    if (c.failed()) return color;
    c.require(color.ndim == depth.ndim + 1, BYTESTRIDE_ERROR_NDIM, options_position, "color",
              "has %d dimensions, must have %d: those of depth, and channels", color.ndim, depth.ndim + 1);
    c.require(c.failed() || same_extents(color, 0, depth, 0, depth.ndim), BYTESTRIDE_ERROR_SHAPE, options_position, "color",
              "must have the shape of depth before its channels");
    return as_batch(color, 4);
}

}  // namespace

extern "C" std::int32_t bytestride_depth_to_points(const bytestride_array *depth_given, const bytestride_array *points_given,
                                                   const bytestride_array *colors_given, const bytestride_array *indices_given, double fx,
                                                   double fy, double cx, double cy, int64_t *count,
                                                   const bytestride_depth_to_points_options *options_given) {
    check c;
    const bytestride_depth_to_points_options options = c.options(options_position, options_given);
    const int invalid = options.invalid ? options.invalid : BYTESTRIDE_INVALID_NAN;
    const bool drops = invalid == BYTESTRIDE_INVALID_DROP, count_only = drops && !points_given;
    const view depth = c.input(depth_position, "depth", depth_given);
    const auto option = [&](bool rule, const char *format, auto value) {
        c.require(rule, BYTESTRIDE_ERROR_OPTION, options_position, "options", format, value);
    };
    option(options.invalid >= 0 && options.invalid <= BYTESTRIDE_INVALID_DROP, "unknown invalid %d", options.invalid);
    option(options.radial == 0 || options.radial == 1, "radial is %d, must be 0 or 1", options.radial);
    option(options.stride >= 0, "stride is %lld, must be positive", printable(options.stride));
    option(options.min_depth == options.min_depth, "min_depth is %g", options.min_depth);
    option(options.max_depth == options.max_depth, "max_depth is %g", options.max_depth);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, options_position, "options", "padding must be 0");
    setting s{};
    setting_rules rules(c, fx_position, options_position);
    rules.frame(options.frame, s);
    rules.scalars(fx, fy, cx, cy, options.skew, options.depth_scale, s);
    if (c.failed()) return c.result();
    c.require(is_reading(depth.type), BYTESTRIDE_ERROR_DTYPE, depth_position, "depth", "is %s, must be uint16, int32, float32 or float64",
              name_of(depth.type));
    c.require(depth.ndim == 2 || depth.ndim == 3, BYTESTRIDE_ERROR_NDIM, depth_position, "depth",
              "has %d dimensions, must have 2, or 3 for a batch", depth.ndim);
    rules.distortion(options.distortion, s);
    rules.pose(options.pose, s);
    if (c.failed()) return c.result();

    depth_to_points_task task{};
    const index step = options.stride ? options.stride : 1;
    task.depth = every(as_batch(depth, 3), step);
    task.has_mask = options.mask;
    view mask{};
    if (options.mask) mask = mask_of(c, options.mask, depth);
    view color{};
    if (options.color) color = color_of(c, options.color, depth);
    c.require(!colors_given || options.color, BYTESTRIDE_ERROR_OPTION, colors_position, "colors", "is given, but options.color is NULL");
    c.require(points_given || drops, BYTESTRIDE_ERROR_NULL, points_position, "points", "is NULL, which only DROP may count with");
    if (c.failed()) return c.result();
    if (task.has_mask) task.mask = every(mask, step);

    result_shape shape{};
    shape.leading = drops ? 1 : depth.ndim;
    for (int i = 0; i < shape.leading; ++i) shape.extents[i] = drops ? -1 : task.depth.shape[3 - depth.ndim + i];
    view outputs[3];
    int output_count = 0;
    const auto take = [&](int position, const char *name, const bytestride_array *given, index last, dtype wanted) {
        const view v = c.output(position, name, given);
        if (c.failed()) return v;
        const bool fine = last == 3 && position == points_position ? is_point(v.type) : v.type == wanted;
        c.require(fine, BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, must be %s", name_of(v.type),
                  position == points_position ? "float32 or float64" : name_of(wanted));
        shape.require(c, position, name, v, last);
        c.require_disjoint(position, name, v, depth, "depth", check::aliasing::none);
        if (task.has_mask) c.require_disjoint(position, name, v, task.mask, "mask", check::aliasing::none);
        if (options.color) c.require_disjoint(position, name, v, color, "color", check::aliasing::none);
        if (options.pose) c.require_disjoint(position, name, v, s.pose_array, "pose", check::aliasing::none);
        if (options.distortion) c.require_disjoint(position, name, v, s.distortion, "distortion", check::aliasing::none);
        for (int i = 0; i < output_count; ++i) c.require_disjoint(position, name, v, outputs[i], "another output", check::aliasing::none);
        outputs[output_count++] = v;
        if (drops && position == points_position) shape.extents[0] = v.shape[0];
        return v;
    };
    task.points.type = dtype::float32;
    if (!count_only) {
        task.points = take(points_position, "points", points_given, 3, dtype::float32);
        task.has_color = colors_given;
        if (task.has_color) task.colors = take(colors_position, "colors", colors_given, color.shape[3], color.type);
        task.has_indices = indices_given;
        if (task.has_indices) task.indices = take(indices_position, "indices", indices_given, -1, dtype::int64);
    }
    if (c.failed()) return c.result();

    index found = drops ? 0 : element_count(task.depth);
    status outcome = BYTESTRIDE_OK;
    if (element_count(task.depth) > 0) {
        task.settings = c.settings();
        if (task.has_color) task.color = every(color, step);
        task.pixels = {depth.shape[depth.ndim - 2], depth.shape[depth.ndim - 1], 0, 0, step, step, false};
        if (!drops) {
            task.points = as_batch(task.points, 4);
            if (task.has_color) task.colors = as_batch(task.colors, 4);
            if (task.has_indices) task.indices = as_batch(task.indices, 3);
            follow_memory(task);
        }
        task.lens = s.lens;
        task.depth_scale = s.depth_scale;
        task.min_depth = options.min_depth;
        task.max_depth = options.max_depth != 0 ? options.max_depth : HUGE_VAL;
        task.radial = options.radial;
        task.invalid = invalid;
        task.has_pose = s.has_pose;
        for (int i = 0; i < 3; ++i) {
            task.sign[i] = s.sign[i];
            for (int j = 0; j < 4; ++j) task.pose[i][j] = s.pose[i][j] * (j < 3 ? s.sign[j] : 1.0);
        }
        task.count_only = count_only;
        // A row of dense points counts as one run of bytes.
        view runs = task.points;
        if (!drops && magnitude(runs.strides[3]) == runs.itemsize && runs.strides[2] == 3 * runs.itemsize) {
            runs.ndim = 3;
            runs.shape[2] *= 3;
            runs.strides[2] = runs.itemsize;
        }
        const view *const views[] = {&runs, &task.depth};
        task.streaming = !drops && worth_streaming(views, 2);
        task.count = &found;
        outcome = kernels::depth_to_points.run(task);
    }
    if (count && (outcome == BYTESTRIDE_OK || outcome == BYTESTRIDE_ERROR_SHAPE)) *count = found;
    c.require(outcome != BYTESTRIDE_ERROR_SHAPE, outcome, points_position, "points", "has %lld rows, %lld are needed",
              printable(task.points.shape[0]), printable(found));
    return c.result(outcome);
}

// ---- points_to_depth --------------------------------------------------------------------------------------

namespace {

// The inverse of a 3 x 3 matrix, by its cofactors; false where it has none. Its largest entry is scaled to 1, so that no
// product leaves the range of float64.
bool invert(const double (&given)[3][3], double (&inverse)[3][4]) {
    double m[3][3], cofactor[3][3], size = 0;
    for (const auto &row : given)
        for (double entry : row) size = std::fmax(size, std::fabs(entry));
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) m[i][j] = given[i][j] / size;
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            const int a = (i + 1) % 3, b = (i + 2) % 3, d = (j + 1) % 3, e = (j + 2) % 3;
            cofactor[i][j] = m[a][d] * m[b][e] - m[a][e] * m[b][d];
        }
    const double determinant = m[0][0] * cofactor[0][0] + m[0][1] * cofactor[0][1] + m[0][2] * cofactor[0][2];
    if (!(std::fabs(determinant) > 1e-14)) return false;
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) inverse[i][j] = cofactor[j][i] / determinant / size;
    return true;
}

}  // namespace

extern "C" std::int32_t bytestride_points_to_depth(const bytestride_array *points_given, const bytestride_array *out_given, double fx,
                                                   double fy, double cx, double cy,
                                                   const bytestride_points_to_depth_options *options_given) {
    constexpr int points_at = 1, out_at = 2, fx_at = 3, options_at = 7;
    check c;
    const bytestride_points_to_depth_options options = c.options(options_at, options_given);
    const view points = c.input(points_at, "points", points_given);
    const view out = c.output(out_at, "out", out_given);
    c.require(options.padding == 0, BYTESTRIDE_ERROR_VERSION, options_at, "options", "padding must be 0");
    setting s{};
    setting_rules rules(c, fx_at, options_at);
    rules.frame(options.frame, s);
    rules.scalars(fx, fy, cx, cy, options.skew, options.depth_scale, s);
    if (c.failed()) return c.result();
    c.require(is_point(points.type), BYTESTRIDE_ERROR_DTYPE, points_at, "points", "is %s, must be float32 or float64",
              name_of(points.type));
    c.require(points.ndim >= 1, BYTESTRIDE_ERROR_NDIM, points_at, "points", "is 0-d, must have a last dimension of 3");
    c.require(points.ndim < 1 || points.shape[points.ndim - 1] == 3, BYTESTRIDE_ERROR_SHAPE, points_at, "points",
              "has %lld components in its last dimension, must have 3", printable(points.ndim < 1 ? 0 : points.shape[points.ndim - 1]));
    c.require(is_reading(out.type), BYTESTRIDE_ERROR_DTYPE, out_at, "out", "is %s, must be uint16, int32, float32 or float64",
              name_of(out.type));
    c.require(out.ndim == 2, BYTESTRIDE_ERROR_NDIM, out_at, "out", "has %d dimensions, must have 2", out.ndim);
    rules.distortion(options.distortion, s);
    rules.pose(options.pose, s);
    c.require_disjoint(out_at, "out", out, points, "points", check::aliasing::none);
    if (options.pose && !c.failed()) c.require_disjoint(out_at, "out", out, s.pose_array, "pose", check::aliasing::none);
    if (options.distortion && !c.failed()) c.require_disjoint(out_at, "out", out, s.distortion, "distortion", check::aliasing::none);
    if (c.failed()) return c.result();

    points_to_depth_task task{};
    double turn[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) turn[i][j] = (s.has_pose ? s.pose[i][j] : turn[i][j]) * s.sign[j];
    c.require(invert(turn, task.to_camera), BYTESTRIDE_ERROR_OPTION, options_at, "options", "pose has no inverse");
    if (c.failed() || element_count(out) == 0) return c.result();
    for (int i = 0; i < 3; ++i) task.to_camera[i][3] = s.has_pose ? s.pose[i][3] : 0;
    for (int k = 0; k < 3; ++k) {
        task.points[k] = points;
        task.points[k].ndim = points.ndim - 1;
        task.points[k].data = points.data ? points.data + k * points.strides[points.ndim - 1] : nullptr;
    }
    task.settings = c.settings();
    task.out = out;
    task.lens = s.lens;
    task.depth_scale = s.depth_scale;
    return c.result(kernels::points_to_depth.run(task));
}
