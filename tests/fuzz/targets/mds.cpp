// Scaling by every method and start, of complete, weighted, incomplete and wrong dissimilarities.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

void encode(const array &a, std::int64_t place, long double value) { reference::encode(a.dtype, reference::of_real(value), a.at(place)); }

// Symmetric and not negative, or any numbers; true when nothing is missing or wrong.
bool fill_dissimilarities(random_numbers &dice, const array &a) {
    const std::int64_t n = a.shape[0];
    const bool incomplete = dice.one_in(4), wild = dice.one_in(12);
    if (wild) return fill(dice, a), false;
    bool missing = false;
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j <= i; ++j) {
            const bool none = incomplete && reference::is_floating(a.dtype) && dice.one_in(5);
            const long double value = none ? std::numeric_limits<long double>::quiet_NaN() : static_cast<long double>(dice.between(0, 100));
            missing = missing || (none && i != j);
            encode(a, i * n + j, value);
            encode(a, j * n + i, value);
        }
    return !missing;
}

// Twice the sum over the pairs i < j.
long double stress_of(const array &goal, const array &points) {
    const std::int64_t n = points.shape[0];
    long double stress = 0;
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < i; ++j) {
            const long double apart = goal.number_at(i * n + j).real -
                                      distance(points, i, points, j, points.shape[1], BYTESTRIDE_METRIC_EUCLIDEAN);
            stress += apart * apart;
        }
    return stress;
}

constexpr std::int32_t real_codes[] = {BYTESTRIDE_FLOAT64, BYTESTRIDE_FLOAT64, BYTESTRIDE_FLOAT32, BYTESTRIDE_UINT8, BYTESTRIDE_INT32};

void iterative(random_numbers &dice) {
    trial t(dice);
    const std::int64_t n = dice.between(0, dice.one_in(6) ? 40 : 12), k = dice.between(1, 5);
    operand &goal = t.input(real_codes[dice.between(0, 4)], {n, n}), &points = t.output(BYTESTRIDE_FLOAT64, {n, k});
    operand *history = dice.one_in(2) ? &t.output(BYTESTRIDE_FLOAT64, {dice.between(0, 30)}) : nullptr;
    operand *weights = dice.one_in(3) ? &t.input(real_codes[dice.between(0, 4)], {n, n}) : nullptr;
    const bool complete = fill_dissimilarities(dice, goal.memory);
    fill(dice, points.memory, true);
    if (history) fill(dice, history->memory);
    if (weights) fill_dissimilarities(dice, weights->memory);
    bytestride_mds_options options{};
    options.method = dice.one_of({0, BYTESTRIDE_METHOD_SGD, BYTESTRIDE_METHOD_SMACOF, BYTESTRIDE_METHOD_PATTERN});
    options.init = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 5 : 3));
    options.nonmetric = dice.one_in(4);
    options.n_init = dice.between(0, 2);
    options.max_iter = dice.between(1, 12);
    options.random_state = static_cast<std::int64_t>(dice.bits());
    options.weights = weights ? weights->optional() : nullptr;
    const auto sometimes = [&](double low, double step) {
        return dice.one_in(4) ? low + step * static_cast<double>(dice.between(0, 8)) : 0;
    };
    options.eps = sometimes(-1, 0.25);
    options.radius = sometimes(-1, 0.5);
    options.min_radius = sometimes(-1, 0.25);
    options.shrink_tol = sometimes(-1, 0.25);
    options.explore = sometimes(-0.5, 0.25);
    options.sample = sometimes(-0.5, 0.25);
    options.relaxation = sometimes(0, 0.25);
    options.greedy = dice.one_in(3);
    const bytestride_array *record = history ? history->optional() : nullptr;
    bytestride_mds_result result;
    const std::int32_t status = t.run(options, [&] {
        result = {};
        result.size = sizeof result;
        return bytestride_mds(goal.given(), points.given(), record, &result, &options);
    });
    if (status != BYTESTRIDE_OK) return;
    CHECK(result.n_iter >= 0 && result.n_iter <= options.max_iter + 1);
    if (!complete || weights || options.nonmetric) return;
    const long double stress = stress_of(goal.memory, points.memory);
    CHECK(std::fabs(static_cast<long double>(result.stress) - stress) <= 1e-9L * stress + 1e-15L);
}

void classical(random_numbers &dice) {
    trial t(dice);
    const std::int64_t n = dice.between(0, dice.one_in(6) ? 40 : 12), k = dice.between(1, 5);
    operand &goal = t.input(real_codes[dice.between(0, 4)], {n, n}), &points = t.output(BYTESTRIDE_FLOAT64, {n, k});
    operand *values = dice.one_in(2) ? &t.output(BYTESTRIDE_FLOAT64, {k}) : nullptr;
    fill_dissimilarities(dice, goal.memory);
    fill(dice, points.memory);
    if (values) fill(dice, values->memory);
    bytestride_options options{};
    const bytestride_array *given_values = values ? values->optional() : nullptr;
    const std::int32_t status = t.run(options,
                                      [&] { return bytestride_classical_mds(goal.given(), points.given(), given_values, &options); });
    if (status != BYTESTRIDE_OK || !values) return;
    for (std::int64_t i = 1; i < k; ++i) CHECK(values->memory.number_at(i - 1).real >= values->memory.number_at(i).real);
}

}  // namespace

void mds(random_numbers &dice) { return dice.one_in(4) ? classical(dice) : iterative(dice); }

}  // namespace fuzz
