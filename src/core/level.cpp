#include "core/level.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace bytestride {
namespace {

#if defined(BYTESTRIDE_HAVE_AVX2) && defined(BYTESTRIDE_HAVE_AVX512)

// Tests exactly the features that the Makefile's flags for each level let the compiler use, by CPUID:
// __builtin_cpu_supports does not know all of them in every compiler.
struct features {
    unsigned leaf1_ecx = 0, leaf7_ebx = 0, leaf7_ecx = 0;
    std::uint64_t enabled_state = 0;  // XCR0: which registers the system saves

    features() {
        unsigned a, b, c, d;
        if (__get_cpuid(1, &a, &b, &c, &d)) leaf1_ecx = c;  // unreached: other processors
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {      // unreached: other processors
            leaf7_ebx = b;
            leaf7_ecx = c;
        }
        if (leaf1_ecx & bit_OSXSAVE) {  // unreached: other processors
            unsigned low, high;
            __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
            enabled_state = (static_cast<std::uint64_t>(high) << 32) | low;
        }
    }
    static bool all(unsigned word, unsigned bits) { return (word & bits) == bits; }
    bool avx2() const {
        constexpr unsigned ymm_state = 0x6;
        return (enabled_state & ymm_state) == ymm_state && all(leaf1_ecx, bit_AVX | bit_FMA | bit_F16C) &&  // unreached: other processors
               all(leaf7_ebx, bit_AVX2 | bit_BMI | bit_BMI2);
    }
    // VBMI also keeps out the first AVX-512 generation (Skylake to Cascade Lake), whose clock drops so far
    // under 512-bit instructions that the AVX2 level is the faster one.
    bool avx512() const {
        constexpr unsigned zmm_state = 0xe6;
        return avx2() && (enabled_state & zmm_state) == zmm_state &&  // unreached: other processors
               all(leaf7_ebx, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL) && all(leaf7_ecx, bit_AVX512VBMI | bit_AVX512VNNI);
    }
};

level detect() {
    const features cpu;
    level best = cpu.avx512() ? level::avx512 : cpu.avx2() ? level::avx2 : level::baseline;  // unreached: other processors
    // An unknown word in BYTESTRIDE_ISA leaves the choice to the processor.
    const char *cap = std::getenv("BYTESTRIDE_ISA");
    if (cap && !std::strcmp(cap, "baseline")) best = level::baseline;
    if (cap && !std::strcmp(cap, "avx2") && best > level::avx2) best = level::avx2;
    return best;
}

#else

level detect() { return level::baseline; }

#endif

}  // namespace

level current_level() {
    static std::atomic<int> known{-1};
    int value = known.load(std::memory_order_relaxed);
    if (value < 0) {
        value = static_cast<int>(detect());
        known.store(value, std::memory_order_relaxed);
    }
    return static_cast<level>(value);
}

const char *level_name(level which) {
#if defined(__aarch64__)
    (void)which;
    return "neon";
#else
    return which == level::avx512 ? "avx512" : which == level::avx2 ? "avx2" : "baseline";
#endif
}

const char *levels_built() {
#if defined(__aarch64__)
    return "[\"neon\"]";
#elif defined(BYTESTRIDE_HAVE_AVX2) && defined(BYTESTRIDE_HAVE_AVX512)
    return "[\"baseline\", \"avx2\", \"avx512\"]";
#else
    return "[\"baseline\"]";
#endif
}

}  // namespace bytestride
