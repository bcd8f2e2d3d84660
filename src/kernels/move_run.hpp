// Movement of runs of items between strides.
#pragma once
#include "kernels/kernel.hpp"
#include "kernels/pixels.hpp"

#if defined(__AVX512VBMI__)
#include <immintrin.h>
#endif

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// A run whose strides are known multiples of the itemsize: with constants the compiler turns loads and stores of
// single elements into whole vectors and shuffles.
template <class Item, index from_step, index to_step> void move_run_by(const char *from, char *to, index count) {
    constexpr index size = sizeof(Item);
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) store(to + i * to_step * size, load<Item>(from + i * from_step * size));
}

// Four at once take 0.6 to 1 of the time of one by one.
template <class Item> void move_run_any(const char *from, index from_stride, char *to, index to_stride, index count) {
    index i = 0;
    for (; i + 4 <= count; i += 4, from += 4 * from_stride, to += 4 * to_stride) {
        const Item first = load<Item>(from), second = load<Item>(from + from_stride), third = load<Item>(from + 2 * from_stride),
                   fourth = load<Item>(from + 3 * from_stride);
        store(to, first);
        store(to + to_stride, second);
        store(to + 2 * to_stride, third);
        store(to + 3 * to_stride, fourth);
    }
    for (; i < count; ++i, from += from_stride, to += to_stride) store(to, load<Item>(from));
}

template <class Item> void fill_run(const char *from, char *to, index count) {
    const Item value = load<Item>(from);
    for (index i = 0; i < count; ++i) store(to + i * static_cast<index>(sizeof(Item)), value);
}

// A call of memcpy costs more than the few vectors that most rows of a tile are.
inline __attribute__((always_inline)) void copy_row(const char *from, char *to, index bytes) {
#if defined(__AVX2__)
    constexpr index size = 32;  // 0.85 of the time of 16
#else
    constexpr index size = 16;
#endif
    struct vector {
        char bytes[size];
    };
    if (bytes >= 16 && bytes <= 32) {
        struct half {
            char bytes[16];
        };
        const half last = load<half>(from + bytes - 16);
        store(to, load<half>(from));
        store(to + bytes - 16, last);
        return;
    }
    if (bytes < size || bytes > 1024) {
        std::memcpy(to, from, static_cast<std::size_t>(bytes));
        return;
    }
    for (index i = 0; i + size <= bytes; i += size) store(to + i, load<vector>(from + i));
    // The last vector may repeat bytes that were copied already.
    store(to + bytes - size, load<vector>(from + bytes - size));
}

#if defined(__AVX512VBMI__)
// The bytes of a vector of items that lie `step` items apart: where they come from, and which ones there are.
template <index size, index step> struct spread_bytes {
    alignas(64) char source[64] = {};
    std::uint64_t present = 0;

    static constexpr index items = 64 / (size * step);
    constexpr spread_bytes() {
        for (index i = 0; i < items; ++i)
            for (index j = 0; j < size; ++j) {
                source[i * step * size + j] = static_cast<char>(i * size + j);
                present |= std::uint64_t(1) << (i * step * size + j);
            }
    }
};

inline std::uint64_t first_bits(index count) { return count >= 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << count) - 1; }

// Items of one run to every step-th place. A masked store leaves the gaps alone, whoever writes them meanwhile. Copies of 1024 x 700 take 0.2
// (uint8), 0.4 (int16) and 0.6 (float32 into every second place) of the time of single stores. Loads are not masked as long as they need not
// be: the processor does not foresee such loads, and 2048 x 2048 int16 took 2.3 times as long.
template <class Item, index step> void spread_run(const char *from, char *to, index count) {
    constexpr index size = sizeof(Item);
    static constexpr spread_bytes<size, step> bytes;
    constexpr index items = bytes.items;
    const __m512i source = _mm512_load_si512(bytes.source);
    index i = 0;
    for (; i + 32 / size <= count; i += items, from += items * size, to += items * step * size) {
        __builtin_prefetch(to + masked_ahead, 1, 3);
        const __m512i dense = _mm512_maskz_broadcast_i64x4(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)));
        _mm512_mask_storeu_epi8(to, bytes.present, _mm512_maskz_permutexvar_epi8(bytes.present, source, dense));
    }
    for (; i < count; i += items, from += items * size, to += items * step * size) {
        const index here = count - i < items ? count - i : items;
        const __m512i dense = _mm512_maskz_loadu_epi8(first_bits(here * size), from);
        _mm512_mask_storeu_epi8(to, bytes.present & first_bits(here * step * size),
                                _mm512_maskz_permutexvar_epi8(bytes.present, source, dense));
    }
}
#endif

template <class Item> void move_run(const char *from, index from_stride, char *to, index to_stride, index count);

// By way of dense items, so that vectors are loaded and stored: every second of 1000 x 1000 uint8 in 0.12 of the time.
template <class Item> void move_run_by_parts(const char *from, index from_stride, char *to, index to_stride, index count) {
    constexpr index size = sizeof(Item), part = 512 / size;
    Item dense[part];
    for (index i = 0; i < count; i += part) {
        const index length = count - i < part ? count - i : part;
        move_run<Item>(from + i * from_stride, from_stride, reinterpret_cast<char *>(dense), size, length);
        move_run<Item>(reinterpret_cast<const char *>(dense), size, to + i * to_stride, to_stride, length);
    }
}

template <class Item> void move_run(const char *from, index from_stride, char *to, index to_stride, index count) {
    constexpr index size = sizeof(Item);
    if (to_stride < 0) {
        from += (count - 1) * from_stride;
        to += (count - 1) * to_stride;
        from_stride = -from_stride;
        to_stride = -to_stride;
    }
    if (to_stride == size) {
        if (from_stride == size) return copy_row(from, to, count * size);
        if (from_stride == 0) return fill_run<Item>(from, to, count);
        if constexpr (size < 16) {
            if (from_stride == -size) return move_run_by<Item, -1, 1>(from, to, count);
            if (from_stride == 2 * size) return move_run_by<Item, 2, 1>(from, to, count);
            if (from_stride == 3 * size) return move_run_by<Item, 3, 1>(from, to, count);
            if (from_stride == 4 * size) return move_run_by<Item, 4, 1>(from, to, count);
        }
    }
#if defined(__AVX512VBMI__)
    if constexpr (size <= 4) {
        // Where both lie apart and memory is the limit, every fourth item of more than a byte takes up to 1.8 times as long so.
        const index step = to_stride % size == 0 ? to_stride / size : 0;
        const bool spreads = step == 2 || step == 3 || (step == 4 && (size == 1 || from_stride == size));
        if (count >= 8 && spreads) {
            if (from_stride != size) return move_run_by_parts<Item>(from, from_stride, to, to_stride, count);
            if (step == 2) return spread_run<Item, 2>(from, to, count);
            if (step == 3) return spread_run<Item, 3>(from, to, count);
            return spread_run<Item, 4>(from, to, count);
        }
    }
#endif
    // Other stores with gaps are left to the plain loop: a vector store would write the gaps too.
    move_run_any<Item>(from, from_stride, to, to_stride, count);
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
