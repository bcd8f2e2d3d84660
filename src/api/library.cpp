// Versions, facts, statuses, thread counts, and descriptors.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>

#include "core/check.hpp"
#include "core/error.hpp"
#include "core/level.hpp"
#include "core/parallel.hpp"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

namespace bytestride {
namespace {

constexpr char version_text[] = TEXT(BYTESTRIDE_VERSION_MAJOR) "." TEXT(BYTESTRIDE_VERSION_MINOR) "." TEXT(BYTESTRIDE_VERSION_PATCH);

// As the contents of a JSON string: a path may hold quotes and backslashes; control characters are dropped.
void append_escaped(char *text, std::size_t size, const char *part) {
    std::size_t used = std::strlen(text);
    for (; *part && used + 3 < size; ++part) {
        if (static_cast<unsigned char>(*part) < 0x20) continue;
        if (*part == '"' || *part == '\\') text[used++] = '\\';
        text[used++] = *part;
    }
    text[used] = '\0';
}

// DLPack's structs, as far as they are read (dlpack.h 1.1).
struct dl_tensor {
    void *data;
    std::int32_t device_type, device_id;
    std::int32_t ndim;
    std::uint8_t code, bits;
    std::uint16_t lanes;
    std::int64_t *shape, *strides;  // in elements; null strides: C order
    std::uint64_t byte_offset;
};
struct dl_managed_tensor_versioned {
    std::uint32_t major, minor;
    void *manager_context;
    void (*deleter)(void *);
    std::uint64_t flags;
    dl_tensor tensor;
};
constexpr std::uint64_t dl_read_only = 1;

bool on_host(std::int32_t device_type) { return device_type == 1 || device_type == 3 || device_type == 11; }

void write_array(const view &v, std::int32_t code, std::uint32_t flags, bytestride_array *array) {
    bytestride_array filled{};
    filled.size = sizeof filled;
    filled.dtype = code;
    filled.ndim = v.ndim;
    filled.flags = flags;
    filled.data = v.data;
    for (int i = 0; i < v.ndim; ++i) {
        filled.shape[i] = v.shape[i];
        filled.strides[i] = v.strides[i];
    }
    std::memcpy(array, &filled, sizeof filled);
}

// What both ways of filling a descriptor have in common: shape, strides, span. `stride_unit` turns the given
// strides into bytes.
void set_extents(check &c, int position, const char *name, view &v, const std::int64_t *shape, const std::int64_t *strides,
                 index stride_unit) {
    c.require(v.ndim >= 0 && v.ndim <= max_ndim, BYTESTRIDE_ERROR_NDIM, position, name, "has %d dimensions, at most %d are possible",
              v.ndim, max_ndim);
    c.require(v.ndim == 0 || shape, BYTESTRIDE_ERROR_NULL, position, name, "the shape is NULL");
    if (c.failed()) return;
    bool fits = true;
    for (int i = 0; i < v.ndim; ++i) {
        v.shape[i] = shape[i];
        c.require(shape[i] >= 0, BYTESTRIDE_ERROR_SHAPE, position, name, "shape[%d] is %lld, must not be negative", i,
                  static_cast<long long>(shape[i]));
        if (strides) fits = !__builtin_mul_overflow(strides[i], stride_unit, &v.strides[i]) && fits;
    }
    if (c.failed()) return;
    if (!strides) fits = c_order_strides(v.ndim, v.shape, v.itemsize, v.strides);
    view reached = v;  // strides of extents up to 1 are ignored, as everywhere
    for (int i = 0; i < v.ndim; ++i)
        if (v.shape[i] <= 1) reached.strides[i] = 0;
    c.require(fits && span_fits(reached), BYTESTRIDE_ERROR_SHAPE, position, name, "its extents and strides pass the address space");
}

}  // namespace
}  // namespace bytestride

using namespace bytestride;

extern "C" const char *bytestride_version(void) { return version_text; }

extern "C" std::int32_t bytestride_version_number(void) {
    return BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH;
}

extern "C" std::int32_t bytestride_abi_version(void) { return BYTESTRIDE_ABI_VERSION; }

extern "C" const char *bytestride_build_info(void) {
    static thread_local char text[1536];
    const char *reason = serial_reason();
    std::snprintf(text, sizeof text,
                  "{\"version\": \"%s\", \"abi\": %d, \"compiler\": \"%s\", \"levels\": %s, \"isa\": \"%s\", \"threads\": %d, "
                  "\"serial_reason\": %s%s%s, \"openmp\": %s, \"library\": \"",
                  version_text, BYTESTRIDE_ABI_VERSION,
#if defined(__clang__)
                  "clang " __clang_version__,
#else
                  "gcc " __VERSION__,
#endif
                  levels_built(), level_name(current_level()), default_threads(), reason ? "\"" : "", reason ? reason : "null",
                  reason ? "\"" : "", built_with_openmp() ? "true" : "false");
    Dl_info library{};
    if (dladdr(reinterpret_cast<const void *>(&version_text), &library) && library.dli_fname)
        append_escaped(text, sizeof text - 2, library.dli_fname);
    std::strcat(text, "\"}");
    return text;
}

