#include "kernels/search.hpp"

#include <limits>

#include "kernels/half.hpp"
#include "kernels/runs.hpp"
#include "kernels/search_index.hpp"
#include "kernels/search_table.hpp"
#include "kernels/search_top.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Values are taken in blocks that fit the first-level cache.
constexpr index block = 1024;

// ---- Insertion points -----------------------------------------------------------------------------------

// Every search asks how many elements are below a bound. `bounds` become what a value is inserted in front of; where that
// is none, because all elements, or all that are numbers, come first, `beyond` says so.
enum class place : std::uint8_t { below_bound, behind_numbers, behind_all };

bool make_bounds(double *bounds, index count, bool right, place *beyond) {
    bool special = false;
    if (!right) {
        for (index i = 0; i < count; ++i) special |= bounds[i] != bounds[i];
        if (special)
            for (index i = 0; i < count; ++i) beyond[i] = bounds[i] != bounds[i] ? place::behind_numbers : place::below_bound;
        return special;
    }
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (index i = 0; i < count; ++i) special |= !(bounds[i] < infinity);
    if (special)
        for (index i = 0; i < count; ++i)
            beyond[i] = bounds[i] != bounds[i] ? place::behind_all : bounds[i] == infinity ? place::behind_numbers : place::below_bound;
    for (index i = 0; i < count; ++i) {  // the next larger number
        const std::int64_t bits = bits_as<std::int64_t>(bounds[i] + 0.0);
        bounds[i] = bits_as<double>(bits + (bits >= 0 ? 1 : -1));
    }
    return special;
}

bool make_bounds(std::int64_t *bounds, index count, bool right, place *beyond) {
    if (!right) return false;
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    bool special = false;
    for (index i = 0; i < count; ++i) special |= bounds[i] == largest;
    if (special)
        for (index i = 0; i < count; ++i) beyond[i] = bounds[i] == largest ? place::behind_all : place::below_bound;
    for (index i = 0; i < count; ++i) bounds[i] += bounds[i] != largest;
    return special;
}

// How many of the elements [at, at + length) are below each bound, plus `at`, which is where each lane begins. `lanes` is a constant or a
// variable.
template <class Table, class Number, class Count> inline __attribute__((always_inline)) void
search_lanes(const Table &table, index length, bool first_step, const Number *bounds, index *at, Count lanes) {
    alignas(64) Number elements[group];
    for (; length > 0; first_step = false) {
        const index half = half_of(length, first_step);
        table.read(at, half - 1, elements, lanes);
        for (index i = 0; i < lanes; ++i) at[i] += elements[i] < bounds[i] ? half : 0;
        length -= half;
    }
}

template <class Table, class Number>
void search_from(const Table &table, index length, bool first_step, const Number *bounds, index *at, index lanes) {
    if (lanes == group)
        search_lanes(table, length, first_step, bounds, at, std::integral_constant<index, group>{});
    else
        search_lanes(table, length, first_step, bounds, at, lanes);
}

template <class Table, class Number>
void search_group(const Table &table, index first, index length, const Number *bounds, index *at, index lanes) {
    for (index i = 0; i < lanes; ++i) at[i] = first;
    search_from(table, length, true, bounds, at, lanes);
}

template <class Table, class Number> index search_one(const Table &table, index first, index length, Number bound) {
    index at;
    search_group(table, first, length, &bound, &at, 1);
    return at;
}

// What a group leaves for the next: where ascending bounds have come to.
template <class Number> struct progress_of_ascent {
    bool known = false;
    Number bound{};
    index at = 0;
};

template <class Number> bool ascending(const Number *bounds, index count) {
    int falls = 0;
    for (index i = 0; i + 1 < count; ++i) falls |= !(bounds[i] <= bounds[i + 1]);
    return !falls;
}

// A group of ascending bounds is searched between the places of its first and last one: a few steps, in near memory.
template <class Table, class Number>
void search_ascending(const Table &table, const Number *bounds, index *at, index count, progress_of_ascent<Number> &last) {
    const index n = table.length;
    index low = 0;
    if (last.known && bounds[0] >= last.bound)
        low = last.at;
    else
        low = search_one(table, 0, n, bounds[0]);
    const Number largest = bounds[count - 1];
    index step = count;
    while (step < n - low && table.at(low + step - 1) < largest) step = step > n / 2 ? n : 2 * step;
    const index length = step < n - low ? step : n - low;
    search_group(table, low, length, bounds, at, count);
    last = {true, largest, at[count - 1]};
}

