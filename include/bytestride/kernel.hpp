// Own kernels: one C++ function becomes a library that every language calls, with Bytestride's checks, errors and threads.
//
//     #include <bytestride/kernel.hpp>
//     using namespace bytestride::kernel;
//
//     static status scale(call &call, input<float, 2> image, double factor, output<float, 2> out) {
//         return call.parallel_for(out.extent(0), [=](std::int64_t row) {
//             for (std::int64_t column = 0; column < out.extent(1); ++column) out(row, column) = float(factor * image(row, column));
//         });
//     }
//     BYTESTRIDE_EXPORT(scale, "Every element times a factor.", image(rows, columns), factor = 2.0, out(rows, columns));
//
//     c++ -std=c++17 -O3 -shared -fPIC scale.cpp -o libscale.so $(pkg-config --cflags --libs bytestride)
//
// The function takes a `call &`, then arrays (input, output or inout of an element type and a number of dimensions) and numbers in any
// order, and returns a status. Element types: bool, the integers, float16 (of this header), float, double, std::complex of both.
// Numbers: double, float, and integers of 32 and 64 bits.
//
// The exported function is the C function of that name: arrays are `const bytestride_array *`, numbers themselves, and the last
// parameter is `const bytestride_options *`. Before the loop runs it has checked descriptors, dtypes, dimensions, the
// extents of equal names, that outputs are writeable and share no byte with any other array, and the options. An exception
// that the function throws becomes BYTESTRIDE_ERROR_OWN with its text, or MEMORY; none leaves the library.
//
// Header-only, C++17, over the two C entries of kernel.h. Give the compiler -ffp-contract=off where results should be the same on
// processors with and without fused multiply-adds; -ffast-math has no place in a library that others load.
#pragma once
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <new>
#include <tuple>
#include <utility>

#include "checks.hpp"
#include "elements.hpp"
#include "float_mode.hpp"
#include "kernel.h"
#include "manifest.hpp"
#include "overlap.hpp"

// Each library of own kernels has its own copy of everything here, however the libraries are loaded.
#pragma GCC visibility push(hidden)
namespace bytestride {
namespace kernel {

using bytestride::status;

// One call of an own kernel: its options, and its first failure.
class call {
public:
    call(const declaration &function, const bytestride_options *options) : self(function), given(options) {
        problem why;
        if (given && !read_options_into(given, &head, sizeof head, sizeof head, &head, &why))
            (void)fail_at(self.count + 1, "options", why.code, "%s", why.text);
    }
    call(const call &) = delete;
    call &operator=(const call &) = delete;

    // body(index), or body(begin, end) for a range of indices, for all from 0 to n - 1 on the threads of the call; the body returns
    // nothing, or a status, and anything but BYTESTRIDE_OK stops the loop. Ranges are those of bytestride_parallel_for: they depend on
    // n and grain alone. Between ranges the call sees whether it was cancelled, and reports its progress.
    template <class Body> status parallel_for(index n, const Body &body) { return parallel_for(n, 0, body); }
    template <class Body> status parallel_for(index n, index grain, const Body &body) {
        if (head.progress) __atomic_fetch_add(&head.progress[1], n, __ATOMIC_RELAXED);
        loop<Body> what{*this, body};
        return remember(bytestride_parallel_for(n, grain, head.threads, loop<Body>::run, &what));
    }

    // Ends the call with a status of the library, or an own one (BYTESTRIDE_ERROR_OWN and below), and a message as by printf. The first
    // failure counts. Returns the status; bodies may call it too.
    __attribute__((format(printf, 3, 4))) status fail(status what, const char *format, ...) {
        std::va_list arguments;
        va_start(arguments, format);
        set(0, "", what, format, arguments);
        va_end(arguments);
        return what;
    }
    // The same for an argument: "argument 2 (kernel): its extents must be odd".
    __attribute__((format(printf, 4, 5))) status reject(const char *argument, status what, const char *format, ...) {
        std::va_list arguments;
        va_start(arguments, format);
        set(self.position_of(argument), argument, what, format, arguments);
        va_end(arguments);
        return what;
    }

