// Arrays in guarded memory, in every layout that a caller can have, filled with numbers that find mistakes.
#pragma once
#include <vector>

#include "guarded.hpp"
#include "reference.hpp"
#include "test.hpp"

namespace test {

enum class layout {
    c_order,
    fortran,
    reversed,  // C order with every stride negative
    gaps,      // elements and rows apart from one another
    record,    // a field of a packed record: a stride that is no multiple of the itemsize
    any        // dimensions in any order, signs and gaps by chance
};
constexpr layout layouts[] = {layout::c_order, layout::fortran, layout::reversed, layout::gaps, layout::record, layout::any};
constexpr const char *layout_names[] = {"c_order", "fortran", "reversed", "gaps", "record", "any"};

using extents = std::vector<std::int64_t>;

inline std::int64_t count_of(const extents &shape) {
    std::int64_t count = 1;
    for (std::int64_t extent : shape) count *= extent;
    return count;
}

inline std::string shown(const extents &shape) {
    std::string text = "(";
    for (std::int64_t extent : shape) text += std::to_string(extent) + ",";
    return text + ")";
}

// Byte strides of a layout; no two elements share a byte.
inline extents strides_of(random_numbers &dice, layout how, const extents &shape, std::int64_t itemsize) {
    const int ndim = static_cast<int>(shape.size());
    std::vector<int> order(shape.size());  // innermost first
    for (int i = 0; i < ndim; ++i) order[static_cast<std::size_t>(i)] = how == layout::fortran ? i : ndim - 1 - i;
    if (how == layout::any)
        for (int i = ndim - 1; i > 0; --i)
            std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(dice.between(0, i))]);
    extents strides(shape.size());
    std::int64_t step = itemsize;
    for (int k = 0; k < ndim; ++k) {
        const std::size_t axis = static_cast<std::size_t>(order[static_cast<std::size_t>(k)]);
        bool flipped = how == layout::reversed;
        if (how == layout::gaps) step += itemsize * dice.between(k == 0, 3);
        if (how == layout::record && k == 0) step += dice.between(1, 9);
        if (how == layout::any) {
            flipped = dice.one_in(2);
            if (dice.one_in(3)) step += itemsize * dice.between(1, 4);
            if (dice.one_in(6)) step += dice.between(1, 7);
        }
        strides[axis] = flipped ? -step : step;
        if (shape[axis] > 1) step *= shape[axis];
    }
    return strides;
}

class array {
public:
    array(std::int32_t code, const extents &shape_, const extents &strides_, edge side, std::int64_t gap = 0)
        : dtype(code), shape(shape_), strides(strides_), memory(span(), side, gap) {}

    std::int64_t elements() const { return count_of(shape); }
    unsigned char *first() const { return memory.data() + before(); }

    // The descriptor. What must be ignored holds numbers that would be noticed.
    bytestride_array described(bool writeable) const {
        bytestride_array a;
        std::memset(&a, 0x55, sizeof a);
        a.size = sizeof a;
        a.dtype = dtype;
        a.ndim = static_cast<std::int32_t>(shape.size());
        a.flags = writeable ? BYTESTRIDE_WRITEABLE : 0;
        a.data = first();
        for (std::size_t i = 0; i < shape.size(); ++i) {
            a.shape[i] = shape[i];
            a.strides[i] = shape[i] > 1 ? strides[i] : 0x5555555555555555;
        }
        return a;
    }

    // The address of an element by its place in C order.
    unsigned char *at(std::int64_t place) const {
        unsigned char *address = first();
        for (std::size_t i = shape.size(); i-- > 0;) {
            address += place % shape[i] * (shape[i] > 1 ? strides[i] : 0);
            place /= shape[i];
        }
        return address;
    }
    // The element that is broadcast to a place of a larger shape.
    unsigned char *at_broadcast(std::int64_t place, const extents &to) const {
        unsigned char *address = first();
        for (std::size_t i = to.size(); i-- > 0;) {
            const std::int64_t index = place % to[i];
            place /= to[i];
            if (i + shape.size() < to.size()) continue;
            const std::size_t axis = i + shape.size() - to.size();
            if (shape[axis] > 1) address += index * strides[axis];
        }
        return address;
    }
    reference::number number_at(std::int64_t place) const { return reference::decode(dtype, at(place)); }

    std::vector<unsigned char> bytes() const { return {memory.data(), memory.data() + memory.size()}; }

