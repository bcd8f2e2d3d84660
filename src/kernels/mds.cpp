// The starts of multidimensional scaling: where they begin, which is kept.
#include <cmath>

#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

void read_points(const view &points, index pitch, double *x) {
    for (index q = 0; q < points.shape[1]; ++q)
        for (index i = 0; i < points.shape[0]; ++i)
            x[q * pitch + i] = load<double>(points.data + i * points.strides[0] + q * points.strides[1]);
}

void write_points(const double *x, index pitch, const view &points) {
    for (index i = 0; i < points.shape[0]; ++i)
        for (index q = 0; q < points.shape[1]; ++q) store(points.data + i * points.strides[0] + q * points.strides[1], x[q * pitch + i]);
}

// The start of a run in run.x.
status begin(const mds_task &task, const packed_problem &packed, double *spare, mds_run &run) {
    const mds_problem &p = packed.problem();
    const index numbers = p.components * p.pitch;
    for (index i = 0; i < numbers; ++i) run.x[i] = run.other[i] = 0;
    if (task.init == BYTESTRIDE_INIT_GIVEN) {
        read_points(task.points, p.pitch, run.x);
        return BYTESTRIDE_OK;
    }
    if (task.init == BYTESTRIDE_INIT_CLASSICAL) {
        for (index i = 0; i < p.n * p.pitch; ++i) spare[i] = p.goal[i];
        return classical_points(p, spare, run.x, nullptr);
    }
    random_numbers random(run.seed);
    for (index i = 0; i < p.n; ++i)
        for (index q = 0; q < p.components; ++q) run.x[q * p.pitch + i] = random.uniform();
    run.seed = random.bits();
    // The first step of a pattern search is absolute; the other methods may begin at the size of the goal.
    if (task.method == BYTESTRIDE_METHOD_PATTERN) return BYTESTRIDE_OK;
    double scale;
    const status outcome = fitting_scale(p, run.x, &scale);
    for (index i = 0; i < numbers; ++i) run.x[i] *= scale;
    return outcome;
}

status solve(const mds_problem &p, const mds_task &task, mds_run &run, mds_sums *sums) {
    if (task.nonmetric) return run_nonmetric(p, task, run, sums);
    if (task.method == BYTESTRIDE_METHOD_SMACOF) return run_smacof(p, task, run, sums);
    if (task.method == BYTESTRIDE_METHOD_PATTERN) return run_pattern(p, task, run, sums);
    const status outcome = run_sgd(p, task, run);
    return outcome == BYTESTRIDE_OK ? stress_of(p, run.x, sums) : outcome;
}

double normalized(const mds_sums &sums) { return sums.stress > 0 ? std::sqrt(sums.stress / sums.squares) : 0; }

}  // namespace

status mds(const mds_task &task) {
    mds_outcome &outcome = *task.outcome;
    outcome = {};
    const packed_problem packed(task.settings, task.dissimilarities, task.weighted ? &task.weights : nullptr, task.points.shape[1]);
    if (packed.result() != BYTESTRIDE_OK) {
        outcome.flaw = packed.found();
        return packed.result();
    }
    const mds_problem &p = packed.problem();
    const bool classical = task.init == BYTESTRIDE_INIT_CLASSICAL;
    if (classical && packed.any_missing()) {
        outcome.flaw = {false, "missing, which a classical start does not allow", -1, -1};
        return BYTESTRIDE_ERROR_OPTION;
    }
    const index starts = task.init == BYTESTRIDE_INIT_RANDOM ? task.n_init : 1;
    index per_start = task.max_iter;
    if (task.method == BYTESTRIDE_METHOD_PATTERN && per_start < INT64_MAX) ++per_start;
    const index room = task.history.shape[0] < per_start ? task.history.shape[0] : per_start;

    // Three sets of points and two histories: those of the run, and of the best one so far.
    const index numbers = p.components * p.pitch;
    index bytes;
    if (__builtin_mul_overflow(numbers, index(24), &bytes) || __builtin_add_overflow(bytes, 16 * room, &bytes))
        return BYTESTRIDE_ERROR_MEMORY;
    const scratch memory(bytes), spare(classical ? p.n * p.pitch * 8 : 0);
    if (memory.failed() || spare.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *x = reinterpret_cast<double *>(memory.data()), *best_x = x + numbers, *other = best_x + numbers;
    double *history = other + numbers, *best_history = history + room;

    // Iterations that nobody waits to see are not counted.
    const index counted = per_start < INT64_MAX / starts ? per_start : INT64_MAX / starts, total = starts * counted;
    std::int64_t *progress = task.settings.progress;
    if (progress) __atomic_store_n(&progress[1], total, __ATOMIC_RELAXED);

    bool any = false;
    for (index s = 0; s < starts; ++s) {
        // Streams of one seed: the first is the same whatever their number.
        random_numbers seeds(task.random_state + 0x632be59bd9b4e019u * static_cast<std::uint64_t>(s));
        mds_run run = {x, other, history, room, progress, s * counted, seeds.bits(), 0, false};
        status code = begin(task, packed, reinterpret_cast<double *>(spare.data()), run);
        mds_sums sums;
        if (code == BYTESTRIDE_OK) code = solve(p, task, run, &sums);
        if (code != BYTESTRIDE_OK) return code;
        const double value = normalized(sums);
        const bool better = task.nonmetric ? value < outcome.normalized_stress : sums.stress < outcome.stress;
        if (any && !better) continue;
        any = true;
        outcome.converged = run.converged;
        outcome.stress = sums.stress;
        outcome.normalized_stress = value;
        outcome.iterations = run.iterations;
        // A method leaves its points in run.x, which may be either of the two that it was given.
        double *kept = run.x, *free = best_x;
        if (kept == x) {
            x = free;
        } else {
            other = free;
        }
        best_x = kept;
        double *const kept_history = history;
        history = best_history;
        best_history = kept_history;
    }
    if (progress) __atomic_store_n(&progress[0], total, __ATOMIC_RELAXED);
    write_points(best_x, p.pitch, task.points);
    for (index i = 0; i < room && i < outcome.iterations; ++i) store(task.history.data + i * task.history.strides[0], best_history[i]);
    return BYTESTRIDE_OK;
}

status classical_mds(const classical_mds_task &task) {
    packed_problem packed(task.settings, task.dissimilarities, nullptr, task.points.shape[1]);
    if (packed.result() != BYTESTRIDE_OK) {
        *task.flaw = packed.found();
        return packed.result();
    }
    if (packed.any_missing()) {
        *task.flaw = {false, "missing", -1, -1};
        return BYTESTRIDE_ERROR_OPTION;
    }
    const mds_problem &p = packed.problem();
    const scratch memory((p.components * p.pitch + p.components) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *x = reinterpret_cast<double *>(memory.data()), *eigenvalues = x + p.components * p.pitch;
    const status outcome = classical_points(p, packed.goal(), x, eigenvalues);
    if (outcome != BYTESTRIDE_OK) return outcome;
    write_points(x, p.pitch, task.points);
    for (index q = 0; q < task.eigenvalues.shape[0]; ++q) store(task.eigenvalues.data + q * task.eigenvalues.strides[0], eigenvalues[q]);
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
