// The default floating-point mode for the time of a call: round to nearest, subnormals kept, no traps.
// A host that flushes subnormals to zero would otherwise get other bits from its own thread than from
// the library's workers. Restoring gives back the caller's mode and its sticky exception flags.
#pragma once
#include <cstdint>

namespace bytestride {

class default_float_mode {
public:
    default_float_mode(const default_float_mode &) = delete;
    default_float_mode &operator=(const default_float_mode &) = delete;

#if defined(__x86_64__)
    default_float_mode() : saved(__builtin_ia32_stmxcsr()) {
        if ((saved & ~flags) != standard) __builtin_ia32_ldmxcsr(standard);
    }
    // Writing the register costs more than reading it, and a call that raised no new flag has nothing to restore.
    ~default_float_mode() {
        if (__builtin_ia32_stmxcsr() != saved) __builtin_ia32_ldmxcsr(saved);
    }

private:
    static constexpr unsigned standard = 0x1f80;  // MXCSR after reset: all exceptions masked
    static constexpr unsigned flags = 0x3f;       // its sticky exception flags
    unsigned saved;
#else
    default_float_mode() {
        __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(saved_mode), "=r"(saved_flags));
        if (saved_mode != 0) __asm__ volatile("msr fpcr, %0" : : "r"(std::uint64_t(0)) : "memory");
    }
    ~default_float_mode() {
        if (saved_mode != 0) __asm__ volatile("msr fpcr, %0" : : "r"(saved_mode) : "memory");
        __asm__ volatile("msr fpsr, %0" : : "r"(saved_flags) : "memory");
    }

private:
    std::uint64_t saved_mode, saved_flags;
#endif
};

}  // namespace bytestride
