// SMACOF: majorization of the stress. One iteration is one Guttman transform, X <- V+ B(X) X.
//
// B(X) X needs one pass over the goal, which gives the stress of X on the way. Without weights V+ is a division by n; with
// weights V is the Laplacian of their graph, factored once.
#include "kernels/mds_laplacian.hpp"
#include "kernels/mds_monotone.hpp"
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Row i of B(X) X into y, and the row's sums of w (g - d)^2 and w d^2. Points that coincide pull in no direction.
// `ratios` is room for a row.
template <int K> void transform_row(const mds_problem &p, const double *x, double *y, index i, double *ratios) {
    const double *goal = p.goal + i * p.pitch, *weights = weights_of_row(p, i);
    const doubles zero = all_lanes(0.0);
    doubles stress = zero, squares = zero;
    const auto ratio_at = [&](index j, doubles square) {
        const doubles inverse = square > zero ? inverse_root_lanes(square) : zero;
        const doubles g = load_lanes(goal + j), w = load_lanes(weights + j), apart = fused_lanes(-square, inverse, g);
        stress = fused_lanes(w * apart, apart, stress);
        squares = fused_lanes(w, square, squares);
        return w * g * inverse;
    };
    if constexpr (K > 0) {
        doubles moved[K];
        for (int q = 0; q < K; ++q) moved[q] = zero;
        for (index j = 0; j < p.n; j += lanes<double>) {
            doubles difference[K], square = zero;
            for (int q = 0; q < K; ++q) {
                difference[q] = all_lanes(x[q * p.pitch + i]) - load_lanes(x + q * p.pitch + j);
                square = fused_lanes(difference[q], difference[q], square);
            }
            const doubles ratio = ratio_at(j, square);
            for (int q = 0; q < K; ++q) moved[q] = fused_lanes(ratio, difference[q], moved[q]);
        }
        for (int q = 0; q < K; ++q) y[q * p.pitch + i] = sum_of_lanes(moved[q]);
    } else {
        for (index j = 0; j < p.n; j += lanes<double>)
            store_lanes(ratios + j, ratio_at(j, squared_distances<0>(x, p.pitch, p.components, i, j)));
        for (index q = 0; q < p.components; ++q) {
            const double *of_component = x + q * p.pitch;
            doubles moved = zero;
            for (index j = 0; j < p.n; j += lanes<double>)
                moved = fused_lanes(load_lanes(ratios + j), all_lanes(of_component[i]) - load_lanes(of_component + j), moved);
            y[q * p.pitch + i] = sum_of_lanes(moved);
        }
    }
    p.rows[2 * i] = sum_of_lanes(stress);
    p.rows[2 * i + 1] = sum_of_lanes(squares);
}

// y <- X + relaxation (G(X) - X), and the sums of X.
class guttman {
public:
    guttman(const mds_problem &problem, double relaxation_)
        : p(problem), work{p.n, 10 + static_cast<double>(p.n) * (0.8 + 0.2 * static_cast<double>(p.components))}, relaxation(relaxation_),
          ratios(workers_for(p.settings, work) * p.pitch * 8), weighted(p) {}

    status prepare() { return ratios.failed() ? BYTESTRIDE_ERROR_MEMORY : p.weights ? weighted.factor() : BYTESTRIDE_OK; }

    status transform(const double *goal, const double *x, double *y, mds_sums *sums) {
        mds_problem towards = p;
        towards.goal = goal;
        const status outcome = for_components(p.components, [&](auto K) {
            return parallel_for(p.settings, work, [&](index begin, index end, int worker) {
                double *room = reinterpret_cast<double *>(ratios.data()) + worker * p.pitch;
                for (index i = begin; i < end; ++i) transform_row<decltype(K)::value>(towards, x, y, i, room);
            });
        });
        if (outcome != BYTESTRIDE_OK) return outcome;
        // Each pair was met twice.
        *sums = sum_rows(p);
        sums->stress *= 0.5;
        sums->squares *= 0.5;
        const double n = static_cast<double>(p.n);
        if (p.weights) weighted.solve(y);
        for (index q = 0; q < p.components; ++q)
            for (index i = q * p.pitch; i < q * p.pitch + p.n; ++i) {
                const double moved = p.weights ? y[i] : y[i] / n;
                y[i] = relaxation == 1 ? moved : x[i] + relaxation * (moved - x[i]);
            }
        return BYTESTRIDE_OK;
    }

private:
    const mds_problem &p;
    const loop work;
    const double relaxation;
    scratch ratios;
    laplacian weighted;
};

void exchange(double *&a, double *&b) {
    double *const was = a;
    a = b;
    b = was;
}

}  // namespace

status run_smacof(const mds_problem &problem, const mds_task &task, mds_run &run) {
    guttman step(problem, task.relaxation);
    status outcome = step.prepare();
    double before = 0;
    for (index i = 0; outcome == BYTESTRIDE_OK; ++i) {
        // The pass that makes the next points tells the stress of these.
        mds_sums sums;
        outcome = step.transform(problem.goal, run.x, run.other, &sums);
        if (outcome != BYTESTRIDE_OK) break;
        if (i > 0) run.iterated(sums.stress);
        run.converged = task.eps >= 0 && (sums.stress == 0 || (i > 1 && before - sums.stress < task.eps * sums.squares));
        if (i == task.max_iter || (i > 0 && run.converged)) break;
        before = sums.stress;
        exchange(run.x, run.other);
    }
    return outcome;
}

// The disparities of the points take the place of the goal, at its size: else the points would shrink to nothing.
status run_nonmetric(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums) {
    guttman step(problem, task.relaxation);
    monotone_fit monotone(problem);
    status outcome = step.prepare();
    if (outcome == BYTESTRIDE_OK) outcome = monotone.prepare();
    double before = 0;
    for (index i = 0; outcome == BYTESTRIDE_OK; ++i) {
        double squares;
        outcome = monotone.fit(run.x, sums, &squares);
        if (outcome != BYTESTRIDE_OK) break;
        if (i > 0) run.iterated(sums->stress);
        // The size of the points is not fixed, so stresses are compared at the size of 1.
        const double relative = sums->stress > 0 ? sums->stress / sums->squares : 0;
        run.converged = task.eps >= 0 && (relative == 0 || (i > 1 && before - relative < task.eps));
        if (i == task.max_iter || (i > 0 && run.converged)) break;
        before = relative;
        const double size = monotone.goal_squares() > 0 ? monotone.goal_squares() : 1;
        const double scale = squares > 0 ? __builtin_sqrt(size / squares) : 1;
        double *disparities = monotone.disparities();
        for (index j = 0; j < problem.n * problem.pitch; ++j) disparities[j] *= scale;
        mds_sums scaled;
        outcome = step.transform(disparities, run.x, run.other, &scaled);
        exchange(run.x, run.other);
    }
    return outcome;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
