// Typed views: how an own kernel reads and writes the elements of a checked array.
#pragma once
#include <complex>
#include <type_traits>

#include "view.hpp"

// Each library of own kernels has its own copy of everything here, however the libraries are loaded.
#pragma GCC visibility push(hidden)
namespace bytestride {
namespace kernel {

// IEEE 754 binary16 as it lies in memory; reading gives a float, writing rounds to nearest, ties to even.
class float16 {
public:
    float16() = default;
    float16(float value) : bits(rounded(value)) {}
    operator float() const {
        const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16, rest = bits & 0x7fffu;
        // Shifted into place the exponent is too small by 112; a product mends it, for subnormals too.
        const float magnitude = rest >= 0x7c00u ? float_of(0x7f800000u | rest << 13) : float_of(rest << 13) * 0x1p112f;
        return float_of(bits_of(magnitude) | sign);
    }

private:
    static float float_of(std::uint32_t from) {
        float value;
        __builtin_memcpy(&value, &from, sizeof value);
        return value;
    }
    static std::uint32_t bits_of(float from) {
        std::uint32_t value;
        __builtin_memcpy(&value, &from, sizeof value);
        return value;
    }
    static std::uint16_t rounded(float value) {
        const std::uint32_t all = bits_of(value), sign = all & 0x80000000u, rest = all ^ sign;
        std::uint32_t half;
        if (rest >= 0x47800000u)  // 65536 and more, infinity, NaN (kept quiet)
            half = rest > 0x7f800000u ? 0x7e00u | (rest >> 13 & 0x3ffu) : 0x7c00u;
        else if (rest < 0x38800000u)  // subnormal: adding 0.5 lets the addition round at the last bit of a half
            half = bits_of(float_of(rest) + 0.5f) - 0x3f000000u;
        else  // the exponent gets another bias, and a carry may run into it
            half = (rest - 0x38000000u + 0xfffu + (rest >> 13 & 1u)) >> 13;
        return static_cast<std::uint16_t>(half | sign >> 16);
    }
    std::uint16_t bits;
};

// The dtype of a C++ type; a type without one is an error of the compiler.
template <class T, class = void> struct dtype_of;
template <dtype Type> using dtype_constant = std::integral_constant<dtype, Type>;
template <> struct dtype_of<bool> : dtype_constant<dtype::boolean> {};
template <> struct dtype_of<float16> : dtype_constant<dtype::float16> {};
template <> struct dtype_of<float> : dtype_constant<dtype::float32> {};
template <> struct dtype_of<double> : dtype_constant<dtype::float64> {};
template <> struct dtype_of<std::complex<float>> : dtype_constant<dtype::complex64> {};
template <> struct dtype_of<std::complex<double>> : dtype_constant<dtype::complex128> {};
// By size and sign: `long` and `long long` are one dtype.
template <class T> struct dtype_of<T, std::enable_if_t<std::is_integral_v<T>>> {
    static constexpr int log2_size = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    static constexpr dtype value = static_cast<dtype>(static_cast<int>(std::is_signed_v<T> ? dtype::int8 : dtype::uint8) + log2_size);
};

// An element where it lies, which may be a misaligned address, as in fields of packed records. The compiler knows that numbers of
// other types are not there; a class takes the way of bytes, since its member functions may count on alignment.
template <class T> struct [[gnu::packed]] packed { T value; };
template <class T> T read_element(const char *at) {
    if constexpr (std::is_same_v<T, bool>) {
        return *at != 0;  // any byte but zero is true
    } else if constexpr (std::is_arithmetic_v<T>) {
        return reinterpret_cast<const packed<T> *>(at)->value;
    } else {
        T value;
        __builtin_memcpy(&value, at, sizeof value);
        return value;
    }
}
template <class T> void write_element(char *at, T value) {
    if constexpr (std::is_arithmetic_v<T>)
        reinterpret_cast<packed<T> *>(at)->value = value;
    else
        __builtin_memcpy(at, &value, sizeof value);
}

// What stands for an element that can be assigned to.
template <class T> class slot {
public:
    explicit slot(char *address) : at(address) {}
    slot(const slot &) = default;
    operator T() const { return read_element<T>(at); }
    const slot &operator=(T value) const {
        write_element<T>(at, value);
        return *this;
    }
    const slot &operator=(const slot &other) const { return *this = T(other); }
    const slot &operator+=(T value) const { return *this = T(T(*this) + value); }
    const slot &operator-=(T value) const { return *this = T(T(*this) - value); }
    const slot &operator*=(T value) const { return *this = T(T(*this) * value); }
    const slot &operator/=(T value) const { return *this = T(T(*this) / value); }
    const slot &operator&=(T value) const { return *this = T(T(*this) & value); }
    const slot &operator|=(T value) const { return *this = T(T(*this) | value); }
    const slot &operator^=(T value) const { return *this = T(T(*this) ^ value); }

private:
    char *at;
};

// A view of N dimensions over elements of type T, through any strides; T is const where the view is only read. `Unit`: the
// last stride is known to be one element, so that the compiler may use vectors. Copies see the same memory.
template <class T, int N, bool Unit = false> class elements {
public:
    using value_type = std::remove_const_t<T>;
    static constexpr int ndim = N;
    static_assert(N >= 0 && N <= max_ndim, "an array has 0 to 8 dimensions");

    explicit elements(const view &checked) : data(checked.data) {
        for (int axis = 0; axis < N; ++axis) {
            extents[axis] = checked.shape[axis];
            // The stride of a single element is nobody's, so it may stand for the one that is wanted.
            strides[axis] = checked.shape[axis] <= 1 ? index(sizeof(T)) : checked.strides[axis];
        }
    }
    template <bool Other> explicit elements(const elements<T, N, Other> &other) : data(other.address()) {
        for (int axis = 0; axis < N; ++axis) {
            extents[axis] = other.extent(axis);
            strides[axis] = other.stride(axis);
        }
    }

    // How many indices the axis has; axes count from 0.
    index extent(int axis) const { return extents[axis]; }
    // Bytes from one index of the axis to the next.
    index stride(int axis) const { return Unit && axis == N - 1 ? index(sizeof(T)) : strides[axis]; }
    index size() const {
        index count = 1;
        for (int axis = 0; axis < N; ++axis) count *= extents[axis];
        return count;
    }
    // Where the element of index 0, ..., 0 lies.
    char *address() const { return data; }
    bool has_unit_stride() const { return N == 0 || strides[N - 1] == index(sizeof(T)); }

    // The element: a value where the view is only read, else something to assign to. Indices are trusted.
    template <class... Index> auto operator()(Index... at) const {
        static_assert(sizeof...(at) == N, "an element has one index per dimension");
        char *place = data;
        int axis = 0;
        ((place += index(at) * stride(axis), ++axis), ...);
        (void)axis;
        if constexpr (std::is_const_v<T>)
            return read_element<value_type>(place);
        else
            return slot<value_type>(place);
    }

    // As the library's own functions take it.
    bytestride_array array() const {
        bytestride_array result{};
        result.size = sizeof result;
        result.dtype = dtype_table[static_cast<int>(dtype_of<value_type>::value)].code;
        result.ndim = N;
        result.flags = std::is_const_v<T> ? 0 : BYTESTRIDE_WRITEABLE;
        result.data = data;
        for (int axis = 0; axis < N; ++axis) {
            result.shape[axis] = extents[axis];
            result.strides[axis] = stride(axis);
        }
        return result;
    }

private:
    char *data;
    index extents[N ? N : 1], strides[N ? N : 1];
};

// What an argument is for. An output shares no byte with any other array, nor do two of its elements; so for what is changed in
// place. A kernel may not count on what an output holds at its start.
template <class T, int N, bool Unit = false> struct input : elements<const T, N, Unit> { using elements<const T, N, Unit>::elements; };
template <class T, int N, bool Unit = false> struct output : elements<T, N, Unit> { using elements<T, N, Unit>::elements; };
template <class T, int N, bool Unit = false> struct inout : elements<T, N, Unit> { using elements<T, N, Unit>::elements; };

template <template <class, int, bool> class Role, class T, int N, bool Unit>
Role<T, N, true> as_unit_stride(const Role<T, N, Unit> &given) {
    return Role<T, N, true>(given);
}

// Calls function(views...), with views of unit stride where they all have it. Loops over the last axis are compiled for both, and
// become vectors in the first.
template <class Function, class... Views> auto by_stride(const Function &function, const Views &...views) {
    if ((views.has_unit_stride() && ...)) return function(as_unit_stride(views)...);
    return function(views...);
}

}  // namespace kernel
}  // namespace bytestride
#pragma GCC visibility pop
