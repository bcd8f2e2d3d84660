// The one place where arguments are checked. A check is a list of rules: the first failure sticks, what
// follows does nothing, and nothing is written before `failed()` was asked. What makes a descriptor or options wrong
// stands in bytestride/checks.hpp, which users' kernels share.
#pragma once
#include "core/dtype.hpp"
#include "core/first_sizes.hpp"
#include "core/overlap.hpp"
#include "core/types.hpp"
// After types.hpp, which makes the public functions visible.
#include "bytestride/checks.hpp"

namespace bytestride {

class check {
public:
    check() = default;

    // Reads the options of a call into the newest struct: what an older caller does not have is zero.
    template <class Options> Options options(int position, const Options *given) {
        static_assert(first_size<Options> >= sizeof(bytestride_options), "a new struct: its size belongs into core/first_sizes.hpp");
        Options known{};
        read_options(position, given, &known, sizeof(Options), first_size<Options>);
        return known;
    }

    // A descriptor (ours or NumPy's) as a checked view. Positions count from 1.
    view input(int position, const char *name, const bytestride_array *array);
    // The same, writeable, and with no two elements in the same place.
    view output(int position, const char *name, const bytestride_array *array);

    // A rule about an argument; the message becomes "argument 2 (kernel): ...". Inline, since rules nearly always hold
    // and a short call has dozens of them.
    template <class... Values>
    void require(bool rule, status code_if_broken, int position, const char *name, const char *format, Values... values) {
        if (rule || failed()) return;
        if constexpr (sizeof...(values) > 0)
            fail(code_if_broken, position, name, format, values...);
        else
            fail(code_if_broken, position, name, "%s", format);
    }

    // The output shares no byte with the input, except that an elementwise operation may have `same` views.
    enum class aliasing { none, same };
    void require_disjoint(int position, const char *name, const view &output, const view &input, const char *input_name, aliasing allowed);

    bool failed() const { return code != BYTESTRIDE_OK; }
    // The status of the checks.
    status result() const { return code; }
    // The status of the call as a whole: that of the kernel, with a message when it is a failure.
    status result(status of_kernel);
    // How the options want the call to run.
    call settings() const;

private:
    __attribute__((format(printf, 5, 6), cold)) void fail(status what, int position, const char *name, const char *format, ...);
    void read_options(int position, const void *given, void *known, std::size_t known_size, std::size_t smallest);
    view read_array(int position, const char *name, const bytestride_array *array, bool *writeable);

    status code = BYTESTRIDE_OK;
    bytestride_options head{};
};

}  // namespace bytestride