    bool failed() const { return code.load(std::memory_order_relaxed) != BYTESTRIDE_OK; }
    bool cancelled() const { return head.cancel && __atomic_load_n(head.cancel, __ATOMIC_RELAXED) != 0; }
    // At most this many threads; 0 = the library's default.
    int threads() const { return head.threads; }

    // ---- What the exported function does around the kernel

    __attribute__((format(printf, 5, 6))) status fail_at(int at, const char *argument, status what, const char *format, ...) {
        std::va_list arguments;
        va_start(arguments, format);
        set(at, argument, what, format, arguments);
        va_end(arguments);
        return what;
    }

    // Runs a part of the kernel; exceptions become failures.
    template <class Part> status guarded(const Part &part) noexcept {
#if defined(__cpp_exceptions)
        try {
            return part();
        } catch (const std::bad_alloc &) { return fail(BYTESTRIDE_ERROR_MEMORY, "out of memory"); } catch (const std::exception &thrown) {
            return fail(BYTESTRIDE_ERROR_OWN, "%s", thrown.what());
        } catch (...) { return fail(BYTESTRIDE_ERROR_OWN, "an exception that is no std::exception"); }
#else
        return part();
#endif
    }

    // The status of the whole, with a message in its place. A failure is one even if the kernel has not returned it.
    status end(status returned) {
        (void)remember(returned);
        const status first = code.load(std::memory_order_acquire);
        if (first == BYTESTRIDE_OK) return first;
        return bytestride_fail(first, position, name, *message ? message : nullptr, given);
    }

private:
    template <class Body> struct loop {
        call &owner;
        const Body &body;

        static std::int32_t run(void *context, std::int64_t begin, std::int64_t end) {
            const loop &self = *static_cast<const loop *>(context);
            if (self.owner.cancelled()) return BYTESTRIDE_ERROR_CANCELLED;
            // A copy of the body lets the compiler keep in registers what it has captured by value.
            const Body part = self.body;
            const status result = self.owner.guarded([&] { return run_range(part, begin, end); });
            if (self.owner.head.progress) __atomic_fetch_add(&self.owner.head.progress[0], end - begin, __ATOMIC_RELAXED);
            return result;
        }
        static status run_range(const Body &part, index begin, index end) {
            if constexpr (std::is_invocable_v<const Body &, index, index>) {
                return status_of(part, begin, end);
            } else {
                for (index i = begin; i < end; ++i)
                    if (const status result = status_of(part, i)) return result;
                return BYTESTRIDE_OK;
            }
        }
        template <class... Index> static status status_of(const Body &part, Index... at) {
            if constexpr (std::is_void_v<decltype(part(at...))>) {
                part(at...);
                return BYTESTRIDE_OK;
            } else {
                return part(at...);
            }
        }
    };

    status remember(status returned) {
        status none = BYTESTRIDE_OK;
        if (returned != BYTESTRIDE_OK) code.compare_exchange_strong(none, returned, std::memory_order_acq_rel);
        return returned;
    }

    // Only the thread whose failure is the first one writes; the message is read when no body runs any more.
    __attribute__((format(printf, 5, 0))) void set(int at, const char *argument, status what, const char *format, std::va_list arguments) {
        status none = BYTESTRIDE_OK;
        if (!code.compare_exchange_strong(none, what, std::memory_order_acq_rel)) return;
        position = at;
        name = argument;
        std::vsnprintf(message, sizeof message, format, arguments);
    }

