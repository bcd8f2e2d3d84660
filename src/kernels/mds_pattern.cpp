// Pattern search: every point in turn moves by the step along the axis that leaves the least error, whether or not that is
// less than before; the step is halved when a sweep gains too little. The distances of a point are computed anew
// from the coordinates: updating them would let rounding errors grow.
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Components whose moves are tried in one pass over the points: two sums for each stay in registers.
constexpr index together = 4;

// Calls step(j, whether some of the pairs do not count) for the vectors of a row of the goal: those with point i itself, and behind
// the last point, do not.
template <class Step> BYTESTRIDE_INLINE void over_others(index n, index i, const Step &step) {
    const index own = i / lanes<double> * lanes<double>;
    index j = 0;
    for (; j < own; j += lanes<double>) step(j, std::false_type{});
    step(j, std::true_type{});
    for (j += lanes<double>; j + lanes<double> <= n; j += lanes<double>) step(j, std::false_type{});
    if (j < n) step(j, std::true_type{});
}

BYTESTRIDE_INLINE doubles weights_of_others(const mds_problem &p, index i, index j) {
    const doubles columns = columns_from(j), zero = all_lanes(0.0);
    const doubles inside = columns < all_lanes(static_cast<double>(p.n)) ? all_lanes(1.0) : zero;
    return columns == all_lanes(static_cast<double>(i)) ? zero : inside;
}

// Adds w (goal - d)^2; without weights w is 1.
template <bool weighted> BYTESTRIDE_INLINE doubles add_error(doubles w, doubles apart, doubles sum) {
    return fused_lanes(weighted ? w * apart : apart, apart, sum);
}

// The error of point i where it is.
double error_in_place(const mds_problem &p, const double *x, index i) {
    const double *goal = p.goal + i * p.pitch;
    doubles sum = all_lanes(0.0);
    for (index j = 0; j < p.n; j += lanes<double>) {
        const doubles w = p.weights ? load_lanes(p.weights + i * p.pitch + j) : weights_of_others(p, i, j);
        sum = add_error<true>(w, load_lanes(goal + j) - root_lanes(squared_distances<0>(x, p.pitch, p.components, i, j)), sum);
    }
    return sum_of_lanes(sum);
}

// Rounding can lead below 0.
BYTESTRIDE_INLINE doubles not_negative(doubles x) {
#if defined(__AVX512F__)
    return _mm512_maskz_max_pd(0xff, x, all_lanes(0.0));  // compilers make two instructions of the choice
#else
    const doubles zero = all_lanes(0.0);
    return x > zero ? x : zero;
#endif
}

// The errors after a step up, and one down, along C components from x on. `squares` has the squared distances; where it is null,
// the C components are all, and the distances are computed here.
template <int C, bool weighted>
void errors_of_moves(const mds_problem &p, const double *x, index i, const double *squares, double step, double *up, double *down) {
    const double *goal = p.goal + i * p.pitch, *weights = p.weights + (weighted ? i * p.pitch : 0);
    doubles sum_up[C], sum_down[C], here[C];
    for_constants<C>([&](auto q) BYTESTRIDE_INLINED {
        sum_up[q] = sum_down[q] = all_lanes(0.0);
        here[q] = all_lanes(x[q * p.pitch + i]);
    });
    const doubles added = all_lanes(step * step), twice = all_lanes(2 * step);
    over_others(p.n, i, [&](index j, auto edge) BYTESTRIDE_INLINED {
        constexpr bool weighs = weighted || edge.value;
        doubles w = added, difference[C], square = added;
        if constexpr (weighted)
            w = load_lanes(weights + j);
        else if constexpr (edge.value)
            w = weights_of_others(p, i, j);
        for_constants<C>([&](auto q) BYTESTRIDE_INLINED {
            difference[q] = here[q] - load_lanes(x + q * p.pitch + j);
            square = fused_lanes(difference[q], difference[q], square);
        });
        if (squares) square = load_lanes(squares + j) + added;
        const doubles g = load_lanes(goal + j);
        for_constants<C>([&](auto q) BYTESTRIDE_INLINED {
            const doubles above = g - root_lanes(not_negative(fused_lanes(twice, difference[q], square)));
            const doubles below = g - root_beside_lanes(not_negative(fused_lanes(-twice, difference[q], square)));
            sum_up[q] = add_error<weighs>(w, above, sum_up[q]);
            sum_down[q] = add_error<weighs>(w, below, sum_down[q]);
        });
    });
    for_constants<C>([&](auto q) BYTESTRIDE_INLINED {
        up[q] = sum_of_lanes(sum_up[q]);
        down[q] = sum_of_lanes(sum_down[q]);
    });
}

