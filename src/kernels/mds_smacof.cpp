// SMACOF: majorization of the stress. One iteration is one Guttman transform, X <- V+ B(X) X.
//
// B(X) X needs one pass over the goal, which gives the stress of X on the way. Each pair is met once, and moves both of its
// points: 0.4 of the time of whole rows, whose roots are taken twice. Without weights V+ is a division by n; with weights V is
// the Laplacian of their graph, factored once.
#include "kernels/mds_laplacian.hpp"
#include "kernels/mds_monotone.hpp"
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Rows that are taken together, so that what they do to a column is loaded and stored once.
constexpr index rows_together = 2;

// Sums over some pairs i < j: of w (g - d)^2 and of w d^2.
struct pair_sums {
    doubles stress, squares;

    // Adds a vector of pairs and returns w g / d. Points that coincide pull in no direction.
    template <bool weighted> BYTESTRIDE_INLINE doubles add(doubles g, doubles w, doubles square) {
        const doubles zero = all_lanes(0.0), inverse = square > zero ? inverse_root_lanes(square) : zero;
        const doubles apart = fused_lanes(square, inverse, -g);
        stress = fused_lanes(weighted ? w * apart : apart, apart, stress);
        squares = weighted ? fused_lanes(w, square, squares) : squares + square;
        return (weighted ? w * g : g) * inverse;
    }
};

// Calls step(j, whether weights tell which of the pairs count) for the vectors of the columns behind `first`; the rows
// up to `last` begin within the first of these.
template <bool weighted, class Step> BYTESTRIDE_INLINE void over_columns(index n, index first, index last, const Step &step) {
    index j = first / lanes<double> * lanes<double>;
    for (; j <= last && j < n; j += lanes<double>) step(j, std::true_type{});
    for (; j + lanes<double> <= n; j += lanes<double>) step(j, std::false_type{});
    if (j < n) step(j, std::true_type{});
}

// What the pairs of the rows i ... i + R - 1 take from B(X) X, for K components.
template <int K, int R, bool weighted> void transform_rows(const mds_problem &p, const double *x, double *moved, index i, pair_sums &sums) {
    pair_sums here = sums;
    doubles of_rows[R][K];
    for_constants<R * K>([&](auto at) BYTESTRIDE_INLINED { of_rows[at / K][at % K] = all_lanes(0.0); });
    over_columns<weighted>(p.n, i, i + R - 1, [&](index j, auto edge) BYTESTRIDE_INLINED {
        doubles columns[K], of_columns[K];
        for_constants<K>([&](auto q) BYTESTRIDE_INLINED {
            columns[q] = load_lanes(x + q * p.pitch + j);
            of_columns[q] = load_lanes(moved + q * p.pitch + j);
        });
        for_constants<R>([&](auto r) BYTESTRIDE_INLINED {
            doubles difference[K], square;
            for_constants<K>([&](auto q) BYTESTRIDE_INLINED {
                difference[q] = all_lanes(x[q * p.pitch + i + r]) - columns[q];
                square = q == 0 ? difference[q] * difference[q] : fused_lanes(difference[q], difference[q], square);
            });
            const index at = (i + r) * p.pitch + j;
            const doubles g = load_lanes(p.goal + at);
            doubles ratio;
            if constexpr (edge.value)
                ratio = here.template add<true>(g, weights_behind(p, i + r, j), square);
            else
                ratio = here.template add<weighted>(g, weighted ? load_lanes(p.weights + at) : g, square);
            for_constants<K>([&](auto q) BYTESTRIDE_INLINED {
                of_rows[r][q] = fused_lanes(ratio, difference[q], of_rows[r][q]);
                of_columns[q] = fused_lanes(ratio, difference[q], of_columns[q]);
            });
        });
        for_constants<K>([&](auto q) BYTESTRIDE_INLINED { store_lanes(moved + q * p.pitch + j, of_columns[q]); });
    });
    for_constants<R * K>([&](auto at)
                             BYTESTRIDE_INLINED { moved[at % K * p.pitch + i + at / K] -= sum_of_lanes(of_rows[at / K][at % K]); });
    sums = here;
}

// The same of row i for any number of components; `ratios` is room for a row.
template <bool weighted>
void transform_row(const mds_problem &p, const double *x, double *moved, index i, double *ratios, pair_sums &sums) {
    pair_sums here = sums;
    over_columns<weighted>(p.n, i, i, [&](index j, auto edge) BYTESTRIDE_INLINED {
        const doubles square = squared_distances<0>(x, p.pitch, p.components, i, j), g = load_lanes(p.goal + i * p.pitch + j);
        if constexpr (edge.value)
            store_lanes(ratios + j, here.template add<true>(g, weights_behind(p, i, j), square));
        else
            store_lanes(ratios + j, here.template add<weighted>(g, weighted ? load_lanes(p.weights + i * p.pitch + j) : g, square));
    });
    for (index q = 0; q < p.components; ++q) {
        const double *of_component = x + q * p.pitch;
        double *to = moved + q * p.pitch;
        doubles of_row = all_lanes(0.0);
        for (index j = i / lanes<double> * lanes<double>; j < p.n; j += lanes<double>) {
            const doubles difference = all_lanes(of_component[i]) - load_lanes(of_component + j), ratio = load_lanes(ratios + j);
            of_row = fused_lanes(ratio, difference, of_row);
            store_lanes(to + j, fused_lanes(ratio, difference, load_lanes(to + j)));
        }
        to[i] -= sum_of_lanes(of_row);
    }
    sums = here;
}

