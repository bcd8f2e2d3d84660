// Pattern search: every point in turn moves by the step along the axis that leaves the least error, whether or not that is
// less than before; the step is halved when a sweep gains too little. The distances of a point are computed anew
// from the coordinates: updating them would let rounding errors grow.
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Components whose moves are tried in one pass over the points: two sums for each stay in registers.
constexpr index together = 4;

// The errors of point i, w (goal - d)^2 over the other points, where it is; `squares` receives its squared distances.
template <int K> double error_in_place(const mds_problem &p, const double *x, const double *weights, index i, double *squares) {
    const double *goal = p.goal + i * p.pitch;
    doubles sum = all_lanes(0.0);
    for (index j = 0; j < p.n; j += lanes<double>) {
        const doubles square = squared_distances<K>(x, p.pitch, p.components, i, j);
        const doubles apart = load_lanes(goal + j) - root_lanes(square);
        sum = fused_lanes(load_lanes(weights + j) * apart, apart, sum);
        store_lanes(squares + j, square);
    }
    return sum_of_lanes(sum);
}

// Rounding can lead below 0.
BYTESTRIDE_INLINE doubles not_negative(doubles x) {
    const doubles zero = all_lanes(0.0);
    return x > zero ? x : zero;
}

// The errors after a step up, and one down, along C components from x on.
template <int C> void errors_of_moves(const mds_problem &p, const double *x, const double *weights, index i, const double *squares,
                                      double step, double *up, double *down) {
    const double *goal = p.goal + i * p.pitch;
    doubles sum_up[C], sum_down[C];
    for (int q = 0; q < C; ++q) sum_up[q] = sum_down[q] = all_lanes(0.0);
    const doubles added = all_lanes(step * step), twice = all_lanes(2 * step);
    for (index j = 0; j < p.n; j += lanes<double>) {
        const doubles g = load_lanes(goal + j), w = load_lanes(weights + j), square = load_lanes(squares + j) + added;
        for (int q = 0; q < C; ++q) {
            const doubles change = twice * (all_lanes(x[q * p.pitch + i]) - load_lanes(x + q * p.pitch + j));
            const doubles above = g - root_lanes(not_negative(square + change)),
                          below = g - root_beside_lanes(not_negative(square - change));
            sum_up[q] = fused_lanes(w * above, above, sum_up[q]);
            sum_down[q] = fused_lanes(w * below, below, sum_down[q]);
        }
    }
    for (int q = 0; q < C; ++q) {
        up[q] = sum_of_lanes(sum_up[q]);
        down[q] = sum_of_lanes(sum_down[q]);
    }
}

class pattern_search {
public:
    pattern_search(const mds_problem &problem, const mds_task &task_, mds_run &run_, double *squares_, double *errors_, double *ones_,
                   index *order_)
        : p(problem), task(task_), run(run_), squares(squares_), errors(errors_), ones(ones_), order(order_), random(run_.seed) {}

    status search() {
        mds_sums sums;
        status outcome = stress_of(p, run.x, &sums);
        if (outcome != BYTESTRIDE_OK) return outcome;
        error = sums.stress;
        for (index j = 0; j < p.pitch; ++j) ones[j] = p.ones[j];
        for (index j = 0; j < p.n; ++j) order[j] = j;
        double before = __builtin_inf();
        step = task.radius;
        for (index turn = 0; turn <= task.max_iter && step > task.min_radius; ++turn) {
            if (error >= before || before - error <= error * task.shrink_tol) step *= 0.5;
            before = error;
            outcome = for_components(p.components, [&](auto K) { return sweep<decltype(K)::value>(); });
            if (outcome != BYTESTRIDE_OK) return outcome;
            run.iterated(error);
        }
        run.converged = !(step > task.min_radius);
        return BYTESTRIDE_OK;
    }

private:
    template <int K> status sweep() {
        index count = p.n;
        if (task.sample < 1) {
            count = static_cast<index>(static_cast<double>(p.n) * task.sample);
            for (index j = 0; j < count; ++j) {
                const index other = j + random.below(p.n - j), value = order[j];
                order[j] = order[other];
                order[other] = value;
            }
        }
        for (index at = 0; at < count; ++at) {
            if (cancelled(p.settings)) return BYTESTRIDE_ERROR_CANCELLED;
            move<K>(order[at]);
        }
        return BYTESTRIDE_OK;
    }

    template <int K> void move(index i) {
        const double *weights = p.weights ? p.weights + i * p.pitch : ones;
        ones[i] = 0;  // a point is no neighbour of its own
        const double here = error_in_place<K>(p, run.x, weights, i, squares);
        double *up = errors, *down = errors + p.components;
        for (index q = 0; q < p.components; q += together) {
            const double *x = run.x + q * p.pitch;
            switch (p.components - q) {
            case 1: errors_of_moves<1>(p, x, weights, i, squares, step, up + q, down + q); break;
            case 2: errors_of_moves<2>(p, x, weights, i, squares, step, up + q, down + q); break;
            case 3: errors_of_moves<3>(p, x, weights, i, squares, step, up + q, down + q); break;
            default: errors_of_moves<together>(p, x, weights, i, squares, step, up + q, down + q);
            }
        }
        ones[i] = 1;
        index best = -1;
        for (index m = 0; m < 2 * p.components; ++m) {
            if (task.explore < 1 && random.uniform() > task.explore) continue;
            if (best < 0 || errors[m] < errors[best]) best = m;
        }
        if (best < 0 || (task.greedy && !(errors[best] < here))) return;
        error -= here - errors[best];
        if (best < p.components)
            run.x[best * p.pitch + i] += step;
        else
            run.x[(best - p.components) * p.pitch + i] -= step;
    }

    const mds_problem &p;
    const mds_task &task;
    mds_run &run;
    double *squares, *errors, *ones;
    index *order;
    random_numbers random;
    double error, step;
};

}  // namespace

status run_pattern(const mds_problem &problem, const mds_task &task, mds_run &run) {
    const scratch memory((3 * problem.pitch + 2 * problem.components) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *squares = reinterpret_cast<double *>(memory.data()), *ones = squares + problem.pitch;
    index *order = reinterpret_cast<index *>(ones + problem.pitch);
    double *errors = reinterpret_cast<double *>(order + problem.pitch);
    return pattern_search(problem, task, run, squares, errors, ones, order).search();
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
