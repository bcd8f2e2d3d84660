// Stochastic gradient descent: pair after pair is moved to, or towards, its goal (Zheng, Pawar, Goodman 2019).
//
// The pairs are taken in the rounds of a tournament: within a round no point occurs twice, so its pairs can be moved together,
// in vectors, and the result does not depend on how. The points stand in a circle of m places, m odd; in round r
// the point k places ahead of r plays the one k places behind it, and where the number of points is even, place r plays
// the last point, which stands apart. The goal is packed in the order of the rounds.
#include "kernels/mds_problem.hpp"

#include <cmath>

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// The step falls from 1 to `annealed` in so many epochs (in short runs, in three quarters of them), then faster, until that gains
// nothing. A faster fall at first ends in a poor local minimum more often.
constexpr index annealing = 22;
constexpr double annealed = 0.1, later_rate = 0.4;
constexpr index meetings = 200;

BYTESTRIDE_INLINE doubles reversed(doubles v) {
#if defined(__AVX512F__)
    return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
#elif defined(__AVX2__)
    return __builtin_shufflevector(v, v, 3, 2, 1, 0);
#else
    return __builtin_shufflevector(v, v, 1, 0);
#endif
}

// How far of the way each point of a pair goes, as a factor of the difference: step / 2 (1 - g / d).
BYTESTRIDE_INLINE doubles approach(doubles half_step, doubles goal, doubles square) {
    const doubles zero = all_lanes(0.0), factor = half_step * fused_lanes(-goal, inverse_root_lanes(square), all_lanes(1.0));
    return square > zero ? factor : zero;
}
BYTESTRIDE_INLINE double approach(double half_step, double goal, double square) {
    return square > 0 ? half_step * (1.0 - goal / __builtin_sqrt(square)) : 0.0;
}

class descent {
public:
    descent(const mds_problem &problem, mds_run &run_, double *memory)
        : p(problem), run(run_), m(p.n % 2 ? p.n : p.n - 1), half((m - 1) / 2), games(half + (p.n % 2 ? 0 : 1)), pitch((games + 7) / 8 * 8),
          random(run_.seed) {
        x = memory;
        goal = x + p.components * p.pitch;
        weights = goal + m * pitch;
        place = reinterpret_cast<index *>(p.weights ? weights + m * pitch : weights);
        rounds = place + p.n;
    }

    // Numbers of memory that are needed.
    static index numbers(const mds_problem &p) {
        return p.components * p.pitch + (p.weights ? 2 : 1) * (p.n + 1) * (p.n / 2 + 8) + 2 * p.n;
    }

    status pack() {
        for (index i = 0; i < p.n; ++i) place[i] = i;
        random.shuffle(place, p.n);
        for (index r = 0; r < m; ++r) rounds[r] = r;
        for (index q = 0; q < p.components; ++q)
            for (index i = 0; i < p.n; ++i) x[q * p.pitch + i] = run.x[q * p.pitch + place[i]];
        const loop work = {m, 20 + 2.0 * static_cast<double>(games)};
        const status outcome = parallel_for(p.settings, work, [&](index begin, index end, int) {
            for (index r = begin; r < end; ++r)
                for (index k = 0; k < games; ++k) {
                    const index a = k < half ? place[(r + k + 1) % m] : place[r], b = k < half ? place[(r - k - 1 + m) % m] : place[m];
                    goal[r * pitch + k] = p.goal[a * p.pitch + b];
                    if (p.weights) weights[r * pitch + k] = p.weights[a * p.pitch + b];
                }
        });
        if (p.weights) normalize_weights();
        return outcome;
    }

    // Each point meets about `meetings` others at least: few points, all of them several times.
    template <int K> status epoch(double step) {
        for (index met = 0; met < meetings; met += p.n) {
            random.shuffle(rounds, m);
            for (index at = 0; at < m; ++at) {
                if (cancelled(p.settings)) return BYTESTRIDE_ERROR_CANCELLED;
                play<K>(rounds[at], step);
            }
        }
        return BYTESTRIDE_OK;
    }

    // The points in their own order.
    void unpack(double *to) const {
        for (index q = 0; q < p.components; ++q)
            for (index i = 0; i < p.n; ++i) to[q * p.pitch + place[i]] = x[q * p.pitch + i];
    }

    // The smallest weight, when the largest is 1.
    double least_weight() const { return least; }

private:
    void normalize_weights() {
        double largest = 0, smallest = HUGE_VAL;
        for (index r = 0; r < m; ++r)
            for (index k = 0; k < games; ++k) {
                const double w = weights[r * pitch + k];
                largest = w > largest ? w : largest;
                smallest = w > 0 && w < smallest ? w : smallest;
            }
        if (!(largest > 0)) return;
        least = smallest / largest;
        for (index r = 0; r < m; ++r)
            for (index k = 0; k < games; ++k) weights[r * pitch + k] /= largest;
    }

