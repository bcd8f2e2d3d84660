#include "core/error.hpp"

#include <cstring>

namespace bytestride {
namespace {

// Small and plain: large or constructed thread-local data makes dlopen fail in hosts with little static TLS.
thread_local char message[message_size];

}  // namespace

char *last_error_message() { return message; }

const char *status_text(status code) {
    switch (code) {
    case BYTESTRIDE_OK: return "success";
    case BYTESTRIDE_ERROR_DTYPE: return "wrong dtype";
    case BYTESTRIDE_ERROR_SHAPE: return "wrong shape";
    case BYTESTRIDE_ERROR_NDIM: return "wrong number of dimensions";
    case BYTESTRIDE_ERROR_READONLY: return "the output is read-only";
    case BYTESTRIDE_ERROR_OVERLAP: return "the output overlaps another array or itself";
    case BYTESTRIDE_ERROR_MEMORY: return "out of memory";
    case BYTESTRIDE_ERROR_VERSION: return "a struct or flag of an unknown version";
    case BYTESTRIDE_ERROR_OPTION: return "an option or argument has a value that is not accepted";
    case BYTESTRIDE_ERROR_NULL: return "a pointer is NULL";
    case BYTESTRIDE_ERROR_INTERNAL: return "an internal error of the library";
    case BYTESTRIDE_ERROR_OVERFLOW: return "the result overflows";
    case BYTESTRIDE_ERROR_CANCELLED: return "the call was cancelled";
    case BYTESTRIDE_ERROR_DEVICE: return "the array is not in host memory";
    default: return code <= -1000 ? "an error of a user's own kernel" : "an unknown status";
    }
}

void copy_message(const char *text, char *buffer, std::int64_t buffer_size) {
    if (!buffer || buffer_size <= 0) return;
    std::size_t length = std::strlen(text);
    if (length > static_cast<std::size_t>(buffer_size - 1)) length = static_cast<std::size_t>(buffer_size - 1);
    std::memcpy(buffer, text, length);
    buffer[length] = '\0';
}

}  // namespace bytestride
