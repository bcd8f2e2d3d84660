// Copies between any dtypes and layouts, and transposes in place.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

void casts(random_numbers &dice) {
    trial t(dice);
    const std::int32_t from = t.any_dtype(), to = t.any_dtype();
    const extents shape = t.shape(0, 4);
    operand &a = t.input(from, shape), &out = t.output(to, dice.one_in(30) ? t.shape(0, 3) : shape);
    fill(dice, a.memory);
    fill(dice, out.memory);
    t.elementwise = true;
    bytestride_copy_options options{};
    options.rule = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 5 : 2));
    const std::int32_t status = t.run(options, [&] { return bytestride_copy(a.given(), out.given(), &options); });
    if (status == BYTESTRIDE_ERROR_CANCELLED) return;
    const bool refused = reference::is_complex(from) && !reference::is_complex(to);
    CHECK_EQ(status != BYTESTRIDE_OK, refused || options.rule > BYTESTRIDE_RULE_SATURATE || out.memory.shape != shape);
    if (status != BYTESTRIDE_OK) return;
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i)
        wrong += !reference::holds(to, out.memory.at(i),
                                   reference::cast(to, a.memory.number_at(i), options.rule == BYTESTRIDE_RULE_SATURATE));
    CHECK_EQ(wrong, 0);
}

// A square matrix of any layout, or a dense one of any shape.
void transposes(random_numbers &dice) {
    const std::int32_t code = reference::codes[dice.between(0, 13)];
    const std::size_t itemsize = static_cast<std::size_t>(reference::size_of(code));
    const std::int64_t rows = dice.between(0, 70), columns = dice.one_in(2) ? rows : dice.between(0, 70);
    const layout how = rows == columns ? layouts[dice.between(0, 5)] : layout::c_order;
    const array matrix(code, {rows, columns}, strides_of(dice, how, {rows, columns}, reference::size_of(code)),
                       dice.one_in(2) ? edge::front : edge::back, dice.between(0, 7));
    fill(dice, matrix);
    const auto before = matrix.bytes();
    const bytestride_array view = matrix.described(true);
    bytestride_options options{};
    options.size = sizeof options;
    options.threads = static_cast<std::int32_t>(dice.between(0, 3));
    CHECK_STATUS(bytestride_transpose_inplace(&view, &options), BYTESTRIDE_OK);
    CHECK(matrix.untouched_beside_elements(before));
    int wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            wrong += std::memcmp(matrix.at(rows == columns ? j * columns + i : j * rows + i),
                                 before.data() + (matrix.at(i * columns + j) - matrix.memory.data()), itemsize) != 0;
    CHECK_EQ(wrong, 0);
}

}  // namespace

void copy(random_numbers &dice) { return dice.one_in(4) ? transposes(dice) : casts(dice); }

}  // namespace fuzz