    // All games of a round: runs of neighbouring places that end where one of the sides comes round the circle.
    template <int K> void play(index r, double step) {
        const double *g = goal + r * pitch, *w = p.weights ? weights + r * pitch : nullptr;
        for (index k = 0; k < half;) {
            const index a = (r + k + 1) % m, b = (r - k - 1 + m) % m;
            index length = half - k;
            if (m - a < length) length = m - a;
            if (b + 1 < length) length = b + 1;
            index i = 0;
            for (; i + lanes<double> <= length; i += lanes<double>) play_vector<K>(a + i, b - i, g + k + i, w ? w + k + i : nullptr, step);
            for (; i < length; ++i) play_pair(a + i, b - i, g[k + i], w ? w[k + i] : 1, step);
            k += length;
        }
        if (games > half) play_pair(r, m, g[half], w ? w[half] : 1, step);
    }

    // Places a, a + 1, ... against b, b - 1, ...
    template <int K> BYTESTRIDE_INLINE void play_vector(index a, index b, const double *g, const double *w, double step) {
        const index first = b - (lanes<double> - 1), components = K ? K : p.components;
        doubles square = all_lanes(0.0);
        for (index q = 0; q < components; ++q) {
            const doubles difference = load_lanes(x + q * p.pitch + a) - reversed(load_lanes(x + q * p.pitch + first));
            square = fused_lanes(difference, difference, square);
        }
        doubles half_step = all_lanes(0.5 * (step < 1 ? step : 1));
        if (w) {
            const doubles own = load_lanes(w) * all_lanes(step), most = all_lanes(1.0);
            half_step = all_lanes(0.5) * (own < most ? own : most);
        }
        const doubles factor = approach(half_step, load_lanes(g), square);
        for (index q = 0; q < components; ++q) {
            double *ahead = x + q * p.pitch + a, *behind = x + q * p.pitch + first;
            const doubles one = load_lanes(ahead), other = reversed(load_lanes(behind)), way = factor * (one - other);
            store_lanes(ahead, one - way);
            store_lanes(behind, reversed(other + way));
        }
    }

    void play_pair(index a, index b, double g, double w, double step) {
        double square = 0;
        for (index q = 0; q < p.components; ++q) {
            const double difference = x[q * p.pitch + a] - x[q * p.pitch + b];
            square = fused(difference, difference, square);
        }
        const double own = p.weights ? w * step : step, factor = approach(0.5 * (own < 1 ? own : 1), g, square);
        for (index q = 0; q < p.components; ++q) {
            double &one = x[q * p.pitch + a], &other = x[q * p.pitch + b];
            const double way = factor * (one - other);
            one -= way;
            other += way;
        }
    }

    const mds_problem &p;
    mds_run &run;
    index m, half, games, pitch;  // places in the circle; games in it, and with the last point; numbers from round to round
    double *x, *goal, *weights;
    index *place, *rounds;  // which point stands where; the order of the rounds
    double least = 1;
    random_numbers random;
};

}  // namespace

status run_sgd(const mds_problem &problem, const mds_task &task, mds_run &run) {
    if (problem.n < 2) {
        run.converged = true;
        return BYTESTRIDE_OK;
    }
    const scratch memory(descent::numbers(problem) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    descent points(problem, run, reinterpret_cast<double *>(memory.data()));
    status outcome = points.pack();
    // With weights the first step moves even the lightest pair all the way, within reason.
    const double most = points.least_weight() > 1e-3 ? 1 / points.least_weight() : 1e3;
    const index epochs = task.max_iter < annealing + annealing / 3 ? (task.max_iter * 3 + 3) / 4 : annealing;
    const double rate = epochs > 1 ? std::pow(annealed / most, 1 / static_cast<double>(epochs - 1)) : 1;
    double step = most, before = 0;
    for (index i = 0; outcome == BYTESTRIDE_OK && i < task.max_iter; ++i, step *= i + 1 < epochs ? rate : later_rate) {
        outcome = for_components(problem.components, [&](auto K) { return points.template epoch<decltype(K)::value>(step); });
        if (outcome != BYTESTRIDE_OK) break;
        points.unpack(run.x);
        mds_sums sums;
        outcome = stress_of(problem, run.x, &sums);
        if (outcome != BYTESTRIDE_OK) break;
        run.iterated(sums.stress);
        run.converged = task.eps >= 0 && i >= epochs && i > 0 && before - sums.stress < task.eps * sums.squares;
        if (run.converged) break;
        before = sums.stress;
    }
    return outcome;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
