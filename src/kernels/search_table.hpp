// The table of a search: its elements as the numbers that are compared.
//
// Integers are compared as int64 (what is cast to uint64 with its top bit turned, which keeps the order) and floats as
// float64, where every bool, int8 to int64, uint8 to uint64 and float16 to float64 is what NumPy's cast makes of it:
// two comparisons stand for all pairs of dtypes.
#pragma once
#include <type_traits>

#include "core/dtype.hpp"
#include "kernels/convert.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr std::uint64_t top_bit = std::uint64_t(1) << 63;

// Values are searched in groups: the loads of a group do not wait for one another, and no comparison is a branch.
constexpr index group = 64;

template <class Number> constexpr dtype dtype_of = std::is_same_v<Number, double> ? dtype::float64 : dtype::int64;

// Numbers whose dtype NumPy would make uint64, as int64 in the same order; `turn` is then the top bit, else 0.
template <class Number> inline void turn_top_bits(Number *numbers, index count, std::uint64_t turn) {
    if constexpr (std::is_same_v<Number, std::int64_t>)
        if (turn)
            for (index i = 0; i < count; ++i) numbers[i] = static_cast<Number>(static_cast<std::uint64_t>(numbers[i]) ^ turn);
}

// Elements one after the other, aligned, of the dtypes that most tables have.
template <class Stored, class Number_> struct dense_table {
    using Number = Number_;
    static constexpr bool dense = true, direct = true;
    static constexpr index least_itemsize = sizeof(Stored);
    const Stored *data;
    std::uint64_t turn;
    index length;

    Number at(index i) const {
        if constexpr (std::is_same_v<Number, double>)
            return static_cast<double>(data[i]);
        else
            return static_cast<Number>(static_cast<std::uint64_t>(data[i]) ^ turn);
    }
    // to[i] = the element at[i] + offset, for up to `group` of them.
    template <class Count> __attribute__((always_inline)) void read(const index *at_, index offset, Number *to, Count count) const {
        const Stored *shifted = data + offset;
        if constexpr (std::is_same_v<Number, double>)
            for (index i = 0; i < count; ++i) to[i] = static_cast<double>(shifted[at_[i]]);
        else
            for (index i = 0; i < count; ++i) to[i] = static_cast<Number>(static_cast<std::uint64_t>(shifted[at_[i]]) ^ turn);
    }
    const void *address(index i) const { return data + i; }
};

// Elements of these dtypes at any address and distance. Their loads stand in the search like those of a dense table: of 10^6
// float64 at twice their distance, 0.45 of the time of any_table, which copies a group first.
template <class Stored, class Number_> struct strided_table {
    using Number = Number_;
    static constexpr bool dense = false, direct = true;
    static constexpr index least_itemsize = sizeof(Stored);
    const char *data;
    index stride;
    std::uint64_t turn;
    index length;

    Number at(index i) const { return number(load<Stored>(data + i * stride)); }
    template <class Count> __attribute__((always_inline)) void read(const index *at_, index offset, Number *to, Count count) const {
        const char *shifted = data + offset * stride;
        for (index i = 0; i < count; ++i) to[i] = number(load<Stored>(shifted + at_[i] * stride));
    }
    const void *address(index i) const { return data + i * stride; }

private:
    __attribute__((always_inline)) Number number(Stored element) const {
        if constexpr (std::is_same_v<Number, double>)
            return static_cast<double>(element);
        else
            return static_cast<Number>(static_cast<std::uint64_t>(element) ^ turn);
    }
};

// Any dtype, stride, address, and the order that a checked sorter gives: elements are copied by their size, and a group
// of copies is converted at once.
template <class Number_> struct any_table {
    using Number = Number_;
    static constexpr bool dense = false, direct = false;
    static constexpr index least_itemsize = 1;
    const view *a, *sorter;    // the sorter may be null
    convert_function convert;  // null: the elements are such numbers
    std::uint64_t turn;
    index length;

    any_table(const view &a_, const view *sorter_, std::uint64_t turn_)
        : a(&a_), sorter(sorter_), convert(a_.type == dtype_of<Number> ? nullptr : converter(a_.type, dtype_of<Number>, cast_rule::wrap)),
          turn(turn_), length(a_.shape[0]) {}

    Number at(index i) const {
        Number number;
        read(&i, 0, &number, 1);
        return number;
    }
    template <class Count> void read(const index *at_, index offset, Number *to, Count count) const {
        read_group(at_, offset, to, static_cast<index>(count));
    }
    const void *address(index i) const { return sorter ? sorter->data + i * sorter->strides[0] : a->data + i * a->strides[0]; }

private:
    void read_group(const index *at_, index offset, Number *to, index count) const {
        index places[group];
        for (index i = 0; i < count; ++i) places[i] = at_[i] + offset;
        if (sorter) follow_sorter(places, count);
        alignas(8) char raw[group * 8];
        char *packed = convert ? raw : reinterpret_cast<char *>(to);
        switch (a->itemsize) {
        case 1: copy_items<std::uint8_t>(places, packed, count); break;
        case 2: copy_items<std::uint16_t>(places, packed, count); break;
        case 4: copy_items<std::uint32_t>(places, packed, count); break;
        default: copy_items<std::uint64_t>(places, packed, count); break;
        }
        if (convert) convert(raw, to, count);
        turn_top_bits(to, count, turn);
    }
    template <class Item> void copy_items(const index *places, char *packed, index count) const {
        const index stride = a->strides[0];
        for (index i = 0; i < count; ++i) store(packed + i * static_cast<index>(sizeof(Item)), load<Item>(a->data + places[i] * stride));
    }
    // No index of a checked sorter is negative, so the sign of its dtype does not matter.
    void follow_sorter(index *places, index count) const {
        switch (sorter->itemsize) {
        case 1: return follow<std::uint8_t>(places, count);
        case 2: return follow<std::uint16_t>(places, count);
        case 4: return follow<std::uint32_t>(places, count);
        default: return follow<index>(places, count);
        }
    }
    template <class Item> void follow(index *places, index count) const {
        for (index i = 0; i < count; ++i) places[i] = static_cast<index>(load<Item>(sorter->data + places[i] * sorter->strides[0]));
    }
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
