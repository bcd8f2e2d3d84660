// Products over windows of every radius, alpha rule and boundary; the plain one against exact integers.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

// A window of 9 pixels, an alpha channel that is opaque, a rim of zeros, numbers to 15.
void expect_exact(const array &image, const array &out) {
    const std::int64_t rows = image.shape[0], columns = image.shape[1], channels = image.shape.size() > 2 ? image.shape[2] : 1;
    const int colors = static_cast<int>(channels - (channels % 2 == 0));
    const std::int64_t top = image.dtype == BYTESTRIDE_UINT8 ? 255 : 65535;
    int wrong = 0;
    for (std::int64_t y = 0; y < rows; ++y)
        for (std::int64_t x = 0; x < columns; ++x) {
            std::int64_t products[4] = {1, 1, 1, 1};
            const bool inside = y > 0 && x > 0 && y + 1 < rows && x + 1 < columns;
            for (int c = 0; inside && c < colors; ++c)
                for (std::int64_t dy = -1; dy <= 1; ++dy)
                    for (std::int64_t dx = -1; dx <= 1; ++dx)
                        products[c] *= static_cast<std::int64_t>(image.number_at(((y + dy) * columns + x + dx) * channels + c).integer);
            for (int c = 0; c < channels; ++c) {
                const std::int64_t expected = c >= colors ? top : inside ? exact_floor(products, colors, c, top) : 0;
                wrong += out.number_at((y * columns + x) * channels + c).integer != expected;
            }
        }
    CHECK_EQ(wrong, 0);
}

}  // namespace

void neighborhood(random_numbers &dice) {
    trial t(dice);
    const std::int32_t code = dice.one_in(12) ? t.any_dtype()
                                              : dice.one_of({BYTESTRIDE_UINT8, BYTESTRIDE_UINT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64});
    extents shape = {dice.between(0, 12), dice.one_in(6) ? dice.between(0, 200) : dice.between(0, 30)};
    if (!dice.one_in(4)) shape.push_back(dice.between(1, dice.one_in(20) ? 6 : 4));
    if (dice.one_in(30)) shape.push_back(2);
    operand &image = t.input(code, shape), &out = t.output(code, shape);
    const bool small = dice.one_in(2);
    for (std::int64_t i = 0; i < image.memory.elements() && small; ++i)
        reference::encode(code, reference::of_integer(dice.between(0, 15)), image.memory.at(i));
    if (!small) fill(dice, image.memory);
    fill(dice, out.memory);
    bytestride_neighbor_product_options options{};
    options.radius = dice.between(0, dice.one_in(20) ? 5 : 3);
    options.alpha = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 5 : 3));
    options.boundary = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 10 : 8));
    const std::int32_t status = t.run(options, [&] { return bytestride_neighbor_product(image.given(), out.given(), &options); });
    const bool plain = small && options.radius < 2 && options.alpha < 2 &&
                       (options.boundary == 0 || options.boundary == BYTESTRIDE_BOUNDARY_ZERO);
    if (status == BYTESTRIDE_OK && plain && (code == BYTESTRIDE_UINT8 || code == BYTESTRIDE_UINT16)) expect_exact(image.memory, out.memory);
}

}  // namespace fuzz
