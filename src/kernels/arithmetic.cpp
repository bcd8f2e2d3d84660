#include "kernels/arithmetic.hpp"

#include <type_traits>

#include "core/dtype.hpp"
#include "kernels/combine_transposed.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/move_run.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

template <class T> constexpr bool is_complex = false;
template <class T> constexpr bool is_complex<complex<T>> = true;
template <class T> constexpr bool is_boolean = std::is_same_v<T, boolean>;

// The unsigned type in which integers of type T wrap around without undefined behaviour or promotion to int.
template <class T> using wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T> inline auto is_nan(T value) { return value != value; }
template <class T> inline bool is_nan(complex<T> value) { return (value.real != value.real) | (value.imag != value.imag); }

// NumPy's order of complex numbers: by real part, then by imaginary part.
template <class T> inline bool at_least(complex<T> a, complex<T> b) {
    const bool numbers = (a.imag == a.imag) & (b.imag == b.imag);
    return ((a.real > b.real) & numbers) | ((a.real == b.real) & (a.imag >= b.imag));
}
template <class T> inline bool at_most(complex<T> a, complex<T> b) {
    const bool numbers = (a.imag == a.imag) & (b.imag == b.imag);
    return ((a.real < b.real) & numbers) | ((a.real == b.real) & (a.imag <= b.imag));
}

// The first where it is NaN or beyond the second. Without a branch, which random numbers would mislead: it took 10 times as long.
template <class T> inline complex<T> first_if(bool beyond, complex<T> a, complex<T> b) {
    const bool first = is_nan(a) | beyond;
    return {first ? a.real : b.real, first ? a.imag : b.imag};
}

struct add {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_boolean<T>)
            return {static_cast<std::uint8_t>((a.byte | b.byte) != 0)};
        else if constexpr (is_complex<T>)
            return {a.real + b.real, a.imag + b.imag};
        else if constexpr (std::is_integral_v<T>)
            return static_cast<T>(wrapping<T>(a) + wrapping<T>(b));
        else
            return a + b;
    }
};

struct subtract {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_boolean<T>)
            return a;  // refused before: NumPy has no difference of bools
        else if constexpr (is_complex<T>)
            return {a.real - b.real, a.imag - b.imag};
        else if constexpr (std::is_integral_v<T>)
            return static_cast<T>(wrapping<T>(a) - wrapping<T>(b));
        else
            return a - b;
    }
};

struct multiply {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_boolean<T>)
            return {static_cast<std::uint8_t>((a.byte != 0) & (b.byte != 0))};
        else if constexpr (is_complex<T>)
            // Explicitly fused: g++ fuses this pattern in vector loops whatever -ffp-contract says, and an
            // element's bits may not depend on whether it falls into the vector part of a loop.
            return {fused(a.real, b.real, -(a.imag * b.imag)), fused(a.real, b.imag, a.imag * b.real)};
        else if constexpr (std::is_integral_v<T>)
            return static_cast<T>(wrapping<T>(a) * wrapping<T>(b));
        else
            return a * b;
    }
};

struct divide {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_complex<T>) {
            // Smith's method: the larger part of b is divided out, so that no square over- or underflows.
            using part = decltype(T::real);
            const part real = static_cast<part>(__builtin_fabs(b.real)), imag = static_cast<part>(__builtin_fabs(b.imag));
            if (real >= imag) {
                if (real == 0 && imag == 0) return {a.real / real, a.imag / real};
                const part ratio = b.imag / b.real, divisor = fused(b.imag, ratio, b.real);
                return {fused(a.imag, ratio, a.real) / divisor, fused(-a.real, ratio, a.imag) / divisor};
            }
            const part ratio = b.real / b.imag, divisor = fused(b.real, ratio, b.imag);
            return {fused(a.real, ratio, a.imag) / divisor, fused(a.imag, ratio, -a.real) / divisor};
        } else if constexpr (std::is_integral_v<T> || is_boolean<T>) {
            return a;  // never called: integers and bools are divided as float64
        } else {
            return a / b;
        }
    }
};

