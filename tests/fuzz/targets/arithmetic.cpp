// Two arrays, broadcast, of any dtypes, against reference.hpp; also over one of them.
#include "families.hpp"
#include "trial.hpp"

using reference::operation;

namespace {

using entry = std::int32_t (*)(const bytestride_array *, const bytestride_array *, const bytestride_array *, const bytestride_options *);
constexpr entry entries[] = {bytestride_add,    bytestride_subtract, bytestride_multiply,
                             bytestride_divide, bytestride_minimum,  bytestride_maximum};

// A shape that is broadcast to this one.
test::extents narrower(test::random_numbers &dice, test::extents shape) {
    if (dice.one_in(3)) shape.erase(shape.begin(), shape.begin() + dice.between(0, static_cast<std::int64_t>(shape.size())));
    for (std::int64_t &extent : shape)
        if (dice.one_in(6)) extent = 1;
    return shape;
}

}  // namespace

void fuzz::arithmetic(random_numbers &dice) {
    trial t(dice);
    const auto what = static_cast<operation>(dice.between(0, 5));
    const std::int32_t left = t.any_dtype(), right = t.any_dtype(), computed = reference::computed_type(what, left, right);
    const std::int32_t code = dice.one_in(6) ? t.any_dtype() : computed;
    const extents shape = t.shape(0, 4);
    operand &a = t.input(left, narrower(dice, shape)), &b = t.input(right, narrower(dice, shape)), &out = t.output(code, shape);
    // Products and quotients of complex numbers have a bound, which holds where nothing overflows.
    const bool bounded = reference::is_complex(computed) && (what == operation::multiply || what == operation::divide);
    fill(dice, a.memory, bounded);
    fill(dice, b.memory, bounded);
    fill(dice, out.memory);
    t.elementwise = true;
    t.any_zero = what == operation::minimum || what == operation::maximum;
    bytestride_options options{};
    const std::int32_t status = t.run(options,
                                      [&] { return entries[static_cast<int>(what)](a.given(), b.given(), out.given(), &options); });
    const bool refused = (what == operation::subtract && computed == BYTESTRIDE_BOOL) ||
                         reference::kind_rank(code) < reference::kind_rank(computed);
    if (status == BYTESTRIDE_ERROR_CANCELLED) return;
    CHECK_EQ(status, refused ? BYTESTRIDE_ERROR_DTYPE : BYTESTRIDE_OK);
    if (refused || (bounded && (what == operation::divide || code != computed))) return;
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i) {
        const reference::number expected = reference::apply(what, computed, reference::decode(left, a.memory.at_broadcast(i, shape)),
                                                            reference::decode(right, b.memory.at_broadcast(i, shape)));
        const unsigned char *got = out.memory.at(i);
        wrong += !(bounded ? reference::near(code, got, expected)
                           : reference::holds(code, got, reference::cast(code, expected), t.any_zero));
    }
    CHECK_EQ(wrong, 0);

    // Over its own left side the result is the same.
    if (left != code || a.memory.shape != shape) return;
    const array both(code, shape, strides_of(dice, layout::any, shape, reference::size_of(code)), edge::back);
    for (std::int64_t i = 0; i < both.elements(); ++i)
        std::memcpy(both.at(i), a.memory.at(i), static_cast<std::size_t>(reference::size_of(code)));
    const bytestride_array view = both.described(true);
    CHECK_STATUS(entries[static_cast<int>(what)](&view, b.given(), &view, nullptr), BYTESTRIDE_OK);
    for (std::int64_t i = 0; i < both.elements(); ++i) wrong += !reference::holds(code, both.at(i), out.memory.number_at(i), t.any_zero);
    CHECK_EQ(wrong, 0);
}