template <class Table, class Number> void search_block(const Table &table, const search_index<Number> &tree, const search_top<Number> &top,
                                                       const Number *bounds, index *at, index count, progress_of_ascent<Number> &last) {
    for (index i = 0; i < count; i += group) {
        const index here = count - i < group ? count - i : group;
        if (here > 1 && table.length > group && ascending(bounds + i, here)) {
            search_ascending(table, bounds + i, at + i, here, last);
            continue;
        }
        last.known = false;
        if (tree.levels > 0) {
            search_by_index(table, tree, bounds + i, at + i, here);
        } else if (top.steps > 0) {
            start_group(top, bounds + i, at + i, here);
            search_from(table, top.length, false, bounds + i, at + i, here);
        } else {
            search_group(table, 0, table.length, bounds + i, at + i, here);
        }
    }
}

template <class Table> index count_numbers(const Table &table) {
    if constexpr (std::is_same_v<typename Table::Number, double>) {
        index first = 0, length = table.length;
        while (length > 0) {
            const index half = length / 2;
            if (table.at(first + half) <= std::numeric_limits<double>::infinity()) {
                first += half + 1;
                length -= half + 1;
            } else {
                length = half;
            }
        }
        return first;
    } else {
        return table.length;
    }
}

template <class Table, class Number> void mend_special(const Table &table, const place *beyond, index *at, index count, index &numbers) {
    for (index i = 0; i < count; ++i) {
        if (beyond[i] == place::below_bound) continue;
        if (beyond[i] == place::behind_numbers && numbers < 0) numbers = count_numbers(table);
        at[i] = beyond[i] == place::behind_all ? table.length : numbers;
    }
}

// ---- The article's walk -------------------------------------------------------------------------------------

// All lanes make as many steps as the longest walk has. One that has found its value stays there (low = high = middle);
// one whose interval is empty stays as it is, and looks at the first element meanwhile.
template <class Table, class Number, class Count>
inline __attribute__((always_inline)) void walk_lanes(const Table &table, const Number *values, index *at, Count lanes) {
    alignas(64) index low[group], high[group], middle[group];
    alignas(64) Number elements[group];
    for (index j = 0; j < lanes; ++j) {
        low[j] = 0;
        high[j] = table.length - 1;
    }
    for (index left = table.length; left > 0; left /= 2) {
        for (index j = 0; j < lanes; ++j) middle[j] = low[j] <= high[j] ? (low[j] + high[j]) >> 1 : 0;
        table.read(middle, 0, elements, lanes);
        for (index j = 0; j < lanes; ++j) {
            // What is not a number lies at the end of the table.
            const bool open = low[j] <= high[j], below = elements[j] < values[j], not_above = elements[j] <= values[j];
            const index next_low = below ? middle[j] + 1 : not_above ? middle[j] : low[j];
            const index next_high = not_above ? (below ? high[j] : middle[j]) : middle[j] - 1;
            low[j] = open ? next_low : low[j];
            high[j] = open ? next_high : high[j];
        }
    }
    for (index j = 0; j < lanes; ++j) middle[j] = low[j] <= high[j] ? low[j] : 0;
    if (table.length > 0) table.read(middle, 0, elements, lanes);
    for (index j = 0; j < lanes; ++j) at[j] = low[j] <= high[j] && elements[j] == values[j] ? low[j] : -1;
}

template <class Table, class Number> void walk(const Table &table, const Number *values, index *at, index count) {
    index i = 0;
    for (; i + group <= count; i += group) walk_lanes(table, values + i, at + i, std::integral_constant<index, group>{});
    if (i < count) walk_lanes(table, values + i, at + i, count - i);
}

// ---- Over all values ------------------------------------------------------------------------------------

// What a worker needs for a block.
template <class Number> struct block_room {
    alignas(64) char packed[block * 8];
    alignas(64) Number numbers[block];
    place beyond[block];
    alignas(64) index at[block];
};

