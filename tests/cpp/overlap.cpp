// Overlap of views, against sets of the bytes that they touch.
#include "core/overlap.hpp"

#include <set>
#include <vector>

#include "test.hpp"

using namespace bytestride;

namespace {

char memory[1 << 20];

// The address of every element.
std::vector<const char *> elements(const view &v) {
    std::vector<const char *> found{v.data};
    for (int i = 0; i < v.ndim; ++i) {
        std::vector<const char *> next;
        for (const char *base : found)
            for (bytestride::index k = 0; k < v.shape[i]; ++k) next.push_back(base + k * v.strides[i]);
        found.swap(next);
    }
    return found;
}

bool brute_overlaps_itself(const view &v) {
    std::set<const char *> seen;
    for (const char *element : elements(v))
        for (bytestride::index k = 0; k < v.itemsize; ++k)
            if (!seen.insert(element + k).second) return true;
    return false;
}

bool brute_share_bytes(const view &a, const view &b) {
    std::set<const char *> seen;
    for (const char *element : elements(a))
        for (bytestride::index k = 0; k < a.itemsize; ++k) seen.insert(element + k);
    for (const char *element : elements(b))
        for (bytestride::index k = 0; k < b.itemsize; ++k)
            if (seen.count(element + k)) return true;
    return false;
}

view random_view(test::random_numbers &dice, int most_ndim, bytestride::index most_extent, bytestride::index most_stride) {
    view v{};
    v.itemsize = dice.one_of<bytestride::index>({1, 2, 4, 8, 16});
    v.type = v.itemsize == 1   ? dtype::int8
             : v.itemsize == 2 ? dtype::int16
             : v.itemsize == 4 ? dtype::int32
             : v.itemsize == 8 ? dtype::int64
                               : dtype::complex128;
    v.ndim = static_cast<int>(dice.between(0, most_ndim));
    v.data = memory + sizeof memory / 2 + dice.between(-40, 40);
    for (int i = 0; i < v.ndim; ++i) {
        v.shape[i] = dice.one_in(30) ? 0 : dice.between(1, most_extent);
        v.strides[i] = v.shape[i] <= 1  ? 0
                       : dice.one_in(3) ? v.itemsize * dice.between(-most_stride, most_stride)
                                        : dice.between(-most_stride, most_stride);
    }
    return v;
}

std::string shown(const view &v) {
    std::string text = "item " + std::to_string(v.itemsize) + " at " + std::to_string(v.data - memory) + ":";
    for (int i = 0; i < v.ndim; ++i) text += " " + std::to_string(v.shape[i]) + "*" + std::to_string(v.strides[i]);
    return text;
}

}  // namespace

TEST("overlaps_itself is exact on small views") {
    test::random_numbers dice;
    int yes = 0, no = 0;
    for (int round = 0; round < 30000; ++round) {
        const view v = random_view(dice, 4, 5, 40);
        test::about("%s", shown(v).c_str());
        const bool expected = brute_overlaps_itself(v);
        ++(expected ? yes : no);
        CHECK_EQ(overlaps_itself(v), expected);
    }
    CHECK(yes > 1000 && no > 1000);
}

TEST("share_bytes is exact on small views") {
    test::random_numbers dice;
    int yes = 0, no = 0;
    for (int round = 0; round < 30000; ++round) {
        const view a = random_view(dice, 3, 5, 30), b = random_view(dice, 3, 5, 30);
        test::about("%s and %s", shown(a).c_str(), shown(b).c_str());
        const bool expected = brute_share_bytes(a, b);
        ++(expected ? yes : no);
        CHECK_EQ(share_bytes(a, b), expected);
        CHECK_EQ(share_bytes(b, a), expected);
    }
    CHECK(yes > 1000 && no > 1000);
}

// Slices of one array are the case that users have: any answer but the exact one would refuse good calls.
TEST("slices of one array: never refused, never missed") {
    test::random_numbers dice;
    for (int round = 0; round < 20000; ++round) {
        const bytestride::index itemsize = dice.one_of<bytestride::index>({1, 2, 4, 8}),
                                shape[3] = {dice.between(1, 6), dice.between(1, 9), dice.between(1, 12)};
        const auto slice = [&] {
            view v{};
            v.itemsize = itemsize;
            v.ndim = 3;
            v.data = memory;
            bytestride::index step = itemsize;
            for (int i = 2; i >= 0; --i) {
                const bytestride::index start = dice.between(0, shape[i] - 1), by = dice.between(1, 4) * (dice.one_in(2) ? 1 : -1);
                v.data += start * step;
                v.shape[i] = by > 0 ? (shape[i] - start + by - 1) / by : start / -by + 1;
                v.strides[i] = v.shape[i] > 1 ? by * step : 0;
                step *= shape[i];
            }
            return v;
        };
        const view a = slice(), b = slice();
        test::about("%s and %s", shown(a).c_str(), shown(b).c_str());
        CHECK(!overlaps_itself(a));
        CHECK_EQ(share_bytes(a, b), brute_share_bytes(a, b));
    }
}

