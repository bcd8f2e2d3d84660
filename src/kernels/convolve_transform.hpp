// Fast Fourier transforms of a power of two of complex points, one transform in each lane of the level's vectors. Real and imaginary
// parts lie apart. The forward transform takes the points in order and leaves the frequencies in the order of its own passes; the inverse
// takes them in that order. A product of spectra needs no other.
#pragma once
#include <cmath>

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index longest_transform = 4096;

// cos and sin of 2 pi j / count, to half a unit: the argument is taken to the first eighth of the circle, where both are accurate.
class circle {
public:
    explicit circle(index count_) : count(count_) {
        for (index j = 0; j <= count / 8; ++j) {
            const double angle = 6.283185307179586477 * (static_cast<double>(j) / static_cast<double>(count));
            cosine[j] = std::cos(angle);
            sine[j] = std::sin(angle);
        }
    }
    void point(index j, double *x, double *y) const {
        const index quarter = (8 * j / count + 1) / 2, beyond = j - quarter * (count / 4);  // the nearest of the axes 0 to 4
        const double c = cosine[beyond < 0 ? -beyond : beyond], s = beyond < 0 ? -sine[-beyond] : sine[beyond];
        switch (quarter % 4) {
        case 0: *x = c, *y = s; break;
        case 1: *x = -s, *y = c; break;
        case 2: *x = -c, *y = -s; break;
        default: *x = s, *y = -c;
        }
    }

private:
    index count;
    double cosine[longest_transform / 8 + 1], sine[longest_transform / 8 + 1];
};

// For each pass of radix 4 over blocks of `length` points and each j < length / 4: the j-th, 2j-th and 3j-th points of the circle.
constexpr index most_twiddles(index points) { return 2 * points; }

template <class T> void fill_twiddles(index points, T *to) {
    const circle all(points);
    for (index length = points; length > 4; length /= 4)
        for (index j = 0; j < length / 4; ++j)
            for (index k = 1; k < 4; ++k, to += 2) {
                double x, y;
                all.point(k * j * (points / length), &x, &y);
                to[0] = static_cast<T>(x);
                to[1] = static_cast<T>(y);
            }
}

template <class T> struct complex_lanes { vector<T> re, im; };
template <class T> BYTESTRIDE_INLINE complex_lanes<T> operator+(complex_lanes<T> a, complex_lanes<T> b) {
    return {a.re + b.re, a.im + b.im};
}
template <class T> BYTESTRIDE_INLINE complex_lanes<T> operator-(complex_lanes<T> a, complex_lanes<T> b) {
    return {a.re - b.re, a.im - b.im};
}
template <class T> BYTESTRIDE_INLINE complex_lanes<T> times_i(complex_lanes<T> a) { return {-a.im, a.re}; }

// Points whose parts stand at re and im, `stride` elements from one to the next.
template <class T> struct points {
    T *re, *im;
    index stride;

    BYTESTRIDE_INLINE complex_lanes<T> at(index i) const { return {load_lanes(re + i * stride), load_lanes(im + i * stride)}; }
    BYTESTRIDE_INLINE void put(index i, complex_lanes<T> value) const {
        store_lanes(re + i * stride, value.re);
        store_lanes(im + i * stride, value.im);
    }
};

template <class T> BYTESTRIDE_INLINE complex_lanes<T> product(complex_lanes<T> a, vector<T> re, vector<T> im) {
    return {fused_lanes(a.re, re, -(a.im * im)), fused_lanes(a.re, im, a.im * re)};
}
// By the conjugate of re + i im.
template <class T> BYTESTRIDE_INLINE complex_lanes<T> product_back(complex_lanes<T> a, vector<T> re, vector<T> im) {
    return {fused_lanes(a.re, re, a.im * im), fused_lanes(a.im, re, -(a.re * im))};
}

// One butterfly of four points; each but the first is turned by its twiddle, on the way out forwards, on the way in backwards.
template <bool turned, class T> BYTESTRIDE_INLINE void four_forward(const points<T> &p, index first, index apart, const T *twiddle) {
    const complex_lanes<T> a = p.at(first), b = p.at(first + apart), c = p.at(first + 2 * apart), d = p.at(first + 3 * apart);
    const complex_lanes<T> sum = a + c, difference = a - c, other = b + d, turn = times_i(b - d);
    p.put(first, sum + other);
    if constexpr (turned) {
        // e^(-i angle) is the conjugate of the twiddle.
        p.put(first + apart, product_back(difference - turn, all_lanes(twiddle[0]), all_lanes(twiddle[1])));
        p.put(first + 2 * apart, product_back(sum - other, all_lanes(twiddle[2]), all_lanes(twiddle[3])));
        p.put(first + 3 * apart, product_back(difference + turn, all_lanes(twiddle[4]), all_lanes(twiddle[5])));
    } else {
        p.put(first + apart, difference - turn);
        p.put(first + 2 * apart, sum - other);
        p.put(first + 3 * apart, difference + turn);
    }
}

template <bool turned, class T> BYTESTRIDE_INLINE void four_back(const points<T> &p, index first, index apart, const T *twiddle) {
    const complex_lanes<T> a = p.at(first);
    complex_lanes<T> b = p.at(first + apart), c = p.at(first + 2 * apart), d = p.at(first + 3 * apart);
    if constexpr (turned) {
        b = product(b, all_lanes(twiddle[0]), all_lanes(twiddle[1]));
        c = product(c, all_lanes(twiddle[2]), all_lanes(twiddle[3]));
        d = product(d, all_lanes(twiddle[4]), all_lanes(twiddle[5]));
    }
    const complex_lanes<T> sum = a + c, difference = a - c, other = b + d, turn = times_i(b - d);
    p.put(first, sum + other);
    p.put(first + apart, difference + turn);
    p.put(first + 2 * apart, sum - other);
    p.put(first + 3 * apart, difference - turn);
}

template <class T> BYTESTRIDE_INLINE void two(const points<T> &p, index count) {
    for (index i = 0; i < count; i += 2) {
        const complex_lanes<T> a = p.at(i), b = p.at(i + 1);
        p.put(i, a + b);
        p.put(i + 1, a - b);
    }
}

template <class T> void transform_forward(const points<T> &p, index count, const T *twiddles) {
    index length = count;
    for (; length > 4; length /= 4) {
        const index apart = length / 4;
        for (index j = 0; j < apart; ++j, twiddles += 6)
            for (index block = 0; block < count; block += length) four_forward<true>(p, block + j, apart, twiddles);
    }
    if (length == 4)
        for (index block = 0; block < count; block += 4) four_forward<false, T>(p, block, 1, nullptr);
    else
        two(p, count);
}

// Without the division by `count`.
template <class T> void transform_back(const points<T> &p, index count, const T *twiddles) {
    index length = count;
    for (; length > 4; length /= 4) twiddles += 6 * (length / 4);
    if (length == 4)
        for (index block = 0; block < count; block += 4) four_back<false, T>(p, block, 1, nullptr);
    else
        two(p, count);
    for (length *= 4; length <= count; length *= 4) {
        const index apart = length / 4;
        twiddles -= 6 * apart;
        for (index j = 0; j < apart; ++j)
            for (index block = 0; block < count; block += length) four_back<true>(p, block + j, apart, twiddles + 6 * j);
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
