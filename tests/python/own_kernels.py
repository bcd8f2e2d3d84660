"""The own kernels that tests of `load` and `compile` use, and where they are kept."""
import os
import shlex
import shutil

import pytest

import bytestride as bs

SOURCE = r'''
#include <bytestride/kernel.hpp>
#include <stdexcept>
#include <unistd.h>
#include <vector>
using namespace bytestride::kernel;

static status scale(call &call, input<float, 2> image, double factor, output<float, 2> out) {
    return call.parallel_for(out.extent(0), [=](std::int64_t row) {
        for (std::int64_t column = 0; column < out.extent(1); ++column) out(row, column) = float(factor * image(row, column));
    });
}
BYTESTRIDE_EXPORT(scale, "Every \"element\" \\ times a factor.", image(rows, columns), factor = 2.5, out(rows, columns));

// The same for every dtype, with loops over unit strides and others.
template <class T> static status twice(call &call, input<T, 2> a, output<T, 2> out) {
    return by_stride([&](auto from, auto to) {
        return call.parallel_for(from.extent(0), 1, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                for (std::int64_t j = 0; j < from.extent(1); ++j) to(i, j) = T(from(i, j) + from(i, j));
        });
    }, a, out);
}
template <> status twice<bool>(call &call, input<bool, 2> a, output<bool, 2> out) {
    return call.parallel_for(a.extent(0), [=](std::int64_t i) {
        for (std::int64_t j = 0; j < a.extent(1); ++j) out(i, j) = a(i, j);
    });
}
BYTESTRIDE_EXPORT_EACH(twice, (twice<bool>, twice<std::int8_t>, twice<std::int16_t>, twice<std::int32_t>, twice<std::int64_t>,
    twice<std::uint8_t>, twice<std::uint16_t>, twice<std::uint32_t>, twice<std::uint64_t>, twice<float16>, twice<float>, twice<double>,
    twice<std::complex<float>>, twice<std::complex<double>>), "Twice the array.", a(m, n), out(m, n));

static status product(call &call, input<double, 2> a, input<double, 2> b, output<double, 2> out) {
    return call.parallel_for(out.extent(0), [=](std::int64_t i) {
        for (std::int64_t j = 0; j < out.extent(1); ++j) {
            double sum = 0;
            for (std::int64_t k = 0; k < a.extent(1); ++k) sum += a(i, k) * b(k, j);
            out(i, j) = sum;
        }
    });
}
BYTESTRIDE_EXPORT(product, "Matrix product.", a(m, k), b(k, n), out(m, n));

static status moments(call &call, input<double, 1> a, output<double, 0> mean, output<double, 1> both) {
    if (a.extent(0) == 0) return call.reject("a", -1002, "has no element, and so no mean");
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < a.extent(0); ++i) sum += a(i), squares += a(i) * a(i);
    mean() = sum / double(a.extent(0));
    both(0) = sum;
    both(1) = squares;
    return BYTESTRIDE_OK;
}
BYTESTRIDE_EXPORT(moments, "The mean; the sum and the sum of squares.", a(n), mean, both(2));

static status shift(call &call, std::int32_t by, inout<std::int64_t, 1> a, std::uint64_t last) {
    if (last == 13) return call.fail(-1000, "%s", "thirteen is not taken: 100%");
    return call.parallel_for(a.extent(0), [=](std::int64_t i) { a(i) += by + std::int64_t(last); });
}
BYTESTRIDE_EXPORT(shift, "Adds to every element.", by, a, last = 0);

static status unknown_shape(call &, input<double, 1> a, output<double, 1> out) {
    for (std::int64_t i = 0; i < out.extent(0); ++i) out(i) = i < a.extent(0) ? a(i) : 0;
    return BYTESTRIDE_OK;
}
BYTESTRIDE_EXPORT(unknown_shape, "Cut, or filled with zeros.", a(n), out(m));

// 0: fine, 1: a standard exception, 2: none of the standard, 3: no memory, 4: a status without a message, 5: a message from a body,
// 6: a status that is not passed on, 7: a status that cannot be.
static status trouble(call &call, std::int64_t kind, output<double, 1> out) {
    const status code = call.parallel_for(out.extent(0), 1, [=, &call](std::int64_t i) -> status {
        usleep(100);
        if (i < out.extent(0) / 2) return BYTESTRIDE_OK;
        if (kind == 1) throw std::runtime_error("thrown at an index");
        if (kind == 2) throw 42;
        if (kind == 3) throw std::bad_alloc();
        if (kind == 4) return -1234;
        if (kind == 5) return call.fail(-1005, "index %lld", 99LL);
        if (kind == 6) return -1006;
        if (kind == 7) return 7;
        return BYTESTRIDE_OK;
    });
    if (kind == 8) throw std::runtime_error("thrown outside of a loop");
    return kind == 6 ? BYTESTRIDE_OK : code;
}
BYTESTRIDE_EXPORT(trouble, "Fails.", kind, out(n));

static status sleep_rows(call &call, std::int64_t microseconds, output<std::int64_t, 1> out) {
    return call.parallel_for(out.extent(0), 1, [=](std::int64_t i) {
        usleep(unsigned(microseconds));
        out(i) = i;
    });
}
BYTESTRIDE_EXPORT(sleep_rows, "Takes its time.", microseconds, out(n));

// Which thread has worked on each index.
static status workers(call &call, output<std::int64_t, 1> out) {
    return call.parallel_for(out.extent(0), 1, [=](std::int64_t i) {
        usleep(2000);
        out(i) = gettid();
    });
}
BYTESTRIDE_EXPORT(workers, "Thread ids.", out(n));

// A kernel may call the library.
static status doubled_by_library(call &, input<double, 2> a, output<double, 2> out) {
    const bytestride_array from = a.array(), to = out.array();
    return bytestride_add(&from, &from, &to, nullptr);
}
BYTESTRIDE_EXPORT(doubled_by_library, "a + a.", a(m, n), out(m, n));
'''


def compiler():
    """The compiler that `bs.compile` takes, or a skip that says what to install."""
    words = shlex.split(os.environ.get("CXX", "")) or ["c++", "g++", "clang++"]
    if not any(map(shutil.which, words[:1] if os.environ.get("CXX") else words)):
        pytest.skip("no C++ compiler is installed (apt install build-essential)")
    return words[0]


def compiled(folder):
    """The library; where no folder is chosen for what is built, in this one."""
    compiler()
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("BYTESTRIDE_CACHE"):
            patch.setenv("BYTESTRIDE_CACHE", str(folder))
        return bs.compile(SOURCE)