TEST("large views: halves, interleaved channels, record fields, rows of a matrix") {
    const auto view_of = [](char *data, bytestride::index itemsize, std::initializer_list<bytestride::index> shape,
                            std::initializer_list<bytestride::index> strides) {
        view v{};
        v.data = data;
        v.itemsize = itemsize;
        v.ndim = static_cast<int>(shape.size());
        std::copy(shape.begin(), shape.end(), v.shape);
        std::copy(strides.begin(), strides.end(), v.strides);
        return v;
    };
    char *const base = reinterpret_cast<char *>(std::uintptr_t(1) << 32);  // never read
    constexpr bytestride::index n = 4000;
    const view red = view_of(base, 1, {n, n}, {3 * n, 3}), green = view_of(base + 1, 1, {n, n}, {3 * n, 3});
    CHECK(!share_bytes(red, green));
    CHECK(share_bytes(red, red));
    CHECK(!share_bytes(view_of(base, 4, {n}, {12}), view_of(base + 4, 8, {n}, {12})));
    CHECK(share_bytes(view_of(base, 4, {n}, {12}), view_of(base + 3, 8, {n}, {12})));
    CHECK(!share_bytes(view_of(base, 8, {n, n / 2}, {8 * n, 8}), view_of(base + 4 * n, 8, {n, n / 2}, {8 * n, 8})));
    CHECK(share_bytes(view_of(base, 8, {n, n / 2 + 1}, {8 * n, 8}), view_of(base + 4 * n, 8, {n, n / 2}, {8 * n, 8})));
    CHECK(!share_bytes(view_of(base, 8, {n, n}, {8 * n, 8}), view_of(base + 8 * n * n, 8, {n, n}, {8 * n, 8})));
    CHECK(share_bytes(view_of(base, 8, {n, n}, {8 * n, 8}), view_of(base + 8 * n * n - 1, 8, {n, n}, {8 * n, 8})));
    // Reversed, and the other half of a reversed one.
    CHECK(share_bytes(view_of(base, 8, {n}, {8}), view_of(base + 8 * (n - 1), 8, {n}, {-8})));
    CHECK(!share_bytes(view_of(base, 8, {n}, {8}), view_of(base + 8 * (2 * n - 1), 8, {n}, {-8})));
    CHECK(!overlaps_itself(view_of(base, 8, {8, n, n}, {8 * n * n, 8, 8 * n})));
    CHECK(overlaps_itself(view_of(base, 8, {n, n}, {8, 8})));
    CHECK(overlaps_itself(view_of(base, 8, {n, n}, {8 * (n - 1), 8})));
    CHECK(overlaps_itself(view_of(base, 8, {2}, {0})));
    CHECK(overlaps_itself(view_of(base, 8, {2}, {7})));
    CHECK(!overlaps_itself(view_of(base, 8, {2, 0}, {0, 8})));
}

TEST("same_view: address, dtype, shape and strides") {
    test::random_numbers dice;
    for (int round = 0; round < 1000; ++round) {
        const view v = random_view(dice, 4, 5, 40);
        view other = v;
        CHECK(same_view(v, other));
        other.data += 1;
        CHECK(!same_view(v, other));
        other = v;
        other.type = v.type == dtype::int32 ? dtype::float32 : dtype::float16;
        CHECK(!same_view(v, other));
        other = v;
        if (v.ndim == 0) continue;
        other.strides[v.ndim - 1] += 1;
        CHECK(!same_view(v, other));
        other = v;
        other.shape[0] += 1;
        CHECK(!same_view(v, other));
        other = v;
        other.ndim -= 1;
        CHECK(!same_view(v, other));
    }
}

TEST("bytes_of spans every element") {
    test::random_numbers dice;
    for (int round = 0; round < 5000; ++round) {
        const view v = random_view(dice, 4, 5, 40);
        const byte_range range = bytes_of(v);
        const auto all = elements(v);
        if (all.empty()) {
            CHECK(range.low == range.high);
            continue;
        }
        std::uintptr_t low = UINTPTR_MAX, high = 0;
        for (const char *element : all) {
            const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(element);
            low = address < low ? address : low;
            high = address + static_cast<std::uintptr_t>(v.itemsize) > high ? address + static_cast<std::uintptr_t>(v.itemsize) : high;
        }
        CHECK(range.low == low && range.high == high);
    }
}