    const declaration &self;
    const bytestride_options *const given;
    bytestride_options head{};
    std::atomic<status> code{BYTESTRIDE_OK};
    int position = 0;
    const char *name = "";
    char message[256] = "";
};

// ---- The arguments of an exported function

// A C++ parameter: what C passes, what the manifest says, and how one becomes the other.
template <class T> struct parameter_of {
    static_assert(std::is_same_v<T, double> || std::is_same_v<T, float> ||
                      (std::is_integral_v<T> && !std::is_same_v<T, bool> && (sizeof(T) == 4 || sizeof(T) == 8)),
                  "a parameter is an array (input, output, inout), a double, a float, or an integer of 32 or 64 bits");
    using c_type =
        std::conditional_t<std::is_floating_point_v<T>, T,
                           std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>,
                                              std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>>;
    static constexpr parameter facts = {role::scalar, dtype_of<T>::value, 0};
    static T make(const view &, c_type value) { return value; }
};
template <class View, role Role, class T, int N> struct array_parameter {
    using c_type = const bytestride_array *;
    static constexpr parameter facts = {Role, dtype_of<T>::value, N};
    static View make(const view &array, c_type) { return View(array); }
};
template <class T, int N> struct parameter_of<input<T, N>> : array_parameter<input<T, N>, role::input, T, N> {};
template <class T, int N> struct parameter_of<output<T, N>> : array_parameter<output<T, N>, role::output, T, N> {};
template <class T, int N> struct parameter_of<inout<T, N>> : array_parameter<inout<T, N>, role::inout, T, N> {};

template <class Function> struct signature;
template <class... Parameters> struct signature<status (*)(call &, Parameters...)> {
    static constexpr int count = sizeof...(Parameters);
    static constexpr parameter facts[] = {parameter_of<Parameters>::facts...};
    template <int I> using c_type = typename std::tuple_element_t<I, std::tuple<parameter_of<Parameters>...>>::c_type;

    template <std::size_t... I, class... Values> static status invoke(status (*kernel)(call &, Parameters...), call &call,
                                                                      const view *arrays, std::index_sequence<I...>, Values... values) {
        return kernel(call, parameter_of<Parameters>::make(arrays[I], values)...);
    }
};

// Reads and checks every array of a call; true when all of them are as the declaration says. `chosen` becomes the number of the
// kernel whose dtypes they have.
inline bool check_arrays(call &call, const declaration &self, const void *const *given, view *arrays, int *chosen) {
    const auto fail = [&](int i, status code, const char *format, auto... values) {
        (void)call.fail_at(i + 1, self.names[i].text, code, format, values...);
        return false;
    };
    // Which kernels have the dtypes of the arrays so far.
    bool fits[declaration::most_kernels];
    for (int k = 0; k < self.kernels; ++k) fits[k] = true;
    for (int i = 0; i < self.count; ++i) {
        const parameter &wanted = self.facts[0][i];
        if (wanted.what == role::scalar) continue;
        view &seen = arrays[i];
        bool writeable = false;
        problem why;
        if (!read_array(given[i], &seen, &writeable, &why)) return fail(i, why.code, "%s", why.text);

        char taken[160] = "";
        int used = 0, left = 0;
        for (int k = 0; k < self.kernels; ++k) {
            if (!fits[k]) continue;
            const char *name = name_of(self.facts[k][i].type);
            if (used < int(sizeof taken))
                used += std::snprintf(taken + used, sizeof taken - std::size_t(used), "%s%s", used ? ", " : "", name);
            fits[k] = self.facts[k][i].type == seen.type;
            left += fits[k];
        }
        if (!left) return fail(i, BYTESTRIDE_ERROR_DTYPE, "dtype is %s, must be %s", name_of(seen.type), taken);
        if (seen.ndim != wanted.ndim) return fail(i, BYTESTRIDE_ERROR_NDIM, "has %d dimensions, must have %d", seen.ndim, wanted.ndim);
        for (int axis = 0; axis < self.names[i].ndim; ++axis) {
            const extent_rule rule = self.extent_of(i, axis);
            const index must = rule.argument < 0 ? rule.number : arrays[rule.argument].shape[rule.axis];
            if (rule.free || seen.shape[axis] == must) continue;
            if (rule.argument < 0)
                return fail(i, BYTESTRIDE_ERROR_SHAPE, "shape[%d] is %lld, must be %lld", axis, static_cast<long long>(seen.shape[axis]),
                            static_cast<long long>(must));
            return fail(i, BYTESTRIDE_ERROR_SHAPE, "shape[%d] is %lld, must be %lld (%s of %s)", axis,
                        static_cast<long long>(seen.shape[axis]), static_cast<long long>(must), self.names[i].extents[axis],
                        self.names[rule.argument].text);
        }
        if (wanted.what == role::input) continue;
        if (!writeable) return fail(i, BYTESTRIDE_ERROR_READONLY, "%s", "is read-only");
        if (overlaps_itself(seen)) return fail(i, BYTESTRIDE_ERROR_OVERLAP, "%s", "has elements that share memory with one another");
    }
    for (int i = 0; i < self.count; ++i) {
        if (self.facts[0][i].what != role::output && self.facts[0][i].what != role::inout) continue;
        for (int other = 0; other < self.count; ++other)
            if (other != i && self.facts[0][other].what != role::scalar && share_bytes(arrays[i], arrays[other]))
                return fail(i, BYTESTRIDE_ERROR_OVERLAP, "overlaps %s", self.names[other].text);
    }
    *chosen = 0;
    while (!fits[*chosen]) ++*chosen;
    return true;
}

constexpr bool alike(const parameter *one, const parameter *other, int count) {
    for (int i = 0; i < count; ++i)
        if (one[i].what != other[i].what || one[i].ndim != other[i].ndim) return false;
    return true;
}

// The C function for one kernel, or for several that differ in dtypes alone.
template <auto First, auto... Others> struct exported {
    using shape = signature<decltype(First)>;
    static constexpr int count = shape::count, kernels = 1 + sizeof...(Others);
    template <int I> using c_type = typename shape::template c_type<I>;

    static_assert(((signature<decltype(Others)>::count == count) && ...), "the kernels of one function have equally many parameters");
    static_assert(kernels <= declaration::most_kernels, "a function has at most one kernel per dtype");
    static_assert((alike(shape::facts, signature<decltype(Others)>::facts, count) && ...),
                  "the kernels of one function differ in the dtypes of their arrays alone");
    static constexpr const parameter *facts[kernels] = {shape::facts, signature<decltype(Others)>::facts...};

    template <class... Values> static status run(const declaration &self, const bytestride_options *options, Values... values) noexcept {
        default_float_mode mode;
        call call(self, options);
        const void *const given[] = {address_of(values)...};
        view arrays[count];
        int chosen = 0;
        if (call.failed() || !check_arrays(call, self, given, arrays, &chosen)) return call.end(BYTESTRIDE_OK);
        return call.end(call.guarded([&] {
            status code = BYTESTRIDE_OK;
            int number = 0;
            (void)(invoke_if<First>(chosen == number++, &code, call, arrays, values...) || ... ||
                   invoke_if<Others>(chosen == number++, &code, call, arrays, values...));
            return code;
        }));
    }

private:
    static const void *address_of(const bytestride_array *array) { return array; }
    template <class Number> static const void *address_of(Number) { return nullptr; }

    template <auto Kernel, class... Values>
    static bool invoke_if(bool wanted, status *code, call &call, const view *arrays, Values... values) {
        if (wanted) *code = signature<decltype(Kernel)>::invoke(Kernel, call, arrays, std::make_index_sequence<count>(), values...);
        return wanted;
    }
};

}  // namespace kernel
}  // namespace bytestride
#pragma GCC visibility pop

