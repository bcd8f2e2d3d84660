#include "core/check.hpp"

#include <cstdarg>
#include <cstdio>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace bytestride {

void check::fail(status what, int position, const char *name, const char *format, ...) {
    code = what;
    char *message = last_error_message();
    int used = 0;
    if (position > 0) used = std::snprintf(message, message_size, "argument %d (%s): ", position, name);
    // A name that fills the message leaves no room for more.
    if (static_cast<std::size_t>(used) >= message_size) used = static_cast<int>(message_size - 1);
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

call check::settings() const {
    const int threads = head.threads > 0 ? head.threads : default_threads();
    return {threads < most_threads ? threads : most_threads, head.cancel, head.progress};
}

void check::read_options(int position, const void *given, void *known, std::size_t known_size, std::size_t smallest) {
    if (!given || failed()) return;
    problem why;
    bytestride_options read{};
    const bool fine = read_options_into(given, known, known_size, smallest, &read, &why);
    // From here on a failure reaches the caller's error buffer too.
    head.error = read.error;
    head.error_size = read.error_size;
    if (fine)
        head = read;
    else
        fail(why.code, position, "options", "%s", why.text);
}

view check::read_array(int position, const char *name, const bytestride_array *array, bool *writeable) {
    view v{};
    problem why;
    if (!failed() && !bytestride::read_array(array, &v, writeable, &why)) fail(why.code, position, name, "%s", why.text);
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