template <class Table> class searcher {
    using Number = typename Table::Number;
    using room = block_room<Number>;

public:
    searcher(const search_task &task_, const Table &table_) : task(task_), table(table_) {
        if (task.v != dtype_of<Number>) convert = converter(task.v, dtype_of<Number>, cast_rule::wrap);
    }

    status run() const {
        const loop what = work();
        const scratch memory(workers_for(task.settings, what) * static_cast<index>(sizeof(room)));
        if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
        room *rooms = reinterpret_cast<room *>(memory.data());
        search_index<Number> tree;
        if (task.what == search_result::walk || !wants_index(*rooms)) return run_blocks(what, rooms, tree);
        const scratch nodes(index_bytes<Number>(table.length, leaf_of<Table>));
        if (nodes.failed()) return run_blocks(what, rooms, tree);
        const status built = build_index(task.settings, table, nodes.data(), tree);
        return built == BYTESTRIDE_OK ? run_blocks(what, rooms, tree) : built;
    }

private:
    loop work() const {
        double steps = 2;
        for (index left = table.length; left > 1; left /= 2) steps += 1;
        const double bytes = static_cast<double>(table.length) * static_cast<double>(task.a.itemsize);
        const double each = steps * (bytes < 1e6 ? 0.4 : bytes < 1e7 ? 0.8 : 2.0);
        return {(task.count + block - 1) / block, each * static_cast<double>(task.count < block ? task.count : block)};
    }

    status run_blocks(const loop &what, room *rooms, const search_index<Number> &tree) const {
        return parallel_for(task.settings, what, [&](index begin, index end, int worker) { run_chunk(begin, end, rooms[worker], tree); });
    }

    // The values of a block as the numbers that are compared, in r.numbers.
    void fetch(index begin, index count, room &r) const {
        char *const packed = r.packed;
        Number *const numbers = r.numbers;
        const index itemsize = itemsize_of(task.v);
        pack_run(task.nest, 1, itemsize, begin, count, convert ? packed : reinterpret_cast<char *>(numbers));
        if (convert) convert(packed, numbers, count);
        turn_top_bits(numbers, count, table.turn);
    }

    void run_chunk(index begin, index end, room &r, const search_index<Number> &tree) const {
        Number *const numbers = r.numbers;
        index *const at = r.at;
        progress_of_ascent<Number> last;
        search_top<Number> top;
        if (has_search_top && tree.levels == 0 && task.what != search_result::walk && task.count >= group) top = top_of(table);
        index numbers_in_table = -1;
        for (index b = begin; b < end; ++b) {
            const index first = b * block, count = task.count - first < block ? task.count - first : block;
            fetch(first, count, r);
            if (task.what == search_result::walk) {
                walk(table, numbers, at, count);
            } else {
                const bool special = make_bounds(numbers, count, task.what == search_result::rightmost, r.beyond);
                search_block(table, tree, top, numbers, at, count, last);
                if (special) mend_special<Table, Number>(table, r.beyond, at, count, numbers_in_table);
            }
            unpack_run(at, task.nest, 0, sizeof(index), first, count);
        }
    }

    // An index pays for tables well beyond the second-level cache and enough values, unless these come in ascending order.
    bool wants_index(room &r) const {
        constexpr index cached = index(4) << 20;
        if (table.length < cached / task.a.itemsize || task.count < table.length / 80 || task.count < group) return false;
        constexpr index samples = 8;
        for (index i = 0; i < samples; ++i) {
            fetch((task.count - group) / samples * i, group, r);
            if (!ascending(r.numbers, group)) return true;
        }
        return false;
    }

    const search_task &task;
    const Table &table;
    convert_function convert = nullptr;
};

template <class Table> status search_table(const search_task &task, const Table &table) { return searcher<Table>(task, table).run(); }

template <class Number> status search_any(const search_task &task, std::uint64_t turn) {
    return search_table(task, any_table<Number>(task.a, task.sorter.data ? &task.sorter : nullptr, turn));
}

template <class Stored, class Number> status search_of(const search_task &task, bool dense, std::uint64_t turn) {
    const view &a = task.a;
    if (dense) return search_table(task, dense_table<Stored, Number>{reinterpret_cast<const Stored *>(a.data), turn, a.shape[0]});
    return search_table(task, strided_table<Stored, Number>{a.data, a.strides[0], turn, a.shape[0]});
}

template <class Stored> status search_strided(const search_task &task, std::uint64_t turn) {
    return search_table(task, strided_table<Stored, std::int64_t>{task.a.data, task.a.strides[0], turn, task.a.shape[0]});
}

