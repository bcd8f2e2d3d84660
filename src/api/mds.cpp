#include "kernels/mds.hpp"

#include <cmath>

#include "core/check.hpp"

using namespace bytestride;

namespace {

constexpr int dissimilarities_position = 1, points_position = 2, history_position = 3, result_position = 4, mds_options_position = 5;
constexpr index default_iterations[] = {0, 0, 30, 300, 1000};  // by method

long long printable(index value) { return value; }

view check_dissimilarities(check &c, const bytestride_array *given) {
    const view v = c.input(dissimilarities_position, "dissimilarities", given);
    c.require(is_real(v.type), BYTESTRIDE_ERROR_DTYPE, dissimilarities_position, "dissimilarities",
              "is %s, must be bool, an integer or a float", name_of(v.type));
    c.require(v.ndim == 2, BYTESTRIDE_ERROR_NDIM, dissimilarities_position, "dissimilarities", "has %d dimensions, must have 2", v.ndim);
    if (!c.failed())
        c.require(v.shape[0] == v.shape[1], BYTESTRIDE_ERROR_SHAPE, dissimilarities_position, "dissimilarities",
                  "is %lld x %lld, must be square", printable(v.shape[0]), printable(v.shape[1]));
    return v;
}

view check_points(check &c, const bytestride_array *given, const view &dissimilarities) {
    const view v = c.output(points_position, "points", given);
    c.require(v.type == dtype::float64, BYTESTRIDE_ERROR_DTYPE, points_position, "points", "is %s, must be float64", name_of(v.type));
    c.require(v.ndim == 2, BYTESTRIDE_ERROR_NDIM, points_position, "points", "has %d dimensions, must have 2", v.ndim);
    if (c.failed()) return v;
    c.require(v.shape[0] == dissimilarities.shape[0], BYTESTRIDE_ERROR_SHAPE, points_position, "points", "shape[0] is %lld, must be %lld",
              printable(v.shape[0]), printable(dissimilarities.shape[0]));
    c.require(v.shape[1] > 0, BYTESTRIDE_ERROR_SHAPE, points_position, "points", "has no components");
    c.require_disjoint(points_position, "points", v, dissimilarities, "dissimilarities", check::aliasing::none);
    return v;
}

// An output that is a vector of float64, or NULL for an empty one.
view check_vector(check &c, int position, const char *name, const bytestride_array *given, const view &dissimilarities,
                  const view &points) {
    view v{};
    v.type = dtype::float64;
    v.ndim = 1;
    v.itemsize = 8;
    if (!given) return v;
    v = c.output(position, name, given);
    c.require(v.type == dtype::float64, BYTESTRIDE_ERROR_DTYPE, position, name, "is %s, must be float64", name_of(v.type));
    c.require(v.ndim == 1, BYTESTRIDE_ERROR_NDIM, position, name, "has %d dimensions, must have 1", v.ndim);
    c.require_disjoint(position, name, v, dissimilarities, "dissimilarities", check::aliasing::none);
    c.require_disjoint(position, name, v, points, "points", check::aliasing::none);
    return v;
}

void check_words(check &c, const bytestride_mds_options &options) {
    const auto option = [&](bool rule, const char *format, auto... values) {
        c.require(rule, BYTESTRIDE_ERROR_OPTION, mds_options_position, "options", format, values...);
    };
    option(options.method >= 0 && options.method <= BYTESTRIDE_METHOD_PATTERN, "unknown method %d", options.method);
    option(options.init >= 0 && options.init <= BYTESTRIDE_INIT_GIVEN, "unknown init %d", options.init);
    option(options.nonmetric == 0 || options.nonmetric == 1, "nonmetric is %d, must be 0 or 1", options.nonmetric);
    option(options.greedy == 0 || options.greedy == 1, "greedy is %d, must be 0 or 1", options.greedy);
    option(!options.nonmetric || options.method < BYTESTRIDE_METHOD_SGD || options.method == BYTESTRIDE_METHOD_SMACOF,
           "nonmetric is for the method SMACOF alone");
    option(options.n_init >= 0, "n_init is %lld, must not be negative", printable(options.n_init));
    option(options.max_iter >= 0, "max_iter is %lld, must not be negative", printable(options.max_iter));
    option(!std::isnan(options.eps), "eps is not a number");
    option(options.radius >= 0 && std::isfinite(options.radius), "radius is %g, must be positive and finite", options.radius);
    option(!std::isnan(options.min_radius), "min_radius is not a number");
    option(!std::isnan(options.shrink_tol), "shrink_tol is not a number");
    option(options.explore >= 0 && options.explore <= 1, "explore is %g, must be above 0 and at most 1", options.explore);
    option(options.sample >= 0 && options.sample <= 1, "sample is %g, must be above 0 and at most 1", options.sample);
    option(options.relaxation >= 0 && options.relaxation < 2, "relaxation is %g, must be above 0 and below 2", options.relaxation);
    c.require(options.padding == 0 && options.padding2 == 0, BYTESTRIDE_ERROR_VERSION, mds_options_position, "options",
              "padding must be 0");
}

double or_default(double value, double fallback) { return value == 0 ? fallback : value; }

mds_task task_of(const bytestride_mds_options &options) {
    mds_task task{};
    task.method = options.method > 1 ? options.method : options.nonmetric ? BYTESTRIDE_METHOD_SMACOF : BYTESTRIDE_METHOD_SGD;
    task.init = options.init ? options.init : BYTESTRIDE_INIT_RANDOM;
    task.weighted = options.weights != nullptr;
    task.nonmetric = options.nonmetric;
    task.greedy = options.greedy;
    task.n_init = options.n_init ? options.n_init : 1;
    task.max_iter = options.max_iter ? options.max_iter : default_iterations[task.method];
    task.eps = or_default(options.eps, 1e-6);
    task.random_state = static_cast<std::uint64_t>(options.random_state);
    task.radius = or_default(options.radius, 1);
    task.min_radius = or_default(options.min_radius, 1e-3);
    task.shrink_tol = options.shrink_tol < 0 ? 0 : or_default(options.shrink_tol, 1e-4);
    task.explore = or_default(options.explore, 1);
    task.sample = or_default(options.sample, 1);
    task.relaxation = or_default(options.relaxation, 1);
    return task;
}

void check_start(check &c, const view &points) {
    for (index i = 0; i < points.shape[0]; ++i)
        for (index q = 0; q < points.shape[1]; ++q) {
            double value;
            __builtin_memcpy(&value, points.data + i * points.strides[0] + q * points.strides[1], sizeof value);
            c.require(std::isfinite(value), BYTESTRIDE_ERROR_OPTION, points_position, "points", "the start holds %g at [%lld, %lld]", value,
                      printable(i), printable(q));
        }
}

void explain(check &c, status outcome, const mds_flaw &flaw) {
    const bool option = outcome == BYTESTRIDE_ERROR_OPTION;
    const int position = flaw.in_weights ? mds_options_position : dissimilarities_position;
    const char *name = flaw.in_weights ? "options.weights" : "dissimilarities";
    c.require(!option || !flaw.what || flaw.row < 0, outcome, position, name, "has an entry that is %s, at [%lld, %lld]",
              flaw.what ? flaw.what : "", printable(flaw.row), printable(flaw.column));
    c.require(!option || !flaw.what, outcome, position, name, "is, or has a pair that is, %s", flaw.what ? flaw.what : "");
    c.require(!option, outcome, position, name, "is too large: squares pass the range of float64");
}

}  // namespace

