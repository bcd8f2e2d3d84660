// Searches in sorted tables against the plain definition; in tables of any order, that the answer is an index.
#include <algorithm>

#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

bool before(long double a, long double b) { return a < b || (b != b && a == a); }

// The elements of a table in the order that a sorter gives.
std::vector<long double> elements_of(const array &a) {
    std::vector<long double> numbers;
    for (std::int64_t i = 0; i < a.elements(); ++i) numbers.push_back(a.number_at(i).real);
    return numbers;
}

std::int64_t walk(const std::vector<long double> &table, long double value) {
    std::int64_t low = 0, high = static_cast<std::int64_t>(table.size()) - 1;
    while (low <= high && value == value) {
        const std::int64_t middle = (low + high) / 2;
        const long double element = table[static_cast<std::size_t>(middle)];
        if (element == value) return middle;
        if (before(element, value))
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

bool refused(std::int32_t code) { return reference::is_complex(code); }
// Whether NumPy's result type holds both exactly: else they are rounded before they are compared.
bool exact(std::int32_t a, std::int32_t v) {
    const auto wide = [](std::int32_t code) { return code == BYTESTRIDE_INT64 || code == BYTESTRIDE_UINT64; };
    return !reference::is_inexact(reference::result_type(a, v)) || (!wide(a) && !wide(v));
}

}  // namespace

void search(random_numbers &dice) {
    trial t(dice);
    const std::int32_t code = dice.one_in(20) ? t.any_dtype() : t.real_dtype(), sought = dice.one_in(2) ? code : t.real_dtype();
    const std::int64_t n = dice.one_in(4) ? dice.between(0, 900) : dice.between(0, 40);
    operand &a = t.input(code, {n}), &v = t.input(sought, t.shape(0, 3, 60)), &out = t.output(BYTESTRIDE_INT64, v.memory.shape);
    fill(dice, a.memory, dice.one_in(2));
    fill(dice, v.memory, dice.one_in(2));
    // Values that are there.
    for (std::int64_t i = 0; i < v.memory.elements() && code == sought && n > 0; ++i)
        if (dice.one_in(2))
            std::memcpy(v.memory.at(i), a.memory.at(dice.between(0, n - 1)), static_cast<std::size_t>(reference::size_of(code)));
    fill(dice, out.memory);

    const bool sorted = !dice.one_in(4);
    std::vector<long double> table = elements_of(a.memory);
    if (sorted) {
        std::vector<std::vector<unsigned char>> elements;
        std::vector<std::size_t> order;
        for (std::int64_t i = 0; i < n; ++i) {
            elements.emplace_back(a.memory.at(i), a.memory.at(i) + reference::size_of(code));
            order.push_back(static_cast<std::size_t>(i));
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return before(table[i], table[j]); });
        for (std::size_t i = 0; i < order.size(); ++i)
            std::copy(elements[order[i]].begin(), elements[order[i]].end(), a.memory.at(static_cast<std::int64_t>(i)));
        table = elements_of(a.memory);
    }
    t.some_result = !sorted;
    bytestride_searchsorted_options options{};
    options.side = static_cast<std::int32_t>(dice.between(0, dice.one_in(20) ? 4 : 2));
    bool in_range = true;
    if (dice.one_in(4)) {
        // Backwards, or with an index that is none.
        operand &sorter = t.input(dice.one_of({BYTESTRIDE_INT64, BYTESTRIDE_INT32, BYTESTRIDE_UINT16, BYTESTRIDE_UINT64}), {n});
        for (std::int64_t i = 0; i < n; ++i) {
            const std::int64_t index = dice.one_in(400) ? dice.one_of<std::int64_t>({-1, n, 1 << 20}) : n - 1 - i;
            reference::encode(sorter.memory.dtype, reference::of_integer(index), sorter.memory.at(i));
            const __int128 held = sorter.memory.number_at(i).integer;
            in_range = in_range && held >= 0 && held < n;
        }
        options.sorter = sorter.optional();
        t.some_result = true;
    }
    const bool walks = !options.sorter && dice.one_in(2);
    const std::int32_t status = t.run(options, [&] {
        return walks ? bytestride_binary_search(a.given(), v.given(), out.given(), reinterpret_cast<const bytestride_options *>(&options))
                     : bytestride_searchsorted(a.given(), v.given(), out.given(), &options);
    });
    if (status == BYTESTRIDE_ERROR_CANCELLED) return;
    if (!walks) CHECK_EQ(status != BYTESTRIDE_OK, refused(code) || options.side > BYTESTRIDE_SIDE_RIGHT || !in_range);
    if (status != BYTESTRIDE_OK) return;
    int wrong = 0;
    const bool comparable = sorted && !options.sorter && exact(code, sought);
    for (std::int64_t i = 0; i < v.memory.elements(); ++i) {
        const long double value = v.memory.number_at(i).real;
        const std::int64_t got = static_cast<std::int64_t>(out.memory.number_at(i).integer);
        wrong += got < (walks ? -1 : 0) || got > n - walks;
        if (!comparable) continue;
        const auto place = options.side == BYTESTRIDE_SIDE_RIGHT ? std::upper_bound(table.begin(), table.end(), value, before)
                                                                 : std::lower_bound(table.begin(), table.end(), value, before);
        wrong += got != (walks ? walk(table, value) : place - table.begin());
    }
    CHECK_EQ(wrong, 0);
}

}  // namespace fuzz