status search_each(const search_task &task) {
    const view &a = task.a;
    const std::uint64_t turn = task.compared == dtype::uint64 ? top_bit : 0;
    const bool aligned = reinterpret_cast<std::uintptr_t>(a.data) % static_cast<std::uintptr_t>(alignment_of(a.type)) == 0;
    const bool dense = aligned && (a.shape[0] <= 1 || a.strides[0] == a.itemsize);
    const bool sorted_by_other = task.sorter.data;
    if (is_floating(task.compared)) {
        if (!sorted_by_other && a.type == dtype::float64) return search_of<double, double>(task, dense, 0);
        if (!sorted_by_other && a.type == dtype::float32) return search_of<float, double>(task, dense, 0);
        return search_any<double>(task, 0);
    }
    if (!sorted_by_other && a.itemsize == 8) return search_of<std::int64_t, std::int64_t>(task, dense, turn);
    if (!sorted_by_other && a.type == dtype::int32) return search_of<std::int32_t, std::int64_t>(task, dense, turn);
    if (!sorted_by_other && a.type == dtype::uint32) return search_of<std::uint32_t, std::int64_t>(task, dense, turn);
    if (!sorted_by_other && a.type == dtype::int16) return search_strided<std::int16_t>(task, turn);
    if (!sorted_by_other && a.type == dtype::uint16) return search_strided<std::uint16_t>(task, turn);
    if (!sorted_by_other && a.type == dtype::int8) return search_strided<std::int8_t>(task, turn);
    if (!sorted_by_other && a.type == dtype::uint8) return search_strided<std::uint8_t>(task, turn);
    return search_any<std::int64_t>(task, turn);
}

// ---- Values of which there are few -----------------------------------------------------------------------

template <class Value> status look_up_blocks(const search_task &task, const index *places) {
    const auto body = [&](index begin, index end, int) {
        alignas(64) Value values[block] = {};
        alignas(64) index at[block];
        for (index first = begin * block; first < end * block && first < task.count; first += block) {
            const index count = task.count - first < block ? task.count - first : block;
            pack_run(task.nest, 1, index(sizeof(Value)), first, count, reinterpret_cast<char *>(values));
            for (index i = 0; i < count; ++i) at[i] = places[values[i]];
            unpack_run(at, task.nest, 0, sizeof(index), first, count);
        }
    };
    return parallel_for(task.settings, {(task.count + block - 1) / block, 1.5 * static_cast<double>(block)}, body);
}

// Every value that the dtype has is searched once, and those that are given look up their places.
template <class Value> status look_up(const search_task &task) {
    constexpr index possible = index(std::numeric_limits<Value>::max()) + 1, size = sizeof(Value);
    const scratch memory(possible * (index(sizeof(index)) + size));
    if (memory.failed()) return search_each(task);
    index *const places = reinterpret_cast<index *>(memory.data());
    Value *const values = reinterpret_cast<Value *>(places + possible);
    for (index i = 0; i < possible; ++i) values[i] = static_cast<Value>(i);
    search_task every = task;
    every.settings.progress = nullptr;
    every.count = possible;
    every.nest = {2, 1, {possible}, {{sizeof(index)}, {size}}, {memory.data(), reinterpret_cast<char *>(values)}};
    const status outcome = search_each(every);
    return outcome == BYTESTRIDE_OK ? look_up_blocks<Value>(task, places) : outcome;
}

}  // namespace

status search(const search_task &task) {
    // 2000 bytes in a table of 100 in 0.35 of the time, 10^6 in one of 10^6 in 0.06; as many of 16 bits in 0.06, 65536 halves in 0.8 to 0.5.
    const index size = itemsize_of(task.v);
    if (size == 1 && task.count >= 512) return look_up<std::uint8_t>(task);
    if (size == 2 && task.count >= 65536) return look_up<std::uint16_t>(task);
    return search_each(task);
}

status check_sorter(const sorter_task &task) {
    std::uint64_t largest = 0;
    int wrong = 0;
    for_dtype(task.sorter.type, [&](auto tag) {
        using Stored = typename decltype(tag)::type;
        if constexpr (std::is_integral_v<Stored>) largest = static_cast<std::uint64_t>(std::numeric_limits<Stored>::max());
    });
    const std::uint64_t limit = static_cast<std::uint64_t>(task.limit);
    if (largest < limit && kind_of(task.sorter.type) == kind::unsigned_integer) return BYTESTRIDE_OK;
    const auto body = [&](index begin, index end, int) {
        for_dtype(task.sorter.type, [&](auto tag) {
            using Stored = typename decltype(tag)::type;
            if constexpr (std::is_integral_v<Stored>) {
                const char *at = task.sorter.data + begin * task.sorter.strides[0];
                int bad = 0;
                // A negative number is a large unsigned one.
                for (index i = begin; i < end; ++i, at += task.sorter.strides[0])
                    bad |= static_cast<std::uint64_t>(static_cast<std::int64_t>(load<Stored>(at))) >= limit;
                if (bad) __atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
            }
        });
    };
    const status outcome = parallel_for(task.settings, {task.limit, 0.7}, body);
    return outcome == BYTESTRIDE_OK && wrong ? BYTESTRIDE_ERROR_OPTION : outcome;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
