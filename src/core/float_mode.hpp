// The default floating-point mode for the time of a call: round to nearest, subnormals kept, no traps.
// A host that flushes subnormals to zero would otherwise get other bits from its own thread than from
// the library's workers. Restoring gives back the caller's mode and its sticky exception flags.
#pragma once
#include "core/types.hpp"

namespace bytestride {

class default_float_mode {
public:
    default_float_mode() : saved(read()) {
        if ((saved & ~flags) != standard) write(standard);
    }
    // Writing the mode costs more than reading it, and a call that raised no new flag has nothing to restore.
    ~default_float_mode() {
        if (read() != saved) write(saved);
    }
    default_float_mode(const default_float_mode &) = delete;
    default_float_mode &operator=(const default_float_mode &) = delete;

private:
#if defined(__x86_64__)
    using word = unsigned;
    static constexpr word standard = 0x1f80;  // MXCSR after reset: all exceptions masked
    static constexpr word flags = 0x3f;       // its sticky exception flags
    static word read() { return __builtin_ia32_stmxcsr(); }
    static void write(word mode) { __builtin_ia32_ldmxcsr(mode); }
#else
    using word = std::uint64_t;
    static constexpr word standard = 0;
    static constexpr word flags = 0;  // aarch64 keeps the sticky flags in FPSR
    static word read() {
        word mode;
        __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
        return mode;
    }
    static void write(word mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#endif
    word saved;
};

}  // namespace bytestride