    // Every byte beside the elements is as it was before, on the page and between the elements.
    bool untouched_beside_elements(const std::vector<unsigned char> &before_call) const {
        if (!memory.intact()) return false;
        std::vector<unsigned char> expected = before_call;
        for (std::int64_t i = 0; i < elements(); ++i) {
            const unsigned char *element = at(i);
            std::memcpy(expected.data() + (element - memory.data()), element, static_cast<std::size_t>(reference::size_of(dtype)));
        }
        return expected == bytes();
    }
    bool untouched(const std::vector<unsigned char> &before_call) const { return memory.intact() && before_call == bytes(); }

    std::int32_t dtype;
    extents shape, strides;
    guarded memory;

private:
    std::int64_t before() const {
        std::int64_t low = 0;
        for (std::size_t i = 0; i < shape.size(); ++i)
            if (shape[i] > 1 && strides[i] < 0) low -= strides[i] * (shape[i] - 1);
        return count_of(shape) ? low : 0;
    }
    std::int64_t span() const {
        if (count_of(shape) == 0) return 0;
        std::int64_t bytes = reference::size_of(dtype);
        for (std::size_t i = 0; i < shape.size(); ++i)
            if (shape[i] > 1) bytes += std::abs(strides[i]) * (shape[i] - 1);
        return bytes;
    }
};

// ---- Values -------------------------------------------------------------------------------------------------

// `tame` values keep quotients and products away from overflow and from cancellation to nothing.
inline void fill_element(random_numbers &dice, std::int32_t code, unsigned char *bytes, bool tame) {
    using namespace reference;
    const auto real = [&](std::int32_t part, unsigned char *to) {
        if (tame || dice.one_in(3)) return encode(part, of_real(static_cast<long double>(dice.between(-2000, 2000)) / 16), to);
        if (dice.one_in(2)) {
            const std::uint64_t bits = dice.bits();
            return std::memcpy(to, &bits, static_cast<std::size_t>(size_of(part))), void();
        }
        const long double special[] = {0,
                                       -0.0L,
                                       1,
                                       -1,
                                       0.5L,
                                       1.5L,
                                       2.5L,
                                       127.5L,
                                       255.5L,
                                       65504,
                                       65519,
                                       65520,
                                       0x1p-14L,
                                       0x1p-24L,
                                       0x1p-25L,
                                       0x1.8p-25L,
                                       0x1p31L,
                                       -0x1p31L,
                                       0x1p32L,
                                       0x1p63L,
                                       0x1p64L,
                                       -0x1p63L,
                                       3e9L,
                                       1e19L,
                                       1e30L,
                                       0x1p-149L,
                                       0x1p-1074L,
                                       3.402823466e38L,
                                       1e300L,
                                       std::numeric_limits<long double>::infinity(),
                                       -std::numeric_limits<long double>::infinity(),
                                       std::numeric_limits<long double>::quiet_NaN()};
        encode(part, of_real(special[dice.between(0, sizeof special / sizeof *special - 1)]), to);
    };
    switch (type_of(code)) {
    case type_float: return real(code, bytes);
    case type_complex: {
        const std::int32_t part = code == BYTESTRIDE_COMPLEX64 ? BYTESTRIDE_FLOAT32 : BYTESTRIDE_FLOAT64;
        real(part, bytes);
        return real(part, bytes + size_of(part));
    }
    case type_bool: *bytes = dice.one_of<unsigned char>({0, 0, 1, 1, 2, 0x80, 0xff}); return;
    default: break;
    }
    if (dice.one_in(4))
        return encode(code, of_integer(dice.one_of<__int128>({0, 1, -1, lowest(code), highest(code), highest(code) - 1, 255, 65535})),
                      bytes);
    const std::uint64_t number = dice.one_in(2) ? dice.bits() : dice.bits() >> 57;
    std::memcpy(bytes, &number, static_cast<std::size_t>(size_of(code)));
}

inline void fill(random_numbers &dice, const array &a, bool tame = false) {
    for (std::int64_t i = 0; i < a.elements(); ++i) fill_element(dice, a.dtype, a.at(i), tame);
}

// A shape of `ndim` dimensions and about so many elements; extents of 1 and 0 come up too.
inline extents random_shape(random_numbers &dice, int ndim, std::int64_t elements) {
    extents shape(static_cast<std::size_t>(ndim));
    std::int64_t left = elements;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        std::int64_t most = i + 1 == shape.size() ? left
                                                  : static_cast<std::int64_t>(std::pow(static_cast<double>(left), dice.unit_interval()));
        if (most < 1) most = 1;
        shape[i] = i + 1 == shape.size() ? most : dice.between(1, most);
        left /= shape[i];
    }
    for (std::size_t i = shape.size(); i-- > 1;)
        std::swap(shape[i], shape[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(i)))]);
    if (ndim > 0 && dice.one_in(40)) shape[static_cast<std::size_t>(dice.between(0, ndim - 1))] = 0;
    return shape;
}

}  // namespace test