extern "C" std::int32_t bytestride_mds(const bytestride_array *dissimilarities_given, const bytestride_array *points_given,
                                       const bytestride_array *history_given, bytestride_mds_result *result,
                                       const bytestride_mds_options *options_given) {
    check c;
    const bytestride_mds_options options = c.options(mds_options_position, options_given);
    check_words(c, options);
    mds_task task = c.failed() ? mds_task{} : task_of(options);
    task.dissimilarities = check_dissimilarities(c, dissimilarities_given);
    task.points = check_points(c, points_given, task.dissimilarities);
    task.history = check_vector(c, history_position, "history", history_given, task.dissimilarities, task.points);
    if (task.weighted) {
        task.weights = c.input(mds_options_position, "options.weights", options.weights);
        c.require(is_real(task.weights.type), BYTESTRIDE_ERROR_DTYPE, mds_options_position, "options.weights",
                  "is %s, must be bool, an integer or a float", name_of(task.weights.type));
        c.require(same_shape(task.weights, task.dissimilarities), BYTESTRIDE_ERROR_SHAPE, mds_options_position, "options.weights",
                  "has another shape than dissimilarities");
        c.require_disjoint(points_position, "points", task.points, task.weights, "weights", check::aliasing::none);
        c.require_disjoint(history_position, "history", task.history, task.weights, "weights", check::aliasing::none);
    }
    if (result)
        c.require(result->size >= first_size<bytestride_mds_result> && result->size <= 4096, BYTESTRIDE_ERROR_VERSION, result_position,
                  "result", "size is %u, must be at least %zu and at most 4096", result->size, first_size<bytestride_mds_result>);
    if (c.failed()) return c.result();
    if (task.init == BYTESTRIDE_INIT_CLASSICAL)
        c.require(task.points.shape[1] <= task.points.shape[0], BYTESTRIDE_ERROR_SHAPE, points_position, "points",
                  "has %lld components, a classical start has at most one per point, %lld", printable(task.points.shape[1]),
                  printable(task.points.shape[0]));
    if (task.init == BYTESTRIDE_INIT_GIVEN) check_start(c, task.points);
    if (c.failed()) return c.result();

    mds_outcome outcome{};
    if (task.points.shape[0] > 0) {
        task.settings = c.settings();
        task.outcome = &outcome;
        const status code = kernels::mds.run(task);
        explain(c, code, outcome.flaw);
        if (code != BYTESTRIDE_OK) return c.result(code);
    } else {
        outcome.converged = true;
    }
    if (result) {
        result->converged = outcome.converged;
        result->stress = outcome.stress;
        result->normalized_stress = outcome.normalized_stress;
        result->n_iter = outcome.iterations;
    }
    return c.result();
}

