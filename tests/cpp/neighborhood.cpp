// The neighbourhood product between forbidden pages: against exact integers, and the calling rules.
#include <cmath>

#include "definitions.hpp"

using namespace test;

namespace {

array make(random_numbers &dice, std::int32_t code, const extents &shape, layout how) {
    return array(code, shape, strides_of(dice, how, shape, reference::size_of(code)), dice.one_in(2) ? edge::front : edge::back,
                 dice.between(0, 7));
}

bytestride_neighbor_product_options options_of(std::int64_t radius, int alpha, int boundary, int threads = 1) {
    bytestride_neighbor_product_options options{};
    options.size = sizeof options;
    options.threads = threads;
    options.radius = radius;
    options.alpha = alpha;
    options.boundary = boundary;
    return options;
}

void fill_to_15(random_numbers &dice, const array &a) {
    for (std::int64_t i = 0; i < a.elements(); ++i) reference::encode(a.dtype, reference::of_integer(dice.between(0, 15)), a.at(i));
}

}  // namespace

TEST("neighbor_product: exact in every layout, nothing beside the views is touched") {
    random_numbers dice;
    for (std::int32_t code : {BYTESTRIDE_UINT8, BYTESTRIDE_UINT16})
        for (int round = 0; round < 60; ++round) {
            const std::int64_t channels = dice.between(1, 4), rows = dice.between(1, 9),
                               columns = dice.one_in(8) ? 600 : dice.between(1, 40);
            const extents shape = {rows, columns, channels};
            const array image = make(dice, code, shape, layouts[dice.between(0, 5)]),
                        out = make(dice, code, shape, layouts[dice.between(0, 5)]);
            fill_to_15(dice, image);
            fill(dice, out);
            const auto before = out.bytes();
            image.memory.make_read_only();
            const auto options = options_of(1, BYTESTRIDE_ALPHA_OPAQUE, BYTESTRIDE_BOUNDARY_ZERO);
            const bytestride_array in = image.described(false), to = out.described(true);
            CHECK_STATUS(bytestride_neighbor_product(&in, &to, &options), BYTESTRIDE_OK);
            CHECK(out.untouched_beside_elements(before));
            const int colors = static_cast<int>(channels - (channels % 2 == 0));
            const std::int64_t top = code == BYTESTRIDE_UINT8 ? 255 : 65535;
            int wrong = 0;
            for (std::int64_t y = 0; y < rows; ++y)
                for (std::int64_t x = 0; x < columns; ++x) {
                    std::int64_t products[4] = {1, 1, 1, 1};
                    const bool inside = y > 0 && x > 0 && y + 1 < rows && x + 1 < columns;
                    for (int c = 0; inside && c < colors; ++c)
                        for (std::int64_t dy = -1; dy <= 1; ++dy)
                            for (std::int64_t dx = -1; dx <= 1; ++dx)
                                products[c] *= static_cast<std::int64_t>(
                                    image.number_at(((y + dy) * columns + x + dx) * channels + c).integer);
                    for (int c = 0; c < channels; ++c) {
                        const std::int64_t expected = c >= colors ? top : inside ? exact_floor(products, colors, c, top) : 0;
                        wrong += out.number_at((y * columns + x) * channels + c).integer != expected;
                    }
                }
            CHECK_EQ(wrong, 0);
        }
}

TEST("neighbor_product: quotients that are integers") {
    unsigned char image[27], out[27];
    std::memset(image, 1, sizeof image);
    image[12] = 2;
    image[13] = 2;
    image[14] = 1;
    bytestride_array in, to;
    const std::int64_t shape[3] = {3, 3, 3};
    bytestride_array_init(&in, image, BYTESTRIDE_UINT8, 3, shape, nullptr, 0);
    bytestride_array_init(&to, out, BYTESTRIDE_UINT8, 3, shape, nullptr, BYTESTRIDE_WRITEABLE);
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, nullptr), BYTESTRIDE_OK);
    CHECK_EQ(out[12], 170);
    CHECK_EQ(out[13], 170);
    CHECK_EQ(out[14], 85);
}

