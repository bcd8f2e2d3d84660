// Instruction-set levels: every kernel source is compiled once per level, into a namespace of its own, and
// the best level that the processor has (capped by BYTESTRIDE_ISA) runs.
#pragma once
#include "bytestride/float_mode.hpp"
#include "core/types.hpp"

namespace bytestride {

enum class level { baseline, avx2, avx512 };

// The level in use; read from the processor and the environment once.
level current_level();
const char *level_name(level which);
// JSON list of the names of the levels in this build.
const char *levels_built();

// One operation at every level of the build. `run` is the one way from an entry into a kernel.
template <class Task> struct by_level {
    status (*at[3])(const Task &);

    status run(const Task &task) const {
        default_float_mode mode;
        return at[static_cast<int>(current_level())](task);
    }
};

}  // namespace bytestride

// Declares an operation at every level of the build, and `kernels::name`, which runs the best one.
#if defined(BYTESTRIDE_HAVE_AVX2) && defined(BYTESTRIDE_HAVE_AVX512)
#define BYTESTRIDE_KERNEL(name, task)                                                   \
    namespace bytestride {                                                              \
    namespace at_baseline {                                                             \
    status name(const task &);                                                          \
    }                                                                                   \
    namespace at_avx2 {                                                                 \
    status name(const task &);                                                          \
    }                                                                                   \
    namespace at_avx512 {                                                               \
    status name(const task &);                                                          \
    }                                                                                   \
    namespace kernels {                                                                 \
    constexpr by_level<task> name{{at_baseline::name, at_avx2::name, at_avx512::name}}; \
    }                                                                                   \
    }
#else
#define BYTESTRIDE_KERNEL(name, task)                                     \
    namespace bytestride {                                                \
    namespace at_baseline {                                               \
    status name(const task &);                                            \
    }                                                                     \
    namespace kernels {                                                   \
    constexpr by_level<task> name{{at_baseline::name, nullptr, nullptr}}; \
    }                                                                     \
    }
#endif
