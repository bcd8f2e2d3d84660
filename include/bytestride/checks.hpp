// The rules for what a caller hands over: descriptors and the head of the options. The library's own functions and
// users' kernels apply the same ones, so that a wrong argument is the same status and the same words in both.
// (No <cstring>: its `index` would stand against ours where a source says `using namespace bytestride`.)
#pragma once
#include <cstdarg>
#include <cstdio>

#include "view.hpp"

namespace bytestride {

// What is wrong with an argument.
struct __attribute__((visibility("hidden"))) problem {
    status code = BYTESTRIDE_OK;
    char text[160];

    // False, so that a check can end with it.
    __attribute__((format(printf, 3, 4), cold)) bool set(status what, const char *format, ...) {
        code = what;
        std::va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        return false;
    }
};

namespace {

constexpr std::uint32_t largest_struct = 4096;

// NumPy's PyArrayInterface (ABI 1), the struct behind __array_struct__; its first word is 2.
struct numpy_interface {
    int two;
    int ndim;
    char typekind;
    int itemsize;
    int flags;
    std::intptr_t *shape;
    std::intptr_t *strides;
    void *data;
    void *description;
};
constexpr int numpy_native_byte_order = 0x200;
constexpr int numpy_writeable = 0x400;

inline bool all_zero(const char *bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        if (bytes[i]) return false;
    return true;
}

inline bool dtype_from_numpy(char typekind, int itemsize, dtype *type) {
    if (itemsize < 1 || itemsize > 16) return false;
    const int bits = itemsize * 8;
    int code;
    switch (typekind) {
    case 'b': code = itemsize == 1 ? BYTESTRIDE_BOOL : 0; break;
    case 'i': code = 0x10000 | bits << 8 | 0; break;
    case 'u': code = 0x10000 | bits << 8 | 1; break;
    case 'f': code = 0x10000 | bits << 8 | 2; break;
    case 'c': code = 0x10000 | bits << 8 | 5; break;
    default: return false;
    }
    return dtype_from_code(code, type);
}

// Fills strides for C order. False when the byte size overflows.
inline bool c_order_strides(int ndim, const index *shape, index itemsize, index *strides) {
    index step = itemsize;
    for (int i = ndim - 1; i >= 0; --i) {
        strides[i] = step;
        if (shape[i] > 1 && __builtin_mul_overflow(step, shape[i], &step)) return false;
    }
    return true;
}

inline bool is_empty(const view &v) {
    for (int i = 0; i < v.ndim; ++i)
        if (v.shape[i] == 0) return true;
    return false;
}

// True when extents are not negative and the bytes that the view reaches can be addressed.
inline bool span_fits(const view &v) {
    index elements = 1, low = 0, high = v.itemsize;
    for (int i = 0; i < v.ndim; ++i)
        if (v.shape[i] < 0) return false;
    if (is_empty(v)) return true;
    for (int i = 0; i < v.ndim; ++i) {
        index reach;
        if (__builtin_mul_overflow(elements, v.shape[i], &elements)) return false;
        if (__builtin_mul_overflow(v.strides[i], v.shape[i] - 1, &reach)) return false;
        if (reach < 0 ? __builtin_add_overflow(low, reach, &low) : __builtin_add_overflow(high, reach, &high)) return false;
    }
    // The whole must lie in the address space, and sums of two such spans in an index.
    constexpr index longest = index(1) << 60;
    if (high > longest || low < -longest) return false;
    const std::uintptr_t base = reinterpret_cast<std::uintptr_t>(v.data);
    return base >= static_cast<std::uintptr_t>(-low) && base <= UINTPTR_MAX - static_cast<std::uintptr_t>(high);
}

// Extents and strides; the stride of an axis that nobody steps along becomes 0.
inline bool read_axes(int ndim, const index *shape, const index *strides, view *v, problem *why) {
    v->ndim = ndim;
    for (int i = 0; i < ndim; ++i) {
        if (shape[i] < 0)
            return why->set(BYTESTRIDE_ERROR_SHAPE, "shape[%d] is %lld, must not be negative", i, static_cast<long long>(shape[i]));
        v->shape[i] = shape[i];
        v->strides[i] = shape[i] <= 1 ? 0 : strides[i];
    }
    return true;
}

inline bool read_numpy(const void *array, view *v, bool *writeable, problem *why) {
    numpy_interface numpy;
    __builtin_memcpy(&numpy, array, sizeof numpy);
    if (!dtype_from_numpy(numpy.typekind, numpy.itemsize, &v->type))
        return why->set(BYTESTRIDE_ERROR_DTYPE,
                        "dtype '%c%d' is not bool, an integer up to 64 bits, float16, float32, float64, complex64 or complex128",
                        numpy.typekind, numpy.itemsize);
    if (!(numpy.flags & numpy_native_byte_order) && numpy.itemsize != 1)
        return why->set(BYTESTRIDE_ERROR_DTYPE, "is not in the machine's byte order");
    if (numpy.ndim < 0 || numpy.ndim > max_ndim)
        return why->set(BYTESTRIDE_ERROR_NDIM, "has %d dimensions, at most %d are possible", numpy.ndim, max_ndim);
    if (numpy.ndim > 0 && !(numpy.shape && numpy.strides)) return why->set(BYTESTRIDE_ERROR_NULL, "shape or strides is NULL");
    v->data = static_cast<char *>(numpy.data);
    *writeable = numpy.flags & numpy_writeable;
    return read_axes(numpy.ndim, numpy.shape, numpy.strides, v, why);
}

inline bool read_ours(const void *array, std::uint32_t size, view *v, bool *writeable, problem *why) {
    if (size < sizeof(bytestride_array) || size > largest_struct)
        return why->set(BYTESTRIDE_ERROR_VERSION, "size is %u, must be %zu", size, sizeof(bytestride_array));
    bytestride_array ours;
    __builtin_memcpy(&ours, array, sizeof ours);
    if (!all_zero(static_cast<const char *>(array) + sizeof ours, size - sizeof ours))
        return why->set(BYTESTRIDE_ERROR_VERSION, "has a field that this version of the library does not know");
    if (ours.flags & 0xfeu) return why->set(BYTESTRIDE_ERROR_VERSION, "has unknown flags 0x%x", ours.flags);
    if ((ours.flags >> 8 & 0xff) > 1 || ours.flags >> 16 != 0)
        return why->set(BYTESTRIDE_ERROR_DEVICE, "is not in host memory (DLPack device type %u)", ours.flags >> 8 & 0xff);
    if (!dtype_from_code(ours.dtype, &v->type))
        return why->set(BYTESTRIDE_ERROR_DTYPE, "unknown dtype 0x%x", static_cast<unsigned>(ours.dtype));
    if (ours.ndim < 0 || ours.ndim > max_ndim)
        return why->set(BYTESTRIDE_ERROR_NDIM, "has %d dimensions, at most %d are possible", ours.ndim, max_ndim);
    v->data = static_cast<char *>(ours.data);
    *writeable = ours.flags & BYTESTRIDE_WRITEABLE;
    return read_axes(ours.ndim, ours.shape, ours.strides, v, why);
}

// A descriptor (ours or NumPy's) as a checked view. False, and why, when it is none.
inline bool read_array(const void *array, view *v, bool *writeable, problem *why) {
    if (!array) return why->set(BYTESTRIDE_ERROR_NULL, "is NULL");
    std::uint32_t first_word;
    __builtin_memcpy(&first_word, array, sizeof first_word);
    if (!(first_word == 2 ? read_numpy(array, v, writeable, why) : read_ours(array, first_word, v, writeable, why))) return false;
    v->itemsize = itemsize_of(v->type);
    if (!is_empty(*v) && !v->data) return why->set(BYTESTRIDE_ERROR_NULL, "data is NULL");
    if (!span_fits(*v)) return why->set(BYTESTRIDE_ERROR_SHAPE, "its extents and strides pass the address space");
    return true;
}

// Reads the options of a call into a struct of `known_size` zero bytes, and their head: what an older caller does not have stays
// zero. `head` is also filled when one of its fields is wrong, so that the failure reaches the caller's error buffer.
inline bool read_options_into(const void *given, void *known, std::size_t known_size, std::size_t smallest, bytestride_options *head,
                              problem *why) {
    std::uint32_t size;
    __builtin_memcpy(&size, given, sizeof size);
    if (size < smallest || size > largest_struct)
        return why->set(BYTESTRIDE_ERROR_VERSION, "size is %u, must be at least %zu and at most %u", size, smallest, largest_struct);
    const std::size_t common = size < known_size ? size : known_size;
    __builtin_memcpy(known, given, common);
    __builtin_memcpy(head, known, sizeof *head);
    if (!all_zero(static_cast<const char *>(given) + common, size - common))
        return why->set(BYTESTRIDE_ERROR_VERSION, "has a field that this version of the library does not know");
    if (head->reserved[0] || head->reserved[1] || head->reserved[2]) return why->set(BYTESTRIDE_ERROR_VERSION, "reserved must be 0");
    if (head->threads < 0) return why->set(BYTESTRIDE_ERROR_OPTION, "threads is %d, must not be negative", head->threads);
    if (head->error_size < 0) return why->set(BYTESTRIDE_ERROR_OPTION, "error_size must not be negative");
    return true;
}

}  // namespace
}  // namespace bytestride
