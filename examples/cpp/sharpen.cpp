// The C interface from C++: an image in a std::vector is sharpened, its red channel through a view; then an error is shown.
//
//     c++ -std=c++17 sharpen.cpp $(pkg-config --cflags --libs bytestride) -o sharpen
//
// or with CMake: see CMakeLists.txt beside this file.
#include <bytestride/elements.hpp>

#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <vector>

using bytestride::kernel::dtype_of;

// A status of the library as an exception, for programs that use them.
static void check(std::int32_t status) {
    if (status != BYTESTRIDE_OK) throw std::runtime_error(bytestride_last_error());
}

// A contiguous vector as an array of the library; the dtype follows from its type. It must live as long as the array.
template <class T> bytestride_array array_of(std::vector<T> &values, std::initializer_list<std::int64_t> shape) {
    bytestride_array array;
    const std::int32_t dtype = bytestride::dtype_table[int(dtype_of<T>::value)].code;
    check(bytestride_array_init(&array, values.data(), dtype, std::int32_t(shape.size()), shape.begin(), nullptr, BYTESTRIDE_WRITEABLE));
    return array;
}

int main() {
    constexpr std::int64_t rows = 5, columns = 6, channels = 3;
    std::vector<std::uint8_t> pixels(rows * columns * channels, 100), sharp(pixels.size());
    pixels[(2 * columns + 2) * channels] = 160;  // one brighter red
    std::vector<std::int16_t> weights{0, -1, 0, -1, 5, -1, 0, -1, 0};

    const bytestride_array image = array_of(pixels, {rows, columns, channels}), kernel = array_of(weights, {3, 3});
    bytestride_array out = array_of(sharp, {rows, columns, channels});
    bytestride_convolve_options options{};
    options.size = sizeof options;
    options.boundary = BYTESTRIDE_BOUNDARY_NEAREST;
    options.axes_count = 2;
    options.axes[1] = 1;
    check(bytestride_convolve(&image, &kernel, &out, &options));

    // A view is another description of the same memory: the red channel, without its last dimension.
    bytestride_array red = out;
    red.ndim = 2;
    bytestride::view seen{static_cast<char *>(red.data), bytestride::dtype::uint8, 2, 1, {rows, columns}, {red.strides[0], red.strides[1]}};
    const bytestride::kernel::input<std::uint8_t, 2> values(seen);
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            std::printf("%3d%s", values(row, column), column == columns - 1 ? "\n" : " ");

    try {
        check(bytestride_convolve(&red, &kernel, &out, &options));
    } catch (const std::runtime_error &error) { std::printf("error: %s\n", error.what()); }
}