// y <- X + relaxation (G(X) - X), and the sums of X.
//
// The rows are dealt out to groups, as many as the size of the problem says, so that all have the same work; each adds up
// on its own, and the groups are added in their order: the same bits for any number of threads.
class guttman {
public:
    guttman(const mds_problem &problem, double relaxation_)
        : p(problem), pairs(0.5 * static_cast<double>(p.n) * static_cast<double>(p.n)),
          groups(count_groups()), work{groups, 100 + pairs / static_cast<double>(groups) * (0.4 + 0.1 * static_cast<double>(p.components))},
          relaxation(relaxation_), numbers(p.components * p.pitch), partial(groups * numbers * 8),
          ratios(workers_for(p.settings, work) * p.pitch * 8), weighted(p) {}

    status prepare() {
        if (partial.failed() || ratios.failed()) return BYTESTRIDE_ERROR_MEMORY;
        return p.weights ? weighted.factor() : BYTESTRIDE_OK;
    }

    status transform(const double *goal, const double *x, double *y, mds_sums *sums) {
        mds_problem towards = p;
        towards.goal = goal;
        const status outcome = for_components(p.components, [&](auto K) {
            return parallel_for(p.settings, work, [&](index begin, index end, int worker) {
                double *room = reinterpret_cast<double *>(ratios.data()) + worker * p.pitch;
                for (index g = begin; g < end; ++g) {
                    if (p.weights)
                        transform_group<decltype(K)::value, true>(towards, x, g, room);
                    else
                        transform_group<decltype(K)::value, false>(towards, x, g, room);
                }
            });
        });
        if (outcome != BYTESTRIDE_OK) return outcome;
        *sums = sum_rows(p, groups);
        for (index i = 0; i < numbers; ++i) y[i] = 0;
        for (index g = 0; g < groups; ++g)
            for (index i = 0; i < numbers; ++i) y[i] -= group(g)[i];
        const double n = static_cast<double>(p.n);
        if (p.weights) weighted.solve(y);
        for (index q = 0; q < p.components; ++q) {
            for (index i = q * p.pitch; i < q * p.pitch + p.n; ++i) {
                const double moved = p.weights ? y[i] : y[i] / n;
                y[i] = relaxation == 1 ? moved : x[i] + relaxation * (moved - x[i]);
            }
        }
        return BYTESTRIDE_OK;
    }

private:
    index count_groups() const {
        const index blocks = (p.n + rows_together - 1) / rows_together;
        // Of at least 32 768 pairs, at most 16, and more where a group would take longer than a millisecond.
        const double few = pairs / 32768 < 16 ? pairs / 32768 : 16, many = pairs / 2e6;
        const index wanted = 1 + static_cast<index>(few > many ? few : many);
        return wanted < blocks ? wanted : blocks > 0 ? blocks : 1;
    }
    double *group(index g) const { return reinterpret_cast<double *>(partial.data()) + g * numbers; }

    template <int K, bool has_weights> void transform_group(const mds_problem &towards, const double *x, index g, double *room) const {
        double *moved = group(g);
        for (index i = 0; i < numbers; ++i) moved[i] = 0;
        pair_sums sums = {all_lanes(0.0), all_lanes(0.0)};
        for (index i = g * rows_together; i < p.n; i += groups * rows_together) {
            const index end = i + rows_together < p.n ? i + rows_together : p.n;
            if constexpr (K == 0) {
                for (index row = i; row < end; ++row) transform_row<has_weights>(towards, x, moved, row, room, sums);
            } else if (end - i == rows_together) {
                transform_rows<K, rows_together, has_weights>(towards, x, moved, i, sums);
            } else {
                for (index row = i; row < end; ++row) transform_rows<K, 1, has_weights>(towards, x, moved, row, sums);
            }
        }
        p.rows[2 * g] = sum_of_lanes(sums.stress);
        p.rows[2 * g + 1] = sum_of_lanes(sums.squares);
    }

    const mds_problem &p;
    const double pairs;
    const index groups;
    const loop work;
    const double relaxation;
    const index numbers;  // of a set of points
    scratch partial, ratios;
    laplacian weighted;
};

void exchange(double *&a, double *&b) {
    double *const was = a;
    a = b;
    b = was;
}

}  // namespace

status run_smacof(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums) {
    guttman step(problem, task.relaxation);
    status outcome = step.prepare();
    double before = 0;
    for (index i = 0; outcome == BYTESTRIDE_OK; ++i) {
        // The pass that makes the next points tells the stress of these.
        const bool last = i == task.max_iter;
        outcome = last ? stress_of(problem, run.x, sums) : step.transform(problem.goal, run.x, run.other, sums);
        if (outcome != BYTESTRIDE_OK) break;
        if (i > 0) run.iterated(sums->stress);
        run.converged = task.eps >= 0 && (sums->stress == 0 || (i > 1 && before - sums->stress < task.eps * sums->squares));
        if (last) break;
        if (i > 0 && run.converged) return stress_of(problem, run.x, sums);
        before = sums->stress;
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