struct minimum {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_boolean<T>)
            return multiply::apply(a, b);
        else if constexpr (is_complex<T>)
            return first_if(at_most(a, b), a, b);
        else
            return ((a <= b) | is_nan(a)) ? a : b;
    }
};

struct maximum {
    template <class T> static T apply(T a, T b) {
        if constexpr (is_boolean<T>)
            return add::apply(a, b);
        else if constexpr (is_complex<T>)
            return first_if(at_least(a, b), a, b);
        else
            return ((a >= b) | is_nan(a)) ? a : b;
    }
};

template <class Operation> constexpr bool is_ordered = std::is_same_v<Operation, minimum> || std::is_same_v<Operation, maximum>;

// What vectors of elements of type T are made of: vectors of signed integers would overflow.
template <class Operation, class T>
using lane = typename std::conditional_t<std::is_integral_v<T> && !is_ordered<Operation>, std::make_unsigned<T>, type_tag<T>>::type;
template <class Operation, class T> constexpr bool has_lanes = !is_complex<T> && !is_boolean<T> &&
                                                               !(std::is_same_v<Operation, divide> && std::is_integral_v<T>);

// One loop for an operation and a dtype; an operand may be a single element.
template <class Operation, class T, bool single_a, bool single_b>
inline __attribute__((always_inline)) void run_loop(const void *left, const void *right, void *result, index begin, index count) {
    const stored<T> *a = static_cast<const stored<T> *>(left), *b = static_cast<const stored<T> *>(right);
    stored<T> *out = static_cast<stored<T> *>(result);
    const T first_a = a[0], first_b = b[0];
    BYTESTRIDE_INDEPENDENT
    for (index i = begin; i < count; ++i) out[i] = Operation::apply(single_a ? first_a : a[i], single_b ? first_b : b[i]);
}

// Two vectors of an operand, then two of the other. Where reads of the operands take turns vector by vector, sums of float64 past the caches
// take 1 to 1.5 times as long, by where the linker has put the loop (Zen 5).
template <class Operation, class T, bool single_a, bool single_b> void run(const void *left, const void *right, void *result, index count) {
    index i = 0;
    // g++ 12 finds no minimum of integers in a choice between vectors: 1.1 to 1.3 times.
    if constexpr (has_lanes<Operation, T> && !(is_ordered<Operation> && std::is_integral_v<T>)) {
        constexpr index size = sizeof(T), bytes = vector_bytes < 32 ? vector_bytes : 32, width = bytes / size;
        typedef lane<Operation, T> vector __attribute__((vector_size(bytes)));
        const char *const a = static_cast<const char *>(left), *const b = static_cast<const char *>(right);
        char *const out = static_cast<char *>(result);
        const auto everywhere = [](const char *single) BYTESTRIDE_INLINED {
            vector all;
            for (index k = 0; k < width; ++k) all[k] = load<lane<Operation, T>>(single);
            return all;
        };
        const vector all_a = everywhere(a), all_b = everywhere(b);
        for (; i + 2 * width <= count; i += 2 * width) {
            const index first = i * size, second = first + bytes;
            const vector a0 = single_a ? all_a : load<vector>(a + first), a1 = single_a ? all_a : load<vector>(a + second);
            const vector b0 = single_b ? all_b : load<vector>(b + first), b1 = single_b ? all_b : load<vector>(b + second);
            store(out + first, Operation::apply(a0, b0));
            store(out + second, Operation::apply(a1, b1));
        }
    }
    run_loop<Operation, T, single_a, single_b>(left, right, result, i, count);
}

