// Loop nests: whatever their form, they visit the same elements as the plain loops over the views.
#include "core/loops.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "test.hpp"

using namespace bytestride;

namespace {

using visit = std::array<const char *, max_operands>;  // the addresses of one element of every view

view random_view(test::random_numbers &dice, const std::vector<bytestride::index> &shape, bool distinct) {
    view v{};
    v.itemsize = 4;
    v.type = dtype::int32;
    v.ndim = static_cast<int>(shape.size());
    v.data = reinterpret_cast<char *>(std::uintptr_t(1) << 40) + dice.between(0, 1000);  // never read
    // As in any array: dimensions in some order, some with gaps, some reversed; inputs may repeat.
    std::vector<int> order(shape.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    if (dice.one_in(2))
        for (std::size_t i = order.size(); i-- > 1;)
            std::swap(order[i], order[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(i)))]);
    else
        std::reverse(order.begin(), order.end());
    bytestride::index step = 4;
    for (int axis : order) {
        v.shape[axis] = shape[static_cast<std::size_t>(axis)];
        if (dice.one_in(4)) step += 4 * dice.between(1, 3);
        v.strides[axis] = v.shape[axis] <= 1 ? 0 : dice.one_in(3) ? -step : step;
        if (!distinct && dice.one_in(5)) v.strides[axis] = 0;
        step *= std::max<bytestride::index>(v.shape[axis], 1);
    }
    return v;
}

std::vector<visit> visits(const view *const *views, int operands) {
    const view &out = *views[0];
    std::vector<visit> all;
    bytestride::index count = 1;
    for (int i = 0; i < out.ndim; ++i) count *= out.shape[i];
    for (bytestride::index place = 0; place < count; ++place) {
        visit v{};
        for (int k = 0; k < operands; ++k) {
            const char *address = views[k]->data;
            bytestride::index rest = place;
            for (int i = out.ndim - 1; i >= 0; --i) {
                const bytestride::index at = rest % out.shape[i];
                rest /= out.shape[i];
                const int axis = i - (out.ndim - views[k]->ndim);
                if (axis >= 0 && views[k]->shape[axis] > 1) address += at * views[k]->strides[axis];
            }
            v[static_cast<std::size_t>(k)] = address;
        }
        all.push_back(v);
    }
    return all;
}

std::vector<visit> visits(const loop_nest &nest) {
    std::vector<visit> all;
    bytestride::index count = 1;
    for (int i = 0; i < nest.ndim; ++i) count *= nest.shape[i];
    for (bytestride::index place = 0; place < count; ++place) {
        visit v{};
        for (int k = 0; k < nest.operands; ++k) {
            const char *address = nest.data[k];
            bytestride::index rest = place;
            for (int i = nest.ndim - 1; i >= 0; --i) {
                address += rest % nest.shape[i] * nest.strides[k][i];
                rest /= nest.shape[i];
            }
            v[static_cast<std::size_t>(k)] = address;
        }
        all.push_back(v);
    }
    return all;
}

}  // namespace

TEST("the same elements meet, the output's strides are falling, and positive but for transposed inputs, nothing is left to fuse") {
    test::random_numbers dice;
    for (int round = 0; round < 4000; ++round) {
        std::vector<bytestride::index> shape(static_cast<std::size_t>(dice.between(0, 8)));
        for (bytestride::index &extent : shape) extent = dice.between(1, 4);
        if (shape.size() > 5)
            for (bytestride::index &extent : shape) extent = dice.between(1, 2);
        view views[max_operands];
        views[0] = random_view(dice, shape, true);
        const int operands = static_cast<int>(dice.between(1, 3));
        for (int k = 1; k < operands; ++k) {
            std::vector<bytestride::index> own = shape;
            for (bytestride::index &extent : own)
                if (dice.one_in(4)) extent = 1;
            if (dice.one_in(3)) own.erase(own.begin(), own.begin() + dice.between(0, static_cast<std::int64_t>(own.size())));
            views[k] = dice.one_in(3) ? views[0] : random_view(dice, own, false);
            CHECK(broadcasts_to(views[k], views[0]));
        }
        const view *const pointers[] = {&views[0], &views[1], &views[2]};
        const loop_nest nest = nest_loops(pointers, operands);

        std::vector<visit> expected = visits(pointers, operands), got = visits(nest);
        std::sort(expected.begin(), expected.end());
        std::sort(got.begin(), got.end());
        CHECK(got == expected);
        CHECK(nest.ndim >= 1 && nest.operands == operands);
        if (expected.size() == 1) continue;
        for (int i = 0; i < nest.ndim; ++i) {
            CHECK(nest.shape[i] > 1);
            // An axis that runs backwards in the output is one along which an input has its runs, forwards.
            bool of_runs = false, backwards = false;
            for (int k = 1; k < operands && i < nest.ndim - 1; ++k)
                if (std::abs(nest.strides[k][i]) < std::abs(nest.strides[k][nest.ndim - 1]))
                    (nest.strides[k][i] < 0 ? backwards : of_runs) |= nest.strides[k][i] != 0;
            CHECK(nest.strides[0][i] > 0 || (nest.strides[0][i] < 0 && of_runs));
            CHECK(!backwards || of_runs);
            if (i == 0) continue;
            CHECK(std::abs(nest.strides[0][i - 1]) >= std::abs(nest.strides[0][i]));
            bool fusible = true;
            for (int k = 0; k < operands; ++k) fusible = fusible && nest.strides[k][i - 1] == nest.strides[k][i] * nest.shape[i];
            CHECK(!fusible);
        }
    }
}

TEST("contiguous views of any rank become one run") {
    for (int ndim = 0; ndim <= 8; ++ndim) {
        view v{};
        v.itemsize = 8;
        v.ndim = ndim;
        bytestride::index step = 8;
        for (int i = ndim - 1; i >= 0; --i) {
            v.shape[i] = 3;
            v.strides[i] = step;
            step *= 3;
        }
        const view *const views[] = {&v, &v, &v};
        const loop_nest nest = nest_loops(views, 3);
        CHECK_EQ(nest.ndim, 1);
        CHECK_EQ(nest.shape[0], step / 8);
    }
}

TEST("broadcasts_to: NumPy's rule") {
    const auto shape_of = [](std::initializer_list<bytestride::index> shape) {
        view v{};
        v.ndim = static_cast<int>(shape.size());
        std::copy(shape.begin(), shape.end(), v.shape);
        return v;
    };
    const view target = shape_of({4, 1, 3});
    CHECK(broadcasts_to(shape_of({}), target));
    CHECK(broadcasts_to(shape_of({3}), target));
    CHECK(broadcasts_to(shape_of({1}), target));
    CHECK(broadcasts_to(shape_of({1, 3}), target));
    CHECK(broadcasts_to(shape_of({4, 1, 1}), target));
    CHECK(!broadcasts_to(shape_of({4}), target));
    CHECK(!broadcasts_to(shape_of({2, 3}), target));
    CHECK(!broadcasts_to(shape_of({1, 4, 1, 3}), target));
    CHECK(!broadcasts_to(shape_of({0}), target));
    CHECK(broadcasts_to(shape_of({1}), shape_of({0})));
    CHECK(broadcasts_to(shape_of({0}), shape_of({0})));
    CHECK(!broadcasts_to(shape_of({2}), shape_of({0})));
    CHECK(!broadcasts_to(shape_of({3}), shape_of({1})));
}
