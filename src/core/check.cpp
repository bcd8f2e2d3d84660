#include "core/check.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace bytestride {
namespace {

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

constexpr std::uint32_t largest_struct = 4096;

bool all_zero(const char *bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        if (bytes[i]) return false;
    return true;
}

bool dtype_from_numpy(char typekind, int itemsize, dtype *type) {
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

}  // namespace

bool c_order_strides(int ndim, const index *shape, index itemsize, index *strides) {
    index step = itemsize;
    for (int i = ndim - 1; i >= 0; --i) {
        strides[i] = step;
        if (shape[i] > 1 && __builtin_mul_overflow(step, shape[i], &step)) return false;
    }
    return true;
}

bool span_fits(const view &v) {
    index elements = 1, low = 0, high = v.itemsize;
    bool empty = false;
    for (int i = 0; i < v.ndim; ++i) {
        if (v.shape[i] < 0) return false;
        if (v.shape[i] == 0) empty = true;
    }
    if (empty) return true;
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

void check::fail(status what, int position, const char *name, const char *format, ...) {
    code = what;
    char *message = last_error_message();
    int used = 0;
    if (position > 0) used = std::snprintf(message, message_size, "argument %d (%s): ", position, name);
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message + used, message_size - static_cast<std::size_t>(used), format, arguments);
    va_end(arguments);
    copy_message(message, head.error, head.error_size);
}

status check::result(status of_kernel) {
    require(of_kernel == BYTESTRIDE_OK, of_kernel, 0, "", "%s", status_text(of_kernel));
    return code;
}

call check::settings() const { return {head.threads > 0 ? head.threads : default_threads(), head.cancel, head.progress}; }

void check::read_options(int position, const void *given, void *known, std::size_t known_size, std::size_t smallest) {
    if (!given || failed()) return;
    std::uint32_t size;
    std::memcpy(&size, given, sizeof size);
    require(size >= smallest && size <= largest_struct, BYTESTRIDE_ERROR_VERSION, position, "options",
            "size is %u, must be at least %zu and at most %u", size, smallest, largest_struct);
    if (failed()) return;
    const std::size_t common = size < known_size ? size : known_size;
    std::memcpy(known, given, common);
    bytestride_options read;
    std::memcpy(&read, known, sizeof read);
    // From here on a failure reaches the caller's error buffer too.
    head.error = read.error;
    head.error_size = read.error_size;
    require(all_zero(static_cast<const char *>(given) + common, size - common), BYTESTRIDE_ERROR_VERSION, position, "options",
            "has a field that this version of the library does not know");
    require(!read.reserved[0] && !read.reserved[1] && !read.reserved[2], BYTESTRIDE_ERROR_VERSION, position, "options",
            "reserved must be 0");
    require(read.threads >= 0, BYTESTRIDE_ERROR_OPTION, position, "options", "threads is %d, must not be negative", read.threads);
    require(read.error_size >= 0, BYTESTRIDE_ERROR_OPTION, position, "options", "error_size must not be negative");
    head = read;
}

view check::read_array(int position, const char *name, const bytestride_array *array, bool *writeable) {
    view v{};
    require(array != nullptr, BYTESTRIDE_ERROR_NULL, position, name, "is NULL");
    if (failed()) return v;
    std::uint32_t first_word;
    std::memcpy(&first_word, array, sizeof first_word);
    if (first_word == 2) {
        numpy_interface numpy;
        std::memcpy(&numpy, array, sizeof numpy);
        const bool known = dtype_from_numpy(numpy.typekind, numpy.itemsize, &v.type);
        require(known, BYTESTRIDE_ERROR_DTYPE, position, name,
                "dtype '%c%d' is not bool, an integer up to 64 bits, float16, "
                "float32, float64, complex64 or complex128",
                numpy.typekind, numpy.itemsize);
        require((numpy.flags & numpy_native_byte_order) || numpy.itemsize == 1, BYTESTRIDE_ERROR_DTYPE, position, name,
                "is not in the machine's byte order");
        require(numpy.ndim >= 0 && numpy.ndim <= max_ndim, BYTESTRIDE_ERROR_NDIM, position, name,
                "has %d dimensions, at most %d are possible", numpy.ndim, max_ndim);
        require(numpy.ndim == 0 || (numpy.shape && numpy.strides), BYTESTRIDE_ERROR_NULL, position, name, "shape or strides is NULL");
        if (failed()) return v;
        v.data = static_cast<char *>(numpy.data);
        v.ndim = numpy.ndim;
        for (int i = 0; i < v.ndim; ++i) {
            v.shape[i] = numpy.shape[i];
            v.strides[i] = numpy.strides[i];
        }
        *writeable = numpy.flags & numpy_writeable;
    } else {
        require(first_word >= sizeof(bytestride_array) && first_word <= largest_struct, BYTESTRIDE_ERROR_VERSION, position, name,
                "size is %u, must be %zu", first_word, sizeof(bytestride_array));
        if (failed()) return v;
        bytestride_array ours;
        std::memcpy(&ours, array, sizeof ours);
        require(all_zero(reinterpret_cast<const char *>(array) + sizeof ours, first_word - sizeof ours), BYTESTRIDE_ERROR_VERSION, position,
                name, "has a field that this version of the library does not know");
        require(!(ours.flags & 0xfeu), BYTESTRIDE_ERROR_VERSION, position, name, "has unknown flags 0x%x", ours.flags);
        require((ours.flags >> 8 & 0xff) <= 1 && ours.flags >> 16 == 0, BYTESTRIDE_ERROR_DEVICE, position, name,
                "is not in host memory (DLPack device type %u)", ours.flags >> 8 & 0xff);
        require(dtype_from_code(ours.dtype, &v.type), BYTESTRIDE_ERROR_DTYPE, position, name, "unknown dtype 0x%x",
                static_cast<unsigned>(ours.dtype));
        require(ours.ndim >= 0 && ours.ndim <= max_ndim, BYTESTRIDE_ERROR_NDIM, position, name,
                "has %d dimensions, at most %d are possible", ours.ndim, max_ndim);
        if (failed()) return v;
        v.data = static_cast<char *>(ours.data);
        v.ndim = ours.ndim;
        for (int i = 0; i < v.ndim; ++i) {
            v.shape[i] = ours.shape[i];
            v.strides[i] = ours.strides[i];
        }
        *writeable = ours.flags & BYTESTRIDE_WRITEABLE;
    }
    v.itemsize = itemsize_of(v.type);
    bool empty = false;
    for (int i = 0; i < v.ndim; ++i) {
        require(v.shape[i] >= 0, BYTESTRIDE_ERROR_SHAPE, position, name, "shape[%d] is %lld, must not be negative", i,
                static_cast<long long>(v.shape[i]));
        if (v.shape[i] <= 1) v.strides[i] = 0;
        if (v.shape[i] == 0) empty = true;
    }
    require(empty || v.data, BYTESTRIDE_ERROR_NULL, position, name, "data is NULL");
    require(span_fits(v), BYTESTRIDE_ERROR_SHAPE, position, name, "its extents and strides pass the address space");
    return v;
}

view check::input(int position, const char *name, const bytestride_array *array) {
    bool writeable = false;
    return read_array(position, name, array, &writeable);
}

view check::output(int position, const char *name, const bytestride_array *array) {
    bool writeable = false;
    const view v = read_array(position, name, array, &writeable);
    if (failed()) return v;
    require(writeable, BYTESTRIDE_ERROR_READONLY, position, name, "is read-only");
    require(!overlaps_itself(v), BYTESTRIDE_ERROR_OVERLAP, position, name, "has elements that share memory with one another");
    return v;
}

void check::require_disjoint(int position, const char *name, const view &output, const view &input, const char *input_name,
                             aliasing allowed) {
    if (failed()) return;
    const bool fine = !share_bytes(output, input) || (allowed == aliasing::same && same_view(output, input));
    require(fine, BYTESTRIDE_ERROR_OVERLAP, position, name, "overlaps %s", input_name);
}

}  // namespace bytestride