// Complex numbers whose parts are computed apart from one another: runs of twice as many.
template <class Operation> constexpr bool adds_parts = std::is_same_v<Operation, add> || std::is_same_v<Operation, subtract>;
template <class Operation, class Part> void run_parts(const void *left, const void *right, void *result, index count) {
    run<Operation, Part, false, false>(left, right, result, 2 * count);
}

// The same in the longest vectors, where there is enough to compute: quotients take 0.5 to 0.85 of the time (Zen 5), minima and maxima of
// complex numbers 0.7. Where memory is the limit others would take 1.2 to 1.6 times as long: every read would pass a line's end.
#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("prefer-vector-width=512")
#endif
template <class Operation, class T, bool single_a, bool single_b>
void run_wide(const void *left, const void *right, void *result, index count) {
    run_loop<Operation, T, single_a, single_b>(left, right, result, 0, count);
}
#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC pop_options
#endif
template <class Operation, class T> constexpr bool is_wide = std::is_same_v<Operation, divide> || (is_complex<T> && is_ordered<Operation>);

// Elements of 4 or 8 bytes as they are moved.
template <index size> using item_of = std::conditional_t<size == 4, std::uint32_t, std::uint64_t>;

// Elements of up to 8 bytes that lie `stride` bytes apart as a run: where they are, or in the buffer.
template <class T> inline const stored<T> *run_at(const char *from, index stride, T *buffer, index count) {
    constexpr index size = sizeof(T);
    if (stride == size) return reinterpret_cast<const stored<T> *>(from);
    if constexpr (size <= 8) move_run<item_of<size>>(from, stride, reinterpret_cast<char *>(buffer), size, count);
    return buffer;
}

// Asks for the lines of a run of elements, soon: with prefetch_tile, which brings them into the second-level cache, sums of float64 take 1.1 to
// 1.4 times as long.
inline void ask_for_run(const char *first, index stride, index count) {
    const char *const lowest = stride < 0 ? first + count * stride : first;
    for (index i = 0; i < count * magnitude(stride); i += line_bytes) __builtin_prefetch(lowest + i, 0, 3);
}

// Two at once: of every second element sums take 0.8 (float64) to 0.95 of the time of one by one. Complex ones would take 1.3 times as long.
template <class Operation, class T>
void run_one_by_one(const char *a, index a_stride, const char *b, index b_stride, char *out, index out_stride, index count) {
    constexpr index at_once = is_complex<T> ? 1 : 2;
    index i = 0;
    for (; i + at_once <= count; i += at_once, a += at_once * a_stride, b += at_once * b_stride, out += at_once * out_stride) {
        T results[at_once];
        for (index k = 0; k < at_once; ++k) results[k] = Operation::apply(load<T>(a + k * a_stride), load<T>(b + k * b_stride));
        for (index k = 0; k < at_once; ++k) store(out + k * out_stride, results[k]);
    }
    for (; i < count; ++i, a += a_stride, b += b_stride, out += out_stride) store(out, Operation::apply(load<T>(a), load<T>(b)));
}

