// Convolutions of any dtypes, axes, boundaries and regions: small integers against the definition, all values against
// themselves in another layout.
#include <algorithm>

#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

struct geometry {
    extents input, kernel, out;
    std::vector<int> axes;
    std::vector<std::int64_t> centre;
};

// Shapes and axes that fit one another, written to the options too.
geometry any_geometry(random_numbers &dice, bool flipped, bytestride_convolve_options &options) {
    geometry g;
    const int ndim = static_cast<int>(dice.between(1, 4));
    g.input = random_shape(dice, ndim, dice.between(1, 500));
    for (std::int64_t &extent : g.input) extent += extent == 0;
    for (int axis = 0; axis < ndim; ++axis)
        if (!dice.one_in(4)) g.axes.push_back(axis);
    if (g.axes.empty()) g.axes.push_back(ndim - 1);
    if (dice.one_in(3)) std::swap(g.axes.front(), g.axes.back());
    g.out = g.input;
    const std::int64_t most_taps = g.axes.size() > 2 ? 3 : g.axes.size() > 1 ? 7 : 30;
    for (std::size_t k = 0; k < g.axes.size(); ++k) {
        const std::size_t axis = static_cast<std::size_t>(g.axes[k]);
        std::int64_t taps = dice.between(1, most_taps);
        if (options.region == BYTESTRIDE_REGION_VALID) taps = std::min(taps, g.input[axis]);
        g.kernel.push_back(taps);
        if (options.region == BYTESTRIDE_REGION_FULL) g.out[axis] += taps - 1;
        if (options.region == BYTESTRIDE_REGION_VALID) g.out[axis] -= taps - 1;
        options.axes[k] = g.axes[k] - (dice.one_in(2) ? ndim : 0);
        g.centre.push_back(flipped ? (taps - 1) / 2 : taps / 2);
        if (options.region <= BYTESTRIDE_REGION_SAME) {
            const std::int64_t moved = dice.between(0, taps - 1);
            options.origin[k] = static_cast<std::int32_t>(moved - g.centre[k]);
            g.centre[k] = moved;
        }
    }
    options.axes_count = options.origin_count = static_cast<std::int32_t>(g.axes.size());
    return g;
}

// The first row and column make the others: a kernel that can be run one axis at a time.
void make_separable(const array &kernel) {
    if (kernel.shape.size() != 2) return;
    const std::int64_t columns = kernel.shape[1];
    for (std::int64_t i = 0; i < kernel.elements(); ++i) {
        const __int128 sign = kernel.number_at(i % columns).real > 0 ? 1 : 0;
        const reference::number scaled = kernel.number_at(i / columns * columns);
        const __int128 value = static_cast<__int128>(scaled.real) * sign;
        if (i >= columns) reference::encode(kernel.dtype, reference::of_integer(value), kernel.at(i));
    }
}

// One word that no version takes, or that does not go with the others.
bool spoil(random_numbers &dice, bytestride_convolve_options &options) {
    switch (dice.between(0, 7)) {
    case 0: options.boundary = dice.one_of({-1, 6, 1 << 30}); return true;
    case 1: options.region = dice.one_of({-1, 4, 1 << 30}); return true;
    case 2: options.axes_count = dice.one_of({-1, 9, 1 << 30}); return true;
    case 3: options.axes[0] = dice.one_of({8, -9, 1 << 30}); return true;
    case 4: options.origin_count = dice.one_of({-1, 9, 1 << 30}); return true;
    case 5: options.origin[0] = dice.one_of({1000, -1000, 1 << 30}); return true;
    case 6: options.method = dice.one_of({-1, 5, 1 << 30}); return true;
    default: options.padding = 1; return true;
    }
}

}  // namespace

void convolve(random_numbers &dice) {
    trial t(dice);
    const bool flipped = dice.one_in(2), small = !dice.one_in(4);
    bytestride_convolve_options options{};
    options.boundary = static_cast<std::int32_t>(dice.between(0, BYTESTRIDE_BOUNDARY_WRAP));
    options.region = static_cast<std::int32_t>(dice.between(0, BYTESTRIDE_REGION_VALID));
    const geometry g = any_geometry(dice, flipped, options);
    options.method = dice.one_in(3) ? static_cast<std::int32_t>(dice.between(BYTESTRIDE_METHOD_AUTO, BYTESTRIDE_METHOD_FFT)) : 0;
    const std::int32_t from = t.real_dtype(), weights = dice.one_in(2) ? from : t.real_dtype(), to = dice.one_in(2) ? from : t.real_dtype();
    operand &input = t.input(from, g.input), &kernel = t.input(weights, g.kernel), &out = t.output(to, g.out);
    small ? fill_small(dice, input.memory) : fill(dice, input.memory);
    small ? fill_small(dice, kernel.memory) : fill(dice, kernel.memory);
    if (small && dice.one_in(3)) make_separable(kernel.memory);
    fill(dice, out.memory);
    const std::int64_t outside = dice.between(0, from == BYTESTRIDE_BOOL ? 1 : 5);
    if (reference::is_floating(from))
        options.fill = static_cast<double>(outside);
    else
        options.fill_integer = outside;
    const bool spoilt = dice.one_in(20) && spoil(dice, options);
    const auto function = flipped ? bytestride_convolve : bytestride_correlate;
    const std::int32_t status = t.run(options, [&] { return function(input.given(), kernel.given(), out.given(), &options); });
    if (status == BYTESTRIDE_ERROR_CANCELLED) return;
    const bool chosen = options.method == BYTESTRIDE_METHOD_SEPARABLE || options.method == BYTESTRIDE_METHOD_FFT;
    if (spoilt)
        CHECK(status != BYTESTRIDE_OK);
    else if (small && !chosen)
        CHECK_STATUS(status, BYTESTRIDE_OK);
    if (status != BYTESTRIDE_OK || !small || options.method == BYTESTRIDE_METHOD_FFT) return;
    const convolution p = {array(from, g.input, input.memory.strides, edge::back),
                           array(weights, g.kernel, kernel.memory.strides, edge::back),
                           array(to, g.out, out.memory.strides, edge::back),
                           g.axes,
                           g.centre,
                           options.boundary ? options.boundary : BYTESTRIDE_BOUNDARY_CONSTANT,
                           options.region ? options.region : BYTESTRIDE_REGION_SAME,
                           flipped,
                           outside};
    for (const auto &[copy, source] : {std::pair(&p.input, &input.memory), std::pair(&p.kernel, &kernel.memory)})
        std::memcpy(copy->memory.data(), source->memory.data(), source->memory.size());
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i)
        wrong += !reference::holds(to, out.memory.at(i), reference::cast(to, reference::of_integer(p.sum(i)), true), true);
    CHECK_EQ(wrong, 0);
}

}  // namespace fuzz
