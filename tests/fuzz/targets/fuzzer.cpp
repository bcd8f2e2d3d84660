// The libFuzzer target of a family: BYTESTRIDE_FUZZ_FAMILY names it. What fails ends the process, as libFuzzer wants it.
#include "families.hpp"

namespace {

const fuzz::family *chosen_family() {
    const char *wanted = std::getenv("BYTESTRIDE_FUZZ_FAMILY");
    for (const fuzz::family &one : fuzz::families)
        if (wanted && !std::strcmp(wanted, one.name)) return &one;
    std::fprintf(stderr, "BYTESTRIDE_FUZZ_FAMILY is not the name of a family\n");
    std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t count) {
    static const fuzz::family *const one = chosen_family();
    test::state().current = one->name;
    test::random_numbers dice(bytes, count);
    one->call(dice);
    if (test::state().failures.load() > 0) std::abort();
    return 0;
}