// A few elements at once, so that reads, sums and stores of several of these blocks run side by side. Of every second element that takes 0.5
// to 0.9 of the time of whole steps through buffers; of elements of 1 or 2 bytes 1 to 2 times, which are left to those.
//
// Reads of several runs block by block are foreseen by the processor unless the runs lie on pages that it takes for one another: then
// 1200 x 1200 float32 took 2.5 to 4 times as long (Zen 5). So where the results lie apart too each element is computed with what is beside
// it, and large operands are asked for.
template <class Operation, class T>
void run_strided(const char *a, index a_stride, const char *b, index b_stride, char *out, index out_stride, index count, index ahead) {
    constexpr index size = sizeof(T), block = 64;
    const bool dense = out_stride == size, from_dense = a_stride == size && b_stride == size;
    // Two channels of 3 and 4 float64 in 0.65 to 0.9 of the time of blocks.
    const bool far = size == 8 && a_stride != 2 * size && b_stride != 2 * size;
    if (size == 16 || (dense ? far : is_complex<T> || !from_dense))
        return run_one_by_one<Operation, T>(a, a_stride, b, b_stride, out, out_stride, count);
    T left[block], right[block], results[block];
    for (index begin = 0; begin < count; begin += block) {
        const index length = count - begin < block ? count - begin : block;
        char *const to = out + begin * out_stride;
        if (ahead != 0 && a_stride != size) ask_for_run(a + begin * a_stride + ahead, a_stride, length);
        if (ahead != 0 && b_stride != size) ask_for_run(b + begin * b_stride + ahead, b_stride, length);
        const stored<T> *x = run_at(a + begin * a_stride, a_stride, left, length),
                        *y = run_at(b + begin * b_stride, b_stride, right, length);
        stored<T> *result = dense ? reinterpret_cast<stored<T> *>(to) : results;
        BYTESTRIDE_INDEPENDENT
        for (index i = 0; i < length; ++i) result[i] = Operation::apply(x[i], y[i]);
        if constexpr (size <= 8)
            if (!dense) move_run<item_of<size>>(reinterpret_cast<const char *>(results), size, to, out_stride, length);
    }
}

template <class Operation> void choose(dtype computed, element_steps &steps) {
    binary_function *const combine = steps.combine;
    for_dtype(computed, [&](auto tag) {
        using T = typename decltype(tag)::type;
        if constexpr (!std::is_same_v<T, float16>) {  // computed in float32
            constexpr bool wide = is_wide<Operation, T>;
            combine[0] = wide ? run_wide<Operation, T, false, false> : run<Operation, T, false, false>;
            if constexpr (is_complex<T> && adds_parts<Operation>) combine[0] = run_parts<Operation, decltype(T::real)>;
            combine[1] = wide ? run_wide<Operation, T, true, false> : run<Operation, T, true, false>;
            combine[2] = wide ? run_wide<Operation, T, false, true> : run<Operation, T, false, true>;
            if constexpr (sizeof(T) >= 4) steps.combine_strided = run_strided<Operation, T>;
            if constexpr (has_lanes<Operation, T>) steps.combine_transposed = combine_transposed<Operation, lane<Operation, T>>;
        }
    });
}

}  // namespace

status arithmetic(const arithmetic_task &task) {
    // float16 is widened to float32, computed, and rounded back: one rounding per operation, as in NumPy.
    const bool half = task.computed == dtype::float16;
    const dtype computed = half ? dtype::float32 : task.computed;
    const auto cast = [](dtype from, dtype to) { return from == to ? nullptr : converter(from, to, cast_rule::wrap); };

    element_steps steps{};
    steps.out_type = task.out;
    steps.in_type[0] = task.a;
    steps.in_type[1] = task.b;
    steps.widen[0] = cast(task.a, computed);
    steps.widen[1] = cast(task.b, computed);
    steps.computed_itemsize = itemsize_of(computed);
    if (half && task.out != dtype::float16) {
        steps.narrow[0] = cast(dtype::float32, dtype::float16);
        steps.narrow[1] = cast(dtype::float16, task.out);
        steps.between_itemsize = itemsize_of(dtype::float16);
    } else {
        steps.narrow[0] = cast(computed, task.out);
    }
    steps.nanoseconds = 0.05 + 0.2 * ((steps.widen[0] != nullptr) + (steps.widen[1] != nullptr) + (steps.narrow[0] != nullptr));
    switch (task.what) {
    case operation::add: choose<add>(computed, steps); break;
    case operation::subtract: choose<subtract>(computed, steps); break;
    case operation::multiply: choose<multiply>(computed, steps); break;
    case operation::divide: choose<divide>(computed, steps); break;
    case operation::minimum: choose<minimum>(computed, steps); break;
    case operation::maximum: choose<maximum>(computed, steps); break;
    }
    return run_elementwise(task.settings, task.nest, steps, task.stream);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
