// The article's four nested loops over an image, as an own kernel: a library for every language, by one command.
//
//     c++ -std=c++17 -O3 -shared -fPIC convolve.cpp -o libconvolve.so $(pkg-config --cflags --libs bytestride)
//
// compare.py beside this file calls it from Python, call.c from C.
#include <bytestride/kernel.hpp>
using namespace bytestride::kernel;

static status convolve(call &call, input<double, 2> image, input<double, 2> kernel, output<double, 2> out) {
    const auto rows = image.extent(0), columns = image.extent(1), height = kernel.extent(0), width = kernel.extent(1);
    return call.parallel_for(rows, [=](std::int64_t row) {
        for (std::int64_t column = 0; column < columns; ++column) {
            double total = 0;
            for (std::int64_t k = 0; k < height; ++k)
                for (std::int64_t m = 0; m < width; ++m) {
                    const auto y = row + k - height / 2, x = column + m - width / 2;
                    if (0 <= y && y < rows && 0 <= x && x < columns) total += image(y, x) * kernel(height - 1 - k, width - 1 - m);
                }
            out(row, column) = total;
        }
    });
}
BYTESTRIDE_EXPORT(convolve, "The image convolved with the kernel; taps outside of it are left out.", image(rows, columns),
                  kernel(height, width), out(rows, columns));