extern "C" const char *bytestride_isa(void) { return level_name(current_level()); }

extern "C" const char *bytestride_strerror(std::int32_t status) { return status_text(status); }

extern "C" const char *bytestride_last_error(void) { return last_error_message(); }

extern "C" std::int32_t bytestride_set_num_threads(std::int32_t threads) {
    check c;
    c.require(threads >= 0, BYTESTRIDE_ERROR_OPTION, 1, "threads", "is %d, must not be negative", threads);
    return c.failed() ? c.result() : set_default_threads(threads);
}

extern "C" std::int32_t bytestride_get_num_threads(void) { return default_threads(); }

extern "C" std::int32_t bytestride_array_init(bytestride_array *array, void *data, std::int32_t dtype, std::int32_t ndim,
                                              const std::int64_t *shape, const std::int64_t *strides, std::uint32_t flags) {
    check c;
    view v{};
    c.require(array != nullptr, BYTESTRIDE_ERROR_NULL, 1, "array", "is NULL");
    c.require(dtype_from_code(dtype, &v.type), BYTESTRIDE_ERROR_DTYPE, 3, "dtype", "unknown dtype 0x%x", static_cast<unsigned>(dtype));
    c.require(flags <= BYTESTRIDE_WRITEABLE, BYTESTRIDE_ERROR_VERSION, 7, "flags", "has unknown flags 0x%x", flags);
    if (c.failed()) return c.result();
    v.data = static_cast<char *>(data);
    v.ndim = ndim;
    v.itemsize = itemsize_of(v.type);
    set_extents(c, 5, "shape", v, shape, strides, 1);
    if (c.failed()) return c.result();
    c.require(data || element_count(v) == 0, BYTESTRIDE_ERROR_NULL, 2, "data", "is NULL");
    if (!c.failed()) write_array(v, dtype, flags, array);
    return c.result();
}

extern "C" std::int32_t bytestride_from_dltensor(const void *tensor, std::int32_t versioned, bytestride_array *out) {
    check c;
    c.require(tensor != nullptr, BYTESTRIDE_ERROR_NULL, 1, "tensor", "is NULL");
    c.require(versioned == 0 || versioned == 1, BYTESTRIDE_ERROR_OPTION, 2, "versioned", "is %d, must be 0 or 1", versioned);
    c.require(out != nullptr, BYTESTRIDE_ERROR_NULL, 3, "out", "is NULL");
    if (c.failed()) return c.result();
    dl_tensor t{};
    std::uint32_t flags = 0;
    if (versioned) {
        std::uint32_t major;
        std::memcpy(&major, tensor, sizeof major);
        c.require(major == 1, BYTESTRIDE_ERROR_VERSION, 1, "tensor", "is of DLPack version %u, must be 1", major);
        if (c.failed()) return c.result();
        dl_managed_tensor_versioned managed;
        std::memcpy(&managed, tensor, sizeof managed);
        t = managed.tensor;
        flags = managed.flags & dl_read_only ? 0 : BYTESTRIDE_WRITEABLE;
    } else {
        std::memcpy(&t, tensor, sizeof t);
    }
    c.require(on_host(t.device_type), BYTESTRIDE_ERROR_DEVICE, 1, "tensor", "is not in host memory (DLPack device type %d)", t.device_type);
    const std::int32_t code = static_cast<std::int32_t>(t.code | t.bits << 8 | static_cast<std::uint32_t>(t.lanes) << 16);
    view v{};
    c.require(dtype_from_code(code, &v.type), BYTESTRIDE_ERROR_DTYPE, 1, "tensor", "has an unknown dtype (code %d, %d bits, %d lanes)",
              t.code, t.bits, t.lanes);
    if (c.failed()) return c.result();
    // A sum of numbers: an offset beyond the middle of the address space is no step that a pointer can make.
    std::uintptr_t address = 0;
    const bool reachable = !t.data || !__builtin_add_overflow(reinterpret_cast<std::uintptr_t>(t.data), t.byte_offset, &address);
    c.require(reachable, BYTESTRIDE_ERROR_SHAPE, 1, "tensor", "its byte_offset passes the address space");
    if (t.data && reachable) std::memcpy(&v.data, &address, sizeof v.data);
    v.ndim = t.ndim;
    v.itemsize = itemsize_of(v.type);
    set_extents(c, 1, "tensor", v, t.shape, t.strides, v.itemsize);
    if (c.failed()) return c.result();
    c.require(t.data || element_count(v) == 0, BYTESTRIDE_ERROR_NULL, 1, "tensor", "has no data");
    if (!c.failed()) write_array(v, code, flags, out);
    return c.result();
}