extern "C" std::int32_t bytestride_classical_mds(const bytestride_array *dissimilarities_given, const bytestride_array *points_given,
                                                 const bytestride_array *eigenvalues_given,
                                                 const bytestride_classical_mds_options *options) {
    check c;
    c.options(4, options);
    const view dissimilarities = check_dissimilarities(c, dissimilarities_given);
    const view points = check_points(c, points_given, dissimilarities);
    const view eigenvalues = check_vector(c, 3, "eigenvalues", eigenvalues_given, dissimilarities, points);
    if (c.failed()) return c.result();
    c.require(points.shape[1] <= points.shape[0] || points.shape[0] == 0, BYTESTRIDE_ERROR_SHAPE, points_position, "points",
              "has %lld components, must have at most one per point, %lld", printable(points.shape[1]), printable(points.shape[0]));
    c.require(!eigenvalues_given || eigenvalues.shape[0] == points.shape[1], BYTESTRIDE_ERROR_SHAPE, 3, "eigenvalues",
              "shape[0] is %lld, must be %lld", printable(eigenvalues.shape[0]), printable(points.shape[1]));
    if (c.failed()) return c.result();
    c.require(points.shape[0] > 0, BYTESTRIDE_ERROR_SHAPE, dissimilarities_position, "dissimilarities", "has no points");
    if (c.failed()) return c.result();
    mds_flaw flaw{};
    const status code = kernels::classical_mds.run({c.settings(), dissimilarities, points, eigenvalues, &flaw});
    explain(c, code, flaw);
    return c.result(code);
}