// ---- Exporting

#define BYTESTRIDE_UNWRAP(...) __VA_ARGS__
#define BYTESTRIDE_JOIN_OF(a, b) a##b
#define BYTESTRIDE_JOIN(a, b) BYTESTRIDE_JOIN_OF(a, b)
#define BYTESTRIDE_THIRTEENTH(a, b, c, d, e, f, g, h, i, j, k, l, m, ...) m
#define BYTESTRIDE_COUNT(...) BYTESTRIDE_THIRTEENTH(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)

#define BYTESTRIDE_PARAMETERS_1(own) own::c_type<0> p0
#define BYTESTRIDE_PARAMETERS_2(own) BYTESTRIDE_PARAMETERS_1(own), own::c_type<1> p1
#define BYTESTRIDE_PARAMETERS_3(own) BYTESTRIDE_PARAMETERS_2(own), own::c_type<2> p2
#define BYTESTRIDE_PARAMETERS_4(own) BYTESTRIDE_PARAMETERS_3(own), own::c_type<3> p3
#define BYTESTRIDE_PARAMETERS_5(own) BYTESTRIDE_PARAMETERS_4(own), own::c_type<4> p4
#define BYTESTRIDE_PARAMETERS_6(own) BYTESTRIDE_PARAMETERS_5(own), own::c_type<5> p5
#define BYTESTRIDE_PARAMETERS_7(own) BYTESTRIDE_PARAMETERS_6(own), own::c_type<6> p6
#define BYTESTRIDE_PARAMETERS_8(own) BYTESTRIDE_PARAMETERS_7(own), own::c_type<7> p7
#define BYTESTRIDE_PARAMETERS_9(own) BYTESTRIDE_PARAMETERS_8(own), own::c_type<8> p8
#define BYTESTRIDE_PARAMETERS_10(own) BYTESTRIDE_PARAMETERS_9(own), own::c_type<9> p9
#define BYTESTRIDE_PARAMETERS_11(own) BYTESTRIDE_PARAMETERS_10(own), own::c_type<10> p10
#define BYTESTRIDE_PARAMETERS_12(own) BYTESTRIDE_PARAMETERS_11(own), own::c_type<11> p11
#define BYTESTRIDE_VALUES_1 p0
#define BYTESTRIDE_VALUES_2 BYTESTRIDE_VALUES_1, p1
#define BYTESTRIDE_VALUES_3 BYTESTRIDE_VALUES_2, p2
#define BYTESTRIDE_VALUES_4 BYTESTRIDE_VALUES_3, p3
#define BYTESTRIDE_VALUES_5 BYTESTRIDE_VALUES_4, p4
#define BYTESTRIDE_VALUES_6 BYTESTRIDE_VALUES_5, p5
#define BYTESTRIDE_VALUES_7 BYTESTRIDE_VALUES_6, p6
#define BYTESTRIDE_VALUES_8 BYTESTRIDE_VALUES_7, p7
#define BYTESTRIDE_VALUES_9 BYTESTRIDE_VALUES_8, p8
#define BYTESTRIDE_VALUES_10 BYTESTRIDE_VALUES_9, p9
#define BYTESTRIDE_VALUES_11 BYTESTRIDE_VALUES_10, p10
#define BYTESTRIDE_VALUES_12 BYTESTRIDE_VALUES_11, p11

