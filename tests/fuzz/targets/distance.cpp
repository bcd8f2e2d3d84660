// Distances of every metric and dtype against long double; one row and column again; squared errors.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

std::int32_t any_code(random_numbers &dice) {
    return dice.one_in(20) ? reference::codes[dice.between(0, 13)]
                           : dice.one_of({BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_FLOAT64, BYTESTRIDE_INT16, BYTESTRIDE_UINT8,
                                          BYTESTRIDE_FLOAT16, BYTESTRIDE_INT64, BYTESTRIDE_BOOL});
}
bool is_single(std::int32_t code) { return code == BYTESTRIDE_FLOAT32 || code == BYTESTRIDE_FLOAT16; }

struct points {
    const array &x, &y;
    int metric;

    int wrong(const array &out, std::int64_t place, std::int64_t i, std::int64_t j) const {
        const std::int64_t d = x.shape.back();
        const long double u = is_single(x.dtype) && is_single(y.dtype) ? 0x1p-24L : 0x1p-53L,
                          expected = distance(x, i, y, j, d, metric ? metric : BYTESTRIDE_METRIC_EUCLIDEAN);
        return !(std::fabs(out.number_at(place).real - expected) <= (static_cast<long double>(d) + 5) * u * expected);
    }
};

void matrices(random_numbers &dice) {
    trial t(dice);
    const std::int32_t code = any_code(dice), other = dice.one_in(2) ? code : any_code(dice);
    const std::int64_t n = dice.between(0, 40), m = dice.between(0, dice.one_in(4) ? 150 : 20),
                       d = dice.between(0, dice.one_in(6) ? 70 : 9);
    const bool symmetric = dice.one_in(3), tame = !dice.one_in(4);
    const bool single = is_single(code) && (symmetric || is_single(other));
    const std::int32_t to = single && !dice.one_in(6) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64;
    operand &x = t.input(code, {n, d}), *y = symmetric ? nullptr : &t.input(other, {m, d}), &out = t.output(to, {n, symmetric ? n : m});
    fill(dice, x.memory, tame);
    if (y) fill(dice, y->memory, tame);
    fill(dice, out.memory);
    bytestride_distances_options options{};
    options.metric = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 6 : 4));
    const bytestride_array *given_y = y ? y->optional() : nullptr;
    const std::int32_t status = t.run(options, [&] { return bytestride_distances(x.given(), given_y, out.given(), &options); });
    if (status != BYTESTRIDE_OK || !tame || reference::bits_of(code) > 32) return;
    if (reference::type_of(code) < 2 || reference::type_of(other) < 2) return;  // any integers: not tame
    const points p = {x.memory, symmetric ? x.memory : y->memory, options.metric};
    const std::int64_t columns = symmetric ? n : m;
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i) wrong += p.wrong(out.memory, i, i / columns, i % columns);
    CHECK_EQ(wrong, 0);
}

// A row, and a matrix that is brought up to date: the same bits as the whole matrix has there.
void one_row(random_numbers &dice) {
    trial t(dice);
    const std::int32_t code = any_code(dice), to = is_single(code) ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64;
    const std::int64_t n = dice.between(0, 70), d = dice.between(0, 9);
    operand &x = t.input(code, {n, d});
    fill(dice, x.memory);
    bytestride_distances_options options{};
    options.metric = static_cast<std::int32_t>(dice.between(0, 4));
    if (dice.one_in(2)) {
        operand &point = t.input(code, {d}), &out = t.output(to, {n});
        fill(dice, point.memory);
        fill(dice, out.memory);
        t.run(options, [&] { return bytestride_distances_from(x.given(), point.given(), out.given(), &options); });
        return;
    }
    operand &matrix = t.output(to, {n, n});
    fill(dice, matrix.memory);
    const std::int64_t i = dice.between(-n - 1, n);
    const std::int32_t status = t.run(options, [&] { return bytestride_update_distances(x.given(), matrix.given(), i, &options); });
    if (i < -n || i >= n) CHECK(status != BYTESTRIDE_OK);
    if (status != BYTESTRIDE_OK) return;
    const array all(to, {n, n}, strides_of(dice, layout::c_order, {n, n}, reference::size_of(to)), edge::back);
    const bytestride_array from = x.memory.described(false), whole = all.described(true);
    CHECK_STATUS(bytestride_distances(&from, nullptr, &whole, &options), BYTESTRIDE_OK);
    const std::int64_t row = i < 0 ? i + n : i;
    int wrong = 0;
    for (std::int64_t k = 0; k < n; ++k)
        for (const std::int64_t place : {row * n + k, k * n + row})
            wrong += !reference::holds(to, matrix.memory.at(place), all.number_at(place));
    CHECK_EQ(wrong, 0);
}

void errors(random_numbers &dice) {
    trial t(dice);
    const extents shape = t.shape(1, 2, 900);
    const bool by_row = shape.size() == 2 && dice.one_in(2), tame = dice.one_in(2);
    operand &goal = t.input(any_code(dice), shape), &current = t.input(any_code(dice), shape);
    operand &out = t.output(BYTESTRIDE_FLOAT64, by_row ? extents{shape[0]} : extents{});
    operand *weights = dice.one_in(3) ? &t.input(any_code(dice), shape) : nullptr;
    for (operand *o : {&goal, &current, &out, weights})
        if (o) fill(dice, o->memory, tame);
    bytestride_squared_error_options options{};
    options.weights = weights ? weights->optional() : nullptr;
    const std::int32_t status = t.run(options,
                                      [&] { return bytestride_squared_error(goal.given(), current.given(), out.given(), &options); });
    const auto floats = [](const operand &o) { return reference::is_floating(o.memory.dtype); };
    if (status != BYTESTRIDE_OK || !tame || weights || by_row || !floats(goal) || !floats(current)) return;
    long double expected = 0;
    for (std::int64_t i = 0; i < goal.memory.elements(); ++i) {
        const long double difference = goal.memory.number_at(i).real - current.memory.number_at(i).real;
        expected += difference * difference;
    }
    CHECK(std::fabs(out.memory.number_at(0).real - expected) <= 13 * 0x1p-53L * expected);
}

}  // namespace

void distance(random_numbers &dice) {
    switch (dice.between(0, 3)) {
    case 0: return one_row(dice);
    case 1: return errors(dice);
    default: return matrices(dice);
    }
}

}  // namespace fuzz