class pattern_search {
public:
    pattern_search(const mds_problem &problem, const mds_task &task_, mds_run &run_, double *squares_, double *errors_, index *order_)
        : p(problem), task(task_), run(run_), squares(squares_), errors(errors_), order(order_), random(run_.seed) {}

    status search(mds_sums *sums) {
        status outcome = stress_of(p, run.x, sums);
        if (outcome != BYTESTRIDE_OK) return outcome;
        error = sums->stress;
        for (index j = 0; j < p.n; ++j) order[j] = j;
        double before = __builtin_inf();
        step = task.radius;
        for (index turn = 0; turn <= task.max_iter && step > task.min_radius; ++turn) {
            if (error >= before || before - error <= error * task.shrink_tol) step *= 0.5;
            before = error;
            outcome = sweep();
            if (outcome == BYTESTRIDE_OK && !follows_error()) {
                outcome = stress_of(p, run.x, sums);
                error = sums->stress;
            }
            if (outcome != BYTESTRIDE_OK) return outcome;
            run.iterated(error);
        }
        run.converged = !(step > task.min_radius);
        return follows_error() ? stress_of(p, run.x, sums) : BYTESTRIDE_OK;
    }

private:
    // The error of the whole is known by the errors of the points that moved, each before and after; where all move in any case, it
    // costs less to find it once in a sweep.
    bool follows_error() const { return task.greedy || task.sample < 1 || task.explore < 1; }

    status sweep() {
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
            move(order[at]);
        }
        return BYTESTRIDE_OK;
    }

    void move(index i) {
        const bool follows = follows_error();
        const double here = follows ? error_in_place(p, run.x, i) : 0;
        double *up = errors, *down = errors + p.components;
        const bool at_once = p.components <= together;
        if (!at_once)
            for (index j = 0; j < p.n; j += lanes<double>)
                store_lanes(squares + j, squared_distances<0>(run.x, p.pitch, p.components, i, j));
        for (index q = 0; q < p.components; q += together) {
            const index count = p.components - q < together ? p.components - q : together;
            const auto try_moves = [&](auto C) {
                constexpr int constant = decltype(C)::value;
                const double *x = run.x + q * p.pitch, *of_all = at_once ? nullptr : squares;
                if (p.weights)
                    errors_of_moves<constant, true>(p, x, i, of_all, step, up + q, down + q);
                else
                    errors_of_moves<constant, false>(p, x, i, of_all, step, up + q, down + q);
            };
            switch (count) {
            case 1: try_moves(std::integral_constant<int, 1>{}); break;
            case 2: try_moves(std::integral_constant<int, 2>{}); break;
            case 3: try_moves(std::integral_constant<int, 3>{}); break;
            default: try_moves(std::integral_constant<int, together>{});
            }
        }
        index best = -1;
        for (index m = 0; m < 2 * p.components; ++m) {
            if (task.explore < 1 && random.uniform() > task.explore) continue;
            if (best < 0 || errors[m] < errors[best]) best = m;
        }
        if (best < 0 || (task.greedy && !(errors[best] < here))) return;
        if (follows) error -= here - errors[best];
        if (best < p.components)
            run.x[best * p.pitch + i] += step;
        else
            run.x[(best - p.components) * p.pitch + i] -= step;
    }

    const mds_problem &p;
    const mds_task &task;
    mds_run &run;
    double *squares, *errors;
    index *order;
    random_numbers random;
    double error, step;
};

}  // namespace

status run_pattern(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums) {
    const scratch memory((2 * problem.pitch + 2 * problem.components) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *squares = reinterpret_cast<double *>(memory.data());
    index *order = reinterpret_cast<index *>(squares + problem.pitch);
    double *errors = reinterpret_cast<double *>(order + problem.pitch);
    return pattern_search(problem, task, run, squares, errors, order).search(sums);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