// What both macros below write: a description of the function, and the C function, which hands everything to exported<...>::run.
#define BYTESTRIDE_DEFINE(function, group, doc, text, number)                                                                              \
    using function##_exported = ::bytestride::kernel::exported<BYTESTRIDE_UNWRAP group>;                                                   \
    static_assert(function##_exported::count == number, #function ": name every argument after the documentation");                        \
    static constexpr ::bytestride::kernel::names<number> function##_names(text);                                                           \
    static_assert(function##_names.fit(function##_exported::shape::facts), #function ": an argument is `name`, `name(extent, ...)` "       \
                                                                                     "with one extent per dimension, or `name = number`"); \
    static ::bytestride::kernel::declaration function##_declaration(#function, doc, function##_names.of, number,                           \
                                                                    function##_exported::facts, function##_exported::kernels);             \
    extern "C" __attribute__((visibility("default"))) std::int32_t function(                                                               \
        BYTESTRIDE_JOIN(BYTESTRIDE_PARAMETERS_, number)(function##_exported), const bytestride_options *options) {                         \
        return function##_exported::run(function##_declaration, options, BYTESTRIDE_JOIN(BYTESTRIDE_VALUES_, number));                     \
    }                                                                                                                                      \
    static_assert(true, "a semicolon follows")

// Exports the kernel `function` under its name. The arguments are named in the order of its parameters: `image(rows, columns)` with
// the names of its extents (equal names must be equal extents, a number must be met, `_` is any), `image` without a rule, or
// `factor = 2.0`, a number with the default that languages with keywords have.
#define BYTESTRIDE_EXPORT(function, doc, ...) BYTESTRIDE_DEFINE(function, (function), doc, #__VA_ARGS__, BYTESTRIDE_COUNT(__VA_ARGS__))

// The same for kernels that differ in dtypes alone, for example (erode<float>, erode<double>); the dtypes of a call choose.
#define BYTESTRIDE_EXPORT_EACH(function, kernels, doc, ...) \
    BYTESTRIDE_DEFINE(function, kernels, doc, #__VA_ARGS__, BYTESTRIDE_COUNT(__VA_ARGS__))

extern "C" __attribute__((weak, visibility("default"))) const char *bytestride_manifest(void) {
    static const std::string text = bytestride::kernel::manifest_text();
    return text.c_str();
}
