// floor(M p_c / ||p||) where floating point cannot tell on which side of an integer the quotient lies.
//
// With k the integer next to the quotient, the floor is k when k ||p|| <= M p_c, that is when the sum of (k p_i)^2 is at most
// (M p_c)^2. Products of 49 16-bit values have 784 bits, so this is decided in integers of many words. Only values within the
// rounding error of an integer come here; on photographs those are a few in a billion.
#pragma once
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// A non-negative integer below 2^1728: room for the sum of four squares of 16-bit numbers times 784-bit products.
struct wide_integer {
    static constexpr int words = 27;
    std::uint64_t word[words];  // the least first
    int used;                   // words from here on are not set, and count as 0
};

inline wide_integer wide_of(std::uint64_t value) {
    wide_integer result;
    result.word[0] = value;
    result.used = 1;
    return result;
}

inline void multiply(wide_integer &a, std::uint64_t factor) {
    unsigned __int128 carry = 0;
    for (int i = 0; i < a.used; ++i) {
        carry += static_cast<unsigned __int128>(a.word[i]) * factor;
        a.word[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    if (carry) a.word[a.used++] = static_cast<std::uint64_t>(carry);
}

inline wide_integer squared(const wide_integer &a) {
    wide_integer result;
    result.used = 2 * a.used;
    for (int i = 0; i < result.used; ++i) result.word[i] = 0;
    for (int i = 0; i < a.used; ++i) {
        std::uint64_t carry = 0;
        for (int j = 0; j < a.used; ++j) {
            const unsigned __int128 sum = static_cast<unsigned __int128>(a.word[i]) * a.word[j] + result.word[i + j] + carry;
            result.word[i + j] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        result.word[i + a.used] = carry;
    }
    return result;
}

inline std::uint64_t word_of(const wide_integer &a, int i) { return i < a.used ? a.word[i] : 0; }

inline void add(wide_integer &a, const wide_integer &b) {
    const int used = (a.used > b.used ? a.used : b.used) + 1;
    std::uint64_t carry = 0;
    for (int i = 0; i < used; ++i) {
        const unsigned __int128 sum = static_cast<unsigned __int128>(word_of(a, i)) + word_of(b, i) + carry;
        a.word[i] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
    }
    a.used = a.word[used - 1] ? used : used - 1;
}

inline bool at_most(const wide_integer &a, const wide_integer &b) {
    for (int i = (a.used > b.used ? a.used : b.used) - 1; i >= 0; --i)
        if (word_of(a, i) != word_of(b, i)) return word_of(a, i) < word_of(b, i);
    return true;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