TEST("neighbor_product: threads and progress, every dtype, radius and boundary between forbidden pages") {
    random_numbers dice;
    const extents shape = {70, 1100, 3};
    for (std::int32_t code : {BYTESTRIDE_UINT8, BYTESTRIDE_UINT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64})
        for (std::int64_t radius = 1; radius <= 3; ++radius)
            for (int boundary :
                 {BYTESTRIDE_BOUNDARY_REFLECT, BYTESTRIDE_BOUNDARY_WRAP, BYTESTRIDE_BOUNDARY_COPY, BYTESTRIDE_BOUNDARY_KEEP}) {
                const array image = make(dice, code, shape, layout::c_order), one = make(dice, code, shape, layout::c_order),
                            five = make(dice, code, shape, layout::any);
                fill_to_15(dice, image);
                fill_to_15(dice, one);
                for (std::int64_t i = 0; i < one.elements(); ++i)
                    std::memcpy(five.at(i), one.at(i), static_cast<std::size_t>(reference::size_of(code)));
                const bytestride_array in = image.described(false), to = one.described(true), also = five.described(true);
                auto options = options_of(radius, BYTESTRIDE_ALPHA_COPY, boundary, 1);
                std::int64_t progress[2] = {0, 0};
                options.progress = progress;
                CHECK_STATUS(bytestride_neighbor_product(&in, &to, &options), BYTESTRIDE_OK);
                CHECK(progress[1] > 0 && progress[0] == progress[1]);
                options.threads = 5;
                options.progress = nullptr;
                const auto before = five.bytes();
                CHECK_STATUS(bytestride_neighbor_product(&in, &also, &options), BYTESTRIDE_OK);
                CHECK(five.untouched_beside_elements(before) && one.memory.intact());
                int wrong = 0;
                for (std::int64_t i = 0; i < one.elements(); ++i)
                    wrong += std::memcmp(five.at(i), one.at(i), static_cast<std::size_t>(reference::size_of(code))) != 0;
                CHECK_EQ(wrong, 0);
            }
}

TEST("neighbor_product: calling rules") {
    unsigned char image[48] = {}, out[48];
    std::memset(out, 7, sizeof out);
    bytestride_array in, to;
    const std::int64_t shape[3] = {4, 4, 3};
    bytestride_array_init(&in, image, BYTESTRIDE_UINT8, 3, shape, nullptr, 0);
    bytestride_array_init(&to, out, BYTESTRIDE_UINT8, 3, shape, nullptr, BYTESTRIDE_WRITEABLE);
    CHECK_STATUS(bytestride_neighbor_product(nullptr, &to, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK_STATUS(bytestride_neighbor_product(&in, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);
    CHECK(std::strstr(bytestride_last_error(), "out"));
    for (std::int64_t radius : {-1, 4}) {
        const auto options = options_of(radius, 0, 0);
        CHECK_STATUS(bytestride_neighbor_product(&in, &to, &options), BYTESTRIDE_ERROR_OPTION);
    }
    for (int alpha : {-1, 4}) {
        const auto options = options_of(1, alpha, 0);
        CHECK_STATUS(bytestride_neighbor_product(&in, &to, &options), BYTESTRIDE_ERROR_OPTION);
    }
    for (int boundary : {-1, BYTESTRIDE_BOUNDARY_CONSTANT, 9}) {
        const auto options = options_of(1, 0, boundary);
        CHECK_STATUS(bytestride_neighbor_product(&in, &to, &options), BYTESTRIDE_ERROR_OPTION);
    }
    struct {
        bytestride_neighbor_product_options known;
        unsigned char tail[16];
    } future{};
    future.known = options_of(1, 0, 0);
    future.known.size = sizeof future;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, &future.known), BYTESTRIDE_OK);
    std::memset(out, 7, sizeof out);
    future.tail[3] = 1;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, &future.known), BYTESTRIDE_ERROR_VERSION);
    future.known.size = sizeof future.known - 1;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, &future.known), BYTESTRIDE_ERROR_VERSION);
    auto reserved = options_of(1, 0, 0);
    reserved.reserved[1] = 1;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, &reserved), BYTESTRIDE_ERROR_VERSION);
    auto stopped = options_of(1, 0, 0);
    const std::int32_t cancel = 1;
    stopped.cancel = &cancel;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, &stopped), BYTESTRIDE_ERROR_CANCELLED);
    to.flags = 0;
    CHECK_STATUS(bytestride_neighbor_product(&in, &to, nullptr), BYTESTRIDE_ERROR_READONLY);
    for (unsigned char byte : out) CHECK_EQ(byte, 7);
}
