// Planes to pixels of 2 to 4 elements, and pixels to planes: runs of one channel each, and dense pixels of all.
// Planes to pixels against loops per element, 1080 x 1920 x 3 uint8: 0.04 of the time (AVX2 0.12).
// Pixels to planes against one channel after the other, 480 x 640 x 3 (x 4): uint8 in 0.7 (0.6) of the time, int16 0.75 (0.65),
// float32 0.75 (0.95), float64 0.84 (0.93); AVX2 0.83 (0.67), 0.7 (0.7), 0.78 (0.97), and 1.02 to 1.12, so not there.
#pragma once
#include <utility>

#include "kernels/pixels.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// ---- Planes to pixels -------------------------------------------------------------------------------------

template <class Item, int channels, int part, int... lane>
inline __attribute__((always_inline)) auto interleaved(const Item (&planes)[channels], std::integer_sequence<int, lane...>) {
    constexpr int width = sizeof...(lane);
    // Lane l of the part is element n = part * width + l of the pixels: channel n % channels of pixel n / channels.
    auto result = __builtin_shufflevector(planes[0], planes[1],
                                          ((part * width + lane) % channels * width + (part * width + lane) / channels) % (2 * width)...);
    if constexpr (channels > 2)
        result = __builtin_shufflevector(result, planes[2],
                                         ((part * width + lane) % channels == 2 ? width + (part * width + lane) / channels : lane)...);
    if constexpr (channels > 3)
        result = __builtin_shufflevector(result, planes[3],
                                         ((part * width + lane) % channels == 3 ? width + (part * width + lane) / channels : lane)...);
    return result;
}

// Runs of elements, `plane` bytes apart, to dense pixels.
template <class Item, int channels> void interleave(const char *from, index plane, char *to, index count) {
    constexpr index size = sizeof(Item);
    index i = 0;
    if constexpr (permuted_bytes > 0) {
        constexpr int width = permuted_bytes / size;
        typedef Item vector __attribute__((vector_size(permuted_bytes)));
        constexpr auto numbers = std::make_integer_sequence<int, width>();
        for (; i + width <= count; i += width) {
            vector planes[channels];
            for (int k = 0; k < channels; ++k) planes[k] = load<vector>(from + k * plane + i * size);
            char *const at = to + i * channels * size;
            store(at, interleaved<vector, channels, 0>(planes, numbers));
            store(at + permuted_bytes, interleaved<vector, channels, 1>(planes, numbers));
            if constexpr (channels > 2) store(at + 2 * permuted_bytes, interleaved<vector, channels, 2>(planes, numbers));
            if constexpr (channels > 3) store(at + 3 * permuted_bytes, interleaved<vector, channels, 3>(planes, numbers));
        }
    }
    for (; i < count; ++i)
        for (index k = 0; k < channels; ++k) store(to + (i * channels + k) * size, load<Item>(from + k * plane + i * size));
}

template <class Item> bool interleave_planes(const char *from, index plane, char *to, index count, index channels) {
    if constexpr (sizeof(Item) > 8)
        return false;
    else
        switch (channels) {
        case 2: interleave<Item, 2>(from, plane, to, count); return true;
        case 3: interleave<Item, 3>(from, plane, to, count); return true;
        case 4: interleave<Item, 4>(from, plane, to, count); return true;
        }
    return false;
}

// ---- Pixels to planes -------------------------------------------------------------------------------------

// Of 2 or 3 channels: lane l of the plane is element n = l * channels + channel of the pixels.
template <class Vector, int channels, int channel, int... lane>
inline __attribute__((always_inline)) Vector plane_of(const Vector (&pixels)[channels], std::integer_sequence<int, lane...>) {
    constexpr int width = sizeof...(lane);
    const Vector most = __builtin_shufflevector(pixels[0], pixels[1], ((lane * channels + channel) % (2 * width))...);
    if constexpr (channels == 2)
        return most;
    else
        return __builtin_shufflevector(most, pixels[2],
                                       (lane * channels + channel < 2 * width ? lane : lane * channels + channel - width)...);
}

// Of 4 channels, from two vectors of pixels: half of two neighbouring planes.
template <class Vector, int channel, int... lane>
inline __attribute__((always_inline)) Vector halves_of_planes(Vector a, Vector b, std::integer_sequence<int, lane...>) {
    constexpr int half = sizeof...(lane) / 2;
    return __builtin_shufflevector(a, b, (lane % half * 4 + channel + lane / half)...);
}

template <int half, class Vector, int... lane>
inline __attribute__((always_inline)) Vector halves_together(Vector a, Vector b, std::integer_sequence<int, lane...>) {
    constexpr int width = sizeof...(lane), middle = width / 2;
    return __builtin_shufflevector(a, b, (half * middle + lane % middle + lane / middle * width)...);
}

// Dense pixels to runs of elements, `plane` bytes apart.
template <class Item, int channels> void split(const char *from, char *to, index plane, index count) {
    constexpr index size = sizeof(Item);
    constexpr int width = permuted_bytes / size;
    typedef Item vector __attribute__((vector_size(permuted_bytes)));
    constexpr auto numbers = std::make_integer_sequence<int, width>();
    index i = 0;
    for (; i + width <= count; i += width) {
        vector pixels[channels];
        for (int k = 0; k < channels; ++k) pixels[k] = load<vector>(from + i * channels * size + k * permuted_bytes);
        char *const at = to + i * size;
        if constexpr (channels < 4) {
            store(at, plane_of<vector, channels, 0>(pixels, numbers));
            store(at + plane, plane_of<vector, channels, 1>(pixels, numbers));
            if constexpr (channels > 2) store(at + 2 * plane, plane_of<vector, channels, 2>(pixels, numbers));
        } else {
            const vector first[2] = {halves_of_planes<vector, 0>(pixels[0], pixels[1], numbers),
                                     halves_of_planes<vector, 0>(pixels[2], pixels[3], numbers)};
            const vector second[2] = {halves_of_planes<vector, 2>(pixels[0], pixels[1], numbers),
                                      halves_of_planes<vector, 2>(pixels[2], pixels[3], numbers)};
            store(at, halves_together<0>(first[0], first[1], numbers));
            store(at + plane, halves_together<1>(first[0], first[1], numbers));
            store(at + 2 * plane, halves_together<0>(second[0], second[1], numbers));
            store(at + 3 * plane, halves_together<1>(second[0], second[1], numbers));
        }
    }
    for (; i < count; ++i)
        for (index k = 0; k < channels; ++k) store(to + k * plane + i * size, load<Item>(from + (i * channels + k) * size));
}

// False, and nothing is done, where there is no way that is better than runs of elements.
template <class Item> bool split_pixels(const char *from, char *to, index plane, index count, index channels) {
    if constexpr (permuted_bytes == 0 || sizeof(Item) > (permuted_bytes < 64 ? 4 : 8))
        return false;
    else
        switch (channels) {
        case 2: split<Item, 2>(from, to, plane, count); return true;
        case 3: split<Item, 3>(from, to, plane, count); return true;
        case 4: split<Item, 4>(from, to, plane, count); return true;
        }
    return false;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
